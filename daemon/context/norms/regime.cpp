#include "context/norms/regime.h"

#include <algorithm>

#include "base/text.h"

namespace nw::context {

namespace {

bool upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

}  // namespace

bool is_territory(std::string_view code) noexcept {
  if (code.size() < 2 || !upper(code[0]) || !upper(code[1])) return false;
  if (code.size() == 2) return true;
  const std::string_view part = code.substr(3);
  return code[2] == '-' && !part.empty() && part.size() <= 3 &&
         std::all_of(part.begin(), part.end(), [](char c) { return upper(c) || ascii_digit(c); });
}

bool RegimePeriod::covers(std::string_view location) const noexcept {
  return location.empty() || std::any_of(territory.begin(), territory.end(), [location](const std::string& code) {
           return location.starts_with(code) && (location.size() == code.size() || location[code.size()] == '-');
         });
}

bool RegimeInForce::has(ConflictKind kind) const noexcept {
  return std::any_of(periods.begin(), periods.end(), [kind](const RegimePeriod* p) { return p->kind == kind; });
}

std::string RegimeInForce::kinds() const {
  std::string out;
  for (std::size_t i = 0; i < kConflictKinds.size(); ++i)
    if (has(static_cast<ConflictKind>(i))) out.append(out.empty() ? "" : ", ").append(kConflictKinds[i]);
  return out;
}

std::string RegimeInForce::basis() const {
  std::string out;
  for (const RegimePeriod* period : periods)
    out.append(out.empty() ? "" : "; ").append(period->basis_text + " (" + period->basis_document + ')');
  return out;
}

RegimeInForce RegimeTimeline::at(Timestamp t, std::string_view location) const {
  RegimeInForce out;
  for (const RegimePeriod& period : periods_)
    if (period.covers(t) && period.covers(location)) out.periods.push_back(&period);
  if (!out.periods.empty()) out.regime = Regime::armed_conflict;
  return out;
}

}  // namespace nw::context
