#include "record/needed_evidence.h"

#include <algorithm>
#include <boost/json.hpp>

#include "record/entry.h"

namespace nw::record {

namespace {

Error not_evidence(std::string_view why) { return Error{Errc::malformed, "evidence: " + std::string{why}}; }

}  // namespace

Result<KeptEvidence> KeptEvidence::from_json(std::string_view body) {
  namespace json = boost::json;
  if (body.size() > kEntryBytesMax) return not_evidence("longer than 65535 bytes");
  json::parse_options options;
  options.max_depth = 8;
  json::error_code error;
  const json::value value = json::parse({body.data(), body.size()}, error, {}, options);
  if (error || !value.is_object()) return not_evidence("not a JSON object");
  const json::object& object = value.get_object();
  KeptEvidence out;
  for (const auto& [name, text] : {std::pair{"alert", &out.alert}, std::pair{"kind", &out.kind}}) {
    const json::value* found = object.if_contains(name);
    if (found == nullptr || !found->is_string() || found->get_string().empty() || found->get_string().size() > 64)
      return not_evidence(std::string{"'"} + name + "' is no text of 1 to 64 bytes");
    *text = std::string{found->get_string().data(), found->get_string().size()};
  }
  const json::value* supplies = object.if_contains("supplies");
  if (supplies == nullptr) return out;
  if (!supplies->is_array() || supplies->get_array().size() > kSuppliesMax)
    return not_evidence("'supplies' is no list of at most 16 texts");
  for (const json::value& item : supplies->get_array()) {
    if (!item.is_string() || item.get_string().size() > kSuppliesBytesMax)
      return not_evidence("'supplies' holds what is no text of at most 1024 bytes");
    out.supplies.emplace_back(item.get_string().data(), item.get_string().size());
  }
  return out;
}

void NeededEvidence::add(const Alert& alert) {
  const auto [open, fresh] = open_.try_emplace(alert.id);
  if (!fresh) return;
  for (const std::string& text : alert.missing_evidence) {
    if (!open->second.insert(text).second) continue;
    auto item = std::ranges::find(items_, text, &Item::text);
    if (item == items_.end()) item = items_.insert(items_.end(), Item{text});
    ++item->alerts;
  }
}

void NeededEvidence::add(std::string_view alert, const std::vector<std::string>& supplies) {
  const auto open = open_.find(alert);
  if (open == open_.end()) return;
  for (const std::string& text : supplies)
    if (open->second.erase(text) != 0) ++std::ranges::find(items_, text, &Item::text)->kept;
}

std::string NeededEvidence::state(const Item& item) {
  if (item.kept == 0) return "missing";
  if (item.kept == item.alerts)
    return item.alerts == 1 ? "kept" : "kept for all " + std::to_string(item.alerts) + " alerts";
  return "kept for " + std::to_string(item.kept) + " of " + std::to_string(item.alerts) + " alerts";
}

}  // namespace nw::record
