// Telnet's commands within the text (RFC 854, RFC 855), taken out of one direction of a connection.
//
// | IAC 255 | command u8 |, | IAC | WILL, WONT, DO, DONT | option u8 |, | IAC | SB 250 | option u8 | ... | IAC | SE 240
// |; IAC IAC is the octet 255 itself.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nw::network {

class TelnetText {
 public:
  static constexpr std::uint8_t kIac = 255, kDont = 254, kDo = 253, kWont = 252, kWill = 251, kSubBegin = 250,
                                kSubEnd = 240;
  // Of what an option's subnegotiation says. More than that is skipped.
  static constexpr std::size_t kOptionBytesMax = 256;

  // True when `byte` is text; `out` is then that text.
  bool text(std::uint8_t byte, std::uint8_t& out);
  // After a gap what comes is taken for text.
  void lost() noexcept { state_ = State::text; }

  // Terminal type (RFC 1091) and the variable USER (RFC 1572) that this side told; empty: it told none.
  [[nodiscard]] const std::string& terminal() const noexcept { return terminal_; }
  [[nodiscard]] const std::string& user() const noexcept { return user_; }
  // Something was longer than kOptionBytesMax.
  [[nodiscard]] bool cut() const noexcept { return cut_; }

 private:
  enum class State : std::uint8_t { text, command, option, inside, inside_command };

  void take();
  void take_user(std::string_view variables);

  State state_ = State::text;
  bool cut_ = false;
  std::string option_;  // a subnegotiation so far
  std::string terminal_, user_;
};

}  // namespace nw::network
