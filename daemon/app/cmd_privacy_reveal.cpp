// `normwatch privacy request`, `approve`, `reveal`: the one who asks, a custodian, and again the one who asked.
#include <array>
#include <boost/json/parse.hpp>
#include <cstdio>
#include <unistd.h>

#include "app/cmd_privacy.h"
#include "app/station.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/reveals/json_map.h"
#include "record/reveals/opening.h"

namespace nw::app {

namespace json = boost::json;

namespace {

constexpr std::string_view kPurposeHelp =
    "assist, audit, data-subject, exercise, inform-owner, legal-order, notify-victim or respond";

constexpr OptionSpec kRequestOptions[] = {
    {"case", "ID", "the incident that it is for"},
    {"alert", "ID", "an alert in which the values stand; may be given several times"},
    {"purpose", "CODE", kPurposeHelp},
    {"basis", "TEXT", "the legal basis, in words"},
    kPrivacyWhyOption,
    kPrivacyByOption,
    {"key", "FILE", "your secret key, to which the result is sealed; made when it is not there"},
    {"break-glass", "", "urgent: marked to be reviewed afterwards; it still needs two custodians"},
    kFindConfig,
    kFindState,
    kFindControl};
constexpr CommandSpec kRequestSpec{
    "privacy request",
    "VALUE... --case ID --alert ID --purpose CODE --basis TEXT --why TEXT --by NAME --key FILE",
    "ask that pseudonyms and tokens of alerts are made readable; two custodians decide",
    "A VALUE is a pfx:... or tok:... exactly as an alert has it.\nExit status: 0 asked, 64 something is wrong, 69 no "
    "daemon answers, 78 it refuses (no case, a custodian asks, too many, not in these alerts, nothing to open).",
    kRequestOptions,
    1,
    1000};

constexpr OptionSpec kApproveOptions[] = {
    {"key", "FILE", "your secret key as a custodian (normwatch keys custodian)"},
    kPrivacyByOption,
    {"request", "FILE", "the request from a file (normwatch privacy show ID --out FILE), without a daemon"},
    {"out", "FILE", "write the approval there instead of sending it; somebody hands it in with `privacy submit`"},
    {"yes", "", "do not ask once more"},
    kFindConfig,
    kFindState,
    kFindControl};
constexpr CommandSpec kApproveSpec{
    "privacy approve",
    "ID | --request FILE  --key FILE --by NAME [--out FILE]",
    "a custodian: read the request, open your share, and give it for this request alone",
    "Two custodians, at two stations. Your secret key stays here; what is sent opens nothing by itself.\nExit status: "
    "0, "
    "64 something is wrong, 65 the request or the key is damaged, 69 no daemon answers, 77 not your key, 78 refused.",
    kApproveOptions,
    0,
    1};

constexpr OptionSpec kRevealOptions[] = {{"key", "FILE", "the secret key that the request was made with"},
                                         kPrivacyByOption,
                                         {"json", "", "as JSON"},
                                         kFindConfig,
                                         kFindState,
                                         kFindControl};
constexpr CommandSpec kRevealSpec{"privacy reveal",
                                  "ID --key FILE --by NAME",
                                  "fetch and open what two custodians have approved; prints the clear values",
                                  "Exit status: 0, 64 something is wrong, 66 there is no result, 69 no daemon answers, "
                                  "77 another key, 78 it is not approved.",
                                  kRevealOptions,
                                  1,
                                  1};

ExitCode told(const Error& error) {
  complain(error.what);
  return error.code == Errc::invalid_argument ? kExitUsage : exit_code(error.code);
}

ExitCode request(const Options& options) {
  if (!has_options(options, {"case", "alert", "purpose", "basis", "why", "by", "key"})) return kExitUsage;
  reveals::Ask ask;
  ask.case_id = options.get("case");
  ask.purpose = options.get("purpose");
  ask.basis = options.get("basis");
  ask.why = options.get("why");
  ask.by = options.get("by");
  ask.host = station();
  ask.values = options.words();
  ask.alerts = options.all("alert");
  ask.break_glass = options.has("break-glass");
  // Before a key is made for nothing.
  if (const auto good = reveals::Ask::from_json(ask.to_json()); !good) {
    complain(good.error().what);
    return kExitUsage;
  }
  ExitCode code = kExitOk;
  const auto keys = read_key_pair(options.get("key"), true, code);
  if (!keys) return code;
  ask.key = keys->public_key;
  if (const auto said = ask_privacy(options, "POST", "/privacy/request", ask.to_json(), code))
    std::fputs(said->c_str(), stdout);
  return code;
}

// Whether the custodian, having read it, goes on: the request's id typed once more.
bool agrees(const std::string& id) {
  std::printf("\nType the request's id to approve it, anything else to stop: ");
  std::fflush(stdout);
  std::array<char, 128> line{};
  return std::fgets(line.data(), static_cast<int>(line.size()), stdin) != nullptr && trim(line.data()) == id;
}

ExitCode approve(const Options& options) {
  if (!has_options(options, {"key", "by"})) return kExitUsage;
  if (options.words().empty() != options.has("request")) {
    complain("name the request: its ID, or --request FILE");
    return kExitUsage;
  }
  if (options.has("request") && !options.has("out")) {
    complain("--out is missing: with a request from a file the approval goes into a file, too");
    return kExitUsage;
  }
  ExitCode code = kExitOk;
  std::optional<std::string> text;
  if (options.has("request")) {
    auto file = read_text_file(options.get("request"), std::size_t{4} << 20);
    if (!file) return told(file.error());
    text = std::move(*file);
  } else {
    text = ask_privacy(options, "POST", "/privacy/document", options.words()[0], code);
  }
  if (!text) return code;
  const auto document = reveals::RequestDocument::from_json(*text);
  if (!document) return told(document.error());
  const reveals::Request& asked = document->request;
  std::fputs(asked.words().c_str(), stdout);
  if (wall_now() >= asked.expires) {
    complain("the request has expired");
    return kExitConfig;
  }
  if (!options.has("yes") && !agrees(asked.id)) {
    complain("not approved; nothing was opened");
    return kExitConfig;
  }
  const auto keys = read_key_pair(options.get("key"), false, code);
  if (!keys) return code;
  const reveals::Approver approver{
      {options.get("by"), static_cast<std::int64_t>(::getuid()), station()}, options.has("out"), wall_now()};
  if (auto good = reveals::check_words(approver.person.by, reveals::kNameMax, "the name"); !good)
    return told(good.error());
  const auto approval = reveals::make_approval(*document, *keys, approver, record::kernel_random);
  if (!approval) return told(approval.error());
  if (options.has("out")) {
    if (auto written = record::write_secret(record::system_files(), options.get("out"), *approval); !written) {
      complain(written.error().what);
      return kExitCannotCreate;
    }
    std::printf("\n%s: hand it in with: normwatch privacy submit FILE\n", options.get("out").c_str());
    return kExitOk;
  }
  if (const auto said = ask_privacy(options, "POST", "/privacy/approve", *approval, code))
    std::printf("\n%s", said->c_str());
  return code;
}

Result<reveals::ClearResult> open_answer(const std::string& text, const privacy::CustodianKeys& keys) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Error{Errc::malformed, "the daemon's answer is not understood"};
  reveals::JsonMap map{value.as_object(), "the daemon's answer"};
  const std::string id = map.text("request", reveals::kIdMax), commitment = map.text("commitment", 80);
  std::string sealed(static_cast<std::size_t>(map.number("bytes", 1, reveals::kResultBytesMax)), '\0');
  map.base64("sealed", {reinterpret_cast<std::uint8_t*>(sealed.data()), sealed.size()});
  if (auto good = map.finish_strict(); !good) return good.error();
  auto result = reveals::open_result(sealed, keys, commitment);
  if (result && result->request != id) return Error{Errc::malformed, "the result is of request " + result->request};
  return result;
}

ExitCode reveal(const Options& options) {
  if (!has_options(options, {"key", "by"})) return kExitUsage;
  ExitCode code = kExitOk;
  const auto keys = read_key_pair(options.get("key"), false, code);
  if (!keys) return code;
  const auto answer = ask_privacy(
      options, "POST", "/privacy/fetch",
      reveals::canonical({{"id", options.words()[0]}, {"by", options.get("by")}, {"host", station()}}), code);
  if (!answer) return code;
  const auto result = open_answer(*answer, *keys);
  if (!result) return told(result.error());
  for (const reveals::ClearValue& value : result->values) {
    if (options.has("json")) {
      json::object line{{"stored", value.stored}};
      line[value.why.empty() ? "clear" : "why"] = value.why.empty() ? value.clear : value.why;
      std::puts(reveals::canonical(line).c_str());
    } else if (value.why.empty()) {
      std::printf("%s = %s\n", value.stored.c_str(), printable(value.clear, reveals::kClearBytesMax).c_str());
    } else {
      std::printf("%s: not readable: %s\n", value.stored.c_str(), printable(value.why, 600).c_str());
    }
  }
  return kExitOk;
}

}  // namespace

extern const Command kPrivacyRequest, kPrivacyApprove, kPrivacyReveal;
const Command kPrivacyRequest{&kRequestSpec, request};
const Command kPrivacyApprove{&kApproveSpec, approve};
const Command kPrivacyReveal{&kRevealSpec, reveal};

}  // namespace nw::app
