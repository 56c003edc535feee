// Saved state of rules over time that is any bytes, once as they are and once with the checksum that they would need:
// refused, or it is saved again as the same, and the rules go on within their bounds. Seeds:
// tests/fuzz/seeds/correlation_state, made by tests/unit/detect/correlation/state_test.cpp.
#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "detect/correlation/engine.h"
#include "unit/detect/correlation/every_type.h"

namespace {

using nw::correlation::Engine;

std::shared_ptr<const nw::sigma::RuleSet> compile() {
  nw::event::Schema schema;
  schema.add_type({"test", "test", {}, {}, {}, true});
  nw::Diagnostics found;
  const std::array<nw::sigma::RuleText, 1> texts{
      nw::sigma::RuleText{"rules.yml", nw::correlation::rules_of(std::string::npos)}};
  auto rules = nw::sigma::RuleSet::compile(texts, schema, {}, found);
  NW_CHECK(rules != nullptr);
  return rules;
}

class Sink final : public nw::correlation::FiringSink {
 public:
  void fired(const nw::correlation::Firing& firing) override { NW_CHECK(firing.rule < rules); }
  std::size_t rules = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kRules = compile();
  static const std::string kMagic = [] {
    const std::string saved = Engine{kRules, {}}.save();
    return saved.substr(0, saved.find('\n') + 1);
  }();
  nw::correlation::EngineOptions options;
  options.bytes_per_rule = 100'000;
  const std::string body{data, data + size};
  const std::uint64_t sum = nw::hash64(body);
  Engine engine{kRules, options};
  static_cast<void>(engine.restore(body));
  if (!engine.restore(kMagic + std::string{static_cast<const char*>(static_cast<const void*>(&sum)), sizeof sum} +
                      body))
    return 0;
  const std::string saved = engine.save();
  Engine again{kRules, options};
  NW_CHECK(again.restore(saved));
  NW_CHECK(again.save() == saved);
  Sink sink;
  sink.rules = kRules->size();
  nw::correlation::play(again, 1'700'000'000, sink);
  again.finish(sink);
  NW_CHECK(again.counters().pending == 0);
  for (std::size_t rule = 0; rule < kRules->size(); ++rule) {
    const auto counters = again.counters(rule);
    NW_CHECK(counters.bytes <= options.bytes_per_rule || counters.keys == 1);
  }
  return 0;
}
