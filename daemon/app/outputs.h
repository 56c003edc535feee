// The outputs' thread: each reads the ledger and delivers at its own pace. A slow disk or peer delays outputs, and
// neither /metrics nor the watchdog, which are the main thread's.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "app/config.h"
#include "export/runner.h"
#include "record/ledger/ledger.h"

namespace nw::app {

class Outputs {
 public:
  Outputs() = default;
  ~Outputs();
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;

  // Opens what is configured; the ledger is borrowed. The error names the output.
  Result<> open(const Config& config, const record::Ledger& ledger);
  void start();
  // New entries are in the ledger. Any thread, also before start().
  void wake();
  // Nothing more comes into the ledger: every output is given `patience` to read to its end, and a delivery that is
  // under way then `grace`; one whose peer is down goes on at the next start. `meanwhile` is called every few
  // milliseconds.
  void close(Nanoseconds patience, Nanoseconds grace, const std::function<void()>& meanwhile);

  // For their names and counters.
  [[nodiscard]] std::span<const std::unique_ptr<exporter::OutputRunner>> runners() const { return runners_; }

 private:
  using Done = std::function<bool(const std::unique_ptr<exporter::OutputRunner>&)>;
  void wait(Nanoseconds patience, const std::function<void()>& meanwhile, const Done& done) const;

  const record::Ledger* ledger_ = nullptr;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  std::vector<std::unique_ptr<exporter::OutputRunner>> runners_;
  std::atomic<bool> woken_{false};  // a wake() is on its way
  std::thread thread_;
};

}  // namespace nw::app
