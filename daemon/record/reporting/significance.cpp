#include "record/reporting/significance.h"

#include <algorithm>

#include "base/text.h"

namespace nw::reporting {

namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const std::string& text : texts) out += (out.empty() ? "" : "; ") + text;
  return out;
}

std::vector<CriterionFinding> find(const std::vector<Criterion>& criteria, const Facts& facts) {
  std::vector<CriterionFinding> out;
  for (const Criterion& criterion : criteria)
    if (criterion.role.empty() || facts.roles.contains(criterion.role))
      out.push_back({criterion.id, criterion.text, criterion.source, criterion.review, judge(criterion.when, facts)});
  return out;
}

bool any(const std::vector<CriterionFinding>& findings, Truth truth) {
  return std::ranges::any_of(findings, [truth](const CriterionFinding& f) { return f.judged.truth == truth; });
}

void tell(const std::vector<CriterionFinding>& findings, Truth truth, std::vector<std::string>& out) {
  for (const CriterionFinding& f : findings) {
    if (f.judged.truth != truth) continue;
    std::string text = f.text + " (" + f.source + (f.review ? "; compare the numbers with the official text)" : ")");
    if (truth == Truth::unknown)
      text += ": not stated: " + joined(f.judged.missing);
    else if (!f.judged.because.empty())
      text += ": " + joined(f.judged.because);
    out.push_back(std::move(text));
  }
}

}  // namespace

SignificanceProposal propose_significance(const ReportingRegime& regime, const Facts& facts) {
  SignificanceProposal out;
  out.findings = find(regime.significance, facts);
  out.exceptions = find(regime.not_significant, facts);
  if (any(out.exceptions, Truth::yes)) {
    out.proposal = Proposal::not_proposed;
    tell(out.exceptions, Truth::yes, out.reasons);
  } else if (any(out.findings, Truth::yes)) {
    out.proposal = Proposal::proposed;
    tell(out.findings, Truth::yes, out.reasons);
    // What would take it back stays in sight of the person who decides.
    std::vector<std::string> open;
    tell(out.exceptions, Truth::unknown, open);
    for (const std::string& text : open) out.reasons.push_back("unless " + text);
  } else if (any(out.findings, Truth::unknown)) {
    out.proposal = Proposal::cannot_say;
    tell(out.findings, Truth::unknown, out.reasons);
  } else if (out.findings.empty()) {
    out.proposal = Proposal::cannot_say;
    out.reasons.push_back(regime.id + " has no criterion that can be computed for this entity");
  } else {
    out.proposal = Proposal::not_proposed;
    tell(out.findings, Truth::no, out.reasons);
  }
  return out;
}

Result<SignificanceDecision> decide_significance(const SignificanceProposal& proposal, SignificanceDecision decision) {
  if (trim(decision.by).empty())
    return Error{Errc::invalid_argument, "a person confirms whether an incident is significant: say who"};
  const bool follows = proposal.proposal == Proposal::proposed       ? decision.significant
                       : proposal.proposal == Proposal::not_proposed ? !decision.significant
                                                                     : false;
  if (!follows && trim(decision.why).empty())
    return Error{Errc::invalid_argument, "the proposal was '" + std::string{to_string(proposal.proposal)} +
                                             "': say why this is decided in another way"};
  decision.proposal = proposal.proposal;
  return decision;
}

}  // namespace nw::reporting
