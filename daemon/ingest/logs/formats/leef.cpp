// IBM's Log Event Extended Format, versions 1.0 and 2.0 (IBM, "LEEF Guide", sections "LEEF event components" and
// "Predefined LEEF event attributes").
//
//   LEEF:1.0|vendor|product|version|event id|key=value<tab>key=value
//   LEEF:2.0|vendor|product|version|event id|delimiter|key=value<delimiter>key=value
//
// The delimiter is one character, or its code as "x5E" or "0x5E"; a tab when none is given.
#include <array>
#include <charconv>

#include "base/text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pair_fields.h"
#include "ingest/logs/formats/stated_time.h"

namespace nw::logs {

namespace {

constexpr std::size_t kPreambleBytesMax = 256;  // what relays leave before "LEEF:"

constexpr std::size_t kHeader = kFirewallFields, kHeaderFields = 5;
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"src_ip", "address", "src, as Sigma's firewall rules name it"},
    {"src_port", "integer", "srcPort, as Sigma's firewall rules name it"},
    {"dst_ip", "address", "dst, as Sigma's firewall rules name it"},
    {"dst_port", "integer", "dstPort, as Sigma's firewall rules name it"},
    {"leefVersion", "text", "header: 1.0 or 2.0"},
    {"vendor", "text", "header: who made the device"},
    {"product", "text", "header: what it is"},
    {"version", "text", "header: its version"},
    {"eventId", "text", "header: the kind of event"},
    {"accountName", "text", "account"},
    {"cat", "text", "the event's category"},
    {"devTime", "text", "when it happened, as written"},
    {"devTimeFormat", "text", "how devTime is written"},
    {"domain", "text", "domain"},
    {"dst", "address", "destination"},
    {"dstBytes", "integer", "octets to the source"},
    {"dstMAC", "text", "destination hardware address"},
    {"dstPackets", "integer", "packets to the source"},
    {"dstPort", "integer", "destination port"},
    {"dstPostNAT", "address", "destination behind NAT"},
    {"dstPostNATPort", "integer", "its port behind NAT"},
    {"dstPreNAT", "address", "destination before NAT"},
    {"dstPreNATPort", "integer", "its port before NAT"},
    {"groupID", "text", "group"},
    {"identHostName", "text", "host whose identity the event tells"},
    {"identSrc", "address", "address whose identity the event tells"},
    {"isLoginEvent", "text", "true: somebody logged in"},
    {"isLogoutEvent", "text", "true: somebody logged out"},
    {"policy", "text", "policy"},
    {"resource", "text", "resource"},
    {"role", "text", "role of the user"},
    {"sev", "integer", "severity, 1 to 10"},
    {"src", "address", "source"},
    {"srcBytes", "integer", "octets from the source"},
    {"srcMAC", "text", "source hardware address"},
    {"srcPackets", "integer", "packets from the source"},
    {"srcPort", "integer", "source port"},
    {"srcPostNAT", "address", "source behind NAT"},
    {"srcPostNATPort", "integer", "its port behind NAT"},
    {"srcPreNAT", "address", "source before NAT"},
    {"srcPreNATPort", "integer", "its port before NAT"},
    {"totalPackets", "integer", "packets both ways"},
    {"url", "text", "URL"},
    {"usrName", "text", "user"},
    {"vSrc", "address", "virtual source"},
    {"vSrcName", "text", "its name"},
});
static_assert(kFields[kHeader].name == "leefVersion" && kFields[kHeader + kHeaderFields - 1].name == "eventId");

constexpr auto kRoles = std::to_array<RoleName>({
    {"devTime", Role::time},
    {"dst", Role::resp_h},
    {"dstPort", Role::resp_p},
    {"proto", Role::proto},
    {"src", Role::orig_h},
    {"srcPort", Role::orig_p},
});

constexpr std::array<std::string_view, 1> kServices{"leef"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"leef", "", kServices, {}, kFields, true}}};
constexpr std::array<std::string_view, 1> kPrograms{"leef"};

bool is_version(std::string_view text) { return text.starts_with("1.0|") || text.starts_with("2.0|"); }

