// OpenSSH's server: who logs in, from where, how, and what came of it. Every line of sshd is an event; what is not
// known keeps its message, which rules for sshd search.
#include "ingest/logs/formats/linux_text.h"
#include "ingest/logs/formats/messages.h"
#include "ingest/logs/formats/pam_text.h"
#include "ingest/logs/formats/sshd_text.h"

namespace nw::logs {

namespace {

enum Field : std::uint8_t {
  method = kPamFieldCount,
  invalid_user,
  src_ip,
  src_port,
  key_type,
  fingerprint,
  protocol,
  client_user,
  preauth,
  code,
  level
};
constexpr auto kFields = join_fields(
    kPamFields, std::to_array<event::FieldSpec>({
                    {"method", "text", "how: password, publickey, keyboard-interactive/pam, ..."},
                    {"invalid_user", "boolean", "true: there is no such user"},
                    {"src_ip", "address", "where the client is; text, where the line names a host; also id.orig_h"},
                    {"src_port", "integer", "its port; also id.orig_p"},
                    {"key_type", "text", "RSA, ED25519, ECDSA-CERT, ..."},
                    {"fingerprint", "text", "the key's fingerprint: SHA256:..., MD5:..., or as OpenSSH 6 wrote it"},
                    {"protocol", "text", "ssh2, or ssh1 of old"},
                    {"client_user", "text", "who the client's host says it is (hostbased)"},
                    {"preauth", "boolean", "true: nobody had logged in"},
                    {"code", "integer", "the client's reason code for the disconnect, RFC 4253 section 11.1"},
                    {"level", "text", "error, fatal, ..., where the line begins with it"},
                }));
static_assert(kFields[method].name == "method" && kFields[level].name == "level");

constexpr std::array<std::string_view, 3> kServices{"sshd", "auth", "syslog"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"syslog.sshd", "linux", kServices, {}, kFields, false}}};
constexpr std::array<std::string_view, 3> kPrograms{"sshd", "sshd-auth", "sshd-session"};

void set_endpoint(MessageWriter& writer, event::Common host, event::Common port, std::string_view address,
                  std::int64_t number) {
  if (IpAddress ip; parse_address(address, ip)) set_common(writer, host, event::Value::address(ip));
  if (number >= 0) set_common(writer, port, event::Value::integer(number));
}

void set_sshd(MessageWriter& writer, const SshdText& ssh) {
  set_text(writer, pam_outcome, ssh.outcome);
  set_text(writer, pam_user, ssh.user);
  set_text(writer, pam_reason, ssh.reason);
  set_text(writer, method, ssh.method);
  set_text(writer, key_type, ssh.key_type);
  set_text(writer, fingerprint, ssh.fingerprint);
  set_text(writer, protocol, ssh.protocol);
  set_text(writer, client_user, ssh.client_user);
  if (ssh.invalid_user) writer.set(invalid_user, event::Value::boolean(true));
  if (ssh.code >= 0) writer.set(code, event::Value::integer(ssh.code));
  if (!ssh.source.empty()) writer.set(src_ip, address_or_text(ssh.source));
  if (ssh.source_port >= 0) writer.set(src_port, event::Value::integer(ssh.source_port));
  set_endpoint(writer, event::Common::orig_h, event::Common::orig_p, ssh.source, ssh.source_port);
  set_endpoint(writer, event::Common::resp_h, event::Common::resp_p, ssh.local, ssh.local_port);
}

class SshdReader final : public MessageReader {
 public:
  LineFault read(const Message& message, MessageContext& out) override {
    if (!out.wants(0)) return LineFault::none;
    SshdText ssh;
    const std::string_view sentence = sshd_sentence(message.text, ssh);
    MessageWriter writer = out.begin(0, message, message.time);
    if (PamText pam; read_pam(message.program, sentence, pam)) {
      set_pam(writer, pam);
    } else if (read_sshd(sentence, ssh)) {
      set_sshd(writer, ssh);
    }
    set_text(writer, level, ssh.level);
    if (ssh.preauth) writer.set(preauth, event::Value::boolean(true));
    out.emit();
    return LineFault::none;
  }
};

}  // namespace

const MessageFormat& sshd_format() {
  static constexpr MessageFormat kFormat{
      "sshd",  "OpenSSH's server, with PAM's lines",
      kTypes,  kPrograms,
      nullptr, []() -> std::unique_ptr<MessageReader> { return std::make_unique<SshdReader>(); }};
  return kFormat;
}

}  // namespace nw::logs
