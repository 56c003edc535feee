#include "detect/sigma/check.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/ip.h"
#include "base/text.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

constexpr auto kCodes = std::to_array<std::string_view>({
    "all-single",
    "bad-cidr",
    "bad-date",
    "bad-detection-id",
    "bad-id",
    "bad-norm",
    "bad-regex",
    "bad-tag",
    "cidr-host-bits",
    "collection-action",
    "condition-aggregation",
    "condition-depth",
    "condition-empty",
    "condition-syntax",
    "correlation-alias",
    "correlation-condition",
    "correlation-cycle",
    "correlation-document",
    "correlation-field",
    "correlation-rules",
    "correlation-timespan",
    "custom-key",
    "downgrade-level",
    "downgrade-never",
    "duplicate-id",
    "duplicate-name",
    "empty-detection",
    "empty-document",
    "empty-logsource",
    "filter-expired",
    "filter-refused",
    "filter-restricts",
    "filter-rule",
    "filter-unused",
    "global-replaces",
    "global-unused",
    "identifier-name",
    "limit",
    "missing-id",
    "missing-key",
    "missing-norm",
    "modifier-use",
    "no-placeholder",
    "norm-mismatch",
    "not-evaluated",
    "null-in-list",
    "operator-case",
    "selector-empty",
    "selector-never",
    "status-unsupported",
    "unknown-identifier",
    "unknown-key",
    "unknown-modifier",
    "unknown-placeholder",
    "unused-identifier",
    "value-type",
    "variable-at",
    "variable-unknown",
    "variable-value",
    "wrong-type",
    "yaml-duplicate-key",
    "yaml-key",
    "yaml-syntax",
    "yaml-too-deep",
    "yaml-too-large",
});
static_assert(std::ranges::is_sorted(kCodes));

bool plain_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    const char lower = ascii_lower(c);
    return ascii_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_' || c == '-';
  });
}

// One rule; reports, changes nothing.
class Checker {
 public:
  Checker(const Rule& rule, Diagnostics& diagnostics)
      : rule_{rule}, file_{rule.info.file}, diagnostics_{diagnostics}, used_(rule.identifiers.size(), false) {}

  // Gives the nodes that the rule compiles to, at most.
  std::size_t check() {
    for (const Identifier& identifier : rule_.identifiers) {
      sizes_.push_back(check_detection(identifier.detection));
      if (!plain_name(identifier.name))
        warning(identifier.mark, "identifier-name",
                "'" + printable(identifier.name, 64) + "' can only be reached by a pattern",
                "use letters, digits, '_' and '-'; modifiers belong to fields, one level lower");
    }
    check_condition(rule_.condition);
    if (rule_.lowered_when) nodes_ += check_detection(rule_.lowered_when->detection);
    if (nodes_ > kNodesMax)
      error(rule_.condition.mark, "limit",
            "the condition repeats identifiers to more than " + std::to_string(kNodesMax) + " comparisons",
            "split the rule");
    if (vanishes(rule_, rule_.condition))
      error(rule_.condition.mark, "condition-empty", "no part of the condition names an identifier that exists",
            "check the patterns after 'of'");
    for (std::size_t i = 0; i < used_.size(); ++i)
      if (!used_[i])
        warning(rule_.identifiers[i].mark, "unused-identifier",
                "the condition does not use '" + printable(rule_.identifiers[i].name, 64) + "'", "use it or remove it");
    return nodes_;
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint) {
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
  }
  void warning(Mark mark, std::string_view code, std::string text, std::string hint) {
    diagnostics_.warning(file_, mark, code, std::move(text), std::move(hint));
  }

  // Gives the nodes that the detection compiles to.
  std::size_t check_detection(const Detection& detection) {
    std::size_t nodes = 1;
    for (const Detection& child : detection.children) nodes += check_detection(child);
    if (detection.kind == Detection::Kind::item) {
      check_item(detection.item);
      for (const RuleValue& value : detection.item.values) nodes += 1 + value.patterns.size();
    }
    return nodes;
  }

  void check_item(const Item& item) {
    if (item.all && item.values.size() < 2)
      warning(item.mark, "all-single", "'all' with one value", "remove 'all', or add the other values");
    for (const RuleValue& value : item.values) {
      if (value.kind == RuleValue::Kind::null && item.values.size() > 1)
        warning(value.mark, "null-in-list", "null among other values", "Sigma wants an identifier of its own for it");
      if (item.op == Op::cidr) check_cidr(value);
      if (item.op == Op::re) check_regex(item, value);
    }
  }

  void check_cidr(const RuleValue& value) {
    const auto prefix = IpPrefix::parse(value.written);
    if (!prefix) {
      error(value.mark, "bad-cidr", prefix.error().what, {});
      return;
    }
    IpAddress address;
    if (IpAddress::parse_into(std::string_view{value.written}.substr(0, value.written.find('/')), address) &&
        address != prefix->address())
      warning(value.mark, "cidr-host-bits", "'" + value.written + "' has bits set after its prefix",
              "read as " + prefix->to_string());
  }

