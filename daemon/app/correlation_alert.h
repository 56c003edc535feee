// Between the pipeline and the rules over time: what an event that counts takes along, and the alert that a firing
// becomes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/snapshot.h"
#include "detect/correlation/engine.h"
#include "event/event.h"
#include "record/alert.h"

namespace nw::app {

// A listed host, or a name that the register gave. Addresses that merely lie in a designated network can be invented.
bool registered(std::string_view name, const event::Value& value, std::string_view text,
                const context::Registry& registry);
// The time at which an event counts. A sender may have a wrong clock, or lie: nothing is from the far future, for which
// it would wait for years.
Timestamp counted_at(const event::Event& event);
correlation::Contribution make_contribution(const event::Event& event, std::size_t rule, const Snapshot& snapshot);

// `sources`: names by SourceId. The same firing always gives the same id, whoever read the events and how often.
record::Alert firing_alert(const correlation::Firing& firing, const Snapshot& snapshot,
                           const std::vector<std::string>& sources);

// Takes contributions that were made under one rule set to another: by the rules' ids. False: the rule is gone, or
// reads other fields.
bool translate(correlation::Contribution& contribution, const sigma::RuleSet& from, const sigma::RuleSet& to);

}  // namespace nw::app
