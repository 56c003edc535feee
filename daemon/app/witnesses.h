// Our witnesses: the present head goes to each of them, and their signatures come back into the tree. In rounds, so
// that all are asked about one head: only then can a quorum have signed it.
//
//   every `every`, when the head has grown: head -> Submission (record/witness) -> POST -> Judged
//     cosigned     the tree gets the signature
//     refused, unreachable     asked again later, and later still
//     conflict     it knows another history: error in the log, event, and what it shows is kept in the ledger
//
// A receipt in the ledger makes the tree grow, too: so one an hour for each witness, and one when the outcome changes.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/own_event.h"
#include "export/http_client.h"
#include "record/merkle/checkpoint.h"
#include "record/merkle/policy.h"
#include "record/witness/submission.h"

namespace nw::app {

// What witnesses and stamps ask of the ledger's tree (record/ledger/tree.h).
struct AttestedTree {
  std::function<std::shared_ptr<const merkle::Note>()> head;  // null: nothing was signed yet
  std::function<Result<merkle::Proof>(std::uint64_t old_size, std::uint64_t size)> proof;
  std::function<Result<bool>(std::uint64_t size, const std::vector<merkle::NoteSignature>& signatures)> add;
  // Keeps for good what head() gave, though the present one may be another by now.
  std::function<Result<>(const merkle::Note& head)> keep;
  // Somebody shows a head by our own key that this ledger does not seem to have had. May be empty.
  std::function<void(const merkle::Note& head, std::string_view who)> shown;
};
// A ledger entry; never waits.
using NoteEntry = std::function<void(std::string type, std::string body)>;
// A tree's size as somebody else says it: an entry holds no number over 2^53 - 1, so a larger one is text in it. In an
// event it ends at the largest number that there is.
boost::json::value size_in_entry(std::uint64_t size);
std::int64_t size_in_event(std::uint64_t size);

class Witnesses {
 public:
  struct Options {
    merkle::Policy policy;                               // with our own key
    std::vector<std::optional<exporter::HttpUrl>> urls;  // of its witnesses
    exporter::TlsTrust trust;
    Nanoseconds every = std::chrono::seconds{10};
    std::filesystem::path accepted_file;  // the newest head that the policy accepts, with all its signatures
    Nanoseconds patience = std::chrono::seconds{10};  // for all requests to one witness in a round
  };
  struct Report {
    struct Witness {
      std::string name;
      std::array<std::uint64_t, witness::kOutcomes> outcomes{};
      std::optional<witness::Outcome> last;
      std::string why;                  // of the last one, unless it cosigned
      std::uint64_t cosigned_size = 0;  // of the latest head that it signed
      std::uint64_t cosigned_at = 0;    // by its clock, seconds since 1970; 0: never
    };
    std::vector<Witness> witnesses;
    bool quorum = false;               // the head of the last round satisfies the policy
    std::uint64_t accepted_size = 0;   // of the newest head that did
    std::optional<Timestamp> without;  // since when none does
  };

  Witnesses(boost::asio::any_io_executor executor, Options options, AttestedTree tree, NoteEntry note, TellOwn tell);
  void start();
  // What is under way is cut short. On the executor's thread, or Asio would cancel what has ended; the object stays
  // until finished().
  void stop();
  [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
  [[nodiscard]] Report report() const;  // any thread

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Asked {
    bool under_way = false;
    unsigned failures = 0;         // one after another
    Steady next{};                 // not before
    std::uint64_t known_size = 0;  // what it signed last, as far as we know
    std::optional<witness::Outcome> noted;
    Steady noted_at{};
  };
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> ask(std::size_t number);
  boost::asio::awaitable<void> look_closer(std::size_t number, witness::Judged* judged, std::string* seen);
  void begin_round();
  bool take_head();
  void note_signers();
  void spawn(boost::asio::awaitable<void> what, std::function<void()> ended);
  void settle(std::size_t number, const witness::Judged& judged, const std::string& seen);
  void take_signature(const witness::Judged& judged);
  void log_outcome(std::size_t number, const witness::Judged& judged) const;
  void put_down(std::size_t number, const witness::Judged& judged, const std::string& seen);
  [[nodiscard]] bool is_ours(const merkle::Checkpoint& seen) const;
  void look_at_quorum(bool round_over);
  void keep_accepted();

  boost::asio::any_io_executor executor_;
  Options options_;
  AttestedTree tree_;
  NoteEntry note_;
  TellOwn tell_;
  std::vector<Asked> asked_;
  merkle::Note head_;  // of the round, with every signature of it that we have
  merkle::Checkpoint checkpoint_;
  boost::asio::steady_timer timer_, idle_;
  std::map<std::uint64_t, boost::asio::cancellation_signal> signals_;  // of what runs
  std::uint64_t next_signal_ = 0;
  std::size_t under_way_ = 0;
  bool stopping_ = false;
  std::atomic<bool> finished_{false};
  mutable std::mutex mutex_;
  Report report_;  // under mutex_
};

}  // namespace nw::app
