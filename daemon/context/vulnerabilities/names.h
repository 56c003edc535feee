// Names of vendors and products, as registers, devices, KEV and CSAF write them, made comparable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nw::vulnerabilities {

// How well two names of products agree.
enum class Likeness : std::uint8_t {
  none,
  contained,  // all words of one are among the other's: perhaps the same
  same,
};

// Lower-case words, each once, sorted, without what says nothing ("family", "series").
class ProductName {
 public:
  ProductName() = default;
  explicit ProductName(std::string_view text);

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }
  // "Multiple Products": KEV does not list them.
  [[nodiscard]] bool several() const noexcept { return several_; }
  // `none` when one of them has no words.
  [[nodiscard]] Likeness compare(const ProductName& other) const;
  [[nodiscard]] bool contains(const ProductName& other) const;
  [[nodiscard]] const std::vector<std::string>& words() const noexcept { return words_; }
  void add(std::string_view text);

 private:
  friend ProductName vendor_words(std::string_view vendor);
  std::vector<std::string> words_;
  bool several_ = false;
};

// "Siemens AG" and "siemens" are one: lower case, no punctuation, no legal form. For use as a key.
std::string vendor_key(std::string_view vendor);
// Its words without the legal form, to be looked for in a text that names vendor and product together.
ProductName vendor_words(std::string_view vendor);

// What CPE says: `cpe:2.3:PART:VENDOR:PRODUCT:VERSION:...`, or 2.2's `cpe:/PART:VENDOR:PRODUCT:VERSION`.
struct CpeName {
  std::string vendor, product, version;  // version: empty when it is any, or not applicable
};
std::optional<CpeName> parse_cpe(std::string_view text);

// "CVE-2021-44228" (or with '_') at the front of `text`, whatever its case; its length, or 0.
std::size_t cve_length(std::string_view text) noexcept;
// `text` as CVE writes it when all of it is a CVE id; else empty.
std::string cve_id(std::string_view text);
// Calls `each` with every id in `text`, as it is written there.
template <class Each>
void each_cve(std::string_view text, Each each) {
  for (std::size_t at = 0; at + 13 <= text.size(); ++at) {
    if (text[at] != 'C' && text[at] != 'c') continue;
    const std::size_t length = cve_length(text.substr(at));
    if (length == 0) continue;
    each(text.substr(at, length));
    at += length - 1;
  }
}

}  // namespace nw::vulnerabilities
