// HART-IP (FieldComm Group, HCF_SPEC-085) over UDP and TCP: the HART commands of field instruments and of the gateways
// before them. Messages in hart_ip_message.h.
//
// One `hart_ip` event per message; a response is joined to its request by message id and sequence number. Who asks is
// said by the messages themselves, so it does not matter where a capture begins.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/hart_ip_event.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"

namespace nw::network {

namespace {

constexpr std::array<std::uint16_t, 1> kPorts{5094};

// A request with a PDU, whose check is right.
Verdict certain(Bytes from) {
  constexpr unsigned kFromMaster = 2;
  ByteReader reader{from};
  HartIpMessage message;
  if (const auto fault = read_hart_ip(reader, true, message)) return frame_verdict(fault);
  HartPdu pdu;
  const bool is_pdu = message.id == kHartTokenPassing && read_hart_pdu(message.body, pdu);
  return is_pdu && pdu.checked && pdu.frame() == kFromMaster ? Verdict::yes : Verdict::no;
}

class HartIpAnalyzer final : public Analyzer {
 public:
  explicit HartIpAnalyzer(Transport transport) : transport_{transport} {}

  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    FrameStream& frames = streams_[static_cast<std::size_t>(direction)];
    HartIpMessage message;
    const auto read = [&](ByteReader& reader) {
      return read_hart_ip(reader, !frames.known() || frames.lost(), message);
    };
    return frames.read(
        bytes, context, read, [&] { take(message, direction, context); }, certain);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    HartIpMessage message;
    do {
      const auto fault = read_hart_ip(reader, true, message);
      if (fault) context.refused(*fault);
      // A datagram that says anything else was not meant; servers do take one that is shorter than it says.
      if (fault && message.body.empty()) return;
      take(message, direction, context);
    } while (!message.cut && !reader.empty());
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    streams_[static_cast<std::size_t>(direction)].gap();
    context.refused(DecodeError::truncated);
    // Who answers in this direction may have answered.
    open_.forget_if([&](const HartRequest& r) { return r.direction != direction; });
  }

  void finish(Context& context) override {
    open_.finish([&](const HartRequest& request) { unanswered(request, context); });
  }

