#include "app/witness_files.h"

#include <algorithm>

#include "app/config.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr std::size_t kRootsBytesMax = std::size_t{1} << 20;

std::optional<merkle::Policy> read_policy(const std::string& file, Diagnostics& diagnostics) {
  const auto text = read_text_file(file, merkle::kPolicyBytesMax + 1);
  if (!text) {
    diagnostics.error(file, {}, "unreadable", text.error().what);
    return std::nullopt;
  }
  return merkle::Policy::parse(*text, file, diagnostics);
}

std::optional<exporter::HttpUrl> read_url(const std::string& url, const std::string& whose, std::string_view code,
                                          std::string_view file, Diagnostics& diagnostics) {
  auto parsed = exporter::parse_http_url(url, exporter::HttpSchemes::http_and_https);
  if (parsed) return std::move(*parsed);
  diagnostics.error(file, {}, code, whose + ": " + parsed.error().what);
  return std::nullopt;
}

void read_asked(const WitnessConfig& config, WitnessFiles& out, Diagnostics& diagnostics) {
  if (config.policy.empty()) return;
  out.policy = read_policy(config.policy, diagnostics);
  if (!out.policy) return;
  for (const merkle::PolicyWitness& witness : out.policy->witnesses) {
    const std::string whose = "witness '" + printable(witness.name, 64) + "'";
    if (witness.url.empty()) {
      diagnostics.warning(config.policy, {}, "witness-url", whose + " has no address, so it is never asked",
                          "write it behind the key: http://host:port");
      out.urls.emplace_back();
    } else {
      out.urls.push_back(read_url(witness.url, whose, "witness-url", config.policy, diagnostics));
    }
  }
}

void read_witnessed(const WitnessConfig& config, WitnessFiles& out, Diagnostics& diagnostics) {
  if (config.logs.empty()) return;
  auto policy = read_policy(config.logs, diagnostics);
  if (!policy) return;
  if (policy->logs.empty())
    diagnostics.error(config.logs, {}, "witness-logs", "there is no log to be witnessed", "add lines: log <vkey>");
  if (!policy->witnesses.empty() || policy->quorum)
    diagnostics.error(config.logs, {}, "witness-logs", "witnesses and a quorum say nothing about whom we witness",
                      "leave `log` lines and 'quorum none'; our own witnesses belong into witness.policy");
  out.logs = std::move(policy->logs);
}

}  // namespace

WitnessFiles read_witness_files(const RecordConfig& config, std::string_view config_file, Diagnostics& diagnostics) {
  WitnessFiles out;
  read_asked(config.witness, out, diagnostics);
  read_witnessed(config.witness, out, diagnostics);
  if (!config.stamps.url.empty()) {
    out.stamp_url = read_url(config.stamps.url, "stamps.url", "stamp-url", config_file, diagnostics);
    if (config.stamps.ca.empty()) {
      diagnostics.error(config_file, {}, "stamp-roots", "stamps need 'ca': who signs for the authority",
                        "name a PEM file with its roots; the system's certificates are for web sites");
    } else if (const auto pem = read_text_file(config.stamps.ca, kRootsBytesMax); !pem) {
      diagnostics.error(config.stamps.ca, {}, "unreadable", pem.error().what);
    } else if (auto roots = witness::StampRoots::parse(*pem); !roots) {
      diagnostics.error(config.stamps.ca, {}, "stamp-roots", roots.error().what);
    } else {
      out.stamp_roots = std::move(*roots);
    }
  }
  const auto over_tls = [](const std::optional<exporter::HttpUrl>& url) { return url && url->tls; };
  if (over_tls(out.stamp_url) || std::any_of(out.urls.begin(), out.urls.end(), over_tls)) {
    auto trust = exporter::open_tls_trust(config.witness.ca);
    if (trust)
      out.trust = std::move(*trust);
    else
      diagnostics.error(config.witness.ca.empty() ? config_file : config.witness.ca, {}, "witness-ca",
                        trust.error().what);
  }
  return out;
}

Result<merkle::Policy> with_own_key(merkle::Policy policy, const merkle::VerifierKey& ledger,
                                    const merkle::VerifierKey& own_witness) {
  for (const merkle::PolicyWitness& witness : policy.witnesses)
    if (witness.key.key == own_witness.key || witness.key.key == ledger.key)
      return Error{Errc::invalid_argument, "witness '" + printable(witness.name, 64) +
                                               "' has a key of this daemon; nobody can be its own witness"};
  bool origin = false;
  for (const merkle::PolicyLog& log : policy.logs) {
    if (log.key == ledger) return policy;
    origin = origin || log.key.name == ledger.name;
  }
  if (origin)
    return Error{Errc::invalid_argument, "the policy has another key for '" + printable(ledger.name) +
                                             "' than this ledger signs with; see: normwatch keys show"};
  policy.logs.push_back({ledger, {}});
  return policy;
}

}  // namespace nw::app
