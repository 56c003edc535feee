// The files that decide what is stored of persons and who may reveal it: config/privacy.yaml, custodians.yaml.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/diagnostics.h"
#include "record/keys/keys.h"
#include "record/privacy/policy.h"
#include "record/privacy/sealing.h"

namespace nw::app {

struct PrivacyFiles {
  std::shared_ptr<const privacy::Policy> policy;  // null after an error
  std::vector<privacy::Custodian> custodians;     // none: nothing clear is kept
  std::string hash;                               // SHA-256 of both, hex
};
// Codes of the two readers, and privacy-basis: foreign addresses are to stand in clear, and nothing says what allows
// it.
PrivacyFiles read_privacy_files(const Config& config, Diagnostics& diagnostics);
// Those that are named, for disk_state().
std::vector<std::string> privacy_files(const Config& config);

// The name in keys and pseudonyms: privacy.operator, else made from `site`: small letters, '-' for what may not stand
// in it.
std::string operator_id_of(const Config& config);
// Where this configuration's keys lie. `custodians` is left empty.
record::Keys::Options keys_options(const Config& config);

}  // namespace nw::app
