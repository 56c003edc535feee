#include "detect/sigma/join.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

class Joiner {
 public:
  Joiner(RuleSet::Data& data, event::Schema& schema, Diagnostics& diagnostics)
      : data_{data}, schema_{schema}, diagnostics_{diagnostics} {
    for (std::size_t i = 0; i < data_.rules.size(); ++i) know(i);
    // A rule with state is over its own detection.
    for (std::size_t i = 0; i < data_.rules.size(); ++i) {
      CompiledRule& rule = data_.rules[i];
      if (!rule.correlation) continue;
      rule.correlation->inputs = {{static_cast<std::uint32_t>(i), 0}};
    }
  }

  void add(std::span<Rule> correlations) {
    std::vector<Rule*> left;
    for (Rule& rule : correlations) {
      left.push_back(&rule);
      for (const std::string& name : names_of(rule.info)) {
        named_.insert(name);
        pending_.insert(name);
      }
    }
    // Each round adds what is over rules that are there; a chain ends by its bound, so the rounds do.
    for (bool moved = true; moved && !left.empty();) {
      moved = false;
      std::erase_if(left, [&](Rule* rule) {
        if (!std::ranges::all_of(rule->correlation->references,
                                 [&](const RuleReference& reference) { return is_there(reference); }))
          return false;
        for (const std::string& name : names_of(rule->info)) pending_.erase(pending_.find(name));
        append(*rule);
        return moved = true;
      });
    }
    for (const Rule* rule : left) refuse(*rule);
  }

  // Which fields are wanted, once all are known: through correlations of correlations, too.
  void subscribe() {
    for (std::size_t i = data_.rules.size(); i-- > 0;) {
      const auto& correlation = data_.rules[i].correlation;
      if (!correlation) continue;
      for (const Correlation::Input& input : correlation->inputs) {
        CompiledRule& rule = data_.rules[input.rule];
        if (input.rule != i) rule.silent = !loud_.contains(input.rule);
        rule.feeds = true;
        for (const std::string& name : correlation->group_by)
          want(rule, group_field(*correlation, input.reference, name));
        for (const std::string& name : correlation->fields) want(rule, name);
        for (const Correlation::Part* part : {&correlation->over, &correlation->under})
          if (!part->field.empty()) want(rule, part->field);
      }
    }
    for (std::size_t i = 0; i < data_.rules.size(); ++i)
      if (data_.rules[i].feeds) resolve(i);
  }

 private:
  void know(std::size_t rule) {
    for (const std::string& name : names_of(data_.rules[rule].info)) known_.emplace(name, rule);
  }

  static std::vector<std::string> names_of(const RuleInfo& info) {
    return info.name.empty() ? std::vector{info.id} : std::vector{info.id, info.name};
  }

  // All rules that it means are known: none of that name is still to come.
  [[nodiscard]] bool is_there(const RuleReference& reference) const {
    return known_.contains(reference.name) && !pending_.contains(reference.name);
  }

  void append(Rule& rule) {
    std::size_t deep = 0, inputs = 0;
    for (const RuleReference& reference : rule.correlation->references)
      for (auto [at, last] = known_.equal_range(reference.name); at != last; ++at, ++inputs)
        deep = std::max(deep, depth_[at->second] + 1);
    if (deep > kCorrelationDepthMax)
      return refuse(rule, "more than " + std::to_string(kCorrelationDepthMax) + " correlations over each other",
                    "make the chain shorter");
    if (inputs_ + inputs > kCorrelationInputsMax)
      return refuse(rule,
                    "the correlations are over more than " + std::to_string(kCorrelationInputsMax) + " rules in all",
                    "give fewer rules one name, or refer to them by id");
    if (schema_.field_count() + fields_named(*rule.correlation) > kFieldsMax)
      return refuse(rule, "the rules name more than " + std::to_string(kFieldsMax) + " fields", "load fewer");
    name_fields(*rule.correlation, schema_);
    inputs_ += inputs;
    depth_[data_.rules.size()] = deep;
    CompiledRule compiled;
    compiled.info = std::move(rule.info);
    Correlation& correlation = *rule.correlation;
    std::size_t answering = 0;  // of the references
    std::set<std::uint32_t> counted;
    for (std::size_t i = 0; i < correlation.references.size(); ++i) {
      bool live = false;
      const auto [first, last] = known_.equal_range(correlation.references[i].name);
      for (auto at = first; at != last; ++at) {
        const auto number = static_cast<std::uint32_t>(at->second);
        const CompiledRule& inner = data_.rules[number];
        // An event counts once, though the rule is listed by its id and by its name. Of rules that are met each listing
        // is one.
        if (counted.insert(number).second || is_temporal(correlation.type))
          correlation.inputs.push_back({number, static_cast<std::uint32_t>(i)});
        if (correlation.generate) loud_.insert(number);
        const std::vector<std::string> lacking = lacks(inner, correlation, i);
        const bool answers = inner.state == RuleState::live && lacking.empty();
        live |= answers;
        if (answers) continue;
        if (!live && compiled.missing.empty()) compiled.missing = lacking.empty() ? inner.missing : lacking;
        compiled.state = lacking.empty() ? inner.state : RuleState::dormant_no_field;
      }
      if (live) ++answering;
    }
    if (can_fire(correlation, answering)) {
      compiled.state = RuleState::live;
      compiled.missing.clear();
    }
    compiled.correlation = std::move(correlation);
    data_.rules.push_back(std::move(compiled));
    know(data_.rules.size() - 1);
  }

