// A ledger with its tree, for tests: keys that anyone may know, entries that say which they are.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "record/ledger/tree.h"
#include "record/merkle/hash.h"
#include "unit/record/ledger/ledger_support.h"

namespace nw::record::test {

inline merkle::SignerKey test_key(std::string_view name = "test.example/ledger/1", char first = 0) {
  std::string seed;
  for (int i = 0; i < 32; ++i) seed += static_cast<char>(first + i);
  return *merkle::SignerKey::make(name, merkle::KeyType::note, seed);
}

inline merkle::SignerKey other_key() { return test_key("test.example/ledger/1", 64); }

// The root that these entries must lead to, made without any tile.
inline merkle::Hash root_over(const std::vector<std::string>& entries, std::size_t count) {
  merkle::CompactRange range;
  for (std::size_t i = 0; i < count; ++i) range.append(merkle::leaf_hash(entries[i]));
  return range.root();
}

inline merkle::Checkpoint head_of(const merkle::Note& note) { return *merkle::Checkpoint::parse(note.text); }

class TestLog {
 public:
  explicit TestLog(std::filesystem::path directory, FileOps& ops = system_files(),
                   const merkle::SignerKey& signer = shared_key())
      : directory_{std::move(directory)}, ops_{&ops}, key_{&signer} {
    reopen();
  }
  static const merkle::SignerKey& shared_key() {
    static const merkle::SignerKey key = test_key();
    return key;
  }

  // False when the tree refuses; error() says why.
  bool reopen() {
    tree_.reset();
    ledger_.reset();
    auto ledger = Ledger::open(small_segments(directory_, 16'384));
    if (!ledger) {
      error_ = ledger.error().what;
      return false;
    }
    ledger_ = std::move(*ledger);
    auto tree = Tree::open(directory_, *ledger_, *key_, *ops_);
    error_ = tree ? std::string{} : tree.error().what;
    if (tree) tree_ = std::move(*tree);
    return tree_ != nullptr;
  }
  void close() {
    tree_.reset();
    ledger_.reset();
  }
  // Entries, without a head.
  void append(std::size_t count) {
    std::vector<std::string> group;
    for (std::size_t i = 0; i < count; ++i) group.push_back(payload(7, ledger_->size() + i, 40 + i % 5));
    if (count != 0) {
      const auto appended = ledger_->append(group);
      ASSERT_TRUE(appended) << appended.error().what;
    }
    entries_.insert(entries_.end(), group.begin(), group.end());
  }
  // Entries, and a head over them.
  void grow(std::size_t count) {
    append(count);
    const auto size = tree_->advance(1'000'000);
    ASSERT_TRUE(size) << size.error().what;
    ASSERT_EQ(*size, ledger_->size());
  }

  [[nodiscard]] Ledger& ledger() { return *ledger_; }
  [[nodiscard]] Tree& tree() { return *tree_; }
  [[nodiscard]] bool opened() const { return tree_ != nullptr; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] const std::vector<std::string>& entries() const { return entries_; }
  [[nodiscard]] std::filesystem::path file(const std::string& name) const { return directory_ / "tree" / name; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  FileOps* ops_;
  const merkle::SignerKey* key_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<Tree> tree_;
  std::string error_;
  std::vector<std::string> entries_;
};

inline std::vector<std::string> files_below(const std::filesystem::path& directory) {
  std::vector<std::string> out;
  for (const auto& each : std::filesystem::recursive_directory_iterator{directory})
    if (each.is_regular_file()) out.push_back(std::filesystem::relative(each.path(), directory).string());
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace nw::record::test
