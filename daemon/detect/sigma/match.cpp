// Fourth stage: an event against the rules of its type. An atom is asked when a rule first needs it, and its answer
// kept for the rest of the event.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "detect/sigma/compile.h"
#include "detect/sigma/rule_set.h"
#include "detect/sigma/subject.h"

namespace nw::sigma {

namespace {

using event::Value;
constexpr std::uint32_t kNobody = 0xffffffff;  // holds, but not through one element

// A number, exactly when it is whole.
struct Number {
  bool whole;
  std::int64_t integer;
  double real;
};

template <class T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Numbers, times and intervals (in seconds), and text that is a decimal number.
std::optional<Number> number_of(const Value& value) {
  constexpr double kNanosecond = 1e-9;
  switch (value.kind()) {
    case Value::Kind::integer: return Number{true, value.as_integer(), static_cast<double>(value.as_integer())};
    case Value::Kind::real: return Number{false, 0, value.as_real()};
    case Value::Kind::interval: return Number{false, 0, static_cast<double>(value.as_interval().count()) * kNanosecond};
    case Value::Kind::time:
      return Number{false, 0, static_cast<double>(to_unix_nanoseconds(value.as_time())) * kNanosecond};
    case Value::Kind::text:
      if (const auto whole = parse<std::int64_t>(value.as_text()))
        return Number{true, *whole, static_cast<double>(*whole)};
      if (const auto real = parse<double>(value.as_text()); real && std::isfinite(*real))
        return Number{false, 0, *real};
      return std::nullopt;
    default: return std::nullopt;
  }
}

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

// At most kValueShownBytes, not through a code point.
std::string shown(std::string_view text) {
  if (text.size() <= kValueShownBytes) return std::string{text};
  std::size_t end = kValueShownBytes;
  while (end > kValueShownBytes - 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  return std::string{text.substr(0, end)};
}

}  // namespace

struct Matcher::Scratch {
  explicit Scratch(const RuleSet& rules)
      : data{rules.data()}, answers(data.atoms.size(), 0), subject{data.fields, counters} {}

  const RuleSet::Data& data;
  MatchCounters counters;
  std::vector<std::uint64_t> answers;  // by atom: the event's number * 2 + the answer
  std::uint64_t number = 0;
  Subject subject;
  RegexScratch regex;
  std::vector<Hit> hits;

