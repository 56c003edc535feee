#include "ingest/logs/formats/cisco_message.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/text.h"
#include "ingest/logs/formats/line_scan.h"

namespace nw::logs {

namespace {

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"facility", "text", "ASA, SEC_LOGIN, LINK, ...: the message's own, not syslog's"},
    {"severity", "text", "EMERG to DEBUG: the message's own level"},
    {"severity_level", "integer", "0 to 7: the message's own level"},
    {"mnemonic", "text", "LOGIN_SUCCESS, 302013: which message it is"},
    {"message_id", "integer", "its number (ASA, FTD, FWSM, PIX)"},
    {"action", "text", "what was done: as written, or built, teardown, denied, permitted, login, command, ..."},
    {"blocked", "boolean", "whether the traffic was refused"},
    {"direction", "text", "inbound or outbound; on a teardown only when its connection was seen being built"},
    {"protocol", "text", "as written: TCP, udp, 47"},
    {"connection_id", "integer", "the connection's number on its firewall"},
    {"src_interface", "text", "where it came in: the initiator's side"},
    {"src_ip", "address", "the initiator"},
    {"src_port", "integer", ""},
    {"src_mapped_ip", "address", "the initiator as translated"},
    {"src_mapped_port", "integer", ""},
    {"src_user", "text", "the user known at that address"},
    {"dst_interface", "text", "where it goes out"},
    {"dst_ip", "address", "the responder"},
    {"dst_port", "integer", ""},
    {"dst_mapped_ip", "address", "the responder as translated"},
    {"dst_mapped_port", "integer", ""},
    {"dst_user", "text", "the user known at that address"},
    {"icmp_type", "integer", ""},
    {"icmp_code", "integer", ""},
    {"user", "text", "who logged in, gave the command, or has the session"},
    {"application", "text", "what was reached or used: ssh, https, CLI, DNS"},
    {"url", "text", "the URL that was asked for"},
    {"list", "text", "botnet traffic filter: blacklisted, greylisted, ..."},
    {"reason", "text", "why, or what else is said"},
    {"acl", "text", "the access list"},
    {"address", "address", "the address that a message is about"},
    {"assigned_ip", "address", "the address that a remote user was given"},
    {"average_rate", "integer", "threat detection: events in a second"},
    {"burst_rate", "integer", "threat detection: events in a second"},
    {"bytes", "integer", ""},
    {"bytes_received", "integer", "VPN session: from the user"},
    {"bytes_sent", "integer", "VPN session: to the user"},
    {"cipher", "text", ""},
    {"command", "text", "the command that was given"},
    {"count", "integer", "threat detection: events so far"},
    {"domain", "text", "the name that a list has an address for"},
    {"duration", "interval", ""},
    {"filename", "text", ""},
    {"group", "text", "group policy or tunnel group"},
    {"hit_count", "integer", ""},
    {"interface", "text", "the interface that a message is about"},
    {"line", "text", "console, vty0, ...: where a session is"},
    {"mac", "text", "the hardware address that a message is about"},
    {"neighbor", "address", "a routing protocol's peer"},
    {"object", "text", "what a threat rate is about"},
    {"packets", "integer", ""},
    {"policy", "text", "the policy or rule that was applied"},
    {"privilege_new", "integer", ""},
    {"privilege_old", "integer", ""},
    {"process", "text", "the process that logged"},
    {"role", "text", "client or server; director, backup or forwarder"},
    {"server", "text", "the AAA server, or the terminating one"},
    {"session_type", "text", ""},
    {"signature_id", "integer", ""},
    {"spi", "text", ""},
    {"state", "text", "up, down, FULL, ..."},
    {"tcp_flags", "text", ""},
    {"threat_category", "text", ""},
    {"threat_level", "text", ""},
    {"tls_version", "text", ""},
    {"vlan", "integer", ""},
});
static_assert(kFields[f_reason].name == "reason" && kFields[f_dst_user].name == "dst_user");

