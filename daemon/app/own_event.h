// What the record says of itself and of cases, as an event: rules decide what is an alert. Types and fields are those
// of event/later_types.h.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::app {

struct OwnEvent {
  using Value = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;
  std::string_view path;  // "ledger.checkpoint": one of kFedPaths
  Timestamp time{};
  std::vector<std::pair<std::string_view, Value>> fields;  // a field that does not apply is left out
  // Where it comes from, for one that is told again after a crash: the ledger entry's index + 1, and its number among
  // the events of that entry. What it leads to has the same id each time. 0: it is told once.
  std::uint64_t place = 0;
  std::uint32_t part = 0;
};

// Gives the event to the pipeline, as from kOwnSource. Any thread.
using TellOwn = std::function<void(OwnEvent)>;
// Likewise, in their order. `safe` is called once, on the pipeline's thread, when whatever they led to is on disk; not
// at all when the daemon ends before.
using TellOwnSafely = std::function<void(std::vector<OwnEvent>, std::function<void()> safe)>;

// Behind event::declare_later(): the types that this version feeds. Rules over the others stay dormant.
void declare_fed(event::Schema& schema);
// Makes `event` of it; `own` is borrowed for as long as the event is used.
void fill(const OwnEvent& own, const event::Schema& schema, event::SourceId source, event::Event& event);

}  // namespace nw::app
