#include "ingest/logs/formats/field_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>

#include "base/text.h"

namespace nw::logs {

namespace {

struct Protocol {
  std::string_view name;  // as appliances write it, lower case, or its number
  std::string_view zeek;
};
// Numbers: IANA's protocol-numbers. Zeek has one name for both ICMPs.
constexpr auto kProtocols = std::to_array<Protocol>({
    {"1", "icmp"},    {"132", "sctp"},       {"17", "udp"},    {"2", "igmp"},     {"4", "ipv4"},      {"41", "ipv6"},
    {"47", "gre"},    {"50", "esp"},         {"51", "ah"},     {"58", "icmp"},    {"6", "tcp"},       {"ah", "ah"},
    {"esp", "esp"},   {"gre", "gre"},        {"icmp", "icmp"}, {"icmp6", "icmp"}, {"icmpv6", "icmp"}, {"igmp", "igmp"},
    {"ipip", "ipv4"}, {"ipv6-icmp", "icmp"}, {"sctp", "sctp"}, {"tcp", "tcp"},    {"udp", "udp"},
});
static_assert(std::ranges::is_sorted(kProtocols, {}, &Protocol::name));

struct Action {
  std::string_view word;  // lower case
  bool blocks;
};
// FortiOS Log Message Reference, `action` of traffic and of UTM; PAN-OS, `action` of traffic and of threats. A session
// that was reset by an end, or ran out, had been let through.
constexpr auto kActions = std::to_array<Action>({
    {"accept", false},      {"alert", false},         {"allow", false},        {"allowed", false},
    {"block", true},        {"block-continue", true}, {"block-ip", true},      {"block-override", true},
    {"block-url", true},    {"blocked", true},        {"clear_session", true}, {"client-rst", false},
    {"close", false},       {"continue", false},      {"deny", true},          {"detected", false},
    {"drop", true},         {"drop icmp", true},      {"drop-icmp", true},     {"dropped", true},
    {"exempt", false},      {"forward", false},       {"ip-conn", false},      {"monitored", false},
    {"pass", false},        {"pass_session", false},  {"passthrough", false},  {"permit", false},
    {"quarantine", true},   {"random-drop", true},    {"reset", true},         {"reset both", true},
    {"reset client", true}, {"reset server", true},   {"reset-both", true},    {"reset-client", true},
    {"reset-server", true}, {"reset_client", true},   {"reset_server", true},  {"server-rst", false},
    {"sinkhole", true},     {"start", false},         {"timeout", false},
});
static_assert(std::ranges::is_sorted(kActions, {}, &Action::word));

// The row whose `key` is `text` in lower case, or the end. Rows are sorted by it.
template <class Table, class Key>
auto* find_lower(const Table& table, std::string_view text, Key key) noexcept {
  std::array<char, 16> lower{};
  const auto* found = table.end();
  if (text.size() > lower.size()) return found;
  std::ranges::transform(text, lower.begin(), ascii_lower);
  const std::string_view word{lower.data(), text.size()};
  found = std::ranges::lower_bound(table, word, {}, key);
  return found != table.end() && std::invoke(key, *found) == word ? found : table.end();
}

template <class T>
bool parse_all(std::string_view text, T& out) noexcept {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// A zero in front would be lost: an identifier, not a number.
bool plain_integer(std::string_view text, std::int64_t& out) noexcept {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return (digits.size() == 1 || !digits.starts_with('0')) && parse_all(text, out);
}

}  // namespace

event::Value value_of(FieldKind kind, std::string_view text) noexcept {
  switch (kind) {
    case FieldKind::address: {
      IpAddress address;
      if (IpAddress::parse_into(text, address)) return event::Value::address(address);
      break;
    }
    case FieldKind::integer: {
      std::int64_t number = 0;
      if (plain_integer(text, number)) return event::Value::integer(number);
      break;
    }
    case FieldKind::real: {
      double number = 0;
      if (parse_all(text, number) && std::isfinite(number)) return event::Value::real(number);
      break;
    }
    case FieldKind::text: break;
  }
  return event::Value::text(text);
}

void set_ends(MessageWriter& out, const Ends& ends, FirewallNames names) noexcept {
  using event::Common;
  const auto set = [&](Common common, std::size_t local, FieldKind kind, std::string_view text) {
    if (text.empty()) return;
    const event::Value value = value_of(kind, text);
    // A name, a port by its service: no end that the register could find.
    if (value.kind() != event::Value::Kind::text) out.event().set(event::common(common), value);
    if (names == FirewallNames::first) out.set(local, value);
  };
  set(Common::orig_h, 0, FieldKind::address, ends.orig_h);
  set(Common::orig_p, 1, FieldKind::integer, ends.orig_p);
  set(Common::resp_h, 2, FieldKind::address, ends.resp_h);
  set(Common::resp_p, 3, FieldKind::integer, ends.resp_p);
  if (!ends.proto.empty())
    out.event().set(event::common(Common::proto), event::Value::text(protocol_named(ends.proto)));
}

std::string_view protocol_named(std::string_view text) noexcept {
  const auto* const found = find_lower(kProtocols, text, &Protocol::name);
  return found != kProtocols.end() ? found->zeek : text;
}

std::string_view blocked_by(std::string_view action) noexcept {
  const auto* const found = find_lower(kActions, action, &Action::word);
  if (found == kActions.end()) return {};
  return found->blocks ? "true" : "false";
}

}  // namespace nw::logs
