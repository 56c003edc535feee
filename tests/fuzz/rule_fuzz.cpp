// Any bytes as a rule file, then as a file of rule tests: compiled strictly and permissively, matched with one fixed
// event. Nothing may crash, and whatever compiles must match without a fault.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "detect/sigma/lint.h"
#include "detect/sigma/rule_set.h"

namespace {

using nw::event::Value;

constexpr auto kServices = std::to_array<std::string_view>({"modbus"});
constexpr auto kCategories = std::to_array<std::string_view>({"ics", "process_creation"});

void match(const nw::sigma::RuleSet& rules, const nw::event::Schema& schema, nw::event::TypeId type) {
  static constexpr std::string_view kText = "C:\\Windows\\cmd.exe -Enc \xc3\x84\xff\r\nwhoami";
  const std::array<Value, 3> list{Value::text("plc"), Value::integer(7), Value{}};
  nw::event::Event event;
  event.begin(type, nw::event::SourceId{0}, nw::Timestamp{}, nw::Timestamp{}, nw::event::TimeQuality::stated);
  event.raw = kText;
  for (std::size_t i = 0; i < schema.field_count(); ++i) {
    const auto field = static_cast<nw::event::FieldId>(i);
    switch (i % 7) {
      case 0: event.set(field, Value::text(kText)); break;
      case 1: event.set(field, Value::integer(4625)); break;
      case 2: event.set(field, Value::list(list)); break;
      case 3: event.set(field, Value::address(nw::IpAddress::v4(0x0a000001))); break;
      case 4: event.set(field, Value::boolean(true)); break;
      case 5: event.set(field, Value::text("2020-10-19 03:30:41.104")); break;
      default: break;  // absent
    }
  }
  nw::sigma::Matcher matcher{std::shared_ptr<const nw::sigma::RuleSet>{std::shared_ptr<void>{}, &rules}};
  static_cast<void>(matcher.match(event));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::array<nw::sigma::RuleText, 1> texts{
      nw::sigma::RuleText{"fuzz.yml", {static_cast<const char*>(static_cast<const void*>(data)), size}}};
  for (const bool permissive : {false, true}) {
    nw::event::Schema schema;
    const nw::event::TypeId type = schema.add_type({"modbus", "normwatch", kServices, kCategories, {}, true});
    nw::sigma::CompileOptions options;
    options.permissive = permissive;
    const nw::sigma::Attack attack{"1", {"impact"}, {}, {{"t1086", "t1059.001"}}, {}};
    const nw::sigma::LintOptions lint{&attack, {}, nullptr};
    options.lint = &lint;
    options.placeholders = {{"one", {"a"}}, {"two", {"b*", "c?"}}, {"net", {"10.0.0.0/8"}}};
    options.now = nw::from_unix_nanoseconds(1'780'000'000'000'000'000);
    nw::Diagnostics diagnostics;
    const auto rules = nw::sigma::RuleSet::compile(texts, schema, options, diagnostics);
    static_cast<void>(diagnostics.to_string());
    if (rules == nullptr) continue;
    match(*rules, schema, type);
    nw::Diagnostics faults;
    static_cast<void>(nw::sigma::run_rule_tests(*rules, schema, texts, faults));
  }
  return 0;
}
