#include "ingest/logs/formats/pam_text.h"

#include "ingest/logs/formats/linux_text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kNameBytesMax = 64;  // of a module, a service, an action

bool name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || ascii_digit(c) || c == '_' || c == '-' || c == '.';
}

std::size_t name_end(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() && name_char(text[at])) ++at;
  return at;
}

bool module_name(std::string_view name) noexcept {
  return name.size() <= kNameBytesMax && (name.starts_with("pam_") || name == "gkr-pam");
}

// "pam_unix(sshd:auth): " or "pam_unix: ", consumed.
bool take_module(std::string_view& text, PamText& out) noexcept {
  std::size_t at = name_end(text, 0);
  const std::string_view module = text.substr(0, at);
  if (!module_name(module)) return false;
  std::string_view service, action;
  if (at < text.size() && text[at] == '(') {
    const std::size_t colon = text.find(':', at), close = text.find(')', at);
    if (close == std::string_view::npos || close - at > 2 * kNameBytesMax) return false;
    service = text.substr(at + 1, std::min(colon, close) - at - 1);
    if (colon < close) action = text.substr(colon + 1, close - colon - 1);
    at = close + 1;
  }
  if (at >= text.size() || (text[at] != ':' && text[at] != '[')) return false;
  if (text[at] == '[') at = text.find(':', at);  // the module's own process: "pam_sss(su:auth)[42]: "
  if (at == std::string_view::npos) return false;
  text.remove_prefix(at + 1);
  skip_spaces(text);
  out.module = module;
  out.service = service;
  out.action = action;
  return true;
}

// "root(uid=0)", "root", "'root'", "[root]": the name; what comes after it is consumed with it.
std::string_view take_user(std::string_view& text) noexcept {
  const char open = text.empty() ? '\0' : text.front();
  const char close = open == '[' ? ']' : open == '`' ? '\'' : open;
  if (open == '\'' || open == '"' || open == '`' || open == '[') {
    const std::size_t end = text.find(close, 1);
    if (end == std::string_view::npos) return {};
    const std::string_view user = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return user;
  }
  std::string_view user = take_word(text);
  if (const auto at = user.find("(uid="); at != std::string_view::npos) user = user.substr(0, at);
  return user;
}

// The value of `key` ("uid="), up to the next key: values that strangers choose may hold spaces, but those of the keys
// before rhost do not, and so the first of each is the real one.
std::string_view value_of(std::string_view text, std::string_view key, std::string_view next) noexcept {
  std::size_t at = 0;
  for (;; ++at) {
    at = text.find(key, at);
    if (at == std::string_view::npos) return {};
    if (at == 0 || text[at - 1] == ' ') break;
  }
  std::string_view value = text.substr(at + key.size());
  if (!next.empty()) value = value.substr(0, value.find(next));
  drop_spaces_at_end(value);
  return value;
}

void read_number(std::string_view text, std::int64_t& out) noexcept {
  std::int64_t number = 0;
  if (parse_integer(text, number)) out = number;
}

// "logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root", the user last and only if known.
void read_caller(std::string_view text, PamText& out) noexcept {
  out.logname = value_of(text, "logname=", " uid=");
  read_number(value_of(text, "uid=", " "), out.uid);
  read_number(value_of(text, "euid=", " "), out.euid);
  out.tty = value_of(text, "tty=", " ruser=");
  out.ruser = value_of(text, "ruser=", " rhost=");
  out.rhost = value_of(text, "rhost=", " ");
  if (const auto rhost = text.find("rhost="); rhost != std::string_view::npos) text.remove_prefix(rhost);
  out.user = value_of(text, "user=", {});
}

// "session opened for user root(uid=0) by alice(uid=1000)"; the name after "by" may be missing.
void read_session(std::string_view text, PamText& out) noexcept {
  out.user = take_user(text);
  const std::size_t by = text.find("by ");
  if (by == std::string_view::npos) return;
  text.remove_prefix(by + 3);
  const std::size_t number = text.find("(uid=");
  if (number == std::string_view::npos) return;
  out.logname = text.substr(0, number);
  text.remove_prefix(number + 5);
  read_number(text.substr(0, text.find(')')), out.uid);
}

enum class Rest : std::uint8_t { none, caller, session, user };

struct Sentence {
  std::string_view begins, outcome;
  Rest rest;
};
// How modules begin their sentences: Linux-PAM's own, sssd's, Samba's, nss-pam-ldapd's, pam-krb5's, Google's.
constexpr auto kSentences = std::to_array<Sentence>({
    {"authentication failure; ", "failed", Rest::caller},
    {"Authentication failure; ", "failed", Rest::caller},
    {"authentication success; ", "accepted", Rest::caller},
    {"Authentication success; ", "accepted", Rest::caller},
    {"session opened for user ", "session opened", Rest::session},
    {"session closed for user ", "session closed", Rest::session},
    {"session opened for local user ", "session opened", Rest::session},
    {"check pass; user unknown", "invalid user", Rest::none},
    {"User unknown", "invalid user", Rest::none},
    {"bad username ", "invalid user", Rest::user},
    {"auth could not identify password for ", "failed", Rest::user},
    {"conversation failed", "failed", Rest::none},
    {"received for user ", "failed", Rest::user},
    {"password changed for ", "password changed", Rest::user},
    {"Password change failed for ", "failed", Rest::user},
    {"password for user ", {}, Rest::user},
    {"Consecutive login failures for user ", "locked", Rest::user},
    {"access denied for user ", "denied", Rest::user},
    {"access granted for user ", "accepted", Rest::user},
    {"Refused user ", "denied", Rest::user},
    {"account ", {}, Rest::user},
    {"expired password for user ", "expired", Rest::user},
    {"user ", {}, Rest::user},
    {"User ", {}, Rest::user},
    {"Accepted google_authenticator code for ", "accepted", Rest::user},
    {"Invalid verification code for ", "failed", Rest::user},
    {"Failed to compute location of secret file for ", {}, Rest::user},
});

