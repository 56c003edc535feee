// One byte string per JSON value: the JSON Canonicalization Scheme, RFC 8785. Members are ordered by the UTF-16 code
// units of their names, numbers are written as ECMAScript writes them, there is no space.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace nw::merkle {

constexpr std::size_t kCanonicalDepthMax = 64;
// Integers beyond it are not all doubles, and a JSON number is a double (RFC 7493 section 2.2): write them as text.
constexpr std::int64_t kCanonicalIntegerMax = (std::int64_t{1} << 53) - 1;

// `invalid_argument`, with the place as a JSON pointer: text that is no UTF-8, a number that is infinite, not a number,
// or an integer beyond the limit; an object or array too deep.
Result<std::string> canonical_json(const boost::json::value& value);
// The number alone (RFC 8785 section 3.2.2.3).
Result<std::string> canonical_number(double number);

}  // namespace nw::merkle
