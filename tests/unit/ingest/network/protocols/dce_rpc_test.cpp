#include <gtest/gtest.h>

#include "fake_context.h"
#include "ingest/network/protocols/dce_rpc_names.h"
#include "smb_frames.h"

namespace nw::network {
namespace {

using namespace smb_frames;

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

struct Flow {
  FakeContext context{protocol("dce_rpc")};
  std::unique_ptr<Analyzer> analyzer = protocol("dce_rpc").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool give(const std::string& hex, Direction direction) {
    const bool alive = (direction == kOut ? out : back).feed(from_hex(hex));
    context.time += std::chrono::milliseconds{1};
    return alive;
  }
  void datagram(const std::string& hex, Direction direction) {
    analyzer->datagram(from_hex(hex), direction, context);
    context.time += std::chrono::milliseconds{1};
  }
  std::string get(std::size_t nth, const std::string& field) const { return context.get(nth, field); }
};

TEST(DceRpc, ACall) {
  Flow flow;
  flow.give(rpc_bind(), kOut);
  flow.give(rpc_bind_ack("135"), kBack);
  flow.give(rpc_request(2, 12), kOut);
  flow.give(rpc_response(2), kBack);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.paths[0], "dce_rpc");
  EXPECT_EQ(flow.get(0, "rtt"), "0.001000");
  EXPECT_EQ(flow.get(0, "named_pipe"), "135");
  EXPECT_EQ(flow.get(0, "endpoint"), "svcctl");
  EXPECT_EQ(flow.get(0, "operation"), "CreateServiceW");
  EXPECT_EQ(flow.get(0, "opnum"), "12");
  EXPECT_EQ(flow.get(0, "interface"), "367abb81-9844-35f1-ad32-98f038001003");
  EXPECT_EQ(flow.get(0, "fault"), "-");
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(DceRpc, CallsWithoutNames) {
  Flow flow;
  flow.give(rpc_bind(), kOut);
  flow.give(rpc_request(2, 55), kOut);
  flow.give(rpc_request(3, 12, 9), kOut);  // a context that was not bound
  flow.give(
      rpc(14, 4, "b810 b810 00000000 01 00 0000 0900 01 00 00112233 4455 6677 8899 aabbccddeeff 02000000" + zeros(20)),
      kOut);
  flow.give(rpc_request(5, 1, 9), kOut);
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "operation"), "unknown-55");
  EXPECT_EQ(flow.get(0, "endpoint"), "svcctl");
  EXPECT_EQ(flow.get(1, "endpoint"), "-");
  EXPECT_EQ(flow.get(1, "operation"), "unknown-12");
  EXPECT_EQ(flow.get(2, "endpoint"), "unknown-33221100-5544-7766-8899-aabbccddeeff");
}

TEST(DceRpc, Faults) {
  Flow flow;
  flow.give(rpc_bind() + rpc_request(2, 15), kOut);
  flow.give(rpc_fault(2, 5), kBack);
  EXPECT_EQ(flow.get(0, "fault"), "5");
  EXPECT_NE(flow.get(0, "rtt"), "-");
  flow.give(rpc_fault(7, 5), kBack);  // of no call that we know
  EXPECT_EQ(flow.context.events.size(), 1U);
}

TEST(DceRpc, FragmentsAreOneCall) {
  Flow flow;
  flow.give(rpc_bind(), kOut);
  flow.give(rpc(0, 2, "10000000 0000 0c00" + zeros(3000), 1), kOut);
  flow.give(rpc(0, 2, "10000000 0000 0c00" + zeros(3000), 0), kOut);
  flow.give(rpc(0, 2, "10000000 0000 0c00" + zeros(30), 2), kOut);
  flow.give(rpc(2, 2, "10000000 0000 00 00" + zeros(3000), 1), kBack);
  flow.give(rpc(2, 2, "10000000 0000 00 00" + zeros(3000), 2), kBack);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "rtt"), "0.003000");
  flow.give(rpc(0, 3, "10000000 0000 0c00", 0), kOut);  // the first one without the flag
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 2U);
}

TEST(DceRpc, StubsAreNotWaitedFor) {
  Flow flow;
  const auto bytes = from_hex(rpc(0, 2, "10000000 0000 0c00" + zeros(3000)));
  flow.out.feed(Bytes{bytes}.first(100));
  EXPECT_EQ(flow.out.waiting(), 0U);
  // A hole within the stub is none to us; the next PDU is found.
  flow.analyzer->gap(bytes.size() - 100, kOut, flow.context);
  flow.give(rpc_request(3, 1), kOut);
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 2U);
  // A longer one is.
  flow.analyzer->gap(10, kOut, flow.context);
  EXPECT_TRUE(flow.give("0102030405", kOut));
  EXPECT_TRUE(flow.give(rpc_request(4, 1), kOut));
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), 3U);
}

