#include <array>
#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_brief.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

// `record_type` says what `qtype_name` does.
constexpr auto kSkip = std::to_array<std::string_view>({"ts", "record_type"});

TEST(Dnsmasq, TellsLines) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"query", "query[A] www.example.com from 192.0.2.10",
       "dnsmasq.dns|action=query|id.orig_h=192.0.2.10|query=www.example.com|qtype_name=A"},
      {"query, extra", "4711 192.0.2.10/40001 query[AAAA] www.example.com from 192.0.2.10",
       "dnsmasq.dns|serial=4711|id.orig_h=192.0.2.10|id.orig_p=40001|action=query|query=www.example.com"
       "|qtype_name=AAAA"},
      {"forwarded", "4711 192.0.2.10/40001 forwarded www.example.com to 203.0.113.53",
       "dnsmasq.dns|serial=4711|id.orig_h=192.0.2.10|id.orig_p=40001|action=forwarded|id.resp_h=203.0.113.53"
       "|query=www.example.com"},
      {"forwarded to a port", "forwarded www.example.com to 203.0.113.53#5353",
       "dnsmasq.dns|action=forwarded|id.resp_h=203.0.113.53|id.resp_p=5353|query=www.example.com"},
      {"reply", "reply www.example.com is 198.51.100.80",
       R"(dnsmasq.dns|action=reply|answers=["198.51.100.80"]|query=www.example.com)"},
      {"reply, none", "reply nx.example.com is NXDOMAIN",
       "dnsmasq.dns|action=reply|rcode_name=NXDOMAIN|query=nx.example.com"},
      {"reply, no data", "cached www.example.com is NODATA-IPv6",
       "dnsmasq.dns|action=cached|rcode_name=NOERROR|query=www.example.com"},
      {"hosts", "/etc/hosts plc7 is 192.0.2.20",
       R"(dnsmasq.dns|action=local|reason=/etc/hosts|answers=["192.0.2.20"]|query=plc7)"},
      {"hosts, extra", "4711 192.0.2.10/40001 /etc/hosts plc7 is 192.0.2.20",
       R"(dnsmasq.dns|serial=4711|id.orig_h=192.0.2.10|id.orig_p=40001|action=local|reason=/etc/hosts)"
       R"(|answers=["192.0.2.20"]|query=plc7)"},
      {"blocked", "gravity blocked ads.example is 0.0.0.0",
       R"(dnsmasq.dns|action=blocked|reason=gravity|answers=["0.0.0.0"]|query=ads.example|blocked=true)"},
      {"rebind", "possible DNS-rebind attack detected: rebind.example",
       "dnsmasq.dns|action=rebind|query=rebind.example|blocked=true"},
      {"validation", "validation www.example.com is BOGUS",
       R"(dnsmasq.dns|action=validation|answers=["BOGUS"]|query=www.example.com)"},
      {"DHCP", "DHCPACK(eth0) 192.0.2.77 00:53:00:00:00:01 panel7",
       "dnsmasq.dhcp|msg_types=ACK|interface=eth0|assigned_addr=192.0.2.77|mac=00:53:00:00:00:01|host_name=panel7"},
      {"DHCP, discover", "4712 DHCPDISCOVER(eth0) 00:53:00:00:00:01",
       "dnsmasq.dhcp|serial=4712|msg_types=DISCOVER|interface=eth0|mac=00:53:00:00:00:01"},
      {"DHCP, refused", "DHCPNAK(eth0) 192.0.2.77 00:53:00:00:00:01 wrong network",
       "dnsmasq.dhcp|msg_types=NAK|interface=eth0|assigned_addr=192.0.2.77|mac=00:53:00:00:00:01|reason=wrong"
       " network"},
      {"other", "started, version 2.90 cachesize 150", "dnsmasq|reason=started, version 2.90 cachesize 150"},
      {"DHCP, cut", "DHCPACK(eth0", "fault: bad_header"},
  };
  MessagePlay play{dnsmasq_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text), kSkip), c.want);
  }
}

TEST(Dnsmasq, TypesCarryTheLogSources) {
  EXPECT_TRUE(dnsmasq_format().types[0].categories.empty());
  EXPECT_EQ(dnsmasq_format().types[1].categories[0], "dns");
  EXPECT_EQ(dnsmasq_format().types[2].services[0], "dhcp");
  EXPECT_TRUE(std::ranges::is_sorted(dnsmasq_format().programs));
}

TEST(Dnsmasq, SurvivesPrefixes) {
  MessagePlay play{dnsmasq_format()};
  for (const std::string text : {"4711 192.0.2.10/40001 query[A] a.example from 192.0.2.10",
                                 "4711 DHCPACK(eth0) 192.0.2.77 00:53:00:00:00:01 panel7", "reply a is <CNAME>"})
    for (std::size_t size = 1; size <= text.size(); ++size)
      EXPECT_FALSE(play.play(std::string_view{text}.substr(0, size)).empty());
  EXPECT_EQ(play.play(""), "fault: empty\n");
}

}  // namespace
}  // namespace nw::logs
