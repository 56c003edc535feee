// Which lines of a file one parser must see, all of them and in their order, when several parsers share the work:
// records that are joined, and what stands below the head of a table. The others mean the same to any parser.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "ingest/logs/formats/format.h"

namespace nw::logs {

class Together {
 public:
  explicit Together(const Format& format);
  // For tests: `formats` in place of message_formats().
  Together(const Format& format, std::span<const MessageFormat> formats);

  // The next line of the file.
  bool line(std::string_view line);

 private:
  bool all_ = false;
  std::vector<std::string_view> inside_;    // a line with one of these in it
  std::vector<std::string_view> in_front_;  // a line that begins with one of these, and all behind it
};

}  // namespace nw::logs
