// normwatch: one binary, the daemon and its commands.
#include <csignal>
#include <exception>
#include <malloc.h>
#include <string>
#include <vector>

#include "app/commands.h"

namespace {

// Flows come and go by the thousand: what they leave is kept for the next ones. By default it goes back to the kernel
// 128 KiB at a time, which clears each page again when it returns.
void keep_memory() {
  constexpr int kKept = 64 << 20, kGrowth = 4 << 20;  // bytes
  (void)::mallopt(M_TRIM_THRESHOLD, kKept);
  (void)::mallopt(M_TOP_PAD, kGrowth);
}

}  // namespace

int main(int argc, char** argv) {
  keep_memory();
  std::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of a write, not the end of the daemon
  try {
    const std::vector<std::string> arguments{argv + (argc > 0 ? 1 : 0), argv + argc};
    return nw::app::dispatch(arguments);
  } catch (const std::exception& e) {
    nw::app::complain(std::string{"a fault of our own, please report it: "} + e.what());
    return nw::app::kExitSoftware;
  }
}
