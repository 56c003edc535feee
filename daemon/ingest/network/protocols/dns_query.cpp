#include "ingest/network/protocols/dns_query.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace nw::network {

namespace {

// What registries of countries set aside. Nobody but a registry has such a name, so that no tunnel hides behind it.
constexpr auto kRegistries = std::to_array<std::string_view>(
    {"ac", "co", "com", "edu", "go", "gob", "gov", "govt", "gv", "mil", "ne", "net", "nhs", "nom", "or", "org", "sch"});
static_assert(std::ranges::is_sorted(kRegistries));

// Where the label begins that ends at `end`.
std::size_t label_begin(std::string_view name, std::size_t end) {
  const std::size_t dot = end == 0 ? std::string_view::npos : name.rfind('.', end - 1);
  return dot == std::string_view::npos ? 0 : dot + 1;
}

}  // namespace

std::string_view registered_domain(std::string_view name) {
  constexpr std::size_t kCountry = 2;
  const std::size_t last = label_begin(name, name.size());
  if (last < 2) return name;
  std::size_t begin = label_begin(name, last - 1);
  if (begin >= 2 && name.size() - last == kCountry &&
      std::ranges::binary_search(kRegistries, name.substr(begin, last - 1 - begin)))
    begin = label_begin(name, begin - 1);
  return name.substr(begin);
}

double query_entropy(std::string_view name) {
  name.remove_suffix(registered_domain(name).size());
  std::array<unsigned, 256> seen{};
  unsigned total = 0;
  for (const char c : name) {
    if (c == '.') continue;
    ++seen[static_cast<unsigned char>(c)];
    ++total;
  }
  double bits = 0;
  for (const unsigned count : seen)
    if (count != 0) bits -= count * std::log2(static_cast<double>(count) / total);
  return total == 0 ? 0 : bits / total;
}

}  // namespace nw::network
