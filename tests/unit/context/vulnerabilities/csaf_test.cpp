#include <gtest/gtest.h>

#include "advisories.h"
#include "context/vulnerabilities/feeds.h"
#include "context/vulnerabilities/json_document.h"

namespace nw::vulnerabilities {
namespace {

AdvisoryRead read(const std::string& text) {
  JsonDocuments documents;
  return read_csaf(text, documents);
}

TEST(Csaf, IsRead) {
  const AdvisoryRead got = read(Sample{}.text());
  ASSERT_TRUE(got.advisory) << got.why;
  const Advisory& advisory = *got.advisory;
  EXPECT_EQ(advisory.id, "ACME-1");
  EXPECT_EQ(advisory.tlp, "clear");  // TLP 1.0's WHITE
  EXPECT_EQ(advisory.aggregate, Severity::high);
  EXPECT_EQ(to_rfc3339(*advisory.published, 0), "2026-11-02T00:00:00Z");
  ASSERT_EQ(advisory.products.size(), 3U);
  EXPECT_EQ(advisory.products[0].vendor, "acme");
  EXPECT_EQ(advisory.products[0].versions.holds("2.2"), Within::yes);
  EXPECT_EQ(advisory.products[1].versions.holds("2.3"), Within::yes);
  EXPECT_FALSE(advisory.products[2].versioned);
  EXPECT_EQ(advisory.products[2].orders, (std::vector<std::string>{"9ab-100"}));
  ASSERT_EQ(advisory.statements.size(), 1U);
  const Statement& statement = advisory.statements[0];
  EXPECT_EQ(statement.affected, (std::vector<std::uint32_t>{0, 2}));
  EXPECT_EQ(statement.cleared, (std::vector<std::uint32_t>{1}));
  ASSERT_EQ(statement.scores.size(), 2U);
  EXPECT_EQ(statement.scores[0].severity, Severity::critical);
  EXPECT_EQ(statement.scores[1].severity, Severity::medium);  // by the score
  ASSERT_EQ(statement.remedies.size(), 2U);
  EXPECT_EQ(statement.remedies[1].text, "Update to V2.3.");
  EXPECT_EQ(to_rfc3339(*statement.remedies[1].date, 0), "2026-11-05T00:00:00Z");
  EXPECT_FALSE(statement.exploited);
  EXPECT_EQ(advisory.versions_unread, 0U);
}

TEST(Csaf, Version21) {
  Sample sample;
  sample.version = "2.1";
  sample.vulnerabilities =
      R"({"cve":"CVE-2026-0001","product_status":{"known_affected":["p1"],"unknown":["p3"]},)"
      R"("metrics":[{"products":["p1"],"content":{"cvss_v4":{"baseScore":7.1,"baseSeverity":"HIGH"}}}],)"
      R"("disclosure_date":"2026-11-03T00:00:00Z",)"
      R"("first_known_exploitation_dates":[{"date":"2026-11-04T00:00:00Z","exploitation_date":"2026-11-03T00:00:00Z"}]})";
  const AdvisoryRead got = read(sample.text());
  ASSERT_TRUE(got.advisory) << got.why;
  const Statement& statement = got.advisory->statements[0];
  EXPECT_TRUE(statement.exploited);
  EXPECT_EQ(statement.maybe, (std::vector<std::uint32_t>{2}));
  ASSERT_EQ(statement.scores.size(), 1U);
  EXPECT_EQ(statement.scores[0].severity, Severity::high);
  EXPECT_EQ(to_rfc3339(*statement.published, 0), "2026-11-03T00:00:00Z");
}

TEST(Csaf, GroupsAndNamesThatStandAlone) {
  Sample sample;
  sample.tree =
      R"("full_product_names":[{"product_id":"a","name":"Acme RTU 500 < V2.1"},)"
      R"({"product_id":"b","name":"x","product_identification_helper":{"cpe":"cpe:2.3:h:acme:rtu_900:1.0:*:*:*:*:*:*:*"}}],)"
      R"("product_groups":[{"group_id":"g","product_ids":["a","b"]}])";
  sample.vulnerabilities = R"({"product_status":{"known_affected":["a","b"]},)"
                           R"("remediations":[{"category":"mitigation","details":"d","group_ids":["g"]}]})";
  const AdvisoryRead got = read(sample.text());
  ASSERT_TRUE(got.advisory) << got.why;
  const Advisory& advisory = *got.advisory;
  EXPECT_EQ(advisory.products[0].vendor, "");
  EXPECT_TRUE(advisory.products[0].full.contains(ProductName{"Acme RTU 500"}));
  EXPECT_EQ(advisory.products[0].versions.holds("2.0"), Within::yes);
  EXPECT_EQ(advisory.products[1].vendor, "acme");
  EXPECT_EQ(advisory.products[1].names[0].compare(ProductName{"RTU 900"}), Likeness::same);
  EXPECT_EQ(advisory.products[1].versions.holds("1.0"), Within::yes);
  EXPECT_EQ(advisory.statements[0].cve, "ACME-1");  // it has no CVE
  EXPECT_EQ(advisory.statements[0].remedies[0].products, (std::vector<std::uint32_t>{0, 1}));
}

TEST(Csaf, FirmwareOnADevice) {
  Sample sample;
  sample.tree =
      R"("branches":[{"category":"vendor","name":"Acme","branches":[)"
      R"({"category":"product_name","name":"RTU 500 firmware","branches":[)"
      R"({"category":"product_version_range","name":"<2.3","product":{"product_id":"f","name":"x"}}]},)"
      R"({"category":"product_name","name":"RTU 500","product":{"product_id":"d","name":"x"}}]}],)"
      R"("relationships":[{"category":"installed_on","product_reference":"f","relates_to_product_reference":"d",)"
      R"("full_product_name":{"product_id":"fd","name":"x"}}])";
  sample.vulnerabilities = R"({"cve":"CVE-2026-0001","product_status":{"known_affected":["fd"]}})";
  const AdvisoryRead got = read(sample.text());
  ASSERT_TRUE(got.advisory) << got.why;
  ASSERT_EQ(got.advisory->products.size(), 4U);
  const AdvisoryProduct& device = got.advisory->products[3];
  EXPECT_EQ(device.names[0].compare(ProductName{"RTU 500"}), Likeness::same);
  EXPECT_EQ(device.versions.holds("2.2"), Within::yes);  // the firmware's
  EXPECT_TRUE(device.may_be_sure);
  EXPECT_FALSE(got.advisory->products[2].may_be_sure);
  EXPECT_EQ(got.advisory->statements[0].affected, (std::vector<std::uint32_t>{2, 3}));
}

TEST(Csaf, VersionsThatAreNotUnderstoodAreCounted) {
  Sample sample;
  sample.tree.replace(sample.tree.find("vers:generic/<2.3"), 17, "see our website");
  const AdvisoryRead got = read(sample.text());
  ASSERT_TRUE(got.advisory) << got.why;
  EXPECT_EQ(got.advisory->versions_unread, 1U);
}

TEST(Csaf, IsLeftOut) {
  Sample draft, other, unknown, nameless, bad_cve, stranger, twice, group;
  draft.status = "draft";
  other.version = "3.0";
  unknown.status = "secret";
  nameless.id = "";
  bad_cve.vulnerabilities = R"({"cve":"CVE-1"})";
  stranger.vulnerabilities = R"({"cve":"CVE-2026-0001","product_status":{"known_affected":["p9"]}})";
  twice.tree.replace(twice.tree.find("\"p2\""), 4, "\"p1\"");
  group.vulnerabilities = R"({"cve":"CVE-2026-0001","remediations":[{"category":"mitigation","group_ids":["g"]}]})";
  const struct {
    std::string text;
    LeftOut want;
    const char* why;
  } kCases[] = {
      {draft.text(), LeftOut::draft, ""},
      {"{}", LeftOut::not_csaf, ""},
      {R"({"document":{"title":"other"}})", LeftOut::not_csaf, ""},
      {"[]", LeftOut::not_csaf, ""},
      {"", LeftOut::malformed, "it is empty"},
      {"{", LeftOut::malformed, "it is no whole JSON document"},
      {other.text(), LeftOut::malformed, "csaf_version is '3.0'"},
      {unknown.text(), LeftOut::malformed, "tracking.status is 'secret'"},
      {nameless.text(), LeftOut::malformed, "tracking.id is missing"},
      {bad_cve.text(), LeftOut::malformed, "vulnerabilities[0].cve is no CVE id: 'CVE-1'"},
      {stranger.text(), LeftOut::malformed,
       "vulnerabilities[0].product_status.known_affected names the product 'p9', which is not in the tree"},
      {twice.text(), LeftOut::malformed, "the product id 'p1' stands twice"},
      {group.text(), LeftOut::malformed, "vulnerabilities[0].remediations[0].group_ids names the group 'g'"},
  };
  for (const auto& c : kCases) {
    const AdvisoryRead got = read(c.text);
    EXPECT_FALSE(got.advisory) << c.why;
    EXPECT_EQ(got.left_out, c.want) << c.text;
    EXPECT_NE(got.why.find(c.why), std::string::npos) << got.why;
  }
}

TEST(Csaf, Bounds) {
  Sample sample;
  std::string open, close;
  for (int i = 0; i < 31; ++i) {
    open += R"({"category":"product_family","name":"f","branches":[)";
    close += "]}";
  }
  sample.tree = "\"branches\":[" + open + close + ']';
  sample.vulnerabilities.clear();
  EXPECT_NE(read(sample.text()).why.find("nested deeper than 30"), std::string::npos);
  sample.tree = "\"full_product_names\":[";
  for (std::size_t i = 0; i <= kAdvisoryProductsMax; ++i)
    sample.tree += (i == 0 ? "" : ",") + (R"({"product_id":")" + std::to_string(i)) + R"(","name":"n"})";
  sample.tree += ']';
  EXPECT_NE(read(sample.text()).why.find("more than 50000 products"), std::string::npos);
  sample.tree.clear();
  sample.vulnerabilities = "{}";
  for (std::size_t i = 0; i < kAdvisoryStatementsMax; ++i) sample.vulnerabilities += ",{}";
  EXPECT_NE(read(sample.text()).why.find("more than 10000 vulnerabilities"), std::string::npos);
  // References: 2,001 vulnerabilities that name 1,000 products each.
  sample.tree = "\"full_product_names\":[";
  std::string ids;
  for (int i = 0; i < 1000; ++i) {
    sample.tree += (i == 0 ? "" : ",") + (R"({"product_id":")" + std::to_string(i)) + R"(","name":"n"})";
    ids += (i == 0 ? "\"" : ",\"") + std::to_string(i) + '"';
  }
  sample.tree += ']';
  sample.vulnerabilities.clear();
  for (int i = 0; i < 2001; ++i)
    sample.vulnerabilities += (i == 0 ? "" : ",") + (R"({"product_status":{"known_affected":[)" + ids) + "]}}";
  EXPECT_NE(read(sample.text()).why.find("more than 2000000 times"), std::string::npos);
}

TEST(Csaf, EveryPrefixIsMalformed) {
  const std::string text = Sample{}.text();
  JsonDocuments documents;
  for (std::size_t i = 0; i < text.size(); i += 7)
    EXPECT_EQ(read_csaf(text.substr(0, i), documents).left_out, LeftOut::malformed) << i;
  EXPECT_TRUE(read_csaf(text, documents).advisory);  // the parser goes on
}

}  // namespace
}  // namespace nw::vulnerabilities
