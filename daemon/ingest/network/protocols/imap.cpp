// IMAP (RFC 3501, RFC 9051; RFC 7888 for literals that do not wait): lines both ways, with literals in them.
// | tag COMMAND arguments CR LF |, answered by | tag OK text |, NO or BAD; before that any | * data | and | + text |.
// A line that ends in {n} is followed by n bytes and goes on behind them.
//
// One `imap` event per command with its answer; Zeek has no such log, so all fields are ours. Passwords stay here,
// literals and data are skipped. After STARTTLS another protocol begins, after COMPRESS (RFC 4978) nothing is readable.
#include <algorithm>
#include <array>
#include <charconv>
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
    {"user", "text", "who the client says it is; absent when it comes as a literal (ours)"},
    {"password_seen", "boolean", "a password, or a proof of one, came with this name (ours)"},
    {"command", "text", "SELECT, UID FETCH, ..., in capitals; <init> for the server's greeting (ours)"},
    {"arg", "text", "the command's arguments as sent, up to a literal; of a login the name only (ours)"},
    {"reply", "text", "OK, NO or BAD; in the greeting PREAUTH and BYE too; absent when no answer was seen (ours)"},
    {"reply_msg", "text", "text behind it (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"imap"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"imap", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{143};

constexpr std::size_t kLineMax = 8192;   // RFC 7162 section 4 asks for 8000
constexpr std::size_t kPendingMax = 64;  // commands that wait for an answer
constexpr std::size_t kTagMax = 32;
constexpr unsigned kBadLinesMax = 16;  // then this is no IMAP
constexpr std::size_t kSecretMin = 4;  // shorter ones are in every sentence
constexpr std::string_view kGreeting = "<init>", kHidden = "<hidden>";

bool is_status(std::string_view word) { return word == "OK" || word == "NO" || word == "BAD"; }
bool is_greeting(std::string_view word) { return word == "OK" || word == "PREAUTH" || word == "BYE"; }

bool is_tag(std::string_view word) {
  return !word.empty() && word.size() <= kTagMax &&
         std::ranges::all_of(word, [](char c) { return c > ' ' && c < 0x7f && c != '*' && c != '+' && c != '\\'; });
}

// A quoted string or an atom at the front of `text`, without its quotation marks; nothing when it is a literal, or when
// nobody knows where it ends and the next begins.
std::string_view take_string(std::string_view& text) {
  if (text.starts_with('{')) return {};
  if (!text.starts_with('"')) return take_word(text);
  const std::size_t end = text.find('"', 1);
  if (end == std::string_view::npos) return {};
  const std::string_view string = text.substr(1, end - 1);
  text.remove_prefix(end + 1);
  return string;
}

struct Literal {
  bool present = false, waits = false;  // waits: the other side must ask for it
  std::uint64_t bytes = 0;
};

// At the end of a line: {n}, {n+}.
Literal literal_of(Bytes line) {
  if (line.empty() || line.back() != '}') return {};
  const auto open = std::find(line.rbegin(), line.rend(), std::uint8_t{'{'});
  if (open == line.rend()) return {};
  const std::string digits(open.base(), line.end() - 1);
  Literal out;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.bytes);
  const std::string_view rest = std::string_view{digits}.substr(static_cast<std::size_t>(end - digits.data()));
  out.present = error == std::errc{} && (rest.empty() || rest == "+");
  out.waits = rest.empty();
  return out;
}

// One direction: its lines, and what of them are literals.
class LineSide {
 public:
  struct Line {
    Bytes text;
    bool cut = false;
    bool goes_on = false;  // it is the rest of one whose literal has just been skipped
  };

