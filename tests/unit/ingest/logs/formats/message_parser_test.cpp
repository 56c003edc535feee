#include "ingest/logs/formats/message_parser.h"

#include <gtest/gtest.h>

#include "unit/ingest/logs/formats/log_test_support.h"

namespace nw::logs {
namespace {

constexpr std::array<std::string_view, 1> kAlphaService{"a"}, kSshdServices{"sshd"};

// Says one word of its message; "bad" it cannot read.
class Words final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (message.text.ends_with("bad")) return LineFault::bad_header;
    if (!out.wants(0)) return LineFault::none;
    for (std::size_t i = 0; i < (message.text.ends_with("twice") ? 2U : 1U); ++i) {
      MessageWriter writer = out.begin(0, message, message.time);
      writer.set(0, event::Value::text(message.text.substr(0, message.text.find(' '))));
      if (message.text.ends_with("own")) writer.set(1, event::Value::text("mine"));
      writer.set("extra", event::Value::integer(1));
      out.emit();
    }
    return LineFault::none;
  }
};

// Adds messages up: "g(2)" is one of two that make an event.
class Sums final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (!message.text.starts_with("g(")) return LineFault::bad_header;
    if (!out.wants(0)) return LineFault::none;
    if (held_ == 0) first_ = message.origin;
    if (++held_ == 2) tell(out);
    return LineFault::none;
  }
  void flush(Timestamp now, bool end, MessageContext& out) override {
    if (held_ != 0 && (end || first_.receive_time < now)) tell(out);
  }

 private:
  void tell(MessageContext& out) {
    Message message;
    message.origin = first_;
    MessageWriter writer = out.begin(0, message, {first_.receive_time, event::TimeQuality::received});
    writer.set(0, event::Value::integer(static_cast<std::int64_t>(held_)));
    out.emit();
    held_ = 0;
  }
  LineOrigin first_;
  std::size_t held_ = 0;
};

template <class Reader>
std::unique_ptr<MessageReader> make() {
  return std::make_unique<Reader>();
}

constexpr auto kWord = std::to_array<event::FieldSpec>({{"word", "text", ""}, {"severity", "text", ""}});
constexpr auto kSum = std::to_array<event::FieldSpec>({{"sum", "integer", ""}});
constexpr event::TypeSpec kAlphaType{"alpha", "vendor", kAlphaService, {}, kWord, true};
constexpr event::TypeSpec kBetaType{"beta.b", "", {}, {}, kWord};
constexpr event::TypeSpec kHeadType{"head", "", {}, {}, kWord};
constexpr event::TypeSpec kSumType{"sum", "linux", {}, {}, kSum};
constexpr event::TypeSpec kSshdType{"syslog.sshd", "linux", kSshdServices, {}, kWord};
constexpr std::array<std::string_view, 1> kAlphaPrograms{"alphad"}, kSshdPrograms{"sshd"};

bool is_alpha(const Message& message) noexcept { return message.text.starts_with("ALPHA:"); }
bool is_beta(const Message& message) noexcept { return message.text.find("beta") != std::string_view::npos; }
bool is_head(const Message& message) noexcept { return message.text.starts_with('#'); }
bool is_sum(const Message& message) noexcept { return message.text.starts_with("g("); }

const std::array<MessageFormat, 5> kFormats{{
    {"alpha", "", {&kAlphaType, 1}, kAlphaPrograms, is_alpha, make<Words>, Order::alone, {}, "A"},
    {"beta", "", {&kBetaType, 1}, {}, is_beta, make<Words>},
    {"head", "", {&kHeadType, 1}, {}, is_head, make<Words>, Order::headed, "#"},
    {"sshd", "", {&kSshdType, 1}, kSshdPrograms, nullptr, make<Words>},
    {"sum", "", {&kSumType, 1}, {}, is_sum, make<Sums>, Order::joined, "g("},
}};
const MessageIndex kIndex{kFormats};

