// Files that the `evidence` commands read and write, and what a bundle takes from the site's own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "record/bundle/collect.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"

namespace nw::app {

// A signed-note key of one's own. `no_permission`: others may read it.
Result<merkle::SignerKey> read_signer(const std::string& file);
// A signed head: the file `checkpoint` of a ledger, as it was handed over earlier.
Result<merkle::Note> read_checkpoint_file(const std::string& file);
std::optional<merkle::Policy> read_policy_file(const std::string& file, Diagnostics& diagnostics);
// Writes a file that must not be there yet, readable for its owner only, and syncs it. `in_use`: it is there.
Result<> write_new_file(const std::string& file, std::string_view bytes);
// Opened objects and their nonces, by their paths in a bundle, from the files of a folder.
Result<bundle::Files> read_opened(const std::string& folder);

// Rules, norms and register as `config` names them now; of the register an extract about `assets`. Nothing after an
// error.
std::optional<bundle::Pack> read_pack(const Config& config, const std::vector<std::string>& assets,
                                      Diagnostics& diagnostics);

// An incident and where its alerts stand, from the store in the state directory.
Result<bundle::Wanted> read_case(const std::string& state_directory, const std::string& incident);

}  // namespace nw::app
