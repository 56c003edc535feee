// One SNMP message: version 1 (RFC 1157), 2c (RFC 1901, 3416) and 3 (RFC 3412, 3414), read into views.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

// What a PDU is: the number in its tag.
enum class SnmpPdu : std::uint8_t { get, get_next, response, set, trap_v1, get_bulk, inform, trap_v2, report };
constexpr std::size_t kSnmpPdus = 9;

struct SnmpMessage {
  std::int64_t version = 0;    // 0: 1, 1: 2c, 3: 3
  Bytes community;             // a password: never leaves the decoder
  Bytes user;                  // version 3
  std::uint8_t flags = 0;      // version 3: 1 authenticated, 2 encrypted
  std::optional<SnmpPdu> pdu;  // none: encrypted
  std::int64_t error = 0;      // of a response
  Bytes enterprise;            // version 1's trap: whose it is
  Bytes bindings;              // | sequence of name and value | ...

  [[nodiscard]] bool is(SnmpPdu which) const noexcept { return pdu && *pdu == which; }
};

// A fault leaves `out` with what was good before it. `out` views `in`.
std::optional<DecodeError> read_snmp(Bytes in, SnmpMessage& out);

struct SnmpBinding {
  Bytes name;  // an object identifier's contents
  BerValue value;
};
// The next of `bindings`, or nothing when it is broken.
std::optional<SnmpBinding> read_snmp_binding(BerReader& bindings);

// "1.3.6.1.2.1.1.1.0". False when it is none: a number beyond 32 bits, more than 128 of them, a cut one.
bool render_object_id(Bytes contents, TextBuffer& out);

// noSuchName, ... (RFC 3416 section 3). Empty when the number has none.
std::string_view snmp_error_name(std::int64_t error);

}  // namespace nw::network
