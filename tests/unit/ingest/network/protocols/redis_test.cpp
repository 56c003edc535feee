#include <gtest/gtest.h>

#include "fake_context.h"
#include "flow_memory.h"
#include "golden_frames.h"
#include "ingest/network/protocols/redis_resp.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

std::vector<std::uint8_t> golden(std::string_view name) { return from_hex(Golden{"redis"}(name).hex); }

Bytes bytes(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

struct Flow {
  FakeContext context{protocol("redis")};
  std::unique_ptr<Analyzer> analyzer = protocol("redis").make(Transport::tcp);
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};

  // Words as a client library sends them.
  bool ask(const std::vector<std::string>& words) {
    std::string text = "*" + std::to_string(words.size()) + "\r\n";
    for (const std::string& word : words) text += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
    return out.feed(bytes(text));
  }
  bool answer(std::string_view text) { return back.feed(bytes(text)); }
  [[nodiscard]] std::string get(std::size_t index, const char* field) const { return context.get(index, field); }
};

struct Want {
  const char *field, *value;
};

TEST(Redis, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    Direction direction;
    std::size_t index;
    std::vector<Want> want;
  } kCases[] = {
      {"ping", kOut, 0, {{"cmd.name", "PING"}, {"cmd.key", "-"}, {"cmd.args", "-"}, {"success", "-"}}},
      {"set", kOut, 0, {{"cmd.name", "SET"}, {"cmd.key", "lamp"}, {"cmd.value", "on"}, {"cmd.args", "-"}}},
      {"pipeline", kOut, 0, {{"cmd.name", "GET"}, {"cmd.key", "lamp"}, {"cmd.value", "-"}}},
      {"pipeline", kOut, 1, {{"cmd.name", "CONFIG"}, {"cmd.args", "SET requirepass <secret>"}}},
      {"pipeline", kOut, 2, {{"cmd.name", "PING"}}},
      {"auth", kOut, 0, {{"cmd.name", "AUTH"}, {"cmd.key", "-"}, {"cmd.args", "alice <secret>"}}},
      {"hello", kOut, 0, {{"cmd.args", "3 AUTH <secret> <secret>"}}},
      {"reply_text", kBack, 0, {{"cmd.name", "-"}, {"success", "true"}, {"reply.value", "OK"}}},
      {"reply_error", kBack, 0, {{"success", "false"}, {"reply.value", "ERR no such key"}}},
      {"reply_bulk", kBack, 0, {{"reply.value", "hello"}}},
      {"reply_null", kBack, 0, {{"success", "true"}, {"reply.value", "null"}}},
      {"reply_nested", kBack, 0, {{"success", "true"}, {"reply.value", "-"}}},  // CONFIG's, for all that is known
      {"reply_resp3", kBack, 0, {{"reply.value", "-"}}},
      {"reply_resp3", kBack, 1, {{"reply.value", "-"}}},
      {"reply_resp3", kBack, 2, {{"reply.value", "null"}}},
      {"reply_resp3", kBack, 3, {{"reply.value", "123"}}},
      {"reply_resp3", kBack, 4, {{"reply.value", "txt:a"}}},
      {"reply_attribute", kBack, 0, {{"reply.value", "-"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE((c.direction == kOut ? flow.out : flow.back).feed(golden(c.name)));
    flow.analyzer->finish(flow.context);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    for (const Want& want : c.want) EXPECT_EQ(flow.get(c.index, want.field), want.value) << want.field;
  }
}

TEST(Redis, RepliesComeInOrder) {
  Flow flow;
  flow.ask({"SET", "a", "1"});
  flow.ask({"GET", "a"});
  flow.ask({"GET", "b"});
  flow.answer("+OK\r\n$1\r\n1\r\n");
  EXPECT_EQ(flow.context.events.size(), 2U);
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "reply.value"), "OK");
  EXPECT_EQ(flow.get(1, "reply.value"), "1");
  EXPECT_EQ(flow.get(2, "cmd.key"), "b");
  EXPECT_EQ(flow.get(2, "success"), "-");
}

