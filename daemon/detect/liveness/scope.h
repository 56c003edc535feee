// How much of what a capture gives belongs to nobody who is designated: what is not should not be captured. Packets are
// counted by flow, when it ends: that costs two fields of an event, where looking at each packet would cost a look-up.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "event/event.h"
#include "event/schema.h"

namespace nw::liveness {

struct ScopeTally {
  std::uint64_t packets = 0, outside = 0;  // of flows that have ended; outside: with neither end designated
};

// One worker's count, by source. Counts only while a rule reads events of scope_type().
class ScopeCounter {
 public:
  explicit ScopeCounter(std::size_t sources) : tallies_(sources) {}
  // These rules are in force now; what was counted stays.
  void use(const event::Schema& schema, const event::Interest& interest);
  // An event after enrichment.
  void see(const event::Event& event) noexcept;
  [[nodiscard]] const std::vector<ScopeTally>& tallies() const noexcept { return tallies_; }

  // Makes `interest` ask for what see() reads, where a rule reads scope events.
  static void subscribe(event::Interest& interest, const event::Schema& schema);

 private:
  std::vector<ScopeTally> tallies_;
  std::optional<event::TypeId> conn_;  // none: nobody asks
  event::FieldId orig_packets_ = event::kNoField, resp_packets_ = event::kNoField;
  event::FieldId orig_asset_ = event::kNoField, resp_asset_ = event::kNoField;
};

// What a source gave in one window.
struct ScopeShare {
  std::string source;  // by its name in the configuration
  Timestamp time;
  ScopeTally tally;
  Nanoseconds over{};
};

// Tells the share of each source once a window.
class ScopeWatch {
 public:
  static constexpr std::chrono::minutes kWindow{10};

  // By the clock that nobody sets; `tallies` are those of all workers together, by source. Sources without a packet in
  // the window say nothing: liveness tells of silence.
  std::vector<ScopeShare> look(std::span<const ScopeTally> tallies, std::span<const std::string> names, Timestamp wall,
                               Nanoseconds steady);

 private:
  std::vector<ScopeTally> before_;
  std::optional<Nanoseconds> begun_;
};

// Product normwatch, service scope.
const event::TypeSpec& scope_type();
void declare_scope(event::Schema& schema);
// As fill() of health.h.
void fill(const ScopeShare& share, const event::Schema& schema, event::SourceId source, event::Event& event);

}  // namespace nw::liveness
