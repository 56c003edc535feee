#include "app/expected_keys.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "app/correlation_alert.h"
#include "app/source_types.h"
#include "detect/sigma/possible.h"

namespace nw::app {

namespace {

using context::Asset;
using context::Host;
using event::Common;
using event::FieldId;

// How an event can name one of its ends, and what the register then says of it.
struct End {
  Common field;
  std::string_view fields;  // how the names of those fields begin
};
constexpr std::array<End, 3> kEnds{
    {{Common::resp_h, "nw.dst."}, {Common::orig_h, "nw.src."}, {Common::host, "nw.dst."}}};

// What one end of an event can be, by the register.
struct Candidate {
  IpAddress address;
  std::string name;  // for Common::host
  bool watched = true;
};

std::vector<Candidate> candidates(const context::Registry& registry, Common end) {
  std::vector<Candidate> out;
  for (const Asset& asset : registry.assets()) {
    for (const Host& host : asset.hosts) {
      // A host that has a name in its log lines is expected under that.
      const bool named = end == Common::host && !host.name.empty();
      if (named) out.push_back({host.address, host.name, true});
      out.push_back({host.address, host.address.to_string(), !named});
    }
    // An asset is more than its listed hosts.
    for (const IpPrefix& network : asset.networks)
      out.push_back({network.address(), network.address().to_string(), true});
  }
  return out;
}

class Finder {
 public:
  Finder(const Snapshot& snapshot, std::size_t rule)
      : snapshot_{snapshot}, rule_{rule}, spec_{*snapshot.rules->correlation(rule)} {}

  // Whether the rule could find any event of the type.
  bool begin(event::TypeId type) {
    type_ = type;
    interest_.want_all(type);
    event_.begin(type, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
    return sigma::may_fire(*snapshot_.rules, rule_, event_, {});
  }

  // Whether the rule's keys name this end of an event, and nothing else; adds those that there are.
  bool find(const End& end, correlation::Expectation& out) {
    std::vector<FieldId> known{event::common(end.field)};
    for (const event::FieldSpec& field : context::Enricher::fields())
      if (field.name.starts_with(end.fields))
        if (const auto id = snapshot_.schema->find_field(field.name)) known.push_back(*id);
    const auto ids = snapshot_.rules->read_ids(rule_, type_);
    const auto names = snapshot_.rules->read_fields(rule_);
    std::vector<FieldId> fields;
    for (const std::string& name : spec_.group_by) {
      const auto at = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
      if (at >= ids.size() || std::ranges::find(known, ids[at]) == known.end()) return false;
      fields.push_back(ids[at]);
    }
    if (fields.empty()) return false;
    for (const Candidate& candidate : candidates(*snapshot_.registry, end.field)) {
      event_.begin(type_, event::SourceId{0}, Timestamp{}, Timestamp{}, event::TimeQuality::stated);
      event_.set(known[0], end.field == Common::host ? event::Value::text(candidate.name)
                                                     : event::Value::address(candidate.address));
      enrichment_.enrich(event_);
      if (auto key = key_of(fields); !key.empty() && sigma::may_fire(*snapshot_.rules, rule_, event_, known))
        add({std::move(key), candidate.watched}, out);
    }
    return true;
  }

 private:
  // Empty: the register does not designate it.
  std::vector<std::string> key_of(const std::vector<FieldId>& fields) const {
    std::vector<std::string> key;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const event::Value* value = event_.get(fields[i]);
      if (value == nullptr) return {};
      std::string& text = key.emplace_back(value->to_text());
      if (!registered(spec_.group_by[i], *value, text, *snapshot_.registry)) return {};
    }
    return key;
  }

  void add(correlation::Expectation::Key key, correlation::Expectation& out) {
    const auto [known, added] = known_.try_emplace(key.texts, out.keys.size());
    if (added)
      out.keys.push_back(std::move(key));
    else
      out.keys[known->second].watched |= key.watched;
  }

  const Snapshot& snapshot_;
  std::size_t rule_;
  event::TypeId type_{};
  const sigma::Correlation& spec_;
  event::Interest interest_;
  context::Enrichment enrichment_{*snapshot_.enricher, *snapshot_.registry, interest_};
  event::Event event_;
  std::map<std::vector<std::string>, std::size_t> known_;
};

}  // namespace

std::vector<correlation::Expectation> expected_keys(const Config& config, const Snapshot& snapshot) {
  const sigma::RuleSet& rules = *snapshot.rules;
  std::vector<correlation::Expectation> out;
  std::optional<std::vector<std::vector<std::uint16_t>>> sources;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    const sigma::Correlation* spec = rules.correlation(rule);
    if (spec == nullptr || !spec->only_registered) continue;
    if (!sources) sources = sources_by_type(config, *snapshot.schema, Replays::no);
    correlation::Expectation expectation;
    expectation.rule = static_cast<std::uint32_t>(rule);
    std::set<std::uint16_t> hearing;
    bool one_end = false;
    Finder finder{snapshot, rule};
    for (std::size_t i = 0; i < sources->size(); ++i) {
      if ((*sources)[i].empty() || !finder.begin(static_cast<event::TypeId>(i))) continue;
      hearing.insert((*sources)[i].begin(), (*sources)[i].end());
      for (const End& end : kEnds) one_end |= finder.find(end, expectation);
    }
    expectation.sources.assign(hearing.begin(), hearing.end());
    // Without a key, too: a register that has lost its last one expects nobody.
    if (one_end) out.push_back(std::move(expectation));
  }
  return out;
}

}  // namespace nw::app