TEST(Redis, SecretsStayInside) {
  const struct {
    std::vector<std::string> words;
    const char *arguments, *reply;
  } kCases[] = {
      {{"AUTH", "hunter2"}, "<secret>", "x"},
      {{"auth", "alice", "hunter2"}, "alice <secret>", "x"},
      {{"HELLO", "3", "SETNAME", "me"}, "3 SETNAME me", "x"},
      {{"CONFIG", "SET", "masterauth", "hunter2"}, "SET masterauth <secret>", "x"},
      {{"CONFIG", "SET", "dir", "/root/.ssh"}, "SET dir /root/.ssh", "x"},
      {{"CONFIG", "GET", "requirepass"}, "GET requirepass", "-"},
      {{"CONFIG", "GET", "*"}, "GET *", "-"},
      {{"CONFIG", "GET", "dir"}, "GET dir", "x"},
      {{"ACL", "SETUSER", "bob", "on", ">hunter2", "#abcd", "+@all"}, "SETUSER bob on <secret> <secret> +@all", "-"},
      {{"MIGRATE", "h", "6379", "", "0", "5000", "AUTH", "hunter2"}, "h 6379  0 5000 AUTH <secret>", "x"},
      {{"SLAVEOF", "192.0.2.9", "6379"}, "192.0.2.9 6379", "x"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.arguments);
    Flow flow;
    flow.ask(c.words);
    flow.answer("+x\r\n");
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "cmd.args"), c.arguments);
    EXPECT_EQ(flow.get(0, "reply.value"), c.reply);
    EXPECT_EQ(flow.context.json.find("hunter2"), std::string::npos);
  }
}

TEST(Redis, KeysThatSayTheyHoldAPassword) {
  Flow flow;
  flow.ask({"SET", "user:1:password", "hunter2"});
  flow.ask({"GET", "user:1:password"});
  flow.ask({"GET", "user:1:name"});
  flow.answer("+OK\r\n$7\r\nhunter2\r\n+bob\r\n");
  EXPECT_EQ(flow.get(0, "cmd.key"), "user:1:password");
  EXPECT_EQ(flow.get(0, "cmd.value"), "<secret>");
  EXPECT_EQ(flow.get(0, "success"), "true");
  EXPECT_EQ(flow.get(1, "reply.value"), "-");
  EXPECT_EQ(flow.get(2, "reply.value"), "bob");
}

// What follows is no RESP, and everything that the database holds.
TEST(Redis, AReplicaIsNotFollowed) {
  Flow flow;
  flow.ask({"REPLCONF", "capa", "eof"});
  flow.ask({"PSYNC", "?", "-1"});
  flow.answer("+OK\r\n\n");
  flow.answer("+FULLRESYNC 0123 1\r\n$5\r\nREDIS*1\r\n");
  EXPECT_TRUE(flow.back.done());
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(1, "cmd.args"), "? -1");
  EXPECT_EQ(flow.get(1, "reply.value"), "FULLRESYNC 0123 1");
  EXPECT_EQ(flow.context.refused_total(), 0U);
  Flow old;
  old.ask({"SYNC"});
  old.answer("\n$EOF:0123456789\r\nREDIS");
  EXPECT_TRUE(old.back.done());
  EXPECT_EQ(old.get(0, "cmd.name"), "SYNC");
  EXPECT_EQ(old.context.refused_total(), 0U);
  Flow refused;
  refused.ask({"PSYNC", "?", "-1"});
  refused.answer("-NOMASTERLINK no\r\n");
  refused.ask({"PING"});
  refused.answer("+PONG\r\n");
  EXPECT_EQ(refused.get(1, "reply.value"), "PONG");
}

