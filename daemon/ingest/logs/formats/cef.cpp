// ArcSight's Common Event Format, versions 0 and 1 (Micro Focus, "Implementing ArcSight CEF", revision 25 and later).
//
//   CEF:0|vendor|product|version|class|name|severity|key=value with spaces key=value
//
// Header: '|' and '\' have a backslash before them. Extension: '=' and '\' have; \n and \r are line ends. A custom
// field comes in two parts, cs1=... and cs1Label=NAME: it is told as cs1, and as NAME too.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pair_fields.h"
#include "ingest/logs/formats/stated_time.h"

namespace nw::logs {

namespace {

constexpr std::size_t kPreambleBytesMax = 256;  // what relays leave before "CEF:"
constexpr std::size_t kLabelsMax = 64;          // the standard has 25 custom fields
constexpr std::size_t kLabelBytesMax = 128;

// The header's fields stand behind the ends; kHeader is where they begin.
constexpr std::size_t kHeader = kFirewallFields + 1, kHeaderFields = 7;
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"src_ip", "address", "src, as Sigma's firewall rules name it"},
    {"src_port", "integer", "spt, as Sigma's firewall rules name it"},
    {"dst_ip", "address", "dst, as Sigma's firewall rules name it"},
    {"dst_port", "integer", "dpt, as Sigma's firewall rules name it"},
    {"action", "text", "act, as Sigma's firewall rules name it"},
    {"cefVersion", "text", "header: 0 or 1"},
    {"deviceVendor", "text", "header: who made the device"},
    {"deviceProduct", "text", "header: what it is"},
    {"deviceVersion", "text", "header: its version"},
    {"deviceEventClassId", "text", "header: the kind of event, the device's own number or name"},
    {"name", "text", "header: the event in words"},
    {"severity", "text", "header: 0 to 10, or Unknown, Low, Medium, High, Very-High"},
    {"act", "text", "what the device did"},
    {"agt", "address", "the collecting agent's address"},
    {"ahost", "text", "the collecting agent's host"},
    {"app", "text", "application protocol"},
    {"c6a1", "address", "custom IPv6 address, named by c6a1Label"},
    {"c6a2", "address", "custom IPv6 address, named by c6a2Label"},
    {"c6a3", "address", "custom IPv6 address, named by c6a3Label"},
    {"c6a4", "address", "custom IPv6 address, named by c6a4Label"},
    {"cat", "text", "the device's category of the event"},
    {"cfp1", "real", "custom number, named by cfp1Label"},
    {"cfp2", "real", "custom number, named by cfp2Label"},
    {"cfp3", "real", "custom number, named by cfp3Label"},
    {"cfp4", "real", "custom number, named by cfp4Label"},
    {"cn1", "integer", "custom number, named by cn1Label"},
    {"cn2", "integer", "custom number, named by cn2Label"},
    {"cn3", "integer", "custom number, named by cn3Label"},
    {"cnt", "integer", "how often it was seen"},
    {"cs1", "text", "custom text, named by cs1Label"},
    {"cs2", "text", "custom text, named by cs2Label"},
    {"cs3", "text", "custom text, named by cs3Label"},
    {"cs4", "text", "custom text, named by cs4Label"},
    {"cs5", "text", "custom text, named by cs5Label"},
    {"cs6", "text", "custom text, named by cs6Label"},
    {"destinationServiceName", "text", "the service asked for"},
    {"destinationTranslatedAddress", "address", "destination behind NAT"},
    {"destinationTranslatedPort", "integer", "its port behind NAT"},
    {"deviceDirection", "integer", "0 inbound, 1 outbound"},
    {"deviceExternalId", "text", "the device's own identifier"},
    {"deviceInboundInterface", "text", "interface in"},
    {"deviceOutboundInterface", "text", "interface out"},
    {"deviceTranslatedAddress", "address", "the device behind NAT"},
    {"dhost", "text", "destination host"},
    {"dmac", "text", "destination hardware address"},
    {"dntdom", "text", "destination Windows domain"},
    {"dpid", "integer", "destination process number"},
    {"dproc", "text", "destination process"},
    {"dpt", "integer", "destination port"},
    {"dst", "address", "destination"},
    {"duid", "text", "destination user's identifier"},
    {"duser", "text", "destination user"},
    {"dvc", "address", "the device"},
    {"dvchost", "text", "the device's host name"},
    {"dvcpid", "integer", "the reporting process on the device"},
    {"end", "text", "when the activity ended, as written"},
    {"eventId", "integer", "ArcSight's number of the event"},
    {"externalId", "text", "the device's identifier of the event"},
    {"fileHash", "text", "digest of the file"},
    {"filePath", "text", "path of the file"},
    {"flexNumber1", "integer", "custom number, named by flexNumber1Label"},
    {"flexNumber2", "integer", "custom number, named by flexNumber2Label"},
    {"flexString1", "text", "custom text, named by flexString1Label"},
    {"flexString2", "text", "custom text, named by flexString2Label"},
    {"fname", "text", "name of the file"},
    {"fsize", "integer", "size of the file"},
    {"in", "integer", "octets in, from the source"},
    {"msg", "text", "further words about the event"},
    {"oldFileSize", "integer", "size of the file before"},
    {"out", "integer", "octets out, to the source"},
    {"outcome", "text", "success or failure"},
    {"reason", "text", "why: audit code"},
    {"request", "text", "URL asked for"},
    {"requestClientApplication", "text", "user agent"},
    {"requestContext", "text", "referrer"},
    {"requestMethod", "text", "HTTP method"},
    {"rt", "text", "when the device received the event, as written"},
    {"shost", "text", "source host"},
    {"smac", "text", "source hardware address"},
    {"sntdom", "text", "source Windows domain"},
    {"sourceTranslatedAddress", "address", "source behind NAT"},
    {"sourceTranslatedPort", "integer", "its port behind NAT"},
    {"spid", "integer", "source process number"},
    {"sproc", "text", "source process"},
    {"spt", "integer", "source port"},
    {"src", "address", "source"},
    {"start", "text", "when the activity began, as written"},
    {"suid", "text", "source user's identifier"},
    {"suser", "text", "source user"},
});
static_assert(kFields[kHeader].name == "cefVersion" && kFields[kHeader + kHeaderFields - 1].name == "severity");

