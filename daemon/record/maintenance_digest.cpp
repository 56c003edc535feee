#include "record/maintenance_digest.h"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.h"
#include "record/entry.h"
#include "record/fold.h"

namespace nw::record {

namespace {

namespace json = boost::json;

// printable() writes one byte as up to four; the bound is for what is kept.
std::string cut(std::string_view text) {
  std::string out = printable(text, MaintenanceDigests::kTextBytesMax);
  if (out.size() <= MaintenanceDigests::kTextBytesMax) return out;
  std::size_t end = MaintenanceDigests::kTextBytesMax;
  while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xc0U) == 0x80U) --end;  // not inside a UTF-8 sequence
  out.resize(end);
  return out;
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value& value = object.at(name);
  return std::string{value.as_string().data(), value.as_string().size()};
}

std::uint64_t number_at(const json::object& object, std::string_view name) {
  return object.at(name).to_number<std::uint64_t>();
}

}  // namespace

// What an entry adds to a window.
struct MaintenanceDigests::Counted {
  std::string asset, disclosure, ticket, until, rule, title, level;
  std::string id;  // of the entry: no other has it
  Timestamp written{};
  std::uint64_t alerts = 0;
  Timestamp first{}, last{};
  const Alert* alert = nullptr;  // null: a fold
};

void MaintenanceDigests::see(std::string_view payload) {
  const bool digest = payload.find(kMaintenanceDigestRule) != std::string_view::npos;
  // Most entries are not about maintenance; they are not read.
  if (!digest && payload.find("\"maintenance\"") == std::string_view::npos) return;
  const auto view = parse_entry(payload);
  if (!view) return;
  if (view->type == kEntryAlert) {
    const auto alert = Alert::from_json(view->body);
    if (!alert) return;
    if (alert->rule_id == kMaintenanceDigestRule)
      std::erase_if(windows_, [&](const Window& window) { return window.id == alert->id; });
    else if (alert->quiet)
      count({alert->asset, alert->disclosure, alert->maintenance, alert->maintenance_until, alert->rule_id,
             alert->rule_title, alert->level, alert->id, view->time, 1, alert->event_time, alert->event_time, &*alert});
  } else if (view->type == kEntryFold) {
    const auto fold = Fold::from_json(view->body);
    if (fold && !fold->maintenance.empty())
      count({fold->asset, fold->disclosure, fold->maintenance, fold->maintenance_until, fold->rule_id, fold->rule_title,
             fold->level, fold->id + '|' + std::to_string(fold->count), view->time, fold->folded, fold->first,
             fold->last, nullptr});
  }
}

void MaintenanceDigests::count(const Counted& counted) {
  quiet_alerts_ += counted.alerts;
  const std::string asset = cut(counted.asset), ticket = cut(counted.ticket), until = cut(counted.until);
  auto window = std::find_if(windows_.begin(), windows_.end(), [&](const Window& w) {
    return !w.handed && w.asset == asset && w.ticket == ticket && w.until == until;
  });
  if (window == windows_.end()) {
    window = windows_.insert(windows_.end(), Window{});
    window->asset = asset;
    window->ticket = ticket;
    window->until = until;
    window->id = alert_id_of(asset + '|' + ticket + '|' + until + '|' + counted.id);
    window->first = counted.first;
    window->opened = counted.written;
  }
  window->disclosure = cut(counted.disclosure);
  if (counted.alert != nullptr) {
    window->asset_name = cut(counted.alert->asset_name);
    window->sector = cut(counted.alert->sector);
    window->asset_class = cut(counted.alert->asset_class);
  }
  window->first = std::min(window->first, counted.first);
  window->last = std::max(window->last, counted.last);
  window->alerts += counted.alerts;
  const std::string rule_id = cut(counted.rule);
  auto rule = window->rules.find(rule_id);
  if (rule == window->rules.end() && window->rules.size() < kRulesMax)
    rule = window->rules.emplace(rule_id, Rule{cut(counted.title), cut(counted.level), 0}).first;
  if (rule == window->rules.end())
    window->others += counted.alerts;
  else
    rule->second.alerts += counted.alerts;
}

std::vector<Alert> MaintenanceDigests::due(Timestamp now, Nanoseconds grace) {
  std::vector<Alert> out;
  std::size_t waiting = windows_.size();
  // Times in one layout and one zone: as texts they stand in their order.
  std::stable_sort(windows_.begin(), windows_.end(),
                   [](const Window& a, const Window& b) { return a.until < b.until; });
  for (Window& window : windows_) {
    if (window.handed) continue;
    const auto end = parse_rfc3339(window.until);
    // What comes for a window that is over comes with more of its kind: it waits, too.
    if (waiting <= kWindowsMax && end && now - std::max(*end, window.opened) < grace) continue;
    window.handed = true;
    --waiting;
    out.push_back(digest(window, now));
  }
  return out;
}