struct World {
  explicit World(Reach reach, std::size_t one = 0, Wants wants = Wants::all, const FormatOptions& options = {},
                 std::initializer_list<std::string_view> named = {}) {
    auto built = std::make_shared<event::Schema>();
    const Reading reading{&kIndex, reach, one};
    declare_messages(*built, options, reading);
    for (const std::string_view name : named) built->add_field(name);
    interest = std::make_shared<event::Interest>();
    for (std::size_t i = 0; i < built->type_count(); ++i) {
      const auto type = static_cast<event::TypeId>(i);
      if (wants == Wants::types) interest->want(type);
      if (wants == Wants::all) interest->want_all(type);
      for (const std::string_view name : named) interest->want(type, *built->find_field(name));
    }
    schema = built;
    parser = make_message_parser(schema, interest, options, reading);
    sink = std::make_unique<Collector>(*schema);
  }

  // "PATH FIELD=VALUE ...", without host, an event each; the fault before them.
  std::string line(std::string_view text) {
    LineOrigin origin;
    origin.ordinal = next++;
    origin.receive_time = *parse_rfc3339("2026-03-01T12:00:00Z");
    const std::size_t before = sink->seen.size();
    const LineFault fault = parser->line(text, origin, *sink);
    return (fault == LineFault::none ? "" : "[" + std::string{to_string(fault)} + "] ") + told(before);
  }
  std::string flush(std::string_view now, bool end) {
    const std::size_t before = sink->seen.size();
    parser->flush(*parse_rfc3339(now), end, *sink);
    return told(before);
  }
  [[nodiscard]] std::string told(std::size_t from) const {
    std::string out;
    for (; from < sink->seen.size(); ++from) {
      const Seen& seen = sink->seen[from];
      const std::size_t fields = seen.json.find(',', seen.json.find("\"ts\":"));
      out += (out.empty() ? "" : " & ") + seen.path + (fields == std::string::npos ? "" : seen.json.substr(fields));
      out.erase(std::remove(out.begin(), out.end(), '"'), out.end());
      out.erase(std::remove(out.begin(), out.end(), '}'), out.end());
    }
    return out;
  }

  std::shared_ptr<const event::Schema> schema;
  std::shared_ptr<event::Interest> interest;
  std::unique_ptr<LineParser> parser;
  std::unique_ptr<Collector> sink;
  std::uint64_t next = 0;
};

struct Case {
  const char *name, *line, *want;
};

void play(World& world, std::span<const Case> cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(world.line(c.line), c.want);
  }
}

TEST(MessageParser, BehindASyslogHeader) {
  static constexpr Case kCases[] = {
      {"by program", "<13>Feb 28 22:14:15 gw alphad[7]: one two",
       "alpha,facility:USER,priority:13,host:gw,program:alphad,pid:7,message:one two,word:one,extra:1"},
      {"by program, whatever its case and folder", "Feb 28 22:14:15 gw /usr/bin/ALPHAD(x)[7]: one",
       "alpha,host:gw,program:/usr/bin/ALPHAD(x),pid:7,message:one,word:one,extra:1"},
      {"by its looks", "<13>ALPHA:1", "alpha,facility:USER,priority:13,message:ALPHA:1,word:ALPHA:1,extra:1"},
      {"the first that knows it", "<13>ALPHA:1 beta",
       "alpha,facility:USER,priority:13,message:ALPHA:1 beta,word:ALPHA:1,extra:1"},
      {"the program goes before the looks", "<13>Feb 28 22:14:15 gw alphad: beta",
       "alpha,facility:USER,priority:13,host:gw,program:alphad,message:beta,word:beta,extra:1"},
      {"a field of its own is not the envelope's", "<13>alphad: my own",
       "alpha,facility:USER,priority:13,program:alphad,message:my own,word:my,severity:mine,extra:1"},
      {"two events", "Feb 28 22:14:15 gw alphad: it twice",
       "alpha,host:gw,program:alphad,message:it twice,word:it,extra:1 & "
       "alpha,host:gw,program:alphad,message:it twice,word:it,extra:1"},
      {"nobody's", "<13>Feb 28 22:14:15 gw x: one",
       "syslog,facility:USER,severity:NOTICE,priority:13,host:gw,program:x,message:one"},
      {"its program's format cannot read it", "Feb 28 22:14:15 gw sshd[7]: is bad",
       "[bad_header] syslog.sshd,host:gw,program:sshd,pid:7,message:is bad"},
      {"what knew it cannot read it", "Feb 28 22:14:15 gw cron: beta bad",
       "[bad_header] syslog.cron,host:gw,program:cron,message:beta bad"},
      {"tables need no header", "<13>#fields a b",
       "syslog,facility:USER,severity:NOTICE,priority:13,message:#fields a b"},
      {"no header", "ALPHA: one", "[bad_header] unparsed,message:ALPHA: one,reason:bad_header"},
  };
  World world{Reach::syslog};
  play(world, kCases);
}

