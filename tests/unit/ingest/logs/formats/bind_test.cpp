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

TEST(Bind, TellsLines) {
  static constexpr struct {
    const char *name, *text, *want;
  } kCases[] = {
      {"query",
       "client @0x7f0a1c 192.0.2.10#40001 (www.example.com): query: www.example.com IN A +E(0)K (203.0.113.53)",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|query=www.example.com|qtype_name=A|qclass_name=IN"
       "|action=query|flags=+E(0)K|RD=true|proto=udp|id.resp_h=203.0.113.53"},
      {"query, older, TCP", "client 192.0.2.10#40001: query: example.com IN AXFR -ST (203.0.113.53)",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|query=example.com|qtype_name=AXFR|qclass_name=IN"
       "|action=query|flags=-ST|RD=false|proto=tcp|id.resp_h=203.0.113.53"},
      {"query, view and key",
       "client @0x7f0a1c 2001:db8::10#40001/key k1 (a.example): view inside: query: a.example IN TYPE65 +"
       " (2001:db8::53)",
       "bind.dns|id.orig_h=2001:db8::10|id.orig_p=40001|key=k1|view=inside|query=a.example|qtype_name=TYPE65"
       "|qclass_name=IN|action=query|flags=+|RD=true|proto=udp|id.resp_h=2001:db8::53"},
      {"query, no time, categories",
       "queries: info: client @0x7f0a1c 192.0.2.10#40001 (www.example.com): query: www.example.com IN TXT +"
       " (203.0.113.53)",
       "bind.dns|category=queries|level=info|id.orig_h=192.0.2.10|id.orig_p=40001|query=www.example.com"
       "|qtype_name=TXT|qclass_name=IN|action=query|flags=+|RD=true|proto=udp|id.resp_h=203.0.113.53"},
      {"time",
       "15-Jan-2026 07:59:58.125 queries: info: client 192.0.2.10#40001 (a.example): query: a.example IN A +"
       " (203.0.113.53)",
       "bind.dns|category=queries|level=info|id.orig_h=192.0.2.10|id.orig_p=40001|query=a.example|qtype_name=A"
       "|qclass_name=IN|action=query|flags=+|RD=true|proto=udp|id.resp_h=203.0.113.53"},
      {"ISO time",
       "2026-01-15T07:59:58.125Z security: info: client @0x7f0a1c 198.51.100.9#53 (x.example): query (cache)"
       " 'x.example/ANY/IN' denied (allow-query-cache did not match)",
       "bind.dns|category=security|level=info|id.orig_h=198.51.100.9|id.orig_p=53|action=denied|query=x.example"
       "|qtype_name=ANY|qclass_name=IN|reason=allow-query-cache did not match|blocked=true"},
      {"denied", "client @0x7f0a1c 198.51.100.9#53 (x.example): query 'x.example/A/IN' denied",
       "bind.dns|id.orig_h=198.51.100.9|id.orig_p=53|action=denied|query=x.example|qtype_name=A|qclass_name=IN"
       "|blocked=true"},
      {"failed",
       "client @0x7f0a1c 192.0.2.10#40001 (b.example): query failed (SERVFAIL) for b.example/IN/AAAA at"
       " query.c:5610",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|action=failed|rcode_name=SERVFAIL|query=b.example"
       "|qtype_name=AAAA|qclass_name=IN"},
      {"failed, no code",
       "client @0x7f0a1c 192.0.2.10#40001 (b.example): query failed (operation canceled) for b.example/IN/AAAA at"
       " query.c:5610",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|action=failed|reason=operation canceled|query=b.example"
       "|qtype_name=AAAA|qclass_name=IN"},
      {"RPZ",
       "client @0x7f0a1c 192.0.2.10#40001 (bad.example): rpz QNAME NXDOMAIN rewrite bad.example/A/IN via"
       " bad.example.rpz.test",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|action=rewritten|policy=QNAME|policy_action=NXDOMAIN"
       "|query=bad.example|qtype_name=A|qclass_name=IN|policy_zone=bad.example.rpz.test|blocked=true"},
      {"RPZ, let pass",
       "client @0x7f0a1c 192.0.2.10#40001 (ok.example): rpz QNAME PASSTHRU rewrite ok.example/A/IN via"
       " ok.example.rpz.test",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|action=rewritten|policy=QNAME|policy_action=PASSTHRU"
       "|query=ok.example|qtype_name=A|qclass_name=IN|policy_zone=ok.example.rpz.test|blocked=false"},
      {"zone transfer", "client @0x7f0a1c 198.51.100.9#40001 (example.com): zone transfer 'example.com/AXFR/IN' denied",
       "bind.dns|id.orig_h=198.51.100.9|id.orig_p=40001|action=denied|query=example.com|qtype_name=AXFR"
       "|qclass_name=IN|blocked=true"},
      {"bad zone transfer",
       "client @0x7f0a1c 198.51.100.9#40001 (example.org): bad zone transfer request: 'example.org/IN':"
       " non-authoritative zone (NOTAUTH)",
       "bind.dns|id.orig_h=198.51.100.9|id.orig_p=40001|action=denied|query=example.org|qclass_name=IN"
       "|reason=non-authoritative zone (NOTAUTH)|blocked=true"},
      {"update",
       "client @0x7f0a1c 192.0.2.30#40001/key k1: updating zone 'example.com/IN': adding an RR at"
       " 'pump7.example.com' A 192.0.2.7",
       R"(bind.dns|id.orig_h=192.0.2.30|id.orig_p=40001|key=k1|action=update|zone=example.com)"
       R"(|query=pump7.example.com|qtype_name=A|answers=["192.0.2.7"])"},
      {"update, deleting",
       "client @0x7f0a1c 192.0.2.30#40001/key k1: updating zone 'example.com/IN': deleting rrset at"
       " 'pump7.example.com' TXT",
       "bind.dns|id.orig_h=192.0.2.30|id.orig_p=40001|key=k1|action=update|zone=example.com|reason=rrset"
       "|query=pump7.example.com|qtype_name=TXT"},
      {"update denied", "client @0x7f0a1c 198.51.100.9#40001: update 'example.com/IN' denied",
       "bind.dns|id.orig_h=198.51.100.9|id.orig_p=40001|action=denied|query=example.com|qclass_name=IN|blocked=true"},
      {"notify", "client @0x7f0a1c 192.0.2.54#40001: received notify for zone 'example.com'",
       "bind.dns|id.orig_h=192.0.2.54|id.orig_p=40001|action=notify|zone=example.com"},
      {"lame", "lame-servers: info: connection refused resolving 'c.example/A/IN': 198.51.100.53#53",
       "bind.dns|category=lame-servers|level=info|action=failed|reason=connection refused|query=c.example"
       "|qtype_name=A|qclass_name=IN|id.resp_h=198.51.100.53|id.resp_p=53"},
      {"format error",
       "resolver: notice: DNS format error from 198.51.100.53#53 resolving d.example/AAAA for 192.0.2.10#40001:"
       " reply has no answer",
       "bind.dns|category=resolver|level=notice|action=format_error|id.resp_h=198.51.100.53|id.resp_p=53"
       "|query=d.example|qtype_name=AAAA|reason=reply has no answer"},
      {"response", "client @0x7f0a1c 192.0.2.10#40001 (e.example): response: e.example IN A NXDOMAIN + (203.0.113.53)",
       "bind.dns|id.orig_h=192.0.2.10|id.orig_p=40001|query=e.example|qtype_name=A|qclass_name=IN|action=response"
       "|rcode_name=NXDOMAIN|flags=+|RD=true|proto=udp|id.resp_h=203.0.113.53"},
      {"not about names", "general: notice: running", "bind|category=general|level=notice|reason=running"},
      {"none of named's", "hello", "fault: bad_header"},
      {"no such time", "31-Feb-2026 07:59:58.125 queries: info: x", "fault: bad_time"},
  };
  MessagePlay play{bind_format()};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(brief(play.play(c.text), kSkip), c.want);
  }
}

