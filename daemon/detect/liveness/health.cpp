#include "detect/liveness/health.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace nw::liveness {

namespace {

using event::Value;

enum Field : std::size_t { kKind, kSource, kState, kPhase, kExpected, kSeen, kUnit, kSince, kBlindRules, kBlindCount };
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"kind", "text", "source, or host: one of the register whose log lines are expected"},
    {"source_name", "text",
     "the source, by its name in the configuration; the host, as in the register; normwatch: the sensor itself"},
    {"state", "text",
     "silent, never_heard, volume_collapse, parse_failures, clock_jump, losing; own_clock_jump: of the sensor's clock"},
    {"phase", "text", "begin or end"},
    {"expected", "real", "the figure that was usual or declared, in `unit`"},
    {"seen", "real", "the figure that is; of a silence's end: how long it was"},
    {"unit", "text", "what the two figures count"},
    {"since", "time", "when it began to be so"},
    {"blind_rules", "list of text", "titles of the rules that nothing else feeds, at most 64"},
    {"blind_rule_count", "integer", "how many these are"},
});
static_assert(kFields[kSource].name == "source_name" && kFields[kSince].name == "since" &&
              kFields[kBlindCount].name == "blind_rule_count");

constexpr std::array<std::string_view, 1> kServices{"source_health"};

}  // namespace

const event::TypeSpec& health_type() {
  static constexpr event::TypeSpec kType{"source_health", "normwatch", kServices, {}, kFields, false};
  return kType;
}

void declare(event::Schema& schema) { schema.add_type(health_type()); }

void fill(const Health& health, const event::Schema& schema, event::SourceId source, event::Event& event) {
  std::size_t type = 0;
  while (type < schema.type_count() && (schema.type(static_cast<event::TypeId>(type)).path != health_type().path ||
                                        schema.type(static_cast<event::TypeId>(type)).product != health_type().product))
    ++type;
  NW_CHECK(type < schema.type_count());
  event.begin(static_cast<event::TypeId>(type), source, health.time, health.time, event::TimeQuality::received);
  // Each source's alerts are its own; and a source that is named like a host of the register is about that host.
  event.set(event::common(event::Common::host), Value::text(health.source));
  const auto set = [&](Field field, const Value& value) {
    const auto id = schema.find_field(kFields[field].name);
    NW_CHECK(id);
    event.set(*id, value);
  };
  set(kKind, Value::text(health.kind));
  set(kSource, Value::text(health.source));
  set(kState, Value::text(health.state));
  set(kPhase, Value::text(health.begins ? "begin" : "end"));
  set(kExpected, Value::real(health.expected));
  set(kSeen, Value::real(health.seen));
  set(kUnit, Value::text(health.unit));
  set(kSince, Value::time(health.since));
  set(kBlindCount, Value::integer(static_cast<std::int64_t>(health.blind_rule_count)));
  const auto names = event.arena().make<Value>(std::min(health.blind_rules.size(), kBlindNamesMax));
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = Value::text(health.blind_rules[i]);
  if (!names.empty()) set(kBlindRules, Value::list(names));
}

}  // namespace nw::liveness
