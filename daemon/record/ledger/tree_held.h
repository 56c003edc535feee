// Heads of this ledger that lie beside its tree, because witnesses or authorities of time have signed them: whoever
// removes the tree, or puts an older one back, must take them for fools, too.
//
//   <ledger>/witnessed                       the newest head that the policy of witnesses accepted
//   <ledger>/stamps/<20 digits>.checkpoint   heads that were stamped
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/ledger/durable_file.h"
#include "record/merkle/note.h"

namespace nw::record {

struct HeldHeads {
  std::vector<merkle::Note> notes;
  std::vector<std::string> names;  // of their files, one for each
  std::vector<Error> damaged;      // files that are no heads: they say that there was one, no more
};
// The newest of them, a bounded number. Read them before the tree: it may grow meanwhile.
Result<HeldHeads> read_held(FileOps& ops, const std::filesystem::path& ledger);

// `malformed`: they are there and the tree's head is not, one is of more entries than it, or not by `key`. Cheap.
Result<> check_held(FileOps& ops, const std::filesystem::path& ledger, const merkle::VerifierKey& key,
                    const HeldHeads& held);
// `malformed`: by its tiles, the tree does not continue one of them. Reads some tiles for each.
Result<> check_held_by_tiles(FileOps& ops, const std::filesystem::path& ledger, const HeldHeads& held);

}  // namespace nw::record
