// Legal time for heads: now and then the present head, as bytes, goes to a time-stamping authority (RFC 3161). What it
// signs is verified at once and kept; a failure is told and tried again, and stops nothing.
//
//   <ledger>/stamps/<size, 20 digits>.checkpoint   the bytes that were stamped; witnesses may sign the kept head later
//   <ledger>/stamps/<size, 20 digits>.tsr          the answer; openssl ts -verify -data *.checkpoint -in *.tsr ...
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "app/witnesses.h"
#include "export/http_client.h"
#include "record/witness/stamp.h"

namespace nw::app {

class Stamps {
 public:
  struct Options {
    exporter::HttpUrl url;
    witness::StampRoots roots;
    exporter::TlsTrust trust;
    Nanoseconds every = std::chrono::hours{24};
    std::filesystem::path directory;  // <ledger>/stamps
    Nanoseconds patience = std::chrono::seconds{30};
    Nanoseconds retry = std::chrono::minutes{1};  // after a failure, doubled up to an hour
    Nanoseconds nap = std::chrono::minutes{1};    // between looks at the clock, which may be set meanwhile
    std::function<Timestamp()> wall{};            // tests set a clock; empty: the machine's
  };
  struct Report {
    std::optional<Timestamp> time;  // of the latest stamp, by its authority
    std::uint64_t size = 0;         // of the head that it is of
    std::uint64_t stamps = 0, failures = 0;
    std::string why;  // of the last attempt, when it failed
  };

  // Looks at what is kept: the next stamp is due `every` after the last. `tree` keeps the heads that got one.
  Stamps(boost::asio::any_io_executor executor, Options options, AttestedTree tree, NoteEntry note);
  void start();
  // On the executor's thread, or Asio would cancel what has ended; the object stays
  // until finished().
  void stop();
  [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
  // One more, as soon as it can be. Any thread, behind start().
  void stamp_now();
  [[nodiscard]] Report report() const;  // any thread

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<Result<>> stamp();
  Result<> keep(const merkle::Note& head, const std::string& reply, const witness::Stamp& stamp);
  void find_last();
  [[nodiscard]] Nanoseconds wait_for_next() const;
  void settle(const Result<>& done);
  [[nodiscard]] Timestamp now() const;

  boost::asio::any_io_executor executor_;
  Options options_;
  AttestedTree tree_;
  NoteEntry note_;
  boost::asio::steady_timer timer_;
  boost::asio::cancellation_signal cancel_;
  std::optional<Timestamp> stamped_;  // by our clock
  unsigned failed_ = 0;               // one after another
  bool asked_ = false, stopping_ = false, started_ = false;
  std::atomic<bool> finished_{false};
  mutable std::mutex mutex_;
  Report report_;  // under mutex_
};

}  // namespace nw::app
