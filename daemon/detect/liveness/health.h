// What has become of a source, as an event: rules decide what is an alert, and a site's filters what is none here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::liveness {

constexpr std::size_t kBlindNamesMax = 64;
// Of our own wall clock, besides those of watch.h.
constexpr std::string_view kOwnClockJump = "own_clock_jump";

struct Health {
  std::string_view kind;  // source; host: of the register, whose log lines are expected
  // What is watched: the source's name in the configuration, the host's in the register (else its address).
  std::string source;
  std::string_view state;  // to_string(State) or kOwnClockJump
  bool begins = true;
  Timestamp time, since;
  double expected = 0, seen = 0;
  std::string_view unit;  // of both
  // Rules of which every source is silent, or for other states: impaired. At most kBlindNamesMax names.
  std::vector<std::string> blind_rules;
  std::size_t blind_rule_count = 0;
};

// Product normwatch, service source_health.
const event::TypeSpec& health_type();
void declare(event::Schema& schema);
// Makes `event` of it, as from `source`; `health` is borrowed for as long as the event is used. The type must be
// declared.
void fill(const Health& health, const event::Schema& schema, event::SourceId source, event::Event& event);

}  // namespace nw::liveness
