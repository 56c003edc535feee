// What the binary carries with it: rules, norm catalogue, sample register, default configuration. Made by
// embed.cmake from the files in rules/ and config/, so that the daemon starts with /etc/normwatch empty.
#pragma once

#include <span>
#include <string_view>

namespace nw::app {

struct EmbeddedFile {
  std::string_view path;  // below the project: "rules/13f/modbus_write.yml"
  std::string_view text;
};

std::span<const EmbeddedFile> embedded_files();
// Empty when there is none.
std::string_view embedded_file(std::string_view path);

}  // namespace nw::app
