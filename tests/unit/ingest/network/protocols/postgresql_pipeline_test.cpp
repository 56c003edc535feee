// Requests that are sent before those ahead of them are answered.
#include <gtest/gtest.h>

#include "flow_memory.h"
#include "play.h"

namespace nw::network {
namespace {

// | type | length u32 | text |; `text` may have zeros.
std::vector<std::uint8_t> message(char type, std::string_view text) {
  const std::size_t size = text.size() + 4;
  std::vector<std::uint8_t> out{static_cast<std::uint8_t>(type), 0, 0, static_cast<std::uint8_t>(size >> 8U),
                                static_cast<std::uint8_t>(size)};
  out.insert(out.end(), text.begin(), text.end());
  return out;
}
std::string zero_behind(std::string_view text) { return std::string{text} + '\0'; }

struct Session : Play {
  Session() : Play{"postgresql", Transport::tcp} {}

  Session& client(char type, std::string_view text = {}) {
    give(message(type, text));
    return *this;
  }
  Session& server(char type, std::string_view text = {}) {
    give(message(type, text), kBack);
    return *this;
  }
  Session& query(std::string_view sql) { return client('Q', zero_behind(sql)); }
  Session& parse(std::string_view sql, std::string_view name = {}) {
    return client('P', zero_behind(name) + zero_behind(sql) + std::string(2, '\0'));
  }
  Session& bind(std::string_view name = {}) {
    return client('B', std::string(1, '\0') + zero_behind(name) + std::string(6, '\0'));
  }
  Session& execute() { return client('E', std::string(5, '\0')); }
  Session& sync() { return client('S'); }
  Session& all_of(std::string_view sql) { return parse(sql).bind().execute(); }

  // What the server says to them.
  Session& done(std::string_view tag, unsigned rows = 0) {
    for (unsigned i = 0; i < rows; ++i) server('D', std::string(2, '\0'));
    return server('C', zero_behind(tag));
  }
  Session& bound() { return server('2'); }
  Session& all_done(std::string_view tag, unsigned rows = 0) { return server('1').bound().done(tag, rows); }
  Session& error() { return server('E', std::string{"C42P01\0\0", 8}); }
  Session& ready(std::string_view state = "I") { return server('Z', state); }

