// BIND 9's logs, from named's own channels or syslog: queries, responses, query-errors, security, update, RPZ,
// transfers, resolver. BIND 9 Administrator Reference Manual, "logging".
//
//   [TIME] [CATEGORY: ] [LEVEL: ] client [@0x7f..] ADDRESS#PORT[/key KEY] [(NAME)]: [view VIEW: ]
//       query: NAME CLASS TYPE FLAGS (SERVER)
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
  f_category,
  f_view,
  f_key,
  f_flags,
  f_rd,
  f_zone,
  f_policy,
  f_policy_action,
  f_policy_zone,
  f_blocked,
  kFieldCount
};
constexpr auto kFields = [] {
  std::array<event::FieldSpec, kFieldCount> out{};
  std::ranges::copy(kDnsFieldSpecs, out.begin());
  out[f_category] = {"category", "text", "named's own: queries, security, ...; where the channel prints it"};
  out[f_view] = {"view", "text", "the view that answered"};
  out[f_key] = {"key", "text", "the TSIG key that signed the request"};
  out[f_flags] = {"flags", "text",
                  "+ recursion wanted, S signed, E(n) EDNS, T TCP, D DNSSEC, C checking disabled, V K cookie"};
  out[f_rd] = {"RD", "boolean", "recursion was wanted"};
  out[f_zone] = {"zone", "text", "the zone of an update, a notify or a transfer"};
  out[f_policy] = {"policy", "text", "response policy: what triggered it (QNAME, IP, NSDNAME, ...)"};
  out[f_policy_action] = {"policy_action", "text", "NXDOMAIN, NODATA, PASSTHRU, DROP, Local-Data, ..."};
  out[f_policy_zone] = {"policy_zone", "text", "the record of the policy zone that matched"};
  out[f_blocked] = {"blocked", "boolean", "refused, or rewritten by a response policy"};
  return out;
}();

enum Special : std::uint8_t { special_question = kFieldCount, special_peer, special_result };  // behind the fields
constexpr std::array<std::string_view, 3> kSpecials{"question", "peer", "result"};
constexpr std::uint8_t kRefused = 1;

// The key is the first word; "*" is for all.
constexpr auto kRows = std::to_array<PatternRow>({
    {"query", "query (cache) '{question}' denied{? ({reason})?}", "denied", kRefused},
    {"query", "query '{question}' denied{? ({reason})?}", "denied", kRefused},
    {"query", "query (cache) denied", "denied", kRefused},
    {"query", "query failed ({result}) for {question:w}", "failed"},
    {"query", "query {reason}", "failed"},
    {"rpz disabled", "{?disabled ?}rpz {policy:w} {policy_action:w} rewrite {question:w} {?via ?}{policy_zone:w}",
     "rewritten", kRefused},
    {"zone", "zone transfer '{question}' denied", "denied", kRefused},
    {"zone", "zone transfer '{question}' {reason}", "transfer"},
    {"zone", "zone {zone:w} {reason}", "zone"},
    {"transfer", "transfer of '{question}' from {peer}: {reason}", "transfer"},
    {"transfer", "transfer of '{question}': {reason}", "transfer"},
    {"bad", "bad zone transfer request: '{question}': {reason}", "denied", kRefused},
    {"update", "update '{question}' denied", "denied", kRefused},
    {"update", "update forwarding '{question}' denied", "denied", kRefused},
    {"updating", "updating zone '{zone}': adding an RR at '{query}' {qtype_name:w} {answers}", "update"},
    {"updating", "updating zone '{zone}': deleting {reason} at '{query}'{? {qtype_name:w}?}", "update"},
    {"updating", "updating zone '{zone}': {reason}", "update"},
    {"received", "received notify for zone '{zone}'{?: {reason}?}", "notify"},
    {"rate", "rate limit {reason}", "rate_limited", kRefused},
    {"lame", "lame server resolving '{question}' ({_}): {peer}", "lame"},
    {"DNS", "DNS format error from {peer:w} resolving {question:w} for {_}: {reason}", "format_error"},
    {"DNS", "DNS format error from {peer:w} resolving {question}: {reason}", "format_error"},
    {"validating", "validating {question}: {reason}", "validation"},
    {"*", "{reason} resolving '{question}': {peer:w}", "failed"},
});

const PatternTable& patterns() {
  static const PatternTable table{kRows, kFields, kSpecials};
  return table;
}

