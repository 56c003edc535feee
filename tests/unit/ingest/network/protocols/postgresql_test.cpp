#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::string golden(std::string_view name) { return std::string{Golden{"postgresql"}(name).hex}; }

struct Flow {
  FakeContext context{protocol("postgresql")};
  std::unique_ptr<Analyzer> analyzer = protocol("postgresql").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  bool ask(std::string_view hex) { return out.feed(from_hex(hex)); }
  bool answer(std::string_view hex) { return back.feed(from_hex(hex)); }
  [[nodiscard]] std::string get(std::size_t index, const char* field) const { return context.get(index, field); }
};

struct Want {
  const char *field, *value;
};

TEST(Postgresql, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::size_t index;
    std::vector<Want> want;
  } kCases[] = {
      {"ssl_request", kOut, 0, {{"frontend", "ssl_request"}, {"success", "-"}}},
      {"gssenc_request", kOut, 0, {{"frontend", "gssenc_request"}}},
      {"cancel_request", kOut, 0, {{"frontend", "cancel_request"}, {"frontend_arg", "-"}}},
      {"startup",
       kOut,
       0,
       {{"frontend", "startup"},
        {"user", "alice"},
        {"database", "shop"},
        {"application_name", "psql"},
        {"success", "-"}}},
      {"query", kOut, 0, {{"frontend", "simple_query"}, {"frontend_arg", "select 1"}, {"rows", "-"}, {"user", "-"}}},
      {"query_sets_password", kOut, 0, {{"frontend_arg", "alter role bob password '<secret>'"}}},
      {"extended", kOut, 0, {{"frontend", "terminate"}}},
      {"extended", kOut, 1, {{"frontend", "parse"}, {"frontend_arg", "select $1"}}},
      {"extended", kOut, 2, {{"frontend", "bind"}, {"frontend_arg", "s1"}}},
      {"extended", kOut, 3, {{"frontend", "function_call"}, {"frontend_arg", "-"}}},
      {"auth_failed",
       kBack,
       0,
       {{"frontend", "-"},
        {"backend", "auth_request,error"},
        {"backend_arg", "MD5Password,SeverityLocalized=FATAL,Severity=FATAL,Code=28P01,Message=no"},
        {"success", "false"}}},
      {"auth_good", kBack, 0, {{"backend", "auth_ok"}, {"backend_arg", "SASL,SASLContinue"}, {"success", "true"}}},
      {"answer_rows",
       kBack,
       0,
       {{"success", "true"},
        {"rows", "2"},
        {"tag", "SELECT 2"},
        {"backend_arg", "SeverityLocalized=NOTICE,Message=hello"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE((c.direction == kOut ? flow.out : flow.back).feed(from_hex(golden(c.name))));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    for (const Want& want : c.want) EXPECT_EQ(flow.get(c.index, want.field), want.value) << want.field;
    EXPECT_EQ(flow.context.json.find("hunter2"), std::string::npos);
  }
}

TEST(Postgresql, ASession) {
  Flow flow;
  flow.ask(golden("ssl_request"));
  flow.answer("'N'");
  flow.ask(golden("startup"));
  flow.answer(golden("auth_good"));
  flow.ask(golden("query"));
  flow.answer(golden("answer_rows"));
  flow.ask(golden("query"));
  flow.answer("'E' 0000000f 'SERROR' 00 'Mx' 00 00 'Z' 00000005 'I'");
  flow.ask("'B' 00000009 00 's1' 00 00 'E' 00000009 00 00000000 'S' 00000004");
  flow.answer("'2' 00000004 'D' 0000000b 0001 00000001 '1' 'C' 0000000d 'SELECT 1' 00 'Z' 00000005 'I'");
  flow.ask("'X' 00000004");
  const std::vector<std::vector<Want>> kWant = {
      {{"frontend", "ssl_request"}, {"backend", "ssl_reply"}, {"backend_arg", "N"}, {"success", "false"}},
      {{"frontend", "startup"}, {"backend", "auth_ok"}, {"success", "true"}, {"rows", "-"}},
      {{"frontend", "simple_query"}, {"user", "alice"}, {"database", "shop"}, {"success", "true"}, {"rows", "2"}},
      {{"frontend", "simple_query"}, {"backend", "error"}, {"success", "false"}, {"rows", "-"}},
      {{"frontend", "bind"}, {"frontend_arg", "s1"}, {"rows", "1"}, {"tag", "SELECT 1"}},
      {{"frontend", "terminate"}, {"success", "-"}},
  };
  ASSERT_EQ(flow.context.events.size(), kWant.size());
  for (std::size_t i = 0; i < kWant.size(); ++i)
    for (const Want& want : kWant[i]) EXPECT_EQ(flow.get(i, want.field), want.value) << i << " " << want.field;
  flow.analyzer->finish(flow.context);
  EXPECT_EQ(flow.context.events.size(), kWant.size());
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Postgresql, EncryptionBeginsWhenBothWantIt) {
  Flow tls;
  tls.ask(golden("ssl_request"));
  tls.answer("'S' 16 0303");
  EXPECT_TRUE(tls.back.anew());
  EXPECT_EQ(tls.back.waiting(), 3U);
  EXPECT_EQ(tls.get(0, "success"), "true");
  Flow longer;  // than it should be, which servers do not mind
  longer.ask("00000009 04d2162f 00");
  longer.answer("'S'");
  EXPECT_TRUE(longer.back.anew());
  Flow gss;
  gss.ask(golden("gssenc_request"));
  gss.answer("'G'");
  EXPECT_TRUE(gss.back.done());
  EXPECT_FALSE(gss.back.anew());
  EXPECT_EQ(gss.get(0, "backend"), "gssenc_reply");
  Flow old;
  old.ask(golden("ssl_request"));
  old.answer("'E' 0000000f 'SERROR' 00 'Mx' 00 00");
  EXPECT_EQ(old.get(0, "backend"), "error");
  EXPECT_EQ(old.get(0, "success"), "false");
}

TEST(Postgresql, ErrorsRepeatNoPassword) {
  const struct {
    const char *name, *request, *want;
  } kCases[] = {
      {"a statement", "'Q' 00000021 'alter rol a password hunter2' 00", "Message=near <secret>"},
      {"another statement", "'Q' 0000000d 'select a' 00", "Message=near \"hunter2\""},
      {"a prepared one", "'B' 00000009 00 's1' 00 00", "Message=near <secret>"},
      {"a login", "0000000e 00030000 'a' 00 'b' 00 00 00", "Message=near \"hunter2\""},
      {"only an error", "", "Message=near <secret>"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(c.request);
    flow.answer("'E' 00000015 'Mnear ' 22 'hunter2' 22 00 00");
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "backend_arg"), c.want);
  }
  // A statement whose end was not seen.
  Flow flow;
  auto query = from_hex("'Q' 000186a4");
  query.resize(1 + 4 + 100'000, 'x');
  flow.out.feed(query);
  flow.answer("'E' 00000015 'Mnear ' 22 'hunter2' 22 00 00");
  EXPECT_EQ(flow.get(0, "backend_arg"), "Message=near <secret>");
}

TEST(Postgresql, DetailsHaveNoRows) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"Failing row contains (1, alice).", "Detail=Failing row contains <secret>"},
      {"Key (a, b)=(1, alice) already exists.", "Detail=Key (a, b)=<secret>"},
      {"No such role.", "Detail=No such role."},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Flow flow;
    flow.ask("'Q' 0000000d 'select a' 00");
    std::vector<std::uint8_t> error = {'E', 0, 0, 0, static_cast<std::uint8_t>(std::string{c.text}.size() + 7), 'D'};
    for (const char* at = c.text; *at != 0; ++at) error.push_back(static_cast<std::uint8_t>(*at));
    error.insert(error.end(), {0, 0});
    flow.back.feed(error);
    EXPECT_EQ(flow.get(0, "backend_arg"), c.want);
  }
}

