// POP3 (RFC 1939; RFC 2449 for CAPA, RFC 2595 for STLS, RFC 5034 for AUTH): lines both ways.
// | USER name CR LF |, answered by | +OK text | or | -ERR text |; lists and mails follow, up to a line with a dot only.
//
// One `pop3` event per command with its answer; Zeek has no such log, so all fields are ours. Passwords stay here, what
// is listed and fetched is skipped. After STLS another protocol begins.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/base64.h"
#include "ingest/network/protocols/line_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t { kUser, kPasswordSeen, kCommand, kArg, kReply, kReplyMsg };

constexpr auto kFields = std::to_array<FieldSpec>({
    {"user", "text", "who the client says it is (ours)"},
    {"password_seen", "boolean", "a password, or a proof of one, came with this name (ours)"},
    {"command", "text", "RETR, DELE, ..., in capitals; <init> for the server's greeting (ours)"},
    {"arg", "text", "the command's argument as sent; <hidden> where it is a secret (ours)"},
    {"reply", "text", "OK or ERR; absent when no answer was seen (ours)"},
    {"reply_msg", "text", "text behind it (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"pop3"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"pop3", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{110};

constexpr std::size_t kLineMax = 1024;   // RFC 2449 section 4: 255 for commands, 512 for answers
constexpr std::size_t kPendingMax = 64;  // commands that wait for an answer
constexpr unsigned kBadLinesMax = 16;    // then this is no POP3
constexpr std::size_t kSecretMin = 4;    // shorter ones are in every sentence
constexpr std::string_view kGreeting = "<init>", kHidden = "<hidden>", kOk = "+OK", kErr = "-ERR";
constexpr std::string_view kUtf8 = "UTF8";  // RFC 6856: the only command with a digit

// Commands that may stand without an argument, or have lost it.
constexpr auto kAlone =
    std::to_array<std::string_view>({"USER", "PASS", "APOP", "AUTH", "STLS", "CAPA", "STAT", "LIST", "RETR", "DELE",
                                     "NOOP", "RSET", "QUIT", "TOP",  "UIDL", "LANG", "UTF8", "XTND", "LAST", "RPOP"});

class Pop3Analyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    LineReader& lines = lines_[static_cast<std::size_t>(direction)];
    while (const auto line = lines.next(reader)) {
      if (direction == Direction::to_responder)
        command(*line, context);
      else
        answer(*line, context);
      if (!secured_ && bad_lines_ < kBadLinesMax) continue;
      finish(context);
      return secured_ ? anew_behind(bytes.size() - reader.rest().size()) : kGiveUp;
    }
    return bytes.size() - reader.rest().size();
  }

  // Which answer belongs to which command is no longer known.
  void gap(std::uint64_t, Direction direction, Context& context) override {
    context.refused(DecodeError::truncated);
    lines_[static_cast<std::size_t>(direction)].lost();
    // What comes next may be a part of what the server lists, whose first line or dot may be lost: a status line tells.
    if (direction == Direction::to_originator) listing_ = unsure_ = true;
    finish(context);
    greeted_ = lost_ = true;
  }

  void finish(Context& context) override {
    for (const Pending& pending : pending_) tell(pending, {}, {}, context);
    pending_.clear();
  }

 private:
  struct Pending {
    Timestamp time;
    std::string command, arg, user;  // escaped
    std::string secret;              // of PASS, APOP and AUTH
    bool password_seen = false, lists = false;
  };

  // Whether each AUTH was seen: from the greeting on, or from the first answer that was.
  [[nodiscard]] bool sure() const { return greeted_ && !lost_; }

  void bad(Context& context) {
    ++bad_lines_;
    context.refused(DecodeError::bad_value);
  }

  void command(const LineReader::Line& line, Context& context) {
    TextBuffer text;
    text.append_escaped(line.text);
    std::string_view arg = text.view();
    // What the client answers to the server's questions in AUTH is a secret.
    if (in_auth_ && arg.find(' ') == std::string_view::npos) {
      if (!pending_.empty() && !line.cut && !text.cut()) log_in(pending_.back(), arg);
      return;
    }
    if (line.cut) context.refused(DecodeError::too_long);
    Pending made{context.now(), std::string{take_word(arg)}, {}, {}, {}, false, false};
    if (!is_command(made.command) && !same_word(made.command, kUtf8)) return bad(context);
    made.command = capitals(made.command);
    // An answer in an AUTH that was not seen may have letters only.
    if (!sure() && arg.empty() && std::ranges::find(kAlone, made.command) == kAlone.end()) return;
    in_auth_ = made.command == "AUTH" && !arg.empty();
    made.arg = arg;
    describe(made, arg);
    if (pending_.size() == kPendingMax) {
      context.refused(DecodeError::limit);
      tell(pending_.front(), {}, {}, context);
      pending_.erase(pending_.begin());
    }
    pending_.push_back(std::move(made));
  }

  // Who logs in, what must not be told, and whether more than a line answers.
  void describe(Pending& made, std::string_view arg) {
    const std::string_view all = arg, first = take_word(arg);
    if (made.command == "USER") {
      user_ = all;
      password_seen_ = false;
    } else if (made.command == "PASS") {
      password_seen_ = true;
      if (!all.empty()) made.arg = kHidden;
      made.secret = all;
    } else if (made.command == "APOP") {
      user_ = first;
      password_seen_ = true;
      made.arg = first;
      made.secret = arg;
    } else if (made.command == "AUTH") {
      password_seen_ = password_seen_ || !first.empty();
      made.arg = first;
      if (!arg.empty()) log_in(made, arg);
    }
    made.user = user_;
    made.password_seen = password_seen_;
    constexpr auto kLists = std::to_array<std::string_view>({"RETR", "TOP", "CAPA"});
    constexpr auto kListsAll = std::to_array<std::string_view>({"LIST", "UIDL", "AUTH", "LANG"});
    made.lists = std::ranges::find(kLists, made.command) != kLists.end() ||
                 (all.empty() && std::ranges::find(kListsAll, made.command) != kListsAll.end());
  }

  // What AUTH says first: with PLAIN the name is in it.
  void log_in(Pending& of, std::string_view said) {
    if (of.command != "AUTH" || !of.secret.empty()) return;
    of.secret = said;
    const auto user = sure() && same_word(of.arg, "PLAIN") ? plain_user(said) : std::nullopt;
    if (!user) return;
    TextBuffer text;
    text.append_escaped({reinterpret_cast<const std::uint8_t*>(user->data()), user->size()});
    of.user = user_ = text.view();
  }

  void answer(const LineReader::Line& line, Context& context) {
    const bool dot = line.text.size() == 1 && line.text.front() == '.';
    if (listing_ && !unsure_) {
      listing_ = !dot;
      return;
    }
    TextBuffer text;
    text.append_escaped(line.text);
    std::string_view message = text.view();
    const std::string_view status = take_word(message);
    const bool ok = status == kOk, error = status == kErr;
    if (listing_ && !dot && !ok && !error) return;
    const bool listed = listing_;
    listing_ = unsure_ = false;
    if (dot && listed) return;
    if (status == "+") return;  // a question in AUTH
    if (!ok && !error) return bad(context);
    if (line.cut) context.refused(DecodeError::too_long);
    if (pending_.empty() || pending_.front().command == "AUTH") in_auth_ = false;
    const bool greeting = !std::exchange(greeted_, true) && pending_.empty();
    if (greeting || pending_.empty()) {
      Pending none{context.now(), {}, {}, user_, {}, password_seen_, false};
      if (greeting) none.command = kGreeting;
      return tell(none, ok ? "OK" : "ERR", message, context);
    }
    const Pending& first = pending_.front();
    listing_ = ok && first.lists;
    // A list has no status lines in it, a mail may: some servers forget a list's dot.
    unsure_ = listing_ && first.command != "RETR" && first.command != "TOP";
    secured_ = ok && first.command == "STLS";
    tell(first, ok ? "OK" : "ERR", message, context);
    pending_.erase(pending_.begin());
  }

  static void tell(const Pending& of, std::string_view reply, std::string_view message, Context& context) {
    if (!context.wants(0)) return;
    EventWriter out = context.begin(0, of.time);
    set_text(out, kUser, of.user);
    out.set(kPasswordSeen, Value::boolean(of.password_seen));
    set_text(out, kCommand, of.command);
    set_text(out, kArg, of.arg);
    set_text(out, kReply, reply);
    // Some servers repeat what they were told.
    const bool repeats = of.secret.size() >= kSecretMin && message.find(of.secret) != std::string_view::npos;
    set_text(out, kReplyMsg, repeats ? kHidden : message);
    context.emit();
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  std::array<LineReader, 2> lines_{LineReader{kLineMax}, LineReader{kLineMax}};  // by direction
  std::vector<Pending> pending_;                                                 // oldest first
  std::string user_;
  bool password_seen_ = false, greeted_ = false, secured_ = false;
  bool lost_ = false;     // a gap came
  bool in_auth_ = false;  // what the client says may be a secret; a gap changes nothing about that
  bool listing_ = false;  // the server's lines up to the dot are what it lists
  bool unsure_ = false;   // or they are answers again
  unsigned bad_lines_ = 0;
};

// Off the port: the greeting, which says "POP" with hardly an exception.
Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  const FirstLine front{first};
  std::string_view line = front.text();
  if (line.starts_with('\\') || begins_http_or_ssh(line)) return Verdict::no;
  if (direction == Direction::to_responder)
    return on_port && is_command(take_word(line)) ? Verdict::unsure : Verdict::no;
  const std::size_t known = std::min(line.size(), kOk.size());
  if (line.substr(0, known) != kOk.substr(0, known))
    return on_port && line.starts_with('-') ? Verdict::unsure : Verdict::no;
  if (on_port) return Verdict::unsure;
  if (contains_word(line, "pop")) return Verdict::yes;
  return front.whole() ? Verdict::no : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<Pop3Analyzer>(); }

}  // namespace

Protocol pop3_protocol() {
  Protocol p;
  p.name = "pop3";
  p.help = "POP3: logins, and what is done to a mailbox";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
