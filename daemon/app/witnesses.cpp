#include "app/witnesses.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <exception>
#include <limits>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "record/entry.h"
#include "record/ledger/durable_file.h"
#include "record/merkle/cosignature.h"
#include "record/witness/request.h"

namespace nw::app {

namespace asio = boost::asio;
using witness::Judged;
using witness::Outcome;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr Nanoseconds kBackOffMost = std::chrono::minutes{10};
constexpr std::chrono::hours kReceiptEvery{1};
// A witness that comes and goes must not fill the ledger either.
constexpr std::chrono::minutes kReceiptLeast{1};
constexpr std::int64_t kClockOffMost = 300;  // seconds between a witness's clock and ours, before it is told

std::int64_t seconds_of(Timestamp time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

std::int64_t off_by(std::uint64_t timestamp) {
  return static_cast<std::int64_t>(std::min(timestamp, merkle::kCosignatureTimeMax)) - seconds_of(wall_now());
}

constexpr std::uint64_t kExactMost = (std::uint64_t{1} << 53U) - 1;
constexpr std::size_t kSeenBytesMost = std::size_t{24} << 10U;  // escaped in JSON at most twice as many

}  // namespace

boost::json::value size_in_entry(std::uint64_t size) {
  if (size > kExactMost) return boost::json::value(std::to_string(size));
  return boost::json::value(size);
}

std::int64_t size_in_event(std::uint64_t size) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(size, std::numeric_limits<std::int64_t>::max()));
}

Witnesses::Witnesses(asio::any_io_executor executor, Options options, AttestedTree tree, NoteEntry note, TellOwn tell)
    : executor_{std::move(executor)},
      options_{std::move(options)},
      tree_{std::move(tree)},
      note_{std::move(note)},
      tell_{std::move(tell)},
      asked_(options_.policy.witnesses.size()),
      timer_{executor_},
      idle_{executor_} {
  for (const merkle::PolicyWitness& witness : options_.policy.witnesses)
    report_.witnesses.push_back({witness.name, {}, {}, {}, 0, 0});
  report_.without = wall_now();
}

void Witnesses::start() {
  spawn(run(), [] {});
}

void Witnesses::stop() {
  stopping_ = true;
  timer_.cancel();
  idle_.cancel();
  for (auto& [number, signal] : signals_) signal.emit(asio::cancellation_type::terminal);
  if (signals_.empty()) finished_.store(true, std::memory_order_release);
}

Witnesses::Report Witnesses::report() const {
  const std::lock_guard lock{mutex_};
  return report_;
}

void Witnesses::spawn(asio::awaitable<void> what, std::function<void()> ended) {
  const std::uint64_t number = next_signal_++;
  auto done = [this, number, ended = std::move(ended)](const std::exception_ptr& fault) {
    if (fault && !stopping_) log_error("witness_task_failed", "asking a witness ended by a fault of this program");
    signals_.erase(number);
    ended();
    if (stopping_ && signals_.empty()) finished_.store(true, std::memory_order_release);
  };
  asio::co_spawn(executor_, std::move(what), asio::bind_cancellation_slot(signals_[number].slot(), std::move(done)));
}

asio::awaitable<void> Witnesses::run() {
  while (!stopping_) {
    const Steady began = std::chrono::steady_clock::now();
    begin_round();
    while (under_way_ != 0 && !stopping_) {
      idle_.expires_at(Steady::max());
      const auto waited = co_await idle_.async_wait(kTuple);
      static_cast<void>(waited);
    }
    if (stopping_) co_return;
    look_at_quorum(true);
    timer_.expires_at(began + options_.every);
    const auto waited = co_await timer_.async_wait(kTuple);
    static_cast<void>(waited);
  }
}

// False: there is nothing to be asked about.
bool Witnesses::take_head() {
  const auto head = tree_.head();
  if (!head) return false;
  auto checkpoint = merkle::Checkpoint::parse(head->text);
  if (!checkpoint) {
    log_error("witness_head_unreadable",
              "the ledger's own head cannot be read; look at its tree: normwatch ledger verify",
              {{"error", checkpoint.error().what}});
    return false;
  }
  // What was collected for this head is more than what its file has, when a signature came too late for the file.
  if (checkpoint->head == checkpoint_.head && !head_.text.empty()) return true;
  const bool first = head_.text.empty();
  checkpoint_ = std::move(*checkpoint);
  head_ = *head;
  if (first) note_signers();
  return true;
}

