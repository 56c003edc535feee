// The part of STIX patterning (STIX 2.1 section 9) that says "one of these values": comparisons with =, IN, ISSUBSET
// and a LIKE that is a prefix, joined by OR, in one or several brackets joined by OR. What asks for more (AND, NOT,
// sequences, times) is not understood as a whole: half of a pattern fits where all of it would not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "context/indicators/kind.h"

namespace nw::context {

struct StixValue {
  IndicatorKind kind{};
  std::string value;
};

constexpr std::size_t kStixPatternBytesMax = 64U << 10, kStixValuesMax = 4096;

// Every value of the pattern, or why it is not understood (`invalid_argument`).
Result<std::vector<StixValue>> read_stix_pattern(std::string_view pattern);

}  // namespace nw::context
