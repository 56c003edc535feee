// The life of an incident: which act is allowed in which state, and where it leads. One table (case_state.cpp).
//
//   open -> acknowledged -> contained -> resolved
//     \__________\_____________\______-> false_positive        reopen leads from both ends back to open
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/act.h"

namespace nw::record {

enum class CaseState : unsigned char { open, acknowledged, contained, resolved, false_positive };
inline constexpr std::array<std::string_view, 5> kCaseStates{"open", "acknowledged", "contained", "resolved",
                                                             "false_positive"};
// In lists and metrics, of incidents whose alerts count in another one.
inline constexpr std::string_view kStateMerged = "merged";
constexpr std::string_view to_string(CaseState state) noexcept { return kCaseStates[static_cast<std::size_t>(state)]; }
std::optional<CaseState> case_state(std::string_view word) noexcept;
// Whether alerts join it and people work on it.
constexpr bool is_active(CaseState state) noexcept { return state < CaseState::resolved; }

bool is_allowed(ActKind kind, CaseState state) noexcept;
// The state after the act.
CaseState after(ActKind kind, CaseState state) noexcept;

// What decides about an act, of the incident it is upon.
struct CaseSoFar {
  std::string id;
  CaseState state = CaseState::open;
  std::string merged_into;           // id
  std::vector<std::string> factors;  // that are written down
  std::string tlp, pap;              // empty: nobody said
  bool exercise = false;
};
// Factors of norm 13b that are not written down yet, as words with commas.
std::string missing_factors(const CaseSoFar& so_far);
// Whether the act is allowed as far as the incident by itself can say: state, factors, labels. `unavailable` says why
// not, and what to do.
Result<> allowed(const CaseSoFar& so_far, const Act& act);

}  // namespace nw::record
