#include "detect/sigma/read_correlation.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "detect/sigma/limits.h"

namespace nw::sigma {

namespace {

constexpr std::array<std::string_view, 7> kTypes{"event_count", "value_count", "temporal",        "temporal_ordered",
                                                 "value_sum",   "value_avg",   "value_percentile"};
constexpr std::array<std::string_view, 6> kBounds{"gt", "gte", "lt", "lte", "eq", "neq"};
constexpr Nanoseconds kTimespanMax = std::chrono::hours{24 * 366 * 10};

bool is_temporal(CorrelationType type) {
  return type == CorrelationType::temporal || type == CorrelationType::temporal_ordered;
}

class Reader {
 public:
  explicit Reader(const DocumentContext& context) : context_{context} {}

  Correlation correlation(const YamlNode& node, bool extended) {
    YamlMap map{node, "a correlation", context_.text.file, context_.diagnostics};
    if (!map.ok()) return out_;
    map.require("type");
    out_.type = static_cast<CorrelationType>(map.choice("type", 0, kTypes));
    if (const YamlNode* rules = map.require("rules")) references(*rules);
    group_by(map, "group-by");
    if (const YamlNode* aliases = map.take("aliases")) read_aliases(*aliases);
    if (const YamlNode* span = map.require("timespan")) out_.timespan = timespan(*span);
    out_.generate = map.boolean("generate", false);
    if (const YamlNode* condition = map.take("condition"))
      read_condition(*condition, extended);
    else if (!is_temporal(out_.type))
      error(node.mark, "missing-key", "a correlation of this type needs the key 'condition'",
            "write for example 'condition: {gte: 10}'");
    if (out_.bounds.empty() && !out_.extended)
      out_.bounds.push_back({Bound::Op::gte, static_cast<double>(out_.references.size())});
    if (is_temporal(out_.type) && !out_.extended && holds(out_.bounds, 0))
      error(node.mark, "correlation-condition", "this holds without any event", "ask for at least one rule");
    return close(map);
  }

  Correlation absence(const YamlNode& node) {
    YamlMap map = open(node, CorrelationType::absence);
    constexpr std::array<std::string_view, 2> kExpect{"seen", "register"};
    out_.only_registered = map.choice("expect", 0, kExpect) == 1;
    if (const YamlNode* silence = map.require("for")) read_silence(*silence);
    constexpr std::array<std::string_view, 2> kUnless{"sensor_blind", "segment_down"};
    if (const YamlNode* unless = map.take("unless")) {
      out_.unless_blind = out_.unless_segment = false;
      for (const YamlNode& item : unless->kind == YamlNode::Kind::sequence ? unless->items : std::vector{*unless}) {
        if (item.scalar != kUnless[0] && item.scalar != kUnless[1])
          error(item.mark, "wrong-type",
                "'" + printable(item.scalar, 64) + "' does not excuse silence" + did_you_mean(item.scalar, kUnless),
                "write sensor_blind, segment_down or both");
        (item.scalar == kUnless[0] ? out_.unless_blind : out_.unless_segment) = true;
      }
    }
    segment(map);
    return close(map);
  }

  Correlation newvalue(const YamlNode& node) {
    YamlMap map = open(node, CorrelationType::newvalue);
    values(map, "field", true);
    out_.learn = positive(map, "learn", std::chrono::hours{24 * 7});
    return close(map);
  }

  Correlation beacon(const YamlNode& node) {
    YamlMap map = open(node, CorrelationType::beacon);
    out_.count = static_cast<std::uint32_t>(map.integer("count", 12, 4, kBeaconEventsMax));
    out_.variation = real(map, "variation", 0.15, 0, 1);
    out_.least = positive(map, "over", std::chrono::hours{1});
    values(map, "steady", false);
    out_.spread = real(map, "spread", out_.fields.empty() ? 0 : 0.1, 0, 1);
    if (out_.fields.size() > 1)
      error(node.mark, "correlation-field", "'steady' takes one field", "name the one whose values hardly change");
    return close(map);
  }

  Correlation ratio(const YamlNode& node) {
    YamlMap map = open(node, CorrelationType::ratio);
    if (const YamlNode* over = map.require("over")) out_.over = part(*over);
    if (const YamlNode* under = map.require("under")) out_.under = part(*under);
    if (const YamlNode* span = map.require("timespan")) out_.timespan = timespan(*span);
    out_.at_least = real(map, "at_least", 0, 0, 1e18);
    for (std::size_t i = 0; i < kBounds.size(); ++i)
      if (const YamlNode* bound = map.take(kBounds[i])) add_bound(static_cast<Bound::Op>(i), *bound);
    if (out_.bounds.empty()) error(node.mark, "missing-key", "a ratio needs a limit", "write for example 'gte: 10'");
    return close(map);
  }

