// Drives one output: reads the ledger from the output's durable cursor, delivers in order, retries with back-off and
// jitter, saves the cursor after each delivery. A dead peer holds up nobody else.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "export/output.h"
#include "record/ledger/ledger.h"

namespace nw::exporter {

struct RunnerOptions {
  std::string name;  // the configured name: metric label, cursor file
  std::filesystem::path cursor_file;
  bool pages = false;    // passes over quiet alerts
  bool outward = false;  // passes over what is marked PAP:RED
  std::size_t batch_max = 256;
  Nanoseconds retry_first = std::chrono::seconds{1}, retry_most = std::chrono::minutes{1};
  Nanoseconds deliver_deadline = std::chrono::seconds{30};
};

// Read by the metrics from any thread.
struct OutputCounters {
  std::atomic<std::uint64_t> delivered{0}, folds{0};      // alerts; folds
  std::atomic<std::uint64_t> deliveries{0}, failures{0};  // attempts
  std::atomic<std::uint64_t> next{0};                     // ledger index to read next
  std::atomic<std::uint64_t> unreadable{0};               // entries passed over: no readable alert or fold
  std::atomic<std::uint64_t> quiet{0};                    // alerts and folds passed over: they belong to planned work
  std::atomic<std::uint64_t> withheld_pap{0};             // alerts and folds passed over: PAP:RED
  std::atomic<std::uint64_t> rejected{0};                 // alerts, as Output::rejected()
  std::atomic<std::int64_t> last_success_ns{0};
};

class OutputRunner {
 public:
  // Starts at once on `executor` (single-threaded). The ledger must outlive it.
  static Result<std::unique_ptr<OutputRunner>> start(boost::asio::any_io_executor executor,
                                                     const RunnerOptions& options, OutputKind::Make make,
                                                     const record::Ledger& ledger);
  virtual ~OutputRunner() = default;
  // Ends soon: no new delivery begins, the one under way is given `grace`. finished() turns true; keep the executor
  // running until then.
  virtual void stop(Nanoseconds grace) = 0;
  [[nodiscard]] virtual bool finished() const noexcept = 0;
  // New entries are in the ledger. On the executor's thread.
  virtual void wake() = 0;
  [[nodiscard]] virtual const OutputCounters& counters() const noexcept = 0;
  [[nodiscard]] virtual const std::string& name() const noexcept = 0;
};

}  // namespace nw::exporter
