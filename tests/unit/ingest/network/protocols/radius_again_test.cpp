// RADIUS messages that are sent again, and Microsoft's ways to prove who one is.
#include <gtest/gtest.h>

#include "play.h"

namespace nw::network {
namespace {

// A message of code and id, each two digits; the attributes are hexadecimal.
std::string message(std::string_view code_and_id, std::string_view attributes = {}) {
  char length[8];
  std::snprintf(length, sizeof length, "%04zx", 20 + from_hex(attributes).size());
  return std::string{code_and_id} + length + std::string(32, '0') + std::string{attributes};
}

struct Flow : Play {
  Flow() : Play{"radius", Transport::udp} {}
};

TEST(RadiusAgain, Methods) {
  static constexpr struct {
    const char *name, *attributes, *want;
  } kCases[] = {
      {"MS-CHAP", "1a 0c 00000137 01 06 01020304", "MS-CHAP"},
      {"MS-CHAP, version 2", "1a 0c 00000137 19 06 01020304", "MS-CHAPv2"},
      {"behind the challenge", "1a 0c 00000137 0b 06 01020304 1a 0c 00000137 19 06 01020304", "MS-CHAPv2"},
      {"in one attribute", "1a 12 00000137 0b 06 01020304 01 06 01020304", "MS-CHAP"},
      {"a new password", "1a 0c 00000137 1b 06 01020304", "MS-CHAPv2"},
      {"a new password, version 1", "1a 0c 00000137 04 06 01020304", "MS-CHAP"},
      {"only the challenge", "1a 0c 00000137 0b 06 01020304", "-"},
      {"another vendor", "1a 0c 00000009 01 06 01020304", "-"},
      {"a length under its own", "1a 0c 00000137 01 01 01020304", "-"},
      {"a length beyond the end", "1a 0c 00000137 01 07 01020304", "-"},
      {"no room for a vendor", "1a 05 000137", "-"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Flow flow;
    flow.give(message("0101", c.attributes)).end();
    EXPECT_EQ(flow.get(0, "method"), c.want);
    EXPECT_EQ(flow.context.refused_total(), 0U);
  }
}

TEST(RadiusAgain, WhatIsSentAgainIsOneExchange) {
  Flow flow;
  const std::string request = message("0101", "0104 'ab'"), answer = message("0201", "1204 'hi'");
  flow.give(request).give(answer, kBack).give(answer, kBack);
  flow.give(request).give(answer, kBack).end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"username", "ab"}, {"result", "success"}, {"ttl", "0.001000"}});
  // An answer alone, too.
  Flow lone;
  lone.give(answer, kBack).give(answer, kBack).end();
  EXPECT_EQ(lone.context.events.size(), 1U);
}

TEST(RadiusAgain, ChallengesGoOn) {
  Flow flow;
  const std::string first = message("0101", "0104 'ab'"), challenge = message("0b01", "1804 0102");
  const std::string next = message("0102", "1804 0102");
  flow.give(first).give(challenge, kBack).give(first).give(challenge, kBack);
  flow.give(next).give(challenge, kBack).give(message("0202"), kBack).give(next).end();
  ASSERT_EQ(flow.context.events.size(), 1U);
  expect(flow.context, 0, {{"username", "ab"}, {"result", "success"}, {"challenges", "1"}});
}

TEST(RadiusAgain, OthersAreExchangesOfTheirOwn) {
  Flow flow;
  flow.give(message("0101", "0104 'ab'")).give(message("0201"), kBack);
  flow.give(message("0101", "0104 'cd'")).give(message("0201"), kBack);  // the answer is the same
  ASSERT_EQ(flow.context.events.size(), 2U);
  expect(flow.context, 1, {{"username", "cd"}, {"result", "success"}});
  // After a while the same octets are something new.
  flow.context.time += std::chrono::seconds{31};
  flow.give(message("0101", "0104 'ab'")).give(message("0201"), kBack);
  EXPECT_EQ(flow.context.events.size(), 3U);
}

TEST(RadiusAgain, IsBounded) {
  for (const unsigned others : {31U, 32U}) {
    SCOPED_TRACE(others);
    Flow flow;
    flow.give(message("0101")).give(message("0201"), kBack);
    for (unsigned i = 0; i < others; ++i) {
      const std::string id = std::to_string(10 + i);
      flow.give(message("01" + id)).give(message("02" + id), kBack);
    }
    flow.give(message("0201"), kBack);
    EXPECT_EQ(flow.context.events.size(), others + (others == 31 ? 1U : 2U));
  }
}

}  // namespace
}  // namespace nw::network
