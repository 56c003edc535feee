#include "detect/sigma/ask.h"

#include <algorithm>

#include "detect/sigma/number.h"

namespace nw::sigma {

namespace {

using event::Value;

template <class T>
bool ordered(Atom::Test test, T left, T right) {
  switch (test) {
    case Atom::Test::greater: return left > right;
    case Atom::Test::greater_equal: return left >= right;
    case Atom::Test::less: return left < right;
    default: return left <= right;
  }
}

bool compare(const Atom& atom, const Value& value) {
  const auto number = number_of(value);
  if (!number) return false;
  if (number->whole && atom.whole) return ordered(atom.test, number->integer, atom.integer);
  return ordered(atom.test, number->real, atom.number);
}

bool same_number(const Atom& atom, const Value& value) {
  const auto number = number_of(value);
  if (!number) return false;
  return number->whole && atom.whole ? number->integer == atom.integer : number->real == atom.number;
}

bool in_network(const Atom& atom, const Value& value) {
  IpAddress address;
  if (value.kind() == Value::Kind::address)
    address = value.as_address();
  else if (value.kind() != Value::Kind::text || !IpAddress::parse_into(value.as_text(), address))
    return false;
  return atom.network.contains(address);
}

bool in_time(const Atom& atom, const Value& value) {
  const auto part = part_of(atom.part, value);
  if (!part) return false;
  return atom.order == Atom::Test::integer ? *part == atom.integer : ordered(atom.order, *part, atom.integer);
}

bool shaped(Atom::Shape shape, std::string_view subject, std::string_view literal) {
  switch (shape) {
    case Atom::Shape::exact: return subject == literal;
    case Atom::Shape::contains: return subject.find(literal) != std::string_view::npos;
    case Atom::Shape::starts: return subject.starts_with(literal);
    case Atom::Shape::ends: return subject.ends_with(literal);
    default: return true;
  }
}

bool nobody(const Value* value) { return value == nullptr || value->kind() == Value::Kind::null; }

// As a rule's value and a field would: text that looks like a number is text.
bool same_numbers(const Value& a, const Value& b) {
  if (a.kind() == Value::Kind::text || b.kind() == Value::Kind::text) return false;
  const auto left = number_of(a), right = number_of(b);
  if (!left || !right) return false;
  return left->whole && right->whole ? left->integer == right->integer : left->real == right->real;
}

// One of them is held as an address; the other may be spelt in any way.
bool same_addresses(const Value& a, const Value& b) {
  if (a.kind() != Value::Kind::address && b.kind() != Value::Kind::address) return false;
  IpAddress left, right;
  const auto read = [](const Value& value, IpAddress& out) {
    if (value.kind() == Value::Kind::address) out = value.as_address();
    return value.kind() == Value::Kind::address ||
           (value.kind() == Value::Kind::text && IpAddress::parse_into(value.as_text(), out));
  };
  return read(a, left) && read(b, right) && left == right;
}

// At most kValueShownBytes, not through a code point.
std::string shown(std::string_view text) {
  if (text.size() <= kValueShownBytes) return std::string{text};
  std::size_t end = kValueShownBytes;
  while (end > kValueShownBytes - 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return std::string{text.substr(0, end)};
}

}  // namespace

bool Asker::on_text(const Atom& atom, std::uint32_t at) {
  const Value& value = subject_.element(at).value;
  if (atom.has_address && value.kind() == Value::Kind::address) return value.as_address() == atom.address;
  const std::string_view text = atom.cased ? subject_.text(at) : subject_.folded(at);
  return atom.shape == Atom::Shape::glob ? atom.pattern.match(text) : shaped(atom.shape, text, atom.literal);
}

bool Asker::on_regex(const Atom& atom, std::uint32_t at) {
  std::string_view text = subject_.text(at);
  if (text.size() > kRegexSubjectBytesMax) {
    ++counters_.regex_cuts;
    text = text.substr(0, kRegexSubjectBytesMax);
  }
  const Regex::Outcome outcome = atom.regex->search(text, regex_);
  if (outcome == Regex::Outcome::limit) ++counters_.regex_limits;
  return outcome == Regex::Outcome::yes;
}

bool Asker::on_reference(const Atom& atom, std::uint32_t at) {
  const ElementRange others = subject_.field(atom.other);
  for (std::uint32_t other = others.first; other < others.end; ++other) {
    const Value &left = subject_.element(at).value, &right = subject_.element(other).value;
    if (right.kind() == Value::Kind::null) continue;
    if (atom.shape == Atom::Shape::exact && (same_numbers(left, right) || same_addresses(left, right))) return true;
    const std::string_view theirs = atom.cased ? subject_.text(other) : subject_.folded(other);
    if (shaped(atom.shape, atom.cased ? subject_.text(at) : subject_.folded(at), theirs)) return true;
  }
  return false;
}

bool Asker::on_element(const Atom& atom, std::uint32_t at) {
  const Value& value = subject_.element(at).value;
  const bool null = value.kind() == Value::Kind::null;
  if (atom.test == Atom::Test::absent) return null;
  if (null) return false;
  switch (atom.test) {
    case Atom::Test::text: return on_text(atom, at);
    case Atom::Test::regex: return on_regex(atom, at);
    case Atom::Test::network: return in_network(atom, value);
    case Atom::Test::boolean:
      if (value.kind() == Value::Kind::boolean) return value.as_boolean() == atom.truth;
      return value.kind() == Value::Kind::text && subject_.folded(at) == atom.literal;
    case Atom::Test::integer:
    case Atom::Test::real:
      // Text is compared as text: 010 and 0x10 are other words than 10.
      if (value.kind() == Value::Kind::text) return subject_.folded(at) == atom.literal;
      return same_number(atom, value);
    case Atom::Test::reference: return on_reference(atom, at);
    case Atom::Test::part: return in_time(atom, value);
    default: return compare(atom, value);
  }
}

bool Asker::holds(const Atom& atom, bool structured, std::uint32_t& through) {
  through = kNobody;
  const bool keyword = atom.field == event::kNoField;
  const Value* value = keyword ? nullptr : subject_.event().get(atom.field);
  if (atom.test == Atom::Test::exists) return (value != nullptr) == atom.truth;
  const bool nothing = !keyword && nobody(value);
  if (nothing) return atom.test == Atom::Test::absent && !atom.negated;
  // `neq` compares with something: both fields must be there.
  if (atom.negated && atom.test == Atom::Test::reference && nobody(subject_.event().get(atom.other))) return false;
  const ElementRange range = keyword ? subject_.everything(structured) : subject_.field(atom.field);
  for (std::uint32_t at = range.first; at < range.end; ++at) {
    if (!on_element(atom, at)) continue;
    if (atom.negated) return false;
    through = at;
    return true;
  }
  if (atom.negated && range.first < range.end) through = range.first;
  return atom.negated;
}

std::string Asker::value_of(const Atom& atom, std::uint32_t through) {
  if (through != kNobody) return shown(subject_.text(through));
  const Value* value = atom.field == event::kNoField ? nullptr : subject_.event().get(atom.field);
  return value == nullptr ? std::string{} : shown(value->to_text());
}

}  // namespace nw::sigma