std::vector<Alert> MaintenanceDigests::unheard(Timestamp now) const {
  std::vector<Alert> out;
  for (const Window& window : windows_)
    if (window.handed) out.push_back(digest(window, now));
  return out;
}

Alert MaintenanceDigests::digest(const Window& window, Timestamp now) {
  Alert alert;
  alert.id = window.id;
  const auto end = parse_rfc3339(window.until);
  alert.event_time = end ? *end : window.last;
  alert.receive_time = now;
  alert.rule_id = kMaintenanceDigestRule;
  alert.rule_title = "Maintenance ended: " + std::to_string(window.alerts) + " alerts were kept quiet";
  alert.level = "informational";
  alert.asset = window.asset;
  alert.asset_name = window.asset_name;
  alert.sector = window.sector;
  alert.asset_class = window.asset_class;
  alert.disclosure = window.disclosure;
  alert.maintenance = window.ticket;
  alert.maintenance_until = window.until;
  for (const auto& [id, rule] : window.rules) {
    alert.atoms.push_back({rule.title.empty() ? id : rule.title, rule.level, {}, std::to_string(rule.alerts)});
    alert.fields.emplace_back("digest.rule." + id, std::to_string(rule.alerts));
  }
  if (window.others != 0) alert.atoms.push_back({"other rules", {}, {}, std::to_string(window.others)});
  alert.fields.emplace_back("digest.alerts", std::to_string(window.alerts));
  alert.fields.emplace_back("digest.first", to_rfc3339(window.first, 9));
  alert.fields.emplace_back("digest.last", to_rfc3339(window.last, 9));
  return alert;
}

std::string MaintenanceDigests::state() const {
  json::array windows;
  for (const Window& w : windows_) {
    json::object rules;
    for (const auto& [id, rule] : w.rules)
      rules[id] = {{"title", rule.title}, {"level", rule.level}, {"alerts", rule.alerts}};
    windows.push_back({{"asset", w.asset},
                       {"asset_name", w.asset_name},
                       {"sector", w.sector},
                       {"asset_class", w.asset_class},
                       {"disclosure", w.disclosure},
                       {"ticket", w.ticket},
                       {"until", w.until},
                       {"id", w.id},
                       {"first", to_rfc3339(w.first, 9)},
                       {"last", to_rfc3339(w.last, 9)},
                       {"opened", to_rfc3339(w.opened, 9)},
                       {"alerts", w.alerts},
                       {"others", w.others},
                       {"handed", w.handed},
                       {"rules", std::move(rules)}});
  }
  return json::serialize(windows);
}

Result<> MaintenanceDigests::restore(std::string_view state) {
  windows_.clear();
  if (state.empty()) return {};
  try {
    std::vector<Window> read;
    const json::value parsed = json::parse({state.data(), state.size()});
    for (const json::value& value : parsed.as_array()) {
      const json::object& object = value.as_object();
      const auto first = parse_rfc3339(text_at(object, "first")), last = parse_rfc3339(text_at(object, "last"));
      const auto opened = parse_rfc3339(text_at(object, "opened"));
      if (!first || !last || !opened) return Error{Errc::malformed, "the state of maintenance digests has a bad time"};
      Window w{text_at(object, "asset"),
               text_at(object, "asset_name"),
               text_at(object, "sector"),
               text_at(object, "asset_class"),
               object.contains("disclosure") ? text_at(object, "disclosure") : std::string{},
               text_at(object, "ticket"),
               text_at(object, "until"),
               text_at(object, "id"),
               *first,
               *last,
               *opened,
               number_at(object, "alerts"),
               number_at(object, "others"),
               object.at("handed").as_bool(),
               {}};
      for (const auto& [id, rule] : object.at("rules").as_object())
        w.rules[std::string{id.data(), id.size()}] = {text_at(rule.as_object(), "title"),
                                                      text_at(rule.as_object(), "level"),
                                                      number_at(rule.as_object(), "alerts")};
      read.push_back(std::move(w));
    }
    windows_ = std::move(read);
  } catch (const std::exception& fault) {
    return Error{Errc::malformed, std::string{"the state of maintenance digests: "} + fault.what()};
  }
  return {};
}

}  // namespace nw::record
