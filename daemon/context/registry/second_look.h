// What is worth a second look in a register that is sound: warnings only. `normwatch registry check` asks for them; a
// start does not.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"
#include "context/registry/registry.h"
#include "context/taxonomy/sectors.h"

namespace nw::context {

// Every code of second_look(), sorted.
std::span<const std::string_view> second_look_codes();

// Codes: basis-over (the designation has ended), host-no-role (rules by role do not see it), maintenance-over (no
// window is open or to come), sector-deprecated, writers-missing (a host takes commands, and nobody says whose).
void second_look(const Registry& registry, const taxonomy::Sectors& sectors, Timestamp now, Diagnostics& diagnostics);

// Assets that need each other in a circle, each group by id and the groups by their first. That is no fault: power
// needs telecommunication, and telecommunication power.
std::vector<std::vector<const Asset*>> dependency_circles(const Registry& registry);

// How much the register says, and what it leaves open.
struct RegisterSummary {
  std::size_t assets = 0, networks = 0, prefixes = 0, hosts = 0, dependencies = 0, secret = 0;
  std::size_t with_writers = 0, without_writers = 0;  // of the hosts with the role of a controller
  std::map<std::string, std::size_t> by_class, by_sector;
  // How many assets do not state it, by key of the register.
  std::map<std::string, std::size_t> not_stated;
};
RegisterSummary summarise(const Registry& registry);

// Whether it takes commands: plc, rtu, ied, sis.
bool is_controller(const Host& host);

}  // namespace nw::context
