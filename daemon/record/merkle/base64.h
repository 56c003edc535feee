// Base64 as transparency logs write it: RFC 4648 section 4, padded, nothing between the characters. Bits that padding
// leaves over must be zero (section 3.5 allows to refuse others): so one value has one spelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace nw::merkle {

std::string encode_base64(std::string_view bytes);
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace nw::merkle
