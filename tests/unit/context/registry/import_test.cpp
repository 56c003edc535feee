// Lists of others as files of the register: what is read, what is told, and that the register's own reader takes it.
#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

#include "base/text.h"
#include "context/registry/import_csv.h"
#include "context/registry/import_netbox.h"
#include "context/registry/import_nis2.h"
#include "context/registry/registry.h"
#include "source_directory.h"

namespace nw::context {
namespace {

std::shared_ptr<const taxonomy::Sectors> shipped() {
  std::ifstream in{std::string{source_directory()} + "/config/taxonomy/sectors.yaml", std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  const std::array<taxonomy::TaxonomyText, 1> texts{taxonomy::TaxonomyText{"sectors.yaml", text.str()}};
  Diagnostics diagnostics;
  auto sectors = taxonomy::Sectors::load(texts, diagnostics);
  EXPECT_TRUE(sectors) << diagnostics.to_string();
  return sectors;
}

// Without a fault or a warning.
std::shared_ptr<const Registry> read_back(const Imported& imported) {
  Diagnostics diagnostics;
  auto registry = Registry::load(imported.yaml, "import.yaml", diagnostics);
  EXPECT_TRUE(registry) << imported.yaml << diagnostics.to_string();
  EXPECT_EQ(diagnostics.to_string(), "") << imported.yaml;
  return registry;
}

std::string notes(const Imported& imported) {
  std::string out;
  for (const ImportNote& note : imported.notes) out += note.where + ": " + note.text + '\n';
  return out;
}

TEST(Csv, Reads) {
  static const struct {
    const char* name;
    std::string text;
    char separator;
    std::vector<std::vector<std::string>> rows;
  } kCases[] = {
      {"plain", "a,b\n1,2\n", ',', {{"a", "b"}, {"1", "2"}}},
      {"no end of line", "a,b\r\n1,2", ',', {{"a", "b"}, {"1", "2"}}},
      {"semicolons and a mark",
       "\xEF\xBB\xBF"
       "a;b\n1;2,3\n",
       ';',
       {{"a", "b"}, {"1", "2,3"}}},
      {"tabs", "a\tb\n1\t2\n", '\t', {{"a", "b"}, {"1", "2"}}},
      {"quotes", "a,b\n\"x \"\"y\"\"\",\"1,\n2\"\n", ',', {{"a", "b"}, {"x \"y\"", "1,\n2"}}},
      {"separators in quotes do not count", "\"a;b;c\",d\n1,2\n", ',', {{"a;b;c", "d"}, {"1", "2"}}},
      {"empty fields", "a,b,c\n,,3\n", ',', {{"a", "b", "c"}, {"", "", "3"}}},
      {"empty lines", "\n\na,b\n\n , \n1,\n", ',', {{"a", "b"}, {"1", ""}}},
      {"one column", "a\n1\n", ',', {{"a"}, {"1"}}},
      {"empty", "", ',', {}},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto file = read_csv(c.text);
    ASSERT_TRUE(file) << file.error().what;
    EXPECT_EQ(file->separator, c.separator);
    std::vector<std::vector<std::string>> got;
    for (const CsvRow& row : file->rows) got.push_back(row.fields);
    EXPECT_EQ(got, c.rows);
  }
  EXPECT_EQ(read_csv("a,b\n\"1\n2\",x\n3,4\n")->rows[2].line, 4U);
}

TEST(Csv, Refuses) {
  static const struct {
    std::string text;
    const char* want;
  } kCases[] = {
      {"a,b\n1,\"2\n\n", "line 2: a quote that begins here does not end"},
      {"a,b\n\"1\"x,2\n", "line 2: text behind a closing quote; a quote inside a field is written twice"},
      {"a,b\nM\xFCller,2\n", "line 2: this is no UTF-8 text; save the file as 'CSV UTF-8'"},
      {std::string{"a,b\n\n1,\0\n", 9}, "line 3: this is no UTF-8 text; save the file as 'CSV UTF-8'"},
      {std::string(300, ','), "line 1: more than 256 fields"},
  };
  for (const auto& c : kCases) {
    const auto file = read_csv(c.text);
    ASSERT_FALSE(file) << c.text;
    EXPECT_EQ(file.error().what, c.want);
  }
  std::string many;
  for (std::size_t i = 0; i < kCsvRowsMax + 2; ++i) many += "a\n";
  EXPECT_FALSE(read_csv(many));
}

constexpr const char* kList =
    "Entity;Address;E-mail;Phone;IP ranges;Sector;Sub-sector;Member states;Notes\r\n"
    "\"Wasserwerk: \"\"S\xC3\xBC"
    "d\"\"\";Gasse 1;ops@example.org;+43 1;192.0.2.0/25 192.0.2.200;Drinking water;;AT;x\r\n"
    "no;;;;2001:db8::/32, 198.51.100.16 - 198.51.100.31;Energy;Electricity;AT DE;\r\n"
    "- ISP;;;;203.0.113.0/24;Digital infrastructure;satellites;AT;\r\n";

TEST(ImportNis2, MakesAFileOfTheRegister) {
  const auto sectors = shipped();
  const auto imported = import_nis2(kList, *sectors, 7);
  ASSERT_TRUE(imported) << imported.error().what;
  EXPECT_EQ(imported->records, 3U);
  EXPECT_EQ(imported->left_out, 0U);
  EXPECT_EQ(imported->assets, 3U);
  EXPECT_EQ(imported->networks, 5U);
  EXPECT_EQ(notes(*imported),
            "line 1: column 'Notes' is not used\n"
            "line 4: no subsector of 'Digital infrastructure' is called 'satellites': taken by its sector\n");
  const auto registry = read_back(*imported);
  ASSERT_TRUE(registry);
  ASSERT_EQ(registry->assets().size(), 3U);
  const Asset& water = registry->assets()[0];
  EXPECT_EQ(water.name,
            "Wasserwerk: \"S\xC3\xBC"
            "d\"");
  EXPECT_EQ(water.sector, "water.supply");
  EXPECT_EQ(water.availability, "C3");
  EXPECT_EQ(water.disclosure, "restricted");
  EXPECT_TRUE(water.operator_id.starts_with("op-"));
  EXPECT_EQ(water.networks[1].to_string(), IpPrefix::parse("192.0.2.200")->to_string());
  EXPECT_EQ(registry->assets()[1].name, "no");
  EXPECT_EQ(registry->assets()[1].sector, "energy.electricity");
  EXPECT_EQ(registry->assets()[1].networks[1].to_string(), "198.51.100.16/28");
  EXPECT_EQ(registry->assets()[2].name, "- ISP");
  EXPECT_NE(imported->yaml.find("sector: energy.electricity  # assess: it may be energy.electricity, energy.nuclear"),
            std::string::npos)
      << imported->yaml;
  EXPECT_NE(imported->yaml.find("class: {a: C3, i: C3, c: C3}  # assess"), std::string::npos);
  EXPECT_NE(imported->yaml.find("# e-mail: ops@example.org"), std::string::npos);
  // Nothing of what is shown to others tells who it is.
  for (const Asset& asset : registry->assets()) {
    EXPECT_EQ(asset.id.size(), 8U);
    EXPECT_NE(asset.operator_id, "op-" + asset.id);
  }
  EXPECT_EQ(import_nis2(kList, *sectors, 7)->yaml, imported->yaml);
  EXPECT_NE(import_nis2(kList, *sectors, 8)->yaml, imported->yaml);
}

TEST(ImportNis2, TellsWhatItCannotUse) {
  const auto sectors = shipped();
  static constexpr struct {
    const char* row;
    const char* want;
    std::size_t assets;
  } kCases[] = {
      {"A,192.0.2.0/24,magic", "line 2: left out: no sector is called 'magic'", 0},
      {"A,192.0.2.0/24,enrgy", "'enrgy' (did you mean 'energy'?)", 0},
      {",192.0.2.0/24,energy", "line 2: left out: it has no name", 0},
      {"A,,energy", "line 2: left out: 'A' has no address that can be used", 0},
      {"A,192.0.2.0/24", "line 2: left out: it has 2 fields, the first line 3", 0},
      {"A,192.0.2.0/24,energy,x", "line 2: left out: it has 4 fields", 0},
      {"A,192.0.2.0/24 ask,energy", "line 2: 'ask' is no network: not used", 1},
      {"A,192.0.2.9-192.0.2.1 192.0.2.1,energy", "'192.0.2.9-192.0.2.1' is no range of addresses: not used", 1},
      {"A,192.0.2.1-2001:db8::1 192.0.2.1,energy", "is no range of addresses: not used", 1},
      {"A,192.0.2.1/24,energy", "'192.0.2.1/24' has bits set beyond its length: read as 192.0.2.0/24", 1},
      {"A,0.0.0.0/0 192.0.2.1,energy", "'0.0.0.0/0' is not used: it is wider than a /8", 1},
      {"A,127.0.0.1 192.0.2.1,energy", "'127.0.0.1' is not used: it is no address of a host", 1},
      {"A,::/0 ::1 fe80::1 ff02::1 192.0.2.1,energy", "'ff02::1' is not used: it is no address of a host", 1},
      {"A,192.0.2.1 192.0.2.1/32,energy", "192.0.2.1/32 is not used: line 2 has it already", 1},
      {"A,192.0.2.0/24,energy\nB,192.0.2.0/24 192.0.2.0/25,energy", "line 3: 192.0.2.0/24 is not used: line 2 has it",
       2},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.row);
    const auto imported = import_nis2("name,ip,sector\n" + std::string{c.row} + '\n', *sectors, 1);
    ASSERT_TRUE(imported) << imported.error().what;
    EXPECT_NE(notes(*imported).find(c.want), std::string::npos) << notes(*imported);
    EXPECT_EQ(imported->assets, c.assets);
    EXPECT_EQ(imported->assets + imported->left_out, imported->records);
    if (c.assets != 0) read_back(*imported);
  }
}

TEST(ImportNis2, RefusesWhatIsNoSuchList) {
  const auto sectors = shipped();
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", "line 1: the file is empty; its first line names the columns"},
      {"name,sector\nA,energy\n",
       "line 1: no column is called 'ip_ranges'; the first line must name the columns name, ip_ranges and sector"},
      {"name,ip,ips,sector\n", "line 1: two columns are the 'ip_ranges': take one out"},
  };
  for (const auto& c : kCases) {
    const auto imported = import_nis2(c.text, *sectors, 1);
    ASSERT_FALSE(imported);
    EXPECT_EQ(imported.error().what, c.want);
  }
}

TEST(ImportNis2, OneOperatorOfSeveralRows) {
  const auto imported = import_nis2(
      "name,ip,sector\nA,192.0.2.0/24,energy\na ,198.51.100.0/24,space\nB,203.0.113.0/24,food\n", *shipped(), 1);
  const auto registry = read_back(*imported);
  EXPECT_EQ(registry->assets()[0].operator_id, registry->assets()[1].operator_id);
  EXPECT_NE(registry->assets()[0].operator_id, registry->assets()[2].operator_id);
}

TEST(Ranges, AreCutIntoNetworks) {
  static constexpr struct {
    const char *first, *last, *want;
  } kCases[] = {
      {"192.0.2.0", "192.0.2.255", "192.0.2.0/24 "},
      {"192.0.2.1", "192.0.2.1", "192.0.2.1/32 "},
      {"192.0.2.1", "192.0.2.6", "192.0.2.1/32 192.0.2.2/31 192.0.2.4/31 192.0.2.6/32 "},
      {"0.0.0.0", "255.255.255.255", "0.0.0.0/0 "},
      {"2001:db8::", "2001:db8::2", "2001:db8::/127 2001:db8::2/128 "},
      {"::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0 "},
      {"2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::", "2001:db8::ffff:ffff:ffff:ffff/128 2001:db8:0:1::/128 "},
      {"192.0.2.2", "192.0.2.1", ""},
      {"192.0.2.2", "2001:db8::", ""},
  };
  for (const auto& c : kCases) {
    std::string got;
    for (const IpPrefix& prefix : prefixes_between(*IpAddress::parse(c.first), *IpAddress::parse(c.last)))
      got += prefix.to_string() + ' ';
    EXPECT_EQ(got, c.want) << c.first;
  }
  EXPECT_EQ(
      prefixes_between(*IpAddress::parse("::1"), *IpAddress::parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")).size(),
      254U);
}

TEST(OpaqueIds, DifferAndRepeat) {
  OpaqueIds one{1}, same{1};
  std::set<std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = one.next();
    EXPECT_EQ(id, same.next());
    EXPECT_TRUE(seen.insert(id).second);
    ASSERT_EQ(id.find_first_not_of("abcdefghjkmnpqrstuvwxyz23456789"), std::string::npos);
    ASSERT_FALSE(ascii_digit(id[0]));
  }
}

constexpr const char* kPrefixes = R"({"count": 4, "next": null, "results": [
  {"id": 1, "prefix": "192.0.2.0/24", "tenant": {"name": "Water: North", "slug": "water-north"}, "role": {"slug": "SCADA"}},
  {"id": 2, "prefix": "198.51.100.0/24", "tenant": null, "site": {"name": "", "slug": "hq"}, "role": {"slug": "office"}},
  {"id": 3, "prefix": "2001:db8::/32", "scope_type": "dcim.site", "scope": {"name": "HQ", "slug": "hq"}, "role": null},
  {"id": 4, "prefix": "203.0.113.0/24", "scope_type": "dcim.region", "scope": {"slug": "eu"}}]})";
