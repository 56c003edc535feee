#include "detect/sigma/document.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/read_detection.h"

namespace nw::sigma {

namespace {

void read_condition(const YamlNode& node, const DocumentContext& context, Condition& out) {
  const auto locate = [&](std::size_t offset) { return context.source.locate(node, offset); };
  static_cast<void>(parse_condition(node.scalar, context.text.file, locate, out, context.diagnostics));
}

// A list means: any of the conditions.
void read_conditions(const YamlNode& node, const DocumentContext& context, Condition& out) {
  if (node.kind == YamlNode::Kind::scalar) {
    read_condition(node, context, out);
    return;
  }
  if (node.kind != YamlNode::Kind::sequence || node.items.empty() || node.items.size() > kConditionsMax) {
    context.error(node.mark, "condition-syntax",
                  "a condition is text, or a list of 1 to " + std::to_string(kConditionsMax) + " texts",
                  "write for example 'selection and not filter'");
    return;
  }
  out.kind = Condition::Kind::disjunction;
  out.mark = node.mark;
  for (const YamlNode& item : node.items) {
    if (item.kind == YamlNode::Kind::scalar)
      read_condition(item, context, out.children.emplace_back());
    else
      context.error(item.mark, "condition-syntax", "a condition is text",
                    "write for example 'selection and not filter'");
  }
}

}  // namespace

SourceText::SourceText(std::string_view text) : text_{text} {
  lines_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') lines_.push_back(i + 1);
}

Mark SourceText::locate(const YamlNode& node, std::size_t offset) const {
  Mark mark = node.mark;
  if (mark.line == 0 || mark.line > lines_.size()) return mark;
  std::size_t start = lines_[mark.line - 1] + mark.column - 1;
  if (start < text_.size() && node.quoted && (text_[start] == '\'' || text_[start] == '"')) {
    ++start;
    ++mark.column;
  }
  if (start > text_.size()) return mark;
  const std::string_view before = std::string_view{node.scalar}.substr(0, offset);
  if (before.find('\n') != std::string_view::npos || !text_.substr(start).starts_with(before)) return node.mark;
  mark.column += before.size();
  return mark;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = ascii_lower(text[i]);
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !(ascii_digit(c) || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

LogSource read_log_source(const YamlNode& node, const DocumentContext& context) {
  constexpr std::array<std::string_view, 4> kKnown{"category", "definition", "product", "service"};
  LogSource out;
  YamlMap map{node, "logsource", context.text.file, context.diagnostics};
  out.product = to_ascii_lower(map.text("product"));
  out.service = to_ascii_lower(map.text("service"));
  out.category = to_ascii_lower(map.text("category"));
  static_cast<void>(map.text("definition"));
  // Sigma lets rules add keys for people. One that is nearly a dimension is an error all the same: without the
  // dimension the rule would be asked of far more events than it was written for.
  for (const auto& [key, value] : node.members) {
    if (std::ranges::find(kKnown, key.scalar) != kKnown.end() || nearest(key.scalar, kKnown)) continue;
    static_cast<void>(map.take(key.scalar));
    context.warning(key.mark, "custom-key", "'" + printable(key.scalar, 64) + "' in logsource selects nothing",
                    "only product, service and category do");
  }
  map.finish();
  if (map.ok() && out.product.empty() && out.service.empty() && out.category.empty())
    context.error(node.mark, "empty-logsource", "the log source names nothing", "give a product, service or category");
  return out;
}

void read_search(const YamlNode& node, std::span<const std::string_view> others, const DocumentContext& context,
                 Rule& rule) {
  if (node.kind != YamlNode::Kind::map) {
    context.error(node.mark, "wrong-type", "what to search for must be a map", "write names with what they look for");
    return;
  }
  DetectionBudget budget;
  for (const auto& [key, value] : node.members) {
    if (key.scalar == "condition" || std::ranges::find(others, key.scalar) != others.end()) continue;
    if (rule.identifiers.size() == kIdentifiersMax) {
      context.error(key.mark, "limit", "more than " + std::to_string(kIdentifiersMax) + " identifiers in a rule",
                    "split the rule");
      break;
    }
    Identifier identifier{key.scalar, key.mark, read_detection(value, context, budget)};
    rule.identifiers.push_back(std::move(identifier));
  }
  if (const YamlNode* condition = node.find("condition"))
    read_conditions(*condition, context, rule.condition);
  else
    context.error(node.mark, "missing-key", "what to search for needs the key 'condition'",
                  "write for example 'condition: selection'");
  if (rule.identifiers.empty())
    context.error(node.mark, "empty-detection", "no identifiers stand here", "write what to look for under a name");
}

}  // namespace nw::sigma
