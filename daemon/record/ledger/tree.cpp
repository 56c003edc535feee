// The tree's one writer.
//
// What it writes before a head is signed lies beyond the last one, so nobody relies on it yet: a crash there costs
// nothing but writing it again. A head whose replacing failed may be on disk all the same; so that very head is tried
// again before anything else is made, and no tile that it covers is ever written anew.
#include "record/ledger/tree.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <fcntl.h>
#include <mutex>
#include <set>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "record/ledger/tree_files.h"

namespace nw::record {

namespace {

using merkle::as_text;
using merkle::full_tiles;
using merkle::Hash;
using merkle::kHashBytes;
using merkle::kTileLevels;
using merkle::kTileWidth;
using merkle::partial_width;
using merkle::Tile;
using merkle::tile_path;
using merkle::to_base64;

// From here on one sync of the file system takes the place of one for each file: at 5 ms each they would hold up the
// recorder's own.
constexpr std::uint64_t kManyEntries = 1024;
constexpr std::size_t kFoldersKnownMax = 4096;
constexpr std::uint64_t kTilesLookedBack = 256;  // 65,536 entries: more than one head covers anew

// The right edge: what the next head is made from.
struct Edge {
  merkle::CompactRange range;
  std::vector<std::string> levels;  // of each tile level, the hashes of its partial tile
  std::string bundle;               // the entries of levels[0]
};

// Signed, and perhaps on disk.
struct Unsettled {
  Edge edge;
  std::shared_ptr<const merkle::Note> note;
  std::vector<std::string> filled;  // paths of tiles that are full now
};

class TileTree final : public Tree {
 public:
  TileTree(const std::filesystem::path& directory, const Ledger& ledger, const merkle::SignerKey& key, FileOps& ops)
      : tree_{tree_folder(directory)}, ledger_{ledger}, key_{key}, ops_{ops} {}

  // Checks what is there. Call it once, first.
  Result<> start();

  Result<std::uint64_t> advance(std::size_t entries_max) override;
  [[nodiscard]] std::shared_ptr<const merkle::Note> checkpoint() const override {
    const std::lock_guard lock{note_mutex_};
    return note_;
  }
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_.load(std::memory_order_acquire); }
  Result<bool> add_signatures(std::uint64_t size, const std::vector<merkle::NoteSignature>& signatures) override;
  Result<std::uint64_t> keep_head() override;
  Result<> keep(const merkle::Note& head) override;

 private:
  Result<> restore(const SignedHead& head);
  Result<std::string> read_tile(const Tile& tile) const;
  Result<> check_kept(std::uint64_t kept) const;
  Result<> restore_bundle();
  Result<> take_in(std::uint64_t end, Edge& edge, std::vector<std::string>& filled);
  Result<> take(std::string_view entry, Edge& edge, std::vector<std::string>& filled);
  Result<> write_partials(const Edge& edge);
  Result<> put(const std::string& path, std::string_view bytes);
  Result<> sync_folders();
  Result<> settle();
  void prune(const Unsettled& done);
  void remove_partials(const std::string& path, unsigned but);
  void clear_up();
  void publish(std::shared_ptr<const merkle::Note> note, std::uint64_t size);
  Result<merkle::Note> with_signatures(const merkle::Note& note,
                                       const std::vector<merkle::NoteSignature>& signatures) const;

  // Constant after start().
  const std::filesystem::path tree_;
  const Ledger& ledger_;
  const merkle::SignerKey& key_;
  FileOps& ops_;

  // The advancing thread's own.
  Edge edge_;
  std::set<std::filesystem::path> known_, touched_;  // folders that are there; those with names that are not synced
  SyncBytes sync_ = SyncBytes::now;

  // Held while a head is written: by the advancing thread, and by those who add signatures.
  std::mutex head_mutex_;
  std::optional<Unsettled> unsettled_;

