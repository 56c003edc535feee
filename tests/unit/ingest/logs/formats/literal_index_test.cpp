#include "ingest/logs/formats/literal_index.h"

#include <gtest/gtest.h>
#include <set>

namespace nw::logs {
namespace {

std::set<std::size_t> found(const LiteralIndex& index, std::string_view text) {
  std::set<std::size_t> out;
  index.scan(text, [&](std::size_t number) { out.insert(number); });
  return out;
}

TEST(LiteralIndex, FindsEach) {
  const std::vector<std::string> literals{"pump", "ump ", "TRIP", "trip", "aa", "pump 3 trip", "\xC3\xA4rm", "pump"};
  const LiteralIndex index{literals};
  for (const std::string text :
       {"", "p", "pump", "a pump 3 trip", "TRIPaaaa", "l\xC3\xA4rm", "pum", "xaax", "trip", "ump pump "}) {
    std::set<std::size_t> want;
    for (std::size_t i = 0; i < literals.size(); ++i)
      if (text.find(literals[i]) != std::string::npos) want.insert(i);
    EXPECT_EQ(found(index, text), want) << text;
  }
  EXPECT_TRUE(found(LiteralIndex{}, "pump").empty());
}

TEST(LiteralIndex, FindsAmongMany) {
  std::vector<std::string> literals;
  for (int i = 0; i < 1000; ++i) literals.push_back("device-" + std::to_string(i) + ":");
  const LiteralIndex index{literals};
  for (int i = 0; i < 1000; i += 7)
    EXPECT_EQ(found(index, "x device-" + std::to_string(i) + ": y"),
              (std::set<std::size_t>{static_cast<std::size_t>(i)}));
}

}  // namespace
}  // namespace nw::logs
