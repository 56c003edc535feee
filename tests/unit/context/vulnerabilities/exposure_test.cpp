#include "context/vulnerabilities/exposure.h"

#include <gtest/gtest.h>

#include "advisories.h"

namespace nw::vulnerabilities {
namespace {

using context::Asset;

const std::string kKev =
    R"({"count":2,"vulnerabilities":[{"cveID":"CVE-2026-0001","vendorProject":"Acme","product":"RTU 500",)"
    R"("dateAdded":"2026-11-03","dueDate":"2026-11-24","requiredAction":"Apply updates."},)"
    R"({"cveID":"CVE-2020-0009","vendorProject":"Acme","product":"Multiple Products","dateAdded":"2020-01-02"}]})";

std::shared_ptr<const Knowledge> knowledge(const std::vector<std::string>& advisories, const std::string& kev = {}) {
  KnowledgeBuilder builder;
  Diagnostics diagnostics;
  if (!kev.empty()) builder.add_kev(kev, "kev.json", diagnostics);
  for (const std::string& text : advisories) builder.add_csaf(text, "advisory.json", diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return builder.finish();
}

Asset asset(std::string id, std::vector<context::Product> products) {
  Asset out;
  out.id = std::move(id);
  out.availability = "C1";
  out.integrity = out.confidentiality = "C3";
  out.disclosure = "restricted";
  out.products = std::move(products);
  return out;
}

context::Host device(const char* address, std::string vendor, std::string product, std::string firmware,
                     std::string order = {}) {
  context::Host out;
  out.address = *IpAddress::parse(address);
  out.device[0] = std::move(vendor);
  out.device[1] = std::move(product);
  out.device[2] = std::move(order);
  out.device[5] = std::move(firmware);
  return out;
}

// What is open, as one line each.
std::string told(const ExposureMap& map) {
  std::string out;
  for (const Exposure& e : map.all())
    out += std::string{e.asset} + ' ' + (e.host ? e.host->to_string() : "-") + ' ' + std::string{e.cve} + ' ' +
           std::string{to_string(e.severity)} + (e.certain ? " certain" : " possible") +
           (e.known_exploited ? " kev" : "") + ' ' + std::string{e.advisory} + '\n';
  return out;
}
std::string told(const std::vector<Asset>& assets, const std::shared_ptr<const Knowledge>& known) {
  return told(*ExposureMap::build(assets, known));
}

TEST(Exposures, ByVersion) {
  const auto known = knowledge({Sample{}.text()});
  static const struct {
    context::Product product;
    const char* want;
  } kCases[] = {
      {{"ACME Inc", "RTU-500", "V2.2", {}}, "a - CVE-2026-0001 critical certain ACME-1\n"},
      {{"Acme", "RTU 500", "2.3", {}}, ""},
      {{"Acme", "RTU 500", "2.4", {}}, ""},
      {{"Acme", "RTU 500", "", {}}, "a - CVE-2026-0001 critical possible ACME-1\n"},
      {{"Acme", "RTU 500", "latest", {}}, "a - CVE-2026-0001 critical possible ACME-1\n"},
      {{"Acme", "RTU 500 CPU", "2.2", {}}, "a - CVE-2026-0001 critical possible ACME-1\n"},  // perhaps another product
      {{"Acme", "RTU 500", "2.2", {"CVE-2026-0001"}}, ""},
      {{"Acme", "RTU 900", "1.0", {}}, "a - CVE-2026-0001 medium possible ACME-1\n"},  // no version is named
      {{"Acme", "RTU 700", "2.2", {}}, ""},
      {{"Acme Systems", "RTU 500", "2.2", {}}, ""},
      {{"", "RTU 500", "2.2", {}}, ""},
      {{"Acme", "", "2.2", {}}, ""},
  };
  for (const auto& c : kCases)
    EXPECT_EQ(told({asset("a", {c.product})}, known), c.want)
        << c.product.vendor << ' ' << c.product.product << ' ' << c.product.version;
}

TEST(Exposures, OfAllThatIsKnownTheBest) {
  const auto map =
      ExposureMap::build(std::vector{asset("a", {{"Acme", "RTU 500", "2.2", {}}})}, knowledge({Sample{}.text()}, kKev));
  EXPECT_EQ(told(*map), "a - CVE-2020-0009 unknown possible kev \na - CVE-2026-0001 critical certain kev ACME-1\n");
  const Exposure* found = map->find("a", nullptr, "CVE-2026-0001");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->product, "Acme RTU 500 2.2");
  EXPECT_EQ(found->remedy, "Update to V2.3.");  // before the workaround
  EXPECT_EQ(found->tlp, "clear");
  EXPECT_EQ(to_rfc3339(*found->since, 0), "2026-11-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(*found->added, 0), "2026-11-03T00:00:00Z");
  EXPECT_EQ(to_rfc3339(*found->due, 0), "2026-11-24T00:00:00Z");
  found = map->find("a", nullptr, "CVE-2020-0009");
  ASSERT_NE(found, nullptr);
  EXPECT_FALSE(found->due);
  EXPECT_EQ(found->remedy, "");
}

// KEV has no versions: an advisory that has them goes before it.
TEST(Exposures, WhoIsOutsideOfTheRangeIsNotExposedByKev) {
  const std::vector<Asset> mended{asset("a", {{"Acme", "RTU 500", "2.3", {}}})};
  const std::vector<Asset> later{asset("a", {{"Acme", "RTU 500", "2.9", {}}})};
  const auto both = knowledge({Sample{}.text()}, kKev), kev = knowledge({}, kKev);
  EXPECT_EQ(told(mended, both), "a - CVE-2020-0009 unknown possible kev \n");
  EXPECT_EQ(told(later, both), "a - CVE-2020-0009 unknown possible kev \n");
  EXPECT_EQ(told(later, kev), "a - CVE-2020-0009 unknown possible kev \na - CVE-2026-0001 unknown possible kev \n");
  EXPECT_EQ(told({asset("a", {{"Acme", "RTU 500", "", {"CVE-2026-0001", "CVE-2020-0009"}}})}, both), "");
}

TEST(Exposures, HostsByWhatTheyAre) {
  Asset plant = asset("a", {{"Acme", "RTU 500", "", {"CVE-2020-0009"}}});
  plant.hosts = {device("192.0.2.10", "Acme", "RTU 500", "V2.1"), device("192.0.2.11", "Acme", "RTU 500", "V2.3"),
                 device("192.0.2.12", "Acme", "Something", "1", "9AB-100"),
                 device("192.0.2.13", "", "RTU 500", "V2.1")};
  const auto map = ExposureMap::build(std::vector{plant}, knowledge({Sample{}.text()}));
  EXPECT_EQ(told(*map),
            "a - CVE-2026-0001 critical possible ACME-1\n"
            "a 192.0.2.10 CVE-2026-0001 critical certain ACME-1\n"
            "a 192.0.2.12 CVE-2026-0001 medium possible ACME-1\n");
  const auto host = [](const char* address) { return *IpAddress::parse(address); };
  const IpAddress ten = host("192.0.2.10"), eleven = host("192.0.2.11");
  EXPECT_TRUE(map->find("a", &ten, "CVE-2026-0001")->certain);
  // The asset has the product somewhere.
  EXPECT_FALSE(map->find("a", &eleven, "CVE-2026-0001")->certain);
  EXPECT_TRUE(map->find("a", nullptr, "CVE-2026-0001")->certain);
  EXPECT_EQ(map->find("a", &ten, "CVE-2026-0002"), nullptr);
  EXPECT_EQ(map->open_at("b", nullptr), nullptr);
  EXPECT_EQ(map->of_asset("a").size(), 3U);
  EXPECT_TRUE(map->of_asset("b").empty());
  ASSERT_NE(map->open_at("a", &ten), nullptr);
  EXPECT_EQ(map->open_at("a", &ten)->cves.size(), 1U);
}

TEST(Exposures, SumsByAsset) {
  Asset secret = asset("s", {{"Acme", "RTU 500", "2.2", {}}, {"Acme", "RTU 900", "1", {}}});
  secret.disclosure = "secret";
  const auto map = ExposureMap::build(std::vector{secret, asset("b", {{"Other", "Thing", "1", {}}}), asset("c", {})},
                                      knowledge({Sample{}.text()}, kKev));
  ASSERT_EQ(map->assets().size(), 2U);  // "c" names no product
  EXPECT_EQ(map->assets()[0].asset, "s");
  EXPECT_EQ(map->assets()[0].highest_class, "C1");
  EXPECT_TRUE(map->assets()[0].secret);
  EXPECT_EQ(map->assets()[0].known_exploited, 2U);  // each once, though two products have one
  EXPECT_EQ(map->assets()[0].advised[static_cast<std::size_t>(Severity::critical)], 1U);
  EXPECT_EQ(map->assets()[1].asset, "b");
  EXPECT_EQ(map->assets()[1].known_exploited, 0U);
}

TEST(Exposures, NewerAdvisoriesReplaceOlderOnes) {
  Sample older, newer, draft;
  newer.current = "2026-11-20T00:00:00Z";
  newer.vulnerabilities = R"({"cve":"CVE-2026-0001","product_status":{"known_not_affected":["p1"]}})";
  draft.status = "draft";
  for (const auto& order :
       {std::vector{older.text(), newer.text(), draft.text()}, {draft.text(), newer.text(), older.text()}}) {
    const auto known = knowledge(order);
    EXPECT_EQ(known->counts().advisories, 1U);
    EXPECT_EQ(known->counts().left_out[static_cast<std::size_t>(LeftOut::superseded)], 1U);
    EXPECT_EQ(known->counts().left_out[static_cast<std::size_t>(LeftOut::draft)], 1U);
    EXPECT_EQ(told({asset("a", {{"Acme", "RTU 500", "2.2", {}}})}, known), "");
  }
}

TEST(Exposures, MalformedAdvisoriesAreToldOf) {
  KnowledgeBuilder builder;
  Diagnostics diagnostics;
  for (int i = 0; i < 40; ++i) builder.add_csaf("{", "bad.json", diagnostics);
  EXPECT_TRUE(diagnostics.ok());
  EXPECT_EQ(diagnostics.all().size(), 32U);
  EXPECT_EQ(diagnostics.all()[0].code, "csaf-malformed");
  EXPECT_EQ(builder.finish()->counts().left_out[static_cast<std::size_t>(LeftOut::malformed)], 40U);
}

TEST(Exposures, AreBounded) {
  const std::vector<Asset> assets{asset("a", {{"Acme", "RTU 500", "2.2", {}}}),
                                  asset("b", {{"Acme", "RTU 500", "2.2", {}}})};
  const auto map = ExposureMap::build(assets, knowledge({Sample{}.text()}), 1);
  EXPECT_EQ(map->all().size(), 1U);
  EXPECT_EQ(map->left_out(), 1U);
  EXPECT_EQ(ExposureMap::empty()->all().size(), 0U);
}

TEST(Exposures, VersionsThatDevicesTell) {
  const auto known = knowledge({Sample{}.text()}, kKev);
  const auto judge = [&](Item item) { return known->judge_version(item).affected; };
  EXPECT_EQ(judge({"Acme", "RTU 500", "V2.2", {}}), Within::yes);
  EXPECT_EQ(judge({"Acme", "RTU 500", "V2.5", {}}), Within::no);
  EXPECT_EQ(judge({"Acme", "RTU 500", "", {}}), Within::unknown);
  EXPECT_EQ(judge({"Acme", "RTU 900", "1.0", {}}), Within::unknown);  // nobody speaks of versions
  EXPECT_EQ(judge({"Acme", "RTU 500 CPU", "V2.2", {}}), Within::unknown);
  EXPECT_EQ(judge({"Other", "RTU 500", "V2.2", {}}), Within::unknown);
  const Item old{"Acme", "RTU 500", "V2.2", {}};
  EXPECT_EQ(known->judge_version(old).cves, (std::vector<std::string_view>{"CVE-2026-0001"}));
  EXPECT_NE(known->judge_version(old, std::vector<std::string>{"CVE-2026-0001"}).affected, Within::yes);
  EXPECT_TRUE(known->known_exploited("CVE-2020-0009"));
  EXPECT_FALSE(known->known_exploited("CVE-2020-0010"));
}

}  // namespace
}  // namespace nw::vulnerabilities
