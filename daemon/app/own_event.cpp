#include "app/own_event.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "event/later_types.h"

namespace nw::app {

namespace {

using event::Value;

// Sorted. A type leaves later_types' dormancy by its line here, once something tells it.
constexpr auto kFedPaths = std::to_array<std::string_view>({
    "case.export",
    "case.incident",
    "ledger.checkpoint",
    "ledger.evidence",
    "ledger.purge",
    "ledger.retention",
    "ledger.reveal",
    "ledger.witness",
});

}  // namespace

void declare_fed(event::Schema& schema) {
  for (const event::TypeSpec& type : event::later_types())
    if (std::ranges::find(kFedPaths, type.path) != kFedPaths.end()) schema.add_type(type);
}

void fill(const OwnEvent& own, const event::Schema& schema, event::SourceId source, event::Event& event) {
  std::size_t type = 0;
  while (type < schema.type_count() && (schema.type(static_cast<event::TypeId>(type)).path != own.path ||
                                        schema.type(static_cast<event::TypeId>(type)).product != "normwatch"))
    ++type;
  NW_CHECK(type < schema.type_count());
  event.begin(static_cast<event::TypeId>(type), source, own.time, own.time, event::TimeQuality::received);
  event.place = own.place;
  event.part = own.part;
  for (const auto& [name, value] : own.fields) {
    const auto id = schema.find_field(name);
    NW_CHECK(id);
    if (const auto* text = std::get_if<std::string>(&value)) {
      event.set(*id, Value::text(*text));
    } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
      event.set(*id, Value::integer(*number));
    } else if (const auto* flag = std::get_if<bool>(&value)) {
      event.set(*id, Value::boolean(*flag));
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
      const std::span<Value> list = event.arena().make<Value>(texts->size());
      for (std::size_t i = 0; i < list.size(); ++i) list[i] = Value::text((*texts)[i]);
      event.set(*id, Value::list(list));
    }
  }
}

}  // namespace nw::app
