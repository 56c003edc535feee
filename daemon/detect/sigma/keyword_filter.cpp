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

// Every way to write a plain character that is not itself: \u0041, and the two that fold to letters (U+017F, U+212A).
std::vector<std::string> other_spellings() {
  std::vector<std::string> out{"\xc5\xbf", "\xe2\x84\xaa", "\\u017f", "\\u212a"};
  static constexpr std::string_view kHex = "0123456789abcdef";
  for (char c = ' '; c < 0x7f; ++c)
    if (plain(c)) {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back(std::string{"\\u00"} + kHex[byte >> 4U] + kHex[byte & 15U]);
    }
  return out;
}

class KeywordFilter final : public event::LineFilter {
 public:
  explicit KeywordFilter(std::shared_ptr<const Scanner> scanner) : scanner_{std::move(scanner)} {}

  [[nodiscard]] std::unique_ptr<Memory> make_memory() const override {
    auto memory = std::make_unique<Scratch>();
    scanner_->make_room(memory->scratch);
    return memory;
  }
  [[nodiscard]] bool wants_all(std::string_view line, Memory& memory) const override {
    bool found = false;
    scanner_->scan(line, static_cast<Scratch&>(memory).scratch, [&](std::uint32_t) { found = true; });
    return found;
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
  for (std::string& spelling : other_spellings()) pieces.push_back(std::move(spelling));
  return std::make_shared<KeywordFilter>(pool.any_case(std::move(pieces)));
}

}  // namespace nw::sigma
