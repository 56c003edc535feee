// Whether an incident counts under a regime: proposed from facts, with reasons. A person decides, never this code.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "record/reporting/regime.h"

namespace nw::reporting {

enum class Proposal : unsigned char { proposed, not_proposed, cannot_say };
inline constexpr std::array<std::string_view, 3> kProposals{"proposed", "not", "cannot_say"};
constexpr std::string_view to_string(Proposal proposal) noexcept {
  return kProposals[static_cast<std::size_t>(proposal)];
}

struct CriterionFinding {
  std::string id, text, source;
  bool review = false;  // its numbers want a person's look
  Judged judged;
};

struct SignificanceProposal {
  Proposal proposal = Proposal::cannot_say;
  // Criteria that apply to the entity's roles, in the file's order; `exceptions`: those of `not_significant`.
  std::vector<CriterionFinding> findings, exceptions;
  std::vector<std::string> reasons;  // in words; never empty
};

SignificanceProposal propose_significance(const ReportingRegime& regime, const Facts& facts);

// What a person made of a proposal.
struct SignificanceDecision {
  bool significant = false;
  std::string by, why;
  Timestamp at;
  Proposal proposal = Proposal::cannot_say;  // what stood before the person
};
// `invalid_argument` without a name; without a reason where the person departs from the proposal.
Result<SignificanceDecision> decide_significance(const SignificanceProposal& proposal, SignificanceDecision decision);

}  // namespace nw::reporting
