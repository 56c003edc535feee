#include "detect/sigma/read_detection.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/text.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/modifiers.h"
#include "event/value.h"

namespace nw::sigma {

namespace {

// Known to Sigma, but not evaluated here: refused by name, never ignored.
constexpr std::array<std::string_view, 7> kUnsupported{"day", "expand", "hour", "minute", "month", "week", "year"};
static_assert(std::ranges::is_sorted(kUnsupported));

class Reader {
 public:
  Reader(std::string_view file, DetectionBudget& budget, Diagnostics& diagnostics)
      : file_{file}, budget_{budget}, diagnostics_{diagnostics} {}

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
    diagnostics_.error(file_, mark, code, std::move(text), std::move(hint));
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
    const bool raw = std::ranges::find(item.modifiers, "re") != item.modifiers.end();
    if (node.kind != YamlNode::Kind::sequence) {
      read_value(node, raw, item);
      return;
    }
    if (node.items.empty()) empty(node.mark);
    for (const YamlNode& value : node.items) read_value(value, raw, item);
  }

  void read_value(const YamlNode& node, bool raw, Item& item) {
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
    if (value.kind == RuleValue::Kind::text && !raw) value.patterns = {Pattern::parse(node.scalar)};
    if (!value.patterns.empty() && value.patterns.front().wildcards() > kWildcardsMax) {
      limit(node.mark, "more than " + std::to_string(kWildcardsMax) + " wildcards in a value");
      return;
    }
    item.values.push_back(std::move(value));
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
      } else if (std::ranges::binary_search(kUnsupported, std::string_view{name})) {
        error(mark, "unsupported-modifier", "this version does not evaluate the modifier '" + name + "'",
              "leave the rule out, or write the values");
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

  static std::string known_names() {
    std::string out = "known modifiers: ";
    for (const std::string_view name : modifier_names())
      out += (name == modifier_names().front() ? "" : ", ") + std::string{name};
    return out;
  }

  void finish(Item& item) {
    if (!item.field.empty()) return;
    const bool searches = item.op == Op::equals || item.op == Op::contains || item.op == Op::re;
    if (!searches || item.negated || item.field_reference) {
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

  std::string_view file_;
  DetectionBudget& budget_;
  Diagnostics& diagnostics_;
};

}  // namespace

Detection read_detection(const YamlNode& node, std::string_view file, DetectionBudget& budget,
                         Diagnostics& diagnostics) {
  return Reader{file, budget, diagnostics}.read(node, 1);
}

}  // namespace nw::sigma
