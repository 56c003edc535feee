// Checks a ledger and its tree as an outsider would: from the journal's bytes up to the signed heads. An entry stands
// in three places (journal, bundle, its hash in a tile) and under every head behind it; which of them agree tells what
// was done.
#include <algorithm>
#include <array>
#include <fcntl.h>
#include <set>
#include <utility>

#include "base/text.h"
#include "record/ledger/segment.h"
#include "record/ledger/tree_files.h"

namespace nw::record {

namespace {

using merkle::as_text;
using merkle::Hash;
using merkle::kHashBytes;
using merkle::kTileLevels;
using merkle::kTileWidth;
using merkle::Tile;
using merkle::to_base64;
using Hashes = std::vector<Hash>;

std::string number(std::uint64_t value) { return std::to_string(value); }

Hashes hashes_of(std::string_view bytes) {
  Hashes out(bytes.size() / kHashBytes);
  for (std::size_t i = 0; i < out.size(); ++i)
    std::ranges::copy(bytes.substr(i * kHashBytes, kHashBytes), out[i].begin());
  return out;
}

// Whether `ours` from `at` on is `signed_ones` from `signed_at` on, as far as both go, and both go on a little.
bool runs_on(const Hashes& ours, std::size_t at, const Hashes& signed_ones, std::size_t signed_at) {
  const std::size_t count = std::min(ours.size() - at, signed_ones.size() - signed_at);
  const auto from = [](const Hashes& all, std::size_t i) { return all.begin() + static_cast<std::ptrdiff_t>(i); };
  return count != 0 && std::equal(from(ours, at), from(ours, at + count), from(signed_ones, signed_at));
}

// A head that the entries must lead to.
struct Expected {
  std::string name;
  merkle::TreeHead head;
};

class TreeCheck {
 public:
  // `heads`: whether the journal leads to every head, whatever the tiles hold. `mend`: then these are made to follow.
  enum class Mode : unsigned char { compare, heads, mend };
  TreeCheck(const std::filesystem::path& directory, const TreeVerify& options, Mode mode = Mode::compare,
            FileOps& ops = system_files())
      : directory_{directory}, options_{options}, mode_{mode}, ops_{ops} {}
  Result<TreeVerified> run();
  [[nodiscard]] std::uint64_t mended() const { return mended_; }

 private:
  Error found(TreeFault fault, std::string text) const {
    if (options_.fault != nullptr) *options_.fault = fault;
    return {Errc::malformed, std::move(text)};
  }
  // What others report becomes `damaged`; a disk that fails stays what it is.
  Error passed_on(const Error& error, const std::string& what = {}) const {
    if (error.code == Errc::malformed || error.code == Errc::not_found)
      return found(TreeFault::damaged, what + error.what);
    return {error.code, what + error.what};
  }
  Result<> gather_heads();
  Result<> expect(const SignedHead& head, std::string name);
  Result<> read_journal();
  Result<> read_segment(const SegmentFile& segment, bool last);
  Result<> take(std::string_view payload);
  Result<> check_block();
  Result<> compare_block();
  Result<> mend(const std::string& path, const std::string& bytes);
  Result<> check_bundle(const std::string& disk, unsigned width);
  Error explain(std::uint64_t first, const Hashes& signed_ones, const std::string& bundle, unsigned width) const;
  Result<> check_upper(unsigned level, std::uint64_t index, unsigned width);
  Result<> check_end();

