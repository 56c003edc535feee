#include "app/heartbeat.h"

#include <algorithm>

#include "base/text.h"
#include "record/entry.h"

namespace nw::app {

namespace {

void add_number(std::string_view name, std::int64_t value, std::string& out) {
  if (out.back() != '{') out += ',';
  out.append("\"").append(name).append("\":").append(std::to_string(value));
}

void add_count(std::string_view name, std::uint64_t value, std::string& out) {
  // Canonical JSON has whole numbers up to 2^53 only.
  add_number(name, static_cast<std::int64_t>(std::min(value, (std::uint64_t{1} << 53U) - 1)), out);
}

void add_text(std::string_view name, std::string_view value, std::string& out) {
  if (out.back() != '{') out += ',';
  out.append("\"").append(name).append("\":");
  append_json_string(value, out);
}

std::int64_t milliseconds(Nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::string lost_json(const std::vector<std::pair<std::string_view, std::uint64_t>>& lost) {
  std::string out = "{";
  for (const auto& [by, count] : lost) add_count(by, count, out);
  return out + '}';
}

// The list, and how many did not fit into it.
void add_sources(const std::vector<std::string>& sources, std::string& out) {
  out += ",\"sources\":[";
  for (std::size_t i = 0; i < sources.size() && i < Heartbeat::kSourcesMax; ++i)
    out += (i == 0 ? "" : ",") + sources[i];
  out += ']';
  if (sources.size() > Heartbeat::kSourcesMax)
    add_count("sources_left_out", sources.size() - Heartbeat::kSourcesMax, out);
}

}  // namespace

std::vector<Seen::Source> seen_of(const std::vector<SourceConfig>& sources, const std::vector<SourceReport>& reports) {
  std::vector<Seen::Source> out;
  for (std::size_t i = 0; i < sources.size() && i < reports.size(); ++i) {
    const SourceReport& report = reports[i];
    Seen::Source& source = out.emplace_back();
    source.name = sources[i].name;
    source.events = report.received;
    if (report.packets) source.packets = report.capture.packets;
    if (report.lines) source.lines = report.feed.lines;
    for (const auto& [by, count] :
         {std::pair<std::string_view, std::uint64_t>{"interface", report.capture.interface_dropped},
          {"intake", report.intake.dropped()},
          {"kernel", report.capture.kernel_dropped},
          {"queue", report.transport.dropped_full},
          {"socket", report.transport.kernel_dropped}})
      if (count != 0) source.lost.emplace_back(by, count);
  }
  return out;
}

Heartbeat::Notes Heartbeat::beat(const Seen& seen, Nanoseconds steady, Timestamp wall) {
  std::vector<std::string> sources, losing;
  for (const Seen::Source& source : seen.sources) {
    std::string each = "{";
    add_text("name", source.name, each);
    add_count("events", source.events, each);
    if (source.packets) add_count("packets", *source.packets, each);
    if (source.lines) add_count("lines", *source.lines, each);
    if (!source.lost.empty()) each += ",\"lost\":" + lost_json(source.lost);
    sources.push_back(each + '}');

    auto& before = lost_[source.name];
    std::vector<std::pair<std::string_view, std::uint64_t>> since;
    for (const auto& [by, count] : source.lost) {
      if (count > before[by]) since.emplace_back(by, count - before[by]);
      before[by] = count;
    }
    if (since.empty()) continue;
    std::string drop = "{";
    add_text("name", source.name, drop);
    losing.push_back(drop + ",\"lost\":" + lost_json(since) + '}');
  }
  std::string body = "{";
  add_count("beat", ++beats_, body);
  add_text("since", to_rfc3339(wall_, 3), body);
  add_number("span_ms", milliseconds(steady - steady_), body);
  // How far the wall clock went more, or less, than the time that passed: it was set, or runs badly.
  add_number("clock_moved_ms", milliseconds((wall - wall_) - (steady - steady_)), body);
  add_count("alerts_accepted", seen.alerts_accepted, body);
  add_count("alerts_folded", seen.alerts_folded, body);
  add_count("alerts_lost", seen.alerts_lost, body);
  add_count("alerts_repeated", seen.alerts_repeated, body);
  add_count("alerts_waiting", seen.alerts_waiting, body);
  add_count("ledger_entries", seen.ledger_entries, body);
  add_sources(sources, body);
  Notes out{{std::string{record::kEntryHeartbeat}, body + '}'}};
  if (!losing.empty()) {
    std::string drop = "{";
    add_text("since", to_rfc3339(wall_, 3), drop);
    add_sources(losing, drop);
    out.emplace_back(record::kEntryDrop, drop + '}');
  }
  steady_ = steady;
  wall_ = wall;
  return out;
}

std::optional<std::string> Heartbeat::clock_note(const liveness::Health& health) {
  if (health.state != liveness::kOwnClockJump) return std::nullopt;
  std::string body = "{";
  add_text("state", health.state, body);
  add_text("since", to_rfc3339(health.since, 3), body);
  const auto whole = [](double value) {  // of seconds, as thousandths; whatever it is, it fits
    return static_cast<std::int64_t>(std::clamp(value, -4e9, 4e9) * 1000);
  };
  add_number("moved_ms", whole(health.seen), body);
  return body + '}';
}

}  // namespace nw::app
