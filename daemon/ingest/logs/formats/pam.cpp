// The lines of PAM's modules in any program: su, login, cron, a display manager, a mail server, ... sshd's and sudo's
// stay with their own formats, whose programs go first; those read the lines of PAM among theirs with the same reader.
#include "ingest/logs/formats/linux_text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pam_text.h"

namespace nw::logs {

namespace {

enum TypeIndex : std::uint8_t { of_any, of_cron };

constexpr std::array<std::string_view, 2> kServices{"auth", "syslog"};
constexpr std::array<std::string_view, 3> kCronServices{"cron", "auth", "syslog"};
constexpr std::array<event::TypeSpec, 2> kTypes{{
    {"syslog.pam", "linux", kServices, {}, kPamFields, false},
    {"syslog.pam.cron", "linux", kCronServices, {}, kPamFields, false},
}};

std::string_view message_text(const Message& message) noexcept {
  std::string_view text = message.text;
  skip_message_id(text);
  return text;
}

bool recognise(const Message& message) noexcept {
  const std::string_view text = message_text(message);
  PamText pam;
  // Cheap enough to be asked of every line: without one of these it is not PAM's.
  const bool likely = text.starts_with("pam_") || text.starts_with("(pam_") || text.starts_with("PAM ") ||
                      text.starts_with("gkr-pam") || message.program.find("(pam_") != std::string_view::npos;
  return likely && read_pam(message.program, text, pam);
}

bool is_cron(std::string_view program, std::string_view service) noexcept {
  const auto named = [](std::string_view name) {
    return name == "cron" || name == "crond" || name == "CRON" || name == "atd" || name == "anacron";
  };
  return named(program_name(program)) || named(service);
}

class PamReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    PamText pam;
    if (!read_pam(message.program, message_text(message), pam)) return LineFault::bad_header;
    const std::size_t type = is_cron(message.program, pam.service) ? of_cron : of_any;
    if (!out.wants(type)) return LineFault::none;
    MessageWriter writer = out.begin(type, message, message.time);
    set_pam(writer, pam);
    out.emit();
    return LineFault::none;
  }
};

}  // namespace

const MessageFormat& pam_format() {
  static constexpr MessageFormat kFormat{
      "pam",     "lines of PAM's modules, in any program",
      kTypes,    {},
      recognise, []() -> std::unique_ptr<MessageReader> { return std::make_unique<PamReader>(); }};
  return kFormat;
}

}  // namespace nw::logs
