// PCRE2 behind two small classes. Rules are input: steps, memory and subject are bounded. The JIT is used where the
// system allows it; under MemoryDenyWriteExecute it does not, and the interpreter gives the same answers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace nw::sigma {

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
  RegexScratch();
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

 private:
  Regex() = default;
  void* code_ = nullptr;
};

}  // namespace nw::sigma
