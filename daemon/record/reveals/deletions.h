// What is said to be deleted before it is: an entry names it, then the first byte goes, then a second entry says what
// came of it. What has the first and not the second is unfinished, after a crash too. Rebuilt from the ledger.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/reveals/request.h"

namespace nw::reveals {

constexpr std::size_t kErasedAtOnce = 500;  // alerts of one act

// What a person erases. `objects`: how many there were when they said so.
struct Erasure {
  std::string id;  // "ER-20260115-1a2b3c4d"
  std::vector<std::string> alerts, commitments;
  bool values_only = false;                            // of each alert its clear values, else all
  std::string value;                                   // for which it was asked; may be empty
  std::uint64_t objects = 0, held = 0, not_named = 0;  // not_named: commitments beyond what the entry has room for
  std::string why;
  Person by;
};
struct Erased {
  std::vector<std::string> alerts;  // of which something was erased
  std::uint64_t objects = 0, held = 0;
};

class Deletions {
 public:
  // Takes in one entry; other types are passed over. `malformed`: it is none that we write; nothing has changed then.
  Result<> apply(std::string_view type, std::string_view body);

  // Erasures without a second entry, by id.
  [[nodiscard]] const std::map<std::string, Erasure, std::less<>>& erasures() const noexcept { return erasures_; }
  // Whether retention said what it was about to delete, and not what came of it.
  [[nodiscard]] bool purge_unfinished() const noexcept { return purge_unfinished_; }

 private:
  std::map<std::string, Erasure, std::less<>> erasures_;
  bool purge_unfinished_ = false;
};

// Bodies of entries `erase`; those of `purge` are retention's. Both have `what`: kBegun or kDone. Entries without it
// are from before there were two.
inline constexpr std::string_view kBegun = "begun", kDone = "done";
[[nodiscard]] std::string erase_body(const Erasure& erasure);
[[nodiscard]] std::string erased_body(const Erasure& erasure, const Erased& erased);

}  // namespace nw::reveals
