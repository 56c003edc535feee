// What systemd is told (sd_notify(3)). Outside systemd every call does nothing.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace nw::app {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_status(const std::string& status);
void notify_watchdog();
// Asks for more time before the current start or stop is given up.
void notify_extend(Nanoseconds more);
// How often the watchdog must be fed at the latest; nothing when systemd does not ask for it.
std::optional<Nanoseconds> watchdog_limit();

}  // namespace nw::app