TEST(Redis, RepliesOfEveryForm) {
  static constexpr struct {
    const char *name, *want;
  } kCases[] = {
      {"reply_nested", "[1, [a, []], b]"},
      {"reply_resp3", "[k, T]"},
      {"reply_attribute", "[1, 2]"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask({"LRANGE", "a", "0", "-1"});
    flow.back.feed(golden(c.name));
    EXPECT_EQ(flow.get(0, "reply.value"), c.want);
  }
}

constexpr const char* kConfig = "*2\r\n$11\r\nrequirepass\r\n$7\r\nhunter2\r\n";

TEST(Redis, SecretsOfReplies) {
  static constexpr struct {
    const char *name, *reply, *want;
  } kCases[] = {
      {"two settings", "*4\r\n+masterauth\r\n+hunter2\r\n+dir\r\n+/\r\n", "[masterauth, <secret>, dir, /]"},
      {"a map", "%1\r\n+tls-key-file-pass\r\n+hunter2\r\n", "[tls-key-file-pass, <secret>]"},
      {"inside", "*2\r\n:1\r\n*3\r\n+config\r\n+requirepass\r\n+hunter2\r\n", "[1, [config, requirepass, <secret>]]"},
      {"several", "*4\r\n+passwords\r\n*2\r\n+hunter2\r\n*1\r\n+hunter2\r\n+a\r\n+b\r\n",
       "[passwords, [<secret>, [<secret>]], a, b]"},
      {"none", "*3\r\n+passwords\r\n*0\r\n+a\r\n", "[passwords, [], a]"},
      {"null", "*3\r\n+pass\r\n$-1\r\n+a\r\n", "[pass, null, a]"},
      {"one that is called so", "*3\r\n+auth\r\n+requirepass\r\n+a\r\n", "[auth, <secret>, a]"},
      {"no name", "*2\r\n+author\r\n+a\r\n", "[author, a]"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask({"SLOWLOG", "GET"});
    flow.answer(c.reply);
    EXPECT_EQ(flow.get(0, "reply.value"), c.want);
  }
  // What EXEC answers, and SENTINEL.
  Flow flow;
  flow.ask({"MULTI"});
  flow.ask({"CONFIG", "GET", "requirepass"});
  flow.ask({"EXEC"});
  flow.answer("+OK\r\n+QUEUED\r\n*1\r\n" + std::string{kConfig});
  flow.ask({"SENTINEL", "CONFIG", "GET", "sentinel-pass"});
  flow.answer("*2\r\n+sentinel-pass\r\n+hunter2\r\n");
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_EQ(flow.get(i, "success"), "true");
    EXPECT_EQ(flow.get(i, "reply.value"), "-");
  }
}

TEST(Redis, RepliesThatAreNobodysHaveNoSecrets) {
  static constexpr struct {
    const char *name, *reply, *want;
  } kCases[] = {
      {"CONFIG's", kConfig, "-"},
      {"ACL LIST's", "*1\r\n+user bob on #2cf24dba\r\n", "-"},
      {"MONITOR's", "+1.2 [0 192.0.2.1:5] \"config\" \"set\" \"requirepass\" \"hunter2\"\r\n", "-"},
      {"an error's", "-ERR Invalid argument 'hunter2' for CONFIG SET\r\n", "ERR Invalid argument "},
      {"a text", "$3\r\non1\r\n", "on1"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow middle;
    middle.answer(c.reply);
    ASSERT_EQ(middle.context.events.size(), 1U);
    EXPECT_EQ(middle.get(0, "reply.value"), c.want);
    // Behind a gap it may be taken for another command's.
    Flow gap;
    gap.ask({"CONFIG", "GET", "a"});
    gap.analyzer->gap(10, kOut, gap.context);
    gap.ask({"GET", "x"});
    gap.answer(c.reply);
    ASSERT_EQ(gap.context.events.size(), 2U);
    EXPECT_EQ(gap.get(1, "cmd.key"), "x");
    EXPECT_EQ(gap.get(1, "reply.value"), c.want);
  }
}

TEST(Redis, ErrorsRepeatNoPassword) {
  const struct {
    std::vector<std::string> words;
    const char* want;
  } kCases[] = {
      {{"CONFIG", "SET", "requirepass", "hunter2"}, "ERR Invalid argument "},
      {{"ACL", "SETUSER", "bob", "hunter2"}, "ERR Invalid argument "},
      {{"CONFIG", "SET", "a", "1", "b", "2", "c", "3", "requirepass", "hunter2"}, "ERR Invalid argument "},
      {{"CONFIG", "SET", "dir", "x"}, "ERR Invalid argument 'hunter2'"},
      {{"GET", "pass"}, "ERR Invalid argument 'hunter2'"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.words[1]);
    Flow flow;
    flow.ask(c.words);
    flow.answer("-ERR Invalid argument 'hunter2'\r\n");
    EXPECT_EQ(flow.get(0, "reply.value"), c.want);
  }
}

TEST(Redis, PlainLinesAreCommands) {
  static constexpr struct {
    const char *line, *name, *arguments;
  } kCases[] = {
      {R"("AUTH" hunter2)", "AUTH", "<secret>"},
      {R"('auth' bob hunter2)", "auth", "bob <secret>"},
      {R"(A"UT"H hunter2)", "AUTH", "<secret>"},
      {R"("\x41UTH" hunter2)", "AUTH", "<secret>"},
      {R"(auth "hunter2)", "auth", "<secret>"},
      {R"(config set "require\pass" hunter2)", "config", "set requirepass <secret>"},
      {R"(echo "\n\x4g\q\" 'a\'b\n')", "echo", R"(\x0ax4gq" 'a'b\x0a')"},
      {R"(echo 'a\'b\n' "\)", "echo", R"(a'b\x5cn \x5c)"},
      {"auth a b c d e f g h i", "auth", "<secret> <secret> <secret> <secret> <secret> <secret> <secret>"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.line);
    Flow one;
    one.out.feed(bytes(std::string{c.line} + "\r\n"));
    one.analyzer->finish(one.context);
    EXPECT_EQ(one.get(0, "cmd.name"), c.name);
    EXPECT_EQ(one.get(0, "cmd.args"), c.arguments);
  }
  Flow flow;
  flow.out.feed(bytes("  SET key \"a b \\\" c\"\r\n\r\nget 'k\nPING\r\n"));
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "cmd.key"), "key");
  EXPECT_EQ(flow.get(0, "cmd.value"), "a b \" c");
  EXPECT_EQ(flow.get(1, "cmd.name"), "get");
  EXPECT_EQ(flow.get(1, "cmd.key"), "k");
  EXPECT_EQ(flow.get(2, "cmd.name"), "PING");
}

TEST(Redis, SomeCommandsAreNotAnswered) {
  Flow flow;
  flow.ask({"CLIENT", "REPLY", "SKIP"});
  flow.ask({"SET", "a", "1"});
  flow.ask({"PING"});
  flow.answer("+PONG\r\n");
  flow.ask({"CLIENT", "REPLY", "OFF"});
  flow.ask({"PING"});
  flow.ask({"CLIENT", "REPLY", "ON"});
  flow.answer("+OK\r\n");
  ASSERT_EQ(flow.context.events.size(), 6U);
  const char* kSuccess[] = {"-", "-", "true", "-", "-", "true"};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(flow.get(i, "success"), kSuccess[i]) << i;
}

TEST(Redis, WhatIsPushedIsNoReply) {
  Flow flow;
  flow.ask({"SUBSCRIBE", "news"});
  flow.answer("*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n");
  flow.ask({"RESET"});
  flow.answer(">2\r\n+message\r\n+x\r\n+RESET\r\n");
  flow.ask({"LRANGE", "a", "0", "1"});
  flow.answer("*1\r\n$7\r\nmessage\r\n");
  ASSERT_EQ(flow.context.events.size(), 3U);
  EXPECT_EQ(flow.get(0, "success"), "-");
  EXPECT_EQ(flow.get(1, "reply.value"), "RESET");
  EXPECT_EQ(flow.get(2, "reply.value"), "[message]");
}

TEST(Redis, IsBounded) {
  Flow flow;
  // More waits than is kept: the oldest is told, and its reply is nobody's.
  constexpr unsigned kMany = 300, kKept = 256;
  for (unsigned i = 0; i < kMany; ++i) flow.ask({"GET", std::to_string(i)});
  EXPECT_EQ(flow.context.events.size(), kMany - kKept);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), kMany - kKept);
  for (unsigned i = 0; i < kMany; ++i) flow.answer(":" + std::to_string(i) + "\r\n");
  ASSERT_EQ(flow.context.events.size(), kMany);
  for (unsigned i = kMany - kKept; i < kMany; ++i) EXPECT_EQ(flow.get(i, "reply.value"), flow.get(i, "cmd.key"));
  // A long text passes by, and so do many arguments.
  const std::string text(100'000, 'x');
  flow.ask({"SET", text, text, "EX", "1", "a", "b", "c", "d", "e"});
  EXPECT_EQ(flow.out.waiting(), 0U);
  flow.answer("$100000\r\n" + text + "\r\n");
  EXPECT_EQ(flow.get(kMany, "cmd.key"), text.substr(0, RespReader::kTextMax));
  EXPECT_EQ(flow.get(kMany, "reply.value"), text.substr(0, 1024));
  flow.ask({"EVAL", text});
  flow.answer("*2\r\n+" + text.substr(0, 1000) + "\r\n+" + text.substr(0, 1000) + "\r\n");
  EXPECT_EQ(flow.get(kMany + 1, "cmd.args"), text.substr(0, 512));
  EXPECT_EQ(flow.get(kMany + 1, "reply.value").size(), 1024U);
}

TEST(Redis, MemoryIsBounded) {
  // Control characters need four letters each.
  const std::string text(RespReader::kTextMax, '\x01');
  Flow flow;
  for (unsigned i = 0; i < 200; ++i) flow.ask({"SET", text, text});
  constexpr unsigned kFit = 64 * 1024 / (3 + 2 * 4096);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 200 - kFit);
  EXPECT_EQ(flow.context.events.size(), 200 - kFit);
  for (unsigned i = 0; i < 200; ++i) flow.answer("+OK\r\n");
  EXPECT_EQ(flow.context.events.size(), 200U);
  EXPECT_EQ(flow.get(199, "success"), "true");
  // Every place has had a long text, and has a short one now.
  for (unsigned i = 0; i < 256; ++i) {
    flow.ask({text, text});
    flow.answer("+OK\r\n");
    EXPECT_EQ(flow.get(200 + i, "cmd.name").size(), 4 * 64U);
  }
  for (unsigned i = 0; i < 256; ++i) flow.ask({"SET", std::string(40, 'k'), std::string(100, 'v')});
  for (unsigned i = 0; i < 100; ++i) flow.ask({"SET", text, text, text, text, text, text, text, text});
  EXPECT_LE(bytes_given_back(flow.analyzer), kFlowBytesMax);
}

