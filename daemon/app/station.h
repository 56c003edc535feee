// The machine that a command runs on, as reveals name it: who approves must not sit where the other one does. It is
// what the machine says of itself; whoever is root there can make it say something else.
#pragma once

#include <string>

namespace nw::app {

// "<host name>/<8 hex digits>", those of a hash of /etc/machine-id.
std::string station();

}  // namespace nw::app
