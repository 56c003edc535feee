#include "differential/rules.h"

#include <algorithm>
#include <cstdio>

namespace nw::differential {

namespace {

using Kind = event::Value::Kind;

// `field|modifiers: value`, or a list when there are more.
std::string line(std::string_view field, std::string_view modifiers, const std::vector<std::string>& values) {
  std::string out = '\'' + std::string{field} + std::string{modifiers} + "': ";
  if (values.size() == 1) return out + values.front();
  out += '[';
  for (const std::string& value : values) out += (&value == &values.front() ? "" : ", ") + value;
  return out + ']';
}

// Plain YAML numbers.
std::string real_text(double value) {
  char out[64];
  std::snprintf(out, sizeof out, "%.17g", value);
  const std::string text = out;
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

const Datum* any_scalar(Dice& dice, const Datum* value) {
  while (value != nullptr && value->kind == Kind::list)
    value = value->items.empty() ? nullptr : &value->items[dice.below(value->items.size())];
  return value;
}

}  // namespace

const Datum* RuleWriter::look(const EventData* from, std::string_view field) const {
  if (from == nullptr) return nullptr;
  for (const event::FieldAlias& alias : schema_->type(from->type).aliases)
    if (schema_->field_name(alias.named) == field) return from->find(schema_->field_name(alias.carried));
  return from->find(field);
}

std::string RuleWriter::text_of(const Datum& value) {
  event::Event none;
  return value.value(none).to_text();
}

Datum RuleWriter::decoy() {
  Datum out;
  const Datum* borrowed = any_scalar(dice_, look(other_, dice_.of(kFields)));
  if (borrowed != nullptr && dice_.percent(50)) return *borrowed;
  out.kind = Kind::text;
  out.text = random_text(dice_, 3);
  return out;
}

std::string RuleWriter::of_nothing(std::string_view field) {
  if (dice_.percent(40)) return line(field, "", {"null"});
  if (dice_.percent(40)) return line(field, "|exists", {dice_.percent(70) ? "false" : "true"});
  if (dice_.percent(30)) return line(field, "", {"null", quoted(sigma_value(dice_, random_text(dice_, 2), false))});
  return line(field, dice_.percent(50) ? "|contains" : "", {dice_.percent(50) ? "'*'" : "''"});
}

std::string RuleWriter::of_number(std::string_view field, const Datum& value) {
  const std::string text = text_of(value);
  const bool whole = value.kind == Kind::integer && value.integer > INT64_MIN && value.integer < INT64_MAX;
  if (value.kind == Kind::boolean) {
    const std::string other = value.integer != 0 ? "False" : "True";
    const std::string same = value.integer != 0 ? "true" : "false";
    return line(field, dice_.percent(15) ? "|neq" : "",
                {dice_.percent(20)   ? other
                 : dice_.percent(50) ? same
                                     : '\'' + same + '\''});
  }
  const std::string written = whole ? text : value.kind == Kind::real ? real_text(value.real) : "16";
  switch (dice_.below(8)) {
    case 0: return line(field, "", {written});
    case 1: return line(field, "", {quoted(text)});
    case 2: return line(field, dice_.percent(50) ? "|gte" : "|lte", {written});
    case 3:
      return line(field, dice_.percent(50) ? "|gt" : "|lt",
                  {whole ? std::to_string(value.integer + (dice_.percent(50) ? 1 : -1)) : written});
    case 4: return line(field, "|contains", {quoted(cut(dice_, text, true, true))});
    case 5: return line(field, "|neq", {dice_.percent(50) ? written : "7", "8"});
    case 6: return line(field, "|re", {quoted(expression_for(dice_, text))});
    default: return line(field, "", {"'x'", written, "true", "null"});
  }
}

std::string RuleWriter::of_address(std::string_view field, const Datum& value) {
  const bool v4 = value.text.find('.') != std::string::npos;
  const std::string bits = std::to_string(dice_.below(v4 ? 33 : 129));
  std::vector<std::string> networks{quoted(value.text + '/' + bits)};
  if (dice_.percent(30)) networks.emplace_back("172.16.0.0/12");
  if (dice_.percent(20)) networks.emplace_back("'fe80::/10'");
  if (dice_.percent(60))
    return line(field, dice_.percent(15) ? "|cidr|neq" : dice_.percent(10) ? "|cidr|all" : "|cidr", networks);
  if (value.text == "2001:db8::1" && dice_.percent(50)) return line(field, "", {"'2001:DB8:0:0::1'"});
  return of_text(field, value);
}

std::string RuleWriter::of_inner(std::string_view field, const Datum& value) {
  const std::string width = value.wide ? dice_.percent(50) ? "|wide" : "|utf16le" : dice_.percent(10) ? "|utf16be" : "";
  std::vector<std::string> values{quoted(value.inner)};
  if (dice_.percent(30)) values.push_back(quoted(cut(dice_, value.inner, false, true) + "zzz"));
  const std::string encoding = dice_.percent(85) ? "|base64offset" : "|base64";
  const std::string last = dice_.percent(10) ? "|all" : dice_.percent(10) ? "|neq" : dice_.percent(10) ? "|cased" : "";
  return line(field, width + encoding + "|contains" + last, values);
}

sigma::CompileOptions compile_options() {
  sigma::CompileOptions out;
  out.permissive = true;
  out.placeholders = {{"one", {"cmd*"}}, {"some", {"a", "evil", "\\*", "?", "x-y"}}, {"dash", {"-enc", "/y"}}};
  return out;
}

std::string RuleWriter::of_time(std::string_view field) {
  static constexpr auto kParts = std::to_array<std::string_view>({"minute", "hour", "day", "week", "month", "year"});
  static constexpr std::array<std::string_view, 5> kHow{"", "|gte", "|lt", "|neq", "|gt"};
  const std::string_view part = dice_.of(kParts);
  const std::string value = part == "year" ? dice_.percent(50) ? "2024" : "1970" : std::to_string(1 + dice_.below(12));
  return line(field, '|' + std::string{part} + std::string{dice_.of(kHow)}, {value, part == "year" ? "2020" : "10"});
}

// A part of the text, and a placeholder in or beside it.
std::string RuleWriter::of_placeholder(std::string_view field, std::string_view text) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"%one%", "%some%", "%dash%", "%some%%some%", "\\%one%"});
  static constexpr auto kHow =
      std::to_array<std::string_view>({"", "|contains", "|startswith", "|endswith", "|contains|all",
                                       "|windash|contains", "|re", "|cased", "|contains|neq"});
  const std::string_view how = dice_.of(kHow);
  if (how == "|re") return line(field, "|re|expand", {quoted(dice_.of(kNames))});
  const std::string written{dice_.of(kNames)}, cased = sigma_value(dice_, cut(dice_, text, true, true), false);
  return line(field, "|expand" + std::string{how},
              {quoted(dice_.percent(60) ? written : cased + written), quoted("%some%")});
}

