#include "app/systemd.h"

#include <algorithm>
#include <systemd/sd-daemon.h>
#include <time.h>

namespace nw::app {

namespace {

void notify(const std::string& message) { ::sd_notify(0, message.c_str()); }

// A status is one line.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace

void notify_ready(const std::string& status) { notify("READY=1\nSTATUS=" + one_line(status)); }

void notify_reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const long long micros = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros));
}

void notify_stopping() { notify("STOPPING=1"); }
void notify_status(const std::string& status) { notify("STATUS=" + one_line(status)); }
void notify_watchdog() { notify("WATCHDOG=1"); }

void notify_extend(Nanoseconds more) {
  notify("EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(more).count()));
}

std::optional<Nanoseconds> watchdog_limit() {
  std::uint64_t micros = 0;
  if (::sd_watchdog_enabled(0, &micros) <= 0) return std::nullopt;
  return Nanoseconds{std::chrono::microseconds{static_cast<std::int64_t>(micros)}};
}

}  // namespace nw::app
