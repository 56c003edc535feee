// FortiGate's log messages over syslog, FortiOS 5.2 and later (Fortinet, "FortiOS Log Message Reference"): key=value,
// text in double quotes, separated by spaces or ("set format csv") by commas.
//
//   date=2026-01-15 time=08:00:00 devname="fw1" devid="FG..." logid="0000000013" type="traffic" subtype="forward" ...
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pair_fields.h"
#include "ingest/logs/formats/stated_time.h"

namespace nw::logs {

namespace {

constexpr std::size_t kHeadBytesMax = 768;     // where the fields that every message has stand
constexpr std::size_t kFirstKeyBytesMax = 16;  // and where the first key, mostly `date`, ends

constexpr std::size_t kBlocked = kFirewallFields;
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"src_ip", "address", "srcip, else remip, as Sigma's firewall rules name it"},
    {"src_port", "integer", "srcport, as Sigma's firewall rules name it"},
    {"dst_ip", "address", "dstip, as Sigma's firewall rules name it"},
    {"dst_port", "integer", "dstport, as Sigma's firewall rules name it"},
    {"blocked", "text", "true or false, by action"},
    {"action", "text", "what was done: accept, deny, close, blocked, Add, Edit, ..."},
    {"agent", "text", "user agent"},
    {"app", "text", "application"},
    {"appcat", "text", "its category"},
    {"appid", "integer", "its number"},
    {"apprisk", "text", "its risk"},
    {"attack", "text", "name of the attack"},
    {"attackid", "integer", "its number"},
    {"cat", "integer", "number of the web category"},
    {"catdesc", "text", "name of the web category"},
    {"cfgattr", "text", "what was configured: attribute[value], before->after"},
    {"cfgobj", "text", "name of the object that was configured"},
    {"cfgpath", "text", "path of the object that was configured: system.admin, firewall.policy, ..."},
    {"craction", "integer", "action of client reputation, bits"},
    {"crlevel", "text", "threat level of client reputation"},
    {"crscore", "integer", "its score"},
    {"date", "text", "day by the device's clock"},
    {"devid", "text", "serial number of the device"},
    {"devname", "text", "name of the device"},
    {"direction", "text", "incoming or outgoing"},
    {"dstcountry", "text", "country of the destination"},
    {"dstintf", "text", "interface out"},
    {"dstip", "address", "destination"},
    {"dstport", "integer", "its port"},
    {"duration", "integer", "seconds that the session lasted"},
    {"eventtime", "integer", "when it happened, since 1970: seconds, or nanoseconds since FortiOS 6.2"},
    {"eventtype", "text", "kind within the subtype"},
    {"filename", "text", "name of the file"},
    {"filesize", "integer", "its size"},
    {"group", "text", "group of the user"},
    {"hostname", "text", "host of the URL"},
    {"httpmethod", "text", "HTTP method"},
    {"level", "text", "emergency, alert, critical, error, warning, notice, information, debug"},
    {"logdesc", "text", "the kind of message in words"},
    {"logid", "text", "number of the kind of message, ten digits"},
    {"msg", "text", "the message in words"},
    {"policyid", "integer", "number of the policy"},
    {"policyname", "text", "name of the policy"},
    {"poluuid", "text", "UUID of the policy"},
    {"profile", "text", "security profile"},
    {"qname", "text", "DNS: name asked for"},
    {"qtype", "text", "DNS: type asked for"},
    {"rcvdbyte", "integer", "octets from the destination"},
    {"rcvdpkt", "integer", "packets from the destination"},
    {"reason", "text", "why"},
    {"remip", "address", "VPN: the other side"},
    {"sentbyte", "integer", "octets to the destination"},
    {"sentpkt", "integer", "packets to the destination"},
    {"service", "text", "name of the service: HTTPS, tcp/8443"},
    {"sessionid", "integer", "number of the session"},
    {"severity", "text", "severity of the attack"},
    {"srccountry", "text", "country of the source"},
    {"srcintf", "text", "interface in"},
    {"srcip", "address", "source"},
    {"srcmac", "text", "hardware address of the source"},
    {"srcname", "text", "name of the source"},
    {"srcport", "integer", "its port"},
    {"status", "text", "success, failed, ..."},
    {"subtype", "text", "forward, local, system, vpn, webfilter, ips, ..."},
    {"time", "text", "time of the day by the device's clock"},
    {"trandisp", "text", "kind of NAT: snat, dnat, noop"},
    {"tranip", "address", "destination behind NAT"},
    {"tranport", "integer", "its port"},
    {"transip", "address", "source behind NAT"},
    {"transport", "integer", "its port"},
    {"tunnelip", "address", "VPN: address inside the tunnel"},
    {"tunneltype", "text", "VPN: kind of tunnel"},
    {"type", "text", "traffic, event, utm, ..."},
    {"tz", "text", "the device's zone"},
    {"ui", "text", "the interface that the administrator used: https(192.0.2.1), ssh(...), jsconsole"},
    {"url", "text", "URL, mostly without its host"},
    {"user", "text", "user"},
    {"vd", "text", "virtual domain"},
    {"virus", "text", "name of the virus"},
    {"vpntunnel", "text", "name of the tunnel"},
});
static_assert(kFields[kBlocked].name == "blocked");

