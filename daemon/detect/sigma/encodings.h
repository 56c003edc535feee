// What the modifiers base64, base64offset, wide and utf16* make of a value. RFC 4648 section 4; RFC 2781.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::sigma {

enum class Utf16 : unsigned char { little, big, with_mark };  // with_mark: FF FE, then little-endian

std::string to_base64(std::string_view bytes);
// The characters of Base64 that depend on `bytes` alone when they stand at offset 0, 1 or 2 of a group of three: what
// the bytes before and after could change is cut off.
std::array<std::string, 3> to_base64_offsets(std::string_view bytes);
// `malformed` when `text` is no UTF-8.
Result<std::string> to_utf16(std::string_view text, Utf16 form);

}  // namespace nw::sigma
