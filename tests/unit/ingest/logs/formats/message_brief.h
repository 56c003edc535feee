// An event's NDJSON made short for tables of cases: "PATH|name=value|name=value", without the members that `skip`
// names.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace nw::logs {

// Of every line of `told`; what is no event (a fault) stays as it is. Strings lose their quotes, nothing else.
inline std::string brief(std::string_view told, std::span<const std::string_view> skip = {}) {
  std::string out;
  while (!told.empty()) {
    std::string_view line = told.substr(0, told.find('\n'));
    told.remove_prefix(std::min(line.size() + 1, told.size()));
    if (!out.empty()) out += '\n';
    if (!line.starts_with('{')) {
      out += line;
      continue;
    }
    for (std::size_t at = 1; at < line.size();) {
      const std::size_t name_end = line.find("\":", at);
      const std::string_view name = line.substr(at + 1, name_end - at - 1);
      std::size_t end = name_end + 2;
      bool quoted = false;
      for (int depth = 0; end < line.size(); ++end) {
        const char c = line[end];
        if (quoted && c == '\\') {
          ++end;
        } else if (c == '"') {
          quoted = !quoted;
        } else if (!quoted) {
          if (depth == 0 && (c == ',' || c == '}')) break;
          depth += c == '[' ? 1 : c == ']' ? -1 : 0;
        }
      }
      std::string_view value = line.substr(name_end + 2, end - name_end - 2);
      if (value.starts_with('"')) value = value.substr(1, value.size() - 2);
      at = end + 1;
      if (std::ranges::find(skip, name) != skip.end()) continue;
      if (name == "_path")
        out += value;
      else
        out.append("|").append(name).append("=").append(value);
    }
  }
  return out;
}

}  // namespace nw::logs
