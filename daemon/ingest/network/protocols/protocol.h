// The protocol table's contract. A protocol is one file beside this one and one row in table.cpp.
// Analyzers are sans-I/O: bytes in, events out. They never throw, never log, hold a bounded state, and count what they
// refuse.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "base/ip.h"
#include "base/time.h"
#include "event/event.h"
#include "event/event_writer.h"
#include "event/schema.h"
#include "ingest/network/protocols/octet_set.h"

namespace nw::network {

enum class Transport : std::uint8_t { tcp, udp };
enum class Direction : std::uint8_t { to_responder, to_originator };

constexpr Direction opposite(Direction d) noexcept {
  return d == Direction::to_responder ? Direction::to_originator : Direction::to_responder;
}

// Why a message was refused: a closed set, used as a metric label.
enum class DecodeError : std::uint8_t { truncated, bad_value, too_long, limit };
std::string_view to_string(DecodeError error);

using event::EventWriter;

// A flow that another one announces: an FTP data connection, a media stream.
struct ExpectedFlow {
  Transport transport = Transport::tcp;
  IpAddress originator, responder;  // who will open it, to whom
  std::uint16_t port = 0;           // to which port
  std::string_view protocol;        // Protocol::name of what it will be
  std::string_view note;            // for Analyzer::expected(), copied
};

// What an EtherType says is a protocol's. Views the packet.
struct EthernetFrame {
  Bytes source, destination;          // six octets each; none where the capture has none
  std::optional<std::uint16_t> vlan;  // the outermost
  std::uint16_t type = 0;
  Bytes payload;  // padding may be behind the message
};

// Packets may come out of order by so much.
inline constexpr Nanoseconds kLateness = std::chrono::seconds{1};

class InflaterPool;
struct IcsWholes;

// What an analyzer may ask of the decoder during a call. Implemented by NetworkDecoder.
class Context {
 public:
  virtual ~Context() = default;
  [[nodiscard]] virtual Timestamp now() const noexcept = 0;  // the packet's time
  // The address that sends in this direction of the flow; unspecified for what has none.
  [[nodiscard]] virtual const IpAddress& sender(Direction direction) const noexcept = 0;
  // Whether events of the protocol's `type`-th TypeSpec are wanted at all: cheap, ask before decoding further.
  [[nodiscard]] virtual bool wants(std::size_t type) const noexcept = 0;
  // Whether its field is, by position: for what must be begun long before the event is (a digest).
  [[nodiscard]] virtual bool wants(std::size_t type, std::size_t field) const noexcept = 0;
  // Begins an event of the protocol's `type`-th TypeSpec at `time`, common flow fields already set. Only when wanted.
  virtual EventWriter begin(std::size_t type, Timestamp time) = 0;
  // Hands the begun event on.
  virtual void emit() = 0;
  // Counts a refused message of this protocol.
  virtual void refused(DecodeError error) = 0;
  // A flow will come that is not to be probed for. Said again of the same flow, the last word counts.
  virtual void expect(const ExpectedFlow& flow) = 0;
  // What undoes compression, for all flows of the decoder; it outlives the analyzers.
  virtual InflaterPool& inflaters() noexcept = 0;
  // Where long writes to control systems are told in full, for all flows of the decoder; it outlives the analyzers.
  virtual IcsWholes& ics_wholes() noexcept = 0;
  // The analyzer is of a control protocol, and the flow on a port of it: however long nothing of it comes, something
  // may.
  [[nodiscard]] virtual bool at_home() const noexcept { return false; }
  // Counts octets in a row that are of no message.
  virtual void noise(std::size_t /*octets*/) {}
};

// State of one protocol on one flow. Made when the protocol was recognised, destroyed with the flow. Of a protocol
// right over Ethernet there is one for all stations, made with the first frame.
class Analyzer {
 public:
  virtual ~Analyzer() = default;
  // Before any bytes: another flow announced this one, and said this of it. Valid during the call.
  virtual void expected(std::string_view /*note*/) {}
  // UDP: one datagram.
  virtual void datagram(Bytes, Direction, Context&) {}
  // Ethernet: one frame.
  virtual void ethernet(const EthernetFrame&, Context&) {}
  // UDP: asked behind each datagram. All that is wanted was told: the flow costs its headers from then on, and finish()
  // is not called.
  [[nodiscard]] virtual bool done() const noexcept { return false; }
  // TCP: the contiguous bytes that wait in this direction, oldest first. Returns how many are done with; the rest comes
  // again with more behind it (the decoder holds at most Protocol::stream_bytes_max; when those are full and nothing is
  // consumed, the flow's analysis ends and is counted). Returning kGiveUp ends the analysis of this flow and counts it,
  // kDone ends it because all that is wanted was told, anew_behind(n) because behind n of these bytes, and with what
  // the other side says next, another protocol begins (STARTTLS, CONNECT, SOCKS): it is recognised like the first one.
  // After any of them finish() is not called.
  virtual std::size_t stream(Bytes, Direction, Context&) { return kGiveUp; }
  // TCP: `bytes` are missing in this direction (lost, or the capture began later); what waited there has been dropped.
  virtual void gap(std::uint64_t /*bytes*/, Direction, Context&) {}
  // Nothing more comes of times up to `until`: for who tells what does not come. Over Ethernet it is asked before each
  // frame and whenever the source's clock goes on, so what is told must not depend on how often; of a flow, once,
  // when it has ended, before finish().
  virtual void advance(Timestamp /*until*/, Context&) {}
  // The flow ended or timed out: emit what is still open (requests without an answer).
  virtual void finish(Context&) {}

