#include "context/registry/registry.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "base/yaml.h"
#include "context/registry/impact.h"
#include "context/registry/read.h"
#include "context/registry/vocabulary.h"
#include "source_directory.h"

namespace nw::context {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

IpAddress address(std::string_view text) {
  IpAddress out;
  EXPECT_TRUE(IpAddress::parse_into(text, out)) << text;
  return out;
}

std::shared_ptr<const Registry> load(std::string_view text) {
  Diagnostics diagnostics;
  auto registry = Registry::load(text, "r.yaml", diagnostics);
  EXPECT_TRUE(registry) << diagnostics.to_string();
  return registry;
}

constexpr std::string_view kTwo = R"(version: 1
territory: [198.18.0.0/15, 2001:db8::/32]
assets:
  - asset: big
    name: "Große Anlage"
    operator: op-1
    sector: energy.electricity
    functions: [distribute, measure]
    class: {a: C2, i: C3, c: C4}
    flags: [indispensable]
    disclosure: secret
    networks: [10.0.0.0/8, 2001:db8:1::/48]
    zones:
      10.1.0.0/16: ot
      10.1.2.0/24: cell-2
    hosts:
      - {addr: 10.1.2.3, name: Rtu-3, roles: [rtu, gateway], writers: [10.1.0.0/24, 10.9.9.9]}
      - {addr: 203.0.113.9, roles: vendor_vpn}
  - asset: small
    sector: water.supply
    class: {a: C4, i: C4, c: C1}
    networks: [10.1.2.128/25]
    zones: {10.1.2.128/26: lab}
)";

TEST(Registry, Finds) {
  static constexpr struct {
    const char *address, *asset, *zone, *territory;
    bool host;
  } kCases[] = {
      {"10.0.0.1", "big", "", "own", false},
      {"10.255.255.255", "big", "", "own", false},
      {"10.1.0.1", "big", "ot", "own", false},
      {"10.1.2.1", "big", "cell-2", "own", false},
      {"10.1.2.3", "big", "cell-2", "own", true},
      {"10.1.2.127", "big", "cell-2", "own", false},
      {"10.1.2.128", "small", "lab", "own", false},
      {"10.1.2.191", "small", "lab", "own", false},
      {"10.1.2.192", "small", "", "own", false},  // the outer asset's zone is not its zone
      {"10.1.2.255", "small", "", "own", false},
      {"10.1.3.0", "big", "ot", "own", false},
      {"::ffff:10.1.2.3", "big", "cell-2", "own", true},
      {"203.0.113.9", "big", "", "own", true},  // a host outside its networks
      {"203.0.113.8", "", "", "foreign", false},
      {"203.0.113.10", "", "", "foreign", false},
      {"9.255.255.255", "", "", "foreign", false},
      {"11.0.0.0", "", "", "foreign", false},
      {"198.18.0.0", "", "", "own", false},
      {"198.19.255.255", "", "", "own", false},
      {"198.20.0.0", "", "", "foreign", false},
      {"2001:db8:1::5", "big", "", "own", false},
      {"2001:db8:2::", "", "", "own", false},
      {"2001:db9::", "", "", "foreign", false},
      {"0.0.0.0", "", "", "unknown", false},
      {"100.64.0.1", "", "", "unknown", false},
      {"100.128.0.1", "", "", "foreign", false},
      {"127.0.0.1", "", "", "unknown", false},
      {"169.254.1.1", "", "", "unknown", false},
      {"172.15.255.255", "", "", "foreign", false},
      {"172.16.0.0", "", "", "unknown", false},
      {"172.31.255.255", "", "", "unknown", false},
      {"172.32.0.0", "", "", "foreign", false},
      {"192.168.4.4", "", "", "unknown", false},
      {"224.0.0.251", "", "", "unknown", false},
      {"255.255.255.255", "", "", "unknown", false},
      {"::", "", "", "unknown", false},
      {"::1", "", "", "unknown", false},
      {"::2", "", "", "foreign", false},
      {"fc00::1", "", "", "unknown", false},
      {"fdff::1", "", "", "unknown", false},
      {"fe80::1", "", "", "unknown", false},
      {"fec0::1", "", "", "foreign", false},
      {"ff02::1", "", "", "unknown", false},
      {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "", "", "unknown", false},
  };
  const auto registry = load(kTwo);
  ASSERT_TRUE(registry);
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.address);
    const Registry::Found found = registry->find(address(c.address));
    EXPECT_EQ(found.asset == nullptr ? "" : found.asset->id, c.asset);
    EXPECT_EQ(found.zone, c.zone);
    EXPECT_EQ(found.host != nullptr, c.host);
    EXPECT_EQ(registry->territory(address(c.address)), c.territory);
    EXPECT_EQ(found.own, std::string_view{c.territory} == "own");
  }
  EXPECT_EQ(registry->prefix_count(), 2U + 3U + 3U + 2U);
}

