#include "ingest/logs/formats/time_format.h"

#include <array>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kDirectives = "YymbdHIpMSfz%";

// What directives read.
struct Parts {
  int year = -1, month = 0, day = 0, hour = -1, minute = 0, second = 0;
  int half = -1;  // 0: AM, 1: PM
  std::string_view decimals, zone;
};

// Up to `most` digits, at least `least`; -1: there are fewer.
int number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && size < most && ascii_digit(text[size])) value = value * 10 + (text[size++] - '0');
  if (size < least) return -1;
  text.remove_prefix(size);
  return value;
}

bool same(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(),
                                                  [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

// 1 to 12, or 0.
int month_name(std::string_view& text) {
  for (std::size_t i = 0; i < 12; ++i) {
    if (!same(text, kMonths.substr(3 * i, 3))) continue;
    text.remove_prefix(3);
    return static_cast<int>(i) + 1;
  }
  return 0;
}

// "Z", or a sign and four digits with or without a colon; empty: none.
std::string_view zone_at(std::string_view& text) {
  std::size_t size = 0;
  if (text.starts_with('Z') || text.starts_with('z')) {
    size = 1;
  } else if (text.starts_with('+') || text.starts_with('-')) {
    size = text.size() > 3 && text[3] == ':' ? 6 : 5;
    if (text.size() < size) size = 0;
  }
  const std::string_view zone = text.substr(0, size);
  text.remove_prefix(size);
  return zone;
}

bool read_part(char directive, std::string_view& text, Parts& out) {
  switch (directive) {
    case 'Y': return (out.year = number(text, 4, 4)) >= 0;
    case 'y':
      out.year = number(text, 2, 2);
      if (out.year >= 0) out.year += out.year < 69 ? 2000 : 1900;  // as POSIX has it
      return out.year >= 0;
    case 'm': return (out.month = number(text, 1, 2)) >= 0;
    case 'b': return (out.month = month_name(text)) > 0;
    case 'd':
      if (text.starts_with(' ')) text.remove_prefix(1);
      return (out.day = number(text, 1, 2)) >= 0;
    case 'H':
    case 'I': return (out.hour = number(text, 1, 2)) >= 0;
    case 'p':
      if (!same(text, "AM") && !same(text, "PM")) return false;
      out.half = same(text, "PM") ? 1 : 0;
      text.remove_prefix(2);
      return true;
    case 'M': return (out.minute = number(text, 1, 2)) >= 0;
    case 'S': return (out.second = number(text, 1, 2)) >= 0;
    case 'f': {
      std::size_t size = 0;
      while (size < text.size() && ascii_digit(text[size])) ++size;
      out.decimals = text.substr(0, size);
      text.remove_prefix(size);
      return size != 0;
    }
    case 'z': return !(out.zone = zone_at(text)).empty();
    default: {
      const bool there = text.starts_with('%');
      if (there) text.remove_prefix(1);
      return there;
    }
  }
}

// Written in one of the two ways that log_time.h reads.
class Written {
 public:
  void digits(int value, int width) {
    for (int scale = width == 4 ? 1000 : 10; scale != 0; scale /= 10) put(static_cast<char>('0' + value / scale % 10));
  }
  void put(char c) {
    if (size_ < text_.size()) text_[size_++] = c;
  }
  void put(std::string_view text) {
    for (const char c : text) put(c);
  }
  void clock(const Parts& parts) {
    digits(parts.hour, 2);
    put(':');
    digits(parts.minute, 2);
    put(':');
    digits(parts.second, 2);
    if (parts.decimals.empty()) return;
    put('.');
    put(parts.decimals.substr(0, 9));
  }
  [[nodiscard]] std::string_view text() const { return {text_.data(), size_}; }

 private:
  std::array<char, 48> text_{};
  std::size_t size_ = 0;
};

}  // namespace

Result<TimeFormat> TimeFormat::parse(std::string_view text) {
  TimeFormat out;
  if (text == "iso" || text == "bsd" || text == "epoch") {
    out.kind_ = text == "iso" ? Kind::iso : text == "bsd" ? Kind::bsd : Kind::epoch;
    return out;
  }
  const auto wrong = [](std::string what) { return Error{Errc::invalid_argument, std::move(what)}; };
  const auto has = [text](std::string_view directive) { return text.find(directive) != std::string_view::npos; };
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 2)) {
    if (at + 1 == text.size() || kDirectives.find(text[at + 1]) == std::string_view::npos)
      return wrong("'" + printable(text.substr(at, 2)) +
                   "' is no directive of a time; there are %Y %y %m %b %d %H %I %p %M %S %f %z %%");
  }
  if (text.size() > 128) return wrong("a time's format has at most 128 bytes");
  if (!has("%")) return wrong("it is none of iso, bsd and epoch, and has no directive such as %Y");
  if (!has("%d") || (!has("%m") && !has("%b"))) return wrong("it does not say the day and the month");
  if (!has("%H") && !(has("%I") && has("%p"))) return wrong("it does not say the hour");
  out.kind_ = Kind::directives;
  out.directives_ = text;
  return out;
}

bool TimeFormat::read(std::string_view text, Timestamp received, std::chrono::minutes zone, LogTime& out) const {
  switch (kind_) {
    case Kind::iso: return scan_iso_time(text, zone, out) == TimeScan::good && text.empty();
    case Kind::bsd: return scan_bsd_time(text, received, zone, out) == TimeScan::good && text.empty();
    case Kind::epoch:
      if (!parse_epoch(text, out.time)) return false;
      out.quality = event::TimeQuality::stated;
      return true;
    case Kind::directives: return read_directives(text, received, zone, out);
  }
  return false;
}

bool TimeFormat::read_directives(std::string_view text, Timestamp received, std::chrono::minutes zone,
                                 LogTime& out) const {
  Parts parts;
  for (std::size_t at = 0; at < directives_.size(); ++at) {
    if (directives_[at] == '%') {
      if (!read_part(directives_[++at], text, parts)) return false;
    } else {
      if (!text.starts_with(directives_[at])) return false;
      text.remove_prefix(1);
    }
  }
  if (!text.empty() || parts.month < 1 || parts.month > 12) return false;
  if (parts.half >= 0) {
    if (parts.hour < 1 || parts.hour > 12) return false;
    parts.hour = parts.hour % 12 + 12 * parts.half;
  }
  Written written;
  if (parts.year < 0) {
    written.put(kMonths.substr(3 * static_cast<std::size_t>(parts.month - 1), 3));
    written.put(' ');
    written.digits(parts.day, 2);
    written.put(' ');
    written.clock(parts);
    std::string_view made = written.text();
    return scan_bsd_time(made, received, zone, out) == TimeScan::good && made.empty();
  }
  written.digits(parts.year, 4);
  written.put('-');
  written.digits(parts.month, 2);
  written.put('-');
  written.digits(parts.day, 2);
  written.put('T');
  written.clock(parts);
  written.put(parts.zone);
  std::string_view made = written.text();
  return scan_iso_time(made, zone, out) == TimeScan::good && made.empty();
}

}  // namespace nw::logs