  static constexpr std::size_t kGiveUp = static_cast<std::size_t>(-1), kDone = kGiveUp - 1;
  static constexpr std::size_t kAnew = ~(kGiveUp >> 1U);  // the bit that anew_behind() sets
  static constexpr std::size_t anew_behind(std::size_t done) noexcept { return kAnew | done; }
};

enum class Verdict : std::uint8_t { no, unsure, yes };

struct Protocol {
  std::string_view name;  // "dns"
  std::string_view help;
  std::span<const event::TypeSpec> types;  // the events it makes; most have one
  bool tcp = false, udp = false;
  std::span<const std::uint16_t> ports;  // a hint: who is the responder, and which probe goes first
  // Null: its flows are known by Context::expect() alone.
  // Could `first` begin this protocol? `on_port`: one end uses a port of `ports`, so `unsure` is then taken for yes.
  Verdict (*probe)(Bytes first, Direction, Transport, bool on_port) = nullptr;
  std::unique_ptr<Analyzer> (*make)(Transport) = nullptr;
  std::size_t stream_bytes_max = 64 * 1024;  // per direction
  // UDP: what a datagram carries, empty for nothing. A flow that is expected to be of this protocol is then analysed as
  // what that is. Null: it does not carry others.
  Bytes (*carried)(Bytes datagram) = nullptr;
  // Right over Ethernet: every frame of these types is the protocol's, and nothing is probed.
  std::span<const std::uint16_t> ether_types = {};
  // TCP: a message of it is looked for octet by octet, as FrameStream and PlacedStream do; also where another protocol
  // came first on the port of this one.
  bool resyncs = false;
  // What its messages begin with (of the row in table.cpp). Off its port the probe takes nothing else for one, and is
  // not asked about it.
  OctetSet begins = OctetSet::all();

  // What the probe says of `first`, which is not empty.
  [[nodiscard]] Verdict judge(Bytes first, Direction direction, Transport transport, bool on_port) const {
    return on_port || begins.has(first.front()) ? probe(first, direction, transport, on_port) : Verdict::no;
  }
};

// Every protocol that we decode, sorted by name (protocols/table.cpp).
std::span<const Protocol> protocols();
// A control protocol: some event of it is of the category `ics`.
[[nodiscard]] bool is_control(const Protocol& protocol) noexcept;

}  // namespace nw::network
