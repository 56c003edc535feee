#include "app/notary.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "record/ledger/tree_files.h"
#include "record/ledger/tree_held.h"

namespace nw::app {

namespace {

using record::TreeFault;

constexpr std::size_t kStep = 8192;               // entries of one head, when it is behind
constexpr std::chrono::milliseconds kRound{200};  // between heartbeats
constexpr std::chrono::seconds kRetry{1};
constexpr std::chrono::milliseconds kNapMost{500};  // of the check, which rests longer than it works
constexpr int kRestPerWork = 3;
constexpr std::size_t kSuspectsMost = 16;

std::int64_t steady_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

std::int64_t day_of(Timestamp time) {
  return to_unix_nanoseconds(time) / std::chrono::nanoseconds{std::chrono::hours{24}}.count();
}

// Of which nothing can be signed any more. Damaged copies are told and leave the history as it is.
bool is_other_history(TreeFault fault) { return fault != TreeFault::none && fault != TreeFault::damaged; }

// As the event's field has it.
std::string_view outcome_of(TreeFault fault) {
  switch (fault) {
    case TreeFault::none: return "ok";
    case TreeFault::cut:
    case TreeFault::rolled_back: return "shorter";
    case TreeFault::fork:
    case TreeFault::other_key: return "fork";
    case TreeFault::damaged:
    case TreeFault::edited:
    case TreeFault::removed:
    case TreeFault::moved: break;
  }
  return "failed";
}

}  // namespace

Notary::Notary(NotaryOptions options, const record::Ledger& ledger, const merkle::SignerKey& key, record::FileOps& ops)
    : options_{std::move(options)}, ledger_{ledger}, key_{key.verifier()}, ops_{ops}, heartbeat_{steady_ns()} {}

Notary::~Notary() { close({}); }

Result<std::unique_ptr<Notary>> Notary::open(NotaryOptions options, const record::Ledger& ledger,
                                             const merkle::SignerKey& key, record::FileOps& ops) {
  std::unique_ptr<Notary> notary{new Notary{std::move(options), ledger, key, ops}};
  const auto refused = [](const Error& error) {
    return Error{error.code,
                 error.code == Errc::malformed ? error.what + ". " + std::string{record::kWayOut} : error.what};
  };
  const auto& directory = notary->options_.directory;
  const auto halted = record::read_halted(ops, record::tree_folder(directory));
  if (!halted) return halted.error();
  if (!halted->empty()) return Error{Errc::malformed, *halted};
  const auto held = record::read_held(ops, directory);
  if (!held) return held.error();
  if (auto good = record::check_held(ops, directory, notary->key_, *held); !good) return refused(good.error());
  // The whole check first: it says more than opening does.
  if (ledger.bytes() <= notary->options_.check_first_bytes) {
    Found found = notary->look(false);
    // "Edited" may be a tile that was changed.
    if ((found.fault == TreeFault::damaged || found.fault == TreeFault::edited) && notary->mend(found.error->what)) {
      found.fault = TreeFault::damaged;
      notary->first_.push_back(std::exchange(found, notary->look(false)));
    }
    if (is_other_history(found.fault)) return refused(*found.error);
    notary->first_.push_back(std::move(found));
  } else if (auto fits = record::check_held_by_tiles(ops, directory, *held); !fits) {
    if (fits.error().code == Errc::malformed && notary->mend(fits.error().what))
      fits = record::check_held_by_tiles(ops, directory, *held);
    if (!fits) return refused(fits.error());
  }
  auto tree = record::Tree::open(notary->options_.directory, ledger, key, ops);
  if (!tree && tree.error().code == Errc::malformed && notary->first_.empty() && notary->mend(tree.error().what))
    tree = record::Tree::open(notary->options_.directory, ledger, key, ops);
  if (!tree) return tree.error();
  notary->tree_ = std::move(*tree);
  notary->state_.size = notary->tree_->size();
  if (notary->state_.size != 0) notary->state_.signed_at_ns = to_unix_nanoseconds(wall_now());
  return notary;
}

// True when files were written anew: the journal leads to every signed head, so what they must hold is proven.
bool Notary::mend(std::string_view why) {
  const auto mended = record::mend_tree(options_.directory, key_);
  if (!mended || *mended == 0) return false;
  log_error("ledger_tree_mended",
            "files of the ledger's tree were damaged or changed. The journal is as it was signed, so they were written "
            "anew from it; find out what changed them",
            {{"files", std::to_string(*mended)}, {"found", std::string{why}}});
  return true;
}

void Notary::start(TellOwn tell) {
  tell_ = std::move(tell);
  kept_day_ = day_of(wall_now());
  signer_ = std::jthread{[this] { sign(); }};
  checker_ = std::jthread{[this] { check(); }};
}

bool Notary::close(Nanoseconds patience) {
  {
    const std::lock_guard lock{mutex_};
    if (!closing_) give_up_at_ = steady_ns() + patience.count();
    closing_ = true;
  }
  wake_.notify_all();
  if (signer_.joinable()) signer_.join();
  if (checker_.joinable()) checker_.join();
  return complete_;
}

Notary::State Notary::state() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

bool Notary::nap(Nanoseconds patience) {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, patience, [this] { return closing_; });
  return !closing_;
}

