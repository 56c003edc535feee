// The ledger as a transparency log: Merkle tiles and signed heads, derived from the journal.
//
//   <ledger>/tree/checkpoint                 the last signed head, with what witnesses added (record/merkle/note.h)
//   <ledger>/tree/tile/...                   C2SP tlog-tiles: hashes, and entries in bundles
//   <ledger>/tree/halted                     a check has found another history: nothing is opened for writing any more,
//                                            until somebody has settled that and removed the file
//   <ledger>/tree/heads/<size, 20 digits>    signed heads that are kept: one a day, and each that was stamped or named
//                                            in a proof
//
// The order on disk: entries are synced by the journal; then tiles are written and synced; then the head is signed, and
// renamed over the one before. On opening, the tiles are read again up to the last signed size: what does not lead to
// the signed root, or is shorter, refuses to go on: it would be a fork.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/ledger/durable_file.h"
#include "record/ledger/ledger.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/note.h"
#include "record/merkle/policy.h"
#include "record/merkle/proofs.h"

namespace nw::record {

// Reads the tree of a ledger: any process, any thread, beside a daemon that writes.
class TreeReader {
 public:
  // `directory` is the ledger's. not_found: nothing was signed yet.
  static Result<TreeReader> open(const std::filesystem::path& directory);

  // The last signed head, read anew. Its signatures are not looked at here.
  [[nodiscard]] Result<merkle::Note> checkpoint() const;
  // Heads that are kept, by size.
  [[nodiscard]] Result<std::vector<std::uint64_t>> heads() const;
  [[nodiscard]] Result<merkle::Note> head(std::uint64_t size) const;
  // Proofs in the tree of `size` entries, which a signed head must cover. Errors: invalid_argument, not_found (a tile
  // is missing), malformed.
  [[nodiscard]] Result<merkle::Proof> inclusion(std::uint64_t index, std::uint64_t size) const;
  [[nodiscard]] Result<merkle::Proof> consistency(std::uint64_t old_size, std::uint64_t size) const;
  // The entry's bytes, from its bundle.
  [[nodiscard]] Result<std::string> entry(std::uint64_t index, std::uint64_t size) const;
  // A file of the tree by its path in C2SP tlog-tiles: "checkpoint", "tile/0/000", "tile/entries/x001/000.p/3". The
  // writer keeps the partial tiles of its last head only; narrower ones are cut out of what is there, so whoever has an
  // older head finds them all the same. malformed: no such path; not_found: the head does not cover it.
  [[nodiscard]] Result<std::string> file(std::string_view path) const;

 private:
  explicit TreeReader(std::filesystem::path directory) : directory_{std::move(directory)} {}
  struct Wide;
  class Nodes;
  [[nodiscard]] Result<Wide> widest(bool entries, unsigned level, std::uint64_t index, unsigned least) const;
  [[nodiscard]] Result<> covers(std::uint64_t size) const;
  std::filesystem::path directory_;  // <ledger>/tree
};

// The one writer.
class Tree {
 public:
  // Verifies what is there (see above) and restores the right edge. `malformed`: a fork, a shortened tree, another key:
  // says which, and what to do; nothing is changed. The ledger and `ops` are borrowed.
  static Result<std::unique_ptr<Tree>> open(const std::filesystem::path& directory, const Ledger& ledger,
                                            const merkle::SignerKey& key, FileOps& ops = system_files());
  virtual ~Tree() = default;

  // Takes in what the ledger has, at most `entries_max` of it, and signs a head when it grew: the new size. One thread.
  // On an error the old head stays, here; on disk, too, unless the very last sync failed. The same call may be tried
  // again.
  virtual Result<std::uint64_t> advance(std::size_t entries_max) = 0;
  // The last signed head and its size. Any thread.
  [[nodiscard]] virtual std::shared_ptr<const merkle::Note> checkpoint() const = 0;
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
  // Adds witnesses' signatures to the head of `size`; false when the head has moved on, and then to the kept head of
  // that size, if there is one. Any thread.
  virtual Result<bool> add_signatures(std::uint64_t size, const std::vector<merkle::NoteSignature>& signatures) = 0;
  // Keeps the head of the present size below heads/; not_found: nothing was signed yet. Any thread.
  virtual Result<std::uint64_t> keep_head() = 0;
  // Likewise a head that checkpoint() gave before, unless one of its size is kept already. Any thread.
  virtual Result<> keep(const merkle::Note& head) = 0;
};

// What a tree's check found, for whoever has to act on it.
enum class TreeFault : unsigned char {
  none,
  damaged,      // a file is missing, cut or not readable, or copies of an entry disagree
  edited,       // an entry is not the one that was signed
  removed,      // entries are missing in the midst
  moved,        // entries are in another order, or there is one more
  cut,          // the journal ends before the signed head does
  rolled_back,  // a head that is kept, or that somebody holds, covers more entries than the present one
  fork,         // a head has another root than these entries
  other_key,    // a head is signed by another key, or is of another log
};
std::string_view to_string(TreeFault fault) noexcept;

// Reads the whole ledger and its tree again: every entry hashes to the tiles, the tiles to the signed head, kept heads
// continue each other, signatures are `key`'s (or, without one, of one key id throughout). `malformed` names the first
// fault: which entry, which file, and what it means. Takes no lock and changes nothing, so a daemon may be writing.
struct TreeVerified {
  std::uint64_t entries = 0, heads = 0;  // of the head, and heads that were compared
  std::uint64_t unsigned_entries = 0;    // behind the head: the next one takes them in
  merkle::Checkpoint checkpoint;
};
struct TreeVerify {
  std::optional<merkle::VerifierKey> key;
  std::vector<merkle::Note> held;       // heads that somebody outside has: the ledger must continue them
  std::vector<std::string> held_names;  // what they are called; none: by number
  std::function<bool()> go_on;          // asked every 256 entries; false: ends with `unavailable`
  TreeFault* fault = nullptr;           // filled
};
Result<TreeVerified> verify_tree(const std::filesystem::path& directory, const TreeVerify& options);
Result<TreeVerified> verify_tree(const std::filesystem::path& directory, const std::optional<merkle::VerifierKey>& key);

// Writes tiles and bundles anew that are damaged, changed or missing: how many files. First the journal must lead to
// every signed head by `key`, which proves what they have to hold; if it does not, `malformed`, and nothing is changed.
// No writer may be open.
Result<std::uint64_t> mend_tree(const std::filesystem::path& directory, const merkle::VerifierKey& key,
                                FileOps& ops = system_files());

}  // namespace nw::record
