#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/told.h"

namespace nw::logs {
namespace {

TEST(Netfilter, Packets) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"[  812.004711] [UFW BLOCK] IN=eth0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=198.51.100.7 "
       "DST=192.0.2.1 LEN=44 TOS=0x00 PREC=0x00 TTL=241 ID=54321 DF PROTO=TCP SPT=50022 DPT=502 WINDOW=1024 RES=0x00 "
       "SYN URGP=0 ",
       R"(,"prefix":"[UFW BLOCK]","action":"block","blocked":true,"IN":"eth0",)"
       R"("MAC":"02:00:00:00:00:01:02:00:00:00:00:02:08:00","dst_mac":"02:00:00:00:00:01",)"
       R"("src_mac":"02:00:00:00:00:02","SRC":"198.51.100.7","id.orig_h":"198.51.100.7","DST":"192.0.2.1",)"
       R"("id.resp_h":"192.0.2.1","LEN":44,"TOS":"0x00","PREC":"0x00","TTL":241,"ID":54321,"PROTO":"TCP",)"
       R"("proto":"tcp","SPT":50022,"id.orig_p":50022,"DPT":502,"id.resp_p":502,"WINDOW":1024,"RES":"0x00",)"
       R"("URGP":0,"flags":["DF","SYN"])"},
      {"FINAL_REJECT: IN=eth0 OUT=eth1 PHYSIN=p1 PHYSOUT=p2 SRC=198.51.100.7 DST=192.0.2.1 LEN=60 PROTO=UDP SPT=5353 "
       "DPT=53 LEN=40 UID=1004 GID=100 MARK=0x1",
       R"(,"prefix":"FINAL_REJECT:","action":"reject","blocked":true,"IN":"eth0","OUT":"eth1","PHYSIN":"p1",)"
       R"("PHYSOUT":"p2","SRC":"198.51.100.7","id.orig_h":"198.51.100.7","DST":"192.0.2.1",)"
       R"("id.resp_h":"192.0.2.1","LEN":60,"PROTO":"UDP","proto":"udp","SPT":5353,"id.orig_p":5353,"DPT":53,)"
       R"("id.resp_p":53,"UDPLEN":40,"UID":1004,"GID":100,"MARK":"0x1")"},
      {"IN= OUT=lo SRC=2001:0db8:0000:0000:0000:0000:0000:0007 DST=2001:0db8:0000:0000:0000:0000:0000:0001 LEN=104 "
       "TC=0 "
       "HOPLIMIT=64 FLOWLBL=4711 PROTO=ICMPv6 TYPE=128 CODE=0 ID=99 SEQ=2 ",
       R"(,"OUT":"lo","SRC":"2001:db8::7","id.orig_h":"2001:db8::7","DST":"2001:db8::1","id.resp_h":"2001:db8::1",)"
       R"("LEN":104,"TC":"0","HOPLIMIT":64,"FLOWLBL":4711,"PROTO":"ICMPv6","proto":"icmp","TYPE":128,"CODE":0,)"
       R"("ICMPID":99,"SEQ":2)"},
      // The packet that an error speaks of is not the packet.
      {"drop in: IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 LEN=72 ID=7 PROTO=ICMP TYPE=3 CODE=3 [SRC=192.0.2.1 "
       "DST=203.0.113.9 LEN=44 ID=0 DF PROTO=UDP SPT=53 DPT=1234 LEN=24 ] MTU=1400",
       R"(,"prefix":"drop in:","action":"drop","blocked":true,"IN":"eth0","SRC":"198.51.100.7",)"
       R"("id.orig_h":"198.51.100.7","DST":"192.0.2.1","id.resp_h":"192.0.2.1","LEN":72,"ID":7,"PROTO":"ICMP",)"
       R"("proto":"icmp","TYPE":3,"CODE":3,)"
       R"("embedded":"SRC=192.0.2.1 DST=203.0.113.9 LEN=44 ID=0 DF PROTO=UDP SPT=53 DPT=1234 LEN=24","MTU":1400)"},
      {"[WAN_IN-2000-A]IN=eth0 OUT=eth2 SRC=198.51.100.7 DST=192.0.2.1 LEN=52 PROTO=132 ",
       R"(,"prefix":"[WAN_IN-2000-A]","action":"accept","blocked":false,"rule_set":"WAN_IN","rule":"2000",)"
       R"("IN":"eth0","OUT":"eth2","SRC":"198.51.100.7","id.orig_h":"198.51.100.7","DST":"192.0.2.1",)"
       R"("id.resp_h":"192.0.2.1","LEN":52,"PROTO":"132","proto":"sctp")"},
      {"[LAN-to-WAN-D-20] DESCR=\"no modbus out\" IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 PROTO=2",
       R"(,"DESCR":"no modbus out","prefix":"[LAN-to-WAN-D-20]","action":"drop","blocked":true,)"
       R"("rule_set":"LAN-to-WAN","rule":"20","IN":"eth0","SRC":"198.51.100.7","id.orig_h":"198.51.100.7",)"
       R"("DST":"192.0.2.1","id.resp_h":"192.0.2.1","PROTO":"2")"},
      {"[UFW AUDIT] IN=eth0 OUT= SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP SPT=70000 DPT=x",
       R"(,"prefix":"[UFW AUDIT]","action":"audit","IN":"eth0","SRC":"198.51.100.7","id.orig_h":"198.51.100.7",)"
       R"("DST":"192.0.2.1","id.resp_h":"192.0.2.1","PROTO":"TCP","proto":"tcp")"},
      {"plain-A prefix IN=eth0 OUT= SRC=plc DST=192.0.2.1 PROTO=TCP WINDOW=x lower=1 =2 JUNK",
       R"(,"prefix":"plain-A prefix","IN":"eth0","SRC":"plc","DST":"192.0.2.1","id.resp_h":"192.0.2.1",)"
       R"("PROTO":"TCP","proto":"tcp","WINDOW":"x")"},
      {"arp: IN=eth0 OUT= MACSRC=02:00:00:00:00:02 MACDST=ff:ff:ff:ff:ff:ff MACPROTO=0806 ARP HTYPE=1 PTYPE=0x0800 "
       "OPCODE=1 IPSRC=198.51.100.7 IPDST=192.0.2.1",
       R"(,"prefix":"arp:","IN":"eth0","src_mac":"02:00:00:00:00:02","dst_mac":"ff:ff:ff:ff:ff:ff",)"
       R"("id.orig_h":"198.51.100.7","id.resp_h":"192.0.2.1","MACSRC":"02:00:00:00:00:02",)"
       R"("MACDST":"ff:ff:ff:ff:ff:ff","MACPROTO":"0806","HTYPE":1,"PTYPE":"0x0800","OPCODE":1,)"
       R"("IPSRC":"198.51.100.7","IPDST":"192.0.2.1")"},
  };
  MessagePlay play{netfilter_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(fields_told(play.play(c.text, "kernel")), c.want);
    EXPECT_TRUE(play.format().recognise(MessagePlay::message(c.text, "kernel")));
  }
}