constexpr std::array<std::string_view, kCiscoSpecials> kSpecials{
    "src", "dst", "faddr", "gaddr", "laddr", "target", "filter", "local", "remote", "initiator", "responder"};

constexpr std::size_t kTagAt = 256;       // the tag stands this near the front
constexpr std::size_t kTagBytesMax = 96;  // "%LICENSE-PLAT_CLIENT-2-SIA_INSUFFICIENT_LICENSE" has 47

bool name_char(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || ascii_digit(c) || c == '_';
}

// "00:01:01:", "1y2w:", "20:", "*".
bool uptime_char(char c) noexcept {
  return ascii_digit(c) || c == ':' || c == '*' || c == '.' || c == 'd' || c == 'h' || c == 'w' || c == 'y';
}

// All of `text` up to its first ':' or space as a tag; what follows is left in `text`.
bool scan_tag(std::string_view& text, CiscoTag& out) noexcept {
  if (!text.starts_with('%') || text.size() < 6) return false;
  std::size_t end = 1, level_at = 0;
  for (; end < text.size() && end <= kTagBytesMax; ++end) {
    const char c = text[end];
    if (c == '-') {
      // "-5-" between facility and mnemonic; a facility may have more of '-'.
      if (level_at == 0 && end + 2 < text.size() && text[end + 2] == '-' && text[end + 1] >= '0' &&
          text[end + 1] <= '7')
        level_at = end + 1;
    } else if (!name_char(c)) {
      break;
    }
  }
  if (level_at < 3 || end <= level_at + 2 || end > kTagBytesMax) return false;
  if (end < text.size() && text[end] != ':' && text[end] != ' ') return false;
  out.facility = text.substr(1, level_at - 2);
  out.level = static_cast<unsigned>(text[level_at] - '0');
  out.mnemonic = text.substr(level_at + 2, end - level_at - 2);
  // "%ASA-session-5-106100", "%ASA--5-": a class of messages that the number tells too.
  if (const std::string_view family = out.facility.substr(0, out.facility.find('-'));
      family.size() < out.facility.size()) {
    CiscoTag plain;
    plain.facility = family;
    if (plain.firewall()) out.facility = family;
  }
  if (std::ranges::any_of(out.facility, [](char c) { return c >= 'a' && c <= 'z'; })) return false;
  text.remove_prefix(end);
  skip_spaces(text);
  (void)eat(text, ":");
  skip_spaces(text);
  return true;
}

void take_mapped(std::string_view group, CiscoEndpoint& out) noexcept {
  const std::size_t slash = group.rfind('/');
  std::int64_t number = 0;
  IpAddress address;
  if (slash != std::string_view::npos && parse_digits(group.substr(slash + 1), number)) {
    out.mapped_address = group.substr(0, slash);
    out.mapped_port = group.substr(slash + 1);
  } else if (IpAddress::parse_into(group, address)) {
    out.mapped_address = group;
  } else if (parse_digits(group, number) && out.port.empty()) {
    out.port = group;
  } else {
    out.user = group;
  }
}

}  // namespace

std::span<const event::FieldSpec> cisco_fields() { return kFields; }
std::span<const std::string_view> cisco_specials() { return kSpecials; }

bool find_cisco_tag(const Message& message, CiscoTag& out) noexcept {
  std::string_view text = message.program;
  if (text.starts_with('%') && scan_tag(text, out) && text.empty()) {
    out.text = message.text;
    skip_spaces(out.text);
    (void)eat(out.text, ": ");
    return true;
  }
  const std::string_view front = message.text.substr(0, kTagAt);
  for (std::size_t at = front.find('%'); at != std::string_view::npos; at = front.find('%', at + 1)) {
    if (at > 0 && front[at - 1] != ' ' && front[at - 1] != ':') continue;
    text = message.text.substr(at);
    if (!scan_tag(text, out)) continue;
    out.text = text;
    out.before = message.text.substr(0, at);
    return true;
  }
  return false;
}

