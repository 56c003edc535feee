#include "ingest/logs/transports/listen.h"

#include <gtest/gtest.h>

namespace nw::logs {
namespace {

TEST(ParseListenAddress, Reads) {
  static constexpr struct {
    const char *text, *address;
    std::uint16_t port;
  } kCases[] = {
      {"127.0.0.1:5514", "127.0.0.1", 5514}, {"0.0.0.0:0", "0.0.0.0", 0},           {"[::1]:5514", "::1", 5514},
      {"[::]:65535", "::", 65535},           {"[2001:db8::7]:1", "2001:db8::7", 1},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_listen_address(c.text);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->address.to_string(), c.address);
    EXPECT_EQ(got->port, c.port);
  }
}

TEST(ParseListenAddress, Refuses) {
  for (const char* text :
       {"", ":", "5514", ":5514", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:5514 ", "::1:5514", "[::1]", "[]:1", "[127.0.0.1]:1", "localhost:5514", "256.0.0.1:1"}) {
    SCOPED_TRACE(text);
    const auto got = parse_listen_address(text);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::invalid_argument);
    EXPECT_NE(got.error().what.find("'" + std::string{text} + "'"), std::string::npos);
  }
}

TEST(ListenError, SaysWhatToDo) {
  namespace errc = boost::system::errc;
  static const struct {
    errc::errc_t from;
    Errc code;
    const char* hint;
  } kCases[] = {
      {errc::address_in_use, Errc::in_use, "ss -lunp"},
      {errc::permission_denied, Errc::no_permission, "CAP_NET_BIND_SERVICE"},
      {errc::address_not_available, Errc::not_found, "ip address"},
      {errc::no_buffer_space, Errc::unavailable, "cannot listen"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hint);
    const Error got = listen_error("udp", "192.0.2.1:514", errc::make_error_code(c.from));
    EXPECT_EQ(got.code, c.code);
    EXPECT_NE(got.what.find("udp 192.0.2.1:514"), std::string::npos);
    EXPECT_NE(got.what.find(c.hint), std::string::npos);
  }
}

}  // namespace
}  // namespace nw::logs
