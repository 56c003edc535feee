// Numbers as Sigma compares them: whole ones exactly, others as doubles.
#pragma once

#include <cstdint>
#include <optional>

#include "event/value.h"

namespace nw::sigma {

struct Number {
  bool whole;
  std::int64_t integer;  // when whole
  double real;
};

// Of numbers, of times and intervals (in seconds), and of text that is a decimal number.
std::optional<Number> number_of(const event::Value& value);

}  // namespace nw::sigma
