// The file that `normwatch explain` reads: as replay takes it, but also from a pipe, and JSON over several lines.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::app {

// Where standard input, or what had to be rewritten, is kept: in memory, under a path that can be opened again and
// again while this lives.
class EventFile {
 public:
  // `-` is standard input. Of a JSON `format` or none, objects over several lines become one line each; standard input
  // and such objects may have kCaseBytesMax bytes. Errors: io, malformed (too large).
  static Result<EventFile> open(const std::string& path, std::string_view format);
  ~EventFile();
  EventFile(EventFile&& other) noexcept;
  EventFile& operator=(EventFile&&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  // A message of somebody who knows only path(), with the name that the user gave.
  [[nodiscard]] std::string in_words(std::string message) const;

 private:
  EventFile(std::string name, std::string path, int descriptor)
      : name_{std::move(name)}, path_{std::move(path)}, descriptor_{descriptor} {}
  static Result<EventFile> keep(std::string name, std::string_view text);

  std::string name_, path_;
  int descriptor_ = -1;
};

// JSON objects that spread over lines, each on one line; empty: that is not what `text` is.
std::string objects_as_lines(std::string_view text);

}  // namespace nw::app
