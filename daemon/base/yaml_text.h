// Texts as YAML that parse_yaml() reads back as the same texts.
#pragma once

#include <string>
#include <string_view>

namespace nw {

// Plain where YAML cannot take it for anything else, else in double quotes: "no", "1e3", "- a", "a: b". Invalid UTF-8
// bytes come out as U+FFFD, as in append_json_string().
void append_yaml_text(std::string_view text, std::string& out);
std::string yaml_text(std::string_view text);

// `text` for a comment: one line, whatever it holds.
std::string yaml_comment(std::string_view text);

}  // namespace nw
