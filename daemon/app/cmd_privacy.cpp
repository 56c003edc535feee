// `normwatch privacy`: what of stored personal data people make readable, hold, erase and report. Two people, always;
// every step is a ledger entry.
#include "app/cmd_privacy.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <cstdio>

#include "app/station.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"
#include "record/reveals/request.h"

namespace nw::app {

extern const Command kPrivacyRequest, kPrivacyApprove, kPrivacyReveal, kPrivacyDestroy, kPrivacyReport;

namespace json = boost::json;

bool has_options(const Options& options, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (!trim(options.get(name)).empty()) continue;
    complain("--" + std::string{name} + " is missing; see --help");
    return false;
  }
  return true;
}

std::optional<std::string> ask_privacy(const Options& options, std::string method, std::string path, std::string body,
                                       ExitCode& code) {
  auto answer = ask_daemon(options, std::move(method), std::move(path), std::move(body));
  if (!answer) {
    complain(answer.error().what);
    code = answer.error().code == Errc::invalid_argument ? kExitConfig : kExitUnavailable;
    return std::nullopt;
  }
  code = kExitOk;
  if (answer->status == 200) return std::move(answer->body);
  std::fputs(answer->body.c_str(), stderr);
  code = answer->status == 400   ? kExitUsage
         : answer->status == 404 ? kExitNoInput
         : answer->status == 409 ? kExitConfig
                                 : kExitUnavailable;
  return std::nullopt;
}

ExitCode send_privacy(const Options& options, std::string path, const json::object& body) {
  ExitCode code = kExitOk;
  if (const auto said = ask_privacy(options, "POST", std::move(path), reveals::canonical(body), code))
    std::fputs(said->c_str(), stdout);
  return code;
}

std::optional<privacy::CustodianKeys> read_key_pair(const std::string& file, bool make, ExitCode& code) {
  auto secret = record::read_secret(record::system_files(), file, record::Guarded::by_mode);
  if (!secret && make && secret.error().code == Errc::not_found) {
    privacy::CustodianKeys keys = privacy::make_custodian_keys(record::kernel_random);
    std::string digits;
    digits.reserve(65);
    privacy::append_hex(keys.secret_key.bytes(), digits);
    digits += '\n';
    const record::SecretText text{std::move(digits)};
    const auto written = record::write_secret(record::system_files(), file, text.view());
    if (written) return keys;
    complain(written.error().what);
    code = exit_code(written.error().code);
    return std::nullopt;
  }
  if (!secret) {
    complain(secret.error().what);
    code = exit_code(secret.error().code);
    return std::nullopt;
  }
  privacy::Key32 key;
  if (!privacy::read_hex(secret->line(), key.writable())) {
    complain(file + " is no secret key: it must hold 64 hex digits in lower case, and nothing else");
    code = kExitData;
    return std::nullopt;
  }
  // The pair comes from its secret half.
  return privacy::make_custodian_keys(
      [&key](std::span<std::uint8_t> out) { std::copy_n(key.bytes().begin(), out.size(), out.begin()); });
}

