// Unbound's log, from its file or syslog: queries, replies, local zones, response policies, failures. unbound.conf(5):
// log-queries, log-replies, log-tag-queryreply, log-local-actions, log-servfail, val-log-level, rpz-log.
//
//   [[EPOCH] unbound][PID:THREAD] LEVEL: ADDRESS NAME TYPE CLASS [RCODE SECONDS CACHED SIZE]
#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "ingest/logs/formats/dns_line.h"
#include "ingest/logs/formats/messages.h"

namespace nw::logs {

namespace {

enum Field : std::uint8_t { f_first = kDnsFields - 1, f_rtt, f_cached, f_size, f_zone, f_blocked, kFieldCount };
constexpr auto kFields = [] {
  std::array<event::FieldSpec, kFieldCount> out{};
  std::ranges::copy(kDnsFieldSpecs, out.begin());
  out[f_rtt] = {"rtt", "interval", "how long the answer took"};
  out[f_cached] = {"cached", "boolean", "the answer came from the cache"};
  out[f_size] = {"size", "integer", "bytes of the reply"};
  out[f_zone] = {"zone", "text", "the local or policy zone that answered"};
  out[f_blocked] = {"blocked", "boolean", "a local or policy zone refused the name or made up the answer"};
  return out;
}();

enum Type : std::uint8_t { type_plain, type_dns, kTypes };

constexpr auto kLevels =
    std::to_array<std::string_view>({"debug", "error", "fatal error", "info", "notice", "query", "reply", "warning"});

// "[1768464000] unbound[77:0] info: " and its parts, consumed; false: this is no line of Unbound's.
bool take_head(std::string_view& text, LogTime& time, std::string_view& level) {
  std::string_view rest = text, number;
  if (std::string_view at = rest; eat(at, "[") && take_until(at, "] ", number) && at.starts_with("unbound[")) {
    if (!parse_epoch(number, time.time)) return false;
    time.quality = event::TimeQuality::stated;
    rest = at;
  }
  (void)eat(rest, "unbound");
  if (eat(rest, "[")) {
    const std::size_t close = rest.substr(0, 24).find("] ");
    if (close == std::string_view::npos) return false;
    rest.remove_prefix(close + 2);
  }
  const std::size_t end = rest.substr(0, 16).find(": ");
  if (end == std::string_view::npos || !std::ranges::binary_search(kLevels, rest.substr(0, end))) return false;
  level = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  text = rest;
  return true;
}

// "NAME TYPE CLASS", consumed.
bool take_question(std::string_view& text, DnsQuestion& out) noexcept {
  std::string_view rest = text;
  out.name = take_word(rest);
  out.type = take_word(rest);
  out.cls = take_word(rest);
  if (out.name.empty() || out.type.empty() ||
      (out.cls != "IN" && out.cls != "CH" && out.cls != "HS" && out.cls != "ANY"))
    return false;
  text = rest;
  return true;
}

class UnboundReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = message.text, level;
    if (text.empty()) return LineFault::empty;
    LogTime time = message.time;
    if (scan_iso_time(text, message.zone, time) == TimeScan::bad) return LineFault::bad_time;
    skip_spaces(text);
    if (!take_head(text, time, level)) return LineFault::bad_header;
    Line line;
    const bool dns = take(text, line);
    const Type type = dns ? type_dns : type_plain;
    if (!out.wants(type)) return LineFault::none;
    MessageWriter writer = out.begin(type, message, time);
    writer.set(dns_level, event::Value::text(level));
    if (dns)
      tell(writer, line, text);
    else
      writer.set(dns_reason, event::Value::text(text));
    out.emit();
    return LineFault::none;
  }

 private:
  struct Line {
    DnsQuestion question;
    std::string_view client, action, zone, reason;
    bool local = false;
  };

