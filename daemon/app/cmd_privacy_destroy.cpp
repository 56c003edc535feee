// `normwatch privacy destroy-epoch`: two custodians, each with the secret key that only they have.
#include <boost/json/parse.hpp>
#include <cstdio>
#include <unistd.h>

#include "app/cmd_privacy.h"
#include "app/config.h"
#include "app/station.h"
#include "base/clock.h"
#include "base/text.h"
#include "record/keys/secret_file.h"
#include "record/privacy/forms.h"
#include "record/reveals/destroy_word.h"

namespace nw::app {

namespace json = boost::json;

namespace {

constexpr std::size_t kChallengeBytesMax = std::size_t{16} << 20;

constexpr OptionSpec kDestroyOptions[] = {
    {"key", "FILE", "your secret key as a custodian (normwatch keys custodian); it stays here"},
    kPrivacyByOption,
    kPrivacyWhyOption,
    {"confirm", "", "the second custodian: destroy what the first one has proposed"},
    {"challenge", "FILE", "write there what a custodian at a station without the daemon answers"},
    {"from", "FILE", "the challenge from a file, without a daemon; with --out"},
    {"out", "FILE", "write your word there instead of sending it; somebody brings it with --hand-in"},
    {"hand-in", "FILE", "a word that was made with --out"},
    kFindConfig,
    kFindState,
    kFindControl};
constexpr CommandSpec kDestroySpec{
    "privacy destroy-epoch",
    "YYYY-MM --key FILE --by NAME (--why TEXT | --confirm) [--from FILE --out FILE] | --challenge FILE | --hand-in "
    "FILE",
    "two custodians destroy a month's keys: its pseudonyms, tokens and evidence can never be read again",
    "Each shows with the secret key that it is them, at two stations. A challenge is good until the daemon starts "
    "anew.\nExit status: 0, 64 something is wrong, 66 there are no keys of that month, 69 no daemon answers, 77 not "
    "your key, 78 it is refused (no custodian's key, the same person or station, the month is not over, a hold).",
    kDestroyOptions,
    1,
    1};

ExitCode not_done(const Error& error) {
  complain(error.what);
  return error.code == Errc::invalid_argument ? kExitUsage : exit_code(error.code);
}

std::string text_of_member(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{std::string_view{value->get_string()}} : std::string{};
}

// What the daemon tells of the month: the key for words, and what is proposed.
struct Challenge {
  privacy::PublicKey key{};
  std::string proposal, by, why, at;  // empty: nobody has
};
Result<Challenge> read_challenge(const std::string& text, const std::string& month) {
  json::error_code error;
  const json::value value = json::parse(text, error);
  if (error || !value.is_object()) return Error{Errc::malformed, "the challenge is no JSON object; make it again"};
  Challenge out;
  if (!privacy::read_hex(text_of_member(value.get_object(), "destroy_key"), out.key))
    return Error{Errc::malformed, "the challenge has no key; are daemon and command of one version?"};
  const json::value* const all = value.get_object().if_contains("destructions");
  if (all == nullptr || !all->is_array()) return out;
  for (const json::value& one : all->get_array()) {
    if (!one.is_object() || text_of_member(one.get_object(), "epoch") != month) continue;
    out.proposal = text_of_member(one.get_object(), "sha256");
    out.by = text_of_member(one.get_object(), "by");
    out.why = text_of_member(one.get_object(), "why");
    out.at = text_of_member(one.get_object(), "at");
  }
  return out;
}

ExitCode write_beside(const Options& options, const char* option, const std::string& text, const char* next) {
  if (auto written = record::write_secret(record::system_files(), options.get(option), text); !written) {
    complain(written.error().what);
    return kExitCannotCreate;
  }
  std::printf("%s: %s\n", options.get(option).c_str(), next);
  return kExitOk;
}

std::optional<std::string> challenge_text(const Options& options, ExitCode& code) {
  if (!options.has("from")) return ask_privacy(options, "GET", "/privacy/holds", {}, code);
  auto file = read_text_file(options.get("from"), kChallengeBytesMax);
  if (file) return std::move(*file);
  code = not_done(file.error());
  return std::nullopt;
}

ExitCode say_word(const Options& options) {
  if (!has_options(options, {"key", "by"})) return kExitUsage;
  if (!options.has("confirm") && !has_options(options, {"why"})) return kExitUsage;
  if (options.has("from") && !options.has("out")) {
    complain("--out is missing: with a challenge from a file the word goes into a file, too");
    return kExitUsage;
  }
  reveals::DestroyWord word;
  const auto epoch = privacy::Epoch::parse(options.words()[0]);
  if (!epoch) {
    complain("name the month as YYYY-MM: " + epoch.error().what);
    return kExitUsage;
  }
  word.epoch = *epoch;
  ExitCode code = kExitOk;
  const auto text = challenge_text(options, code);
  if (!text) return code;
  const auto challenge = read_challenge(*text, epoch->to_string());
  if (!challenge) return not_done(challenge.error());
  if (options.has("confirm")) {
    if (challenge->proposal.empty()) {
      complain("nobody has proposed to destroy the keys of " + epoch->to_string() +
               ", or too long ago; propose it first, with --why and without --confirm");
      return kExitConfig;
    }
    std::printf("proposed by %s at %s: %s\n", printable(challenge->by, 128).c_str(), challenge->at.c_str(),
                printable(challenge->why, 4096).c_str());
    word.proposal = challenge->proposal;
  }
  const auto keys = read_key_pair(options.get("key"), false, code);
  if (!keys) return code;
  word.why = options.get("why");
  word.person = {options.get("by"), static_cast<std::int64_t>(::getuid()), station()};
  word.offline = options.has("out");
  word.at = wall_now();
  const auto sealed = reveals::make_destroy_word(word, *keys, challenge->key, record::kernel_random);
  if (!sealed) return not_done(sealed.error());
  if (options.has("out"))
    return write_beside(options, "out", *sealed,
                        "bring it with: normwatch privacy destroy-epoch YYYY-MM --hand-in FILE");
  if (const auto said = ask_privacy(options, "POST", "/privacy/destroy", *sealed, code))
    std::fputs(said->c_str(), stdout);
  return code;
}

ExitCode destroy_epoch(const Options& options) {
  ExitCode code = kExitOk;
  if (options.has("challenge")) {
    const auto text = ask_privacy(options, "GET", "/privacy/holds", {}, code);
    if (!text) return code;
    return write_beside(
        options, "challenge", *text,
        "for a custodian: normwatch privacy destroy-epoch YYYY-MM --from FILE --key FILE --by NAME (--why "
        "TEXT | --confirm) --out FILE");
  }
  if (!options.has("hand-in")) return say_word(options);
  const auto file = read_text_file(options.get("hand-in"), 2 * reveals::kDestroyWordBytesMax);
  if (!file) {
    complain(file.error().what);
    return kExitNoInput;
  }
  if (const auto said = ask_privacy(options, "POST", "/privacy/destroy", *file, code))
    std::fputs(said->c_str(), stdout);
  return code;
}

}  // namespace

extern const Command kPrivacyDestroy;
const Command kPrivacyDestroy{&kDestroySpec, destroy_epoch};

}  // namespace nw::app
