#include "ingest/network/protocol_mismatch_event.h"

#include <algorithm>
#include <array>

namespace nw::network {
namespace {

enum Field : std::size_t { kFound, kExpected };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"found", "text", "the protocol that was recognised by its content"},
    {"expected", "list of text", "the protocols whose port the responder's is"},
});

constexpr std::array<std::string_view, 1> kServices{"protocol_mismatch"};

// More protocols share no port.
constexpr std::size_t kExpectedMax = 4;

bool of_port(const Protocol& protocol, bool tcp, std::uint16_t port) noexcept {
  return (tcp ? protocol.tcp : protocol.udp) && std::ranges::find(protocol.ports, port) != protocol.ports.end();
}

}  // namespace

const event::TypeSpec& protocol_mismatch_type() {
  static constexpr event::TypeSpec kType{"protocol_mismatch", "normwatch", kServices, {}, kFields, false};
  return kType;
}

bool on_foreign_port(const Flow& flow, std::span<const Protocol> table, const PortHints& hints) noexcept {
  const bool tcp = flow.key.protocol == kTcp;
  const std::uint16_t port = flow.port(1);
  return hints.has(tcp ? Transport::tcp : Transport::udp, port) && !of_port(table[flow.protocol], tcp, port);
}

void emit_protocol_mismatch(const Flow& flow, std::span<const Protocol> table, FlowContext& context) {
  using event::Value;
  std::array<Value, kExpectedMax> expected;
  std::size_t count = 0;
  for (const Protocol& protocol : table) {
    if (count < kExpectedMax && of_port(protocol, flow.key.protocol == kTcp, flow.port(1))) {
      expected[count++] = Value::text(protocol.name);
    }
  }
  EventWriter out = context.begin_own(OwnEvent::protocol_mismatch, flow.last, flow.last);
  out.set(kFound, Value::text(table[flow.protocol].name));
  const std::span<Value> kept = out.event().arena().make<Value>(count);
  std::copy_n(expected.begin(), kept.size(), kept.begin());
  out.set(kExpected, Value::list(kept));
  context.emit_own();
}

}  // namespace nw::network