constexpr auto kCategories = std::to_array<std::string_view>({"client",        "cname",        "config",
                                                              "database",      "default",      "delegation-only",
                                                              "dispatch",      "dnssec",       "dnstap",
                                                              "edns-disabled", "general",      "lame-servers",
                                                              "network",       "notify",       "nsid",
                                                              "queries",       "query-errors", "rate-limit",
                                                              "resolver",      "responses",    "rpz",
                                                              "rpz-passthru",  "security",     "serve-stale",
                                                              "spill",         "sslkeylog",    "trust-anchor-telemetry",
                                                              "unmatched",     "update",       "update-security",
                                                              "xfer-in",       "xfer-out",     "zoneload"});
static_assert(std::ranges::is_sorted(kCategories));
constexpr auto kLevels = std::to_array<std::string_view>({"critical", "error", "info", "notice", "warning"});

enum Type : std::uint8_t { type_plain, type_dns, kTypes };

struct Client {
  std::string_view end, key, view;  // "192.0.2.1#5353"
};

// What a channel may print in front of the message.
struct Head {
  LogTime time;
  std::string_view category, level;
};

TimeScan scan_time(std::string_view& text, std::chrono::minutes zone, LogTime& out) {
  const TimeScan dash = scan_dash_time(text, zone, out);
  return dash == TimeScan::none ? scan_iso_time(text, zone, out) : dash;
}

void take_head(std::string_view& text, Head& out) {
  skip_spaces(text);
  const std::size_t colon = text.substr(0, 32).find(": ");
  if (colon != std::string_view::npos && std::ranges::binary_search(kCategories, text.substr(0, colon))) {
    out.category = text.substr(0, colon);
    text.remove_prefix(colon + 2);
  }
  const std::size_t end = text.substr(0, 16).find(": ");
  if (end == std::string_view::npos) return;
  const std::string_view word = text.substr(0, end);
  if (!std::ranges::binary_search(kLevels, word) && !word.starts_with("debug ")) return;
  out.level = word;
  text.remove_prefix(end + 2);
}

// "client @0x7f 192.0.2.1#5353/key k (www.example.com): view v: ", consumed.
bool take_client(std::string_view& text, Client& out) noexcept {
  std::string_view rest = text;
  if (!eat(rest, "client ")) return false;
  if (rest.starts_with("@0x")) take_word(rest);
  std::size_t end = 0;
  while (end < rest.size() && end < 80 && rest[end] != ' ' && rest[end] != '/') ++end;
  out.end = rest.substr(0, end);
  if (out.end.find('#') == std::string_view::npos) return false;
  if (out.end.ends_with(':')) {
    out.end.remove_suffix(1);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  } else {
    rest.remove_prefix(end);
    std::string_view between;
    if (!take_until(rest, ": ", between)) return false;
    if (eat(between, "/key ")) out.key = take_word(between);
  }
  if (std::string_view view = rest; eat(view, "view ") && take_until(view, ": ", out.view)) rest = view;
  text = rest;
  return true;
}

class BindReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    std::string_view text = message.text;
    if (text.empty()) return LineFault::empty;
    Head head;
    head.time = message.time;
    if (scan_time(text, message.zone, head.time) == TimeScan::bad) return LineFault::bad_time;
    take_head(text, head);
    Client client;
    const bool from_client = take_client(text, client);
    // Without an envelope or a head only a client's line tells that named wrote it.
    if (!from_client && message.program.empty() && head.category.empty() && head.level.empty())
      return LineFault::bad_header;
    captures_.clear();
    std::string_view question = text;
    const bool query = eat(question, "query: "), response = !query && eat(question, "response: ");
    const PatternRow* row = query || response ? nullptr : match(text);
    const Type type = from_client || query || named(row) ? type_dns : type_plain;
    if (!out.wants(type)) return LineFault::none;
    MessageWriter writer = out.begin(type, message, head.time);
    set(writer, f_category, head.category);
    set(writer, dns_level, head.level);
    if (from_client) {
      set_end(writer, client.end, '#', event::Common::orig_h, event::Common::orig_p);
      set(writer, f_key, client.key);
      set(writer, f_view, client.view);
    }
    if (query || response)
      tell_question(writer, question, response);
    else if (row != nullptr)
      tell_row(writer, *row);
    else
      set(writer, dns_reason, text);
    out.emit();
    return LineFault::none;
  }

 private:
  const PatternRow* match(std::string_view text) noexcept {
    const PatternRow* row = patterns_.match(text.substr(0, text.find(' ')), text, captures_);
    return row != nullptr ? row : patterns_.match("*", text, captures_);
  }
  // Whether the message is about a name that was asked for.
  [[nodiscard]] bool named(const PatternRow* row) const noexcept {
    return row != nullptr && std::ranges::any_of(captures_.all(), [](const Capture& capture) {
             return capture.name == special_question || capture.name == dns_query;
           });
  }
  static void set(MessageWriter& writer, std::size_t field, std::string_view text) {
    if (!text.empty()) writer.set(field, event::Value::text(text));
  }

  // "www.example.com IN A +E(0)K (192.0.2.53)"; a response has its RCODE in front of the flags.
  static void tell_question(MessageWriter& writer, std::string_view text, bool response) {
    DnsQuestion question;
    question.name = take_word(text);
    question.cls = take_word(text);
    question.type = take_word(text);
    set_question(writer, question);
    set(writer, dns_action, response ? "response" : "query");
    if (response) set(writer, dns_rcode_name, take_word(text));
    std::string_view flags = text.starts_with('+') || text.starts_with('-') ? take_word(text) : std::string_view{};
    set(writer, f_flags, flags);
    if (!flags.empty()) {
      writer.set(f_rd, event::Value::boolean(flags.front() == '+'));
      const bool tcp = flags.find('T') != std::string_view::npos;
      writer.event().set(event::common(event::Common::proto), event::Value::text(tcp ? "tcp" : "udp"));
    }
    std::string_view server;
    if (eat(text, "(") && take_until(text, ")", server))
      set_end(writer, server, '#', event::Common::resp_h, event::Common::resp_p);
  }

  void tell_row(MessageWriter& writer, const PatternRow& row) const {
    set(writer, dns_action, row.action);
    bool refused = row.kind == kRefused;
    for (const Capture& capture : captures_.all()) {
      switch (capture.name) {
        case special_question: set_question(writer, split_question(capture.text)); break;
        case special_peer: set_end(writer, capture.text, '#', event::Common::resp_h, event::Common::resp_p); break;
        case special_result: {
          const bool code =
              std::ranges::none_of(capture.text, [](char c) { return c == ' ' || (c >= 'a' && c <= 'z'); });
          set(writer, code ? dns_rcode_name : dns_reason, capture.text);
          break;
        }
        case dns_answers: set_answer(writer, capture.text); break;
        case dns_query: set_question(writer, {capture.text, {}, {}}); break;
        case f_zone: set(writer, f_zone, split_question(capture.text).name); break;
        case dns_qtype_name:
          set(writer, dns_record_type, capture.text);
          set(writer, dns_qtype_name, capture.text);
          break;
        case f_policy_action: refused = refused && capture.text != "PASSTHRU"; [[fallthrough]];
        default: set(writer, capture.name, capture.text);
      }
    }
    if (row.kind == kRefused) writer.set(f_blocked, event::Value::boolean(refused));
  }

  const PatternTable& patterns_ = patterns();
  Captures captures_;
};

// "client ADDRESS#PORT ...: query ...", with or without what a channel prints in front.
bool recognise(const Message& message) noexcept {
  std::string_view text = message.text.substr(0, 256);
  Head head;
  if (scan_time(text, message.zone, head.time) == TimeScan::bad) return false;
  take_head(text, head);
  Client client;
  if (!take_client(text, client)) return false;
  IpAddress address;
  return IpAddress::parse_into(client.end.substr(0, client.end.rfind('#')), address);
}

constexpr std::array<std::string_view, 1> kPrograms{"named"};
constexpr std::array<std::string_view, 2> kServices{"dns", "named"};
constexpr std::array<std::string_view, 1> kNamed{"named"}, kDns{"dns"};

}  // namespace

const MessageFormat& bind_format() {
  static const std::array<event::TypeSpec, kTypes> types{{
      {"bind", "bind", kNamed, {}, kFields},
      {"bind.dns", "bind", kServices, kDns, kFields},
  }};
  static const MessageFormat format{
      "bind",    "BIND 9: queries, query-errors, security, update, RPZ, transfers",
      types,     kPrograms,
      recognise, [] { return std::unique_ptr<MessageReader>{std::make_unique<BindReader>()}; }};
  return format;
}

}  // namespace nw::logs
