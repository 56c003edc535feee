// The parts of `normwatch incidents`.
#pragma once

#include <span>

#include "app/commands.h"
#include "record/act.h"

namespace nw::app {

extern const Command kIncidentsList, kIncidentsShow, kIncidentsFind;  // cmd_incidents_read.cpp
std::span<const Command> incident_acts();                             // cmd_incidents_acts.cpp

// Of each command that sends an act, for send_act().
inline constexpr OptionSpec kActId{"act", "ID",
                                   "asked before, and not answered: what became of it; nothing is done twice"};
// Sends an act of a person to the daemon, with the id of --act or a new one, and prints what it answers. 0 it is in the
// ledger, 64 something is wrong, 66 no such incident, 69 no daemon answers, 78 it refuses.
ExitCode send_act(const Options& options, record::Act act);

}  // namespace nw::app
