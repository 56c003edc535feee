// Replies of FTP and SMTP: lines with a number (RFC 959 section 4.2, RFC 5321 section 4.2): | 250 text |, or
// | 250-text |, any lines, | 250 text |. Everything views the caller's line.
#pragma once

#include <cstdint>
#include <string_view>

namespace nw::network {

struct Reply {
  unsigned code = 0;
  std::string_view text;  // of the last line
};

// One direction's replies. A reply counts when its last line has come.
class ReplyReader {
 public:
  enum class State : std::uint8_t { complete, more, malformed };
  // `reply` is set when complete.
  State line(std::string_view line, Reply& reply);
  // After a gap: the next line with a number begins anew. Those before it may be of a reply whose beginning is lost.
  void lost() noexcept {
    open_ = 0;
    adrift_ = true;
    lines_ = 0;
  }

  // Lines of one reply; a server that goes on is taken to be out of step.
  static constexpr unsigned kLinesMax = 1024;

 private:
  unsigned open_ = 0;  // the code of a reply that goes on; 0: none
  unsigned lines_ = 0;
  bool adrift_ = false;
};

// For a probe: could a reply begin with `line`, whole or not?
bool begins_reply(std::string_view line);

}  // namespace nw::network
