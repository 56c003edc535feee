// An act of a person from any text: what can be read is whole, is written as the same again, and fits an entry of the
// ledger without being shortened.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "record/act.h"
#include "record/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::record;
  const std::string text{data, data + size};
  const auto act = Act::from_json(text);
  if (!act) {
    NW_CHECK(!act.error().what.empty() && act.error().what.size() < 512);
    return 0;
  }
  NW_CHECK(act->check());
  const std::string json = act->to_json();
  const std::string payload = make_entry(kEntryIncident, {}, json);
  const auto view = parse_entry(payload);
  NW_CHECK(view && view->body == json);
  const auto again = Act::from_json(json);
  NW_CHECK(again && again->to_json() == json && again->values == act->values && again->why == act->why);
  return 0;
}
