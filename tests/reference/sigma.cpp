#include "reference/sigma.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <compare>
#include <map>
#include <optional>
#include <regex>
#include <set>

#include "base/regex.h"
#include "base/time.h"
#include "detect/sigma/limits.h"
#include "reference/text.h"

namespace nw::sigma {

using event::Value;
using namespace reference;

namespace {

// ---- Values of events.

// A field's scalars: itself, or the elements of its list, however nested.
void flatten(const Value& value, std::vector<Value>& out) {
  if (value.kind() != Value::Kind::list) {
    out.push_back(value);
    return;
  }
  for (const Value& element : value.as_list()) flatten(element, out);
}

struct Number {
  std::optional<std::int64_t> whole;
  double real = 0;
};

std::partial_ordering operator<=>(const Number& a, const Number& b) {
  if (a.whole && b.whole) return *a.whole <=> *b.whole;
  return a.real <=> b.real;
}

std::optional<Number> number(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::integer: return Number{value.as_integer(), static_cast<double>(value.as_integer())};
    case Value::Kind::real: return Number{{}, value.as_real()};
    case Value::Kind::time: return Number{{}, static_cast<double>(to_unix_nanoseconds(value.as_time())) * 1e-9};
    case Value::Kind::interval: return Number{{}, static_cast<double>(value.as_interval().count()) * 1e-9};
    default: return std::nullopt;
  }
}

// For gt and its like, text that is a decimal number counts too.
std::optional<Number> number_or_text(const Value& value) {
  if (value.kind() != Value::Kind::text) return number(value);
  const std::string_view text = value.as_text();
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error == std::errc{} && end == text.data() + text.size()) return Number{whole, static_cast<double>(whole)};
  if (double real = 0; read_number(text, real)) return Number{{}, real};
  return std::nullopt;
}

std::optional<IpAddress> address(const Value& value) {
  IpAddress out;
  if (value.kind() == Value::Kind::address) return value.as_address();
  if (value.kind() == Value::Kind::text && IpAddress::parse_into(value.as_text(), out)) return out;
  return std::nullopt;
}

bool is_nothing(const Value* value) { return value == nullptr || value->kind() == Value::Kind::null; }

// A part of the time that the value states, as it is written: no zone is applied. A date alone has no hour.
std::optional<int> written_part(const std::string& text, std::string_view part) {
  static const std::regex kZone{R"((.*)(?: ?(?:[Zz]|[+-]\d\d(?::?\d\d)?))$)"};
  static const std::regex kForms[] = {
      std::regex{R"((\d{4})-?(\d\d)-?(\d\d)[Tt ](\d\d):?(\d\d)(?::?([0-5]\d|60)(?:[.,]\d*)?)?)"},
      std::regex{R"((\d{4})-(\d\d)-(\d\d))"}};
  using namespace std::chrono;
  std::smatch zone, found;
  const bool date_only = std::regex_match(text, found, kForms[1]);
  const std::string local = !date_only && std::regex_match(text, zone, kZone) ? zone[1].str() : text;
  if (!date_only && !std::regex_match(local, found, kForms[0])) return std::nullopt;
  const auto number = [&](std::size_t group) { return std::stoi(found[group]); };
  const year_month_day date{year{number(1)}, month{static_cast<unsigned>(number(2))},
                            day{static_cast<unsigned>(number(3))}};
  if (!date.ok() || (!date_only && (number(4) > 23 || number(5) > 59))) return std::nullopt;
  if (part == "hour" || part == "minute")
    return date_only ? std::nullopt : std::optional{number(part == "hour" ? 4 : 5)};
  if (part != "week") return number(part == "year" ? 1 : part == "month" ? 2 : 3);
  // ISO 8601: the week is that of its Thursday, and weeks are counted in the Thursday's year.
  const sys_days thursday = sys_days{date} - (weekday{date} - Monday) + days{3};
  const sys_days first{year_month_day{thursday}.year() / January / 1};
  return static_cast<int>((thursday - first).count() / 7 + 1);
}

