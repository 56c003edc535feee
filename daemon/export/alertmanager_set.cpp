#include "export/alertmanager_set.h"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <exception>
#include <stdexcept>
#include <tuple>

#include "base/text.h"
#include "record/ledger/ledger.h"

namespace nw::exporter {

namespace {

constexpr std::size_t kLabelBytesMax = 256;
constexpr std::size_t kAnnotationBytesMax = 1024;
constexpr std::size_t kAtomsShown = 8;
constexpr std::size_t kStateBytesMax = record::Cursor::kStateBytesMax;
constexpr std::array<std::string_view, 5> kLevels{"informational", "low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 7> kOwnLabels{"alertname", "asset",  "group_key", "norm",
                                                     "rule_id",   "sector", "severity"};
constexpr std::string_view kDisclaimer = "Not an attribution. Source addresses can be forged, relayed or shared.";

int severity_of(std::string_view level) {
  const auto found = std::find(kLevels.begin(), kLevels.end(), level);
  return found == kLevels.end() ? 0 : static_cast<int>(found - kLevels.begin());
}

// A JSON object whose values are texts; empty ones are left out, as Alertmanager would.
class TextObject {
 public:
  void add(std::string_view name, std::string_view value, std::size_t bytes_max) {
    if (value.empty()) return;
    out_ += out_.size() == 1 ? "" : ",";
    append_json_string(name, out_);
    out_ += ':';
    // Mail and pagers get these: no control characters, bounded.
    append_json_string(printable(value, bytes_max), out_);
  }
  std::string take() && { return std::move(out_) + '}'; }

 private:
  std::string out_ = "{";
};

std::string endpoint(const std::string& address, std::uint16_t port) {
  if (address.empty() || port == 0) return address;
  return (address.find(':') == std::string::npos ? address : '[' + address + ']') + ':' + std::to_string(port);
}

std::string where(const record::Alert& alert) {
  for (const std::string* name : {&alert.asset_name, &alert.asset, &alert.destination_address, &alert.host})
    if (!name->empty()) return *name;
  return alert.source;
}

std::string description(const record::Alert& alert) {
  std::string out =
      "Observed in " + alert.path + " from source " + alert.source + ", number " + std::to_string(alert.ordinal);
  for (std::size_t i = 0; i < alert.atoms.size() && i < kAtomsShown; ++i) {
    const record::AlertAtom& atom = alert.atoms[i];
    out += (i == 0 ? ": " : "; ") + atom.field + ' ' + atom.op + ' ' + atom.pattern;
    if (!atom.value.empty() && atom.value != atom.pattern) out += " (was " + atom.value + ')';
  }
  if (alert.atoms.size() > kAtomsShown) out += "; " + std::to_string(alert.atoms.size() - kAtomsShown) + " more";
  return out + '.';
}

std::string annotations_of(const record::Alert& alert, std::uint64_t entry) {
  const auto joined = [](const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : "; ") + text;
    return out;
  };
  TextObject out;
  const auto add = [&](std::string_view name, const std::string& value) { out.add(name, value, kAnnotationBytesMax); };
  add("alert_id", alert.id);
  add("asset_name", alert.asset_name);
  add("coverage", record::coverage_text(alert));
  add("description", description(alert));
  add("destination", endpoint(alert.destination_address, alert.destination_port));
  add("host", alert.host);
  add("impact", joined(alert.impact));
  add("ledger_entry", std::to_string(entry));
  add("limits", joined(alert.limits));
  add("maintenance", alert.maintenance);
  add("norm_text", alert.norm_text);
  add("not_attribution", std::string{kDisclaimer});
  add("source", endpoint(alert.source_address, alert.source_port));
  add("summary", alert.rule_title + ": " + where(alert));
  return std::move(out).take();
}

// Of a fold whose alert is not open here: what there is to say without the alert.
std::string annotations_of(const record::Fold& fold, std::uint64_t entry) {
  TextObject out;
  const auto add = [&](std::string_view name, const std::string& value) { out.add(name, value, kAnnotationBytesMax); };
  add("alert_id", fold.id);
  add("description", "Goes on since " + to_rfc3339(fold.first) + ", " + std::to_string(fold.count) +
                         " times so far. The alert itself stands in the ledger under its id.");
  add("ledger_entry", std::to_string(entry));
  add("not_attribution", std::string{kDisclaimer});
  add("source", fold.actor);
  add("summary", fold.rule_title + ": " + (fold.asset.empty() ? fold.place : fold.asset));
  return std::move(out).take();
}

std::string saved_form(const std::string& labels, const OpenAlert& open) {
  std::string out = R"({"labels":)";
  append_json_string(labels, out);  // as text: its bytes are the alert's identity
  out += R"(,"annotations":)";
  append_json_string(open.annotations, out);
  out += R"(,"id":)";
  append_json_string(open.last_id, out);
  return out + R"(,"severity":)" + std::to_string(open.severity) + R"(,"starts":)" +
         std::to_string(to_unix_nanoseconds(open.starts)) + R"(,"ends":)" +
         std::to_string(to_unix_nanoseconds(open.ends)) + R"(,"last_event":)" +
         std::to_string(to_unix_nanoseconds(open.last_event)) + R"(,"count":)" + std::to_string(open.count) +
         R"(,"accepted":)" + (open.accepted ? "true" : "false") + '}';
}

}  // namespace

