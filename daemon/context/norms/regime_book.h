// Who may set the regime, and how: one person proposes, another confirms or rejects; ending is proposed and confirmed,
// too. The book is a value: every change gives a new one. The daemon keeps it in <state>/regime.yaml.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "context/norms/regime.h"

namespace nw::context {

// Bounds of a book; beyond them it is an error, not a cut.
constexpr std::size_t kRegimePeriodsMax = 1'000;
constexpr std::size_t kRegimeProposalsMax = 64;
constexpr std::size_t kTerritoriesMax = 400;  // of one period
constexpr std::size_t kIdentityBytesMax = 128;

// What waits for a second person.
struct RegimeProposal {
  enum class What : unsigned char { begin, end };
  What what = What::begin;
  std::string id;       // of the proposal; of a beginning also that of the period
  RegimePeriod period;  // begin: without `confirmed`. end: the period as it is now
  Timestamp end_at{};   // end: its new `to`
  RegimePeriod::Act proposed;
};

// Same person: compared without regard to case and to blanks around and between words.
bool same_identity(std::string_view a, std::string_view b);

class RegimeBook {
 public:
  // Strict; gathers every fault. The book is complete only when `diagnostics` got no error. A period that one person
  // proposed and confirmed is an error: same-identity.
  static RegimeBook load(std::string_view text, std::string_view file, Diagnostics& diagnostics);
  [[nodiscard]] std::string to_yaml() const;

  // Adds a proposal; its id is in the answer. `period` has kind, territory, from, to and basis. Errors:
  // invalid_argument (names the member), full.
  Result<std::string> propose(RegimePeriod period, const RegimePeriod::Act& by);
  // To end `id` at `at`. Errors: invalid_argument, not_found, in_use (its end waits already), full.
  Result<std::string> propose_end(std::string_view id, Timestamp at, const RegimePeriod::Act& by);
  // Takes the proposal into force, or out of the book; gives it back as it was. Errors: not_found, no_permission
  // (confirm: by the identity that proposed), invalid_argument.
  Result<RegimeProposal> confirm(std::string_view id, const RegimePeriod::Act& by);
  Result<RegimeProposal> reject(std::string_view id, const RegimePeriod::Act& by);

  [[nodiscard]] const std::vector<RegimePeriod>& periods() const noexcept { return periods_; }
  [[nodiscard]] const std::vector<RegimeProposal>& proposals() const noexcept { return proposals_; }
  [[nodiscard]] std::shared_ptr<const RegimeTimeline> timeline() const;

 private:
  friend class RegimeBookReader;
  [[nodiscard]] Result<std::size_t> position(std::string_view id) const;
  std::vector<RegimePeriod> periods_;
  std::vector<RegimeProposal> proposals_;
};

// One JSON object each, as the book and the ledger have it.
std::string to_json(const RegimePeriod& period);
std::string to_json(const RegimeProposal& proposal);
std::string to_json(const RegimePeriod::Act& act);

}  // namespace nw::context
