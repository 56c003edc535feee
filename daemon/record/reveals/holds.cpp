#include "record/reveals/holds.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/text.h"
#include "record/entry.h"
#include "record/reveals/json_map.h"

namespace nw::reveals {

namespace json = boost::json;

namespace {

constexpr std::string_view kProposed = "destroy-proposed", kConfirmed = "destroy-confirmed", kDestroyed = "destroyed";

void add_person(const Person& by, json::object& out) {
  out["by"] = by.by;
  out["uid"] = by.uid;
  out["host"] = by.host;
}

Person read_person(JsonMap& map) {
  return {map.text("by", kNameMax), map.number("uid", -1, std::int64_t{1} << 32), map.text_if_there("host", kHostMax)};
}

void add_destroyer(const Destroyer& by, json::object& out) {
  add_person(by.person, out);
  out["custodian"] = by.custodian;
  out["key"] = privacy::to_hex(by.key);
  out["sent_by_uid"] = by.sent_by_uid;
  out["offline"] = by.offline;
}

Destroyer read_destroyer(JsonMap& map) {
  Destroyer out;
  out.person = read_person(map);
  out.custodian = map.text("custodian", kNameMax);
  map.hex("key", out.key);
  out.sent_by_uid = map.number("sent_by_uid", -1, std::int64_t{1} << 32);
  out.offline = map.flag_if_there("offline");
  return out;
}

privacy::Epoch read_epoch(JsonMap& map) {
  const auto epoch = privacy::Epoch::parse(map.text("epoch", 7));
  if (!epoch) map.fault("epoch", "is no month");
  return epoch ? *epoch : privacy::Epoch{};
}

void take_one(std::map<std::string, std::uint64_t, std::less<>>& counts, const std::string& id) {
  const auto at = counts.find(id);
  if (at != counts.end() && --at->second == 0) counts.erase(at);
}

}  // namespace

Result<> Holds::apply(std::string_view type, std::string_view body, Timestamp time) {
  if (type != record::kEntryHold) return {};
  const auto object = read_object(body, "hold");
  if (!object) return object.error();
  JsonMap map{*object, "hold"};
  const std::string what = map.text("what", 16);
  Hold hold;
  hold.id = map.text("id", kIdMax);
  hold.alert = map.text_if_there("alert", kIdMax);
  hold.incident = map.text_if_there("incident", kIdMax);
  hold.why = map.text("why", kWordsMax);
  hold.by = read_person(map);
  hold.since = time;
  if (what != "set" && what != "release") map.fault("what", "is neither set nor release");
  if (what == "set" && hold.alert.empty() == hold.incident.empty()) map.fault("alert", "or an incident: one of them");
  if (auto good = map.finish(); !good) return good;
  if (what == "release") {
    const auto at = holds_.find(hold.id);
    if (at == holds_.end()) return Error{Errc::malformed, "there is no hold '" + hold.id + "' before it"};
    take_one(alerts_, at->second.alert);
    take_one(incidents_, at->second.incident);
    holds_.erase(at);
    return {};
  }
  if (holds_.contains(hold.id)) return Error{Errc::malformed, "there is a hold '" + hold.id + "' before it"};
  if (!hold.alert.empty()) ++alerts_[hold.alert];
  if (!hold.incident.empty()) ++incidents_[hold.incident];
  const std::string id = hold.id;
  holds_.emplace(id, std::move(hold));
  return {};
}

const Hold* Holds::find(std::string_view id) const {
  const auto at = holds_.find(id);
  return at == holds_.end() ? nullptr : &at->second;
}

std::string Hold::to_json() const {
  json::object out{{"id", id}, {"why", why}, {"since", to_rfc3339(since, 0)}};
  if (!alert.empty()) out["alert"] = alert;
  if (!incident.empty()) out["incident"] = incident;
  add_person(by, out);
  return canonical(out);
}

std::string hold_body(const Hold& hold) {
  json::object out{{"what", "set"}, {"id", hold.id}, {"why", hold.why}};
  if (!hold.alert.empty()) out["alert"] = hold.alert;
  if (!hold.incident.empty()) out["incident"] = hold.incident;
  add_person(hold.by, out);
  return canonical(out);
}

std::string release_body(const Release& release) {
  json::object out{{"what", "release"}, {"id", release.id}, {"why", release.why}};
  add_person(release.by, out);
  return canonical(out);
}

Result<> Destructions::apply(std::string_view type, std::string_view body, Timestamp time) {
  if (type != record::kEntryKeyRotate) return {};
  const auto object = read_object(body, "key-rotate");
  if (!object) return object.error();
  JsonMap map{*object, "key-rotate"};
  const std::string what = map.text_if_there("what", 64);
  if (what != kProposed && what != kConfirmed && what != kDestroyed) return {};  // of other keys, or made
  const privacy::Epoch epoch = read_epoch(map);
  if (what == kDestroyed) {
    if (auto good = map.finish(); !good) return good;
    proposed_.erase(epoch);
    confirmed_.erase(epoch);
    return {};
  }
  if (what == kConfirmed) {
    Confirmed out;
    out.proposal.epoch = epoch;
    out.proposal.why = map.text("why", kWordsMax);
    out.proposal.by.person.by = map.text("proposed_by", kNameMax);
    out.proposal.by.custodian = map.text("proposed_custodian", kNameMax);
    out.by = read_destroyer(map);
    for (const json::object* each : map.objects("keys", kKeysMax)) {
      JsonMap line{*each, "a key of key-rotate"};
      NeededKey key{epoch, line.text("purpose", 32), {}};
      line.hex("sha256", key.sha256);
      if (auto good = line.finish(); !good) return good;
      out.keys.push_back(std::move(key));
    }
    if (auto good = map.finish(); !good) return good;
    proposed_.erase(epoch);
    confirmed_.insert_or_assign(epoch, std::move(out));
    return {};
  }
  Destruction proposal{epoch, map.text("why", kWordsMax), {}, time, map.time("expires")};
  if (object->find("custodian") == object->end()) return {};
  proposal.by = read_destroyer(map);
  if (auto good = map.finish(); !good) return good;
  proposed_.insert_or_assign(epoch, std::move(proposal));
  return {};
}

const Destruction* Destructions::waiting(privacy::Epoch epoch, Timestamp now) const {
  const auto at = proposed_.find(epoch);
  return at == proposed_.end() || now >= at->second.expires ? nullptr : &at->second;
}

std::vector<const Destruction*> Destructions::all(Timestamp now) const {
  std::vector<const Destruction*> out;
  for (const auto& [epoch, proposal] : proposed_)
    if (now < proposal.expires) out.push_back(&proposal);
  return out;
}

Result<> Destructions::may_confirm(const Destruction& proposed, const Destroyer& by) {
  const Destroyer& first = proposed.by;
  if (first.key == by.key || same_name(first.person.by, by.person.by))
    return Error{Errc::no_permission, "two custodians destroy keys: " + first.custodian + " (" + first.person.by +
                                          ") has proposed it, so another one confirms"};
  // As with approvals: who brings a file is a courier; two words of their own from one account are not two people.
  const bool one_account =
      !first.offline && !by.offline && first.sent_by_uid >= 0 && first.sent_by_uid == by.sent_by_uid;
  if (first.person.host == by.person.host || one_account)
    return Error{Errc::no_permission, "both words would come from one station or account (" +
                                          printable(by.person.host, kHostMax) +
                                          "); the second custodian works at a station of their own, with --out FILE"};
  return {};
}

std::string Destruction::sha256() const {
  return privacy::to_hex(privacy::sha256({privacy::bytes_of(propose_body(*this))}));
}

std::string propose_body(const Destruction& proposal) {
  json::object out{{"what", kProposed},
                   {"epoch", proposal.epoch.to_string()},
                   {"why", proposal.why},
                   {"expires", to_rfc3339(proposal.expires)}};
  add_destroyer(proposal.by, out);
  return canonical(out);
}

namespace {

json::object confirmed_object(std::string_view what, const Confirmed& confirmed) {
  json::object out{{"what", what},
                   {"epoch", confirmed.proposal.epoch.to_string()},
                   {"why", confirmed.proposal.why},
                   {"proposed_by", confirmed.proposal.by.person.by},
                   {"proposed_custodian", confirmed.proposal.by.custodian}};
  add_destroyer(confirmed.by, out);
  return out;
}

json::array key_list(const std::vector<NeededKey>& keys) {
  json::array list;
  for (const NeededKey& key : keys)
    list.push_back(json::object{{"purpose", key.purpose}, {"sha256", privacy::to_hex(key.sha256)}});
  return list;
}

}  // namespace

std::string confirm_body(const Confirmed& confirmed) {
  json::object out = confirmed_object(kConfirmed, confirmed);
  out["keys"] = key_list(confirmed.keys);
  return canonical(out);
}

std::string destroyed_body(const Confirmed& confirmed, const std::string& failed) {
  json::object out = confirmed_object(kDestroyed, confirmed);
  out["keys"] = key_list(failed.empty() ? confirmed.keys : std::vector<NeededKey>{});
  if (!failed.empty()) out["failed"] = printable(failed, 2000);
  return canonical(out);
}

}  // namespace nw::reveals
