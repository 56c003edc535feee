#include <gtest/gtest.h>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {
namespace {

constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

const GoldenFrame& golden(std::string_view name) { return Golden{"radius"}(name); }

// A message of code and id, each two digits; the attributes are hexadecimal.
std::string message(std::string_view code_and_id, std::string_view attributes = {}) {
  char length[8];
  std::snprintf(length, sizeof length, "%04zx", 20 + from_hex(attributes).size());
  return std::string{code_and_id} + length + std::string(32, '0') + std::string{attributes};
}

// A flow of messages, a millisecond apart.
struct Flow {
  FakeContext context{protocol("radius")};
  std::unique_ptr<Analyzer> analyzer = protocol("radius").make(Transport::udp);

  Flow& give(std::string_view hex, Direction direction = kOut) {
    analyzer->datagram(from_hex(hex), direction, context);
    context.time += std::chrono::milliseconds{1};
    return *this;
  }
  Flow& give(const GoldenFrame& frame) { return give(frame.hex, frame.direction); }
  Flow& end() {
    analyzer->finish(context);
    return *this;
  }
};

struct Want {
  const char *field, *value;
};

void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << want.field;
}

TEST(Radius, FieldsOfGoldenFrames) {
  const struct {
    const char* name;
    std::vector<Want> want;
  } kCases[] = {
      {"access_request",
       {{"username", "operator"},
        {"mac", "00:05:3c:04:8d:59"},
        {"called_station", "plant"},
        {"nas_addr", "192.0.2.10"},
        {"nas_id", "sw1"},
        {"service_type", "6"},
        {"request", "Access-Request"},
        {"method", "PAP"},
        {"signed", "false"},
        {"result", "unknown"},
        {"challenges", "0"},
        {"ttl", "-"},
        {"framed_addr", "-"}}},
      {"access_accept",
       {{"result", "success"},
        {"framed_addr", "192.0.2.77"},
        {"reply_msg", "Hello, %u"},
        {"request", "-"},
        {"signed", "-"},
        {"ttl", "-"}}},
      {"access_reject", {{"result", "failed"}, {"reply_msg", "no"}}},
      {"eap_request",
       {{"method", "EAP"}, {"signed", "true"}, {"connect_info", "100Mbps"}, {"tunnel_client", "198.51.100.1"}}},
      {"access_challenge", {{"result", "unknown"}, {"challenges", "1"}, {"request", "-"}}},
      {"accounting_start", {{"request", "Accounting-Request"}, {"acct_status", "Start"}, {"acct_session", "0001"}}},
      {"accounting_response", {{"result", "success"}}},
      {"disconnect_request", {{"request", "Disconnect-Request"}, {"username", "operator"}}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden(c.name)).end();
    ASSERT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    expect(flow.context, 0, c.want);
  }
}

