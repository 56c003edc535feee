#include "ingest/network/home_search.h"

#include <gtest/gtest.h>
#include <string>

namespace nw::network {
namespace {

// "E" | length u8 | payload |: for certain when the payload begins with '!', on the port whatever it is.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  if (reader.u8() != 'E') return Verdict::no;
  const Bytes payload = reader.bytes(reader.u8());
  if (!reader.ok()) return Verdict::unsure;
  return on_port || (!payload.empty() && payload[0] == '!') ? Verdict::yes : Verdict::no;
}

struct Search {
  explicit Search(bool resyncs = true) {
    table[0].probe = probe;
    table[0].resyncs = resyncs;
  }
  // Where it is found, or what is in doubt: "at 3", "doubt 2 placed 2".
  std::string find(std::string_view text, std::size_t fresh, HomeSearch::Least least, bool anywhere = false,
                   HomeDoubt doubt = {}, Transport transport = Transport::tcp) const {
    const std::vector<std::uint8_t> bytes{text.begin(), text.end()};
    const HomeSearch search{table, homes, but, least, anywhere};
    const HomeFound found = find_at_home(search, {bytes, fresh, doubt}, Direction::to_responder, transport);
    if (found) return "at " + std::to_string(found.at);
    return "doubt " + std::to_string(found.doubt.octets) + " placed " + std::to_string(found.doubt.placed);
  }

  std::array<Protocol, 1> table{};
  std::array<HomePort, 1> homes{{{7, 0}}};
  std::uint16_t but = kNoProtocol;
};

using Least = HomeSearch::Least;

TEST(HomeSearch, WhatIsTakenWhereSomethingBegins) {
  const Search search;
  EXPECT_EQ(search.find("E\2!a", 4, Least::certain), "at 0");
  EXPECT_EQ(search.find("E\2aa", 4, Least::certain), "doubt 0 placed 0");
  EXPECT_EQ(search.find("E\2aa", 4, Least::awaited), "doubt 4 placed 4");
  EXPECT_EQ(search.find("E\2aa", 4, Least::likely), "at 0");
  EXPECT_EQ(search.find("E\x7f"
                        "aaaaaa",
                        8, Least::likely),
            "doubt 8 placed 8");
  EXPECT_EQ(search.find("E\x7f"
                        "aaaaaa",
                        8, Least::possible),
            "at 0");
  EXPECT_EQ(search.find("E\x7f"
                        "aaaaa",
                        7, Least::possible),
            "doubt 7 placed 7");  // too few yet
  EXPECT_EQ(search.find("E\x7f"
                        "a",
                        3, Least::possible, false, {}, Transport::udp),
            "at 0");
  // Behind what waits.
  EXPECT_EQ(search.find("xxE\2aa", 4, Least::likely), "at 2");
  EXPECT_EQ(search.find("xxE\2!a", 3, Least::likely), "doubt 0 placed 0");  // it was looked at
}

TEST(HomeSearch, WhatIsInDoubtIsLookedAtAgain) {
  const Search search;
  EXPECT_EQ(search.find("xE\2!a", 1, Least::certain, false, {3, 0}), "at 1");
  EXPECT_EQ(search.find("xE\2!a", 1, Least::awaited, false, {3, 0}), "doubt 4 placed 0");
  EXPECT_EQ(search.find("xE\2!a", 1, Least::awaited, false, {3, 3}), "at 1");  // a segment began there
  EXPECT_EQ(search.find("xE\2aa", 1, Least::likely, false, {3, 3}), "at 1");
  EXPECT_EQ(search.find("xE\2aa", 1, Least::likely, false, {3, 0}), "doubt 0 placed 0");
  // In small pieces that nobody else has, something may begin anywhere.
  EXPECT_EQ(search.find("xE\2aa", 1, Least::possible, false, {3, 0}), "at 1");
}

TEST(HomeSearch, WithinWhatIsNew) {
  EXPECT_EQ(Search{}.find("xxE\2!a", 6, Least::likely, true), "at 2");
  EXPECT_EQ(Search{}.find("xxE\2!a", 6, Least::likely, false), "doubt 0 placed 0");
  EXPECT_EQ(Search{}.find("xxE\2aa", 6, Least::likely, true), "doubt 0 placed 0");
  EXPECT_EQ(Search{}.find("xxE\2!a", 6, Least::awaited, true), "doubt 4 placed 0");
  EXPECT_EQ(Search{}.find("xxE\2!", 5, Least::likely, true), "doubt 3 placed 0");
  EXPECT_EQ(Search{false}.find("xxE\2!a", 6, Least::likely, true), "doubt 0 placed 0");
}

TEST(HomeSearch, DoubtIsBounded) {
  Search search;
  search.table[0].probe = [](Bytes, Direction, Transport, bool) { return Verdict::unsure; };
  const std::string long_text(2000, 'x');
  EXPECT_EQ(search.find(long_text, 2000, Least::likely, true), "doubt 511 placed 0");
  EXPECT_EQ(search.find(long_text, 1, Least::likely, true, {511, 511}), "doubt 511 placed 0");
  EXPECT_EQ(search.find(long_text, 1, Least::likely, true, {400, 400}), "doubt 401 placed 401");
}

TEST(HomeSearch, WhoHasTheFlowIsNotAsked) {
  Search search;
  search.but = 0;
  EXPECT_EQ(search.find("E\2!a", 4, Least::possible, true), "doubt 0 placed 0");
}

}  // namespace
}  // namespace nw::network