constexpr const char* kDevices = R"([
  {"name": "plc-1", "device_type": {"slug": "s7"}, "role": {"slug": "plc"}, "primary_ip": {"address": "192.0.2.10/24"}},
  {"name": "EWS 1", "device_type": {}, "device_role": {"slug": "engineering-workstation"}, "primary_ip": {"address": "192.0.2.21/24"},
   "tenant": {"name": "Water: North", "slug": "water-north"}},
  {"name": "box", "device_type": {}, "role": {"slug": "ups"}, "primary_ip": {"address": "198.51.100.9/24"}},
  {"name": "off", "device_type": {}, "primary_ip": null}])";
constexpr const char* kAddresses = R"({"next": "https://example.org/?offset=50", "results": [
  {"address": "192.0.2.10/24", "dns_name": "plc-1.example.org"},
  {"address": "198.51.100.10/24", "dns_name": "BOX"},
  {"address": "10.9.9.9/8", "dns_name": ""},
  {"address": "nonsense"}, 5, {"id": 9}]})";

Result<Imported> netbox() {
  const std::array<NetboxText, 3> texts{NetboxText{"p.json", kPrefixes}, {"d.json", kDevices}, {"a.json", kAddresses}};
  return import_netbox(texts, {"water.supply", 5});
}

TEST(ImportNetbox, MakesAFileOfTheRegister) {
  const auto imported = netbox();
  ASSERT_TRUE(imported) << imported.error().what;
  const auto registry = read_back(*imported);
  ASSERT_TRUE(registry);
  ASSERT_EQ(registry->assets().size(), 2U);
  const Registry::Found plc = registry->find(*IpAddress::parse("192.0.2.10"));
  ASSERT_NE(plc.host, nullptr);
  EXPECT_EQ(plc.asset->name, "Water: North");
  EXPECT_EQ(plc.zone, "ot");
  EXPECT_EQ(plc.host->name, "plc-1");
  EXPECT_EQ(plc.host->roles, std::vector<std::string>{"plc"});
  const Registry::Found ews = registry->find(*IpAddress::parse("192.0.2.21"));
  EXPECT_EQ(ews.host->name, "");
  EXPECT_EQ(ews.host->roles, std::vector<std::string>{"ews"});
  const Registry::Found box = registry->find_host("BOX");
  ASSERT_NE(box.host, nullptr);
  EXPECT_EQ(box.host->address, *IpAddress::parse("198.51.100.9"));
  EXPECT_EQ(box.asset->name, "hq");
  EXPECT_TRUE(box.host->roles.empty());
  EXPECT_EQ(registry->find(*IpAddress::parse("2001:db8::1")).asset, box.asset);
  EXPECT_EQ(registry->find(*IpAddress::parse("198.51.100.1")).zone, "office");
  for (const char* comment :
       {"# role in NetBox: ups", "name in NetBox: EWS 1", "# name in NetBox, which another host has: BOX",
        "# name in NetBox: plc-1.example.org", "# tenant water-north", "# assess"})
    EXPECT_NE(imported->yaml.find(comment), std::string::npos) << comment << imported->yaml;
  EXPECT_EQ(imported->yaml, netbox()->yaml);
}