// After a restart: who signed the head already.
void Witnesses::note_signers() {
  const std::lock_guard lock{mutex_};
  for (std::size_t i = 0; i < asked_.size(); ++i)
    for (const merkle::NoteSignature& one : head_.signatures) {
      const merkle::VerifierKey& key = options_.policy.witnesses[i].key;
      if (one.name != key.name || one.id != key.id) continue;
      const auto at = merkle::verify_cosignature(key.key, head_.text, one.bytes);
      if (!at) continue;
      asked_[i].known_size = checkpoint_.head.size;
      report_.witnesses[i].cosigned_size = checkpoint_.head.size;
      report_.witnesses[i].cosigned_at = *at;
    }
}

void Witnesses::begin_round() {
  if (!take_head()) return;
  const Steady now = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < asked_.size(); ++i) {
    Asked& one = asked_[i];
    if (!options_.urls[i] || now < one.next) continue;
    if (report_.witnesses[i].cosigned_at != 0 && report_.witnesses[i].cosigned_size == checkpoint_.head.size) continue;
    ++under_way_;
    spawn(ask(i), [this] {
      --under_way_;
      idle_.cancel();
    });
  }
}

asio::awaitable<void> Witnesses::ask(std::size_t number) {
  const merkle::PolicyWitness& whom = options_.policy.witnesses[number];
  witness::Submission submission{whom.key, head_, checkpoint_, asked_[number].known_size};
  const Steady end = std::chrono::steady_clock::now() + options_.patience;
  std::optional<Judged> judged;
  while (!judged) {
    auto body =
        submission.request([this](std::uint64_t old_size, std::uint64_t size) { return tree_.proof(old_size, size); });
    if (!body) {
      judged.emplace();
      judged->why = "no proof for it could be made here: " + body.error().what;
      break;
    }
    exporter::HttpCall call;
    call.path = witness::kAddPath;
    call.content_type = "text/plain; charset=utf-8";
    call.body = std::move(*body);
    auto calling = exporter::http_call(*options_.urls[number], std::move(call), options_.trust,
                                       end - std::chrono::steady_clock::now());
    const auto answer = co_await std::move(calling);
    if (stopping_) co_return;
    if (answer) {
      judged = submission.take(answer->status, answer->content_type, answer->body);
      continue;
    }
    judged.emplace();
    judged->outcome = Outcome::unreachable;
    judged->why = answer.error().what;
  }
  std::string seen;
  if (judged->outcome == Outcome::conflict) {
    auto looking = look_closer(number, &*judged, &seen);
    co_await std::move(looking);
    if (stopping_) co_return;
  }
  settle(number, *judged, seen);
}

bool Witnesses::is_ours(const merkle::Checkpoint& seen) const {
  if (seen.head.size > checkpoint_.head.size) return false;
  if (seen.head.size == checkpoint_.head.size || seen.head.size == 0)
    return seen.head == checkpoint_.head || seen.head.size == 0;
  const auto proof = tree_.proof(seen.head.size, checkpoint_.head.size);
  return proof && merkle::verify_consistency(seen.head, checkpoint_.head, *proof);
}

