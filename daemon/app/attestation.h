// What others say of our ledger's heads, and we of theirs: our witnesses, time stamps, and the witness that we are. One
// thread for the three: a slow peer or disk delays them, and nobody else.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/stamps.h"
#include "app/witness_desk.h"
#include "app/witness_files.h"
#include "app/witnesses.h"
#include "console/http_server.h"
#include "export/metrics/metrics.h"

namespace nw::app {

class Attestation {
 public:
  struct Parts {
    const merkle::SignerKey* ledger_key = nullptr;   // borrowed
    const merkle::SignerKey* witness_key = nullptr;  // borrowed
    AttestedTree tree;
    std::filesystem::path ledger;         // its directory
    std::filesystem::path witness_state;  // what we have signed of others
    std::string http_listen;
    NoteEntry note;
    TellOwn tell;
  };
  // Reads the files that `config` names, and what was signed before. Errors: malformed (with every fault of the files),
  // invalid_argument (keys that do not go together; logs to witness and no HTTP address), those of
  // WitnessState::open().
  static Result<std::unique_ptr<Attestation>> open(const RecordConfig& config, std::string_view config_file,
                                                   Parts parts);
  ~Attestation();
  Attestation(const Attestation&) = delete;
  Attestation& operator=(const Attestation&) = delete;

  void start();
  // Cuts short what is under way; waits for it no longer than a second.
  void close();
  // Nanoseconds of the steady clock when the thread last showed life; now, when there is nothing for it to do.
  [[nodiscard]] std::int64_t heartbeat() const;

  // For the HTTP server; empty when we witness nobody.
  [[nodiscard]] std::vector<console::Route> routes(const boost::asio::any_io_executor& server);
  void fill(metrics::Snapshot& out) const;
  [[nodiscard]] boost::json::object status() const;
  // Null when not configured.
  [[nodiscard]] Stamps* stamps() const noexcept { return stamps_.get(); }
  [[nodiscard]] Witnesses* witnesses() const noexcept { return witnesses_.get(); }

 private:
  Attestation() = default;
  Result<> open_desk(WitnessFiles& files, const Parts& parts);
  void beat();

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  boost::asio::steady_timer timer_{io_};
  std::unique_ptr<Witnesses> witnesses_;
  std::unique_ptr<Stamps> stamps_;
  std::unique_ptr<WitnessDesk> desk_;
  std::atomic<std::int64_t> heartbeat_{0};
  std::thread thread_;
};

}  // namespace nw::app
