// dnsmasq's log (dnsmasq(8): log-queries, log-queries=extra, log-dhcp), Pi-hole's additions included.
//
//   [SERIAL ADDRESS/PORT ] query[TYPE] NAME from ADDRESS
//   [SERIAL ADDRESS/PORT ] reply|cached|config|... NAME is VALUE,  forwarded NAME to SERVER
//   [ID ] DHCPACK(INTERFACE) ADDRESS MAC [NAME]
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/logs/formats/dns_line.h"
#include "ingest/logs/formats/message_pattern.h"
#include "ingest/logs/formats/messages.h"

namespace nw::logs {

namespace {

enum Field : std::uint8_t {
  f_first = kDnsFields - 1,
  f_serial,
  f_blocked,
  f_msg_type,
  f_interface,
  f_assigned_addr,
  f_mac,
  f_host_name,
  kFieldCount
};
constexpr auto kFields = [] {
  std::array<event::FieldSpec, kFieldCount> out{};
  std::ranges::copy(kDnsFieldSpecs, out.begin());
  out[f_serial] = {"serial", "integer", "the question's number: its lines have it in common"};
  out[f_blocked] = {"blocked", "boolean", "a block list answered"};
  out[f_msg_type] = {"msg_types", "text", "DISCOVER, OFFER, REQUEST, ACK, NAK, RELEASE, ..."};
  out[f_interface] = {"interface", "text", "where the DHCP message came in"};
  out[f_assigned_addr] = {"assigned_addr", "address", "the address that is offered, asked for or given"};
  out[f_mac] = {"mac", "text", "the station"};
  out[f_host_name] = {"host_name", "text", "what the station calls itself"};
  return out;
}();

enum Special : std::uint8_t { special_server = kFieldCount, special_client, special_value };  // behind the fields
constexpr std::array<std::string_view, 3> kSpecials{"server", "client", "value"};
constexpr std::uint8_t kBlocked = 1;

// The key is the first word, up to a '['; "*" is for all.
constexpr auto kRows = std::to_array<PatternRow>({
    {"query", "query[{qtype_name}] {query:w} from {client:w}", "query"},
    {"forwarded", "forwarded {query:w} to {server:w}", "forwarded"},
    {"dnssec-query dnssec-retry", "{_}[{qtype_name}] {query:w} to {server:w}", "forwarded"},
    {"possible", "possible DNS-rebind attack detected: {query:w}", "rebind", kBlocked},
    {"gravity exactly regex blacklisted denied", "{reason} blocked {query:w} is {value}", "blocked", kBlocked},
    {"blocked", "blocked {query:w} is {value}", "blocked", kBlocked},
    {"reply", "reply error is {reason}", "error"},
    {"reply cached cached-stale validation config auth", "{action:w} {query:w} is {value}"},
    {"nameserver", "nameserver {server:w} {reason}", "server"},
    {"*", "{reason:w} {query:w} is {value}", "local"},  // /etc/hosts, DHCP: where the answer stands
});

const PatternTable& patterns() {
  static const PatternTable table{kRows, kFields, kSpecials};
  return table;
}

enum Type : std::uint8_t { type_plain, type_dns, type_dhcp, kTypes };

// "4711 192.0.2.1/5353 " or "4711 * ", consumed.
void take_serial(std::string_view& text, std::string_view& serial, std::string_view& client) noexcept {
  std::string_view rest = text;
  const std::string_view number = take_word(rest);
  std::int64_t value = 0;
  if (!parse_digits(number, value)) return;
  serial = number;
  text = rest;
  const std::string_view end = take_word(rest);
  if (end != "*" && end.find('/') == std::string_view::npos) return;
  if (end.starts_with('/')) return;  // "/etc/hosts"
  client = end;
  text = rest;
}

class DnsmasqReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = message.text, serial, client;
    if (text.empty()) return LineFault::empty;
    take_serial(text, serial, client);
    if (text.starts_with("DHCP") && text.find('(') < 24) return dhcp(message, text, serial, out);
    const PatternRow* row = patterns_.match(text.substr(0, text.find_first_of(" [")), text, captures_);
    if (row == nullptr) row = patterns_.match("*", text, captures_);
    const Type type = row != nullptr ? type_dns : type_plain;
    if (!out.wants(type)) return LineFault::none;
    MessageWriter writer = out.begin(type, message, message.time);
    if (!serial.empty()) writer.set(f_serial, number_or_text(serial));
    if (!client.empty()) set_end(writer, client, '/', event::Common::orig_h, event::Common::orig_p);
    if (row != nullptr)
      tell(writer, *row);
    else
      writer.set(dns_reason, event::Value::text(text));
    out.emit();
    return LineFault::none;
  }