// Numbers count from 1970 in seconds, or in thousandths, millionths, billionths when they are too large for that.
std::optional<int> time_part(const Value& value, std::string_view part) {
  if (value.kind() == Value::Kind::time) return written_part(to_rfc3339(value.as_time()), part);
  if (value.kind() == Value::Kind::boolean || value.kind() == Value::Kind::interval) return std::nullopt;
  std::string text = value.to_text();
  text.erase(0, text.find_first_not_of(" \t\n\r\v\f"));
  text.erase(text.find_last_not_of(" \t\n\r\v\f") + 1);
  const auto seconds = number_or_text(Value::text(text));
  if (!seconds) return written_part(text, part);
  if (!(seconds->real >= 1e8 && seconds->real <= 9.2e18)) return std::nullopt;
  double unit = 1;
  while (seconds->real >= 1e11 * unit && unit < 1e9) unit *= 1000;
  const auto whole = static_cast<std::int64_t>(std::floor(seconds->real / unit));
  return written_part(to_rfc3339(Timestamp{} + std::chrono::seconds{whole}), part);
}

Text compared(const Value& value, bool cased) {
  Text text = units(value.to_text());
  return cased ? text : without_case(std::move(text));
}

// ---- One item of a rule, its modifiers applied.

enum class How { equals, text, regex, network, greater, greater_equal, less, less_equal, exists, reference };

struct Question {
  How how = How::equals;
  bool all = false, cased = false, negated = false;
  bool front = false, back = false;  // of a reference: something may stand before, after
  RegexFlags flags;
  std::string part;  // of the time that the field states, which is compared instead of it

  struct Wanted {
    const RuleValue* value;
    Texts texts;  // any of them
    std::unique_ptr<const Regex> regex;
    std::optional<IpPrefix> network;
  };
  std::vector<Wanted> values;
};

// The modifiers that say how the item compares; false for those that rewrite its values.
bool compares(std::string_view name, Question& out) {
  static const std::map<std::string_view, How> kHow{
      {"re", How::regex},          {"cidr", How::network},   {"gt", How::greater},    {"lt", How::less},
      {"gte", How::greater_equal}, {"lte", How::less_equal}, {"exists", How::exists}, {"fieldref", How::reference},
  };
  static const std::set<std::string_view> kParts{"minute", "hour", "day", "week", "month", "year"};
  if (const auto how = kHow.find(name); how != kHow.end()) {
    out.how = how->second;
    return true;
  }
  if (kParts.contains(name)) {
    out.part = name;
    return true;
  }
  if (name == "all") return out.all = true;
  if (name == "cased") return out.cased = true;
  if (name == "neq") return out.negated = true;
  if (name == "i" || name == "ignorecase") return out.flags.ignore_case = true;
  if (name == "m" || name == "multiline") return out.flags.multiline = true;
  if (name == "s" || name == "dotall") return out.flags.dotall = true;
  return false;
}

Question ask(const Item& item, const Placeholders& placeholders) {
  Question out;
  const bool expands = std::ranges::find(item.modifiers, "expand") != item.modifiers.end();
  for (const RuleValue& value : item.values) {
    const bool text = value.kind == RuleValue::Kind::text;
    out.values.push_back({&value,
                          text && expands ? read_placeholders(value.written, placeholders)
                          : text          ? Texts{read_wildcards(value.written)}
                                          : Texts{units(value.written)},
                          {},
                          {}});
  }
  bool front = item.field.empty(), back = front;  // keywords: anywhere
  for (const std::string& name : item.modifiers) {
    if (compares(name, out)) continue;
    front = front || name == "contains" || name == "endswith";
    back = back || name == "contains" || name == "startswith";
    for (Question::Wanted& wanted : out.values) {
      Texts texts;
      for (const Text& text : wanted.texts)
        for (Text& each : rewritten(text, name)) texts.push_back(std::move(each));
      wanted.texts = std::move(texts);
    }
  }
  if (out.how == How::reference) {
    out.front = front;
    out.back = back;
  } else if (out.how == How::equals && (front || back)) {
    out.how = How::text;
  }
  for (Question::Wanted& wanted : out.values) {
    RegexFault fault;
    if (out.how == How::regex) wanted.regex = Regex::compile(wanted.value->written, out.flags, fault);
    if (out.how == How::network) wanted.network = *IpPrefix::parse(wanted.value->written);
    for (Text& text : wanted.texts) {
      if (!out.cased) text = without_case(std::move(text));
      open(text, front, back);
    }
  }
  return out;
}

