#include <array>
#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_brief.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

// What every event has besides, and what says the same in Zeek's names: one test looks at them.
constexpr auto kSkip =
    std::to_array<std::string_view>({"ts", "facility", "severity", "severity_level", "mnemonic", "message_id",
                                     "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto"});

TEST(Cisco, FillsTheEvent) {
  MessagePlay play{cisco_format()};
  EXPECT_EQ(play.play("Deny udp src dmz:192.0.2.7/4000 dst scada:198.51.100.7/20000 by access-group \"DMZ\" [0x0, 0x0]",
                      "%ASA-4-106023"),
            R"({"_path":"cisco.firewall","ts":1768464000.000000,"facility":"ASA","severity":"WARNING",)"
            R"("severity_level":4,"mnemonic":"106023","message_id":106023,"acl":"DMZ","action":"denied",)"
            R"("blocked":true,"protocol":"udp","src_interface":"dmz","src_ip":"192.0.2.7","id.orig_h":"192.0.2.7",)"
            R"("src_port":4000,"id.orig_p":4000,"dst_interface":"scada","dst_ip":"198.51.100.7",)"
            R"("id.resp_h":"198.51.100.7","dst_port":20000,"id.resp_p":20000,"proto":"udp"})"
            "\n");
}

TEST(Cisco, FindsTheTag) {
  static constexpr struct {
    const char *name, *program, *text, *want;
  } kCases[] = {
      {"as the program", "%ASA-6-199005", "Startup begin", "facility=ASA|severity_level=6|mnemonic=199005"},
      {"in the text", "asa", "%ASA-6-199005: Startup begin", "facility=ASA|severity_level=6|mnemonic=199005"},
      {"no colon", "", "%ASA-6-199005 Startup begin", "facility=ASA|severity_level=6|mnemonic=199005"},
      {"a class", "%ASA-session-5-199005", "x", "facility=ASA|severity_level=5|mnemonic=199005"},
      {"an empty class", "", "%ASA--5-199005: x", "facility=ASA|severity_level=5|mnemonic=199005"},
      {"Firepower", "%FTD-1-199005", "x", "facility=FTD|severity_level=1|mnemonic=199005"},
      {"two parts", "%IP-TCP-3-BADAUTH", "x", "facility=IP-TCP|severity_level=3|mnemonic=BADAUTH"},
      {"IOS XR", "config", "%MGBL-SYS-5-CONFIG_I : x", "facility=MGBL-SYS|severity_level=5|mnemonic=CONFIG_I"},
      {"behind other words", "", "n1: *Jan 15 07:59:58.5: %SYS-2-X: y", "facility=SYS|severity_level=2|mnemonic=X"},
      {"behind a percent sign", "", "50 % of %SYS-2-X: y", "facility=SYS|severity_level=2|mnemonic=X"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay play{cisco_format()};
    static constexpr auto kNot = std::to_array<std::string_view>({"ts", "severity", "message_id", "host"});
    EXPECT_EQ(brief(play.play(c.text, c.program), kNot), "cisco|" + std::string{c.want});
  }
}

TEST(Cisco, LeavesOtherLines) {
  for (const char* text : {"", "Accepted password for olga", "%", "%ASA", "%ASA-6", "%ASA-6-", "%ASA-8-199005: x",
                           "%d-5-x y", "100%-5-X: y", "%%01SHELL/5/LOGIN(l):x", "%SYS-5-A*B: x"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(cisco_format().recognise(MessagePlay::message(text)));
    MessagePlay play{cisco_format()};
    EXPECT_EQ(play.play(text), *text == '\0' ? "fault: empty\n" : "fault: bad_header\n");
  }
}

// A tag in another program's text does not make the message Cisco's.
TEST(Cisco, IsNotFooledByATagInTheText) {
  static constexpr struct {
    const char *program, *pid, *text;
    bool want;
  } kCases[] = {
      {"", "", "%SYS-5-X: y", true},
      {"config", "65539", "%SYS-5-X : y", true},
      {"app", "7", "user %SYS-5-X: y", false},
      {"app", "", "user %SYS-5-X: y", false},
      {"app", "", "user: %SYS-5-X: y", false},
      {"app", "7", "at Jan 14 22:14:15: %SYS-5-X: y", false},
      {"", "", "GET /a %SYS-5-X: y", false},
      {"20", "", "router1: 6340004: %SYS-5-X: y", true},
      {"router1", "", "00:01:01: %SYS-5-X: y", true},
      {"router1", "", "1w2d: %SYS-5-X: y", true},
      {"20", "", "router1: *Jan 14 22:14:15.250 CET: %SYS-5-X: y", true},
      {"", "", "RP/0/RSP0/CPU0:Jan 14 22:14:15.250 : config[7]: %SYS-5-X : y", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.program} + ": " + c.text);
    Message message = MessagePlay::message(c.text, c.program);
    message.pid = c.pid;
    EXPECT_EQ(cisco_format().recognise(message), c.want);
  }
}

TEST(Cisco, TypesCarryTheLogSources) {
  const auto& types = cisco_format().types;
  ASSERT_EQ(types.size(), 5U);
  for (const event::TypeSpec& type : types) {
    EXPECT_EQ(type.product, "cisco");
    EXPECT_NE(std::ranges::find(type.services, "syslog"), type.services.end());
  }
  EXPECT_EQ(types[1].services[0], "aaa");
  EXPECT_EQ(types[2].services[0], "bgp");
  EXPECT_EQ(types[3].services[0], "ldp");
  EXPECT_EQ(types[4].categories[0], "firewall");
}

// "TIME fw1: %ASA-...": the envelope takes the name for a program's.
TEST(Cisco, NamesTheHost) {
  MessagePlay play{cisco_format()};
  EXPECT_NE(play.play("%ASA-6-199005: x", "fw1").find(R"("host":"fw1")"), std::string::npos);
  Message message = MessagePlay::message("%ASA-6-199005: x", "asa");
  message.pid = "7";
  EXPECT_EQ(play.play(message).find("host"), std::string::npos);
  message = MessagePlay::message("%ASA-6-199005: x", "asa");
  message.host = "fw1";  // the caller sets it
  EXPECT_EQ(play.play(message).find("host"), std::string::npos);
}

TEST(Cisco, ReadsTheTimeThatTheEnvelopeMissed) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"node1: 6340004: *Jan 14 22:14:15.250: %SYS-5-X: y", "1768428855.250000"},
      {": 2025 Oct 11 22:14:15 UTC: %SYS-5-X: y", "1760220855.000000"},
      {"2026-01-14T22:14:15Z n1 : %SYS-5-X: y", "1768428855.000000"},
      {"00:01:01: %SYS-5-X: y", "1768464000.000000"},
      {"%SYS-5-X: at Jan 14 22:14:15", "1768464000.000000"},
  };
  MessagePlay play{cisco_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_NE(play.play(c.text).find(std::string{R"("ts":)"} + c.want + ','), std::string::npos);
  }
}