namespace {

constexpr OptionSpec kListOptions[] = {{"json", "", "as JSON"}, kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kListSpec{"privacy list",
                                "",
                                "requests to make values readable, holds, and keys whose destruction is proposed",
                                "Exit status: 0, 69 no daemon answers.",
                                kListOptions,
                                0,
                                0};

constexpr OptionSpec kShowOptions[] = {
    {"json", "", "as JSON"},
    {"out", "FILE", "write the request with its sealed keys, for a custodian at another station"},
    kFindConfig,
    kFindState,
    kFindControl};
constexpr CommandSpec kShowSpec{"privacy show",
                                "ID",
                                "a request in words; with --out the file that a custodian approves elsewhere",
                                "Exit status: 0, 66 there is no such request, 69 no daemon answers, 73 the file cannot "
                                "be written.",
                                kShowOptions,
                                1,
                                1};

constexpr OptionSpec kSubmitOptions[] = {kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kSubmitSpec{"privacy submit",
                                  "FILE",
                                  "hand in an approval that was made with `privacy approve --out`",
                                  "Exit status: 0, 64 it is no approval, 69 no daemon answers, 78 it is refused.",
                                  kSubmitOptions,
                                  1,
                                  1};

constexpr OptionSpec kActOptions[] = {kPrivacyByOption, kPrivacyWhyOption, kFindConfig, kFindState, kFindControl};
constexpr CommandSpec kDenySpec{"privacy deny",
                                "ID --by NAME --why TEXT",
                                "close a request without opening anything; a custodian, or who asked",
                                "Exit status: 0, 64 something is wrong, 66 there is no such request, 69 no daemon "
                                "answers, 78 it is closed.",
                                kActOptions,
                                1,
                                1};

constexpr OptionSpec kEraseOptions[] = {
    {"alert", "ID", "everything that is kept beside this alert"},
    {"value", "TEXT", "the clear values of every alert with this pfx:... or tok:..."},
    kPrivacyByOption,
    kPrivacyWhyOption,
    kFindConfig,
    kFindState,
    kFindControl};
constexpr CommandSpec kEraseSpec{"privacy erase",
                                 "--alert ID | --value TEXT  --by NAME --why TEXT",
                                 "overwrite what is sealed of a person; the ledger's proofs stay valid",
                                 "Exit status: 0 erased, 64 something is wrong, 66 nothing is kept of it, 69 no daemon "
                                 "answers, 78 a hold keeps it.",
                                 kEraseOptions,
                                 0,
                                 0};

constexpr OptionSpec kHoldOptions[] = {{"alert", "ID", "what is kept beside this alert"},
                                       {"incident", "ID", "what is kept beside the alerts of this incident"},
                                       kPrivacyByOption,
                                       kPrivacyWhyOption,
                                       kFindConfig,
                                       kFindState,
                                       kFindControl};
constexpr CommandSpec kHoldSpec{"privacy hold",
                                "--alert ID | --incident ID  --by NAME --why TEXT",
                                "keep evidence from being deleted by age, until it is released",
                                "Exit status: 0, 64 something is wrong, 66 there is no such incident, 69 no daemon "
                                "answers.",
                                kHoldOptions,
                                0,
                                0};
constexpr CommandSpec kReleaseSpec{"privacy release",
                                   "HOLD --by NAME --why TEXT",
                                   "end a hold: retention goes on",
                                   "Exit status: 0, 64 something is wrong, 66 there is no such hold, 69 no daemon "
                                   "answers.",
                                   kActOptions,
                                   1,
                                   1};

json::object act_of(const Options& options) {
  json::object out{{"by", options.get("by")}, {"host", station()}};
  if (options.has("why")) out["why"] = options.get("why");
  return out;
}

std::string text_at(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? printable(std::string_view{value->as_string()}, 600) : std::string{};
}

std::optional<json::array> array_of(const std::string& text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (!error && value.is_array()) return std::move(value.as_array());
  complain("the daemon's answer is not understood; are the two of the same version?");
  return std::nullopt;
}

const json::object& member(const json::object& object, std::string_view name) {
  static const json::object kNone;
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_object() ? value->as_object() : kNone;
}

std::size_t length_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_array() ? value->as_array().size() : 0;
}

void print_life(const json::object& life) {
  const json::object& request = member(life, "request");
  std::printf("%s  %-8s  %s  %zu values  by %s  approved by %zu of 2  expires %s%s%s\n", text_at(request, "id").c_str(),
              text_at(life, "state").c_str(), text_at(request, "case").c_str(), length_of(request, "values"),
              text_at(request, "by").c_str(), length_of(life, "approvals"), text_at(request, "expires").c_str(),
              text_at(life, "closed_why").empty() ? "" : "  ", text_at(life, "closed_why").c_str());
}

ExitCode list(const Options& options) {
  ExitCode code = kExitOk;
  const auto lives = ask_privacy(options, "GET", "/privacy/reveals", {}, code);
  if (!lives) return code;
  const auto holds = ask_privacy(options, "GET", "/privacy/holds", {}, code);
  if (!holds) return code;
  if (options.has("json")) {
    std::printf("{\"reveals\": %s, \"other\": %s}\n", std::string{trim(*lives)}.c_str(),
                std::string{trim(*holds)}.c_str());
    return kExitOk;
  }
  const auto all = array_of(*lives);
  json::error_code error;
  const json::value others = json::parse(*holds, error);
  if (!all || error || !others.is_object()) return kExitUnavailable;
  for (const json::value& life : *all)
    if (life.is_object()) print_life(life.as_object());
  const json::object& other = others.as_object();
  const auto each = [&other](std::string_view name, auto print) {
    const json::value* items = other.if_contains(name);
    if (items == nullptr || !items->is_array()) return;
    for (const json::value& item : items->as_array())
      if (item.is_object()) print(item.as_object());
  };
  each("holds", [](const json::object& hold) {
    const std::string alert = text_at(hold, "alert");
    std::printf("%s  holds %s %s  since %s  by %s: %s\n", text_at(hold, "id").c_str(),
                alert.empty() ? "incident" : "alert", (alert.empty() ? text_at(hold, "incident") : alert).c_str(),
                text_at(hold, "since").c_str(), text_at(hold, "by").c_str(), text_at(hold, "why").c_str());
  });
  each("destructions", [](const json::object& proposal) {
    std::printf("keys of %s  to be destroyed, proposed by %s: %s  until %s\n", text_at(proposal, "epoch").c_str(),
                text_at(proposal, "by").c_str(), text_at(proposal, "why").c_str(),
                text_at(proposal, "expires").c_str());
  });
  each("unfinished", [](const json::object& deletion) {
    std::printf("%s  is to be gone by the ledger and is not yet  by %s: %s\n", text_at(deletion, "id").c_str(),
                text_at(deletion, "by").c_str(), text_at(deletion, "why").c_str());
  });
  return kExitOk;
}

ExitCode show(const Options& options) {
  const std::string& id = options.words()[0];
  ExitCode code = kExitOk;
  if (options.has("out")) {
    const auto document = ask_privacy(options, "POST", "/privacy/document", id, code);
    if (!document) return code;
    const auto written = record::write_secret(record::system_files(), options.get("out"), *document);
    if (!written) {
      complain(written.error().what);
      return kExitCannotCreate;
    }
    std::printf(
        "%s: for a custodian, who approves it with: normwatch privacy approve --request FILE --key FILE --by "
        "NAME --out FILE\n",
        options.get("out").c_str());
    return kExitOk;
  }
  const auto lives = ask_privacy(options, "GET", "/privacy/reveals", {}, code);
  if (!lives) return code;
  const auto all = array_of(*lives);
  if (!all) return kExitUnavailable;
  for (const json::value& life : *all) {
    if (!life.is_object() || text_at(member(life.as_object(), "request"), "id") != id) continue;
    if (options.has("json")) {
      std::puts(reveals::canonical(life.as_object()).c_str());
      return kExitOk;
    }
    print_life(life.as_object());
    if (const auto request = reveals::Request::from_json(reveals::canonical(member(life.as_object(), "request"))))
      std::fputs(request->words().c_str(), stdout);
    return kExitOk;
  }
  complain("there is no request '" + printable(id, 64) + "'; see: normwatch privacy list");
  return kExitNoInput;
}

ExitCode submit(const Options& options) {
  const auto file = read_text_file(options.words()[0], std::size_t{1} << 20);
  if (!file) {
    complain(file.error().what);
    return kExitNoInput;
  }
  ExitCode code = kExitOk;
  if (const auto said = ask_privacy(options, "POST", "/privacy/approve", *file, code))
    std::fputs(said->c_str(), stdout);
  return code;
}

ExitCode deny(const Options& options) {
  if (!has_options(options, {"by", "why"})) return kExitUsage;
  json::object act = act_of(options);
  act["id"] = options.words()[0];
  return send_privacy(options, "/privacy/deny", act);
}

// `alert` and another one: exactly one of them.
ExitCode about(const Options& options, const char* other, const char* path) {
  if (!has_options(options, {"by", "why"})) return kExitUsage;
  if (options.has("alert") == options.has(other)) {
    complain(std::string{"name one of them: --alert or --"} + other);
    return kExitUsage;
  }
  json::object act = act_of(options);
  const char* which = options.has("alert") ? "alert" : other;
  act[which] = options.get(which);
  return send_privacy(options, path, act);
}

ExitCode erase(const Options& options) { return about(options, "value", "/privacy/erase"); }
ExitCode hold(const Options& options) { return about(options, "incident", "/privacy/hold"); }

ExitCode release(const Options& options) {
  if (!has_options(options, {"by", "why"})) return kExitUsage;
  json::object act = act_of(options);
  act["id"] = options.words()[0];
  return send_privacy(options, "/privacy/release", act);
}

std::span<const Command> privacy_commands() {
  static const std::array<Command, 12> kCommands{kPrivacyRequest,
                                                 Command{&kListSpec, list},
                                                 Command{&kShowSpec, show},
                                                 kPrivacyApprove,
                                                 Command{&kSubmitSpec, submit},
                                                 Command{&kDenySpec, deny},
                                                 kPrivacyReveal,
                                                 Command{&kEraseSpec, erase},
                                                 kPrivacyDestroy,
                                                 Command{&kHoldSpec, hold},
                                                 Command{&kReleaseSpec, release},
                                                 kPrivacyReport};
  return kCommands;
}

constexpr CommandSpec kSpec{"privacy", "", "make stored values readable by two people; hold, erase, report", "", {},
                            0,         0};

}  // namespace

const Command kPrivacy{&kSpec, nullptr, privacy_commands};

}  // namespace nw::app
