#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;
using Octets = std::vector<std::uint8_t>;

Octets golden(std::string_view name) { return from_hex(Golden{"ipsec"}(name).hex); }

std::unique_ptr<FakeContext> read(const Octets& datagram, Direction direction = kOut) {
  auto context = std::make_unique<FakeContext>(protocol("ipsec"));
  protocol("ipsec").make(Transport::udp)->datagram(datagram, direction, *context);
  return context;
}

// A header whose length fits what follows it.
Octets message(std::uint8_t next, const Octets& payloads, bool v2 = true) {
  Octets out = from_hex("0102030405060708 0000000000000000");
  out.insert(out.end(), {next, static_cast<std::uint8_t>(v2 ? 0x20 : 0x10), static_cast<std::uint8_t>(v2 ? 34 : 2), 0,
                         0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>((28 + payloads.size()) >> 8U),
                         static_cast<std::uint8_t>(28 + payloads.size())});
  out.insert(out.end(), payloads.begin(), payloads.end());
  return out;
}

TEST(Ipsec, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<std::pair<const char*, const char*>> want;
  } kCases[] = {
      {"ike2_init",
       {{"is_orig", "true"},
        {"initiator_spi", "0102030405060708"},
        {"responder_spi", "0000000000000000"},
        {"maj_ver", "2"},
        {"min_ver", "0"},
        {"exchange_type", "34"},
        {"flag_i", "true"},
        {"flag_r", "false"},
        {"message_id", "0"},
        {"length", "200"},
        {"vendor_ids", "RFC 3947 NAT-T,UNKNOWN:776861742069732074686973"},
        {"notify_messages", "NAT_DETECTION_SOURCE_IP,unknown-65535"},
        {"ke_dh_groups", "14"},
        {"proposals", "1,2"},
        {"transform_attributes", "1:12:Key Length=256,2:2:Key Length=128"},
        {"algorithms", "ENCR=12,PRF=5,INTEG=12,DH=14,ENCR=3,DH=2"},
        {"transforms", "-"},
        {"doi", "-"}}},
      {"ike2_auth",
       {{"responder_spi", "1112131415161718"}, {"exchange_type", "35"}, {"message_id", "1"}, {"vendor_ids", "-"}}},
      {"ike1_main",
       {{"maj_ver", "1"},
        {"exchange_type", "2"},
        {"flag_e", "false"},
        {"vendor_ids", "Dead Peer Detection"},
        {"transforms", "1"},
        {"proposals", "1"},
        {"protocol_id", "1"},
        {"doi", "1"},
        {"situation", "\\x00\\x00\\x00\\x01"},
        {"transform_attributes",
         "1:1:Encryption Algorithm=5,1:1:Hash Algorithm=1,1:1:Authentication Method=1,1:1:Group Description=2,"
         "1:1:Life Type=1,1:1:Life Duration=86400"},
        {"algorithms", "-"}}},
      {"ike1_notify",
       {{"is_orig", "false"}, {"notify_messages", "NO_PROPOSAL_CHOSEN"}, {"message_id", "7"}, {"exchange_type", "5"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = read(golden(c.name), std::string_view{c.name} == "ike1_notify" ? kBack : kOut);
    ASSERT_EQ(context->events.size(), 1U);
    for (const auto& [field, value] : c.want) EXPECT_EQ(context->get(0, field), value) << field;
    EXPECT_EQ(context->refused_total(), 0U);
  }
}

TEST(Ipsec, CertificatesInTheClear) {
  const auto context = read(golden("ike1_aggressive"), kBack);
  EXPECT_EQ(context->refused_total(), 0U);
  ASSERT_EQ(context->paths, (std::vector<std::string>{"ipsec", "x509"}));
  EXPECT_EQ(context->get(0, "exchange_type"), "4");
  EXPECT_EQ(context->get(0, "cert_authorities"), "0");
  EXPECT_EQ(context->get(1, "certificate.subject"), "CN=plc.example,O=Example\\, Ltd,C=CH");
  EXPECT_EQ(context->get(1, "fingerprint"), "cf7549c0605f0ea572b283e7b1f4fba366a7a156121413fecd0da37650e143b5");
  EXPECT_EQ(context->get(1, "host_cert"), "true");
  EXPECT_EQ(context->get(1, "client_cert"), "false");
  // Either type may be wanted alone.
  for (const char* unwanted : {"ipsec", "x509"}) {
    FakeContext one{protocol("ipsec")};
    one.unwanted = unwanted;
    protocol("ipsec").make(Transport::udp)->datagram(golden("ike1_aggressive"), kOut, one);
    ASSERT_EQ(one.paths.size(), 1U);
    EXPECT_NE(one.paths[0], unwanted);
    EXPECT_EQ(one.get(0, "client_cert"), one.paths[0] == "x509" ? "true" : "-");
  }
}

TEST(Ipsec, OtherCertificates) {
  const struct {
    const char* name;
    Octets datagram;
    std::size_t events;
    unsigned refused;
  } kCases[] = {
      {"PKCS #7", message(6, from_hex("00 00 0007 01 3000"), false), 1, 0},
      {"for key exchange, no certificate", message(6, from_hex("00 00 0007 05 3000"), false), 2, 1},
      {"two", message(6, from_hex("06 00 0005 04 00 00 0005 04"), false), 3, 2},
      {"no encoding", message(6, from_hex("00 00 0004"), false), 1, 1},
      {"version 2", message(37, from_hex("00 00 0005 04")), 2, 1},
      {"version 2's number in version 1", message(37, from_hex("00 00 0005 04"), false), 1, 0},
      {"version 1's number in version 2", message(6, from_hex("00 00 0005 04")), 1, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = read(c.datagram);
    EXPECT_EQ(context->events.size(), c.events);
    EXPECT_EQ(context->refused_count(DecodeError::bad_value), c.refused);
    EXPECT_EQ(context->refused_total(), c.refused);
  }
}

TEST(Ipsec, CertificatesThatAreAskedFor) {
  const struct {
    const char* name;
    Octets datagram;
    const char* want;
    unsigned refused;
  } kCases[] = {
      {"names", message(7, from_hex("07 00 0007 04 3000 00 00 0007 04 3000"), false), "2", 0},
      {"any", message(7, from_hex("00 00 0005 04"), false), "0", 0},
      {"digests", message(38, from_hex("00 00 002d 04" + std::string(80, '7'))), "2", 0},
      {"no encoding", message(38, from_hex("00 00 0004")), "-", 1},
      {"version 2's number in version 1", message(38, from_hex("00 00 0005 04"), false), "-", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = read(c.datagram);
    EXPECT_EQ(context->get(0, "cert_authorities"), c.want);
    EXPECT_EQ(context->refused_total(), c.refused);
  }
}

TEST(Ipsec, TellsWhatStandsBeforeAFault) {
  auto cut = golden("ike2_init");
  cut.resize(160);
  const struct {
    const char* name;
    Octets datagram;
    DecodeError want;
  } kCases[] = {
      {"cut", cut, DecodeError::truncated},
      {"length under the header", from_hex("0102030405060708 0000000000000000 00 20 22 08 00000000 0000001b"),
       DecodeError::bad_value},
      {"payload without length", message(40, from_hex("00 00 0003")), DecodeError::bad_value},
      {"payload too long", message(40, from_hex("00 00 0005")), DecodeError::bad_value},
      {"notification cut", message(41, from_hex("00 00 0006 00 00")), DecodeError::bad_value},
      {"proposal too short", message(33, from_hex("00 00 000c 00 00 0007 01 01 00 00")), DecodeError::bad_value},
      {"transform too long", message(33, from_hex("00 00 0014 00 00 0010 01 01 00 01 00 00 0009 01 00 0001")),
       DecodeError::bad_value},
      {"attribute cut", message(33, from_hex("00 00 0016 00 00 0012 01 01 00 01 00 00 000a 01 00 0001 800e")),
       DecodeError::bad_value},
      {"no situation", message(1, from_hex("00 00 0008 00000001"), false), DecodeError::bad_value},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto context = read(c.datagram);
    EXPECT_EQ(context->events.size(), 1U);
    EXPECT_EQ(context->refused_count(c.want), 1U);
    EXPECT_EQ(context->refused_total(), 1U);
  }
}

TEST(Ipsec, WhatIsNotIkeIsPassedOver) {
  for (const char* hex : {"ff", "", "00000000 01", "c1c2c3c4 00000001 0102030405060708090a0b0c0d0e0f1011121314151617",
                          "c1c2c3c4 00000001 0102030405060708 2e 20 23 08 0b0c0d0e 00010000 131415161718191a",
                          "c1c2c3c4 00000001 0102030405060708 2e 20 23 ff 0b0c0d0e0f10111213141516"}) {
    const auto context = read(from_hex(hex));
    EXPECT_TRUE(context->events.empty());
    EXPECT_EQ(context->refused_total(), 0U);
  }
}

TEST(Ipsec, Bounds) {
  // Notifications: 64 payloads of a message are read.
  Octets many;
  for (unsigned i = 0; i < 80; ++i) many.insert(many.end(), {41, 0, 0, 8, 0, 0, 0x40, 6});
  const auto notified = read(message(41, many));
  EXPECT_EQ(std::ranges::count(notified->get(0, "notify_messages"), ','), 63);
  EXPECT_EQ(notified->refused_total(), 0U);
  // Proposals without transforms: 256 are told.
  Octets proposals{0, 0, 0, 0};
  for (unsigned i = 0; i < 300; ++i) proposals.insert(proposals.end(), {0, 0, 0, 8, 7, 1, 0, 0});
  proposals[2] = static_cast<std::uint8_t>(proposals.size() >> 8U);
  proposals[3] = static_cast<std::uint8_t>(proposals.size());
  EXPECT_EQ(std::ranges::count(read(message(33, proposals))->get(0, "proposals"), ','), 255);
  // Transforms with an attribute each: 512 are read, 256 of the attributes told.
  for (const unsigned transforms : {512U, 513U}) {
    const auto size = static_cast<unsigned>(8 + 12 * transforms);
    Octets sa{0, 0, static_cast<std::uint8_t>((size + 4) >> 8U), static_cast<std::uint8_t>(size + 4)};
    sa.insert(sa.end(), {0, 0, static_cast<std::uint8_t>(size >> 8U), static_cast<std::uint8_t>(size), 1, 1, 0, 0});
    for (unsigned i = 0; i < transforms; ++i) sa.insert(sa.end(), {0, 0, 0, 12, 1, 0, 0, 12, 0x80, 14, 1, 0});
    const auto context = read(message(33, sa));
    EXPECT_EQ(std::ranges::count(context->get(0, "transform_attributes"), ','), 255);
    EXPECT_EQ(context->refused_count(DecodeError::bad_value), transforms - 512);
  }
}

TEST(Ipsec, Probe) {
  const auto ask = [](const Octets& bytes, bool on_port) {
    return protocol("ipsec").probe(bytes, kOut, Transport::udp, on_port);
  };
  for (const char* name : {"ike2_init", "ike2_auth", "ike1_main", "ike1_notify"}) {
    EXPECT_EQ(ask(golden(name), false), Verdict::yes) << name;
    auto longer = golden(name);
    longer.push_back(0);
    EXPECT_EQ(ask(longer, false), Verdict::no) << name;
    EXPECT_EQ(ask(longer, true), Verdict::yes) << name;
  }
  EXPECT_EQ(ask(from_hex("ff"), true), Verdict::no);
  EXPECT_EQ(ask(Octets(60, 0), true), Verdict::no);
}

}  // namespace
}  // namespace nw::network
