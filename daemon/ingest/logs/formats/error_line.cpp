// The error logs of Apache and nginx.
#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/text.h"
#include "ingest/logs/formats/access_line.h"
#include "ingest/logs/formats/line_scan.h"

namespace nw::logs {

namespace {

constexpr auto kLevels =
    std::to_array<std::string_view>({"alert", "crit", "debug", "emerg", "error", "info", "notice", "trace1", "trace2",
                                     "trace3", "trace4", "trace5", "trace6", "trace7", "trace8", "warn"});
static_assert(std::ranges::is_sorted(kLevels));
constexpr std::size_t kBracketBytesMax = 256;

// The next "[...] " of Apache's, consumed; an IPv6 client has brackets of its own.
bool take_bracket(std::string_view& text, std::string_view& out) noexcept {
  if (!text.starts_with('[')) return false;
  std::size_t close = text.substr(0, kBracketBytesMax).find(']');
  if (close == std::string_view::npos) return false;
  if (text.substr(1, close).find('[') != std::string_view::npos) {
    close = text.substr(0, kBracketBytesMax).find(']', close + 1);
    if (close == std::string_view::npos) return false;
  }
  out = text.substr(1, close - 1);
  text.remove_prefix(close + 1);
  skip_spaces(text);
  return true;
}

// "core:error", ":error", "error", "pid 7:tid 9", "client 192.0.2.1:4711". False: a bracket of the message.
bool read_bracket(std::string_view bracket, WebError& out) noexcept {
  if (eat(bracket, "pid ")) {
    const std::size_t tid = bracket.find(":tid ");
    out.pid = bracket.substr(0, tid);
    if (tid != std::string_view::npos) out.tid = bracket.substr(tid + 5);
    return true;
  }
  if (eat(bracket, "client ") || eat(bracket, "remote ")) {
    if (out.client.empty()) out.client = bracket;
    return true;
  }
  const std::size_t colon = bracket.find(':');
  const std::string_view level = colon == std::string_view::npos ? bracket : bracket.substr(colon + 1);
  if (!out.level.empty() || !std::ranges::binary_search(kLevels, level)) return false;
  out.level = level;
  if (colon != std::string_view::npos) out.module = bracket.substr(0, colon);
  return true;
}

// ", key: value" or ", key: \"value\"" of nginx's in the order in which it writes them.
struct NginxPart {
  std::string_view mark;
  std::string_view WebError::*field;
  bool quoted;
};
constexpr auto kParts = std::to_array<NginxPart>({{", client: ", &WebError::client, false},
                                                  {", server: ", &WebError::server, false},
                                                  {", login: ", &WebError::user, true},
                                                  {", request: ", &WebError::request, true},
                                                  {", subrequest: ", nullptr, true},
                                                  {", upstream: ", &WebError::upstream, true},
                                                  {", host: ", &WebError::host, true},
                                                  {", referrer: ", &WebError::referer, true}});

// What follows the message from `text` on. Strict: every part in order, no quote in a value, nothing left.
bool read_parts(std::string_view text, bool strict, WebError& out) noexcept {
  for (std::size_t i = 0; i < kParts.size() && !text.empty(); ++i) {
    std::string_view rest = text;
    if (!eat(rest, kParts[i].mark)) continue;
    // To the next part that nginx may write behind this one.
    std::size_t end = rest.size();
    for (std::size_t next = i + 1; next < kParts.size(); ++next) end = std::min(end, rest.find(kParts[next].mark));
    std::string_view value = rest.substr(0, end);
    if (kParts[i].quoted) {
      const bool quotes = value.size() >= 2 && value.front() == '"' && value.back() == '"';
      if (strict && (!quotes || value.substr(1, value.size() - 2).find('"') != std::string_view::npos)) return false;
      if (quotes) value = value.substr(1, value.size() - 2);
    } else if (strict && value.find('"') != std::string_view::npos) {
      return false;
    }
    if (kParts[i].field != nullptr) out.*kParts[i].field = value;
    text = rest.substr(end);
  }
  return text.empty();
}

// A user's name in front and the request behind may hold what looks like nginx's own words: the first place from which
// the rest reads as nginx writes it is taken, else the first one.
void split_nginx(std::string_view text, WebError& out) noexcept {
  constexpr int kTries = 4;
  const std::size_t first = text.find(kParts[0].mark);
  out.text = text.substr(0, first);
  if (first == std::string_view::npos) return;
  std::size_t at = first;
  for (int tries = 0; at != std::string_view::npos && tries < kTries; ++tries, at = text.find(kParts[0].mark, at + 1)) {
    WebError attempt = out;
    attempt.text = text.substr(0, at);
    if (!read_parts(text.substr(at), true, attempt)) continue;
    out = attempt;
    return;
  }
  (void)read_parts(text.substr(first), false, out);
}

}  // namespace

LineFault parse_apache_error(std::string_view text, Timestamp received, std::chrono::minutes zone, WebError& out) {
  std::string_view bracket;
  if (std::string_view time = text; eat(time, "[")) {
    const TimeScan scan = scan_ctime(time, received, zone, out.time);
    if (scan == TimeScan::bad) return LineFault::bad_time;
    if (scan == TimeScan::good && eat(time, "]")) {
      text = time;
      skip_spaces(text);
    }
  }
  for (std::string_view rest = text; take_bracket(rest, bracket) && read_bracket(bracket, out);) text = rest;
  if (out.level.empty()) return LineFault::bad_header;
  if (text.size() > 8 && text.starts_with("AH") && text[7] == ':' && text[8] == ' ' &&
      std::all_of(text.begin() + 2, text.begin() + 7, ascii_digit)) {
    out.code = text.substr(0, 7);
    text.remove_prefix(9);
  }
  if (const std::size_t at = text.rfind(", referer: "); at != std::string_view::npos) {
    out.referer = text.substr(at + 11);
    text = text.substr(0, at);
  }
  out.text = text;
  return LineFault::none;
}

LineFault parse_nginx_error(std::string_view text, std::chrono::minutes zone, WebError& out) {
  const TimeScan scan = scan_slash_time(text, zone, out.time);
  if (scan != TimeScan::good) return scan == TimeScan::bad ? LineFault::bad_time : LineFault::bad_header;
  skip_spaces(text);
  if (!take_bracket(text, out.level)) return LineFault::bad_header;
  // "7#9: *3 "
  std::string_view rest = text;
  const std::string_view process = take_word(rest);
  const std::size_t hash = process.find('#');
  if (hash != std::string_view::npos && process.ends_with(':')) {
    out.pid = process.substr(0, hash);
    out.tid = process.substr(hash + 1, process.size() - hash - 2);
    text = rest;
    if (text.starts_with('*')) out.connection = take_word(text).substr(1);
  }
  split_nginx(text, out);
  return LineFault::none;
}

bool looks_like_apache_error(std::string_view text) noexcept {
  LogTime time;
  std::string_view rest = text.substr(0, 96);
  if (!eat(rest, "[") || scan_ctime(rest, {}, {}, time) != TimeScan::good) return false;
  return rest.starts_with("] [");
}

bool looks_like_nginx_error(std::string_view text) noexcept {
  LogTime time;
  std::string_view rest = text.substr(0, 96), level;
  if (scan_slash_time(rest, {}, time) != TimeScan::good || !eat(rest, " [") || !take_until(rest, "] ", level))
    return false;
  return std::ranges::binary_search(kLevels, level);
}

}  // namespace nw::logs
