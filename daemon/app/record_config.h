// What a site sets of the record: ledger, witnesses, stamps, keys, privacy, retention, evidence, incidents, reporting.
// config/normwatch.yaml is the commented sample.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"
#include "base/yaml.h"

namespace nw::app {

// The ledger as a transparency log (record/ledger).
struct LedgerConfig {
  std::string origin;                                      // the log's name; empty: the ledger key's name
  Nanoseconds checkpoint_every = std::chrono::seconds{1};  // a signed head, when there is something new
  Nanoseconds heartbeat_every = std::chrono::minutes{1};   // an entry that says what was seen and lost
  Nanoseconds verify_every = std::chrono::hours{1};        // reads itself again and compares with its heads
};

// Others who sign our heads, and logs whose heads we sign (C2SP tlog-witness).
struct WitnessConfig {
  std::string policy;                            // tlog-policy: our witnesses with their addresses, and the quorum
  std::string logs;                              // tlog-policy: `log` lines of those whom we witness
  Nanoseconds every = std::chrono::seconds{10};  // our head is sent so often, when it has grown
  std::string ca;                                // PEM: whom to trust over TLS; empty: the system's
};

// Legal time: RFC 3161.
struct StampConfig {
  std::string url;  // of a time-stamping authority; empty: none is asked
  std::string ca;   // PEM: its roots
  Nanoseconds every = std::chrono::hours{24};
};

// From systemd's credentials ($CREDENTIALS_DIRECTORY), else from here.
struct KeysConfig {
  std::string directory;  // empty: <state_directory>/keys
};

struct PrivacyConfig {
  std::string policy;       // config/privacy.yaml of the site; empty: the defaults
  std::string custodians;   // who reveal, two of them; empty: nothing can be revealed, and nothing clear is kept
  std::string operator_id;  // in keys and pseudonyms; empty: made from `site`
  bool foreign_addresses_clear = false;  // of alerts in classes C1 and C2, where the law allows it (`basis`)
  std::size_t requests_per_day = 10;     // reveals, of each requester
  std::size_t values_max = 100;          // of one request
  Nanoseconds expires_after = std::chrono::hours{72};  // a request that was not answered
};

// How long what is kept. Longer than the default wants a basis.
struct RetentionConfig {
  Nanoseconds evidence = std::chrono::hours{24 * 90};  // sealed values, packets, log lines
  Nanoseconds reveals = std::chrono::hours{24 * 730};
  Nanoseconds keys = std::chrono::hours{24 * 395};  // sealed keys of epochs; then their pseudonyms are random for good
  Nanoseconds every = std::chrono::hours{24};       // the job that deletes
  std::string basis;
};

enum class KeepEvidence : unsigned char { sealed, off };

struct EvidenceConfig {
  KeepEvidence values = KeepEvidence::sealed, packets = KeepEvidence::sealed, lines = KeepEvidence::sealed;
  std::size_t flow_bytes = 64U << 10;                // of each flow's beginning that a ring keeps
  Nanoseconds flow_time = std::chrono::seconds{60};  // and of its latest packets
  std::size_t ring_bytes = 64U << 20;                // of each worker
  std::size_t quota_bytes = std::size_t{10} << 30;   // on disk
};

// Alerts that belong together; who must be told of them.
struct ReportingConfig {
  std::vector<std::string> regimes;  // nis2, dora, cra, ..., or files
  std::vector<std::string> roles;    // what the entity is: cloud, trust_services, ...
};

struct RecordConfig {
  LedgerConfig ledger;
  WitnessConfig witness;
  StampConfig stamps;
  KeysConfig keys;
  PrivacyConfig privacy;
  RetentionConfig retention;
  EvidenceConfig evidence;
  ReportingConfig reporting;
};

// The sections that are there, out of the configuration's map.
void read_record_config(YamlMap& map, RecordConfig& config, std::string_view file, Diagnostics& diagnostics);
// Every path in it, for whoever resolves them.
std::vector<std::string*> paths_of(RecordConfig& config);

}  // namespace nw::app
