#include "app/retention.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "app/config.h"
#include "base/log.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"

namespace nw::app {

namespace json = boost::json;

namespace {

constexpr std::size_t kGoneMax = Retention::kNamedPerEntry * Retention::kEntriesMax;
constexpr std::string_view kDaemonEnds = "the daemon is about to end; the next start goes on";
constexpr Nanoseconds kDay = std::chrono::hours{24};

std::int64_t days(Nanoseconds age) { return age / kDay; }

void add_fault(const std::string& why, Retention::Class& of) {
  if (of.fault.size() < 500) of.fault += (of.fault.empty() ? "" : "; ") + why;
}

void overdue(Nanoseconds age, const std::string& why, Retention::Class& of) {
  ++of.overdue;
  of.oldest_days = std::max(of.oldest_days, days(age));
  add_fault(why, of);
}

}  // namespace

Nanoseconds Retention::limit(RetentionClass kind) const {
  switch (kind) {
    case RetentionClass::evidence: return parts_.config.evidence;
    case RetentionClass::reveal: return parts_.config.reveals;
    case RetentionClass::key: break;
  }
  return parts_.config.keys;
}

std::int64_t Retention::limit_days(RetentionClass kind) const { return days(limit(kind)); }

Retention::Run Retention::run(Timestamp now) {
  Run run;
  Class& evidence = run.classes[static_cast<std::size_t>(RetentionClass::evidence)];
  std::set<privacy::Epoch> held_months;
  const auto held = parts_.case_holds(parts_.clerk->holds(), now);
  if (parts_.evidence == nullptr && !parts_.evidence_closed.empty()) {
    // What lies there is not known, nor which months' keys it needs.
    add_fault("the evidence store could not be opened: " + parts_.evidence_closed, evidence);
    add_fault(evidence.fault, run.classes[static_cast<std::size_t>(RetentionClass::key)]);
  } else if (held) {
    purge_evidence(*held, now, held_months, run);
    purge_keys(held_months, now, run);
  } else {
    // Whether something is held is not known, so nothing that could be is deleted.
    run.behind = held.error().code == Errc::unavailable;
    add_fault("the incident store cannot say what is held: " + held.error().what, evidence);
    add_fault(evidence.fault, run.classes[static_cast<std::size_t>(RetentionClass::key)]);
  }
  purge_results(now, run);
  std::size_t faults = 0;
  for (const Class& each : run.classes) faults += each.fault.empty() ? 0U : 1U;
  run.outcome = faults == 0 ? "done" : faults == run.classes.size() ? "failed" : "partial";
  write(run);
  tell(run, now);
  for (std::size_t i = 0; i < run.classes.size(); ++i) {
    totals_[i].removed += run.classes[i].removed;
    totals_[i].bytes += run.classes[i].bytes;
    totals_[i].held = run.classes[i].held;
    totals_[i].overdue = run.classes[i].overdue;
    totals_[i].oldest_days = run.classes[i].oldest_days;
    totals_[i].fault = run.classes[i].fault;
  }
  if (run.outcome == "done") last_done_ = now;
  return run;
}

void Retention::purge_evidence(const CaseHolds& held, Timestamp now, std::set<privacy::Epoch>& held_months, Run& run) {
  if (parts_.evidence == nullptr) return;
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::evidence)];
  const Timestamp before = now - parts_.config.evidence;
  std::set<Gone> gone;
  Timestamp oldest = before;
  std::uint64_t left = 0;  // for the next start
  const auto is_held = [&](const record::EvidenceObject& object) {
    parts_.beat();
    if (parts_.clerk->closing()) {
      ++left;
      return true;
    }
    if (held.held(object)) {
      held_months.insert(object.epoch);
      return true;
    }
    if (!object.erased && gone.size() < kGoneMax) {
      gone.insert({object.alert, object.kind});
      oldest = std::min(oldest, object.stored);
    }
    return false;
  };
  const record::EvidenceStore::Purged purged = parts_.evidence->purge(before, is_held);
  // What is held by its alert keeps its month's keys, however young it is.
  for (const std::string& alert : held.alerts) {
    if (parts_.clerk->closing()) break;  // no key goes any more, either
    parts_.beat();
    for (const record::EvidenceObject& object : parts_.evidence->of(alert))
      if (!object.erased) held_months.insert(object.epoch);
  }
  out.removed = purged.objects;
  out.bytes = purged.bytes;
  out.held = purged.held - std::min(purged.held, left);
  if (left != 0) add_fault(std::string{kDaemonEnds}, out);
  out.overdue = purged.overdue;
  if (purged.oldest) out.oldest_days = days(now - *purged.oldest);
  if (!purged.fault.empty()) add_fault(purged.fault, out);
  if (purged.objects == 0) return;
  if (purged.overdue != 0)
    std::erase_if(gone, [this](const Gone& each) {
      const auto still = parts_.evidence->of(each.alert);
      return std::ranges::any_of(
          still, [&each](const record::EvidenceObject& object) { return object.kind == each.kind && !object.erased; });
    });
  name_commitments(gone, oldest, before, run);
  if (purged.objects > run.commitments.size()) run.not_named = purged.objects - run.commitments.size();
}