  const std::filesystem::path directory_;
  const TreeVerify& options_;
  const Mode mode_;
  FileOps& ops_;
  std::uint64_t mended_ = 0;
  std::optional<TreeReader> reader_;
  merkle::Checkpoint checkpoint_;
  std::optional<std::uint32_t> key_id_;
  std::vector<Expected> expected_;  // by size, rising
  std::size_t next_ = 0;            // in expected_
  std::optional<Error> unmet_;      // a head of this block that the entries do not lead to
  std::uint64_t journal_ = 0;       // entries read
  merkle::CompactRange range_;
  std::vector<std::string> levels_;  // hashes of the tile that is being filled
  std::string bundle_;
  std::vector<std::pair<unsigned, std::uint64_t>> filled_;  // upper tiles that are full with this block
};

Result<> TreeCheck::expect(const SignedHead& head, std::string name) {
  if (options_.key) {
    if (auto good = check_signed(head, *options_.key, name); !good)
      return found(TreeFault::other_key, good.error().what);
  } else {
    if (!checkpoint_.origin.empty() && head.checkpoint.origin != checkpoint_.origin)
      return found(TreeFault::other_key, name + ": is a head of the log '" + printable(head.checkpoint.origin) +
                                             "', the ledger's present head is of '" + printable(checkpoint_.origin) +
                                             "'");
    std::set<std::uint32_t> ids;
    for (const merkle::NoteSignature& each : head.note.signatures)
      if (each.name == head.checkpoint.origin) ids.insert(each.id);
    if (ids.empty())
      return found(TreeFault::other_key,
                   name + ": is not signed in the name of its own log, '" + printable(head.checkpoint.origin) + "'");
    if (!key_id_) key_id_ = *ids.begin();
    if (!ids.contains(*key_id_))
      return found(TreeFault::other_key, name +
                                             ": is signed by another key than the ledger's present head: one of "
                                             "them was signed again");
  }
  if (const std::uint64_t size = head.checkpoint.head.size; size > checkpoint_.head.size && !checkpoint_.origin.empty())
    return found(TreeFault::rolled_back, name + ": covers " + number(size) +
                                             " entries, but the ledger's present head only " +
                                             number(checkpoint_.head.size) +
                                             ": the ledger was rolled back to an older state, or cut and "
                                             "signed again");
  // A head of no entries says nothing: every history begins with it.
  if (head.checkpoint.head.size != 0) expected_.push_back({std::move(name), head.checkpoint.head});
  return {};
}

Result<> TreeCheck::gather_heads() {
  FileOps& files = system_files();
  const auto tree = tree_folder(directory_);
  const auto file = checkpoint_file(tree);
  auto head = read_head(files, file);
  if (!head && head.error().code == Errc::not_found) {
    const auto kept = kept_heads(tree);
    if (kept && kept->empty() && options_.held.empty())
      return Error{Errc::not_found, file.string() + ": nothing was signed here yet"};
    return found(TreeFault::rolled_back, file.string() + ": is missing, though heads are kept " +
                                             (kept && kept->empty() ? "outside" : "beside it") + ": it was removed");
  }
  if (!head) return passed_on(head.error());
  if (auto expected = expect(*head, file.string()); !expected) return expected;
  checkpoint_ = head->checkpoint;
  auto reader = TreeReader::open(directory_);
  if (!reader) return passed_on(reader.error());
  reader_.emplace(std::move(*reader));
  // Listed behind the head: one that is kept meanwhile may cover more than it.
  const auto kept = kept_heads(tree);
  if (!kept) return passed_on(kept.error());
  for (const std::uint64_t size : *kept) {
    const auto path = kept_head_file(tree, size);
    const auto old = read_head(files, path);
    if (!old) return passed_on(old.error());
    if (old->checkpoint.head.size != size)
      return found(TreeFault::damaged, path.string() + ": is the head of " + number(old->checkpoint.head.size) +
                                           " entries, not of those in its name");
    if (size > checkpoint_.head.size) {
      const auto now = read_head(files, file);
      if (now && now->checkpoint.head.size >= size) continue;
    }
    if (auto expected = expect(*old, path.string()); !expected) return expected;
  }
  for (std::size_t i = 0; i < options_.held.size(); ++i) {
    const std::string name = i < options_.held_names.size()
                                 ? options_.held_names[i]
                                 : "the head that is held outside" + (i == 0 ? "" : " (number " + number(i + 1) + ")");
    auto held = parse_head(options_.held[i].to_string(), name);
    if (!held) return Error{Errc::invalid_argument, held.error().what};
    if (auto expected = expect(*held, name); !expected) return expected;
  }
  std::ranges::stable_sort(expected_, {}, [](const Expected& each) { return each.head.size; });
  return {};
}

Result<> TreeCheck::read_journal() {
  const auto segments = list_segments(directory_ / "journal");
  if (!segments) return passed_on(segments.error());
  for (std::size_t i = 0; i < segments->size(); ++i) {
    const SegmentFile& segment = (*segments)[i];
    if (segment.first != journal_)
      return found(TreeFault::removed, segment.path.string() + ": begins at entry " + number(segment.first) + ", but " +
                                           number(journal_) + " entries stand before it");
    if (auto read = read_segment(segment, i + 1 == segments->size()); !read) return read;
  }
  return {};
}

Result<> TreeCheck::read_segment(const SegmentFile& segment, bool last) {
  FileOps& files = system_files();
  const std::string name = segment.path.string();
  const auto file = open_existing(files, segment.path, O_RDONLY);
  if (!file) return passed_on(file.error());
  RecordReader reader{files, *file, name, 0, segment.bytes};
  for (;;) {
    const auto step = reader.next();
    if (!step) return passed_on(step.error());
    if (*step == RecordReader::Step::end) return {};
    if (*step == RecordReader::Step::fault) {
      if (last) {
        const auto torn = is_torn_tail(files, *file, name, reader.offset(), segment.bytes);
        if (!torn) return passed_on(torn.error());
        if (*torn) return {};
      }
      return passed_on(damaged(name, reader.offset()), "entry " + number(journal_) + ": ");
    }
    if (journal_ < checkpoint_.head.size)
      if (auto taken = take(reader.payload()); !taken) return taken;
    ++journal_;
    if (journal_ % kTileWidth == 0 && options_.go_on && !options_.go_on())
      return Error{Errc::unavailable, "the check was stopped at entry " + number(journal_)};
  }
}

Result<> TreeCheck::take(std::string_view payload) {
  if (auto added = merkle::append_to_bundle(bundle_, payload); !added) return passed_on(added.error());
  range_.append(merkle::leaf_hash(payload), [&](merkle::NodeId node, const Hash& hash) {
    if (node.level % kTileLevels != 0) return;
    const unsigned level = node.level / kTileLevels;
    if (levels_.size() <= level) levels_.resize(level + 1);
    levels_[level] += as_text(hash);
    if (level != 0 && levels_[level].size() == merkle::kTileBytesMax)
      filled_.emplace_back(level, node.index / kTileWidth);
  });
  for (; next_ < expected_.size() && expected_[next_].head.size == range_.size(); ++next_) {
    const Expected& expected = expected_[next_];
    const Hash root = range_.root();
    if (root == expected.head.root || unmet_) continue;
    // Told behind the block's entries: if one of them was changed, that says more.
    unmet_ = Error{Errc::malformed,
                   expected.name + ": the first " + number(expected.head.size) + " entries lead to the root " +
                       to_base64(root) + ", but this head is signed over " + to_base64(expected.head.root) +
                       ": it is of another history; entries were rewritten together with their tiles, or two "
                       "histories were signed (a fork)"};
  }
  return range_.size() % kTileWidth == 0 ? check_block() : Result<>{};
}

// The block of entries that ends here, whole or the last of all.
Result<> TreeCheck::check_block() {
  const std::uint64_t size = range_.size();
  if (levels_.empty() || levels_[0].empty()) return {};
  if (mode_ == Mode::compare)
    if (auto same = compare_block(); !same) return same;
  if (unmet_) return found(TreeFault::fork, unmet_->what);
  if (mode_ == Mode::mend) {
    const auto width = static_cast<unsigned>(levels_[0].size() / kHashBytes);
    const std::uint64_t index = (size - 1) / kTileWidth;
    if (auto mended = mend(tile_path(Tile{0, index, width}), levels_[0]); !mended) return mended;
    if (auto mended = mend(merkle::bundle_path(index, width), bundle_); !mended) return mended;
  }
  for (const auto& [level, number_of] : filled_) {
    if (auto same = check_upper(level, number_of, kTileWidth); !same) return same;
    levels_[level].clear();
  }
  filled_.clear();
  if (size % kTileWidth == 0) {
    levels_[0].clear();
    bundle_.clear();
  }
  return {};
}

// A file that is not as it follows from the entries.
Result<> TreeCheck::mend(const std::string& path, const std::string& bytes) {
  const auto file = tree_folder(directory_) / path;
  const auto there = read_file(ops_, file, kBundleBytesMax);
  if (there && *there == bytes) return {};
  if (!there && there.error().code != Errc::not_found && there.error().code != Errc::malformed) return there.error();
  if (auto made = make_directories(ops_, file.parent_path()); !made) return made;
  if (auto replaced = replace_file(ops_, file, bytes); !replaced) return replaced;
  ++mended_;
  return {};
}

Result<> TreeCheck::compare_block() {
  const std::string& ours = levels_[0];
  const std::uint64_t index = (range_.size() - 1) / kTileWidth;
  // As wide as the head has it: also when the journal ends before.
  const auto width =
      static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, checkpoint_.head.size - index * kTileWidth));
  const auto tile = reader_->file(tile_path(Tile{0, index, width}));
  if (!tile) return passed_on(tile.error());
  const auto bundle = reader_->file(merkle::bundle_path(index, width));
  if (!bundle) return passed_on(bundle.error());
  if (!tile->starts_with(ours)) {
    Hashes signed_ones = hashes_of(*tile);
    // One more tile tells a removed entry from an edited one at the block's end.
    if (const std::uint64_t behind = (index + 1) * kTileWidth; behind < checkpoint_.head.size) {
      const auto more = static_cast<unsigned>(std::min<std::uint64_t>(kTileWidth, checkpoint_.head.size - behind));
      if (const auto next = reader_->file(tile_path(Tile{0, index + 1, more})))
        for (const Hash& hash : hashes_of(*next)) signed_ones.push_back(hash);
    }
    return explain(index * kTileWidth, signed_ones, *bundle, width);
  }
  return check_bundle(*bundle, width);
}

