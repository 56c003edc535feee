// The fields of audit events, and the writing of them by their place in the TypeSpecs. Inner to this folder.
#pragma once

#include <array>
#include <string_view>

#include "ingest/logs/formats/message.h"

namespace nw::logs {

// First in the fields of every type of auditd_format(), in this order. Whatever else a record has, it keeps its name.
constexpr auto kAuditFields = std::to_array<event::FieldSpec>({
    {"arch", "text", "the machine, as the kernel writes it: c000003e"},
    {"ARCH", "text", "the machine: x86_64"},
    {"syscall", "integer", "the system call's number"},
    {"SYSCALL", "text", "the system call's name: the daemon's where it enriches, else by arch and number"},
    {"success", "text", "yes or no"},
    {"exit", "integer", "what the call returned"},
    {"a0", "text", "the call's first argument, hexadecimal; in EXECVE the program's name"},
    {"a1", "text", "the second"},
    {"a2", "text", "the third"},
    {"a3", "text", "the fourth"},
    {"items", "integer", "how many PATH records the event has"},
    {"ppid", "integer", "the parent process"},
    {"pid", "integer", "the process"},
    {"auid", "integer", "who logged in; 4294967295: nobody"},
    {"uid", "integer", "the process's user"},
    {"gid", "integer", "its group"},
    {"euid", "integer", "its effective user"},
    {"suid", "integer", "its saved user"},
    {"fsuid", "integer", "its user for files"},
    {"egid", "integer", "its effective group"},
    {"sgid", "integer", "its saved group"},
    {"fsgid", "integer", "its group for files"},
    {"AUID", "text", "the name of auid: the daemon's where it enriches, else only root and unset"},
    {"UID", "text", "the name of uid, likewise"},
    {"GID", "text", "the name of gid, likewise"},
    {"EUID", "text", "the name of euid, likewise"},
    {"SUID", "text", "the name of suid, likewise"},
    {"FSUID", "text", "the name of fsuid, likewise"},
    {"EGID", "text", "the name of egid, likewise"},
    {"SGID", "text", "the name of sgid, likewise"},
    {"FSGID", "text", "the name of fsgid, likewise"},
    {"item", "integer", "PATH: which of the event's, from 0"},
    {"inode", "integer", "PATH: the file's number"},
    {"dev", "text", "PATH: the device that it is on; AVC: that device's name"},
    {"mode", "text", "PATH: the file's mode, octal"},
    {"rdev", "text", "PATH: the device that it is"},
    {"cap_fp", "text", "PATH: the file's permitted capabilities"},
    {"cap_fi", "text", "PATH: its inheritable ones"},
    {"cap_fe", "text", "PATH: whether they are effective"},
    {"cap_fver", "text", "PATH: their version"},
    {"cap_frootid", "text", "PATH: the root user that they hold for"},
    {"ouid", "integer", "PATH: the file's owner"},
    {"ogid", "integer", "PATH: the file's group"},
    {"OUID", "text", "the name of ouid, likewise"},
    {"OGID", "text", "the name of ogid, likewise"},
    {"tty", "text", "its terminal"},
    {"ses", "integer", "the session's number"},
    {"comm", "text", "its name, as the kernel has it"},
    {"exe", "text", "its program's path"},
    {"subj", "text", "its security context"},
    {"key", "text", "the rule's key; a list, where rules gave several"},
    {"argc", "integer", "EXECVE: how many arguments"},
    {"cwd", "text", "where the process is"},
    {"name", "text", "PATH: the file; a list in whole events"},
    {"nametype", "text", "PATH: NORMAL, CREATE, DELETE, PARENT, ...; a list in whole events"},
    {"proctitle", "text", "the process's command line, cut by the kernel at 128 bytes"},
    {"saddr", "text", "a socket's address as it came"},
    {"saddr_fam", "text", "its family: inet, inet6, local, netlink, ..."},
    {"laddr", "address", "its address"},
    {"lport", "integer", "its port"},
    {"path", "text", "its path, of a local one"},
    {"op", "text", "what user space did: login, PAM:authentication, add-user, ..."},
    {"acct", "text", "to which account"},
    {"hostname", "text", "from which host, by name"},
    {"addr", "address", "from which address; also id.orig_h"},
    {"terminal", "text", "at which terminal"},
    {"res", "text", "success, failed, 1, 0"},
    {"unit", "text", "SERVICE_START and SERVICE_STOP: the unit"},
    {"cmd", "text", "USER_CMD: sudo's command"},
    {"seresult", "text", "AVC: denied or granted"},
    {"seperms", "text", "AVC: which permissions"},
});
constexpr std::size_t kAuditFieldCount = kAuditFields.size();

// A field's place among those, or kAuditFieldCount: it has none.
constexpr std::size_t audit_local(std::string_view name) noexcept {
  std::size_t at = 0;
  while (at < kAuditFieldCount && kAuditFields[at].name != name) ++at;
  return at;
}

// A name that was looked up, or that is known when this is compiled.
struct AuditName {
  std::string_view text;
  std::size_t local = kAuditFieldCount;
};
consteval AuditName audit_name(std::string_view name) { return {name, audit_local(name)}; }

inline void set_audit(MessageWriter& writer, AuditName name, const event::Value& value) {
  if (name.local < kAuditFieldCount) {
    writer.set(name.local, value);
  } else {
    writer.set(name.text, value);
  }
}

}  // namespace nw::logs