 private:
  void tell(MessageWriter& writer, const PatternRow& row) const {
    if (!row.action.empty()) writer.set(dns_action, event::Value::text(row.action));
    DnsQuestion question;
    bool blocked = row.kind == kBlocked;
    for (const Capture& capture : captures_.all()) {
      switch (capture.name) {
        case special_client: set_end(writer, capture.text, '/', event::Common::orig_h, event::Common::orig_p); break;
        case special_server: set_end(writer, capture.text, '#', event::Common::resp_h, event::Common::resp_p); break;
        case special_value: value(writer, capture.text); break;
        case dns_query: question.name = capture.text; break;
        case dns_qtype_name: question.type = capture.text; break;
        default: writer.set(capture.name, event::Value::text(capture.text));
      }
    }
    set_question(writer, question);
    if (blocked) writer.set(f_blocked, event::Value::boolean(true));
  }

  // "192.0.2.1", "<CNAME>", "NXDOMAIN", "NODATA-IPv6".
  static void value(MessageWriter& writer, std::string_view text) {
    if (text == "NXDOMAIN" || text == "SERVFAIL" || text == "REFUSED")
      writer.set(dns_rcode_name, event::Value::text(text));
    else if (text.starts_with("NODATA"))
      writer.set(dns_rcode_name, event::Value::text("NOERROR"));
    else
      set_answer(writer, text);
  }

  // "DHCPACK(eth0) 192.0.2.7 00:53:00:00:00:01 printer"
  static LineFault dhcp(const Message& message, std::string_view text, std::string_view serial, MessageContext& out) {
    std::string_view kind, interface;
    text.remove_prefix(4);
    if (!take_until(text, "(", kind) || !take_until(text, ")", interface)) return LineFault::bad_header;
    if (!out.wants(type_dhcp)) return LineFault::none;
    skip_spaces(text);
    MessageWriter writer = out.begin(type_dhcp, message, message.time);
    if (!serial.empty()) writer.set(f_serial, number_or_text(serial));
    writer.set(f_msg_type, event::Value::text(kind));
    writer.set(f_interface, event::Value::text(interface));
    std::string_view word = take_word(text);
    IpAddress address;
    if (IpAddress::parse_into(word, address)) {
      writer.set(f_assigned_addr, event::Value::address(address));
      word = take_word(text);
    }
    if (!word.empty()) writer.set(f_mac, event::Value::text(word));
    if (!text.empty())
      writer.set(kind == "NAK" ? std::size_t{dns_reason} : std::size_t{f_host_name}, event::Value::text(text));
    out.emit();
    return LineFault::none;
  }

  const PatternTable& patterns_ = patterns();
  Captures captures_;
};

constexpr std::array<std::string_view, 2> kPrograms{"dnsmasq", "dnsmasq-dhcp"};
constexpr std::array<std::string_view, 1> kDnsmasq{"dnsmasq"}, kDns{"dns"};
constexpr std::array<std::string_view, 2> kDnsServices{"dns", "dnsmasq"}, kDhcpServices{"dhcp", "dnsmasq"};

}  // namespace

const MessageFormat& dnsmasq_format() {
  static const std::array<event::TypeSpec, kTypes> types{{
      {"dnsmasq", "dnsmasq", kDnsmasq, {}, kFields},
      {"dnsmasq.dns", "dnsmasq", kDnsServices, kDns, kFields},
      {"dnsmasq.dhcp", "dnsmasq", kDhcpServices, {}, kFields},
  }};
  static const MessageFormat format{
      "dnsmasq", "dnsmasq: queries, replies, DHCP",
      types,     kPrograms,
      nullptr,   [] { return std::unique_ptr<MessageReader>{std::make_unique<DnsmasqReader>()}; }};
  return format;
}

}  // namespace nw::logs
