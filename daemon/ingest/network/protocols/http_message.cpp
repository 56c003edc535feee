#include "ingest/network/protocols/http_message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"

namespace nw::network {

namespace {

struct KeptHeader {
  std::string_view name;  // lower case
  std::string HttpHead::*to;
  bool joined;  // several lines are one list; else the last line counts, as in Zeek
};
constexpr auto kHeaders = std::to_array<KeptHeader>({
    {"host", &HttpHead::host, false},
    {"referer", &HttpHead::referrer, false},
    {"user-agent", &HttpHead::user_agent, false},
    {"origin", &HttpHead::origin, false},
    {"content-length", &HttpHead::length, true},
    {"transfer-encoding", &HttpHead::coding, true},
    {"authorization", &HttpHead::authorization, false},
    {"proxy-authorization", &HttpHead::authorization, false},
});
// By which proxies show themselves: Zeek's list. As `proxied` writes them.
constexpr auto kProxied = std::to_array<std::string_view>({
    "FORWARDED",
    "X-FORWARDED-FOR",
    "X-FORWARDED-FROM",
    "CLIENT-IP",
    "VIA",
    "XROXY-CONNECTION",
    "PROXY-CONNECTION",
});

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

// Codes that never have a body (RFC 9112 section 6.3).
bool bodyless(unsigned code) noexcept { return code / 100 == 1 || code == 204 || code == 304; }

}  // namespace

std::size_t HttpHead::bytes() const noexcept {
  std::size_t sum = method.size() + uri.size() + reason.size() + host.size() + referrer.size() + user_agent.size() +
                    origin.size() + username.size();
  for (const std::string& text : proxied) sum += text.size();
  return sum;
}

std::size_t HttpReader::read(Bytes bytes, HttpTaker& taker) {
  ByteReader in{bytes};
  while (!in.empty() && step(in, taker)) {
  }
  return bytes.size() - in.rest().size();
}

// One line, or the bytes of a body that are there. False: more bytes are needed, or none any more.
bool HttpReader::step(ByteReader& in, HttpTaker& taker) {
  if (state_ == State::tunnel || hopeless()) return false;
  if (skip_line_) {
    const Bytes rest = in.rest();
    const auto end = std::ranges::find(rest, '\n');
    skip_line_ = end == rest.end();
    in.bytes(static_cast<std::size_t>(end - rest.begin()) + (skip_line_ ? 0U : 1U));
    return true;
  }
  if (state_ == State::lost) return seek(in);
  if (state_ == State::start) return begin(in, taker);
  if (state_ == State::body || state_ == State::chunk || state_ == State::to_end) return count(in, taker);
  std::string_view text;
  if (!line(in, text, taker)) return false;
  switch (state_) {
    case State::head:
      if (text.empty())
        end_head(taker);
      else
        header(text, taker);
      break;
    case State::chunk_size: chunk_size(text, taker); break;
    case State::chunk_end:
      // Behind a chunk stands the end of a line and nothing else.
      state_ = State::chunk_size;
      if (!text.empty()) lose(DecodeError::bad_value, taker);
      break;
    case State::trailer:
      if (text.empty()) end_message(State::start, taker);
      break;
    default: break;
  }
  return true;
}

// The next line without its end, which may be a bare LF; cut when it is too long.
bool HttpReader::line(ByteReader& in, std::string_view& out, HttpTaker& taker) {
  const Bytes rest = in.rest();
  const auto end = static_cast<std::size_t>(std::ranges::find(rest, '\n') - rest.begin());
  if (end == rest.size() && rest.size() <= kHttpLineMax) return false;
  Bytes taken = in.bytes(std::min(end, kHttpLineMax));
  if (end > kHttpLineMax) {
    skip_line_ = true;
    taker.refused(DecodeError::too_long);
  } else {
    in.u8();
  }
  if (!taken.empty() && taken.back() == '\r') taken = taken.first(taken.size() - 1);
  out = {reinterpret_cast<const char*>(taken.data()), taken.size()};
  return true;
}

// Looks for a message's start at the beginning of what came and behind each line's end.
bool HttpReader::seek(ByteReader& in) {
  const Bytes rest = in.rest();
  const HttpStart start = http_start(rest, true);
  if (start == HttpStart::unsure && rest.size() <= kHttpLineMax) return false;
  if (start == HttpStart::request || start == HttpStart::response) {
    state_ = State::start;
    lost_bytes_ = 0;
    return true;
  }
  const auto end = std::ranges::find(rest, '\n');
  const auto skipped = static_cast<std::size_t>(end - rest.begin()) + (end == rest.end() ? 0U : 1U);
  in.bytes(skipped);
  lost_bytes_ += skipped;
  return true;
}

bool HttpReader::begin(ByteReader& in, HttpTaker& taker) {
  // Empty lines before a message are allowed (RFC 9112 section 2.2).
  while (!in.empty() && (in.rest().front() == '\r' || in.rest().front() == '\n')) in.u8();
  if (in.empty()) return true;
  const HttpStart start = http_start(in.rest(), false);
  if (start == HttpStart::no) {
    begin_unknown(taker);
    return true;
  }
  std::string_view text;
  if (!line(in, text, taker)) return false;
  begin_line(text, taker);
  return true;
}

void HttpReader::begin_unknown(HttpTaker& taker) {
  switch (taker.unknown()) {
    case HttpTaker::Unknown::broken: return lose(DecodeError::bad_value, taker);
    case HttpTaker::Unknown::tunnel: state_ = State::tunnel; return;
    case HttpTaker::Unknown::bare: break;
  }
  head_ = {};
  head_.version = "0.9";
  taker.started(head_);
  taker.headed(head_);
  state_ = State::to_end;
}

void HttpReader::begin_line(std::string_view text, HttpTaker& taker) {
  head_ = {};
  last_ = nullptr;
  body_bytes_ = 0;
  read_start_line(text, head_);
  if (skip_line_ && head_.request) head_.version.clear();  // it stood in what was cut off
  kept_ = head_.bytes();
  taker.started(head_);
  state_ = State::head;
  // HTTP/0.9 is a line and nothing more (RFC 1945 section 4.1).
  if (head_.request && head_.version == "0.9") end_head(taker);
}

void HttpReader::header(std::string_view text, HttpTaker& taker) {
  if (is_blank(text.front())) {
    // Folded: the line before goes on (RFC 9112 section 5.2).
    if (last_ != nullptr) keep(*last_, ' ', text, taker);
    return;
  }
  last_ = nullptr;
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return taker.refused(DecodeError::bad_value);
  const std::string_view name = trim(text.substr(0, colon)), value = text.substr(colon + 1);
  for (const KeptHeader& kept : kHeaders) {
    if (!same_name(name, kept.name)) continue;
    last_ = &(head_.*kept.to);
    if (!kept.joined) last_->clear();
    return keep(*last_, ',', value, taker);
  }
  const auto proxy = std::ranges::find_if(kProxied, [&](std::string_view known) { return same_name(name, known); });
  if (proxy == kProxied.end()) return;
  if (head_.proxied.size() == kHttpProxiedMax) return taker.refused(DecodeError::limit);
  last_ = &head_.proxied.emplace_back(std::string{*proxy} + " ->");
  keep(*last_, ' ', value, taker);
}

// Adds a value, a further one, or a folded line's part of one.
void HttpReader::keep(std::string& to, char separator, std::string_view text, HttpTaker& taker) {
  text = trim(text);
  if (text.empty()) return;
  const std::size_t left = kHttpTextMax - std::min(kept_, kHttpTextMax);
  if (text.size() > left) taker.refused(DecodeError::limit);
  text = text.substr(0, left);
  if (text.empty()) return;
  if (!to.empty()) to += separator;
  to += text;
  kept_ += text.size() + 1;
}

HttpTaker::Expect HttpReader::tell_head(HttpTaker& taker) {
  read_authorization(head_);
  hide_password(head_.referrer, head_);
  return taker.headed(head_);
}

void HttpReader::end_head(HttpTaker& taker) {
  const State told = framing(taker);
  const bool response = !head_.request;
  const HttpTaker::Expect expect = tell_head(taker);
  if (response && expect == HttpTaker::Expect::tunnel) return end_message(State::tunnel, taker);
  if (told == State::start || told == State::lost || (response && expect == HttpTaker::Expect::no_body))
    return end_message(told == State::lost ? State::lost : State::start, taker);
  state_ = told;
}

// How the message ends (RFC 9112 section 6.3): `start` when it has no body, `lost` when nobody can tell.
HttpReader::State HttpReader::framing(HttpTaker& taker) {
  if (head_.code && bodyless(*head_.code)) return State::start;
  const State untold = head_.request ? State::start : State::to_end;
  if (is_coded(head_.coding)) {
    // Both: whoever believes the length sees other messages than we do (RFC 9112 section 6.1).
    const bool chunked = is_chunked(head_.coding);
    if (!chunked || !head_.length.empty()) taker.refused(DecodeError::bad_value);
    return chunked ? State::chunk_size : untold;
  }
  if (head_.length.empty()) return untold;
  const auto length = read_content_length(head_.length);
  if (!length) {
    taker.refused(DecodeError::bad_value);
    return head_.request ? State::lost : State::to_end;
  }
  remaining_ = *length;
  return remaining_ == 0 ? State::start : State::body;
}

bool HttpReader::count(ByteReader& in, HttpTaker& taker) {
  const bool bounded = state_ != State::to_end;
  const std::size_t here = in.rest().size();
  const std::size_t taken = bounded ? static_cast<std::size_t>(std::min<std::uint64_t>(here, remaining_)) : here;
  sniffer_.add(in.bytes(taken));
  body_bytes_ += taken;
  if (!bounded) return true;
  remaining_ -= taken;
  if (remaining_ != 0) return true;
  if (state_ == State::chunk)
    state_ = State::chunk_end;
  else
    end_message(State::start, taker);
  return true;
}

void HttpReader::chunk_size(std::string_view text, HttpTaker& taker) {
  const auto size = read_chunk_size(text);
  if (!size) return lose(DecodeError::bad_value, taker);
  remaining_ = *size;
  state_ = remaining_ == 0 ? State::trailer : State::chunk;
}

void HttpReader::end_message(State next, HttpTaker& taker) {
  state_ = next;
  remaining_ = 0;
  const HttpBody body{std::exchange(body_bytes_, 0), sniffer_.take()};
  taker.ended(body);
}

// Where we are in the stream is not known any more: what is open ends here.
void HttpReader::lose(DecodeError why, HttpTaker& taker) {
  taker.refused(why);
  finish(taker);
  state_ = State::lost;
}

void HttpReader::gap(std::uint64_t bytes, HttpTaker& taker) {
  if (state_ == State::tunnel) return;
  if (state_ == State::start || state_ == State::lost) {
    state_ = State::lost;
    return;
  }
  const bool counted = state_ == State::body || state_ == State::chunk;
  if (state_ != State::to_end && !(counted && bytes <= remaining_)) {
    body_bytes_ += counted ? remaining_ : 0;
    return lose(DecodeError::truncated, taker);
  }
  // Inside a body nothing but its bytes is missing; what is missing at its very front cannot be sniffed.
  body_bytes_ += bytes;
  sniffer_.skip();
  if (!counted) return;
  remaining_ -= bytes;
  if (remaining_ != 0) return;
  if (state_ == State::chunk)
    state_ = State::chunk_end;
  else
    end_message(State::start, taker);
}

void HttpReader::finish(HttpTaker& taker) {
  skip_line_ = false;
  switch (state_) {
    case State::start:
    case State::lost:
    case State::tunnel: return;
    case State::head: tell_head(taker); break;
    default: break;
  }
  end_message(State::start, taker);
}

}  // namespace nw::network
