#include <gtest/gtest.h>

#include "ingest/logs/formats/messages.h"
#include "unit/ingest/logs/formats/log_test_support.h"
#include "unit/ingest/logs/formats/message_play.h"
#include "unit/ingest/logs/formats/shipped_mapping.h"

namespace nw::logs {
namespace {

// Plays every line; what they said, one after the other.
std::string play(MessagePlay& to, std::initializer_list<std::string> lines) {
  std::string told;
  for (const std::string& line : lines) told += to.play(line);
  return told;
}

// A header of Zeek's defaults.
std::string begin(MessagePlay& to, const std::string& path, const std::string& fields, const std::string& types) {
  return play(to, {"#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",
                   "#path\t" + path, "#open\t2026-01-15-08-00-00", "#fields\t" + fields, "#types\t" + types});
}

TEST(ZeekTsv, ReadsEveryType) {
  static const struct {
    const char *name, *type, *cell, *want;
  } kCases[] = {
      {"string", "string", "a b", R"("a b")"},
      {"enum", "enum", "tcp", R"("tcp")"},
      {"subnet", "subnet", "192.0.2.0/24", R"("192.0.2.0/24")"},
      {"a type that is not known", "opaque of md5", "x", R"("x")"},
      {"true", "bool", "T", "true"},
      {"false", "bool", "F", "false"},
      {"no bool", "bool", "maybe", R"("maybe")"},
      {"count", "count", "18446", "18446"},
      {"count past 64 bits", "count", "18446744073709551615", R"("18446744073709551615")"},
      {"int", "int", "-7", "-7"},
      {"port", "port", "502", "502"},
      {"no number", "count", "12x", R"("12x")"},
      {"double", "double", "-41.25", "-41.25"},
      {"double in tens", "double", "1.5e-3", "0.0015"},
      {"double without end", "double", "inf", R"("inf")"},
      {"time", "time", "1768464001.25", "1768464001.250000"},
      {"interval", "interval", "0.000125", "0.000125"},
      {"interval below none", "interval", "-2.500000", "-2.500000"},
      {"interval in tens", "interval", "-2.5e+03", "-2500.000000"},
      {"short interval in tens", "interval", "2.5e-05", "0.000025"},
      {"interval past all bounds in tens", "interval", "9.5e+09", R"("9.5e+09")"},
      {"interval past all bounds", "interval", "99999999999.0", R"("99999999999.0")"},
      {"IPv4", "addr", "192.0.2.7", R"("192.0.2.7")"},
      {"IPv6", "addr", "2001:DB8::7", R"("2001:db8::7")"},
      {"no address", "addr", "pump-3", R"("pump-3")"},
      {"empty text", "string", "(empty)", R"("")"},
      {"nothing at all", "string", "", R"("")"},
      {"escaped bytes", "string", "a\\x09b\\x5cx\\xc3\\xa4", R"("a\tb\\xä")"},
      {"two backslashes", "string", R"(\\\\pump\\C$)", R"("\\\\pump\\C$")"},
      {"a backslash alone", "string", R"(C:\dir\x0)", R"("C:\\dir\\x0")"},
      {"text that is the mark of unset", "string", "\\x2d", R"("-")"},
      {"text that is the mark of empty", "string", "\\x28empty)", "\"(empty)\""},
      {"set", "set[string]", "a,b\\x2cc,a", R"x(["a","b,c","a"])x"},
      {"set of one", "set[enum]", "x", R"(["x"])"},
      {"empty set", "set[addr]", "(empty)", "[]"},
      {"vector", "vector[count]", "3,1,2", "[3,1,2]"},
      {"vector with gaps", "vector[interval]", "1.5,-,(empty)", R"([1.500000,null,""])"},
      {"vector of addresses", "vector[addr]", "192.0.2.1,2001:db8::1", R"(["192.0.2.1","2001:db8::1"])"},
      {"table of old", "table[port]", "22,23", "[22,23]"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay to{zeek_tsv_format()};
    ASSERT_EQ(begin(to, "pumps", "ts\tx", std::string{"time\t"} + c.type), "");
    EXPECT_EQ(to.play(std::string{"1768464000.5\t"} + c.cell),
              std::string{R"({"_path":"zeek","ts":1768464000.500000,"x":)"} + c.want + "}\n");
  }
}

TEST(ZeekTsv, UnsetIsNotThere) {
  MessagePlay to{zeek_tsv_format()};
  begin(to, "pumps", "ts\ta\tb", "time\tstring\tset[string]");
  EXPECT_EQ(to.play("1768464000.500000\t-\t-"), "{\"_path\":\"zeek\",\"ts\":1768464000.500000}\n");
  // Without its own time it has that of the message.
  EXPECT_EQ(to.play("-\tx\t-"), "{\"_path\":\"zeek\",\"ts\":1768464000.000000,\"a\":\"x\"}\n");
}

TEST(ZeekTsv, TheMappingGivesTypesAndCommonFields) {
  MessagePlay to{zeek_tsv_format(), with_mapping("zeek")};
  begin(to, "conn", "ts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\torig_bytes\ttunnel_parents",
        "time\tstring\taddr\tport\taddr\tport\tenum\tcount\tset[string]");
  EXPECT_EQ(to.play("1768464000.000001\tCx1\t192.0.2.1\t4001\t192.0.2.2\t502\ttcp\t90\t(empty)"),
            R"({"_path":"zeek.conn","ts":1768464000.000001,"uid":"Cx1","id.orig_h":"192.0.2.1","id.orig_p":4001,)"
            R"("id.resp_h":"192.0.2.2","id.resp_p":502,"proto":"tcp","tunnel_parents":[],"orig_bytes":90})"
            "\n");
  // A second table in the same stream; a path that the mapping does not know; a name spelled otherwise.
  begin(to, "pumps", "ts\tid_orig_h", "time\taddr");
  EXPECT_EQ(to.play("1768464001.0\t192.0.2.3"), R"({"_path":"zeek","ts":1768464001.000000,"id.orig_h":"192.0.2.3"})"
                                                "\n");
}

// Rules see no difference between a table and the same log as JSON.
TEST(ZeekTsv, AgreesWithJson) {
  const FormatOptions options = with_mapping("zeek");
  Bench json{"json", options, Wants::all};
  MessagePlay tsv{zeek_tsv_format(), options};
  static const struct {
    const char *path, *fields, *types, *row, *object;
  } kCases[] = {
      {"dns", "ts\tuid\tid.resp_h\tanswers\tquery\tqtype\tAA",
       "time\tstring\taddr\tvector[string]\tstring\tcount\tbool",
       "1768464000.250000\tCd1\t192.0.2.53\t192.0.2.9,192.0.2.10\tpump.example\t1\tF",
       R"({"_path":"dns","ts":1768464000.250000,"uid":"Cd1","id.resp_h":"192.0.2.53","query":"pump.example","qtype":1,"AA":false,"answers":["192.0.2.9","192.0.2.10"]})"},
      {"smb_mapping", "ts\tid.orig_h\tpath\tshare_type", "time\taddr\tstring\tstring",
       "1768464000.000000\t2001:db8::5\t\\\\\\\\nas\\\\plans$\tDISK",
       R"({"_path":"smb_mapping","ts":1768464000.000000,"id.orig_h":"2001:db8::5","path":"\\\\nas\\plans$","share_type":"DISK"})"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    begin(tsv, c.path, c.fields, c.types);
    const std::string table = tsv.play(c.row);
    ASSERT_EQ(json.line(c.object), LineFault::none);
    EXPECT_EQ(table, json.last().json + '\n');
  }
}

TEST(ZeekTsv, TheHeaderSaysHowItIsWritten) {
  MessagePlay to{zeek_tsv_format()};
  EXPECT_EQ(play(to, {"#separator \\x7c\\x7c", "#set_separator||;", "#empty_field||none", "#unset_field||?",
                      "#path||pumps", "#fields||ts||a||b||c||d", "#types||time||string||set[string]||string||bool"}),
            "");
  EXPECT_EQ(to.play("1768464000.0||x|y||p;q,r||none||?"),
            R"({"_path":"zeek","ts":1768464000.000000,"a":"x|y","b":["p","q,r"],"c":""})"
            "\n");
  // A new table has Zeek's defaults again.
  EXPECT_EQ(play(to, {"#separator \\x09", "#fields\tts\ta", "#types\ttime\tstring"}), "");
  EXPECT_EQ(to.play("1768464000.0\tnone"), "{\"_path\":\"zeek\",\"ts\":1768464000.000000,\"a\":\"none\"}\n");
  EXPECT_EQ(to.play("#close\t2026-01-15-09-00-00"), "");
}

TEST(ZeekTsv, Refuses) {
  static const struct {
    const char* name;
    std::vector<std::string> head;
    std::string row, want;
  } kCases[] = {
      {"no header", {}, "1768464000.0\tx", "fault: bad_header\n"},
      {"nothing", {}, "", "fault: empty\n"},
      {"no types", {"#separator \\x09", "#fields\tts\ta"}, "1768464000.0\tx", "fault: bad_header\n"},
      {"too few cells", {"#separator \\x09", "#fields\tts\ta", "#types\ttime\tstring"}, "1.0", "fault: bad_header\n"},
      {"too many cells", {"#separator \\x09", "#fields\tts", "#types\ttime"}, "1.0\tx", "fault: bad_header\n"},
      {"a new table without columns",
       {"#separator \\x09", "#fields\tts", "#types\ttime", "#separator \\x09"},
       "1.0",
       "fault: bad_header\n"},
      {"too long",
       {"#separator \\x09", "#fields\ta", "#types\tstring"},
       std::string(kLineBytesMax + 1, 'x'),
       "fault: too_long\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay to{zeek_tsv_format()};
    for (const std::string& line : c.head) EXPECT_EQ(to.play(line), "");
    EXPECT_EQ(to.play(c.row), c.want);
  }
}

TEST(ZeekTsv, RefusesHeaders) {
  static const struct {
    const char* name;
    std::vector<std::string> before;
    std::string line;
  } kCases[] = {
      {"an empty separator", {}, "#separator "},
      {"a long separator", {}, "#separator " + std::string(65, 'x')},
      {"an empty set separator", {}, "#set_separator"},
      {"an empty name", {}, "#fields\tts\t\ta"},
      {"no names", {}, "#fields"},
      {"types before fields", {}, "#types\ttime"},
      {"more types than fields", {"#fields\tts"}, "#types\ttime\tstring"},
      {"fewer types than fields", {"#fields\tts\ta"}, "#types\ttime"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    MessagePlay to{zeek_tsv_format()};
    for (const std::string& line : c.before) EXPECT_EQ(to.play(line), "");
    EXPECT_EQ(to.play(c.line), "fault: bad_header\n");
    EXPECT_EQ(to.play("1768464000.0"), "fault: bad_header\n");
    // The next header is read all the same.
    EXPECT_EQ(play(to, {"#separator \\x09", "#fields\tts", "#types\ttime"}), "");
    EXPECT_EQ(to.play("1768464000.0"), "{\"_path\":\"zeek\",\"ts\":1768464000.000000}\n");
  }
}

TEST(ZeekTsv, Bounds) {
  const auto columns = [](std::size_t count, const std::string& each) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += '\t' + each + (each == "string" ? "" : std::to_string(i));
    return out;
  };
  MessagePlay to{zeek_tsv_format()};
  EXPECT_EQ(play(to, {"#separator \\x09", "#fields" + columns(512, "c"), "#types" + columns(512, "string")}), "");
  EXPECT_EQ(play(to, {"#separator \\x09", "#fields" + columns(513, "c")}), "fault: bad_header\n");
  const auto list = [](std::size_t elements) {
    std::string out = "1";
    for (std::size_t i = 1; i < elements; ++i) out += ",1";
    return out;
  };
  EXPECT_EQ(play(to, {"#separator \\x09", "#fields\ta\tb", "#types\tset[count]\tset[count]"}), "");
  EXPECT_NE(to.play(list(4096) + '\t' + list(4096)), "fault: too_deep\n");
  EXPECT_EQ(to.play(list(4096) + '\t' + list(4097)), "fault: too_deep\n");
}

TEST(ZeekTsv, OnlyWhatIsWanted) {
  MessagePlay to{zeek_tsv_format(), with_mapping("zeek"), {"query"}};
  begin(to, "dns", "ts\tuid\tquery\tanswers", "time\tstring\tstring\tvector[string]");
  EXPECT_EQ(to.play("1768464000.0\tCd2\tpump.example\t192.0.2.9"),
            R"({"_path":"zeek.dns","ts":1768464000.000000,"uid":"Cd2","query":"pump.example"})"
            "\n");
}

TEST(ZeekTsv, KnowsItself) {
  const auto& format = zeek_tsv_format();
  EXPECT_TRUE(format.recognise(MessagePlay::message("#separator \\x09")));
  EXPECT_FALSE(format.recognise(MessagePlay::message("#fields\tts")));
  EXPECT_FALSE(format.recognise(MessagePlay::message("# comment")));
}

}  // namespace
}  // namespace nw::logs