TEST(ImportNetbox, TellsWhatItCannotUse) {
  const auto imported = netbox();
  ASSERT_TRUE(imported);
  EXPECT_EQ(notes(*imported),
            "p.json: object 4: left out: prefix 203.0.113.0/24 has neither a tenant nor a site\n"
            "d.json: object 4: left out: device 'off' has no primary address\n"
            "a.json: the export is not complete: there is a next page; ask for all with ?limit=0\n"
            "a.json: object 4: left out: 'nonsense' is no address of a host\n"
            "a.json: object 5: left out: it is no prefix, address or device\n"
            "a.json: object 6: left out: it is no prefix, address or device\n"
            "a.json: object 3: left out: host 10.9.9.9 has neither a tenant nor a site, and lies in no prefix\n");
  EXPECT_EQ(imported->records, 14U);
  EXPECT_EQ(imported->left_out, 6U);
  EXPECT_EQ(imported->assets, 2U);
  EXPECT_EQ(imported->networks, 3U);
  EXPECT_EQ(imported->hosts, 4U);
}

TEST(ImportNetbox, OneAddressSpace) {
  const std::array<NetboxText, 1> texts{NetboxText{"p.json", R"([
    {"prefix": "192.0.2.0/24", "tenant": {"slug": "a"}}, {"prefix": "192.0.2.0/24", "tenant": {"slug": "b"}},
    {"prefix": "192.0.2.0/25", "tenant": {"slug": "b"}}, {"prefix": "0.0.0.0/0", "tenant": {"slug": "a"}},
    {"address": "192.0.2.1/24"}, {"address": "192.0.2.1/24", "tenant": {"slug": "a"}}])"}};
  const auto imported = import_netbox(texts, {"water.supply", 5});
  ASSERT_TRUE(imported) << imported.error().what;
  EXPECT_EQ(notes(*imported),
            "p.json: object 2: left out: prefix 192.0.2.0/24 belongs to tenant a already; the register has one address "
            "space\n"
            "p.json: object 4: left out: '0.0.0.0/0': it is wider than a /8\n"
            "p.json: object 6: host 192.0.2.1 stays with tenant b: the register has one address space\n");
  EXPECT_EQ(read_back(*imported)->find(*IpAddress::parse("192.0.2.1")).asset->name, "b");
}

