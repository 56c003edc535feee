#include "detect/sigma/variables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "base/text.h"
#include "detect/sigma/document.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/read_correlation.h"

namespace nw::sigma {

namespace {

using Kind = YamlNode::Kind;

// What a value is to people who set it.
enum class Type : std::uint8_t { none, boolean, number, duration, text };
constexpr std::array<std::string_view, 5> kTypes{"nothing that can be set", "true or false", "a number",
                                                 "a duration, such as 30s, 15m or 2h", "a text"};
std::string_view words(Type type) { return kTypes[static_cast<std::size_t>(type)]; }

bool is_duration(const YamlNode& node) {
  constexpr auto kUnits = std::to_array<std::string_view>({"s", "ms", "us", "ns", "m", "h", "d", "w", "M", "y"});
  const std::string_view text = node.scalar;
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  return !node.quoted && digits != 0 && std::ranges::find(kUnits, text.substr(digits)) != kUnits.end();
}

// `timed`: a duration may stand here; below `detection:` one is text.
Type type_of(const YamlNode& node, bool timed) {
  if (node.kind != Kind::scalar) return Type::none;
  if (node.as_real()) return Type::number;
  if (node.as_bool()) return Type::boolean;
  return timed && is_duration(node) ? Type::duration : Type::text;
}

bool is_word(std::string_view text) {
  const auto good = [](char c) { return ascii_digit(c) || (c >= 'a' && c <= 'z') || c == '_'; };
  return !text.empty() && text.size() <= kVariableNameBytesMax && std::ranges::all_of(text, good);
}

bool can_be_set(const YamlNode& node) {
  if (node.kind == Kind::scalar) return true;
  return node.kind == Kind::sequence && !node.items.empty() &&
         std::ranges::all_of(node.items, [](const YamlNode& item) { return item.kind == Kind::scalar; });
}

bool same_value(const YamlNode& a, const YamlNode& b) {
  return a.kind == b.kind && a.quoted == b.quoted && a.scalar == b.scalar &&
         std::ranges::equal(a.items, b.items, same_value);
}

// What follows the first `end` bytes of a path and a dot; nothing: a dot without a name behind it.
std::optional<std::string_view> rest_of(std::string_view path, std::size_t end) {
  if (end == path.size()) return std::string_view{};
  if (end + 1 == path.size()) return std::nullopt;
  return path.substr(end + 1);
}

// Where `path` leads from `node`; keys may hold dots, so the longest key that leads somewhere is taken. A part of a
// list is named by its number, from 0.
YamlNode* follow(YamlNode& node, std::string_view path) {
  if (path.empty()) return &node;
  if (node.kind == Kind::sequence) {
    const std::string_view first = path.substr(0, path.find('.'));
    std::size_t at = 0;
    const auto rest = rest_of(path, first.size());
    const auto [end, wrong] = std::from_chars(first.data(), first.data() + first.size(), at);
    if (wrong != std::errc{} || end != first.data() + first.size() || at >= node.items.size() || !rest) return nullptr;
    return follow(node.items[at], *rest);
  }
  for (std::size_t end = path.size(); end != std::string_view::npos && end != 0; end = path.rfind('.', end - 1)) {
    const auto rest = rest_of(path, end);
    if (!rest) continue;
    for (auto& [key, value] : node.members)
      if (key.scalar == path.substr(0, end))
        if (YamlNode* found = follow(value, *rest)) return found;
  }
  return nullptr;
}

// Whether values may stand there at all: what is searched for, and what is said of several events.
bool settable_part(std::string_view path) {
  if (path.starts_with("correlation.")) return true;
  if (path.starts_with("detection.")) return path != "detection.condition";
  if (!path.starts_with("normwatch.")) return false;
  path.remove_prefix(std::string_view{"normwatch."}.size());
  return std::ranges::find(kStateKeys, path.substr(0, path.find('.'))) != kStateKeys.end();
}

// Every path that a variable could name, for "did you mean".
void list_paths(const YamlNode& node, const std::string& path, std::vector<std::string>& out) {
  constexpr std::size_t kShownMax = 4096;
  if (out.size() >= kShownMax) return;
  if (can_be_set(node) && settable_part(path)) out.push_back(path);
  for (const auto& [key, value] : node.members)
    list_paths(value, path.empty() ? key.scalar : path + '.' + key.scalar, out);
  for (std::size_t i = 0; i < node.items.size(); ++i)
    if (node.items[i].kind != Kind::scalar) list_paths(node.items[i], path + '.' + std::to_string(i), out);
}

// Why `value` may not stand where `usual` does; empty: it may.
std::string misfit(const YamlNode& usual, const YamlNode& value, bool timed) {
  if (usual.kind == Kind::scalar) {
    const Type wanted = type_of(usual, timed);
    if (value.kind == Kind::scalar && type_of(value, timed) == wanted) return {};
    return "must be " + std::string{words(wanted)} + ", as " + variable_text(usual) + " is";
  }
  std::set<Type> wanted;
  for (const YamlNode& item : usual.items) wanted.insert(type_of(item, false));
  std::string list = "must be a list of values, each ";
  std::string_view separator;
  for (const Type type : wanted) {
    list += std::string{separator} + std::string{words(type)};
    separator = " or ";
  }
  if (!can_be_set(value) || value.kind != Kind::sequence) return list;
  if (value.items.size() > kVariableItemsMax)
    return "has " + std::to_string(value.items.size()) + " values, at most " + std::to_string(kVariableItemsMax);
  const auto fits = [&](const YamlNode& item) { return wanted.contains(type_of(item, false)); };
  return std::ranges::all_of(value.items, fits) ? std::string{} : list;
}

// The value comes to stand where the rule had its own, and keeps that place: what is wrong is told with the rule's
// line.
void put(const YamlNode& value, YamlNode& where) {
  where.kind = value.kind;
  where.quoted = value.quoted;
  where.scalar = value.scalar;
  where.items = value.items;
  for (YamlNode& item : where.items) item.mark = where.mark;
}

class VariableReader {
 public:
  VariableReader(const YamlNode& document, const DocumentContext& context) : document_{document}, context_{context} {}

