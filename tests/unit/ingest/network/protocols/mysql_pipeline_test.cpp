// Commands that are sent before those ahead of them are answered, as MariaDB's clients do.
#include <gtest/gtest.h>

#include "flow_memory.h"
#include "play.h"

namespace nw::network {
namespace {

struct Session : Play {
  Session() : Play{"mysql", Transport::tcp} {}

  Session& packet(std::string_view hex, unsigned sequence, Direction direction) {
    const auto body = from_hex(hex);
    std::vector<std::uint8_t> whole{static_cast<std::uint8_t>(body.size()),
                                    static_cast<std::uint8_t>(body.size() >> 8U), 0,
                                    static_cast<std::uint8_t>(sequence)};
    whole.insert(whole.end(), body.begin(), body.end());
    give(whole, direction);
    return *this;
  }
  Session& ask(std::string_view hex) { return packet(hex, 0, kOut); }
  Session& answer(std::string_view hex, unsigned sequence = 1) { return packet(hex, sequence, kBack); }
  Session& ok(unsigned rows, unsigned sequence = 1) {
    return answer(rows == 1 ? "00 01 00 0200 0000" : "00 02 00 0200 0000", sequence);
  }
  // A result of one column; its end is the mark, or another.
  Session& result(unsigned rows, std::string_view end = "fe 0000 0200", unsigned sequence = 1) {
    answer("01", sequence).answer("03 'def'", sequence + 1).answer("fe 0000 0200", sequence + 2);
    sequence += 3;
    for (unsigned i = 0; i < rows; ++i) answer("01 '1'", sequence++);
    return answer(end, sequence);
  }
};

struct Told {
  const char *arg, *success, *rows, *result_rows;
};
void expect_all(const Session& session, const std::vector<Told>& wants) {
  ASSERT_EQ(session.context.events.size(), wants.size());
  for (std::size_t i = 0; i < wants.size(); ++i) {
    expect(session.context, i,
           {{"arg", wants[i].arg},
            {"success", wants[i].success},
            {"rows", wants[i].rows},
            {"result_rows", wants[i].result_rows}});
  }
  EXPECT_EQ(session.context.refused_total(), 0U);
}

TEST(MysqlPipeline, EachHasItsOwnResponse) {
  Session session;
  session.ask("03 'select a'").ask("03 'update b'").ask("03 'select c'").ask("03 'select d'").ask("19 07000000");
  session.result(3).ok(2).answer("ff 7a04 'no'").result(0);
  expect_all(session, {{"7", "-", "-", "-"},
                       {"select a", "true", "0", "3"},
                       {"update b", "true", "2", "-"},
                       {"select c", "false", "-", "-"},
                       {"select d", "true", "0", "0"}});
}

// Definitions follow the answer to what is prepared: with marks between, without them, or none at all.
TEST(MysqlPipeline, PreparedAndExecutedAtOnce) {
  constexpr std::string_view kPrepared = "00 07000000 0100 0200 00 0000";
  for (const unsigned form : {0U, 1U, 2U}) {
    SCOPED_TRACE(form);
    Session session;
    session.ask("16 'insert ?'").ask("17 ffffffff 00").ask("03 'select a'").answer(kPrepared);
    unsigned sequence = 2;
    if (form != 2) session.answer("03 'def'", sequence++);
    if (form != 2) session.answer("03 'def'", sequence++);
    if (form == 0) session.answer("fe 0000 0200", sequence++);
    if (form != 2) session.answer("03 'def'", sequence++);
    if (form == 0) session.answer("fe 0000 0200", sequence++);
    session.ok(1).result(2);
    expect_all(session,
               {{"insert ?", "true", "0", "-"}, {"4294967295", "true", "1", "-"}, {"select a", "true", "0", "2"}});
  }
}

TEST(MysqlPipeline, SeveralResultsAreOneCommands) {
  Session session;
  session.ask("03 'call a'").ask("03 'select b'");
  session.result(2, "fe 0000 0a00").result(9, "fe 0000 0a00", 7).answer("00 00 00 0200 0000", 20);
  session.result(1);
  expect_all(session, {{"call a", "true", "0", "2"}, {"select b", "true", "0", "1"}});
}

// The numbers of a long result come round.
TEST(MysqlPipeline, LongResults) {
  Session session;
  session.ask("03 'select a'").ask("03 'select b'").result(600).result(1);
  expect_all(session, {{"select a", "true", "0", "600"}, {"select b", "true", "0", "1"}});
}

// Rows that are fetched later do not come now.
TEST(MysqlPipeline, Cursors) {
  Session session;
  session.ask("17 07000000 01").ask("1c 07000000 02000000");
  session.answer("01").answer("03 'def'", 2).answer("fe 0000 4200", 3);
  session.answer("00 00 01 '1'").answer("00 00 01 '2'", 2).answer("fe 0000 8200", 3);
  expect_all(session, {{"7", "true", "0", "0"}, {"7", "true", "0", "2"}});
}

TEST(MysqlPipeline, TextsAreBounded) {
  Session session;
  std::vector<std::uint8_t> query = octets("select " + std::string(4000, 'x'));
  query.insert(query.begin(), {static_cast<std::uint8_t>((query.size() + 1) & 0xffU),
                               static_cast<std::uint8_t>((query.size() + 1) >> 8U), 0, 0, 3});
  for (unsigned i = 0; i < 20; ++i) session.give(query);
  session.ask("03 'select b'");
  EXPECT_EQ(session.context.refused_total(), 4U);
  EXPECT_EQ(session.context.events.size(), 4U);
  EXPECT_EQ(session.get(3, "success"), "-");
  for (unsigned i = 0; i < 20; ++i) session.result(1);
  session.result(5);
  EXPECT_EQ(session.context.events.size(), 21U);
  EXPECT_EQ(session.get(20, "arg"), "select b");
  EXPECT_EQ(session.get(20, "result_rows"), "5");
}

// Which response belongs to which command is not known any more: none is told.
TEST(MysqlPipeline, CommandsAreBounded) {
  Session session;
  session.ask("0e").ok(1);  // the server is there
  for (unsigned i = 0; i < 1025; ++i) session.ask("0e");
  EXPECT_EQ(session.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(session.context.events.size(), 1026U);
  for (unsigned i = 0; i < 1025; ++i) session.ok(1);
  session.ask("03 'select b'").ok(1);
  EXPECT_EQ(session.context.events.size(), 1027U);
  expect(session.context, 1026, {{"arg", "select b"}, {"success", "-"}});
  EXPECT_LT(bytes_given_back(session.analyzer), kFlowBytesMax);
}

// Where one side alone is captured, the next command says that the last one was not answered.
TEST(MysqlPipeline, AServerThatIsNotHeard) {
  Session session;
  session.ask("03 'select a'").ask("03 'select b'");
  EXPECT_TRUE(session.context.events.empty());
  session.context.time += std::chrono::seconds{1};
  session.ask("03 'select c'");
  EXPECT_EQ(session.context.events.size(), 2U);
  session.ok(2);
  session.context.time += std::chrono::seconds{2};
  session.ask("03 'select d'").ask("03 'select e'");
  session.context.time += std::chrono::seconds{2};
  session.ask("03 'select f'");
  EXPECT_EQ(session.context.events.size(), 3U);
}

TEST(MysqlPipeline, GapsLeaveTheLast) {
  Session session;
  session.ask("03 'set password = x'").ask("03 'select a'");
  session.analyzer->gap(10, kBack, session.context);
  EXPECT_EQ(session.context.events.size(), 1U);
  session.answer("ff 2804 '#42000' 'at ' 27 'hunter2' 27");
  expect(session.context, 1, {{"arg", "select a"}, {"success", "false"}, {"response", "at <secret>"}});
}

TEST(MysqlPipeline, ErrorsRepeatOnlyTheirOwnStatement) {
  Session session;
  session.ask("03 'set password = x'").ask("03 'select a'");
  session.answer("ff 2804 '#42000' 'at ' 27 'hunter2' 27").answer("ff 2804 '#42000' 'at ' 27 'b' 27");
  EXPECT_EQ(session.get(0, "response"), "at <secret>");
  EXPECT_EQ(session.get(1, "response"), "at 'b'");
}

}  // namespace
}  // namespace nw::network