// Proxmox's own log has no envelope: its time, its guest and its chain stand in the line.
TEST(Netfilter, Proxmox) {
  MessagePlay play{netfilter_format()};
  EXPECT_EQ(play.play("104 6 tap104i0-IN 05/Feb/2026:08:00:01 +0100 policy DROP: IN=fwbr104i0 OUT=fwbr104i0 "
                      "SRC=198.51.100.7 DST=192.0.2.1 PROTO=TCP SPT=1 DPT=2"),
            R"({"_path":"netfilter","ts":1770274801.000000,"vmid":104,"chain":"tap104i0-IN","prefix":"policy DROP:",)"
            R"("action":"drop","blocked":true,"IN":"fwbr104i0","OUT":"fwbr104i0","SRC":"198.51.100.7",)"
            R"("id.orig_h":"198.51.100.7","DST":"192.0.2.1","id.resp_h":"192.0.2.1","PROTO":"TCP","proto":"tcp",)"
            R"("SPT":1,"id.orig_p":1,"DPT":2,"id.resp_p":2})"
            "\n");
  // The envelope's time is better known than one in the text.
  Message message = MessagePlay::message(
      "0 6 CHAIN 05/Feb/2026:08:00:01 +0100 DROP: IN=a OUT= SRC=198.51.100.7 DST=b "
      "PROTO=1");
  message.time.quality = event::TimeQuality::stated;
  EXPECT_TRUE(play.play(message).starts_with(R"({"_path":"netfilter","ts":1768464000.000000,"prefix":"0 6 CHAIN)"));
  EXPECT_TRUE(play.play("0 6 C 31/Feb/2026:08:00:01 +0100 X: IN=a OUT= SRC=198.51.100.7")
                  .starts_with(R"({"_path":"netfilter","ts":1768464000.000000,"prefix":"0 6 C 31)"));
}

TEST(Netfilter, APrefixMayReadAsTheProgram) {
  MessagePlay play{netfilter_format()};
  EXPECT_EQ(fields_told(play.play("IN=a OUT= SRC=s DST=d PROTO=x", "DENY")),
            R"(,"prefix":"DENY","action":"deny","blocked":true,"IN":"a","SRC":"s","DST":"d","PROTO":"x")");
  EXPECT_EQ(fields_told(play.play("IN=a OUT= SRC=s DST=d PROTO=x", "kernel")),
            R"(,"IN":"a","SRC":"s","DST":"d","PROTO":"x")");
}

// The front of the line was lost on the way.
TEST(Netfilter, TheRestOfALine) {
  MessagePlay play{netfilter_format()};
  const char* const text = "L=126 ID=7 DF PROTO=TCP SPT=50022 DPT=502 WINDOW=8192 RES=0x00 ACK URGP=0";
  EXPECT_EQ(fields_told(play.play(text, "kernel")),
            R"(,"ID":7,"PROTO":"TCP","proto":"tcp","SPT":50022,"id.orig_p":50022,"DPT":502,"id.resp_p":502,)"
            R"("WINDOW":8192,"RES":"0x00","URGP":0,"flags":["DF","ACK"],"L":126)");
  EXPECT_TRUE(play.format().recognise(MessagePlay::message(text, "kernel")));
  EXPECT_FALSE(play.format().recognise(MessagePlay::message(text, "other")));
  EXPECT_EQ(fields_told(play.play("user.info kernel: 0 PROTO=TCP SPT=50022 DPT=502")),
            R"(,"PROTO":"TCP","proto":"tcp","SPT":50022,"id.orig_p":50022,"DPT":502,"id.resp_p":502)");
}

TEST(Netfilter, TakesNoLineOfOthers) {
  static constexpr const char* kLines[] = {
      "",
      "IN=",
      "device eth0 entered promiscuous mode",
      "IN=eth0 OUT=",
      "MAIN=eth0 SRC=a DST=b PROTO=c",
      "SRC=a DST=b PROTO=TCP",
      "audit: type=1400 audit(1.2:3): apparmor=\"DENIED\"",
  };
  const MessageFormat& format = netfilter_format();
  for (const char* line : kLines) EXPECT_FALSE(format.recognise(MessagePlay::message(line, "kernel"))) << line;
  MessagePlay play{format};
  EXPECT_EQ(play.play("SRC=a DST=b PROTO=TCP"), "fault: bad_header\n");
}

TEST(Netfilter, TokensAreBounded) {
  MessagePlay play{netfilter_format()};
  std::string line = "IN=a OUT= SRC=s DST=d PROTO=x";  // five tokens
  for (int i = 5; i < 128; ++i) line += " DF";
  EXPECT_TRUE(play.play(line).starts_with("{"));
  EXPECT_EQ(play.play(line + " DF"), "fault: too_deep\n");
}

TEST(Netfilter, AnswersToItsLogSources) {
  const event::TypeSpec& type = netfilter_format().types[0];
  EXPECT_EQ(type.product, "linux");
  EXPECT_EQ(type.categories[0], "firewall");
  EXPECT_EQ(type.services[0], "syslog");
}

TEST(Netfilter, EveryPrefixIsReadOrRefused) {
  const std::string line =
      "0 6 C 05/Feb/2026:08:00:01 +0100 [A-B-D]DESCR=\"x\" IN=a OUT=b MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
      "SRC=198.51.100.7 DST=192.0.2.1 PROTO=ICMP [SRC=a ] MTU=1";
  MessagePlay play{netfilter_format()};
  for (std::size_t bytes = 0; bytes <= line.size(); ++bytes) EXPECT_NE(play.play(line.substr(0, bytes)), "") << bytes;
}

}  // namespace
}  // namespace nw::logs
