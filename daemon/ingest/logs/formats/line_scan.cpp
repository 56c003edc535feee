#include "ingest/logs/formats/line_scan.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/ip.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";

// 1 to 12, or 0.
unsigned month_of(std::string_view name) noexcept {
  const std::size_t at = name.size() == 3 ? kMonths.find(name) : std::string_view::npos;
  return at != std::string_view::npos && at % 3 == 0 ? static_cast<unsigned>(at / 3) + 1 : 0;
}

// The time put into ISO 8601 for scan_iso_time(), which knows what a good one is.
class IsoTime {
 public:
  // `day` of two characters, `year` of four; `clock` and what follows it, as far as a time may reach.
  IsoTime(std::string_view year, unsigned month, std::string_view day, std::string_view clock) noexcept {
    add(year);
    text_[size_++] = '-';
    text_[size_++] = static_cast<char>('0' + month / 10);
    text_[size_++] = static_cast<char>('0' + month % 10);
    text_[size_++] = '-';
    add(day);
    text_[size_++] = 'T';
    clock_ = clock.substr(0, kClockMax);
    add(clock_);
  }
  // How much of `clock` was read goes to `used`.
  TimeScan scan(std::chrono::minutes zone, LogTime& out, std::size_t& used) const {
    std::string_view text{text_.data(), size_};
    const TimeScan result = scan_iso_time(text, zone, out);
    used = clock_.size() - std::min(clock_.size(), text.size());
    return result;
  }

 private:
  static constexpr std::size_t kClockMax = 48;  // "05:34:02.123456789 +0200" and more decimals than anyone writes
  void add(std::string_view part) noexcept {
    std::memcpy(text_.data() + size_, part.data(), part.size());
    size_ += part.size();
  }
  std::array<char, 11 + kClockMax> text_{};
  std::size_t size_ = 0;
  std::string_view clock_;
};

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), ascii_digit);
}

// "h:mm:ss" and the like in front of `text`: a number and the mark behind it.
bool take_number(std::string_view& text, std::int64_t& out) noexcept {
  std::size_t end = 0;
  while (end < text.size() && ascii_digit(text[end])) ++end;
  if (!parse_digits(text.substr(0, end), out)) return false;
  text.remove_prefix(end);
  return true;
}