TEST(Redis, WhatServersDoNotMind) {
  Flow flow;
  // Of what ends a line only \r is looked at, of what ends a text nothing.
  EXPECT_TRUE(flow.out.feed(bytes("*2\rX$3\rXGETXX$1\rXaXX")));
  // A line of 64 KiB.
  EXPECT_TRUE(flow.out.feed(bytes("config set a " + std::string(30'000, 'x'))));
  EXPECT_EQ(flow.out.waiting(), 0U);
  EXPECT_TRUE(flow.out.feed(bytes(std::string(34'000, 'x'))));
  EXPECT_TRUE(flow.out.feed(bytes("x\r\nPING\r\n")));
  EXPECT_TRUE(flow.out.feed(bytes("*")));
  EXPECT_TRUE(flow.out.feed(bytes("1\r")));
  EXPECT_TRUE(flow.out.feed(bytes("\n$4\r\nQUIT\r\n")));
  flow.analyzer->finish(flow.context);
  ASSERT_EQ(flow.context.events.size(), 4U);
  EXPECT_EQ(flow.get(0, "cmd.key"), "a");
  EXPECT_EQ(flow.get(1, "cmd.name"), "config");
  EXPECT_EQ(flow.get(2, "cmd.name"), "PING");
  EXPECT_EQ(flow.get(3, "cmd.name"), "QUIT");
  EXPECT_EQ(flow.context.refused_total(), 0U);
  EXPECT_FALSE(flow.out.feed(bytes("*" + std::string(RespReader::kLineMax + 1, '1'))));
}

TEST(Redis, RefusesWhatIsNoResp) {
  std::string deep;
  for (std::size_t i = 0; i <= RespReader::kDepthMax; ++i) deep += "*1\r\n";
  const struct {
    const char* name;
    std::string text;
    Direction direction;
    DecodeError want;
  } kCases[] = {
      {"no type", "hello\r\n", kBack, DecodeError::bad_value},
      {"an array of numbers from a client", "*1\r\n:1\r\n", kOut, DecodeError::bad_value},
      {"no number", "$x\r\n", kBack, DecodeError::bad_value},
      {"another negative", "$-2\r\n", kBack, DecodeError::bad_value},
      {"a longer text than Redis takes", "$536870913\r\n", kBack, DecodeError::bad_value},
      {"more elements than Redis takes", "*1048577\r\n", kBack, DecodeError::bad_value},
      {"a text that ends elsewhere", "$1\r\nabc\r\n", kBack, DecodeError::bad_value},
      {"too deep", deep, kBack, DecodeError::limit},
      {"a line without end", "+" + std::string(RespReader::kLineMax + 1, 'x'), kBack, DecodeError::too_long},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.ask({"PING"});
    EXPECT_FALSE((c.direction == kOut ? flow.out : flow.back).feed(bytes(c.text)));
    EXPECT_EQ(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
    // What waited is told.
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.get(0, "cmd.name"), "PING");
  }
}

TEST(Redis, GapsAreSurvived) {
  Flow flow;
  flow.ask({"GET", "a"});
  flow.analyzer->gap(10, kBack, flow.context);
  EXPECT_EQ(flow.context.events.size(), 1U);
  flow.answer("the rest of something\r\n");
  EXPECT_EQ(flow.back.waiting(), 0U);
  flow.ask({"GET", "b"});
  flow.answer(":2\r\n");
  ASSERT_EQ(flow.context.events.size(), 2U);
  EXPECT_EQ(flow.get(1, "reply.value"), "2");
  EXPECT_EQ(flow.context.refused_total(), 1U);
  // One within what passes by costs nothing.
  flow.ask({"GET", "c"});
  flow.answer("$5000\r\n" + std::string(2000, 'x'));
  flow.analyzer->gap(3000, kBack, flow.context);
  flow.answer("\r\n");
  flow.ask({"GET", "d"});
  flow.answer(":4\r\n");
  EXPECT_EQ(flow.get(3, "reply.value"), "4");
  EXPECT_EQ(flow.context.refused_total(), 1U);
}

TEST(Redis, Probe) {
  const Protocol& p = protocol("redis");
  const struct {
    const char* text;
    Direction direction;
    bool on_port;
    Verdict want;
  } kCases[] = {
      {"*1\r\n$4\r\nPING\r\n", kOut, false, Verdict::yes},
      {"*2\r\n$8\r\nJSON.GET\r\n$1\r\na\r\n", kOut, false, Verdict::yes},
      {"*1\r\n$4\r\nPI", kOut, false, Verdict::unsure},
      {"*", kOut, false, Verdict::unsure},
      {"*1\r\n$4\r\nP NG\r\n", kOut, false, Verdict::no},
      {"*0\r\n", kOut, false, Verdict::no},
      {"*1\r\n:1\r\n", kOut, false, Verdict::no},
      {"PING\r\n", kOut, false, Verdict::no},
      {"PING\r\n", kOut, true, Verdict::yes},
      {"MODULES.OWN a\r\n", kOut, true, Verdict::no},
      {"own2 a\r\n", kOut, true, Verdict::yes},
      {"220 ready\r\n", kOut, true, Verdict::no},
      {"SSH-2.0-Go\r\n", kOut, true, Verdict::no},
      {"GET / HTTP/1.1\r\n", kOut, true, Verdict::no},
      {"+OK\r\n", kBack, true, Verdict::yes},
      {"+OK\r\n", kBack, false, Verdict::no},
      {"HTTP/1.1 200 OK\r\n", kBack, true, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(p.probe(bytes(c.text), c.direction, Transport::tcp, c.on_port), c.want);
  }
}

}  // namespace
}  // namespace nw::network
