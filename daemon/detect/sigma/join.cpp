#include "detect/sigma/join.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

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
    std::map<std::string, bool> named;  // by the ids and names of what is still to come
    for (Rule& rule : correlations) {
      left.push_back(&rule);
      named[rule.info.id] = true;
      if (!rule.info.name.empty()) named[rule.info.name] = true;
    }
    for (bool moved = true; moved && !left.empty();) {
      moved = false;
      std::erase_if(left, [&](Rule* rule) {
        const bool ready = std::ranges::all_of(rule->correlation->references, [&](const RuleReference& reference) {
          return !waits_for(reference.name, left, rule) && known_.contains(reference.name);
        });
        if (ready) append(*rule);
        moved |= ready;
        return ready;
      });
    }
    for (const Rule* rule : left) refuse(*rule, named);
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
    const RuleInfo& info = data_.rules[rule].info;
    known_.emplace(info.id, rule);
    if (!info.name.empty()) known_.emplace(info.name, rule);
  }

  static bool waits_for(const std::string& name, const std::vector<Rule*>& left, const Rule* self) {
    return std::ranges::any_of(left,
                               [&](const Rule* other) {
                                 return other != self && (other->info.id == name || other->info.name == name);
                               }) ||
           (self->info.id == name || (!self->info.name.empty() && self->info.name == name));
  }

  void append(Rule& rule) {
    std::size_t deep = 0;
    for (const RuleReference& reference : rule.correlation->references)
      for (auto [at, last] = known_.equal_range(reference.name); at != last; ++at)
        deep = std::max(deep, depth_[at->second] + 1);
    if (deep > kCorrelationDepthMax) {
      ++data_.refused;
      diagnostics_.error(rule.info.file, rule.info.mark, "limit",
                         "more than " + std::to_string(kCorrelationDepthMax) + " correlations over each other",
                         "make the chain shorter");
      return;
    }
    depth_[data_.rules.size()] = deep;
    CompiledRule compiled;
    compiled.info = std::move(rule.info);
    Correlation& correlation = *rule.correlation;
    bool any = false, all = true;
    for (std::size_t i = 0; i < correlation.references.size(); ++i) {
      bool live = false;
      const auto [first, last] = known_.equal_range(correlation.references[i].name);
      for (auto at = first; at != last; ++at) {
        const auto number = static_cast<std::uint32_t>(at->second);
        correlation.inputs.push_back({number, static_cast<std::uint32_t>(i)});
        if (correlation.generate) loud_.insert(number);
        live |= data_.rules[number].state == RuleState::live;
        if (!live && compiled.missing.empty()) compiled.missing = data_.rules[number].missing;
        if (data_.rules[number].state != RuleState::live) compiled.state = data_.rules[number].state;
      }
      any |= live;
      all &= live;
    }
    const bool needs_all =
        !correlation.extended && (correlation.type == CorrelationType::temporal_ordered ||
                                  (correlation.type == CorrelationType::temporal &&
                                   !holds(correlation.bounds, static_cast<double>(correlation.references.size() - 1))));
    if (needs_all ? all : any) {
      compiled.state = RuleState::live;
      compiled.missing.clear();
    }
    compiled.correlation = std::move(correlation);
    data_.rules.push_back(std::move(compiled));
    know(data_.rules.size() - 1);
  }

  void refuse(const Rule& rule, const std::map<std::string, bool>& named) {
    ++data_.refused;
    for (const RuleReference& reference : rule.correlation->references) {
      if (known_.contains(reference.name)) continue;
      if (named.contains(reference.name))
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
        event::FieldId field = field_of(name, rule.info);
        if (field == event::kNoField) {
          rule.read_ids[i].push_back(field);
          continue;
        }
        for (const event::FieldAlias& alias : schema_.type(type).aliases)
          if (alias.named == field) field = alias.carried;
        data_.interest.want(type, field);
        rule.read_ids[i].push_back(field);
      }
    }
  }

  // kNoField: the schema is full, which is said once.
  event::FieldId field_of(const std::string& name, const RuleInfo& rule) {
    if (const auto known = schema_.find_field(name)) return *known;
    if (schema_.field_count() < kFieldsMax) return schema_.add_field(name);
    if (!std::exchange(full_, true))
      diagnostics_.error(rule.file, rule.mark, "limit",
                         "the rules name more than " + std::to_string(kFieldsMax) + " fields", "load fewer");
    return event::kNoField;
  }

  RuleSet::Data& data_;
  event::Schema& schema_;
  Diagnostics& diagnostics_;
  bool full_ = false;
  std::multimap<std::string, std::size_t, std::less<>> known_;
  std::map<std::size_t, std::size_t> depth_;  // by rule: correlations below it, itself included
  std::set<std::uint32_t> loud_;              // alert although a correlation uses them
};

}  // namespace

void join_correlations(std::span<Rule> correlations, RuleSet::Data& data, event::Schema& schema,
                       Diagnostics& diagnostics) {
  Joiner joiner{data, schema, diagnostics};
  joiner.add(correlations);
  joiner.subscribe();
}

}  // namespace nw::sigma