template <std::size_t N, std::size_t M>
constexpr std::array<event::FieldSpec, N + M> join(const std::array<event::FieldSpec, N>& a,
                                                   const std::array<event::FieldSpec, M>& b) {
  std::array<event::FieldSpec, N + M> out;
  std::ranges::copy(b, std::ranges::copy(a, out.begin()).out);
  return out;
}

// Sigma's names of the categories that two of the UTM's logs are of, and the keys that they stand for.
struct Alias {
  std::string_view name, key;
};
constexpr auto kDnsAliases = std::to_array<Alias>({{"answer", "ipaddr"}, {"query", "qname"}, {"record_type", "qtype"}});
constexpr auto kWebAliases = std::to_array<Alias>({{"c-uri", "url"},
                                                   {"c-useragent", "agent"},
                                                   {"cs-host", "hostname"},
                                                   {"cs-method", "httpmethod"},
                                                   {"cs-username", "user"},
                                                   {"r-dns", "hostname"}});
constexpr auto kDnsFields = join(kFields, std::to_array<event::FieldSpec>({
                                              {"answer", "text", "ipaddr, as Sigma's DNS rules name it"},
                                              {"query", "text", "qname, as Sigma's DNS rules name it"},
                                              {"record_type", "text", "qtype, as Sigma's DNS rules name it"},
                                          }));
constexpr auto kWebFields = join(kFields, std::to_array<event::FieldSpec>({
                                              {"c-uri", "text", "url, as Sigma's proxy rules name it"},
                                              {"c-useragent", "text", "agent, as Sigma's proxy rules name it"},
                                              {"cs-host", "text", "hostname, as Sigma's proxy rules name it"},
                                              {"cs-method", "text", "httpmethod, as Sigma's proxy rules name it"},
                                              {"cs-username", "text", "user, as Sigma's proxy rules name it"},
                                              {"r-dns", "text", "hostname, as Sigma's proxy rules name it"},
                                          }));
static_assert(kDnsFields.size() == kFields.size() + kDnsAliases.size());
static_assert(kWebFields.size() == kFields.size() + kWebAliases.size());

enum TypeId : std::size_t { other, dns, event_log, traffic, utm, webfilter, kTypeCount };
constexpr std::string_view kProduct = "fortigate";
constexpr std::array<std::string_view, 2> kDnsServices{"utm", "dns"}, kWebServices{"utm", "webfilter"};
constexpr std::array<std::string_view, 1> kEventServices{"event"}, kTrafficServices{"traffic"}, kUtmServices{"utm"},
    kDnsCategories{"dns"}, kFirewall{"firewall"}, kProxy{"proxy"};
constexpr std::array<event::TypeSpec, kTypeCount> kTypes{{
    {"fortinet", kProduct, {}, {}, kFields, true},
    {"fortinet.dns", kProduct, kDnsServices, kDnsCategories, kDnsFields, true},
    {"fortinet.event", kProduct, kEventServices, {}, kFields, true},
    {"fortinet.traffic", kProduct, kTrafficServices, kFirewall, kFields, true},
    {"fortinet.utm", kProduct, kUtmServices, {}, kFields, true},
    {"fortinet.webfilter", kProduct, kWebServices, kProxy, kWebFields, true},
}};

constexpr auto kRoles = std::to_array<RoleName>({
    {"action", Role::action},
    {"date", Role::date},
    {"devid", Role::host_second},
    {"devname", Role::host},
    {"dstip", Role::resp_h},
    {"dstport", Role::resp_p},
    {"eventtime", Role::time},
    {"proto", Role::proto},
    {"remip", Role::orig_h_second},
    {"srcip", Role::orig_h},
    {"srcport", Role::orig_p},
    {"subtype", Role::subtype},
    {"time", Role::clock},
    {"type", Role::type},
    {"tz", Role::zone},
});

// Before FortiOS 5.4 each of these was a type of its own.
constexpr auto kUtmTypes =
    std::to_array<std::string_view>({"anomaly", "app-ctrl", "cifs", "dlp", "dns", "emailfilter", "file-filter", "icap",
                                     "ips", "ssh", "ssl", "utm", "virus", "voip", "waf", "webfilter"});
static_assert(std::ranges::is_sorted(kUtmTypes));

