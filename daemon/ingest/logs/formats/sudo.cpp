// sudo's messages (sudo 1.6 to 1.9, its `log_format` sudo):
//
//   USER : [REASON ; ][HOST=h ; ]TTY=t ; [CHROOT=d ; ]PWD=d ; USER=u ; [GROUP=g ; ][TSID=i ; ][ENV=e ; ]COMMAND=c
//   USER : (command continued) REST        syslog's lines are short; the rest of the command comes behind
//
// The command is last, and all that follows it belongs to it: whoever calls sudo chooses its text.
#include "ingest/logs/formats/linux_text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pam_text.h"

namespace nw::logs {

namespace {

enum Field : std::uint8_t {
  pwd = kPamFieldCount,
  runas,
  runas_group,
  command,
  env,
  chroot,
  tsid,
  submit_host,
  exit_value,
  exit_signal
};
constexpr auto kFields = join_fields(
    kPamFields, std::to_array<event::FieldSpec>({
                    {"pwd", "text", "where sudo was called"},
                    {"runas", "text", "as whom the command runs"},
                    {"runas_group", "text", "as which group"},
                    {"command", "text", "the command with its arguments; of a continued one, the rest of it"},
                    {"env", "text", "the variables that were asked for"},
                    {"chroot", "text", "the root directory for the command"},
                    {"tsid", "text", "the number of the session's recording"},
                    {"submit_host", "text", "the host that sudo names (log_host)"},
                    {"exit_value", "integer", "what the command returned (log_exit_status)"},
                    {"exit_signal", "text", "the signal that ended it"},
                }));
static_assert(kFields[pwd].name == "pwd" && kFields[exit_signal].name == "exit_signal");

constexpr std::array<std::string_view, 3> kServices{"sudo", "auth", "syslog"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"syslog.sudo", "linux", kServices, {}, kFields, false}}};
constexpr std::array<std::string_view, 1> kPrograms{"sudo"};

constexpr std::size_t kNameBytesMax = 256;  // of who calls; RFC 5424 allows no longer host, and systems no longer user

struct Key {
  std::string_view name;
  std::uint8_t field;
};
constexpr auto kKeys = std::to_array<Key>({
    {"TTY=", pam_tty},
    {"PWD=", pwd},
    {"CWD=", pwd},
    {"USER=", runas},
    {"GROUP=", runas_group},
    {"COMMAND=", command},
    {"ENV=", env},
    {"CHROOT=", chroot},
    {"TSID=", tsid},
    {"HOST=", submit_host},
    {"EXIT=", exit_value},
    {"SIGNAL=", exit_signal},
});

const Key* key_at(std::string_view text) noexcept {
  for (const Key& key : kKeys)
    if (text.starts_with(key.name)) return &key;
  return nullptr;
}

// Of the reasons that stand before the keys, those that are no refusal.
constexpr std::array<std::string_view, 3> kErrors{"problem with ", "unable to ", "error "};

std::string_view outcome_of(std::string_view reason, bool exited) noexcept {
  if (exited) return "exited";
  if (reason.empty()) return "accepted";
  for (const std::string_view begins : kErrors)
    if (reason.starts_with(begins)) return "error";
  return "denied";
}

// The parts up to the command, and the command; what stands before the first key is the reason, which may hold " ; ".
void read_parts(std::string_view text, MessageWriter& writer) {
  const std::string_view all = text;
  std::size_t reason_bytes = all.size();
  bool keyed = false, exited = false;
  while (!text.empty()) {
    const Key* key = key_at(text);
    if (key != nullptr && !keyed) reason_bytes = all.size() - text.size();
    keyed = keyed || key != nullptr;
    const bool last = key != nullptr && key->field == command;
    const std::string_view part = last ? text : text.substr(0, text.find(" ; "));
    text.remove_prefix(part.size());
    take(text, " ; ");
    if (key == nullptr) continue;
    const std::string_view value = part.substr(key->name.size());
    exited = exited || key->field == exit_value || key->field == exit_signal;
    if (key->field == exit_value) {
      writer.set(exit_value, integer_or_text(value));
    } else {
      set_text(writer, key->field, value);
    }
  }
  std::string_view reason = all.substr(0, reason_bytes);
  take_end(reason, " ; ");
  set_text(writer, pam_reason, reason);
  if (keyed) writer.set(pam_outcome, event::Value::text(outcome_of(reason, exited)));
}

// "alice : ..."; false when the message is another one.
bool read_call(std::string_view text, MessageWriter& writer) {
  skip_spaces(text);
  const std::size_t colon = text.find(" : ");
  if (colon == std::string_view::npos || colon > kNameBytesMax) return false;
  const std::string_view user = text.substr(0, colon);
  text.remove_prefix(colon + 3);
  if (user.find(' ') != std::string_view::npos && key_at(text) == nullptr) return false;
  set_text(writer, pam_user, user);
  if (take(text, "(command continued) ")) {
    writer.set(pam_outcome, event::Value::text("continued"));
    set_text(writer, command, text);
    return true;
  }
  read_parts(text, writer);
  return true;
}

class SudoReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (!out.wants(0)) return LineFault::none;
    std::string_view text = message.text;
    skip_message_id(text);
    MessageWriter writer = out.begin(0, message, message.time);
    if (PamText pam; read_pam(message.program, text, pam)) {
      set_pam(writer, pam);
    } else {
      // What is neither is the message alone: "unable to resolve host ..."
      read_call(text, writer);
    }
    out.emit();
    return LineFault::none;
  }
};

}  // namespace

const MessageFormat& sudo_format() {
  static constexpr MessageFormat kFormat{
      "sudo",    "sudo's messages", kTypes,
      kPrograms, nullptr,           []() -> std::unique_ptr<MessageReader> { return std::make_unique<SudoReader>(); }};
  return kFormat;
}

}  // namespace nw::logs
