#include "app/case_desk.h"

#include <array>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "record/entry.h"
#include "record/keys/secret_file.h"
#include "record/privacy/forms.h"

namespace nw::app {

namespace {

constexpr std::chrono::milliseconds kLook{20};

console::HttpResponse answer(int status, std::string text) {
  if (!text.ends_with('\n')) text += '\n';
  return {status, "text/plain; charset=utf-8", std::move(text)};
}

int status_of(Errc code) {
  switch (code) {
    case Errc::malformed:
    case Errc::invalid_argument: return 400;
    case Errc::not_found: return 404;
    case Errc::unavailable: return 409;
    default: return 503;
  }
}

std::string told(const record::IncidentStore::Outcome& outcome) {
  const record::Act& act = outcome.act;
  std::string out = act.incident + ": " + std::string{to_string(act.kind)} + ", now " + outcome.state +
                    "; ledger entry " + std::to_string(outcome.entry);
  if (const auto time = act.value("time"); !time.empty()) out += "; time " + std::string{time};
  if (!outcome.made.empty()) out += "; split off as " + outcome.made;
  if (act.kind == record::ActKind::merge)
    out += "; its alerts count in " + std::string{act.value("into")} + " (undo: normwatch incidents split " +
           std::string{act.value("into")} + " --merge " + std::to_string(outcome.entry) + ")";
  return out;
}

}  // namespace

OwnEvent own_event_of(const record::CaseEvent& event) {
  OwnEvent out;
  out.path = "case.incident";
  out.time = event.time;
  out.fields = {{"phase", std::string{event.phase}}, {"case_id", event.id}};
  if (!event.asset_class.empty()) out.fields.emplace_back("class", event.asset_class);
  if (!event.norm.empty()) out.fields.emplace_back("norm", event.norm);
  if (!event.factors.empty()) out.fields.emplace_back("factors", event.factors);
  out.fields.emplace_back("hypotheses", static_cast<std::int64_t>(event.hypotheses));
  if (event.victims) out.fields.emplace_back("foreign_victims", static_cast<std::int64_t>(*event.victims));
  if (!event.withheld.empty()) out.fields.emplace_back("withhold_reason", event.withheld);
  if (event.exercise) out.fields.emplace_back("exercise", true);
  return out;
}

std::string new_act_id() {
  std::array<std::uint8_t, record::kActIdBytes> random{};
  record::kernel_random(random);
  return privacy::to_hex(random);
}

CaseDesk::CaseDesk(boost::asio::any_io_executor executor, Parts parts)
    : parts_{std::move(parts)}, timer_{std::move(executor)} {}

void CaseDesk::act(std::string_view body, std::int64_t peer_uid, Done done) {
  if (stopped_) return done(answer(503, "the daemon is about to end; nothing was done"));
  auto act = record::Act::from_json(body);
  if (act) {
    act->uid = peer_uid;
    if (act->id.empty()) act->id = new_act_id();
    if (parts_.guard) {
      act->why = parts_.guard(act->why);
      for (auto& [name, text] : act->values)
        if (is_free_text(act->kind, name)) text = parts_.guard(text);
      if (auto whole = act->check(); !whole) act = Error{Errc::invalid_argument, whole.error().what};
    }
  }
  if (act) {
    if (auto good = check_class(*act); !good) act = good.error();
  }
  if (!act) {
    ++refused_;
    return done(answer(status_of(act.error().code), act.error().what));
  }
  if (waiting_.size() >= kWaitingMax) {
    ++refused_;
    return done(answer(503, "too many acts wait for the ledger; nothing was done, try again"));
  }
  waiting_.push_back({std::move(*act), std::move(done)});
  if (waiting_.size() == 1) begin();
}

// The class as the taxonomy writes it: it goes into statistics and exports, where nobody corrects it any more. What the
// ledger has of before stays as it is.
Result<> CaseDesk::check_class(record::Act& act) const {
  if (!parts_.rsit || act.kind != record::ActKind::classify) return {};
  for (auto& [name, text] : act.values) {
    if (name != "rsit") continue;
    const auto found = parts_.rsit->find(text);
    if (!found) {
      const std::vector<std::string_view> known{parts_.rsit->tags.begin(), parts_.rsit->tags.end()};
      return Error{Errc::invalid_argument, "classify: '" + printable(text, 64) + "' is no class of RSIT " +
                                               parts_.rsit->version + did_you_mean(text, known) +
                                               "; normwatch taxonomy show rsit lists them"};
    }
    text = found.of->id + (found.type == nullptr ? "" : '.' + found.type->id);
  }
  return {};
}

void CaseDesk::begin() {
  while (!waiting_.empty()) {
    const record::Act& act = waiting_.front().act;
    const auto known = parts_.store->outcome(act);
    if (!known) {
      refuse(known.error());
      continue;
    }
    if (*known) {
      tell_fate(**known);
      continue;
    }
    if (const auto good = parts_.store->check(act); !good) {
      refuse(good.error());
      continue;
    }
    parts_.note(std::string{record::kEntryIncident}, act.to_json());
    until_ = std::chrono::steady_clock::now() + parts_.patience;
    return look();
  }
}

// Takes the first one out, with why it cannot be done.
void CaseDesk::refuse(const Error& error) {
  const Waiting one = std::move(waiting_.front());
  waiting_.pop_front();
  ++refused_;
  log_warning("incident_act_refused", "what was asked of an incident was refused", {{"error", error.what}});
  // Somebody tried to close a case that is not complete: the rules decide what that is worth (NW-B-02).
  if (one.act.kind == record::ActKind::resolve && error.code == Errc::unavailable && parts_.tell) {
    if (auto event = parts_.store->event_of(one.act.incident, "closing"); event && !event->exercise) {
      event->time = wall_now();
      parts_.tell(own_event_of(*event));
    }
  }
  one.done(answer(status_of(error.code), error.what));
}

void CaseDesk::look() {
  const auto outcome = parts_.store->outcome(waiting_.front().act);
  if (outcome && *outcome) {
    tell_fate(**outcome);
    return begin();
  }
  if (std::chrono::steady_clock::now() >= until_) {
    end(202,
        "accepted, but the ledger or the incident store is behind: it is applied as soon as they can; see normwatch "
        "status. What became of it: the same command with --act " +
            waiting_.front().act.id);
    return begin();
  }
  timer_.expires_after(kLook);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !waiting_.empty()) look();
  });
}

// Takes the first one out, with what became of it, now or when it was asked for before.
void CaseDesk::tell_fate(const record::IncidentStore::Outcome& outcome) {
  if (outcome.refused.empty()) return end(200, told(outcome));
  ++refused_;
  end(409, outcome.refused + " (ledger entry " + std::to_string(outcome.entry) + "); nothing was done");
}

void CaseDesk::end(int status, std::string text) {
  const Waiting one = std::move(waiting_.front());
  waiting_.pop_front();
  log_info("incident_act", "a person acted upon an incident; the ledger has it",
           {{"incident", one.act.incident}, {"act", std::string{to_string(one.act.kind)}}});
  one.done(answer(status, std::move(text)));
}

void CaseDesk::stop() {
  stopped_ = true;
  timer_.cancel();
  for (std::size_t i = 0; i < waiting_.size(); ++i)
    waiting_[i].done(
        answer(i == 0 ? 202 : 503,
               i == 0 ? "accepted; the daemon is about to end: it is written while the disk can, and applied when "
                        "it starts again"
                      : "the daemon is about to end; nothing was done"));
  waiting_.clear();
}

}  // namespace nw::app