std::string RuleWriter::of_text(std::string_view field, const Datum& value) {
  if (!value.inner.empty() && dice_.percent(70)) return of_inner(field, value);
  const std::string text = text_of(value);
  if (dice_.percent(4)) return of_placeholder(field, text);
  const bool cased = dice_.percent(10), all = dice_.percent(15), dash = dice_.percent(15);
  if (dice_.percent(15)) {
    std::vector<std::string> values;
    do values.push_back(quoted(expression_for(dice_, cut(dice_, text, true, true))));
    while (dice_.percent(25));
    std::string modifiers = dice_.percent(20) ? "|re|i" : "|re";
    if (dice_.percent(15)) modifiers += "|m";
    if (dice_.percent(15)) modifiers += "|s";
    if (values.size() > 1 && dice_.percent(40)) modifiers += "|all";
    return line(field, dice_.percent(8) ? modifiers + "|neq" : modifiers, values);
  }
  static constexpr std::array<std::string_view, 5> kHow{"", "|contains", "|contains", "|startswith", "|endswith"};
  const std::string_view how = dice_.of(kHow);
  const bool front = how == "|contains" || how == "|endswith", back = how == "|contains" || how == "|startswith";
  std::vector<std::string> values{quoted(sigma_value(dice_, cut(dice_, text, front, back), cased))};
  while (dice_.percent(30)) {
    const std::string more = all ? text : text_of(decoy());
    values.insert(values.begin() + static_cast<std::ptrdiff_t>(dice_.below(values.size() + 1)),
                  quoted(sigma_value(dice_, cut(dice_, more, front, back), cased)));
  }
  if (dice_.percent(5)) values.emplace_back("4625");
  std::string modifiers{how};
  if (dash) modifiers = dice_.percent(50) ? modifiers + "|windash" : "|windash" + modifiers;
  if (all) modifiers = dice_.percent(50) ? modifiers + "|all" : "|all" + modifiers;
  if (cased && values.back() != "4625") modifiers = dice_.percent(50) ? modifiers + "|cased" : "|cased" + modifiers;
  if (dice_.percent(8)) modifiers += "|neq";
  return line(field, modifiers, values);
}

