// Versions of products, and the sets of them that advisories name.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nw::vulnerabilities {

// "V2.9.4 HF1": runs of digits and of letters, whatever stands between. 2.0 is 2.0.0; 1.0.2k is after 1.0.2, a word for
// what comes before a release (rc, beta, ...) is before it.
class Version {
 public:
  // Nothing when the text has no digit, is longer than 128 bytes, or is no single version ("2.0 or 3.1").
  static std::optional<Version> parse(std::string_view text);
  // A distribution mends old versions without giving them a new number (8.4p1-5+deb11u1): only equality says something.
  [[nodiscard]] bool backported() const noexcept { return backported_; }

  // False: they part at two words of which nobody knows which comes first ("SP1", "Update 2").
  [[nodiscard]] bool comparable(const Version& other) const noexcept;

  friend std::strong_ordering operator<=>(const Version& a, const Version& b) noexcept;
  friend bool operator==(const Version& a, const Version& b) noexcept { return (a <=> b) == 0; }

 private:
  struct Part {
    bool number = false;
    std::string text;  // a number without leading zeros; letters in lower case
  };
  static std::strong_ordering compare(const Part& a, const Part& b) noexcept;
  static int rank(const Part* part) noexcept;

  std::vector<Part> parts_;
  bool backported_ = false;
};

enum class Within : std::uint8_t { no, yes, unknown };

// The versions that a text names: CSAF's product_version (one), or product_version_range (`vers:`, vers-like, or the
// prose that advisories have: "All versions < V2.3", "2.1 and earlier"). What is not read as a whole is `unknown`.
class VersionSet {
 public:
  static VersionSet exact(std::string_view text);
  static VersionSet range(std::string_view text);
  static VersionSet all();

  // False: holds() gives `unknown` (but for the same words).
  [[nodiscard]] bool understood() const noexcept { return understood_; }
  // `version` as the register or a device has it; empty: not known.
  [[nodiscard]] Within holds(std::string_view version) const;

 private:
  enum class Op : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };
  struct Bound {
    Op op;
    Version version;
  };
  class Reader;
  [[nodiscard]] Within holds(const Version& version) const;

  bool understood_ = false, all_ = false, own_order_ = false;
  std::string text_;           // as written, for equality of what is no version
  std::vector<Bound> bounds_;  // sorted by version
};

}  // namespace nw::vulnerabilities
