#include "record/merkle/checkpoint.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "record/merkle/note.h"

namespace nw::merkle {
namespace {

Error in_line(std::size_t line, const std::string& what) {
  return {Errc::malformed, "checkpoint, line " + std::to_string(line) + ": " + what};
}

}  // namespace

Result<std::uint64_t> parse_decimal(std::string_view text) {
  const std::string told = "'" + printable(text, 64) + "' ";
  if (text.empty() || !std::all_of(text.begin(), text.end(), ascii_digit))
    return Error{Errc::malformed, told + "is no decimal number"};
  if (text.size() > 1 && text.front() == '0') return Error{Errc::malformed, told + "has leading zeros"};
  std::uint64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || value > kTreeSizeMax) return Error{Errc::malformed, told + "is over 2^63-1"};
  return value;
}

Result<Checkpoint> Checkpoint::parse(std::string_view text) {
  if (auto good = check_note_text(text); !good) return Error{Errc::malformed, "checkpoint: " + good.error().what};
  const auto lines = split(text.substr(0, text.size() - 1), '\n');
  if (lines.size() < 3)
    return in_line(lines.size(), "ends here; a checkpoint has at least three lines: origin, size and root");
  Checkpoint out;
  if (lines[0].empty()) return in_line(1, "the origin is empty");
  out.origin = std::string{lines[0]};
  const auto size = parse_decimal(lines[1]);
  if (!size) return in_line(2, "the tree's size " + size.error().what);
  const auto root = hash_from_base64(lines[2]);
  if (!root) return in_line(3, "the root: " + root.error().what);
  out.head = TreeHead{*size, *root};
  if (*size == 0 && *root != empty_root()) return in_line(3, "is not the root of an empty tree");
  for (std::size_t i = 3; i < lines.size(); ++i) {
    if (lines[i].empty()) return in_line(i + 1, "an extension line is empty");
    out.extensions.emplace_back(lines[i]);
  }
  return out;
}

Result<std::string> Checkpoint::to_text() const {
  std::string out = origin + "\n" + std::to_string(head.size) + "\n" + to_base64(head.root) + "\n";
  for (const std::string& extension : extensions) out += extension + "\n";
  const auto again = parse(out);
  if (!again) return Error{Errc::invalid_argument, "this cannot be a checkpoint: " + again.error().what};
  if (*again != *this)
    return Error{Errc::invalid_argument, "this cannot be a checkpoint: origin or an extension holds a newline"};
  return out;
}

}  // namespace nw::merkle