// The same number on another firewall is another connection, and a teardown is told once.
TEST(Cisco, RemembersDirectionsPerDevice) {
  MessagePlay play{cisco_format()};
  const auto from = [&](const char* host, const char* text, const char* program) {
    Message message = MessagePlay::message(text, program);
    message.host = host;
    return play.play(message);
  };
  constexpr const char* kBuilt =
      "Built outbound TCP connection 5 for out:198.51.100.7/80 (198.51.100.7/80) to in:192.0.2.7/4000 (192.0.2.7/4000)";
  constexpr const char* kOver =
      "Teardown TCP connection 5 for out:198.51.100.7/80 to in:192.0.2.7/4000 duration 0:00:01 bytes 1 TCP FINs";
  (void)from("fw1", kBuilt, "%ASA-6-302013");
  EXPECT_EQ(from("fw2", kOver, "%ASA-6-302014").find("direction"), std::string::npos);
  EXPECT_NE(from("fw1", kOver, "%ASA-6-302014").find(R"("direction":"outbound")"), std::string::npos);
  EXPECT_EQ(from("fw1", kOver, "%ASA-6-302014").find("direction"), std::string::npos);
}

TEST(Cisco, TellsFirepowersPairs) {
  MessagePlay play{cisco_format()};
  EXPECT_EQ(
      brief(
          play.play("AccessControlRuleAction: Block with reset, SrcIP: 192.0.2.7, DstIP: 198.51.100.7, SrcPort: 4000, "
                    "DstPort: 502, Protocol: tcp, IngressInterface: in, EgressInterface: out, Empty: , "
                    "AccessControlRuleName: Block, all of it, User: olga, URL: http://a/b,c, InitiatorBytes: 7",
                    "%FTD-1-430002"),
          kSkip),
      "cisco.firewall|action=Block with reset|blocked=true|user=olga|url=http://a/b,c|protocol=tcp|src_interface=in"
      "|src_ip=192.0.2.7|src_port=4000|dst_interface=out|dst_ip=198.51.100.7|dst_port=502"
      "|AccessControlRuleAction=Block with reset|SrcIP=192.0.2.7|DstIP=198.51.100.7|SrcPort=4000|DstPort=502"
      "|Protocol=tcp|IngressInterface=in|EgressInterface=out|AccessControlRuleName=Block, all of it|User=olga"
      "|URL=http://a/b,c|InitiatorBytes=7");
  // Also without a tag.
  EXPECT_EQ(brief(play.play("Protocol: ICMP, SrcIP: 192.0.2.7, DstIP: 198.51.100.7", "SFIMS"), kSkip),
            "cisco.firewall|protocol=ICMP|src_ip=192.0.2.7|dst_ip=198.51.100.7|Protocol=ICMP|SrcIP=192.0.2.7"
            "|DstIP=198.51.100.7");
  EXPECT_EQ(brief(play.play("fmc1: olga@192.0.2.5, Devices > Device Management, Page View", "sfdccsm"), kSkip),
            "cisco|user=olga|command=Devices > Device Management, Page View|action=audit|src_ip=192.0.2.5");
}

