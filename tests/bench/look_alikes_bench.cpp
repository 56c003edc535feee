// What it costs to ask whether a name is easily taken for a designated one, by the number of designated names. Ordinary
// names, none of them a look-alike; `remembered`: of few names, as a worker sees them again and again.
#include <array>
#include <benchmark/benchmark.h>
#include <random>
#include <string>
#include <vector>

#include "context/look_alikes/enricher.h"

namespace {

using namespace nw::context;

std::string word(std::mt19937_64& random, std::size_t least, std::size_t most) {
  std::string out(least + random() % (most - least + 1), 'a');
  for (char& c : out) c = "aeiourstlnmdgpk-"[random() % 16];
  out.front() = out.back() = 'x';
  return out;
}

LookAlikes make_names(std::size_t count, std::mt19937_64& random) {
  constexpr std::array<const char*, 4> kEnds{".example", ".gov.example", ".org", ".at"};
  std::vector<DesignatedName> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back({word(random, 4, 14) + kEnds[random() % kEnds.size()], "a", "gov.admin"});
  return LookAlikes{std::move(out)};
}

std::vector<std::string> asked_names(std::size_t count, std::mt19937_64& random) {
  constexpr std::array<const char*, 5> kEnds{".example", ".com", ".co.uk", ".net", ".cdn.example.net"};
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i)
    out.push_back((random() % 2 == 0 ? "www." : "") + word(random, 4, 20) + kEnds[random() % kEnds.size()]);
  return out;
}

void judge(benchmark::State& state) {
  std::mt19937_64 random{1};
  const LookAlikes names = make_names(static_cast<std::size_t>(state.range(0)), random);
  const std::vector<std::string> asked = asked_names(4096, random);
  LookAlikes::Scratch scratch;
  std::size_t at = 0, found = 0;
  for (auto _ : state) found += names.judge(asked[at++ & 4095U], scratch).of != nullptr ? std::size_t{1} : 0;
  state.counters["look_alikes"] = static_cast<double>(found) / static_cast<double>(state.iterations());
}
BENCHMARK(judge)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

void remembered(benchmark::State& state) {
  std::mt19937_64 random{1};
  const LookAlikes names = make_names(static_cast<std::size_t>(state.range(0)), random);
  const std::vector<std::string> asked = asked_names(256, random);
  nw::event::Schema schema;
  const LookAlikeEnricher enricher{schema};
  const nw::event::FieldSpec spec{"query", "text", ""};
  nw::event::TypeSpec type_spec;
  type_spec.path = "dns";
  type_spec.product = "normwatch";
  type_spec.fields = {&spec, 1};
  const auto type = schema.add_type(type_spec);
  nw::event::Interest interest;
  interest.want_all(type);
  LookAlikeEnrichment enrichment{enricher, names, interest, schema};
  const auto query = *schema.find_field("query");
  nw::event::Event event;
  std::size_t at = 0;
  for (auto _ : state) {
    event.begin(type, nw::event::SourceId{0}, {}, {}, nw::event::TimeQuality::capture);
    event.set(query, nw::event::Value::text(asked[at++ & 255U]));
    enrichment.enrich(event);
  }
}
BENCHMARK(remembered)->Arg(1)->Arg(10)->Arg(100);

}  // namespace
