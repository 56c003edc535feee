#include "record/act.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <charconv>

#include "base/text.h"
#include "context/taxonomy/tlp_order.h"
#include "record/merkle/exact_json.h"

namespace nw::record {

namespace {

namespace json = boost::json;

constexpr std::size_t kValuesMax = 8;
constexpr std::uint64_t kVictimsMax = 10'000'000'000;
constexpr std::int64_t kUidMax = 0xffffffff;

// reporting::kMoments; a test holds the two together, since the floors keep this folder from looking there.
constexpr std::array<std::string_view, 8> kActMoments{"occurred_at", "detected_at",  "aware_at",     "classified_at",
                                                      "notified_at", "requested_at", "corrected_at", "handled_at"};

const std::array<ActForm, kActs.size()>& forms() {
  static const std::array<ActForm, kActs.size()> kForms{{
      {ActKind::acknowledge, {}, {}, false},
      {ActKind::contain, {}, {}, false},
      {ActKind::resolve, {}, {}, true},
      {ActKind::false_positive, {}, {}, true},
      {ActKind::reopen, {}, {}, true},
      {ActKind::assign, {"to"}, {}, false},
      {ActKind::note, {"text"}, {}, false},
      {ActKind::merge, {"into"}, {}, true},
      {ActKind::split, {}, {"alerts", "merge"}, true},
      {ActKind::tlp, {"label"}, {}, false},
      {ActKind::pap, {"label"}, {}, false},
      {ActKind::factor, {"factor", "text"}, {}, false},
      {ActKind::hypothesis, {"text"}, {}, false},
      {ActKind::victims, {"count"}, {}, false},
      {ActKind::share, {"with"}, {}, false},
      {ActKind::withhold, {}, {}, true},
      {ActKind::exercise, {"exercise"}, {}, false},
      {ActKind::classify, {}, {"kind", "rsit"}, false},
      {ActKind::moment, {"moment", "time"}, {}, false},
      {ActKind::fact, {"fact", "value"}, {}, false},
      {ActKind::significance, {"regime", "significant"}, {"proposal"}, false},
      {ActKind::sent, {"regime", "stage", "time"}, {}, false},
  }};
  return kForms;
}

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <std::size_t N>
std::string_view one_of(const std::array<std::string_view, N>& words, std::string_view text, std::string_view said) {
  return std::find(words.begin(), words.end(), text) != words.end() ? std::string_view{} : said;
}

// UTF-8 without control characters; line ends and tabs where the text may have several lines.
bool is_text(std::string_view text, bool lines) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    const char c = text.front();
    if (length == 1 && (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) && !(lines && (c == '\n' || c == '\t')))
      return false;
    // C1 controls: U+0080 to U+009F.
    if (length == 2 && c == '\xc2' && static_cast<unsigned char>(text[1]) < 0xa0) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= kActNameBytesMax && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_digit(c) || c == '_' || c == '-' || c == '.' ||
           c == '+' || c == ':';
  });
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string_view fault_of_alerts(std::string_view text) {
  const auto ids = split(text, ',');
  if (ids.size() > kActSplitAlertsMax) return "names more alerts than one split may (120); split again for the others";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (!is_word(ids[i])) return "must be ids of alerts, with commas between them";
    if (std::find(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(i), ids[i]) !=
        ids.begin() + static_cast<std::ptrdiff_t>(i))
      return "names an alert twice";
  }
  return {};
}