TEST(Cisco, BoundsThePairs) {
  MessagePlay play{cisco_format()};
  std::string text;
  for (int i = 0; i < 128; ++i) text += "K" + std::to_string(i) + ": 1, ";
  EXPECT_TRUE(play.play(text.substr(0, text.size() - 2), "%FTD-1-430002").starts_with('{'));
  EXPECT_EQ(play.play(text + "Last: 1", "%FTD-1-430002"), "fault: too_deep\n");
}

// Every prefix of a message is a message.
TEST(Cisco, SurvivesPrefixes) {
  MessagePlay play{cisco_format()};
  const std::string text =
      "Built outbound UDP connection 5 for out:198.51.100.7/80 (198.51.100.7/80)(LOCAL\\a b) to in:192.0.2.7/4000 "
      "(192.0.2.7/4000)";
  for (std::size_t size = 0; size <= text.size(); ++size)
    EXPECT_TRUE(play.play(std::string_view{text}.substr(0, size), "%ASA-6-302015").starts_with('{'));
}

TEST(Cisco, TellsTraffic) {
  static constexpr struct {
    const char *name, *program, *text, *want;
  } kCases[] = {
      {"built outbound: the initiator is the second", "%ASA-6-302013",
       "Built outbound TCP connection 7001 for outside:198.51.100.7/443 (198.51.100.7/443) to"
       " inside:192.0.2.10/50123 (203.0.113.2/31000)",
       "cisco.firewall|action=built|blocked=false|connection_id=7001|direction=outbound|protocol=TCP"
       "|src_interface=inside|src_ip=192.0.2.10|src_port=50123|src_mapped_ip=203.0.113.2|src_mapped_port=31000"
       "|dst_interface=outside|dst_ip=198.51.100.7|dst_port=443|dst_mapped_ip=198.51.100.7|dst_mapped_port=443"},
      {"its teardown knows the way", "%ASA-6-302014",
       "Teardown TCP connection 7001 for outside:198.51.100.7/443 to inside:192.0.2.10/50123 duration 0:02:04"
       " bytes 5120 TCP FINs (anna)",
       "cisco.firewall|duration=124.000000|bytes=5120|action=teardown|blocked=false|connection_id=7001|user=anna"
       "|reason=TCP FINs|direction=outbound|protocol=TCP|src_interface=inside|src_ip=192.0.2.10|src_port=50123"
       "|dst_interface=outside|dst_ip=198.51.100.7|dst_port=443"},
      {"a teardown nobody saw built", "%ASA-6-302014",
       "Teardown TCP connection 7002 for outside:198.51.100.7/443 to inside:192.0.2.10/50124 duration 1:00:00"
       " bytes 0 SYN Timeout",
       "cisco.firewall|duration=3600.000000|bytes=0|action=teardown|blocked=false|connection_id=7002|reason=SYN"
       " Timeout|protocol=TCP|src_interface=outside|src_ip=198.51.100.7|src_port=443|dst_interface=inside"
       "|dst_ip=192.0.2.10|dst_port=50124"},
      {"users at both ends", "%ASA-6-302016",
       R"(Teardown UDP connection 9 for outside:198.51.100.7/53(LOCAL\olga p) to inside:192.0.2.10/4000 mira)"
       R"( duration 0:00:01 bytes 80)",
       R"(cisco.firewall|duration=1.000000|bytes=80|action=teardown|blocked=false|connection_id=9|protocol=UDP)"
       R"(|src_interface=outside|src_ip=198.51.100.7|src_port=53|src_user=LOCAL\\olga p|dst_interface=inside)"
       R"(|dst_ip=192.0.2.10|dst_port=4000|dst_user=mira)"},
      {"ICMP inbound", "%ASA-6-302020",
       "Built inbound ICMP connection for faddr 198.51.100.9/77 gaddr 203.0.113.2/0 laddr 192.0.2.10/0 type 8 code"
       " 0",
       "cisco.firewall|action=built|blocked=false|direction=inbound|protocol=ICMP|src_ip=198.51.100.9"
       "|dst_ip=192.0.2.10|dst_mapped_ip=203.0.113.2|icmp_type=8|icmp_code=0"},
      {"ICMP teardown", "%ASA-6-302021",
       "Teardown ICMP connection for faddr 198.51.100.9/77 gaddr 203.0.113.2/0 laddr 192.0.2.10/0",
       "cisco.firewall|action=teardown|blocked=false|protocol=ICMP|src_ip=192.0.2.10|src_mapped_ip=203.0.113.2"
       "|dst_ip=198.51.100.9"},
      {"access group", "%ASA-4-106023",
       R"(Deny tcp src outside:198.51.100.9/4711 dst scada:192.0.2.20/502 by access-group "OUT_IN" [0x1a2b, 0x0])",
       "cisco.firewall|acl=OUT_IN|action=denied|blocked=true|protocol=tcp|src_interface=outside"
       "|src_ip=198.51.100.9|src_port=4711|dst_interface=scada|dst_ip=192.0.2.20|dst_port=502"},
      {"access group, ICMP", "%ASA-4-106023",
       R"(Deny icmp src outside:198.51.100.9 dst scada:192.0.2.20 (type 8, code 0) by access-group "OUT_IN" [0x0,)"
       R"( 0x0])",
       "cisco.firewall|acl=OUT_IN|action=denied|blocked=true|protocol=icmp|src_interface=outside"
       "|src_ip=198.51.100.9|dst_interface=scada|dst_ip=192.0.2.20|icmp_type=8|icmp_code=0"},
      {"access group, protocol number", "%ASA-4-106023",
       R"(Deny protocol 47 src outside:198.51.100.9 dst scada:192.0.2.20 by access-group "OUT_IN")",
       "cisco.firewall|acl=OUT_IN|action=denied|blocked=true|protocol=47|src_interface=outside|src_ip=198.51.100.9"
       "|dst_interface=scada|dst_ip=192.0.2.20"},
      {"access list", "%ASA-4-106100",
       "access-list OUT_IN denied udp outside/198.51.100.9(1024) -> scada/192.0.2.20(20000) hit-cnt 1 first hit"
       " [0x1, 0x0]",
       "cisco.firewall|acl=OUT_IN|hit_count=1|action=denied|blocked=true|protocol=udp|src_interface=outside"
       "|src_ip=198.51.100.9|src_port=1024|dst_interface=scada|dst_ip=192.0.2.20|dst_port=20000"},
      {"access list, IPv6 and names", "%ASA-6-106100",
       "access-list OUT_IN permitted tcp outside/2001:db8::9(1024) -> scada/plc7.example(44818) hit-cnt 3"
       " 300-second interval",
       "cisco.firewall|acl=OUT_IN|hit_count=3|action=permitted|blocked=false|protocol=tcp|src_interface=outside"
       "|src_ip=2001:db8::9|src_port=1024|dst_interface=scada|dst_ip=plc7.example|dst_port=44818"},
      {"no connection", "%ASA-6-106015",
       "Deny TCP (no connection) from 198.51.100.9/4711 to 192.0.2.20/502 flags RST ACK  on interface outside",
       "cisco.firewall|reason=no connection|tcp_flags=RST ACK|action=denied|blocked=true|protocol=TCP"
       "|src_interface=outside|src_ip=198.51.100.9|src_port=4711|dst_ip=192.0.2.20|dst_port=502"},
      {"inbound denied", "%ASA-2-106001",
       "Inbound TCP connection denied from 198.51.100.9/4711 to 192.0.2.20/23 flags SYN  on interface outside",
       "cisco.firewall|tcp_flags=SYN|action=denied|blocked=true|direction=Inbound|protocol=TCP"
       "|src_interface=outside|src_ip=198.51.100.9|src_port=4711|dst_ip=192.0.2.20|dst_port=23"},
      {"UDP denied", "%ASA-2-106006", "Deny inbound UDP from 198.51.100.9/137 to 192.0.2.20/137 on interface outside",
       "cisco.firewall|action=denied|blocked=true|direction=inbound|protocol=UDP|src_interface=outside"
       "|src_ip=198.51.100.9|src_port=137|dst_ip=192.0.2.20|dst_port=137"},
      {"DNS denied", "%ASA-2-106007", "Deny inbound UDP from 198.51.100.9/53 to 192.0.2.20/4000 due to DNS Response",
       "cisco.firewall|reason=DNS Response|action=denied|blocked=true|direction=inbound|protocol=UDP"
       "|src_ip=198.51.100.9|src_port=53|dst_ip=192.0.2.20|dst_port=4000"},
      {"no translation slot", "%ASA-3-106010", "Deny inbound sctp src outside:198.51.100.9/5 dst scada:192.0.2.20/6",
       "cisco.firewall|action=denied|blocked=true|direction=inbound|protocol=sctp|src_interface=outside"
       "|src_ip=198.51.100.9|src_port=5|dst_interface=scada|dst_ip=192.0.2.20|dst_port=6"},
      {"ICMP denied", "%ASA-3-106014",
       "Deny inbound icmp src outside:198.51.100.9 dst scada:192.0.2.20(type 8, code 0)",
       "cisco.firewall|action=denied|blocked=true|direction=inbound|protocol=icmp|src_interface=outside"
       "|src_ip=198.51.100.9|dst_interface=scada|dst_ip=192.0.2.20|icmp_type=8|icmp_code=0"},
      {"spoofed", "%ASA-2-106016", "Deny IP spoof from (0.0.0.0) to 192.0.2.20 on interface outside",
       "cisco.firewall|action=denied|blocked=true|src_interface=outside|src_ip=0.0.0.0|dst_ip=192.0.2.20"},
      {"reverse path", "%ASA-1-106021", "Deny UDP reverse path check from 192.0.2.1 to 192.0.2.20 on interface outside",
       "cisco.firewall|reason=reverse path check|action=denied|blocked=true|protocol=UDP|src_interface=outside"
       "|src_ip=192.0.2.1|dst_ip=192.0.2.20"},
      {"ICMP to the box", "%ASA-3-313001", "Denied ICMP type=8, code=0 from 198.51.100.9 on interface outside",
       "cisco.firewall|action=denied|blocked=true|protocol=ICMP|src_interface=outside|src_ip=198.51.100.9"
       "|icmp_type=8|icmp_code=0"},
      {"ICMP without session", "%ASA-4-313004",
       "Denied ICMP type=0, from laddr 198.51.100.9 on interface outside to 192.0.2.20: no matching session",
       "cisco.firewall|reason=no matching session|action=denied|blocked=true|protocol=ICMP|src_interface=outside"
       "|src_ip=198.51.100.9|dst_ip=192.0.2.20|icmp_type=0"},
      {"translation built", "%ASA-6-305011",
       "Built dynamic TCP translation from inside:192.0.2.10/50123 to outside:203.0.113.2/31000",
       "cisco.firewall|action=built|blocked=false|protocol=TCP|src_interface=inside|src_ip=192.0.2.10"
       "|src_port=50123|dst_interface=outside|dst_ip=203.0.113.2|dst_port=31000"},
      {"translation over", "%ASA-6-305012",
       "Teardown dynamic TCP translation from inside:192.0.2.10/50123 to outside:203.0.113.2/31000 duration 0:00:30",
       "cisco.firewall|duration=30.000000|action=teardown|blocked=false|protocol=TCP|src_interface=inside"
       "|src_ip=192.0.2.10|src_port=50123|dst_interface=outside|dst_ip=203.0.113.2|dst_port=31000"},
      {"local host", "%ASA-7-609001", "Built local-host inside:192.0.2.10",
       "cisco.firewall|action=built|blocked=false|src_interface=inside|src_ip=192.0.2.10"},
      {"local host over", "%ASA-7-609002", "Teardown local-host inside:192.0.2.10 duration 0:01:00",
       "cisco.firewall|duration=60.000000|action=teardown|blocked=false|src_interface=inside|src_ip=192.0.2.10"},
      {"URL", "%ASA-5-304001", "192.0.2.10 Accessed URL nadia@198.51.100.80:http://198.51.100.80/a?b",
       "cisco.firewall|url=http://198.51.100.80/a?b|action=accessed|blocked=false|src_ip=192.0.2.10|src_user=nadia"
       "|dst_ip=198.51.100.80"},
      {"access to the box", "%ASA-3-710003",
       "TCP access denied by ACL from 198.51.100.9/4711 to outside:203.0.113.2/22",
       "cisco.firewall|action=denied|blocked=true|protocol=TCP|src_ip=198.51.100.9|src_port=4711"
       "|dst_interface=outside|dst_ip=203.0.113.2|dst_port=22"},
      {"botnet filter", "%ASA-4-338002",
       "Dynamic filter monitored blacklisted TCP traffic from inside:192.0.2.10/50125 (203.0.113.2/31001) to"
       " outside:198.51.100.66/80 (198.51.100.66/80), destination 198.51.100.66 resolved from dynamic list:"
       " bad.example, threat-level: very-high, category: Malware",
       "cisco.firewall|list=blacklisted|domain=bad.example|threat_level=very-high|threat_category=Malware"
       "|action=monitored|blocked=false|protocol=TCP|src_interface=inside|src_ip=192.0.2.10|src_port=50125"
       "|src_mapped_ip=203.0.113.2|src_mapped_port=31001|dst_interface=outside|dst_ip=198.51.100.66|dst_port=80"
       "|dst_mapped_ip=198.51.100.66|dst_mapped_port=80"},
      {"threat rate", "%ASA-4-733100",
       "[ Scanning] drop rate-1 exceeded. Current burst rate is 12 per second, max configured rate is 10; Current"
       " average rate is 8 per second, max configured rate is 5; Cumulative total count is 4800",
       "cisco.firewall|object=Scanning|reason=rate-1|burst_rate=12|average_rate=8|count=4800|action=rate_exceeded"},
  };
  MessagePlay play{cisco_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text, c.program), kSkip), c.want);
  }
}

