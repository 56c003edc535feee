// A ledger's directory as a LedgerView: its tree, and the stamps beside it. Reads beside a daemon that writes.
#pragma once

#include <filesystem>
#include <memory>

#include "record/bundle/collect.h"

namespace nw::bundle {

// not_found: nothing was signed yet.
Result<std::unique_ptr<LedgerView>> open_tree_view(const std::filesystem::path& ledger);

}  // namespace nw::bundle
