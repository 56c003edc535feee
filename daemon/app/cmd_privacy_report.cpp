// `normwatch privacy report`: the transparency report of a month, from the ledger alone.
#include <cstdio>

#include "app/cmd_privacy.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/ledger/walk.h"
#include "record/reveals/transparency.h"

namespace nw::app {

namespace {

constexpr OptionSpec kReportOptions[] = {
    {"month", "YYYY-MM", "which month, in UTC (default: the one that runs)"},
    {"json", "", "as JSON"},
    {"ledger", "DIR", "a copy of the ledger (default: the state directory's)"},
    {"config", "FILE", "the daemon's configuration"},
    {"state", "DIR", "the daemon's state directory (default: from --config, else /var/lib/normwatch)"}};
constexpr CommandSpec kReportSpec{
    "privacy report",
    "[--month YYYY-MM]",
    "what was stored, sealed, asked for, revealed, refused, erased and deleted in a month, to be published",
    "Made from the ledger alone, with or without a daemon: whoever has the ledger gets the same. Counts below 5 are "
    "not "
    "told.\nExit status: 0, 64 no such month, 65 the ledger is damaged, 66 there is none.",
    kReportOptions,
    0,
    0};

ExitCode report_month(const Options& options) {
  const auto month = options.has("month") ? privacy::Epoch::parse(options.get("month"))
                                          : Result<privacy::Epoch>{privacy::Epoch::of(wall_now())};
  if (!month) {
    complain("--month: " + month.error().what);
    return kExitUsage;
  }
  std::string ledger = options.get("ledger");
  if (ledger.empty()) {
    const auto where = locate(options);
    if (!where) {
      complain(where.error().what);
      return kExitConfig;
    }
    ledger = where->state_directory + "/ledger";
  }
  reveals::Transparency report{*month};
  const auto read = record::walk(ledger, [&report](std::string_view payload) { report.see(payload); });
  if (!read) {
    complain(read.error().what);
    return exit_code(read.error().code);
  }
  if (options.has("json"))
    std::puts(report.json().c_str());
  else
    std::fputs(report.text().c_str(), stdout);
  return kExitOk;
}

}  // namespace

extern const Command kPrivacyReport;
const Command kPrivacyReport{&kReportSpec, report_month};

}  // namespace nw::app
