#include "record/incidents/case_state.h"

#include <algorithm>

#include "base/text.h"
#include "context/taxonomy/tlp_order.h"

namespace nw::record {

namespace {

constexpr unsigned bit(CaseState state) { return 1U << static_cast<unsigned>(state); }
constexpr unsigned kOpen = bit(CaseState::open), kAcknowledged = bit(CaseState::acknowledged),
                   kContained = bit(CaseState::contained),
                   kClosed = bit(CaseState::resolved) | bit(CaseState::false_positive),
                   kActive = kOpen | kAcknowledged | kContained, kAny = kActive | kClosed;

struct Step {
  ActKind kind;
  unsigned from;
  std::optional<CaseState> to;  // none: it stays
};
// In the order of ActKind. What reports and partners still need after the end (a final report goes out then) is allowed
// in closed incidents; what would change the findings wants them reopened.
constexpr std::array<Step, kActs.size()> kSteps{{
    {ActKind::acknowledge, kOpen, CaseState::acknowledged},
    {ActKind::contain, kAcknowledged, CaseState::contained},
    {ActKind::resolve, kAcknowledged | kContained, CaseState::resolved},
    {ActKind::false_positive, kActive, CaseState::false_positive},
    {ActKind::reopen, kClosed, CaseState::open},
    {ActKind::assign, kActive, {}},
    {ActKind::note, kAny, {}},
    {ActKind::merge, kActive, {}},
    {ActKind::split, kActive, {}},
    {ActKind::tlp, kAny, {}},
    {ActKind::pap, kAny, {}},
    {ActKind::factor, kActive, {}},
    {ActKind::hypothesis, kActive, {}},
    {ActKind::victims, kAny, {}},
    {ActKind::share, kAny, {}},
    {ActKind::withhold, kAny, {}},
    {ActKind::exercise, kActive, {}},
    {ActKind::classify, kAny, {}},
    {ActKind::moment, kAny, {}},
    {ActKind::fact, kAny, {}},
    {ActKind::significance, kAny, {}},
    {ActKind::sent, kAny, {}},
}};
static_assert([] {
  for (std::size_t i = 0; i < kSteps.size(); ++i)
    if (static_cast<std::size_t>(kSteps[i].kind) != i) return false;
  return true;
}());

const Step& step_of(ActKind kind) { return kSteps[static_cast<std::size_t>(kind)]; }

Error refused(const CaseSoFar& so_far, const Act& act, std::string_view why) {
  return Error{Errc::unavailable, std::string{to_string(act.kind)} + ": " + so_far.id + " " + std::string{why}};
}

template <std::size_t N>
std::size_t rank(const std::array<std::string_view, N>& labels, std::string_view label) {
  return static_cast<std::size_t>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

// A label that lets more people in, or allows more, wants a reason.
template <std::size_t N>
Result<> check_label(const CaseSoFar& so_far, const Act& act, const std::array<std::string_view, N>& labels,
                     const std::string& now) {
  const std::string_view wanted = act.value("label");
  if (now.empty() || rank(labels, wanted) >= rank(labels, now) || !trim(act.why).empty()) return {};
  return refused(so_far, act, "is " + now + "; " + std::string{wanted} + " restricts less and wants a reason (--why)");
}

}  // namespace

std::optional<CaseState> case_state(std::string_view word) noexcept {
  const auto* const at = std::find(kCaseStates.begin(), kCaseStates.end(), word);
  if (at == kCaseStates.end()) return std::nullopt;
  return static_cast<CaseState>(at - kCaseStates.begin());
}

bool is_allowed(ActKind kind, CaseState state) noexcept { return (step_of(kind).from & bit(state)) != 0; }

CaseState after(ActKind kind, CaseState state) noexcept { return step_of(kind).to.value_or(state); }

std::string missing_factors(const CaseSoFar& so_far) {
  std::string out;
  for (const std::string_view factor : kFactors)
    if (std::find(so_far.factors.begin(), so_far.factors.end(), factor) == so_far.factors.end())
      out.append(out.empty() ? "" : ", ").append(factor);
  return out;
}

Result<> allowed(const CaseSoFar& so_far, const Act& act) {
  if (!so_far.merged_into.empty())
    return refused(so_far, act, "was merged into " + so_far.merged_into + "; act upon that one, or split it again");
  if (!is_allowed(act.kind, so_far.state)) {
    std::string in;
    for (std::size_t i = 0; i < kCaseStates.size(); ++i)
      if (is_allowed(act.kind, static_cast<CaseState>(i))) in.append(in.empty() ? "" : ", ").append(kCaseStates[i]);
    return refused(so_far, act,
                   "is " + std::string{to_string(so_far.state)} + ", and this can be done when it is: " + in +
                       (is_active(so_far.state) ? "" : "; reopen it first"));
  }
  if (act.kind == ActKind::resolve && !so_far.exercise)
    if (const std::string missing = missing_factors(so_far); !missing.empty())
      return refused(so_far, act,
                     "lacks what norm 13b wants written down before a case is closed: " + missing +
                         " (normwatch incidents factor)");
  if (act.kind == ActKind::tlp) return check_label(so_far, act, taxonomy::kTlpLabels, so_far.tlp);
  if (act.kind == ActKind::pap) return check_label(so_far, act, kPapLabels, so_far.pap);
  return {};
}

}  // namespace nw::record
