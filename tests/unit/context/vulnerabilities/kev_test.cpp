#include <algorithm>
#include <gtest/gtest.h>

#include "context/vulnerabilities/feeds.h"

namespace nw::vulnerabilities {
namespace {

std::string catalogue(const std::string& entries, const std::string& count) {
  return R"({"title":"t","catalogVersion":"2026.11.30","count":)" + count + R"(,"vulnerabilities":[)" + entries + "]}";
}

const std::string kEntry =
    R"({"cveID":"CVE-2021-44228","vendorProject":"Acme, Inc.","product":"RTU 500","vulnerabilityName":"A fault",)"
    R"("dateAdded":"2026-11-01","dueDate":"2026-11-22","requiredAction":"Apply updates.","notes":"","cwes":[]})";

struct Read {
  std::optional<KevCatalogue> catalogue;
  std::string told;
};
Read read(const std::string& text) {
  Diagnostics diagnostics;
  Read out;
  out.catalogue = read_kev(text, "kev.json", diagnostics);
  out.told = diagnostics.to_string();
  EXPECT_EQ(out.catalogue.has_value(), diagnostics.ok());
  return out;
}

TEST(Kev, IsRead) {
  const Read got = read("\xef\xbb\xbf" + catalogue(kEntry, "1"));
  ASSERT_TRUE(got.catalogue) << got.told;
  EXPECT_EQ(got.told, "");
  ASSERT_EQ(got.catalogue->entries.size(), 1U);
  const KevEntry& entry = got.catalogue->entries[0];
  EXPECT_EQ(entry.cve, "CVE-2021-44228");
  EXPECT_EQ(entry.vendor, "acme");
  EXPECT_EQ(entry.product.compare(ProductName{"RTU 500"}), Likeness::same);
  EXPECT_EQ(entry.action, "Apply updates.");
  EXPECT_EQ(to_rfc3339(*entry.added, 0), "2026-11-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(*entry.due, 0), "2026-11-22T00:00:00Z");
  EXPECT_EQ(got.catalogue->version, "2026.11.30");
}

TEST(Kev, BadEntriesAreLeftOutAndToldOf) {
  static const struct {
    const char *entry, *want;
  } kCases[] = {
      {R"({"cveID":"CVE-1","vendorProject":"a","product":"b"})", "'cveID' is no CVE id: 'CVE-1'"},
      {R"({"vendorProject":"a","product":"b"})", "'cveID' is no CVE id"},
      {R"({"cveID":"CVE-2021-0001","vendorProject":" ","product":"b"})", "no 'vendorProject'"},
      {R"({"cveID":"CVE-2021-0001","vendorProject":"a","product":""})", "no 'product'"},
      {R"({"cveID":"CVE-2021-0001","vendorProject":"a","product":"b","dueDate":"soon"})", "is no day"},
      {R"({"cveID":"CVE-2021-0001","vendorProject":"a","product":"b","dateAdded":"2026-13-01"})", "is no day"},
      {"7", "'cveID' is no CVE id"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.entry);
    const Read got = read(catalogue(kEntry + ',' + c.entry, "2"));
    ASSERT_TRUE(got.catalogue);
    EXPECT_EQ(got.catalogue->entries.size(), 1U);
    EXPECT_EQ(got.catalogue->malformed, 1U);
    EXPECT_NE(got.told.find("kev.json: kev-entry: warning: vulnerabilities[1]: "), std::string::npos) << got.told;
    EXPECT_NE(got.told.find(c.want), std::string::npos) << got.told;
  }
}

TEST(Kev, RepeatedAndMiscounted) {
  const Read got = read(catalogue(kEntry + ',' + kEntry, "3"));
  ASSERT_TRUE(got.catalogue);
  EXPECT_EQ(got.catalogue->entries.size(), 1U);
  EXPECT_EQ(got.catalogue->repeated, 1U);
  EXPECT_NE(got.told.find("kev-count: warning: the catalogue says that it has 3 entries, and has 2"), std::string::npos)
      << got.told;
}

TEST(Kev, SeveralProducts) {
  const Read got =
      read(catalogue(R"({"cveID":"CVE-2021-0001","vendorProject":"Acme","product":"Multiple Products"})", "1"));
  ASSERT_TRUE(got.catalogue);
  ASSERT_EQ(got.catalogue->entries.size(), 1U);
  EXPECT_TRUE(got.catalogue->entries[0].product.several());
  EXPECT_FALSE(got.catalogue->entries[0].due);
}

TEST(Kev, ManyBadEntriesAreNotAllTold) {
  std::string entries = "{}";
  for (int i = 0; i < 99; ++i) entries += ",{}";
  const Read got = read(catalogue(entries, "100"));
  ASSERT_TRUE(got.catalogue);
  EXPECT_EQ(got.catalogue->malformed, 100U);
  EXPECT_EQ(std::ranges::count(got.told, '\n'), 17);
  EXPECT_NE(got.told.find("100 entries are left out in all"), std::string::npos);
}

TEST(Kev, WhatIsNone) {
  for (const std::string& text : {std::string{}, std::string{"{}"}, std::string{"[1]"}, std::string{"not JSON"},
                                  std::string{"{\"vulnerabilities\":7}"}, catalogue(kEntry, "1").substr(0, 60),
                                  catalogue(kEntry, "1") + "{}", std::string(200, '[') + std::string(200, ']')}) {
    const Read got = read(text);
    EXPECT_FALSE(got.catalogue) << text;
    EXPECT_NE(got.told.find("kev-syntax"), std::string::npos) << got.told;
  }
}

TEST(Kev, EveryPrefixIsRefusedOrRead) {
  const std::string text = catalogue(kEntry, "1");
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_FALSE(read(text.substr(0, i)).catalogue) << i;
}

}  // namespace
}  // namespace nw::vulnerabilities