bool usable_label(std::string_view name) {
  const auto letter = [](char c) { return c == '_' || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'); };
  if (name.empty() || name.size() > 64 || name.starts_with("__") || !letter(name.front())) return false;
  if (std::find(kOwnLabels.begin(), kOwnLabels.end(), name) != kOwnLabels.end()) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || ascii_digit(c); });
}

template <class Named>
std::string OpenSet::labels_of(const Named& named, const std::string& group_key) const {
  std::map<std::string, std::string> sorted{options_.labels.begin(), options_.labels.end()};
  sorted["alertname"] = named.rule_title;
  sorted["asset"] = named.asset;
  // Two groups of one rule without an asset differ in nothing else that may be a label.
  sorted["group_key"] = group_key;
  sorted["norm"] = named.norm;
  sorted["rule_id"] = named.rule_id;
  sorted["sector"] = named.sector;
  sorted["severity"] = named.level;
  TextObject out;
  for (const auto& [name, value] : sorted) out.add(name, value, kLabelBytesMax);
  return std::move(out).take();
}

std::size_t OpenSet::merge(const LedgerItem& item, Timestamp now) {
  if (item.entry < next_entry_) return 0;
  next_entry_ = item.entry + 1;
  if (const auto* alert = std::get_if<record::Alert>(&item.what))
    add(*alert, item.entry, now);
  else
    extend(std::get<record::Fold>(item.what), item.entry, now);
  return make_room();
}

void OpenSet::add(const record::Alert& alert, std::uint64_t entry, Timestamp now) {
  OpenAlert& open = alerts_[labels_of(alert, alert.group_key())];
  if (open.is_over(now)) {
    open = OpenAlert{};
    open.starts = alert.receive_time;
  }
  ++open.count;
  open.severity = severity_of(alert.level);
  open.starts = std::min(open.starts, alert.receive_time);
  open.ends = std::max(open.ends, alert.receive_time + options_.resolve_after);
  open.last_event = std::max(open.last_event, alert.event_time);
  open.last_id = alert.id;
  open.annotations = annotations_of(alert, entry);
  open.accepted = false;
  open.refused = 0;
}

void OpenSet::extend(const record::Fold& fold, std::uint64_t entry, Timestamp now) {
  const std::string labels = labels_of(fold, fold.group_key);
  const Timestamp ends = fold.last_received + options_.resolve_after;
  OpenAlert* known = find(labels);
  if (known == nullptr || known->is_over(now)) {
    if (ends <= now) return;  // late news of a storm that is over
    known = &alerts_[labels];
    *known = OpenAlert{};
    known->starts = fold.last_received;
    known->count = fold.count - fold.folded;
    known->severity = severity_of(fold.level);
    known->last_id = fold.id;
    known->annotations = annotations_of(fold, entry);
  }
  known->count += fold.folded;
  known->ends = std::max(known->ends, ends);
  known->last_event = std::max(known->last_event, fold.last);
  // Said at once. Whoever refused the alert is not asked again: nothing of it has changed but the count.
  known->accepted = false;
}

