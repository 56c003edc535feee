#include "ingest/network/conn_event.h"

#include <array>
#include <string>

namespace nw::network {
namespace {

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"service", "text",
     "the protocol that was recognised in the payload, or the kind of tunnel over UDP; another that it made way for "
     "before "
     "it, with a comma"},
    {"duration", "interval", "from the first packet to the last, or to the one that closed the connection"},
    {"orig_bytes", "integer", "payload bytes of the originator; TCP: by sequence numbers"},
    {"resp_bytes", "integer", "payload bytes of the responder; TCP: by sequence numbers"},
    {"conn_state", "text", "S0 S1 SF REJ S2 S3 RSTO RSTR RSTOS0 RSTRH SH SHR OTH, as Zeek defines them"},
    {"missed_bytes", "integer", "TCP payload bytes that the capture lacks"},
    {"history", "text", "what happened, a letter each, as Zeek defines them; ^: the originator was guessed"},
    {"orig_pkts", "integer", "packets of the originator"},
    {"orig_ip_bytes", "integer", "their bytes, IP headers included"},
    {"resp_pkts", "integer", "packets of the responder"},
    {"resp_ip_bytes", "integer", "their bytes, IP headers included"},
    {"vlan", "integer", "802.1Q id of the first packet, the outer one"},
    {"inner_vlan", "integer", "the inner 802.1Q id"},
    {"ip_proto", "integer", "number of the IP protocol"},
    {"interim", "boolean", "true: the flow goes on, and this is what it was so far; absent at its end (ours)"},
});
static_assert(kFields[kConnService].name == "service" && kFields[kConnMissedBytes].name == "missed_bytes" &&
              kFields[kConnRespIpBytes].name == "resp_ip_bytes" && kFields[kConnInnerVlan].name == "inner_vlan" &&
              kFields[kConnIpProto].name == "ip_proto" && kFields[kConnInterim].name == "interim");

constexpr std::array<std::string_view, 1> kServices{"conn"};

// UDP and its like know only who spoke, ICMP not even that (Zeek's conn.log does the same).
std::string_view conn_state(const Flow& flow) noexcept {
  if (flow.key.protocol == kTcp) return flow.tcp.conn_state();
  if (is_icmp(flow.key.protocol)) return "OTH";
  const bool orig = flow.sides[0].packets != 0, resp = flow.sides[1].packets != 0;
  if (orig) return resp ? "SF" : "S0";
  return "SHR";
}

event::Value count(std::uint64_t value) noexcept { return event::Value::integer(static_cast<std::int64_t>(value)); }

// "smtp,ssl" when another protocol followed the first, as in Zeek.
event::Value service(const Flow& flow, std::span<const Protocol> table, event::Event& event) {
  const std::string_view name = table[flow.protocol].name;
  if (flow.carrier == kNoProtocol || flow.carrier == flow.protocol) return event::Value::text(name);
  const std::string both = std::string{table[flow.carrier].name}.append(",").append(name);
  return event::Value::text(event.keep(both));
}

}  // namespace

const event::TypeSpec& conn_type() {
  static constexpr event::TypeSpec kType{"conn", "normwatch", kServices, {}, kFields, false};
  return kType;
}

void emit_conn(const Flow& flow, ConnPart part, Timestamp known_at, std::span<const Protocol> table,
               FlowContext& context) {
  using event::Value;
  EventWriter out = context.begin_own(OwnEvent::conn, flow.start, known_at);
  if (flow.protocol != kNoProtocol) {
    out.set(kConnService, service(flow, table, out.event()));
  } else if (const std::string_view name = service_name(flow.tunnel); !name.empty()) {
    out.set(kConnService, Value::text(name));
  }
  out.set(kConnDuration, Value::interval(flow.active - flow.start));
  out.set(kConnOrigBytes, count(flow.tcp.side(0).size()));
  out.set(kConnRespBytes, count(flow.tcp.side(1).size()));
  out.set(kConnState, Value::text(conn_state(flow)));
  out.set(kConnMissedBytes, count(flow.sides[0].stream.missed() + flow.sides[1].stream.missed()));
  if (!flow.history.text().empty()) out.set(kConnHistory, Value::text(flow.history.text()));
  out.set(kConnOrigPkts, count(flow.sides[0].packets));
  out.set(kConnOrigIpBytes, count(flow.sides[0].ip_bytes));
  out.set(kConnRespPkts, count(flow.sides[1].packets));
  out.set(kConnRespIpBytes, count(flow.sides[1].ip_bytes));
  if (flow.vlan != kNoVlan) out.set(kConnVlan, Value::integer(flow.vlan));
  if (flow.inner_vlan != kNoVlan) out.set(kConnInnerVlan, Value::integer(flow.inner_vlan));
  out.set(kConnIpProto, Value::integer(flow.key.protocol));
  if (part == ConnPart::so_far) out.set(kConnInterim, Value::boolean(true));
  context.emit_own();
}

}  // namespace nw::network
