// Any bytes as a condition. Nothing may crash; what is read is within the bounds, is written out and read again as the
// same condition, and every fault has a place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "detect/sigma/condition.h"
#include "detect/sigma/limits.h"

namespace {

using nw::sigma::Condition;

bool read(std::string_view text, Condition& out, nw::Diagnostics& diagnostics) {
  const auto locate = [](std::size_t offset) { return nw::Mark{1, offset + 1}; };
  return nw::sigma::parse_condition(text, "fuzz.yml", locate, out, diagnostics);
}

std::string write(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::identifier: return condition.name;
    case Condition::Kind::selector:
      return (condition.all ? "all" : std::to_string(condition.count)) + " of " + condition.name;
    case Condition::Kind::negation: return "not (" + write(condition.children.front()) + ")";
    default: break;
  }
  const std::string_view word = condition.kind == Condition::Kind::conjunction ? " and " : " or ";
  std::string out;
  for (const Condition& child : condition.children) {
    if (!out.empty()) out += word;
    out += '(' + write(child) + ')';
  }
  return out;
}

bool same(const Condition& a, const Condition& b) {
  if (a.kind != b.kind || a.name != b.name || a.all != b.all || a.them != b.them ||
      a.children.size() != b.children.size())
    return false;
  if (a.kind == Condition::Kind::selector && !a.all && a.count != b.count) return false;
  for (std::size_t i = 0; i < a.children.size(); ++i)
    if (!same(a.children[i], b.children[i])) return false;
  return true;
}

std::size_t depth(const Condition& condition) {
  std::size_t deepest = 0;
  for (const Condition& child : condition.children) deepest = std::max(deepest, depth(child));
  return deepest + 1;
}

void demand(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{static_cast<const char*>(static_cast<const void*>(data)), size};
  Condition condition;
  nw::Diagnostics diagnostics;
  const bool good = read(text, condition, diagnostics);
  demand(good == diagnostics.ok());
  for (const nw::Diagnostic& d : diagnostics.all()) demand(d.mark.line == 1 && d.mark.column <= size + 1);
  static_cast<void>(diagnostics.to_string());
  if (!good) return 0;
  // Each level may have an `or`, an `and`, a `not` and a parenthesis.
  demand(depth(condition) <= 4 * (nw::sigma::kConditionDepthMax + 1));
  // Written with a parenthesis at every level it may be too deep or too long to be read again.
  const std::string written = write(condition);
  Condition again;
  nw::Diagnostics faults;
  if (read(written, again, faults))
    demand(same(condition, again));
  else
    demand(faults.all().front().code == "condition-depth");
  return 0;
}
