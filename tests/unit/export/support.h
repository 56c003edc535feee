// What the tests of outputs share: a ledger in memory, alerts, an Alertmanager that does as it is told, and a loop.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/yaml.h"
#include "export/output.h"
#include "record/entry.h"
#include "record/ledger/ledger.h"

namespace nw::exporter::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-export-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline std::string slurp(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

class FakeLedger final : public record::Ledger {
 public:
  Result<std::uint64_t> append(std::span<const std::string> payloads) override {
    const std::uint64_t first = entries_.size();
    for (const std::string& payload : payloads) entries_.push_back({entries_.size(), payload});
    return first;
  }
  void add(const std::string& payload) { entries_.push_back({entries_.size(), payload}); }
  [[nodiscard]] std::uint64_t size() const noexcept override { return entries_.size(); }
  [[nodiscard]] Result<std::vector<record::Entry>> read(std::uint64_t from, std::size_t most) const override {
    ++reads;
    if (fail_reads) return Error{Errc::io, "the disk is gone"};
    std::vector<record::Entry> out;
    for (std::uint64_t i = from; i < entries_.size() && out.size() < most; ++i) out.push_back(entries_[i]);
    return out;
  }
  bool wait(std::uint64_t index, Nanoseconds) const override { return size() > index; }
  void interrupt() override {}
  [[nodiscard]] std::uint64_t bytes() const noexcept override { return 0; }
  [[nodiscard]] std::uint64_t torn_bytes() const noexcept override { return 0; }

  bool fail_reads = false;
  mutable int reads = 0;

 private:
  std::vector<record::Entry> entries_;
};

inline record::Alert make_alert(const std::string& rule, const std::string& asset, Timestamp received) {
  record::Alert alert;
  alert.id = rule + "-" + asset + "-" + std::to_string(to_unix_nanoseconds(received));
  alert.event_time = received - 1s;
  alert.receive_time = received;
  alert.time_quality = "exact";
  alert.source = "plc-mirror";
  alert.ordinal = 12;
  alert.path = "modbus";
  alert.rule_id = rule;
  alert.rule_title = "Write to a PLC";
  alert.rule_file = "rules/write.yml";
  alert.level = "high";
  alert.norm = "13f";
  alert.norm_text = "engages norm 13f";
  alert.limits = {"seen on one side only"};
  alert.asset = asset;
  alert.asset_name = asset.empty() ? "" : "Pump " + asset;
  alert.sector = "water";
  alert.source_address = "192.0.2.66";
  alert.source_port = 40000;
  alert.destination_address = "10.1.0.10";
  alert.destination_port = 502;
  alert.atoms = {{"func", "contains", "WRITE", "WRITE_SINGLE_REGISTER"}};
  return alert;
}

// What `folded` repeats of `alert` come to, the latest received at `last`.
inline record::Fold make_fold(const record::Alert& alert, std::uint64_t folded, Timestamp last) {
  record::Fold fold = record::Fold::of(record::GuardedAlert::of_ledger(alert));
  fold.count += folded;
  fold.folded = folded;
  fold.last = last - 1s;
  fold.last_received = last;
  return fold;
}

inline std::string entry_of(const record::Fold& fold) {
  return record::make_entry(record::kEntryFold, fold.last_received, fold.to_json());
}
inline std::string entry_of(const record::Alert& alert) {
  return record::make_alert_entry(alert.receive_time, record::GuardedAlert::of_ledger(alert));
}

// Configures an output from YAML as the application does. Null after a fault, with the text in `faults`.
inline OutputKind::Make configure(std::string_view kind, const std::string& yaml, std::string* faults = nullptr) {
  Diagnostics diagnostics;
  const auto documents = parse_yaml(yaml, "test.yaml", diagnostics);
  OutputKind::Make make;
  if (!documents.empty()) {
    YamlMap map{documents[0], "an output", "test.yaml", diagnostics};
    for (const OutputKind& row : outputs())
      if (row.name == kind) make = row.configure(map);
    map.finish();
  }
  if (faults != nullptr) *faults = diagnostics.to_string();
  return diagnostics.ok() ? make : OutputKind::Make{};
}

// Runs the loop until `done` or ten seconds are over; true when done.
inline bool run_until(asio::io_context& context, const std::function<bool()>& done) {
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!done()) {
    if (std::chrono::steady_clock::now() > end) return false;
    if (context.stopped()) context.restart();
    context.run_for(5ms);
  }
  return true;
}
inline void run_for(asio::io_context& context, std::chrono::milliseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
    if (context.stopped()) context.restart();
    context.run_for(5ms);
  }
}

