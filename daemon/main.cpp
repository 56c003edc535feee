// normwatch: one binary, the daemon and its commands.
#include <csignal>
#include <exception>
#include <string>
#include <vector>

#include "app/commands.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of a write, not the end of the daemon
  try {
    const std::vector<std::string> arguments{argv + (argc > 0 ? 1 : 0), argv + argc};
    return nw::app::dispatch(arguments);
  } catch (const std::exception& e) {
    nw::app::complain(std::string{"a fault of our own, please report it: "} + e.what());
    return nw::app::kExitSoftware;
  }
}
