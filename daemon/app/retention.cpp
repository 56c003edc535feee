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
  Plan plan;
  const auto held = parts_.case_holds(parts_.clerk->holds(), now);
  bool evidence_known = false;
  if (parts_.evidence == nullptr && !parts_.evidence_closed.empty()) {
    // What lies there is not known, nor which months' keys it needs.
    add_fault("the evidence store could not be opened: " + parts_.evidence_closed, evidence);
    add_fault(evidence.fault, run.classes[static_cast<std::size_t>(RetentionClass::key)]);
  } else if (held) {
    evidence_known = true;
    plan_evidence(*held, now, held_months, run);
    plan_keys(held_months, now, plan, run);
  } else {
    // Whether something is held is not known, so nothing that could be is deleted.
    run.behind = held.error().code == Errc::unavailable;
    add_fault("the incident store cannot say what is held: " + held.error().what, evidence);
    add_fault(evidence.fault, run.classes[static_cast<std::size_t>(RetentionClass::key)]);
  }
  plan_results(now, plan, run);
  if (announce(plan, run)) {
    if (evidence_known) purge_evidence(*held, now, run);
    purge_keys(plan, now, run);
    purge_results(plan, now, run);
  }
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

void Retention::plan_evidence(const CaseHolds& held, Timestamp now, std::set<privacy::Epoch>& held_months, Run& run) {
  if (parts_.evidence == nullptr) return;
  constexpr auto kClass = static_cast<std::size_t>(RetentionClass::evidence);
  const Timestamp before = now - parts_.config.evidence;
  std::set<Gone> gone;
  Timestamp oldest = before;
  parts_.evidence->older(before, [&](const record::EvidenceObject& object) {
    parts_.beat();
    if (parts_.clerk->closing()) return;
    if (held.held(object)) {
      held_months.insert(object.epoch);
      ++run.classes[kClass].held;
      return;
    }
    ++run.planned[kClass];
    oldest = std::min(oldest, object.stored);
    if (gone.size() < kGoneMax) gone.insert({object.alert, object.kind});
  });
  // What is held by its alert keeps its month's keys, however young it is.
  for (const std::string& alert : held.alerts) {
    if (parts_.clerk->closing()) return;
    parts_.beat();
    for (const record::EvidenceObject& object : parts_.evidence->of(alert))
      if (!object.erased) held_months.insert(object.epoch);
  }
  if (run.planned[kClass] == 0) return;
  run.classes[kClass].oldest_days = days(now - oldest);  // until it is gone
  name_commitments(gone, oldest, before, run);
  if (run.planned[kClass] > run.commitments.size()) run.not_named = run.planned[kClass] - run.commitments.size();
}

// Whatever is older than the plan's limit and not held is in the plan: what is stored in the meantime is young.
void Retention::purge_evidence(const CaseHolds& held, Timestamp now, Run& run) {
  if (parts_.evidence == nullptr) return;
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::evidence)];
  std::uint64_t left = 0;
  const auto purged = parts_.evidence->purge(now - parts_.config.evidence, [&](const record::EvidenceObject& object) {
    parts_.beat();
    if (held.held(object)) return true;
    if (parts_.clerk->closing()) ++left;
    return left != 0;
  });
  out.removed = purged.objects;
  out.bytes = purged.bytes;
  if (left != 0) add_fault(std::string{kDaemonEnds}, out);
  out.overdue = purged.overdue;
  out.oldest_days = purged.oldest ? days(now - *purged.oldest) : 0;
  if (!purged.fault.empty()) add_fault(purged.fault, out);
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

void Retention::plan_results(Timestamp now, Plan& plan, Run& run) {
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::reveal)];
  for (const reveals::RequestLife* life : parts_.clerk->book().all()) {
    const Nanoseconds age = now - life->changed;
    // What was to be read within the request's time is not kept for whoever comes by later.
    const bool not_fetched = !life->fetched && now >= life->request.expires;
    if (life->state != reveals::RequestState::done || life->result_deleted ||
        (age < parts_.config.reveals && !not_fetched))
      continue;
    if (plan.requests.size() == kResultsMax) {
      overdue(age, "more than " + std::to_string(kResultsMax) + " results are too old; the next run goes on", out);
      continue;
    }
    ++run.planned[static_cast<std::size_t>(RetentionClass::reveal)];
    plan.requests.push_back(life->request.id);
  }
}