std::string RuleWriter::reference(std::string_view field, const EventData*) {
  static constexpr std::array<std::string_view, 4> kHow{"|contains", "|startswith", "|endswith", ""};
  const std::string_view how = kHow[dice_.below(sigma::kMatcherComparesFieldsAsValues ? 4 : 3)];
  std::string modifiers = dice_.percent(50) ? "|fieldref" + std::string{how} : std::string{how} + "|fieldref";
  if (dice_.percent(15)) modifiers += "|cased";
  if (sigma::kMatcherComparesFieldsAsValues && dice_.percent(15)) modifiers += "|neq";
  std::vector<std::string> values{quoted(dice_.of(kFields))};
  if (dice_.percent(20)) values.push_back(quoted(dice_.of(kFields)));
  return line(field, modifiers, values);
}

std::string RuleWriter::item(const EventData* from) {
  // Mostly a field that is there.
  std::string_view field = dice_.of(kFields);
  for (int tries = 0; tries < 3 && look(from, field) == nullptr; ++tries) field = dice_.of(kFields);
  if (dice_.percent(5)) return reference(field, from);
  if (dice_.percent(3)) return of_time(field);
  if (dice_.percent(3)) return line(field, "|exists", {dice_.percent(70) ? "true" : "false"});
  Datum made;
  const Datum* value = any_scalar(dice_, look(from, field));
  if (from == nullptr && dice_.percent(80)) {
    made = decoy();
    value = &made;
  }
  if (value == nullptr || value->kind == Kind::null) return of_nothing(field);
  if (value->kind == Kind::text) return of_text(field, *value);
  if (value->kind == Kind::address) return of_address(field, *value);
  return of_number(field, *value);
}

std::string RuleWriter::map(const EventData* from, std::string_view indent) {
  std::string out;
  std::vector<std::string> keys;
  for (std::size_t items = 1 + dice_.below(3); items > 0; --items) {
    const std::string made = item(from);
    const std::string key = made.substr(0, made.find("': ") + 1);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;  // one key twice is no YAML
    keys.push_back(key);
    out += (out.empty() ? "" : std::string{indent}) + made + '\n';
  }
  return out;
}

std::string RuleWriter::keywords(const EventData* from, std::string_view indent) {
  static constexpr std::array<std::string_view, 7> kHow{"", "", "|all", "|re", "|windash", "|contains|all", "|cased"};
  const std::string_view how = dice_.of(kHow);
  std::string out = how.empty() ? "" : std::string{indent} + '\'' + std::string{how} + "':\n";
  for (std::size_t values = 1 + dice_.below(3); values > 0; --values) {
    std::string text = from != nullptr ? from->raw : "";
    if (text.empty() || dice_.percent(60))
      if (const Datum* value = any_scalar(dice_, look(from, dice_.of(kFields)))) text = text_of(*value);
    if (from == nullptr || dice_.percent(10)) text = text_of(decoy());
    text = cut(dice_, text, true, true);
    out += std::string{indent} + "- " +
           quoted(how == "|re" ? expression_for(dice_, text) : sigma_value(dice_, text, how == "|cased")) + '\n';
  }
  return out;
}

