#include "base/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <algorithm>
#include <array>
#include <pcre2.h>

#include "base/check.h"

namespace nw {

struct RegexScratch::Handles {
  pcre2_match_data* data;
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  // Null where the JIT is not allowed.
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, nullptr);
  // The first pair is the whole match.
  explicit Handles(std::size_t groups)
      : data{pcre2_match_data_create(static_cast<std::uint32_t>(groups + 1), nullptr)} {
    NW_CHECK(data != nullptr && context != nullptr);
    pcre2_set_match_limit(context, kRegexStepsMax);
    pcre2_set_depth_limit(context, kRegexStepsMax);
    pcre2_set_heap_limit(context, kRegexHeapKibMax);
    if (stack != nullptr) pcre2_jit_stack_assign(context, nullptr, stack);
  }
  ~Handles() {
    pcre2_jit_stack_free(stack);
    pcre2_match_context_free(context);
    pcre2_match_data_free(data);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;
};

RegexScratch::RegexScratch(std::size_t groups) : handles_{std::make_unique<Handles>(groups)} {}
RegexScratch::~RegexScratch() = default;
RegexScratch::RegexScratch(RegexScratch&&) noexcept = default;
RegexScratch& RegexScratch::operator=(RegexScratch&&) noexcept = default;

std::unique_ptr<const Regex> Regex::compile(std::string_view pattern, RegexFlags flags, RegexFault& fault) {
  std::uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
  if (flags.ignore_case) options |= PCRE2_CASELESS;
  if (flags.multiline) options |= PCRE2_MULTILINE;
  if (flags.dotall) options |= PCRE2_DOTALL;
  // The parser recurses per parenthesis; its own default (250) holds, and the length is bounded by the caller.
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(static_cast<PCRE2_SPTR>(static_cast<const void*>(pattern.data())), pattern.size(),
                                   options, &error, &offset, nullptr);
  if (code == nullptr) {
    std::array<PCRE2_UCHAR, 256> text{};
    pcre2_get_error_message(error, text.data(), text.size());
    fault.text = static_cast<const char*>(static_cast<const void*>(text.data()));
    fault.offset = offset;
    return nullptr;
  }
  // Fails without memory that is writable and executable: normal, see above.
  static_cast<void>(pcre2_jit_compile(code, PCRE2_JIT_COMPLETE));
  std::unique_ptr<Regex> made{new Regex};
  made->code_ = code;
  return made;
}

Regex::~Regex() { pcre2_code_free(static_cast<pcre2_code*>(code_)); }

Regex::Outcome Regex::search(std::string_view subject, RegexScratch& scratch) const noexcept {
  const auto* bytes =
      static_cast<PCRE2_SPTR>(static_cast<const void*>(subject.data() == nullptr ? "" : subject.data()));
  const auto run = [&](std::uint32_t options) {
    return pcre2_match(static_cast<const pcre2_code*>(code_), bytes, subject.size(), 0, options, scratch.handles_->data,
                       scratch.handles_->context);
  };
  int result = run(0);
  if (result == PCRE2_ERROR_JIT_STACKLIMIT) result = run(PCRE2_NO_JIT);
  if (result >= 0) return Outcome::yes;
  return result == PCRE2_ERROR_NOMATCH ? Outcome::no : Outcome::limit;
}

Regex::Outcome Regex::search(std::string_view subject, RegexScratch& scratch,
                             std::span<std::string_view> groups) const noexcept {
  const Outcome outcome = search(subject, scratch);
  if (outcome != Outcome::yes) return outcome;
  const std::span<const PCRE2_SIZE> offsets{pcre2_get_ovector_pointer(scratch.handles_->data),
                                            2 * std::size_t{pcre2_get_ovector_count(scratch.handles_->data)}};
  std::uint32_t count = 0;
  pcre2_pattern_info(static_cast<const pcre2_code*>(code_), PCRE2_INFO_CAPTURECOUNT, &count);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = {};
    if (i >= count || 2 * i + 3 >= offsets.size()) continue;
    const PCRE2_SIZE from = offsets[2 * i + 2], to = offsets[2 * i + 3];
    if (from != PCRE2_UNSET && from <= to && to <= subject.size()) groups[i] = subject.substr(from, to - from);
  }
  return outcome;
}

std::vector<std::pair<std::string, std::size_t>> Regex::named_groups() const {
  std::uint32_t count = 0, size = 0;
  PCRE2_SPTR table = nullptr;
  const auto* const code = static_cast<const pcre2_code*>(code_);
  pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
  std::vector<std::pair<std::string, std::size_t>> out;
  // Of each: the number in two bytes, the name, a zero.
  for (std::size_t i = 0; i < count; ++i) {
    const std::span<const PCRE2_UCHAR> entry{table + i * size, size};
    const auto end = std::ranges::find(entry.subspan(2), PCRE2_UCHAR{0});
    out.emplace_back(std::string{entry.begin() + 2, end}, entry[0] * 256U + entry[1]);
  }
  return out;
}

}  // namespace nw
