#include "detect/sigma/read_detection.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/modifiers.h"
#include "detect/sigma/placeholders.h"
#include "event/value.h"

namespace nw::sigma {

namespace {

class Reader {
 public:
  Reader(const DocumentContext& context, DetectionBudget& budget) : context_{context}, budget_{budget} {}

  Detection read(const YamlNode& node, std::size_t depth) {
    Detection out;
    out.mark = node.mark;
    if (depth > kDetectionDepthMax) {
      limit(node.mark, "lists and maps nested deeper than " + std::to_string(kDetectionDepthMax));
    } else if (node.kind == YamlNode::Kind::map) {
      read_map(node, out);
    } else if (node.kind == YamlNode::Kind::sequence) {
      read_list(node, depth, out);
    } else {
      read_item({}, node.mark, node, out);
    }
    return out;
  }

 private:
  void error(Mark mark, std::string_view code, std::string text, std::string hint) {
    context_.error(mark, code, std::move(text), std::move(hint));
  }
  void limit(Mark mark, std::string what) { error(mark, "limit", std::move(what), "split the rule"); }

  void read_map(const YamlNode& node, Detection& out) {
    out.kind = Detection::Kind::all;
    if (node.members.empty()) empty(node.mark);
    for (const auto& [key, value] : node.members) {
      Mark mark = key.mark;
      if (key.quoted) ++mark.column;
      read_item(key.scalar, mark, value, out.children.emplace_back());
    }
  }

  void read_list(const YamlNode& node, std::size_t depth, Detection& out) {
    out.kind = Detection::Kind::any;
    if (node.items.empty()) empty(node.mark);
    const auto plain = [](const YamlNode& item) {
      return item.kind == YamlNode::Kind::scalar || item.kind == YamlNode::Kind::null;
    };
    if (!node.items.empty() && std::ranges::all_of(node.items, plain)) {
      read_item({}, node.mark, node, out);
      return;
    }
    for (const YamlNode& item : node.items) out.children.push_back(read(item, depth + 1));
  }

  void empty(Mark mark) {
    error(mark, "empty-detection", "nothing stands here, so nothing can be compared", "write at least one value");
  }

  // `key` is the field with its modifiers; empty for keywords.
  void read_item(std::string_view key, Mark mark, const YamlNode& value, Detection& out) {
    out.kind = Detection::Kind::item;
    out.mark = mark;
    Item& item = out.item;
    item.mark = mark;
    if (++budget_.items > kItemsMax) {
      if (budget_.items == kItemsMax + 1) limit(mark, "more than " + std::to_string(kItemsMax) + " fields in a rule");
      return;
    }
    const std::vector<std::string_view> parts = split(key, '|');
    item.field = std::string{parts.front()};
    item.modifiers.assign(parts.begin() + 1, parts.end());
    if (item.field.size() > kFieldBytesMax)
      limit(mark, "a field name of " + std::to_string(item.field.size()) + " bytes");
    read_values(value, item);
    apply_modifiers(item);
    finish(item);
  }

  void read_values(const YamlNode& node, Item& item) {
    if (node.kind != YamlNode::Kind::sequence) {
      read_value(node, item);
      return;
    }
    if (node.items.empty()) empty(node.mark);
    for (const YamlNode& value : node.items) read_value(value, item);
  }

  static bool has(const Item& item, std::string_view modifier) {
    return std::ranges::find(item.modifiers, modifier) != item.modifiers.end();
  }

