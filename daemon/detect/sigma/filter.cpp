#include "detect/sigma/filter.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string_view>

#include "base/text.h"
#include "detect/sigma/check.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

constexpr std::string_view kFilter = "filter";

// The last moment of a date, or the moment itself.
std::optional<Timestamp> read_expiry(std::string_view text) {
  if (text.size() != 10) {
    const auto moment = parse_rfc3339(text);
    return moment ? std::optional{*moment} : std::nullopt;
  }
  const auto day = parse_rfc3339(std::string{text} + "T00:00:00Z");
  return day ? std::optional{*day + std::chrono::hours{24}} : std::nullopt;
}

void read_normwatch(const YamlNode& node, const DocumentContext& context, Filter& out) {
  YamlMap map{node, "normwatch", context.text.file, context.diagnostics};
  out.owner = map.text("owner");
  out.ticket = map.text("ticket");
  if (const YamlNode* expires = map.take("expires")) {
    out.expires_mark = expires->mark;
    out.expires_written = expires->scalar;
    out.expires = read_expiry(expires->scalar);
    if (!out.expires)
      context.error(expires->mark, "bad-date", "'" + printable(expires->scalar, 64) + "' is no date",
                    "write for example 2027-01-31, in force to the end of that day in UTC");
  }
  map.finish();
}

void read_targets(const YamlNode& node, const DocumentContext& context, Filter& out) {
  const auto add = [&](const YamlNode& target) {
    if (target.kind != YamlNode::Kind::scalar || target.scalar.empty())
      context.error(target.mark, "wrong-type", "a filter names rules by id or name", "write one of them");
    else
      out.targets.push_back({is_uuid(target.scalar) ? to_ascii_lower(target.scalar) : target.scalar, target.mark});
  };
  if (node.kind == YamlNode::Kind::scalar) {
    const std::string word = to_ascii_lower(node.scalar);
    out.every = word == "any" || word == "all";
    if (!out.every) add(node);
    return;
  }
  // pySigma takes an empty list for all rules: too much to come from a list that somebody emptied.
  if (node.kind != YamlNode::Kind::sequence || node.items.empty() || node.items.size() > kFilterTargetsMax) {
    context.error(node.mark, "wrong-type",
                  "'rules' of a filter is 'any', an id or name, or a list of 1 to " + std::to_string(kFilterTargetsMax),
                  "write 'any' for all rules of the log source");
    return;
  }
  for (const YamlNode& item : node.items) add(item);
}

bool has_not(const Condition& condition) {
  return condition.kind == Condition::Kind::negation || std::ranges::any_of(condition.children, has_not);
}

// Each dimension that the filter gives is the rule's.
bool fits(const LogSource& filter, const LogSource& rule) {
  const auto is = [](const std::string& wanted, const std::string& given) { return wanted.empty() || wanted == given; };
  return is(filter.product, rule.product) && is(filter.service, rule.service) && is(filter.category, rule.category);
}

