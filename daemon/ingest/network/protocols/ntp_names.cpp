#include "ingest/network/protocols/ntp_names.h"

#include <array>

namespace nw::network {

std::string_view ntp_operation_name(unsigned code) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"UNSPEC", "READSTAT", "READVAR", "WRITEVAR", "READCLOCK", "WRITECLOCK", "SETTRAP", "ASYNCMSG", "CONFIGURE",
       "SAVECONFIG", "READ_MRU", "READ_ORDLIST_A", "REQ_NONCE"});
  constexpr unsigned kUnsetTrap = 31;
  if (code == kUnsetTrap) return "UNSETTRAP";
  return code < kNames.size() ? kNames[code] : std::string_view{};
}

std::string_view ntp_request_name(unsigned code) {
  static constexpr auto kNames = std::to_array<std::string_view>({
      "PEER_LIST",
      "PEER_LIST_SUM",
      "PEER_INFO",
      "PEER_STATS",
      "SYS_INFO",
      "SYS_STATS",
      "IO_STATS",
      "MEM_STATS",
      "LOOP_INFO",
      "TIMER_STATS",
      "CONFIG",
      "UNCONFIG",
      "SET_SYS_FLAG",
      "CLR_SYS_FLAG",
      "MONITOR",
      "NOMONITOR",
      "GET_RESTRICT",
      "RESADDFLAGS",
      "RESSUBFLAGS",
      "UNRESTRICT",
      "MON_GETLIST",
      "RESET_STATS",
      "RESET_PEER",
      "REREAD_KEYS",
      "DO_DIRTY_HACK",
      "DONT_DIRTY_HACK",
      "TRUSTKEY",
      "UNTRUSTKEY",
      "AUTHINFO",
      "TRAPS",
      "ADD_TRAP",
      "CLR_TRAP",
      "REQUEST_KEY",
      "CONTROL_KEY",
      "GET_CTLSTATS",
      "GET_LEAPINFO",
      "GET_CLOCKINFO",
      "SET_CLKFUDGE",
      "GET_KERNEL",
      "GET_CLKBUGINFO",
      "",
      "SET_PRECISION",
      "MON_GETLIST_1",
      "HOSTNAME_ASSOCID",
      "IF_STATS",
      "IF_RELOAD",
  });
  return code < kNames.size() ? kNames[code] : std::string_view{};
}

}  // namespace nw::network