  void read_value(const YamlNode& node, Item& item) {
    if (node.kind == YamlNode::Kind::map || node.kind == YamlNode::Kind::sequence) {
      error(node.mark, "value-type", "a field compares with text, numbers, true, false or null",
            "write a list of maps one level higher for alternatives");
      return;
    }
    if (++budget_.values > kValuesMax) {
      if (budget_.values == kValuesMax + 1)
        limit(node.mark, "more than " + std::to_string(kValuesMax) + " values in a rule");
      return;
    }
    if (node.kind == YamlNode::Kind::null && item.field.empty()) {
      error(node.mark, "value-type", "a keyword cannot be null", "write text");
      return;
    }
    if (node.scalar.size() > kValueBytesMax) {
      limit(node.mark,
            "a value of " + std::to_string(node.scalar.size()) + " bytes, at most " + std::to_string(kValueBytesMax));
      return;
    }
    RuleValue value = typed(node);
    value.mark = node.mark;
    const bool text = value.kind == RuleValue::Kind::text;
    if (text && has(item, "expand")) {
      expand(std::move(value), item);
      return;
    }
    if (text && !has(item, "re")) value.patterns = {Pattern::parse(node.scalar)};
    add(std::move(value), item);
  }

  void add(RuleValue value, Item& item) {
    for (const Pattern& pattern : value.patterns)
      if (pattern.wildcards() > kWildcardsMax) {
        limit(value.mark, "more than " + std::to_string(kWildcardsMax) + " wildcards in a value");
        return;
      }
    item.values.push_back(std::move(value));
  }

  // All texts that the value stands for. They stay one value, so that `all` asks for any of them.
  void expand(RuleValue value, Item& item) {
    const Placeholders& known = context_.options.placeholders;
    const std::vector<PlaceholderPiece> pieces = split_placeholders(value.written);
    if (!resolved(pieces, value.mark, known)) return;
    if (has(item, "re")) {
      value.written = expand_regex(pieces, known);
      item.values.push_back(std::move(value));
      return;
    }
    const std::size_t count = count_expansions(pieces, known, kValuesMax);
    budget_.values += count - 1;
    if (budget_.values > kValuesMax) {
      limit(value.mark, "more than " + std::to_string(kValuesMax) + " values in a rule, with those of placeholders");
      return;
    }
    value.patterns = expand_patterns(pieces, known);
    for (const Pattern& pattern : value.patterns)
      if (pattern.bytes() > kValueBytesMax) {
        limit(value.mark, "placeholders make a value of more than " + std::to_string(kValueBytesMax) + " bytes");
        return;
      }
    if (has(item, "cidr") || has(item, "fieldref"))
      add_each(value, item);
    else
      add(std::move(value), item);
  }

  // Every name has values; says which has not.
  bool resolved(const std::vector<PlaceholderPiece>& pieces, Mark mark, const Placeholders& known) {
    bool any = false, all = true;
    for (const PlaceholderPiece& piece : pieces) {
      if (!piece.name) continue;
      any = true;
      const auto found = known.find(piece.text);
      if (found != known.end() && !found->second.empty()) continue;
      all = false;
      std::vector<std::string_view> names;
      for (const auto& [name, values] : known) names.push_back(name);
      error(mark, "unknown-placeholder",
            "no values for '%" + printable(piece.text, 64) + "%'" + did_you_mean(piece.text, names),
            "give them under 'rules.placeholders' in the configuration");
    }
    if (!any)
      context_.warning(mark, "no-placeholder", "'expand', but no %name% in the value",
                       "remove 'expand'; '\\%' is a percent sign, so write '\\\\%name%' behind a backslash");
    return all;
  }

  // What compares with one text each gets a value each.
  void add_each(const RuleValue& value, Item& item) {
    if (has(item, "all") && value.patterns.size() > 1) {
      error(value.mark, "modifier-use", "a placeholder of several values cannot be joined with 'all' here",
            "leave 'all' out");
      return;
    }
    for (const Pattern& pattern : value.patterns) {
      if (!pattern.plain()) {
        error(value.mark, "modifier-use", "a placeholder with a wildcard cannot be used here",
              "give it values without '*' and '?'");
        return;
      }
      RuleValue each = value;
      each.written = std::string{pattern.plain_text()};
      each.patterns = {pattern};
      item.values.push_back(std::move(each));
    }
  }

