// process_*: the names that Prometheus's client libraries share, from /proc/self (proc(5)).
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "base/text.h"
#include "export/metrics/metrics.h"

namespace nw::metrics {

namespace {

// Fields of /proc/self/stat, counted as in proc(5): 3 is `state`.
constexpr std::size_t kUserTicks = 14, kSystemTicks = 15, kThreads = 20, kStartTicks = 22, kVirtualBytes = 23,
                      kResidentPages = 24;

std::vector<double> read_stat() {
  std::ifstream file{"/proc/self/stat"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  // Field 2, the program's name, may hold anything; the last ')' ends it.
  const std::size_t name_end = text.rfind(')');
  std::vector<double> fields(3, 0);
  if (name_end == std::string::npos || name_end + 2 >= text.size()) return fields;
  for (const std::string_view part : split(trim(std::string_view{text}.substr(name_end + 2)), ' ')) {
    double value = 0;
    std::from_chars(part.data(), part.data() + part.size(), value);
    fields.push_back(value);  // the first of them is `state`, number 3
  }
  return fields;
}

// /proc/stat holds the boot time, but the unit's ProcSubset=pid hides it.
double boot_time() {
  timespec now{}, since_boot{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  return static_cast<double>(now.tv_sec - since_boot.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec - since_boot.tv_nsec);
}

std::optional<double> open_descriptors() {
  std::error_code error;
  std::filesystem::directory_iterator entry{"/proc/self/fd", error};
  double count = -1;  // the directory itself is open while it is read
  for (; !error && entry != std::filesystem::directory_iterator{}; entry.increment(error)) ++count;
  if (error || count < 0) return std::nullopt;
  return count;
}

}  // namespace

void add_process_metrics(Snapshot& out) {
  const auto stat = read_stat();
  if (stat.size() > kResidentPages + 1) {
    const auto field = [&](std::size_t number) { return stat[number]; };
    const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    out.set("process_cpu_seconds_total", {}, (field(kUserTicks) + field(kSystemTicks)) / ticks);
    out.set("process_resident_memory_bytes", {}, field(kResidentPages) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
    out.set("process_start_time_seconds", {}, boot_time() + field(kStartTicks) / ticks);
    out.set("process_threads", {}, field(kThreads));
    out.set("process_virtual_memory_bytes", {}, field(kVirtualBytes));
  }
  if (const auto open = open_descriptors()) out.set("process_open_fds", {}, *open);
  rlimit most{};
  if (::getrlimit(RLIMIT_NOFILE, &most) == 0) out.set("process_max_fds", {}, static_cast<double>(most.rlim_cur));
}

}  // namespace nw::metrics
