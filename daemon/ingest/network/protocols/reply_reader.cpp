#include "ingest/network/protocols/reply_reader.h"

#include <algorithm>
#include <string>

namespace nw::network {
namespace {

constexpr std::size_t kCodeDigits = 3;

// The number that a line begins with; 0: it has none.
unsigned code_of(std::string_view line) {
  if (line.size() < kCodeDigits || line.front() < '1') return 0;
  unsigned code = 0;
  for (const char c : line.substr(0, kCodeDigits)) {
    if (c < '0' || c > '9') return 0;
    code = code * 10 + static_cast<unsigned>(c - '0');
  }
  const bool ends = line.size() == kCodeDigits || line[kCodeDigits] == ' ' || line[kCodeDigits] == '-';
  return ends ? code : 0;
}

}  // namespace

bool begins_reply(std::string_view line) {
  constexpr std::string_view kFill = "200";
  std::string filled{line.substr(0, kCodeDigits + 1)};
  if (filled.size() < kCodeDigits) filled += kFill.substr(filled.size());
  return filled.front() <= '5' && code_of(filled) != 0;
}

ReplyReader::State ReplyReader::line(std::string_view line, Reply& reply) {
  const unsigned code = code_of(line);
  const bool goes_on = line.size() > kCodeDigits && line[kCodeDigits] == '-';
  if (open_ != 0 && (code != open_ || goes_on)) {
    if (++lines_ < kLinesMax) return State::more;
    open_ = 0;
    return State::malformed;
  }
  if (code == 0 && adrift_ && ++lines_ < kLinesMax) return State::more;
  adrift_ = false;
  if (code == 0) return State::malformed;
  open_ = goes_on ? code : 0;
  lines_ = 1;
  if (goes_on) return State::more;
  reply = {code, line.substr(std::min(line.size(), kCodeDigits + 1))};
  return State::complete;
}

}  // namespace nw::network
