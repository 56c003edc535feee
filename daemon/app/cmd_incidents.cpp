// `normwatch incidents`: cases. Reading asks the store, with or without a running daemon; acts go to the daemon. One
// file for reading, one for acts, one row each.
#include "app/cmd_incidents.h"

#include <vector>

namespace nw::app {

std::span<const Command> incidents_commands() {
  static const std::vector<Command> kCommands = [] {
    std::vector<Command> out{kIncidentsList, kIncidentsShow, kIncidentsFind};
    const auto acts = incident_acts();
    out.insert(out.end(), acts.begin(), acts.end());
    return out;
  }();
  return kCommands;
}

namespace {

constexpr CommandSpec kSpec{
    "incidents", "", "incidents as cases: list, show, find; acknowledge to close, merge, split", "", {}, 0, 0};

}  // namespace

const Command kIncidents{&kSpec, nullptr, incidents_commands};

}  // namespace nw::app
