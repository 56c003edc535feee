// How well a rule can be kept from being evaluated: DESIGN 3.2 reduces a condition to atoms of which at least one must
// hold. Read from the tree as written, so it can be told before anything is compiled.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "detect/sigma/read.h"

namespace nw::sigma {

enum class Grip : std::uint8_t {
  none,   // it can hold although nothing positive does: negations, absence
  loose,  // something positive must hold, but it is no value that can be looked up: a regex or wildcards alone
  firm,   // a number, a whole value, or kLiteralBytes of text must be in the event
};

constexpr std::size_t kLiteralBytes = 3;

Grip grip(const Rule& rule);

// The longest run of text that every match of the regular expression holds, in bytes; a lower bound: groups, classes
// and whatever may be left out count for nothing.
std::size_t regex_literal(std::string_view expression);

}  // namespace nw::sigma
