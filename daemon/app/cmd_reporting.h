// What the commands of `normwatch reporting` share.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/cmd_incidents.h"
#include "app/commands.h"
#include "app/reporting_case.h"
#include "app/reporting_desk.h"
#include "ingest/logs/formats/time_zone.h"

namespace nw::app {

// cmd_reporting_acts.cpp: what people state. cmd_reporting_cases.cpp, cmd_reporting_draft.cpp: what is read.
extern const CommandSpec kReportingAware, kReportingClassify, kReportingOccurred, kReportingHandled,
    kReportingRequested, kReportingCorrected, kReportingNotified, kReportingFact, kReportingSent;
extern const CommandSpec kReportingStatus, kReportingSignificance, kReportingStatistics, kReportingDraft;
ExitCode reporting_aware(const Options& options);
ExitCode reporting_classify(const Options& options);
ExitCode reporting_occurred(const Options& options);
ExitCode reporting_handled(const Options& options);
ExitCode reporting_requested(const Options& options);
ExitCode reporting_corrected(const Options& options);
ExitCode reporting_notified(const Options& options);
ExitCode reporting_fact(const Options& options);
ExitCode reporting_sent(const Options& options);
ExitCode reporting_status(const Options& options);
ExitCode reporting_significance(const Options& options);
ExitCode reporting_statistics(const Options& options);
ExitCode reporting_draft(const Options& options);

inline constexpr OptionSpec kReportingConfig{"config", "FILE",
                                             "the daemon's configuration: its regimes, roles and state"};
inline constexpr OptionSpec kReportingBy{"by", "NAME", "who says so: your id; stands in the ledger"};
inline constexpr OptionSpec kReportingRole{"role", "ROLE",
                                           "what the entity is, besides those of the configuration: cloud, ..."};

// 64 with the error's words.
ExitCode misused(const Error& error);
// The time of an option; `fallback` without it. Error: invalid_argument.
Result<Timestamp> time_option(const Options& options, const std::string& name, Timestamp fallback);
struct NamedZone {
  std::string name;
  std::shared_ptr<const logs::TimeZone> zone;
};
Result<NamedZone> zone_option(const Options& options);

// The regimes of --regime, else those of --config; roles of both. Nothing: the exit status is in `code`, and why was
// told.
struct WantedBook {
  ReportingBook book;
  std::string norms_file;  // of the configuration
};
std::optional<WantedBook> wanted_book(const Options& options, ExitCode& code);

// The incident store of --state or --config.
struct OpenCases {
  std::string state_directory;
  CaseReader cases;
};
std::optional<OpenCases> open_cases(const Options& options, ExitCode& code);

}  // namespace nw::app
