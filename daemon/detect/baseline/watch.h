// Holds events of control protocols against the baseline: puts `nw.baseline` on those that deviate from it, and hands
// them to the learner.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "context/registry/registry.h"
#include "detect/baseline/baseline.h"
#include "detect/baseline/learner.h"
#include "detect/baseline/protocols.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::baseline {

using Deviations = std::array<std::uint64_t, kVerdicts>;  // events, by verdict; `known` stays 0

class Watch {
 public:
  // Adds nw.baseline to the schema and finds the control protocols in it.
  explicit Watch(event::Schema& schema);
  static std::span<const event::FieldSpec> fields();
  // Makes `interest` ask for what judging needs: of the types on which a rule reads nw.baseline; of all control
  // protocols when learning.
  void subscribe(event::Interest& interest, bool learn) const;
  // `learner` null: nothing is learned. No allocation, but for a conversation that is new to the learner.
  void see(event::Event& event, const Baseline& baseline, const context::Registry& registry,
           const event::Interest& interest, Learner* learner, Deviations& deviations) const;

 private:
  struct Watched {
    const ControlProtocol* protocol = nullptr;  // null: an event of another kind
    event::FieldId function = event::kNoField;
  };
  std::vector<Watched> by_type_;
  event::FieldId field_;
};

}  // namespace nw::baseline
