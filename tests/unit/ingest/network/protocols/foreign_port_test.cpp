// SSH and HTTP on the ports of other text protocols, through the whole decoder and the real table.
#include <array>
#include <gtest/gtest.h>

#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

constexpr std::string_view kSsh = "SSH-2.0-OpenSSH_9.6\r\n", kRequest = "GET /a HTTP/1.1\r\nHost: b\r\n\r\n",
                           kResponse = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

// What each side says, in turn, `first` beginning; the client is 0.
std::string service_of(std::uint16_t port, std::size_t first, std::string_view one, std::string_view two,
                       bool middle = false) {
  Harness h{{}, protocols()};
  Connection connection{frames::v4(1, 40000), frames::v4(2, port)};
  const auto handshake = connection.handshake();
  if (!middle)
    for (const auto& frame : handshake) h.send(frame);
  h.send(connection.say(first, one));
  h.send(connection.say(1 - first, two));
  h.finish();
  return h.all("conn", "service") + " " + h.all("http", "uri") + h.all("ssh", "server");
}

TEST(ForeignPort, SshAndHttpAreFound) {
  for (const auto port : std::to_array<std::uint16_t>({21, 23, 25, 110, 587})) {
    SCOPED_TRACE(port);
    for (const bool middle : {false, true}) {
      EXPECT_EQ(service_of(port, 1, kSsh, kSsh, middle), "ssh SSH-2.0-OpenSSH_9.6");
      EXPECT_EQ(service_of(port, 0, kSsh, kSsh, middle), "ssh SSH-2.0-OpenSSH_9.6");
      EXPECT_EQ(service_of(port, 0, kRequest, kResponse, middle), "http /a");
    }
  }
}

TEST(ForeignPort, TheirOwnProtocolsAreStillFound) {
  EXPECT_EQ(service_of(21, 1, "220 ready\r\n", "USER a\r\n"), "ftp ");
  EXPECT_EQ(service_of(23, 1, "login: ", "a\r\n"), "telnet ");
  EXPECT_EQ(service_of(25, 1, "220 ready\r\n", "QUIT\r\n"), "smtp ");
  EXPECT_EQ(service_of(110, 1, "+OK ready\r\n", "USER a\r\n"), "pop3 ");
  // In mid-stream, behind a line that says nothing.
  EXPECT_EQ(service_of(21, 1, "and so on\r\n", "RETR a\r\n", true), "ftp ");
}

}  // namespace
}  // namespace nw::network
