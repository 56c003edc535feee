// What the program says with its exit status: sysexits(3) and the LSB, as systemd.exec(5) lists them.
#pragma once

#include "base/result.h"

namespace nw::app {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,       // a test failed, a check found faults that are no configuration's
  kExitUsage = 64,        // wrong command line
  kExitData = 65,         // bad rule, bad capture
  kExitNoInput = 66,      // a file that is not there
  kExitUnavailable = 69,  // an address in use, nobody answers
  kExitSoftware = 70,     // our own fault
  kExitOs = 71,           // the system refused
  kExitCannotCreate = 73,
  kExitIo = 74,
  kExitNoPermission = 77,
  kExitConfig = 78,
};

// For a fault while opening or reading.
constexpr ExitCode exit_code(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return kExitConfig;
    case Errc::malformed: return kExitData;
    case Errc::not_found: return kExitNoInput;
    case Errc::no_permission: return kExitNoPermission;
    case Errc::in_use:
    case Errc::unavailable:
    case Errc::timed_out: return kExitUnavailable;
    case Errc::full: return kExitCannotCreate;
    case Errc::io: return kExitIo;
  }
  return kExitSoftware;
}

}  // namespace nw::app
