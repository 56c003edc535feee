#include "ingest/logs/transports/line_framer.h"

#include <algorithm>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kLengthDigitsMax = 9;  // of a message's length; more is a line that begins with a number

std::string_view without_line_end(std::string_view line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

void give(std::string_view line, LineFramer::Take take) {
  line = without_line_end(line);
  if (!line.empty()) take(line, false);
}

}  // namespace

void LineFramer::feed(std::string_view chunk, Take take) {
  fed_ += chunk.size();
  while (!chunk.empty()) {
    switch (state_) {
      case State::start: start(chunk); break;
      case State::length: length(chunk); break;
      case State::line: line(chunk, take); break;
      case State::counted: counted(chunk, take); break;
    }
  }
}

void LineFramer::finish(Take take) {
  end_message(take);
  left_ = 0;
}

void LineFramer::start(std::string_view& chunk) {
  const char c = chunk.front();
  if (c == '\n' || c == '\r') {
    chunk.remove_prefix(1);
  } else {
    line_at_ = fed_ - chunk.size();
    state_ = mode_ == Mode::syslog && c >= '1' && c <= '9' ? State::length : State::line;
  }
}

// held_ is the number and its space, until it proves to be none.
void LineFramer::length(std::string_view& chunk) {
  const char c = chunk.front();
  const bool complete = held_.ends_with(' ');
  if (complete && (c == '<' || c == '{')) {
    left_ = 0;
    for (const char digit : std::string_view{held_}.substr(0, held_.size() - 1))
      left_ = left_ * 10 + static_cast<std::uint64_t>(digit - '0');
    held_.clear();
    state_ = State::counted;
  } else if (!complete && (c == ' ' || (ascii_digit(c) && held_.size() < kLengthDigitsMax))) {
    held_ += c;
    chunk.remove_prefix(1);
  } else {
    state_ = State::line;
  }
}

void LineFramer::line(std::string_view& chunk, Take take) {
  const std::size_t end = chunk.find('\n');
  const bool ends = end != std::string_view::npos;
  const std::string_view piece = chunk.substr(0, end);
  chunk.remove_prefix(ends ? end + 1 : chunk.size());
  if (ends && held_.empty() && !skipping_ && piece.size() <= line_bytes_max_) {
    give(piece, take);
    state_ = State::start;
    return;
  }
  hold(piece, take);
  if (ends) end_message(take);
}

void LineFramer::counted(std::string_view& chunk, Take take) {
  const std::string_view piece = chunk.substr(0, left_);
  chunk.remove_prefix(piece.size());
  left_ -= piece.size();
  if (left_ == 0 && held_.empty() && !skipping_ && piece.size() <= line_bytes_max_) {
    give(piece, take);
    state_ = State::start;
    return;
  }
  hold(piece, take);
  if (left_ == 0) end_message(take);
}

void LineFramer::hold(std::string_view piece, Take take) {
  if (skipping_) return;
  const std::size_t room = line_bytes_max_ - std::min(held_.size(), line_bytes_max_);
  held_.append(piece.substr(0, room));
  if (piece.size() <= room) return;
  take(held_, true);
  held_.clear();
  skipping_ = true;
}

void LineFramer::end_message(Take take) {
  if (!skipping_) give(held_, take);
  held_.clear();
  skipping_ = false;
  state_ = State::start;
}

}  // namespace nw::logs