Result<> TreeCheck::check_bundle(const std::string& disk, unsigned width) {
  if (disk.starts_with(bundle_)) return {};
  const std::uint64_t first = (range_.size() - 1) / kTileWidth * kTileWidth;
  const std::string name = merkle::bundle_path(first / kTileWidth, width);
  const auto entries = merkle::parse_bundle(disk, width);
  if (!entries) return found(TreeFault::damaged, name + ": " + entries.error().what);
  const Hashes ours = hashes_of(levels_[0]);
  for (std::size_t i = 0; i < ours.size(); ++i)
    if (merkle::leaf_hash((*entries)[i]) != ours[i])
      return found(TreeFault::damaged,
                   name + ": entry " + number(first + i) + " was changed here; the journal has it as it was signed");
  return found(TreeFault::damaged, name + ": is not as it was written");
}

// The journal's entries from `first` on do not hash to those that were signed.
Error TreeCheck::explain(std::uint64_t first, const Hashes& signed_ones, const std::string& bundle,
                         unsigned width) const {
  const Hashes ours = hashes_of(levels_[0]);
  std::size_t at = 0;
  while (at < ours.size() && at < signed_ones.size() && ours[at] == signed_ones[at]) ++at;
  const std::string which = "entry " + number(first + at);
  if (const auto entries = merkle::parse_bundle(bundle, width);
      entries && at < entries->size() && merkle::leaf_hash((*entries)[at]) == ours[at])
    return found(TreeFault::edited, which + ": journal and bundle do not have the entry whose hash is in " +
                                        tile_path(Tile{0, first / kTileWidth, width}) +
                                        ": the entry was edited in both, or the tile was changed");
  for (std::size_t gone = 1; at + gone < signed_ones.size(); ++gone)
    if (runs_on(ours, at, signed_ones, at + gone))
      return found(TreeFault::removed, which +
                                           (gone == 1 ? " was" : " and the " + number(gone - 1) + " behind it were") +
                                           " removed from the journal: what follows has moved up");
  const auto same_ones = [](Hashes a, Hashes b) {
    std::ranges::sort(a);
    std::ranges::sort(b);
    return a == b;
  };
  if (same_ones(ours, {signed_ones.begin(),
                       signed_ones.begin() + static_cast<std::ptrdiff_t>(std::min(ours.size(), signed_ones.size()))}))
    return found(TreeFault::moved, which + " is not in its place: entries of the journal were put in another order");
  if (at + 1 < ours.size() && runs_on(ours, at + 1, signed_ones, at))
    return found(TreeFault::moved, which + " was put into the journal: what follows has moved down");
  return found(TreeFault::edited, which + " of the journal was edited: it is not the one that was signed");
}