  bool eval(std::uint32_t at);
  bool at_least(const Node& node, std::uint32_t at);
  bool ask(std::uint32_t atom);
  bool holds(const Atom& atom, std::uint32_t& through);
  bool on_element(const Atom& atom, std::uint32_t at);
  bool on_text(const Atom& atom, std::uint32_t at);
  bool on_regex(const Atom& atom, std::uint32_t at);
  bool on_reference(const Atom& atom, std::uint32_t at);
  void collect(std::uint32_t at, bool wanted, std::vector<std::uint32_t>& out);
  void report(std::uint32_t rule);
};

bool Matcher::Scratch::on_text(const Atom& atom, std::uint32_t at) {
  const Value& value = subject.element(at).value;
  if (atom.has_address && value.kind() == Value::Kind::address) return value.as_address() == atom.address;
  const std::string_view text = atom.cased ? subject.text(at) : subject.folded(at);
  return atom.shape == Atom::Shape::glob ? atom.pattern.match(text) : shaped(atom.shape, text, atom.literal);
}

bool Matcher::Scratch::on_regex(const Atom& atom, std::uint32_t at) {
  std::string_view text = subject.text(at);
  if (text.size() > kRegexSubjectBytesMax) {
    ++counters.regex_cuts;
    text = text.substr(0, kRegexSubjectBytesMax);
  }
  const Regex::Outcome outcome = atom.regex->search(text, regex);
  if (outcome == Regex::Outcome::limit) ++counters.regex_limits;
  return outcome == Regex::Outcome::yes;
}

bool Matcher::Scratch::on_reference(const Atom& atom, std::uint32_t at) {
  const ElementRange others = subject.field(atom.other);
  for (std::uint32_t other = others.first; other < others.end; ++other) {
    const Value &left = subject.element(at).value, &right = subject.element(other).value;
    if (right.kind() == Value::Kind::null) continue;
    if (atom.shape == Atom::Shape::exact) {
      const auto a = number_of(left), b = number_of(right);
      if (a && b && (a->whole && b->whole ? a->integer == b->integer : a->real == b->real)) return true;
    }
    const std::string_view theirs = atom.cased ? subject.text(other) : subject.folded(other);
    if (shaped(atom.shape, atom.cased ? subject.text(at) : subject.folded(at), theirs)) return true;
  }
  return false;
}

bool Matcher::Scratch::on_element(const Atom& atom, std::uint32_t at) {
  const Value& value = subject.element(at).value;
  const bool null = value.kind() == Value::Kind::null;
  if (atom.test == Atom::Test::absent) return null;
  if (null) return false;
  switch (atom.test) {
    case Atom::Test::text: return on_text(atom, at);
    case Atom::Test::regex: return on_regex(atom, at);
    case Atom::Test::network: return in_network(atom, value);
    case Atom::Test::boolean:
      if (value.kind() == Value::Kind::boolean) return value.as_boolean() == atom.truth;
      return value.kind() == Value::Kind::text && subject.folded(at) == atom.literal;
    case Atom::Test::integer:
    case Atom::Test::real:
      // Text is compared as text: 010 and 0x10 are other words than 10.
      if (value.kind() == Value::Kind::text) return subject.folded(at) == atom.literal;
      return same_number(atom, value);
    case Atom::Test::reference: return on_reference(atom, at);
    case Atom::Test::part: return in_time(atom, value);
    default: return compare(atom, value);
  }
}

// `through` is the element that decided, where there is one.
bool Matcher::Scratch::holds(const Atom& atom, std::uint32_t& through) {
  through = kNobody;
  const bool keyword = atom.field == event::kNoField;
  const Value* value = keyword ? nullptr : subject.event().get(atom.field);
  if (atom.test == Atom::Test::exists) return (value != nullptr) == atom.truth;
  const bool nothing = !keyword && (value == nullptr || value->kind() == Value::Kind::null);
  if (nothing) return atom.test == Atom::Test::absent && !atom.negated;
  const ElementRange range =
      keyword ? subject.everything(data.structured[index(subject.event().type())]) : subject.field(atom.field);
  for (std::uint32_t at = range.first; at < range.end; ++at) {
    if (!on_element(atom, at)) continue;
    if (atom.negated) return false;
    through = at;
    return true;
  }
  if (atom.negated && range.first < range.end) through = range.first;
  return atom.negated;
}

bool Matcher::Scratch::ask(std::uint32_t atom) {
  std::uint64_t& answer = answers[atom];
  if (answer >> 1U == number) return (answer & 1U) != 0;
  std::uint32_t through = kNobody;
  const bool yes = holds(data.atoms[atom], through);
  answer = number << 1U | (yes ? 1U : 0U);
  return yes;
}

// The depth is bounded by kConditionDepthMax and kDetectionDepthMax.
bool Matcher::Scratch::eval(std::uint32_t at) {
  const Node& node = data.nodes[at];
  switch (node.kind) {
    case Node::Kind::atom: return ask(node.operand);
    case Node::Kind::negation: return !eval(at + 1);
    case Node::Kind::at_least: return at_least(node, at);
    default: break;
  }
  const bool enough = node.kind == Node::Kind::disjunction;
  for (std::uint32_t i = at + 1; i < node.end; i = data.nodes[i].end)
    if (eval(i) == enough) return enough;
  return !enough;
}

bool Matcher::Scratch::at_least(const Node& node, std::uint32_t at) {
  std::uint32_t found = 0;
  for (std::uint32_t i = at + 1; i < node.end && found < node.operand; i = data.nodes[i].end)
    if (eval(i)) ++found;
  return found >= node.operand;
}

// The atoms that hold in the parts that came out as wanted. What a `not` forbids has none: it held because they did
// not.
void Matcher::Scratch::collect(std::uint32_t at, bool wanted, std::vector<std::uint32_t>& out) {
  const Node& node = data.nodes[at];
  if (eval(at) != wanted) return;
  if (node.kind == Node::Kind::atom) {
    if (wanted && std::find(out.begin(), out.end(), node.operand) == out.end()) out.push_back(node.operand);
    return;
  }
  const bool inner = node.kind == Node::Kind::negation ? !wanted : wanted;
  for (std::uint32_t i = at + 1; i < node.end; i = data.nodes[i].end) collect(i, inner, out);
}

void Matcher::Scratch::report(std::uint32_t rule) {
  std::vector<std::uint32_t> held;
  collect(data.rules[rule].first, true, held);
  Hit hit{rule, {}};
  hit.atoms.reserve(held.size());
  for (const std::uint32_t number_of_atom : held) {
    const Atom& atom = data.atoms[number_of_atom];
    std::uint32_t through = kNobody;
    static_cast<void>(holds(atom, through));
    MatchedAtom matched{atom.field_name, std::string{atom.op}, atom.written, {}};
    if (through != kNobody)
      matched.value = shown(subject.text(through));
    else if (const Value* value = atom.field == event::kNoField ? nullptr : subject.event().get(atom.field))
      matched.value = shown(value->to_text());
    hit.atoms.push_back(std::move(matched));
  }
  hits.push_back(std::move(hit));
}

Matcher::Matcher(std::shared_ptr<const RuleSet> rules)
    : rules_{std::move(rules)}, scratch_{std::make_unique<Scratch>(*rules_)} {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

std::span<const Hit> Matcher::match(const event::Event& event) {
  Scratch& scratch = *scratch_;
  scratch.hits.clear();
  const std::size_t type = index(event.type());
  // Types may have joined the schema since: no rule asked for them.
  if (type >= scratch.data.by_type.size()) return {};
  ++scratch.number;
  scratch.subject.begin(event);
  for (const std::uint32_t rule : scratch.data.by_type[type])
    if (scratch.eval(scratch.data.rules[rule].first)) scratch.report(rule);
  return scratch.hits;
}

const MatchCounters& Matcher::counters() const noexcept { return scratch_->counters; }

}  // namespace nw::sigma
