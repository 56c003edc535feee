// Redis and its kin (Valkey, KeyDB): RESP 2 and 3, as redis_resp.h reads it. A client sends arrays of texts, or plain
// lines.
//
// One `redis` event per command with its reply, as in Zeek's redis.log. Replies come in the order of the commands. Not
// answered are commands behind CLIENT REPLY OFF, and those that subscribe: what they bring is pushed, and is no reply.
// Passwords of AUTH, HELLO, CONFIG, ACL and the like are never told; nor is, in a reply, what follows the name of one,
// nor an array when it is not certain which command it answers: it may be CONFIG's.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/redis_commands.h"
#include "ingest/network/protocols/redis_resp.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t { kName, kKey, kValue, kArguments, kSuccess, kReply };

constexpr auto kFields = std::to_array<FieldSpec>({
    {"cmd.name", "text", "the command as sent: GET, config, ...; absent when only the reply was seen"},
    {"cmd.key", "text", "the key that it is about"},
    {"cmd.value", "text", "the value that it sets, or what else follows the key"},
    {"cmd.args", "text",
     "arguments of commands without a key, such as CONFIG, EVAL and SLAVEOF, without passwords (ours)"},
    {"success", "boolean", "the reply is no error; absent when there was none"},
    {"reply.value", "text", "the reply, an array's in [brackets]; not of CONFIG and ACL where it may have passwords"},
});
constexpr std::array<std::string_view, 1> kService{"redis"}, kCategory{"database"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"redis", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{6379};

constexpr std::size_t kPendingMax = 256;             // commands that wait for their replies, per flow
constexpr std::size_t kPendingBytesMax = 64 * 1024;  // of their texts
constexpr std::size_t kIdleBytesMax = 64;            // of a text's memory that is kept for the next
constexpr std::size_t kReplyMax = 1024;              // bytes of a reply that are told
constexpr std::string_view kHidden = "<secret>";

// Messages that Redis pushes to a subscriber, as arrays, when the client speaks RESP 2.
constexpr auto kPushes = std::to_array<std::string_view>({"message", "pmessage", "smessage", "subscribe", "psubscribe",
                                                          "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe"});

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

class RedisAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    const bool client = direction == client_;
    Side& side = sides_[client ? 0 : 1];
    ByteReader reader{bytes};
    RespElement element;
    for (;;) {
      if (side.lost && !begins_anything(bytes, client)) return bytes.size();
      side.lost = false;
      if (!client && replication(reader, context)) return kDone;
      const auto got = side.resp.next(reader, element, client);
      if (got == RespReader::Got::more) break;
      if (got == RespReader::Got::fault) {
        context.refused(side.resp.error());
        finish(context);
        return kGiveUp;
      }
      if (!context.wants(0)) continue;
      if (client) {
        from_client(element, context);
      } else {
        from_server(element, context);
        if (copies_) {
          finish(context);
          return kDone;
        }
      }
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[direction == client_ ? 0 : 1];
    if (bytes <= side.resp.skip()) return side.resp.skipped(bytes);  // of what would have passed by
    side.resp.reset();
    side.lost = true;
    // Which reply belongs to which command is not known any more.
    doubt_ = true;
    finish(context);
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    while (waiting_ != 0) tell_oldest(context, nullptr);
  }

 private:
  struct Side {
    RespReader resp;
    bool lost = false;  // a gap came, no message found since
  };
  struct Command {
    Timestamp time;
    RedisCommandText text;
  };
  enum class Hides : std::uint8_t { nothing, next, inside };  // of a reply's elements
  struct Reply {
    bool success = false, array = false;
    std::string_view text;
  };

  // After a gap: could a message begin here?
  static bool begins_anything(Bytes bytes, bool client) {
    if (bytes.empty()) return true;
    return std::string_view{client ? "*" : "+-:$*_"}.find(static_cast<char>(bytes.front())) != std::string_view::npos;
  }

  // Whether a copy of all keys begins here, which is no RESP. Until the server has it, it sends empty lines.
  bool replication(ByteReader& reader, Context& context) {
    const RespReader& resp = sides_[1].resp;
    const bool asked = waiting_ != 0 && late_replies_ == 0 && pending_[first_].text.replicates;
    if (!asked || !resp.complete() || resp.skip() != 0) return false;
    while (!reader.empty() && reader.rest().front() == '\n') reader.u8();
    if (reader.empty() || reader.rest().front() != '$') return false;
    finish(context);
    return true;
  }

  void from_client(const RespElement& element, Context& context) {
    if (element.type == '*') {
      command_.clear();
    } else if (element.type == 'i') {
      command_.clear();
      command_.add_line(element.text);
    } else {
      command_.add(element.text);
    }
    if (sides_[0].resp.complete() && !command_.empty()) command(context);
  }

  void command(Context& context) {
    seen_ = true;
    const bool off = replies_off_;
    const RedisMode mode = command_.mode();
    switch (mode) {
      case RedisMode::replies_on: replies_off_ = false; break;
      case RedisMode::replies_off: replies_off_ = true; break;
      case RedisMode::subscribe: subscribed_ = true; break;
      default: break;
    }
    const bool unanswered = (off && replies_off_) || skip_next_ || mode == RedisMode::replies_off ||
                            mode == RedisMode::skip_reply || mode == RedisMode::subscribe;
    skip_next_ = mode == RedisMode::skip_reply;
    if (waiting_ == kPendingMax) tell_unanswered(context);
    if (waiting_ == pending_.size()) grow();
    Command& made = pending_[(first_ + waiting_) % pending_.size()];
    made.time = context.now();
    command_.write(made.text);
    if (unanswered) {
      write(context, made.time, &made.text, nullptr);
      return release(made.text);
    }
    ++waiting_;
    pending_bytes_ += size_of(made.text);
    while (pending_bytes_ > kPendingBytesMax && waiting_ > 1) tell_unanswered(context);
  }

  // Told without its reply, which will still come.
  void tell_unanswered(Context& context) {
    context.refused(DecodeError::limit);
    tell_oldest(context, nullptr);
    ++late_replies_;
  }

  // Slots are used again, so that their texts' memory is, if it is not much.
  void grow() {
    constexpr std::size_t kFirst = 8;
    std::rotate(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(first_), pending_.end());
    first_ = 0;
    pending_.resize(std::clamp(pending_.size() * 2, kFirst, kPendingMax));
  }
  static std::size_t size_of(const RedisCommandText& text) {
    return text.name.size() + text.key.size() + text.value.size() + text.arguments.size();
  }
  static void release(RedisCommandText& text) {
    for (std::string* one : {&text.name, &text.key, &text.value, &text.arguments}) {
      one->clear();
      if (one->capacity() > kIdleBytesMax) std::string{}.swap(*one);
    }
  }

  void from_server(const RespElement& element, Context& context) {
    if (element.depth == 0) {
      reply_.clear();
      top_ = element.type;
      error_ = false;
      pushed_ = element.type == '>';
      open_ = 0;
      hides_ = Hides::nothing;
    }
    if (!element.attribute) render(element);
    if (sides_[1].resp.complete()) reply(context);
  }

  // "[a, [b, c]]"; a level ends when an element comes that is less deep, or none does.
  void render(const RespElement& element) {
    close_to(element.depth);
    if (element.depth != 0) {
      const bool first = fresh_;
      if (first && subscribed_ && element.depth == 1 && top_ == '*')
        pushed_ = pushed_ || std::ranges::find(kPushes, as_text(element.text)) != kPushes.end();
      if (!first) append(", ");
    }
    fresh_ = false;
    if (element.depth == 0) error_ = element.type == '-' || element.type == '!';
    const bool array = is_array(element.type), secret = follows_secret(element, array);
    if (element.null) {
      append("null");
    } else if (secret && !array) {
      append(kHidden);
    } else if (array) {
      append("[");
      fresh_ = true;
      ++open_;
    } else if (element.type == '#') {
      append(as_text(element.text) == "t" ? "T" : "F");
    } else {
      TextBuffer text;
      text.append_escaped(element.text);
      append(text.view());
    }
  }

  // Whether it follows the name of a password: a text, or all inside an array.
  bool follows_secret(const RespElement& element, bool array) {
    if (hides_ == Hides::inside && element.depth > secret_depth_) return true;
    const bool follows = hides_ == Hides::next && element.depth == secret_depth_;
    hides_ = follows && array ? Hides::inside : Hides::nothing;
    if (follows || element.depth == 0 || !is_redis_secret(as_text(element.text))) return follows;
    hides_ = Hides::next;
    secret_depth_ = element.depth;
    return false;
  }

  static bool is_array(char type) { return std::string_view{"*~%>"}.find(type) != std::string_view::npos; }

  void close_to(std::size_t depth) {
    for (; open_ > depth; --open_) {
      append("]");
      fresh_ = false;
    }
  }
  void append(std::string_view text) { reply_.append(text.substr(0, kReplyMax - std::min(kReplyMax, reply_.size()))); }

  void reply(Context& context) {
    close_to(0);
    if (pushed_) return;
    if (late_replies_ != 0) {
      --late_replies_;
      return;
    }
    const Reply reply{!error_, is_array(top_), reply_};
    if (waiting_ != 0) {
      tell_oldest(context, &reply);
    } else if (!seen_) {
      write(context, context.now(), nullptr, &reply);
    }
  }

  void tell_oldest(Context& context, const Reply* reply) {
    Command& oldest = pending_[first_];
    // The client is a plain one again.
    if (reply != nullptr && oldest.text.resets) subscribed_ = replies_off_ = false;
    copies_ = reply != nullptr && reply->success && oldest.text.replicates;
    write(context, oldest.time, &oldest.text, reply);
    pending_bytes_ -= size_of(oldest.text);
    release(oldest.text);
    first_ = (first_ + 1) % pending_.size();
    --waiting_;
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  // The reply without what may be a password; nothing when all of it may.
  [[nodiscard]] std::optional<std::string_view> shown(const RedisCommandText* command, const Reply& reply) const {
    const bool certain = command != nullptr && !doubt_;
    if (!reply.success) {
      const bool repeats = !certain || command->secret_error;
      return reply.text.substr(0, repeats ? reply.text.find_first_of("'\"`") : std::string_view::npos);
    }
    if (certain) return command->secret_reply ? std::nullopt : std::optional{reply.text};
    // What CONFIG and ACL answer, and what MONITOR shows.
    const bool tells = reply.array || is_redis_secret(reply.text) || reply.text.find('"') != std::string_view::npos;
    return tells ? std::nullopt : std::optional{reply.text};
  }

  void write(Context& context, Timestamp time, const RedisCommandText* command, const Reply* reply) {
    EventWriter out = context.begin(0, time);
    if (command != nullptr) {
      set_text(out, kName, command->name);
      if (command->has_key) set_text(out, kKey, command->key);
      if (command->has_value) set_text(out, kValue, command->value);
      if (!command->arguments.empty()) set_text(out, kArguments, command->arguments);
    }
    if (reply != nullptr) {
      out.set(kSuccess, Value::boolean(reply->success));
      if (const auto text = shown(command, *reply)) set_text(out, kReply, *text);
    }
    context.emit();
  }

  std::array<Side, 2> sides_;  // the client's, the server's
  Direction client_ = Direction::to_responder;
  RedisCommand command_;  // being read
  std::string reply_;     // being read
  char top_ = 0;
  std::size_t open_ = 0;          // brackets
  bool fresh_ = false;            // the last is empty yet
  Hides hides_ = Hides::nothing;  // of the elements that are as deep as this, or deeper:
  std::size_t secret_depth_ = 0;
  bool error_ = false, pushed_ = false;           // of the reply
  bool seen_ = false;                             // a command was
  bool replies_off_ = false, skip_next_ = false;  // CLIENT REPLY
  bool subscribed_ = false;
  bool copies_ = false;           // the server's answer was that a copy of all keys follows
  bool doubt_ = false;            // a gap came: which reply belongs to which command is not certain any more
  std::vector<Command> pending_;  // a ring: `waiting_` from `first_` on
  std::size_t first_ = 0, waiting_ = 0, pending_bytes_ = 0, late_replies_ = 0;
};

// Off the port only an array that begins with a command's name: "*1\r\n$4\r\nPING\r\n".
Verdict probe_array(Bytes first) {
  RespReader resp;
  ByteReader reader{first};
  RespElement element;
  for (const char type : {'*', '$'}) {
    switch (resp.next(reader, element, true)) {
      case RespReader::Got::more: return first.size() < 64 ? Verdict::unsure : Verdict::no;
      case RespReader::Got::fault: return Verdict::no;
      case RespReader::Got::element: break;
    }
    if (element.type != type || element.null || (type == '*' && element.count == 0)) return Verdict::no;
  }
  return is_redis_name(as_text(element.text)) ? Verdict::yes : Verdict::no;
}

// On the port, a plain line that begins with a word; a browser that was sent here does so too.
Verdict probe_line(Bytes first) {
  const std::string_view line = as_text(first).substr(0, as_text(first).find('\n'));
  const auto plain = [](char c) { return c != '.' && c != '-' && c != '_'; };
  const std::string_view word = line.substr(0, line.find_first_of(" \r"));
  const bool named = is_redis_name(word) && std::ranges::all_of(word, plain) && !ascii_digit(word.front());
  return named && line.find(" HTTP/1.") == std::string_view::npos ? Verdict::yes : Verdict::no;
}

Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  if (first.empty()) return Verdict::unsure;
  if (direction == Direction::to_originator) {
    if (!on_port) return Verdict::no;
    RespReader resp;
    ByteReader reader{first};
    RespElement element;
    const auto got = resp.next(reader, element, false);
    return got == RespReader::Got::fault ? Verdict::no : Verdict::yes;
  }
  if (first.front() == '*') return probe_array(first);
  if (!on_port) return Verdict::no;
  return probe_line(first);
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<RedisAnalyzer>(); }

}  // namespace

Protocol redis_protocol() {
  Protocol p;
  p.name = "redis";
  p.help = "Redis: commands and their replies, without passwords";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