TEST(Postgresql, IsBounded) {
  Flow flow;
  // A long statement, a long row and a long copy pass by.
  auto query = from_hex("'Q' 000186a4");
  query.resize(1 + 4 + 100'000, 'x');
  flow.out.feed(query);
  EXPECT_EQ(flow.out.waiting(), 0U);
  auto row = from_hex("'D' 3fffffff");
  flow.back.feed(row);
  flow.back.feed(std::vector<std::uint8_t>(100'000, 'y'));
  EXPECT_EQ(flow.back.waiting(), 0U);
  flow.analyzer->gap(0x3fff'ffff - 4 - 100'000, kBack, flow.context);  // within what passes by
  EXPECT_EQ(flow.context.refused_total(), 0U);
  // Notices without end.
  std::vector<std::uint8_t> notice = from_hex("'N' 000003ee 'M'");
  notice.resize(1 + 4 + 1000, 'z');
  notice.insert(notice.end(), {0, 0});
  for (unsigned i = 0; i < 100; ++i) flow.back.feed(notice);
  flow.answer("'Z' 00000005 'I'");
  EXPECT_EQ(flow.get(0, "frontend_arg").size(), 4096U);
  EXPECT_EQ(flow.get(0, "rows"), "1");
  EXPECT_LT(flow.get(0, "backend_arg").size(), 4000U);
  EXPECT_EQ(flow.context.refused_total(), 0U);
}

TEST(Postgresql, RefusesWhatCannotBe) {
  const struct {
    const char *name, *hex;
    Direction direction;
  } kCases[] = {
      {"a type that clients have not", "'Z' 00000005 'I'", kOut},
      {"a type that servers have not", "'Q' 00000005 00", kBack},
      {"a length under its own", "'Q' 00000003", kOut},
      {"a length over the limit", "'Q' 40000000", kOut},
      {"a first message over its limit", "00002715 00030000", kOut},
      {"a first message under its limit", "00000007 00030000", kOut},
      {"version 2", "00000010 00020000", kOut},
      {"a request to cancel without its key", "0000000c 04d2162e", kOut},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask(golden("query"));
    EXPECT_FALSE((c.direction == kOut ? flow.out : flow.back).feed(from_hex(c.hex)));
    EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
    EXPECT_EQ(flow.context.events.size(), 1U);  // what waited is told
  }
}

TEST(Postgresql, GapsAreSurvived) {
  Flow flow;
  flow.ask(golden("query"));
  flow.analyzer->gap(10, kOut, flow.context);
  flow.analyzer->gap(10, kBack, flow.context);
  flow.ask("'the rest of something'");
  flow.answer("'the rest of something'");
  EXPECT_EQ(flow.out.waiting() + flow.back.waiting(), 0U);
  flow.ask(golden("query"));
  flow.answer(golden("answer_rows"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(0, "success"), "-");
  EXPECT_EQ(flow.get(1, "rows"), "2");
  EXPECT_EQ(flow.context.refused_total(), 2U);
}

TEST(Postgresql, Probe) {
  const Protocol& p = protocol("postgresql");
  const struct {
    const char* name;
    std::string hex;
    Direction direction;
    bool on_port;
    Verdict want;
  } kCases[] = {
      {"a request for TLS, anywhere", golden("ssl_request"), kOut, false, Verdict::yes},
      {"a longer one", "00000009 04d2162f 00", kOut, false, Verdict::no},
      {"a login, anywhere", golden("startup"), kOut, false, Verdict::yes},
      {"its beginning", "00000020 0003", kOut, false, Verdict::unsure},
      {"a name's beginning", "00000020 00030000 'use'", kOut, false, Verdict::unsure},
      {"no room for a name", "00000008 00030000 'use'", kOut, false, Verdict::no},
      {"a name without end", "0000000c 00030000 'user'", kOut, false, Verdict::no},
      {"a longer name than there is", "00002710 00030000 '" + std::string(64, 'a') + "'", kOut, false, Verdict::no},
      {"without parameters", "00000009 00030000 00", kOut, false, Verdict::no},
      {"a later version", "00000009 00030001 00", kOut, false, Verdict::no},
      {"a statement on the port", golden("query"), kOut, true, Verdict::yes},
      {"a statement elsewhere", golden("query"), kOut, false, Verdict::no},
      {"rows on the port", golden("answer_rows"), kBack, true, Verdict::yes},
      {"rows elsewhere", golden("answer_rows"), kBack, false, Verdict::no},
      {"MySQL", "4a000000 0a '8.0.36' 00", kBack, true, Verdict::no},
      {"MySQL with an unlucky length", "4e000000 0a '8.0.36' 00", kBack, true, Verdict::no},
      {"TLS", "16 0301 0100 01 0000fc 0303", kOut, true, Verdict::no},
      {"SSH", "'SSH-2.0'", kOut, true, Verdict::no},
      {"nothing", "", kOut, true, Verdict::unsure},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(p.probe(from_hex(c.hex), c.direction, Transport::tcp, c.on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