TEST(ImportNetbox, RefusesWhatIsNoExport) {
  static constexpr struct {
    const char *text, *want;
  } kCases[] = {
      {"", "f.json: this is no JSON: "},
      {"{", "f.json: this is no JSON: "},
      {"{}", "f.json: this is neither a list of objects nor {\"results\": [...]} of NetBox's API"},
      {"{\"results\": 5}", "f.json: this is neither a list"},
      {"5", "f.json: this is neither a list"},
  };
  for (const auto& c : kCases) {
    const std::array<NetboxText, 1> texts{NetboxText{"f.json", c.text}};
    const auto imported = import_netbox(texts, {"water.supply", 1});
    ASSERT_FALSE(imported) << c.text;
    EXPECT_TRUE(imported.error().what.starts_with(c.want)) << imported.error().what;
  }
  const std::array<NetboxText, 1> deep{NetboxText{"f.json", std::string(100, '[') + std::string(100, ']')}};
  EXPECT_FALSE(import_netbox(deep, {"water.supply", 1}));
}

TEST(ImportNetbox, RolesBySlug) {
  EXPECT_EQ(role_of_slug("plc"), "plc");
  EXPECT_EQ(role_of_slug("dns-auth"), "dns_auth");
  EXPECT_EQ(role_of_slug("protection-relay"), "ied");
  EXPECT_EQ(role_of_slug("web-server"), "web");
  EXPECT_EQ(role_of_slug("ups"), "");
  EXPECT_EQ(role_of_slug(""), "");
}

}  // namespace
}  // namespace nw::context
