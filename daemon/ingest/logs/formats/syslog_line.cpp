#include "ingest/logs/formats/syslog_line.h"

#include <algorithm>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr int kPriorityMax = 191;           // RFC 5424 section 6.2.1: local7, debug
constexpr std::size_t kTagBytesMax = 128;   // RFC 3164 says 32; systemd units and Java names are longer
constexpr std::size_t kHostBytesMax = 255;  // RFC 5424 section 6

// What neither a host nor a program has in its name; messages that begin without either do: "date=...", "CEF:0|...",
// JSON.
bool never_in_names(char c) { return c == '=' || c == '|' || c == '"' || c == '{' || c == '}'; }

bool visible(char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; }

// <PRI>, consumed; false leaves `text` as it was.
bool scan_priority(std::string_view& text, int& out) {
  if (!text.starts_with('<')) return false;
  int value = 0;
  std::size_t at = 1;
  for (; at < text.size() && at <= 3 && ascii_digit(text[at]); ++at) value = value * 10 + (text[at] - '0');
  if (at == 1 || at >= text.size() || text[at] != '>') return false;
  out = value;
  text.remove_prefix(at + 1);
  return true;
}

// The token up to the next space, which is consumed too. Empty when there is none, or an unprintable byte is in it.
std::string_view take_token(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && visible(text[end])) ++end;
  if (end < text.size() && text[end] != ' ') return {};
  const std::string_view token = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return token;
}

std::string_view unless_nil(std::string_view token) { return token == "-" ? std::string_view{} : token; }

// After the priority: VERSION SP, and a NILVALUE or what begins as a date. A 3164 message may begin with a number too.
bool looks_5424(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at < 3 && ascii_digit(text[at])) ++at;
  if (at == 0 || text.front() == '0' || at >= text.size() || text[at] != ' ') return false;
  text.remove_prefix(at + 1);
  if (text.starts_with("- ")) return true;
  return text.size() >= 5 && text[4] == '-' && std::all_of(text.begin(), text.begin() + 4, ascii_digit);
}

// One SD-ELEMENT, "[id name=\"value\" ...]" (RFC 5424 section 6.3), consumed.
bool scan_element(std::string_view& text) {
  const auto name_end = [&](std::size_t at) {
    while (at < text.size() && visible(text[at]) && text[at] != '=' && text[at] != ']' && text[at] != '"') ++at;
    return at;
  };
  std::size_t at = name_end(1);
  if (at == 1) return false;
  while (at < text.size() && text[at] == ' ') {
    const std::size_t name = at + 1;
    at = name_end(name);
    if (at == name || !text.substr(at).starts_with("=\"")) return false;
    for (at += 2; at < text.size() && text[at] != '"'; ++at)
      if (text[at] == '\\') ++at;
    if (at >= text.size()) return false;
    ++at;
  }
  if (at >= text.size() || text[at] != ']') return false;
  text.remove_prefix(at + 1);
  return true;
}

LineFault parse_5424(std::string_view text, std::chrono::minutes zone, SyslogLine& out) {
  text.remove_prefix(text.find(' ') + 1);  // the version
  if (text.starts_with("- ")) {
    text.remove_prefix(2);
  } else {
    if (scan_iso_time(text, zone, out.time) != TimeScan::good || !text.starts_with(' ')) return LineFault::bad_time;
    text.remove_prefix(1);
  }
  const std::string_view host = take_token(text), program = take_token(text), pid = take_token(text),
                         msgid = take_token(text);
  if (host.empty() || program.empty() || pid.empty() || msgid.empty() || text.empty()) return LineFault::bad_header;
  out.host = unless_nil(host);
  out.program = unless_nil(program);
  out.pid = unless_nil(pid);
  out.msgid = unless_nil(msgid);
  const std::string_view from = text;
  if (text.starts_with('[')) {
    while (text.starts_with('['))
      if (!scan_element(text)) return LineFault::bad_header;
    if (!text.empty() && text.front() != ' ') return LineFault::bad_header;
    out.structured_data = from.substr(0, from.size() - text.size());
  } else if (text == "-" || text.starts_with("- ")) {
    text.remove_prefix(1);
  } else {
    // Some devices leave the field out altogether; what stands here is then the message.
    out.message = text;
    return LineFault::none;
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // section 6.4: a BOM marks UTF-8
  out.message = text;
  return LineFault::none;
}

struct Tag {
  std::string_view program, pid;
  std::size_t bytes = 0;  // what it takes of the line, with the ':' and one space
};

// "sshd[42]: ", "su: ", "kernel[0] " at the front of `text`; bytes == 0 when there is none. A ':' counts only where a
// space or the end follows, or "fe80::1 is down" would have a program; and {"a": 1} has none.
Tag scan_tag(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size() && at <= kTagBytesMax && visible(text[at]) && text[at] != ':' && text[at] != '[') {
    if (never_in_names(text[at])) return {};
    ++at;
  }
  if (at == 0 || at > kTagBytesMax || at == text.size()) return {};
  Tag tag;
  tag.program = text.substr(0, at);
  const auto ends = [&](std::size_t i) { return i == text.size() || text[i] == ' ' || text[i] == '\t'; };
  if (text[at] == '[') {
    const std::size_t close = text.find(']', at);
    if (close == std::string_view::npos || close - at > kTagBytesMax) return {};
    tag.pid = text.substr(at + 1, close - at - 1);
    if (!std::all_of(tag.pid.begin(), tag.pid.end(), visible)) return {};
    at = close + 1;
    if (at < text.size() && text[at] == ':')
      ++at;
    else if (!ends(at))
      return {};
  } else {
    if (text[at] != ':' || !ends(at + 1)) return {};
    ++at;
  }
  if (at < text.size() && text[at] == ' ') ++at;
  tag.bytes = at;
  return tag;
}

