#include "base/log.h"

#include <array>
#include <chrono>
#include <map>
#include <mutex>

namespace nw {

namespace {

// The one process-wide state in the tree: a log line must be possible from anywhere, also before main() has wired much.
struct LogState {
  struct Rate {
    std::chrono::steady_clock::time_point since;
    unsigned passed = 0;
    unsigned long suppressed = 0;
  };
  std::mutex mutex;
  LogSink sink;
  LogLevel least = LogLevel::info;
  std::map<std::string, Rate, std::less<>> rates;  // by code: a closed set of literals, so bounded
};

LogState& state() {
  static LogState instance;
  return instance;
}

constexpr unsigned kLinesPerWindow = 10;
constexpr std::chrono::seconds kWindow{10};

}  // namespace

std::string_view to_string(LogLevel level) {
  static constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
  return kNames[static_cast<std::size_t>(level)];
}

void set_log_sink(LogSink sink) {
  LogState& s = state();
  const std::lock_guard lock{s.mutex};
  s.sink = std::move(sink);
  s.rates.clear();
}

void set_log_level(LogLevel least) {
  LogState& s = state();
  const std::lock_guard lock{s.mutex};
  s.least = least;
}

void log(LogLevel level, std::string_view code, std::string_view text, std::initializer_list<LogField> fields) {
  LogState& s = state();
  const std::lock_guard lock{s.mutex};
  if (level < s.least || !s.sink) return;
  const auto now = std::chrono::steady_clock::now();
  auto found = s.rates.find(code);
  if (found == s.rates.end()) found = s.rates.emplace(std::string{code}, LogState::Rate{now}).first;
  LogState::Rate& rate = found->second;
  if (now - rate.since >= kWindow) {
    rate.since = now;
    rate.passed = 0;
  }
  if (rate.passed >= kLinesPerWindow) {
    ++rate.suppressed;
    return;
  }
  ++rate.passed;
  LogLine line{level, code, text, fields};
  if (rate.suppressed != 0) line.fields.push_back({"suppressed", std::to_string(rate.suppressed)});
  rate.suppressed = 0;
  s.sink(line);
}

}  // namespace nw
