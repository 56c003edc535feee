// The name service of NetBIOS over UDP (RFC 1001, 1002 section 4.2), which looks like DNS with names of another kind:
// | id u16 | response 1 bit, operation 4, AA TC RD RA 0 0 broadcast, result 4 | four counts u16 | question | records |
// Names: netbios_name.h.
//
// One `netbios` event per message. Zeek has its names in dns.log. Whoever answers first is believed: a name like WPAD
// that a stranger answers for is how passwords are fished for; a status request asks a host for all of its names.
#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "ingest/network/protocols/netbios_name.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTransId,
  kIsResponse,
  kOpName,
  kQuery,
  kNameType,
  kNameTypeName,
  kScope,
  kQtypeName,
  kBroadcast,
  kGroup,
  kAddresses,
  kNames,
  kMac,
  kTtl,
  kRcode,
  kRcodeName,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"trans_id", "integer", "pairs requests and responses (ours)"},
    {"is_response", "boolean", "somebody answers (ours)"},
    {"op_name", "text", "QUERY, REGISTRATION, RELEASE, WACK (wait), REFRESH, MULTIHOMED_REGISTRATION (ours)"},
    {"query", "text", "the name, without the spaces that fill it up (ours)"},
    {"name_type", "integer", "its last octet: what the name stands for (ours)"},
    {"name_type_name", "text", "workstation, file_server, domain_controllers, ...; unknown-NN without name (ours)"},
    {"scope", "text", "names are unique within it; mostly there is none (ours)"},
    {"qtype_name", "text", "NB: addresses of a name; NBSTAT: all names of a host (ours)"},
    {"broadcast", "boolean", "sent to all hosts, not to a name server (ours)"},
    {"group", "boolean", "the name belongs to several hosts (ours)"},
    {"addresses", "list of text", "who has the name, or claims it (ours)"},
    {"names", "list of text", "all names of the host that answers, each with its type: PLC7<20> (ours)"},
    {"mac", "text", "hardware address of the host that tells all of its names; zeros with Samba (ours)"},
    {"ttl", "interval", "how long the answer holds; 0 for ever (ours)"},
    {"rcode", "integer", "result of a response (ours)"},
    {"rcode_name", "text", "NOERROR, NAM_ERR (no such name), ACT_ERR (taken), ...; unknown-NN without name (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"netbios"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"netbios", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{137};

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kAddressesMax = 64, kNamesMax = 64;  // told per event
constexpr std::uint16_t kNb = 0x20, kNbStat = 0x21, kNull = 0x0a;
constexpr unsigned kBroadcastBit = 0x10, kResultBits = 0xf;  // of the flags

struct Message {
  std::uint16_t id = 0, flags = 0, type = 0;
  NetbiosName name;
  bool has_data = false;
  std::uint32_t ttl = 0;
  Bytes data;  // of the record

  [[nodiscard]] bool response() const noexcept { return (flags & 0x8000U) != 0; }
  [[nodiscard]] unsigned operation() const noexcept { return flags >> 11U & 15U; }
  // The name server says no: 4.2.14.
  [[nodiscard]] bool denied() const noexcept { return response() && (flags & kResultBits) != 0; }
};

std::string_view operation_name(unsigned operation) {
  switch (operation) {
    case 0: return "QUERY";
    case 5: return "REGISTRATION";
    case 6: return "RELEASE";
    case 7: return "WACK";
    case 8:
    case 9: return "REFRESH";  // 4.2.1.1 has both
    case 15: return "MULTIHOMED_REGISTRATION";
    default: return {};
  }
}

std::string_view result_name(unsigned result) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"NOERROR", "FMT_ERR", "SRV_ERR", "NAM_ERR", "IMP_ERR", "RFS_ERR", "ACT_ERR", "CFT_ERR"});
  return result < kNames.size() ? kNames[result] : std::string_view{};
}

// | name, or where it is | type u16 | class u16 | seconds u32 | length u16 | data |
std::optional<DecodeError> read_record(ByteReader& reader, bool asked, Message& out) {
  constexpr std::uint16_t kQuestion = 0xc000 | kHeaderBytes;  // the only place that a name can be at
  ByteReader ahead = reader;
  if (asked && ahead.u16be() == kQuestion) {
    reader = ahead;
  } else {
    out.name = {};
    if (const auto fault = read_netbios_name(reader, out.name)) return fault;
  }
  out.type = reader.u16be();
  reader.u16be();
  out.ttl = reader.u32be();
  out.data = reader.bytes(reader.u16be());
  if (!reader.ok()) return DecodeError::truncated;
  out.has_data = true;
  return {};
}