TEST(Cisco, TellsWhoDidWhat) {
  static constexpr struct {
    const char *name, *program, *text, *want;
  } kCases[] = {
      {"command", "%ASA-5-111008", "User 'enable_15' executed the 'copy run 'x'' command.",
       "cisco.aaa|user=enable_15|command=copy run 'x'|action=command"},
      {"command with its origin", "%ASA-5-111010",
       "User 'olga', running 'CLI' from IP 192.0.2.5, executed 'no logging enable'",
       "cisco.aaa|user=olga|application=CLI|command=no logging enable|action=command|src_ip=192.0.2.5"},
      {"AAA, server", "%ASA-6-113004", "AAA user authentication Successful : server =  192.0.2.3 : user = olga",
       "cisco|server=192.0.2.3|user=olga|action=login"},
      {"AAA, rejected", "%ASA-6-113005",
       "AAA user authentication Rejected : reason = AAA failure : server = 192.0.2.3 : user = ***** : user IP ="
       " 198.51.100.9",
       "cisco|reason=AAA failure|server=192.0.2.3|user=*****|action=login_failed|src_ip=198.51.100.9"},
      {"AAA, rejected, older", "%ASA-6-113005",
       "AAA user authentication Rejected: reason = Invalid password: server = 192.0.2.3, User = olga",
       "cisco|reason=Invalid password|server=192.0.2.3|user=olga|action=login_failed"},
      {"AAA, local", "%ASA-6-113012", "AAA user authentication Successful : local database : user = olga",
       "cisco|user=olga|action=login"},
      {"AAA, local, rejected", "%ASA-6-113015",
       "AAA user authentication Rejected : reason = User was not found : local database : user = root : user IP ="
       " 198.51.100.9",
       "cisco|reason=User was not found|user=root|action=login_failed|src_ip=198.51.100.9"},
      {"VPN session over", "%ASA-4-113019",
       "Group = staff, Username = olga, IP = 198.51.100.9, Session disconnected. Session Type: SSL, Duration:"
       " 1h:02m:03s, Bytes xmt: 100, Bytes rcv: 200, Reason: Idle Timeout",
       "cisco|group=staff|user=olga|session_type=SSL|duration=3723.000000|bytes_sent=100|bytes_received=200"
       "|reason=Idle Timeout|action=session_end|src_ip=198.51.100.9"},
      {"login denied", "%ASA-6-605004",
       R"(Login denied from 198.51.100.9/4711 to outside:203.0.113.2/ssh for user "ro"ot")",
       R"(cisco|user=ro\"ot|action=login_failed|src_ip=198.51.100.9|src_port=4711|dst_interface=outside)"
       R"(|dst_ip=203.0.113.2|application=ssh)"},
      {"login permitted", "%ASA-6-605005",
       R"(Login permitted from 192.0.2.5/4711 to inside:192.0.2.1/https for user "olga")",
       "cisco|user=olga|action=login|src_ip=192.0.2.5|src_port=4711|dst_interface=inside|dst_ip=192.0.2.1"
       "|application=https"},
      {"authenticated", "%ASA-6-611101", "User authentication succeeded: IP address: 192.0.2.5, Uname: olga",
       "cisco|user=olga|action=login|src_ip=192.0.2.5"},
      {"IKE", "%ASA-3-713902",
       "Group = staff, Username = olga, IP = 198.51.100.9, Removing peer from correlator table failed, no match!",
       "cisco|group=staff|user=olga|reason=Removing peer from correlator table failed, no match!"
       "|src_ip=198.51.100.9"},
      {"IKE, peer only", "%ASA-5-713202", "IP = 198.51.100.9, Duplicate first packet detected. Ignoring packet.",
       "cisco|reason=Duplicate first packet detected. Ignoring packet.|src_ip=198.51.100.9"},
      {"WebVPN", "%ASA-6-716002",
       "Group <staff> User <olga> IP <198.51.100.9> WebVPN session terminated: Idle Timeout.",
       "cisco|group=staff|user=olga|reason=Idle Timeout|action=session_end|src_ip=198.51.100.9"},
      {"AnyConnect address", "%ASA-4-722051",
       "Group <staff> User <olga> IP <198.51.100.9> IPv4 Address <192.0.2.77> IPv6 address <::> assigned to session",
       "cisco|group=staff|user=olga|assigned_ip=192.0.2.77|action=address_assigned|src_ip=198.51.100.9"},
      {"AnyConnect, other", "%ASA-6-722023",
       "Group <staff> User <olga> IP <198.51.100.9> TCP SVC connection terminated without compression",
       "cisco|group=staff|user=olga|reason=TCP SVC connection terminated without compression|src_ip=198.51.100.9"},
      {"TLS", "%ASA-6-725002",
       "Device completed SSL handshake with client outside:198.51.100.9/4711 to 203.0.113.2/443 for TLSv1.2 session",
       "cisco|role=client|tls_version=TLSv1.2|action=tls_completed|src_interface=outside|src_ip=198.51.100.9"
       "|src_port=4711|dst_ip=203.0.113.2|dst_port=443"},
      {"TLS failed", "%ASA-6-725006", "Device failed SSL handshake with client outside:198.51.100.9/4711",
       "cisco|role=client|action=tls_failed|src_interface=outside|src_ip=198.51.100.9|src_port=4711"},
      {"image", "%ASA-5-769001", "UPDATE: ASA image disk0:/a.bin was added to system boot list",
       "cisco|reason=ASA image disk0:/a.bin was added to system boot list|action=update"},
      {"what no row knows", "%ASA-6-199005", "Startup begin", "cisco"},
  };
  MessagePlay play{cisco_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text, c.program), kSkip), c.want);
  }
}