  DocumentVariables read() {
    name();
    const YamlNode* ours = document_.find("normwatch");
    const YamlNode* list = ours == nullptr ? nullptr : ours->find("variables");
    if (list == nullptr) return std::move(out_);
    if (list->kind != Kind::map || list->members.empty() || list->members.size() > kVariablesMax) {
      context_.error(list->mark, "wrong-type",
                     "'variables' is a map of 1 to " + std::to_string(kVariablesMax) + " names",
                     "write 'hosts: {at: correlation.condition.gte, help: what it is}'");
      return std::move(out_);
    }
    for (const auto& [key, value] : list->members) variable(key, value);
    return std::move(out_);
  }

 private:
  void name() {
    const auto text = [&](std::string_view key) {
      const YamlNode* node = document_.find(key);
      return node == nullptr ? std::string{} : node->scalar;
    };
    const std::string& file = context_.text.file;
    const std::size_t begin = file.rfind('/') + 1;  // npos + 1 is 0
    out_.target = {text("name"), to_ascii_lower(text("id")), file.substr(begin, file.rfind('.') - begin), {}};
  }

  void variable(const YamlNode& key, const YamlNode& value) {
    YamlMap map{value, "a variable", context_.text.file, context_.diagnostics};
    if (!map.ok()) return;
    if (!is_word(key.scalar))
      context_.error(key.mark, "wrong-type", "'" + printable(key.scalar, 64) + "' cannot name a variable",
                     "use small letters, digits and '_', at most " + std::to_string(kVariableNameBytesMax));
    Variable variable;
    variable.name = key.scalar;
    const YamlNode* at = map.require("at");
    variable.at = map.texts("at");
    variable.help = map.require_text("help");
    map.finish();
    if (at == nullptr || variable.at.empty()) return;
    const YamlNode* usual = place(variable.at, *at);
    if (usual == nullptr) return;
    variable.usual = variable.value = variable_text(*usual);
    out_.target.variables.push_back(variable.name);
    for (const VariableSetting& setting : context_.options.variables)
      if (setting.name == variable.name && out_.target.called(setting.rule)) set(setting, *usual, variable);
    out_.variables.push_back(std::move(variable));
  }