// "1:23:45", hours first; or "45" seconds.
bool clock_seconds(std::string_view text, std::int64_t& out) noexcept {
  out = 0;
  for (int parts = 0; parts < 3; ++parts) {
    std::int64_t part = 0;
    if (!take_number(text, part) || part > 1'000'000'000) return false;
    out = out * 60 + part;
    if (text.empty()) return true;
    if (!eat(text, ":")) return false;
  }
  return false;
}

// "0h:32m:16s", "1d2h": numbers with a unit each.
bool unit_seconds(std::string_view text, std::int64_t& out) noexcept {
  out = 0;
  while (!text.empty()) {
    std::int64_t part = 0;
    if (!take_number(text, part) || part > 1'000'000'000 || text.empty()) return false;
    switch (text.front()) {
      case 'd': part *= 86'400; break;
      case 'h': part *= 3600; break;
      case 'm': part *= 60; break;
      case 's': break;
      default: return false;
    }
    out += part;
    if (out > 4'000'000'000) return false;
    text.remove_prefix(1);
    (void)eat(text, ":");
  }
  return true;
}

int hex_digit(char c) noexcept {
  if (ascii_digit(c)) return c - '0';
  c = ascii_lower(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

}  // namespace

std::string_view take_word(std::string_view& text) noexcept {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  skip_spaces(text);
  return word;
}

bool take_until(std::string_view& text, std::string_view mark, std::string_view& out) noexcept {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return false;
  out = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return true;
}

bool parse_digits(std::string_view text, std::int64_t& out) noexcept {
  if (text.empty() || text.size() > 18) return false;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!ascii_digit(c)) return false;
    value = value * 10 + (c - '0');
  }
  out = value;
  return true;
}

event::Value number_or_text(std::string_view text) noexcept {
  std::int64_t number = 0;
  const bool plain = text.size() < 2 || text.front() != '0';
  return plain && parse_digits(text, number) ? event::Value::integer(number) : event::Value::text(text);
}

event::Value address_or_text(std::string_view text) noexcept {
  IpAddress address;
  return IpAddress::parse_into(text, address) ? event::Value::address(address) : event::Value::text(text);
}

event::Value interval_or_text(std::string_view text) noexcept {
  std::int64_t seconds = 0;
  if (!text.empty() && (clock_seconds(text, seconds) || unit_seconds(text, seconds)) && seconds <= 4'000'000'000)
    return event::Value::interval(std::chrono::seconds{seconds});
  return event::Value::text(text);
}

std::string_view transport_name(std::string_view protocol) noexcept {
  static constexpr struct {
    std::string_view written, name;
  } kNames[] = {{"tcp", "tcp"},        {"udp", "udp"},     {"icmp", "icmp"}, {"icmp6", "icmp"},
                {"ipv6-icmp", "icmp"}, {"6", "tcp"},       {"17", "udp"},    {"1", "icmp"},
                {"58", "icmp"},        {"icmpv6", "icmp"}, {"tcp6", "tcp"},  {"udp6", "udp"}};
  std::array<char, 10> lower{};
  if (protocol.size() > lower.size()) return {};
  std::transform(protocol.begin(), protocol.end(), lower.begin(), ascii_lower);
  const std::string_view name{lower.data(), protocol.size()};
  for (const auto& known : kNames)
    if (known.written == name) return known.name;
  return {};
}

TimeScan scan_clf_time(std::string_view& text, std::chrono::minutes zone, LogTime& out) {
  // Hand-made lines have days of one digit.
  const std::size_t day = text.size() > 1 && text[1] == '/' ? 1 : 2;
  if (text.size() < day + 18 || text[day] != '/' || text[day + 4] != '/' || text[day + 9] != ':') return TimeScan::none;
  const unsigned month = month_of(text.substr(day + 1, 3));
  if (month == 0 || !all_digits(text.substr(0, day)) || !all_digits(text.substr(day + 5, 4))) return TimeScan::none;
  const std::array<char, 2> padded{'0', text[0]};
  const IsoTime iso{text.substr(day + 5, 4), month,
                    day == 2 ? text.substr(0, 2) : std::string_view{padded.data(), padded.size()},
                    text.substr(day + 10)};
  std::size_t used = 0;
  const TimeScan result = iso.scan(zone, out, used);
  if (result == TimeScan::good) text.remove_prefix(day + 10 + used);
  return result;
}

TimeScan scan_ctime(std::string_view& text, Timestamp received, std::chrono::minutes zone, LogTime& out) {
  static constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
  if (text.size() < 4 || text[3] != ' ') return TimeScan::none;
  const std::size_t at = kDays.find(text.substr(0, 3));
  if (at == std::string_view::npos || at % 3 != 0) return TimeScan::none;
  std::string_view rest = text.substr(4);
  // The year stands behind the clock, and "]" behind it would hide it from scan_bsd_time().
  const std::size_t end = std::min(rest.find(']'), rest.size());
  std::string_view date = rest.substr(0, end);
  std::int64_t year = 0;
  if (date.size() > 5 && date[date.size() - 5] == ' ' && parse_digits(date.substr(date.size() - 4), year)) {
    const unsigned month = month_of(date.substr(0, 3));
    std::string_view clock = date.substr(3, date.size() - 8);
    skip_spaces(clock);
    std::string_view day = take_word(clock);
    if (month == 0 || day.empty() || day.size() > 2 || !all_digits(day)) return TimeScan::none;
    const std::array<char, 2> padded{'0', day[0]};
    if (day.size() == 1) day = {padded.data(), padded.size()};
    const IsoTime iso{date.substr(date.size() - 4), month, day, clock};
    std::size_t used = 0;
    const TimeScan result = iso.scan(zone, out, used);
    if (result == TimeScan::good && used != clock.size()) return TimeScan::none;
    if (result == TimeScan::good) text.remove_prefix(4 + end);
    return result;
  }
  const TimeScan result = scan_bsd_time(date, received, zone, out);
  if (result == TimeScan::good) text.remove_prefix(4 + end - date.size());
  return result;
}

TimeScan scan_slash_time(std::string_view& text, std::chrono::minutes zone, LogTime& out) {
  std::int64_t month = 0;
  if (text.size() < 19 || text[4] != '/' || text[7] != '/' || text[10] != ' ') return TimeScan::none;
  if (!all_digits(text.substr(0, 4)) || !parse_digits(text.substr(5, 2), month) || !all_digits(text.substr(8, 2)))
    return TimeScan::none;
  const IsoTime iso{text.substr(0, 4), static_cast<unsigned>(month), text.substr(8, 2), text.substr(11)};
  std::size_t used = 0;
  const TimeScan result = iso.scan(zone, out, used);
  if (result == TimeScan::good) text.remove_prefix(11 + used);
  return result;
}

TimeScan scan_dash_time(std::string_view& text, std::chrono::minutes zone, LogTime& out) {
  if (text.size() < 20 || text[2] != '-' || text[6] != '-' || text[11] != ' ') return TimeScan::none;
  const unsigned month = month_of(text.substr(3, 3));
  if (month == 0 || !all_digits(text.substr(0, 2)) || !all_digits(text.substr(7, 4))) return TimeScan::none;
  const IsoTime iso{text.substr(7, 4), month, text.substr(0, 2), text.substr(12)};
  std::size_t used = 0;
  const TimeScan result = iso.scan(zone, out, used);
  if (result == TimeScan::good) text.remove_prefix(12 + used);
  return result;
}

std::string_view unescape(std::string_view text, Arena& arena) {
  std::size_t at = text.find('\\');
  if (at == std::string_view::npos) return text;
  const std::span<char> out = arena.make<char>(text.size());
  if (out.size() < text.size()) return text;
  std::memcpy(out.data(), text.data(), at);
  std::size_t size = at;
  while (at < text.size()) {
    char c = text[at++];
    if (c == '\\' && at < text.size()) {
      c = text[at++];
      switch (c) {
        case 'n': c = '\n'; break;
        case 'r': c = '\r'; break;
        case 't': c = '\t'; break;
        case 'b': c = '\b'; break;
        case 'v': c = '\v'; break;
        case 'f': c = '\f'; break;
        case 'x': {
          const int high = at < text.size() ? hex_digit(text[at]) : -1;
          const int low = at + 1 < text.size() ? hex_digit(text[at + 1]) : -1;
          if (high < 0 || low < 0) {
            out[size++] = '\\';
            break;
          }
          c = static_cast<char>(high * 16 + low);
          at += 2;
          break;
        }
        case '"':
        case '\\': break;
        default: out[size++] = '\\';  // not an escape: both stay
      }
    }
    out[size++] = c;
  }
  return {out.data(), size};
}

}  // namespace nw::logs
