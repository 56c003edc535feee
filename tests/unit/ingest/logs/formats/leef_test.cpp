#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

std::string play(std::string_view text, std::string_view program = {}) {
  MessagePlay play{leef_format()};
  return play.play(text, program);
}

TEST(Leef, Version1) {
  EXPECT_EQ(play("LEEF:1.0|Acme|Badge|3.2|door open|src=192.0.2.5\tsrcPort=5000\tdst=198.51.100.9\tdstPort=443\t"
                 "proto=TCP\tusrName=a b\tsev=4\tdoor=7|left"),
            R"({"_path":"leef","ts":1768464000.000000,"id.orig_h":"192.0.2.5","src_ip":"192.0.2.5",)"
            R"("id.orig_p":5000,"src_port":5000,"id.resp_h":"198.51.100.9","dst_ip":"198.51.100.9",)"
            R"("id.resp_p":443,"dst_port":443,"proto":"tcp","src":"192.0.2.5","srcPort":5000,)"
            R"("dst":"198.51.100.9","dstPort":443,"usrName":"a b","sev":4,"leefVersion":"1.0","vendor":"Acme",)"
            R"("product":"Badge","version":"3.2","eventId":"door open","door":"7|left"})"
            "\n");
}

TEST(Leef, Delimiters) {
  struct Case {
    const char *name, *rest, *want;
  };
  static constexpr Case kCases[] = {
      {"a character", "^|a=1 2^b=3", R"("a":"1 2","b":"3")"},
      {"hexadecimal", "x5E|a=1 2^b=3", R"("a":"1 2","b":"3")"},
      {"hexadecimal as C writes it", "0x7C|a=1|b=3", R"("a":"1","b":"3")"},
      {"four digits", "x0009|a=1\tb=3", R"("a":"1","b":"3")"},
      {"none given", "|a=1 2\tb=3", R"("a":"1 2","b":"3")"},
      {"left out", "a=1 2\tb=3", R"("a":"1 2","b":"3")"},
      {"left out, with a bar in a value", "a=1|2\tb=3", R"("a":"1|2","b":"3")"},
      {"a space, values with spaces", " |a=1 2 b=3", R"("a":"1 2","b":"3")"},
      {"tab by its name", "\\t|a=1\tb=3", R"("a":"1","b":"3")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const std::string got = play("LEEF:2.0|A|B|1|e|" + std::string{c.rest});
    EXPECT_NE(got.find(c.want), std::string::npos) << got;
  }
  // 1.0 with spaces, which the guide does not know.
  EXPECT_NE(play("LEEF:1.0|A|B|1|e|a=1 2 b=3").find(R"("a":"1 2","b":"3")"), std::string::npos);
}

TEST(Leef, Refuses) {
  for (const char* text : {"", "LEEF:1.0|A|B|1", "LEEF:3.0|A|B|1|e|a=1", "XLEEF:1.0|A|B|1|e|a=1"})
    EXPECT_EQ(play(text), "fault: bad_header\n") << text;
  std::string many = "LEEF:1.0|A|B|1|e|";
  for (int i = 0; i < 1025; ++i) many += "k=v\t";
  EXPECT_EQ(play(many), "fault: too_deep\n");
}

TEST(Leef, Recognises) {
  const auto recognised = [](std::string_view text, std::string_view program = {}) {
    return leef_format().recognise(MessagePlay::message(text, program));
  };
  EXPECT_TRUE(recognised("LEEF:1.0|A|B|1|e|"));
  EXPECT_TRUE(recognised("LEEF: 2.0|A|B|1|e|"));
  EXPECT_TRUE(recognised("gw LEEF:2.0|A|B|1|e|"));
  EXPECT_TRUE(recognised("1.0|A|B|1|e|", "LEEF"));
  EXPECT_FALSE(recognised("1.0|A|B|1|e|"));
  EXPECT_FALSE(recognised("CEF:0|A|B|1|2|c|3|"));
}

TEST(Leef, ValuesAndTimes) {
  struct Case {
    const char *attributes, *want;
  };
  static constexpr Case kCases[] = {
      {R"(Params=--a\=b)", R"("Params":"--a=b")"},
      {R"(path=C:\temp\x)", R"("path":"C:\\temp\\x")"},
      {"version=9\tvendor=x", R"("vendor":"A","product":"B","version":"1")"},
      {"devTime=Jan 15 2026 08:02:03 UTC", "\"ts\":1768464123.000000"},
      {"devTime=1768464123456", "\"ts\":1768464123.456000"},
      {"devTime=2026-01-15 08:02:03.692\tdevTimeFormat=yyyy-MM-dd HH:mm:ss.SSS", "\"ts\":1768464123.692000"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.attributes);
    const std::string got = play("LEEF:2.0|A|B|1|e||" + std::string{c.attributes});
    EXPECT_NE(got.find(c.want), std::string::npos) << got;
  }
}

}  // namespace
}  // namespace nw::logs
