// What simdjson refuses and logs contain all the same: broken UTF-8 and lone surrogates. An attacker who can put one
// bad byte into a log line must not be able to hide the line. Pure.
#pragma once

#include <string>
#include <string_view>

namespace nw::logs {

// `text` with each byte that is not part of valid UTF-8 (RFC 3629) replaced by U+FFFD, appended to `out`.
void append_mended_utf8(std::string_view text, std::string& out);

// The body of a JSON string (RFC 8259 section 7), between its quotes, appended to `out`; surrogates without a partner
// become U+FFFD. False when an escape is none of JSON's.
bool append_unescaped(std::string_view body, std::string& out);

// RFC 8259 section 6, all of `text`.
bool is_json_number(std::string_view text);

}  // namespace nw::logs
