#include "context/indicators/refusal.h"

#include <numeric>

#include "base/text.h"

namespace nw::context {

namespace {

constexpr auto kWhy = std::to_array<std::string_view>(
    {"", "is not what its type says", "is of a type that nothing is compared with",
     "is a pattern that is not understood", "", "", "", "would fit too much",
     "is a private, loopback, link-local or multicast address or network",
     "lies in a designated network of the register", "stands on a warning list", "is said by too many records"});
static_assert(kWhy.size() == kRefusals);

}  // namespace

void Refusals::add(Refusal why, std::string_view file, Mark mark, std::string_view what, std::string hint) {
  const auto at = static_cast<std::size_t>(why);
  ++counts_[at];
  if (kWhy[at].empty()) return;
  ++worth_naming_;
  if (named_.size() == kNamed) return;
  named_.push_back({std::string{file}, mark, Severity::warning, "indicator-left-out",
                    '\'' + printable(what, 128) + "' " + std::string{kWhy[at]} + ": left out", std::move(hint)});
}

std::uint64_t Refusals::total() const noexcept {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

void Refusals::report(Diagnostics& diagnostics) const {
  for (const Diagnostic& diagnostic : named_) diagnostics.add(diagnostic);
  if (worth_naming_ > named_.size())
    diagnostics.warning(
        "indicators", {}, "indicators-left-out",
        std::to_string(worth_naming_ - named_.size()) + " more indicators were left out for such reasons",
        "'normwatch indicators check FILE' counts them by reason");
}

}  // namespace nw::context
