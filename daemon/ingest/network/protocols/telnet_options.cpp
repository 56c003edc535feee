#include "ingest/network/protocols/telnet_options.h"

#include <algorithm>

namespace nw::network {
namespace {

constexpr char kTerminalType = 24, kNewEnvironment = 39;  // options
constexpr char kIs = 0, kInfo = 2;                        // what they say first
constexpr char kVariable = 0, kValue = 1, kEscape = 2, kUserVariable = 3;

}  // namespace

bool TelnetText::text(std::uint8_t byte, std::uint8_t& out) {
  switch (state_) {
    case State::text:
      out = byte;
      if (byte == kIac) state_ = State::command;
      return byte != kIac;
    case State::command:
      out = byte;
      state_ = byte == kSubBegin ? State::inside : byte >= kWill && byte < kIac ? State::option : State::text;
      option_.clear();
      return byte == kIac;
    case State::option: state_ = State::text; return false;
    case State::inside:
      if (byte == kIac) {
        state_ = State::inside_command;
        return false;
      }
      break;
    case State::inside_command:
      state_ = byte == kIac ? State::inside : State::text;
      if (byte == kSubEnd) take();
      if (byte != kIac) return false;
      break;
  }
  if (option_.size() < kOptionBytesMax)
    option_.push_back(static_cast<char>(byte));
  else
    cut_ = true;
  return false;
}

void TelnetText::take() {
  const std::string_view said = option_;
  if (said.size() < 2) return;
  if (said[0] == kTerminalType && said[1] == kIs) terminal_ = said.substr(2);
  if (said[0] == kNewEnvironment && (said[1] == kIs || said[1] == kInfo)) take_user(said.substr(2));
}

// | VAR 0 | name | VALUE 1 | value | VAR ..., with ESC 2 before octets that look like one of these.
void TelnetText::take_user(std::string_view variables) {
  constexpr std::string_view kName{"\0USER\1", 6};
  const std::size_t found = variables.find(kName);
  if (found == std::string_view::npos) return;
  user_.clear();
  bool escaped = false;
  for (const char c : variables.substr(found + kName.size())) {
    if (!escaped && (c == kVariable || c == kValue || c == kUserVariable)) return;
    escaped = !escaped && c == kEscape;
    if (!escaped) user_.push_back(c);
  }
}

}  // namespace nw::network