TEST(MessageParser, AnyLine) {
  static constexpr Case kCases[] = {
      {"JSON", "{\"a\":1}", "json,a:1"},
      {"JSON behind a mark and spaces", "\xEF\xBB\xBF {\"a\":1}", "json,a:1"},
      {"not JSON after all", "{a", "[not_json] unparsed,message:{a,reason:not_json"},
      {"a header", "<13>Feb 28 22:14:15 gw alphad: one",
       "alpha,facility:USER,priority:13,host:gw,program:alphad,message:one,word:one,extra:1"},
      {"no header", "ALPHA: one", "alpha,message:ALPHA: one,word:ALPHA:,extra:1"},
      {"a line end of its own", "ALPHA:\r", "alpha,message:ALPHA:,word:ALPHA:,extra:1"},
      {"its own time is no header", "2026-02-28 08:00:00 192.0.2.7 beta",
       "beta.b,message:2026-02-28 08:00:00 192.0.2.7 beta,word:2026-02-28,extra:1"},
      {"nor is a process", "gw[1]: beta", "beta.b,message:gw[1]: beta,word:gw[1]:,extra:1"},
      {"a time and a program are", "Feb 28 22:14:15 gw x: beta",
       "beta.b,host:gw,program:x,message:beta,word:beta,extra:1"},
      {"a time is, before what a format knows", "Feb 28 22:14:15 gw ALPHA:1",
       "alpha,host:gw,message:ALPHA:1,word:ALPHA:1,extra:1"},
      {"so is one with a T", "2026-02-28T08:00:00Z gw ALPHA:1", "alpha,host:gw,message:ALPHA:1,word:ALPHA:1,extra:1"},
      {"known and not read", "beta bad", "[bad_header] unparsed,message:beta bad,reason:bad_header"},
      {"known and not read, under a time", "Feb 28 22:14:15 gw beta bad",
       "[bad_header] syslog,host:gw,message:beta bad"},
      {"plain", "Feb 28 22:14:15 gw x: one", "syslog,host:gw,program:x,message:one"},
      {"a time is enough", "Feb 28 22:14:15 gw one two", "syslog,host:gw,message:one two"},
      {"nothing", "one two", "[bad_header] unparsed,message:one two,reason:bad_header"},
      {"empty", "", "[empty] unparsed,message:,reason:empty"},
  };
  World world{Reach::any};
  play(world, kCases);
}

