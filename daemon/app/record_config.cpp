#include "app/record_config.h"

#include <array>
#include <optional>

#include "base/text.h"
#include "record/privacy/kdf.h"

namespace nw::app {

namespace {

constexpr Nanoseconds kDay = std::chrono::hours{24};

// A section of the configuration, when it is there; finished when it goes.
class Section {
 public:
  Section(YamlMap& map, const char* name, std::string_view file, Diagnostics& diagnostics) {
    if (const YamlNode* node = map.take(name)) map_.emplace(*node, "'" + std::string{name} + "'", file, diagnostics);
  }
  ~Section() {
    if (map_) map_->finish();
  }
  Section(const Section&) = delete;
  Section& operator=(const Section&) = delete;
  explicit operator bool() const { return map_.has_value(); }
  YamlMap& operator*() { return *map_; }
  YamlMap* operator->() { return &*map_; }

 private:
  std::optional<YamlMap> map_;
};

Nanoseconds bounded(YamlMap& map, std::string_view key, Nanoseconds fallback, Nanoseconds least, Nanoseconds most) {
  const Nanoseconds value = map.duration(key, fallback);
  if (value < least || value > most)
    map.error(map.mark(), "out-of-range",
              "'" + std::string{key} + "' must be from " + format_duration(least) + " to " + format_duration(most));
  return value;
}

void read_ledger(YamlMap& map, LedgerConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "ledger", file, diagnostics};
  if (!part) return;
  out.origin = part->text("origin");
  out.checkpoint_every =
      bounded(*part, "checkpoint_every", out.checkpoint_every, std::chrono::milliseconds{100}, std::chrono::hours{1});
  out.heartbeat_every = bounded(*part, "heartbeat_every", out.heartbeat_every, std::chrono::seconds{1}, kDay);
  out.verify_every = bounded(*part, "verify_every", out.verify_every, std::chrono::seconds{1}, 30 * kDay);
}

void read_witness(YamlMap& map, WitnessConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "witness", file, diagnostics};
  if (!part) return;
  out.policy = part->text("policy");
  out.logs = part->text("logs");
  out.ca = part->text("ca");
  out.every = bounded(*part, "every", out.every, std::chrono::seconds{1}, kDay);
}

void read_stamps(YamlMap& map, StampConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "stamps", file, diagnostics};
  if (!part) return;
  out.url = part->text("url");
  out.ca = part->text("ca");
  out.every = bounded(*part, "every", out.every, std::chrono::minutes{1}, 366 * kDay);
}

void read_privacy(YamlMap& map, PrivacyConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "privacy", file, diagnostics};
  if (!part) return;
  out.policy = part->text("policy");
  out.custodians = part->text("custodians");
  out.operator_id = part->text("operator");
  if (!out.operator_id.empty() && !privacy::is_operator_id(out.operator_id))
    part->error(part->mark(), "bad-id",
                "'operator' is no name of an operator: '" + printable(out.operator_id, 64) + "'",
                "1 to 64 of a-z, 0-9, dot, dash and underscore, beginning with a letter or a digit");
  out.foreign_addresses_clear = part->boolean("foreign_addresses_clear", out.foreign_addresses_clear);
  const auto count = [&part](std::string_view key, std::size_t fallback, std::int64_t most) {
    return static_cast<std::size_t>(part->integer(key, static_cast<std::int64_t>(fallback), 1, most));
  };
  out.requests_per_day = count("requests_per_day", out.requests_per_day, 1'000);
  out.values_max = count("values_max", out.values_max, 1'000);
  out.expires_after = bounded(*part, "expires_after", out.expires_after, std::chrono::minutes{1}, 30 * kDay);
}

// Downwards as one likes; upwards only with a basis in law.
void read_retention(YamlMap& map, RetentionConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "retention", file, diagnostics};
  if (!part) return;
  out.basis = part->text("basis");
  const auto kept = [&](std::string_view key, Nanoseconds fallback) {
    const Nanoseconds value = bounded(*part, key, fallback, std::chrono::seconds{1}, 36'500 * kDay);
    if (value > fallback && trim(out.basis).empty())
      part->error(part->mark(), "retention-basis",
                  "'" + std::string{key} + "' is longer than the default of " + format_duration(fallback) +
                      ", and no 'basis' says what allows it",
                  "add the law or decision as `basis`, or keep it shorter");
    return value;
  };
  out.evidence = kept("evidence", out.evidence);
  out.reveals = kept("reveals", out.reveals);
  out.keys = kept("keys", out.keys);
  out.every = bounded(*part, "every", out.every, std::chrono::seconds{1}, 7 * kDay);
}

void read_evidence(YamlMap& map, EvidenceConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "evidence", file, diagnostics};
  if (!part) return;
  static constexpr std::array<std::string_view, 2> kKept{"sealed", "off"};
  out.values = static_cast<KeepEvidence>(part->choice("values", 0, kKept));
  out.packets = static_cast<KeepEvidence>(part->choice("packets", 0, kKept));
  out.lines = static_cast<KeepEvidence>(part->choice("lines", 0, kKept));
  out.flow_bytes = part->bytes("flow_bytes", out.flow_bytes, 1U << 10, 64U << 20);
  out.flow_time = bounded(*part, "flow_time", out.flow_time, std::chrono::seconds{1}, std::chrono::hours{1});
  out.ring_bytes = part->bytes("ring_bytes", out.ring_bytes, 1U << 20, std::size_t{64} << 30);
  out.quota_bytes = part->bytes("quota_bytes", out.quota_bytes, 1U << 20, std::size_t{1} << 50);
}

void read_reporting(YamlMap& map, ReportingConfig& out, std::string_view file, Diagnostics& diagnostics) {
  Section part{map, "reporting", file, diagnostics};
  if (!part) return;
  out.regimes = part->texts("regimes");
  out.roles = part->texts("roles");
}

}  // namespace

void read_record_config(YamlMap& map, RecordConfig& config, std::string_view file, Diagnostics& diagnostics) {
  read_ledger(map, config.ledger, file, diagnostics);
  read_witness(map, config.witness, file, diagnostics);
  read_stamps(map, config.stamps, file, diagnostics);
  if (Section part{map, "keys", file, diagnostics}; part) config.keys.directory = part->text("directory");
  read_privacy(map, config.privacy, file, diagnostics);
  read_retention(map, config.retention, file, diagnostics);
  read_evidence(map, config.evidence, file, diagnostics);
  read_reporting(map, config.reporting, file, diagnostics);
}

std::vector<std::string*> paths_of(RecordConfig& config) {
  std::vector<std::string*> out{&config.witness.policy,    &config.witness.logs,   &config.witness.ca,
                                &config.stamps.ca,         &config.keys.directory, &config.privacy.policy,
                                &config.privacy.custodians};
  // A regime is a name, or a file: what has a slash or an ending.
  for (std::string& regime : config.reporting.regimes)
    if (regime.find('/') != std::string::npos || regime.ends_with(".yaml")) out.push_back(&regime);
  return out;
}

}  // namespace nw::app
