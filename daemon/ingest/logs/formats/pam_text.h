// What PAM's modules write, in whatever program they run. sshd's and sudo's messages are read by their own formats,
// which use this for the lines of PAM among them. Inner to this folder.
//
//   MODULE(SERVICE:ACTION): text        Linux-PAM since 0.99
//   PROGRAM(MODULE)[PID]: text          before it: the module stands in the tag
//   PAM 2 more authentication failures; text        the library itself
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "event/schema.h"
#include "ingest/logs/formats/message.h"

namespace nw::logs {

// First in the fields of every type whose messages may come from PAM, in this order.
enum PamField : std::uint8_t {
  pam_outcome,
  pam_user,
  pam_reason,
  pam_module,
  pam_service,
  pam_action,
  pam_logname,
  pam_uid,
  pam_euid,
  pam_tty,
  pam_ruser,
  pam_rhost,
  pam_failures,
  kPamFieldCount
};
constexpr std::array<event::FieldSpec, kPamFieldCount> kPamFields{{
    {"outcome", "text", "what became of it: accepted, failed, invalid user, denied, session opened, ..."},
    {"user", "text", "whom it is about: who logs in, who calls sudo, whose session it is"},
    {"reason", "text", "why, in the program's words"},
    {"module", "text", "PAM's module: pam_unix, pam_sss, ..."},
    {"service", "text", "PAM's service: sshd, sudo, cron, ..."},
    {"action", "text", "what PAM was asked for: auth, account, session, chauthtok, setcred"},
    {"logname", "text", "who was logged in where PAM was called"},
    {"uid", "integer", "the user number of the calling process"},
    {"euid", "integer", "its effective user number"},
    {"tty", "text", "its terminal"},
    {"ruser", "text", "who asked, by the caller's word"},
    {"rhost", "text", "from which host, by the caller's word; id.orig_h, where it is an address"},
    {"failures", "integer", "how many attempts failed"},
}};

// Views into the message; empty: it names none.
struct PamText {
  std::string_view outcome, user, reason, module, service, action, logname, tty, ruser, rhost;
  std::int64_t uid = -1, euid = -1, failures = -1;
};

// False when the message is none of PAM's; `out` is then not to be used. One that is may say nothing that is known: it
// has a module and a reason, and no outcome.
bool read_pam(std::string_view program, std::string_view text, PamText& out) noexcept;

// The fields of a type that begins with kPamFields.
void set_pam(MessageWriter& writer, const PamText& pam);

}  // namespace nw::logs