TEST(Registry, KeepsWhatTheFileSays) {
  const auto registry = load(kTwo);
  ASSERT_TRUE(registry);
  const Asset* asset = registry->find_asset("big");
  ASSERT_NE(asset, nullptr);
  EXPECT_EQ(asset->name, "Große Anlage");
  EXPECT_EQ(asset->operator_id, "op-1");
  EXPECT_EQ(asset->sector, "energy.electricity");
  EXPECT_EQ(asset->functions, (std::vector<std::string>{"distribute", "measure"}));
  EXPECT_EQ(asset->highest_class(), "C2");
  EXPECT_EQ(asset->flags, std::vector<std::string>{"indispensable"});
  EXPECT_EQ(asset->disclosure, "secret");
  EXPECT_EQ(asset->mark.line, 4U);
  ASSERT_EQ(asset->hosts.size(), 2U);
  EXPECT_EQ(asset->hosts[0].roles, (std::vector<std::string>{"rtu", "gateway"}));
  EXPECT_EQ(asset->hosts[1].roles, std::vector<std::string>{"vendor_vpn"});  // one word stands for a list of one
  ASSERT_EQ(asset->hosts[0].writers.size(), 2U);
  EXPECT_EQ(registry->find_asset("small")->highest_class(), "C1");
  EXPECT_EQ(registry->find_asset("small")->disclosure, "restricted");
  EXPECT_EQ(registry->find_asset("Big"), nullptr);
  EXPECT_EQ(registry->find_asset(""), nullptr);
}

TEST(Registry, FindsHostsByName) {
  const auto registry = load(kTwo);
  ASSERT_TRUE(registry);
  for (const char* name : {"Rtu-3", "rtu-3", "RTU-3"}) {
    const Registry::Found found = registry->find_host(name);
    ASSERT_TRUE(found) << name;
    EXPECT_EQ(found.asset->id, "big");
    EXPECT_EQ(found.host->address, address("10.1.2.3"));
    EXPECT_EQ(found.zone, "cell-2");
  }
  for (const std::string& name : {std::string{}, std::string{"rtu-33"}, std::string{"rtu-"},
                                  std::string{"rtu-3.example"}, std::string{"10.1.2.3"}, std::string(4096, 'a')})
    EXPECT_FALSE(registry->find_host(name)) << name;
}

TEST(Registry, TheEmptyOneKnowsNobody) {
  const auto registry = Registry::empty();
  ASSERT_TRUE(registry);
  EXPECT_FALSE(registry->find(address("10.0.0.1")));
  EXPECT_FALSE(registry->find(address("2001:db8::1")));
  EXPECT_FALSE(registry->find_host("a"));
  EXPECT_EQ(registry->territory(address("10.0.0.1")), "unknown");
  EXPECT_EQ(registry->territory(address("203.0.113.1")), "foreign");
  EXPECT_EQ(registry->prefix_count(), 0U);
  EXPECT_TRUE(registry->assets().empty());
}