// ---- One event, asked.

bool any_text(const Question::Wanted& wanted, const Value& value, bool cased) {
  const Text subject = compared(value, cased);
  return std::ranges::any_of(wanted.texts, [&](const Text& text) { return glob(text, subject); });
}

// A field against a rule's value, each with its type. Numbers and text compare as text would.
bool equal(const Question::Wanted& wanted, const Value& value, bool cased) {
  const RuleValue& rule = *wanted.value;
  switch (rule.kind) {
    case RuleValue::Kind::null: return value.kind() == Value::Kind::null;
    case RuleValue::Kind::boolean:
      if (value.kind() == Value::Kind::boolean) return value.as_boolean() == rule.truth;
      return value.kind() == Value::Kind::text && compared(value, false) == (rule.truth ? U"true" : U"false");
    case RuleValue::Kind::integer:
    case RuleValue::Kind::real: {
      const bool whole = rule.kind == RuleValue::Kind::integer;
      const Value typed = whole ? Value::integer(rule.integer) : Value::real(rule.real);
      if (value.kind() == Value::Kind::text) return compared(value, false) == compared(typed, false);
      const auto theirs = number(value);
      return theirs && *theirs <=> *number(typed) == 0;
    }
    case RuleValue::Kind::text: break;
  }
  // An address is itself in any spelling.
  if (value.kind() == Value::Kind::address && wanted.texts.size() == 1) {
    const Text& text = wanted.texts.front();
    const bool plain = text.find(kMany) == Text::npos && text.find(kOne) == Text::npos;
    if (const auto meant = address(Value::text(plain ? bytes_of(text) : ""))) return *meant == value.as_address();
  }
  return any_text(wanted, value, cased);
}

// Two values of the event, by the rules for values.
bool refers(const Question& question, const Value& left, const Value& right) {
  if (left.kind() == Value::Kind::null || right.kind() == Value::Kind::null) return false;
  if (!question.front && !question.back) {
    const auto a = number(left), b = number(right);
    if (a && b) return *a <=> *b == 0;
    if (left.kind() == Value::Kind::address || right.kind() == Value::Kind::address) {
      const auto x = address(left), y = address(right);
      if (x && y) return *x == *y;
    }
  }
  Text pattern = compared(right, question.cased);
  open(pattern, question.front, question.back);
  return glob(pattern, compared(left, question.cased));
}

class Asked {
 public:
  Asked(const event::Event& event, const event::Schema& schema, const std::map<const Item*, Question>& questions)
      : event_{event}, schema_{schema}, questions_{questions} {}

  // Nothing when all selectors in it name no identifier: such parts are dropped.
  [[nodiscard]] std::optional<bool> holds(const Rule& rule, const Condition& condition) const {
    if (condition.kind == Condition::Kind::selector) return selected(rule, condition);
    if (condition.kind == Condition::Kind::identifier)
      return holds(std::ranges::find(rule.identifiers, condition.name, &Identifier::name)->detection);
    std::size_t yes = 0, no = 0;
    for (const Condition& child : condition.children)
      if (const auto answer = holds(rule, child)) ++(*answer ? yes : no);
    if (yes + no == 0) return std::nullopt;
    if (condition.kind == Condition::Kind::negation) return no == 1;
    return condition.kind == Condition::Kind::conjunction ? no == 0 : yes > 0;
  }