  // The fields for whose want no event of `inner` counts. What comes out of a rule over time has those of its group.
  static std::vector<std::string> lacks(const CompiledRule& inner, const Correlation& outer, std::size_t reference) {
    std::vector<std::string> out;
    if (!inner.correlation) return out;
    const auto carried = [&](const std::string& name) {
      return std::ranges::find(inner.correlation->group_by, name) != inner.correlation->group_by.end();
    };
    for (const std::string& name : outer.fields)
      if (!carried(name)) out.push_back(name);
    std::vector<std::string> keys;
    for (const std::string& name : outer.group_by) keys.push_back(group_field(outer, reference, name));
    if (std::ranges::none_of(keys, carried)) out.insert(out.end(), keys.begin(), keys.end());
    return out;
  }

  static bool is_temporal(CorrelationType type) {
    return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered;
  }

  // With so many of its references answering.
  static bool can_fire(const Correlation& correlation, std::size_t answering) {
    if (!is_temporal(correlation.type) || correlation.extended) return answering > 0;
    if (correlation.type == CorrelationType::temporal_ordered) return answering == correlation.references.size();
    for (std::size_t seen = 1; seen <= answering; ++seen)
      if (holds(correlation.bounds, static_cast<double>(seen))) return true;
    return false;
  }

  void refuse(const Rule& rule, std::string text, std::string hint) {
    ++data_.refused;
    diagnostics_.error(rule.info.file, rule.info.mark, "limit", std::move(text), std::move(hint));
  }

  void refuse(const Rule& rule) {
    ++data_.refused;
    for (const RuleReference& reference : rule.correlation->references) {
      if (is_there(reference)) continue;
      if (named_.contains(reference.name))
        diagnostics_.error(
            rule.info.file, reference.mark, "correlation-cycle",
            "'" + printable(reference.name, 64) + "' is a correlation that is refused, or comes back to this one",
            "mend that one, or let none refer to itself");
      else
        diagnostics_.error(rule.info.file, reference.mark, "correlation-rules",
                           "no rule '" + printable(reference.name, 64) + "' is loaded",
                           "give the id or name of a rule of this set");
    }
  }

  static void want(CompiledRule& rule, const std::string& field) {
    if (std::ranges::find(rule.reads, field) == rule.reads.end()) rule.reads.push_back(field);
  }

  // A correlation's own firings carry its groups' fields by name; nothing is looked up for them.
  void resolve(std::size_t number) {
    CompiledRule& rule = data_.rules[number];
    rule.read_ids.resize(data_.types.size());
    for (std::size_t i = 0; i < data_.types.size(); ++i) {
      if (std::ranges::find(data_.types[i].rules, number, &Instance::rule) == data_.types[i].rules.end()) continue;
      const auto type = static_cast<event::TypeId>(i);
      for (const std::string& name : rule.reads) {
        event::FieldId field = schema_.add_field(name);  // known since name_fields()
        for (const event::FieldAlias& alias : schema_.type(type).aliases)
          if (alias.named == field) field = alias.carried;
        data_.interest.want(type, field);
        rule.read_ids[i].push_back(field);
      }
    }
  }

  RuleSet::Data& data_;
  event::Schema& schema_;
  Diagnostics& diagnostics_;
  std::multimap<std::string, std::size_t, std::less<>> known_;
  std::set<std::string> named_;         // what correlations are called, those that are refused too
  std::multiset<std::string> pending_;  // what those that are still to come are called
  std::size_t inputs_ = 0;
  std::map<std::size_t, std::size_t> depth_;  // by rule: correlations below it, itself included
  std::set<std::uint32_t> loud_;              // alert although a correlation uses them
};

template <class Take>
void each_field(const Correlation& correlation, const Take& take) {
  for (const std::string& name : correlation.group_by) take(name);
  for (const GroupAlias& alias : correlation.aliases)
    for (const auto& [rule, field] : alias.fields) take(field);
  for (const std::string& name : correlation.fields) take(name);
  for (const Correlation::Part* part : {&correlation.over, &correlation.under})
    if (!part->field.empty()) take(part->field);
}

}  // namespace

std::size_t fields_named(const Correlation& correlation) {
  std::size_t count = 0;
  each_field(correlation, [&](const std::string&) { ++count; });
  return count;
}

void name_fields(const Correlation& correlation, event::Schema& schema) {
  each_field(correlation, [&](const std::string& name) { schema.add_field(name); });
}

void join_correlations(std::span<Rule> correlations, RuleSet::Data& data, event::Schema& schema,
                       Diagnostics& diagnostics) {
  Joiner joiner{data, schema, diagnostics};
  joiner.add(correlations);
  joiner.subscribe();
}

}  // namespace nw::sigma
