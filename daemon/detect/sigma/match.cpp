// Fourth stage: an event against the plan of its kind. The fields that can set rules off are looked up once for all
// rules; the rules that were set off are evaluated, each atom at most once per event.
#include <algorithm>
#include <bit>

#include "detect/sigma/ask.h"
#include "detect/sigma/compile.h"
#include "detect/sigma/rule_set.h"
#include "detect/sigma/subject.h"

namespace nw::sigma {

// What is known of an atom on the event at hand. `maybe`: its index met it, and it is still to be asked.
enum class Answer : std::uint8_t { no, yes, maybe };

struct Matcher::Scratch {
  Scratch(const RuleSet& rules, Ticks clock)
      : data{rules.data()},
        ticks{clock},
        costs(data.rules.size()),
        answers(data.atoms.size()),
        subject{data.fields, counters} {
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
  Ticks ticks;
  std::vector<RuleCost> costs;  // by rule
  MatchCounters counters;
  std::vector<Known> answers;
  std::uint64_t number = 0;
  std::vector<std::uint64_t> set_off;  // a bit for each of the plan's rules
  Subject subject;
  Asker asker{subject, counters};
  ScanScratch scan;
  std::vector<Hit> hits;

  void look_up();
  void evaluate_all(bool sampled);
  void evaluate(const Instance& instance, bool sampled);
  void met(const FieldIndex::Target& target, bool exact);
  bool eval(std::uint32_t at);
  bool at_least(const Node& node, std::uint32_t at);
  bool ask(std::uint32_t atom);
  void collect(std::uint32_t at, bool wanted, std::vector<std::uint32_t>& out);
  void report(const Instance& instance);
};

bool Matcher::Scratch::ask(std::uint32_t atom) {
  Known& known = answers[atom];
  if (known.event == number) {
    if (known.answer != Answer::maybe) return known.answer == Answer::yes;
  } else if (plan->indexed[atom]) {
    return false;
  }
  std::uint32_t through = Asker::kNobody;
  const bool yes = asker.holds(data.atoms[atom], plan->structured, through);
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

void Matcher::Scratch::evaluate_all(bool sampled) {
  for (const std::uint32_t rule : plan->always) set_off[rule / 64] |= std::uint64_t{1} << rule % 64;
  for (std::size_t word = 0; word * 64 < plan->rules.size(); ++word) {
    while (set_off[word] != 0) {
      const auto bit = static_cast<std::size_t>(std::countr_zero(set_off[word]));
      set_off[word] &= set_off[word] - 1;
      evaluate(plan->rules[word * 64 + bit], sampled);
    }
  }
}

void Matcher::Scratch::evaluate(const Instance& instance, bool sampled) {
  RuleCost& cost = costs[instance.rule];
  ++cost.evaluations;
  const std::uint64_t before = sampled ? ticks() : 0;
  const bool fires = eval(instance.first);
  if (sampled) {
    ++cost.sampled;
    cost.ticks += ticks() - before;
  }
  if (fires) report(instance);
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
  const RuleInfo& info = data.rules[instance.rule].info;
  const bool lowered = instance.lowers != Instance::kNever && eval(instance.lowers);
  Hit hit{instance.rule, {}, lowered ? *info.lowered : info.level};
  hit.atoms.reserve(held.size());
  for (const std::uint32_t number_of_atom : held) {
    const Atom& atom = data.atoms[number_of_atom];
    std::uint32_t through = Asker::kNobody;
    static_cast<void>(asker.holds(atom, plan->structured, through));
    hit.atoms.push_back({atom.field_name, std::string{atom.op}, atom.written, asker.value_of(atom, through)});
  }
  hits.push_back(std::move(hit));
}

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, Ticks ticks)
    : rules_{std::move(rules)}, scratch_{std::make_unique<Scratch>(*rules_, ticks)} {}
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
  const bool sampled = scratch.ticks != nullptr && scratch.number % kCostSample == 0;
  const std::uint64_t before = sampled ? scratch.ticks() : 0;
  scratch.look_up();
  if (sampled) {
    ++scratch.counters.sampled_events;
    scratch.counters.look_up_ticks += scratch.ticks() - before;
  }
  scratch.evaluate_all(sampled);
  return scratch.hits;
}

std::span<const RuleCost> Matcher::costs() const noexcept { return scratch_->costs; }

const MatchCounters& Matcher::counters() const noexcept { return scratch_->counters; }

}  // namespace nw::sigma
