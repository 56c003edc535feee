// NTP over UDP: version 4 (RFC 5905 section 7.3) and its forerunners, control messages (RFC 9327) and the private ones
// of ntpd (its ntp_request.h). One `ntp` event per datagram, as in Zeek's ntp.log, which leaves modes 6 and 7 out.
//
// modes 0 to 5 | leap 2 bits, version 3, mode 3 | stratum u8 | poll s8 | precision s8 | root delay 16.16 |
//              | root dispersion 16.16 | reference id 4 | reference, origin, receive, transmit time 32.32 each |
//              | extensions: type u16, length u16, ... | key id u32, digest |
// mode 6       | as above | response, error, more 1 bit each, opcode 5 | sequence, status, association, offset, count
// u16 |
//              | data |
// mode 7       | response, more 1 bit each, version 3, mode 3 | authenticated 1 bit, sequence 7 | implementation u8 |
//              | request u8 | error 4 bits, items 12 | 4 bits, item size 12 | data |
//
// Modes 6 and 7 answer a few bytes with many (MON_GETLIST, READVAR, READ_MRU): with a forged sender they flood it.
#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "ingest/network/protocols/ntp_names.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kVersion,
  kMode,
  kStratum,
  kPoll,
  kPrecision,
  kRootDelay,
  kRootDisp,
  kRefId,
  kRefTime,
  kOrgTime,
  kRecTime,
  kXmtTime,
  kNumExts,
  kLeap,
  kKeyId,
  kIsResponse,
  kOpCode,
  kOpName,
  kImplementation,
  kReqCode,
  kReqName,
  kItems,
  kError,
  kMore,
  kSequence,
  kAssociationId,
  kLength,
  kIsOrig,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"version", "integer", "1 to 4"},
    {"mode", "integer", "1 and 2 peers, 3 client, 4 server, 5 broadcast, 6 control, 7 private"},
    {"stratum", "integer", "distance to the reference clock: 1 has it, 0 unset or a refusal, 16 unsynchronised"},
    {"poll", "interval", "between two messages, by the sender"},
    {"precision", "interval", "of the sender's clock"},
    {"root_delay", "interval", "round trip to the reference clock"},
    {"root_disp", "interval", "error of the sender's clock against it"},
    {"ref_id", "text", "stratum 1: kind of clock (GPS); 0: why refused (RATE); else the server's address or its hash"},
    {"ref_time", "time", "when the sender's clock was last set; 0 when unset"},
    {"org_time", "time", "when the request left the client; 0 when unset"},
    {"rec_time", "time", "when it reached the server; 0 when unset"},
    {"xmt_time", "time", "when this message left its sender; 0 when unset"},
    {"num_exts", "integer", "extension fields"},
    {"leap", "integer", "0 none, 1 the day gets a second, 2 it loses one, 3 clock not set (ours)"},
    {"key_id", "integer", "key of the digest behind the message; absent without one (ours)"},
    {"is_response", "boolean", "of a control or private message (ours)"},
    {"op_code", "integer", "what a control message asks for (ours)"},
    {"op_name", "text", "its name: READVAR, WRITEVAR, CONFIGURE, READ_MRU, ...; unknown-NN when it has none (ours)"},
    {"implementation", "integer", "whose private messages: 3 is ntpd's (ours)"},
    {"req_code", "integer", "what a private message asks for (ours)"},
    {"req_name", "text", "its name: MON_GETLIST_1, PEER_LIST, ADD_TRAP, ...; unknown-NN when it has none (ours)"},
    {"items", "integer", "entries in a private message (ours)"},
    {"error", "boolean", "a control or private response says that it failed (ours)"},
    {"more", "boolean", "further datagrams belong to the same response (ours)"},
    {"sequence", "integer", "pairs control and private responses with requests (ours)"},
    {"association_id", "integer", "peer that a control message is about; 0 the server itself (ours)"},
    {"length", "integer", "bytes of the datagram (ours)"},
    {"is_orig", "boolean", "sent by the flow's originator: of peers and broadcasts whose time it is (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"ntp"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"ntp", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{123};

constexpr std::size_t kHeaderBytes = 48, kControlBytes = 12, kPrivateBytes = 8;
constexpr unsigned kControl = 6, kPrivate = 7, kVersionMax = 4;
constexpr std::size_t kMacMax = 24;         // key id and SHA-1; RFC 7822: a last extension without digest is longer
constexpr std::size_t kExtensionsMax = 64;  // per message; two or three are used

constexpr unsigned version_of(std::uint8_t flags) { return flags >> 3U & 7U; }
constexpr unsigned mode_of(std::uint8_t flags) { return flags & 7U; }

// A power of two in seconds: 2^33 is the last that nanoseconds in 64 bits hold, and stands for all beyond.
Nanoseconds power(std::uint8_t exponent) {
  const int signed_exponent = std::min(static_cast<int>(static_cast<std::int8_t>(exponent)), 33);
  return Nanoseconds{static_cast<std::int64_t>(std::ldexp(1e9, signed_exponent))};
}

// 16.16 seconds.
Nanoseconds short_time(std::int64_t value) { return Nanoseconds{value * 1'000'000'000 >> 16U}; }

// 32.32 seconds since 1900; without the top bit they count from 2036 (RFC 4330 section 3). Zero is "unset".
Timestamp long_time(std::uint64_t value) {
  constexpr std::int64_t kFrom1900To1970 = 2'208'988'800, kEra = std::int64_t{1} << 32U;
  if (value == 0) return {};
  const auto high = static_cast<std::int64_t>(value >> 32U);
  const std::int64_t seconds = high - kFrom1900To1970 + ((value >> 63U) == 0 ? kEra : 0);
  const std::uint64_t nanoseconds = (value & 0xffff'ffffU) * 1'000'000'000U >> 32U;
  return from_unix_nanoseconds(seconds * 1'000'000'000 + static_cast<std::int64_t>(nanoseconds));
}

struct Header {
  std::uint8_t flags = 0, stratum = 0, poll = 0, precision = 0;
  std::uint32_t root_delay = 0, root_disp = 0;
  Bytes ref_id;
  std::array<std::uint64_t, 4> times{};  // reference, origin, receive, transmit
};

// Whether any clock could say so, however it is set: chrony hides its precision as 32 and polls from 2^-7 s on, delays
// of version 3 may be below zero, and unset servers are far off. Random bytes on the port are nothing of that.
bool possible(const Header& header) {
  constexpr int kPollMin = -7, kPollMax = 24, kPrecisionMin = -40, kPrecisionMax = 32;
  constexpr std::uint32_t kFarOff = 256U << 16U;  // 256 s
  const auto poll = static_cast<std::int8_t>(header.poll), precision = static_cast<std::int8_t>(header.precision);
  const std::uint32_t delay = std::min(header.root_delay, ~header.root_delay);
  return header.stratum <= 16 && poll >= kPollMin && poll <= kPollMax && precision >= kPrecisionMin &&
         precision <= kPrecisionMax && delay < kFarOff && header.root_disp < kFarOff;
}

// Leaves the reader behind the header.
std::optional<DecodeError> read_header(ByteReader& reader, Header& out) {
  out.flags = reader.u8();
  out.stratum = reader.u8();
  out.poll = reader.u8();
  out.precision = reader.u8();
  out.root_delay = reader.u32be();
  out.root_disp = reader.u32be();
  out.ref_id = reader.bytes(4);
  for (std::uint64_t& time : out.times) time = reader.u64be();
  if (!reader.ok()) return DecodeError::truncated;
  if (!possible(out)) return DecodeError::bad_value;
  return {};
}

// What follows the header: extensions, then perhaps a digest.
struct Tail {
  std::int64_t extensions = 0;
  std::optional<std::uint32_t> key;
};

std::optional<DecodeError> read_tail(ByteReader reader, unsigned version, Tail& out) {
  while (version == kVersionMax && reader.rest().size() > kMacMax) {
    if (static_cast<std::size_t>(out.extensions) == kExtensionsMax) return DecodeError::limit;
    reader.u16be();
    const std::size_t length = reader.u16be();
    if (length < 4 || length % 4 != 0) return DecodeError::bad_value;
    reader.bytes(length - 4);
    if (!reader.ok()) return DecodeError::truncated;
    ++out.extensions;
  }
  if (reader.empty()) return {};
  const std::uint32_t key = reader.u32be();
  if (!reader.ok()) return DecodeError::truncated;
  out.key = key;
  return {};
}

// Zeek's three readings of the four octets.
void write_ref_id(EventWriter& out, const Header& header) {
  if (header.stratum <= 1) return set_text(out, kRefId, header.ref_id);
  if (!out.wants(kRefId)) return;
  out.set(kRefId, Value::text(out.event().keep(IpAddress::from_bytes(header.ref_id).to_string())));
}

class NtpAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    if (!context.wants(0)) return;
    if (bytes.empty()) return context.refused(DecodeError::truncated);
    switch (mode_of(bytes[0])) {
      case kControl: return control(bytes, direction, context);
      case kPrivate: return private_message(bytes, direction, context);
      default: return time(bytes, direction, context);
    }
  }

 private:
  static EventWriter begin(Bytes bytes, Direction direction, Context& context) {
    EventWriter out = context.begin(0, context.now());
    out.set(kVersion, Value::integer(version_of(bytes[0])));
    out.set(kMode, Value::integer(mode_of(bytes[0])));
    out.set(kLength, Value::integer(static_cast<std::int64_t>(bytes.size())));
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    return out;
  }

  static void time(Bytes bytes, Direction direction, Context& context) {
    ByteReader reader{bytes};
    Header header;
    if (const auto fault = read_header(reader, header)) return context.refused(*fault);
    Tail tail;
    if (const auto fault = read_tail(reader, version_of(header.flags), tail)) context.refused(*fault);
    EventWriter out = begin(bytes, direction, context);
    out.set(kStratum, Value::integer(header.stratum));
    out.set(kPoll, Value::interval(power(header.poll)));
    out.set(kPrecision, Value::interval(power(header.precision)));
    out.set(kRootDelay, Value::interval(short_time(static_cast<std::int32_t>(header.root_delay))));
    out.set(kRootDisp, Value::interval(short_time(header.root_disp)));
    write_ref_id(out, header);
    for (const std::size_t at : {0U, 1U, 2U, 3U}) out.set(kRefTime + at, Value::time(long_time(header.times[at])));
    out.set(kNumExts, Value::integer(tail.extensions));
    out.set(kLeap, Value::integer(header.flags >> 6U));
    if (tail.key) out.set(kKeyId, Value::integer(*tail.key));
    context.emit();
  }

  static void control(Bytes bytes, Direction direction, Context& context) {
    ByteReader reader{bytes};
    reader.u8();
    const unsigned operation = reader.u8();
    const std::uint16_t sequence = reader.u16be(), status = reader.u16be(), association = reader.u16be();
    reader.u16be();  // where `data` belongs in the whole
    const std::size_t count = reader.u16be();
    if (!reader.ok() || count > reader.rest().size()) return context.refused(DecodeError::truncated);
    const unsigned code = operation & 0x1fU;
    const bool response = (operation & 0x80U) != 0;
    // Behind the data: zeros up to a multiple of four octets, or of eight before a digest. A request has neither status
    // nor error nor more.
    const bool fits = reader.rest().size() - count <= 7 + kMacMax;
    const bool plain = response || ((operation & 0x60U) == 0 && status == 0);
    if (!fits || !plain || ntp_operation_name(code).empty()) return context.refused(DecodeError::bad_value);
    EventWriter out = begin(bytes, direction, context);
    out.set(kIsResponse, Value::boolean(response));
    out.set(kOpCode, Value::integer(code));
    out.set(kOpName, Value::text(ntp_operation_name(code)));
    out.set(kError, Value::boolean((operation & 0x40U) != 0));
    out.set(kMore, Value::boolean((operation & 0x20U) != 0));
    out.set(kSequence, Value::integer(sequence));
    out.set(kAssociationId, Value::integer(association));
    context.emit();
  }

  static void private_message(Bytes bytes, Direction direction, Context& context) {
    ByteReader reader{bytes};
    const unsigned flags = reader.u8(), sequence = reader.u8(), implementation = reader.u8(), request = reader.u8();
    const unsigned counts = reader.u16be(), sizes = reader.u16be();
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    const bool response = (flags & 0x80U) != 0;
    const unsigned items = counts & 0xfffU, error = counts >> 12U, item_bytes = sizes & 0xfffU;
    if (items * item_bytes > reader.rest().size()) return context.refused(DecodeError::truncated);
    // IMPL_UNIV, two ages of ntpd; ntpd's errors; a request has neither error nor number.
    const bool known = (implementation == 0 || implementation == 2 || implementation == 3) && error <= 7;
    const bool plain = response || (error == 0 && (sequence & 0x7fU) == 0);
    if (!known || !plain || sizes >> 12U != 0 || ntp_request_name(request).empty())
      return context.refused(DecodeError::bad_value);
    EventWriter out = begin(bytes, direction, context);
    out.set(kIsResponse, Value::boolean(response));
    out.set(kImplementation, Value::integer(implementation));
    out.set(kReqCode, Value::integer(request));
    out.set(kReqName, Value::text(ntp_request_name(request)));
    out.set(kItems, Value::integer(items));
    out.set(kError, Value::boolean(error != 0));
    out.set(kMore, Value::boolean((flags & 0x40U) != 0));
    out.set(kSequence, Value::integer(sequence & 0x7fU));
    context.emit();
  }
};

// What real messages of clients and servers look like, strict enough for any port.
bool likely(const Header& header) {
  const auto poll = static_cast<std::int8_t>(header.poll), precision = static_cast<std::int8_t>(header.precision);
  constexpr std::uint32_t kSeconds16 = 16U << 16U;
  return version_of(header.flags) >= 3 && header.stratum <= 16 && poll >= 0 && poll <= 17 && precision < 0 &&
         precision >= -32 && header.root_delay < kSeconds16 && header.root_disp < kSeconds16 && header.times[3] != 0;
}

Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  if (first.empty()) return Verdict::no;
  const unsigned version = version_of(first[0]), mode = mode_of(first[0]);
  if (version < 1 || version > kVersionMax) return Verdict::no;
  if (on_port) {
    const std::size_t least = mode == kControl ? kControlBytes : mode == kPrivate ? kPrivateBytes : kHeaderBytes;
    return first.size() >= least ? Verdict::yes : Verdict::no;
  }
  if (mode != 3 && mode != 4) return Verdict::no;
  ByteReader reader{first};
  Header header;
  if (read_header(reader, header) || !reader.empty()) return Verdict::no;
  return likely(header) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<NtpAnalyzer>(); }

}  // namespace

Protocol ntp_protocol() {
  Protocol p;
  p.name = "ntp";
  p.help = "NTP: time, and the control and private messages that amplify";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