TEST(MessageParser, RowsOfATable) {
  static constexpr Case kCases[] = {
      {"before its head", "one two", "[bad_header] unparsed,message:one two,reason:bad_header"},
      {"the head", "#fields a", "head,message:#fields a,word:#fields,extra:1"},
      {"a row", "one two", "head,message:one two,word:one,extra:1"},
      {"a row with a time", "Feb 28 22:14:15 gw x: one", "head,message:Feb 28 22:14:15 gw x: one,word:Feb,extra:1"},
      {"no row", "Feb 28 22:14:15 gw x: beta bad", "[bad_header] syslog,host:gw,program:x,message:beta bad"},
      {"none, and known", "ALPHA: bad", "[bad_header] unparsed,message:ALPHA: bad,reason:bad_header"},
      {"a priority", "<13>x: one", "syslog,facility:USER,severity:NOTICE,priority:13,program:x,message:one"},
      {"JSON", "{\"a\":1}", "json,a:1"},
  };
  World world{Reach::any};
  play(world, kCases);
}

TEST(MessageParser, OneFormat) {
  static constexpr Case kCases[] = {
      {"no header", "one two", "alpha,message:one two,word:one,extra:1"},
      {"a header", "<13>Feb 28 22:14:15 gw x: one",
       "alpha,facility:USER,priority:13,host:gw,program:x,message:one,word:one,extra:1"},
      {"a time alone is the message's", "2026-02-28 08:00:00 192.0.2.7 one",
       "alpha,message:2026-02-28 08:00:00 192.0.2.7 one,word:2026-02-28,extra:1"},
      {"neither way", "<13>Feb 28 22:14:15 gw x: bad",
       "[bad_header] unparsed,message:<13>Feb 28 22:14:15 gw x: bad,reason:bad_header"},
      {"JSON is a message like any other", "{\"a\":1}", "alpha,message:{\"a\":1,word:{a:1,extra:1"},
      {"empty", "\n", "[empty] unparsed,message:\\n,reason:empty"},
  };
  World world{Reach::one, 0};
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string want = c.want;
    if (std::string_view{c.name}.starts_with("JSON")) want = "alpha,message:{\\a\\:1,word:{\\a\\:1,extra:1";
    EXPECT_EQ(world.line(c.line), want);
  }
  // What looks like a header is one when only what stands behind it can be read.
  World sums{Reach::one, 4};
  EXPECT_EQ(sums.line("Feb 28 22:14:15 gw g(2)"), "");
  EXPECT_EQ(sums.line("g(2)"), "sum,message:,sum:2");
  EXPECT_EQ(sums.line("Feb 28 22:14:15 gw x: y"),
            "[bad_header] unparsed,message:Feb 28 22:14:15 gw x: y,reason:bad_header");
}

TEST(MessageParser, OnlyItsOwnTypes) {
  World world{Reach::one, 1};
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < world.schema->type_count(); ++i)
    paths.push_back(world.schema->type(static_cast<event::TypeId>(i)).path);
  EXPECT_EQ(paths, (std::vector<std::string>{"beta.b", "unparsed"}));
}

