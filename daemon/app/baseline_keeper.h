// What the daemon keeps of control networks' baselines: the candidates of all workers, in one file that is replaced
// every few seconds; and approvals, which write the designated file. Used on the daemon's own thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/snapshot.h"
#include "detect/baseline/learner.h"

namespace nw::app {

// Below the state directory.
std::string candidates_file(const std::string& state_directory);

class BaselineKeeper {
 public:
  explicit BaselineKeeper(const std::string& state_directory) : file_{candidates_file(state_directory)} {}

  // Goes on with the candidates of the run before, whether or not more are learned; a damaged file is put aside, and
  // the log says so. Once, when there first is a baseline.
  void open(const Snapshot& snapshot);
  // What a worker has learned since it was last asked. What has been designated meanwhile is left out.
  void merge(const std::vector<baseline::Candidate>& candidates, const Snapshot& snapshot);
  // Replaces the file if anything changed. A disk that fails is told once, and tried again at the next call.
  void save();
  // After a new baseline came into force: what it designates is no candidate any more.
  void forget_known(const Snapshot& snapshot);

  struct Approved {
    std::shared_ptr<const Snapshot> snapshot;  // with the new baseline; null: everything was designated already
    std::vector<std::string> entries;          // bodies for the ledger (record::kEntryBaselineApprove)
    std::size_t conversations = 0;             // new ones
  };
  // Adds the conversations of `request`, a baseline in YAML, to the designated file and to a copy of `snapshot`.
  // Errors: invalid_argument (no baseline is configured), malformed (the request, with every fault), in_use (the file
  // was edited and not reloaded), full (too many conversations), and those of writing. Nothing has changed then.
  [[nodiscard]] static Result<Approved> approve(std::string_view request, const BaselineConfig& config,
                                                const Snapshot& snapshot);

  [[nodiscard]] const baseline::Learner& learner() const noexcept { return learner_; }

 private:
  std::string file_;
  baseline::Learner learner_{0};
  bool opened_ = false, changed_ = false, failing_ = false;
};

}  // namespace nw::app
