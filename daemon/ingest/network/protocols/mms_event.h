// The events of MMS. Names are tshark's where it has them; no parser of Zeek's makes such a log.
#pragma once

#include <array>
#include <optional>

#include "ingest/network/protocols/acse.h"
#include "ingest/network/protocols/cotp.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/mms_pdu.h"

namespace nw::network {

enum MmsType : std::size_t { kMmsCotp, kMmsAcse, kMmsMessage, kMmsDevice };

enum MmsField : std::size_t {
  kMmsIsOrig,
  kMmsPduType,
  kMmsInvokeId,
  kMmsServiceName,
  kMmsApplicationName,
  kMmsDomain,
  kMmsItems,
  kMmsAlternate,
  kMmsValues,
  kMmsObjectClass,
  kMmsIdentifierList,
  kMmsMoreFollows,
  kMmsErrorClass,
  kMmsError,
  kMmsVendor,
  kMmsModel,
  kMmsRevision,
  kMmsLogicalStatus,
  kMmsPhysicalStatus,
  kMmsLocalDetail,
  kMmsCalling,
  kMmsCalled,
  kMmsNesting,
  kMmsVersion,
  kMmsSupported,
  kMmsRtt,
  kMmsIcs,
};

// Of a list in an event; a name list answers with thousands of names.
constexpr std::size_t kMmsListMax = 128;

std::span<const event::TypeSpec> mms_types();

// Everything of a PDU but the application, the time from its request and the last fields, those of ics.h.
void write_mms(EventWriter& out, const MmsPdu& pdu, Direction direction);

}  // namespace nw::network