// What does the witness have that it will not sign ours? A head that our key signed and this ledger never had is the
// proof of a second history; one that is ours shows that the witness is wrong.
asio::awaitable<void> Witnesses::look_closer(std::size_t number, Judged* judged, std::string* seen) {
  exporter::HttpCall call;
  call.method = "GET";
  call.path = witness::shown_path(checkpoint_.origin);
  auto calling = exporter::http_call(*options_.urls[number], std::move(call), options_.trust, options_.patience);
  const auto answer = co_await std::move(calling);
  if (!answer || answer->status != 200) co_return;  // not every witness shows it
  auto note = merkle::Note::parse(answer->body);
  if (!note) co_return;
  std::vector<merkle::VerifierKey> keys;
  for (const merkle::PolicyLog& log : options_.policy.logs)
    if (log.key.name == checkpoint_.origin) keys.push_back(log.key);
  const auto checkpoint = merkle::Checkpoint::parse(note->text);
  if (!checkpoint || checkpoint->origin != checkpoint_.origin || !merkle::verify_note(*note, keys)) co_return;
  if (is_ours(*checkpoint)) {
    judged->outcome = Outcome::refused;
    judged->why = "it refuses, though the head that it shows (" + std::to_string(checkpoint->head.size) +
                  " entries) is one of ours; its keeper should look at it";
    co_return;
  }
  std::erase_if(note->signatures, [&](const merkle::NoteSignature& one) {
    return std::none_of(keys.begin(), keys.end(),
                        [&](const merkle::VerifierKey& key) { return key.name == one.name && key.id == one.id; });
  });
  *seen = note->to_string();
  if (tree_.shown) tree_.shown(*note, "the witness '" + printable(options_.policy.witnesses[number].name, 64) + "'");
  judged->why += "; it shows a head that this ledger's key has signed and this ledger never had";
}

void Witnesses::settle(std::size_t number, const Judged& judged, const std::string& seen) {
  Asked& one = asked_[number];
  bool changed = false;
  {
    const std::lock_guard lock{mutex_};
    Report::Witness& report = report_.witnesses[number];
    ++report.outcomes.at(static_cast<std::size_t>(judged.outcome));
    changed = report.last != judged.outcome;
    report.last = judged.outcome;
    report.why = judged.why;
    if (judged.outcome == Outcome::cosigned) {
      report.cosigned_size = checkpoint_.head.size;
      report.cosigned_at = judged.timestamp;
    }
  }
  const Steady now = std::chrono::steady_clock::now();
  if (judged.outcome == Outcome::cosigned) {
    one.failures = 0;
    one.known_size = checkpoint_.head.size;
    take_signature(judged);
  } else {
    one.failures = std::min(one.failures + 1, 16U);
    if (judged.outcome != Outcome::unreachable) one.known_size = 0;  // it is asked for it anew
    const Nanoseconds wait = std::min<Nanoseconds>(options_.every * (1U << (one.failures - 1)), kBackOffMost);
    one.next = now + std::max<Nanoseconds>(wait - options_.every / 2, Nanoseconds{0});
  }
  const bool other = one.noted != judged.outcome;
  const bool due = !one.noted || now - one.noted_at >= kReceiptEvery ||
                   (other && (judged.outcome == Outcome::conflict || now - one.noted_at >= kReceiptLeast));
  if (changed || due) log_outcome(number, judged);
  if (!due) return;
  one.noted = judged.outcome;
  one.noted_at = now;
  put_down(number, judged, seen);
}

void Witnesses::take_signature(const Judged& judged) {
  head_.signatures.insert(head_.signatures.end(), judged.signatures.begin(), judged.signatures.end());
  // False: the head has moved on and its file is gone. Then it lives on in `accepted_file`, if there is a quorum.
  if (const auto added = tree_.add(checkpoint_.head.size, judged.signatures); !added)
    log_warning("witness_signature_unkept", "a witness's signature could not be written to the ledger's head",
                {{"size", std::to_string(checkpoint_.head.size)}, {"error", added.error().what}});
  look_at_quorum(false);
}

void Witnesses::log_outcome(std::size_t number, const Judged& judged) const {
  const merkle::PolicyWitness& whom = options_.policy.witnesses[number];
  const std::string name = printable(whom.name, 64), size = std::to_string(checkpoint_.head.size);
  const std::string url = options_.urls[number]->to_string();
  switch (judged.outcome) {
    case Outcome::cosigned:
      log_info("witness_cosigned", "a witness signs this ledger's heads", {{"witness", name}, {"size", size}});
      if (const std::int64_t off = off_by(judged.timestamp); std::abs(off) > kClockOffMost)
        log_warning("witness_clock_differs", "a witness's clock and ours differ; one of the two is wrong",
                    {{"witness", name}, {"seconds", std::to_string(off)}});
      return;
    case Outcome::conflict:
      log_error(
          "witness_conflict",
          "a witness knows another history of this ledger: keep both, sign nothing more by hand, and find out who "
          "wrote the other one (or whether this one was brought back from a backup)",
          {{"witness", name}, {"url", url}, {"size", size}, {"why", judged.why}});
      return;
    case Outcome::refused:
      log_warning("witness_refused", "a witness does not sign this ledger's head; it is asked again",
                  {{"witness", name}, {"url", url}, {"size", size}, {"why", judged.why}});
      return;
    case Outcome::unreachable:
      log_warning("witness_unreachable", "a witness does not answer; it is asked again",
                  {{"witness", name}, {"url", url}, {"why", judged.why}});
      return;
  }
}

