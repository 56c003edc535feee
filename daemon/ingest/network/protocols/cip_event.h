// The events of EtherNet/IP and CIP. Fields are named as in ICSNPP's enip.log, cip.log and cip_identity.log.
#pragma once

#include <array>

#include "ingest/network/protocols/cip_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

enum EnipType : std::size_t { kEnipMessages, kCipMessages, kCipIdentities, kEnipDevices };

enum EnipField : std::size_t {
  kEnipIsOrig,
  kEnipCommandCode,
  kEnipCommandName,
  kEnipLength,
  kEnipSession,
  kEnipStatus,
  kEnipContext,
  kEnipOptions,
  kEnipVersion,
  kEnipServiceName,
  kEnipCapabilities,
  kEnipRtt,
  kEnipIcs,
};
enum CipField : std::size_t {
  kCipIsOrig,
  kCipSequence,
  kCipDirection,
  kCipServiceCode,
  kCipServiceName,
  kCipStatusCode,
  kCipStatusName,
  kCipExtendedCode,
  kCipExtendedStatus,
  kCipClassId,
  kCipClassName,
  kCipInstanceId,
  kCipAttributeId,
  kCipEnipCommand,
  kCipEnipSession,
  kCipEnipContext,
  kCipConnectionId,
  kCipEmbeddedIn,
  kCipRoute,
  kCipConnectionSerial,
  kCipOriginatorVendor,
  kCipOriginatorSerial,
  kCipToTarget,
  kCipToOriginator,
  kCipTargetInterval,
  kCipOriginatorInterval,
  kCipTransport,
  kCipPcccCommand,
  kCipPcccFunction,
  kCipPcccStatus,
  kCipDataLength,
  kCipRtt,
  kCipIcs,
};
enum CipIdentityField : std::size_t {
  kIdentityIsOrig,
  kIdentityVersion,
  kIdentityAddress,
  kIdentityPort,
  kIdentityVendorId,
  kIdentityVendorName,
  kIdentityTypeId,
  kIdentityTypeName,
  kIdentityProductCode,
  kIdentityRevision,
  kIdentityStatus,
  kIdentitySerial,
  kIdentityName,
  kIdentityState,
  kIdentityRoute,
  kIdentityIcs,
};
std::span<const event::TypeSpec> enip_types();

// "0x0a", with `digits` at least.
inline void set_cip_hex(EventWriter& out, std::size_t field, std::uint64_t number, std::size_t digits) {
  if (out.wants(field)) out.set(field, hex_value(out, number, digits));
}
template <class T>
void set_cip_hex(EventWriter& out, std::size_t field, std::optional<T> number, std::size_t digits) {
  if (number) set_cip_hex(out, field, *number, digits);
}

// A number that message after message has: its text is made when it changes.
template <std::size_t kDigits>
class CipHexText {
 public:
  // Valid until another number's is asked for.
  std::string_view of(std::uint64_t number) {
    if (number != number_) {
      number_ = number;
      std::array<char, kHexDigitsMax> room;
      hex_digits(number, kDigits, room).copy(text_.data() + 2, kDigits);
    }
    return {text_.data(), text_.size()};
  }

 private:
  std::optional<std::uint64_t> number_;
  std::array<char, 2 + kDigits> text_{'0', 'x'};
};

void set_cip_point(EventWriter& out, const CipPoint& point);
void set_cip_connection(EventWriter& out, const CipConnection& connection);

}  // namespace nw::network
