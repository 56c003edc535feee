// Versions and ranges on any two texts (parted by a line end): the order is one, and a set gives the same answer twice.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "context/vulnerabilities/versions.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::vulnerabilities;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t end = text.find('\n');
  const std::string_view first = text.substr(0, end);
  const std::string_view second = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  const auto a = Version::parse(first), b = Version::parse(second);
  if (a) NW_CHECK(*a == *a && a->comparable(*a));
  if (a && b) NW_CHECK((*a < *b) == (*b > *a) && a->comparable(*b) == b->comparable(*a));
  const VersionSet range = VersionSet::range(first), exact = VersionSet::exact(first);
  NW_CHECK(range.holds(second) == VersionSet::range(first).holds(second));
  if (a && !first.empty()) NW_CHECK(exact.holds(first) == Within::yes);
  return 0;
}