// What comes after "user NAME", "account NAME", where the beginning left it open.
struct Verdict {
  std::string_view begins, outcome;
};
constexpr auto kVerdicts = std::to_array<Verdict>({
    {" has expired", "expired"},
    {" granted access", "accepted"},
    {" denied access", "denied"},
    {" authenticated as ", "accepted"},
    {" unknown", "invalid user"},
    {" account temporarily locked", "locked"},
    {" account is locked", "locked"},
    {" was denied", "denied"},
    {" not allowed", "denied"},
});

// "user alice (1001) tally 6, deny 5": pam_tally2 writes it of every attempt over the bound.
bool over_tally(std::string_view text) noexcept {
  const std::size_t tally = text.find(" tally "), deny = text.find(", deny ");
  return tally != std::string_view::npos && deny != std::string_view::npos && tally < deny;
}

void read_sentence(std::string_view text, PamText& out) noexcept {
  for (const Sentence& sentence : kSentences) {
    if (!text.starts_with(sentence.begins)) continue;
    out.outcome = sentence.outcome;
    std::string_view rest = text.substr(sentence.begins.size());
    switch (sentence.rest) {
      case Rest::none: break;
      case Rest::caller:
        out.reason = text.substr(0, text.find(';'));
        read_caller(rest, out);
        break;
      case Rest::session:
        out.reason = {};
        read_session(rest, out);
        break;
      case Rest::user:
        out.user = take_user(rest);
        if (out.user.ends_with(':')) out.user.remove_suffix(1);
        for (const Verdict& verdict : kVerdicts)
          if (rest.starts_with(verdict.begins)) out.outcome = verdict.outcome;
        if (out.outcome.empty() && over_tally(rest)) out.outcome = "locked";
        if (take(rest, " from ")) out.rhost = take_user(rest);  // pam_access
        break;
    }
    return;
  }
  // pam_succeed_if: requirement "uid >= 1000" not met by user "root"
  if (const auto met = text.find(" met by user "); text.starts_with("requirement ") && met != std::string_view::npos) {
    out.outcome = text.substr(0, met).ends_with(" not") ? "denied" : "accepted";
    text.remove_prefix(met + 13);
    out.user = take_user(text);
  }
}

// "2 more authentication failures; logname=...", consumed up to the caller.
bool take_more_failures(std::string_view& text, PamText& out) noexcept {
  std::string_view rest = text;
  std::int64_t count = 0;
  if (!parse_integer(take_word(rest), count) || count < 0) return false;
  if (!take(rest, " more authentication failure")) return false;
  if (!take(rest, "s; ") && !take(rest, "; ")) return false;
  out.outcome = "failed";
  out.failures = count;
  out.reason = text.substr(0, text.find(';'));
  read_caller(rest, out);
  return true;
}

}  // namespace

bool read_pam(std::string_view program, std::string_view text, PamText& out) noexcept {
  out = {};
  drop_spaces_at_end(text);
  if (!take_module(text, out)) {
    const std::size_t open = program.find('(');
    std::string_view tagged = open == std::string_view::npos ? std::string_view{} : program.substr(open + 1);
    if (take_end(tagged, ")") && module_name(tagged)) {
      out.module = tagged;
      out.service = program_name(program);
    } else if (take(text, "(")) {  // "sshd[7]: (pam_unix) session opened ..."
      const std::size_t end = name_end(text, 0);
      if (!module_name(text.substr(0, end)) || !text.substr(end).starts_with(") ")) return false;
      out.module = text.substr(0, end);
      out.service = program_name(program);
      text.remove_prefix(end + 2);
    } else if (take(text, "PAM ")) {
      if (take(text, "service(")) {
        out.service = text.substr(0, text.find(')'));
        text.remove_prefix(std::min(out.service.size() + 2, text.size()));
        out.reason = text;
        return true;
      }
      return take_more_failures(text, out);
    } else {
      return false;
    }
  }
  out.reason = text;
  if (!take_more_failures(text, out)) read_sentence(text, out);
  return true;
}

void set_pam(MessageWriter& writer, const PamText& pam) {
  const auto number = [&](std::size_t field, std::int64_t value) {
    if (value >= 0) writer.set(field, event::Value::integer(value));
  };
  set_text(writer, pam_outcome, pam.outcome);
  set_text(writer, pam_user, pam.user);
  set_text(writer, pam_reason, pam.reason);
  set_text(writer, pam_module, pam.module);
  set_text(writer, pam_service, pam.service);
  set_text(writer, pam_action, pam.action);
  set_text(writer, pam_logname, pam.logname);
  number(pam_uid, pam.uid);
  number(pam_euid, pam.euid);
  set_text(writer, pam_tty, pam.tty);
  set_text(writer, pam_ruser, pam.ruser);
  number(pam_failures, pam.failures);
  if (pam.rhost.empty()) return;
  const event::Value host = address_or_text(pam.rhost);
  writer.set(pam_rhost, host);
  if (host.kind() == event::Value::Kind::address) set_common(writer, event::Common::orig_h, host);
}

}  // namespace nw::logs