// What is wrong with one value; empty: nothing. Texts are checked before.
std::string_view fault_of(ActKind kind, std::string_view name, std::string_view text) {
  constexpr std::array<std::string_view, 2> kYesNo{"no", "yes"};
  if (name == "to") return text.size() <= kActNameBytesMax && is_text(text, false) ? "" : "must be a name of 128 bytes";
  if (name == "value") return text.size() <= kActNameBytesMax && is_text(text, false) ? "" : "is too long for a fact";
  if (trim(text).empty()) return "is empty";
  if (name == "into") return is_incident_id(text) ? "" : "must be an incident's id, such as NW-2026-000001";
  if (name == "merge") return whole_number(text) ? "" : "must be the ledger index of a merge";
  if (name == "alerts") return fault_of_alerts(text);
  if (name == "label" && kind == ActKind::tlp)
    return one_of(taxonomy::kTlpLabels, text, "must be clear, green, amber, amber+strict or red");
  if (name == "label") return one_of(kPapLabels, text, "must be clear, green, amber or red");
  if (name == "factor") return one_of(kFactors, text, "must be technical, scope, context or consultations");
  if (name == "exercise" || name == "significant") return one_of(kYesNo, text, "must be yes or no");
  if (name == "count") {
    const auto count = whole_number(text);
    return count && *count <= kVictimsMax ? "" : "must be a whole number";
  }
  if (name == "moment")
    return one_of(kActMoments, text,
                  "must be occurred_at, detected_at, aware_at, classified_at, notified_at, requested_at, corrected_at "
                  "or handled_at");
  if (name == "time") return parse_rfc3339(text) ? "" : "must be a time with its zone, such as 2026-01-15T08:00:00Z";
  if (name == "fact" || name == "regime" || name == "stage" || name == "rsit")
    return is_word(text) ? "" : "must be a name of letters, digits and _ - . + :";
  if (name == "with" || name == "kind") return text.size() <= kActNameBytesMax ? "" : "is longer than 128 bytes";
  return {};
}

Error refused(const Act& act, std::string_view what) {
  return Error{Errc::invalid_argument, std::string{to_string(act.kind)} + ": " + std::string{what}};
}

Error refused_value(const Act& act, std::string_view name, std::string_view what) {
  return refused(act, "`" + printable(name, 32) + "` " + std::string{what});
}

Result<> check_values(const Act& act) {
  const ActForm& form = form_of(act.kind);
  if (act.values.size() > kValuesMax) return refused(act, "has too many values");
  std::size_t bytes = act.why.size();
  for (std::size_t i = 0; i < act.values.size(); ++i) {
    const auto& [name, text] = act.values[i];
    if (!has(form.needs, name) && !has(form.may, name)) return refused_value(act, name, "is not known here");
    for (std::size_t j = 0; j < i; ++j)
      if (act.values[j].first == name) return refused_value(act, name, "is given twice");
    if (text.size() > kActTextBytesMax) return refused_value(act, name, "is longer than 4096 bytes");
    if (!is_text(text, is_free_text(act.kind, name)))
      return refused_value(act, name, "holds control characters, or is no UTF-8");
    if (const auto fault = fault_of(act.kind, name, text); !fault.empty()) return refused_value(act, name, fault);
    bytes += text.size();
  }
  for (const std::string_view name : form.needs)
    if (std::none_of(act.values.begin(), act.values.end(), [&](const auto& value) { return value.first == name; }))
      return refused_value(act, name, "is missing");
  if (act.kind == ActKind::split && act.values.size() != 1)
    return refused(act, "wants either `merge` (what a merge joined) or `alerts` (which are to stand alone)");
  if (act.kind == ActKind::classify && act.values.empty()) return refused(act, "wants `rsit`, `kind` or both");
  if (bytes > kActBytesMax) return refused(act, "its texts are longer than 16 KiB together");
  return {};
}

Error bad_act_member(std::string_view name, std::string_view why) {
  return Error{Errc::malformed, "act: member `" + printable(name, 32) + "` " + std::string{why}};
}

Result<> read_values(const json::value& value, Act& act) {
  const auto* object = value.if_object();
  if (object == nullptr) return bad_act_member("values", "is no object");
  if (object->size() > kValuesMax) return bad_act_member("values", "has too many members");
  for (const auto& member : *object) {
    const auto* text = member.value().if_string();
    if (text == nullptr) return bad_act_member("values." + std::string{std::string_view{member.key()}}, "is no text");
    act.values.emplace_back(std::string_view{member.key()}, std::string_view{*text});
  }
  std::sort(act.values.begin(), act.values.end());
  return {};
}

}  // namespace

const ActForm& form_of(ActKind kind) { return forms()[static_cast<std::size_t>(kind)]; }

std::optional<ActKind> act_kind(std::string_view word) noexcept {
  const auto* const at = std::find(kActs.begin(), kActs.end(), word);
  if (at == kActs.end()) return std::nullopt;
  return static_cast<ActKind>(at - kActs.begin());
}

