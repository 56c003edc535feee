// CIP's implicit messages (UDP 2222): what a controller and its inputs and outputs send each other all the time, over
// connections that `enip` sees being opened. The CIP Networks Library, volume 2, 3-2.2.
// | count u16 = 2 | type u16 = 0x8002 | 8 u16 | connection u32 | sequence u32 | type u16 = 0xB1 | length u16 | data |
//
// One `cip_io` event per datagram.
#include <array>

#include "ingest/network/protocols/enip_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t { kIsOrig, kConnection, kSequence, kLength, kData, kIcs };

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the side whose packet came first"},
    {"connection_id", "text", "the receiver's number of the connection: 0x004b0603"},
    {"sequence_number", "integer", "of the packet"},
    {"data_length", "integer", "octets of data"},
    {"io_data", "text", "the data in hexadecimal"},
}));
constexpr std::array<std::string_view, 1> kService{"cip_io"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"cip_io", "normwatch", kService, kIcsCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{2222};

struct Packet {
  bool headed = false;  // what follows was readable
  std::uint32_t connection = 0, sequence = 0;
  Bytes data;
};

// `truncated`: it begins as one.
std::optional<DecodeError> read_packet(Bytes octets, Packet& out) {
  constexpr std::uint16_t kItems = 2;
  constexpr std::size_t kAddressBytes = 8;
  ByteReader reader{octets};
  const std::uint16_t count = reader.u16le(), type = reader.u16le(), length = reader.u16le();
  if (!reader.ok()) return DecodeError::truncated;
  if (count != kItems || type != kEnipSequencedItem || length != kAddressBytes) return DecodeError::bad_value;
  out.connection = reader.u32le();
  out.sequence = reader.u32le();
  out.headed = reader.ok();
  const std::uint16_t data_type = reader.u16le();
  if (reader.ok() && data_type != kEnipConnectedItem) return DecodeError::bad_value;
  out.data = reader.bytes(reader.u16le());
  return reader.ok() ? std::nullopt : std::optional{DecodeError::truncated};
}

class CipIoAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    Packet packet;
    const auto fault = read_packet(bytes, packet);
    if (fault) context.refused(*fault);
    if (packet.headed && context.wants(0)) tell(packet, !fault, direction, context);
  }

 private:
  static void tell(const Packet& packet, bool whole, Direction direction, Context& context) {
    EventWriter out = context.begin(0, context.now());
    IcsCommand command;
    command.target.append("0x");
    command.target.append_hex(packet.connection, 8);
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    out.set(kConnection, Value::text(command.target.view()));
    out.set(kSequence, Value::integer(packet.sequence));
    if (whole) out.set(kLength, Value::integer(static_cast<std::int64_t>(packet.data.size())));
    set_hex(out, kData, packet.data);
    write_ics(out, kIcs, command);
    context.emit();
  }
};

// The items' types and lengths stand where random bytes have others.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  Packet packet;
  return !read_packet(first, packet) || (on_port && packet.headed) ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<CipIoAnalyzer>(); }

}  // namespace

Protocol cip_io_protocol() {
  Protocol p;
  p.name = "cip_io";
  p.help = "CIP's implicit messages: inputs and outputs of EtherNet/IP";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
