#include "app/privacy_desk.h"

#include <algorithm>
#include <chrono>

#include "base/clock.h"
#include "base/log.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kIdle{100};

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
              parts_.patience}},
      reveals_{{&clerk_, parts_.tell, parts_.evidence, [this] { return custodians(); },
                [this] { return record::sealed_files(parts_.epochs); },
                [this](const std::string& id) { return case_of(parts_.incidents, id); }, parts_.state / "reveals",
                parts_.privacy, [this] { beat(); }}},
      acts_{{&clerk_, parts_.evidence, [this] { return record::sealed_files(parts_.epochs); },
             [this](const reveals::Holds& holds, Timestamp now) {
               return case_holds(*parts_.incidents, holds, now, [this] { beat(); });
             },
             [this](const std::string& id) { return case_of(parts_.incidents, id); }, parts_.privacy}},
      retention_{{&clerk_, parts_.tell, parts_.evidence, [this] { return record::sealed_files(parts_.epochs); },
                  [this](const reveals::Holds& holds, Timestamp now) {
                    return case_holds(*parts_.incidents, holds, now, [this] { beat(); });
                  },
                  parts_.state / "reveals", parts_.retention, [this] { beat(); }}},
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
  out.steps = reveals_.steps();
  out.retention = retention_.totals();
  out.purged = retention_.last_done();
  const std::lock_guard lock{mutex_};
  report_ = out;
}

console::HttpResponse PrivacyDesk::answer(const Asked& asked, Timestamp now) {
  if (!started_) return not_now("the daemon still reads the ledger for reveals and holds; try again in a moment");
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
    }
    work_off();
    if (started_) reveals_.tick(wall_now());
    if (started_ && !moved && std::chrono::steady_clock::now() >= next_run_) {
      retention_.run(wall_now());
      next_run_ = std::chrono::steady_clock::now() + parts_.retention.every;
    }
    publish();
    if (!moved && !closing_) parts_.ledger->wait(clerk_.next(), kIdle);
  }
  work_off();
  clerk_.save();
}

}  // namespace nw::app