class Applier {
 public:
  Applier(std::vector<Rule>& rules, const CompileOptions& options, Diagnostics& diagnostics)
      : rules_{rules}, options_{options}, diagnostics_{diagnostics} {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      by_name_.emplace(rules[i].info.id, i);
      if (!rules[i].info.name.empty()) by_name_.emplace(rules[i].info.name, i);
    }
  }

  void apply(Filter filter) {
    if (!sound(filter)) {
      ++summary_.refused;
      tell_refused(filter.search.info, options_, diagnostics_);
      return;
    }
    if (!has_not(filter.search.condition))
      warning(filter.search.info, filter.search.condition.mark, "filter-restricts",
              "the condition has no 'not': its rules fire only on what it describes",
              "write for example 'not selection' to leave that out");
    if (expired(filter)) return;
    ++summary_.active;
    const auto search = std::make_shared<const Rule>(std::move(filter.search));
    std::size_t joined = 0;
    if (filter.every) {
      for (Rule& rule : rules_) joined += join(search, rule) ? 1U : 0U;
    } else {
      for (const Filter::Target& target : filter.targets) joined += join_named(search, target);
    }
    if (joined == 0)
      warning(search->info, search->info.mark, "filter-unused", "the filter fits no rule of this set",
              "compare its 'rules' and 'logsource' with those of the rules");
  }

  FilterSummary finish(std::size_t& refused) {
    const auto too_large = [&](const Rule& rule) {
      std::size_t nodes = rule.nodes;
      for (const auto& filter : rule.filters) nodes += filter->nodes;
      if (rule.filters.empty() || nodes <= kNodesMax) return false;
      diagnostics_.error(rule.info.file, rule.info.mark, "limit",
                         "with its " + std::to_string(rule.filters.size()) + " filters the rule comes to more than " +
                             std::to_string(kNodesMax) + " comparisons",
                         "join the filters to fewer rules");
      return true;
    };
    refused += std::erase_if(rules_, too_large);
    return summary_;
  }

 private:
  void warning(const RuleInfo& filter, Mark mark, std::string_view code, std::string text, std::string hint) {
    diagnostics_.warning(filter.file, mark, code, "'" + printable(filter.title, 64) + "': " + std::move(text),
                         std::move(hint));
  }

  bool sound(Filter& filter) {
    const RuleInfo& info = filter.search.info;
    Diagnostics found;
    if (!info.id.empty() && !ids_.insert(info.id).second)
      found.error(info.file, info.mark, "duplicate-id", "the id " + info.id + " is taken by another filter",
                  "make one with uuidgen");
    if (++seen_ > kFiltersMax)
      found.error(info.file, info.mark, "limit", "more than " + std::to_string(kFiltersMax) + " filters in a set",
                  "load fewer");
    check_search(filter.search, found);
    diagnostics_.append(found);
    return found.ok();
  }

  bool expired(const Filter& filter) {
    if (!filter.expires) return false;
    if (options_.now == Timestamp{} || *filter.expires > options_.now) {
      if (!summary_.next_expiry || *filter.expires < *summary_.next_expiry) summary_.next_expiry = filter.expires;
      return false;
    }
    ++summary_.expired;
    std::string who = filter.owner.empty() ? "nobody is named as its owner" : "its owner is " + printable(filter.owner);
    if (!filter.ticket.empty()) who += ", its ticket " + printable(filter.ticket);
    warning(filter.search.info, filter.expires_mark, "filter-expired",
            "expired (" + printable(filter.expires_written, 32) + ") and turned off: its rules alert again",
            who + ": remove it, or give it a later date");
    return true;
  }

  std::size_t join_named(const std::shared_ptr<const Rule>& search, const Filter::Target& target) {
    const auto [first, last] = by_name_.equal_range(target.name);
    std::size_t joined = 0;
    for (auto at = first; at != last; ++at) joined += join(search, rules_[at->second]) ? 1U : 0U;
    if (first == last)
      warning(search->info, target.mark, "filter-rule", "no rule '" + printable(target.name, 64) + "' is loaded",
              "give the id or name of a rule of this set");
    else if (joined == 0)
      warning(search->info, target.mark, "filter-rule",
              "the rule '" + printable(target.name, 64) + "' is of another log source (" +
                  rules_[first->second].info.log_source.to_string() + ")",
              "the filter is for " + search->info.log_source.to_string());
    return joined;
  }

  // False when the log sources differ.
  static bool join(const std::shared_ptr<const Rule>& search, Rule& rule) {
    if (!fits(search->info.log_source, rule.info.log_source)) return false;
    // Named twice, by id and by name.
    if (!rule.filters.empty() && rule.filters.back() == search) return true;
    rule.filters.push_back(search);
    rule.info.filters.push_back(search->info.title);
    return true;
  }

  std::vector<Rule>& rules_;
  const CompileOptions& options_;
  Diagnostics& diagnostics_;
  FilterSummary summary_;
  std::multimap<std::string, std::size_t, std::less<>> by_name_;
  std::set<std::string, std::less<>> ids_;
  std::size_t seen_ = 0;
};

}  // namespace

bool is_filter(const YamlNode& document) { return document.find(kFilter) != nullptr; }

Filter read_filter(const YamlNode& document, const DocumentContext& context) {
  Filter out;
  RuleInfo& info = out.search.info;
  YamlMap map{document, "a filter", context.text.file, context.diagnostics};
  info.file = context.text.file;
  info.mark = document.mark;
  info.title = map.require_text("title");
  if (const YamlNode* id = map.take("id")) info.id = read_id(*id, context);
  for (const std::string_view key :
       {"author", "date", "description", "level", "license", "modified", "name", "status", "taxonomy"})
    static_cast<void>(map.text(key));
  for (const std::string_view key : {"references", "tags"}) static_cast<void>(map.texts(key));
  static_cast<void>(map.take("related"));
  if (const YamlNode* node = map.require("logsource")) info.log_source = read_log_source(*node, context);
  if (const YamlNode* node = map.take("normwatch")) read_normwatch(*node, context, out);
  if (const YamlNode* node = map.take(kFilter)) {
    constexpr std::array<std::string_view, 1> kOthers{"rules"};
    read_search(*node, kOthers, context, out.search);
    if (const YamlNode* rules = node->find("rules"))
      read_targets(*rules, context, out);
    else
      context.error(node->mark, "missing-key", "a filter needs the key 'rules'",
                    "list ids or names of rules, or write 'any' for all of the log source");
  }
  map.finish(context.options.norm_required ? Severity::error : Severity::warning);
  return out;
}

void tell_refused(const RuleInfo& filter, const CompileOptions& options, Diagnostics& diagnostics) {
  if (!options.permissive) return;
  diagnostics.warning(filter.file, filter.mark, "filter-refused",
                      "the filter '" + printable(filter.title, 64) + "' is left out: its rules alert without it",
                      "mend it");
}

FilterSummary apply_filters(std::vector<Filter> filters, std::vector<Rule>& rules, const CompileOptions& options,
                            std::size_t& refused, Diagnostics& diagnostics) {
  Applier applier{rules, options, diagnostics};
  for (Filter& filter : filters) applier.apply(std::move(filter));
  FilterSummary summary = applier.finish(refused);
  refused += summary.refused;
  return summary;
}

}  // namespace nw::sigma
