#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"ssh"};

struct Flow : Play {
  Flow() : Play{"ssh", Transport::tcp} {}

  // Encrypted bytes.
  void secret(std::size_t bytes, Direction direction) { give(std::string(2 * bytes, 'e'), direction); }
  void greet() { give(golden("client")).give(golden("server")); }
  // Of the one event, which is there once the connection has ended.
  [[nodiscard]] std::string get(const std::string& field) const { return Play::get(0, field); }
};

TEST(Ssh, FieldsOfGoldenFrames) {
  Flow flow;
  flow.greet();
  flow.end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"ts", "1700000000000000000"},
          {"version", "2"},
          {"client", "SSH-2.0-OpenSSH_9.2"},
          {"server", "SSH-2.0-Example_1.0"},
          {"cipher_alg", "To server: aes256-ctr, to client: aes128-ctr"},
          {"mac_alg", "hmac-sha2-256"},
          {"compression_alg", "none"},
          {"kex_alg", "diffie-hellman-group14-sha256"},
          {"host_key_alg", "rsa-sha2-256"},
          {"hassh", "3c22e3bfc2b8b121088e0bc23a380321"},
          {"hasshServer", "27cf8370b710cde4dc80dedc54b9bd18"},
          {"auth_attempts", "0"},
          {"auth_success", "-"}});
}

TEST(Ssh, OneSideAlone) {
  Flow client;
  client.give(golden("client"));
  client.end();
  EXPECT_EQ(client.get("client"), "SSH-2.0-OpenSSH_9.2");
  for (const char* absent : {"version", "server", "cipher_alg", "kex_alg", "hasshServer"})
    EXPECT_EQ(client.get(absent), "-") << absent;
  EXPECT_EQ(client.get("hassh"), "3c22e3bfc2b8b121088e0bc23a380321");
  EXPECT_TRUE(Flow{}.end().context.events.empty());
}

TEST(Ssh, Versions) {
  static constexpr struct {
    const char *client, *server, *version;
  } kCases[] = {
      {"SSH-2.0-a", "SSH-2.0-b", "2"},   {"SSH-1.99-a", "SSH-2.0-b", "2"}, {"SSH-2.0-a", "SSH-1.99-b", "2"},
      {"SSH-1.99-a", "SSH-1.99-b", "2"}, {"SSH-1.5-a", "SSH-1.99-b", "1"}, {"SSH-1.5-a", "SSH-1.5-b", "1"},
      {"SSH-1.5-a", "SSH-2.0-b", "-"},   {"SSH-2.0-a", "SSH-1.5-b", "-"},
  };
  for (const auto& c : kCases) {
    Flow flow;
    flow.give("'" + std::string{c.client} + "\r\n'", kOut);
    flow.give("'" + std::string{c.server} + "\n'", kBack);
    flow.end();
    EXPECT_EQ(flow.get("version"), c.version) << c.client << " " << c.server;
  }
}

TEST(Ssh, VersionOneIsReadNoFurther) {
  Flow flow;
  flow.give("'SSH-1.99-b\r\n'", kBack);
  flow.give("'SSH-1.5-a\r\n'", kOut);
  flow.give("0000010b 00000000 02", kBack);  // a packet of version 1: other framing
  EXPECT_TRUE(flow.back.done());
  EXPECT_EQ(flow.get("version"), "1");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Ssh, NothingInCommon) {
  Flow flow;
  flow.give(golden("client"));
  std::string other{golden("server").hex};
  other.replace(other.find("rsa-sha2-256"), 12, "rsa-sha2-512");
  flow.give(other, kBack);
  flow.end();
  EXPECT_EQ(flow.get("host_key_alg"), "Algorithm negotiation failed");
}

