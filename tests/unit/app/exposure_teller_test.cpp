#include "app/exposure_teller.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

using vulnerabilities::ExposureMap;

// `cves` of KEV, all at one asset but for those that it has remedied.
std::shared_ptr<const ExposureMap> map_of(int cves, std::vector<std::string> remedied = {}) {
  std::string text = "{\"vulnerabilities\":[";
  for (int i = 0; i < cves; ++i)
    text += (i == 0 ? "" : ",") + (R"({"cveID":"CVE-2026-)" + std::to_string(1000 + i)) +
            R"(","vendorProject":"Acme","product":"RTU"})";
  vulnerabilities::KnowledgeBuilder builder;
  Diagnostics diagnostics;
  builder.add_kev(text + "]}", "k.json", diagnostics);
  EXPECT_TRUE(diagnostics.ok());
  context::Asset asset;
  asset.id = "a";
  asset.products = {{"Acme", "RTU", "", std::move(remedied)}};
  return ExposureMap::build(std::vector{asset}, builder.finish());
}

Timestamp at(const char* time) { return *parse_rfc3339(time); }

TEST(ExposureTeller, TellsAtTheStartAndAtMidnight) {
  ExposureTeller teller;
  const auto map = map_of(3);
  EXPECT_EQ(teller.look(map, at("2026-11-30T12:00:00Z")).exposures.size(), 3U);
  EXPECT_EQ(teller.look(map, at("2026-11-30T23:59:59Z")).exposures.size(), 0U);
  const ExposureBatch next = teller.look(map, at("2026-12-01T00:00:00Z"));
  EXPECT_EQ(next.exposures.size(), 3U);
  EXPECT_EQ(next.map, map);
  EXPECT_EQ(next.now, at("2026-12-01T00:00:00Z"));
  EXPECT_EQ(teller.told(), 6U);
}

TEST(ExposureTeller, OfAReloadOnlyWhatIsNew) {
  ExposureTeller teller;
  const Timestamp noon = at("2026-11-30T12:00:00Z");
  EXPECT_EQ(teller.look(map_of(2), noon).exposures.size(), 2U);
  const ExposureBatch more = teller.look(map_of(3), noon);
  ASSERT_EQ(more.exposures.size(), 1U);
  EXPECT_EQ(more.exposures[0]->cve, "CVE-2026-1002");
  EXPECT_EQ(teller.look(map_of(3, {"CVE-2026-1000"}), noon).exposures.size(), 0U);
  EXPECT_EQ(teller.look(nullptr, noon).exposures.size(), 0U);
  EXPECT_EQ(teller.look(map_of(3, {"CVE-2026-1000"}), at("2026-12-01T12:00:00Z")).exposures.size(), 2U);
}

TEST(ExposureTeller, IsBounded) {
  ExposureTeller teller;
  const Timestamp noon = at("2026-11-30T12:00:00Z");
  EXPECT_EQ(teller.look(map_of(5), noon, 3).exposures.size(), 3U);
  EXPECT_EQ(teller.left_out(), 2U);
  EXPECT_EQ(teller.look(map_of(6), noon, 3).exposures.size(), 0U);  // the day's are spent
  EXPECT_EQ(teller.left_out(), 3U);
  EXPECT_EQ(teller.look(map_of(6), noon + std::chrono::hours{24}, 3).exposures.size(), 3U);
}

}  // namespace
}  // namespace nw::app
