// `normwatch replay`: files in, alerts (and events) out, the same for any number of workers.
//
// Packets are dealt to lanes by flow, lines by number (those that hang together all to one); at the end of each batch
// of records time moves on in all lanes, and what they made of it is put in order of record number (a flow's end has
// that of its last packet). So the output depends on the input alone.
#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/pipeline.h"
#include "app/rule_costs.h"
#include "app/snapshot.h"

namespace nw::app {

struct ReplayOptions {
  unsigned workers = 1;
  bool alerts = true;   // write alerts
  bool events = false;  // write events
  bool shadow = false;  // write the alerts of shadow rules too, with "shadow":true in front
  bool progress = false;
  EventTap* tap = nullptr;  // sees every event, on the thread of its lane: for one worker
};

struct ReplaySummary {
  std::uint64_t records = 0, bytes = 0;  // packets and lines
  std::uint64_t events = 0, matched = 0, unmatched = 0, alerts = 0;
  std::uint64_t told = 0, joined = 0, unwanted = 0, unread = 0;  // lines, as LineFeed::Counters
  std::uint64_t malformed = 0, ignored = 0, unparsed = 0, packets = 0, lines = 0, decoded = 0;
  std::map<std::string, std::uint64_t> alerts_by_level, malformed_by_reason, refused_by_protocol, unparsed_by_reason;
  std::map<std::string, std::uint64_t> shadow_matches;  // by the rule's id, or title; rules that matched
  RuleCosts costs;
  correlation::EngineCounters over_time;
  Timestamp first{}, last{};
  // Conservation: every event that was made is matched or unmatched; every line told an event, is part of one, or is of
  // none that anybody wants (a line with a fault: unread); every packet is decoded, malformed or ignored.
  [[nodiscard]] bool conserved() const {
    return events == matched + unmatched && lines == told + joined + unwanted + unread &&
           packets == decoded + malformed + ignored;
  }
};

// Called with whole lines, in order.
using LineWriter = std::function<Result<>(std::string_view)>;

// Plays `config.sources` (all of kind replay), one after the other. Errors are the files': what came before them has
// been written and is in `summary`.
Result<> replay(const Config& config, std::shared_ptr<const Snapshot> snapshot, const ReplayOptions& options,
                const LineWriter& write_alert, const LineWriter& write_event, ReplaySummary& summary);

}  // namespace nw::app