TEST(SshKey, ItsFingerprints) {
  Flow flow;
  flow.give(golden("client")).give(golden("server_key"));
  flow.end();
  // As `ssh-keygen -l` tells them.
  EXPECT_EQ(flow.get("host_key_fingerprint"), "SHA256:ZkAslGjFiUHdGf/WUL8rQvkib4PTvQatUV0OUQSncCA");
  EXPECT_EQ(flow.get("host_key"), "0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(SshKey, WhereItStands) {
  const std::string key = "0000000c 00000003 'rsa' 00000001 61 ", other = "0000000c 00000003 'dsa' 00000001 61 ";
  const std::string told = "93:4e:08:08:db:38:ef:1f:97:d6:2e:3d:fd:31:3e:1e", fill = "0000000000";
  const struct {
    std::string name, packets;
    Direction direction;
    bool found;
  } kCases[] = {
      {"RSA", "00000017 05 1e" + key + fill, kBack, true},
      {"Diffie-Hellman", "00000017 05 1f" + key + fill, kBack, true},
      {"a group, then the key", "0000000f 05 1f 00000004 00ffffff" + fill + "00000017 05 21" + key + fill, kBack, true},
      {"twice", "00000017 05 1f" + key + fill + "00000017 05 1f" + other + fill, kBack, true},
      {"by the client", "00000017 05 1f" + key + fill, kOut, false},
      {"another message", "00000017 05 20" + key + fill, kBack, false},
      {"a key of no kind", "0000000f 05 1f 00000004 00000000" + fill, kBack, false},
      {"a kind alone", "00000012 05 1f 00000007 00000003 'rsa'" + fill, kBack, false},
      {"a kind beyond its key", "00000012 05 1f 00000007 00000004 'rsa'" + fill, kBack, false},
      {"a kind that is no text", "00000013 05 1f 00000008 00000003 008000 61" + fill, kBack, false},
      {"a key beyond its message", "0000000f 05 1f 00000009 00000003" + fill, kBack, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give("'SSH-2.0-a\r\n'", kOut);
    flow.give("'SSH-2.0-b\r\n'", kBack);
    flow.give(c.packets, c.direction);
    flow.end();
    EXPECT_EQ(flow.get("host_key"), c.found ? told : "-");
    EXPECT_EQ(flow.get("host_key_fingerprint") == "-", !c.found);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(SshLogin, GuessedFromSizes) {
  const struct {
    const char* name;
    std::vector<int> pieces;  // encrypted: from the client when negative
    const char *success, *attempts;
    bool done;
  } kCases[] = {
      {"at once", {-48, 48, -64, 32}, "true", "1", true},
      {"extensions before the client speaks", {432, -48, 48, -64, 32}, "true", "1", true},
      {"after the question", {-48, 48, -64, 80, -144, 32}, "true", "1", true},
      {"two failures, then in", {-48, 48, -64, 80, -144, 80, -144, 80, -144, 32}, "true", "3", true},
      {"failures only", {-48, 48, -64, 80, -144, 80, -144, 80}, "false", "2", false},
      {"a greeting, then a failure", {-48, 48, -64, 400, 80, -144, 80}, "false", "1", false},
      {"the question alone", {-48, 48, -64, 80}, "-", "0", false},
      {"sizes that say nothing", {-48, 48, -64, 80, -144, 96, -144, 112}, "-", "0", false},
      {"the server alone", {48, 32, 32, 32}, "-", "0", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.greet();
    for (const int piece : c.pieces) flow.secret(static_cast<std::size_t>(std::abs(piece)), piece < 0 ? kOut : kBack);
    EXPECT_EQ(flow.out.done() || flow.back.done(), c.done);
    EXPECT_EQ(flow.context.events.size(), c.done ? 1U : 0U);  // told as soon as it is known
    flow.end();
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get("auth_success"), c.success);
    EXPECT_EQ(flow.get("auth_attempts"), c.attempts);
  }
}

TEST(SshLogin, SizesBehindNewKeysInOneSegmentCount) {
  Flow flow;
  flow.give(std::string{golden("client").hex} + std::string(2 * 48, 'e'), kOut);
  flow.give(std::string{golden("server").hex} + std::string(2 * 48, 'e'), kBack);
  flow.secret(32, kBack);
  EXPECT_EQ(flow.get("auth_success"), "true");
}

TEST(SshLogin, CompressionSpoilsTheSizes) {
  Flow flow;
  flow.give(golden("client"));
  std::string server{golden("server").hex};
  // "none" becomes "zlib" and the client has neither first: make the lists meet at zlib@openssh.com.
  const std::string none = "00000004 'none'", zlib = "00000010 'zlib@openssh.com'";
  for (int i = 0; i < 2; ++i) server.replace(server.find(none), none.size(), zlib);
  server.replace(server.find("000000bc"), 8, "000000d4");
  flow.give(server, kBack);
  EXPECT_TRUE(flow.back.done());  // nothing more to learn
  EXPECT_EQ(flow.get("compression_alg"), "zlib@openssh.com");
  EXPECT_EQ(flow.get("auth_attempts"), "0");
  EXPECT_EQ(flow.get("auth_success"), "-");
}

TEST(SshLogin, AGapSpoilsTheSizes) {
  Flow flow;
  flow.greet();
  flow.secret(48, kOut);
  flow.secret(48, kBack);
  flow.analyzer->gap(100, kBack, flow.context);
  flow.secret(32, kBack);
  EXPECT_TRUE(flow.back.done());
  EXPECT_EQ(flow.get("auth_success"), "-");
  EXPECT_EQ(flow.context.refused_total(), 0U);  // encrypted bytes are nothing that we miss
}

TEST(SshLogin, WatchesSoManyPieces) {
  Flow flow;
  flow.greet();
  for (int i = 0; i < 255; ++i) flow.secret(100, kBack);
  EXPECT_FALSE(flow.back.done());
  flow.secret(100, kBack);
  EXPECT_TRUE(flow.back.done());
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(SshFraming, AGapInClearTextLosesTheSide) {
  Flow flow;
  flow.give("'SSH-2.0-a\r\n' 000000fc 08", kOut);
  flow.analyzer->gap(100, kOut, flow.context);
  FakeStream later{*flow.analyzer, kOut, flow.context};
  EXPECT_TRUE(later.feed(from_hex("ffff ffff ffff")));
  EXPECT_EQ(later.waiting(), 0U);
  flow.give(golden("server"));
  flow.end();
  EXPECT_EQ(flow.get("hassh"), "-");
  EXPECT_EQ(flow.get("hasshServer"), "27cf8370b710cde4dc80dedc54b9bd18");
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
}

TEST(SshFraming, LinesBeforeTheIdentification) {
  std::string line = "'welcome\r\n'";
  for (const unsigned count : {1U, 63U, 64U}) {
    Flow flow;
    for (unsigned i = 0; i < count; ++i) flow.give(line, kBack);
    flow.give(golden("server"));
    flow.end();
    EXPECT_EQ(flow.get("server"), count < 64 ? "SSH-2.0-Example_1.0" : "-");
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count < 64 ? 0U : 1U);
  }
}

TEST(SshFraming, ALongIdentificationIsCut) {
  for (const std::size_t bytes : {255U, 256U}) {
    Flow flow;
    flow.give("'SSH-2.0-" + std::string(bytes - 10, 'x') + "\r\n'", kOut);
    flow.end();
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), bytes == 256 ? 1U : 0U);
    EXPECT_EQ(flow.get("client").size(), bytes == 256 ? 258U : 253U);  // the carriage return is shown: \x0d
  }
}

TEST(SshFraming, Refuses) {
  static constexpr struct {
    const char *name, *hex;
    DecodeError want;
  } kCases[] = {
      {"length 4", "00000004 04 14 0000", DecodeError::bad_value},
      {"length 35001", "000088b9", DecodeError::too_long},
      {"all padding", "00000008 07 14 000000000000", DecodeError::bad_value},
      {"text", "'Protocol mismatch.\r\n'", DecodeError::too_long},
      {"lists end early", "00000018 04 14 000102030405060708090a0b0c0d0e0f 0000 00000000", DecodeError::bad_value},
      {"a list goes beyond", "0000001c 04 14 000102030405060708090a0b0c0d0e0f 00000009 6161 00000000",
       DecodeError::bad_value},
      {"a list is no text", "0000001b 04 14 000102030405060708090a0b0c0d0e0f 00000001 80 00000000",
       DecodeError::bad_value},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give("'SSH-2.0-a\r\n' " + std::string{c.hex}, kOut);
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.out.waiting(), 0U);
    flow.end();
    EXPECT_EQ(flow.get("client"), "SSH-2.0-a");
    EXPECT_EQ(flow.get("hassh"), "-");
  }
  Flow longest;
  longest.give("'SSH-2.0-a\r\n' 000088b8 04 02 " + std::string(2 * 34'998, '0'), kOut);
  EXPECT_EQ(longest.context.refused_total(), 0U);
  EXPECT_EQ(longest.out.waiting(), 0U);
}

TEST(SshProbe, Verdicts) {
  static constexpr struct {
    const char *name, *hex;
    Direction direction;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"version 2", "'SSH-2.0-x'", kOut, Verdict::yes, Verdict::yes},
      {"version 1", "'SSH-1.5-x'", kBack, Verdict::yes, Verdict::yes},
      {"half", "'SSH-2'", kOut, Verdict::unsure, Verdict::unsure},
      {"other version", "'SSH-3.0'", kOut, Verdict::no, Verdict::no},
      {"a server's line", "'Hello\r\n'", kBack, Verdict::no, Verdict::unsure},
      {"a client's line", "'GET / HTTP'", kOut, Verdict::no, Verdict::no},
      {"TLS", "16030100a5010000a10303", kBack, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("ssh", bytes, c.direction, Transport::tcp, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
