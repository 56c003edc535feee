// syslog on the wire: RFC 3164 and 5424 over UDP (RFC 5426) and TCP (RFC 6587).
// | < | facility * 8 + severity, in digits | > | message |; over TCP either a line, or after its length and a space.
//
// One `syslog` event per message, as in Zeek's syslog.log. Lines that we receive ourselves are read by ingest/logs.
#include <algorithm>
#include <array>
#include <optional>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t { kFacility, kSeverity, kLength };

// `message` is a field that every type has.
constexpr auto kFields = std::to_array<FieldSpec>({
    {"facility", "text", "KERN, AUTH, LOCAL0, ...; UNSPECIFIED without priority"},
    {"severity", "text", "EMERG, ALERT, CRIT, ERR, WARNING, NOTICE, INFO, DEBUG; UNSPECIFIED without priority"},
    {"length", "integer", "octets of the message behind the priority (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"syslog"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"syslog", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 2> kPorts{514, 601};

constexpr std::size_t kMessageMax = 32'768;  // octets over TCP; RFC 5425 wants 8,192 at most
constexpr std::size_t kDigitsMax = 5;        // of a length
constexpr unsigned kPriorityMax = 191;       // 23 * 8 + 7

constexpr std::array<std::string_view, 24> kFacilities{"KERN",   "USER",   "MAIL",   "DAEMON", "AUTH",     "SYSLOG",
                                                       "LPR",    "NEWS",   "UUCP",   "CRON",   "AUTHPRIV", "FTP",
                                                       "NTP",    "AUDIT",  "ALERT",  "CLOCK",  "LOCAL0",   "LOCAL1",
                                                       "LOCAL2", "LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",   "LOCAL7"};
constexpr std::array<std::string_view, 8> kSeverities{"EMERG",   "ALERT",  "CRIT", "ERR",
                                                      "WARNING", "NOTICE", "INFO", "DEBUG"};

constexpr bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

// Digits up to `end`, behind which `reader` then is; at most `digits_max`. `unsure`: more bytes are needed.
Verdict read_number(ByteReader& reader, std::size_t digits_max, char end, std::size_t& number) {
  number = 0;
  for (std::size_t digits = 0; digits <= digits_max; ++digits) {
    if (reader.empty()) return Verdict::unsure;
    const std::uint8_t c = reader.u8();
    if (c == static_cast<std::uint8_t>(end)) return digits == 0 ? Verdict::no : Verdict::yes;
    if (!is_digit(c)) return Verdict::no;
    number = number * 10 + (c - std::size_t{'0'});
  }
  return Verdict::no;
}

// "<34>". `reader` moves only past a whole one.
Verdict read_priority(ByteReader& reader, std::size_t& priority) {
  ByteReader ahead = reader;
  if (ahead.empty()) return Verdict::unsure;
  if (ahead.u8() != '<') return Verdict::no;
  const Verdict verdict = read_number(ahead, 3, '>', priority);
  if (verdict != Verdict::yes) return verdict;
  if (priority > kPriorityMax) return Verdict::no;
  reader = ahead;
  return Verdict::yes;
}

// "34 <": the length of a counted message. `reader` moves only past a whole one, and not past the '<'.
Verdict read_count(ByteReader& reader, std::size_t& length) {
  ByteReader ahead = reader;
  const Verdict verdict = read_number(ahead, kDigitsMax, ' ', length);
  if (verdict != Verdict::yes) return verdict;
  if (ahead.empty()) return Verdict::unsure;
  if (ahead.rest().front() != '<') return Verdict::no;
  reader = ahead;
  return Verdict::yes;
}

// Nobody logs control characters, but for tabs, line ends, and a zero at the very end.
bool printable(Bytes bytes) {
  if (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  return std::ranges::none_of(
      bytes, [](std::uint8_t c) { return (c < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f; });
}

// A datagram without priority: ASCII, and more of it than chance makes.
bool is_plain(Bytes bytes) {
  constexpr std::size_t kPlainMin = 16;
  return bytes.size() >= kPlainMin && printable(bytes) &&
         std::ranges::all_of(bytes, [](std::uint8_t c) { return c < 0x80; });
}

class SyslogAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    std::size_t priority = 0;
    ByteReader reader{bytes};
    if (read_priority(reader, priority) != Verdict::yes && !is_plain(bytes))
      return context.refused(DecodeError::bad_value);
    message(bytes, context);
  }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    bool& lost = lost_[static_cast<std::size_t>(direction)];
    ByteReader reader{bytes};
    if (lost && !resume(reader)) return bytes.size();
    lost = false;
    while (!reader.empty()) {
      const auto found = next(reader);
      if (found == Next::wait) break;
      if (found == Next::too_long) {
        // One long line must not hide all that others log through the same connection.
        context.refused(DecodeError::too_long);
        lost = true;
        return bytes.size();
      }
      if (!message_.empty()) message(message_, context);
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    lost_[static_cast<std::size_t>(direction)] = true;
    context.refused(DecodeError::truncated);
  }

 private:
  enum class Next : std::uint8_t { found, wait, too_long };

  // The next message into message_; `reader` moves only past a whole one.
  Next next(ByteReader& reader) {
    ByteReader ahead = reader;
    std::size_t length = 0;
    const Verdict counted = read_count(ahead, length);
    if (counted == Verdict::unsure) return Next::wait;
    if (counted == Verdict::no) return line(reader);
    if (length > kMessageMax) return Next::too_long;
    message_ = ahead.bytes(length);
    if (!ahead.ok()) return Next::wait;
    // Some senders end a counted message's line too.
    while (!ahead.empty() && (ahead.rest().front() == '\n' || ahead.rest().front() == '\r')) ahead.u8();
    reader = ahead;
    return Next::found;
  }

  Next line(ByteReader& reader) {
    const Bytes rest = reader.rest();
    std::size_t end = 0;
    while (end < rest.size() && rest[end] != '\n' && rest[end] != 0) ++end;
    if (end > kMessageMax) return Next::too_long;
    if (end == rest.size()) return Next::wait;
    message_ = rest.first(end);
    if (!message_.empty() && message_.back() == '\r') message_ = message_.first(message_.size() - 1);
    reader.bytes(end + 1);
    return Next::found;
  }

  // After a gap or what is too long: a message that begins at once, else what follows the next end of a line. False:
  // neither is there.
  static bool resume(ByteReader& reader) {
    ByteReader ahead = reader;
    std::size_t number = 0;
    if (read_priority(ahead, number) == Verdict::yes || read_count(ahead, number) == Verdict::yes) return true;
    while (!reader.empty())
      if (reader.u8() == '\n') return true;
    return false;
  }

  static void message(Bytes bytes, Context& context) {
    if (!context.wants(0)) return;
    ByteReader reader{bytes};
    std::size_t priority = 0;
    const bool given = read_priority(reader, priority) == Verdict::yes;
    if (!given && !printable(bytes)) return context.refused(DecodeError::bad_value);
    EventWriter out = context.begin(0, context.now());
    out.set(kFacility, Value::text(given ? kFacilities[priority / 8] : "UNSPECIFIED"));
    out.set(kSeverity, Value::text(given ? kSeverities[priority % 8] : "UNSPECIFIED"));
    out.set(kLength, Value::integer(static_cast<std::int64_t>(reader.rest().size())));
    TextBuffer text;
    text.append_escaped(reader.rest());
    if (text.cut()) context.refused(DecodeError::limit);
    out.event().set(event::common(event::Common::message), Value::text(out.event().keep(text.view())));
    context.emit();
  }

  Bytes message_;  // of next(); views the bytes in hand
  std::array<bool, 2> lost_{};
};

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  constexpr std::size_t kTextMin = 16, kTextSeen = 128;  // octets behind the priority, off the port
  ByteReader reader{first};
  std::size_t number = 0;
  if (transport == Transport::tcp && read_count(reader, number) == Verdict::unsure) return Verdict::unsure;
  const Verdict verdict = read_priority(reader, number);
  // A priority may be missing; what is there then must be text.
  const bool text = on_port && transport == Transport::udp && is_plain(first);
  if (verdict == Verdict::unsure)
    return transport == Transport::tcp ? Verdict::unsure : text ? Verdict::yes : Verdict::no;
  if (verdict == Verdict::no) return text ? Verdict::yes : Verdict::no;
  if (on_port) return Verdict::yes;
  const Bytes rest = reader.rest();
  if (!printable(rest.first(std::min(rest.size(), kTextSeen)))) return Verdict::no;
  if (rest.size() >= kTextMin) return Verdict::yes;
  return transport == Transport::tcp ? Verdict::unsure : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SyslogAnalyzer>(); }

}  // namespace

Protocol syslog_protocol() {
  Protocol p;
  p.name = "syslog";
  p.help = "syslog messages between other hosts, over UDP and TCP";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
