// Bytes to RELP frames, without I/O: the Reliable Event Logging Protocol, as its specification (librelp, doc/relp.html)
// and librelp itself have it.
//
//   TXNR SP COMMAND SP DATALEN [SP DATA] LF
//
//   TXNR     1 to 9 digits: the transaction, from 1 to 999999999 and then from 1 again. 0 is the server's, for what it
//            says unasked.
//   COMMAND  1 to 32 letters
//   DATALEN  1 to 9 digits: the bytes of DATA, which may hold line feeds
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/time.h"

namespace nw::logs {

struct RelpFrame {
  std::uint32_t txnr = 0;
  std::string_view command, data;
  bool cut = false;  // there was more data; it was skipped
};

class RelpFramer {
 public:
  enum class Step : std::uint8_t { more, frame, bad };

  // Offers are far shorter; other commands' data is no longer than that either.
  static constexpr std::size_t kOtherBytesMax = 4096;
  // A message of `line_bytes_max` bytes may have a line end.
  static constexpr std::size_t kLineEndBytes = 2;

  // Holds at most `line_bytes_max` and a line end of a `syslog` frame, kOtherBytesMax of another.
  explicit RelpFramer(std::size_t line_bytes_max) : line_bytes_max_{line_bytes_max} {}

  // Takes the next frame from the front of `chunk`; `more`: all of it is taken, and the frame is not complete.
  Step next(std::string_view& chunk);
  // After `frame`: borrowed until next() is called again, and from the chunk.
  [[nodiscard]] const RelpFrame& frame() const noexcept { return frame_; }
  // After `bad`: what is wrong. It stays bad, for nobody knows where another frame begins.
  [[nodiscard]] std::string_view fault() const noexcept { return fault_; }
  // Bytes of a frame whose end has not come yet.
  [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }

 private:
  enum class State : std::uint8_t { txnr, command, length, data, end, complete };

  void begin();
  void header(char c);
  void data(std::string_view& chunk);
  void complete(std::string_view data);
  bool digit(std::uint32_t& number, char c);
  [[nodiscard]] std::string_view command() const noexcept { return {command_.data(), command_size_}; }
  [[nodiscard]] std::size_t limit() const noexcept {
    return command() == "syslog" ? line_bytes_max_ + kLineEndBytes : kOtherBytesMax;
  }

  static constexpr std::size_t kDigitsMax = 9, kCommandMax = 32;

  std::size_t line_bytes_max_;
  State state_ = State::txnr;
  std::size_t digits_ = 0;  // of the number that is read
  std::uint32_t txnr_ = 0, length_ = 0, left_ = 0;
  std::array<char, kCommandMax> command_{};
  std::size_t command_size_ = 0;
  std::string held_;
  RelpFrame frame_;
  std::string_view fault_;
};

// Appends `TXNR rsp DATALEN DATA`; `data` begins with a status of three digits: "200 OK".
void append_relp_answer(std::string& out, std::uint32_t txnr, std::string_view data);

// The server closes, and says so.
constexpr std::string_view kRelpServerClose = "0 serverclose 0\n";

// The version to speak with a client of these offers (`name=value[,value]`, one a line): its own, or ours (1) if that
// is older. 0 when it names none; -1 when what it names is no number.
int relp_version(std::string_view offers);

// ArrivedLine::place. A sender gives what was not answered other numbers in its next session, so only the message
// itself can say that it came before: one with a time in it (RFC 5424, RFC 3164, or an RFC 3339 time in that place),
// and from the same peer. RFC 3164 has no year: `received` gives it. 0: a message without a time, which may well come
// twice.
std::uint64_t relp_place(std::string_view message, const IpAddress& peer, Timestamp received);

}  // namespace nw::logs
