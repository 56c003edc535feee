#include "detect/sigma/modifiers.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "detect/sigma/encodings.h"

namespace nw::sigma {

namespace {

Error refuse(std::string text) { return Error{Errc::invalid_argument, std::move(text)}; }

bool is_text_op(Op op) { return op == Op::contains || op == Op::startswith || op == Op::endswith; }

Result<> set_op(Item& item, Op op) {
  if (item.op != Op::equals)
    return refuse("'" + std::string{to_string(op)} + "' and '" + std::string{to_string(item.op)} +
                  "' cannot both say how to compare");
  item.op = op;
  return {};
}

Result<> set_text_op(Item& item, Op op) {
  if (auto set = set_op(item, op); !set) return set;
  if (item.field_reference) return {};
  for (RuleValue& value : item.values) {
    if (value.kind == RuleValue::Kind::null) return refuse("'" + std::string{to_string(op)} + "' needs text, not null");
    for (Pattern& pattern : value.patterns) {
      if (op != Op::startswith) pattern.open_front();
      if (op != Op::endswith) pattern.open_back();
    }
  }
  return {};
}

Result<> set_number_op(Item& item, Op op) {
  if (auto set = set_op(item, op); !set) return set;
  for (const RuleValue& value : item.values)
    if (value.kind != RuleValue::Kind::integer && value.kind != RuleValue::Kind::real)
      return refuse("'" + std::string{to_string(op)} + "' needs a number without quotes");
  return {};
}

Result<> set_regex_flag(Item& item, bool RegexFlags::*flag) {
  if (item.op != Op::re) return refuse("the flags i, m and s only follow 're'");
  item.regex.*flag = true;
  return {};
}

// For the encodings: each value as the bytes it means.
template <class Encode>
Result<> encode_values(Item& item, std::string_view name, Encode encode) {
  if (item.op != Op::equals)
    return refuse("'" + std::string{name} + "' goes before '" + std::string{to_string(item.op)} + "'");
  for (RuleValue& value : item.values) {
    if (value.kind != RuleValue::Kind::text) return refuse("'" + std::string{name} + "' needs plain text");
    std::vector<Pattern> all;
    for (const Pattern& pattern : value.patterns) {
      if (!pattern.plain()) return refuse("'" + std::string{name} + "' cannot encode wildcards or dash variants");
      Result<std::vector<Pattern>> encoded = encode(pattern.plain_text());
      if (!encoded) return encoded.error();
      std::ranges::move(*encoded, std::back_inserter(all));
    }
    value.patterns = std::move(all);
    value.encoded = true;
  }
  return {};
}

Result<> set_utf16(Item& item, std::string_view name, Utf16 form) {
  return encode_values(item, name, [&](std::string_view text) -> Result<std::vector<Pattern>> {
    const auto bytes = to_utf16(text, form);
    if (!bytes) return bytes.error();
    return std::vector{Pattern::literal(*bytes)};
  });
}

Result<> set_base64(Item& item) {
  return encode_values(item, "base64", [](std::string_view bytes) -> Result<std::vector<Pattern>> {
    return std::vector{Pattern::literal(to_base64(bytes))};
  });
}

Result<> set_base64_offset(Item& item) {
  return encode_values(item, "base64offset", [](std::string_view bytes) -> Result<std::vector<Pattern>> {
    std::vector<Pattern> out;
    for (const std::string& text : to_base64_offsets(bytes)) {
      // Nothing is left of one or two bytes at some offsets; an empty needle would fit everywhere.
      if (text.empty()) return refuse("'base64offset' needs at least three bytes");
      out.push_back(Pattern::literal(text));
    }
    return out;
  });
}

Result<> set_windash(Item& item) {
  if (item.op == Op::re) return refuse("'windash' and 're' cannot be joined");
  for (RuleValue& value : item.values) {
    if (value.encoded) return refuse("'windash' cannot follow an encoding");
    for (Pattern& pattern : value.patterns) pattern.widen_dashes();
  }
  return {};
}

Result<> set_cased(Item& item) {
  if (item.op == Op::re) return refuse("'re' is case-sensitive already; 're|i' is not");
  item.cased = true;
  return {};
}

Result<> set_exists(Item& item) {
  if (item.modifiers.size() != 1) return refuse("'exists' stands alone");
  if (item.values.size() != 1 || item.values.front().kind != RuleValue::Kind::boolean)
    return refuse("'exists' needs true or false");
  return set_op(item, Op::exists);
}

Result<> set_field_reference(Item& item) {
  if (item.op != Op::equals && !is_text_op(item.op)) return refuse("'fieldref' compares as text");
  for (const RuleValue& value : item.values)
    if (value.kind != RuleValue::Kind::text || value.encoded) return refuse("'fieldref' needs the name of a field");
  item.field_reference = true;
  return {};
}

Result<> set_regex(Item& item) {
  if (item.modifiers.front() != "re" && item.modifiers.front() != "all" && item.modifiers.front() != "neq")
    return refuse("'re' must be the first modifier");
  for (const RuleValue& value : item.values)
    if (value.kind == RuleValue::Kind::null) return refuse("'re' needs a regular expression, not null");
  return set_op(item, Op::re);
}

// The values were read with their placeholders filled in.
Result<> set_expand(Item& item) {
  for (const RuleValue& value : item.values)
    if (value.encoded) return refuse("'expand' cannot follow an encoding");
  return {};
}

Result<> set_part(Item& item, TimePart part) {
  if (item.part != TimePart::none)
    return refuse("'" + std::string{to_string(item.part)} + "' and '" + std::string{to_string(part)} +
                  "' are two parts of a time");
  item.part = part;
  return {};
}

Result<> set_cidr(Item& item) {
  for (const RuleValue& value : item.values)
    if (value.kind != RuleValue::Kind::text) return refuse("'cidr' needs a network such as 192.0.2.0/24");
  return set_op(item, Op::cidr);
}

constexpr auto kModifiers = std::to_array<Modifier>({
    {"all", "every value must match",
     [](Item& item) -> Result<> {
       item.all = true;
       return {};
     }},
    {"base64", "the value in Base64", set_base64},
    {"base64offset", "the value in Base64, wherever it stands in the encoded text", set_base64_offset},
    {"cased", "case matters", set_cased},
    {"cidr", "an address in a network", set_cidr},
    {"contains", "somewhere in the field", [](Item& item) { return set_text_op(item, Op::contains); }},
    {"day", "the day of the month of a time", [](Item& item) { return set_part(item, TimePart::day); }},
    {"dotall", "as s", [](Item& item) { return set_regex_flag(item, &RegexFlags::dotall); }},
    {"endswith", "at the end of the field", [](Item& item) { return set_text_op(item, Op::endswith); }},
    {"exists", "whether the field is there, whatever its value", set_exists},
    {"expand", "%name% stands for the values of a placeholder", set_expand},
    {"fieldref", "the value names a field to compare with", set_field_reference},
    {"gt", "a greater number", [](Item& item) { return set_number_op(item, Op::gt); }},
    {"gte", "a greater or equal number", [](Item& item) { return set_number_op(item, Op::gte); }},
    {"hour", "the hour of a time", [](Item& item) { return set_part(item, TimePart::hour); }},
    {"i", "after re: case does not matter", [](Item& item) { return set_regex_flag(item, &RegexFlags::ignore_case); }},
    {"ignorecase", "as i", [](Item& item) { return set_regex_flag(item, &RegexFlags::ignore_case); }},
    {"lt", "a lesser number", [](Item& item) { return set_number_op(item, Op::lt); }},
    {"lte", "a lesser or equal number", [](Item& item) { return set_number_op(item, Op::lte); }},
    {"m", "after re: ^ and $ at every line", [](Item& item) { return set_regex_flag(item, &RegexFlags::multiline); }},
    {"minute", "the minute of a time", [](Item& item) { return set_part(item, TimePart::minute); }},
    {"month", "the month of a time", [](Item& item) { return set_part(item, TimePart::month); }},
    {"multiline", "as m", [](Item& item) { return set_regex_flag(item, &RegexFlags::multiline); }},
    {"neq", "the field is there and no value matches",
     [](Item& item) -> Result<> {
       if (item.op == Op::exists) return refuse("'exists' stands alone");
       item.negated = true;
       return {};
     }},
    {"re", "a regular expression (PCRE2) that is found in the field", set_regex},
    {"s", "after re: . matches line ends", [](Item& item) { return set_regex_flag(item, &RegexFlags::dotall); }},
    {"startswith", "at the start of the field", [](Item& item) { return set_text_op(item, Op::startswith); }},
    {"utf16", "the value in UTF-16 with a byte order mark; before base64",
     [](Item& item) { return set_utf16(item, "utf16", Utf16::with_mark); }},
    {"utf16be", "the value in UTF-16, big-endian; before base64",
     [](Item& item) { return set_utf16(item, "utf16be", Utf16::big); }},
    {"utf16le", "the value in UTF-16, little-endian; before base64",
     [](Item& item) { return set_utf16(item, "utf16le", Utf16::little); }},
    {"week", "the ISO 8601 week of a time", [](Item& item) { return set_part(item, TimePart::week); }},
    {"wide", "as utf16le", [](Item& item) { return set_utf16(item, "wide", Utf16::little); }},
    {"windash", "each - or / before a word is any of - / and the long dashes", set_windash},
    {"year", "the year of a time", [](Item& item) { return set_part(item, TimePart::year); }},
});
static_assert(std::ranges::is_sorted(kModifiers, {}, &Modifier::name));  // found by bisection

constexpr auto kNames = [] {
  std::array<std::string_view, kModifiers.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kModifiers[i].name;
  return names;
}();

}  // namespace

std::span<const Modifier> modifiers() { return kModifiers; }

std::span<const std::string_view> modifier_names() { return kNames; }

const Modifier* find_modifier(std::string_view name) {
  const auto found = std::ranges::lower_bound(kModifiers, name, {}, &Modifier::name);
  return found != kModifiers.end() && found->name == name ? &*found : nullptr;
}

}  // namespace nw::sigma