TEST(Radius, AnAnswerJoinsItsRequest) {
  const struct {
    const char *name, *answer;
    Direction direction;
    const char* result;
  } kCases[] = {
      {"accept", "0207", kBack, "success"},
      {"reject", "0307", kBack, "failed"},
      {"another id", "0208", kBack, "unknown"},
      {"the same direction", "0207", kOut, "unknown"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(golden("access_request")).give(message(c.answer), c.direction).end();
    const bool joined = std::string_view{c.result} != "unknown";
    ASSERT_EQ(flow.context.events.size(), joined ? 1U : 2U);
    const std::size_t at = joined ? 0 : 1;  // the lone answer was told first
    expect(flow.context, at, {{"username", "operator"}, {"result", c.result}, {"ttl", joined ? "0.001000" : "-"}});
  }
}

TEST(Radius, Results) {
  const struct {
    const char *request, *answer, *name, *result;
  } kCases[] = {
      {"0101", "0201", "Access-Request", "success"},     {"0101", "0301", "Access-Request", "failed"},
      {"0401", "0501", "Accounting-Request", "success"}, {"0c01", "0201", "Status-Server", "success"},
      {"2801", "2901", "Disconnect-Request", "success"}, {"2801", "2a01", "Disconnect-Request", "failed"},
      {"2b01", "2c01", "CoA-Request", "success"},        {"2b01", "2d01", "CoA-Request", "failed"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.answer);
    Flow flow;
    flow.give(message(c.request)).give(message(c.answer), kBack);
    expect(flow.context, 0, {{"request", c.name}, {"result", c.result}});
  }
}

TEST(Radius, ChallengesGoOn) {
  Flow flow;
  flow.give(golden("eap_request")).give(golden("access_challenge"));
  flow.give(message("0109", "1804 0102"));  // its state
  flow.give(message("0b09", "1804 0304"), kBack).give(message("010a", "1804 0304"));
  EXPECT_TRUE(flow.context.events.empty());
  flow.give(message("020a"), kBack);
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(
      flow.context, 0,
      {{"username", "operator"}, {"result", "success"}, {"challenges", "2"}, {"ttl", "0.005000"}, {"method", "EAP"}});
}

TEST(Radius, ARepeatedRequestIsTheSame) {
  Flow flow;
  flow.give(golden("access_request")).give(golden("access_request")).give(golden("access_accept"));
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"ttl", "0.002000"}, {"ts", "1700000000000000000"}});
}

TEST(Radius, AnIdThatIsUsedAgainIsAnotherRequest) {
  Flow flow;
  std::string again = message("0101", "0104 'ab'");
  again[8] = '1';  // in its authenticator
  flow.give(message("0101", "0104 'xy'")).give(again).give(message("0301"), kBack).end();
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 0, {{"username", "xy"}, {"result", "unknown"}, {"ttl", "-"}});
  expect(flow.context, 1, {{"username", "ab"}, {"result", "failed"}, {"ttl", "0.001000"}});
}

// The request that goes on with a log-in may have the id of one that nobody answered, wherever the two stand.
TEST(Radius, AnIdThatIsUsedAgainGoesOn) {
  std::string next = message("0105", "1804 0102");
  next[8] = '1';  // in its authenticator
  for (const bool unanswered_first : {true, false}) {
    SCOPED_TRACE(unanswered_first);
    Flow flow;
    if (unanswered_first) flow.give(message("0105", "0104 'xy'"));
    flow.give(message("0104", "0104 'ab'")).give(message("0b04", "1804 0102"), kBack);
    if (!unanswered_first) flow.give(message("0105", "0104 'xy'"));
    flow.give(next);
    ASSERT_EQ(flow.context.events.size(), 1U);
    expect(flow.context, 0, {{"username", "xy"}, {"result", "unknown"}});
    flow.give(message("0205"), kBack).end();
    ASSERT_EQ(flow.context.events.size(), 2U);
    expect(flow.context, 1, {{"username", "ab"}, {"result", "success"}, {"challenges", "1"}});
  }
}

// What is said of forged answers is true of these requests alone.
TEST(Radius, OnlyAccessIsSigned) {
  const struct {
    const char *request, *is_signed;
  } kCases[] = {{"0101", "false"}, {"0c01", "false"}, {"0401", "-"}, {"2801", "-"}, {"2b01", "-"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.request);
    Flow flow;
    flow.give(message(c.request)).end();
    expect(flow.context, 0, {{"signed", c.is_signed}});
  }
}

TEST(Radius, PasswordsAreNeverTold) {
  Flow flow;
  flow.give(message("0101", "0212 5345435245543432 5345435245543432")).end();
  expect(flow.context, 0, {{"method", "PAP"}});
  EXPECT_EQ(flow.context.json.find("SECRET42"), std::string::npos);
}