TEST(DceRpc, WhoAuthenticates) {
  Flow flow;
  const std::string challenge = ntlm_challenge(), answer = ntlm_authenticate("OT", "eve", "WS1", 40);
  flow.give(
      rpc(12, 1, "b810 b810 00000000 0000 0000 01 000000 0000 0000" + zeros(20) + "0a 02 00 00 00000000" + challenge, 3,
          size_of(challenge)),
      kBack);
  flow.give(rpc(16, 1, "00000000 0a 02 00 00 00000000" + answer, 3, size_of(answer)), kOut);
  ASSERT_EQ(flow.context.paths, std::vector<std::string>{"ntlm"});
  EXPECT_EQ(flow.get(0, "username"), "eve");
  EXPECT_EQ(flow.get(0, "server_dns_computer_name"), "nas.ot.lan");
  EXPECT_EQ(flow.get(0, "success"), "-");
}

TEST(DceRpc, TablesAreBounded) {
  Flow flow;
  for (unsigned i = 0; i <= 64; ++i) {
    flow.give(rpc_request(i, 1), kOut);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), i < 64 ? 0U : 1U);
  }
  EXPECT_EQ(flow.context.events.size(), 1U);
  Flow contexts;
  for (unsigned i = 0; i <= 64; ++i) contexts.give(rpc_bind(i), kOut);
  EXPECT_EQ(contexts.context.refused_count(DecodeError::limit), 1U);
  contexts.give(rpc_bind(3), kOut);  // bound again
  EXPECT_EQ(contexts.context.refused_count(DecodeError::limit), 1U);
  Flow same;
  for (int i = 0; i < 100; ++i) same.give(rpc_request(2, 1), kOut);
  EXPECT_EQ(same.context.refused_total(), 0U);
}

TEST(DceRpc, Refuses) {
  static const struct {
    const char* name;
    std::string hex;
    bool ends;
  } kCases[] = {
      {"another version", "06", true},
      {"another minor version", "0502", true},
      {"no type", "05001f", true},
      {"no representation", "05000003 22000000 1800 0000 01000000", true},
      {"shorter than its header", "05000003 10000000 0f00 0000 01000000", true},
      {"a token longer than the fragment", "05000b03 10000000 1800 2000 01000000", true},
      {"a request without an operation", "05000003 10000000 1000 0000 01000000", false},
      {"a fault without a status", "05000303 10000000 1800 0000 01000000" + zeros(8), false},
      {"contexts beyond the bind", rpc(11, 1, "b810 b810 00000000 02 00 0000 0000 01 00"), false},
      {"a token that is none", rpc(16, 1, "00000000 0a 02 00 00 00000000 'NTLMSSP' 00 07000000", 3, 12), false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_EQ(flow.give(c.hex, kOut), !c.ends);
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
  }
}

TEST(DceRpc, WhatWaitsIsToldBeforeTheEnd) {
  Flow flow;
  flow.give(rpc_bind(), kOut);
  flow.give(rpc_request(2, 12), kOut);
  EXPECT_FALSE(flow.give("06", kBack));
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "operation"), "CreateServiceW");
  EXPECT_EQ(flow.get(0, "rtt"), "-");
}

// | 4 | type | flags | representation | object | interface | activity | boot | version | sequence | operation | hints |
//   length | fragment | authentication, serial |
std::string datagram(unsigned type, unsigned sequence, unsigned operation, const std::string& body = "",
                     unsigned fragment = 0) {
  return "04" + number(type, 1) + "2000 10000000" + zeros(16) + "81bb7a36 4498 f135 ad32 98f038001003" +
         std::string(32, '7') + zeros(4) + "01000000" + number(sequence, 4) + number(operation, 2) + "ffffffff" +
         number(size_of(body), 2) + number(fragment, 2) + "0000" + body;
}