  // The one value that stands at all of the paths.
  const YamlNode* place(const std::vector<std::string>& paths, const YamlNode& at) {
    YamlNode* usual = nullptr;
    for (const std::string& path : paths) {
      // Only a copy is changed.
      YamlNode* found = path.size() > kVariablePathBytesMax ? nullptr : follow(original_, path);
      if (found == nullptr || !can_be_set(*found) || !settable_part(path)) {
        std::vector<std::string> all;
        list_paths(original_, {}, all);
        const std::vector<std::string_view> known{all.begin(), all.end()};
        context_.error(at.mark, "variable-at",
                       "'" + printable(path, 128) + "' leads to no value that can be set" + did_you_mean(path, known),
                       "name a value or a list below detection, correlation or one of normwatch's memories");
        return nullptr;
      }
      if (usual != nullptr && !same_value(*usual, *found)) {
        context_.error(at.mark, "variable-at", "'" + printable(path, 128) + "' has another value than the path before",
                       "make them agree, or make two variables");
        return nullptr;
      }
      usual = found;
    }
    return usual;
  }

  void set(const VariableSetting& setting, const YamlNode& usual, Variable& variable) {
    const bool timed = !variable.at[0].starts_with("detection.");
    if (const std::string wrong = misfit(usual, setting.value, timed); !wrong.empty()) {
      context_.diagnostics.error(
          setting.file, setting.mark, "variable-value",
          "the variable '" + setting.name + "' of '" + printable(setting.rule, 64) + "' " + wrong,
          "it sets: " + printable(variable.help, 128));
      return;
    }
    if (!out_.document) out_.document = document_;
    for (const std::string& path : variable.at) put(setting.value, *follow(*out_.document, path));
    variable.value = variable_text(setting.value);
    variable.set = true;
    out_.used.push_back(&setting);
  }

