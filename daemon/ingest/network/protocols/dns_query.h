// What a name that is asked for says of its use: whose it is, and whether its labels look like words.
#pragma once

#include <string_view>

namespace nw::network {

// The part of `name` that somebody registers, as far as its letters tell: the last two labels, or three where the last
// two are those of a country's registry (example.co.uk). No list of public suffixes is asked, only the usual names of
// such registries: names below other suffixes (example.blogspot.com) count together. The whole name if it has no more
// labels.
std::string_view registered_domain(std::string_view name);

// Shannon's entropy of the octets in front of that part, dots left out, in bits each: 0 of none; words have about 3,
// Base32 and Base64 of 32 octets and more 4 and more.
double query_entropy(std::string_view name);

}  // namespace nw::network