  Correlation rate(const YamlNode& node) {
    YamlMap map = open(node, CorrelationType::rate);
    if (const YamlNode* span = map.require("timespan")) out_.timespan = timespan(*span);
    out_.percentile = real(map, "percentile", 99, 1, 100);
    out_.times = real(map, "times", 10, 1, 1e6);
    out_.at_least = real(map, "at_least", 10, 1, 1e12);
    out_.learn = positive(map, "learn", std::chrono::hours{24});
    out_.least = positive(map, "past", std::max<Nanoseconds>(std::chrono::hours{24 * 30}, 2 * out_.timespan));
    values(map, "of", false);
    if (out_.least < 2 * out_.timespan || out_.least / out_.timespan > kPastSlicesMax)
      error(node.mark, "correlation-timespan",
            "'past' must be 2 to " + std::to_string(kPastSlicesMax) + " times the timespan", "write for example 30d");
    return close(map);
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint) {
    context_.error(mark, code, std::move(text), std::move(hint));
  }

  // Keys are told apart by at least one more field than their segment is.
  void segment(YamlMap& map) {
    out_.segment = map.texts("segment");
    if (out_.segment.empty()) return;
    if (out_.segment.size() >= out_.group_by.size() ||
        !std::equal(out_.segment.begin(), out_.segment.end(), out_.group_by.begin()))
      error(map.mark(), "correlation-field", "'segment' names the first fields of 'key', and not all of them",
            "write those that one segment has in common at the beginning of 'key'");
    if (!out_.unless_segment)
      error(map.mark(), "correlation-field", "'segment' says when a segment is down, which excuses nothing here",
            "add segment_down to 'unless', or remove it");
  }

  YamlMap open(const YamlNode& node, CorrelationType type) {
    YamlMap map{node, to_string(type), context_.text.file, context_.diagnostics};
    out_.type = type;
    if (map.ok()) group_by(map, "key");
    return map;
  }
  Correlation close(YamlMap& map) {
    map.finish();
    bool fits = out_.over.value.size() <= kValueBytesMax && out_.under.value.size() <= kValueBytesMax;
    const auto look = [&fits](const std::string& name) { fits &= name.size() <= kFieldBytesMax; };
    std::ranges::for_each(out_.group_by, look);
    std::ranges::for_each(out_.fields, look);
    for (const GroupAlias& alias : out_.aliases) {
      look(alias.name);
      for (const auto& [rule, field] : alias.fields) look(field);
    }
    look(out_.over.field);
    look(out_.under.field);
    if (!fits)
      error(map.mark(), "limit",
            "a field's name of more than " + std::to_string(kFieldBytesMax) + " bytes, or a value of more than " +
                std::to_string(kValueBytesMax),
            "shorten it");
    return std::move(out_);
  }

  void references(const YamlNode& node) {
    const std::vector<YamlNode> one{node};
    const auto& items = node.kind == YamlNode::Kind::sequence ? node.items : one;
    if (items.empty() || items.size() > kCorrelationRulesMax)
      return error(node.mark, "correlation-rules",
                   "a correlation is over 1 to " + std::to_string(kCorrelationRulesMax) + " rules",
                   "list ids or names of rules");
    for (const YamlNode& item : items) {
      if (item.kind != YamlNode::Kind::scalar || item.scalar.empty()) {
        error(item.mark, "wrong-type", "a rule is referred to by its id or name", "write one");
        continue;
      }
      RuleReference reference = reference_of(item);
      if (std::ranges::find(out_.references, reference.name, &RuleReference::name) != out_.references.end())
        error(item.mark, "correlation-rules", "'" + printable(item.scalar, 64) + "' is listed twice", "list it once");
      out_.references.push_back(std::move(reference));
    }
  }

  static RuleReference reference_of(const YamlNode& node) {
    const std::string lower = to_ascii_lower(node.scalar);
    return {is_uuid(lower) ? lower : node.scalar, node.mark};
  }

  void group_by(YamlMap& map, std::string_view key) {
    out_.group_by = map.texts(key);
    if (out_.group_by.size() > kGroupFieldsMax)
      error(map.mark(), "limit", "more than " + std::to_string(kGroupFieldsMax) + " fields to group by", "name fewer");
  }