// From the version on; empty: there is no header. A syslog header's reader takes "LEEF:" for the program where a space
// follows.
std::string_view find_header(const Message& message) {
  const std::string_view head = message.text.substr(0, kPreambleBytesMax);
  for (std::size_t at = head.find("LEEF:"); at != std::string_view::npos; at = head.find("LEEF:", at + 1)) {
    if (at > 0 && head[at - 1] != ' ' && head[at - 1] != '\t') continue;
    std::string_view rest = message.text.substr(at + 5);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    if (is_version(rest)) return rest;
  }
  return message.program == "LEEF" && is_version(message.text) ? message.text : std::string_view{};
}

bool recognise(const Message& message) noexcept { return !find_header(message).empty(); }

bool take_header_field(std::string_view& text, std::string_view& field) {
  const std::size_t bar = text.find('|');
  if (bar == std::string_view::npos) return false;
  field = text.substr(0, bar);
  text.remove_prefix(bar + 1);
  return true;
}

// "^", "x5E", "0x5e", "\\t" or nothing. False: it is none, so the field is left out and pairs begin here.
bool read_delimiter(std::string_view field, char& out) {
  if (field.empty() || field == "\\t") {
    out = '\t';
    return true;
  }
  if (field.size() == 1) {
    out = field[0];
    return field[0] != '=';
  }
  std::size_t hex = std::string_view::npos;
  if (field.starts_with('x') || field.starts_with('X')) hex = 1;
  if (field.starts_with("0x") || field.starts_with("0X")) hex = 2;
  if (hex == std::string_view::npos || field.size() > hex + 4) return false;
  unsigned code = 0;
  const char* const last = field.data() + field.size();
  const auto [end, error] = std::from_chars(field.data() + hex, last, code, 16);
  if (error != std::errc{} || end != last || code == 0 || code > 0x7f || code == '=') return false;
  out = static_cast<char>(code);
  return true;
}

class LeefReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = find_header(message);
    // By configuration also what a relay has taken the front off.
    if (text.empty() && is_version(message.text)) text = message.text;
    if (text.empty()) return LineFault::bad_header;
    for (std::string_view& field : header_)
      if (!take_header_field(text, field)) return LineFault::bad_header;
    char delimiter = '\t';
    if (header_[0] == "2.0") {
      std::string_view rest = text, field;
      if (take_header_field(rest, field) && read_delimiter(field, delimiter)) text = rest;
    }
    if (!out.wants(0)) return LineFault::none;
    // Some senders write 1.0 with spaces; a space as the delimiter leaves values with spaces whole, too.
    const bool spaced = delimiter == ' ' || (delimiter == '\t' && text.find('\t') == std::string_view::npos);
    const LineFault fault = spaced ? pairs_.scan_spaced(text) : pairs_.scan_delimited(text, delimiter);
    if (fault != LineFault::none) return fault;
    fields_.note(pairs_.pairs());
    LogTime time = message.time;
    parse_stated_time(fields_.said(Role::time), message.origin.receive_time, message.zone, time);
    MessageWriter writer = out.begin(0, message, better_time(time, message.time));
    fill(writer);
    out.emit();
    return LineFault::none;
  }

 private:
  void fill(MessageWriter& out) {
    set_ends(out, fields_.ends(), FirewallNames::first);
    Arena& arena = out.event().arena();
    const std::span<const KeyValue> pairs = pairs_.pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const PairFields::Field* const field = fields_.field(i);
      const std::string_view key = pairs[i].key, value = pairs[i].value;
      if (value.empty()) continue;
      if (field == nullptr) {
        if (!out.closed() && out.wants_named(key)) out.set(key, event::Value::text(unescape(arena, value, "=", "=")));
      } else if (field->local != PairFields::Field::kUndeclared && field->local >= kHeader + kHeaderFields &&
                 out.wants(field->local)) {
        out.set(field->local, value_of(field->kind, unescape(arena, value, "=", "=")));
      }
    }
    // Behind the attributes: one that is called `version` is not the header's.
    for (std::size_t i = 0; i < kHeaderFields; ++i)
      if (const std::string_view field = trim(header_[i]); !field.empty())
        out.set(kHeader + i, event::Value::text(field));
  }

  PairFields fields_{kFields, kRoles};
  KeyValues pairs_;
  std::array<std::string_view, kHeaderFields> header_;
};

std::unique_ptr<MessageReader> make() { return std::make_unique<LeefReader>(); }

}  // namespace

const MessageFormat& leef_format() {
  static constexpr MessageFormat kFormat{"leef", "IBM LEEF 1.0 and 2.0", kTypes, kPrograms, recognise, make};
  return kFormat;
}

}  // namespace nw::logs