std::uint64_t Retention::first_at(Timestamp t) const {
  std::uint64_t low = 0, high = parts_.clerk->size();
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto payload = parts_.clerk->entry(middle);
    const auto entry = payload ? record::parse_entry(*payload) : Result<record::EntryView>{payload.error()};
    if (entry && entry->time < t)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

// The ledger says what was committed to when it was stored: entries of those days are read again.
void Retention::name_commitments(const std::set<Gone>& gone, Timestamp oldest, Timestamp before, Run& run) {
  const auto see = [&](const record::EntryView& entry, std::uint64_t) {
    if (entry.type != record::kEntryAlert && entry.type != record::kEntryEvidence) return true;
    const bool alert = entry.type == record::kEntryAlert;
    if (alert && entry.body.find("\"sealed_values\"") == std::string_view::npos) return true;
    const auto object = reveals::read_object(entry.body, entry.type);
    if (!object) return true;
    reveals::JsonMap map{*object, entry.type};
    const std::string id = map.text_if_there(alert ? "id" : "alert", 64);
    const std::string commitment = map.text_if_there(alert ? "sealed_values" : "commitment", 80);
    auto kind = record::EvidenceKind::values;
    if (!alert) {
      const std::string name = map.text_if_there("kind", 16);
      const auto at = std::ranges::find(record::kEvidenceKinds, name);
      if (at == record::kEvidenceKinds.end()) return true;
      kind = static_cast<record::EvidenceKind>(at - record::kEvidenceKinds.begin());
    }
    privacy::Digest digest{};
    if (gone.contains({id, kind}) && privacy::read_commitment(commitment, digest))
      run.commitments.push_back(privacy::to_hex(digest));
    return run.commitments.size() < kGoneMax;
  };
  const std::uint64_t from = first_at(oldest - kDay), to = first_at(before + kDay);
  if (const auto read = parts_.clerk->scan(from, to, see); !read)
    add_fault("the ledger cannot be read: " + read.error().what,
              run.classes[static_cast<std::size_t>(RetentionClass::evidence)]);
}

void Retention::purge_results(Timestamp now, Run& run) {
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::reveal)];
  for (const reveals::RequestLife* life : parts_.clerk->book().all()) {
    const Nanoseconds age = now - life->changed;
    // What was to be read within the request's time is not kept for whoever comes by later.
    const bool not_fetched = !life->fetched && now >= life->request.expires;
    if (life->state != reveals::RequestState::done || life->result_deleted ||
        (age < parts_.config.reveals && !not_fetched))
      continue;
    parts_.beat();
    if (parts_.clerk->closing()) return add_fault(std::string{kDaemonEnds}, out);
    if (run.requests.size() == kResultsMax) {
      overdue(age, "more than " + std::to_string(kResultsMax) + " results are too old; the next run goes on", out);
      continue;
    }
    const std::filesystem::path file = parts_.results / (life->request.id + ".sealed");
    const auto gone = record::destroy_file(*parts_.ops, file);
    if (!gone && gone.error().code != Errc::not_found) {
      overdue(age, gone.error().what, out);
      continue;
    }
    ++out.removed;
    run.not_fetched += not_fetched ? 1 : 0;
    run.requests.push_back(life->request.id);
  }
}

void Retention::purge_keys(const std::set<privacy::Epoch>& held_months, Timestamp now, Run& run) {
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::key)];
  const auto files = parts_.sealed_files();
  if (!files) return add_fault(files.error().what, out);
  for (const record::SealedFile& file : *files) {
    const Nanoseconds age = now - file.epoch.next().begin();
    if (age < parts_.config.keys) continue;
    // Evidence that is kept longer than keys could not be opened without them.
    if (held_months.contains(file.epoch) || age < parts_.config.evidence) {
      ++out.held;
      continue;
    }
    parts_.beat();
    if (parts_.clerk->closing()) return add_fault(std::string{kDaemonEnds}, out);
    const auto text = read_text_file(file.file.string(), privacy::kSealedBytesMax);
    const auto gone = record::destroy_file(*parts_.ops, file.file);
    if (!gone && gone.error().code != Errc::not_found) {
      overdue(age, gone.error().what, out);
      continue;
    }
    ++out.removed;
    if (run.keys.size() < reveals::kKeysMax)
      run.keys.push_back({file.epoch, file.purpose, privacy::sha256({privacy::bytes_of(text ? *text : "")})});
  }
}

