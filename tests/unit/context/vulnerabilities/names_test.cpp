#include "context/vulnerabilities/names.h"

#include <gtest/gtest.h>

namespace nw::vulnerabilities {
namespace {

TEST(VulnerabilityNames, Vendors) {
  for (const auto& [a, b] : {std::pair{"Siemens AG", "siemens"},
                             {"Acme, Inc.", "ACME"},
                             {"Acme S.A.", "acme"},
                             {"Acme Co., Ltd.", "Acme"},
                             {"Schneider Electric", "schneider-electric"},
                             {"Rockwell Automation", "rockwellautomation"},
                             {"The Acme Company", "Acme GmbH"}})
    EXPECT_EQ(vendor_key(a), vendor_key(b)) << a << ' ' << b;
  EXPECT_NE(vendor_key("Acme"), vendor_key("Acme Systems"));
  EXPECT_EQ(vendor_key("AG"), "ag");  // nothing else is left
  EXPECT_EQ(vendor_key(" ,. "), "");
}

TEST(VulnerabilityNames, Products) {
  static constexpr struct {
    const char *a, *b;
    Likeness want;
  } kCases[] = {
      {"SIMATIC S7-1500", "simatic s7 1500", Likeness::same},
      {"RTU 500 series", "RTU-500", Likeness::same},
      {"Windows", "Windows Server 2019", Likeness::contained},
      {"S7-1500 CPU 1516", "SIMATIC S7-1500 CPU", Likeness::none},
      {"CPU 1516-3 PN/DP", "SIMATIC S7-1500 CPU 1516-3 PN/DP", Likeness::contained},
      {"RTU 500", "RTU 560", Likeness::none},
      {"Node.js", "nodejs", Likeness::same},
      {"V2.1", "V2 1", Likeness::same},
      {"", "RTU", Likeness::none},
      {"Multiple Products", "RTU", Likeness::none},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ProductName{c.a}.compare(ProductName{c.b}), c.want) << c.a << ' ' << c.b;
    EXPECT_EQ(ProductName{c.b}.compare(ProductName{c.a}), c.want) << c.a << ' ' << c.b;
  }
  EXPECT_TRUE(ProductName{"Multiple Products"}.several());
  EXPECT_FALSE(ProductName{"Products"}.several());
}

TEST(VulnerabilityNames, Cpe) {
  const auto now = parse_cpe("cpe:2.3:o:siemens:simatic_s7-1500_firmware:2.9:*:*:*:*:*:*:*");
  ASSERT_TRUE(now);
  EXPECT_EQ(now->vendor, "siemens");
  EXPECT_EQ(now->product, "simatic s7-1500 firmware");
  EXPECT_EQ(now->version, "2.9");
  const auto before = parse_cpe("cpe:/a:acme:rtu");
  ASSERT_TRUE(before);
  EXPECT_EQ(before->product, "rtu");
  EXPECT_EQ(before->version, "");
  const auto any = parse_cpe(R"(cpe:2.3:a:acme:a\:b:*:*:*:*:*:*:*:*)");
  ASSERT_TRUE(any);
  EXPECT_EQ(any->product, "a:b");
  EXPECT_EQ(any->version, "");
  for (const char* text : {"", "cpe:", "cpe:2.3:a:acme", "cpe:2.3:a:*:rtu:1", "cpe:2.3:a:acme:-:1", "acme:rtu"})
    EXPECT_FALSE(parse_cpe(text)) << text;
}

TEST(VulnerabilityNames, Cves) {
  EXPECT_EQ(cve_id("CVE-2021-44228"), "CVE-2021-44228");
  EXPECT_EQ(cve_id("cve_2021_44228"), "CVE-2021-44228");  // as Suricata's rules have it
  for (const char* text : {"", "CVE-2021-442", "CVE-21-44228", "CVE-2021-44228 ", "CVE-2021-44228x",
                           "CVE-2021-12345678901234567890", "XVE-2021-44228"})
    EXPECT_EQ(cve_id(text), "") << text;
  std::vector<std::string> found;
  each_cve("ET EXPLOIT (CVE-2021-44228), cve-2014-6271; CVE-2021-1 CVE-CVE-2020-0001",
           [&](std::string_view cve) { found.emplace_back(cve); });
  EXPECT_EQ(found, (std::vector<std::string>{"CVE-2021-44228", "cve-2014-6271", "CVE-2020-0001"}));
}

}  // namespace
}  // namespace nw::vulnerabilities
