// The plain events of syslog lines: those whose message no format reads. The program decides an event's type, and so
// which Sigma log sources it answers to. Inner to this folder.
#pragma once

#include <array>
#include <span>
#include <string_view>

#include "event/schema.h"
#include "ingest/logs/formats/format.h"

namespace nw::logs {

// The kinds of program that Sigma has services for.
enum class SyslogKind : std::uint8_t { plain, auditd, auth, cron, sshd, sudo };
constexpr std::size_t kSyslogKinds = 6;

struct SyslogProgram {
  std::string_view name;  // lower case, without directory, and without "(pam_unix)" and the like
  SyslogKind kind;
};
// Sorted; what is not there is plain.
std::span<const SyslogProgram> syslog_programs();

constexpr std::string_view kSyslogProduct = "linux";  // of what the configuration gives no product
std::string_view syslog_product(const FormatOptions& options);

void declare_plain(event::Schema& schema, const FormatOptions& options);
// By SyslogKind.
std::array<event::TypeId, kSyslogKinds> plain_types(const event::Schema& schema, const FormatOptions& options);

}  // namespace nw::logs