TEST(Cisco, TellsNamedMessages) {
  static constexpr struct {
    const char *name, *program, *text, *want;
  } kCases[] = {
      {"access list", "%SEC-6-IPACCESSLOGP",
       "list 101 denied tcp 198.51.100.9(4711) (GigabitEthernet0/1 0053.0000.0001) -> 192.0.2.20(502), 2 packets",
       "cisco.firewall|acl=101|mac=0053.0000.0001|packets=2|action=denied|blocked=true|protocol=tcp"
       "|src_interface=GigabitEthernet0/1|src_ip=198.51.100.9|src_port=4711|dst_ip=192.0.2.20|dst_port=502"},
      {"access list, ICMP", "%SEC-6-IPACCESSLOGDP",
       "list OUT permitted icmp 198.51.100.9 -> 192.0.2.20 (8/0), 1 packet",
       "cisco.firewall|acl=OUT|packets=1|action=permitted|blocked=false|protocol=icmp|src_ip=198.51.100.9"
       "|dst_ip=192.0.2.20|icmp_type=8|icmp_code=0"},
      {"access list, standard", "%SEC-6-IPACCESSLOGS", "list 7 denied 198.51.100.9 1 packet",
       "cisco.firewall|acl=7|packets=1|action=denied|blocked=true|src_ip=198.51.100.9"},
      {"login", "%SEC_LOGIN-5-LOGIN_SUCCESS",
       "Login Success [user: olga] [Source: 192.0.2.5] [localport: 22] at 08:00:00 UTC Thu Jan 15 2026",
       "cisco|user=olga|action=login|src_ip=192.0.2.5|dst_port=22"},
      {"login failed", "%SEC_LOGIN-4-LOGIN_FAILED",
       "Login failed [user: root] [Source: 198.51.100.9] [localport: 23] [Reason: Login Authentication Failed] at"
       " 08:00:00 UTC Thu Jan 15 2026",
       "cisco|user=root|reason=Login Authentication Failed|action=login_failed|src_ip=198.51.100.9|dst_port=23"},
      {"configured", "%SYS-5-CONFIG_I", "Configured from console by olga on vty0 (192.0.2.5)",
       "cisco|application=console|user=olga|line=vty0|action=configuration|src_ip=192.0.2.5"},
      {"configured at the console", "%SYS-5-CONFIG_I", "Configured from console by console",
       "cisco|application=console|user=console|action=configuration"},
      {"configured by a line", "%SYS-5-CONFIG_I", "Configured from console by vty2 (192.0.2.5)",
       "cisco|application=console|line=vty2|action=configuration|src_ip=192.0.2.5"},
      {"configured by a process", "%SYS-5-CONFIG_P",
       "Configured programmatically by process SEP_webui from console as olga on vty63",
       "cisco|process=SEP_webui|application=console|user=olga|line=vty63|action=configuration"},
      {"command", "%PARSER-5-CFGLOG_LOGGEDCMD", "User:olga  logged command:no ip http server",
       "cisco.aaa|user=olga|command=no ip http server|action=command"},
      {"link", "%LINK-3-UPDOWN", "Interface GigabitEthernet0/1, changed state to down",
       "cisco|interface=GigabitEthernet0/1|state=down|action=link"},
      {"line protocol", "%LINEPROTO-5-UPDOWN", "Line protocol on Interface GigabitEthernet0/1, changed state to up",
       "cisco|interface=GigabitEthernet0/1|state=up|action=link"},
      {"BGP", "%BGP-5-ADJCHANGE", "neighbor 198.51.100.1 Down BGP Notification sent",
       "cisco.bgp|neighbor=198.51.100.1|state=Down|reason=BGP Notification sent|action=neighbor"},
      {"BGP, MD5", "%TCP-6-BADAUTH", "Invalid MD5 digest from 198.51.100.1(31000) to 192.0.2.1(179)",
       "cisco.bgp|reason=Invalid MD5|action=denied|src_ip=198.51.100.1|src_port=31000|dst_ip=192.0.2.1|dst_port=179"},
      {"LDP, MD5", "%TCP-6-BADAUTH", "No MD5 digest from 198.51.100.1(31000) to 192.0.2.1(646) tableid - 0",
       "cisco.ldp|reason=No MD5|action=denied|src_ip=198.51.100.1|src_port=31000|dst_ip=192.0.2.1|dst_port=646"},
      {"LDP", "%LDP-5-NBRCHG", "LDP Neighbor 198.51.100.1:0 (1) is DOWN (Received error notification from peer)",
       "cisco.ldp|neighbor=198.51.100.1|state=DOWN (Received error notification from peer)|action=neighbor"},
      {"OSPF", "%OSPF-5-ADJCHG", "Process 1, Nbr 198.51.100.1 on GigabitEthernet0/1 from LOADING to FULL, Loading Done",
       "cisco|process=1|neighbor=198.51.100.1|interface=GigabitEthernet0/1|state=FULL|reason=Loading Done"
       "|action=neighbor"},
      {"port security", "%PORT_SECURITY-2-PSECURE_VIOLATION",
       "Security violation occurred, caused by MAC address 0053.0000.0001 on port GigabitEthernet1/0/7.",
       "cisco|reason=Security violation occurred|mac=0053.0000.0001|interface=GigabitEthernet1/0/7|action=violation"},
      {"NX-OS, configured", "%VSHD-5-VSHD_SYSLOG_CONFIG_I", "Configured from vty by olga on 192.0.2.5@pts/0",
       "cisco|application=vty|user=olga|line=pts/0|action=configuration|src_ip=192.0.2.5"},
      {"NX-OS, login failed", "%DAEMON-3-SYSTEM_MSG",
       "error: PAM: Authentication failure for illegal user bob from 198.51.100.9 - sshd[4711]",
       "cisco|user=bob|process=sshd[4711]|action=login_failed|src_ip=198.51.100.9"},
      {"inspected session", "%FW-6-SESS_AUDIT_TRAIL",
       "Stop tcp session: initiator (192.0.2.10:4711) sent 25 bytes -- responder (198.51.100.9:80) sent 100 bytes",
       "cisco.firewall|bytes_sent=25|bytes_received=100|action=teardown|blocked=false|protocol=tcp"
       "|src_ip=192.0.2.10|src_port=4711|dst_ip=198.51.100.9|dst_port=80"},
      {"what no row knows", "%SYS-6-BOOTTIME", "Time taken to reboot after reload = 79 seconds", "cisco"},
  };
  MessagePlay play{cisco_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text, c.program), kSkip), c.want);
  }
}

}  // namespace
}  // namespace nw::logs
