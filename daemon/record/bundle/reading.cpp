#include "record/bundle/reading.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/text.h"
#include "record/bundle/layout.h"
#include "record/entry.h"
#include "record/merkle/canonical.h"
#include "record/merkle/exact_json.h"

namespace nw::bundle {

namespace {

namespace json = boost::json;

Error bad_index(std::string_view what) { return Error{Errc::malformed, "incident.json: " + std::string{what}}; }

// A whole number from 0 on.
std::optional<std::uint64_t> count_of(const json::value* value) {
  if (value == nullptr || !value->is_int64() || value->as_int64() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(value->as_int64());
}

const json::array* array_member(const json::object& object, std::string_view name, std::size_t most) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() && value->as_array().size() <= most ? &value->as_array() : nullptr;
}

const json::object* object_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? &value->as_object() : nullptr;
}

// No fractions in what the ledger says: each reader makes the same of it.
bool only_whole_numbers(const json::value& value) {
  if (value.is_double() || value.is_uint64()) return false;
  if (value.is_array()) return std::all_of(value.as_array().begin(), value.as_array().end(), only_whole_numbers);
  return !value.is_object() || std::all_of(value.as_object().begin(), value.as_object().end(),
                                           [](const auto& member) { return only_whole_numbers(member.value()); });
}

// The object that `text` is, if it is one and in canonical form.
Result<json::object> canonical_object(std::string_view text) {
  auto value = merkle::parse_exact_json(text);
  if (!value) return value.error();
  if (!value->is_object()) return Error{Errc::malformed, "is no JSON object"};
  if (!only_whole_numbers(*value)) return Error{Errc::malformed, "holds a number that is not whole"};
  const auto again = merkle::canonical_json(*value);
  if (!again) return again.error();
  if (*again != text) return Error{Errc::malformed, "is not in canonical form (RFC 8785)"};
  return std::move(value->as_object());
}

}  // namespace

Result<CaseIndex> CaseIndex::parse(std::string_view text) {
  auto read = canonical_object(text);
  if (!read) return bad_index(read.error().what);
  const json::object& object = *read;
  CaseIndex out;
  if (text_member(object, "format") != kFormat)
    return bad_index("its format is not " + std::string{kFormat} + ": another version of this program wrote it");
  const json::object* row = object_member(object, "incident");
  const json::object* made = object_member(object, "made");
  if (row == nullptr || text_member(*row, "id").empty() || !is_path(text_member(*row, "id")))
    return bad_index("'incident' names none");
  if (made == nullptr) return bad_index("'made' is missing");
  out.incident = text_member(*row, "id");
  out.row = *row;
  out.made = *made;
  const json::array* alerts = array_member(object, "alerts", kAlertsMax);
  const json::array* entries = array_member(object, "entries", kEntriesMax);
  const json::array* missing = array_member(object, "missing", kEntriesMax);
  if (alerts == nullptr || entries == nullptr || missing == nullptr)
    return bad_index("'alerts', 'entries' or 'missing' is no list, or too long");
  for (const json::value& item : *alerts) {
    const auto entry = item.is_object() ? count_of(item.as_object().if_contains("entry")) : std::nullopt;
    if (!entry || text_member(item.as_object(), "id").empty() ||
        (!out.alerts.empty() && *entry <= out.alerts.back().entry))
      return bad_index("'alerts' holds something that is no alert, or is out of order");
    out.alerts.push_back({std::string{text_member(item.as_object(), "id")}, *entry});
  }
  for (const json::value& item : *entries) {
    const auto entry = count_of(&item);
    if (!entry || (!out.entries.empty() && *entry <= out.entries.back()))
      return bad_index("'entries' holds something that is no index, or is out of order");
    out.entries.push_back(*entry);
  }
  for (const json::value& item : *missing) {
    if (!item.is_string()) return bad_index("'missing' holds something that is no text");
    out.missing.emplace_back(std::string_view{item.as_string()});
  }
  return out;
}

Result<std::string> CaseIndex::to_text() const {
  json::array alert_list, entry_list, missing_list;
  for (const CaseAlertPlace& alert : alerts)
    alert_list.push_back(json::object{{"entry", alert.entry}, {"id", alert.id}});
  for (const std::uint64_t entry : entries) entry_list.emplace_back(entry);
  for (const std::string& text : missing) missing_list.emplace_back(text);
  return merkle::canonical_json(json::object{{"alerts", std::move(alert_list)},
                                             {"entries", std::move(entry_list)},
                                             {"format", kFormat},
                                             {"incident", row},
                                             {"made", made},
                                             {"missing", std::move(missing_list)}});
}

Result<BundledEntry> read_entry(std::string_view bytes) {
  const auto view = record::parse_entry(bytes);
  if (!view) return view.error();
  auto whole = canonical_object(bytes);
  if (!whole) return whole.error();
  json::value& body = (*whole)["body"];
  if (!body.is_object()) return Error{Errc::malformed, "`body` is no object"};
  return BundledEntry{bytes, std::string{view->type}, view->time, std::move(body.as_object())};
}

std::string_view text_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view{value->as_string()} : std::string_view{};
}

}  // namespace nw::bundle