// The first entry says everything; the others only go on naming.
void Retention::write(Run& run) {
  const std::size_t parts = std::max<std::size_t>(1, (run.commitments.size() + kNamedPerEntry - 1) / kNamedPerEntry);
  std::string failed;
  for (std::size_t part = 0; part < parts; ++part) {
    json::object out{{"part", part + 1}, {"parts", parts}};
    json::array named;
    for (std::size_t i = part * kNamedPerEntry; i < std::min(run.commitments.size(), (part + 1) * kNamedPerEntry); ++i)
      named.emplace_back(run.commitments[i]);
    out["commitments"] = std::move(named);
    if (part == 0) {
      out["outcome"] = run.outcome;
      json::array classes, requests, keys;
      for (std::size_t i = 0; i < run.classes.size(); ++i) {
        const Class& each = run.classes[i];
        json::object line{{"class", kRetentionClasses[i]},
                          {"removed", each.removed},
                          {"held", each.held},
                          {"overdue", each.overdue},
                          {"limit_seconds", limit(static_cast<RetentionClass>(i)) / std::chrono::seconds{1}}};
        if (each.bytes != 0) line["bytes"] = each.bytes;
        if (!each.fault.empty()) line["fault"] = printable(each.fault, 1000);
        classes.push_back(std::move(line));
      }
      for (const std::string& id : run.requests) requests.emplace_back(id);
      for (const reveals::NeededKey& key : run.keys)
        keys.push_back(json::object{
            {"epoch", key.epoch.to_string()}, {"purpose", key.purpose}, {"sha256", privacy::to_hex(key.sha256)}});
      out["classes"] = std::move(classes);
      if (!requests.empty()) out["requests"] = std::move(requests);
      if (run.not_fetched != 0) out["not_fetched"] = run.not_fetched;
      if (!keys.empty()) out["keys"] = std::move(keys);
      if (run.not_named != 0) out["not_named"] = run.not_named;
    }
    if (!failed.empty()) {
      parts_.clerk->note(record::kEntryPurge, reveals::canonical(out));
    } else if (auto done = parts_.clerk->commit(record::kEntryPurge, reveals::canonical(out)); !done) {
      failed = done.error().what;
    }
  }
  if (failed.empty()) return;
  for (Class& each : run.classes)
    if (each.removed != 0) add_fault(failed, each);
  if (run.outcome == "done") run.outcome = "partial";
}

void Retention::tell(const Run& run, Timestamp now) {
  std::uint64_t removed = 0;
  std::string reason;
  for (std::size_t i = 0; i < run.classes.size(); ++i) {
    const Class& each = run.classes[i];
    removed += each.removed;
    if (!each.fault.empty())
      reason += (reason.empty() ? "" : "; ") + std::string{kRetentionClasses[i]} + ": " + each.fault;
    OwnEvent event{"ledger.retention", now, {}};
    event.fields.emplace_back("class", std::string{kRetentionClasses[i]});
    event.fields.emplace_back("overdue", static_cast<std::int64_t>(each.overdue));
    event.fields.emplace_back("oldest_days", each.oldest_days);
    event.fields.emplace_back("limit_days", limit_days(static_cast<RetentionClass>(i)));
    event.fields.emplace_back("held", static_cast<std::int64_t>(each.held));
    parts_.tell(std::move(event));
  }
  OwnEvent event{"ledger.purge", now, {}};
  event.fields.emplace_back("outcome", run.outcome);
  event.fields.emplace_back("removed", static_cast<std::int64_t>(removed));
  if (!reason.empty()) event.fields.emplace_back("reason", reason);
  parts_.tell(std::move(event));
  if (run.outcome != "done")
    log_error("purge_failed", "not everything that is too old could be deleted",
              {{"outcome", run.outcome}, {"error", reason}});
  else if (removed != 0)
    log_info("purged", "what was too old is deleted", {{"objects", std::to_string(removed)}});
}

}  // namespace nw::app
