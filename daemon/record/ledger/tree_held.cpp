#include "record/ledger/tree_held.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <utility>

#include "record/ledger/tree_files.h"
#include "record/merkle/proofs.h"

namespace nw::record {

namespace {

constexpr std::size_t kStampedMost = 64, kStampDigits = 20;
constexpr std::string_view kStampedSuffix = ".checkpoint";

// Sizes of heads that were stamped, falling. Files of other names are passed over.
Result<std::vector<std::pair<std::uint64_t, std::filesystem::path>>> stamped_heads(
    const std::filesystem::path& folder) {
  std::vector<std::pair<std::uint64_t, std::filesystem::path>> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::uint64_t size = 0;
    const char* const digits_end = name.data() + std::min(name.size(), kStampDigits);
    const auto [stop, failed] = std::from_chars(name.data(), digits_end, size);
    if (name.size() == kStampDigits + kStampedSuffix.size() && name.ends_with(kStampedSuffix) &&
        failed == std::errc{} && stop == digits_end)
      out.emplace_back(size, at->path());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return system_error(error.value(), folder.string() + ": cannot list");
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  if (out.size() > kStampedMost) out.resize(kStampedMost);
  return out;
}

}  // namespace

Result<HeldHeads> read_held(FileOps& ops, const std::filesystem::path& ledger) {
  const auto stamped = stamped_heads(ledger / "stamps");
  if (!stamped) return stamped.error();
  std::vector<std::filesystem::path> files{ledger / "witnessed"};
  for (const auto& each : *stamped) files.push_back(each.second);
  HeldHeads out;
  for (const std::filesystem::path& file : files) {
    auto head = read_head(ops, file);
    if (head) {
      out.notes.push_back(std::move(head->note));
      out.names.push_back(file.string());
    } else if (head.error().code == Errc::malformed) {
      out.damaged.push_back(Error{
          Errc::malformed, file.string() + ": is damaged; put an intact copy in its place: " + head.error().what});
    } else if (head.error().code != Errc::not_found) {
      return head.error();
    }
  }
  return out;
}

Result<> check_held(FileOps& ops, const std::filesystem::path& ledger, const merkle::VerifierKey& key,
                    const HeldHeads& held) {
  if (held.notes.empty() && held.damaged.empty()) return {};
  const auto file = checkpoint_file(tree_folder(ledger));
  const auto now = read_head(ops, file);
  if (!now && now.error().code == Errc::not_found)
    return Error{Errc::malformed,
                 file.string() + ": is missing, though a head of this ledger was signed: " +
                     (held.notes.empty() ? held.damaged.front().what : held.names.front() + " is one") +
                     ". The tree was removed, or an older state of the directory was put back"};
  if (!now) return {};  // opening it says more
  for (std::size_t i = 0; i < held.notes.size(); ++i) {
    const auto head = parse_head(held.notes[i].to_string(), held.names[i]);
    if (!head) return head.error();
    if (auto good = check_signed(*head, key, held.names[i]); !good) return good;
    if (head->checkpoint.head.size > now->checkpoint.head.size)
      return Error{Errc::malformed, held.names[i] + ": covers " + std::to_string(head->checkpoint.head.size) +
                                        " entries, but the ledger's present head only " +
                                        std::to_string(now->checkpoint.head.size) +
                                        ": the ledger was rolled back to an older state"};
  }
  return {};
}

Result<> check_held_by_tiles(FileOps& ops, const std::filesystem::path& ledger, const HeldHeads& held) {
  if (held.notes.empty()) return {};
  const auto now = read_head(ops, checkpoint_file(tree_folder(ledger)));
  if (!now) return now.error();
  const auto reader = TreeReader::open(ledger);
  if (!reader) return reader.error();
  const merkle::TreeHead& present = now->checkpoint.head;
  for (std::size_t i = 0; i < held.notes.size(); ++i) {
    const auto head = parse_head(held.notes[i].to_string(), held.names[i]);
    if (!head) return head.error();
    const merkle::TreeHead& old = head->checkpoint.head;
    if (old == present || old.size == 0) continue;
    auto fits = Result<>{Error{Errc::malformed, "the present head of as many entries has another root"}};
    if (old.size < present.size) {
      const auto proof = reader->consistency(old.size, present.size);
      if (!proof && proof.error().code != Errc::not_found && proof.error().code != Errc::malformed)
        return proof.error();
      fits = proof ? merkle::verify_consistency(old, present, *proof) : Result<>{proof.error()};
    }
    if (!fits)
      return Error{Errc::malformed, held.names[i] + ": the present tree does not continue this head of " +
                                        std::to_string(old.size) +
                                        " entries: this is another history than the signed one (a fork), or tiles "
                                        "were changed: " +
                                        fits.error().what};
  }
  return {};
}

}  // namespace nw::record
