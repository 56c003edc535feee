// `normwatch regime`: what people determined about peacetime and armed conflict, asked of and told to the running
// daemon. Two people set it; every step is a ledger entry.
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdio>

#include "app/commands.h"
#include "base/text.h"
#include "base/time.h"
#include "context/norms/regime.h"

namespace nw::app {

namespace {

namespace json = boost::json;

constexpr OptionSpec kByOption{"by", "NAME", "who says so; stands in the ledger"};

constexpr OptionSpec kShowOptions[] = {{"json", "", "as JSON"}, kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kShowSpec{"regime show",
                                "",
                                "which regime is in force, since when, where, by whom; what waits for a second person",
                                "Exit status: 0, 69 no daemon answers.",
                                kShowOptions,
                                0,
                                0};

constexpr OptionSpec kProposeOptions[] = {
    {"kind", "KIND", "iac (international), niac (non-international) or occupation"},
    {"territory", "CODES", "ISO 3166-1 or -2, with commas: AT,DE-BY; AT covers AT-9"},
    {"from", "TIME", "when it began: 2026-01-15T08:00:00Z"},
    {"to", "TIME", "when it ended (default: it goes on)"},
    {"basis", "TEXT", "the determination, in words"},
    {"document", "REF", "where it is written"},
    kByOption,
    kFindConfig,
    kFindState,
    kFindControl};
constexpr CommandSpec kProposeSpec{"regime propose",
                                   "--kind KIND --territory CODES --from TIME --basis TEXT --document REF --by NAME",
                                   "propose a period of armed conflict; another person confirms it",
                                   "Nothing is in force before somebody else confirms.\nExit status: 0 proposed, 64 "
                                   "something is missing or wrong, 69 no "
                                   "daemon answers, 78 it refuses.",
                                   kProposeOptions,
                                   0,
                                   0};

constexpr OptionSpec kAnswerOptions[] = {kByOption, kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kConfirmSpec{
    "regime confirm",
    "ID --by NAME",
    "confirm what another person proposed: it is in force",
    "Alerts that are made from now on carry it, earlier event times too.\nExit status: 0 in "
    "force, 64 something is wrong, 69 no daemon answers, 78 it refuses (the same person).",
    kAnswerOptions,
    1,
    1};
constexpr CommandSpec kRejectSpec{"regime reject",
                                  "ID --by NAME",
                                  "take a proposal back, or reject it",
                                  "Exit status: 0, 64 something is wrong, 69 no daemon answers, 78 it refuses.",
                                  kAnswerOptions,
                                  1,
                                  1};

constexpr OptionSpec kEndOptions[] = {
    {"at", "TIME", "when it ended"}, kByOption, kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kEndSpec{
    "regime end",
    "ID --at TIME --by NAME",
    "propose the end of a period; another person confirms it",
    "ID is a period that `regime show` lists.\nExit status: 0 proposed, 64 something is wrong, 69 "
    "no daemon answers, 78 it refuses.",
    kEndOptions,
    1,
    1};

void add(std::string_view name, std::string_view value, std::string& out) {
  out.append(out.size() == 1 ? "\"" : ", \"").append(name).append("\": ");
  append_json_string(value, out);
}

ExitCode unanswered(const Error& error) {
  complain(error.what);
  return error.code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
}

void print_caution(std::FILE* out) {
  std::fprintf(out, "%.*s\n", static_cast<int>(context::kRegimeCaution.size()), context::kRegimeCaution.data());
}

ExitCode tell(const Options& options, std::string path, std::string body) {
  const auto answer = ask_daemon(options, "POST", std::move(path), std::move(body));
  if (!answer) return unanswered(answer.error());
  std::fputs(answer->body.c_str(), answer->status == 200 ? stdout : stderr);
  if (answer->status == 200) return kExitOk;
  return answer->status == 400 ? kExitUsage : kExitConfig;
}

// Whether every option is there; complains of the first that is not.
bool has_all(const Options& options, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (!trim(options.get(name)).empty()) continue;
    complain("--" + std::string{name} + " is missing; see --help");
    return false;
  }
  return true;
}

ExitCode propose(const Options& options) {
  print_caution(stdout);
  if (!has_all(options, {"kind", "territory", "from", "basis", "document", "by"})) return kExitUsage;
  std::string body = "{", codes;
  add("by", options.get("by"), body);
  add("kind", options.get("kind"), body);
  const std::string territory = options.get("territory");
  for (const std::string_view code : split(territory, ',')) {
    codes += codes.empty() ? "[" : ", ";
    append_json_string(trim(code), codes);
  }
  body += ", \"territory\": " + codes + ']';
  add("from", options.get("from"), body);
  if (options.has("to")) add("to", options.get("to"), body);
  add("basis", options.get("basis"), body);
  add("document", options.get("document"), body);
  return tell(options, "/regime/propose", body + '}');
}

ExitCode answer_proposal(const Options& options, std::string path) {
  if (!has_all(options, {"by"})) return kExitUsage;
  std::string body = "{";
  add("by", options.get("by"), body);
  add("id", options.words()[0], body);
  return tell(options, std::move(path), body + '}');
}

ExitCode confirm(const Options& options) {
  print_caution(stdout);
  return answer_proposal(options, "/regime/confirm");
}

ExitCode reject(const Options& options) { return answer_proposal(options, "/regime/reject"); }

ExitCode end(const Options& options) {
  if (!has_all(options, {"at", "by"})) return kExitUsage;
  std::string body = "{";
  add("by", options.get("by"), body);
  add("id", options.words()[0], body);
  add("at", options.get("at"), body);
  return tell(options, "/regime/end", body + '}');
}

// Of what the daemon said; empty when it is not there.
std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return {};
  if (value->is_string()) return printable(std::string_view{value->as_string()}, 1024);
  if (!value->is_array()) return {};
  std::string out;
  for (const json::value& item : value->as_array())
    if (item.is_string()) out += (out.empty() ? "" : ", ") + printable(std::string_view{item.as_string()}, 64);
  return out;
}

std::string act_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_object()) return {};
  const json::value* uid = value->as_object().if_contains("uid");
  return text_at(value->as_object(), "by") + " (" + text_at(value->as_object(), "at") +
         (uid != nullptr && uid->is_int64() ? ", user " + std::to_string(uid->as_int64()) : std::string{}) + ')';
}

void print_period(const json::object& period) {
  const std::string to = text_at(period, "to");
  std::printf("  %s  armed conflict (%s) in %s, from %s %s\n", text_at(period, "id").c_str(),
              text_at(period, "kind").c_str(), text_at(period, "territory").c_str(), text_at(period, "from").c_str(),
              to.empty() ? "on" : ("to " + to).c_str());
  std::printf("      basis: %s (%s)\n", text_at(period, "basis").c_str(), text_at(period, "document").c_str());
  std::printf("      proposed by %s", act_at(period, "proposed").c_str());
  if (const std::string by = act_at(period, "confirmed"); !by.empty()) std::printf(", confirmed by %s", by.c_str());
  const json::value* ended = period.if_contains("ended");
  if (ended != nullptr && ended->is_object())
    std::printf("\n      end proposed by %s, confirmed by %s", act_at(ended->as_object(), "proposed").c_str(),
                act_at(ended->as_object(), "confirmed").c_str());
  std::putchar('\n');
}

void print_proposal(const json::object& proposal) {
  const json::value* period = proposal.if_contains("period");
  if (period != nullptr && period->is_object()) return print_period(period->as_object());
  std::printf("  %s  the end of %s at %s\n      proposed by %s\n", text_at(proposal, "id").c_str(),
              text_at(proposal, "period_id").c_str(), text_at(proposal, "end_at").c_str(),
              act_at(proposal, "proposed").c_str());
}

ExitCode show(const Options& options) {
  const auto answer = ask_daemon(options, "GET", "/regime");
  if (!answer) return unanswered(answer.error());
  json::error_code error;
  const json::value parsed = json::parse(answer->body, error);
  if (error || !parsed.is_object() || answer->status != 200) {
    complain("the daemon's answer is not understood; are the two of the same version?");
    return kExitUnavailable;
  }
  if (options.has("json")) {
    std::fputs(answer->body.c_str(), stdout);
    return kExitOk;
  }
  const json::object& book = parsed.as_object();
  const bool conflict = text_at(book, "regime") == "armed_conflict";
  std::printf("in force now: %s\n",
              conflict ? ("armed conflict (" + text_at(book, "kind") + "), where listed").c_str() : "peacetime");
  for (const auto& [key, title] : {std::pair{"periods", "periods, confirmed by two people:"},
                                   std::pair{"proposals", "waiting for a second person, not in force:"}}) {
    const json::value* list = book.if_contains(key);
    if (list == nullptr || !list->is_array() || list->as_array().empty()) continue;
    std::printf("%s\n", title);
    for (const json::value& item : list->as_array()) {
      if (!item.is_object()) continue;
      if (std::string_view{key} == "periods")
        print_period(item.as_object());
      else
        print_proposal(item.as_object());
    }
  }
  if (const json::value* policy = book.if_contains("policy"); policy != nullptr && policy->is_object()) {
    const json::value* days = policy->as_object().if_contains("retention_days");
    std::printf("alerts of now: TLP %s, kept %lld days, may go to: %s\n", text_at(policy->as_object(), "tlp").c_str(),
                days != nullptr && days->is_int64() ? static_cast<long long>(days->as_int64()) : 0LL,
                text_at(policy->as_object(), "share").c_str());
  }
  print_caution(stdout);
  return kExitOk;
}

std::span<const Command> regime_commands() {
  static constexpr std::array<Command, 5> kCommands{{{&kShowSpec, show},
                                                     {&kProposeSpec, propose},
                                                     {&kConfirmSpec, confirm},
                                                     {&kRejectSpec, reject},
                                                     {&kEndSpec, end}}};
  return kCommands;
}

constexpr CommandSpec kSpec{"regime", "", "peacetime or armed conflict: show it, and set it by two people", "", {},
                            0,        0};

}  // namespace

const Command kRegime{&kSpec, nullptr, regime_commands};

}  // namespace nw::app
