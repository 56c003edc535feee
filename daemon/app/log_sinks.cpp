#include "app/log_sinks.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

namespace nw::app {

namespace {

// $JOURNAL_STREAM is "device:inode" of the stream that systemd connected; a redirected stderr differs.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat info {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &info) != 0) return false;
  return std::string{stream} == std::to_string(info.st_dev) + ':' + std::to_string(info.st_ino);
}

void to_text(const LogLine& line) {
  std::string out = to_rfc3339(wall_now()) + ' ' + std::string{to_string(line.level)} + ' ' + std::string{line.code} +
                    ": " + printable(line.text, 4096);
  for (const LogField& field : line.fields)
    out += ' ' + std::string{field.name} + '=' + '"' + printable(field.value, 4096) + '"';
  out += '\n';
  std::fwrite(out.data(), 1, out.size(), stderr);
}

void to_json(const LogLine& line) {
  std::string out = "{\"time\":\"" + to_rfc3339(wall_now()) + "\",\"level\":";
  append_json_string(to_string(line.level), out);
  out += ",\"code\":";
  append_json_string(line.code, out);
  out += ",\"message\":";
  append_json_string(line.text, out);
  for (const LogField& field : line.fields) {
    out += ',';
    append_json_string(field.name, out);
    out += ':';
    append_json_string(field.value, out);
  }
  out += "}\n";
  std::fwrite(out.data(), 1, out.size(), stderr);
}

// Native journal fields (systemd.journal-fields(7)); our own begin with NORMWATCH_.
void to_journal(const LogLine& line) {
  static constexpr std::array<int, 4> kPriority{7, 6, 4, 3};  // syslog(3)
  std::string message = std::string{line.text};
  for (const LogField& field : line.fields)
    message += ' ' + std::string{field.name} + '=' + '"' + printable(field.value, 4096) + '"';
  std::vector<std::string> fields;
  fields.push_back("MESSAGE=" + std::string{line.code} + ": " + message);
  fields.push_back("PRIORITY=" + std::to_string(kPriority[static_cast<std::size_t>(line.level)]));
  fields.push_back("SYSLOG_IDENTIFIER=normwatch");
  fields.push_back("NORMWATCH_CODE=" + std::string{line.code});
  for (const LogField& field : line.fields) {
    std::string name = "NORMWATCH_";
    for (const char c : field.name) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    fields.push_back(name + '=' + field.value);
  }
  std::vector<iovec> parts;
  for (std::string& field : fields) parts.push_back({field.data(), field.size()});
  if (::sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) < 0) to_text(line);
}

}  // namespace

void install_log_sink(LogFormat format, LogLevel least) {
  if (format == LogFormat::automatic) format = stderr_is_journal() ? LogFormat::journal : LogFormat::text;
  set_log_level(least);
  switch (format) {
    case LogFormat::journal: set_log_sink(to_journal); break;
    case LogFormat::json: set_log_sink(to_json); break;
    default: set_log_sink(to_text);
  }
}

}  // namespace nw::app
