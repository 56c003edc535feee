#include "play.h"

namespace nw::network {
namespace {

// What one datagram gives.
struct Datagram : Play {
  explicit Datagram(std::string_view text) : Play{"syslog", Transport::udp} { say(text); }
};

struct Flow : Play {
  Flow() : Play{"syslog", Transport::tcp} {}

  // The messages, with | between.
  std::string messages() const {
    std::string all;
    for (std::size_t i = 0; i < context.events.size(); ++i) all += (i == 0 ? "" : "|") + context.get(i, "message");
    return all;
  }
};

TEST(WireSyslog, Datagrams) {
  const struct {
    const char *name, *text, *facility, *severity, *message;
  } kCases[] = {
      {"lowest", "<0>a", "KERN", "EMERG", "a"},
      {"highest", "<191>a", "LOCAL7", "DEBUG", "a"},
      {"zeros in front", "<013>a", "USER", "NOTICE", "a"},
      {"too high", "<192>a, and more", "UNSPECIFIED", "UNSPECIFIED", "<192>a, and more"},
      {"no number", "<>a, and too long", "UNSPECIFIED", "UNSPECIFIED", "<>a, and too long"},
      {"four digits", "<0013>a, and more", "UNSPECIFIED", "UNSPECIFIED", "<0013>a, and more"},
      {"without", "sixteen octets <", "UNSPECIFIED", "UNSPECIFIED", "sixteen octets <"},
      {"empty", "<34>", "AUTH", "CRIT", ""},
      {"escaped", "<34>a\n\x01", "AUTH", "CRIT", "a\\x0a\\x01"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Datagram got{c.text};
    ASSERT_EQ(got.context.events.size(), 1U);
    EXPECT_EQ(got.context.get(0, "facility"), c.facility);
    EXPECT_EQ(got.context.get(0, "severity"), c.severity);
    EXPECT_EQ(got.context.get(0, "message"), c.message);
    EXPECT_EQ(got.context.refused_total(), 0U);
  }
}

TEST(WireSyslog, RefusesWhatIsNoText) {
  for (const char* text :
       {"", "fifteen octets!", "sixteen octets \x01", "<192>\x7f, sixteen at least", "sixteen octets \xff"}) {
    SCOPED_TRACE(text);
    const Datagram got{text};
    EXPECT_TRUE(got.context.events.empty());
    EXPECT_EQ(got.context.refused_count(DecodeError::bad_value), 1U);
  }
  Flow flow;
  flow.out.feed(octets("<13>a\n\x01\n<13>b\n"));
  EXPECT_EQ(flow.messages(), "a|b");
  EXPECT_EQ(flow.context.refused_count(DecodeError::bad_value), 1U);
}

TEST(WireSyslog, LongMessagesAreCut) {
  for (const std::size_t size : {4096U, 4097U}) {
    SCOPED_TRACE(size);
    const Datagram got{"<34>" + std::string(size, 'a')};
    EXPECT_EQ(got.context.get(0, "message").size(), 4096U);
    EXPECT_EQ(got.context.get(0, "length"), std::to_string(size));
    EXPECT_EQ(got.context.refused_count(DecodeError::limit), size == 4096 ? 0U : 1U);
  }
}

TEST(WireSyslog, Streams) {
  const struct {
    const char *name, *text, *messages;
    std::size_t waiting;
  } kCases[] = {
      {"lines", "<13>a\n<13>b\r\n", "a|b", 0},
      {"a line without end", "<13>a\n<13>b", "a", 5},
      {"lines without priority", "a\nb\n", "a|b", 0},
      {"empty lines", "\n\n<13>a\n", "a", 0},
      {"counted", "5 <13>a6 <13>bc", "a|bc", 0},
      {"counted, with line ends", "5 <13>a\n5 <13>b\r\n", "a|b", 0},
      {"counted, cut", "5 <13>a9 <13>b", "a", 7},
      {"half a count", "12", "", 2},
      {"a number that counts nothing", "12 apples\n", "12 apples", 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.out.feed(octets(c.text)));
    EXPECT_EQ(flow.messages(), c.messages);
    EXPECT_EQ(flow.out.waiting(), c.waiting);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
  Flow flow;
  flow.out.feed(octets({"<13>a\0<13>b\0", 12}));
  EXPECT_EQ(flow.messages(), "a|b");
}

TEST(WireSyslog, StreamsAreBounded) {
  const struct {
    const char* name;
    std::string text;
    bool taken;
  } kCases[] = {
      {"a line", std::string(32'768, 'a') + "\n", true},
      {"a longer line", std::string(32'769, 'a') + "\n", false},
      {"a longer line without end", std::string(32'769, 'a'), false},
      {"counted", "32768 <" + std::string(32'767, 'a'), true},
      {"counted, longer", "32769 <", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    EXPECT_TRUE(flow.out.feed(octets(c.text)));
    EXPECT_EQ(flow.context.refused_count(DecodeError::too_long), c.taken ? 0U : 1U);
    EXPECT_EQ(flow.context.events.size(), c.taken ? 1U : 0U);
    // Behind it all goes on.
    EXPECT_TRUE(flow.out.feed(octets("more\n<13>b\n")));
    EXPECT_EQ(flow.out.waiting(), 0U);
    const std::string all = flow.messages();
    EXPECT_EQ(all.substr(all.size() - std::min<std::size_t>(all.size(), 1)), "b");
  }
}

TEST(WireSyslog, GoesOnAfterAGap) {
  const struct {
    const char *name, *text, *messages;
  } kCases[] = {
      {"at a priority", "<13>a\n", "a"},
      {"at a count", "5 <13>a", "a"},
      {"within a line", "rest\n<13>a\n", "a"},
      {"nowhere", "rest", ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.analyzer->gap(10, kOut, flow.context);
    EXPECT_EQ(flow.context.refused_count(DecodeError::truncated), 1U);
    EXPECT_TRUE(flow.out.feed(octets(c.text)));
    EXPECT_EQ(flow.messages(), c.messages);
    EXPECT_EQ(flow.out.waiting(), 0U);
  }
}

TEST(WireSyslog, Probe) {
  const struct {
    const char *name, *text;
    Transport transport;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Transport::udp, Verdict::no, Verdict::no},
      {"a message", "<134>Oct 11 22:14:15 plc7", Transport::udp, Verdict::yes, Verdict::yes},
      {"a short one", "<134>a", Transport::udp, Verdict::no, Verdict::yes},
      {"text", "no priority at all, and yet long", Transport::udp, Verdict::no, Verdict::yes},
      {"a high priority", "<192>Oct 11 22:14:15 plc7", Transport::udp, Verdict::no, Verdict::yes},
      {"not printable", "<134>Oct 11 22:14:15\x01 plc7", Transport::udp, Verdict::no, Verdict::yes},
      {"binary", "\x01\x02", Transport::udp, Verdict::no, Verdict::no},
      {"a line", "<134>Oct 11 22:14:15 plc7", Transport::tcp, Verdict::yes, Verdict::yes},
      {"a line's beginning", "<134>Oct", Transport::tcp, Verdict::unsure, Verdict::yes},
      {"a priority's beginning", "<1", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"counted", "30 <134>Oct 11 22:14:15 plc7", Transport::tcp, Verdict::yes, Verdict::yes},
      {"a count's beginning", "30", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"HTTP", "GET / HTTP/1.1", Transport::tcp, Verdict::no, Verdict::no},
      {"XML", "<html><body>", Transport::tcp, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    for (const Direction direction : {kOut, kBack}) {
      expect_verdicts("syslog", octets(c.text), direction, c.transport, c.anywhere, c.on_port);
    }
  }
}

}  // namespace
}  // namespace nw::network
