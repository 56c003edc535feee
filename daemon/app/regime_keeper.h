// The regime as people determined it: <state>/regime.yaml, read at the start and replaced whole at each change. Two
// people set it; each step is a ledger entry. Used on the daemon's own thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "app/snapshot.h"
#include "context/norms/regime_book.h"

namespace nw::app {

// Below the state directory.
std::string regime_file(const std::string& state_directory);

// A book that a file holds; every fault of it is in the error (malformed), or why it cannot be read.
Result<context::RegimeBook> read_regime_book(const std::string& file);

// `snapshot` with what `book` says: alerts that are made from it carry that.
std::shared_ptr<const Snapshot> with_regimes(const std::shared_ptr<const Snapshot>& snapshot,
                                             const context::RegimeBook& book);

class RegimeKeeper {
 public:
  explicit RegimeKeeper(const std::string& state_directory) : file_{regime_file(state_directory)} {}

  // A file that is not there is peacetime; one that cannot be read is an error: the regime would not be known.
  Result<> open();

  enum class Step : unsigned char { propose, confirm, reject, end };
  struct Done {
    std::string entry_type, entry_body;  // for the ledger
    std::string told;                    // to the one who asked
    std::string id;                      // of the proposal
    bool in_force = false;               // the regime changed: swap the snapshot
  };
  // `request` is one YAML map (or JSON object): propose {kind, territory, from, to, basis, document, by}; confirm and
  // reject {id, by}; end {id, at, by}. `uid`: of the user at the control socket; -1: not known. The file is replaced
  // before this returns. Errors: malformed (the request, with every fault), those of RegimeBook and of writing; nothing
  // has changed then.
  [[nodiscard]] Result<Done> change(Step step, std::string_view request, std::int64_t uid, Timestamp now);

  [[nodiscard]] const context::RegimeBook& book() const noexcept { return book_; }

 private:
  std::string file_;
  context::RegimeBook book_;
};

// For GET /regime: what is in force at `now`, the policy that follows, every period and proposal, and the caution.
std::string regime_json(const context::RegimeBook& book, const context::RegimePolicies& policies, Timestamp now);

}  // namespace nw::app
