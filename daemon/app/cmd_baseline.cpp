// `normwatch baseline`: what was seen between hosts of control networks, and what people designate of it.
#include <algorithm>
#include <array>
#include <cstdio>

#include "app/baseline_keeper.h"
#include "app/commands.h"
#include "base/clock.h"
#include "base/text.h"
#include "detect/baseline/baseline.h"

namespace nw::app {

namespace {

using baseline::Baseline;
using baseline::Candidate;
using baseline::Conversation;

constexpr std::size_t kRequestBytesMax = std::size_t{3} << 20;  // under what the control socket takes
constexpr std::size_t kFileBytesMax = std::size_t{256} << 20;

constexpr OptionSpec kFromOption{"from", "ADDRESS", "only what this host began"};
constexpr OptionSpec kToOption{"to", "ADDRESS", "only what this host was asked"};
constexpr OptionSpec kProtocolOption{"protocol", "NAME", "only this protocol: modbus"};
constexpr OptionSpec kFunctionOption{"function", "NAME", "only this function: READ_COILS"};
constexpr OptionSpec kByOption{"by", "NAME", "who approves; stands in the baseline and in the ledger"};
constexpr OptionSpec kReasonOption{"reason", "TEXT", "why; likewise"};

constexpr OptionSpec kReviewOptions[] = {kFromOption,
                                         kToOption,
                                         kProtocolOption,
                                         kFunctionOption,
                                         kFindConfig,
                                         kFindState,
                                         {"json", "", "one JSON object per candidate and line"}};
constexpr CommandSpec kReviewSpec{"baseline review",
                                  "",
                                  "list candidates: conversations that were seen and are not designated",
                                  "Read from the daemon's state directory; a few seconds old. The daemon gathers them "
                                  "when `baseline.learn` is on.\nExit status: 0, 66 there are none yet, 65 the file is "
                                  "damaged.",
                                  kReviewOptions,
                                  0,
                                  0};

constexpr OptionSpec kApproveOptions[] = {{"all", "", "every candidate"},
                                          kFromOption,
                                          kToOption,
                                          kProtocolOption,
                                          kFunctionOption,
                                          kByOption,
                                          kReasonOption,
                                          kFindConfig,
                                          kFindState,
                                          kFindControl};
constexpr CommandSpec kApproveSpec{
    "baseline approve",
    "(--all | --from A --to B) --by NAME --reason TEXT",
    "designate candidates: they deviate no more",
    "Needs --by and --reason: both stand in the baseline and in the ledger.\nExit status: "
    "0 they are in force, 65 no candidate is meant, 66 there are none yet, 69 no daemon "
    "answers, 78 it refuses.",
    kApproveOptions,
    0,
    0};

constexpr OptionSpec kExportOptions[] = {kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kExportSpec{"baseline export",
                                  "",
                                  "write the designated conversations in force, as YAML",
                                  "Exit status: 0, 69 no daemon answers, 78 it has no baseline.",
                                  kExportOptions,
                                  0,
                                  0};

constexpr OptionSpec kImportOptions[] = {kByOption, kReasonOption, kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kImportSpec{
    "baseline import",
    "FILE --by NAME --reason TEXT",
    "designate the conversations of a file, besides those that are",
    "FILE is what `export` writes; the approval is the importer's own.\nExit status: 0 "
    "they are in force, 65 the file has errors, 66 it is not there, 69 no daemon answers, "
    "78 it refuses.",
    kImportOptions,
    1,
    1};

// What --from, --to, --protocol and --function leave.
struct Selection {
  std::optional<IpAddress> from, to;
  std::string protocol, function;

  [[nodiscard]] bool holds(const Conversation& c) const {
    return (!from || *from == c.from) && (!to || *to == c.to) && (protocol.empty() || protocol == c.protocol) &&
           (function.empty() || function == c.function);
  }
};

Result<Selection> read_selection(const Options& options) {
  Selection out{{}, {}, options.get("protocol"), options.get("function")};
  for (auto [name, into] : {std::pair{"from", &out.from}, std::pair{"to", &out.to}}) {
    if (!options.has(name)) continue;
    const auto address = IpAddress::parse(options.get(name));
    if (!address) return Error{Errc::invalid_argument, "--" + std::string{name} + ": " + address.error().what};
    *into = *address;
  }
  return out;
}

// The candidates that are meant, or the exit status after a complaint.
Result<std::vector<Candidate>, ExitCode> read_meant(const Options& options) {
  const auto selection = read_selection(options);
  if (!selection) {
    complain(selection.error().what);
    return kExitUsage;
  }
  const auto where = locate(options);
  if (!where) {
    complain(where.error().what);
    return kExitConfig;
  }
  const std::string file = candidates_file(where->state_directory);
  const auto text = read_text_file(file, kFileBytesMax);
  if (!text) {
    complain(text.error().what + "; the daemon writes it when 'baseline.learn' is on and something deviates");
    return exit_code(text.error().code);
  }
  Diagnostics diagnostics;
  std::vector<Candidate> candidates = baseline::read_candidates(*text, file, diagnostics);
  if (!diagnostics.ok()) {
    report(diagnostics, nullptr);
    return kExitData;
  }
  std::erase_if(candidates, [&](const Candidate& candidate) { return !selection->holds(candidate.conversation); });
  return candidates;
}

void print_json(const Candidate& candidate) {
  const Conversation& c = candidate.conversation;
  std::string line = "{\"from\":\"" + c.from.to_string() + "\",\"to\":\"" + c.to.to_string() + "\",\"protocol\":";
  append_json_string(c.protocol, line);
  line += ",\"function\":";
  append_json_string(c.function, line);
  line += ",\"count\":" + std::to_string(candidate.count) + ",\"first\":\"" + to_rfc3339(candidate.first) +
          "\",\"last\":\"" + to_rfc3339(candidate.last) + "\"}";
  std::puts(line.c_str());
}

ExitCode review(const Options& options) {
  const auto candidates = read_meant(options);
  if (!candidates) return candidates.error();
  if (options.has("json")) {
    for (const Candidate& candidate : *candidates) print_json(candidate);
    return kExitOk;
  }
  for (const Candidate& candidate : *candidates) {
    const Conversation& c = candidate.conversation;
    std::printf("%-16s -> %-16s %-8s %-32s %8llu  %s  %s\n", c.from.to_string().c_str(), c.to.to_string().c_str(),
                c.protocol.c_str(), printable(c.function).c_str(), static_cast<unsigned long long>(candidate.count),
                to_rfc3339(candidate.first, 0).c_str(), to_rfc3339(candidate.last, 0).c_str());
  }
  std::printf("%zu candidates; none is allowed until it is approved\n", candidates->size());
  return kExitOk;
}

ExitCode unanswered(const Error& error) {
  complain(error.what);
  return error.code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
}

// In several requests when one would be too large.
ExitCode designate(const Options& options, std::span<const Conversation> conversations,
                   const baseline::Approval& approval) {
  std::string request = Baseline::empty()->with(conversations, approval)->to_yaml();
  if (request.size() > kRequestBytesMax && conversations.size() > 1) {
    const std::size_t half = conversations.size() / 2;
    const ExitCode code = designate(options, conversations.first(half), approval);
    return code == kExitOk ? designate(options, conversations.subspan(half), approval) : code;
  }
  const auto answer = ask_daemon(options, "POST", "/baseline/approve", std::move(request));
  if (!answer) return unanswered(answer.error());
  std::fputs(answer->body.c_str(), answer->status == 200 ? stdout : stderr);
  return answer->status == 200 ? kExitOk : kExitConfig;
}

// An approval without a name or a reason is none.
std::optional<baseline::Approval> read_approval(const Options& options) {
  const std::array<std::pair<const char*, std::size_t>, 2> needed{
      {{"by", baseline::kNameBytesMax}, {"reason", baseline::kReasonBytesMax}}};
  for (const auto& [name, bytes_max] : needed) {
    const std::string text = options.get(name);
    if (!trim(text).empty() && text.size() <= bytes_max) continue;
    complain("an approval needs --" + std::string{name} + ": a text of 1 to " + std::to_string(bytes_max) + " bytes");
    return std::nullopt;
  }
  return baseline::Approval{options.get("by"), options.get("reason"), wall_now()};
}

ExitCode approve(const Options& options) {
  const auto approval = read_approval(options);
  if (!approval) return kExitUsage;
  const bool narrowed = options.has("from") || options.has("to") || options.has("protocol") || options.has("function");
  if (options.has("all") == narrowed || (narrowed && !(options.has("from") && options.has("to")))) {
    complain("say which candidates: --all, or --from A --to B, with --protocol and --function where they are meant");
    return kExitUsage;
  }
  const auto candidates = read_meant(options);
  if (!candidates) return candidates.error();
  if (candidates->empty()) {
    complain("no candidate is meant; 'normwatch baseline review' lists them");
    return kExitData;
  }
  std::vector<Conversation> conversations;
  for (const Candidate& candidate : *candidates) conversations.push_back(candidate.conversation);
  return designate(options, conversations, *approval);
}

ExitCode export_baseline(const Options& options) {
  const auto answer = ask_daemon(options, "GET", "/baseline");
  if (!answer) return unanswered(answer.error());
  std::fputs(answer->body.c_str(), answer->status == 200 ? stdout : stderr);
  return answer->status == 200 ? kExitOk : kExitConfig;
}

ExitCode import_baseline(const Options& options) {
  const auto approval = read_approval(options);
  if (!approval) return kExitUsage;
  const std::string& file = options.words()[0];
  const auto text = read_text_file(file, kFileBytesMax);
  if (!text) {
    complain(text.error().what);
    return exit_code(text.error().code);
  }
  Diagnostics diagnostics;
  const auto imported = Baseline::load(*text, file, diagnostics);
  if (!imported) {
    report(diagnostics, nullptr);
    return kExitData;
  }
  return designate(options, imported->conversations(), *approval);
}

std::span<const Command> baseline_commands() {
  static constexpr std::array<Command, 4> kCommands{{{&kReviewSpec, review},
                                                     {&kApproveSpec, approve},
                                                     {&kExportSpec, export_baseline},
                                                     {&kImportSpec, import_baseline}}};
  return kCommands;
}

constexpr CommandSpec kSpec{
    "baseline", "", "control networks: review what was seen, and designate who talks to whom", "", {}, 0, 0};

}  // namespace

const Command kBaseline{&kSpec, nullptr, baseline_commands};

}  // namespace nw::app