// In the ledger, and to the rules.
void Witnesses::put_down(std::size_t number, const Judged& judged, const std::string& seen) {
  const merkle::PolicyWitness& whom = options_.policy.witnesses[number];
  const bool conflict = judged.outcome == Outcome::conflict;
  boost::json::object body{{"witness", printable(whom.name, 64)},
                           {"key", printable(whom.key.to_string(), 512)},
                           {"outcome", witness::to_string(judged.outcome)},
                           {"size", checkpoint_.head.size},
                           {"root", merkle::to_base64(checkpoint_.head.root)}};
  if (judged.status != 0) body["status"] = judged.status;
  if (judged.witness_size) body["witness_size"] = size_in_entry(*judged.witness_size);
  if (!judged.why.empty()) body["why"] = printable(judged.why, 512);
  if (seen.size() > kSeenBytesMost) {
    body["seen_sha256"] = merkle::to_hex(merkle::sha256(seen));
    body["seen_bytes"] = seen.size();
  } else if (!seen.empty()) {
    body["seen"] = seen;
  }
  if (judged.outcome == Outcome::cosigned) {
    std::string line = judged.signatures.front().to_line();
    line.pop_back();
    body["signature"] = line;
    body["clock_off_s"] = off_by(judged.timestamp);
  }
  note_(std::string{record::kEntryWitnessReceipt}, boost::json::serialize(body));

  OwnEvent event;
  event.path = "ledger.witness";
  event.time = wall_now();
  event.fields.emplace_back("witness", whom.name);
  // Rules take 409 and 422 for another history; what the witness only said badly is none.
  if (judged.status != 0 && (conflict || (judged.status != 409 && judged.status != 422)))
    event.fields.emplace_back("status", static_cast<std::int64_t>(judged.status));
  event.fields.emplace_back("outcome", std::string{witness::to_string(conflict ? Outcome::refused : judged.outcome)});
  event.fields.emplace_back("origin", checkpoint_.origin);
  event.fields.emplace_back("size", static_cast<std::int64_t>(checkpoint_.head.size));
  if (judged.witness_size) event.fields.emplace_back("witness_size", size_in_event(*judged.witness_size));
  tell_(std::move(event));
}

void Witnesses::look_at_quorum(bool round_over) {
  if (head_.text.empty()) return;
  const auto accepted = options_.policy.check(head_);
  if (!accepted && !round_over) return;
  bool was = false, grown = false;
  {
    const std::lock_guard lock{mutex_};
    was = report_.quorum;
    report_.quorum = accepted.has_value();
    if (accepted) {
      grown = report_.accepted_size != checkpoint_.head.size;
      report_.accepted_size = checkpoint_.head.size;
      report_.without.reset();
    } else if (!report_.without) {
      report_.without = wall_now();
    }
  }
  if (grown) keep_accepted();
  if (accepted && !was)
    log_info("witness_quorum", "this ledger's head has the signatures that the policy asks for",
             {{"size", std::to_string(checkpoint_.head.size)}});
  if (!accepted && was)
    log_warning("witness_quorum_missing", "this ledger's head lacks signatures that the policy asks for",
                {{"size", std::to_string(checkpoint_.head.size)}, {"why", accepted.error().what}});
}

void Witnesses::keep_accepted() {
  if (options_.accepted_file.empty()) return;
  if (auto kept = record::replace_file(record::system_files(), options_.accepted_file, head_.to_string()); !kept)
    log_warning("witness_head_unkept", "a head with its witnesses' signatures could not be kept; the next one is tried",
                {{"error", kept.error().what}});
}

}  // namespace nw::app