TEST(Radius, HardwareAddresses) {
  const struct {
    const char *name, *attribute, *mac;
  } kCases[] = {
      {"dots", "1f10 303030352e336330342e38643539", "00:05:3c:04:8d:59"},
      {"bare", "1f0e 303030353363303438643539", "00:05:3c:04:8d:59"},
      {"a number", "1f08 353535313233", "555123"},
      {"a word", "1f06 706c6337", "plc7"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message("0101", c.attribute)).end();
    EXPECT_EQ(flow.context.get(0, "mac"), c.mac);
  }
}

TEST(Radius, Refuses) {
  const struct {
    const char* name;
    std::string hex;
    DecodeError error;
    std::size_t events;
  } kCases[] = {
      {"nothing", "", DecodeError::truncated, 0},
      {"a short header", "0101 0014 0000", DecodeError::truncated, 0},
      {"a length under 20", "0101 0013" + std::string(32, '0'), DecodeError::bad_value, 0},
      {"a length over 4096", "0101 1001" + std::string(32, '0'), DecodeError::bad_value, 0},
      {"a length past the end", "0101 0018" + std::string(32, '0'), DecodeError::truncated, 0},
      {"a code without name", message("0601"), DecodeError::bad_value, 0},
      {"an attribute of length 1", message("0101", "0101"), DecodeError::bad_value, 0},
      {"an attribute past the end", message("0101", "0105 61"), DecodeError::truncated, 0},
      {"half an attribute", message("0101", "01"), DecodeError::truncated, 0},
      {"an attribute without kind", message("0101", "0002"), DecodeError::bad_value, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(c.hex).end();
    EXPECT_EQ(flow.context.events.size(), c.events);
    EXPECT_EQ(flow.context.refused_count(c.error), 1U);
    EXPECT_EQ(flow.context.refused_total(), 1U);
  }
}

TEST(Radius, AttributesAreBounded) {
  for (const unsigned count : {256U, 257U}) {
    SCOPED_TRACE(count);
    std::string attributes;
    for (unsigned i = 0; i < count; ++i) attributes += "ff02";
    Flow flow;
    flow.give(message("0101", attributes)).end();
    EXPECT_EQ(flow.context.events.size(), 1U);
    EXPECT_EQ(flow.context.refused_count(DecodeError::limit), count == 256 ? 0U : 1U);
  }
}

TEST(Radius, OpenExchangesAreBounded) {
  Flow flow;
  for (unsigned i = 0; i < 65; ++i) {
    EXPECT_EQ(flow.context.events.size(), 0U);
    flow.give(message("01" + std::to_string(10 + i)));
  }
  EXPECT_EQ(flow.context.events.size(), 1U);
  EXPECT_EQ(flow.context.refused_count(DecodeError::limit), 1U);
}

TEST(Radius, ExchangesWaitHalfAMinute) {
  for (const int seconds : {29, 31}) {
    SCOPED_TRACE(seconds);
    Flow flow;
    flow.give(message("0101"));
    flow.context.time += std::chrono::seconds{seconds};
    flow.give(message("0102"));
    EXPECT_EQ(flow.context.events.size(), seconds < 30 ? 0U : 1U);
  }
}

TEST(Radius, Probe) {
  const struct {
    const char* name;
    std::string hex;
    Verdict anywhere, on_port;
  } kCases[] = {
      {"nothing", "", Verdict::no, Verdict::no},
      {"a request", std::string{golden("access_request").hex}, Verdict::yes, Verdict::yes},
      {"padded", std::string{golden("access_request").hex} + "00", Verdict::no, Verdict::yes},
      {"an answer", std::string{golden("access_accept").hex}, Verdict::no, Verdict::yes},
      {"a code without name", message("0601"), Verdict::no, Verdict::no},
      {"cut", std::string{golden("access_request").hex}.substr(0, 60), Verdict::no, Verdict::yes},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    EXPECT_EQ(protocol("radius").probe(bytes, kOut, Transport::udp, false), c.anywhere);
    EXPECT_EQ(protocol("radius").probe(bytes, kOut, Transport::udp, true), c.on_port);
  }
}

}  // namespace
}  // namespace nw::network
