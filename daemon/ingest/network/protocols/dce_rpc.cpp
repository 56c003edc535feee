// DCE/RPC of itself: over TCP to the endpoint mapper (135) and to the ports that it names, which may be any; and in
// datagrams, as PROFINET sets its connections up (profinet_io_cm.h). Over named pipes it is SMB's (smb.cpp). PDUs:
// dce_rpc_message.h.
#include <array>

#include "ingest/network/protocols/dce_rpc_message.h"
#include "ingest/network/protocols/dce_rpc_session.h"
#include "ingest/network/protocols/dce_rpc_stubs.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/profinet_io_cm.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

namespace {

enum Type : std::size_t { kCall, kNtlm, kProfinetIoCm, kDevice };
constexpr std::array<event::TypeSpec, 4> kTypes{kDceRpcType, kNtlmType, kProfinetIoCmType, kKnownDeviceType};
// The endpoint mapper, its HTTP proxy, and PROFINET's context management.
constexpr std::array<std::uint16_t, 3> kPorts{135, 593, 34964};

class DceRpcAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    session_.datagram(bytes, context);
    stubs_.datagram(bytes, direction, context);
  }

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    bool& lost = lost_[static_cast<std::size_t>(direction)];
    DceRpcHeader header;
    // After a gap: until a segment begins with a PDU, everything is skipped.
    if (lost && read_dce_rpc_header(bytes, header)) return bytes.size();
    lost = false;
    const std::size_t done = session_.read(bytes, direction == Direction::to_originator, context);
    if (done == kGiveUp) finish(context);
    return done;
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    context.refused(DecodeError::truncated);
    if (!session_.skip(bytes, direction == Direction::to_originator)) lost_[static_cast<std::size_t>(direction)] = true;
  }

  void finish(Context& context) override {
    session_.finish(context);
    stubs_.finish(context);
  }

 private:
  DceRpcSession session_{{kCall, kNtlm}};
  DceRpcStubs stubs_{{kProfinetIoCm, kDevice}};
  std::array<bool, 2> lost_{};
};

// Sixteen bytes of which nine are fixed or nearly so, and two lengths that must fit.
Verdict probe_stream(Bytes first) {
  DceRpcHeader header;
  const auto fault = read_dce_rpc_header(first, header);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault || (first[4] != 0x10 && first[4] != 0) || first[5] != 0 || first[6] != 0 || first[7] != 0)
    return Verdict::no;
  constexpr std::size_t kBodyMin = 8;  // of each type that begins a conversation or is met in its middle
  return header.length >= DceRpcHeader::kBytes + kBodyMin ? Verdict::yes : Verdict::no;
}

// The fixed bytes, the length, and that a response keeps to its request's order: 40 bits at least. Of PROFINET the
// interface alone is more than that, and devices look at little else. On the port, bytes that ought to be 0 do not hide
// what comes behind the first datagram.
Verdict probe_datagram(Bytes first, bool on_port) {
  DceRpcDatagram header;
  if (read_dce_rpc_datagram(first, header)) return Verdict::no;
  if (on_port || header.profinet) return Verdict::yes;
  constexpr std::uint8_t kReservedFlags1 = 0x81, kReservedFlags2 = 0xfd;
  const bool fixed = !header.odd && first[5] == 0 && first[7] == 0;
  const bool flags = (first[2] & kReservedFlags1) == 0 && (first[3] & kReservedFlags2) == 0;
  return fixed && flags && find_dce_rpc_interface(header.interface) != nullptr ? Verdict::yes : Verdict::no;
}

Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  return transport == Transport::tcp ? probe_stream(first) : probe_datagram(first, on_port);
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<DceRpcAnalyzer>(); }

}  // namespace

Protocol dce_rpc_protocol() {
  Protocol p;
  p.name = "dce_rpc";
  p.help =
      "DCE/RPC: which operations of which interfaces are called, over TCP, UDP and SMB's pipes; PROFINET's connections";
  p.types = kTypes;
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
