// Signs heads of the ledger's tree (record/ledger/tree.h) and checks the whole of it now and then: two threads, neither
// of which anything else waits for. What was accepted stays accepted when they fail: the next head takes it in.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/own_event.h"
#include "base/time.h"
#include "record/ledger/ledger.h"
#include "record/ledger/tree.h"

namespace nw::app {

struct NotaryOptions {
  std::filesystem::path directory;  // the ledger's
  Nanoseconds checkpoint_every = std::chrono::seconds{1};
  Nanoseconds verify_every = std::chrono::hours{1};
  // A journal up to this size is checked as a whole before anything begins; a larger one behind the start.
  std::uint64_t check_first_bytes = std::uint64_t{256} << 20;
};

class Notary {
 public:
  // `malformed`: what is on disk is not what was signed, or not what others have stamped and witnessed of it
  // (record/ledger/tree_held.h); says which entry or file, and the way out. Tiles that are damaged while the journal is
  // as it was signed are written anew, and told. Ledger, key and ops are borrowed until close().
  static Result<std::unique_ptr<Notary>> open(NotaryOptions options, const record::Ledger& ledger,
                                              const merkle::SignerKey& key,
                                              record::FileOps& ops = record::system_files());
  ~Notary();
  Notary(const Notary&) = delete;
  Notary& operator=(const Notary&) = delete;

  // `tell` gets an event for each check (ledger.checkpoint); called on the threads, until close().
  void start(TellOwn tell);
  // Signs a head over everything that the ledger has, keeps it, and ends the threads. False: not within `patience`; the
  // next start takes in what is left.
  bool close(Nanoseconds patience);

  // A head by our own key that somebody shows (a witness that knows another history). When this ledger is certain never
  // to have had it, no head is signed from now on, nor after a restart; else the next check, which begins at once, is
  // to find that out from the journal. Any thread.
  void shown(const merkle::Note& head, std::string_view who);

  // For witnesses and stamps; lives as long as this.
  [[nodiscard]] record::Tree& tree() { return *tree_; }
  [[nodiscard]] const merkle::VerifierKey& key() const { return key_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return options_.directory; }

  struct State {
    std::uint64_t size = 0;           // of the last head
    std::int64_t signed_at_ns = 0;    // when it was signed, or first seen by this run; 0: none yet
    std::int64_t verified_at_ns = 0;  // when a whole check last went well; 0: not yet
    std::uint64_t verify_failures = 0, head_failures = 0;
    bool halted = false;  // a check found another history: no head is signed any more
    std::string fault;    // what the last check found; empty: nothing
  };
  [[nodiscard]] State state() const;
  // Nanoseconds of the steady clock when the signing thread last came round.
  [[nodiscard]] std::int64_t heartbeat() const { return heartbeat_.load(std::memory_order_relaxed); }

 private:
  Notary(NotaryOptions options, const record::Ledger& ledger, const merkle::SignerKey& key, record::FileOps& ops);
  void sign();
  bool sign_once();
  void keep_daily();
  void check();
  // Waits; false: the end has come.
  bool nap(Nanoseconds patience);
  struct Found {
    record::TreeFault fault = record::TreeFault::none;
    std::optional<Error> error;  // none: all is well, or nothing was signed yet
    std::uint64_t size = 0;
    bool stopped = false;
  };
  Found look(bool gently);
  bool rest();
  void halt(std::string_view why);
  void keep_halt(std::string_view why);
  bool mend(std::string_view why);
  void note(const Found& found, std::string_view check);
  void tell(const Found& found, std::string_view check);

  const NotaryOptions options_;
  const record::Ledger& ledger_;
  const merkle::VerifierKey key_;
  record::FileOps& ops_;
  std::unique_ptr<record::Tree> tree_;
  TellOwn tell_;
  std::vector<Found> first_;   // what open() found; told by start()
  std::int64_t kept_day_ = 0;  // the signing thread's own
  bool failing_ = false;

  mutable std::mutex mutex_;  // of what follows, up to the atomics
  std::condition_variable wake_;
  bool closing_ = false, hurry_ = false;                        // hurry_: a check is due now
  std::vector<std::pair<std::string, merkle::Note>> suspects_;  // who shows it; a bounded number
  State state_;

  std::mutex halt_mutex_;  // while the file is written
  std::atomic<std::int64_t> heartbeat_, give_up_at_{0};
  std::atomic<bool> complete_{false};
  std::jthread signer_, checker_;
};

}  // namespace nw::app
