#include "app/event_file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "app/config.h"
#include "app/line_file.h"
#include "app/regression.h"
#include "base/text.h"
#include "ingest/logs/formats/format.h"

namespace nw::app {

namespace {

// Whether what begins so is an object that goes on in the next line.
bool begins_object(std::string_view line) {
  line = trim(line);
  return line.starts_with('{') && !next_object(line);
}

Result<std::string> read_standard_input() {
  std::string text;
  std::array<char, 65'536> chunk{};
  while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), stdin)) {
    text.append(chunk.data(), got);
    if (text.size() > kCaseBytesMax)
      return Error{Errc::malformed, "standard input is longer than " + std::to_string(kCaseBytesMax) + " bytes"};
  }
  if (std::ferror(stdin) != 0)
    return Error{Errc::io, std::string{"cannot read standard input: "} + std::strerror(errno)};
  return text;
}

}  // namespace

std::string objects_as_lines(std::string_view text) {
  const std::string_view start = trim(text);
  if (!begins_object(start.substr(0, start.find('\n')))) return {};
  std::string out;
  for (;;) {
    const auto object = next_object(text);
    if (!object) return {};
    if (object->empty()) return out;
    out += *object + '\n';
  }
}

Result<EventFile> EventFile::keep(std::string name, std::string_view text) {
  const int descriptor = ::memfd_create("normwatch-events", MFD_CLOEXEC);
  EventFile file{std::move(name), "/proc/self/fd/" + std::to_string(descriptor), descriptor};
  while (descriptor >= 0 && !text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written <= 0) break;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (descriptor < 0 || !text.empty())
    return Error{Errc::io, std::string{"cannot keep the events in memory: "} + std::strerror(errno)};
  return file;
}

Result<EventFile> EventFile::open(const std::string& path, std::string_view format) {
  const bool json = format.empty() || format == "json" || format == "auto";
  if (path == "-") {
    const auto text = read_standard_input();
    if (!text) return text.error();
    const std::string lines = json ? objects_as_lines(*text) : std::string{};
    return keep("standard input", lines.empty() ? *text : lines);
  }
  bool spread = false;
  // A file that cannot be read is told of by who plays it.
  if (auto file = LineFile::open(path, logs::kLineBytesMax); json && file)
    (void)file->read(1, [&](std::string_view line, bool) { spread = begins_object(line); });
  if (spread)
    if (const auto text = read_text_file(path, kCaseBytesMax))
      if (const std::string lines = objects_as_lines(*text); !lines.empty()) return keep(path, lines);
  return EventFile{path, path, -1};
}

EventFile::EventFile(EventFile&& other) noexcept
    : name_{std::move(other.name_)}, path_{std::move(other.path_)}, descriptor_{std::exchange(other.descriptor_, -1)} {}

EventFile::~EventFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::string EventFile::in_words(std::string message) const {
  if (const std::size_t at = message.find(path_); path_ != name_ && at != std::string::npos)
    message.replace(at, path_.size(), name_);
  return message;
}

}  // namespace nw::app