  void expect_refused(unsigned times) const { EXPECT_EQ(context.refused_total(), times); }
};

void expect_all(const Session& session, const std::vector<std::vector<Want>>& wants) {
  ASSERT_EQ(session.context.events.size(), wants.size());
  for (std::size_t i = 0; i < wants.size(); ++i) expect(session.context, i, wants[i]);
}

TEST(PostgresqlPipeline, EachHasItsOwnOutcome) {
  Session session;
  session.all_of("select a").all_of("update b").parse("select c").sync();
  session.all_done("SELECT 2", 2).all_done("UPDATE 7").server('1').ready();
  expect_all(session, {{{"frontend", "parse"}, {"frontend_arg", "select a"}, {"rows", "2"}, {"tag", "SELECT 2"}},
                       {{"frontend_arg", "update b"}, {"rows", "0"}, {"tag", "UPDATE 7"}, {"success", "true"}},
                       {{"frontend_arg", "select c"}, {"rows", "0"}, {"tag", "-"}, {"success", "true"}}});
  session.expect_refused(0);
}

TEST(PostgresqlPipeline, ASimpleQueryThatIsSkippedHasNoEndOfItsOwn) {
  Session session;
  session.parse("selec").query("drop table x").sync().query("select b");
  session.error().ready();
  session.done("SELECT 1", 1).ready();
  expect_all(session, {{{"frontend_arg", "selec"}, {"success", "false"}},
                       {{"frontend_arg", "drop table x"}, {"success", "false"}, {"tag", "-"}},
                       {{"frontend_arg", "select b"}, {"success", "true"}, {"rows", "1"}}});
}

// As extended copies, simple ones do not mind it.
TEST(PostgresqlPipeline, ASyncWithinASimpleCopy) {
  Session session;
  session.query("copy t from stdin").server('G', std::string(3, '\0')).client('d', "1").sync().client('c');
  session.done("COPY 1").ready();
  session.query("drop table x").done("DROP TABLE").ready();
  session.query("selec").error().ready();
  ASSERT_GE(session.context.events.size(), 3U);
  const std::size_t last = session.context.events.size() - 1;
  expect(session.context, last - 1, {{"frontend_arg", "drop table x"}, {"success", "true"}});
  expect(session.context, last, {{"frontend_arg", "selec"}, {"success", "false"}});
}

// The client does not wait for the word to begin; what it asks for later counts.
TEST(PostgresqlPipeline, ACopyThatIsOverBeforeItBegins) {
  Session session;
  session.query("copy t from stdin").client('d', "1").client('c').server('G', std::string(3, '\0'));
  session.done("COPY 1").ready();
  session.all_of("select a").sync().all_done("SELECT 1", 1).ready();
  session.all_of("select b").sync().all_done("SELECT 2", 2).ready();
  ASSERT_EQ(session.context.events.size(), 3U);
  expect(session.context, 1, {{"frontend_arg", "select a"}, {"success", "true"}, {"rows", "1"}});
  expect(session.context, 2, {{"frontend_arg", "select b"}, {"success", "true"}, {"rows", "2"}});
}

TEST(PostgresqlPipeline, WhatErrorsQuote) {
  Session session;
  session.query("copy t from stdin");
  session.server('E', zero_behind("C23505") + zero_behind("WCOPY t, Zeile 1: \xc2\xbbMeier\tHIV\xc2\xab") + '\0')
      .ready();
  expect(session.context, 0, {{"success", "false"}});
  EXPECT_EQ(session.context.json.find("Meier"), std::string::npos);
  EXPECT_NE(session.context.json.find("Zeile 1"), std::string::npos);
  // The statement with the password was lost; what is said of it comes all the same.
  Session lost;
  lost.query("select 1");
  lost.analyzer->gap(60, kOut, lost.context);
  lost.analyzer->gap(20, kBack, lost.context);
  lost.server('E', zero_behind("C42601") + zero_behind("Munterminated quoted string at or near \"'hunter2\"") + '\0')
      .ready();
  ASSERT_FALSE(lost.context.events.empty());
  EXPECT_EQ(lost.context.json.find("hunter2"), std::string::npos);
}

TEST(PostgresqlPipeline, WhatFollowsAnErrorIsNotDone) {
  Session session;
  session.all_of("select a").all_of("select b").all_of("select c").sync().all_of("select d").sync();
  session.all_done("SELECT 1", 1).server('1').error().ready();
  session.all_done("SELECT 3", 3).ready();
  expect_all(session, {{{"frontend_arg", "select a"}, {"success", "true"}, {"rows", "1"}},
                       {{"frontend_arg", "select b"}, {"success", "false"}, {"backend_arg", "Code=42P01"}},
                       {{"frontend_arg", "select c"}, {"success", "false"}, {"backend", "-"}, {"rows", "-"}},
                       {{"frontend_arg", "select d"}, {"success", "true"}, {"rows", "3"}}});
}

TEST(PostgresqlPipeline, AnErrorBeforeTheRestIsSent) {
  Session session;
  session.all_of("select a");
  session.error();
  session.all_of("select b").sync();
  session.ready();
  session.query("select c").done("SELECT 1", 1).ready();
  expect_all(session, {{{"frontend_arg", "select a"}, {"backend", "error"}},
                       {{"frontend_arg", "select b"}, {"success", "false"}, {"backend", "-"}},
                       {{"frontend_arg", "select c"}, {"success", "true"}, {"rows", "1"}}});
}

// A condition that is looked at when all is done.
TEST(PostgresqlPipeline, AnErrorOfTheEndIsNoRequests) {
  Session session;
  session.all_of("insert a").sync();
  session.all_done("INSERT 0 1").error().ready();
  session.query("select b").done("SELECT 1", 1).ready();
  expect_all(session, {{{"frontend_arg", "insert a"}, {"success", "true"}, {"tag", "INSERT 0 1"}},
                       {{"frontend", "-"}, {"backend", "error"}, {"success", "false"}},
                       {{"frontend_arg", "select b"}, {"success", "true"}}});
}

TEST(PostgresqlPipeline, SimpleOnesWaitInLine) {
  Session session;
  session.query("select a").query("select b").query("select c").client('X');
  session.done("SELECT 1", 1).ready().error().ready("E").done("SELECT 3", 3).ready();
  expect_all(session, {{{"frontend", "terminate"}},
                       {{"frontend_arg", "select a"}, {"rows", "1"}},
                       {{"frontend_arg", "select b"}, {"success", "false"}},
                       {{"frontend_arg", "select c"}, {"rows", "3"}}});
}

TEST(PostgresqlPipeline, AStatementThatIsBoundAgainIsOne) {
  Session session;
  session.parse("insert a", "s1").bind("s1").execute().bind("s1").execute();
  session.bind("s2").execute().bind("s1").execute().sync();
  session.server('1').bound().done("INSERT 0 1", 1).bound().done("INSERT 0 2", 2);
  session.bound().done("INSERT 0 3", 3).bound().error().ready();
  expect_all(session, {{{"frontend", "parse"}, {"rows", "3"}, {"tag", "INSERT 0 2"}, {"success", "true"}},
                       {{"frontend", "bind"}, {"frontend_arg", "s2"}, {"rows", "3"}, {"tag", "INSERT 0 3"}},
                       {{"frontend", "bind"}, {"frontend_arg", "s1"}, {"success", "false"}}});
}

// Rows in portions, and a copy, in which the server does not mind what is asked.
TEST(PostgresqlPipeline, PortalsAndCopies) {
  Session session;
  session.all_of("select a").sync();
  session.server('1').bound().server('D', std::string(2, '\0')).server('s').ready();
  session.execute().sync();
  session.done("SELECT 2", 2).ready();
  session.all_of("copy b").sync();
  session.server('1').bound().server('G', std::string(3, '\0'));
  session.sync().client('d', "row").client('c').sync();
  session.done("COPY 1").ready();
  session.query("select c").done("SELECT 1", 1).ready();
  expect_all(session, {{{"frontend_arg", "select a"}, {"rows", "1"}},
                       {{"frontend", "execute"}, {"rows", "2"}, {"tag", "SELECT 2"}},
                       {{"frontend_arg", "copy b"}, {"tag", "COPY 1"}, {"success", "true"}},
                       {{"frontend_arg", "select c"}, {"rows", "1"}}});
}

TEST(PostgresqlPipeline, IsBounded) {
  Session session;
  for (unsigned i = 0; i < 66; ++i) session.all_of("select a");
  session.expect_refused(1);
  EXPECT_EQ(session.context.events.size(), 66U);
  EXPECT_EQ(session.get(65, "success"), "-");
  session.sync().query("select b");
  for (unsigned i = 0; i < 66; ++i) session.all_done("SELECT 9", 9);
  session.ready().done("SELECT 2", 2).ready();
  EXPECT_EQ(session.get(66, "frontend_arg"), "select b");
  EXPECT_EQ(session.get(66, "rows"), "2");
  // The same of requests that are complete.
  Session simple;
  for (unsigned i = 0; i < 65; ++i) simple.query("select a");
  simple.expect_refused(1);
  EXPECT_EQ(simple.context.events.size(), 64U);
  for (unsigned i = 0; i < 64; ++i) simple.error().ready();
  simple.done("SELECT 2", 2).ready();
  EXPECT_EQ(simple.get(64, "rows"), "2");
}

TEST(PostgresqlPipeline, MemoryIsBounded) {
  Session session;
  const std::string note = std::string{"M"} + std::string(3000, 'n') + std::string(2, '\0');
  for (unsigned i = 0; i < 200; ++i) session.parse(std::string(5000, 'x'), std::string(63, 'n')).bind().execute();
  session.expect_refused(1);
  for (unsigned round = 0; round < 40; ++round) {
    session.query(std::string(5000, 'x'));
    session.server('N', note).server('N', note);
  }
  EXPECT_LT(bytes_given_back(session.analyzer), kFlowBytesMax);
}

// Where one side alone is captured, the next request says that the last one was not answered.
TEST(PostgresqlPipeline, AServerThatIsNotHeard) {
  Session session;
  session.query("select a").query("select b");
  EXPECT_TRUE(session.context.events.empty());
  session.context.time += std::chrono::seconds{1};
  session.query("select c");
  EXPECT_EQ(session.context.events.size(), 2U);
  session.done("SELECT 1", 1).ready();
  expect(session.context, 2, {{"frontend_arg", "select c"}, {"rows", "1"}});
  session.query("select d");
  session.context.time += std::chrono::seconds{2};
  session.query("select e");
  EXPECT_EQ(session.context.events.size(), 3U);
}

TEST(PostgresqlPipeline, GapsLeaveTheLast) {
  Session session;
  session.query("select a").query("select b");
  session.analyzer->gap(10, kBack, session.context);
  EXPECT_EQ(session.get(0, "frontend_arg"), "select a");
  session.done("SELECT 2", 2).ready();
  expect(session.context, 1, {{"frontend_arg", "select b"}, {"rows", "2"}});
  session.query("select c").done("SELECT 3", 3).ready();
  expect(session.context, 2, {{"frontend_arg", "select c"}, {"rows", "3"}});
}

// An outcome that comes late may be another's.
TEST(PostgresqlPipeline, LateErrorsRepeatNoPassword) {
  Session session;
  const std::string near = std::string{"Mnear \"hunter2\""} + std::string(2, '\0');
  session.query("alter role a password hunter2").query("select a");
  session.server('E', near).ready().server('E', near).ready();
  EXPECT_EQ(session.get(0, "backend_arg"), "Message=near <secret>");
  EXPECT_EQ(session.get(1, "backend_arg"), "Message=near \"hunter2\"");
  session.query("alter role a password hunter2").query("select b");
  session.analyzer->gap(10, kBack, session.context);
  session.server('E', near);
  EXPECT_EQ(session.get(3, "frontend_arg"), "select b");
  EXPECT_EQ(session.get(3, "backend_arg"), "Message=near <secret>");
}

}  // namespace
}  // namespace nw::network
