// PCRE2 behind two small classes. Expressions are input: steps and memory are bounded; the subject is by the caller.
// The JIT is used where the system allows it; under MemoryDenyWriteExecute it does not, and the interpreter gives the
// same answers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nw {

// The steps count per starting point of the search, and lie above the longest subject (64 KiB) so that one `.*` always
// gets through; so the worst expression costs their product.
constexpr std::uint32_t kRegexStepsMax = 100'000;
constexpr std::uint32_t kRegexHeapKibMax = 20'480;

struct RegexFlags {
  bool ignore_case = false, multiline = false, dotall = false;
  friend bool operator==(const RegexFlags&, const RegexFlags&) = default;
};

struct RegexFault {
  std::string text;        // PCRE2's words
  std::size_t offset = 0;  // bytes into the pattern
};

// One worker's memory for matching; not shared.
class RegexScratch {
 public:
  // `groups`: as many as a search may tell of.
  explicit RegexScratch(std::size_t groups = 0);
  ~RegexScratch();
  RegexScratch(RegexScratch&&) noexcept;
  RegexScratch& operator=(RegexScratch&&) noexcept;

 private:
  friend class Regex;
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

// Compiled; immutable, shared by all workers. Subjects may be any bytes: what is no UTF-8 is matched by nothing.
class Regex {
 public:
  enum class Outcome : std::uint8_t { no, yes, limit };

  // Null, and `fault` filled, when the pattern does not compile.
  static std::unique_ptr<const Regex> compile(std::string_view pattern, RegexFlags flags, RegexFault& fault);
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  // Searches; anchors are the pattern's own. `limit`: given up, counts as no match.
  [[nodiscard]] Outcome search(std::string_view subject, RegexScratch& scratch) const noexcept;
  // As search(); of a match also what group 1, 2, ... took, for as many as `groups` and the scratch have room. One that
  // took no part has no data().
  [[nodiscard]] Outcome search(std::string_view subject, RegexScratch& scratch,
                               std::span<std::string_view> groups) const noexcept;
  // The named groups, (?<name>...), with their numbers; sorted by name.
  [[nodiscard]] std::vector<std::pair<std::string, std::size_t>> named_groups() const;

 private:
  Regex() = default;
  void* code_ = nullptr;
};

}  // namespace nw
