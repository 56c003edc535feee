// RSIT, TLP and PAP: what ships, and what their readers refuse.
#include <algorithm>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>

#include "base/yaml.h"
#include "context/taxonomy/pap.h"
#include "context/taxonomy/rsit.h"
#include "context/taxonomy/tlp.h"
#include "shipped.h"

namespace nw::taxonomy {
namespace {

template <class T>
T shipped(const std::string& name) {
  Diagnostics diagnostics;
  auto read = T::load(project_file("config/taxonomy/" + name), name, diagnostics);
  EXPECT_TRUE(read) << diagnostics.to_string();
  EXPECT_EQ(diagnostics.to_string(), "");
  return read.value_or(T{});
}

TEST(Rsit, ShipsAllClassesAndTypes) {
  const Rsit rsit = shipped<Rsit>("rsit.yaml");
  EXPECT_EQ(rsit.version, "1003");
  EXPECT_EQ(rsit.classes.size(), 11U);
  std::size_t types = 0;
  for (const RsitClass& one : rsit.classes) types += one.types.size();
  EXPECT_EQ(types, 39U);
  EXPECT_EQ(rsit.tags.size(), 11U + 39U);
  EXPECT_TRUE(std::ranges::is_sorted(rsit.tags));
}

TEST(Rsit, Finds) {
  const Rsit rsit = shipped<Rsit>("rsit.yaml");
  static constexpr struct {
    const char* tag;
    const char* title;  // null: not found
  } kCases[] = {
      {"information-gathering.scanner", "Scanning"},
      {"rsit.information-gathering.scanner", "Scanning"},
      {"rsit:information-gathering=\"scanner\"", "Scanning"},
      {"availability", "Availability"},
      {"rsit:availability", "Availability"},
      {"availability.scanner", nullptr},
      {"availability.", nullptr},
      {"rsit:availability=\"", nullptr},
      {"rsit:availability=\"\"", "Availability"},
      {"", nullptr},
      {"scanner", nullptr},
  };
  for (const auto& c : kCases) {
    const Rsit::Found found = rsit.find(c.tag);
    ASSERT_EQ(static_cast<bool>(found), c.title != nullptr) << c.tag;
    if (!found) continue;
    EXPECT_EQ(found.type != nullptr ? found.type->title : found.of->title, c.title) << c.tag;
  }
  EXPECT_EQ(rsit.find("information-gathering.scanner").type->idmef, "Recon.Network");
}

// IntelMQ writes one type with a z, and has five of its own.
TEST(Rsit, SpeaksIntelMq) {
  const Rsit rsit = shipped<Rsit>("rsit.yaml");
  EXPECT_EQ(rsit.find("fraud.unauthorised-use-of-resources").type->intelmq, "unauthorized-use-of-resources");
  EXPECT_EQ(rsit.find("availability.ddos").type->intelmq, "ddos");
  EXPECT_EQ(rsit.find_intelmq("unauthorized-use-of-resources").type->id, "unauthorised-use-of-resources");
  EXPECT_FALSE(rsit.find_intelmq("unauthorised-use-of-resources"));
  EXPECT_EQ(rsit.find_intelmq("c2-server").of->id, "malicious-code");
  for (const char* only : {"blacklist", "dga-domain", "malware", "proxy", "tor"})
    EXPECT_EQ(rsit.find_intelmq(only).type->id, "other") << only;
}

TEST(Rsit, EveryTagOfTheShippedRulesIsThere) {
  const Rsit rsit = shipped<Rsit>("rsit.yaml");
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{std::string{source_directory()} + "/rules"}) {
    const std::string name = entry.path().filename().string();
    if (!name.ends_with(".yml") || name.ends_with(".test.yml")) continue;
    const std::string path = std::filesystem::relative(entry.path(), source_directory()).string();
    Diagnostics diagnostics;
    const auto documents = parse_yaml(project_file(path), path, diagnostics);
    for (const YamlNode& document : documents) {
      const YamlNode* tags = document.kind == YamlNode::Kind::map ? document.find("tags") : nullptr;
      if (tags == nullptr) continue;
      for (const YamlNode& tag : tags->items) {
        if (!tag.scalar.starts_with("rsit.")) continue;
        ++seen;
        EXPECT_TRUE(rsit.find(tag.scalar)) << path << ':' << tag.mark.line << ' ' << tag.scalar;
      }
    }
  }
  EXPECT_GE(seen, 30U);
}

// Wrong ids are in circulation for GREEN and AMBER+STRICT: these are pinned.
TEST(Tlp, ShipsTheFiveLabels) {
  const Tlp tlp = shipped<Tlp>("tlp.yaml");
  EXPECT_EQ(tlp.version, "2.0");
  static constexpr struct {
    const char *id, *stix, *csaf20, *csaf21, *iodef;
  } kLabels[] = {
      {"clear", "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "WHITE", "CLEAR", "white"},
      {"green", "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "GREEN", "GREEN", "green"},
      {"amber", "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "AMBER", "AMBER", "amber"},
      {"amber+strict", "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "", "AMBER+STRICT", ""},
      {"red", "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "RED", "RED", "red"},
  };
  ASSERT_EQ(tlp.labels.size(), std::size(kLabels));
  for (std::size_t i = 0; i < std::size(kLabels); ++i) {
    const TlpLabel& label = tlp.labels[i];
    EXPECT_EQ(label.id, kLabels[i].id);
    EXPECT_EQ(label.rank, i);
    EXPECT_EQ(label.stix, kLabels[i].stix);
    EXPECT_EQ(label.csaf20, kLabels[i].csaf20);
    EXPECT_EQ(label.csaf21, kLabels[i].csaf21);
    EXPECT_EQ(label.iodef, kLabels[i].iodef);
    EXPECT_EQ(label.misp, "tlp:" + label.id);
    EXPECT_EQ(tlp.find_stix(label.stix), &label);
  }
}

TEST(Tlp, Finds) {
  const Tlp tlp = shipped<Tlp>("tlp.yaml");
  for (const char* text : {"TLP:WHITE", "white", "tlp:clear", "Clear", " TLP:CLEAR "})
    EXPECT_EQ(tlp.find(text), &tlp.labels[0]) << text;
  EXPECT_EQ(tlp.find("TLP:AMBER+STRICT"), &tlp.labels[3]);
  for (const char* text : {"", "tlp:", "amber strict", "purple"}) EXPECT_EQ(tlp.find(text), nullptr) << text;
  EXPECT_EQ(tlp.find_stix("marking-definition--00000000-0000-0000-0000-000000000000"), nullptr);
}

TEST(Pap, ShipsTheFourLabels) {
  const Pap pap = shipped<Pap>("pap.yaml");
  ASSERT_EQ(pap.labels.size(), 4U);
  EXPECT_EQ(pap.labels.back().id, "red");
  EXPECT_FALSE(pap.find("PAP:RED")->third_parties);
  EXPECT_FALSE(pap.find("PAP:RED")->active);
  EXPECT_TRUE(pap.find("pap:amber")->third_parties);
  EXPECT_FALSE(pap.find("amber")->active);
  EXPECT_TRUE(pap.find("GREEN")->active);
  EXPECT_EQ(pap.find("PAP:WHITE")->id, "clear");
  EXPECT_EQ(pap.find("tlp:red"), nullptr);
  for (std::size_t i = 1; i < pap.labels.size(); ++i) {  // who stands later never permits more
    EXPECT_LE(pap.labels[i].active, pap.labels[i - 1].active);
    EXPECT_LE(pap.labels[i].third_parties, pap.labels[i - 1].third_parties);
  }
}

template <class T>
void expect_refused(const char* name, const std::string& text, const char* want) {
  SCOPED_TRACE(name);
  Diagnostics diagnostics;
  EXPECT_FALSE(T::load(text, "t.yaml", diagnostics));
  EXPECT_NE(diagnostics.to_string().find(want), std::string::npos) << diagnostics.to_string();
}

TEST(Labels, AreReadStrictly) {
  const std::string stix = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487";
  const auto tlp = [&](const std::string& more) {
    return "version: x\nlabels:\n  red: {title: T, audience: A, colour: '#FFFFFF', stix: " + stix + ", misp: m" + more +
           "}\n";
  };
  Diagnostics diagnostics;
  EXPECT_TRUE(Tlp::load(tlp(""), "t.yaml", diagnostics)) << diagnostics.to_string();
  expect_refused<Tlp>("unknown key", tlp(", csaf22: X"), "t.yaml:3:124: unknown-key");
  expect_refused<Tlp>("a bad alias", tlp(", aliases: ['TLP:RED']"), "bad-id: 'TLP:RED' cannot be a label");
  expect_refused<Tlp>("an alias that is taken", tlp(", aliases: [red]"), "duplicate-entry");
  expect_refused<Tlp>("no colour",
                      "version: x\nlabels: {red: {title: T, audience: A, colour: red, stix: " + stix + ", misp: m}}",
                      "'red' is no colour");
  expect_refused<Tlp>("no marking",
                      "version: x\nlabels: {red: {title: T, audience: A, colour: '#FFFFFF', stix: "
                      "marking-definition--94868C89-83c2-464b-929b-a1a8aa3c8487, misp: m}}",
                      "is no marking of STIX");
  expect_refused<Tlp>("no labels", "version: x\nlabels: {}", "'labels' must be a map");
  expect_refused<Tlp>("empty", "", "bad-document");
  expect_refused<Pap>("no answer", "version: x\nlabels: {red: {title: T, permits: P, third_parties: false, misp: m}}",
                      "needs the key 'active'");
  expect_refused<Pap>("empty", "# nothing\n", "bad-document");
  expect_refused<Rsit>("a type twice", "version: x\nclasses: {a: {title: A, types: {b: {title: B}, b: {title: C}}}}",
                       "yaml-duplicate-key");
  expect_refused<Rsit>("no title", "version: x\nclasses: {a: {title: A, types: {b: {}}}}", "needs the key 'title'");
  expect_refused<Rsit>("a class without types", "version: x\nclasses: {a: {title: A}}", "needs the key 'types'");
  expect_refused<Rsit>("no id", "version: x\nclasses: {A: {title: A, types: {b: {title: B}}}}", "bad-id: 'A'");
  expect_refused<Rsit>("to nowhere",
                       "version: x\nclasses: {a: {title: A, types: {b: {title: B}}}}\nintelmq_only: {z: a.c}",
                       "unknown-word: 'a.c' is no type (did you mean 'a.b'?)");
  expect_refused<Rsit>("to a class",
                       "version: x\nclasses: {a: {title: A, types: {b: {title: B}}}}\nintelmq_only: {z: a}",
                       "unknown-word: 'a' is no type");
}

}  // namespace
}  // namespace nw::taxonomy