std::string RuleWriter::identifier(const EventData* from) {
  const std::size_t roll = dice_.below(100);
  if (roll < 60) return "    " + map(from, "    ");
  if (roll < 75) return keywords(from, "    ");
  // A list of maps, among them texts and lists.
  std::string out;
  for (std::size_t items = 1 + dice_.below(3); items > 0; --items) {
    if (dice_.percent(10))
      out += "    - " + quoted(sigma_value(dice_, random_text(dice_, 2), false)) + '\n';
    else if (dice_.percent(15))
      out += "    - - " + map(dice_.percent(50) ? from : nullptr, "        ") + "      - " + map(from, "        ");
    else
      out += "    - " + map(dice_.percent(70) ? from : nullptr, "      ");
  }
  return out;
}

std::string RuleWriter::log_source() {
  static constexpr auto kSources = std::to_array<std::string_view>({
      "{product: alpha}",
      "{category: proc}",
      "{category: file}",
      "{product: beta}",
      "{product: GAMMA}",
      "{product: alpha, service: one}",
      "{product: alpha, category: file}",
      "{service: one}",
  });
  if (target_ == nullptr || dice_.percent(10)) return std::string{dice_.of(kSources)};
  static constexpr std::array<std::array<std::string_view, 3>, 4> kFitting{{
      {"{product: alpha}", "{product: Alpha, service: one}", "{category: proc}"},
      {"{product: alpha}", "{category: file}", "{product: alpha, category: proc}"},
      {"{product: beta}", "{product: beta}", "{product: BETA}"},
      {"{product: gamma}", "{service: one}", "{product: alpha, category: file}"},
  }};
  return std::string{dice_.of(kFitting[index(target_->type) % kFitting.size()])};
}

std::string RuleWriter::expression(std::size_t depth) {
  static constexpr auto kAtoms = std::to_array<std::string_view>({
      "sel_a",
      "sel_b",
      "filter-1",
      "_hidden",
      "1 of sel_*",
      "all of sel_*",
      "1 of them",
      "all of them",
      "2 of them",
      "any of *",
      "1 of _*",
      "1 of nothing_*",
      "2 of sel*",
      "1 of sel_a",
      "3 of s*",
  });
  if (depth == 0 || dice_.percent(40)) return std::string{dice_.of(kAtoms)};
  switch (dice_.below(4)) {
    case 0: return expression(depth - 1) + " and " + expression(depth - 1);
    case 1: return expression(depth - 1) + " or " + expression(depth - 1);
    case 2: return "not " + expression(depth - 1);
    default: return '(' + expression(depth - 1) + (dice_.percent(50) ? " OR " : " and ") + expression(depth - 1) + ')';
  }
}

std::string RuleWriter::condition() {
  static constexpr auto kUsual = std::to_array<std::string_view>({
      "sel_a",
      "sel_a and not filter-1",
      "all of sel_* and not 1 of filter-*",
      "1 of sel_*",
      "sel_a or sel_b",
      "not filter-1",
      "(sel_a or sel_b) and not filter-1",
      "sel_a and not 1 of absent_*",
  });
  if (dice_.percent(60)) return std::string{dice_.of(kUsual)};
  if (dice_.percent(85)) return expression(3);
  return "[" + expression(2) + ", " + expression(1) + "]";
}

std::string RuleWriter::write(std::size_t number) {
  char id[40];
  std::snprintf(id, sizeof id, "11111111-2222-4333-8444-%012zu", number);
  std::string out = "title: A rule\nid: " + std::string{id} + "\nlogsource: " + log_source() + "\ndetection:\n";
  out += "  sel_a:\n" + identifier(target_);
  out += "  sel_b:\n" + identifier(dice_.percent(60) ? target_ : nullptr);
  out += "  filter-1:\n" + identifier(dice_.percent(20) ? target_ : nullptr);
  out += "  _hidden:\n" + identifier(dice_.percent(50) ? target_ : nullptr);
  return out + "  condition: " + condition() + '\n';
}

}  // namespace nw::differential
