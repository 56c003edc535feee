#include "detect/sigma/grip.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "detect/sigma/check.h"

namespace nw::sigma {

namespace {

// What is sure when at least `needed` of the parts hold: the worst choice takes those with the least grip, and has the
// best of them. Parts that cannot be enough never hold: the firmest grip there is.
Grip at_least(std::size_t needed, std::vector<Grip> parts) {
  if (needed > parts.size()) return Grip::firm;
  if (needed == 0) return Grip::none;
  std::ranges::sort(parts);
  return parts[needed - 1];
}

// `parts` are judged for the case that is asked for: that they hold, or (not `wanted`) that they do not. Of n parts of
// which `needed` must hold, n - needed + 1 must fail for the whole to fail.
Grip join(std::size_t needed, bool wanted, std::vector<Grip> parts) {
  if (wanted || needed > parts.size()) return wanted ? at_least(needed, std::move(parts)) : Grip::none;
  const std::size_t failing = parts.size() - needed + 1;
  return at_least(failing, std::move(parts));
}

bool has_literal(const Pattern& pattern) {
  return pattern.plain() || std::ranges::any_of(pattern.parts(), [](const Pattern::Part& part) {
           return part.kind == Pattern::Kind::literal && part.text.size() >= kLiteralBytes;
         });
}

Grip of_value(const Item& item, const RuleValue& value, bool wanted) {
  // That a field is there is positive, but common.
  if (item.op == Op::exists) return value.truth == wanted ? Grip::loose : Grip::none;
  if (value.kind == RuleValue::Kind::null) return wanted ? Grip::none : Grip::loose;
  if (!wanted) return Grip::none;
  if (item.field_reference) return Grip::loose;
  if (item.op == Op::re) return regex_literal(value.written) >= kLiteralBytes ? Grip::firm : Grip::loose;
  return std::ranges::all_of(value.patterns, has_literal) ? Grip::firm : Grip::loose;
}

Grip of_item(const Item& item, bool wanted) {
  if (item.negated) return Grip::none;
  std::vector<Grip> parts;
  for (const RuleValue& value : item.values) parts.push_back(of_value(item, value, wanted));
  const std::size_t needed = item.all ? parts.size() : 1;
  return join(needed, wanted, std::move(parts));
}

Grip of_detection(const Detection& detection, bool wanted) {
  if (detection.kind == Detection::Kind::item) return of_item(detection.item, wanted);
  std::vector<Grip> parts;
  for (const Detection& child : detection.children) parts.push_back(of_detection(child, wanted));
  const std::size_t needed = detection.kind == Detection::Kind::all ? parts.size() : 1;
  return join(needed, wanted, std::move(parts));
}

Grip of_condition(const Rule& rule, const Condition& condition, bool wanted) {
  if (condition.kind == Condition::Kind::identifier) {
    const auto found = std::ranges::find(rule.identifiers, condition.name, &Identifier::name);
    return found == rule.identifiers.end() ? Grip::none : of_detection(found->detection, wanted);
  }
  std::vector<Grip> parts;
  if (condition.kind == Condition::Kind::selector) {
    for (const std::size_t chosen : select(rule, condition))
      parts.push_back(of_detection(rule.identifiers[chosen].detection, wanted));
    const std::size_t needed = condition.all ? parts.size() : condition.count;
    return join(needed, wanted, std::move(parts));
  }
  const bool negation = condition.kind == Condition::Kind::negation;
  for (const Condition& child : condition.children)
    if (!vanishes(rule, child)) parts.push_back(of_condition(rule, child, wanted != negation));
  if (negation) return parts.empty() ? Grip::none : parts.front();
  const std::size_t needed = condition.kind == Condition::Kind::conjunction ? parts.size() : 1;
  return join(needed, wanted, std::move(parts));
}

// One step through a regular expression, outside alternatives.
class RegexScan {
 public:
  explicit RegexScan(std::string_view text) : text_{text} {}

  std::size_t longest() {
    std::size_t least = static_cast<std::size_t>(-1), best = 0;
    while (at_ < text_.size()) {
      if (text_[at_] == '|') {
        ++at_;
        least = std::min(least, std::max(best, run_));
        best = run_ = 0;
        continue;
      }
      const bool literal = take();
      const bool optional = quantifier();
      if (literal && !optional) {
        ++run_;
        best = std::max(best, run_);
        if (quantified_) run_ = 0;  // the next character need not follow this one directly
      } else if (!transparent_) {
        run_ = 0;
      }
    }
    return std::min(least, best);
  }

 private:
  // Whether what it passed is one character that stands for itself.
  bool take() {
    transparent_ = false;
    const char c = text_[at_++];
    if (c == '\\') {
      if (at_ == text_.size()) return false;
      const char next = text_[at_++];
      const char lower = ascii_lower(next);
      return !ascii_digit(next) && !(lower >= 'a' && lower <= 'z');
    }
    if (c == '[') {
      if (at_ < text_.size() && text_[at_] == '^') ++at_;
      if (at_ < text_.size() && text_[at_] == ']') ++at_;
      while (at_ < text_.size() && text_[at_] != ']') at_ += text_[at_] == '\\' ? 2U : 1U;
      ++at_;
      return false;
    }
    if (c == '(') {
      const std::size_t from = at_;
      skip_group();
      // "(?i)" holds no text of its own.
      transparent_ = from < text_.size() && text_[from] == '?' &&
                     text_.substr(from, at_ - from).find_first_of(":=!<P") == std::string_view::npos;
      return false;
    }
    transparent_ = c == '^' || c == '$';
    return !transparent_ && c != '.' && c != ')' && c != '*' && c != '+' && c != '?';
  }

  // Whether what stands before may be left out.
  bool quantifier() {
    quantified_ = false;
    if (at_ >= text_.size()) return false;
    const char c = text_[at_];
    bool optional = c == '*' || c == '?';
    if (c == '{' && at_ + 1 < text_.size() && (ascii_digit(text_[at_ + 1]) || text_[at_ + 1] == ',')) {
      optional = text_[at_ + 1] == '0' || text_[at_ + 1] == ',';
      at_ = std::min(text_.find('}', at_), text_.size() - 1) + 1;
    } else if (optional || c == '+') {
      ++at_;
    } else {
      return false;
    }
    quantified_ = true;
    if (at_ < text_.size() && (text_[at_] == '?' || text_[at_] == '+')) ++at_;
    return optional;
  }

  void skip_group() {
    std::size_t depth = 1;
    for (; at_ < text_.size() && depth != 0; ++at_) {
      if (text_[at_] == '\\')
        ++at_;
      else if (text_[at_] == '(')
        ++depth;
      else if (text_[at_] == ')')
        --depth;
    }
    at_ = std::min(at_, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0, run_ = 0;
  bool transparent_ = false, quantified_ = false;
};

}  // namespace

Grip grip(const Rule& rule) {
  Grip best = of_condition(rule, rule.condition, true);
  // Filters are joined by `and`: what one of them needs, the rule needs.
  for (const auto& filter : rule.filters) best = std::max(best, of_condition(*filter, filter->condition, true));
  return best;
}

std::size_t regex_literal(std::string_view expression) { return RegexScan{expression}.longest(); }

}  // namespace nw::sigma
