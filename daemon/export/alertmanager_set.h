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
  std::string annotations;    // JSON object
  std::string last_id;        // of the last alert in it
  int severity = 0;           // 0 informational .. 4 critical
  Timestamp starts, ends;     // receive time of the first alert; end if nothing more comes
  std::uint64_t count = 0;    // alerts in this period
  bool accepted = false;      // nothing in it waits for a first delivery
  std::uint32_t refused = 0;  // by bit: instances that called it malformed
};

class OpenSet {
 public:
  explicit OpenSet(OpenSetOptions options) : options_{std::move(options)} {}

  // Opens the alert's group or adds to it. Entries that were merged before are passed over, so a batch that comes again
  // changes nothing. When full, the least severe leaves first, of those the one that ends first; returns how many left.
  std::size_t merge(const LedgerAlert& item, Timestamp now);
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
  [[nodiscard]] std::string labels_of(const record::Alert& alert) const;
  std::size_t make_room();

  OpenSetOptions options_;
  std::map<std::string, OpenAlert> alerts_;
  std::uint64_t next_entry_ = 0;
};

// Whether `name` may be used as an extra label: Prometheus's grammar, and none that the set makes itself.
bool usable_label(std::string_view name);

}  // namespace nw::exporter