  mutable std::mutex note_mutex_;  // never held over a call to the disk
  std::shared_ptr<const merkle::Note> note_;
  std::atomic<std::uint64_t> size_{0};
};

Error refused(std::string text) { return {Errc::malformed, std::move(text) + ". " + std::string{kWayOut}}; }

Result<> TileTree::start() {
  const auto halted = read_halted(ops_, tree_);
  if (!halted) return halted.error();
  if (!halted->empty()) return Error{Errc::malformed, *halted};
  const auto file = checkpoint_file(tree_);
  const auto kept = kept_heads(tree_);
  if (!kept) return kept.error();
  const auto head = read_head(ops_, file);
  if (!head && head.error().code == Errc::malformed) return refused(head.error().what);
  if (!head && head.error().code != Errc::not_found) return head.error();
  if (!head && !kept->empty())
    return refused(file.string() + ": is missing, though heads are kept: a ledger of " + std::to_string(kept->back()) +
                   " entries was signed here; the head was removed");
  if (head) {
    if (const auto good = check_signed(*head, key_.verifier(), file.string()); !good) return refused(good.error().what);
    const std::uint64_t size = head->checkpoint.head.size;
    if (!kept->empty() && kept->back() > size)
      return refused(file.string() + ": covers " + std::to_string(size) + " entries, but a head of " +
                     std::to_string(kept->back()) + " is kept: the ledger was rolled back to an older state");
    if (ledger_.size() < size)
      return refused("the journal has " + std::to_string(ledger_.size()) + " entries, but " + std::to_string(size) +
                     " were signed (" + file.string() + "): the ledger was cut, or an older state was put back");
    if (auto restored = restore(*head); !restored)
      return restored.error().code == Errc::malformed ? refused(restored.error().what) : restored;
    if (!kept->empty())
      if (auto same = check_kept(kept->back()); !same)
        return same.error().code == Errc::malformed ? refused(same.error().what) : same;
    publish(std::make_shared<const merkle::Note>(head->note), size);
  }
  for (const char* part : {"tile", "heads"})
    if (auto made = make_directories(ops_, tree_ / part); !made) return made;
  clear_up();
  return {};
}

// A tile of the present edge, or a full one.
Result<std::string> TileTree::read_tile(const Tile& tile) const {
  const auto file = tree_ / tile_path(tile);
  auto bytes = read_file(ops_, file, merkle::kTileBytesMax);
  if (!bytes && bytes.error().code == Errc::not_found)
    return Error{Errc::malformed, file.string() + ": is missing, though the signed head covers it"};
  if (bytes && bytes->size() != tile.width * kHashBytes)
    return Error{Errc::malformed, file.string() + ": has " + std::to_string(bytes->size()) + " bytes instead of " +
                                      std::to_string(tile.width * kHashBytes) + ": it was cut or changed"};
  return bytes;
}

// The edge's nodes are all in partial tiles, one of each level.
Result<> TileTree::restore(const SignedHead& head) {
  const std::uint64_t size = head.checkpoint.head.size;
  std::string saved;
  for (unsigned shift = 64; shift > 0; shift -= 8) saved += static_cast<char>(size >> (shift - 8) & 0xffU);
  std::vector<Tile> tiles;
  for (unsigned level = 0; level * kTileLevels < 64 && size >> level * kTileLevels > 0; ++level) {
    const Tile& tile = tiles.emplace_back(Tile{level, full_tiles(level, size), partial_width(level, size)});
    std::string& bytes = edge_.levels.emplace_back();
    if (tile.width == 0) continue;
    auto read = read_tile(tile);
    if (!read) return read.error();
    bytes = std::move(*read);
  }
  for (unsigned level = 63; level-- > 0;) {
    if ((size >> level & 1U) == 0) continue;
    const Tile& tile = tiles[level / kTileLevels];
    const auto node = node_from_tile({level, (size >> level) - 1}, tile, edge_.levels[tile.level]);
    if (!node) return node.error();
    saved += as_text(*node);
  }
  auto range = merkle::CompactRange::restore(saved);
  if (!range) return range.error();
  edge_.range = std::move(*range);
  if (edge_.range.root() != head.checkpoint.head.root)
    return Error{Errc::malformed, tree_.string() + ": the tiles lead to the root " + to_base64(edge_.range.root()) +
                                      ", but the head of " + std::to_string(size) + " entries is signed over " +
                                      to_base64(head.checkpoint.head.root) +
                                      ": tiles were changed, or this is another history than the signed one (a fork)"};
  return restore_bundle();
}

// Out of the journal, which is what was accepted; so its last entries are compared with the tree at once.
Result<> TileTree::restore_bundle() {
  const std::uint64_t size = edge_.range.size();
  for (std::uint64_t at = full_tiles(0, size) * kTileWidth; at < size;) {
    const auto entries = ledger_.read(at, size - at);
    if (!entries) return entries.error();
    if (entries->empty()) return Error{Errc::io, "the journal does not give entry " + std::to_string(at)};
    for (const Entry& entry : *entries) {
      const std::string_view leaf = std::string_view{edge_.levels[0]}.substr(at % kTileWidth * kHashBytes, kHashBytes);
      if (as_text(merkle::leaf_hash(entry.payload)) != leaf)
        return Error{Errc::malformed, "entry " + std::to_string(at) +
                                          " of the journal is not the one that was signed: entries were edited, "
                                          "removed or put in another order"};
      if (auto added = merkle::append_to_bundle(edge_.bundle, entry.payload); !added) return added;
      ++at;
    }
  }
  return {};
}

Result<> TileTree::check_kept(std::uint64_t kept) const {
  const auto file = kept_head_file(tree_, kept);
  const auto head = read_head(ops_, file);
  if (!head) return head.error();
  if (auto good = check_signed(*head, key_.verifier(), file.string()); !good) return good;
  if (head->checkpoint.head.size != kept)
    return Error{Errc::malformed, file.string() + ": is the head of " + std::to_string(head->checkpoint.head.size) +
                                      " entries, not of those in its name"};
  std::string bytes;
  const auto tile = [&](const Tile& wanted) -> Result<std::string_view> {
    auto read = read_tile(wanted);
    if (!read) return read.error();
    bytes = std::move(*read);
    return std::string_view{bytes};
  };
  const std::uint64_t size = edge_.range.size();
  const auto root = merkle::root_of(kept, [&](merkle::NodeId node) { return node_from_tiles(node, size, tile); });
  if (!root) return root.error();
  if (*root != head->checkpoint.head.root)
    return Error{Errc::malformed, file.string() + ": the present tree does not continue this head of " +
                                      std::to_string(kept) +
                                      " entries: history before it was rewritten and signed again (a fork)"};
  return {};
}

Result<std::uint64_t> TileTree::advance(std::size_t entries_max) {
  if (auto settled = settle(); !settled) return settled.error();
  const std::uint64_t from = edge_.range.size();
  const std::uint64_t end = std::min<std::uint64_t>(ledger_.size(), from + entries_max);
  if (end <= from) return from;
  Unsettled next{edge_, nullptr, {}};
  // Open while they are written, so that whatever goes wrong with them is told.
  const auto top = open_existing(ops_, tree_, O_RDONLY | O_DIRECTORY);
  if (!top) return top.error();
  sync_ = end - from < kManyEntries ? SyncBytes::now : SyncBytes::later;
  if (auto taken = take_in(end, next.edge, next.filled); !taken) return taken.error();
  if (auto wrote = write_partials(next.edge); !wrote) return wrote.error();
  if (sync_ == SyncBytes::later)
    if (auto synced = sync_file_system(ops_, *top, tree_.string()); !synced) return synced.error();
  if (auto synced = sync_folders(); !synced) return synced.error();
  const merkle::Checkpoint head{key_.verifier().name, {end, next.edge.range.root()}, {}};
  const auto text = head.to_text();
  if (!text) return text.error();
  auto signature = sign_note(*text, key_);
  if (!signature) return signature.error();
  next.note = std::make_shared<const merkle::Note>(merkle::Note{*text, {std::move(*signature)}});
  {
    const std::lock_guard lock{head_mutex_};
    unsettled_ = std::move(next);
  }
  if (auto settled = settle(); !settled) return settled.error();
  return end;
}

Result<> TileTree::take_in(std::uint64_t end, Edge& edge, std::vector<std::string>& filled) {
  while (edge.range.size() < end) {
    const std::uint64_t at = edge.range.size();
    const auto entries = ledger_.read(at, static_cast<std::size_t>(end - at));
    if (!entries) return entries.error();
    if (entries->empty()) return Error{Errc::io, "the journal does not give entry " + std::to_string(at)};
    for (const Entry& entry : *entries)
      if (auto taken = take(entry.payload, edge, filled); !taken) return taken;
  }
  return {};
}

// An entry, and the tiles that are full with it.
Result<> TileTree::take(std::string_view entry, Edge& edge, std::vector<std::string>& filled) {
  const std::uint64_t index = edge.range.size();
  if (auto added = merkle::append_to_bundle(edge.bundle, entry); !added) return added;
  edge.range.append(merkle::leaf_hash(entry), [&](merkle::NodeId node, const Hash& hash) {
    if (node.level % kTileLevels != 0) return;
    const unsigned level = node.level / kTileLevels;
    if (edge.levels.size() <= level) edge.levels.resize(level + 1);
    edge.levels[level] += as_text(hash);
  });
  for (std::size_t level = 0; level < edge.levels.size() && edge.levels[level].size() == merkle::kTileBytesMax;
       ++level) {
    const std::uint64_t number = (index >> level * kTileLevels) / kTileWidth;
    filled.push_back(tile_path({static_cast<unsigned>(level), number, kTileWidth}));
    if (auto wrote = put(filled.back(), edge.levels[level]); !wrote) return wrote;
    edge.levels[level].clear();
    if (level != 0) continue;
    filled.push_back(merkle::bundle_path(number));
    if (auto wrote = put(filled.back(), edge.bundle); !wrote) return wrote;
    edge.bundle.clear();
  }
  return {};
}

// Those that are not as the last head's.
Result<> TileTree::write_partials(const Edge& edge) {
  const std::uint64_t from = edge_.range.size(), to = edge.range.size();
  for (unsigned level = 0; level < edge.levels.size(); ++level) {
    if (from >> level * kTileLevels == to >> level * kTileLevels) break;
    const unsigned width = partial_width(level, to);
    if (width == 0) continue;
    const std::uint64_t number = full_tiles(level, to);
    if (auto wrote = put(tile_path({level, number, width}), edge.levels[level]); !wrote) return wrote;
    if (level != 0) continue;
    if (auto wrote = put(merkle::bundle_path(number, width), edge.bundle); !wrote) return wrote;
  }
  return {};
}

Result<> TileTree::put(const std::string& path, std::string_view bytes) {
  const auto file = tree_ / path;
  const auto folder = file.parent_path();
  if (!known_.contains(folder)) {
    if (auto made = make_directories(ops_, folder); !made) return made;
    if (known_.size() == kFoldersKnownMax) known_.clear();
    known_.insert(folder);
  }
  if (sync_ == SyncBytes::now) touched_.insert(folder);
  return write_file(ops_, file, bytes, sync_);
}

Result<> TileTree::sync_folders() {
  while (!touched_.empty()) {
    if (auto synced = sync_directory(ops_, *touched_.begin()); !synced) return synced;
    touched_.erase(touched_.begin());
  }
  return {};
}

// Puts the head that was signed in force.
Result<> TileTree::settle() {
  const std::lock_guard lock{head_mutex_};
  if (!unsettled_) return {};
  if (auto replaced = replace_file(ops_, checkpoint_file(tree_), unsettled_->note->to_string()); !replaced)
    return replaced;
  edge_ = std::move(unsettled_->edge);
  publish(unsettled_->note, edge_.range.size());
  prune(*unsettled_);
  unsettled_.reset();
  return {};
}

void TileTree::publish(std::shared_ptr<const merkle::Note> note, std::uint64_t size) {
  {
    const std::lock_guard lock{note_mutex_};
    note_ = std::move(note);
  }
  size_.store(size, std::memory_order_release);
}

// Partial tiles that no head on disk needs: of tiles that are full now, older ones of the edge, and what a crash left.
void TileTree::prune(const Unsettled& done) {
  for (const std::string& path : done.filled) remove_partials(path, 0);
  const std::uint64_t size = edge_.range.size();
  for (unsigned level = 0; level < edge_.levels.size(); ++level) {
    const std::uint64_t number = full_tiles(level, size);
    const unsigned width = partial_width(level, size);
    remove_partials(tile_path({level, number, kTileWidth}), width);
    if (level == 0) remove_partials(merkle::bundle_path(number), width);
  }
}

// What a crash between a head and its pruning has left: the last head's edge was a few tiles back.
void TileTree::clear_up() {
  const std::uint64_t size = edge_.range.size();
  for (unsigned level = 0; level < edge_.levels.size(); ++level) {
    const std::uint64_t end = full_tiles(level, size);
    for (std::uint64_t number = end - std::min(end, kTilesLookedBack); number < end; ++number) {
      remove_partials(tile_path({level, number, kTileWidth}), 0);
      if (level == 0) remove_partials(merkle::bundle_path(number), 0);
    }
  }
}

// A failure costs a little space, no more.
void TileTree::remove_partials(const std::string& path, unsigned but) {
  const auto folder = partial_folder(tree_, path);
  std::error_code error;
  std::vector<std::filesystem::path> old;
  for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error))
    if (but == 0 || at->path().filename() != std::to_string(but)) old.push_back(at->path());
  for (const auto& file : old) ops_.unlink(file.c_str());
  if (but != 0 || error) return;
  std::filesystem::remove(folder, error);
  known_.erase(folder);
}

