// One conversation: TCP connection, UDP exchange, or ICMP question and answer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/time.h"
#include "ingest/network/flow_key.h"
#include "ingest/network/link.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/slots.h"
#include "ingest/network/stream.h"
#include "ingest/network/tcp_state.h"
#include "ingest/network/tunnel.h"

namespace nw::network {

constexpr std::uint16_t kNoProtocol = 0xffff;

// How long a flow may rest; each has its limit in NetworkLimits.
enum class IdleClass : std::uint8_t { tcp, tcp_attempt, tcp_closing, udp, icmp };
constexpr std::size_t kIdleClasses = 5;

struct FlowSide {
  std::uint64_t packets = 0, ip_bytes = 0;
  Stream stream;
};

// In this order for its size: a table holds a million of them. What few flows need is kept beside the table.
struct Flow {
  FlowKey key;
  bool a_is_originator = true;
  IdleClass idle_class = IdleClass::tcp;
  std::uint16_t vlan = kNoVlan;
  std::uint32_t hash = 0;
  Links links;
  Timestamp start, last;
  Timestamp touched;  // the source's clock at the last packet; rises from flow to flow of an idle list
  Timestamp active;   // last packet before both sides had closed: the end of the conversation proper
  std::uint64_t last_ordinal = 0;
  std::uint32_t part = 0;           // events made from the last packet
  std::uint32_t again = 0;          // see make_uid()
  std::uint32_t parents = kNoSlot;  // in TunnelParents: the flows that carried it
  std::uint32_t names = kNoSlot;    // in FlowNames
  std::array<FlowSide, 2> sides;    // originator, responder
  TcpState tcp;                     // of other flows, the sizes alone
  std::unique_ptr<Analyzer> analyzer;
  History history;
  TunnelType tunnel = TunnelType::none;  // the kind that it was last seen to be
  std::uint16_t inner_vlan = kNoVlan;
  std::uint16_t protocol = kNoProtocol;  // position in the protocol table
  std::uint16_t carrier = kNoProtocol;   // the first one, when another followed it (STARTTLS)
  bool carries = false;                  // a packet was found in it, and told

  // Recognition of the payload.
  enum class Phase : std::uint8_t { off, probing, running } phase = Phase::off;
  std::uint8_t probes = 0;        // payloads that were offered to the probes
  std::uint8_t changes = 0;       // how often one protocol made way for another
  std::array<bool, 2> refused{};  // by direction: its first bytes are no protocol that we know
  bool spoke = false;             // some payload came
  Direction first_speaker = Direction::to_responder;

  [[nodiscard]] const IpAddress& address(std::size_t side) const noexcept {
    return (side == 0) == a_is_originator ? key.a : key.b;
  }
  [[nodiscard]] std::uint16_t port(std::size_t side) const noexcept {
    return (side == 0) == a_is_originator ? key.a_port : key.b_port;
  }
};

// With its share of the table's index (two cells) and of the list of free ones, 400 bytes.
static_assert(sizeof(Flow) <= 376);

constexpr std::size_t sender(Direction direction) noexcept { return direction == Direction::to_responder ? 0 : 1; }

}  // namespace nw::network