constexpr std::string_view kLabel = "Label";
// Some senders write the dictionary's full names.
constexpr auto kRoles = std::to_array<RoleName>({
    {"act", Role::action},
    {"destinationAddress", Role::resp_h},
    {"destinationPort", Role::resp_p},
    {"dpt", Role::resp_p},
    {"dst", Role::resp_h},
    {"dvc", Role::host_second},
    {"dvchost", Role::host},
    {"end", Role::time_second},
    {"proto", Role::proto},
    {"rt", Role::time},
    {"sourceAddress", Role::orig_h},
    {"sourcePort", Role::orig_p},
    {"spt", Role::orig_p},
    {"src", Role::orig_h},
    {"start", Role::time_third},
    {"transportProtocol", Role::proto},
});

constexpr std::array<std::string_view, 1> kServices{"cef"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"cef", "", kServices, {}, kFields, true}}};
constexpr std::array<std::string_view, 1> kPrograms{"cef"};

// "0|" or "1|" at the front; some senders put a space before it.
bool is_version(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  return text.size() > 2 && (text[0] == '0' || text[0] == '1') && text[1] == '|';
}

// From the version on; empty: there is no header. A syslog header's reader takes "CEF:" for the program.
std::string_view find_header(const Message& message) {
  const std::string_view head = message.text.substr(0, kPreambleBytesMax);
  for (std::size_t at = head.find("CEF:"); at != std::string_view::npos; at = head.find("CEF:", at + 1)) {
    if (at > 0 && head[at - 1] != ' ' && head[at - 1] != '\t') continue;
    if (const std::string_view rest = message.text.substr(at + 4); is_version(rest)) return rest;
  }
  return message.program == "CEF" && is_version(message.text) ? message.text : std::string_view{};
}

bool recognise(const Message& message) noexcept { return !find_header(message).empty(); }

// The field up to the next '|' that no backslash hides, consumed with it. False: the last one, all of `text`.
bool take_header_field(std::string_view& text, std::string_view& field) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '|') {
      field = text.substr(0, at);
      text.remove_prefix(at + 1);
      return true;
    }
  }
  field = text;
  text = {};
  return false;
}

class CefReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = find_header(message);
    // By configuration also what a relay has taken the front off.
    if (text.empty() && is_version(message.text)) text = message.text;
    if (text.empty()) return LineFault::bad_header;
    std::size_t count = 0;
    bool more = true;
    while (more && count < kHeaderFields) more = take_header_field(text, header_[count++]);
    if (count < kHeaderFields) return LineFault::bad_header;
    if (!out.wants(0)) return LineFault::none;
    if (const LineFault fault = pairs_.scan_spaced(text); fault != LineFault::none) return fault;
    fields_.note(pairs_.pairs());
    if (!note_labels()) return LineFault::too_deep;
    LogTime time = message.time;
    for (const Role role : {Role::time, Role::time_second, Role::time_third})
      if (parse_stated_time(fields_.said(role), message.origin.receive_time, message.zone, time)) break;
    MessageWriter writer = out.begin(0, message, better_time(time, message.time));
    fill(writer);
    out.emit();
    return LineFault::none;
  }

 private:
  // False: too many.
  bool note_labels() {
    labels_ = 0;
    const std::span<const KeyValue> pairs = pairs_.pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (fields_.field(i) != nullptr || !pairs[i].key.ends_with(kLabel) || pairs[i].value.empty()) continue;
      if (labels_ == kLabelsMax) return false;
      label_[labels_++] = &pairs[i];
    }
    return true;
  }

  void fill(MessageWriter& out) {
    set_ends(out, fields_.ends(), FirewallNames::first);
    Arena& arena = out.event().arena();
    const std::span<const KeyValue> pairs = pairs_.pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const KeyValue& pair = pairs[i];
      const PairFields::Field* const field = fields_.field(i);
      if (pair.value.empty()) continue;
      if (field == nullptr || field->local == PairFields::Field::kUndeclared) {
        if (field == nullptr || field->role != Role::proto) set_open(out, pair.key, FieldKind::text, pair.value);
      } else if (field->local >= kHeader + kHeaderFields && out.wants(field->local)) {
        out.set(field->local, value_of(field->kind, plain(arena, pair.value)));
      }
    }
    // Behind the extension: a key of it that is called `severity` is not the header's.
    for (std::size_t i = 0; i < kHeaderFields; ++i) {
      const std::string_view field = trim(header_[i]);
      if (out.wants(kHeader + i) && !field.empty())
        out.set(kHeader + i, event::Value::text(unescape(arena, field, "|\\", "|\\")));
    }
    set_text(out, kFirewallFields, fields_.said(Role::action));
    if (const std::string_view device = fields_.said(Role::host, Role::host_second); !device.empty())
      out.event().set(event::common(event::Common::host), event::Value::text(plain(arena, device)));
    for (std::size_t i = 0; i < labels_; ++i) set_labelled(out, *label_[i]);
  }

  // cs1 under the name in cs1Label, and, as Sigma spells names, under the name without its spaces.
  void set_labelled(MessageWriter& out, const KeyValue& label) {
    if (out.closed()) return;
    const KeyValue* const custom = pairs_.find(label.key.substr(0, label.key.size() - kLabel.size()));
    if (custom == nullptr || custom->value.empty()) return;
    Arena& arena = out.event().arena();
    std::string_view name = plain(arena, label.value);
    if (name.size() > 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    // A label that is a field's name ("src") would take its place.
    if (name.size() > kLabelBytesMax || fields_.find(name) != nullptr) return;
    const PairFields::Field* const field = fields_.find(custom->key);
    const FieldKind kind = field == nullptr ? FieldKind::text : field->kind;
    set_open(out, name, kind, custom->value);
    if (name.find(' ') == std::string_view::npos) return;
    const std::span<char> room = arena.make<char>(name.size());
    if (room.empty()) return;
    const auto end = std::remove_copy(name.begin(), name.end(), room.begin(), ' ');
    const std::string_view joined{room.data(), static_cast<std::size_t>(end - room.begin())};
    if (fields_.find(joined) == nullptr) set_open(out, joined, kind, custom->value);
  }

  static void set_open(MessageWriter& out, std::string_view name, FieldKind kind, std::string_view value) {
    if (!out.closed() && out.wants_named(name)) out.set(name, value_of(kind, plain(out.event().arena(), value)));
  }
  static void set_text(MessageWriter& out, std::size_t local, std::string_view value) {
    if (!value.empty() && out.wants(local)) out.set(local, event::Value::text(plain(out.event().arena(), value)));
  }
  static std::string_view plain(Arena& arena, std::string_view value) {
    return unescape(arena, value, "=\\nr", "=\\\n\r");
  }

  PairFields fields_{kFields, kRoles};
  KeyValues pairs_;
  std::array<std::string_view, kHeaderFields> header_;
  std::array<const KeyValue*, kLabelsMax> label_{};
  std::size_t labels_ = 0;
};

std::unique_ptr<MessageReader> make() { return std::make_unique<CefReader>(); }

}  // namespace

const MessageFormat& cef_format() {
  static constexpr MessageFormat kFormat{"cef", "ArcSight CEF 0 and 1", kTypes, kPrograms, recognise, make};
  return kFormat;
}

}  // namespace nw::logs