TEST(MessageParser, LogSources) {
  const auto product = [](Reach reach, std::size_t one, std::string_view configured, std::string_view path) {
    FormatOptions options;
    options.product = configured;
    World world{reach, one, Wants::types, options};
    for (std::size_t i = 0; i < world.schema->type_count(); ++i)
      if (const event::Type& type = world.schema->type(static_cast<event::TypeId>(i)); type.path == path)
        return type.product;
    return std::string{"(no such type)"};
  };
  EXPECT_EQ(product(Reach::syslog, 0, "", "alpha"), "vendor");
  EXPECT_EQ(product(Reach::syslog, 0, "", "beta.b"), "");
  EXPECT_EQ(product(Reach::syslog, 0, "", "syslog"), "linux");
  EXPECT_EQ(product(Reach::syslog, 0, "", "unparsed"), "linux");
  // What the source is called stands for what says nothing of itself.
  EXPECT_EQ(product(Reach::syslog, 0, "bsd", "alpha"), "vendor");
  EXPECT_EQ(product(Reach::syslog, 0, "bsd", "beta.b"), "bsd");
  EXPECT_EQ(product(Reach::syslog, 0, "bsd", "sum"), "bsd");
  EXPECT_EQ(product(Reach::any, 0, "bsd", "syslog.sshd"), "bsd");
  // A source of one format is what its owner says.
  EXPECT_EQ(product(Reach::one, 0, "", "alpha"), "vendor");
  EXPECT_EQ(product(Reach::one, 0, "", "unparsed"), "vendor");
  EXPECT_EQ(product(Reach::one, 0, "bsd", "alpha"), "bsd");
  EXPECT_EQ(product(Reach::one, 0, "bsd", "unparsed"), "bsd");

  FormatOptions options;
  options.service = "s";
  options.category = "c";
  World world{Reach::syslog, 0, Wants::types, options};
  (void)world.line("<13>ALPHA:1");
  (void)world.line("<13>beta");
  (void)world.line("<13>cron: x");
  ASSERT_EQ(world.sink->seen.size(), 3U);
  EXPECT_EQ(world.sink->seen[0].path, "alpha:s:c");
  EXPECT_EQ(world.sink->seen[1].path, "beta:s:c.b");
  EXPECT_EQ(world.sink->seen[2].path, "syslog:s:c.cron");
  for (std::size_t i = 0; i < world.schema->type_count(); ++i) {
    const event::Type& type = world.schema->type(static_cast<event::TypeId>(i));
    if (type.path != "alpha:s:c") continue;
    EXPECT_EQ(type.services, (std::vector<std::string>{"a", "s"}));
    EXPECT_EQ(type.categories, (std::vector<std::string>{"c"}));
  }
}

TEST(MessageParser, HeldMessages) {
  World world{Reach::syslog};
  EXPECT_EQ(world.line("<13>g(2)"), "");
  EXPECT_EQ(world.parser->joined(), 1U);
  EXPECT_EQ(world.flush("2026-03-01T12:00:00Z", false), "");
  EXPECT_EQ(world.line("<13>g(2)"), "sum,message:,sum:2");
  EXPECT_EQ(world.parser->joined(), 1U);
  EXPECT_EQ(world.sink->seen.back().ordinal, 0U);

  EXPECT_EQ(world.line("<13>g(2)"), "");
  EXPECT_EQ(world.flush("2026-03-01T12:00:01Z", false), "sum,message:,sum:1");
  EXPECT_EQ(world.line("<13>g(2)"), "");
  EXPECT_EQ(world.flush("2026-03-01T12:00:00Z", true), "sum,message:,sum:1");
  EXPECT_EQ(world.parser->joined(), 3U);
  EXPECT_EQ(world.flush("2026-03-01T13:00:00Z", true), "");
}

TEST(MessageParser, WhatNobodyWantsIsNotJoined) {
  World world{Reach::syslog, 0, Wants::nothing};
  for (const char* line : {"<13>g(2)", "<13>g(2)", "<13>ALPHA:", "<13>x: y"}) EXPECT_EQ(world.line(line), "");
  EXPECT_EQ(world.line("<13>beta bad"), "[bad_header] ");
  EXPECT_EQ(world.flush("2026-03-01T13:00:00Z", true), "");
  EXPECT_EQ(world.parser->joined(), 0U);
}

TEST(MessageParser, PartsOfALine) {
  class Parts final : public event::EventSink {
   public:
    void accept(event::Event& event) override { seen.emplace_back(event.ordinal, event.part); }
    std::vector<std::pair<std::uint64_t, std::uint32_t>> seen;
  } sink;
  World world{Reach::syslog};
  for (std::uint64_t ordinal = 0; const char* line : {"<13>alphad: it twice", "<13>alphad: it", "<13>beta twice"}) {
    LineOrigin origin;
    origin.ordinal = ordinal++;
    EXPECT_EQ(world.parser->line(line, origin, sink), LineFault::none);
  }
  EXPECT_EQ(sink.seen, (std::vector<std::pair<std::uint64_t, std::uint32_t>>{{0, 0}, {0, 1}, {1, 0}, {2, 0}, {2, 1}}));
}

