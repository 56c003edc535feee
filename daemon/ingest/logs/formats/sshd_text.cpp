#include "ingest/logs/formats/sshd_text.h"

#include <algorithm>
#include <array>

#include "ingest/logs/formats/linux_text.h"

namespace nw::logs {

namespace {

constexpr auto kNone = std::string_view::npos;

struct Peer {
  std::string_view host;
  std::int64_t port = -1;
};

// "192.0.2.7", "192.0.2.7 port 50022", "2001:db8::7:", consumed with a ':' that ends it; `more` says that there was
// one.
bool take_peer(std::string_view& text, Peer& out, bool& more) noexcept {
  std::string_view rest = text;
  out.host = take_word(rest);
  // An IPv6 address may end with "::" itself.
  more = (!out.host.ends_with("::") || out.host.ends_with(":::")) && take_end(out.host, ":");
  if (out.host.empty()) return false;
  if (!more && rest.starts_with(" port ")) {
    std::string_view number = rest.substr(6);
    std::size_t digits = 0;
    while (digits < number.size() && ascii_digit(number[digits])) ++digits;
    out.port = parse_port(number.substr(0, digits));
    if (out.port >= 0) {
      rest = number.substr(digits);
      more = take(rest, ":");
    }
  }
  text = rest;
  return true;
}

void set_source(const Peer& peer, SshdText& out) noexcept {
  out.source = peer.host;
  out.source_port = peer.port;
}

// "11: Bye Bye": RFC 4253 section 11.1's reason code before the client's words.
void set_reason(std::string_view text, SshdText& out) noexcept {
  skip_spaces(text);
  if (const auto colon = text.find(':'); colon != kNone && colon <= 10) {
    if (std::int64_t code = -1; parse_integer(text.substr(0, colon), code) && code >= 0) {
      out.code = code;
      text.remove_prefix(colon + 1);
      skip_spaces(text);
    }
  }
  out.reason = text;
}

// "HOST[ port N][:[CODE:] REASON]"
bool read_peer(std::string_view text, SshdText& out) noexcept {
  Peer peer;
  bool more = false;
  if (!take_peer(text, peer, more)) return false;
  set_source(peer, out);
  if (more) set_reason(text, out);
  return true;
}

bool take_invalid(std::string_view& text, SshdText& out) noexcept {
  return out.invalid_user = take(text, "invalid user ") || take(text, "illegal user ");
}

bool take_user_kind(std::string_view& text, SshdText& out) noexcept {
  return take_invalid(text, out) || take(text, "authenticating user ") || take(text, "user ");
}

// "[KIND user NAME ]HOST[ port N][: REASON]". Who exists has a plain name, so the first "port N:" is sshd's own; the
// name of one who does not may hold any, so there it is the last, except that a reason may name the user again.
bool read_user_peer(std::string_view text, SshdText& out) noexcept {
  if (!take_user_kind(text, out)) return read_peer(text, out);
  std::size_t end = text.size();
  if (const auto change = text.find(": Change of username "); change != kNone) end = change + 1;
  const std::string_view searched = text.substr(0, end);
  std::size_t port = kNone;
  for (std::size_t at = searched.find(" port "); at != kNone; at = searched.find(" port ", at + 1)) {
    std::size_t digits = at + 6;
    while (digits < searched.size() && ascii_digit(searched[digits])) ++digits;
    if (digits == at + 6 || (digits < searched.size() && searched[digits] != ':')) continue;
    port = at;
    if (!out.invalid_user) break;
  }
  const std::size_t host_end = port == kNone ? text.size() : port;
  const std::size_t space = text.rfind(' ', host_end == 0 ? 0 : host_end - 1);
  if (space == kNone) return read_peer(text, out);
  out.user = text.substr(0, space);
  return read_peer(text.substr(space + 1), out);
}

// "RSA SHA256:...", and nothing or a certificate's parts behind it.
bool read_key(std::string_view text, SshdText& out) noexcept {
  const std::string_view type = take_word(text);
  if (!take(text, " ") || type.empty()) return false;
  std::string_view print = take_word(text);
  if (take_end(print, ",")) text = {print.data() + print.size(), text.size() + 1};
  if (print.find(':') == kNone) return false;
  out.key_type = type;
  out.fingerprint = print;
  return text.empty() || text.starts_with(" ID ") || text.starts_with(", client user ") ||
         text.starts_with(" found at");
}

// Behind a peer: " ssh2" and, for some methods, ": DETAIL". True when that is all, as sshd writes it.
bool take_protocol(std::string_view text, SshdText& out, std::string_view& detail) noexcept {
  detail = {};
  out.protocol = {};
  if (take(text, " ")) {
    out.protocol = take_word(text);
    const bool more = take_end(out.protocol, ":");
    if (out.protocol != "ssh2" && out.protocol != "ssh1") return false;
    if (more && take(text, " ")) detail = text;
    return more || text.empty();
  }
  return text.empty();
}

bool plain_detail(std::string_view method, std::string_view detail) noexcept {
  if (detail.empty()) return true;
  SshdText scratch;
  const bool keyed = method.starts_with("publickey") || method.starts_with("hostbased");
  return keyed && read_key(detail, scratch);
}

// "NAME from PEER[ ssh2[: DETAIL]]": auth_log() of every release. For a user who exists, the first place that reads so;
// else the first that reads so to the end, or, failing that, the last.
bool read_from(std::string_view text, SshdText& out) noexcept {
  std::string_view detail;
  bool found = false;
  for (std::size_t from = text.find(" from "); from != kNone; from = text.find(" from ", from + 1)) {
    std::string_view rest = text.substr(from + 6), tail_detail;
    Peer peer;
    bool more = false;
    SshdText tail;
    if (!take_peer(rest, peer, more) || more || !take_protocol(rest, tail, tail_detail)) continue;
    found = true;
    out.user = text.substr(0, from);
    set_source(peer, out);
    out.protocol = tail.protocol;
    detail = tail_detail;
    if (!out.invalid_user || plain_detail(out.method, detail)) break;
  }
  if (!found) return false;
  if (!detail.empty() && !read_key(detail, out)) out.reason = detail;
  if (const auto client = detail.find(", client user \""); client != kNone) {
    out.client_user = detail.substr(client + 15);
    out.client_user = out.client_user.substr(0, out.client_user.rfind("\", client host "));
  }
  return true;
}

// "METHOD[/SUBMETHOD] for [invalid user ]NAME from ..."
bool read_auth(std::string_view text, SshdText& out) noexcept {
  out.method = take_word(text);
  if (!take(text, " for ") || out.method.empty()) return false;
  take_invalid(text, out);
  return read_from(text, out);
}

bool read_attempts(std::string_view text, SshdText& out) noexcept {
  take_invalid(text, out);
  return read_from(text, out);
}

bool read_invalid(std::string_view text, SshdText& out) noexcept {
  out.invalid_user = true;
  return read_from(text, out);
}

// "REASON for [illegal user ]NAME from HOST[ via LOCAL]"
bool read_pam_error(std::string_view text, SshdText& out) noexcept {
  const std::size_t name = text.find(" for ");
  if (name == kNone) {
    out.reason = text;
    return true;
  }
  out.reason = text.substr(0, name);
  text.remove_prefix(name + 5);
  take_invalid(text, out);
  drop_spaces_at_end(text);
  const std::size_t from = text.rfind(" from ");
  if (from == kNone) return false;
  out.user = text.substr(0, from);
  text.remove_prefix(from + 6);
  if (const auto via = text.find(" via "); via != kNone) {
    out.local = text.substr(via + 5);
    text = text.substr(0, via);
  }
  out.source = text;
  return true;
}

// "NAME[ from HOST] not allowed because REASON"
bool read_not_allowed(std::string_view text, SshdText& out) noexcept {
  const std::size_t because = text.find(" not allowed because ");
  if (because == kNone) return false;
  out.reason = text.substr(because + 21);
  text = text.substr(0, because);
  if (const auto from = text.rfind(" from "); from != kNone) {
    out.source = text.substr(from + 6);
    text = text.substr(0, from);
  }
  out.user = text;
  return true;
}

// "HOST port N[ on HOST port N][ rdomain ...]", or a reason behind it.
bool read_connection(std::string_view text, SshdText& out) noexcept {
  if (text.starts_with("user ") || text.starts_with("invalid user ") || text.starts_with("authenticating user "))
    return read_user_peer(text, out);
  Peer peer, local;
  bool more = false, local_more = false;
  if (!take_peer(text, peer, more)) return false;
  set_source(peer, out);
  if (more) {
    set_reason(text, out);
    if (out.outcome == "connected") out.outcome = "failed";
  } else if (take(text, " on ") && take_peer(text, local, local_more)) {
    out.local = local.host;
    out.local_port = local.port;
  }
  return true;
}

// "'WORDS' from PEER": the words are the client's.
bool read_last_from(std::string_view text, SshdText& out) noexcept {
  const std::size_t from = text.rfind(" from ");
  if (from == kNone) return false;
  out.reason = text.substr(0, from);
  Peer peer;
  bool more = false;
  std::string_view rest = text.substr(from + 6);
  if (!take_peer(rest, peer, more)) return false;
  set_source(peer, out);
  return true;
}

// "ADDRESS port N."
bool read_listening(std::string_view text, SshdText& out) noexcept {
  take_end(text, ".");
  Peer peer;
  bool more = false;
  if (!take_peer(text, peer, more)) return false;
  out.local = peer.host;
  out.local_port = peer.port;
  return true;
}

// "shell on pts/0 for NAME from HOST port N id 0"; "user NAME from HOST port N id 0"
bool read_session(std::string_view text, SshdText& out) noexcept {
  if (!take(text, "user ")) {
    const std::size_t name = text.find(" for ");
    if (name == kNone) return false;
    out.reason = text.substr(0, name);
    text.remove_prefix(name + 5);
  }
  const std::size_t from = text.rfind(" from ");
  if (from == kNone) return false;
  out.user = text.substr(0, from);
  Peer peer;
  bool more = false;
  std::string_view rest = text.substr(from + 6);
  if (!take_peer(rest, peer, more)) return false;
  set_source(peer, out);
  return true;
}

// "[192.0.2.7]:50022"
bool take_bracketed(std::string_view& text, Peer& out) noexcept {
  const std::size_t close = text.find("]:");
  if (!text.starts_with('[') || close == kNone) return false;
  out.host = text.substr(1, close - 1);
  text.remove_prefix(close + 2);
  out.port = parse_port(take_word(text));
  return true;
}

// "#10 from [HOST]:PORT on [HOST]:PORT REASON"
bool read_drop(std::string_view text, SshdText& out) noexcept {
  take_word(text);
  Peer peer, local;
  if (!take(text, " from ") || !take_bracketed(text, peer)) return false;
  set_source(peer, out);
  if (take(text, " on ") && take_bracketed(text, local)) {
    out.local = local.host;
    out.local_port = local.port;
  }
  skip_spaces(text);
  out.reason = text;
  return true;
}

// "for connection from A to B, pid = 42" (since 9.8), or "for PEER"
bool read_timeout(std::string_view text, SshdText& out) noexcept {
  if (!take(text, "connection from ")) return read_peer(text, out);
  out.source = take_word(text);
  if (!take(text, " to ")) return true;
  out.local = take_word(text);
  take_end(out.local, ",");
  return true;
}

// "subsystem request for sftp[ by user NAME]"
bool read_subsystem(std::string_view text, SshdText& out) noexcept {
  const std::size_t by = text.find(" by user ");
  out.reason = text.substr(0, by);
  if (by != kNone) out.user = text.substr(by + 9);
  return true;
}

// "A maps to NAME, but ..."
bool read_mapping(std::string_view text, SshdText& out) noexcept {
  out.source = take_word(text);
  skip_spaces(text);
  out.reason = text;
  return true;
}

// "NAME [ADDRESS] failed"
bool read_reverse(std::string_view text, SshdText& out) noexcept {
  out.reason = text;
  const std::size_t open = text.find(" ["), close = text.find(']');
  if (open == kNone || close == kNone || close < open) return false;
  out.source = text.substr(open + 2, close - open - 2);
  return true;
}

// "invalid user NAME", its first words taken
bool read_user(std::string_view text, SshdText& out) noexcept {
  out.invalid_user = true;
  out.user = text;
  return true;
}

// "NAME (ADDRESS)": libwrap, which looked the name up
bool read_refused(std::string_view text, SshdText& out) noexcept {
  const std::size_t open = text.rfind(" (");
  if (open == kNone || !take_end(text, ")")) return read_peer(text, out);
  out.source = text.substr(open + 2);
  out.reason = text.substr(0, open);
  return true;
}

bool read_reason(std::string_view text, SshdText& out) noexcept {
  set_reason(text, out);
  return true;
}

bool read_disconnecting(std::string_view text, SshdText& out) noexcept {
  if (take(text, ": ")) return read_reason(text, out);
  return take(text, " ") && read_user_peer(text, out);
}

bool read_found_key(std::string_view text, SshdText& out) noexcept {
  read_key(text, out);
  out.reason = text;
  return true;
}

struct Sentence {
  std::string_view begins, outcome;
  bool (*read)(std::string_view, SshdText&) noexcept;
};
// Sorted; of two that fit, the longer stands later, so they are tried from the end.
constexpr auto kSentences = std::to_array<Sentence>({
    {"Accepted ", "accepted", read_auth},
    {"Accepted certificate ", "key found", read_reason},
    {"Accepted key ", "key found", read_found_key},
    {"Address ", "suspicious", read_mapping},
    {"Authentication key ", "key revoked", read_found_key},
    {"Authentication refused: ", "refused", read_reason},
    {"Bad packet length ", "protocol error", read_reason},
    {"Bad protocol version identification ", "bad protocol", read_last_from},
    {"Bad remote protocol version identification: ", "bad protocol", read_reason},
    {"Close session: ", "session closed", read_session},
    {"Closing connection to ", "disconnected", read_peer},
    {"Connection closed by ", "disconnected", read_user_peer},
    {"Connection from ", "connected", read_connection},
    {"Connection reset by ", "disconnected", read_user_peer},
    {"Corrupted MAC on input", "protocol error", read_reason},
    {"Did not receive identification string from ", "no identification", read_peer},
    {"Disconnected from ", "disconnected", read_user_peer},
    {"Disconnecting", "disconnected", read_disconnecting},
    {"Failed ", "failed", read_auth},
    {"Found matching ", "key found", read_reason},
    {"Illegal user ", "invalid user", read_invalid},
    {"Invalid user ", "invalid user", read_invalid},
    {"Nasty PTR record ", "suspicious", read_reason},
    {"PAM: ", "failed", read_pam_error},
    {"Partial ", "partial", read_auth},
    {"Postponed ", "postponed", read_auth},
    {"Protocol major versions differ for ", "bad protocol", read_peer},
    {"ROOT LOGIN REFUSED FROM ", "refused", read_peer},
    {"Read error from remote host ", "disconnected", read_peer},
    {"Read from socket failed: ", "disconnected", read_reason},
    {"Received disconnect from ", "disconnected", read_peer},
    {"Received signal ", "stopped", read_reason},
    {"Root login accepted for forced command", "accepted", read_reason},
    {"Server listening on ", "listening", read_listening},
    {"Starting session: ", "session opened", read_session},
    {"Timeout before authentication for ", "timeout", read_timeout},
    {"Timeout, client not responding from ", "timeout", read_user_peer},
    {"Unable to negotiate a ", "negotiation failed", read_reason},
    {"Unable to negotiate with ", "negotiation failed", read_peer},
    {"User ", "refused", read_not_allowed},
    {"Write failed: ", "disconnected", read_reason},
    {"banner exchange: Connection from ", "bad protocol", read_connection},
    {"beginning MaxStartups throttling", "dropped", read_reason},
    {"drop connection ", "dropped", read_drop},
    {"input_userauth_request: invalid user ", "invalid user", read_user},
    {"kex_exchange_identification: ", "bad protocol", read_reason},
    {"kex_protocol_error: ", "protocol error", read_reason},
    {"maximum authentication attempts exceeded for ", "failed", read_attempts},
    {"no matching ", "negotiation failed", read_reason},
    {"packet_write_wait: Connection to ", "disconnected", read_user_peer},
    {"refused connect from ", "refused", read_refused},
    {"reverse mapping checking getaddrinfo for ", "suspicious", read_reverse},
    {"scanned from ", "bad protocol", read_peer},
    {"ssh_dispatch_run_fatal: Connection from ", "disconnected", read_connection},
    {"subsystem request for ", "subsystem", read_subsystem},
});
static_assert(std::ranges::is_sorted(kSentences, {}, &Sentence::begins));

// Of the sentences that begin with a byte, the first.
constexpr auto kFirst = [] {
  std::array<std::uint8_t, 257> out{};
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    std::size_t at = 0;
    while (at < kSentences.size() && static_cast<unsigned char>(kSentences[at].begins[0]) < byte) ++at;
    out[byte] = static_cast<std::uint8_t>(at);
  }
  return out;
}();

constexpr std::array<std::string_view, 4> kLevels{"error: ", "fatal: ", "debug1: ", "warning: "};
constexpr std::array<std::string_view, 4> kPhases{" [preauth]", " [net]", " [postauth]", " [monitor]"};

}  // namespace

std::string_view sshd_sentence(std::string_view text, SshdText& out) noexcept {
  skip_message_id(text);
  drop_spaces_at_end(text);
  for (const std::string_view phase : kPhases)
    if (take_end(text, phase)) out.preauth = phase == kPhases[0] || phase == kPhases[1];
  drop_spaces_at_end(text);
  for (const std::string_view level : kLevels) {
    if (!take(text, level)) continue;
    out.level = level.substr(0, level.size() - 2);
    break;
  }
  return text;
}

bool read_sshd(std::string_view sentence, SshdText& out) noexcept {
  if (sentence.empty()) return false;
  const auto byte = static_cast<unsigned char>(sentence.front());
  for (std::size_t i = kFirst[byte + 1U]; i > kFirst[byte]; --i) {
    const Sentence& known = kSentences[i - 1];
    if (!sentence.starts_with(known.begins)) continue;
    SshdText read = out;
    read.outcome = known.outcome;
    std::string_view rest = sentence.substr(known.begins.size());
    if (!known.read(rest, read)) return false;
    out = read;
    return true;
  }
  return false;
}

}  // namespace nw::logs