bool is_free_text(ActKind kind, std::string_view name) noexcept {
  return name == "text" || name == "proposal" || (kind == ActKind::share && name == "with") ||
         (kind == ActKind::classify && name == "kind");
}

bool is_act_id(std::string_view text) noexcept {
  return text.size() == 2 * kActIdBytes &&
         std::all_of(text.begin(), text.end(), [](char c) { return ascii_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_incident_id(std::string_view text) noexcept {
  // NW-<year>-<number of six digits or more>
  constexpr std::size_t kDash = 7, kLeast = 14, kMost = 27;
  if (text.size() < kLeast || text.size() > kMost || !text.starts_with("NW-") || text[kDash] != '-') return false;
  for (std::size_t i = 3; i < text.size(); ++i)
    if (i != kDash && !ascii_digit(text[i])) return false;
  return true;
}

std::string Act::to_json() const {
  std::string out = "{\"by\":";
  append_json_string(by, out);
  if (!id.empty()) {
    out += ",\"id\":";
    append_json_string(id, out);
  }
  out += ",\"incident\":";
  append_json_string(incident, out);
  out.append(",\"kind\":\"").append(to_string(kind)).append("\",\"uid\":").append(std::to_string(uid));
  if (!values.empty()) {
    auto sorted = values;
    std::sort(sorted.begin(), sorted.end());
    char separator = '{';
    out += ",\"values\":";
    for (const auto& [name, text] : sorted) {
      out += separator;
      append_json_string(name, out);
      out += ':';
      append_json_string(text, out);
      separator = ',';
    }
    out += '}';
  }
  if (!why.empty()) {
    out += ",\"why\":";
    append_json_string(why, out);
  }
  return out + '}';
}

Result<Act> Act::from_json(std::string_view text) {
  auto parsed = merkle::parse_exact_json(text);
  if (!parsed) return Error{Errc::malformed, "act: " + parsed.error().what};
  const auto* object = parsed->if_object();
  if (object == nullptr) return Error{Errc::malformed, "act: no JSON object"};
  Act out;
  std::optional<ActKind> kind;
  for (const auto& member : *object) {
    const std::string_view name = member.key();
    const auto* said = member.value().if_string();
    if (name == "values") {
      if (auto read = read_values(member.value(), out); !read) return read.error();
    } else if (name == "uid") {
      const auto* uid = member.value().if_int64();
      if (uid == nullptr || *uid < -1 || *uid > kUidMax) return bad_act_member(name, "is no user's number");
      out.uid = *uid;
    } else if (name != "by" && name != "id" && name != "incident" && name != "kind" && name != "why") {
      return bad_act_member(name, "is not known");
    } else if (said == nullptr) {
      return bad_act_member(name, "is no text");
    } else if (name == "kind") {
      kind = act_kind(std::string_view{*said});
      if (!kind) return bad_act_member(name, "is no act: '" + printable(std::string_view{*said}, 32) + "'");
    } else {
      std::string& into = name == "by" ? out.by : name == "id" ? out.id : name == "why" ? out.why : out.incident;
      into = std::string_view{*said};
      if (name == "id" && into.empty()) return bad_act_member(name, "is empty");
    }
  }
  if (!kind) return bad_act_member("kind", "is missing");
  out.kind = *kind;
  if (auto checked = out.check(); !checked) return Error{Errc::malformed, "act: " + checked.error().what};
  return out;
}

Result<> Act::check() const {
  if (!id.empty() && !is_act_id(id))
    return refused(*this, "its `id` must be 32 hex digits in lower case, as the command that asked for it gave it");
  if (!is_incident_id(incident))
    return refused(*this, "'" + printable(incident, 32) + "' is no incident's id, such as NW-2026-000001");
  if (trim(by).empty()) return refused(*this, "`by` is missing: who does it, as your site names staff");
  if (by.size() > kActNameBytesMax || !is_text(by, false))
    return refused(*this, "`by` must be one line of at most 128 bytes");
  if (why.size() > kActTextBytesMax || !is_text(why, true))
    return refused(*this, "`why` must be text of at most 4096 bytes, without control characters");
  if (form_of(kind).why && trim(why).empty()) return refused(*this, "wants a reason: `why` is missing");
  return check_values(*this);
}

}  // namespace nw::record
