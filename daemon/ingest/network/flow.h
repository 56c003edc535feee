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
  std::uint64_t packets : 43 = 0;
  // What it said first is no protocol that we know.
  std::uint64_t refused : 1 = 0;
  // Of its bytes that wait the analyzer is done with so many, and in so many of the last a message of the control
  // protocol whose port it is may begin; so many of the last when it begins where a segment does (HomeDoubt).
  std::uint64_t ahead : 10 = 0, doubt : 10 = 0;
  std::uint64_t placed : 10 = 0, ip_bytes : 54 = 0;
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

  // Recognition of the payload. `watching`: nobody reads it, but a control protocol's messages may still come.
  enum class Phase : std::uint8_t { off, probing, running, watching } phase = Phase::off;
  std::uint8_t probes = 0;   // payloads that were offered to the probes
  std::uint8_t changes = 0;  // how often one protocol made way for another
  bool spoke = false;        // some payload came
  Direction first_speaker = Direction::to_responder;
  // A control protocol is at home on the port of the responder, or of the originator (`home_side`): the flow's one, or
  // another that is watched for. `confirmed`: that side speaks what the flow was taken for.
  bool control : 1 = false, home_side : 1 = false, at_home : 1 = false, watched : 1 = false, confirmed : 1 = false;
  bool noisy : 1 = false;  // that was told

  [[nodiscard]] const IpAddress& address(std::size_t side) const noexcept {
    return (side == 0) == a_is_originator ? key.a : key.b;
  }
  [[nodiscard]] std::uint16_t port(std::size_t side) const noexcept {
    return (side == 0) == a_is_originator ? key.a_port : key.b_port;
  }
};

// With its share of the table's index (two cells) and of the list of free ones, 400 bytes.
static_assert(sizeof(Flow) <= 376);

// Tells flows of one decoder apart, also those that follow each other under one key. Never 0.
inline std::uint64_t number_of(const Flow& flow) noexcept {
  const auto start = static_cast<std::uint64_t>(to_unix_nanoseconds(flow.start));
  return mix64(start ^ std::uint64_t{flow.hash} << 32U ^ flow.again) | 1U;
}

constexpr std::size_t sender(Direction direction) noexcept { return direction == Direction::to_responder ? 0 : 1; }

}  // namespace nw::network
