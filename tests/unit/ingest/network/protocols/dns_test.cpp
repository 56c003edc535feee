#include "ingest/network/protocols/text_buffer.h"
#include "play.h"

namespace nw::network {
namespace {

constexpr Golden golden{"dns"};

struct Flow : Play {
  Flow() : Play{"dns", Transport::udp} {}
};

TEST(Dns, PairsQueryAndResponse) {
  Flow flow;
  flow.give(golden("query_a")).give(golden("response_cname_a")).end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0,
         {{"ts", "1700000000000000000"},
          {"trans_id", "4660"},
          {"rtt", "0.001000"},
          {"query", "www.example.com"},
          {"qclass", "1"},
          {"qclass_name", "C_INTERNET"},
          {"qtype", "1"},
          {"qtype_name", "A"},
          {"rcode", "0"},
          {"rcode_name", "NOERROR"},
          {"opcode", "0"},
          {"opcode_name", "query"},
          {"AA", "false"},
          {"TC", "false"},
          {"RD", "true"},
          {"RA", "true"},
          {"Z", "0"},
          {"answers", "csw.example.com,192.0.2.7"},
          {"TTLs", "60.000000,300.000000"},
          {"rejected", "false"},
          {"query_length", "15"},
          {"query_label_max", "7"},
          {"answer_count", "2"},
          {"query_domain", "example.com"},
          {"response_length", "67"},
          {"rrsig_days_left", "-"}});
}

TEST(Dns, WhenTheFirstSignatureEnds) {
  // 1700000000 is the time of the packets: 6553f100.
  static constexpr struct {
    const char *name, *ends[2], *want;
  } kCases[] = {
      {"one ends in two days and an hour, one later", {"6556a210", "6600 0000"}, "2"},
      {"the later one first", {"66000000", "6556a210"}, "2"},
      {"in a second", {"6553f101", "66000000"}, "0"},
      {"a second ago", {"6553f0ff", "66000000"}, "-1"},
      {"beyond 2106, whose upper bits are not there", {"e553f0ff", "e553f0ff"}, "24855"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string hex = "0001 8100 0001 0002 0000 0000 01 61 00 0001 0001";
    for (const char* end : c.ends)
      hex += std::string{" c00c 002e 0001 00000001 0013 0001 0d 01 00000001 "} + end + " 00000000 0001 00";
    Flow flow;
    flow.give(hex, kBack);
    EXPECT_EQ(flow.context.get(0, "rrsig_days_left"), c.want);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
  Flow cut;
  cut.give("0001 8100 0001 0001 0000 0000 01 61 00 0001 0001 c00c 002e 0001 00000001 0004 0001 0d 01", kBack);
  EXPECT_EQ(cut.context.get(0, "rrsig_days_left"), "-");
}

TEST(Dns, TellsAQueryAlone) {
  Flow flow;
  flow.give(golden("query_a_edns"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.end();
  expect(flow.context, 0,
         {{"query", "www.example.com"},
          {"rtt", "-"},
          {"rcode", "-"},
          {"rcode_name", "-"},
          {"answers", "-"},
          {"answer_count", "-"},
          {"RA", "false"},
          {"Z", "2"},
          {"rejected", "false"}});
}

TEST(Dns, TellsAResponseAlone) {
  Flow flow;
  flow.give(golden("response_nxdomain_soa"));
  expect(flow.context, 0,
         {{"query", "www.example.com"},
          {"rtt", "-"},
          {"rcode", "3"},
          {"rcode_name", "NXDOMAIN"},
          {"answers", "-"},
          {"rejected", "false"},
          {"answer_count", "0"}});
}

TEST(Dns, RejectedIsZeeks) {
  Flow flow;
  flow.give(golden("response_refused"));
  expect(flow.context, 0, {{"rcode_name", "REFUSED"}, {"rejected", "true"}});
  flow.give("0001 8001 0000 0000 0000 0000", kBack);
  expect(flow.context, 1, {{"rcode_name", "FORMERR"}, {"rejected", "true"}, {"query", "-"}, {"qtype", "-"}});
}

TEST(Dns, RendersAnswersAsZeekDoes) {
  static constexpr struct {
    const char *name, *answers;
  } kCases[] = {
      {"response_txt", R"(TXT 5 hello TXT 3 a\xffb)"},
      {"response_many_types",
       "2001:db8::1,mail.example.com,srv.example.com,CAA 0 issue ca.xy,HINFO x86 BMC,DS 13 2,DNSKEY 13,"
       "RRSIG 1 example.com,HTTPS 1 .,NAPTR 1 2 U SIP  srv.example.com,<unknown type=52>,SSHFP: deadbeef"},
      {"mdns_response", "192.168.0.2"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name));
    EXPECT_EQ(flow.context.get(0, "answers"), c.answers);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Dns, RendersOneRecord) {
  static constexpr struct {
    const char *name, *type, *data, *want;
  } kCases[] = {
      {"NS", "0002", "c00c", "www.example.com"},
      {"PTR to the root", "000c", "00", "."},
      {"DNAME", "0027", "01 61 c010", "a.example.com"},
      {"SOA", "0006", "c00c c00c 00000001 00000001 00000001 00000001 00000001", "www.example.com"},
      {"SPF", "0063", "06 763d73706631", "SPF 6 v=spf1"},
      {"NSEC", "002f", "c010 0006 400000000003", "NSEC www.example.com example.com"},
      {"NSEC3", "0032", "01", "NSEC3"},
      {"NSEC3PARAM", "0033", "01", "NSEC3PARAM"},
      {"LOC", "001d", "00 12 16 13 00000000 00000000 00000000", "LOC:  18 22 19"},
      {"SVCB", "0040", "0002 c00c", "SVCB 2 www.example.com"},
      {"BIND's own", "fffe", "0d 1234 00 00", "BIND9 signing signal"},
      {"NULL", "000a", "00010203", "<unknown type=10>"},
      {"OPT shows nothing", "0029", "", "-"},
      {"TSIG shows nothing", "00fa", "01", "-"},
      {"WKS shows nothing", "000b", "01", "-"},
      {"empty TXT", "0010", "00", "TXT 0 "},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    char length[8];
    std::snprintf(length, sizeof length, " %04zx ", from_hex(c.data).size());
    flow.give(std::string{"0001 8000 0001 0001 0000 0000 " NW_WWW " 0001 0001 c00c "} + c.type + " 0001 00000000" +
                  length + c.data,
              kBack);
    EXPECT_EQ(flow.context.get(0, "answers"), c.want);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(Dns, NamesAreLoweredAndEscaped) {
  static constexpr struct {
    const char *name, *hex, *want;
  } kCases[] = {
      {"mixed case", "03 575757 03 436f4d 00", "www.com"},
      {"root", "00", "."},
      {"control and backslash", "04 61005c7f 00", R"(a\x00\x5c\x7f)"},
      {"utf-8 stays", "02 c3b6 00", "\xc3\xb6"},
      {"broken utf-8", "02 c328 00", R"(\xc3()"},
      {"surrogate", "03 eda080 00", R"(\xed\xa0\x80)"},
      {"overlong", "03 e08080 00", R"(\xe0\x80\x80)"},
      {"four bytes", "04 f09f9880 00", "\xf0\x9f\x98\x80"},
      {"past the last", "04 f4908080 00", R"(\xf4\x90\x80\x80)"},
      {"a dot inside a label", "03 612e62 01 63 00", "a.b.c"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(std::string{"0001 0100 0001 0000 0000 0000 "} + c.hex + " 0001 0001", kOut).end();
    EXPECT_EQ(flow.context.get(0, "query"), c.want);
  }
}

TEST(Dns, NumbersWithoutANameKeepTheirNumber) {
  Flow flow;
  flow.give("0001 9900 0001 0000 0000 0000 01 61 00 fffe 0009", kBack);
  expect(flow.context, 0,
         {{"qtype", "65534"}, {"qtype_name", "query-65534"}, {"qclass_name", "qclass-9"}, {"opcode_name", "opcode-3"}});
  flow.give("0001 8000 0001 0000 0000 0000 01 61 00 0001 8001", kBack);
  expect(flow.context, 1, {{"qclass", "1"}, {"qclass_name", "C_INTERNET"}});
}

TEST(Dns, RefusesAndStillTellsWhatWasRead) {
  std::string labels_253;  // four of 63 octets, and the root's
  for (int i = 0; i < 4; ++i) labels_253 += "3e" + std::string(124, '6');
  const struct {
    const char* name;
    std::string hex;
    DecodeError want;
    const char* query;  // null: no event
  } kCases[] = {
      {"empty", "", DecodeError::truncated, nullptr},
      {"half a header", "0001 0100 0001", DecodeError::truncated, nullptr},
      {"no question behind the header", "0001 8100 0001 0000 0000 0000", DecodeError::truncated, "-"},
      {"name cut", "0001 8100 0001 0000 0000 0000 03 6162", DecodeError::truncated, "-"},
      {"type cut", "0001 8100 0001 0000 0000 0000 01 61 00 00", DecodeError::truncated, "-"},
      {"reserved label", "0001 8100 0001 0000 0000 0000 41 61 00 0001 0001", DecodeError::bad_value, "-"},
      {"pointer to itself", "0001 8100 0001 0000 0000 0000 c00c 0001 0001", DecodeError::bad_value, "-"},
      {"pointer forward", "0001 8100 0001 0000 0000 0000 c00e 01 61 00 0001 0001", DecodeError::bad_value, "-"},
      {"pointer into the header", "0001 8100 0001 0000 0000 0000 c004 0001 0001", DecodeError::bad_value, "-"},
      {"pointer loop", "0001 8100 0001 0000 0000 0000 01 61 c00c 0001 0001", DecodeError::bad_value, "-"},
      {"pointer cut", "0001 8100 0001 0000 0000 0000 c0", DecodeError::truncated, "-"},
      {"name of 256 octets", "0001 8100 0001 0000 0000 0000 " + labels_253 + "02 6161 00 0001 0001",
       DecodeError::too_long, "-"},
      {"257 questions", "0001 8100 0101 0000 0000 0000 01 61 00 0001 0001", DecodeError::limit, nullptr},
      {"second question cut", "0001 8100 0002 0000 0000 0000 01 61 00 0001 0001 01", DecodeError::truncated, "a"},
      {"answer cut", "0001 8100 0001 0001 0000 0000 01 61 00 0001 0001 c00c 0001", DecodeError::truncated, "a"},
      {"answer's data cut", "0001 8100 0001 0001 0000 0000 01 61 00 0001 0001 c00c 0001 0001 00000001 0004 01",
       DecodeError::truncated, "a"},
      {"A of 3 bytes", "0001 8100 0001 0001 0000 0000 01 61 00 0001 0001 c00c 0001 0001 00000001 0003 010203",
       DecodeError::bad_value, "a"},
      {"TXT longer than its data", "0001 8100 0001 0001 0000 0000 01 61 00 0001 0001 c00c 0010 0001 00000001 0002 0561",
       DecodeError::truncated, "a"},
      {"name beyond its data", "0001 8100 0001 0002 0000 0000 01 61 00 0001 0001 c00c 0005 0001 00000001 0002 0161 00",
       DecodeError::bad_value, "a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex, kBack).end();
    EXPECT_GE(flow.context.refused_count(c.want), 1U);
    EXPECT_EQ(flow.context.events.size(), c.query == nullptr ? 0U : 1U);
    EXPECT_EQ(flow.context.get(0, "query"), c.query == nullptr ? "-" : c.query);
  }
  Flow longest;
  longest.give("0001 8100 0001 0000 0000 0000 " + labels_253 + "01 61 00 0001 0001", kBack);
  EXPECT_EQ(longest.context.get(0, "query_length"), "253");
  EXPECT_EQ(longest.context.refused_total(), 0U);
}

TEST(Dns, CompressionJumpsAreBounded) {
  // Pointers that point to the pointer before: 32 are followed, the 33rd is not.
  for (const unsigned jumps : {32U, 33U}) {
    std::string hex = "0001 8100 0001 0002 0000 0000 00 0001 0001";  // question at 12, first answer at 17
    hex += "00 000a 0001 00000000";                                  // a NULL record whose data, at 28, is the chain
    char number[16];
    std::snprintf(number, sizeof number, "%04x", 2 * (jumps - 1));
    hex += number;
    std::size_t target = 12;
    for (unsigned i = 1; i < jumps; ++i) {
      std::snprintf(number, sizeof number, "%04zx", 0xc000 + target);
      hex += number;
      target = 26 + 2 * i;
    }
    std::snprintf(number, sizeof number, "%04zx", 0xc000 + target);
    hex += number;  // the second answer's owner: the last jump
    hex += "0001 0001 00000000 0004 01020304";
    Flow flow;
    flow.give(hex, kBack);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), jumps == 32 ? 0U : 1U) << jumps;
    EXPECT_EQ(flow.context.get(0, "answers"), jumps == 32 ? "<unknown type=10>,1.2.3.4" : "<unknown type=10>");
  }
}

TEST(Dns, MatchesById) {
  const std::string a = " 01 61 00 0001 0001", b = " 01 62 00 0001 0001";
  const auto query = [](const char* id, const std::string& q) { return id + (" 0100 0001 0000 0000 0000" + q); };
  const auto reply = [](const char* id, const std::string& q) { return id + (" 8180 0001 0000 0000 0000" + q); };
  const std::string bare = "0002 8181 0000 0000 0000 0000";
  const struct {
    const char* name;
    std::vector<std::pair<std::string, Direction>> messages;
    std::vector<std::pair<std::string, bool>> want;  // query, answered
  } kCases[] = {
      {"out of order",
       {{query("0001", a), kOut}, {query("0002", b), kOut}, {reply("0002", b), kBack}, {reply("0001", a), kBack}},
       {{"b", true}, {"a", true}}},
      {"another name", {{query("0001", a), kOut}, {reply("0001", b), kBack}}, {{"b", false}, {"a", false}}},
      {"another id", {{query("0001", a), kOut}, {reply("0002", a), kBack}}, {{"a", false}, {"a", false}}},
      {"same direction", {{query("0001", a), kOut}, {reply("0001", a), kOut}}, {{"a", false}, {"a", false}}},
      {"asked twice",
       {{query("0001", a), kOut}, {query("0001", a), kOut}, {reply("0001", a), kBack}},
       {{"a", true}, {"a", false}}},
      {"response without question", {{query("0002", a), kOut}, {bare, kBack}}, {{"a", true}}},
      {"response first", {{reply("0001", a), kBack}, {query("0001", a), kOut}}, {{"a", false}, {"a", false}}},
      {"multicast does not wait", {{"0000 0000 0001 0000 0000 0000" + a, kOut}}, {{"a", false}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    for (const auto& [hex, direction] : c.messages) flow.give(hex, direction);
    flow.end();
    ASSERT_EQ(flow.context.events.size(), c.want.size());
    for (std::size_t i = 0; i < c.want.size(); ++i) {
      EXPECT_EQ(flow.context.get(i, "query"), c.want[i].first);
      EXPECT_EQ(flow.context.get(i, "rtt") != "-", c.want[i].second) << i;
    }
  }
}

TEST(Dns, OpenQueriesAreBounded) {
  Flow flow;
  char id[8];
  for (unsigned i = 1; i <= 65; ++i) {
    std::snprintf(id, sizeof id, "%04x", i);
    flow.give(std::string{id} + " 0100 0001 0000 0000 0000 01 61 00 0001 0001", kOut);
    EXPECT_EQ(flow.context.events.size(), i <= 64 ? 0U : 1U);
  }
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.get(0, "trans_id"), "1");
  flow.end();
  EXPECT_EQ(flow.context.events.size(), 65U);
}

TEST(Dns, AnOldQueryIsUnanswered) {
  Flow flow;
  flow.give(golden("query_a"));
  flow.context.time += std::chrono::seconds{11};
  flow.give(golden("response_cname_a"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"ts", "1700000000000000000"}, {"rcode", "-"}});
  expect(flow.context, 1, {{"rcode", "0"}, {"rtt", "-"}});
}

TEST(Dns, AnswersAreBounded) {
  std::string hex = "0001 8000 0001 0101 0000 0000 01 61 00 0001 0001";
  for (int i = 0; i < 257; ++i) hex += "c00c 0001 0001 00000000 0004 01020304";
  Flow flow;
  flow.give(hex, kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  expect(flow.context, 0, {{"answer_count", "257"}});
  EXPECT_EQ(flow.context.get(0, "answers").size(), 256 * 8 - 1U);
}

TEST(Dns, LongTextsAreCutAndCounted) {
  std::string strings;
  for (int i = 0; i < 20; ++i) strings += "ff" + std::string(510, '6');
  char length[8];
  std::snprintf(length, sizeof length, "%04x", 20 * 256);
  Flow flow;
  flow.give("0001 8000 0001 0001 0000 0000 01 61 00 0010 0001 c00c 0010 0001 00000000" + (length + strings), kBack);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
  EXPECT_EQ(flow.context.get(0, "answers").size(), TextBuffer::kBytesMax);
}

TEST(Dns, EachQuestionIsAnEvent) {
  Flow flow;
  flow.give(golden("mdns_two_questions"));
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"query", "_ipp._tcp.local"}, {"qtype_name", "PTR"}, {"qclass", "1"}});
  expect(flow.context, 1, {{"query", "_ipps._tcp.local"}});
  flow.give(golden("mdns_response"));
  expect(flow.context, 2,
         {{"query",
           "h\xc3\xb6"
           "s.local"},
          {"qtype", "-"},
          {"answers", "192.168.0.2"},
          {"rtt", "-"}});
}

TEST(Dns, OnlyWantedFieldsAreSet) {
  FakeContext context{protocol("dns"), {"query"}};
  const auto analyzer = protocol("dns").make(Transport::udp);
  analyzer->datagram(from_hex(golden("response_cname_a").hex), kBack, context);
  ASSERT_EQ(context.events.size(), 1U);
  EXPECT_EQ(context.events[0].size(), 2U);  // ts and query
}

TEST(DnsStream, FramingFaultsEndTheFlow) {
  FakeContext context{protocol("dns")};
  const auto analyzer = protocol("dns").make(Transport::tcp);
  FakeStream stream{*analyzer, kOut, context};
  EXPECT_FALSE(stream.feed(from_hex("000b 0001")));
  EXPECT_EQ(context.refused_count(DecodeError::bad_value), 1U);
}

TEST(DnsStream, FindsItsPlaceAfterAGap) {
  const auto two = from_hex(golden("tcp_two_queries").hex);
  FakeContext context{protocol("dns")};
  const auto analyzer = protocol("dns").make(Transport::tcp);
  FakeStream stream{*analyzer, kOut, context};
  EXPECT_TRUE(stream.feed(Bytes{two}.first(10)));
  analyzer->gap(100, kOut, context);
  FakeStream later{*analyzer, kOut, context};
  EXPECT_TRUE(later.feed(from_hex("ffff ffff ffff ffff ffff ffff ffff ffff")));
  EXPECT_EQ(later.waiting(), 0U);
  EXPECT_TRUE(later.feed(two));
  analyzer->finish(context);
  EXPECT_EQ(context.events.size(), 2U);
  EXPECT_EQ(context.refused_count(DecodeError::truncated), 1U);
}

TEST(DnsProbe, Verdicts) {
  std::string letters;
  for (int i = 0; i < 32; ++i) letters += "41";
  const struct {
    const char* name;
    std::string hex;
    Transport transport;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"query", std::string{golden("query_a").hex}, Transport::udp, Verdict::yes, Verdict::yes},
      {"response", std::string{golden("response_txt").hex}, Transport::udp, Verdict::yes, Verdict::yes},
      {"mDNS response", std::string{golden("mdns_response").hex}, Transport::udp, Verdict::no, Verdict::unsure},
      {"NetBIOS name query", "8001 0110 0001 0000 0000 0000 20 " + letters + " 00 0021 0001", Transport::udp,
       Verdict::no, Verdict::unsure},
      {"bytes after a query", std::string{golden("query_a").hex} + "00", Transport::udp, Verdict::no, Verdict::unsure},
      {"short datagram", "0001", Transport::udp, Verdict::no, Verdict::unsure},
      {"text", "474554202f20485454502f312e310d0a", Transport::udp, Verdict::no, Verdict::no},
      {"one byte of a stream", "00", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"stream's length only", "0021", Transport::tcp, Verdict::unsure, Verdict::unsure},
      {"stream's first half", "0021 0001 0100 0001 0000 0000 0000 03 777777", Transport::tcp, Verdict::unsure,
       Verdict::unsure},
      {"stream's message", std::string{golden("tcp_two_queries").hex}, Transport::tcp, Verdict::yes, Verdict::yes},
      {"stream of too short messages", "0001 00", Transport::tcp, Verdict::no, Verdict::no},
      {"SSH", "5353482d322e302d4f70656e5353485f392e30", Transport::tcp, Verdict::no, Verdict::no},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    expect_verdicts("dns", bytes, kOut, c.transport, c.anywhere, c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
