// The files of witnesses and stamps that the configuration names, read as a start or `normwatch check` reads them.
#pragma once

#include <optional>
#include <vector>

#include "app/record_config.h"
#include "base/diagnostics.h"
#include "export/http_client.h"
#include "record/merkle/policy.h"
#include "record/witness/stamp.h"

namespace nw::app {

struct WitnessFiles {
  std::optional<merkle::Policy> policy;                // none: no witness is asked
  std::vector<std::optional<exporter::HttpUrl>> urls;  // of the policy's witnesses; none: it cannot be asked
  std::vector<merkle::PolicyLog> logs;                 // whose heads we sign
  exporter::TlsTrust trust;                            // null: nobody is asked over https
  std::optional<exporter::HttpUrl> stamp_url;
  std::optional<witness::StampRoots> stamp_roots;
};

// Every fault goes to `diagnostics`: unreadable, witness-url, witness-logs, witness-ca, stamp-url, stamp-roots, and
// those of merkle::Policy. A witness without an address is a warning.
WitnessFiles read_witness_files(const RecordConfig& config, std::string_view config_file, Diagnostics& diagnostics);

// The policy with our ledger's key in it, for outsiders write theirs without us. invalid_argument: it names another key
// for our origin, or our own keys as a witness.
Result<merkle::Policy> with_own_key(merkle::Policy policy, const merkle::VerifierKey& ledger,
                                    const merkle::VerifierKey& own_witness);

}  // namespace nw::app
