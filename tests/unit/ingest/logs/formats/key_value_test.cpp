#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

std::string play(std::string_view text) {
  MessagePlay play{key_value_format()};
  return play.play(text);
}

TEST(KeyValueFormat, Logfmt) {
  EXPECT_EQ(play(R"(time=2026-01-15T08:02:03.5Z level=warn msg="tank \"4\" high\n" user=op7 retry took=3ms)"),
            R"({"_path":"key_value","ts":1768464123.500000,"time":"2026-01-15T08:02:03.5Z","level":"warn",)"
            R"("msg":"tank \"4\" high\n","user":"op7","retry":true,"took":"3ms"})"
            "\n");
}

TEST(KeyValueFormat, Ends) {
  struct Case {
    const char *name, *text, *want;
  };
  static constexpr Case kCases[] = {
      {"src and dst", "src=192.0.2.1 sport=4000 dst=198.51.100.2 dport=22 proto=6",
       R"("id.orig_h":"192.0.2.1","src_ip":"192.0.2.1","id.orig_p":4000,"src_port":4000,"id.resp_h":"198.51.100.2",)"
       R"("dst_ip":"198.51.100.2","id.resp_p":22,"dst_port":22,"proto":"tcp","src":"192.0.2.1","sport":4000,)"
       R"("dst":"198.51.100.2","dport":22})"},
      {"with Sigma's names", "src_ip=192.0.2.1 dst_port=22",
       R"("id.orig_h":"192.0.2.1","src_ip":"192.0.2.1","id.resp_p":22,"dst_port":22})"},
      {"netfilter's", "SRC=192.0.2.1 DPT=22 PROTO=UDP", R"("proto":"udp","SRC":"192.0.2.1","DPT":22,"PROTO":"UDP"})"},
      {"address and port in one", "src=192.0.2.1:1024:X0 dst=198.51.100.2:53",
       R"("id.orig_p":1024,"src_port":1024,"id.resp_h":"198.51.100.2","dst_ip":"198.51.100.2","id.resp_p":53)"},
      {"IPv6 is not split", "src=2001:db8::1",
       R"("id.orig_h":"2001:db8::1","src_ip":"2001:db8::1","src":"2001:db8::1"})"},
      {"names are no addresses", "src=plc7", R"("src_ip":"plc7","src":"plc7"})"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_NE(play(c.text).find(c.want), std::string::npos) << play(c.text);
  }
}

TEST(KeyValueFormat, TimesAndValues) {
  struct Case {
    const char *text, *want;
  };
  static constexpr Case kCases[] = {
      {"ts=1768464123.25 a=1", "\"ts\":1768464123.250000"},
      {"date=2026-01-15 time=08:02:03 a=1", "\"ts\":1768464123.000000"},
      {"time=\"2026-01-15 08:02:03\" a=1", "\"ts\":1768464123.000000"},
      {"time=late a=1", "\"ts\":1768464000.000000"},
      {R"(a="\u00e9\t")", "\"a\":\"\xC3\xA9\\t\""},
      {R"(a="C:\dir \"x\"")", R"("a":"C:\\dir \"x\"")"},
      {"a= b=\"\"", R"("ts":1768464000.000000})"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_NE(play(c.text).find(c.want), std::string::npos) << play(c.text);
  }
}

TEST(KeyValueFormat, Refuses) {
  for (const char* text : {"", "   ", "no pair here", "=1"}) EXPECT_EQ(play(text), "fault: bad_header\n") << text;
  std::string many;
  for (int i = 0; i < 1025; ++i) many += "k=v ";
  EXPECT_EQ(play(many), "fault: too_deep\n");
}

// Many lines hold a '='.
TEST(KeyValueFormat, IsNeverGuessed) {
  EXPECT_EQ(key_value_format().recognise, nullptr);
  EXPECT_TRUE(key_value_format().programs.empty());
}

}  // namespace
}  // namespace nw::logs
