// JSON read exactly, as canonical_json() needs it to write the same bytes again: Boost.JSON 1.81 on its own may read a
// fraction one unit in the last place off, and of members of one name keeps the last.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"

namespace nw::merkle {

// As many as a ledger's entry can hold, and as deep as canonical_json() goes.
constexpr std::size_t kExactJsonBytesMax = std::size_t{1} << 20U;

// I-JSON (RFC 7493): UTF-8, no name twice in an object; each number becomes the nearest double, or an integer where it
// is written as one and fits 64 bits. `malformed`, with the offset.
Result<boost::json::value> parse_exact_json(std::string_view text);

}  // namespace nw::merkle
