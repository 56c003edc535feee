// Messages of ANSI C12.22-2012: an ACSE APDU (X.227) in BER, | 60 | length | elements |, whose last element carries the
// services of EPSEM: | control u8 | class of end device u32, when control says so | services, or what is encrypted |.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// A name in the network: an object identifier, or the end of one behind what both sides know.
struct C1222Title {
  Bytes octets{};
  bool relative = false;
};

struct C1222Message {
  C1222Title called, calling;
  Bytes context{}, mechanism{}, device_class{};
  std::optional<std::int64_t> called_id, calling_id, qualifier, key;
  bool has_services = false, encrypted = false;
  std::uint8_t control = 0;
  Bytes services{};
  // Of a segment: octets of the whole message, and which of them it carries, from where (c1222_segments.h).
  std::optional<std::uint32_t> size, offset;
  Bytes segment{};
  Bytes whole{};  // the message itself
};
// Moves only past a whole message; `truncated` asks for more octets. `strict`: nobody knows that one begins here.
std::optional<DecodeError> read_c1222(ByteReader& reader, bool strict, C1222Message& out);

// | length | code u8 | body |; codes below 20 answer.
struct C1222Service {
  std::uint8_t code = 0;
  Bytes body{};
  [[nodiscard]] bool response() const noexcept { return code < 0x20; }
};
bool next_c1222_service(ByteReader& reader, C1222Service& out);

enum C1222Code : std::uint8_t {
  kC1222Identify = 0x20,
  kC1222Terminate = 0x21,
  kC1222Disconnect = 0x22,
  kC1222Deregister = 0x24,
  kC1222Resolve = 0x25,
  kC1222Trace = 0x26,
  kC1222Register = 0x27,
  kC1222Logon = 0x50,
  kC1222Security = 0x51,
  kC1222Wait = 0x70,
};

// What a request says. Passwords are not read.
struct C1222Request {
  std::optional<std::uint16_t> table, procedure, user_id, idle;  // a maker's own procedures are above 2047
  std::optional<std::uint32_t> offset;
  std::optional<std::uint8_t> seconds;
  std::uint16_t count = 0;  // elements to be read, or octets written
  Bytes index{}, data{}, user{};
  C1222Title title;
  Bytes serial{}, address{};  // of a registration
};
// False when it is cut off: `out` has what was readable.
bool read_c1222_request(const C1222Service& service, C1222Request& out);
// Its table holds passwords or keys, or its procedure logs on with one: `data` is not read then.
bool is_c1222_secret(const C1222Request& request);
IcsOperation c1222_operation(const C1222Service& service, const C1222Request& request);

// A device's answer to Identify.
struct C1222Identity {
  std::uint8_t standard = 0, version = 0, revision = 0;
  Bytes device_class{}, identity{};
};
bool read_c1222_identity(Bytes body, C1222Identity& out);
// The data of an answer to a read: | count u16 | data | check u8 |.
Bytes c1222_read_data(Bytes body);

// Short ones as ICSNPP writes them (REQ:Logon, RESP:OK); in words otherwise.
std::string_view c1222_service_name(std::uint8_t code);
std::string_view c1222_error_name(std::uint8_t code);

void append_c1222_title(IcsText& out, const C1222Title& title);

}  // namespace nw::network
