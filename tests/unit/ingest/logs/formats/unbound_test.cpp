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

TEST(Unbound, TellsLines) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"query", "[77:0] info: 192.0.2.10 www.example.com. A IN",
       "unbound.dns|level=info|query=www.example.com|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10|action=query"},
      {"reply", "[77:0] info: 192.0.2.10 www.example.com. A IN NXDOMAIN 0.012500 0 120",
       "unbound.dns|level=info|query=www.example.com|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10|action=reply"
       "|rcode_name=NXDOMAIN|rtt=0.012500|cached=false|size=120"},
      {"reply from the cache, tagged", "[77:1] reply: 2001:db8::10 www.example.com. AAAA IN NOERROR 0.000000 1 60",
       "unbound.dns|level=reply|query=www.example.com|qtype_name=AAAA|qclass_name=IN|id.orig_h=2001:db8::10"
       "|action=reply|rcode_name=NOERROR|rtt=0.000000|cached=true|size=60"},
      {"its own file", "[1768463999] unbound[77:0] info: 192.0.2.10 www.example.com. A IN",
       "unbound.dns|level=info|query=www.example.com|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10|action=query"},
      {"its own file, ISO", "2026-01-15T07:59:59.250+00:00 unbound[77:0] info: 192.0.2.10 www.example.com. A IN",
       "unbound.dns|level=info|query=www.example.com|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10|action=query"},
      {"local zone", "[77:0] info: example.net. always_nxdomain 192.0.2.10@40001 www.example.net. A IN",
       "unbound.dns|level=info|query=www.example.net|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10"
       "|id.orig_p=40001|zone=example.net.|blocked=true|action=always_nxdomain"},
      {"local zone, let pass", "[77:0] info: example.net. transparent 192.0.2.10@40001 www.example.net. A IN",
       "unbound.dns|level=info|query=www.example.net|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10"
       "|id.orig_p=40001|zone=example.net.|blocked=false|action=transparent"},
      {"response policy",
       "[77:0] info: rpz: applied [block] bad.example. rpz-nxdomain 192.0.2.10@40001 bad.example. A IN",
       "unbound.dns|level=info|query=bad.example|qtype_name=A|qclass_name=IN|id.orig_h=192.0.2.10|id.orig_p=40001"
       "|zone=bad.example.|blocked=true|action=rpz-nxdomain"},
      {"validation", "[77:0] info: validation failure <bogus.example. A IN>: no signatures from 198.51.100.53",
       "unbound.dns|level=info|query=bogus.example|qtype_name=A|qclass_name=IN|reason=no signatures from"
       " 198.51.100.53|action=validation"},
      {"failure", "[77:0] error: SERVFAIL <lame.example. A IN>: all servers for this domain failed, at zone example.",
       "unbound.dns|level=error|query=lame.example|qtype_name=A|qclass_name=IN|reason=all servers for this domain"
       " failed, at zone example.|action=failed"},
      {"root", "[77:0] info: 192.0.2.10 . NS IN",
       "unbound.dns|level=info|query=.|qtype_name=NS|qclass_name=IN|id.orig_h=192.0.2.10|action=query"},
      {"not about names", "[77:0] notice: init module 0: validator",
       "unbound|level=notice|reason=init module 0: validator"},
      {"no level", "[77:0] something", "fault: bad_header"},
  };
  MessagePlay play{unbound_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text), kSkip), c.want);
  }
}

TEST(Unbound, ReadsItsTimes) {
  MessagePlay play{unbound_format()};
  EXPECT_NE(play.play("[1768463998] unbound[7:0] info: x").find(R"("ts":1768463998.000000)"), std::string::npos);
  EXPECT_NE(play.play("2026-01-15T08:59:58.125+01:00 unbound[7:0] info: x").find(R"("ts":1768463998.125000)"),
            std::string::npos);
  EXPECT_EQ(play.play("2026-02-31T08:59:58.125+01:00 unbound[7:0] info: x"), "fault: bad_time\n");
  EXPECT_NE(play.play("[7:0] info: x").find(R"("ts":1768464000.000000)"), std::string::npos);
}

TEST(Unbound, TypesCarryTheLogSources) {
  EXPECT_EQ(unbound_format().types[1].categories[0], "dns");
  EXPECT_TRUE(unbound_format().types[0].categories.empty());
  EXPECT_EQ(unbound_format().programs[0], "unbound");
}

TEST(Unbound, RecognisesItsFile) {
  const auto is = [](const char* text) { return unbound_format().recognise(MessagePlay::message(text)); };
  EXPECT_TRUE(is("[1768463998] unbound[7:0] info: x"));
  EXPECT_TRUE(is("2026-01-15T08:59:58.125+01:00 unbound[7:0] notice: x"));
  EXPECT_FALSE(is("[7:0] info: x"));  // anyone may write so
  EXPECT_FALSE(is("[1768463998] unbound[7:0] x"));
  EXPECT_FALSE(is(""));
}

TEST(Unbound, SurvivesPrefixes) {
  MessagePlay play{unbound_format()};
  const std::string text =
      "[1768463998] unbound[7:0] info: rpz: applied [z] a. rpz-drop 192.0.2.1@4 a. A IN NOERROR 0.1 0 9";
  for (std::size_t size = 1; size <= text.size(); ++size)
    EXPECT_FALSE(play.play(std::string_view{text}.substr(0, size)).empty());
  EXPECT_EQ(play.play(""), "fault: empty\n");
}

}  // namespace
}  // namespace nw::logs
