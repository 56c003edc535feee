// What the logs of DNS servers share: names of fields as in Zeek's dns.log, and the cuts for them. Inner to this
// folder.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/ip.h"
#include "event/event_writer.h"
#include "ingest/logs/formats/line_scan.h"

namespace nw::logs {

// The first fields of every DNS server's TypeSpec, in this order.
enum DnsField : std::uint8_t {
  dns_query,
  dns_qtype_name,
  dns_record_type,
  dns_qclass_name,
  dns_rcode_name,
  dns_answers,
  dns_action,
  dns_reason,
  dns_level,
  kDnsFields
};
inline constexpr std::array<event::FieldSpec, kDnsFields> kDnsFieldSpecs{{
    {"query", "text", "the name that was asked for, without the dot of the root"},
    {"qtype_name", "text", "A, AAAA, TXT, ..."},
    {"record_type", "text", "the same: rules of the category dns name it so"},
    {"qclass_name", "text", "IN, CH"},
    {"rcode_name", "text", "NOERROR, NXDOMAIN, SERVFAIL, REFUSED, ..."},
    {"answers", "list of text", "what the name stands for"},
    {"action", "text", "query, reply, denied, failed, rewritten, ..."},
    {"reason", "text", "why, or what else is said"},
    {"level", "text", "info, error, ...: the server's own"},
}};

struct DnsQuestion {
  std::string_view name, type, cls;
};

// "www.example.com/A/IN", "www.example.com/IN/A", "example.com/IN": names may hold '/', so from the right.
inline DnsQuestion split_question(std::string_view text) noexcept {
  const auto is_class = [](std::string_view part) {
    return part == "IN" || part == "CH" || part == "HS" || part == "NONE";
  };
  DnsQuestion out;
  for (int parts = 0; parts < 2; ++parts) {
    const std::size_t slash = text.rfind('/');
    if (slash == std::string_view::npos) break;
    const std::string_view part = text.substr(slash + 1);
    if (is_class(part) && out.cls.empty())
      out.cls = part;
    else if (out.type.empty() && !part.empty() && part.front() >= 'A' && part.front() <= 'Z')
      out.type = part;
    else
      break;
    text = text.substr(0, slash);
  }
  out.name = text;
  return out;
}

inline void set_question(event::EventWriter& writer, const DnsQuestion& question) {
  const auto set = [&](DnsField field, std::string_view text) {
    if (!text.empty()) writer.set(field, event::Value::text(text));
  };
  std::string_view name = question.name;
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  set(dns_query, name);
  set(dns_qtype_name, question.type);
  set(dns_record_type, question.type);
  set(dns_qclass_name, question.cls);
}

// "192.0.2.1#53" (BIND), "192.0.2.1@53" (Unbound), "192.0.2.1/53" (dnsmasq), or an address alone. False: it is none.
inline bool set_end(event::EventWriter& writer, std::string_view text, char mark, event::Common host,
                    event::Common port) {
  const std::size_t at = text.rfind(mark);
  IpAddress address;
  if (!IpAddress::parse_into(text.substr(0, at), address)) return false;
  writer.event().set(event::common(host), event::Value::address(address));
  std::int64_t number = 0;
  if (at != std::string_view::npos && parse_digits(text.substr(at + 1), number))
    writer.event().set(event::common(port), event::Value::integer(number));
  return true;
}

// A list of the one answer that a line has.
inline void set_answer(event::EventWriter& writer, std::string_view answer) {
  if (!writer.wants(dns_answers) || answer.empty()) return;
  const std::span<event::Value> list = writer.event().arena().make<event::Value>(1);
  if (list.empty()) return;
  list[0] = event::Value::text(answer);
  writer.set(dns_answers, event::Value::list(list));
}

}  // namespace nw::logs