  void check_regex(const Item& item, const RuleValue& value) {
    if (value.written.size() > kRegexBytesMax) {
      error(value.mark, "limit",
            "a regular expression of " + std::to_string(value.written.size()) + " bytes, at most " +
                std::to_string(kRegexBytesMax),
            "split it");
      return;
    }
    RegexFault fault;
    if (Regex::compile(value.written, item.regex, fault) == nullptr)
      error(value.mark, "bad-regex", "the regular expression does not compile: " + fault.text,
            "see byte " + std::to_string(fault.offset) + " of it");
  }

  void use(std::size_t identifier) {
    used_[identifier] = true;
    nodes_ += 1 + sizes_[identifier];
  }

  void check_condition(const Condition& condition) {
    ++nodes_;
    for (const Condition& child : condition.children) check_condition(child);
    if (condition.kind == Condition::Kind::identifier) check_name(condition);
    if (condition.kind == Condition::Kind::selector) check_selector(condition);
  }

  void check_name(const Condition& condition) {
    const auto found = std::ranges::find(rule_.identifiers, condition.name, &Identifier::name);
    if (found != rule_.identifiers.end()) {
      use(static_cast<std::size_t>(found - rule_.identifiers.begin()));
      return;
    }
    std::vector<std::string_view> names;
    for (const Identifier& identifier : rule_.identifiers) names.push_back(identifier.name);
    error(condition.mark, "unknown-identifier",
          "the detection has no '" + printable(condition.name, 64) + "'" + did_you_mean(condition.name, names),
          "name an identifier of the detection");
  }

  void check_selector(const Condition& condition) {
    const std::vector<std::size_t> chosen = select(rule_, condition);
    for (const std::size_t identifier : chosen) use(identifier);
    if (chosen.empty())
      warning(condition.mark, "selector-empty", "no identifier fits '" + printable(condition.name, 64) + "'",
              "this part of the condition is dropped");
    else if (!condition.all && condition.count > chosen.size())
      warning(condition.mark, "selector-never",
              "asks for " + std::to_string(condition.count) + " of " + std::to_string(chosen.size()) + " identifiers",
              "it can never hold");
  }

  const Rule& rule_;
  const std::string& file_;
  Diagnostics& diagnostics_;
  std::vector<bool> used_;
  std::vector<std::size_t> sizes_;
  std::size_t nodes_ = 0;
};

}  // namespace

std::span<const std::string_view> diagnostic_codes() { return kCodes; }

void check_search(Rule& rule, Diagnostics& diagnostics) { rule.nodes = Checker{rule, diagnostics}.check(); }

std::size_t check_rules(std::vector<Rule>& rules, Diagnostics& diagnostics) {
  std::map<std::string, const RuleInfo*> ids, names;
  std::vector<Rule> kept;
  kept.reserve(rules.size());  // the map points into it
  for (Rule& rule : rules) {
    Diagnostics found;
    const RuleInfo& info = rule.info;
    if (const auto other = ids.find(info.id); other != ids.end())
      found.error(info.file, info.mark, "duplicate-id", "the id " + info.id + " is taken",
                  "by '" + printable(other->second->title, 64) + "' in " + other->second->file + ':' +
                      std::to_string(other->second->mark.line));
    if (kept.size() >= kRulesMax)
      found.error(info.file, info.mark, "limit", "more than " + std::to_string(kRulesMax) + " rules in a set",
                  "load fewer");
    if (!rule.identifiers.empty()) check_search(rule, found);  // a correlation searches nothing itself
    diagnostics.append(found);
    if (!found.ok()) continue;
    kept.push_back(std::move(rule));
    const RuleInfo& taken = kept.back().info;
    ids.emplace(taken.id, &taken);
    if (taken.name.empty()) continue;
    if (const auto [first, fresh] = names.emplace(taken.name, &taken); !fresh)
      diagnostics.warning(taken.file, taken.mark, "duplicate-name",
                          "the name '" + printable(taken.name, 64) + "' is taken: what refers to it means both rules",
                          "by '" + printable(first->second->title, 64) + "' in " + first->second->file + ':' +
                              std::to_string(first->second->mark.line));
  }
  const std::size_t refused = rules.size() - kept.size();
  rules = std::move(kept);
  return refused;
}

std::vector<std::size_t> select(const Rule& rule, const Condition& selector) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < rule.identifiers.size(); ++i)
    if (selects(selector, rule.identifiers[i].name)) out.push_back(i);
  return out;
}

bool vanishes(const Rule& rule, const Condition& condition) {
  if (condition.kind == Condition::Kind::identifier) return false;
  if (condition.kind == Condition::Kind::selector) return select(rule, condition).empty();
  return std::ranges::all_of(condition.children, [&](const Condition& child) { return vanishes(rule, child); });
}

}  // namespace nw::sigma
