#include <gtest/gtest.h>
#include <string>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/message_play.h"

namespace nw::logs {
namespace {

constexpr std::string_view kHead = R"(CEF:0|Acme|Valve Guard|2.1|17|Valve forced|7|)";
constexpr std::string_view kHeadTold =
    R"("cefVersion":"0","deviceVendor":"Acme","deviceProduct":"Valve Guard","deviceVersion":"2.1",)"
    R"("deviceEventClassId":"17","name":"Valve forced","severity":"7")";

std::string play(std::string_view text, std::string_view program = {}) {
  MessagePlay play{cef_format()};
  return play.play(text, program);
}
std::string told(std::string_view extension) { return play(std::string{kHead} + std::string{extension}); }

TEST(Cef, HeaderAndExtension) {
  EXPECT_EQ(told("src=192.0.2.10 spt=49152 dst=198.51.100.7 dpt=502 proto=TCP act=blocked in=60 suser=op 7 x.y=z"),
            R"({"_path":"cef","ts":1768464000.000000,"id.orig_h":"192.0.2.10","src_ip":"192.0.2.10",)"
            R"("id.orig_p":49152,"src_port":49152,"id.resp_h":"198.51.100.7","dst_ip":"198.51.100.7",)"
            R"("id.resp_p":502,"dst_port":502,"proto":"tcp","src":"192.0.2.10","spt":49152,"dst":"198.51.100.7",)"
            R"("dpt":502,"act":"blocked","in":60,"suser":"op 7",)" +
                std::string{kHeadTold} + R"(,"action":"blocked","x.y":"z"})" + "\n");
}

TEST(Cef, Headers) {
  struct Case {
    const char *name, *text, *want;
  };
  static constexpr Case kCases[] = {
      {"version 1", "CEF:1|A|B|1|2|c|3|", R"("cefVersion":"1","deviceVendor":"A")"},
      {"no extension and no last bar", "CEF:0|A|B|1|2|c|Low", R"("name":"c","severity":"Low")"},
      {"empty fields", "CEF:0|A|B||2|c||", R"("deviceProduct":"B","deviceEventClassId":"2","name":"c"})"},
      {"escapes", R"(CEF:0|a\|b|c\\|1|2|d\=e|3|)",
       R"("deviceVendor":"a|b","deviceProduct":"c\\","deviceVersion":"1","deviceEventClassId":"2","name":"d\\=e")"},
      {"a space behind the colon", "CEF: 0|A|B|1|2|c|3|", R"("cefVersion":"0")"},
      {"what a relay left before it", "Jan 15 08:00:00 gw agent7 CEF:0|A|B|1|2|c|3|", R"("deviceVendor":"A")"},
      {"a bar in the extension", "CEF:0|A|B|1|2|c|3|msg=x|y", R"("msg":"x|y")"},
      {"an extension that is called as the header is", "CEF:0|A|B|1|2|c|3|severity=9 name=n",
       R"("name":"c","severity":"3"})"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_NE(play(c.text).find(c.want), std::string::npos) << play(c.text);
  }
  // A syslog header's reader takes "CEF:" for the program.
  EXPECT_NE(play("0|A|B|1|2|c|3|", "CEF").find(R"("deviceVendor":"A")"), std::string::npos);
}

TEST(Cef, Refuses) {
  for (const char* text :
       {"", "CEF:0", "CEF:0|A|B|1|2|c", "CEF:2|A|B|1|2|c|3|", "XCEF:0|A|B|1|2|c|3|", "no CEF at all"})
    EXPECT_EQ(play(text), "fault: bad_header\n") << text;
  std::string many{kHead};
  for (int i = 0; i < 1025; ++i) many += "k=v ";
  EXPECT_EQ(play(many), "fault: too_deep\n");
  std::string labels{kHead};
  for (int i = 0; i < 65; ++i) labels += "c" + std::to_string(i) + "Label=x ";
  EXPECT_EQ(play(labels), "fault: too_deep\n");
}

TEST(Cef, Recognises) {
  const auto recognised = [](std::string_view text, std::string_view program = {}) {
    return cef_format().recognise(MessagePlay::message(text, program));
  };
  EXPECT_TRUE(recognised("CEF:0|A|B|1|2|c|3|"));
  EXPECT_TRUE(recognised("agent: CEF:1|A|B|1|2|c|3|"));
  EXPECT_TRUE(recognised("0|A|B|1|2|c|3|", "CEF"));
  EXPECT_FALSE(recognised("0|A|B|1|2|c|3|"));
  EXPECT_FALSE(recognised("read CEF:0 of the manual"));
  EXPECT_FALSE(recognised("LEEF:1.0|A|B|1|2|"));
  EXPECT_FALSE(recognised(std::string(300, ' ') + "CEF:0|A|B|1|2|c|3|"));
}

TEST(Cef, ValuesAreUnescapedAndTyped) {
  struct Case {
    const char *name, *extension, *want;
  };
  static constexpr Case kCases[] = {
      {"escapes", R"(msg=a\=b\\c\nd fname=C:\\x\\y.txt)", R"("msg":"a=b\\c\nd","fname":"C:\\x\\y.txt")"},
      {"other backslashes stay", R"(suser=DOM\user)", R"("suser":"DOM\\user")"},
      {"what is no address", "src=plc-7 dvc=n/a", R"("src_ip":"plc-7","src":"plc-7","dvc":"n/a")"},
      {"what is no number", "dpt=https cn1=12 ms", R"("dst_port":"https","dpt":"https","cn1":"12 ms")"},
      {"reals", "cfp1=0.25", R"("cfp1":0.25)"},
      {"full names", "sourceAddress=192.0.2.1 destinationPort=80 transportProtocol=6",
       R"("id.orig_h":"192.0.2.1","src_ip":"192.0.2.1","id.resp_p":80,"dst_port":80,"proto":"tcp")"},
      {"the device is the host", "dvc=192.0.2.9", R"("host":"192.0.2.9")"},
      {"by its name where it has one", "dvchost=fw-3 dvc=192.0.2.9", R"("host":"fw-3")"},
      {"empty ones are not told", "src= msg= act=x", R"("ts":1768464000.000000,"act":"x")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_NE(told(c.extension).find(c.want), std::string::npos) << told(c.extension);
  }
}

TEST(Cef, CustomFieldsUnderTheirLabelsToo) {
  struct Case {
    const char *name, *extension, *want;
  };
  static constexpr Case kCases[] = {
      {"text", "cs1=red cs1Label=state", R"("cs1Label":"state","state":"red"})"},
      {"label first", "cs1Label=state cs1=red", R"("state":"red"})"},
      {"numbers stay numbers", "cn2=5 cn2Label=count", R"("count":5})"},
      {"with spaces, and as Sigma writes it", "cs2=abc cs2Label=Rule Name", R"("Rule Name":"abc","RuleName":"abc"})"},
      {"in quotes", "cs2=abc cs2Label=\"Safe\"", R"("Safe":"abc"})"},
      {"beyond the standard's numbers", "cs8=x cs8Label=ruleset", R"("cs8":"x","cs8Label":"ruleset","ruleset":"x"})"},
      {"without a value", "cs3Label=empty", R"("cs3Label":"empty"})"},
      {"a name that is taken", "cs3=192.0.2.66 cs3Label=src src=192.0.2.1", R"("src":"192.0.2.1")"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_NE(told(c.extension).find(c.want), std::string::npos) << told(c.extension);
  }
}

TEST(Cef, Times) {
  struct Case {
    const char *extension, *want;
  };
  static constexpr Case kCases[] = {
      {"rt=1768464123456 start=1", "\"ts\":1768464123.456000"},
      {"rt=Jan 15 2026 08:02:03 UTC", "\"ts\":1768464123.000000"},
      {"rt=soon end=1768464001000", "\"ts\":1768464001.000000"},
      {"start=1768464002000", "\"ts\":1768464002.000000"},
      {"rt=never", "\"ts\":1768464000.000000"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.extension);
    EXPECT_NE(told(c.extension).find(c.want), std::string::npos) << told(c.extension);
  }
}

}  // namespace
}  // namespace nw::logs
