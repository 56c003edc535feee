#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "detect/correlation/kinds.h"

namespace nw::correlation {

namespace {

// In the order of sigma::CorrelationType.
constexpr std::array<Make*, 12> kKinds{make_event_count, make_value_count, make_temporal, make_temporal_ordered,
                                       make_values,      make_values,      make_values,   make_absence,
                                       make_newvalue,    make_beacon,      make_ratio,    make_rate};

}  // namespace

std::unique_ptr<Node> make_node(const sigma::Correlation& spec, std::size_t bytes_max) {
  return kKinds[static_cast<std::size_t>(spec.type)](spec, bytes_max);
}

void append_value(const Field& field, std::string& out) {
  if (field.text.size() > kValueBytes) {
    out += sigma::folded(std::string_view{field.text}.substr(0, kValueBytes / 2));
    out += '#' + std::to_string(hash64(field.text, 1)) + '#' + std::to_string(hash64(field.text, 2));
  } else {
    out += sigma::folded(field.text);
  }
  out += '\0';
}

std::string shown_value(std::string_view value) {
  std::string out;
  for (std::string_view part : split(value, '\0')) {
    if (part.empty()) continue;
    out += (out.empty() ? "" : " / ") + printable(part, 64);
  }
  return out;
}

std::optional<double> number_of(const Field& field) {
  double value = 0;
  const char* const end = field.text.data() + field.text.size();
  const auto [stop, wrong] = std::from_chars(field.text.data(), end, value);
  if (wrong != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace nw::correlation