void Notary::sign() {
  Nanoseconds next{steady_ns()};  // when a head is due, if there is something new
  for (bool open = true; open;) {
    heartbeat_ = steady_ns();
    const std::uint64_t behind = ledger_.size() - tree_->size();
    const bool due = Nanoseconds{heartbeat_} >= next;
    if (!state().halted && (behind >= kStep || (behind != 0 && due))) {
      if (!sign_once()) {
        open = nap(kRetry);
        continue;
      }
      keep_daily();
      next = Nanoseconds{steady_ns()} + options_.checkpoint_every;
      if (ledger_.size() - tree_->size() >= kStep) {
        open = nap(Nanoseconds{0});
        continue;
      }
    }
    open = nap(behind == 0 || due ? Nanoseconds{kRound}
                                  : std::clamp(next - Nanoseconds{steady_ns()}, Nanoseconds{0}, Nanoseconds{kRound}));
  }
  // The last head, over the entry "close".
  while (!state().halted && tree_->size() < ledger_.size()) {
    heartbeat_ = steady_ns();
    if (sign_once()) continue;
    if (steady_ns() >= give_up_at_) break;
    std::this_thread::sleep_for(kRound);
  }
  complete_ = tree_->size() == ledger_.size();
  if (tree_->size() == 0) return;
  if (const auto kept = tree_->keep_head(); !kept)
    log_warning("ledger_head_not_kept", "the last head could not be kept", {{"error", kept.error().what}});
}

bool Notary::sign_once() {
  const auto size = tree_->advance(kStep);
  if (!size) {
    {
      const std::lock_guard lock{mutex_};
      ++state_.head_failures;
    }
    if (!std::exchange(failing_, true))
      log_error("ledger_head_failed",
                "no head of the ledger can be signed; alerts are accepted all the same, and it is tried again",
                {{"error", size.error().what}});
    return false;
  }
  if (std::exchange(failing_, false))
    log_info("ledger_head_recovered", "heads of the ledger are signed again", {{"size", std::to_string(*size)}});
  const std::lock_guard lock{mutex_};
  state_.size = *size;
  state_.signed_at_ns = to_unix_nanoseconds(wall_now());
  return true;
}

void Notary::keep_daily() {
  const std::int64_t day = day_of(wall_now());
  if (day == kept_day_) return;
  if (const auto kept = tree_->keep_head(); !kept) {
    log_warning("ledger_head_not_kept", "the day's head could not be kept; it is tried with the next one",
                {{"error", kept.error().what}});
    return;
  }
  kept_day_ = day;
}

void Notary::check() {
  for (const Found& found : first_) note(found, "start");
  if (first_.empty())
    if (const Found found = look(true); !found.stopped) note(found, "start");
  while (rest())
    if (const Found found = look(true); !found.stopped) note(found, "consistency");
}

// Until a check is due; false: the end has come.
bool Notary::rest() {
  std::unique_lock lock{mutex_};
  wake_.wait_for(lock, options_.verify_every, [this] { return closing_ || hurry_; });
  hurry_ = false;
  return !closing_;
}

void Notary::shown(const merkle::Note& head, std::string_view who) {
  const auto seen = record::parse_head(head.to_string(), who);
  if (!seen || !record::check_signed(*seen, key_, who)) return;  // anybody can write that
  const merkle::TreeHead& theirs = seen->checkpoint.head;
  const auto note = tree_->checkpoint();
  const auto ours = note ? merkle::Checkpoint::parse(note->text) : Result<merkle::Checkpoint>{merkle::Checkpoint{}};
  const std::string what = std::string{who} + " shows a head of " + std::to_string(theirs.size) +
                           " entries that this ledger's key has signed";
  if (!ours) return;
  if (theirs.size > ours->head.size)
    return halt(what + ", but this ledger has signed only " + std::to_string(ours->head.size) +
                ": it was rolled back, or its key has signed elsewhere");
  if (theirs.size == ours->head.size && theirs.root != ours->head.root)
    return halt(what + ", and this ledger's head of as many has another root (a fork)");
  {
    const std::lock_guard lock{mutex_};
    const bool known = std::any_of(suspects_.begin(), suspects_.end(),
                                   [&](const auto& each) { return each.second.text == head.text; });
    if (known || suspects_.size() == kSuspectsMost) return;
    suspects_.emplace_back(what, head);
    hurry_ = true;
  }
  wake_.notify_all();
}

