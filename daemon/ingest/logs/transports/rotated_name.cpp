#include "ingest/logs/transports/rotated_name.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kNumberDigitsMax = 5;  // more of them are a date
constexpr std::string_view kSeparators = ".-_";

// ".log" of "access.log"; what is only digits is a rotation's number, not an extension.
std::string_view extension_of(std::string_view name) {
  const std::size_t at = name.rfind('.');
  if (at == std::string_view::npos || at == 0 || at + 1 == name.size()) return {};
  const std::string_view ending = name.substr(at);
  return std::ranges::all_of(ending.substr(1), ascii_digit) ? std::string_view{} : ending;
}

// What stands between the base and the end: "-20240131", ".1".
std::optional<RotatedName> read_middle(std::string_view middle, bool before_extension) {
  if (middle.size() < 2 || kSeparators.find(middle.front()) == std::string_view::npos) return std::nullopt;
  const char separator = middle.front();
  middle.remove_prefix(1);
  RotatedName out;
  for (const char c : middle) {
    if (ascii_digit(c)) {
      out.date += c;
    } else if (kSeparators.find(c) == std::string_view::npos && c != 'T' && c != ':') {
      return std::nullopt;
    }
  }
  if (out.date.size() > kNumberDigitsMax) return out;
  // "app-2.log" beside "app.log" is more likely another log than a rotated one.
  if (out.date.size() != middle.size() || (before_extension && separator != '.')) return std::nullopt;
  std::from_chars(middle.data(), middle.data() + middle.size(), out.number);
  ++out.number;  // some begin with 0
  out.date.clear();
  return out;
}

}  // namespace

std::optional<bool> RotatedName::before(const RotatedName& other) const {
  if (number != 0 && other.number != 0 && number != other.number) return number > other.number;
  if (!date.empty() && date.size() == other.date.size() && date != other.date) return date < other.date;
  return std::nullopt;
}

std::optional<RotatedName> rotated_name(std::string_view base, std::string_view name) {
  const std::string_view plain = without_packing(name);
  std::optional<RotatedName> out;
  if (plain.starts_with(base)) {
    const std::string_view middle = plain.substr(base.size());
    if (middle == ".old") {
      out.emplace().number = 1;
    } else {
      out = read_middle(middle, false);
    }
  }
  const std::string_view extension = extension_of(base), stem = base.substr(0, base.size() - extension.size());
  if (!out && !extension.empty() && plain.size() > base.size() && plain.starts_with(stem) && plain.ends_with(extension))
    out = read_middle(plain.substr(stem.size(), plain.size() - base.size()), true);
  if (out) out->packing = packing_of_name(name);
  return out;
}

std::string_view rotation_stem(std::string_view name) {
  name = without_packing(name);
  for (int part = 0; part < 4; ++part) {
    name.remove_suffix(extension_of(name).size());
    const std::size_t digits = name.find_last_not_of("0123456789");
    if (digits == std::string_view::npos || digits == 0 || digits + 1 == name.size() ||
        kSeparators.find(name[digits]) == std::string_view::npos)
      continue;
    name = name.substr(0, digits);
  }
  return name;
}

}  // namespace nw::logs
