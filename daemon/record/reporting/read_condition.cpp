// Conditions: {fact: users, more_than: 1000000}, {fact: malicious} (is: true), {role: cloud}, {all: [...]},
// {any: [...]}, {some: [...], least: 2}, {not: {...}}.
#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "record/reporting/regime_reader.h"

namespace nw::reporting {

namespace {

constexpr std::size_t kPartsMax = 32;

struct Operation {
  std::string_view key;
  Predicate::Kind kind;
};
constexpr auto kNumberOperations = std::to_array<Operation>({{"more_than", Predicate::Kind::more_than},
                                                             {"at_least", Predicate::Kind::at_least},
                                                             {"less_than", Predicate::Kind::less_than},
                                                             {"at_most", Predicate::Kind::at_most}});

const FactSpec* find_spec(const std::vector<FactSpec>& specs, std::string_view id) {
  const auto at = std::ranges::find(specs, id, &FactSpec::id);
  return at == specs.end() ? nullptr : &*at;
}

std::vector<std::string_view> names(const std::vector<FactSpec>& specs) {
  std::vector<std::string_view> out;
  for (const FactSpec& spec : specs) out.push_back(spec.id);
  return out;
}

}  // namespace

void RegimeReader::leaf(YamlMap& map, Predicate& out) {
  out.name = map.text("fact");
  const FactSpec* spec = find_spec(out_.facts, out.name);
  if (spec == nullptr) return unknown(map.mark(), out.name, "the fact", names(out_.facts));
  out.title = spec->title;
  out.unit = spec->unit;
  std::size_t operations = 0;
  for (const Operation& operation : kNumberOperations) {
    const YamlNode* node = map.take(operation.key);
    if (node == nullptr) continue;
    ++operations;
    const auto number = node->as_real();
    if (!number || !std::isfinite(*number))
      map.error(node->mark, "wrong-type", '\'' + std::string{operation.key} + "' must be a number");
    out.kind = operation.kind;
    out.number = number.value_or(0);
  }
  if (spec->number && operations != 1)
    map.error(map.mark(), "bad-condition", "a number is compared once",
              "write one of more_than, at_least, less_than, at_most");
  if (!spec->number && operations != 0)
    map.error(map.mark(), "bad-condition", '\'' + spec->id + "' is no number", "write is: true or is: false");
  if (spec->number) return;
  out.kind = Predicate::Kind::is;
  out.flag = map.boolean("is", true);
}

Predicate RegimeReader::condition(const YamlNode& node) {
  Predicate out;
  YamlMap map{node, "a condition", file_, diagnostics_};
  if (!map.ok()) return out;
  static constexpr std::array<std::string_view, 6> kWays{"all", "any", "some", "not", "fact", "role"};
  const auto ways = std::ranges::count_if(kWays, [&](std::string_view key) { return node.find(key) != nullptr; });
  if (ways != 1) {
    for (const std::string_view key : kWays) (void)map.take(key);
    map.error(map.mark(), "bad-condition", "a condition is one of all, any, some, not, fact, role",
              "for example {fact: users, more_than: 1000}");
    return out;
  }
  for (const auto& [key, kind] : {std::pair{"all", Predicate::Kind::all}, std::pair{"any", Predicate::Kind::any},
                                  std::pair{"some", Predicate::Kind::some}}) {
    const YamlNode* parts = sequence(map, key, false);
    if (parts == nullptr) {
      if (const YamlNode* empty = node.find(key); empty != nullptr && empty->kind == YamlNode::Kind::null)
        map.error(map.mark(), "bad-condition", "a list of conditions has at least one");
      continue;
    }
    out.kind = kind;
    if (parts->items.empty() || parts->items.size() > kPartsMax)
      map.error(parts->mark, "bad-condition", "a list of conditions has 1 to " + std::to_string(kPartsMax));
    else
      for (const YamlNode& part : parts->items) out.parts.push_back(condition(part));
  }
  if (out.kind == Predicate::Kind::some && map.require("least") != nullptr)
    out.number = static_cast<double>(
        map.integer("least", 1, 1, static_cast<std::int64_t>(std::max<std::size_t>(out.parts.size(), 1))));
  if (const YamlNode* inner = map.take("not")) {
    out.kind = Predicate::Kind::negated;
    out.parts.push_back(condition(*inner));
  }
  if (const YamlNode* role = map.take("role")) {
    out.kind = Predicate::Kind::role;
    out.name = map.text("role");
    if (const FactSpec* spec = find_spec(out_.roles, out.name))
      out.title = spec->title;
    else
      unknown(role->mark, out.name, "the role", names(out_.roles));
  }
  if (map.take("fact") != nullptr) leaf(map, out);
  map.finish();
  return out;
}

}  // namespace nw::reporting
