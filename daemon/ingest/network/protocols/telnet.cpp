// Telnet (RFC 854): what a terminal shows one way, what its user types the other way, with commands in between, as
// telnet_options.h has them. Nothing says where a login begins and how it ends but words made for people.
//
// One `telnet` event per attempt to log in, when the server's answer shows; for a session without any, one at its end.
// Zeek has no such log, so all fields are ours. A prompt is the end of what the server wrote when the client goes on:
// `login:`, `Password:`, or, behind a login, a shell's `$`. What is typed at any other place, and every password, is
// not even gathered. After a login the analysis ends.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "ingest/network/protocols/line_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/telnet_options.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/words.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t { kUser, kPasswordSeen, kAuthAttempts, kAuthSuccess, kTerminal };

constexpr auto kFields = std::to_array<FieldSpec>({
    {"user", "text", "who the client says it is, at a prompt or by the option for it (ours)"},
    {"password_seen", "boolean", "a password was typed; what it is, is not kept (ours)"},
    {"auth_attempts", "integer", "how many logins were tried so far, this one included; 0: none (ours)"},
    {"auth_success", "boolean", "the server's words say that it succeeded, or failed; absent when neither (ours)"},
    {"terminal", "text", "type of the client's terminal: XTERM, ... (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"telnet"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"telnet", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{23};

constexpr std::size_t kTypedMax = 256;             // of a user's name
constexpr std::size_t kShownMax = 512;             // of the line that the server writes, its end
constexpr std::size_t kNoPromptBytesMax = 65'536;  // of a server that asks nothing

// Welcomes first: some tell of earlier failures.
constexpr auto kWelcomes =
    std::to_array<std::string_view>({"last login", "last successful login", "last failed login", "failed login attempt",
                                     "login successful", "welcome", "have mail"});
constexpr auto kRefusals = std::to_array<std::string_view>(
    {"incorrect", "invalid", "fail", "denied", "refused", "bad password", "bad login", "wrong password",
     "not logged in", "not authorized", "could not log you in", "unknown user", "try again", "too many"});
constexpr auto kPasswordPrompts = std::to_array<std::string_view>({"password", "passcode", "passphrase", "kennwort"});
// In a prompt's last word, or in front of any: but a host may be called so, too ("compass login:", "pin7 login:").
constexpr auto kPasswordWords = std::to_array<std::string_view>({"pass", "pin", "code", "secret", "token"});
constexpr auto kUserPrompts = std::to_array<std::string_view>({"login", "user", "account", "benutzer"});

enum class Says : std::uint8_t { nothing, asks_user, asks_password, refuses, lets_in };

// Whether a word of `text` begins with `part`.
bool begins_a_word(std::string_view text, std::string_view part) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  for (std::size_t at = 0; at < text.size(); ++at)
    if ((at == 0 || !letter(text[at - 1])) && starts_with_word(text.substr(at), part)) return true;
  return false;
}

// Behind a first word, which may be a host's name, nothing but what asks for a user.
bool asks_plainly(std::string_view prompt) {
  take_word(prompt);
  if (prompt.empty()) return false;
  while (!prompt.empty()) {
    const std::string_view word = take_word(prompt);
    const auto in_word = [&](std::string_view part) { return contains_word(word, part); };
    if (!std::ranges::any_of(kUserPrompts, in_word) && !same_word(word, "name")) return false;
  }
  return true;
}

// What a line of the server means; a line that is not `whole` may be a prompt.
Says meaning(std::string_view line, bool whole) {
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  if (line.empty()) return Says::nothing;
  const auto has = [&](std::string_view part) { return contains_word(line, part); };
  if (std::ranges::any_of(kWelcomes, has)) return Says::lets_in;
  if (std::ranges::any_of(kRefusals, has)) return Says::refuses;
  if (line.back() == ':') {
    const std::string_view prompt = line.substr(0, line.find_last_not_of(" :") + 1);
    const std::string_view last = prompt.substr(prompt.find_last_of(' ') + 1);
    const auto ends_in = [&](std::string_view part) { return contains_word(last, part); };
    if (std::ranges::any_of(kPasswordPrompts, has) || std::ranges::any_of(kPasswordWords, ends_in))
      return Says::asks_password;
    // "Enter passwd for user anna:" names a user, and asks for something else.
    const auto begins = [&](std::string_view part) { return begins_a_word(prompt, part); };
    if (std::ranges::any_of(kPasswordWords, begins) && !asks_plainly(prompt)) return Says::asks_password;
    // Of names only those of users: "Patient name:" is asked behind a login.
    if (std::ranges::any_of(kUserPrompts, has) || same_word(prompt, "name")) return Says::asks_user;
  }
  constexpr std::string_view kShells = "$#>%";
  const bool shell = !whole && kShells.find(line.back()) != std::string_view::npos;
  return shell ? Says::lets_in : Says::nothing;
}

// The line that the server is writing: its end, without what only moves the cursor or paints (ECMA-48).
class Shown {
 public:
  // True when `byte` ended the line.
  bool add(std::uint8_t byte) {
    constexpr std::uint8_t kEscape = 0x1b;
    if (byte == kEscape) {
      escape_ = Escape::begun;
    } else if (escape_ == Escape::begun) {
      escape_ = byte == '[' ? Escape::sequence : Escape::none;
    } else if (escape_ == Escape::sequence) {
      if (byte >= '@' && byte <= '~') escape_ = Escape::none;
    } else if (byte == '\n' || byte == '\r') {
      return true;
    } else if (byte >= ' ') {
      if (line_.size() == kShownMax) line_.erase(0, kShownMax / 2);
      line_.push_back(static_cast<char>(byte));
    }
    return false;
  }
  void clear() {
    line_.clear();
    escape_ = Escape::none;
  }
  [[nodiscard]] std::string_view line() const noexcept { return line_; }

 private:
  enum class Escape : std::uint8_t { none, begun, sequence };

  std::string line_;
  Escape escape_ = Escape::none;
};

class TelnetAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    if (!began_) began_ = context.now();
    const bool client = direction == Direction::to_responder;
    TelnetText& text = text_[client ? 0 : 1];
    for (const std::uint8_t byte : bytes) {
      std::uint8_t plain = 0;
      if (!text.text(byte, plain)) continue;
      if (client)
        typed(plain, context);
      else
        shown(plain, context);
      if (done_) break;
    }
    if (!client && !done_) hear(false, context);
    if (!done_) return bytes.size();
    finish(context);
    return kDone;
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    context.refused(DecodeError::truncated);
    const bool client = direction == Direction::to_responder;
    text_[client ? 0 : 1].lost();
    if (!client) return shown_.clear();
    typed_.clear();
    asked_ = Asked::nothing;
  }

  void finish(Context& context) override {
    if (open_ || attempts_ == 0) tell({}, context);
    open_ = false;
  }

 private:
  enum class Asked : std::uint8_t { nothing, user, password };

  void typed(std::uint8_t byte, Context& context) {
    constexpr std::uint8_t kBackspace = 0x08, kKill = 0x15, kDelete = 0x7f;
    if (byte == '\r' || byte == '\n') return entered(context);
    if (asked_ != Asked::user) return;
    if (byte == kBackspace || byte == kDelete) {
      if (!typed_.empty()) typed_.pop_back();
    } else if (byte == kKill) {
      typed_.clear();
    } else if (byte >= ' ') {
      if (typed_.size() < kTypedMax)
        typed_.push_back(static_cast<char>(byte));
      else
        cut_ = true;
    }
  }

  // The client's line is whole.
  void entered(Context& context) {
    const Asked asked = std::exchange(asked_, Asked::nothing);
    if (asked == Asked::user && typed_.empty()) asked_ = Asked::user;
    if (asked_ == Asked::user || asked == Asked::nothing) return;
    shown_.clear();  // what stands there has been answered
    if (asked == Asked::user) {
      user_ = std::exchange(typed_, {});
      if (std::exchange(cut_, false)) context.refused(DecodeError::too_long);
    }
    if (!open_) {
      open_ = true;
      password_seen_ = false;
      time_ = context.now();
      ++attempts_;
    }
    if (asked == Asked::password) password_seen_ = true;
  }

  void shown(std::uint8_t byte, Context& context) {
    if (shown_.add(byte)) {
      hear(true, context);
      shown_.clear();
    }
    if (asked_ == Asked::nothing && ++silent_ == kNoPromptBytesMax) done_ = true;
  }

  void hear(bool whole, Context& context) {
    switch (meaning(shown_.line(), whole)) {
      case Says::nothing: break;
      case Says::asks_user:
        answered(false, context);
        user_.clear();
        ask(Asked::user);
        break;
      case Says::asks_password:
        if (password_seen_) answered(false, context);
        typed_.clear();
        ask(Asked::password);
        break;
      case Says::refuses: answered(false, context); break;
      case Says::lets_in:
        if (open_) done_ = true;
        answered(true, context);
        break;
    }
  }

  void ask(Asked what) {
    asked_ = what;
    silent_ = 0;
  }

  void answered(bool success, Context& context) {
    if (!std::exchange(open_, false)) return;
    tell(success, context);
    password_seen_ = false;
  }

  void tell(std::optional<bool> success, Context& context) {
    if (!context.wants(0)) return;
    EventWriter out = context.begin(0, attempts_ == 0 ? began_.value_or(context.now()) : time_);
    set_text(out, kUser, user_.empty() ? text_[0].user() : user_);
    out.set(kPasswordSeen, Value::boolean(password_seen_));
    out.set(kAuthAttempts, Value::integer(attempts_));
    if (success) out.set(kAuthSuccess, Value::boolean(*success));
    set_text(out, kTerminal, text_[0].terminal());
    context.emit();
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (text.empty() || !out.wants(field)) return;
    TextBuffer escaped;
    escaped.append_escaped({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    out.set(field, Value::text(out.event().keep(escaped.view())));
  }

  std::array<TelnetText, 2> text_;  // client, server
  Shown shown_;
  std::string typed_, user_;
  Asked asked_ = Asked::nothing;
  bool open_ = false;  // an attempt waits for its answer
  bool password_seen_ = false, cut_ = false, done_ = false;
  unsigned attempts_ = 0;
  std::size_t silent_ = 0;  // what the server wrote since its last prompt
  std::optional<Timestamp> began_;
  Timestamp time_{};  // of the attempt
};

// A negotiation: | IAC | WILL, WONT, DO or DONT | option |. How many of them stand at the front, and whether the next
// is cut.
struct Negotiations {
  std::size_t count = 0;
  bool cut = false;
};

Negotiations negotiations(Bytes first) {
  constexpr std::uint8_t kOptionMax = 49;  // the last that IANA's list has in a row
  Negotiations out;
  for (ByteReader reader{first}; !reader.empty(); ++out.count) {
    const std::uint8_t iac = reader.u8();
    if (iac != TelnetText::kIac) break;
    const std::uint8_t command = reader.u8(), option = reader.u8();
    out.cut = !reader.ok();
    if (out.cut || command < TelnetText::kWill || command == TelnetText::kIac || option > kOptionMax) break;
  }
  return out;
}

// Off the port two negotiations tell.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  const auto [count, cut] = negotiations(first);
  if (count >= 2) return Verdict::yes;
  if (cut || (count == 1 && first.size() == 3)) return Verdict::unsure;
  if (!on_port || begins_http_or_ssh(FirstLine{first}.text())) return Verdict::no;
  const bool text = std::ranges::all_of(first.first(std::min<std::size_t>(first.size(), 16)), [](std::uint8_t byte) {
    return (byte >= ' ' && byte < 0x7f) || (byte >= 0x07 && byte <= '\r') || byte == 0x1b || byte == 0;
  });
  return text || count != 0 || first.front() == TelnetText::kIac ? Verdict::unsure : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<TelnetAnalyzer>(); }

}  // namespace

Protocol telnet_protocol() {
  Protocol p;
  p.name = "telnet";
  p.help = "Telnet: attempts to log in, and whether they seem to succeed";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