 private:
  [[nodiscard]] std::optional<bool> selected(const Rule& rule, const Condition& selector) const {
    std::size_t named = 0, yes = 0;
    for (const Identifier& identifier : rule.identifiers) {
      const bool hidden = identifier.name.starts_with('_');
      const bool meant = selector.them ? !hidden
                                       : (!hidden || selector.name.starts_with('_')) &&
                                             glob(read_wildcards(selector.name), units(identifier.name));
      if (!meant) continue;
      ++named;
      if (holds(identifier.detection)) ++yes;
    }
    if (named == 0) return std::nullopt;
    return selector.all ? yes == named : yes >= selector.count;
  }

  [[nodiscard]] bool holds(const Detection& detection) const {
    const auto holds_too = [&](const Detection& child) { return holds(child); };
    if (detection.kind == Detection::Kind::all) return std::ranges::all_of(detection.children, holds_too);
    if (detection.kind == Detection::Kind::any) return std::ranges::any_of(detection.children, holds_too);
    return holds(detection.item, questions_.at(&detection.item));
  }

  [[nodiscard]] bool holds(const Item& item, const Question& question) const {
    const Value* field = item.field.empty() ? nullptr : get(item.field);
    if (question.how == How::exists) return (field != nullptr) == question.values.front().value->truth;
    if (question.negated && is_nothing(field)) return false;
    std::vector<Value> elements;
    if (item.field.empty())
      elements = everything();
    else
      flatten(field == nullptr ? Value{} : *field, elements);  // absent is null
    if (!question.part.empty()) elements = parts(elements, question.part);
    const auto met = [&](const Question::Wanted& wanted) {
      return std::ranges::any_of(elements, [&](const Value& value) { return meets(question, wanted, value); });
    };
    if (!question.negated)
      return question.all ? std::ranges::all_of(question.values, met) : std::ranges::any_of(question.values, met);
    // Without the other field there is nothing to differ from.
    const auto unmet = [&](const Question::Wanted& wanted) {
      return (question.how != How::reference || !is_nothing(get(wanted.value->written))) && !met(wanted);
    };
    return question.all ? std::ranges::any_of(question.values, unmet) : std::ranges::all_of(question.values, unmet);
  }

  [[nodiscard]] static std::vector<Value> parts(const std::vector<Value>& times, std::string_view part) {
    std::vector<Value> out;
    for (const Value& time : times)
      if (const auto found = time_part(time, part)) out.push_back(Value::integer(*found));
    return out;
  }

  [[nodiscard]] bool meets(const Question& question, const Question::Wanted& wanted, const Value& value) const {
    if (question.how == How::equals)
      return (wanted.value->kind == RuleValue::Kind::null || value.kind() != Value::Kind::null) &&
             equal(wanted, value, question.cased);
    if (value.kind() == Value::Kind::null) return false;
    const Value limit = wanted.value->kind == RuleValue::Kind::integer ? Value::integer(wanted.value->integer)
                                                                       : Value::real(wanted.value->real);
    const auto against = [&] {
      const auto theirs = number_or_text(value);
      return theirs ? *theirs <=> *number(limit) : std::partial_ordering::unordered;
    };
    switch (question.how) {
      case How::regex: {
        RegexScratch scratch;
        return wanted.regex->search(value.to_text().substr(0, kRegexSubjectBytesMax), scratch) == Regex::Outcome::yes;
      }
      case How::network: {
        const auto theirs = address(value);
        return theirs && wanted.network->contains(*theirs);
      }
      case How::greater: return against() > 0;
      case How::greater_equal: return against() >= 0;
      case How::less: return against() < 0;
      case How::less_equal: return against() <= 0;
      case How::reference: {
        std::vector<Value> others;
        if (const Value* other = get(wanted.value->written)) flatten(*other, others);
        return std::ranges::any_of(others, [&](const Value& other) { return refers(question, value, other); });
      }
      default: return any_text(wanted, value, question.cased);
    }
  }