  const YamlNode& document_;
  const DocumentContext& context_;
  YamlNode original_ = document_;
  DocumentVariables out_;
};

// "no rule is called 'x' (did you mean 'y'?)"
void tell_unknown_rule(const VariableSetting& setting, const std::vector<VariableTarget>& targets,
                       Diagnostics& diagnostics) {
  std::vector<std::string_view> known;
  for (const VariableTarget& target : targets)
    for (const std::string* text : {&target.name, &target.stem, &target.id})
      if (!text->empty()) known.push_back(*text);
  diagnostics.error(setting.file, setting.rule_mark, "variable-unknown",
                    "no rule is called '" + printable(setting.rule, 64) + "'" + did_you_mean(setting.rule, known),
                    "write a rule's name, its id, or the name of its file without the ending");
}

void tell_unknown_variable(const VariableSetting& setting, const std::vector<std::string_view>& known,
                           Diagnostics& diagnostics) {
  std::string list;
  for (const std::string_view name : known) list += (list.empty() ? "" : ", ") + std::string{name};
  diagnostics.error(setting.file, setting.mark, "variable-unknown",
                    "the rule '" + printable(setting.rule, 64) + "' has no variable '" + printable(setting.name, 64) +
                        "'" + did_you_mean(setting.name, known),
                    list.empty() ? "it has none: nothing in it is meant to be set" : "it has: " + list);
}

}  // namespace

bool VariableTarget::called(std::string_view rule) const {
  return !rule.empty() && (rule == name || rule == stem || to_ascii_lower(rule) == id);
}

void read_variable_settings(const YamlNode& node, std::string_view file, VariableSettings& out,
                            Diagnostics& diagnostics) {
  YamlMap rules{node, "the variables", file, diagnostics};
  if (!rules.ok()) return;
  for (const auto& [rule, values] : node.members) {
    YamlMap map{values, "the variables of '" + printable(rule.scalar, 64) + "'", file, diagnostics};
    if (!map.ok()) continue;
    for (const auto& [name, value] : values.members) {
      const auto same = [&rule = rule, &name = name](const VariableSetting& other) {
        return other.rule == rule.scalar && other.name == name.scalar;
      };
      if (std::ranges::find_if(out, same) != out.end()) {
        diagnostics.error(file, name.mark, "duplicate-name",
                          "the variable '" + printable(name.scalar, 64) + "' of '" + printable(rule.scalar, 64) +
                              "' has a value already",
                          "give it in one place, the configuration or its file");
      } else if (out.size() >= kVariableSettingsMax) {
        diagnostics.error(file, name.mark, "limit",
                          "more than " + std::to_string(kVariableSettingsMax) + " variables are set",
                          "change the rules themselves");
        return;
      } else {
        out.push_back({rule.scalar, name.scalar, value, std::string{file}, rule.mark, name.mark});
      }
    }
  }
}

void parse_variable_settings(std::string_view text, std::string_view file, VariableSettings& out,
                             Diagnostics& diagnostics) {
  const std::size_t errors = diagnostics.errors();
  const std::vector<YamlNode> documents = parse_yaml(text, file, diagnostics);
  if (diagnostics.errors() != errors) return;
  for (const YamlNode& document : documents)
    if (document.kind != Kind::null) read_variable_settings(document, file, out, diagnostics);
}

DocumentVariables read_variables(const YamlNode& document, const DocumentContext& context) {
  if (document.kind != Kind::map) return {};
  return VariableReader{document, context}.read();
}

void check_variable_settings(const VariableSettings& settings, const std::vector<VariableTarget>& targets,
                             Diagnostics& diagnostics) {
  std::set<std::pair<std::size_t, std::string_view>> taken;
  for (const VariableSetting& setting : settings) {
    bool called = false;
    std::vector<std::string_view> known;
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      if (!targets[i].called(setting.rule)) continue;
      called = true;
      const auto& names = targets[i].variables;
      known.insert(known.end(), names.begin(), names.end());
      if (std::ranges::find(names, setting.name) != names.end()) found.push_back(i);
    }
    if (!called)
      tell_unknown_rule(setting, targets, diagnostics);
    else if (found.empty())
      tell_unknown_variable(setting, known, diagnostics);
    else if (found.size() > 1)
      diagnostics.error(setting.file, setting.rule_mark, "variable-unknown",
                        std::to_string(found.size()) + " rules called '" + printable(setting.rule, 64) +
                            "' have a variable '" + setting.name + "'",
                        "name the rule by its id");
    else if (!taken.emplace(found[0], setting.name).second)
      diagnostics.error(setting.file, setting.mark, "variable-value",
                        "the variable '" + setting.name + "' of this rule is set under another of its names, too",
                        "set it once");
  }
}

std::string variable_text(const YamlNode& value) {
  if (value.kind == Kind::sequence) {
    std::string out = "[";
    for (const YamlNode& item : value.items) out += (out.size() == 1 ? "" : ", ") + variable_text(item);
    return out + ']';
  }
  if (value.kind != Kind::scalar) return "~";
  // Quoted where it would be read as something else.
  YamlNode plain = value;
  plain.quoted = false;
  const bool marks = value.quoted && (plain.as_real() || plain.as_bool());
  return marks ? '\'' + value.scalar + '\'' : value.scalar;
}

}  // namespace nw::sigma
