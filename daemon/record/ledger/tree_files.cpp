#include "record/ledger/tree_files.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <span>
#include <system_error>

#include "base/text.h"

namespace nw::record {

namespace {

constexpr std::size_t kHeadDigits = 20, kHaltedBytesMax = 16'384, kWhyBytesMost = 4096;

std::string signers_of(const merkle::Note& note) {
  std::string out;
  for (const merkle::NoteSignature& signature : note.signatures) {
    std::array<char, 9> id{};
    std::snprintf(id.data(), id.size(), "%08x", signature.id);
    out += (out.empty() ? "'" : ", '") + printable(signature.name, 80) + "' (key id " + id.data() + ")";
  }
  return out;
}

}  // namespace

const std::string_view kWayOut =
    "Nothing was changed. Do not mend it: keep the directory as evidence, restore what is missing if you have it; else "
    "go on in another state directory with a new ledger key, whose name is the new origin";

std::filesystem::path tree_folder(const std::filesystem::path& ledger) { return ledger / "tree"; }
std::filesystem::path checkpoint_file(const std::filesystem::path& tree) { return tree / "checkpoint"; }

std::filesystem::path kept_head_file(const std::filesystem::path& tree, std::uint64_t size) {
  const std::string digits = std::to_string(size);
  return tree / "heads" / (std::string(kHeadDigits - digits.size(), '0') + digits);
}

std::filesystem::path partial_folder(const std::filesystem::path& tree, const std::string& path) {
  return tree / (path + ".p");
}

Result<SignedHead> parse_head(std::string_view bytes, std::string_view name) {
  auto note = merkle::Note::parse(bytes);
  if (!note) return Error{Errc::malformed, std::string{name} + ": is no signed head: " + note.error().what};
  auto checkpoint = merkle::Checkpoint::parse(note->text);
  if (!checkpoint) return Error{Errc::malformed, std::string{name} + ": is no signed head: " + checkpoint.error().what};
  return SignedHead{std::move(*note), std::move(*checkpoint)};
}

Result<SignedHead> read_head(FileOps& ops, const std::filesystem::path& file) {
  const auto bytes = read_file(ops, file, merkle::kNoteBytesMax);
  if (!bytes) return bytes.error();
  return parse_head(*bytes, file.string());
}

Result<std::vector<std::uint64_t>> kept_heads(const std::filesystem::path& tree) {
  std::vector<std::uint64_t> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at{tree / "heads", error}, end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    std::uint64_t size = 0;
    const auto [stop, failed] = std::from_chars(name.data(), name.data() + name.size(), size);
    if (name.size() == kHeadDigits && failed == std::errc{} && stop == name.data() + name.size()) out.push_back(size);
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return system_error(error.value(), (tree / "heads").string() + ": cannot list");
  std::ranges::sort(out);
  return out;
}

Result<> check_signed(const SignedHead& head, const merkle::VerifierKey& key, std::string_view name) {
  if (head.checkpoint.origin != key.name)
    return Error{Errc::malformed, std::string{name} + ": is a head of the log '" + printable(head.checkpoint.origin) +
                                      "', but the ledger's key is that of '" + printable(key.name) + "'"};
  if (const auto good = merkle::verify_note(head.note, std::span{&key, 1}); !good) {
    const bool named = std::ranges::any_of(
        head.note.signatures, [&](const auto& each) { return each.name == key.name && each.id == key.id; });
    return Error{Errc::malformed,
                 std::string{name} + (named ? ": the signature of the ledger's key is wrong: the head was changed"
                                            : ": is not signed by the ledger's key " + key.to_string() + ", but by " +
                                                  signers_of(head.note) + ": it was signed again with another key")};
  }
  return {};
}

std::filesystem::path halted_file(const std::filesystem::path& tree) { return tree / "halted"; }

Result<std::string> read_halted(FileOps& ops, const std::filesystem::path& tree) {
  const auto file = halted_file(tree);
  const auto bytes = read_file(ops, file, kHaltedBytesMax);
  if (!bytes && bytes.error().code == Errc::not_found) return std::string{};
  if (!bytes && bytes.error().code != Errc::malformed) return bytes.error();
  const std::string_view text = bytes ? std::string_view{*bytes} : std::string_view{};
  const std::size_t line = text.find('\n');
  std::string_view why = text.substr(line == std::string_view::npos ? text.size() : line + 1);
  if (why.ends_with('\n')) why.remove_suffix(1);
  const std::string said = why.empty()
                               ? "(the file is damaged: it does not say when and why)"
                               : "at " + printable(text.substr(0, line), 40) + ": " + printable(why, kWhyBytesMost);
  return file.string() + ": another history than the signed one was found " + said +
         ". No head is signed until that is settled: keep a copy of the directory as evidence; restore journal and "
         "tree "
         "as they were signed; see that normwatch ledger verify says ok; and only then remove this file. Else go on in "
         "another state directory with a new ledger key, whose name is the new origin";
}

Result<> write_halted(FileOps& ops, const std::filesystem::path& tree, Timestamp when, std::string_view why) {
  const auto there = read_halted(ops, tree);
  if (!there) return there.error();
  if (!there->empty()) return {};
  if (auto made = make_directories(ops, tree); !made) return made;
  return replace_file(ops, halted_file(tree), to_rfc3339(when, 0) + '\n' + printable(why, kWhyBytesMost) + '\n');
}

}  // namespace nw::record