TEST(Bind, ReadsItsTimes) {
  MessagePlay play{bind_format()};
  EXPECT_NE(play.play("15-Jan-2026 07:59:58.125 general: info: x").find(R"("ts":1768463998.125000)"),
            std::string::npos);
  EXPECT_NE(play.play("2026-01-15T08:59:58.125+01:00 general: info: x").find(R"("ts":1768463998.125000)"),
            std::string::npos);
  // Without one the envelope's.
  EXPECT_NE(play.play("general: info: x").find(R"("ts":1768464000.000000)"), std::string::npos);
}

TEST(Bind, SaysTheTypeInSigmasWordToo) {
  MessagePlay play{bind_format()};
  EXPECT_NE(
      play.play("client 192.0.2.10#40001: query: a.example IN TXT + (203.0.113.53)").find(R"("record_type":"TXT")"),
      std::string::npos);
}

TEST(Bind, TypesCarryTheLogSources) {
  EXPECT_EQ(bind_format().types[1].categories[0], "dns");
  EXPECT_TRUE(bind_format().types[0].categories.empty());
}

TEST(Bind, Recognises) {
  const auto is = [](const char* text) { return bind_format().recognise(MessagePlay::message(text)); };
  EXPECT_TRUE(is("client @0x7f0a1c 192.0.2.10#40001 (a.example): query: a.example IN A + (203.0.113.53)"));
  EXPECT_TRUE(is("15-Jan-2026 07:59:58.125 queries: info: client 2001:db8::10#40001: query: a.example IN A +"));
  EXPECT_FALSE(is("client 192.0.2.10 connected: hello"));
  EXPECT_FALSE(is("client a#b: hello"));
  EXPECT_FALSE(is("general: info: x"));
  EXPECT_FALSE(is(""));
}

TEST(Bind, TakesWhatNamedWrites) {
  MessagePlay play{bind_format()};
  EXPECT_EQ(brief(play.play("zone example.com/IN: loaded serial 7", "named"), kSkip),
            "bind|action=zone|zone=example.com|reason=loaded serial 7");
  EXPECT_EQ(play.play(""), "fault: empty\n");
}

TEST(Bind, SurvivesPrefixes) {
  MessagePlay play{bind_format()};
  const std::string text =
      "15-Jan-2026 07:59:58.125 rpz: info: client @0x7f 192.0.2.1#4/key k (a): view v: rpz QNAME NXDOMAIN rewrite "
      "a/A/IN via b";
  for (std::size_t size = 1; size <= text.size(); ++size)
    EXPECT_FALSE(play.play(std::string_view{text}.substr(0, size), "named").empty());
}

}  // namespace
}  // namespace nw::logs