 private:
  void take(const HartIpMessage& message, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const HartRequest& old) { unanswered(old, context); });
    const bool wanted = context.wants(kHartMessages);
    if (!wanted && !context.wants(kHartDirectCommands) && !context.wants(kHartRecords) && !context.wants(kHartDevices))
      return;
    const HartContents contents = gather_hart(message, wants_ics_texts(context, kHartMessages, hart_ip_ics()));
    if (contents.broken && !message.cut) context.refused(DecodeError::bad_value);
    if (contents.asks)
      request(message, contents, direction, context);
    else
      response(message, contents, direction, context);
    tell_hart_parts(message, context);
  }

  HartRequest* find(const HartIpMessage& message, Direction direction) {
    return open_.find([&](const HartRequest& r) {
      return r.direction == direction && r.id == message.id && r.sequence == message.sequence;
    });
  }

  // Servers over UDP may answer from a port of their own, in what is then another flow: only who answers in this one
  // can be said not to have answered.
  void unanswered(const HartRequest& request, Context& context) const {
    if (transport_ == Transport::tcp || answers_) tell_hart_unanswered(request, context);
  }

  void request(const HartIpMessage& message, const HartContents& contents, Direction direction, Context& context) {
    if (!context.wants(kHartMessages)) return;
    tell_hart_message(message, contents, contents.ics, {}, nullptr, context);
    const auto give_up = [&](const HartRequest& old) { unanswered(old, context); };
    if (HartRequest* same = find(message, direction)) {
      give_up(*same);  // it is asked again, or the number came round
      open_.remove(same);
    }
    open_.add({context.now(), direction, message.version, message.id, message.sequence, contents.command, contents.ics},
              context, give_up);
  }

  void response(const HartIpMessage& message, const HartContents& contents, Direction direction, Context& context) {
    // What a device publishes, nobody asked for.
    const bool alone = message.type == kHartPublish;
    answers_ = true;
    HartRequest* asked = alone ? nullptr : find(message, opposite(direction));
    IcsCommand ics = asked == nullptr ? contents.ics : asked->ics;
    if (ics.value.empty()) ics.value = contents.value;
    std::optional<IcsOutcome> outcome;
    if (!alone) outcome = contents.reason.empty() ? IcsOutcome::ok : IcsOutcome::refused;
    if (context.wants(kHartMessages)) tell_hart_message(message, contents, ics, outcome, asked, context);
    if (contents.reason.empty()) tell_devices(message, contents, direction, context);
    if (asked != nullptr) open_.remove(asked);
  }

  void tell_devices(const HartIpMessage& message, const HartContents& contents, Direction from, Context& context) {
    if (!context.wants(kHartDevices)) return;
    if (message.id == kHartTokenPassing && contents.pdu.response) {
      IcsText unit;
      append_hart_device(unit, contents.pdu);
      return tell_device(contents.pdu.command, contents.pdu.data, unit.view(), from, context);
    }
    if (message.id != kHartDirect) return;
    ByteReader reader{message.body};
    reader.bytes(2);
    for (HartDirect direct; !reader.empty() && read_hart_direct(reader, true, direct);)
      if (direct.response == 0) tell_device(direct.command, direct.data, "server", from, context);
  }

  void tell_device(std::uint16_t command, Bytes data, std::string_view unit, Direction from, Context& context) {
    constexpr std::uint16_t kIdentify = 0, kByTag = 11, kTag = 13, kLongTag = 20, kByLongTag = 21, kFind = 73;
    if (command == kIdentify || command == kByTag || command == kByLongTag || command == kFind)
      return tell_identity(data, unit, from, context);
    constexpr std::size_t kTagBytes = 6, kDescriptorBytes = 12;
    IcsText name, description;
    if (command == kLongTag) {
      describe_hart_response(command, data, name);
    } else if (command == kTag) {
      ByteReader reader{data};
      append_hart_packed(name, reader.bytes(kTagBytes));
      append_hart_packed(description, reader.bytes(kDescriptorBytes));
    }
    if (name.empty()) return;
    devices_.tell({.protocol = "hart_ip", .unit = unit, .name = name.view(), .description = description.view()},
                  kHartDevices, from, context);
  }

  // HCF_SPEC-127, command 0: | 254 | type u16 | preambles | universal revision | device revision | software |
  // hardware:5 signal:3 | flags | identity u24 | ... five octets ... | maker u16 |; before revision 7 nothing stands
  // behind the identity, and the type's first octet is the maker.
  void tell_identity(Bytes data, std::string_view unit, Direction from, Context& context) {
    ByteReader reader{data};
    reader.u8();
    const std::uint16_t type = reader.u16be();
    reader.u8();
    const std::uint8_t universal = reader.u8(), revision = reader.u8(), software = reader.u8(), hardware = reader.u8();
    reader.u8();
    const std::uint32_t identity = std::uint32_t{reader.u8()} << 16U | reader.u16be();
    if (!reader.ok()) return;
    reader.bytes(5);
    const std::uint16_t stated = reader.u16be();
    constexpr std::uint8_t kWideTypes = 7;
    const unsigned maker = universal >= kWideTypes && reader.ok() ? stated : type >> 8U;
    std::array<IcsText, 5> texts;
    auto& [vendor, product, serial, board, firmware] = texts;
    if (const std::string_view name = hart_manufacturer_name(maker); !name.empty()) vendor.append(name);
    if (vendor.empty()) vendor.append_number(maker);
    product.append("type ");
    product.append_hex(type, 4);
    product.append(" revision ");
    product.append_number(revision);
    serial.append_number(identity);
    board.append_number(hardware >> 3U);
    firmware.append_number(software);
    devices_.tell({.protocol = "hart_ip",
                   .unit = unit,
                   .vendor = vendor.view(),
                   .product = product.view(),
                   .serial_number = serial.view(),
                   .hardware = board.view(),
                   .firmware = firmware.view()},
                  kHartDevices, from, context);
  }

  Transport transport_;
  bool answers_ = false;  // somebody did, in this flow
  IcsRequests<HartRequest> open_;
  KnownDevices devices_;
  std::array<FrameStream, 2> streams_{};  // by direction
};

// Off the port a header must be as specified, and what it carries fit, to its check.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  HartIpMessage message;
  const auto fault = read_hart_ip(reader, true, message);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault) return Verdict::no;
  if (on_port) return Verdict::yes;
  if (message.type == kHartRequest && message.status != 0) return Verdict::no;
  const HartContents contents = gather_hart(message, false);
  const bool checked = message.id != kHartTokenPassing || contents.pdu.checked;
  return !contents.broken && checked && contents.reason.empty() ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport transport) { return std::make_unique<HartIpAnalyzer>(transport); }

}  // namespace

Protocol hart_ip_protocol() {
  Protocol p;
  p.name = "hart_ip";
  p.help = "HART-IP: commands to field instruments, and what they measure";
  p.types = hart_ip_types();
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
