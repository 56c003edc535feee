#include "record/reporting/predicate.h"

#include <algorithm>
#include <cstdio>
#include <iterator>

namespace nw::reporting {

namespace {

std::string operation(const Predicate& p) {
  const std::string number = number_text(p.number) + (p.unit.empty() ? "" : ' ' + p.unit);
  switch (p.kind) {
    case Predicate::Kind::more_than: return "more than " + number;
    case Predicate::Kind::at_least: return "at least " + number;
    case Predicate::Kind::less_than: return "less than " + number;
    case Predicate::Kind::at_most: return "at most " + number;
    default: return p.flag ? "yes" : "no";
  }
}

bool holds(const Predicate& p, double value) {
  switch (p.kind) {
    case Predicate::Kind::more_than: return value > p.number;
    case Predicate::Kind::at_least: return value >= p.number;
    case Predicate::Kind::less_than: return value < p.number;
    default: return value <= p.number;
  }
}

Judged judge_fact(const Predicate& p, const Facts& facts) {
  const auto found = facts.values.find(p.name);
  if (found == facts.values.end()) return {Truth::unknown, {}, {p.title}};
  if (p.kind == Predicate::Kind::is) {
    const bool* value = std::get_if<bool>(&found->second);
    if (value == nullptr) return {Truth::unknown, {}, {p.title}};
    return {*value == p.flag ? Truth::yes : Truth::no, {p.title + (*value ? ": yes" : ": no")}, {}};
  }
  const double* value = std::get_if<double>(&found->second);
  if (value == nullptr) return {Truth::unknown, {}, {p.title}};
  const bool yes = holds(p, *value);
  return {yes ? Truth::yes : Truth::no,
          {p.title + ": " + number_text(*value) + (p.unit.empty() ? "" : ' ' + p.unit) + " (" + operation(p) +
           (yes ? ": yes)" : ": no)")},
          {}};
}

void append(std::vector<std::string>& to, std::vector<std::string>&& from) {
  for (std::string& text : from)
    if (std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
}

// `deciding`: what one part must be to decide the whole.
Judged judge_parts(const Predicate& p, const Facts& facts, Truth deciding) {
  Judged decided, open, rest;
  bool is_decided = false, is_open = false;
  for (const Predicate& part : p.parts) {
    Judged one = judge(part, facts);
    Judged& into = one.truth == deciding ? decided : one.truth == Truth::unknown ? open : rest;
    is_decided = is_decided || one.truth == deciding;
    is_open = is_open || one.truth == Truth::unknown;
    append(into.because, std::move(one.because));
    append(into.missing, std::move(one.missing));
  }
  if (is_decided) return {deciding, std::move(decided.because), {}};
  if (is_open) {
    append(open.because, std::move(rest.because));
    return {Truth::unknown, std::move(open.because), std::move(open.missing)};
  }
  return {deciding == Truth::yes ? Truth::no : Truth::yes, std::move(rest.because), {}};
}

Judged judge_some(const Predicate& p, const Facts& facts) {
  Judged yes, open, no;
  std::size_t held = 0, unknown = 0;
  for (const Predicate& part : p.parts) {
    Judged one = judge(part, facts);
    held += one.truth == Truth::yes ? 1 : 0;
    unknown += one.truth == Truth::unknown ? 1 : 0;
    Judged& into = one.truth == Truth::yes ? yes : one.truth == Truth::unknown ? open : no;
    append(into.because, std::move(one.because));
    append(into.missing, std::move(one.missing));
  }
  const auto least = static_cast<std::size_t>(p.number);
  if (held >= least) return {Truth::yes, std::move(yes.because), {}};
  if (held + unknown < least) return {Truth::no, std::move(no.because), {}};
  append(open.because, std::move(yes.because));
  return {Truth::unknown, std::move(open.because), std::move(open.missing)};
}

}  // namespace

Judged judge(const Predicate& predicate, const Facts& facts) {
  switch (predicate.kind) {
    case Predicate::Kind::all: return judge_parts(predicate, facts, Truth::no);
    case Predicate::Kind::any: return judge_parts(predicate, facts, Truth::yes);
    case Predicate::Kind::some: return judge_some(predicate, facts);
    case Predicate::Kind::negated: {
      Judged out = judge(predicate.parts.front(), facts);
      if (out.truth != Truth::unknown) out.truth = out.truth == Truth::yes ? Truth::no : Truth::yes;
      return out;
    }
    case Predicate::Kind::role: {
      const bool has = facts.roles.contains(predicate.name);
      return {has ? Truth::yes : Truth::no, {predicate.title + (has ? ": yes" : ": no")}, {}};
    }
    default: return judge_fact(predicate, facts);
  }
}

std::string to_text(const Predicate& predicate) {
  switch (predicate.kind) {
    case Predicate::Kind::role: return predicate.title;
    case Predicate::Kind::negated: return "not (" + to_text(predicate.parts.front()) + ')';
    case Predicate::Kind::all:
    case Predicate::Kind::any:
    case Predicate::Kind::some: break;
    default: return predicate.title + ": " + operation(predicate);
  }
  std::string out;
  if (predicate.kind == Predicate::Kind::some) out = number_text(predicate.number) + " of: ";
  const std::size_t start = out.size();
  for (const Predicate& part : predicate.parts) {
    if (out.size() != start) out += predicate.kind == Predicate::Kind::all ? ", and " : ", or ";
    const bool nested = !part.parts.empty() && part.kind != Predicate::Kind::negated;
    out += nested ? '(' + to_text(part) + ')' : to_text(part);
  }
  return out;
}

std::string number_text(double number) {
  char text[400];  // the largest double has 309 digits
  const int length = std::snprintf(text, sizeof text, "%.6f", number);
  std::string out{text, static_cast<std::size_t>(length)};
  if (out.find('.') == std::string::npos) return out;  // no number at all
  out.erase(out.find_last_not_of('0') + 1);
  if (out.back() == '.') out.pop_back();
  return out;
}

}  // namespace nw::reporting
