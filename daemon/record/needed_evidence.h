// What a case file needs of evidence, over the alerts of an incident: what the norm wants of each, and for how many the
// ledger says that it was kept since. An alert's own list is what was missing when it was made; it is never rewritten.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/alert.h"

namespace nw::record {

// The body of an entry `evidence`, as far as it tells what it is good for.
struct KeptEvidence {
  std::string alert, kind;            // kind: "values", "packets", "line"
  std::vector<std::string> supplies;  // what of the norm's evidence it is
  static Result<KeptEvidence> from_json(std::string_view body);
};
inline constexpr std::size_t kSuppliesMax = 16, kSuppliesBytesMax = 1024;  // of each

class NeededEvidence {
 public:
  // In the ledger's order: an alert before what was kept for it. Unknown alerts are passed over.
  void add(const Alert& alert);
  void add(std::string_view alert, const std::vector<std::string>& supplies);

  struct Item {
    std::string text;
    std::uint64_t alerts = 0, kept = 0;  // that want it; of these, with it
  };
  // In the order in which alerts named them.
  [[nodiscard]] const std::vector<Item>& items() const noexcept { return items_; }
  // "missing", "kept for 1 of 2 alerts"
  static std::string state(const Item& item);

 private:
  std::vector<Item> items_;
  std::map<std::string, std::set<std::string>, std::less<>> open_;  // by alert: what it still lacks
};

}  // namespace nw::record
