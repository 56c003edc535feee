#include "app/privacy_desk.h"

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kIdle{100}, kBehind{20};
constexpr std::chrono::minutes kAgain{10};  // after a run of retention that could not know what is held

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

console::HttpResponse not_now(std::string why) { return {503, "text/plain; charset=utf-8", std::move(why) + '\n'}; }

Result<record::CaseFile> case_of(const record::IncidentStore* store, const std::string& id) {
  if (store == nullptr) return Error{Errc::unavailable, "there is no incident store"};
  return store->case_file(id);
}

}  // namespace

PrivacyDesk::PrivacyDesk(Parts parts)
    : parts_{std::move(parts)},
      clerk_{{parts_.ledger, (parts_.state / "reveals.cursor").string(), parts_.note, [this] { beat(); },
              parts_.patience, [this] { return closing_.load(); }}},
      reveals_{{&clerk_, parts_.tell, parts_.evidence, [this] { return custodians(); },
                [this] { return record::sealed_files(parts_.epochs); },
                [this](const std::string& id) { return case_of(parts_.incidents, id); }, parts_.state / "reveals",
                parts_.privacy, [this] { beat(); }}},
      acts_{{&clerk_, parts_.evidence, [this] { return record::sealed_files(parts_.epochs); },
             [this](const reveals::Holds& holds, Timestamp now) { return held(holds, now); },
             [this](const std::string& id) { return case_of(parts_.incidents, id); }, parts_.privacy,
             &record::system_files(), parts_.epochs, parts_.evidence_closed, [this] { return custodians(); }}},
      retention_{{&clerk_, parts_.tell, parts_.evidence, [this] { return record::sealed_files(parts_.epochs); },
                  [this](const reveals::Holds& holds, Timestamp now) { return held(holds, now); },
                  parts_.state / "reveals", parts_.retention, [this] { beat(); }, &record::system_files(),
                  parts_.evidence_closed}},
      custodians_{parts_.custodians},
      heartbeat_{steady_ns()} {
  next_run_ = std::chrono::steady_clock::now() + std::min(parts_.first_run, parts_.retention.every);
  thread_ = std::thread{[this] { run(); }};
}

PrivacyDesk::~PrivacyDesk() { close(); }

void PrivacyDesk::close() {
  closing_ = true;
  if (thread_.joinable()) thread_.join();
}

void PrivacyDesk::beat() noexcept { heartbeat_.store(steady_ns(), std::memory_order_relaxed); }

void PrivacyDesk::ask(What what, std::string body, std::int64_t uid, Done done) {
  bool taken = false;
  {
    const std::lock_guard lock{mutex_};
    taken = !closing_ && asked_.size() < kQueueMax;
    if (taken) asked_.push_back({what, std::move(body), uid, std::move(done)});
  }
  if (!taken) done(not_now("too much waits here, or the daemon is about to end; try again"));
}

void PrivacyDesk::use(std::vector<privacy::Custodian> custodians) {
  const std::lock_guard lock{mutex_};
  custodians_ = std::move(custodians);
}

std::vector<privacy::Custodian> PrivacyDesk::custodians() const {
  const std::lock_guard lock{mutex_};
  return custodians_;
}

PrivacyDesk::Report PrivacyDesk::report() const {
  const std::lock_guard lock{mutex_};
  return report_;
}

void PrivacyDesk::publish() {
  Report out;
  out.caught_up = clerk_.caught_up();
  out.requests_waiting = clerk_.book().waiting();
  out.holds = clerk_.holds().all().size();
  out.unreadable = clerk_.unreadable();
  out.erased = acts_.erased();
  out.unfinished = acts_.unfinished();
  out.steps = reveals_.steps();
  out.retention = retention_.totals();
  out.purged = retention_.last_done();
  const std::lock_guard lock{mutex_};
  report_ = out;
}

// The incident store reads the ledger on a thread of its own: what it does not know yet may be held, too.
Result<CaseHolds> PrivacyDesk::held(const reveals::Holds& holds, Timestamp now) {
  if (parts_.incidents == nullptr) return Error{Errc::unavailable, "there is no incident store"};
  const std::uint64_t size = clerk_.size();
  const auto end = std::chrono::steady_clock::now() + parts_.patience;
  for (;;) {
    auto out = case_holds(*parts_.incidents, holds, size, now, [this] {
      beat();
      return !closing_;
    });
    if (out || out.error().code != Errc::unavailable) return out;
    if (closing_ || std::chrono::steady_clock::now() >= end) return out;
    beat();
    std::this_thread::sleep_for(kBehind);
  }
}

console::HttpResponse PrivacyDesk::answer(const Asked& asked, Timestamp now) {
  if (!started_) return not_now("the daemon still reads the ledger for reveals and holds; try again in a moment");
  // A second approval, a second person's confirmation: the guards know the first only once the ledger has it.
  const bool looks = asked.what == What::document || asked.what == What::list || asked.what == What::holds;
  if (clerk_.owed() != 0 && !looks)
    return not_now(
        "the ledger has not taken an earlier step yet (is its disk full or failing? see: normwatch status); "
        "nothing was done, try again when it goes on");
  switch (asked.what) {
    case What::request: return reveals_.request(asked.body, asked.uid, now);
    case What::document: return reveals_.document(asked.body);
    case What::approve: return reveals_.approve(asked.body, asked.uid, now);
    case What::deny: return reveals_.deny(asked.body, asked.uid, now);
    case What::fetch: return reveals_.fetch(asked.body, asked.uid, now);
    case What::list: return reveals_.list();
    case What::erase: return acts_.erase(asked.body, asked.uid, now);
    case What::destroy: return acts_.destroy(asked.body, asked.uid, now);
    case What::hold: return acts_.hold(asked.body, asked.uid, now);
    case What::release: return acts_.release(asked.body, asked.uid, now);
    case What::holds: break;
  }
  return acts_.list(now);
}

void PrivacyDesk::work_off() {
  for (;;) {
    std::optional<Asked> asked;
    {
      const std::lock_guard lock{mutex_};
      if (asked_.empty()) return;
      asked.emplace(std::move(asked_.front()));
      asked_.pop_front();
    }
    beat();
    asked->done(closing_ ? not_now("the daemon is about to end") : answer(*asked, wall_now()));
    publish();
  }
}

void PrivacyDesk::run() {
  while (!closing_) {
    beat();
    const bool moved = clerk_.follow();
    if (!started_ && clerk_.caught_up()) {
      reveals_.close_lost(wall_now());
      started_ = true;
      // What a run was about to delete when it was cut off is not left for another minute.
      if (clerk_.deletions().purge_unfinished()) next_run_ = std::chrono::steady_clock::now();
    }
    if (started_) acts_.finish(wall_now());
    work_off();
    // With a step still owed each round would only add to what waits for the disk.
    const bool free = started_ && clerk_.owed() == 0;
    if (free) reveals_.tick(wall_now());
    if (free && !moved && std::chrono::steady_clock::now() >= next_run_) {
      const Nanoseconds every = parts_.retention.every;
      next_run_ = std::chrono::steady_clock::now() +
                  (retention_.run(wall_now()).behind ? std::min<Nanoseconds>(every, kAgain) : every);
    }
    publish();
    if (!moved && !closing_) parts_.ledger->wait(clerk_.next(), kIdle);
  }
  work_off();
  clerk_.save();
}

}  // namespace nw::app
