#include "detect/sigma/number.h"

#include <charconv>
#include <cmath>
#include <string_view>

namespace nw::sigma {

namespace {

using event::Value;

template <class T>
std::optional<T> parse(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<Number> number_of(const Value& value) {
  constexpr double kNanosecond = 1e-9;
  switch (value.kind()) {
    case Value::Kind::integer: return Number{true, value.as_integer(), static_cast<double>(value.as_integer())};
    case Value::Kind::real: return Number{false, 0, value.as_real()};
    case Value::Kind::interval: return Number{false, 0, static_cast<double>(value.as_interval().count()) * kNanosecond};
    case Value::Kind::time:
      return Number{false, 0, static_cast<double>(to_unix_nanoseconds(value.as_time())) * kNanosecond};
    case Value::Kind::text:
      if (const auto whole = parse<std::int64_t>(value.as_text()))
        return Number{true, *whole, static_cast<double>(*whole)};
      if (const auto real = parse<double>(value.as_text()); real && std::isfinite(*real))
        return Number{false, 0, *real};
      return std::nullopt;
    default: return std::nullopt;
  }
}

}  // namespace nw::sigma
