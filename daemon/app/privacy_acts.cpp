#include "app/privacy_acts.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "app/config.h"
#include "app/reveal_keeper.h"
#include "base/log.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"

namespace nw::app {

namespace json = boost::json;
using console::HttpResponse;

namespace {

constexpr std::chrono::minutes kWordAhead{5};  // a station's clock may go ahead of ours

// As people wrote it; what does not apply is empty.
struct Act {
  std::string alert, value, incident, id, why;
  reveals::Person person;
};

HttpResponse said(int status, std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

HttpResponse said(const Error& error) {
  switch (error.code) {
    case Errc::malformed:
    case Errc::invalid_argument: return said(400, error.what);
    case Errc::not_found: return said(404, error.what);
    case Errc::no_permission: return said(409, error.what);
    default: return said(503, error.what);
  }
}

Result<Act> read_act(std::string_view body, std::int64_t uid) {
  const auto object = reveals::read_object(body, "what was sent");
  if (!object) return object.error();
  reveals::JsonMap map{*object, "what was sent"};
  Act out;
  out.alert = map.text_if_there("alert", reveals::kIdMax);
  out.value = map.text_if_there("value", reveals::kValueBytesMax);
  out.incident = map.text_if_there("incident", reveals::kIdMax);
  out.id = map.text_if_there("id", reveals::kIdMax);
  out.why = map.text_if_there("why", reveals::kWordsMax);
  out.person = {map.text("by", reveals::kNameMax), uid, map.text_if_there("host", reveals::kHostMax)};
  if (auto good = map.finish_strict(); !good) return good.error();
  if (auto good = reveals::check_words(out.person.by, reveals::kNameMax, "the name"); !good) return good.error();
  if (auto good = reveals::check_host(out.person.host); !good) return good.error();
  if (!out.alert.empty())
    if (auto good = reveals::check_alert_id(out.alert); !good) return good.error();
  if (!out.incident.empty())
    if (auto good = reveals::check_case(out.incident); !good) return good.error();
  if (!out.id.empty())
    if (auto good = reveals::check_id("HO", out.id); !good) return good.error();
  if (auto good = reveals::check_words(out.why, reveals::kWordsMax, "the reason (--why)"); !good) return good.error();
  return out;
}

}  // namespace

PrivacyActs::PrivacyActs(Parts parts)
    : parts_{std::move(parts)}, word_key_{privacy::make_custodian_keys(record::kernel_random)} {}

// Reads the whole ledger: to erase is rare, and must miss nothing. Of a value, only alerts whose clear values are still
// there: what was erased before does not stand in the way of what is left.
Result<PrivacyActs::Finding> PrivacyActs::find(std::string_view alert, std::string_view value,
                                               const CaseHolds& held) const {
  Finding out;
  std::map<std::string, Found, std::less<>> found;
  std::set<std::string, std::less<>> refused;
  const auto is_held = [&](const std::string& id, const std::vector<record::EvidenceObject>& objects) {
    return held.alerts.contains(id) ||
           std::ranges::any_of(objects, [&held](const auto& object) { return held.held(object); });
  };
  const auto take = [&](const std::string& id) {
    const auto objects = parts_.evidence->of(id);
    const auto is_left = [&value](const record::EvidenceObject& object) {
      return !object.erased && (value.empty() || object.kind == record::EvidenceKind::values);
    };
    const auto left = static_cast<std::uint64_t>(std::ranges::count_if(objects, is_left));
    if (left == 0) return;
    if (is_held(id, objects)) {
      if (refused.size() < kErasedAtOnce) refused.insert(id);
    } else if (found.size() < kErasedAtOnce) {
      found.try_emplace(id, Found{id, left, {}});
    } else if (!found.contains(id)) {
      out.more = true;
    }
  };
  if (!alert.empty()) take(std::string{alert});
  const auto see = [&](const record::EntryView& entry, std::uint64_t) {
    const bool is_alert = entry.type == record::kEntryAlert;
    if (!is_alert && entry.type != record::kEntryEvidence) return true;
    if (!alert.empty() && entry.body.find(alert) == std::string_view::npos) return true;
    if (is_alert && !value.empty() && !stands_in(value, entry.body)) return true;
    const auto object = reveals::read_object(entry.body, entry.type);
    if (!object) return true;
    reveals::JsonMap map{*object, entry.type};
    const std::string id = map.text_if_there(is_alert ? "id" : "alert", reveals::kIdMax);
    if (is_alert && !value.empty()) take(id);
    const auto at = found.find(id);
    const std::string commitment = map.text_if_there(is_alert ? "sealed_values" : "commitment", 80);
    // Of a value only the sealed values are erased, not what else there is of the alert.
    if (at != found.end() && commitment.starts_with("commit:") && (is_alert || value.empty()))
      at->second.commitments.push_back(commitment.substr(7));
    return true;
  };
  if (auto read = parts_.clerk->scan(0, parts_.clerk->size(), see); !read) return read.error();
  for (auto& [id, each] : found) out.found.push_back(std::move(each));
  out.refused.assign(refused.begin(), refused.end());
  return out;
}

HttpResponse PrivacyActs::erase(std::string_view body, std::int64_t uid, Timestamp now) {
  const auto act = read_act(body, uid);
  if (!act) return said(act.error());
  if (act->alert.empty() == act->value.empty()) return said(400, "name one of them: --alert ID or --value TEXT");
  if (!act->value.empty())
    if (auto kind = reveals::kind_of(act->value); !kind) return said(kind.error());
  if (parts_.evidence == nullptr && !parts_.evidence_closed.empty())
    return said(503, "the evidence store could not be opened, so nothing can be erased now: " + parts_.evidence_closed);
  if (parts_.evidence == nullptr) return said(409, "nothing is kept beside the ledger, so nothing can be erased");
  const auto held = held_by_people(now);
  if (!held) return said(503, held.error().what);
  const auto finding = find(act->alert, act->value, *held);
  if (!finding) return said(finding.error());
  reveals::Erasure erasure;
  erasure.id = new_id("ER", now);
  erasure.values_only = !act->value.empty();
  erasure.value = act->value;
  erasure.held = finding->refused.size();
  erasure.why = act->why;
  erasure.by = act->person;
  for (const Found& each : finding->found) {
    erasure.objects += each.objects;
    erasure.alerts.push_back(each.id);
    erasure.commitments.insert(erasure.commitments.end(), each.commitments.begin(), each.commitments.end());
  }
  if (erasure.objects == 0 && erasure.held != 0)
    return said(409, "a hold keeps it; see: normwatch privacy list, and: normwatch privacy release");
  if (erasure.objects == 0) return said(404, "nothing is sealed for it: it was erased or purged, or never kept");
  if (erasure.commitments.size() > kErasedAtOnce) {
    erasure.not_named = erasure.commitments.size() - kErasedAtOnce;
    erasure.commitments.resize(kErasedAtOnce);
  }
  if (auto begun = parts_.clerk->commit(record::kEntryErase, reveals::erase_body(erasure)); !begun)
    return said(503, "nothing is erased yet, and it will be as soon as the ledger has it: " + begun.error().what);
  const auto erased = carry_out(erasure, *held);
  if (!erased)
    return said(503, "the ledger has it as " + erasure.id + ", and it goes on by itself: " + erased.error().what);
  std::string text = "erased " + std::to_string(erased->objects) + " objects of " +
                     std::to_string(erased->alerts.size()) + " alerts; every proof stays valid";
  if (act->value.starts_with("pfx:"))
    text += "\nThe pseudonym itself can be reversed by two custodians until its month's key is destroyed";
  if (erasure.held != 0) text += "\n" + std::to_string(erasure.held) + " alerts are held and were left";
  if (finding->more) text += "\nthere are more alerts with it: run it again";
  return said(200, text);
}

// What a person's hold keeps, not what cases do: whoever works on a case may have to erase in it. Asks first whether
// the store of incidents has caught up.
Result<CaseHolds> PrivacyActs::held_by_people(Timestamp now) const {
  const auto unknown = [](const Error& error) {
    return Error{error.code, "whether it is held is not known: " + error.what};
  };
  if (const auto known = parts_.case_holds(parts_.clerk->holds(), now); !known) return unknown(known.error());
  auto held = named_holds(
      parts_.clerk->holds(), [this](const std::string& id) { return parts_.case_file(id); },
      [this] { return !parts_.clerk->closing(); });
  if (!held) return unknown(held.error());
  return held;
}

// An erasure that was said. What is not there any more was erased by an attempt before this one.
Result<reveals::Erased> PrivacyActs::carry_out(const reveals::Erasure& erasure, const CaseHolds& held) {
  reveals::Erased out;
  const auto kind = erasure.values_only ? std::optional{record::EvidenceKind::values} : std::nullopt;
  std::uint64_t left = 0, failed = 0;
  std::string why;
  for (const std::string& alert : erasure.alerts) {
    if (parts_.evidence == nullptr) break;
    const auto objects = parts_.evidence->of(alert);
    if (std::ranges::any_of(objects, [&](const auto& each) { return held.held(each); })) {
      ++out.held;
      left += static_cast<std::uint64_t>(std::ranges::count_if(
          objects, [&](const auto& each) { return !each.erased && (!kind || each.kind == *kind); }));
      continue;
    }
    if (const auto erased = parts_.evidence->erase(alert, kind); !erased && erased.error().code != Errc::not_found) {
      if (failed++ == 0) why = alert + ": " + erased.error().what;
      continue;
    }
    out.alerts.push_back(alert);
  }
  if (failed != 0) return Error{Errc::io, std::to_string(failed) + " alerts cannot be erased; the first: " + why};
  out.objects = erasure.objects - std::min(left, erasure.objects);
  erased_ += out.objects;
  log_warning("evidence_erased", "what was sealed for alerts was erased; the ledger has who and why",
              {{"objects", std::to_string(out.objects)}, {"act", erasure.id}});
  const std::string id = erasure.id, body = reveals::erased_body(erasure, out);  // `erasure` may go with the entry
  answered_.insert(id);
  if (parts_.clerk->commit(record::kEntryErase, body)) answered_.erase(id);
  return out;
}

// Whether nothing that is held needs the month's keys.
Result<> PrivacyActs::is_free(privacy::Epoch epoch, Timestamp now) const {
  if (parts_.evidence == nullptr && !parts_.evidence_closed.empty())
    return Error{Errc::unavailable, "the evidence store could not be opened, so whether evidence of " +
                                        epoch.to_string() + " is held is not known: " + parts_.evidence_closed};
  if (parts_.evidence == nullptr) return {};
  const auto held = parts_.case_holds(parts_.clerk->holds(), now);
  if (!held) return Error{Errc::unavailable, "whether it is held is not known: " + held.error().what};
  for (const std::string& alert : held->alerts)
    for (const record::EvidenceObject& object : parts_.evidence->of(alert))
      if (object.epoch == epoch && !object.erased)
        return Error{Errc::no_permission, "a hold or an open case keeps evidence of " + epoch.to_string() + " (alert " +
                                              alert + "); release or close it first"};
  // Of cases with more alerts than are listed: whatever was sealed while they went on.
  for (const auto& [from, to] : held->times)
    if (from < epoch.next().begin() + record::kLateFor && to >= epoch.begin())
      return Error{Errc::no_permission, "a hold or an open case with very many alerts may keep evidence of " +
                                            epoch.to_string() + "; release or close it first"};
  return {};
}

// Whose word it is: a custodian's of now, said not long ago.
Result<reveals::Destroyer> PrivacyActs::destroyer_of(const reveals::DestroyWord& word, std::int64_t uid,
                                                     Timestamp now) const {
  const auto custodians = parts_.custodians ? parts_.custodians() : std::vector<privacy::Custodian>{};
  const auto custodian = std::ranges::find(custodians, word.custodian_key, &privacy::Custodian::key);
  if (custodian == custodians.end())
    return Error{Errc::no_permission, "the key " + privacy::to_hex(privacy::fingerprint_of(word.custodian_key)) +
                                          " is none of the custodians' (privacy.custodians)"};
  if (word.at > now + kWordAhead || now - word.at > parts_.config.expires_after)
    return Error{Errc::no_permission, "it was made at " + to_rfc3339(word.at, 0) + ", and now it is " +
                                          to_rfc3339(now, 0) + ": too long ago, or a clock is wrong; make it again"};
  return reveals::Destroyer{custodian->name, privacy::fingerprint_of(word.custodian_key), word.person, uid,
                            word.offline};
}

HttpResponse PrivacyActs::propose(const reveals::DestroyWord& word, const reveals::Destroyer& by, Timestamp now) {
  const auto lasts = std::chrono::floor<std::chrono::milliseconds>(parts_.config.expires_after);
  const reveals::Destruction proposal{word.epoch, word.why, by, now,
                                      std::chrono::floor<std::chrono::milliseconds>(now) + lasts};
  if (auto done = parts_.clerk->commit(record::kEntryKeyRotate, reveals::propose_body(proposal)); !done)
    return said(done.error());
  return said(200,
              "proposed, and nothing is destroyed yet. Another custodian confirms it with:\nnormwatch privacy "
              "destroy-epoch " +
                  word.epoch.to_string() + " --confirm --key FILE --by NAME");
}

HttpResponse PrivacyActs::destroy(std::string_view body, std::int64_t uid, Timestamp now) {
  const auto word = reveals::open_destroy_word(body, word_key_.secret_key);
  if (!word) return said(word.error());
  const auto by = destroyer_of(*word, uid, now);
  if (!by) return said(by.error());
  const privacy::Epoch* const epoch = &word->epoch;
  if (now < epoch->next().begin() + record::kLateFor)
    return said(409, "the keys of " + epoch->to_string() + " are in use; wait until the month is over");
  // While the daemon has the month's keys itself, they would be sealed anew, or go on being used.
  std::error_code error;
  const bool wrapped = std::filesystem::exists(parts_.epochs / (epoch->to_string() + ".wrapped"), error);
  if (error)
    return said(
        503, "whether the daemon still has the keys of " + epoch->to_string() + " cannot be seen: " + error.message());
  if (wrapped)
    return said(503, "the daemon's own keys of " + epoch->to_string() + " are still there (" + epoch->to_string() +
                         ".wrapped); they go within minutes when the month is over, and the log says why if they do "
                         "not: try again then");
  const auto files = parts_.sealed_files();
  if (!files) return said(files.error());
  const auto of_month = [&epoch](const record::SealedFile& file) { return file.epoch == *epoch; };
  if (std::ranges::none_of(*files, of_month))
    return said(404, "no sealed key of " + epoch->to_string() + " is there: it is destroyed already, or never was");
  if (auto free = is_free(*epoch, now); !free) return said(free.error());
  const reveals::Destruction* waiting = parts_.clerk->destructions().waiting(*epoch, now);
  if (word->proposal.empty()) {
    if (waiting == nullptr) return propose(*word, *by, now);
    return said(409, waiting->by.custodian + " has proposed it at " + to_rfc3339(waiting->at, 0) +
                         "; another custodian confirms it with --confirm");
  }
  if (waiting == nullptr)
    return said(409, "nobody has proposed it, or too long ago; propose it first, without --confirm");
  if (auto may = reveals::Destructions::may_confirm(*waiting, *by); !may) return said(may.error());
  if (word->proposal != waiting->sha256())
    return said(409, "what is confirmed is another proposal than the one that waits; read it, and confirm it again");
  reveals::Confirmed confirmed{*waiting, *by, {}};
  for (const record::SealedFile& file : *files) {
    if (!of_month(file) || confirmed.keys.size() == reveals::kKeysMax) continue;
    const auto text = read_text_file(file.file.string(), privacy::kSealedBytesMax);
    confirmed.keys.push_back({file.epoch, file.purpose, privacy::sha256({privacy::bytes_of(text ? *text : "")})});
  }
  if (auto begun = parts_.clerk->commit(record::kEntryKeyRotate, reveals::confirm_body(confirmed)); !begun)
    return said(503, "nothing is destroyed yet, and it will be as soon as the ledger has it: " + begun.error().what);
  if (auto done = carry_out(confirmed, now); !done)
    return said(503, "not all are destroyed, and it goes on by itself: " + done.error().what);
  return said(200, "destroyed " + std::to_string(confirmed.keys.size()) + " keys of " + epoch->to_string() +
                       ": its pseudonyms, tokens and evidence are random for good; every proof stays valid");
}

// A destruction that was said: whatever is there of the month goes.
Result<> PrivacyActs::carry_out(const reveals::Confirmed& confirmed, Timestamp now) {
  const privacy::Epoch epoch = confirmed.proposal.epoch;
  const auto files = parts_.sealed_files();
  if (!files) return files.error();
  std::string failed, kept;
  // Somebody may have set a hold before the ledger had this.
  if (auto free = is_free(epoch, now); !free) {
    if (free.error().code != Errc::no_permission) return free;
    kept = free.error().what;
  }
  for (const record::SealedFile& file : *files) {
    if (file.epoch != epoch || !kept.empty()) continue;
    if (auto destroyed = record::destroy_file(*parts_.ops, file.file);
        !destroyed && destroyed.error().code != Errc::not_found)
      failed += (failed.empty() ? "" : "; ") + destroyed.error().what;
  }
  if (!failed.empty()) return Error{Errc::io, failed};
  if (kept.empty())
    log_warning("keys_destroyed",
                "two custodians destroyed a month's keys; what they sealed and hid is random for good",
                {{"epoch", epoch.to_string()}, {"keys", std::to_string(confirmed.keys.size())}});
  else
    log_error("keys_not_destroyed", "two custodians wanted a month's keys destroyed, and they stay",
              {{"epoch", epoch.to_string()}, {"error", kept}});
  const std::string body = reveals::destroyed_body(confirmed, kept);  // `confirmed` may go with the entry
  answered_.insert(epoch.to_string());
  if (parts_.clerk->commit(record::kEntryKeyRotate, body)) answered_.erase(epoch.to_string());
  return {};
}

void PrivacyActs::finish(Timestamp now) {
  if (unfinished() == 0) answered_.clear();
  if (unfinished() == 0 || (now >= tried_ && now < tried_ + kAgain)) return;
  std::string why;
  // Copies: what is answered goes from the clerk's.
  const auto erasures = parts_.clerk->deletions().erasures();
  const auto confirmed = parts_.clerk->destructions().confirmed();
  for (const auto& [id, erasure] : erasures) {
    if (answered_.contains(id)) continue;
    const auto held = held_by_people(now);
    const bool closed = parts_.evidence == nullptr && !parts_.evidence_closed.empty();
    const auto done = closed  ? Result<reveals::Erased>{Error{Errc::unavailable, parts_.evidence_closed}}
                      : !held ? Result<reveals::Erased>{held.error()}
                              : carry_out(erasure, *held);
    if (!done) why += (why.empty() ? "" : "; ") + id + ": " + done.error().what;
  }
  for (const auto& [epoch, each] : confirmed) {
    if (answered_.contains(epoch.to_string())) continue;
    if (const auto done = carry_out(each, now); !done)
      why += (why.empty() ? "" : "; ") + ("keys of " + epoch.to_string()) + ": " + done.error().what;
  }
  if (!why.empty() && !waits_)
    log_error("deletion_waits", "what the ledger says is erased or destroyed is still there; it is tried each minute",
              {{"error", printable(why, 1000)}});
  waits_ = !why.empty();
  tried_ = waits_ ? now : Timestamp{};
}

HttpResponse PrivacyActs::hold(std::string_view body, std::int64_t uid, Timestamp now) {
  const auto act = read_act(body, uid);
  if (!act) return said(act.error());
  if (act->alert.empty() == act->incident.empty()) return said(400, "name one of them: --alert ID or --incident ID");
  if (!act->incident.empty())
    if (const auto file = parts_.case_file(act->incident); !file) return said(file.error());
  if (parts_.clerk->holds().all().size() >= reveals::Holds::kHoldsMax)
    return said(409, "there are " + std::to_string(reveals::Holds::kHoldsMax) + " holds; release some first");
  reveals::Hold hold;
  hold.id = new_id("HO", now);
  hold.alert = act->alert;
  hold.incident = act->incident;
  hold.why = act->why;
  hold.by = act->person;
  if (auto done = parts_.clerk->commit(record::kEntryHold, reveals::hold_body(hold)); !done) return said(done.error());
  const bool kept = act->alert.empty() || (parts_.evidence != nullptr && !parts_.evidence->of(act->alert).empty());
  return said(200, "held as " + hold.id + ": retention leaves it until somebody releases it" +
                       (kept ? "" : "\nNothing is kept of this alert now"));
}

HttpResponse PrivacyActs::release(std::string_view body, std::int64_t uid, Timestamp) {
  const auto act = read_act(body, uid);
  if (!act) return said(act.error());
  if (parts_.clerk->holds().find(act->id) == nullptr)
    return said(404, "there is no hold '" + printable(act->id, reveals::kIdMax) + "'; see: normwatch privacy list");
  if (auto done = parts_.clerk->commit(record::kEntryHold, reveals::release_body({act->id, act->why, act->person}));
      !done)
    return said(done.error());
  return said(200, "released: " + act->id + "; retention goes on with what it kept");
}

HttpResponse PrivacyActs::list(Timestamp now) const {
  json::array holds, destructions;
  for (const auto& [id, hold] : parts_.clerk->holds().all()) holds.push_back(json::parse(hold.to_json()));
  for (const reveals::Destruction* each : parts_.clerk->destructions().all(now))
    destructions.push_back(json::object{{"epoch", each->epoch.to_string()},
                                        {"by", each->by.person.by},
                                        {"custodian", each->by.custodian},
                                        {"at", to_rfc3339(each->at, 0)},
                                        {"sha256", each->sha256()},
                                        {"why", each->why},
                                        {"expires", to_rfc3339(each->expires, 0)}});
  json::array unfinished;
  for (const auto& [id, erasure] : parts_.clerk->deletions().erasures())
    unfinished.push_back(json::object{{"id", id}, {"by", erasure.by.by}, {"why", erasure.why}});
  for (const auto& [epoch, each] : parts_.clerk->destructions().confirmed())
    unfinished.push_back(
        json::object{{"id", epoch.to_string()}, {"by", each.by.person.by}, {"why", each.proposal.why}});
  json::object out;
  if (!unfinished.empty()) out["unfinished"] = std::move(unfinished);
  out["holds"] = std::move(holds);
  out["destructions"] = std::move(destructions);
  out["destroy_key"] = privacy::to_hex(word_key_.public_key);
  return {200, "application/json", json::serialize(out) + '\n'};
}

}  // namespace nw::app
