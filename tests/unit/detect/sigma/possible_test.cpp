#include "detect/sigma/possible.h"

#include <gtest/gtest.h>

#include "harness.h"

namespace nw::sigma {
namespace {

// `role` and `zone` are known, of which the event has the role alone; other fields may be anything.
TEST(Possible, OnlyWhatIsKnownSpeaksAgainstIt) {
  static constexpr struct {
    const char* name;
    const char* detection;
    bool may;
  } kCases[] = {
      {"the known value", "  sel: {role: plc}\n  condition: sel", true},
      {"another value", "  sel: {role: hmi}\n  condition: sel", false},
      {"one of several", "  sel: {role: [hmi, plc]}\n  condition: sel", true},
      {"what is not known", "  sel: {func: READ}\n  condition: sel", true},
      {"not what is not known", "  sel: {func: READ}\n  condition: not sel", true},
      {"both, and one speaks against it", "  sel: {role: hmi, func: READ}\n  condition: sel", false},
      {"either, and one may hold", "  a: {role: hmi}\n  b: {func: READ}\n  condition: a or b", true},
      {"not the known value", "  a: {role: plc}\n  b: {func: READ}\n  condition: b and not a", false},
      {"not both, and one is open", "  a: {role: plc, func: READ}\n  condition: not a", true},
      {"not either, and one holds", "  a: {role: plc}\n  b: {func: READ}\n  condition: not (a or b)", false},
      {"known to be absent", "  sel: {zone: ot}\n  condition: sel", false},
      {"absent is null", "  sel: {zone: null}\n  condition: sel", true},
      {"exists", "  sel: {zone|exists: true}\n  condition: sel", false},
      {"two of three, one holds and one is open",
       "  s_a: {role: plc}\n  s_b: {func: READ}\n  s_c: {role: hmi}\n  condition: 2 of s_*", true},
      {"two of three, one is open",
       "  s_a: {role: ied}\n  s_b: {func: READ}\n  s_c: {role: hmi}\n  condition: 2 of s_*", false},
      {"a keyword", "  words: [anything]\n  condition: words", true},
      {"compared with an unknown field", "  sel: {role|fieldref: func}\n  condition: sel", true},
      {"compared with a field that is known to be absent", "  sel: {role|fieldref: zone}\n  condition: sel", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Bench bench;
    const std::vector<event::FieldId> known{bench.schema.add_field("role"), bench.schema.add_field("zone")};
    const auto rules = bench.compile(rule_text(c.detection));
    ASSERT_NE(rules, nullptr) << bench.diagnostics.to_string();
    event::Event event;
    event.begin(bench.type(), event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
    event.set(known[0], event::Value::text("plc"));
    EXPECT_EQ(may_fire(*rules, 0, event, known), c.may);
  }
}

}  // namespace
}  // namespace nw::sigma
