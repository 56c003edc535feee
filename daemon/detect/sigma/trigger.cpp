#include "detect/sigma/trigger.h"

#include <algorithm>
#include <cmath>

#include "detect/sigma/index.h"

namespace nw::sigma {

namespace {

// Estimates from judgement: what matters is their order. Longer text is rarer; an end (".exe") is met more often than
// the same text in the middle.
double rarity(std::size_t bytes, double base) {
  return base * std::pow(0.7, static_cast<double>(std::min<std::size_t>(bytes, 40)));
}

std::size_t longest_literal(const Pattern& pattern) {
  std::size_t best = 0;
  for (const Pattern::Part& part : pattern.parts()) best = std::max(best, part.text.size());
  return best;
}

double chance(const Atom& atom) {
  switch (atom.test) {
    case Atom::Test::regex: return 0.05;
    case Atom::Test::network: return 0.3;
    case Atom::Test::boolean: return 0.3;
    case Atom::Test::integer:
    case Atom::Test::real: return 0.02;
    case Atom::Test::text: break;
    default: return 0.7;
  }
  switch (atom.shape) {
    case Atom::Shape::exact: return 0.001 + rarity(atom.literal.size(), 0.1);
    case Atom::Shape::starts: return 0.001 + rarity(atom.literal.size(), 0.8);
    case Atom::Shape::ends: return 0.001 + rarity(atom.literal.size(), 0.8);
    case Atom::Shape::contains: return 0.0005 + rarity(atom.literal.size(), 0.6);
    case Atom::Shape::glob: return 0.0005 + rarity(longest_literal(atom.pattern), 0.6);
    case Atom::Shape::any: return 0.9;
  }
  return 1;
}

// Looking up one more field costs about as much as a few evaluations for nothing; rules that look up the same field
// share that.
constexpr double kFieldCost = 0.5;

class Chooser {
 public:
  Chooser(const std::vector<Node>& nodes, const std::vector<Atom>& atoms, FieldUse use)
      : nodes_{nodes}, atoms_{atoms}, use_{use} {}

  // A set that must be met when the node comes out as wanted.
  std::optional<Trigger> choose(std::uint32_t at, bool wanted) const {
    const Node& node = nodes_[at];
    switch (node.kind) {
      case Node::Kind::atom: return wanted ? of_atom(node.operand) : std::nullopt;
      case Node::Kind::negation: return choose(at + 1, !wanted);
      case Node::Kind::conjunction: return wanted ? any_child(at, wanted) : every_child(at, wanted, 0);
      case Node::Kind::disjunction: return wanted ? every_child(at, wanted, 0) : any_child(at, wanted);
      case Node::Kind::at_least:
        return wanted && node.operand != 0 ? every_child(at, wanted, node.operand) : std::nullopt;
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] std::optional<Trigger> of_atom(std::uint32_t number) const {
    const Atom& atom = atoms_[number];
    if (!FieldIndex::takes(atom)) return std::nullopt;
    double cost = chance(atom);
    if (const std::size_t field = index(atom.field); atom.field != event::kNoField && field < use_.size())
      cost += kFieldCost / (1.0 + use_[field]);
    return Trigger{cost, {number}};
  }

  // All children must come out: the cheapest of them will do.
  [[nodiscard]] std::optional<Trigger> any_child(std::uint32_t at, bool wanted) const {
    std::optional<Trigger> best;
    for (std::uint32_t i = at + 1; i < nodes_[at].end; i = nodes_[i].end) {
      std::optional<Trigger> each = choose(i, wanted);
      if (each && (!best || each->cost < best->cost)) best = std::move(each);
    }
    return best;
  }

  // Any child may come out, so each must be watched. When `needed` of n must, all but needed - 1 are enough.
  [[nodiscard]] std::optional<Trigger> every_child(std::uint32_t at, bool wanted, std::uint32_t needed) const {
    std::vector<Trigger> children;
    std::size_t left_out = 0;
    for (std::uint32_t i = at + 1; i < nodes_[at].end; i = nodes_[i].end) {
      std::optional<Trigger> each = choose(i, wanted);
      if (each)
        children.push_back(std::move(*each));
      else
        ++left_out;
    }
    const std::size_t spare = needed == 0 ? 0 : needed - 1;
    if (left_out > spare) return std::nullopt;
    std::ranges::sort(children, {}, &Trigger::cost);
    // More asked for than there are: it never holds, and an empty set says just that.
    const std::size_t dropped = std::min(children.size(), spare - left_out);
    children.resize(children.size() - dropped);
    Trigger all;
    for (Trigger& child : children) {
      all.cost += child.cost;
      all.atoms.insert(all.atoms.end(), child.atoms.begin(), child.atoms.end());
    }
    return all;
  }

  const std::vector<Node>& nodes_;
  const std::vector<Atom>& atoms_;
  FieldUse use_;
};

}  // namespace

std::optional<Trigger> choose_trigger(const std::vector<Node>& nodes, const std::vector<Atom>& atoms,
                                      std::uint32_t first, FieldUse use) {
  std::optional<Trigger> chosen = Chooser{nodes, atoms, use}.choose(first, true);
  if (!chosen) return chosen;
  std::ranges::sort(chosen->atoms);
  chosen->atoms.erase(std::unique(chosen->atoms.begin(), chosen->atoms.end()), chosen->atoms.end());
  return chosen;
}

}  // namespace nw::sigma
