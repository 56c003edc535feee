#include "detect/correlation/rule_tests.h"

#include <map>

namespace nw::correlation {

namespace {

class Counter final : public sigma::StreamCounter, private FiringSink {
 public:
  // The set outlives the run; the engine only wants a shared handle.
  explicit Counter(const sigma::RuleSet& rules)
      : rules_{std::shared_ptr<const sigma::RuleSet>{}, &rules}, engine_{rules_, {}} {}

  void begin() override {
    engine_ = Engine{rules_, {}};
    fired_.clear();
    last_ = {};
  }

  void take(const event::Event& event, std::span<const sigma::Hit> hits) override {
    live_until(event.known_at);
    for (const sigma::Hit& hit : hits) {
      if (!rules_->feeds(hit.rule)) continue;
      Contribution contribution;
      contribution.time = event.known_at;
      contribution.rule = static_cast<std::uint32_t>(hit.rule);
      contribution.origin.ordinal = event.ordinal;
      contribution.fields.resize(rules_->read_fields(hit.rule).size());
      const auto ids = rules_->read_ids(hit.rule, event.type());
      for (std::size_t i = 0; i < ids.size(); ++i)
        if (const event::Value* value = event.get(ids[i])) contribution.fields[i] = {true, true, value->to_text()};
      static_cast<void>(engine_.add(std::move(contribution)));
    }
    engine_.advance(event.known_at, *this);
  }

  std::size_t end(Nanoseconds wait, std::size_t rule) override {
    live_until(last_ + wait);
    engine_.advance(last_ + EngineOptions{}.lateness, *this);
    engine_.finish(*this);
    return fired_[rule];
  }

 private:
  void fired(const Firing& firing) override { ++fired_[firing.rule]; }

  void live_until(Timestamp time) {
    constexpr std::chrono::seconds kSign{1};
    constexpr std::chrono::hours kLong{24};
    if (last_ == Timestamp{} || time - last_ > kLong) last_ = time;
    for (; last_ < time; last_ = std::min(last_ + kSign, time)) engine_.alive(0, last_);
    engine_.alive(0, time);
  }

  std::shared_ptr<const sigma::RuleSet> rules_;
  Engine engine_;
  std::map<std::size_t, std::size_t> fired_;
  Timestamp last_{};
};

}  // namespace

std::unique_ptr<sigma::StreamCounter> make_stream_counter(const sigma::RuleSet& rules) {
  return std::make_unique<Counter>(rules);
}

}  // namespace nw::correlation
