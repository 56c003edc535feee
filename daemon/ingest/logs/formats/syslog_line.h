// A syslog line taken apart: RFC 5424, or RFC 3164 and the shapes that devices send in its name.
//
//   5424:  <PRI>1 TIME HOST APP PROCID MSGID [id name="value"]... MSG
//   3164:  <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MSG         PRI, host and tag may each be missing
//   Cisco: <PRI>SEQUENCE: [HOST: ]*Mmm dd hh:mm:ss.mmm ZONE: %FACILITY-SEVERITY-NAME: MSG
//   rsyslog's and systemd's files: an ISO 8601 time in place of 3164's
#pragma once

#include <chrono>
#include <string_view>

#include "base/arena.h"
#include "base/time.h"
#include "ingest/logs/formats/format.h"
#include "ingest/logs/formats/log_time.h"

namespace nw::logs {

// Views into the line; empty: the line names none.
struct SyslogLine {
  int priority = -1;  // facility * 8 + severity, or -1
  LogTime time;
  std::string_view host, program, pid, msgid;
  std::string_view structured_data;  // 5424: with its brackets and escapes, as it came
  std::string_view message;
};

// The parameters of structured data that parse_syslog() took, one after the other, as views into it.
class StructuredData {
 public:
  explicit StructuredData(std::string_view text) noexcept : rest_{text} {}
  bool next() noexcept;                                               // false: there are no more
  [[nodiscard]] std::string_view id() const noexcept { return id_; }  // of its element, with "@ENTERPRISE"
  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  // RFC 5424 section 6.3.3: of \" \\ and \] the backslash is none of the value. In `arena` where there is one.
  [[nodiscard]] std::string_view value(Arena& arena) const;

 private:
  std::string_view rest_, id_, name_, value_;
  bool escaped_ = false;
};

// The line without what a few senders end it with: NUL (RFC 6587 section 3.4.2) or a line end of their own.
std::string_view without_end(std::string_view line);

// `bad_header`: neither priority, nor time, nor `tag[pid]:` stands at the front, the priority is above 191, or a 5424
// header breaks off or has broken structured data. `bad_time`: the time has the right shape and is none.
LineFault parse_syslog(std::string_view line, Timestamp received, std::chrono::minutes zone, SyslogLine& out);

}  // namespace nw::logs
