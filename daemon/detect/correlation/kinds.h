// The types of correlation, a factory each (table.cpp has a row for each), and what they share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "detect/correlation/node.h"
#include "detect/sigma/limits.h"

namespace nw::correlation {

// One key's window holds no more events than this: more are cut off at the old end, and counted.
constexpr std::size_t kEventsPerKey = sigma::kWindowEventsMax;
constexpr std::size_t kValueBytes = 256;  // of a value that counts; longer ones go on as their hash
constexpr std::size_t kShownValues = 8;   // in what a firing says

// The value as it is compared: letter case folded, its end marked.
void append_value(const Field& field, std::string& out);
// For people.
std::string shown_value(std::string_view value);
// The number that a field holds, or nothing.
std::optional<double> number_of(const Field& field);

using Make = std::unique_ptr<Node>(const sigma::Correlation& spec, std::size_t bytes_max);
Make make_event_count, make_value_count, make_temporal, make_temporal_ordered;  // windows.cpp
Make make_values;                                                               // values.cpp
Make make_absence, make_newvalue, make_beacon;                                  // rhythm.cpp
Make make_ratio, make_rate;                                                     // rates.cpp

}  // namespace nw::correlation
