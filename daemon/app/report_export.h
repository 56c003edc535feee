// A draft that was made or held, or a report that went out, as the daemon is told of it: an entry of the ledger, and an
// event of type case.export, over which rules alert.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/own_event.h"
#include "base/result.h"

namespace nw::app {

struct ReportExport {
  enum class Outcome : unsigned char { drafted, held, released, overridden };
  static constexpr std::array<std::string_view, 4> kOutcomes{"drafted", "held", "released", "overridden"};
  static constexpr std::size_t kWordsMax = 64, kTextBytesMax = 4'096, kNameBytesMax = 128;

  Outcome outcome = Outcome::drafted;
  std::string incident, regime, stage, by, why;
  std::vector<std::string> words;  // what the wording gate found
  std::int64_t uid = -1;

  [[nodiscard]] std::string to_json() const;  // without the uid, which the socket knows
  // A request of the command. `malformed` with the diagnostics.
  static Result<ReportExport> from_json(std::string_view text);
  // The body of an entry of type `operator`. Of the words it says how many there are: what must not go out does not
  // belong into a record that others may read either.
  [[nodiscard]] std::string entry() const;
  // Nothing for a draft that the gate let pass: it went nowhere.
  [[nodiscard]] std::optional<OwnEvent> event(Timestamp now) const;
};

}  // namespace nw::app
