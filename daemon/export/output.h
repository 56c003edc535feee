// Outputs read the ledger and deliver elsewhere, at least once each. An output is one file beside this one and one row
// in table.cpp. The runner (runner.h) owns the cursor, the retries and the counters; an output only knows how to
// deliver.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/time.h"
#include "base/yaml.h"
#include "record/alert.h"
#include "record/fold.h"

namespace nw::exporter {

// What outputs deliver: an alert, or what its repeats came to; both as record::for_export() lets them out.
struct LedgerItem {
  std::uint64_t entry = 0;  // ledger index
  std::variant<record::Alert, record::Fold> what;

  // Of planned work: it calls nobody.
  [[nodiscard]] bool quiet() const {
    if (const auto* alert = std::get_if<record::Alert>(&what)) return alert->quiet;
    return !std::get<record::Fold>(what).maintenance.empty();
  }
  // Made because of an indicator that is marked PAP:RED: nothing may happen that its owner could notice.
  [[nodiscard]] bool stays_here() const {
    return std::visit([](const auto& item) { return item.pap == "red"; }, what);
  }
};
using Batch = std::shared_ptr<const std::vector<LedgerItem>>;

class Output {
 public:
  virtual ~Output() = default;
  // Delivers the whole batch, or says why not; then the same batch comes again (receivers drop repeats: of
  // alerts by id, of folds by id and count).
  virtual boost::asio::awaitable<Result<>> deliver(Batch batch) = 0;
  // Called every tick_interval() and after each delivery, for what must be said again while it lasts. Failure is
  // retried like a delivery's.
  virtual boost::asio::awaitable<Result<>> tick() { co_return Result<>{}; }
  [[nodiscard]] virtual Nanoseconds tick_interval() const { return std::chrono::hours{24}; }
  // What must survive a restart besides the cursor; saved with it, given back to make().
  [[nodiscard]] virtual std::string state() const { return {}; }
  // Alerts that every receiver called malformed and that are therefore not sent again.
  [[nodiscard]] virtual std::uint64_t rejected() const noexcept { return 0; }
};

struct OutputKind {
  std::string_view name;  // "alertmanager", "ndjson", "text"
  std::string_view help;
  // Reads the output's own keys from `map` (the reader has taken `kind` and `name`; the caller calls finish()). Faults
  // go to the map's diagnostics; returns a factory, or nothing after a fault. The factory may be called again after a
  // restart of the output.
  using Make = std::function<Result<std::unique_ptr<Output>>(boost::asio::any_io_executor, const std::string& state)>;
  Make (*configure)(YamlMap& map);
  bool pages = false;  // it calls people: what is of planned work (LedgerItem::quiet) does not go there
  // Whether what it delivers leaves the hands of who runs this daemon, or makes something happen elsewhere: what is
  // marked PAP:RED (LedgerItem::stays_here) does not go there. The configuration's `outward` overrules it.
  enum class Reach : std::uint8_t { unsaid, inward, outward };
  Reach reach = Reach::unsaid;  // every row says it
};

// Sorted by name (export/table.cpp).
std::span<const OutputKind> outputs();

}  // namespace nw::exporter
