// SMTP (RFC 5321; RFC 3030 for BDAT, RFC 3207 for STARTTLS, RFC 4954 for AUTH): lines both ways.
// | MAIL FROM:<a@example> CR LF |, replies as reply_reader.h has them; after DATA the mail, up to a line with a dot
// only.
//
// One `smtp` event per mail, as in Zeek's smtp.log: when the server answered its end, when the next begins, or when the
// connection ends; and one `files` event per part of it. Attempts to log in and STARTTLS make one too. What AUTH says
// stays here, but for the user's name. After STARTTLS another protocol begins.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/base64.h"
#include "ingest/network/protocols/line_reader.h"
#include "ingest/network/protocols/mail_message.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/reply_reader.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTransDepth,
  kHelo,
  kMailFrom,
  kRcptTo,
  kDate,
  kFrom,
  kTo,
  kCc,
  kReplyTo,
  kMsgId,
  kInReplyTo,
  kSubject,
  kXOriginatingIp,
  kFirstReceived,
  kSecondReceived,
  kLastReply,
  kPath,
  kUserAgent,
  kTls,
  kAuthMechanism,
  kAuthAttempts,
  kAuthSuccess,
  kFuids,
  kAuthUser,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"trans_depth", "integer", "which mail of the connection, from 1"},
    {"helo", "text", "who the client says it is"},
    {"mailfrom", "text", "sender on the envelope"},
    {"rcptto", "list of text", "recipients on the envelope"},
    {"date", "text", "the mail's Date"},
    {"from", "text", "the mail's From"},
    {"to", "list of text", "the mail's To"},
    {"cc", "list of text", "the mail's Cc"},
    {"reply_to", "text", "the mail's Reply-To"},
    {"msg_id", "text", "the mail's Message-ID"},
    {"in_reply_to", "text", "the mail's In-Reply-To"},
    {"subject", "text", "the mail's Subject, as encoded"},
    {"x_originating_ip", "address", "the mail's X-Originating-IP"},
    {"first_received", "text", "the Received line of the mail's first hop"},
    {"second_received", "text", "the one of its second hop"},
    {"last_reply", "text", "the server's last reply to the mail, with its number"},
    {"path", "list of text",
     "addresses the mail went over, the nearest first: server, client, those of Received lines"},
    {"user_agent", "text", "the mail's User-Agent or X-Mailer"},
    {"tls", "boolean", "the connection went on encrypted"},
    {"auth_mechanism", "text", "how the client logs in: PLAIN, LOGIN, ... (ours)"},
    {"auth_attempts", "integer", "logins tried and answered (ours)"},
    {"auth_success", "boolean", "one of them succeeded (ours)"},
    {"fuids", "list of text", "`fuid` of each of the mail's parts among `files`, 64 at most"},
    {"auth_user", "text", "who logs in, where the mechanism is PLAIN (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"smtp"};
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"smtp", "normwatch", kService, kService, kFields, false}, kFilesType}};
constexpr std::array<std::uint16_t, 2> kPorts{25, 587};

constexpr std::size_t kLineMax = 2048;       // RFC 5321 section 4.5.3.1: 512
constexpr std::size_t kWaitingMax = 128;     // commands that wait for a reply
constexpr std::size_t kRecipientsMax = 128;  // shown of one mail; section 4.5.3.1.8 asks servers for 100
constexpr unsigned kBadLinesMax = 16;        // then this is no SMTP
constexpr unsigned kReady = 220, kLoggedIn = 235, kGoOn = 334, kSendMail = 354, kErrorMin = 400;

// The address in `FROM:<address> parameters`, whose first `skip` characters are known.
std::string_view envelope_address(std::string_view arg, std::size_t skip) {
  arg.remove_prefix(skip);
  const std::size_t open = arg.find('<');
  if (open == std::string_view::npos) {
    arg.remove_prefix(std::min(arg.find_first_not_of(' '), arg.size()));
    return take_word(arg);
  }
  arg.remove_prefix(open + 1);
  return arg.substr(0, arg.find('>'));
}

class SmtpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    if (direction == Direction::to_responder)
      client(reader, context);
    else
      server(reader, context);
    const std::size_t done = bytes.size() - reader.rest().size();
    if (!secured_ && bad_lines_ < kBadLinesMax) return done;
    finish(context);
    return secured_ ? anew_behind(done) : kGiveUp;
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    context.refused(DecodeError::truncated);
    greeted_ = true;
    // Replies can no longer be told apart; in a mail the next one is taken for the answer to its end.
    waiting_.clear();
    user_comes_ = false;
    if (direction == Direction::to_originator) {
      server_lines_.lost();
      replies_.lost();
      return;
    }
    const std::uint64_t of_chunk = std::min<std::uint64_t>(chunk_left_, bytes);
    chunk_left_ -= of_chunk;
    if (in_mail_ || of_chunk != 0) message_.gap(in_mail_ ? bytes : of_chunk, context);
    line_begins_ = false;
    if (!in_mail_ && of_chunk != bytes) client_lines_.lost();
  }

  void finish(Context& context) override {
    if (in_mail_ || chunk_left_ != 0) message_.gap(0, context);
    tell(context);
  }

 private:
  // What a reply answers.
  enum class Sent : std::uint8_t { other, starttls, auth, data, end, end_told };

  struct Mail {
    std::optional<Timestamp> time;
    bool begun = false;     // an envelope
    bool telling = false;   // or something else worth an event
    std::string mail_from;  // all text is escaped
    std::vector<std::string> recipients;
    std::string last_reply, auth_mechanism, auth_user;
    bool tls = false, auth_success = false;
    unsigned auth_attempts = 0;
  };

  void bad(Context& context) {
    ++bad_lines_;
    context.refused(DecodeError::bad_value);
  }

  void client(ByteReader& reader, Context& context) {
    while (bad_lines_ < kBadLinesMax) {
      if (chunk_left_ != 0 && !chunk(reader, context)) return;
      if (in_mail_) {
        if (!mail_bytes(reader, context)) return;
        continue;
      }
      const auto line = client_lines_.next(reader);
      if (!line) return;
      if (!mail_.time) mail_.time = context.now();
      if (line->cut) context.refused(DecodeError::too_long);
      TextBuffer text;
      text.append_escaped(line->text);
      command(text.view(), line->cut || text.cut(), context);
    }
  }

  // What comes of a mail, up to the next line that begins with a dot; false: more bytes are needed.
  bool mail_bytes(ByteReader& reader, Context& context) {
    Bytes rest = reader.rest();
    if (rest.empty()) return false;
    in_body_ = true;
    if (line_begins_ && rest.front() == '.') {
      const std::size_t end = rest.size() > 1 && rest[1] == '\r' ? 2 : 1;
      if (rest.size() == end) return false;
      if (rest[end] == '\n') {
        reader.bytes(end + 1);
        in_mail_ = false;
        message_.end(context);
        sent(Sent::end, context);
        return true;
      }
      reader.bytes(1);  // RFC 5321 section 4.5.2
      rest = reader.rest();
    }
    const std::string_view text{reinterpret_cast<const char*>(rest.data()), rest.size()};
    std::size_t dot = text.find('.', 1);
    while (dot != std::string_view::npos && text[dot - 1] != '\n') dot = text.find('.', dot + 1);
    const Bytes lines = reader.bytes(std::min(dot, text.size()));
    line_begins_ = lines.back() == '\n';
    message_.data(lines, context);
    return true;
  }

  // A part of a BDAT chunk; whether the chunk is over.
  bool chunk(ByteReader& reader, Context& context) {
    const Bytes part = reader.bytes(std::min<std::uint64_t>(chunk_left_, reader.rest().size()));
    chunk_left_ -= part.size();
    message_.data(part, context);
    if (chunk_left_ == 0 && last_chunk_) message_.end(context);
    return chunk_left_ == 0;
  }

  void sent(Sent what, Context& context) {
    if (waiting_.size() == kWaitingMax) {
      context.refused(DecodeError::limit);
      waiting_.erase(waiting_.begin());
    }
    waiting_.push_back(what);
  }

  void command(std::string_view arg, bool cut, Context& context) {
    // Answers to the server's questions in AUTH are secrets, and one word in Base64 each, which may look like a
    // command.
    const bool answers = !waiting_.empty() && waiting_.back() == Sent::auth;
    if (answers && arg.find_first_of(" :") == std::string_view::npos) {
      if (std::exchange(user_comes_, false) && !cut) log_in(arg);
      return;
    }
    const std::string_view word = take_word(arg);
    if (!is_command(word)) return bad(context);
    Sent what = Sent::other;
    if (same_word(word, "HELO") || same_word(word, "EHLO")) {
      helo_ = arg;
    } else if (same_word(word, "MAIL") && starts_with_word(arg, "FROM:")) {
      if (mail_.begun) tell_unanswered(context);
      mail_.time = mail_.time.value_or(context.now());
      mail_.begun = true;
      mail_.mail_from = envelope_address(arg, 5);
    } else if (same_word(word, "RCPT") && starts_with_word(arg, "TO:")) {
      mail_.begun = true;
      recipient(envelope_address(arg, 3), context);
    } else if (same_word(word, "DATA")) {
      what = Sent::data;
      in_mail_ = line_begins_ = true;
      in_body_ = false;
    } else if (same_word(word, "BDAT")) {
      return begin_chunk(arg, context);
    } else if (same_word(word, "STARTTLS")) {
      what = Sent::starttls;
    } else if (same_word(word, "AUTH")) {
      what = Sent::auth;
      mail_.telling = true;
      const std::string_view mechanism = take_word(arg);
      // RFC 4954 section 4: behind one that succeeded there is no other. Who waits for an answer stays, too.
      const bool first = !mail_.auth_success && std::ranges::find(waiting_, Sent::auth) == waiting_.end();
      if (first) {
        mail_.auth_mechanism = mechanism;
        mail_.auth_user.clear();
      }
      const bool plain = first && same_word(mechanism, "PLAIN");
      user_comes_ = plain && arg.empty() && !cut;
      if (plain && !cut) log_in(arg);
    }
    sent(what, context);
  }

  void log_in(std::string_view base64) {
    if (const auto user = plain_user(base64))
      append_escaped({reinterpret_cast<const std::uint8_t*>(user->data()), user->size()}, mail_.auth_user);
  }

  void begin_chunk(std::string_view arg, Context& context) {
    const std::string_view size = take_word(arg);
    std::uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), bytes);
    const bool last = same_word(arg, "LAST");
    if (error != std::errc{} || end != size.data() + size.size() || (!last && !arg.empty())) {
      bad(context);
      return sent(Sent::other, context);
    }
    chunk_left_ = bytes;
    last_chunk_ = last;
    if (last_chunk_ && bytes == 0) message_.end(context);
    sent(last_chunk_ ? Sent::end : Sent::other, context);
  }

  void recipient(std::string_view address, Context& context) {
    if (std::ranges::find(mail_.recipients, address) != mail_.recipients.end()) return;
    if (mail_.recipients.size() == kRecipientsMax) return context.refused(DecodeError::limit);
    mail_.recipients.emplace_back(address);
  }

  void server(ByteReader& reader, Context& context) {
    while (!secured_ && bad_lines_ < kBadLinesMax) {
      const auto line = server_lines_.next(reader);
      if (!line) return;
      if (line->cut) context.refused(DecodeError::too_long);
      TextBuffer text;
      text.append_escaped(line->text);
      Reply reply;
      const auto state = replies_.line(text.view(), reply);
      if (state == ReplyReader::State::malformed) bad(context);
      if (state == ReplyReader::State::complete) answer(reply, context);
    }
  }

  // Servers that know no AUTH repeat its line, or each answer that the client sends all the same.
  [[nodiscard]] bool may_repeat_secret(const Reply& reply) const {
    constexpr unsigned kSyntaxMin = 500, kSyntaxMax = 504;
    const bool of_login = waiting_.empty() ? !mail_.auth_mechanism.empty() : waiting_.front() == Sent::auth;
    return of_login && reply.code >= kSyntaxMin && reply.code <= kSyntaxMax;
  }

  void answer(const Reply& reply, Context& context) {
    mail_.last_reply = std::to_string(reply.code);
    if (!may_repeat_secret(reply)) mail_.last_reply.append(" ").append(reply.text);
    const bool starttls = !waiting_.empty() && waiting_.front() == Sent::starttls;
    if (!std::exchange(greeted_, true) && reply.code == kReady && !starttls) return;
    if (waiting_.empty()) {
      // The line with the dot was not seen.
      if (in_mail_ && in_body_ && reply.code != kSendMail) end_of_mail(context);
      return;
    }
    const Sent what = waiting_.front();
    if (what == Sent::auth && reply.code == kGoOn) return;
    waiting_.erase(waiting_.begin());
    switch (what) {
      case Sent::other: break;
      case Sent::starttls:
        secured_ = reply.code == kReady;
        mail_.tls = secured_;
        mail_.telling = mail_.telling || secured_;
        break;
      case Sent::auth:
        ++mail_.auth_attempts;
        mail_.auth_success = mail_.auth_success || reply.code == kLoggedIn;
        break;
      case Sent::data:
        if (reply.code >= kErrorMin && !in_body_) in_mail_ = false;
        break;
      case Sent::end: end_of_mail(context); break;
      case Sent::end_told: break;
    }
  }

  void end_of_mail(Context& context) {
    in_mail_ = false;
    mail_.begun = true;
    tell(context);
    ++mails_;
  }

  // The next mail begins. The reply to the end of this one, if that has come, must not end the next.
  void tell_unanswered(Context& context) {
    const auto end = std::ranges::find(waiting_, Sent::end);
    if (end != waiting_.end()) {
      *end = Sent::end_told;
      mail_.last_reply.clear();
      tell(context);
      ++mails_;
      return;
    }
    tell(context);
  }

  void tell(Context& context) {
    message_.end(context);
    if (message_.cut()) context.refused(DecodeError::limit);
    if ((mail_.begun || mail_.telling) && context.wants(0)) {
      EventWriter out = context.begin(0, mail_.time.value_or(context.now()));
      write_envelope(out);
      write_header(out, message_.header(), context);
      set_file_uids(out, kFuids, message_.ended());
      context.emit();
    }
    mail_ = Mail{};
    message_.clear();
  }

  void write_envelope(EventWriter& out) const {
    out.set(kTransDepth, Value::integer(mails_ + 1));
    set_text(out, kHelo, helo_);
    set_text(out, kMailFrom, mail_.mail_from);
    set_list(out, kRcptTo, mail_.recipients);
    set_text(out, kLastReply, mail_.last_reply);
    out.set(kTls, Value::boolean(mail_.tls));
    if (mail_.auth_mechanism.empty()) return;
    set_text(out, kAuthMechanism, mail_.auth_mechanism);
    set_text(out, kAuthUser, mail_.auth_user);
    out.set(kAuthAttempts, Value::integer(mail_.auth_attempts));
    out.set(kAuthSuccess, Value::boolean(mail_.auth_success));
  }

  static void write_header(EventWriter& out, const MailHeader& header, const Context& context) {
    set_text(out, kDate, header.date);
    set_text(out, kFrom, header.from);
    set_list(out, kTo, header.to);
    set_list(out, kCc, header.cc);
    set_text(out, kReplyTo, header.reply_to);
    set_text(out, kMsgId, header.msg_id);
    set_text(out, kInReplyTo, header.in_reply_to);
    set_text(out, kSubject, header.subject);
    if (header.x_originating_ip) out.set(kXOriginatingIp, Value::address(*header.x_originating_ip));
    set_text(out, kFirstReceived, header.first_received);
    set_text(out, kSecondReceived, header.second_received);
    set_text(out, kUserAgent, header.user_agent);
    if (out.wants(kPath)) write_path(out, header, context);
  }

  static void write_path(EventWriter& out, const MailHeader& header, const Context& context) {
    const std::span<Value> path = out.event().arena().make<Value>(2 + header.path.size());
    if (path.empty()) return;
    const IpAddress client = context.sender(Direction::to_responder);
    path[0] = Value::address(context.sender(Direction::to_originator));
    path[1] = Value::address(client);
    std::size_t used = 2;
    for (const IpAddress& hop : header.path)
      if (used != 2 || hop != client) path[used++] = Value::address(hop);
    out.set(kPath, Value::list(path.first(used)));
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }
  static void set_list(EventWriter& out, Field field, const std::vector<std::string>& texts) {
    if (texts.empty() || !out.wants(field)) return;
    const std::span<Value> list = out.event().arena().make<Value>(texts.size());
    if (list.empty()) return;
    for (std::size_t i = 0; i < texts.size(); ++i) list[i] = Value::text(out.event().keep(texts[i]));
    out.set(field, Value::list(list));
  }

  LineReader client_lines_{kLineMax}, server_lines_{kLineMax};
  ReplyReader replies_;
  std::vector<Sent> waiting_;  // oldest first
  std::string helo_;
  Mail mail_;
  MailMessage message_{{1, "SMTP", Direction::to_responder, kFuids}};
  std::uint64_t chunk_left_ = 0;
  unsigned mails_ = 0, bad_lines_ = 0;
  bool in_mail_ = false;      // between DATA and the line with the dot
  bool in_body_ = false;      // and some of it has come
  bool line_begins_ = false;  // of the mail, with the next byte
  bool user_comes_ = false;   // the next answer in AUTH is PLAIN's
  bool last_chunk_ = false, greeted_ = false, secured_ = false;
};

// Off the port a greeting must say so, or the client introduce itself.
Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  const FirstLine front{first};
  std::string_view line = front.text();
  if (line.starts_with('\\') || begins_http_or_ssh(line)) return Verdict::no;
  if (direction == Direction::to_responder) {
    for (const std::string_view hello : {"EHLO ", "HELO "}) {
      if (starts_with_word(line, hello)) return Verdict::yes;
      if (!front.whole() && starts_with_word(hello, line)) return Verdict::unsure;
    }
    return on_port && is_command(take_word(line)) ? Verdict::unsure : Verdict::no;
  }
  if (on_port) return begins_reply(line) ? Verdict::unsure : Verdict::no;
  constexpr std::string_view kBegin = "220";
  if (line.substr(0, 3) != kBegin.substr(0, line.size())) return Verdict::no;
  if (contains_word(line, "smtp")) return Verdict::yes;
  return front.whole() ? Verdict::no : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SmtpAnalyzer>(); }

}  // namespace

Protocol smtp_protocol() {
  Protocol p;
  p.name = "smtp";
  p.help = "SMTP: who sends mail to whom, by the envelope and by the header";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
