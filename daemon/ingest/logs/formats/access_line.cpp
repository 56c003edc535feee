#include "ingest/logs/formats/access_line.h"

#include <algorithm>
#include <array>

#include "base/ip.h"
#include "base/text.h"
#include "ingest/logs/formats/line_scan.h"

namespace nw::logs {

namespace {

constexpr std::size_t kHeadBytesMax = 2048;  // client, lists of forwarders, user, in front of the time
constexpr int kBracketsMax = 8;              // a user's name may hold '[' too

bool is_address(std::string_view text) noexcept {
  IpAddress address;
  return IpAddress::parse_into(text, address);
}

// The time in brackets, wherever it stands near the front.
TimeScan find_time(std::string_view text, std::chrono::minutes zone, LogTime& time, std::size_t& begin,
                   std::size_t& end) {
  const std::string_view front = text.substr(0, kHeadBytesMax);
  std::size_t at = front.find('[');
  for (int tries = 0; at != std::string_view::npos && tries < kBracketsMax; ++tries, at = front.find('[', at + 1)) {
    std::string_view rest = text.substr(at + 1);
    const TimeScan scan = scan_clf_time(rest, zone, time);
    if (scan == TimeScan::bad) return scan;
    if (scan == TimeScan::none || !rest.starts_with(']')) continue;
    begin = at;
    end = text.size() - rest.size() + 1;
    return scan;
  }
  return TimeScan::none;
}

void split_host(std::string_view host, AccessLine& out) {
  const std::size_t colon = host.rfind(':');
  std::int64_t port = 0;
  if (colon != std::string_view::npos && parse_digits(host.substr(colon + 1), port)) {
    out.host_port = host.substr(colon + 1);
    host = host.substr(0, colon);
  }
  out.host = host;
}

// Who asked: "[vhost] client ident user", and a list of forwarders in the client's place.
void take_head(std::string_view head, AccessLine& out) {
  while (head.ends_with(' ')) head.remove_suffix(1);
  const std::string_view first = head.substr(0, head.find(' '));
  if (first.ends_with(',')) {
    std::string_view list = head;
    while (take_word(list).ends_with(',')) {
    }
    out.forwarded = head.substr(0, head.size() - list.size());
    while (out.forwarded.ends_with(' ')) out.forwarded.remove_suffix(1);
    out.client = first.substr(0, first.size() - 1);
    head = list;
  } else {
    std::string_view rest = head;
    out.client = take_word(rest);
    // A server's name in front: the next word is then an address, or the two after it are "- ".
    std::string_view behind = rest;
    const std::string_view second = take_word(behind);
    const bool name = second != "-" && !second.empty() && second.find('.') != std::string_view::npos;
    if (is_address(second) || (name && !is_address(out.client) && behind.starts_with("- "))) {
      split_host(out.client, out);
      out.client = second;
      rest = behind;
    }
    head = rest;
  }
  take_word(head);  // ident, or '-'
  // Users may have spaces; "- ID -" is a request's number where Apache has the user.
  if (!head.ends_with(" -")) out.user = head;
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), ascii_digit);
}

bool number_or_dash(std::string_view text) noexcept { return text == "-" || all_digits(text); }

}  // namespace

bool take_quoted(std::string_view& text, std::string_view& out) noexcept {
  if (!text.starts_with('"')) return false;
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"' && (at + 1 == text.size() || text[at + 1] == ' ')) {
      out = text.substr(1, at - 1);
      text.remove_prefix(at + 1);
      return true;
    }
  }
  return false;
}

LineFault parse_access(std::string_view text, std::chrono::minutes zone, AccessLine& out) {
  std::size_t begin = 0, end = 0;
  const TimeScan scan = find_time(text, zone, out.time, begin, end);
  if (scan != TimeScan::good) return scan == TimeScan::bad ? LineFault::bad_time : LineFault::bad_header;
  std::string_view rest = text.substr(end);
  skip_spaces(rest);
  const bool tls = begin == 0;
  if (tls) {
    out.client = take_word(rest);
    out.tls_version = take_word(rest);
    out.tls_cipher = take_word(rest);
  } else {
    take_head(text.substr(0, begin), out);
  }
  if (!take_quoted(rest, out.request)) return LineFault::bad_header;
  skip_spaces(rest);
  if (!tls) {
    out.status = take_word(rest);
    if (!number_or_dash(out.status)) return LineFault::bad_header;
  }
  out.bytes = take_word(rest);
  if (!number_or_dash(out.bytes) && !out.bytes.empty()) return LineFault::bad_header;
  if (take_quoted(rest, out.referer)) {
    skip_spaces(rest);
    if (!take_quoted(rest, out.agent) && rest.starts_with('"')) {  // cut off
      out.agent = rest.substr(1);
      rest = {};
    }
    skip_spaces(rest);
  }
  out.extra = rest;
  return LineFault::none;
}

bool looks_like_access(std::string_view text) noexcept {
  LogTime time;
  std::size_t begin = 0, end = 0;
  if (find_time(text, {}, time, begin, end) != TimeScan::good) return false;
  std::string_view rest = text.substr(end);
  if (begin == 0) {
    skip_spaces(rest);
    const bool address = is_address(take_word(rest));
    return address && (rest.starts_with("TLS") || rest.starts_with("SSL"));
  }
  return rest.starts_with(" \"");
}

}  // namespace nw::logs