void Notary::halt(std::string_view why) {
  {
    const std::lock_guard lock{mutex_};
    state_.fault = why;
    if (!std::exchange(state_.halted, true)) ++state_.verify_failures;
  }
  log_error(
      "ledger_other_history",
      "another history of this ledger was signed. Alerts are still accepted; no head is signed any more. Copy the "
      "state directory as it is, then see: normwatch ledger show",
      {{"error", std::string{why}}});
  keep_halt(why);
}

// So that a restart does not go on. Tried again whenever the fault is found again.
void Notary::keep_halt(std::string_view why) {
  const std::lock_guard lock{halt_mutex_};
  if (auto kept = record::write_halted(ops_, record::tree_folder(options_.directory), wall_now(), why); !kept)
    log_error("ledger_halt_not_kept",
              "that this ledger has another history could not be written down: do not restart this daemon before you "
              "have copied the state directory",
              {{"error", kept.error().what}});
}

// `gently`: rests longer than it works, so that whoever else wants processor and disk has them.
Notary::Found Notary::look(bool gently) {
  Found out;
  record::TreeVerify options;
  options.key = key_;
  auto held = record::read_held(record::system_files(), options_.directory);
  if (!held) {
    out.error = held.error();
    return out;
  }
  options.held = std::move(held->notes);
  options.held_names = std::move(held->names);
  std::size_t suspects = 0;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [who, note] : suspects_) {
      options.held.push_back(note);
      options.held_names.push_back(who);
    }
    suspects = suspects_.size();
  }
  options.fault = &out.fault;
  Nanoseconds began{steady_ns()};
  if (gently)
    options.go_on = [&] {
      const Nanoseconds worked = Nanoseconds{steady_ns()} - began;
      const bool go_on = nap(std::min(worked * kRestPerWork, Nanoseconds{kNapMost}));
      began = Nanoseconds{steady_ns()};
      return go_on;
    };
  const auto verified = record::verify_tree(options_.directory, options);
  if (verified) {  // they are ours
    const std::lock_guard lock{mutex_};
    suspects_.erase(suspects_.begin(), suspects_.begin() + static_cast<std::ptrdiff_t>(suspects));
  }
  if (verified && !held->damaged.empty()) {
    out.fault = TreeFault::damaged;
    out.error = held->damaged.front();
  } else if (verified) {
    out.size = verified->entries;
  } else if (verified.error().code == Errc::unavailable) {
    out.stopped = true;
  } else if (verified.error().code != Errc::not_found) {
    out.error = verified.error();
  }
  return out;
}

void Notary::note(const Found& found, std::string_view check) {
  const bool halts = is_other_history(found.fault);
  {
    const std::lock_guard lock{mutex_};
    if (found.error || !state_.halted) state_.fault = found.error ? found.error->what : std::string{};
    if (found.error)
      ++state_.verify_failures;
    else
      state_.verified_at_ns = to_unix_nanoseconds(wall_now());
    state_.halted = state_.halted || halts;
  }
  if (halts) keep_halt(found.error->what);
  if (halts)
    log_error("ledger_other_history",
              "the ledger on disk is not what was signed. Alerts are still accepted; no head is signed any more. Copy "
              "the state directory as it is, then see: normwatch ledger verify",
              {{"fault", std::string{to_string(found.fault)}}, {"error", found.error->what}});
  else if (found.fault == TreeFault::damaged)
    log_error("ledger_damaged", "a file of the ledger is damaged; put an intact copy of it in its place",
              {{"error", found.error->what}});
  else if (found.error)
    log_warning("ledger_not_verified", "the ledger could not be read again; it is tried at the next time",
                {{"error", found.error->what}});
  // A disk that could not be read says nothing of the history: the metric counts it, no rule.
  if (!found.error || found.fault != TreeFault::none) tell(found, check);
}

void Notary::tell(const Found& found, std::string_view check) {
  OwnEvent event;
  event.path = "ledger.checkpoint";
  event.time = wall_now();
  event.fields = {{"check", std::string{check}},
                  {"outcome", std::string{outcome_of(found.fault)}},
                  {"origin", key_.name},
                  {"size", static_cast<std::int64_t>(found.error ? state().size : found.size)}};
  if (found.error) event.fields.emplace_back("reason", found.error->what);
  if (tell_) tell_(std::move(event));
}

}  // namespace nw::app
