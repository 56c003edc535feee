// TLS behind a text protocol, through the whole decoder and the real table.
#include <gtest/gtest.h>
#include <vector>

#include "fake_context.h"
#include "golden_frames.h"
#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

using Lines = std::vector<std::pair<std::size_t, std::string_view>>;

std::string golden(std::string_view name) {
  for (const GoldenFrame& frame : kGoldenFrames) {
    if (frame.protocol != "ssl" || frame.name != name) continue;
    const auto bytes = from_hex(frame.hex);
    return {bytes.begin(), bytes.end()};
  }
  std::abort();
}

// What is said in clear text, then two hellos; the client's number is 0.
void play(Harness& h, std::uint16_t port, const Lines& lines) {
  Connection connection{frames::v4(1, 40000), frames::v4(2, port)};
  for (const auto& frame : connection.handshake()) h.send(frame);
  for (const auto& [from, line] : lines) h.send(connection.say(from, line));
  h.send(connection.say(0, golden("client_hello_tls13")));
  h.send(connection.say(1, golden("server_hello_tls12")));
  h.finish();
}

TEST(StartTls, OfEachProtocol) {
  static const struct {
    const char* protocol;
    std::uint16_t port;
    Lines lines;
  } kCases[] = {
      {"smtp",
       25,
       {{1, "220 mail ESMTP\r\n"},
        {0, "EHLO a\r\n"},
        {1, "250-mail\r\n250 STARTTLS\r\n"},
        {0, "STARTTLS\r\n"},
        {1, "220 go on\r\n"}}},
      {"smtp", 2525, {{1, "220 mail ESMTP\r\n"}, {0, "STARTTLS\r\n"}, {1, "220 go on\r\n"}}},
      {"pop3", 110, {{1, "+OK ready\r\n"}, {0, "STLS\r\n"}, {1, "+OK go on\r\n"}}},
      {"imap", 143, {{1, "* OK ready\r\n"}, {0, "a STARTTLS\r\n"}, {1, "a OK go on\r\n"}}},
      {"ftp", 21, {{1, "220 ready\r\n"}, {0, "AUTH TLS\r\n"}, {1, "234 go on\r\n"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.protocol);
    Harness h{{}, protocols()};
    play(h, c.port, c.lines);
    EXPECT_EQ(h.all("conn", "service"), std::string{c.protocol} + ",ssl");
    EXPECT_EQ(h.all("ssl", "server_name"), "plc.example");
    EXPECT_FALSE(h.all(c.protocol, "uid").empty());
  }
}

TEST(StartTls, Refused) {
  Harness h{{}, protocols()};
  play(h, 25, {{1, "220 mail ESMTP\r\n"}, {0, "STARTTLS\r\n"}, {1, "454 not now\r\n"}});
  EXPECT_EQ(h.all("conn", "service"), "smtp");
  EXPECT_EQ(h.all("ssl", "server_name"), "");
}

}  // namespace
}  // namespace nw::network