TypeId type_of(std::string_view type, std::string_view subtype) {
  if (type == "traffic") return traffic;
  if (type == "event") return event_log;
  if (!std::ranges::binary_search(kUtmTypes, type)) return other;
  const std::string_view kind = type == "utm" ? subtype : type;
  if (kind == "webfilter") return webfilter;
  return kind == "dns" ? dns : utm;
}

// Every message has these; no other product of the maker has all of them, and they stand in front.
bool recognise(const Message& message) noexcept {
  const std::string_view head = message.text.substr(0, kHeadBytesMax);
  if (head.substr(0, kFirstKeyBytesMax).find('=') == std::string_view::npos) return false;
  const auto has = [&](std::string_view key) {
    for (std::size_t at = head.find(key); at != std::string_view::npos; at = head.find(key, at + 1))
      if (at == 0 || head[at - 1] == ' ' || head[at - 1] == ',') return true;
    return false;
  };
  return has("logid=") && has("type=") && has("subtype=") && (has("devid=") || has("vd="));
}

class FortinetReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (const LineFault fault = pairs_.scan_words(message.text, QuoteEnd::at_key); fault != LineFault::none)
      return fault;
    fields_.note(pairs_.pairs());
    const TypeId type = type_of(fields_.said(Role::type), fields_.said(Role::subtype));
    if (fields_.said(Role::type).empty() || pairs_.find("logid") == nullptr) return LineFault::bad_header;
    if (!out.wants(type)) return LineFault::none;
    LogTime time = message.time;
    if (!parse_stated_time(fields_.said(Role::time), message.origin.receive_time, message.zone, time))
      read_clock(message, time);
    MessageWriter writer = out.begin(type, message, better_time(time, message.time));
    fill(writer);
    if (type == dns) set_aliases(writer, kDnsAliases);
    if (type == webfilter) set_aliases(writer, kWebAliases);
    out.emit();
    return LineFault::none;
  }

 private:
  // date=2026-01-15 time=08:00:00, by the zone in tz="+0100" where there is one.
  void read_clock(const Message& message, LogTime& time) const {
    const std::string_view date = fields_.said(Role::date), clock = fields_.said(Role::clock);
    std::array<char, 32> text{};
    if (date.empty() || clock.empty() || date.size() + clock.size() >= text.size()) return;
    date.copy(text.data(), date.size());
    text[date.size()] = ' ';
    clock.copy(text.data() + date.size() + 1, clock.size());
    std::chrono::minutes zone = message.zone;
    const bool stated = parse_stated_zone(fields_.said(Role::zone), zone);
    LogTime read;
    if (!parse_stated_time({text.data(), date.size() + 1 + clock.size()}, message.origin.receive_time, zone, read))
      return;
    if (stated) read.quality = event::TimeQuality::stated;
    time = read;
  }

  void fill(MessageWriter& out) {
    set_ends(out, fields_.ends(), FirewallNames::first);
    const std::span<const KeyValue> pairs = pairs_.pairs();
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      const PairFields::Field* const field = fields_.field(i);
      if (pairs[i].value.empty()) continue;
      if (field == nullptr) {
        if (!out.closed() && out.wants_named(pairs[i].key)) out.set(pairs[i].key, text_of(out, pairs[i]));
      } else if (field->local != PairFields::Field::kUndeclared && out.wants(field->local)) {
        out.set(field->local,
                field->kind == FieldKind::text ? text_of(out, pairs[i]) : value_of(field->kind, pairs[i].value));
      }
    }
    if (const std::string_view blocked = blocked_by(fields_.said(Role::action)); !blocked.empty())
      out.set(kBlocked, event::Value::text(blocked));
    if (const std::string_view device = fields_.said(Role::host, Role::host_second); !device.empty())
      out.event().set(event::common(event::Common::host), event::Value::text(device));
  }

  void set_aliases(MessageWriter& out, std::span<const Alias> aliases) const {
    for (std::size_t i = 0; i < aliases.size(); ++i) {
      if (!out.wants(kFields.size() + i)) continue;
      if (const KeyValue* const pair = pairs_.find(aliases[i].key); pair != nullptr && !pair->value.empty())
        out.set(kFields.size() + i, text_of(out, *pair));
    }
  }

  static event::Value text_of(MessageWriter& out, const KeyValue& pair) {
    if (!pair.quoted) return event::Value::text(pair.value);
    return event::Value::text(unescape(out.event().arena(), pair.value, "\"\\", "\"\\"));
  }

  PairFields fields_{kFields, kRoles};
  KeyValues pairs_;
};

std::unique_ptr<MessageReader> make() { return std::make_unique<FortinetReader>(); }

}  // namespace

const MessageFormat& fortinet_format() {
  static constexpr MessageFormat kFormat{"fortinet", "FortiGate (FortiOS) key=value messages", kTypes, {}, recognise,
                                         make};
  return kFormat;
}

}  // namespace nw::logs
