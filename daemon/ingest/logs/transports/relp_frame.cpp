#include "ingest/logs/transports/relp_frame.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "base/hash.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr bool ascii_letter(char c) noexcept { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }

// `pattern`: 'd' stands for a digit, 'a' for a letter, '_' for a digit or a space; the rest for itself.
bool begins_like(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = text[i];
    switch (pattern[i]) {
      case 'd':
        if (!ascii_digit(c)) return false;
        break;
      case 'a':
        if (!ascii_letter(c)) return false;
        break;
      case '_':
        if (!ascii_digit(c) && c != ' ') return false;
        break;
      default:
        if (c != pattern[i]) return false;
    }
  }
  return true;
}

}  // namespace

void RelpFramer::begin() {
  state_ = State::txnr;
  digits_ = command_size_ = 0;
  txnr_ = length_ = left_ = 0;
  held_.clear();
}

RelpFramer::Step RelpFramer::next(std::string_view& chunk) {
  if (state_ == State::complete) begin();
  while (fault_.empty() && state_ != State::complete && !chunk.empty()) {
    if (state_ == State::data) {
      data(chunk);
    } else {
      header(chunk.front());
      chunk.remove_prefix(1);
    }
  }
  if (!fault_.empty()) return Step::bad;
  return state_ == State::complete ? Step::frame : Step::more;
}

bool RelpFramer::digit(std::uint32_t& number, char c) {
  if (!ascii_digit(c) || digits_ == kDigitsMax) return false;
  ++digits_;
  number = number * 10 + static_cast<std::uint32_t>(c - '0');
  return true;
}

void RelpFramer::header(char c) {
  switch (state_) {
    case State::txnr:
      if (digit(txnr_, c)) return;
      if (c != ' ' || txnr_ == 0) {
        fault_ = "its transaction number is not one from 1 to 999999999";
        return;
      }
      state_ = State::command;
      return;
    case State::command:
      if (ascii_letter(c) && command_size_ < kCommandMax) {
        command_[command_size_++] = c;
        return;
      }
      if (c != ' ' || command_size_ == 0) {
        fault_ = "its command is not 1 to 32 letters and a space";
        return;
      }
      state_ = State::length;
      digits_ = 0;
      return;
    case State::length:
      if (digit(length_, c)) return;
      if (digits_ == 0 || (c != ' ' && (c != '\n' || length_ != 0))) {
        fault_ = "the length of its data is not 1 to 9 digits and a space";
        return;
      }
      left_ = length_;
      if (c == '\n') {
        complete({});
      } else {
        state_ = length_ == 0 ? State::end : State::data;
      }
      return;
    case State::end:
      if (c != '\n') {
        fault_ = "there is no line feed behind its data";
        return;
      }
      complete(held_);
      return;
    case State::data:
    case State::complete: return;
  }
}

void RelpFramer::data(std::string_view& chunk) {
  // All of it, and its end: not copied.
  if (left_ == length_ && chunk.size() > length_ && length_ <= limit()) {
    const std::string_view whole = chunk.substr(0, length_);
    if (chunk[length_] != '\n') {
      fault_ = "there is no line feed behind its data";
    } else {
      complete(whole);
    }
    chunk.remove_prefix(length_ + 1);
    return;
  }
  const std::string_view piece = chunk.substr(0, left_);
  held_.append(piece.substr(0, limit() - std::min(held_.size(), limit())));
  left_ -= static_cast<std::uint32_t>(piece.size());
  chunk.remove_prefix(piece.size());
  if (left_ == 0) state_ = State::end;
}

void RelpFramer::complete(std::string_view data) {
  frame_ = {txnr_, command(), data, data.size() < length_};
  state_ = State::complete;
}

void append_relp_answer(std::string& out, std::uint32_t txnr, std::string_view data) {
  out += std::to_string(txnr);
  out += " rsp ";
  out += std::to_string(data.size());
  out += ' ';
  out += data;
  out += '\n';
}

int relp_version(std::string_view offers) {
  constexpr std::string_view kName = "relp_version=";
  for (const std::string_view offer : split(offers, '\n')) {
    if (!offer.starts_with(kName)) continue;
    const std::string_view value = trim(offer.substr(kName.size()));
    unsigned version = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), version);
    if (error != std::errc{} || end != value.data() + value.size()) return -1;
    return version == 0 ? 0 : 1;
  }
  return 0;
}

std::uint64_t relp_place(std::string_view message, const IpAddress& peer, Timestamp received) {
  // PRI, RFC 5424 section 6.2.1: '<', 1 to 3 digits, '>'.
  if (!message.starts_with('<')) return 0;
  const std::size_t end = message.find_first_not_of("0123456789", 1);
  if (end == std::string_view::npos || end < 2 || end > 4 || message[end] != '>') return 0;
  const std::string_view rest = message.substr(end + 1);
  std::uint64_t year = 0;
  if (begins_like(rest, "aaa _d dd:dd:dd")) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(received)};
    year = static_cast<std::uint64_t>(static_cast<int>(day.year()));
  } else if (!begins_like(rest, "1 dddd-dd-dd") && !begins_like(rest, "dddd-dd-dd")) {
    return 0;
  }
  const auto& address = peer.bytes();
  const std::string_view sender{reinterpret_cast<const char*>(address.data()), address.size()};
  return std::max<std::uint64_t>(1, hash64(message, hash64(sender, year)));
}

}  // namespace nw::logs
