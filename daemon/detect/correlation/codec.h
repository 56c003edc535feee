// A contribution as bytes, and back: for snapshots, the journal and what came too late. Rules go by their ids, so that
// another set of rules can read it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "detect/correlation/engine.h"

namespace nw::correlation {

// `rules`: the set by whose numbers it goes.
std::string encode(const Contribution& contribution, const sigma::RuleSet& rules);

// Reads for one set, which is borrowed. It indexes the whole set: made once for many contributions.
class Decoder {
 public:
  explicit Decoder(const sigma::RuleSet& rules);

  // Nothing: the bytes are damaged, the rule is gone, or it reads other fields now.
  [[nodiscard]] std::optional<Contribution> decode(std::string_view bytes) const;
  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view id) const;

 private:
  const sigma::RuleSet& rules_;
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
};

}  // namespace nw::correlation
