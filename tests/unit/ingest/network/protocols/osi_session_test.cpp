#include "ingest/network/protocols/osi_session.h"

#include "play.h"

namespace nw::network {
namespace {

TEST(OsiSession, Kinds) {
  static constexpr struct {
    const char *name, *hex;
    bool good, begins;
    std::size_t user;
  } kCases[] = {
      {"data", "0100 0100 6100", true, false, 2},
      {"data with nothing", "0100 0100", true, false, 0},
      {"the token alone", "0100", false, false, 0},
      {"another behind the token", "0100 0900 6100", false, false, 0},
      {"a connection", "0d 08 1401 02 c103 310100", true, false, 3},
      {"a connection with a long length", "0d ff0006 c1 ff0002 3100", true, false, 2},
      {"extended user data", "0d 04 c202 3100", true, false, 2},
      {"cut", "0d 08 c106 3104", false, false, 0},
      {"cut where its message is", "0d 08 c106 3104", true, true, 2},
      {"a parameter past its end", "0d 04 1409 0002", false, false, 0},
      {"user data longer than they are", "0d 04 c109 3100", true, false, 2},
      {"user data shorter than they are", "0d 04 c100 3100", true, false, 2},
      {"cut within a parameter's head where its message is", "0d 08 1401 02 c1", true, true, 0},
      {"a parameter without a length", "0d 01 c1", false, false, 0},
      {"a refusal with its reason", "0c 05 3203 02 3000", true, false, 2},
      {"an abort with nothing", "19 03 1101 03", true, false, 0},
      {"an unknown kind", "02 00 0100", false, false, 0},
      {"nothing", "", false, false, 0},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    const auto session = read_session(bytes, c.begins);
    ASSERT_EQ(session.has_value(), c.good);
    if (session) {
      EXPECT_EQ(session->user.size(), c.user);
    }
  }
}

TEST(OsiSession, ARefusalsReason) {
  const auto bytes = from_hex("0c 03 3201 81");
  const auto session = read_session(bytes);
  ASSERT_TRUE(session.has_value());
  EXPECT_EQ(session->kind, SessionKind::refuse);
  EXPECT_EQ(session->reason, 0x81);
}

TEST(OsiSession, ValuesOfThePresentation) {
  static constexpr struct {
    const char *name, *hex;
    std::size_t values;
    bool good;
  } kCases[] = {
      {"one", "61 08 3006 020103 a001 aa", 1, true},
      {"two", "61 10 3006 020103 a001 aa 3006 020103 a001 bb", 2, true},
      {"with its transfer syntax", "61 0c 300a 06025101 020103 a001 aa", 1, true},
      {"in a connection's normal mode", "31 0c a20a 6108 3006 020101 a001 aa", 1, true},
      {"in an abort", "a0 0a 6108 3006 020101 a001 aa", 1, true},
      {"none", "3000", 0, true},
      {"nothing", "", 0, true},
      {"in octets", "61 08 3006 020103 8101 aa", 1, true},
      {"in bits", "61 09 3007 020103 8202 00aa", 1, true},
      {"in no bits", "61 07 3005 020103 8200", 0, true},
      {"user data that are said to be empty", "61 00 3006 020103 a001 aa", 1, true},
      {"a list that is said to be empty", "61 08 3000 020103 a001 aa", 1, true},
      {"both, without an end", "61 00 3080 020103 a080 aa", 1, true},
      {"a connection that is said to be empty", "31 00 a20a 6108 3006 020101 a001 aa", 1, true},
      {"something behind it", "61 08 3006 020103 a001 aa ff", 1, false},
      {"cut", "61 08 3006 020103 a001", 0, false},
      {"longer than it is", "61 08 3006 020103 a009 aa", 0, false},
      {"deep", "a004 a002 a000", 0, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto bytes = from_hex(c.hex);
    PresentationValues values{bytes};
    std::size_t count = 0;
    while (const auto value = values.next()) {
      EXPECT_EQ(value->size(), 1U);
      ++count;
    }
    EXPECT_EQ(count, c.values);
    EXPECT_EQ(values.good(), c.good);
  }
}

}  // namespace
}  // namespace nw::network
