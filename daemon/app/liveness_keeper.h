// Watches over the sources that are heard live, and over the hosts whose lines the register expects: a Watch each
// (detect/liveness), what they learned in <state>/liveness.bin, and what the changes mean for the rules. Used on the
// daemon's own thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/host_watches.h"
#include "app/input.h"
#include "app/snapshot.h"
#include "app/source_types.h"
#include "detect/liveness/health.h"
#include "detect/liveness/watch.h"
#include "export/metrics/metrics.h"

namespace nw::app {

class LivenessKeeper {
 public:
  explicit LivenessKeeper(const Config& config);

  // Goes on with what the run before has learned, also of hosts, behind the first use(). A file that is damaged is put
  // aside, and the log says so.
  void open();
  // These rules and this register are in force now.
  void use(const Config& config, const Snapshot& snapshot);
  // About once a second, with every source's numbers, in the order of the configuration; `steady` is of a clock that
  // nobody sets. Not while we ourselves stand still: nobody hears a source then. Logs what has changed, and returns it.
  std::vector<liveness::Health> look(const std::vector<SourceReport>& reports, Timestamp wall, Nanoseconds steady);
  // Replaces the file. A disk that fails is told once.
  void save();

  // A source or host that is not well, one for each of its states.
  struct Unwell {
    std::string_view kind, source, state, unit;  // kind: source, host
    liveness::Change change;
    std::vector<std::string> blind_rules;  // titles, at most liveness::kBlindNamesMax
    std::size_t blind_rule_count = 0;
  };
  [[nodiscard]] std::vector<Unwell> unwell() const;
  // Rules that could alert if one of their sources still spoke.
  [[nodiscard]] std::size_t blind_rules() const noexcept { return blind_; }
  void fill(metrics::Snapshot& out) const;

 private:
  struct Watched {
    std::string name;
    bool exempt = false;  // played files; `expect: off`
    liveness::Watch watch;
  };
  // Of sources in a state of this kind, and `also`: a source that is in it no more.
  [[nodiscard]] std::vector<bool> silent(std::optional<std::size_t> also) const;
  [[nodiscard]] std::vector<bool> impaired(std::optional<std::size_t> also) const;
  struct Blind {
    std::vector<std::string> names;
    std::size_t count = 0;
  };
  [[nodiscard]] Blind blind(std::size_t source, liveness::State state) const;
  // For this host: the rules that read the sources which have brought its lines.
  [[nodiscard]] Blind blind(const HostWatches::Watched& host) const;
  [[nodiscard]] Blind named(const std::vector<std::uint32_t>& rules) const;
  [[nodiscard]] static liveness::Health health(std::string_view kind, const std::string& name, Blind blind,
                                               const liveness::Change& change, Timestamp wall);
  void look_at_hosts(const std::vector<SourceReport>& reports, Timestamp wall, Nanoseconds steady,
                     std::vector<liveness::Health>& out);

  std::string file_;
  std::vector<Watched> sources_;
  HostWatches hosts_;
  liveness::OwnClock own_clock_;
  RuleFeeds feeds_;
  std::vector<std::string> titles_;  // by rule
  std::size_t blind_ = 0;
  bool failing_ = false;
};

}  // namespace nw::app