Result<> TreeCheck::check_upper(unsigned level, std::uint64_t index, unsigned width) {
  const Tile tile{level, index, width};
  if (mode_ == Mode::heads) return {};
  if (mode_ == Mode::mend) return mend(tile_path(tile), levels_[level]);
  const auto disk = reader_->file(tile_path(tile));
  if (!disk) return passed_on(disk.error());
  if (*disk == levels_[level]) return {};
  return found(TreeFault::damaged,
               tile_path(tile) +
                   ": does not follow from the entries below it: it was changed, or entries and the tiles "
                   "under it were changed together");
}

Result<> TreeCheck::check_end() {
  const std::uint64_t size = checkpoint_.head.size;
  if (auto block = check_block(); !block) return block;
  if (journal_ < size)
    return found(TreeFault::cut, "the journal ends behind " + number(journal_) + " entries, but " + number(size) +
                                     " were signed: entries " + number(journal_) + " to " + number(size - 1) +
                                     " were cut off, or an older state of the journal was put back");
  for (unsigned level = 1; level < levels_.size(); ++level)
    if (const unsigned width = merkle::partial_width(level, size); width != 0)
      if (auto same = check_upper(level, merkle::full_tiles(level, size), width); !same) return same;
  return {};
}

Result<TreeVerified> TreeCheck::run() {
  if (options_.fault != nullptr) *options_.fault = TreeFault::none;
  if (auto heads = gather_heads(); !heads) return heads.error();
  if (auto read = read_journal(); !read) return read.error();
  if (auto end = check_end(); !end) return end.error();
  return TreeVerified{checkpoint_.head.size, expected_.size(), journal_ - checkpoint_.head.size, checkpoint_};
}

