// What the tree's writer, its readers and its check share: where its files lie, and what makes a head one of ours.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "record/ledger/durable_file.h"
#include "record/ledger/tree.h"
#include "record/merkle/tiles.h"

namespace nw::record {

constexpr std::size_t kBundleBytesMax = merkle::kTileWidth * (2 + merkle::kBundleEntryBytesMax);

std::filesystem::path tree_folder(const std::filesystem::path& ledger);    // <ledger>/tree
std::filesystem::path checkpoint_file(const std::filesystem::path& tree);  // <tree>/checkpoint
std::filesystem::path kept_head_file(const std::filesystem::path& tree, std::uint64_t size);
// <tree>/tile/.../<N>.p: partial ones of a tile lie in there, named by their width. `path`: a full one's.
std::filesystem::path partial_folder(const std::filesystem::path& tree, const std::string& path);

struct SignedHead {
  merkle::Note note;
  merkle::Checkpoint checkpoint;
};
// `malformed` names the file. The signatures are not looked at.
Result<SignedHead> read_head(FileOps& ops, const std::filesystem::path& file);
Result<SignedHead> parse_head(std::string_view bytes, std::string_view name);
// Sizes of the heads that are kept, rising. Files of other names are passed over.
Result<std::vector<std::uint64_t>> kept_heads(const std::filesystem::path& tree);

// The head is of the key's log, and that key has signed it. `malformed` says who has, in `name`.
Result<> check_signed(const SignedHead& head, const merkle::VerifierKey& key, std::string_view name);

// <tree>/halted: that a check has found another history than the signed one. "<when>\n<why>\n".
std::filesystem::path halted_file(const std::filesystem::path& tree);
// What it says, and the way out; empty: it is not there. One that cannot be understood counts.
Result<std::string> read_halted(FileOps& ops, const std::filesystem::path& tree);
// Durable; the first one stays.
Result<> write_halted(FileOps& ops, const std::filesystem::path& tree, Timestamp when, std::string_view why);

// The last words of every refusal.
extern const std::string_view kWayOut;

}  // namespace nw::record