  void read_aliases(const YamlNode& node) {
    if (node.kind != YamlNode::Kind::map || node.members.size() > kGroupFieldsMax)
      return error(node.mark, "wrong-type", "'aliases' is a map of names", "write 'name: {rule: field}'");
    for (const auto& [name, fields] : node.members) {
      GroupAlias& alias = out_.aliases.emplace_back();
      alias.name = name.scalar;
      if (fields.kind != YamlNode::Kind::map || fields.members.size() > kCorrelationRulesMax) {
        error(fields.mark, "wrong-type", "an alias gives each rule its field", "write 'name: {rule: field}'");
        continue;
      }
      for (const auto& [rule, field] : fields.members) {
        alias.fields.emplace_back(reference_of(rule), field.scalar);
        if (field.scalar.empty()) error(field.mark, "wrong-type", "an alias gives each rule its field", "name it");
        if (std::ranges::find(out_.references, alias.fields.back().first.name, &RuleReference::name) ==
            out_.references.end())
          error(rule.mark, "correlation-alias", "the correlation is not over '" + printable(rule.scalar, 64) + "'",
                "name one of its rules");
      }
      if (std::ranges::find(out_.group_by, alias.name) == out_.group_by.end())
        context_.warning(name.mark, "correlation-alias", "nothing is grouped by '" + printable(alias.name, 64) + "'",
                         "add it to group-by, or remove it");
    }
  }