struct Reaction {
  int status = 200;
  std::string body;
  std::chrono::milliseconds delay{0};
};

// A real HTTP server on a thread of its own.
class FakeAlertmanager {
 public:
  // Answers each body; called on the server's thread.
  using React = std::function<Reaction(const std::string& body)>;
  explicit FakeAlertmanager(std::uint16_t port = 0) {
    const asio::ip::tcp::endpoint endpoint{asio::ip::address_v4::loopback(), port};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen();
    port_ = acceptor_.local_endpoint().port();
    thread_ = std::thread{[this] { serve(); }};
  }
  FakeAlertmanager(const FakeAlertmanager&) = delete;
  FakeAlertmanager& operator=(const FakeAlertmanager&) = delete;
  ~FakeAlertmanager() {
    stopping_ = true;
    {
      // A peer whose loop stands still may never send the rest of its request.
      const std::lock_guard lock{mutex_};
      if (current_ >= 0) ::shutdown(current_, SHUT_RDWR);
    }
    asio::io_context context;
    asio::ip::tcp::socket poke{context};
    boost::system::error_code ignored;
    poke.connect({asio::ip::address_v4::loopback(), port_}, ignored);
    thread_.join();
  }

  void react(React how) {
    const std::lock_guard lock{mutex_};
    how_ = std::move(how);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::vector<std::string> bodies() const {
    const std::lock_guard lock{mutex_};
    return bodies_;
  }
  [[nodiscard]] std::vector<std::string> targets() const {
    const std::lock_guard lock{mutex_};
    return targets_;
  }
  [[nodiscard]] std::size_t requests() const { return bodies().size(); }

 private:
  void serve() {
    namespace http = boost::beast::http;
    while (!stopping_) {
      boost::system::error_code error;
      asio::ip::tcp::socket socket{context_};
      acceptor_.accept(socket, error);
      if (error || !hold(socket.native_handle())) continue;
      boost::beast::flat_buffer buffer;
      http::request<http::string_body> request;
      http::read(socket, buffer, request, error);
      React how;
      {
        const std::lock_guard lock{mutex_};
        current_ = -1;
        if (error) continue;
        bodies_.push_back(request.body());
        targets_.emplace_back(request.target());
        how = how_;
      }
      const Reaction reaction = how ? how(request.body()) : Reaction{};
      std::this_thread::sleep_for(reaction.delay);
      http::response<http::string_body> response;
      response.result(static_cast<unsigned>(reaction.status));
      response.body() = reaction.body;
      response.prepare_payload();
      http::write(socket, response, error);
      socket.shutdown(asio::ip::tcp::socket::shutdown_both, error);
    }
  }

  // Notes the connection for the destructor; false when that has begun.
  bool hold(int socket) {
    const std::lock_guard lock{mutex_};
    current_ = socket;
    return !stopping_;
  }

  asio::io_context context_;
  int current_ = -1;  // the connection being read
  asio::ip::tcp::acceptor acceptor_{context_};
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  React how_;
  std::vector<std::string> bodies_, targets_;
  std::thread thread_;
};

// A port that was free a moment ago.
inline std::uint16_t free_port() {
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
  return acceptor.local_endpoint().port();
}

}  // namespace nw::exporter::test
