// The events of S7comm and S7comm-plus. Fields are named as in ICSNPP's s7comm*.log.
#pragma once

#include <array>

#include "ingest/network/protocols/cotp.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum S7Type : std::size_t { kS7Cotp, kS7Comm, kS7ReadSzl, kS7TransferType, kS7Plus, kS7Device };

enum S7CommField : std::size_t {
  kS7IsOrig,
  kS7Rosctr,
  kS7RosctrName,
  kS7Reference,
  kS7FunctionCode,
  kS7FunctionName,
  kS7SubfunctionCode,
  kS7SubfunctionName,
  kS7ErrorClass,
  kS7ErrorCode,
  kS7ErrorName,
  kS7ItemCount,
  kS7ReturnCodes,
  kS7PduLength,
  kS7Argument,
  kS7Password,
  kS7DataLength,
  kS7Rtt,
  kS7Ics,
};
enum S7SzlField : std::size_t {
  kSzlIsOrig,
  kSzlReference,
  kSzlMethod,
  kSzlId,
  kSzlName,
  kSzlIndex,
  kSzlReturn,
  kSzlReturnName,
  kSzlIcs,
};
enum S7TransferField : std::size_t {
  kTransferIsOrig,
  kTransferRosctr,
  kTransferReference,
  kTransferFunction,
  kTransferStatus,
  kTransferSession,
  kTransferLength,
  kTransferFile,
  kTransferType,
  kTransferNumber,
  kTransferFilesystem,
  kTransferIcs,
};
enum S7PlusField : std::size_t {
  kPlusIsOrig,
  kPlusVersion,
  kPlusOpcode,
  kPlusOpcodeName,
  kPlusFunctionCode,
  kPlusFunctionName,
  kPlusSequence,
  kPlusSession,
  kPlusResult,
  kPlusRtt,
  kPlusIcs,
};

std::span<const event::TypeSpec> s7comm_types();

}  // namespace nw::network