  static RuleValue typed(const YamlNode& node) {
    RuleValue value;
    value.written = node.kind == YamlNode::Kind::null ? "null" : node.scalar;
    if (node.kind == YamlNode::Kind::null) return value;
    value.patterns = {Pattern::literal(node.scalar)};
    if (const auto truth = node.as_bool()) {
      value.kind = RuleValue::Kind::boolean;
      value.truth = *truth;
    } else if (const auto whole = node.as_int()) {
      value.kind = RuleValue::Kind::integer;
      value.integer = *whole;
    } else if (const auto real = node.as_real()) {
      // 4625.0 is the number 4625.
      constexpr double kExact = 9007199254740992.0;  // 2^53
      const bool integral = std::trunc(*real) == *real && std::fabs(*real) < kExact;
      value.kind = integral ? RuleValue::Kind::integer : RuleValue::Kind::real;
      value.integer = integral ? static_cast<std::int64_t>(*real) : 0;
      value.real = *real;
    } else {
      value.kind = RuleValue::Kind::text;
    }
    return value;
  }

  void apply_modifiers(Item& item) {
    Mark mark = item.mark;
    mark.column += item.field.size() + 1;
    bool wide = false;
    for (const std::string& name : item.modifiers) {
      const Modifier* modifier = find_modifier(name);
      if (modifier != nullptr) {
        if (const auto applied = modifier->apply(item); !applied)
          error(mark, "modifier-use", applied.error().what, "see the table of modifiers");
      } else {
        error(mark, "unknown-modifier",
              "unknown modifier '" + printable(name, 64) + "'" + did_you_mean(name, modifier_names()), known_names());
      }
      if (name == "wide" || name.starts_with("utf16")) wide = true;
      if (name.starts_with("base64")) wide = false;
      mark.column += name.size() + 1;
    }
    if (wide)
      error(item.mark, "modifier-use", "UTF-16 bytes are not found in text fields",
            "add 'base64' or 'base64offset' after it");
  }

  void finish_part(const Item& item) {
    const std::string name{to_string(item.part)};
    if (item.field_reference || item.cased || item.op == Op::contains || item.op == Op::startswith ||
        item.op == Op::endswith || item.op == Op::re || item.op == Op::cidr || item.op == Op::exists) {
      error(item.mark, "modifier-use", "'" + name + "' compares numbers", "join it with gt, gte, lt, lte or neq only");
      return;
    }
    const TimePartRange range = range_of(item.part);
    for (const RuleValue& value : item.values) {
      const bool whole = value.kind == RuleValue::Kind::integer;
      if (!whole || (item.op == Op::equals && (value.integer < range.least || value.integer > range.most)))
        error(value.mark, "modifier-use",
              "'" + name + "' needs a number from " + std::to_string(range.least) + " to " + std::to_string(range.most),
              "write it without quotes");
    }
  }

  static std::string known_names() {
    std::string out = "known modifiers: ";
    for (const std::string_view name : modifier_names())
      out += (name == modifier_names().front() ? "" : ", ") + std::string{name};
    return out;
  }

  void finish(Item& item) {
    if (item.part != TimePart::none) finish_part(item);
    if (!item.field.empty()) return;
    const bool searches = item.op == Op::equals || item.op == Op::contains || item.op == Op::re;
    if (!searches || item.negated || item.field_reference || item.part != TimePart::none) {
      error(item.mark, "modifier-use", "keywords have no field to compare", "name a field, or use contains, re or all");
      return;
    }
    if (item.op != Op::equals) return;
    item.op = Op::contains;
    for (RuleValue& value : item.values)
      for (Pattern& pattern : value.patterns) {
        pattern.open_front();
        pattern.open_back();
      }
  }

  const DocumentContext& context_;
  DetectionBudget& budget_;
};

}  // namespace

Detection read_detection(const YamlNode& node, const DocumentContext& context, DetectionBudget& budget) {
  return Reader{context, budget}.read(node, 1);
}

}  // namespace nw::sigma
