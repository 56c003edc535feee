// The list of the pack's detections, read strictly.
#include "detect/sigma/pack.h"

#include <gtest/gtest.h>

namespace nw::sigma {
namespace {

TEST(RulePack, ReadsAList) {
  Diagnostics diagnostics;
  const auto pack = RulePack::load(
      "version: 1\ndetections:\n"
      "  - {id: NW-F-05, norm: 13f, tier: 1, title: Sweep}\n"
      "  - {id: NW-E-02, norm: 13e, tier: 2, title: Reveal, technique: false}\n",
      "d.yaml", diagnostics);
  ASSERT_TRUE(pack) << diagnostics.to_string();
  ASSERT_EQ(pack->detections.size(), 2U);
  const PackDetection* reveal = pack->find("NW-E-02");
  ASSERT_NE(reveal, nullptr);
  EXPECT_EQ(reveal->norm + ' ' + reveal->title, "13e Reveal");
  EXPECT_EQ(reveal->tier, 2);
  EXPECT_FALSE(reveal->technique);
  EXPECT_TRUE(pack->find("NW-F-05")->technique);
  EXPECT_EQ(pack->find("none"), nullptr);
}

TEST(RulePack, NamesEveryFault) {
  static constexpr struct {
    const char* list;
    const char* want;  // part of what is told
  } kCases[] = {
      {"", "d.yaml: missing-key: the list of detections is empty"},
      {"version: 2\ndetections: []", "'version' must be a whole number from 1 to 1"},
      {"version: 1", "the rule pack needs the key 'detections'"},
      {"version: 1\ndetections: {}", "'detections' must be a list"},
      {"version: 1\ndetections: [5]", "a detection must be a map"},
      {"version: 1\ndetections: [{id: NW-F-05, norm: 13f}]", "a detection needs the key 'title'"},
      {"version: 1\ndetections: [{id: NW-F-05, norm: 13f, title: x, teir: 1}]", "did you mean 'tier'?"},
      {"version: 1\ndetections: [{id: NW-F-05, norm: 13f, title: x, tier: 3}]", "'tier' must be a whole number"},
      {"version: 1\ndetections: [{id: F-05, norm: 13f, title: x}]", "'F-05' is no detection's id"},
      {"version: 1\ndetections: [{id: NW-F-05, norm: 13g, title: x}]", "NW-F-05 belongs to norm 13f, not to '13g'"},
      {"version: 1\ndetections: [{id: NW-F-05, norm: 13f, title: x}, {id: NW-F-05, norm: 13f, title: y}]",
       "d.yaml:2:50: bad-detection-id: NW-F-05 is there twice"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.list);
    Diagnostics diagnostics;
    EXPECT_FALSE(RulePack::load(c.list, "d.yaml", diagnostics));
    EXPECT_NE(diagnostics.to_string().find(c.want), std::string::npos) << diagnostics.to_string();
  }
}

TEST(RulePack, Ids) {
  for (const char* good : {"NW-A-01", "NW-K-99"}) EXPECT_TRUE(is_detection_id(good)) << good;
  for (const char* bad : {"", "none", "NW-L-01", "NW-a-01", "NW-F-1", "NW-F-001", "NW-F-0x", "NWxF-01"})
    EXPECT_FALSE(is_detection_id(bad)) << bad;
}

}  // namespace
}  // namespace nw::sigma
