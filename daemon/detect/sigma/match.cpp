// Fourth stage: an event against the plan of its kind. The fields that can set rules off are looked up once for all
// rules; the rules that were set off are evaluated, each atom at most once per event.
#include <algorithm>
#include <bit>

#include "detect/sigma/compile.h"
#include "detect/sigma/number.h"
#include "detect/sigma/rule_set.h"
#include "detect/sigma/subject.h"

namespace nw::sigma {

namespace {

using event::Value;
constexpr std::uint32_t kNobody = 0xffffffff;  // holds, but not through one element

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

// What is known of an atom on the event at hand. `maybe`: its index met it, and it is still to be asked.
enum class Answer : std::uint8_t { no, yes, maybe };

struct Matcher::Scratch {
  explicit Scratch(const RuleSet& rules)
      : data{rules.data()}, answers(data.atoms.size()), subject{data.fields, counters} {
    std::size_t most = 0;
    for (const TypePlan& each : data.types) most = std::max(most, each.rules.size());
    set_off.resize(most / 64 + 1);
    for (const auto& scanner : data.scanners) scanner->make_room(scan);
  }

  // By atom; one of an older event is none.
  struct Known {
    std::uint64_t event = 0;
    Answer answer = Answer::no;
  };

  const RuleSet::Data& data;
  const TypePlan* plan = nullptr;
  MatchCounters counters;
  std::vector<Known> answers;
  std::uint64_t number = 0;
  std::vector<std::uint64_t> set_off;  // a bit for each of the plan's rules
  Subject subject;
  RegexScratch regex;
  ScanScratch scan;
  std::vector<Hit> hits;

  void look_up();
  void evaluate();
  void met(const FieldIndex::Target& target, bool exact);
  bool eval(std::uint32_t at);
  bool at_least(const Node& node, std::uint32_t at);
  bool ask(std::uint32_t atom);
  bool holds(const Atom& atom, std::uint32_t& through);
  bool on_element(const Atom& atom, std::uint32_t at);
  bool on_text(const Atom& atom, std::uint32_t at);
  bool on_regex(const Atom& atom, std::uint32_t at);
  bool on_reference(const Atom& atom, std::uint32_t at);
  void collect(std::uint32_t at, bool wanted, std::vector<std::uint32_t>& out);
  void report(const Instance& instance);
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
  const ElementRange range = keyword ? subject.everything(plan->structured) : subject.field(atom.field);
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
  Known& known = answers[atom];
  if (known.event == number) {
    if (known.answer != Answer::maybe) return known.answer == Answer::yes;
  } else if (plan->indexed[atom]) {
    return false;
  }
  std::uint32_t through = kNobody;
  const bool yes = holds(data.atoms[atom], through);
  known = {number, yes ? Answer::yes : Answer::no};
  return yes;
}

void Matcher::Scratch::met(const FieldIndex::Target& target, bool exact) {
  Known& known = answers[target.atom];
  if (known.event == number) {
    if (exact) known.answer = Answer::yes;
    return;
  }
  known = {number, exact ? Answer::yes : Answer::maybe};
  for (std::uint32_t i = target.first; i < target.end; ++i) {
    const std::uint32_t rule = plan->triggers[i];
    set_off[rule / 64] |= std::uint64_t{1} << rule % 64;
  }
}

void Matcher::Scratch::look_up() {
  const auto note = [this](const FieldIndex::Target& target, bool exact) { met(target, exact); };
  for (const FieldIndex& index : plan->fields)
    if (subject.event().get(index.field()) != nullptr) index.look(subject, subject.field(index.field()), scan, note);
  if (plan->keywords) plan->keywords->look(subject, subject.everything(plan->structured), scan, note);
}

void Matcher::Scratch::evaluate() {
  for (const std::uint32_t rule : plan->always) set_off[rule / 64] |= std::uint64_t{1} << rule % 64;
  for (std::size_t word = 0; word * 64 < plan->rules.size(); ++word) {
    while (set_off[word] != 0) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(set_off[word]));
      set_off[word] &= set_off[word] - 1;
      const Instance& instance = plan->rules[word * 64 + bit];
      if (eval(instance.first)) report(instance);
    }
  }
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

void Matcher::Scratch::report(const Instance& instance) {
  std::vector<std::uint32_t> held;
  collect(instance.first, true, held);
  Hit hit{instance.rule, {}};
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
  if (type >= scratch.data.types.size() || scratch.data.types[type].rules.empty()) return {};
  scratch.plan = &scratch.data.types[type];
  ++scratch.number;
  scratch.subject.begin(event);
  scratch.look_up();
  scratch.evaluate();
  return scratch.hits;
}

const MatchCounters& Matcher::counters() const noexcept { return scratch_->counters; }

}  // namespace nw::sigma