Result<merkle::Note> TileTree::with_signatures(const merkle::Note& note,
                                               const std::vector<merkle::NoteSignature>& signatures) const {
  merkle::Note out = note;
  for (const merkle::NoteSignature& signature : signatures) {
    if (signature.name == key_.verifier().name && signature.id == key_.verifier().id) continue;  // ours stays
    const auto same = std::ranges::find_if(
        out.signatures, [&](const auto& each) { return each.name == signature.name && each.id == signature.id; });
    if (same != out.signatures.end())
      *same = signature;
    else
      out.signatures.push_back(signature);
  }
  if (const auto back = merkle::Note::parse(out.to_string()); !back)
    return Error{Errc::invalid_argument, "signatures that the head cannot take: " + back.error().what};
  return out;
}

Result<bool> TileTree::add_signatures(std::uint64_t size, const std::vector<merkle::NoteSignature>& signatures) {
  const std::lock_guard lock{head_mutex_};
  const auto note = checkpoint();
  // Not beneath a head that is perhaps on disk already.
  const bool current = note != nullptr && this->size() == size && !unsettled_;
  if (current) {
    auto more = with_signatures(*note, signatures);
    if (!more) return more.error();
    if (more->signatures != note->signatures) {
      if (auto replaced = replace_file(ops_, checkpoint_file(tree_), more->to_string()); !replaced)
        return replaced.error();
      publish(std::make_shared<const merkle::Note>(std::move(*more)), size);
    }
  }
  const auto file = kept_head_file(tree_, size);
  const auto kept = read_head(ops_, file);
  if (!kept && kept.error().code == Errc::not_found) return current;
  if (!kept) return kept.error();
  auto more = with_signatures(kept->note, signatures);
  if (!more) return more.error();
  if (more->signatures == kept->note.signatures) return current;
  if (auto replaced = replace_file(ops_, file, more->to_string()); !replaced) return replaced.error();
  return current;
}

