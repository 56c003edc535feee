#include <gtest/gtest.h>

#include "unit/ingest/network/harness.h"

namespace nw::network {
namespace {

using frames::kA;
using frames::kS;

// What a client says to a port, and what `protocol_mismatch` tells of it.
TEST(ProtocolMismatch, IsToldOfAnotherProtocolsPort) {
  static constexpr struct {
    const char* name;
    std::uint16_t port;
    const char* says;
    const char* found;
    const char* expected;
  } kCases[] = {
      {"SSH on Modbus' port", 502, "SSH-2.0-OpenSSH_9.6\r\n", "ssh", "modbus"},
      {"HTTP where two protocols are at home", 139, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http", "smb"},
      {"SSH at home", 22, "SSH-2.0-OpenSSH_9.6\r\n", "", ""},
      {"SSH on nobody's port", 2222, "SSH-2.0-OpenSSH_9.6\r\n", "", ""},
      {"noise", 502, "\x01\x02\x03\x04\x05\x06\x07\x08noise", "", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Harness h{{}, protocols()};
    const auto client = frames::v4(1, 40000), server = frames::v4(2, c.port);
    h.send(frames::tcp_frame(client, server, {.flags = kS, .sequence = 10}));
    h.send(frames::tcp_frame(server, client, {.flags = kS | kA, .sequence = 99, .acknowledgement = 11}));
    h.send(frames::tcp_frame(client, server, {.sequence = 11, .acknowledgement = 100, .payload = c.says}));
    h.finish();
    EXPECT_EQ(h.all("protocol_mismatch", "found"), c.found);
    EXPECT_EQ(h.all("protocol_mismatch", "expected"), c.expected);
    EXPECT_EQ(h.all("protocol_mismatch", "id.resp_p"), *c.found == '\0' ? "" : std::to_string(c.port));
  }
}

// A client's own port says nothing.
TEST(ProtocolMismatch, IsOfTheRespondersPort) {
  Harness h{{}, protocols()};
  const auto client = frames::v4(1, 502), server = frames::v4(2, 2222);
  h.send(frames::tcp_frame(client, server, {.flags = kS, .sequence = 10}));
  h.send(frames::tcp_frame(client, server, {.sequence = 11, .payload = "SSH-2.0-OpenSSH_9.6\r\n"}));
  h.finish();
  EXPECT_EQ(h.all("protocol_mismatch", "found"), "");
}

// The rules' wish for it alone is enough to look.
TEST(ProtocolMismatch, NeedsNoOtherWish) {
  Harness h{{}, protocols(), false, false};
  auto wish = std::make_shared<event::Interest>();
  for (std::size_t i = 0; i < h.schema->type_count(); ++i) {
    const auto id = static_cast<event::TypeId>(i);
    if (h.schema->type(id).path == "protocol_mismatch") wish->want_all(id);
  }
  h.decoder->subscribe(h.schema, wish);
  h.send(frames::tcp_frame(frames::v4(1, 40000), frames::v4(2, 502), {.payload = "SSH-2.0-OpenSSH_9.6\r\n"}));
  h.finish();
  EXPECT_EQ(h.all("protocol_mismatch", "found"), "ssh");
  EXPECT_EQ(h.events.size(), 1U);
}

}  // namespace
}  // namespace nw::network
