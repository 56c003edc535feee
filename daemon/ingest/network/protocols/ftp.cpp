// FTP's control connection (RFC 959, RFC 2428; RFC 4217 for TLS): lines both ways.
// | USER name CR LF |, and replies as reply_reader.h has them. A reply from 100 to 199 is preliminary: another follows.
//
// One `ftp` event per command with its last reply, as in Zeek's ftp.log, but of every command. The server's greeting is
// the reply to "<init>", as Zeek calls it. Passwords stay here. After AUTH TLS another protocol begins. The files go
// over connections of their own (ftp_data.cpp), which are announced here.
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/file_reader.h"
#include "ingest/network/protocols/ftp_channel.h"
#include "ingest/network/protocols/line_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/reply_reader.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kUser,
  kPasswordSeen,
  kCommand,
  kArg,
  kReplyCode,
  kReplyMsg,
  kFileSize,
  kPassive,
  kDataOrig,
  kDataResp,
  kDataPort,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"user", "text", "who the client says it is"},
    {"password_seen", "boolean", "a password came with this name; what it is, is not kept (ours)"},
    {"command", "text", "RETR, STOR, ..., in capitals; <init> for the server's greeting"},
    {"arg", "text", "the command's argument as sent; <hidden> where it is a secret"},
    {"reply_code", "integer", "number of the last reply; absent when none was seen"},
    {"reply_msg", "text", "text of the reply's last line"},
    {"file_size", "integer", "bytes of the file, as the server announces them for RETR or answers SIZE"},
    {"data_channel.passive", "boolean", "the client opens the data connection"},
    {"data_channel.orig_h", "address", "who opens the data connection"},
    {"data_channel.resp_h", "address", "to which address; with PORT it need not be the client's"},
    {"data_channel.resp_p", "integer", "to which port"},
});
constexpr std::array<std::string_view, 1> kService{"ftp"};
// Who wants files wants this protocol: nobody else knows where they go.
constexpr std::array<event::TypeSpec, 2> kTypes{{{"ftp", "normwatch", kService, kService, kFields, false}, kFilesType}};
constexpr std::array<std::uint16_t, 1> kPorts{21};

constexpr std::size_t kLineMax = 2048;     // paths of file systems go to 4096, those of people do not
constexpr std::size_t kPendingMax = 32;    // commands that wait for a reply; clients send one at a time
constexpr unsigned kBadLinesMax = 16;      // then this is no FTP
constexpr std::size_t kSecretMin = 4;      // shorter ones are in every sentence
constexpr std::uint8_t kTelnetMin = 0xf0;  // a telnet signal before ABOR (RFC 959 section 4.1.3)
constexpr unsigned kOpening = 150, kFinalMin = 200, kSize = 213, kReady = 220, kPassiveReply = 227,
                   kExtendedPassiveReply = 229, kSecured = 234;
constexpr std::string_view kGreeting = "<init>", kHidden = "<hidden>";

// Commands whose argument is a secret: passwords, accounts (RFC 959), keys and wrapped commands (RFC 2228), passwords
// to be set.
bool is_secret(std::string_view command, std::string_view arg) {
  constexpr auto kSecrets = std::to_array<std::string_view>({"PASS", "ACCT", "ADAT", "CONF", "ENC", "MIC"});
  if (std::ranges::find(kSecrets, command) != kSecrets.end()) return true;
  if (command != "SITE") return false;
  // PSWD, CHPWD, PASSWD, GPASS, ADDUSER, ... of various servers.
  constexpr auto kParts = std::to_array<std::string_view>({"pass", "psw", "pwd", "adduser"});
  const std::string_view site = take_word(arg);
  return std::ranges::any_of(kParts, [&](std::string_view part) { return contains_word(site, part); });
}

// Letters alone, but for those in use that name a digest.
bool is_ftp_command(std::string_view word) {
  constexpr auto kDigests = std::to_array<std::string_view>({"MD5", "MMD5", "XMD5", "XSHA1", "XSHA256", "XSHA512"});
  return is_command(word) ||
         std::ranges::any_of(kDigests, [&](std::string_view known) { return same_word(word, known); });
}

// Commands that use the data connection; whether for a file of this name.
enum class Transfer : std::uint8_t { none, file, listing };
Transfer transfer(std::string_view command) {
  constexpr auto kFiles = std::to_array<std::string_view>({"APPE", "RETR", "STOR", "STOU"});
  constexpr auto kListings = std::to_array<std::string_view>({"LIST", "MLSD", "NLST"});
  if (std::ranges::find(kFiles, command) != kFiles.end()) return Transfer::file;
  return std::ranges::find(kListings, command) != kListings.end() ? Transfer::listing : Transfer::none;
}

class FtpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    LineReader& lines = lines_[static_cast<std::size_t>(direction)];
    while (const auto line = lines.next(reader)) {
      if (line->cut) context.refused(DecodeError::too_long);
      TextBuffer text;
      if (direction == Direction::to_responder)
        command(line->text, text, context);
      else
        reply(line->text, text, context);
      if (!secured_ && bad_lines_ < kBadLinesMax) continue;
      finish(context);
      return secured_ ? anew_behind(bytes.size() - reader.rest().size()) : kGiveUp;
    }
    return bytes.size() - reader.rest().size();
  }

  // Which reply belongs to which command is no longer known.
  void gap(std::uint64_t, Direction direction, Context& context) override {
    context.refused(DecodeError::truncated);
    lines_[static_cast<std::size_t>(direction)].lost();
    if (direction == Direction::to_originator) replies_.lost();
    finish(context);
    greeted_ = true;
  }

  void finish(Context& context) override {
    for (const Pending& pending : pending_) tell(pending, nullptr, context);
    pending_.clear();
  }

 private:
  struct Pending {
    Timestamp time;
    std::string command, arg, secret, user;  // escaped
    std::optional<std::int64_t> file_size;
    bool password_seen = false;
  };

  struct DataChannel {
    FtpChannel to;
    bool passive = false;  // the client opens it
  };

  void bad(Context& context) {
    ++bad_lines_;
    context.refused(DecodeError::bad_value);
  }

  void command(Bytes line, TextBuffer& text, Context& context) {
    const auto begin = std::ranges::find_if(line, [](std::uint8_t byte) { return byte < kTelnetMin; });
    text.append_escaped({begin, line.end()});
    std::string_view arg = text.view();
    Pending made{context.now(), std::string{take_word(arg)}, {}, {}, {}, {}, false};
    if (!is_ftp_command(made.command)) return bad(context);
    made.command = capitals(made.command);
    const bool secret = is_secret(made.command, arg);
    made.arg = secret && !arg.empty() ? kHidden : arg;
    if (secret) made.secret = arg;
    if (made.command == "USER") {
      user_ = arg;
      password_seen_ = false;
    }
    if (made.command == "PASS") password_seen_ = true;
    made.user = user_;
    made.password_seen = password_seen_;
    if (const auto channel = data_channel(made, nullptr)) announce(*channel, context);
    if (const Transfer what = transfer(made.command); what != Transfer::none && channel_) {
      std::string_view name{reinterpret_cast<const char*>(line.data()), line.size()};
      name.remove_prefix(static_cast<std::size_t>(begin - line.begin()));
      take_word(name);
      expect(what == Transfer::file ? name : std::string_view{}, context);
    }
    if (pending_.size() == kPendingMax) {
      context.refused(DecodeError::limit);
      tell(pending_.front(), nullptr, context);
      pending_.erase(pending_.begin());
    }
    pending_.push_back(std::move(made));
  }

  void reply(Bytes line, TextBuffer& text, Context& context) {
    text.append_escaped(line);
    Reply reply;
    const auto state = replies_.line(text.view(), reply);
    if (state == ReplyReader::State::malformed) return bad(context);
    if (state == ReplyReader::State::more) return;
    if (!pending_.empty()) size_of_file(pending_.front(), reply);
    if (reply.code < kFinalMin) return;
    const bool restart = !pending_.empty() && pending_.front().command == "REIN";
    const bool greeting = !std::exchange(greeted_, true) && reply.code == kReady && !restart;
    if (greeting || pending_.empty()) {
      Pending none{context.now(), {}, {}, {}, user_, {}, password_seen_};
      if (greeting) none.command = kGreeting;
      return tell(none, &reply, context);
    }
    const Pending& first = pending_.front();
    secured_ = first.command == "AUTH" && reply.code == kSecured;
    if (const auto channel = data_channel(first, &reply); channel && channel->passive) announce(*channel, context);
    tell(first, &reply, context);
    pending_.erase(pending_.begin());
  }

  // `213 5000`; `150 Opening data connection for a.txt (5000 bytes)`, which no standard says and most servers send.
  static void size_of_file(Pending& of, const Reply& reply) {
    std::string_view digits = reply.text;
    if (reply.code == kOpening && of.command == "RETR") {
      const std::size_t open = digits.rfind('(');
      if (open == std::string_view::npos || !contains_word(digits, " bytes")) return;
      digits.remove_prefix(open + 1);
    } else if (reply.code != kSize || of.command != "SIZE") {
      return;
    }
    std::int64_t bytes = 0;
    const auto error = std::from_chars(digits.data(), digits.data() + digits.size(), bytes).ec;
    if (error == std::errc{} && bytes >= 0) of.file_size = bytes;
  }

  static void tell(const Pending& of, const Reply* reply, Context& context) {
    if (!context.wants(0)) return;
    EventWriter out = context.begin(0, of.time);
    set_text(out, kUser, of.user);
    out.set(kPasswordSeen, Value::boolean(of.password_seen));
    set_text(out, kCommand, of.command);
    set_text(out, kArg, of.arg);
    if (reply != nullptr) {
      out.set(kReplyCode, Value::integer(reply->code));
      // Some servers repeat what they were told.
      const bool repeats = of.secret.size() >= kSecretMin && reply->text.find(of.secret) != std::string_view::npos;
      set_text(out, kReplyMsg, repeats ? kHidden : reply->text);
    }
    if (of.file_size) out.set(kFileSize, Value::integer(*of.file_size));
    write_channel(out, of, reply, context);
    context.emit();
  }

  // What the command, or its reply, says of the data connection.
  static std::optional<DataChannel> data_channel(const Pending& of, const Reply* reply) {
    std::optional<FtpChannel> to;
    const bool passive = of.command == "PASV" || of.command == "EPSV";
    if (of.command == "PORT") to = read_ftp_port(of.arg);
    if (of.command == "EPRT") to = read_ftp_eprt(of.arg);
    if (passive && reply != nullptr && reply->code == kPassiveReply) to = read_ftp_port(reply->text);
    if (passive && reply != nullptr && reply->code == kExtendedPassiveReply) to = read_ftp_epsv(reply->text);
    if (!to) return {};
    return DataChannel{*to, passive};
  }

  void announce(const DataChannel& channel, Context& context) {
    channel_ = channel;
    expect({}, context);
  }

  // Between the two ends of this connection, whatever address was named: behind a translator that is another one, and
  // a third host's connection (a bounce) may be another worker's.
  void expect(std::string_view name, Context& context) const {
    const Direction opens = channel_->passive ? Direction::to_responder : Direction::to_originator;
    context.expect(
        {Transport::tcp, context.sender(opens), context.sender(opposite(opens)), channel_->to.port, "ftp-data", name});
  }

  static void write_channel(EventWriter& out, const Pending& of, const Reply* reply, const Context& context) {
    const auto channel = data_channel(of, reply);
    if (!channel) return;
    const IpAddress client = context.sender(Direction::to_responder), server = context.sender(Direction::to_originator);
    out.set(kPassive, Value::boolean(channel->passive));
    out.set(kDataOrig, Value::address(channel->passive ? client : server));
    out.set(kDataResp, Value::address(channel->to.address.value_or(server)));
    out.set(kDataPort, Value::integer(channel->to.port));
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  std::array<LineReader, 2> lines_{LineReader{kLineMax}, LineReader{kLineMax}};  // by direction
  ReplyReader replies_;
  std::vector<Pending> pending_;        // oldest first
  std::optional<DataChannel> channel_;  // the last that was agreed on
  std::string user_;
  bool password_seen_ = false, greeted_ = false, secured_ = false;
  unsigned bad_lines_ = 0;
};

Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  const FirstLine front{first};
  std::string_view line = front.text();
  if (begins_http_or_ssh(line)) return Verdict::no;
  if (direction == Direction::to_responder)
    return on_port && is_command(take_word(line)) ? Verdict::unsure : Verdict::no;
  constexpr std::string_view kBegin = "220";
  if (on_port) return begins_reply(line) ? Verdict::unsure : Verdict::no;
  if (line.substr(0, 3) != kBegin.substr(0, line.size())) return Verdict::no;
  // Mail servers greet with the same number.
  if (contains_word(line, "ftp") || contains_word(line, "filezilla")) return Verdict::yes;
  return front.whole() ? Verdict::no : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<FtpAnalyzer>(); }

}  // namespace

Protocol ftp_protocol() {
  Protocol p;
  p.name = "ftp";
  p.help = "FTP: commands and replies, files, where data connections go";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
