// The daemon's own log: one stable event code per message, a sentence, and named values. Any thread.
// Where lines go (journal, text, JSON) is the application's choice: it installs a sink once, before any thread starts.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nw {

enum class LogLevel : unsigned char { debug, info, warning, error };
std::string_view to_string(LogLevel level);

struct LogField {
  std::string_view name;  // snake_case, a literal
  std::string value;
};

struct LogLine {
  LogLevel level = LogLevel::info;
  std::string_view code;  // stable, snake_case, a literal: "rules_loaded"
  std::string_view text;  // a sentence for the operator
  std::vector<LogField> fields;
};

// Receives whole lines, one at a time (calls are serialised).
using LogSink = std::function<void(const LogLine&)>;

// A new sink hears from every code anew.
void set_log_sink(LogSink sink);
void set_log_level(LogLevel least);

// Lines of one code are let through at most ten times in ten seconds; what was held back is told by the next one that
// passes, as the field `suppressed`.
void log(LogLevel level, std::string_view code, std::string_view text, std::initializer_list<LogField> fields = {});

inline void log_debug(std::string_view code, std::string_view text, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::debug, code, text, fields);
}
inline void log_info(std::string_view code, std::string_view text, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::info, code, text, fields);
}
inline void log_warning(std::string_view code, std::string_view text, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::warning, code, text, fields);
}
inline void log_error(std::string_view code, std::string_view text, std::initializer_list<LogField> fields = {}) {
  log(LogLevel::error, code, text, fields);
}

}  // namespace nw
