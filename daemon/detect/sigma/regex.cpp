#include "detect/sigma/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <array>
#include <pcre2.h>

#include "base/check.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

struct RegexScratch::Handles {
  // One pair: only whether it matched is asked.
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  pcre2_match_context* context = pcre2_match_context_create(nullptr);
  // Null where the JIT is not allowed.
  pcre2_jit_stack* stack = pcre2_jit_stack_create(32 * 1024, 1024 * 1024, nullptr);
  Handles() {
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

RegexScratch::RegexScratch() : handles_{std::make_unique<Handles>()} {}
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

}  // namespace nw::sigma