TEST(MessageParser, InterestLimitsWhatIsSet) {
  World types{Reach::any, 0, Wants::types};
  EXPECT_EQ(types.line("<13>Feb 28 22:14:15 gw alphad: my own"), "alpha,host:gw,message:my own");
  World some{Reach::any, 0, Wants::nothing, {}, {"severity", "extra"}};
  EXPECT_EQ(some.line("<13>Feb 28 22:14:15 gw alphad: my own"), "alpha,host:gw,message:my own,severity:mine,extra:1");
  EXPECT_EQ(some.line("<13>Feb 28 22:14:15 gw x: one"), "syslog,severity:NOTICE,host:gw,message:one");
}

TEST(MessageParser, SubscribeKeepsWhatIsHeld) {
  World world{Reach::syslog};
  EXPECT_EQ(world.line("<13>g(2)"), "");
  world.parser->subscribe(std::make_shared<event::Schema>(*world.schema), world.interest);
  EXPECT_EQ(world.line("<13>g(2)"), "sum,message:,sum:2");
}

TEST(MessageParser, StructuredDataByName) {
  World world{Reach::syslog, 0, Wants::nothing, {}, {"sd.io@1.ch", "sd.meta.seq", "sd.io@1", "other"}};
  const auto line = [&](const char* data) {
    return world.line(std::string{"<13>1 2026-02-28T22:14:15Z gw x - - "} + data + " m");
  };
  EXPECT_EQ(line("[io@1 ch=\"3\" unit=\"bar\"][meta seq=\"7\"]"),
            "syslog,host:gw,sd.io@1.ch:3,sd.meta.seq:7,message:m");
  EXPECT_EQ(line("[io@1 ch=\"3\" ch=\"4\"]"), "syslog,host:gw,sd.io@1.ch:4,message:m");
  EXPECT_EQ(line("[io ch=\"3\"][meta]"), "syslog,host:gw,message:m");
  EXPECT_EQ(line("-"), "syslog,host:gw,message:m");
  EXPECT_EQ(line("[io@1 ch=\"a\\\\b\\]c\\d\"]"), "syslog,host:gw,sd.io@1.ch:a\\\\b]c\\\\d,message:m");
  // On events of every format.
  EXPECT_EQ(world.line("<13>1 2026-02-28T22:14:15Z gw alphad - - [io@1 ch=\"3\"] m"),
            "alpha,host:gw,sd.io@1.ch:3,message:m");
  EXPECT_TRUE(world.schema->type(static_cast<event::TypeId>(0)).open_to("sd.anything"));
  EXPECT_FALSE(world.schema->type(static_cast<event::TypeId>(0)).open_to("anything"));
}

TEST(MessageIndex, Programs) {
  static constexpr struct {
    const char* name;
    std::size_t format;
    SyslogKind kind;
  } kCases[] = {
      {"alphad", 0, SyslogKind::plain},
      {"sshd", 3, SyslogKind::sshd},
      {"SSHD(pam_unix)", 3, SyslogKind::sshd},
      {"/usr/lib/a-folder-with-a-very-long-name/sshd", 3, SyslogKind::sshd},
      {"sshd-session", MessageIndex::kNone, SyslogKind::sshd},
      {"a-folder-with-a-very-long-name-sshd", MessageIndex::kNone, SyslogKind::plain},
      {"sshd/", MessageIndex::kNone, SyslogKind::plain},
      {"(sshd)", MessageIndex::kNone, SyslogKind::plain},
      {"", MessageIndex::kNone, SyslogKind::plain},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const MessageIndex::Program got = kIndex.program(c.name);
    EXPECT_EQ(got.format, c.format);
    EXPECT_EQ(got.kind, c.kind);
  }
}

}  // namespace
}  // namespace nw::logs