std::size_t OpenSet::make_room() {
  std::size_t left = 0;
  while (alerts_.size() > options_.open_max) {
    // What has been accepted leaves before what has not: Alertmanager keeps it until its end; it is only not re-sent.
    const auto rank = [](const auto& entry) {
      return std::tuple{!entry.second.accepted, entry.second.severity, entry.second.ends};
    };
    alerts_.erase(std::min_element(alerts_.begin(), alerts_.end(),
                                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); }));
    ++left;
  }
  return left;
}

void OpenSet::extend_waiting(Timestamp now) {
  for (auto& [labels, open] : alerts_)
    if (!open.accepted) open.ends = std::max(open.ends, now + options_.resolve_after);
}

void OpenSet::expire(Timestamp now) {
  std::erase_if(alerts_, [now](const auto& entry) { return entry.second.accepted && entry.second.ends <= now; });
}

OpenAlert* OpenSet::find(const std::string& labels) {
  const auto found = alerts_.find(labels);
  return found == alerts_.end() ? nullptr : &found->second;
}

std::string OpenSet::to_json(const std::string& labels, const OpenAlert& alert) const {
  std::string out = R"({"labels":)" + labels + R"(,"annotations":{"count":")" + std::to_string(alert.count) +
                    R"(","last_event_time":")" + to_rfc3339(alert.last_event) + R"(",)" + alert.annotations.substr(1) +
                    R"(,"startsAt":")" + to_rfc3339(alert.starts) + R"(","endsAt":")" + to_rfc3339(alert.ends) + '"';
  if (!options_.external_url.empty()) {
    out += R"(,"generatorURL":)";
    append_json_string(options_.external_url, out);
  }
  return out + '}';
}

std::string OpenSet::state() const {
  // What has no room is only not re-sent after a restart: the most severe, latest to end, are kept.
  std::vector<const std::pair<const std::string, OpenAlert>*> order;
  for (const auto& entry : alerts_) order.push_back(&entry);
  const auto rank = [](const auto* entry) { return std::tuple{entry->second.severity, entry->second.ends}; };
  std::stable_sort(order.begin(), order.end(), [&](const auto* a, const auto* b) { return rank(a) > rank(b); });
  std::string out = R"({"v":2,"next":)" + std::to_string(next_entry_) + R"(,"open":[)";
  for (const auto* entry : order) {
    std::string item = saved_form(entry->first, entry->second);
    if (out.size() + item.size() + 3 > kStateBytesMax) break;
    if (out.back() != '[') out += ',';
    out += item;
  }
  return out + "]}";
}

Result<> OpenSet::restore(std::string_view state) {
  alerts_.clear();
  next_entry_ = 0;
  if (state.empty()) return {};
  try {
    const auto root = boost::json::parse(boost::json::string_view{state.data(), state.size()});
    std::map<std::string, OpenAlert> alerts;
    for (const auto& item : root.at("open").as_array()) {
      OpenAlert open;
      open.annotations = item.at("annotations").as_string().c_str();
      // to_json() writes into it.
      if (!open.annotations.starts_with("{\"")) throw std::invalid_argument{"annotations are no object"};
      open.last_id = item.at("id").as_string().c_str();
      open.severity = item.at("severity").to_number<int>();
      open.starts = from_unix_nanoseconds(item.at("starts").to_number<std::int64_t>());
      open.ends = from_unix_nanoseconds(item.at("ends").to_number<std::int64_t>());
      open.last_event = from_unix_nanoseconds(item.at("last_event").to_number<std::int64_t>());
      open.count = item.at("count").to_number<std::uint64_t>();
      open.accepted = item.at("accepted").as_bool();
      alerts.emplace(item.at("labels").as_string().c_str(), std::move(open));
    }
    next_entry_ = root.at("next").to_number<std::uint64_t>();
    alerts_ = std::move(alerts);
  } catch (const std::exception& e) {
    return Error{Errc::malformed, std::string{"the saved set of open alerts cannot be read: "} + e.what()};
  }
  make_room();
  return {};
}

}  // namespace nw::exporter