bool looks_like_cisco(const Message& message) noexcept {
  CiscoTag tag;
  if (!find_cisco_tag(message, tag)) return false;
  if (tag.before.empty()) return true;
  if (!message.pid.empty()) return false;
  LogTime time;
  if (find_cisco_time(tag.before, message.origin.receive_time, message.zone, time)) return true;
  // "20: router1: ", "router1: 00:01:01: ": sequence numbers, names, the time since the start. An envelope may have
  // taken the first for a program.
  const auto number = [](std::string_view text) { return std::ranges::all_of(text, uptime_char); };
  const bool names = number(message.program);
  for (std::string_view rest = tag.before; !rest.empty();) {
    const std::string_view word = take_word(rest);
    if (!number(word) && !(names && word.ends_with(':'))) return false;
  }
  return true;
}

bool find_cisco_time(std::string_view before, Timestamp received, std::chrono::minutes zone, LogTime& out) {
  for (std::size_t at = 0; at + 14 < before.size(); ++at) {
    if (at > 0 && before[at - 1] != ' ' && before[at - 1] != ':' && before[at - 1] != '*' && before[at - 1] != '.')
      continue;
    std::string_view rest = before.substr(at);
    if (scan_bsd_time(rest, received, zone, out) == TimeScan::good) return true;
    if (scan_iso_time(rest, zone, out) == TimeScan::good) return true;
    // NX-OS has the year in front: "2026 Oct 11 22:14:15" is read as "Oct 11 2026 22:14:15".
    std::int64_t year = 0;
    if (!parse_digits(rest.substr(0, 4), year) || rest[4] != ' ') continue;
    std::array<char, 64> turned{};
    std::string_view date = rest.substr(5, 48);
    const std::size_t month_end = date.find(' ');
    const std::size_t day = date.find_first_not_of(' ', month_end);
    const std::size_t clock = date.find(' ', day);
    if (month_end != 3 || day == std::string_view::npos || clock == std::string_view::npos) continue;
    std::size_t size = date.copy(turned.data(), clock + 1);
    size += rest.copy(turned.data() + size, 5);
    size += date.substr(clock + 1).copy(turned.data() + size, turned.size() - size);
    std::string_view text{turned.data(), size};
    if (scan_bsd_time(text, received, zone, out) == TimeScan::good) return true;
  }
  return false;
}

CiscoEndpoint parse_cisco_endpoint(std::string_view text) noexcept {
  CiscoEndpoint out;
  std::size_t end = text.find('(');
  std::string_view main = text.substr(0, end);
  while (main.ends_with(' ')) main.remove_suffix(1);
  const std::size_t slash = main.rfind('/');
  std::int64_t number = 0;
  std::size_t close = end == std::string_view::npos ? end : text.find(')', end);
  // "inside/192.0.2.1(443)": the port is in the brackets, what stands before the '/' is the interface.
  if (end != std::string_view::npos && close != std::string_view::npos && slash != std::string_view::npos &&
      end == main.size() && parse_digits(text.substr(end + 1, close - end - 1), number) &&
      main.find('/') < main.find(':')) {
    const std::size_t first = main.find('/');
    out.interface = main.substr(0, first);
    out.address = main.substr(first + 1);
  } else {
    if (slash != std::string_view::npos) out.port = main.substr(slash + 1);
    out.address = main.substr(0, slash);
    IpAddress address;
    const std::size_t colon = out.address.find(':');
    if (colon != std::string_view::npos && !IpAddress::parse_into(out.address, address)) {
      out.interface = out.address.substr(0, colon);
      out.address.remove_prefix(colon + 1);
    }
  }
  while (end != std::string_view::npos) {
    close = text.find(')', end);
    if (close == std::string_view::npos) break;
    take_mapped(text.substr(end + 1, close - end - 1), out);
    end = text.find('(', close);
  }
  return out;
}

}  // namespace nw::logs
