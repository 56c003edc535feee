// The header of a mail (RFC 5322), line by line: the parts that Zeek's smtp.log has. Bounded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"

namespace nw::network {

// Texts are escaped as text_buffer.h says.
struct MailHeader {
  std::string date, from, reply_to, msg_id, in_reply_to, subject, user_agent;
  std::string first_received, second_received;  // by time: the lowest in the header, and the one above it
  std::vector<std::string> to, cc;
  std::optional<IpAddress> x_originating_ip;
  std::vector<IpAddress> path;  // from the Received lines, the nearest first
};

class MailHeaderReader {
 public:
  static constexpr std::size_t kValueBytesMax = 4096;  // of one header field, unfolded
  static constexpr std::size_t kAddressesMax = 128;    // in `to`, in `cc`
  static constexpr std::size_t kPathMax = 32;          // RFC 5321 section 6.3: more than 100 hops are a loop

  // The next line as it came; false when it is the one that ends the header. After that, or after end(), lines are
  // ignored.
  bool line(std::string_view text);
  // Nothing more will come.
  void end();

  [[nodiscard]] bool over() const noexcept { return over_; }
  // Whether a line that goes on with the field makes a difference: the field is wanted, and not yet cut.
  [[nodiscard]] bool takes_more() const noexcept { return row_ && !(cut_ && value_.size() == kValueBytesMax); }
  // Something was longer than its bound, and was cut or left out.
  [[nodiscard]] bool cut() const noexcept { return cut_; }
  [[nodiscard]] const MailHeader& header() const noexcept { return header_; }

 private:
  void begin(std::string_view text);
  void append(std::string_view text);
  void take();
  void escape();
  void received();
  void split_addresses(std::string_view text, std::vector<std::string>& out);

  MailHeader header_;
  std::optional<std::size_t> row_;  // of the field, in the table in the .cpp; none: nobody reads it
  std::string value_;               // as it came, until it is whole
  bool over_ = false, cut_ = false;
};

// The addresses in `text`, in order; `wrapped`: only those in brackets or parentheses, as in a Received line.
std::vector<IpAddress> find_addresses(std::string_view text, bool wrapped);

}  // namespace nw::network