  // On events of some types a rule's field goes by another name.
  [[nodiscard]] const Value* get(std::string_view name) const {
    const auto id = schema_.find_field(name);
    if (!id) return nullptr;
    for (const event::FieldAlias& alias : schema_.type(event_.type()).aliases)
      if (alias.named == *id) return event_.get(alias.carried);
    return event_.get(*id);
  }

  // What keywords are looked for in: all that people or machines wrote, not the daemon's own marks.
  [[nodiscard]] std::vector<Value> everything() const {
    std::vector<Value> all, out;
    if (!schema_.type(event_.type()).structured && !event_.raw.empty()) all.push_back(Value::text(event_.raw));
    for (const event::Event::Entry& entry : event_.entries()) {
      const std::string_view name = schema_.field_name(entry.field);
      if (name != "uid" && name != "source" && name != "community_id") flatten(entry.value, all);
    }
    for (const event::Event::Extra& extra : event_.extras()) flatten(extra.value, all);
    for (const Value& value : all) {
      const Value::Kind kind = value.kind();
      if (kind == Value::Kind::text || kind == Value::Kind::integer || kind == Value::Kind::real ||
          kind == Value::Kind::address)
        out.push_back(value);
    }
    return out;
  }

  const event::Event& event_;
  const event::Schema& schema_;
  const std::map<const Item*, Question>& questions_;
};

// Each dimension that the rule gives is one that the events have.
bool of_source(const LogSource& rule, const event::Type& type) {
  const auto lower = [](std::string text) {
    for (char& c : text)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
  };
  const auto among = [&](const std::string& wanted, const std::vector<std::string>& names) {
    return wanted.empty() || std::ranges::any_of(names, [&](const std::string& name) { return lower(name) == wanted; });
  };
  const auto is = [&](const std::vector<std::string>& product, const std::vector<std::string>& services,
                      const std::vector<std::string>& categories) {
    return among(rule.product, product) && among(rule.service, services) && among(rule.category, categories);
  };
  if (is({type.product}, type.services, type.categories)) return true;
  return std::ranges::any_of(type.answers, [&](const event::LogSourceName& name) {
    return is({name.product}, {name.service}, {name.category});
  });
}

}  // namespace

struct Reference::Questions {
  std::map<const Item*, Question> by_item;

  void add(const Rule& rule, const Placeholders& placeholders) {
    for (const Identifier& identifier : rule.identifiers) add(identifier.detection, placeholders);
  }
  void add(const Detection& detection, const Placeholders& placeholders) {
    if (detection.kind == Detection::Kind::item) by_item.emplace(&detection.item, ask(detection.item, placeholders));
    for (const Detection& child : detection.children) add(child, placeholders);
  }
};

Reference::Reference(const Rule& rule, const CompileOptions& options)
    : rule_{&rule}, questions_{std::make_unique<Questions>()} {
  questions_->add(rule, options.placeholders);
  for (const auto& filter : rule.filters) questions_->add(*filter, options.placeholders);
}
Reference::~Reference() = default;
Reference::Reference(Reference&&) noexcept = default;

bool Reference::fires(const event::Event& event, const event::Schema& schema) const {
  if (!of_source(rule_->info.log_source, schema.type(event.type()))) return false;
  Asked asked{event, schema, questions_->by_item};
  // Each filter's condition means its own identifiers.
  return asked.holds(*rule_, rule_->condition).value_or(false) &&
         std::ranges::all_of(rule_->filters, [&](const auto& filter) {
           return asked.holds(*filter, filter->condition).value_or(false);
         });
}

}  // namespace nw::sigma