// Both passes of mend_tree().
Result<std::uint64_t> mend_in(const std::filesystem::path& directory, const TreeVerify& options, FileOps& ops) {
  if (const auto proven = TreeCheck{directory, options, TreeCheck::Mode::heads, ops}.run(); !proven)
    return proven.error();
  TreeCheck mending{directory, options, TreeCheck::Mode::mend, ops};
  if (const auto done = mending.run(); !done) return done.error();
  return mending.mended();
}

}  // namespace

std::string_view to_string(TreeFault fault) noexcept {
  static constexpr std::array<std::string_view, 9> kNames{"none", "damaged",     "edited", "removed",  "moved",
                                                          "cut",  "rolled_back", "fork",   "other_key"};
  return kNames[static_cast<std::size_t>(fault)];
}

Result<TreeVerified> verify_tree(const std::filesystem::path& directory, const TreeVerify& options) {
  return TreeCheck{directory, options}.run();
}

Result<TreeVerified> verify_tree(const std::filesystem::path& directory,
                                 const std::optional<merkle::VerifierKey>& key) {
  TreeVerify options;
  options.key = key;
  return verify_tree(directory, options);
}

Result<std::uint64_t> mend_tree(const std::filesystem::path& directory, const merkle::VerifierKey& key, FileOps& ops) {
  TreeVerify options;
  options.key = key;
  return mend_in(directory, options, ops);
}

}  // namespace nw::record