void take_tag(std::string_view text, SyslogLine& out) {
  const Tag tag = scan_tag(text);
  out.program = tag.program;
  out.pid = tag.pid;
  if (tag.bytes == 0) out.program = {};
  out.message = text.substr(tag.bytes);
}

// A device that writes no host may begin with columns, too: "1,2026/01/15 ...".
bool names_host(std::string_view token) {
  return !token.empty() && token != ":" && token.size() <= kHostBytesMax &&
         std::none_of(token.begin(), token.end(), [](char c) { return c == ',' || never_in_names(c); });
}

// Behind the time: a host, unless what stands there is a tag or one of syslogd's own sentences.
void take_host_and_tag(std::string_view text, SyslogLine& out) {
  const bool no_host = text.starts_with("last message repeated ") || text.starts_with("message repeated ");
  if (!no_host && scan_tag(text).bytes == 0) {
    std::string_view rest = text;
    const std::string_view token = take_token(rest);
    if (names_host(token) && token.size() < text.size()) {
      out.host = token;
      text = rest;
    }
    if (text.starts_with(": ")) text.remove_prefix(2);  // Cisco ASA: "fw1 : %ASA-...", or no name at all
  }
  take_tag(text, out);
}

// Cisco IOS before its time: "29: ", "29: router1: ", and '*' or '.' where the clock is not synchronised.
void skip_sequence(std::string_view& text, SyslogLine& out) {
  std::string_view rest = text;
  std::size_t digits = 0;
  while (digits < rest.size() && digits < 10 && ascii_digit(rest[digits])) ++digits;
  if (digits > 0 && rest.substr(digits).starts_with(": ")) {
    rest.remove_prefix(digits + 2);
    std::string_view after = rest;
    const std::string_view token = take_token(after);
    if (token.size() > 1 && token.back() == ':' && token.front() != '%') {
      out.host = token.substr(0, token.size() - 1);
      rest = after;
    }
    text = rest;
  }
  if (text.starts_with('*') || text.starts_with('.')) text.remove_prefix(1);
}

TimeScan scan_time(std::string_view& text, Timestamp received, std::chrono::minutes zone, LogTime& out) {
  const TimeScan bsd = scan_bsd_time(text, received, zone, out);
  return bsd == TimeScan::none ? scan_iso_time(text, zone, out) : bsd;
}

LineFault parse_3164(std::string_view text, Timestamp received, std::chrono::minutes zone, SyslogLine& out) {
  const std::string_view whole = text;
  // A few devices put a space behind the priority, NX-OS a colon too.
  if (out.priority >= 0 && text.starts_with(": ")) text.remove_prefix(1);
  if (text.starts_with(' ')) text.remove_prefix(1);
  skip_sequence(text, out);
  const TimeScan time = scan_time(text, received, zone, out.time);
  if (time == TimeScan::bad) return LineFault::bad_time;
  if (time == TimeScan::none) {
    // RFC 3164 section 4.3.3: no time, then all of it is content. Without a priority only `tag[pid]:` tells that it is
    // syslog at all.
    out.host = {};
    take_tag(whole, out);
    return out.priority >= 0 || !out.pid.empty() ? LineFault::none : LineFault::bad_header;
  }
  const bool cisco = text.starts_with(':');
  if (cisco) text.remove_prefix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (cisco) {
    take_tag(text, out);
  } else {
    take_host_and_tag(text, out);
  }
  return LineFault::none;
}

}  // namespace

bool StructuredData::next() noexcept {
  while (!rest_.empty()) {
    if (rest_.front() == ']') {
      rest_.remove_prefix(1);
    } else if (rest_.front() == '[') {
      const std::size_t end = rest_.find_first_of(" ]");
      if (end == std::string_view::npos) return false;
      id_ = rest_.substr(1, end - 1);
      rest_.remove_prefix(end);
    } else {
      const std::size_t equals = rest_.find("=\"");
      if (equals == std::string_view::npos || equals == 0) return false;
      name_ = rest_.substr(1, equals - 1);
      rest_.remove_prefix(equals + 2);
      escaped_ = false;
      std::size_t at = 0;
      for (; at < rest_.size() && rest_[at] != '"'; ++at) {
        if (rest_[at] != '\\') continue;
        escaped_ = true;
        ++at;
      }
      if (at >= rest_.size()) return false;
      value_ = rest_.substr(0, at);
      rest_.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

std::string_view StructuredData::value(Arena& arena) const {
  if (!escaped_) return value_;
  const std::span<char> out = arena.make<char>(value_.size());
  if (out.empty()) return value_;
  std::size_t size = 0;
  for (std::size_t i = 0; i < value_.size(); ++i) {
    const char next = i + 1 < value_.size() ? value_[i + 1] : '\0';
    if (value_[i] == '\\' && (next == '"' || next == '\\' || next == ']')) ++i;
    out[size++] = value_[i];
  }
  return {out.data(), size};
}

std::string_view without_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\0' || line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

LineFault parse_syslog(std::string_view line, Timestamp received, std::chrono::minutes zone, SyslogLine& out) {
  line = without_end(line);
  out = {};
  out.time = {received, event::TimeQuality::received};
  if (line.empty()) return LineFault::empty;
  if (line.size() > kLineBytesMax) return LineFault::too_long;
  const bool priority = scan_priority(line, out.priority);
  if (priority && out.priority > kPriorityMax) return LineFault::bad_header;
  const LineFault fault =
      priority && looks_5424(line) ? parse_5424(line, zone, out) : parse_3164(line, received, zone, out);
  return fault;
}

}  // namespace nw::logs