  std::optional<Line> next(ByteReader& reader) {
    const auto skip = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, reader.rest().size()));
    reader.bytes(skip);
    skip_ -= skip;
    if (skip_ != 0 || (long_ && !end_of_long(reader))) return {};
    const auto line = lines_.next(reader);
    if (!line) return {};
    long_ = line->cut;
    if (const Bytes last = line->text.last(long_ ? kTailMax : 0); long_) tail_.assign(last.begin(), last.end());
    const bool goes_on = std::exchange(goes_on_, false);
    if (!long_) take(literal_of(line->text));
    return Line{line->text, line->cut, goes_on};
  }
  // Whether it is still known where a line begins: all that is lost is of a literal.
  bool lost(std::uint64_t bytes) {
    const bool within = skip_ > bytes;
    skip_ -= std::min(skip_, bytes);
    if (within) return true;
    long_ = false;
    lines_.lost();
    goes_on_ = false;
    return false;
  }
  // Behind a gap what looks like a line may be of a literal whose beginning was lost, and what it says of literals is
  // not to be believed, until the two sides are known to be in step.
  void doubt(bool in_doubt) noexcept { in_doubt_ = in_doubt; }
  [[nodiscard]] bool in_doubt() const noexcept { return in_doubt_; }
  // The other side will not have the literal.
  void refused() {
    if (!waits_) return;
    skip_ = 0;
    goes_on_ = waits_ = false;
  }

 private:
  static constexpr std::size_t kTailMax = 24;  // a literal's {18446744073709551615+}

  void take(const Literal& literal) {
    if (in_doubt_) return;
    skip_ = literal.present ? literal.bytes : 0;
    waits_ = literal.present && literal.waits;
    goes_on_ = literal.present;
  }
  // The rest of a line that was cut, at whose end there may be a literal all the same. Whether its end has come.
  bool end_of_long(ByteReader& reader) {
    const Bytes rest = reader.rest();
    const auto newline = std::ranges::find(rest, std::uint8_t{'\n'});
    const Bytes part = reader.bytes(static_cast<std::size_t>(newline - rest.begin()));
    const Bytes last = part.last(std::min(part.size(), kTailMax));
    tail_.insert(tail_.end(), last.begin(), last.end());
    if (tail_.size() > kTailMax) tail_.erase(tail_.begin(), tail_.end() - static_cast<std::ptrdiff_t>(kTailMax));
    if (newline == rest.end()) return false;
    reader.u8();
    if (!tail_.empty() && tail_.back() == '\r') tail_.pop_back();
    take(literal_of(tail_));
    long_ = false;
    lines_ = LineReader{kLineMax};  // it need not look for that end
    const auto skip = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, reader.rest().size()));
    reader.bytes(skip);
    skip_ -= skip;
    return skip_ == 0;
  }

  LineReader lines_{kLineMax};
  std::uint64_t skip_ = 0;
  bool goes_on_ = false, waits_ = false, in_doubt_ = false;
  bool long_ = false;               // in the rest of a line that was cut
  std::vector<std::uint8_t> tail_;  // of such a line
};

class ImapAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    LineSide& side = sides_[static_cast<std::size_t>(direction)];
    while (const auto line = side.next(reader)) {
      if (line->goes_on) continue;
      if (direction == Direction::to_responder)
        command(*line, context);
      else
        answer(*line, context);
      if (!secured_ && !compressed_ && bad_lines_ < kBadLinesMax) continue;
      finish(context);
      if (compressed_) return kDone;
      return secured_ ? anew_behind(bytes.size() - reader.rest().size()) : kGiveUp;
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    context.refused(DecodeError::truncated);
    LineSide& side = sides_[static_cast<std::size_t>(direction)];
    if (!side.lost(bytes) && direction == Direction::to_originator) side.doubt(true);
    greeted_ = true;
    if (direction == Direction::to_responder) sure_ = false;
  }

  void finish(Context& context) override {
    for (const Pending& pending : pending_) tell_unanswered(pending, context);
    pending_.clear();
  }

 private:
  struct Pending {
    Timestamp time;
    std::string tag, command, arg, user;  // escaped
    std::string secret;                   // of LOGIN and AUTHENTICATE
    bool password_seen = false;
    bool sure = true;  // it is a command; behind a gap it may be the rest of a literal
  };

  void tell_unanswered(const Pending& pending, Context& context) const {
    if (pending.sure) tell(pending, {}, {}, context);
  }

  void bad(Context& context) {
    ++bad_lines_;
    context.refused(DecodeError::bad_value);
  }

  void command(const LineSide::Line& line, Context& context) {
    TextBuffer text;
    text.append_escaped(line.text);
    std::string_view arg = text.view();
    // The end of IDLE; and what the client answers in AUTHENTICATE, which is a secret: one word each.
    const bool one_word = arg.find(' ') == std::string_view::npos;
    if (one_word && !pending_.empty() &&
        (pending_.back().command == "IDLE" || pending_.back().command == "AUTHENTICATE")) {
      if (!line.cut && !text.cut()) log_in(pending_.back(), arg);
      return;
    }
    if (line.cut) context.refused(DecodeError::too_long);
    Pending made{context.now(), std::string{take_word(arg)}, {}, {}, {}, {}, false, sure_};
    const std::string_view word = take_word(arg);
    if (!is_tag(made.tag) || !is_command(word)) {
      if (sure_) bad(context);
      return;
    }
    made.command = capitals(word);
    if (made.command == "UID") made.command.append(" ").append(capitals(take_word(arg).substr(0, kCommandMax)));
    describe(made, arg);
    if (pending_.size() == kPendingMax) {
      context.refused(DecodeError::limit);
      tell_unanswered(pending_.front(), context);
      pending_.erase(pending_.begin());
    }
    pending_.push_back(std::move(made));
  }

  // Who logs in, and what must not be told.
  void describe(Pending& made, std::string_view arg) {
    made.arg = arg;
    if (made.command == "LOGIN") {
      user_ = take_string(arg);
      password_seen_ = true;
      made.arg = user_;
      const std::size_t begin = arg.find_first_not_of(" \"");
      if (begin != std::string_view::npos) made.secret = arg.substr(begin, arg.find_last_not_of(" \"") + 1 - begin);
    } else if (made.command == "AUTHENTICATE") {
      made.arg = take_word(arg);
      password_seen_ = true;
      if (!arg.empty()) log_in(made, arg);
    }
    made.user = user_;
    made.password_seen = password_seen_;
  }

  // What AUTHENTICATE says first: with PLAIN the name is in it.
  void log_in(Pending& of, std::string_view said) {
    if (of.command != "AUTHENTICATE" || !of.secret.empty()) return;
    of.secret = said;
    const auto user = of.sure && same_word(of.arg, "PLAIN") ? plain_user(said) : std::nullopt;
    if (!user) return;
    TextBuffer text;
    text.append_escaped({reinterpret_cast<const std::uint8_t*>(user->data()), user->size()});
    of.user = user_ = text.view();
  }

  void answer(const LineSide::Line& line, Context& context) {
    if (line.text.empty() || line.text.front() == '+') return;
    if (line.text.front() == '*' && greeted_) return;
    TextBuffer text;
    text.append_escaped(line.text);
    std::string_view message = text.view();
    const std::string_view tag = take_word(message), status = take_word(message);
    if (tag == "*") {
      greeted_ = true;
      Pending greeting{context.now(), {}, std::string{kGreeting}, {}, {}, {}, false, true};
      if (is_greeting(status) && pending_.empty()) tell(greeting, status, message, context);
      return;
    }
    greeted_ = true;
    LineSide& server = sides_[static_cast<std::size_t>(Direction::to_originator)];
    if (!is_tag(tag) || !is_status(status)) return server.in_doubt() ? void() : bad(context);
    if (line.cut) context.refused(DecodeError::too_long);
    const auto match = std::ranges::find(pending_, tag, &Pending::tag);
    if (match == pending_.end()) return;  // its command was not seen
    server.doubt(false);
    if (match + 1 == pending_.end()) sides_[0].refused();
    secured_ = match->command == "STARTTLS" && status == "OK";
    compressed_ = match->command == "COMPRESS" && status == "OK";
    if (!match->sure) {
      // The client is in step again. What looked like a command before is none.
      sure_ = true;
      match->sure = true;
    }
    tell(*match, status, message, context);
    pending_.erase(match);
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

  std::array<LineSide, 2> sides_;  // by direction
  std::vector<Pending> pending_;   // oldest first
  std::string user_;
  bool password_seen_ = false, greeted_ = false, secured_ = false, compressed_ = false;
  bool sure_ = true;  // where the client's commands begin is known
  unsigned bad_lines_ = 0;
};

// Off the port: the greeting, which says "IMAP" with hardly an exception.
Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  const FirstLine front{first};
  std::string_view line = front.text();
  if (direction == Direction::to_responder) {
    if (!on_port || !is_tag(take_word(line))) return Verdict::no;
    return line.empty() || is_command(take_word(line)) ? Verdict::unsure : Verdict::no;
  }
  constexpr std::string_view kBegin = "* ";
  if (line.substr(0, kBegin.size()) != kBegin.substr(0, line.size())) return Verdict::no;
  if (on_port) return Verdict::unsure;
  if (contains_word(line, "imap")) return Verdict::yes;
  return front.whole() ? Verdict::no : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<ImapAnalyzer>(); }

}  // namespace

Protocol imap_protocol() {
  Protocol p;
  p.name = "imap";
  p.help = "IMAP: logins, and what is done to mailboxes";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
