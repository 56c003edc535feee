// A syslog line taken apart: RFC 5424, or RFC 3164 and the shapes that devices send in its name.
//
//   5424:  <PRI>1 TIME HOST APP PROCID MSGID [id name="value"]... MSG
//   3164:  <PRI>Mmm dd hh:mm:ss HOST TAG[PID]: MSG         PRI, host and tag may each be missing
//   Cisco: <PRI>SEQUENCE: [HOST: ]*Mmm dd hh:mm:ss.mmm ZONE: %FACILITY-SEVERITY-NAME: MSG
//   rsyslog's and systemd's files: an ISO 8601 time in place of 3164's
#pragma once

#include <chrono>
#include <string_view>

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

// `bad_header`: neither priority, nor time, nor `tag[pid]:` stands at the front, the priority is above 191, or a 5424
// header breaks off or has broken structured data. `bad_time`: the time has the right shape and is none.
LineFault parse_syslog(std::string_view line, Timestamp received, std::chrono::minutes zone, SyslogLine& out);

}  // namespace nw::logs