TEST(DceRpc, Datagrams) {
  Flow flow;
  flow.datagram(datagram(0, 1, 0, "00"), kOut);
  flow.datagram(datagram(0, 1, 0, "00"), kOut);     // sent again
  flow.datagram(datagram(0, 1, 0, "00", 1), kOut);  // its second fragment
  flow.datagram(datagram(2, 1, 0xffff, "00"), kBack);
  ASSERT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.get(0, "endpoint"), "svcctl");
  EXPECT_EQ(flow.get(0, "operation"), "CloseServiceHandle");
  EXPECT_EQ(flow.get(0, "rtt"), "0.003000");
  flow.datagram(datagram(0, 2, 3, ""), kOut);
  flow.datagram(datagram(3, 2, 3, "01000000"), kBack);
  EXPECT_EQ(flow.get(1, "fault"), "1");
  flow.datagram("0400", kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
  std::string lying = datagram(0, 3, 3);
  flow.datagram(lying.substr(0, lying.size() - 12) + "ffff 0000 0000", kOut);
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(DceRpcProbe, Verdicts) {
  static const struct {
    const char* name;
    std::string hex;
    Transport transport;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"bind", rpc_bind(), Transport::tcp, Verdict::yes, Verdict::yes},
      {"half", "05000b03 1000", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"reserved octets", "05000b03 10000100 4800 0000 01000000", Transport::tcp, Verdict::no, Verdict::no},
      {"TLS", "16030100a5010000a10303", Transport::tcp, Verdict::no, Verdict::no},
      {"SOCKS", "050100", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"datagram", datagram(0, 1, 0), Transport::udp, Verdict::yes, Verdict::yes},
      {"half a datagram", "0400", Transport::udp, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("dce_rpc").probe(bytes, kOut, c.transport, false), c.anywhere);
    EXPECT_EQ(protocol("dce_rpc").probe(bytes, kOut, c.transport, true), c.on_port);
  }
}

TEST(DceRpcNames, OperationsHaveTheirNumbers) {
  static constexpr struct {
    const char* uuid;
    unsigned number;
    const char *endpoint, *operation;
  } kCases[] = {
      {"81bb7a36 4498 f135 ad32 98f038001003", 19, "svcctl", "StartServiceW"},
      {"81bb7a36 4498 f135 ad32 98f038001003", 64, "svcctl", "OpenSCManager2"},
      {"81bb7a36 4498 f135 ad32 98f038001003", 65, "svcctl", ""},
      {"8206f71f 510a e830 076d 740be8cee98b", 0, "atsvc", "NetrJobAdd"},
      {"4959d386 c983 4440 b424 db363231fd0c", 1, "ITaskSchedulerService", "SchRpcRegisterTask"},
      {"4959d386 c983 4440 b424 db363231fd0c", 19, "ITaskSchedulerService", "SchRpcEnableTask"},
      {"01d08c33 4422 f131 aaaa 900038001003", 35, "winreg", "BaseRegDeleteKeyEx"},
      {"78573412 3412 cdab ef00 0123456789ac", 64, "samr", "SamrConnect5"},
      {"78573412 3412 cdab ef00 0123456789ab", 76, "lsarpc", "LsarLookupSids3"},
      {"78563412 3412 cdab ef00 01234567cffb", 26, "netlogon", "NetrServerAuthenticate3"},
      {"78563412 3412 cdab ef00 01234567cffb", 45, "netlogon", "NetrLogonSamLogonWithFlags"},
      {"354251e3 064b d111 ab04 00c04fc2dcd2", 3, "drsuapi", "DRSGetNCChanges"},
      {"c84f324b 7016 d301 1278 5a47bf6ee188", 57, "srvsvc", "NetrShareDelEx"},
      {"98d0ff6b 12a1 1036 9833 46c3f87e345a", 2, "wkssvc", "NetrWkstaUserEnum"},
      {"78563412 3412 cdab ef00 0123456789ab", 89, "spoolss", "RpcAddPrinterDriverEx"},
      {"963ff076 fdcd fc44 a22c 64950a001209", 62, "IRemoteWinspool", "RpcAsyncInstallPrinterDriverFromPackage"},
      {"99dc5695 8c82 cf11 a37e 00aa003240c7", 24, "IWbemServices", "ExecMethod"},
      {"a0010000 0000 0000 c000 000000000046", 4, "IRemoteSCMActivator", "RemoteCreateInstance"},
      {"88d481c6 50d8 d011 8c52 00c04fd90f7e", 0, "efsrpc", "EfsRpcOpenFileRaw"},
      {"a4c2ab50 4d57 b340 9d66 ee4fd5fba076", 5, "dnsserver", "DnssrvOperation2"},
      {"dc3f2782 2ae3 c318 3f78 827929dc23ea", 0, "eventlog", "ElfrClearELFW"},
      {"0883afe1 1f5d c911 91a4 08002b14a0fa", 3, "epmapper", "ept_map"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.endpoint);
    Flow flow;
    flow.give(rpc(11, 1, "b810 b810 00000000 01 00 0000 0000 01 00" + std::string{c.uuid} + "02000000" + zeros(20)),
              kOut);
    flow.give(rpc_request(2, c.number), kOut);
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.get(0, "endpoint"), c.endpoint);
    EXPECT_EQ(flow.get(0, "operation"), *c.operation == '\0' ? "unknown-" + std::to_string(c.number) : c.operation);
  }
}

}  // namespace
}  // namespace nw::network
