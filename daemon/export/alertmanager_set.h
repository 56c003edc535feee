// The alerts that are open at Alertmanager, and their JSON. No I/O: time is an argument.
//
// Alertmanager tells alerts apart by their labels, so a label set is made when a group opens and never changes while it
// is open. Addresses stand in annotations only: labels end up in other systems' indexes and in URLs.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "export/output.h"

namespace nw::exporter {

struct OpenSetOptions {
  Nanoseconds resolve_after = std::chrono::minutes{15};
  std::size_t open_max = 5000;                              // alerts
  std::vector<std::pair<std::string, std::string>> labels;  // added to every alert
  std::string external_url;                                 // generatorURL; may be empty
};

struct OpenAlert {
  std::string annotations;    // JSON object: those that only an alert changes
  std::string last_id;        // of the last alert in it
  int severity = 0;           // 0 informational .. 4 critical
  Timestamp starts, ends;     // receive time of the first alert; end if nothing more comes
  Timestamp last_event;       // the latest event time
  std::uint64_t count = 0;    // alerts in this period, folded ones included
  bool accepted = false;      // nothing in it waits for a first delivery
  std::uint32_t refused = 0;  // by bit: instances that called it malformed

  // Nothing has happened in it yet, or it has been seen and has ended.
  [[nodiscard]] bool is_over(Timestamp now) const { return count == 0 || (accepted && ends <= now); }
};

class OpenSet {
 public:
  explicit OpenSet(OpenSetOptions options) : options_{std::move(options)} {}

  // An alert opens its group or adds to it. A fold adds to the open alert of its group and level and moves its end, and
  // changes no label; when there is none (it was resolved between two summaries, left for room, or a restart lost it),
  // the fold opens it again under the labels it had, unless that would have ended by now too. Entries that were merged
  // before are passed over, so a batch that comes again changes nothing. When full, the least severe leaves first, of
  // those the one that ends first; returns how many left.
  std::size_t merge(const LedgerItem& item, Timestamp now);
  // Moves the end of alerts that nobody has accepted yet: one that was late must still be seen firing.
  void extend_waiting(Timestamp now);
  // Drops what has been accepted and has ended.
  void expire(Timestamp now);

  // By label set (a JSON object, members sorted).
  [[nodiscard]] const std::map<std::string, OpenAlert>& alerts() const noexcept { return alerts_; }
  [[nodiscard]] OpenAlert* find(const std::string& labels);
  // One object of Alertmanager's postableAlerts (api/v2/openapi.yaml).
  [[nodiscard]] std::string to_json(const std::string& labels, const OpenAlert& alert) const;

  // What a restart needs, as much of it as a cursor holds (some 600 alerts); restore() reads it back. `malformed`
  // leaves the set empty.
  [[nodiscard]] std::string state() const;
  Result<> restore(std::string_view state);

 private:
  // Of an alert or a fold: both name these alike, and their labels must be the same bytes.
  template <class Named>
  [[nodiscard]] std::string labels_of(const Named& named, const std::string& group_key) const;
  void add(const record::Alert& alert, std::uint64_t entry, Timestamp now);
  void extend(const record::Fold& fold, std::uint64_t entry, Timestamp now);
  std::size_t make_room();

  OpenSetOptions options_;
  std::map<std::string, OpenAlert> alerts_;
  std::uint64_t next_entry_ = 0;
};

// Whether `name` may be used as an extra label: Prometheus's grammar, and none that the set makes itself.
bool usable_label(std::string_view name);

}  // namespace nw::exporter
