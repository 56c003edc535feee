// The transports. One row here, one file beside this one.
#include "ingest/logs/transports/table.h"

#include <algorithm>
#include <array>

namespace nw::logs {

namespace {

constexpr auto kTransports = std::to_array<TransportKind>({
    {"file", "a file that grows; survives rotation, truncation and restarts", open_file_tail},
    {"tcp", "a listener for lines or octet-counted messages (RFC 6587)", open_tcp},
    {"udp", "a listener; each datagram is a line", open_udp},
});
static_assert(std::ranges::is_sorted(kTransports, {}, &TransportKind::name));

}  // namespace

std::span<const TransportKind> transports() { return kTransports; }

const TransportKind* find_transport(std::string_view name) {
  const auto* found = std::ranges::find(kTransports, name, &TransportKind::name);
  return found == kTransports.end() ? nullptr : &*found;
}

}  // namespace nw::logs