// A fault leaves `out` useless.
std::optional<DecodeError> read_message(Bytes in, Message& out) {
  ByteReader reader{in};
  out.id = reader.u16be();
  out.flags = reader.u16be();
  const unsigned questions = reader.u16be(), answers = reader.u16be(), authorities = reader.u16be(),
                 more = reader.u16be();
  if (!reader.ok()) return DecodeError::truncated;
  const bool few = questions <= 1 && answers <= 1 && authorities <= 1 && more <= 1;
  // The record of a denial is there whether it is counted or not.
  const bool answered = answers == 1 || (out.denied() && questions == 0);
  if (!few || operation_name(out.operation()).empty() || !(questions == 1 || answered)) return DecodeError::bad_value;
  if (questions == 1) {
    if (const auto fault = read_netbios_name(reader, out.name)) return fault;
    out.type = reader.u16be();
    reader.u16be();  // class
    if (!reader.ok()) return DecodeError::truncated;
  }
  // Of a response, or what is to be registered. What else there may be (who to ask instead) is not read.
  if (answered || (questions == 1 && more == 1 && authorities == 0))
    if (const auto fault = read_record(reader, questions == 1, out)) return fault;
  const bool empty = out.type == kNull && out.denied() && out.data.empty();
  if (out.type != kNb && out.type != kNbStat && !empty) return DecodeError::bad_value;
  return {};
}

// | group 1 bit, kind of node 2, 13 bits | address u32 |, again and again.
bool set_addresses_of(EventWriter& out, Bytes data) {
  constexpr std::size_t kEntryBytes = 6;
  constexpr unsigned kGroupBit = 0x8000;
  if (data.empty() || data.size() % kEntryBytes != 0) return data.empty();
  const std::span<Value> values = out.event().arena().make<Value>(std::min(data.size() / kEntryBytes, kAddressesMax));
  ByteReader reader{data};
  unsigned flags = 0;
  for (Value& value : values) {
    flags = reader.u16be();
    value = Value::address(IpAddress::v4(reader.u32be()));
  }
  out.set(kGroup, Value::boolean((flags & kGroupBit) != 0));
  set_list(out, kAddresses, values);
  return true;
}

// | count u8 | name 16, flags u16, again and again | hardware address 6 | ... |
bool set_status(EventWriter& out, Bytes data) {
  constexpr std::size_t kNameBytes = 16;
  ByteReader reader{data};
  const std::size_t count = reader.u8();
  const std::span<Value> values = out.event().arena().make<Value>(std::min(count, kNamesMax));
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes octets = reader.bytes(kNameBytes);
    reader.u16be();
    if (!reader.ok()) {
      set_list(out, kNames, values.first(std::min(i, values.size())));  // those that are whole
      return false;
    }
    if (i >= values.size()) continue;
    TextBuffer text;
    append_netbios_name(octets, text);
    text.append('<');
    text.append_hex(octets.last(1));
    text.append('>');
    values[i] = Value::text(out.event().keep(text.view()));
  }
  set_list(out, kNames, values);
  set_hardware(out, kMac, reader.bytes(6));
  return reader.ok();
}

void tell(const Message& message, Context& context) {
  EventWriter out = context.begin(0, context.now());
  out.set(kTransId, Value::integer(message.id));
  out.set(kIsResponse, Value::boolean(message.response()));
  out.set(kOpName, Value::text(operation_name(message.operation())));
  TextBuffer text;
  append_netbios_name(message.name.octets, text);
  if (out.wants(kQuery)) out.set(kQuery, Value::text(out.event().keep(text.view())));
  const unsigned type = message.name.type(), result = message.flags & kResultBits;
  out.set(kNameType, Value::integer(type));
  if (out.wants(kNameTypeName)) out.set(kNameTypeName, named(out, netbios_type_name(type), type));
  set_netbios_scope(out, kScope, message.name);
  out.set(kQtypeName, Value::text(message.type == kNbStat ? "NBSTAT" : "NB"));
  out.set(kBroadcast, Value::boolean((message.flags & kBroadcastBit) != 0));
  bool whole = true;
  if (message.has_data) {
    out.set(kTtl, Value::interval(std::chrono::seconds{message.ttl}));
    // Who says "wait" repeats the flags of the request there.
    constexpr unsigned kWait = 7;
    if (message.type == kNbStat)
      whole = set_status(out, message.data);
    else if (message.operation() != kWait)
      whole = set_addresses_of(out, message.data);
  }
  if (message.response()) {
    out.set(kRcode, Value::integer(result));
    if (out.wants(kRcodeName)) out.set(kRcodeName, named(out, result_name(result), result));
  }
  context.emit();
  if (!whole) context.refused(DecodeError::bad_value);
}

class NetbiosAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!context.wants(0)) return;
    Message message;
    if (const auto fault = read_message(bytes, message)) return context.refused(*fault);
    tell(message, context);
  }
};

// A name of thirty-two letters is nothing by chance. On the port, what has a fitting head is to be counted.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  Message message;
  if (!read_message(first, message)) return Verdict::yes;
  return on_port && first.size() >= kHeaderBytes ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<NetbiosAnalyzer>(); }

}  // namespace

Protocol netbios_protocol() {
  Protocol p;
  p.name = "netbios";
  p.help = "NetBIOS: which host has which name";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