Result<std::uint64_t> TileTree::keep_head() {
  const std::lock_guard lock{head_mutex_};
  const auto note = checkpoint();
  if (note == nullptr) return Error{Errc::not_found, "no head was signed yet"};
  const std::uint64_t size = this->size();
  if (auto replaced = replace_file(ops_, kept_head_file(tree_, size), note->to_string()); !replaced)
    return replaced.error();
  return size;
}

Result<> TileTree::keep(const merkle::Note& head) {
  const auto parsed = parse_head(head.to_string(), "the head to keep");
  if (!parsed) return parsed.error();
  if (auto ours = check_signed(*parsed, key_.verifier(), "the head to keep"); !ours) return ours;
  const std::uint64_t size = parsed->checkpoint.head.size;
  const std::lock_guard lock{head_mutex_};
  const auto note = checkpoint();
  if (note == nullptr || size > this->size())
    return Error{Errc::invalid_argument, "no head of " + std::to_string(size) + " entries was signed yet"};
  // The present one may have got signatures meanwhile, and so may the one that is kept.
  const auto file = kept_head_file(tree_, size);
  if (size == this->size()) return replace_file(ops_, file, note->to_string());
  const auto kept = read_head(ops_, file);
  if (kept) return {};
  if (kept.error().code != Errc::not_found) return kept.error();
  return replace_file(ops_, file, head.to_string());
}

}  // namespace

Result<std::unique_ptr<Tree>> Tree::open(const std::filesystem::path& directory, const Ledger& ledger,
                                         const merkle::SignerKey& key, FileOps& ops) {
  if (key.verifier().type != merkle::KeyType::note)
    return Error{Errc::invalid_argument, "'" + key.verifier().name + "' is a witness's key; a ledger's is of type 1"};
  auto tree = std::make_unique<TileTree>(directory, ledger, key, ops);
  if (auto started = tree->start(); !started) return started.error();
  return std::unique_ptr<Tree>{std::move(tree)};
}

}  // namespace nw::record
