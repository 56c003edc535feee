// One record of the Linux audit system taken apart. Pure; nothing here allocates.
//
//   [node=HOST ]type=NAME msg=audit(SECONDS.MILLISECONDS:SERIAL): FIELDS        audit.log, audisp's syslog
//   [audit: ]type=NUMBER audit(SECONDS.MILLISECONDS:SERIAL): FIELDS             the kernel's log, when no daemon
//   listens NAME FIELDS   or   <audit-NUMBER> FIELDS                                    the journal's syslog, by
//   program audit
//
// FIELDS are NAME=VALUE: "text", text, the hexadecimal digits of text that is neither (audit_log_untrustedstring()), or
// '...' with fields of user space inside. Where the daemon enriches its log, byte 0x1d ends the kernel's fields and
// their meaning follows.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/logs/formats/message.h"

namespace nw::logs {

// Views into the message.
struct AuditRecord {
  std::string_view node, type, body;
  LogTime time;              // of the event, from the epoch: stated. Else the message's
  std::int64_t serial = -1;  // with the time, the event's name; -1: the message has none
};

enum class AuditScan : std::uint8_t {
  record,
  none,  // not a record: what the daemon says of itself
  bad_header,
  bad_time,
};
AuditScan scan_audit(const Message& message, AuditRecord& out) noexcept;

struct AuditField {
  std::string_view name, value;
  bool quoted = false;
  bool nested = false;  // user space's, inside msg='...': it does not speak for the kernel
};

// The fields of a record's body, one after another.
class AuditFields {
 public:
  explicit AuditFields(std::string_view body) noexcept : rest_{body} {}
  bool next(AuditField& out) noexcept;

 private:
  bool skip_between() noexcept;
  bool take_word(AuditField& out) noexcept;
  void take_value(AuditField& out) noexcept;
  bool enter(std::string_view inner, std::size_t bytes) noexcept;

  std::string_view rest_, after_, permissions_;
  std::string_view before_;  // "old" or "new", before a name
  bool nested_ = false;
};

// How many bytes the text has that `digits` write; 0: they are no such digits (capitals, an even number of them).
std::size_t audit_hex_bytes(std::string_view digits) noexcept;
// `out` has room for audit_hex_bytes(digits).
void audit_hex_decode(std::string_view digits, char* out) noexcept;

// A socket's address, as SOCKADDR records have it.
struct AuditSocket {
  std::string_view family;  // inet, inet6, local, netlink, ...; empty: unknown
  IpAddress address;        // of inet and inet6
  std::int64_t port = -1;
  std::string_view path;  // of local: hexadecimal digits, to be decoded
};
bool read_audit_socket(std::string_view digits, AuditSocket& out) noexcept;

}  // namespace nw::logs
