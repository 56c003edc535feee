// What a reload pays for known vulnerabilities: reading 1,500 entries of KEV and 500 advisories, and matching them with
// 1,000 assets of five products each.
#include <benchmark/benchmark.h>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "context/vulnerabilities/exposure.h"

namespace {

using namespace nw::vulnerabilities;

std::string number(std::size_t n) { return std::to_string(n); }
std::string vendor(std::size_t n) { return "Vendor" + number(n % 120); }
std::string product(std::size_t n) { return "Device " + number(n % 40) + " CPU"; }

std::string kev_text() {
  std::string out = R"({"vulnerabilities":[)";
  for (std::size_t i = 0; i < 1500; ++i)
    out += (i == 0 ? "" : ",") + (R"({"cveID":"CVE-2026-)" + number(1000 + i)) + R"(","vendorProject":")" + vendor(i) +
           R"(","product":")" + product(i * 7) + R"(","dateAdded":"2026-11-01","dueDate":"2026-11-22"})";
  return out + "]}";
}

// 20 products, 5 vulnerabilities.
std::string csaf_text(std::size_t n) {
  std::string branches, ids, vulnerabilities;
  for (std::size_t p = 0; p < 20; ++p) {
    branches += (p == 0 ? "" : ",") + (R"({"category":"product_name","name":")" + product(n + p)) +
                R"(","branches":[{"category":"product_version_range","name":"vers:generic/>=1.0|<)" +
                number(2 + p % 3) + R"(.5","product":{"product_id":"p)" + number(p) + R"(","name":"x"}}]})";
    ids += (p == 0 ? "\"p" : ",\"p") + number(p) + '"';
  }
  for (std::size_t v = 0; v < 5; ++v)
    vulnerabilities += (v == 0 ? "" : ",") + (R"({"cve":"CVE-2026-)" + number(1000 + n * 5 + v)) +
                       R"(","product_status":{"known_affected":[)" + ids + R"(]},"scores":[{"products":[)" + ids +
                       R"(],"cvss_v3":{"baseScore":8.1}}]})";
  return R"({"document":{"csaf_version":"2.0","publisher":{"category":"vendor","name":"x"},"tracking":{"id":"A-)" +
         number(n) + R"(","status":"final","version":"1"}},"product_tree":{"branches":[{"category":"vendor","name":")" +
         vendor(n) + R"(","branches":[)" + branches + R"(]}]},"vulnerabilities":[)" + vulnerabilities + "]}";
}

struct Feeds {
  std::string kev = kev_text();
  std::vector<std::string> csaf;
  Feeds() {
    for (std::size_t i = 0; i < 500; ++i) csaf.push_back(csaf_text(i));
  }
  [[nodiscard]] std::shared_ptr<const Knowledge> read() const {
    KnowledgeBuilder builder;
    nw::Diagnostics diagnostics;
    builder.add_kev(kev, "kev", diagnostics);
    for (const std::string& text : csaf) builder.add_csaf(text, "csaf", diagnostics);
    auto known = builder.finish();
    NW_CHECK(diagnostics.all().empty() && known->counts().advisories == 500 && known->counts().kev == 1500);
    return known;
  }
};

void Read(benchmark::State& state) {
  const Feeds feeds;
  for (auto _ : state) benchmark::DoNotOptimize(feeds.read());
}
BENCHMARK(Read)->Unit(benchmark::kMillisecond);

void Match(benchmark::State& state) {
  const auto known = Feeds{}.read();
  std::mt19937_64 random{1};
  std::vector<nw::context::Asset> assets(1000);
  for (std::size_t i = 0; i < assets.size(); ++i) {
    assets[i].id = "a" + number(i);
    assets[i].availability = assets[i].integrity = assets[i].confidentiality = "C2";
    for (int p = 0; p < 5; ++p)
      assets[i].products.push_back(
          {vendor(random()) + " GmbH", product(random()), number(1 + random() % 4) + ".2", {}});
  }
  std::size_t open = 0;
  for (auto _ : state) open = ExposureMap::build(assets, known)->all().size();
  NW_CHECK(open > 0);
  state.counters["exposures"] = static_cast<double>(open);
}
BENCHMARK(Match)->Unit(benchmark::kMillisecond);

}  // namespace
