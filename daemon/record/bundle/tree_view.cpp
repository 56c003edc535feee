#include "record/bundle/tree_view.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

#include "record/ledger/durable_file.h"
#include "record/ledger/tree.h"
#include "record/merkle/tiles.h"

namespace nw::bundle {

namespace {

constexpr std::size_t kStampBytesMax = std::size_t{1} << 20;

class TreeView final : public LedgerView {
 public:
  TreeView(record::TreeReader tree, std::filesystem::path stamps)
      : tree_{std::move(tree)}, stamps_{std::move(stamps)} {}

  Result<merkle::Note> checkpoint() const override { return tree_.checkpoint(); }
  Result<std::vector<std::uint64_t>> heads() const override { return tree_.heads(); }
  Result<merkle::Note> head(std::uint64_t size) const override { return tree_.head(size); }
  Result<merkle::Proof> inclusion(std::uint64_t index, std::uint64_t size) const override {
    return tree_.inclusion(index, size);
  }
  Result<merkle::Proof> consistency(std::uint64_t old_size, std::uint64_t size) const override {
    return tree_.consistency(old_size, size);
  }

  // A whole bundle at a time: one file for 256 entries.
  Result<std::vector<std::string>> entries(std::uint64_t from, std::uint64_t size) const override {
    const std::uint64_t tile = from / merkle::kTileWidth, begin = tile * merkle::kTileWidth;
    const auto width = static_cast<unsigned>(std::min<std::uint64_t>(merkle::kTileWidth, size - begin));
    const std::string path = merkle::bundle_path(tile, width);
    auto bytes = tree_.file(path);
    unsigned has = width;
    // The head may have moved on meanwhile, and its partial tiles with it; then the full one is there.
    if (!bytes && bytes.error().code == Errc::not_found && width < merkle::kTileWidth) {
      if (auto full = tree_.file(merkle::bundle_path(tile)); full) {
        bytes = std::move(full);
        has = merkle::kTileWidth;
      } else {
        return one(from, size);
      }
    }
    if (!bytes) return bytes.error();
    const auto parts = merkle::parse_bundle(*bytes, has);
    if (!parts) return Error{Errc::malformed, path + ": " + parts.error().what};
    std::vector<std::string> out;
    for (std::uint64_t i = from - begin; i < width; ++i) out.emplace_back((*parts)[i]);
    return out;
  }

  Result<std::string> stamp(std::uint64_t size) const override {
    record::FileOps& ops = record::system_files();
    const std::filesystem::path file = stamps_ / (std::to_string(size) + ".tsr");
    const auto fd = record::open_existing(ops, file, O_RDONLY | O_CLOEXEC);
    if (!fd) return fd.error();
    std::string out(kStampBytesMax + 1, '\0');
    const auto got = record::read_at(ops, *fd, out.data(), out.size(), 0, file.string());
    if (!got) return got.error();
    if (*got > kStampBytesMax) return Error{Errc::malformed, file.string() + ": is larger than a stamp"};
    out.resize(*got);
    return out;
  }

 private:
  // The reader knows of what else an entry can be had.
  Result<std::vector<std::string>> one(std::uint64_t index, std::uint64_t size) const {
    auto entry = tree_.entry(index, size);
    if (!entry) return entry.error();
    std::vector<std::string> out;
    out.push_back(std::move(*entry));
    return out;
  }

  record::TreeReader tree_;
  std::filesystem::path stamps_;
};

}  // namespace

Result<std::unique_ptr<LedgerView>> open_tree_view(const std::filesystem::path& ledger) {
  auto tree = record::TreeReader::open(ledger);
  if (!tree) return tree.error();
  return std::unique_ptr<LedgerView>{std::make_unique<TreeView>(std::move(*tree), ledger / "stamps")};
}

}  // namespace nw::bundle