void Retention::purge_results(const Plan& plan, Timestamp now, Run& run) {
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::reveal)];
  for (const std::string& id : plan.requests) {
    parts_.beat();
    if (parts_.clerk->closing()) return add_fault(std::string{kDaemonEnds}, out);
    const reveals::RequestLife* life = parts_.clerk->book().find(id);
    const auto gone = record::destroy_file(*parts_.ops, parts_.results / (id + ".sealed"));
    if (!gone && gone.error().code != Errc::not_found) {
      overdue(life == nullptr ? parts_.config.reveals : now - life->changed, gone.error().what, out);
      continue;
    }
    ++out.removed;
    run.not_fetched += life != nullptr && !life->fetched && now >= life->request.expires ? 1U : 0U;
    run.requests.push_back(id);
  }
}

void Retention::plan_keys(const std::set<privacy::Epoch>& held_months, Timestamp now, Plan& plan, Run& run) {
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
    if (plan.keys.size() == reveals::kKeysMax) {
      overdue(age, "more than " + std::to_string(reveals::kKeysMax) + " keys are too old; the next run goes on", out);
      continue;
    }
    parts_.beat();
    const auto text = read_text_file(file.file.string(), privacy::kSealedBytesMax);
    ++run.planned[static_cast<std::size_t>(RetentionClass::key)];
    run.keys.push_back({file.epoch, file.purpose, privacy::sha256({privacy::bytes_of(text ? *text : "")})});
    plan.keys.push_back(file);
  }
}

void Retention::purge_keys(const Plan& plan, Timestamp now, Run& run) {
  Class& out = run.classes[static_cast<std::size_t>(RetentionClass::key)];
  for (const record::SealedFile& file : plan.keys) {
    parts_.beat();
    if (parts_.clerk->closing()) return add_fault(std::string{kDaemonEnds}, out);
    const auto gone = record::destroy_file(*parts_.ops, file.file);
    if (!gone && gone.error().code != Errc::not_found)
      overdue(now - file.epoch.next().begin(), gone.error().what, out);
    else
      ++out.removed;
  }
}

// Whether the ledger has it, or there is nothing to delete. The first entry says everything; the others only go on
// naming.
bool Retention::announce(const Plan& plan, Run& run) {
  // A plan that was broken off says of nothing that it may go.
  if (parts_.clerk->closing()) {
    for (Class& each : run.classes) add_fault(std::string{kDaemonEnds}, each);
    return false;
  }
  if (std::ranges::all_of(run.planned, [](std::uint64_t count) { return count == 0; })) return true;
  const std::size_t parts = std::max<std::size_t>(1, (run.commitments.size() + kNamedPerEntry - 1) / kNamedPerEntry);
  for (std::size_t part = 0; part < parts; ++part) {
    json::object out{{"what", reveals::kBegun}, {"part", part + 1}, {"parts", parts}};
    json::array named;
    for (std::size_t i = part * kNamedPerEntry; i < std::min(run.commitments.size(), (part + 1) * kNamedPerEntry); ++i)
      named.emplace_back(run.commitments[i]);
    out["commitments"] = std::move(named);
    if (part == 0) {
      json::array classes, requests, keys;
      for (std::size_t i = 0; i < run.classes.size(); ++i)
        classes.push_back(
            json::object{{"class", kRetentionClasses[i]},
                         {"planned", run.planned[i]},
                         {"limit_seconds", limit(static_cast<RetentionClass>(i)) / std::chrono::seconds{1}}});
      for (const std::string& id : plan.requests) requests.emplace_back(id);
      for (const reveals::NeededKey& key : run.keys)
        keys.push_back(json::object{
            {"epoch", key.epoch.to_string()}, {"purpose", key.purpose}, {"sha256", privacy::to_hex(key.sha256)}});
      out["classes"] = std::move(classes);
      if (!requests.empty()) out["requests"] = std::move(requests);
      if (!keys.empty()) out["keys"] = std::move(keys);
      if (run.not_named != 0) out["not_named"] = run.not_named;
    }
    const auto done = parts_.clerk->commit(record::kEntryPurge, reveals::canonical(out));
    if (done) continue;
    for (std::size_t i = 0; i < run.classes.size(); ++i) {
      if (run.planned[i] == 0) continue;
      run.classes[i].overdue += run.planned[i];
      run.classes[i].oldest_days = std::max(run.classes[i].oldest_days, limit_days(static_cast<RetentionClass>(i)));
      add_fault("nothing is deleted before the ledger says so: " + done.error().what, run.classes[i]);
    }
    return false;
  }
  return true;
}

void Retention::write(Run& run) {
  json::object out{{"what", reveals::kDone}, {"outcome", run.outcome}};
  json::array classes, requests;
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
  out["classes"] = std::move(classes);
  if (!requests.empty()) out["requests"] = std::move(requests);
  if (run.not_fetched != 0) out["not_fetched"] = run.not_fetched;
  const auto done = parts_.clerk->commit(record::kEntryPurge, reveals::canonical(out));
  if (done) return;
  for (Class& each : run.classes)
    if (each.removed != 0) add_fault(done.error().what, each);
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