  // What kind of line about a name it is; `text` is left behind the question.
  static bool take(std::string_view& text, Line& out) noexcept {
    std::string_view rest = text;
    if (eat(rest, "validation failure <") || eat(rest, "SERVFAIL <")) {
      std::string_view question;
      if (!take_until(rest, ">", question) || !take_question(question, out.question)) return false;
      (void)eat(rest, ": ");
      out.action = text.starts_with('v') ? "validation" : "failed";
      out.reason = rest;
      text = {};
      return true;
    }
    if (eat(rest, "rpz: applied ")) {
      if (rest.starts_with('[')) take_word(rest);
      out.local = true;
    }
    std::string_view first = take_word(rest);
    IpAddress address;
    if (!out.local && IpAddress::parse_into(first, address)) {
      out.client = first;
      out.action = "query";
    } else {
      // "example.com. always_nxdomain 192.0.2.1@4711 www.example.com. A IN"
      out.local = true;
      out.zone = first;
      out.action = take_word(rest);
      out.client = take_word(rest);
      if (out.client.find('@') == std::string_view::npos) return false;
    }
    if (!take_question(rest, out.question)) return false;
    text = rest;
    return true;
  }

  static void tell(MessageWriter& writer, const Line& line, std::string_view rest) {
    set_question(writer, line.question);
    const auto set = [&](std::size_t field, std::string_view value) {
      if (!value.empty()) writer.set(field, event::Value::text(value));
    };
    if (!line.client.empty()) set_end(writer, line.client, '@', event::Common::orig_h, event::Common::orig_p);
    set(f_zone, line.zone);
    set(dns_reason, line.reason);
    if (line.local) {
      static constexpr auto kPasses = std::to_array<std::string_view>(
          {"always_transparent", "inform", "rpz-disabled", "rpz-passthru", "static", "transparent", "typetransparent"});
      writer.set(f_blocked, event::Value::boolean(!std::ranges::binary_search(kPasses, line.action)));
    }
    const std::string_view rcode = take_word(rest);
    const bool reply = !rcode.empty() && line.reason.empty() && !line.local;
    set(dns_action, reply ? "reply" : line.action);
    if (!reply) return;
    set(dns_rcode_name, rcode);
    const std::string_view seconds = take_word(rest);
    double value = 0;
    const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
    if (error == std::errc{} && end == seconds.data() + seconds.size() && value >= 0 && value < 1e6)
      writer.set(f_rtt, event::Value::interval(Nanoseconds{static_cast<std::int64_t>(value * 1e9)}));
    const std::string_view cached = take_word(rest);
    if (cached == "0" || cached == "1") writer.set(f_cached, event::Value::boolean(cached == "1"));
    std::int64_t size = 0;
    if (parse_digits(take_word(rest), size)) writer.set(f_size, event::Value::integer(size));
  }
};

bool recognise(const Message& message) noexcept {
  // From Unbound's own file; in syslog its name tells.
  std::string_view text = message.text.substr(0, 96), level;
  LogTime time;
  if (scan_iso_time(text, message.zone, time) == TimeScan::bad) return false;
  skip_spaces(text);
  return text.find("unbound[") != std::string_view::npos && take_head(text, time, level);
}

constexpr std::array<std::string_view, 1> kPrograms{"unbound"};
constexpr std::array<std::string_view, 2> kServices{"dns", "unbound"};
constexpr std::array<std::string_view, 1> kUnbound{"unbound"}, kDns{"dns"};

}  // namespace

const MessageFormat& unbound_format() {
  static const std::array<event::TypeSpec, kTypes> types{{
      {"unbound", "unbound", kUnbound, {}, kFields},
      {"unbound.dns", "unbound", kServices, kDns, kFields},
  }};
  static const MessageFormat format{
      "unbound", "Unbound: queries, replies, local zones, response policies",
      types,     kPrograms,
      recognise, [] { return std::unique_ptr<MessageReader>{std::make_unique<UnboundReader>()}; }};
  return format;
}

}  // namespace nw::logs
