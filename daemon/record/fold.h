// Storms: repeats of one (rule, asset, actor) are counted into the first alert instead of being written one by one.
// Conservation: alerts taken = alerts passed + the sum of `folded` over all summaries given.
//
// After a restart the ledger's tail says which folds were open and which alerts were written or counted: a storm that
// goes on is the same storm, and what a source gives again is not counted again.
#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/guarded.h"

namespace nw::record {

// What a fold says when it is summed up: the body of a ledger entry of type "fold".
struct Fold {
  std::string id;  // of the first alert, which stands in the ledger whole
  std::string rule_id, rule_title, level, norm;
  std::string asset, sector;  // empty: no designated end
  std::string disclosure;     // Alert::disclosure
  std::string place;          // without an actor or an asset that may be told: the destination, the host or the source
  std::string actor;          // the source address, or without one the host
  std::string source;         // the configured source's name
  std::string group_key;      // Alert::group_key(): whoever knows the alert by its group finds it
  // Of quiet alerts, else empty: the ticket and the end of the window that they belong to.
  std::string maintenance, maintenance_until;
  std::string pap;                  // Alert::pap
  std::string regime;               // Alert::regime
  std::uint64_t count = 0;          // alerts so far, the first included
  std::uint64_t folded = 0;         // of them not written themselves, since the last summary
  Timestamp first = {}, last = {};  // event times
  Timestamp last_received = {};     // receive time of the latest alert
  std::uint64_t last_ordinal = 0;   // of the latest event, within its source
  std::string ids;                  // of the `folded` alerts, as many as were kept: kAlertIdBytes each, no separator

  // What `alert` alone would say: count 1, nothing folded.
  static Fold of(const GuardedAlert& alert);
  // One JSON object; texts are cut to 512 bytes, so that it always fits an entry.
  [[nodiscard]] std::string to_json() const;
  // Reads it back; unknown members are ignored. `malformed` names the member.
  static Result<Fold> from_json(std::string_view json);
};

// What alerts of one fold have in common. Before the guard it is another text than after, but what is the same before
// it is the same after it.
std::string fold_key(const Alert& alert);

// An alert's id as the daemon makes it: 32 hex digits.
constexpr std::size_t kAlertIdBytes = 32;
// Ids that one summary tells.
constexpr std::size_t kFoldIdsMax = 512;

struct FoldOptions {
  Nanoseconds interval = std::chrono::minutes{5};  // between two summaries of one fold
  Nanoseconds quiet = std::chrono::minutes{15};    // a fold without a repeat for so long ends
  std::size_t folds_max = 16'384;
  std::size_t bytes_max = std::size_t{32} << 20;
  std::size_t ids_max = 131'072;    // ids of counted alerts that wait for their summary
  std::size_t known_max = 262'144;  // ids that the ledger's tail told of
};

// One sentence for a terminal, with its line end: what was repeated, how often, where and since when.
std::string to_text(const Fold& fold, bool colour);

// One thread. `now` is any clock that does not run backwards: it decides about the life of a fold; event times only say
// what was first and last.
class Folder {
 public:
  explicit Folder(const FoldOptions& options) : options_{options} {}

  // True: the alert is to be written (the first of its kind, or of a higher level than those before it). False: it is
  // counted. Folds that end to make room, or that `seen` finds ended, put their summary into `summaries`.
  bool take(const Fold& seen, Nanoseconds now, std::vector<Fold>& summaries);
  // What stands in the ledger, oldest first, before the first take(): an alert as Fold::of() says it, or a summary.
  // `when`: when it was written, on the clock of take(). Past `known_max` ids, later ones are not known.
  void remember(const Fold& written, Nanoseconds when);
  // Whether the ledger's tail has the alert of this id, written or counted. Says so once: no source gives it a third
  // time in one life.
  bool known(std::string_view id);
  // Summaries that are due, of folds that go on and of those that end; quiet ones end with their maintenance window, by
  // `wall`. Visits every fold: call it about once a second.
  void tick(Nanoseconds now, Timestamp wall, std::vector<Fold>& summaries);
  // Ends every fold.
  void finish(std::vector<Fold>& summaries);

  [[nodiscard]] std::size_t open() const { return folds_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t ids() const { return ids_; }
  [[nodiscard]] std::uint64_t folded() const { return folded_; }
  [[nodiscard]] std::uint64_t ended_early() const { return ended_early_; }

 private:
  struct Open {
    std::string key;
    Fold fold;
    Nanoseconds seen, summed;  // the latest alert; the latest summary, or the beginning
    std::size_t bytes;
    Timestamp until;  // the end of its maintenance window, or never
  };
  using Position = std::list<Open>::iterator;

  static void add(Fold& fold, const Fold& seen);
  void keep_id(Fold& fold, std::string_view id);
  void sum_up(Open& open, std::vector<Fold>& summaries);
  void know(std::string_view id);
  void begin(std::string key, const Fold& seen, Nanoseconds now, std::vector<Fold>& summaries);
  Position end(Position at, std::vector<Fold>& summaries);

  const FoldOptions options_;
  std::list<Open> folds_;                                  // the coldest first
  std::unordered_map<std::string_view, Position> by_key_;  // views Open::key
  std::unordered_set<std::string> known_;
  std::size_t bytes_ = 0, ids_ = 0;
  std::uint64_t folded_ = 0, ended_early_ = 0;
};

}  // namespace nw::record
