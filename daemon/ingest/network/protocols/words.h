// Words in the lines of text protocols. ASCII letters are the same in both cases.
#pragma once

#include <string>
#include <string_view>

namespace nw::network {

// The word at the front of `text`, which is taken off together with the spaces behind it.
std::string_view take_word(std::string_view& text);
bool same_word(std::string_view a, std::string_view b);
bool starts_with_word(std::string_view text, std::string_view begin);
bool contains_word(std::string_view text, std::string_view part);

// What is said on every port, whatever it is for: the first line of HTTP, from either side, or of SSH.
bool begins_http_or_ssh(std::string_view line);

// A command of FTP or of the mail protocols: letters, and not many of them.
bool is_command(std::string_view word);
constexpr std::size_t kCommandMax = 16;  // the longest in use, AUTHENTICATE, has twelve
// Of a command: in capitals.
std::string capitals(std::string_view command);

}  // namespace nw::network