TEST(Registry, EverythingMayBeTerritory) {
  const auto registry = load("version: 1\nterritory: ['::/0']\nassets: []\n");
  ASSERT_TRUE(registry);
  for (const char* text : {"::", "0.0.0.0", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"})
    EXPECT_EQ(registry->territory(address(text)), "own") << text;
}

std::string asset_with(std::string_view from, std::string_view to) {
  std::string text{kTwo};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

// A register whose host has one line of points, line 10.
std::string point(std::string_view line) {
  return std::string{R"(version: 1
assets:
  - asset: plant
    sector: water.supply
    class: {a: C1, i: C2, c: C3}
    networks: [192.0.2.0/25]
    hosts:
      - addr: 192.0.2.10
        points:
          - )"} +
         std::string{line} + "\n";
}

struct Fault {
  const char* name;
  std::string text;
  const char* code;
  Mark mark;
};

void expect_fault(const Fault& c, Severity severity) {
  SCOPED_TRACE(c.name);
  Diagnostics diagnostics;
  EXPECT_EQ(Registry::load(c.text, "r.yaml", diagnostics) == nullptr, severity == Severity::error);
  const auto same = [&c, severity](const Diagnostic& d) {
    return d.code == c.code && d.severity == severity && d.mark.line == c.mark.line && d.mark.column == c.mark.column;
  };
  EXPECT_TRUE(std::any_of(diagnostics.all().begin(), diagnostics.all().end(), same)) << diagnostics.to_string();
}

TEST(Registry, Refuses) {
  const Fault kCases[] = {
      {"nothing", "", "bad-document", {0, 0}},
      {"two documents", std::string{kTwo} + "---\n" + std::string{kTwo}, "bad-document", {0, 0}},
      {"a list", "- 1\n", "wrong-type", {1, 1}},
      {"no version", "assets: []\n", "missing-key", {1, 1}},
      {"other version", asset_with("version: 1", "version: 2"), "bad-version", {1, 10}},
      {"no assets", "version: 1\n", "missing-key", {1, 1}},
      {"assets as a map", "version: 1\nassets: {}\n", "wrong-type", {2, 9}},
      {"unknown key at the top", asset_with("territory", "teritory"), "unknown-key", {2, 1}},
      {"unknown key of an asset", asset_with("networks: [10.0", "network: [10.0"), "unknown-key", {12, 5}},
      {"unknown key of a host", asset_with("name: Rtu-3", "nam: Rtu-3"), "unknown-key", {17, 26}},
      {"unknown key of a class", asset_with("c: C4}", "c: C4, x: C4}"), "unknown-key", {9, 34}},
      {"class not complete", asset_with(", c: C4", ""), "missing-key", {9, 12}},
      {"unknown class", asset_with("c: C4", "c: C5"), "wrong-type", {9, 30}},
      {"unknown sector", asset_with("energy.electricity", "energy.electricty"), "unknown-word", {7, 13}},
      {"unknown flag", asset_with("[indispensable]", "[indispensible]"), "unknown-word", {10, 13}},
      {"unknown role", asset_with("[rtu, gateway]", "[rtu, gatway]"), "unknown-word", {17, 52}},
      {"unknown disclosure", asset_with("secret", "hidden"), "wrong-type", {11, 17}},
      {"id with capitals", asset_with("asset: big", "asset: Big"), "bad-id", {4, 12}},
      {"id is an address", asset_with("asset: big", "asset: 10.0.0.1"), "bad-id", {4, 12}},
      {"id of 33 bytes", asset_with("asset: big", "asset: " + std::string(33, 'x')), "bad-id", {4, 12}},
      {"id twice", asset_with("asset: small", "asset: big"), "duplicate-asset", {19, 12}},
      {"function with a space", asset_with("[distribute,", "[distribute it,"), "bad-name", {8, 17}},
      {"name on two lines", asset_with("\"Große Anlage\"", "\"a\\nb\""), "bad-name", {5, 11}},
      {"name of 129 bytes", asset_with("\"Große Anlage\"", std::string(129, 'x')), "bad-name", {5, 11}},
      {"a protocol of two words",
       point("{}").replace(point("{}").find("points:"), 7, "protocols: [a b]\n        points:"),
       "bad-name",
       {9, 21}},
      {"an unknown fact", asset_with("name: Rtu-3", "device: {colour: red}"), "unknown-key", {17, 35}},
      {"a point without a tag", point("{point: 1/coil/1}"), "missing-key", {10, 13}},
      {"a tag of nothing", point("{point: 1/coil/1, tag: ''}"), "bad-name", {10, 36}},
      {"a point without an address", point("{tag: A}"), "missing-key", {10, 13}},
      {"an address that is a list", point("{point: '1,2', tag: A}"), "bad-point", {10, 21}},
      {"a point that stands twice",
       point("{point: 1, tag: A}\n          - {point: 1, tag: B}"),
       "duplicate-point",
       {11, 21}},
      {"a limit that is a word", point("{point: 1, tag: A, max: much}"), "wrong-type", {10, 37}},
      {"a limit without end", point("{point: 1, tag: A, max: .inf}"), "wrong-type", {10, 37}},
      {"a scale of nothing", point("{point: 1, tag: A, scale: 0}"), "wrong-type", {10, 39}},
      {"limits the wrong way round", point("{point: 1, tag: A, min: 3, max: 2}"), "bad-limits", {10, 13}},
      {"an unknown key of a point", point("{point: 1, tag: A, maximum: 2}"), "unknown-key", {10, 32}},
      {"no network", asset_with("10.0.0.0/8", "10.0.0.0/33"), "bad-network", {12, 16}},
      {"networks as a text", asset_with("[10.1.2.128/25]", "10.1.2.128/25"), "wrong-type", {22, 15}},
      {"territory as a text", asset_with("[198.18.0.0/15, 2001:db8::/32]", "198.18.0.0/15"), "wrong-type", {2, 12}},
      {"network of two assets", asset_with("[10.1.2.128/25]", "[10.0.0.0/8]"), "duplicate-network", {22, 16}},
      {"network twice in one asset",
       asset_with("[10.1.2.128/25]", "[10.1.2.128/25, 10.1.2.129/25]"),
       "duplicate-network",
       {22, 31}},
      {"host is a network", asset_with("addr: 10.1.2.3", "addr: 10.1.2.3/32"), "bad-address", {17, 16}},
      {"host twice", asset_with("addr: 203.0.113.9", "addr: 10.1.2.3"), "duplicate-host", {18, 16}},
      {"host twice, in another form",
       asset_with("addr: 203.0.113.9", "addr: '::ffff:10.1.2.3'"),
       "duplicate-host",
       {18, 16}},
      {"host name twice",
       asset_with("{addr: 203.0.113.9,", "{addr: 203.0.113.9, name: RTU-3,"),
       "duplicate-name",
       {18, 35}},
      {"host name with a space", asset_with("Rtu-3", "Rtu 3"), "bad-name", {17, 32}},
      {"host without an address", asset_with("{addr: 203.0.113.9, ", "{"), "missing-key", {18, 9}},
      {"writers as a text", asset_with("[10.1.0.0/24, 10.9.9.9]", "10.1.0.0/24"), "wrong-type", {17, 71}},
      {"zone outside", asset_with("10.1.2.128/26: lab", "10.1.2.0/26: lab"), "zone-outside", {23, 13}},
      {"zone wider than its network", asset_with("10.1.2.128/26: lab", "10.1.2.128/24: lab"), "zone-outside", {23, 13}},
      {"zone twice", asset_with("10.1.2.0/24: cell-2", "10.1.0.1/16: cell-2"), "duplicate-network", {15, 7}},
      {"zone name with a capital", asset_with("26: lab", "26: Lab"), "bad-name", {23, 28}},
      {"zones as a list", asset_with("{10.1.2.128/26: lab}", "[10.1.2.128/26]"), "wrong-type", {23, 12}},
      {"neither network nor host",
       asset_with("    networks: [10.1.2.128/25]\n    zones: {10.1.2.128/26: lab}\n", ""),
       "empty-asset",
       {19, 5}},
  };
  for (const Fault& c : kCases) expect_fault(c, Severity::error);
}

TEST(Registry, RefusesDomains) {
  const auto domains = [](std::string_view value) {
    return "version: 1\nassets:\n  - asset: one\n    sector: response.cert\n    class: {a: C1, i: C1, c: C1}\n"
           "    networks: [192.0.2.0/25]\n    domains: " +
           std::string{value} + '\n';
  };
  const struct {
    const char* name;
    std::string text;
    const char* code;  // empty: it is read
  } kCases[] = {
      {"one, not a list", domains("cert.example"), ""},
      {"63 bytes", domains(std::string(60, 'a') + ".at"), ""},
      {"64 bytes", domains(std::string(61, 'a') + ".at"), "bad-name"},
      {"one label", domains("[cert]"), "bad-name"},
      {"an empty label", domains("[cert..example]"), "bad-name"},
      {"a dot at the end", domains("[cert.example.]"), "bad-name"},
      {"a wildcard", domains("['*.cert.example']"), "bad-name"},
      {"a hyphen at the end of a label", domains("[cert-.example]"), "bad-name"},
      {"an address", domains("[192.0.2.1]"), "bad-name"},
      {"another alphabet, as it is written", domains("[m\xc3\xbcnchen.de]"), "bad-name"},
      {"twice", domains("[cert.example, CERT.example]"), "duplicate-name"},
      {"of a secret asset", domains("[cert.example]\n    disclosure: secret"), "secret-domain"},
      {"too many",
       [&] {
         std::string list = "[";
         for (std::size_t i = 0; i <= kDomainsMax; ++i) list += "d" + std::to_string(i) + ".example, ";
         return domains(list + "]");
       }(),
       "too-many"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Diagnostics diagnostics;
    Registry::load(c.text, "r.yaml", diagnostics);
    EXPECT_EQ(diagnostics.all().size(), *c.code == '\0' ? 0U : 1U) << diagnostics.to_string();
    if (!diagnostics.all().empty()) {
      EXPECT_EQ(diagnostics.all()[0].code, c.code) << diagnostics.to_string();
    }
  }
}

TEST(Registry, Warns) {
  const Fault kCases[] = {
      {"host outside its networks", std::string{kTwo}, "host-outside", {18, 16}},
      {"bits beyond the length", asset_with("10.0.0.0/8", "10.0.0.1/8"), "network-host-bits", {12, 16}},
      {"nobody", "version: 1\nassets: []\n", "empty-register", {2, 9}},
  };
  for (const Fault& c : kCases) expect_fault(c, Severity::warning);
}

TEST(Registry, SuggestsTheNearestWord) {
  Diagnostics diagnostics;
  EXPECT_FALSE(Registry::load(asset_with("energy.electricity", "energy.electricty"), "r.yaml", diagnostics));
  EXPECT_NE(diagnostics.to_string().find("did you mean 'energy.electricity'?"), std::string::npos);
}

TEST(Registry, WritersAreBounded) {
  const auto with = [](std::size_t count) {
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "10.2.0." : ", 10.2.0.") + std::to_string(i);
    return asset_with("[10.1.0.0/24, 10.9.9.9]", "[" + list + "]");
  };
  Diagnostics good, bad;
  EXPECT_TRUE(Registry::load(with(kWritersMax), "r.yaml", good)) << good.to_string();
  EXPECT_FALSE(Registry::load(with(kWritersMax + 1), "r.yaml", bad));
  ASSERT_EQ(bad.errors(), 1U) << bad.to_string();
  EXPECT_NE(bad.to_string().find("too-many"), std::string::npos);
}

TEST(Registry, EveryPrefixIsRefusedOrRead) {
  for (std::size_t size = 0; size < kTwo.size(); ++size) {
    Diagnostics diagnostics;
    const auto registry = Registry::load(kTwo.substr(0, size), "r.yaml", diagnostics);
    ASSERT_EQ(registry == nullptr, !diagnostics.ok()) << size << diagnostics.to_string();
    if (registry) {
      EXPECT_EQ(registry->find(address("192.0.2.1")).asset, nullptr);
    }
  }
}

// The index against a scan over every prefix.
class Naive {
 public:
  explicit Naive(const Registry& registry, std::vector<IpPrefix> territory)
      : registry_{registry}, territory_{std::move(territory)} {}

  Registry::Found find(const IpAddress& at) const {
    Registry::Found found;
    for (const IpPrefix& prefix : territory_) found.own = found.own || prefix.contains(at);
    int longest = -1;
    for (const Asset& asset : registry_.assets()) {
      for (const IpPrefix& network : asset.networks) {
        if (!network.contains(at)) continue;
        found.own = true;
        if (static_cast<int>(network.bits()) > longest) {
          longest = static_cast<int>(network.bits());
          found.asset = &asset;
        }
      }
    }
    for (const Asset& asset : registry_.assets())
      for (const Host& host : asset.hosts)
        if (host.address == at) {
          found.asset = &asset;
          found.host = &host;
          found.own = true;
        }
    if (found.asset == nullptr) return found;
    int zone_bits = -1;
    for (const Asset::Zone& zone : found.asset->zones)
      if (zone.network.contains(at) && static_cast<int>(zone.network.bits()) > zone_bits) {
        zone_bits = static_cast<int>(zone.network.bits());
        found.zone = zone.name;
      }
    return found;
  }

 private:
  const Registry& registry_;
  std::vector<IpPrefix> territory_;
};

// Addresses that crowd together, so that prefixes nest; both families.
IpAddress random_address(std::mt19937_64& random) {
  if (random() % 2 == 0) return IpAddress::v4(0x0a000000U | (static_cast<std::uint32_t>(random()) & 0x000f'0f07U));
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0d, 0xb8};
  for (const std::size_t i : {5U, 7U, 8U, 15U}) bytes[i] = static_cast<std::uint8_t>(random() & 0x83U);
  return IpAddress::from_bytes(bytes);
}

IpPrefix random_prefix(std::mt19937_64& random, unsigned least) {
  const IpAddress address = random_address(random);
  const unsigned from = address.is_v4() ? std::max(least, 96U + 8U) : least;
  return IpPrefix{address, from + static_cast<unsigned>(random() % (129 - from))};
}

TEST(Registry, AgreesWithAScanOverEveryPrefix) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random{seed};
  for (int round = 0; round < 30; ++round) {
    std::vector<IpPrefix> territory, taken;
    std::vector<IpAddress> hosts;
    std::string text = "version: 1\nterritory: [";
    for (int i = 0; i < 3; ++i) {
      territory.push_back(random_prefix(random, 0));
      text += (i == 0 ? "'" : ", '") + territory.back().to_string() + '\'';
    }
    text += "]\nassets:\n";
    for (int i = 0; i < 40; ++i) {
      text += "  - asset: a" + std::to_string(i) +
              "\n    sector: gov.admin\n    class: {a: C1, i: C1, c: C1}\n    networks:\n";
      std::vector<IpPrefix> zones;
      for (std::size_t n = 0; n < 1 + random() % 5;) {
        const IpPrefix prefix = random_prefix(random, 20);
        if (std::find(taken.begin(), taken.end(), prefix) != taken.end()) continue;
        taken.push_back(prefix);
        text += "      - '" + prefix.to_string() + "'\n";
        const IpPrefix zone{prefix.address(), std::min(128U, prefix.bits() + static_cast<unsigned>(random() % 9))};
        if (std::find(zones.begin(), zones.end(), zone) == zones.end()) zones.push_back(zone);
        ++n;
      }
      text += "    zones:\n";
      for (std::size_t z = 0; z < zones.size(); ++z)
        text += "      '" + zones[z].to_string() + "': z" + std::to_string(z) + "\n";
      const IpAddress host = random_address(random);
      if (std::find(hosts.begin(), hosts.end(), host) != hosts.end()) continue;
      hosts.push_back(host);
      text += "    hosts: [{addr: '" + host.to_string() + "'}]\n";
    }
    const auto registry = load(text);
    ASSERT_TRUE(registry);
    const Naive naive{*registry, territory};
    std::vector<IpAddress> asked = hosts;
    for (const IpPrefix& prefix : taken) asked.push_back(prefix.address());
    for (int i = 0; i < 500; ++i) asked.push_back(random_address(random));
    for (const IpAddress& at : asked) {
      const Registry::Found got = registry->find(at), want = naive.find(at);
      ASSERT_EQ(got.asset, want.asset) << at.to_string();
      ASSERT_EQ(got.host, want.host) << at.to_string();
      ASSERT_EQ(got.zone, want.zone) << at.to_string();
      ASSERT_EQ(got.own, want.own) << at.to_string();
    }
  }
}

TEST(ShippedRegister, IsWhatTheDemonstrationNeeds) {
  Diagnostics diagnostics;
  const auto registry = Registry::load(read_file(std::string{source_directory()} + "/config/registry.yaml"),
                                       "registry.yaml", diagnostics);
  ASSERT_TRUE(registry);
  EXPECT_EQ(diagnostics.to_string(), "");
  static constexpr struct {
    const char *address, *asset, *zone, *role, *name;
  } kCases[] = {
      {"192.0.2.10", "w4t3r1", "ot", "plc", ""},
      {"192.0.2.11", "w4t3r1", "ot", "plc", ""},
      {"192.0.2.12", "w4t3r1", "ot", "plc", ""},
      {"192.0.2.20", "w4t3r1", "ot", "hmi", ""},
      {"192.0.2.21", "w4t3r1", "ot", "ews", ""},
      {"192.0.2.30", "w4t3r1", "ot", "historian", ""},
      {"192.0.2.130", "w4t3r1", "office", "jump", "jump1"},
      {"192.0.2.131", "w4t3r1", "office", "dns_rec", ""},
      {"198.51.100.10", "c3rt01", "", "cert", "cert-mail"},
      {"198.51.100.11", "c3rt01", "", "cert", "cert-web"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.address);
    const Registry::Found found = registry->find(address(c.address));
    ASSERT_TRUE(found);
    EXPECT_EQ(found.asset->id, c.asset);
    EXPECT_EQ(found.zone, c.zone);
    ASSERT_NE(found.host, nullptr);
    EXPECT_EQ(found.host->roles.front(), c.role);
    EXPECT_EQ(found.host->name, c.name);
    EXPECT_EQ(found.host->writers.size(), std::string_view{c.role} == "plc" ? 2U : 0U);
  }
  const Asset& water = *registry->find_asset("w4t3r1");
  ASSERT_EQ(impact_texts(*registry, water).size(), 3U);
  EXPECT_EQ(impact_texts(*registry, water)[2], "health.care hospital-care h0sp17 in 6 h");
  EXPECT_EQ(registry->territory(address("192.0.2.200")), "own");
  EXPECT_EQ(registry->territory(address("203.0.113.66")), "foreign");
}

// The JSON Schema lists the same words as the tables, and the same keys as the reader.
TEST(ShippedRegister, SchemaAgreesWithTheTables) {
  Diagnostics diagnostics;
  const std::string text = read_file(std::string{source_directory()} + "/config/registry.schema.json");
  const auto documents = parse_yaml(text, "registry.schema.json", diagnostics);  // JSON is YAML
  ASSERT_EQ(documents.size(), 1U) << diagnostics.to_string();
  const YamlNode& defs = *documents[0].find("$defs");
  const auto words = [](const YamlNode& list) {
    std::vector<std::string> out;
    for (const YamlNode& item : list.items) out.push_back(item.scalar);
    return out;
  };
  const auto equal = [](const std::vector<std::string>& a, std::span<const std::string_view> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  };
  EXPECT_TRUE(equal(words(*defs.find("sector")->find("anyOf")->items[0].find("enum")), sectors()));
  EXPECT_TRUE(equal(words(*defs.find("role")->find("enum")), roles()));
  EXPECT_TRUE(equal(words(*defs.find("flag")->find("enum")), flags()));
  EXPECT_TRUE(equal(words(*defs.find("class")->find("enum")), classes()));
  const YamlNode& asset = *defs.find("asset")->find("properties");
  EXPECT_TRUE(equal(words(*asset.find("disclosure")->find("enum")), disclosures()));
  EXPECT_TRUE(equal(words(*defs.find("tlp")->find("enum")), tlp_labels()));
  const auto properties = [&defs](std::string_view def) { return defs.find(def)->find("properties"); };
  EXPECT_TRUE(equal(words(*properties("dependency")->find("kind")->find("enum")), dependency_kinds()));
  const auto keys = [](const YamlNode* map) {
    std::string out;
    for (const auto& [key, value] : map->members) out += key.scalar + ' ';
    return out;
  };
  std::string facts;
  for (const std::string_view fact : kDeviceFacts) facts.append(fact).append(" ");
  const struct {
    const YamlNode* map;
    std::string want;
  } kCases[] = {
      {documents[0].find("properties"), "version location territory assets "},
      {&asset,
       "asset name operator sector functions class flags disclosure networks hosts zones maintenance location "
       "dependencies domains products contact basis "},
      {properties("host"), "addr name roles writers protocols device products points logs "},
      {properties("host")->find("device")->find("properties"), facts},
      {properties("point"), "point tag unit scale min max "},
      {asset.find("maintenance")->find("items")->find("properties"), "ticket start timezone minutes rrule stations "},
      {properties("dependency"), "on kind buffer_minutes strength group "},
      {properties("product"), "vendor product version remedied "},
      {asset.find("contact")->find("properties"), "poc tlp "},
      {asset.find("basis")->find("properties"), "act from until "},
  };
  for (const auto& c : kCases) EXPECT_EQ(keys(c.map), c.want);
  const auto most = [](const YamlNode& node, std::string_view limit) {
    return node.find(limit)->as_int().value_or(-1);
  };
  EXPECT_EQ(most(*asset.find("dependencies"), "maxItems"), kDependenciesMax);
  EXPECT_EQ(most(*defs.find("products"), "maxItems"), kProductsMax);
  EXPECT_EQ(most(*defs.find("domain"), "maxLength"), kAssetDomainBytesMax);
  EXPECT_EQ(most(properties("product")->find("remedied")->find("oneOf")->items[1], "maxItems"), kRemediedMax);
  EXPECT_EQ(most(*properties("dependency")->find("buffer_minutes"), "maximum"), kBufferMinutesMax);
}

// The reader takes every key that the schema has.
TEST(ShippedRegister, TheReaderTakesWhatTheSchemaNames) {
  const auto registry = load(R"(version: 1
location: AT
territory: [198.51.100.0/24]
assets:
  - asset: other
    sector: water.supply
    class: {a: C1, i: C1, c: C1}
    networks: [192.0.2.128/25]
  - asset: one
    name: A name
    operator: op-1
    sector: water.supply
    functions: [supply-water]
    class: {a: C1, i: C1, c: C1}
    flags: [medical]
    disclosure: open
    networks: [192.0.2.0/25]
    hosts:
      - addr: 192.0.2.1
        name: host1
        roles: [plc]
        writers: [192.0.2.2]
        protocols: [modbus]
        device: {vendor: v, product: p, order_number: o, serial_number: s, hardware: h, firmware: f, device_name: d}
        products: [{vendor: v, product: p, version: 1.0, remedied: [CVE-2026-0001]}]
        points: [{point: 1/coil/1, tag: T, unit: bar, scale: 0.1, min: 0, max: 1}]
    zones: {192.0.2.0/26: ot}
    maintenance:
      - {ticket: 7, start: "2026-12-06T02:00:00", timezone: UTC, minutes: 5, rrule: FREQ=DAILY;COUNT=2, stations: [192.0.2.3]}
    location: AT-9
    domains: [Cert.example, xn--mnchen-3ya.de]
    dependencies: [{on: other, kind: logical, buffer_minutes: 1, strength: 1, group: g}]
    products: [{vendor: v, product: p, version: 1.0, remedied: CVE-2026-0001}]
    contact: {poc: p, tlp: clear}
    basis: {act: a, from: 2026-01-01, until: 2026-01-01}
)");
  ASSERT_TRUE(registry);
  EXPECT_EQ(registry->find_asset("one")->basis.until, "2026-01-01");
  ASSERT_EQ(registry->domains().size(), 2U);
  EXPECT_EQ(registry->domains()[0].name, "cert.example");
  EXPECT_EQ(registry->domains()[1].asset, registry->find_asset("one"));
}

}  // namespace
}  // namespace nw::context
