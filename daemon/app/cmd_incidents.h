// The parts of `normwatch incidents`.
#pragma once

#include <span>

#include "app/commands.h"

namespace nw::app {

extern const Command kIncidentsList, kIncidentsShow, kIncidentsFind;  // cmd_incidents_read.cpp
std::span<const Command> incident_acts();                             // cmd_incidents_acts.cpp

}  // namespace nw::app
