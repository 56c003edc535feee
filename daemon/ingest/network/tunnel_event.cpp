#include "ingest/network/tunnel_event.h"

#include <array>

namespace nw::network {
namespace {

enum Field : std::size_t { kType, kAction };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"tunnel_type", "text", "Tunnel::IP GRE VXLAN GENEVE GTPv1 TEREDO, as Zeek writes them; Tunnel::TZSP (ours)"},
    {"action", "text", "Tunnel::DISCOVER: a packet was found within the flow; Tunnel::CLOSE: the flow ended"},
});

constexpr std::array<std::string_view, 1> kServices{"tunnel"};

}  // namespace

const event::TypeSpec& tunnel_type() {
  static constexpr event::TypeSpec kType{"tunnel", "normwatch", kServices, {}, kFields, false};
  return kType;
}

void emit_tunnel(const Flow& flow, TunnelAction action, Timestamp known_at, FlowContext& context) {
  using event::Value;
  EventWriter out = context.begin_own(OwnEvent::tunnel, flow.last, known_at);
  out.set(kType, Value::text(zeek_name(flow.tunnel)));
  out.set(kAction, Value::text(action == TunnelAction::discover ? "Tunnel::DISCOVER" : "Tunnel::CLOSE"));
  context.emit_own();
}

}  // namespace nw::network
