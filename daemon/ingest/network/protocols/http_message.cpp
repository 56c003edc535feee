#include "ingest/network/protocols/http_message.h"

#include <algorithm>

#include "base/text.h"

namespace nw::network {

namespace {

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

// How many bytes stand before the first line end; all, if there is none.
std::size_t before_line_end(Bytes bytes) noexcept {
  const std::string_view text{reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return std::min(text.find('\n'), text.size());
}

// Codes that never have a body (RFC 9112 section 6.3).
bool bodyless(unsigned code) noexcept { return code / 100 == 1 || code == 204 || code == 304; }

}  // namespace

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
    const std::size_t end = before_line_end(rest);
    skip_line_ = end == rest.size();
    in.bytes(end + (skip_line_ ? 0U : 1U));
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
  const std::size_t end = before_line_end(rest);
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
  const std::size_t end = before_line_end(rest);
  const std::size_t skipped = end + (end == rest.size() ? 0U : 1U);
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
  head_.clear();
  head_.version = "0.9";
  taker.started(head_);
  taker.headed(head_);
  state_ = State::to_end;
}

void HttpReader::begin_line(std::string_view text, HttpTaker& taker) {
  head_.clear();
  read_start_line(text, head_);
  if (skip_line_ && head_.request) head_.version.clear();  // it stood in what was cut off
  headers_.begin(head_);
  taker.started(head_);
  state_ = State::head;
  // HTTP/0.9 is a line and nothing more (RFC 1945 section 4.1).
  if (head_.request && head_.version == "0.9") end_head(taker);
}

void HttpReader::header(std::string_view text, HttpTaker& taker) {
  std::optional<DecodeError> error;
  if (is_blank(text.front())) {
    error = headers_.fold(text);
  } else if (const std::size_t colon = text.find(':'); colon == std::string_view::npos) {
    error = DecodeError::bad_value;
  } else {
    error = headers_.add(trim(text.substr(0, colon)), text.substr(colon + 1));
  }
  if (error) taker.refused(*error);
}

HttpTaker::Expect HttpReader::tell_head(HttpTaker& taker) {
  headers_.end();
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
  head_.body_bytes = length;
  return remaining_ == 0 ? State::start : State::body;
}

bool HttpReader::count(ByteReader& in, HttpTaker& taker) {
  const bool bounded = state_ != State::to_end;
  const std::size_t here = in.rest().size();
  const std::size_t taken = bounded ? static_cast<std::size_t>(std::min<std::uint64_t>(here, remaining_)) : here;
  taker.body(in.bytes(taken));
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
  if (text.empty()) return taker.refused(DecodeError::bad_value);  // clients read on, and so do we
  const auto size = read_chunk_size(text);
  if (!size) return lose(DecodeError::bad_value, taker);
  remaining_ = *size;
  state_ = remaining_ == 0 ? State::trailer : State::chunk;
}

void HttpReader::end_message(State next, HttpTaker& taker) {
  state_ = next;
  remaining_ = 0;
  taker.ended();
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
    taker.body_lost(counted ? remaining_ : 0);
    return lose(DecodeError::truncated, taker);
  }
  taker.body_lost(bytes);  // and nothing else
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
