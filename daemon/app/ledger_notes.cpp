#include "app/ledger_notes.h"

#include "app/version.h"
#include "base/text.h"
#include "record/entry.h"

namespace nw::app {

std::string hashes_json(const Snapshot& snapshot) {
  std::string out = "{\"rules\":" + std::to_string(snapshot.rules->size()) + ",\"rules_sha256\":\"" +
                    snapshot.rules_hash + "\",\"registry_sha256\":\"" + snapshot.registry_hash +
                    "\",\"sectors_sha256\":\"" + snapshot.sectors_hash + "\",\"norms_sha256\":\"" +
                    snapshot.norms_hash + '"';
  if (!snapshot.privacy_hash.empty()) out += ",\"privacy_sha256\":\"" + snapshot.privacy_hash + '"';
  if (!snapshot.indicators_hash.empty()) out += ",\"indicators_sha256\":\"" + snapshot.indicators_hash + '"';
  if (!snapshot.baseline_hash.empty()) out += ",\"baseline_sha256\":\"" + snapshot.baseline_hash + '"';
  if (!snapshot.regime_hash.empty()) out += ",\"regime_sha256\":\"" + snapshot.regime_hash + '"';
  if (!snapshot.vulnerabilities_hash.empty())
    out += ",\"vulnerabilities_sha256\":\"" + snapshot.vulnerabilities_hash + '"';
  return out + '}';
}

std::string register_json(const Snapshot& snapshot) {
  return "{\"sha256\":\"" + snapshot.registry_hash + "\",\"sectors_sha256\":\"" + snapshot.sectors_hash +
         "\",\"files\":" + std::to_string(snapshot.registry_files) +
         ",\"assets\":" + std::to_string(snapshot.registry->assets().size()) +
         ",\"prefixes\":" + std::to_string(snapshot.registry->prefix_count()) + '}';
}

std::string open_json(const Config& config) {
  std::string out = "{\"version\":";
  append_json_string(version(), out);
  out += ",\"revision\":";
  append_json_string(revision(), out);
  out += ",\"site\":";
  append_json_string(config.site, out);
  out.append(",\"").append(record::kOpenQuiet).append("\":\"");
  out.append(format_duration(config.incident_quiet)).append("\"");
  return out + '}';
}

}  // namespace nw::app