  // Sigma's s, m, h and d, and pySigma's w, M (30.44 days) and y (365.25 days).
  Nanoseconds timespan(const YamlNode& node) {
    constexpr std::array<std::pair<char, double>, 7> kUnits{
        {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}, {'M', 2630016}, {'y', 31557600}}};
    const std::string& text = node.scalar;
    std::uint32_t count = 0;
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), count);
    for (const auto& [unit, seconds] : kUnits) {
      if (wrong != std::errc{} || text.empty() || end != text.data() + text.size() - 1 || *end != unit) continue;
      const double total = count * seconds;
      if (total <= 0 || total > std::chrono::duration<double>(kTimespanMax).count()) break;
      return Nanoseconds{static_cast<std::int64_t>(total * 1e9)};
    }
    error(node.mark, "correlation-timespan", "'" + printable(text, 64) + "' is no timespan",
          "write for example 30s, 15m, 2h or 7d; at most 10y");
    return std::chrono::seconds{1};
  }

  Nanoseconds positive(YamlMap& map, std::string_view key, Nanoseconds fallback) {
    const Nanoseconds value = map.duration(key, fallback);
    if (value > Nanoseconds{0} && value <= kTimespanMax) return value;
    map.error(map.mark(), "correlation-timespan",
              "'" + std::string{key} + "' must be more than 0 and at most 10 years");
    return fallback;
  }

  double real(YamlMap& map, std::string_view key, double fallback, double least, double most) {
    const YamlNode* node = map.take(key);
    if (node == nullptr) return fallback;
    const auto value = node->as_real();
    if (value && *value >= least && *value <= most) return *value;
    error(node->mark, "wrong-type",
          "'" + std::string{key} + "' must be a number from " + shown(least) + " to " + shown(most), "");
    return fallback;
  }

  static std::string shown(double value) {
    std::array<char, 32> text{};
    const auto [end, wrong] = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), wrong == std::errc{} ? end : text.data()};
  }

  void values(YamlMap& map, std::string_view key, bool required) {
    out_.fields = map.texts(key);
    if (required && out_.fields.empty())
      error(map.mark(), "missing-key", "'" + std::string{key} + "' says whose values count", "name a field");
    if (out_.fields.size() > kGroupFieldsMax) error(map.mark(), "limit", "too many fields", "name fewer");
  }

  void add_bound(Bound::Op op, const YamlNode& node) {
    if (const auto value = node.as_real(); value && std::isfinite(*value))
      out_.bounds.push_back({op, *value});
    else
      error(node.mark, "correlation-condition", "a limit is a number", "write for example 'gte: 10'");
  }

  void read_condition(const YamlNode& node, bool extended) {
    if (node.kind == YamlNode::Kind::scalar) return read_extended(node, extended);
    YamlMap map{node, "a correlation's condition", context_.text.file, context_.diagnostics};
    if (!map.ok()) return;
    for (std::size_t i = 0; i < kBounds.size(); ++i)
      if (const YamlNode* bound = map.take(kBounds[i])) add_bound(static_cast<Bound::Op>(i), *bound);
    const bool counts = out_.type == CorrelationType::event_count || out_.type == CorrelationType::value_count;
    for (const Bound& bound : out_.bounds)
      if (counts && bound.value > static_cast<double>(kWindowEventsMax))
        error(node.mark, "limit", "one window counts no further than " + std::to_string(kWindowEventsMax),
              "ask for fewer, in a shorter timespan");
    if (out_.bounds.empty())
      error(node.mark, "correlation-condition", "the condition has no limit", "write for example 'gte: 10'");
    const bool needs = out_.type == CorrelationType::value_count || out_.type == CorrelationType::value_sum ||
                       out_.type == CorrelationType::value_avg || out_.type == CorrelationType::value_percentile;
    const bool named = node.find("field") != nullptr;
    if (needs != named)
      error(node.mark, "correlation-field",
            needs ? "this type counts the values of a field" : "this type counts no field's values",
            needs ? "name it: 'field: user'" : "remove 'field'");
    if (named) values(map, "field", true);
    if (out_.fields.size() > 1 && out_.type != CorrelationType::value_count)
      error(node.mark, "correlation-field", "only value_count takes several fields", "name one");
    if (out_.type == CorrelationType::value_percentile) out_.percentile = real(map, "percentile", 50, 0, 100);
    map.finish();
  }

  void read_extended(const YamlNode& node, bool extended) {
    if (!extended)
      return error(node.mark, "correlation-condition", "conditions over rule names are of Sigma 2.2",
                   "add 'normwatch: {sigma: 2.2}' to use them, or write a map of limits");
    if (out_.type != CorrelationType::temporal)
      return error(node.mark, "correlation-condition", "only 'temporal' takes a condition over rule names",
                   "write a map of limits");
    const auto locate = [&](std::size_t offset) { return context_.source.locate(node, offset); };
    Condition& condition = out_.extended.emplace();
    if (parse_condition(node.scalar, context_.text.file, locate, condition, context_.diagnostics)) check(condition);
  }

  void check(const Condition& condition) {
    if (condition.kind == Condition::Kind::selector)
      error(condition.mark, "correlation-condition", "a condition over rules has no 'of'", "name each rule");
    if (condition.kind == Condition::Kind::identifier &&
        std::ranges::find(out_.references, condition.name, &RuleReference::name) == out_.references.end())
      error(condition.mark, "correlation-condition",
            "the correlation is not over '" + printable(condition.name, 64) + "'", "name one of its rules");
    for (const Condition& child : condition.children) check(child);
  }

  // `10m`, or `{median_gap: 5, min: 60s}`.
  void read_silence(const YamlNode& node) {
    out_.unless_blind = true;
    if (node.kind == YamlNode::Kind::scalar) {
      out_.timespan = timespan(node);
      return;
    }
    YamlMap map{node, "'for'", context_.text.file, context_.diagnostics};
    if (!map.ok()) return;
    map.require("median_gap");
    out_.median_gap = real(map, "median_gap", 5, 1, 1000);
    out_.least = positive(map, "min", std::chrono::minutes{1});
    map.finish();
  }

  // `FIELD` (its sum), `count`, or `{FIELD: VALUE}` (events that have it).
  Correlation::Part part(const YamlNode& node) {
    if (node.kind == YamlNode::Kind::scalar && !node.scalar.empty())
      return {node.scalar == "count" ? "" : node.scalar, "", node.scalar == "count"};
    if (node.kind == YamlNode::Kind::map && node.members.size() == 1 && !node.members[0].first.scalar.empty() &&
        node.members[0].second.kind == YamlNode::Kind::scalar)
      return {node.members[0].first.scalar, node.members[0].second.scalar, true};
    error(node.mark, "correlation-field", "one side of a ratio is a field, 'count', or one field with a value",
          "write for example resp_bytes, or {rcode_name: SERVFAIL}");
    return {};
  }

  const DocumentContext& context_;
  Correlation out_;
};

}  // namespace

Correlation read_correlation(const YamlNode& node, bool extended, const DocumentContext& context) {
  return Reader{context}.correlation(node, extended);
}

Correlation read_state(std::string_view key, const YamlNode& node, const DocumentContext& context) {
  Reader reader{context};
  if (key == "absence") return reader.absence(node);
  if (key == "newvalue") return reader.newvalue(node);
  if (key == "beacon") return reader.beacon(node);
  if (key == "ratio") return reader.ratio(node);
  return reader.rate(node);
}

}  // namespace nw::sigma
