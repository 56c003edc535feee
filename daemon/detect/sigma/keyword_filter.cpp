#include "detect/sigma/keyword_filter.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/fold.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

// Printable ASCII that every writer of JSON leaves as it is: not what JSON or HTML escapes.
bool plain(char c) { return c >= ' ' && c <= '~' && std::string_view{"\"\\/<>&'"}.find(c) == std::string_view::npos; }

// Whether the text of a number or an address can hold the piece: their texts are made, not taken from the line.
bool like_a_number(std::string_view piece) {
  return std::ranges::all_of(piece, [](char c) {
    return ascii_digit(c) || (c >= 'a' && c <= 'f') || c == '.' || c == ':' || c == '+' || c == '-';
  });
}

// The longest plain piece of one keyword; empty when it has none that will do.
std::string piece_of(std::string_view folded) {
  std::string_view best;
  for (std::size_t first = 0; first < folded.size();) {
    std::size_t end = first;
    while (end < folded.size() && plain(folded[end])) ++end;
    const std::string_view piece = folded.substr(first, end - first);
    if (piece.size() > best.size() && !like_a_number(piece)) best = piece;
    first = end + 1;
  }
  return best.size() < kKeywordPieceBytesMin ? std::string{} : std::string{best};
}

std::string piece_of(const Atom& atom) {
  if (atom.test != Atom::Test::text || atom.negated) return {};
  if (atom.shape != Atom::Shape::glob) return piece_of(folded(atom.literal));
  std::string best;
  for (const Pattern::Part& part : atom.pattern.parts())
    if (std::string piece = piece_of(folded(part.text)); piece.size() > best.size()) best = std::move(piece);
  return best;
}

// What folds to a letter and is none of ASCII (U+017F, U+212A), as it is and escaped.
constexpr std::array<std::string_view, 4> kFolding{"\xc5\xbf", "\xe2\x84\xaa", "\\u017f", "\\u212a"};
constexpr std::string_view kEscape = "\\u00";

int hex(char c) {
  const char lower = ascii_lower(c);
  return ascii_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Whether some plain character is written as \u00XX.
bool escapes_plain(std::string_view line) {
  for (std::size_t at = line.find(kEscape); at != std::string_view::npos; at = line.find(kEscape, at + 1)) {
    const std::string_view digits = line.substr(at + kEscape.size(), 2);
    if (digits.size() < 2 || hex(digits[0]) < 0 || hex(digits[1]) < 0) continue;
    if (plain(static_cast<char>(hex(digits[0]) * 16 + hex(digits[1])))) return true;
  }
  return false;
}

class KeywordFilter final : public event::LineFilter {
 public:
  // The scanner's first piece is kEscape.
  explicit KeywordFilter(std::shared_ptr<const Scanner> scanner) : scanner_{std::move(scanner)} {}

  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override {
    auto memory = std::make_unique<Scratch>();
    scanner_->make_room(memory->scratch);
    return memory;
  }
  [[nodiscard]] bool wants_all(std::string_view line, Memory& memory) const override {
    bool found = false, escaped = false;
    scanner_->scan(line, static_cast<Scratch&>(memory).scratch,
                   [&](std::uint32_t piece) { (piece == 0 ? escaped : found) = true; });
    return found || (escaped && escapes_plain(line));
  }

 private:
  struct Scratch final : Memory {
    ScanScratch scratch;
  };
  std::shared_ptr<const Scanner> scanner_;
};

}  // namespace

std::optional<std::vector<std::string>> keyword_pieces(const std::vector<const Atom*>& keywords) {
  std::vector<std::string> out;
  for (const Atom* atom : keywords) {
    std::string piece = piece_of(*atom);
    if (piece.empty()) return std::nullopt;
    out.push_back(std::move(piece));
  }
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::shared_ptr<const event::LineFilter> make_keyword_filter(std::vector<std::string> pieces, ScannerPool& pool) {
  std::vector<std::string> all{std::string{kEscape}};
  for (const std::string_view letter : kFolding) all.emplace_back(letter);
  all.insert(all.end(), std::make_move_iterator(pieces.begin()), std::make_move_iterator(pieces.end()));
  return std::make_shared<KeywordFilter>(pool.any_case(std::move(all)));
}

}  // namespace nw::sigma
