// Which of many literals stand in a text, found in one pass: a literal is looked for by two of its bytes, those that
// the fewest others have. Case counts. Built once, then read-only.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nw::logs {

class LiteralIndex {
 public:
  static constexpr std::size_t kBytesMin = 2;

  LiteralIndex() = default;
  explicit LiteralIndex(std::vector<std::string> literals);  // none shorter than kBytesMin

  // Calls found(number) for every place where a literal stands.
  template <class Found>
  void scan(std::string_view text, const Found& found) const {
    if (entries_.empty()) return;
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
      const std::size_t pair = pair_at(text, at);
      if ((some_[pair / 64] >> (pair % 64) & 1U) == 0) continue;
      const auto first = std::ranges::lower_bound(entries_, pair, {}, &Entry::pair);
      for (auto entry = first; entry != entries_.end() && entry->pair == pair; ++entry)
        if (at >= entry->offset && text.substr(at - entry->offset).starts_with(literals_[entry->literal]))
          found(std::size_t{entry->literal});
    }
  }

 private:
  struct Entry {
    std::size_t pair;
    std::uint32_t literal, offset;  // of the pair in the literal
  };
  static std::size_t pair_at(std::string_view text, std::size_t at) noexcept {
    return static_cast<unsigned char>(text[at]) * std::size_t{256} + static_cast<unsigned char>(text[at + 1]);
  }

  std::vector<std::string> literals_;
  std::vector<Entry> entries_;       // by pair
  std::vector<std::uint64_t> some_;  // one bit for each pair: some entry has it
};

}  // namespace nw::logs
