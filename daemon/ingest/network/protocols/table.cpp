// Every protocol that is decoded, one row each, sorted by name. Adding one: README.md.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

Protocol dns_protocol();
Protocol http_protocol();
Protocol modbus_protocol();
Protocol ssl_protocol();

namespace {

// A row's function, not its value: a value would have to be constant across files, or wait for static initialisation.
struct Row {
  std::string_view name;  // again as Protocol::name, so that the order is checked when compiling
  Protocol (*make)();
};

constexpr auto kRows = std::to_array<Row>({
    {"dns", dns_protocol},
    {"http", http_protocol},
    {"modbus", modbus_protocol},
    {"ssl", ssl_protocol},
});
static_assert(std::ranges::is_sorted(kRows, {}, &Row::name));

}  // namespace

std::span<const Protocol> protocols() {
  static const std::array<Protocol, kRows.size()> kProtocols = [] {
    std::array<Protocol, kRows.size()> made;
    std::ranges::transform(kRows, made.begin(), [](const Row& row) { return row.make(); });
    return made;
  }();
  return kProtocols;
}

std::string_view to_string(DecodeError error) {
  static constexpr std::array<std::string_view, 4> kNames{"truncated", "bad_value", "too_long", "limit"};
  return kNames[static_cast<std::size_t>(error)];
}

}  // namespace nw::network
