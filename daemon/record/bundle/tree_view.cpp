#include "record/bundle/tree_view.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "record/ledger/durable_file.h"
#include "record/ledger/tree.h"
#include "record/merkle/tiles.h"

namespace nw::bundle {

namespace {

constexpr std::size_t kStampBytesMax = std::size_t{1} << 20;
// As app/stamps.h names them.
constexpr std::size_t kDigits = 20;
constexpr std::string_view kReplySuffix = ".tsr", kHeadSuffix = ".checkpoint";

std::optional<std::uint64_t> size_of_stamp(std::string_view name) {
  if (name.size() != kDigits + kReplySuffix.size() || !name.ends_with(kReplySuffix)) return std::nullopt;
  std::uint64_t out = 0;
  const auto read = std::from_chars(name.data(), name.data() + kDigits, out);
  if (read.ec != std::errc{} || read.ptr != name.data() + kDigits) return std::nullopt;
  return out;
}

class TreeView final : public LedgerView {
 public:
  TreeView(record::TreeReader tree, const std::filesystem::path& ledger)
      : tree_{std::move(tree)}, witnessed_{ledger / "witnessed"}, stamps_{ledger / "stamps"} {}

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

  Result<merkle::Note> witnessed() const override {
    const auto bytes = record::read_file(record::system_files(), witnessed_, merkle::kNoteBytesMax);
    if (!bytes) return bytes.error();
    auto note = merkle::Note::parse(*bytes);
    if (!note) return Error{Errc::malformed, witnessed_.string() + ": " + note.error().what};
    return note;
  }

  Result<std::vector<std::uint64_t>> stamps() const override {
    std::vector<std::uint64_t> out;
    std::error_code error;
    std::filesystem::directory_iterator at{stamps_, error};
    if (error == std::errc::no_such_file_or_directory) return out;
    for (const std::filesystem::directory_iterator end; !error && at != end; at.increment(error))
      if (const auto size = size_of_stamp(at->path().filename().string())) out.push_back(*size);
    if (error) return Error{Errc::io, stamps_.string() + ": " + error.message()};
    std::sort(out.begin(), out.end());
    return out;
  }

  Result<StampedHead> stamp(std::uint64_t size) const override {
    auto reply = record::read_file(record::system_files(), stamp_file(size, kReplySuffix), kStampBytesMax);
    if (!reply) return reply.error();
    auto head = record::read_file(record::system_files(), stamp_file(size, kHeadSuffix), merkle::kNoteBytesMax);
    if (!head) return head.error();
    return StampedHead{std::move(*head), std::move(*reply)};
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

  [[nodiscard]] std::filesystem::path stamp_file(std::uint64_t size, std::string_view suffix) const {
    const std::string digits = std::to_string(size);
    return stamps_ / (std::string(kDigits - digits.size(), '0') + digits + std::string{suffix});
  }

  record::TreeReader tree_;
  std::filesystem::path witnessed_, stamps_;
};

}  // namespace

Result<std::unique_ptr<LedgerView>> open_tree_view(const std::filesystem::path& ledger) {
  auto tree = record::TreeReader::open(ledger);
  if (!tree) return tree.error();
  return std::unique_ptr<LedgerView>{std::make_unique<TreeView>(std::move(*tree), ledger)};
}

}  // namespace nw::bundle
