#include "ingest/network/protocols/profinet_io_cm.h"

#include <algorithm>

#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/profinet_io_cm_message.h"
#include "ingest/network/protocols/profinet_io_cm_names.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kVersion,
  kPacketType,
  kFlags,  // eight of them, one per bit
  kCancelPending = kFlags + 8,
  kIntegers,
  kCharacters,
  kReals,
  kSerialHigh,
  kObject,
  kInterface,
  kActivity,
  kBootTime,
  kMajor,
  kMinor,
  kSequence,
  kOperation,
  kInterfaceHint,
  kActivityHint,
  kBodyLength,
  kFragment,
  kAuthentication,
  kSerialLow,
  kBlocks,
  kRelation,
  kRelationKind,
  kInitiator,
  kResponder,
  kSubmodules,
  kDifferences,
  kExchangeTypes,
  kFrameIds,
  kDataLengths,
  kCycles,
  kAlarmEnd,
  kApi,
  kSlot,
  kSubslot,
  kIndex,
  kIndexName,
  kRecordLength,
  kCommand,
  kStatus,
  kRtt,
  kOddities,
  kIcs,
};
static_assert(kProfinetIoCmFields.size() == kIcs + kIcsFields.size());

using Head = std::array<std::uint8_t, DceRpcDatagram::kBytes>;

void set_uuid(EventWriter& out, std::size_t field, const Uuid& uuid) {
  if (out.wants(field)) out.set(field, Value::text(out.event().keep(to_text(uuid))));
}

// | version u8 | type u8 | flags u8, u8 | representation 3 | serial high u8 | object | interface | activity | boot u32
// |
//   version u32 | sequence u32 | operation u16 | hints u16, u16 | length u16 | fragment u16 | authentication u8 |
//   serial low u8 |
void write_head(EventWriter& out, Bytes head, const DceRpcDatagram& header, Direction direction) {
  constexpr std::array<std::string_view, 4> kRealNames{"IEEE", "VAX", "CRAY", "IBM"};
  const auto number = [&](std::size_t field, std::uint32_t value) { out.set(field, Value::integer(value)); };
  out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
  DceRpcReader in{head, header.little_endian};
  number(kVersion, in.u8());
  in.u8();
  out.set(kPacketType, Value::text(io_cm_packet_name(header.type)));
  const unsigned flags = in.u8(), flags2 = in.u8();
  for (std::size_t bit = 0; bit < 8; ++bit) out.set(kFlags + bit, Value::boolean((flags >> bit & 1U) != 0));
  out.set(kCancelPending, Value::boolean((flags2 & 2U) != 0));
  out.set(kIntegers, Value::text(header.little_endian ? "Little Endian" : "Big Endian"));
  out.set(kCharacters, Value::text((in.u8() & 1U) != 0 ? "EBCDIC" : "ASCII"));
  out.set(kReals, Value::text(kRealNames[in.u8() & 3U]));
  in.u8();
  number(kSerialHigh, in.u8());
  in.bytes(3 * sizeof(Uuid));
  set_uuid(out, kObject, header.object);
  set_uuid(out, kInterface, header.interface);
  set_uuid(out, kActivity, header.activity);
  number(kBootTime, in.u32());
  const std::uint32_t version = in.u32();
  number(kMajor, version >> 16U);
  number(kMinor, version & 0xffffU);
  number(kSequence, in.u32());
  out.set(kOperation, named(out, io_cm_operation_name(in.u16()), header.operation));
  number(kInterfaceHint, in.u16());
  number(kActivityHint, in.u16());
  number(kBodyLength, in.u16());
  number(kFragment, in.u16());
  number(kAuthentication, in.u8());
  number(kSerialLow, in.u8());
}

Value hex_name(EventWriter& out, std::string_view name, std::uint16_t number) {
  return name.empty() ? hex_value(out, number, 4) : Value::text(name);
}

void append_slot(IcsText& out, std::uint32_t api, std::uint16_t slot) {
  out.append_number(api);
  out.append('/');
  out.append_number(slot);
}

void append_slot(IcsText& out, std::uint32_t api, std::uint16_t slot, std::uint16_t subslot) {
  append_slot(out, api, slot);
  out.append('/');
  out.append_number(subslot);
}

// "0/1/1 0xffff8140/0x00000001".
Value submodule_text(EventWriter& out, const IoCmSubmodule& submodule) {
  IcsText text;
  append_slot(text, submodule.api, submodule.slot, submodule.subslot);
  text.append(" 0x");
  text.append_hex(submodule.module, 8);
  text.append("/0x");
  text.append_hex(submodule.kind, 8);
  return Value::text(out.event().keep(text.view()));
}

// "0/1 wrong module", "0/1/1 fault".
Value difference_text(EventWriter& out, const IoCmDifference& difference) {
  IcsText text;
  if (difference.of_module) {
    append_slot(text, difference.api, difference.slot);
    text.append(' ');
    append_io_cm_module_state(text, difference.state);
  } else {
    append_slot(text, difference.api, difference.slot, difference.subslot);
    text.append(' ');
    append_io_cm_submodule_state(text, difference.state);
  }
  return Value::text(out.event().keep(text.view()));
}

// `value` makes one of each; nothing is made when nobody wants the list.
template <class T>
void set_all(EventWriter& out, std::size_t field, std::span<const T> all, auto&& value) {
  if (!out.wants(field)) return;
  ValueList list;
  list.reserve(out.event().arena(), all.size());
  for (const T& one : all) list.add(value(one));
  set_list(out, field, list.all());
}

void write_exchanges(EventWriter& out, std::span<const IoCmExchange> all) {
  constexpr Nanoseconds kTick{31'250};
  set_all(out, kExchangeTypes, all,
          [&](const auto& one) { return named(out, io_cm_exchange_name(one.kind), one.kind); });
  set_all(out, kFrameIds, all, [](const auto& one) { return Value::integer(one.frame_id); });
  if (all.empty() || all.front().cycle == 0) return;
  set_all(out, kDataLengths, all, [](const auto& one) { return Value::integer(one.octets); });
  set_all(out, kCycles, all, [&](const auto& one) { return Value::interval(one.cycle * kTick); });
}

void write_oddities(EventWriter& out, std::uint8_t odd) {
  std::array<std::string_view, IoCmOdd::kNames.size()> names;
  std::size_t count = 0;
  for (std::size_t bit = 0; bit < names.size(); ++bit)
    if ((odd >> bit & 1) != 0) names[count++] = IoCmOdd::kNames[bit];
  set_all(out, kOddities, std::span<const std::string_view>{names}.first(count),
          [](std::string_view name) { return Value::text(name); });
}

void write_contents(EventWriter& out, const IoCmContents& contents) {
  set_all(out, kBlocks, contents.blocks.all(),
          [&](std::uint16_t one) { return hex_name(out, io_cm_block_name(one), one); });
  set_all(out, kSubmodules, contents.submodules.all(), [&](const auto& one) { return submodule_text(out, one); });
  set_all(out, kDifferences, contents.differences.all(), [&](const auto& one) { return difference_text(out, one); });
  write_exchanges(out, contents.exchanges.all());
  if (contents.alarm_end) out.set(kAlarmEnd, Value::integer(*contents.alarm_end));
  if (contents.relation) set_uuid(out, kRelation, *contents.relation);
  if (contents.relation_kind)
    out.set(kRelationKind, named(out, io_cm_relation_name(*contents.relation_kind), *contents.relation_kind));
  set_text(out, kInitiator, contents.initiator_name);
  set_text(out, kResponder, contents.responder_name);
  if (!contents.commands.empty()) out.set(kCommand, Value::text(out.event().keep(contents.commands.view())));
  write_oddities(out, contents.odd);
  if (!contents.place) return;
  const IoCmPlace& place = *contents.place;
  out.set(kApi, Value::integer(place.api));
  out.set(kSlot, Value::integer(place.slot));
  out.set(kSubslot, Value::integer(place.subslot));
  out.set(kIndex, Value::integer(place.index));
  if (const std::string_view name = io_cm_index_name(place.index); !name.empty())
    out.set(kIndexName, Value::text(name));
  out.set(kRecordLength, Value::integer(contents.record_length));
}

// The object that PROFINET gives a station: dea00000-6c97-11d1-8271-, instance u16, device u16, vendor u16.
bool read_object(const Uuid& object, std::uint16_t& device, std::uint16_t& vendor) noexcept {
  constexpr std::array<std::uint8_t, 10> kFirst{0xde, 0xa0, 0, 0, 0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71};
  if (!std::ranges::equal(kFirst, std::span{object}.first<kFirst.size()>())) return false;
  ByteReader in{Bytes{object}.subspan(kFirst.size())};
  in.u16be();
  device = in.u16be();
  vendor = in.u16be();
  return true;
}

class ProfinetIoCm final : public DceRpcStubReader {
 public:
  explicit ProfinetIoCm(const DceRpcStubTypes& types) noexcept
      : type_{types.profinet_io_cm}, device_type_{types.known_device} {}

  void read(const DceRpcStub& stub, Context& context) override {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    if (!context.wants(type_) && !context.wants(device_type_)) return;
    IoCmContents contents;
    read_io_cm(stub, wants_ics_texts(context, type_, kIcs), contents);
    // A piece that begins no command, or is of a response, says nothing alone.
    const bool piece = stub.extent == DceRpcStub::Extent::piece, asks = stub.header.type == DceRpcType::request;
    if (piece && (!asks || contents.blocks.all().empty())) return;
    // Odd heads and fragments were counted.
    const bool counted = stub.header.odd || stub.extent != DceRpcStub::Extent::whole;
    if (contents.odd != 0 && !counted) context.refused(DecodeError::bad_value);
    if (stub.header.odd) contents.odd |= IoCmOdd::kHead;
    if (context.wants(type_)) tell(stub, contents, context);
    if (context.wants(device_type_)) tell_devices(stub, contents, context);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  struct Request {
    Timestamp time;
    Direction direction;
    DceRpcDatagram header;
    Head head;
    IcsCommand command;
  };

  void tell(const DceRpcStub& stub, const IoCmContents& contents, Context& context) {
    const IcsCommand command{io_cm_effect(stub.header.operation, contents), contents.target, contents.value};
    const bool asks = stub.header.type == DceRpcType::request;
    Request* const asked = asks ? same_request(stub, command) : request_of(stub);
    EventWriter out = context.begin(type_, context.now());
    write_head(out, stub.head, stub.header, stub.direction);
    write_contents(out, contents);
    if (asks) {
      write_ics(out, kIcs, command);
      context.emit();
      if (asked == nullptr) keep(stub, command, context);
      return;
    }
    response(out, stub, contents, command, asked, context);
    context.emit();
    if (asked == nullptr) return;
    answers_here_ = true;
    open_.remove(asked);
  }

  static bool same_call(const Request& r, const DceRpcStub& stub) noexcept {
    return r.header.sequence == stub.header.sequence && r.header.activity == stub.header.activity;
  }
  // The request sent again. What asks for something else under its number is another one.
  Request* same_request(const DceRpcStub& stub, const IcsCommand& command) {
    return open_.find([&](const Request& r) {
      return same_call(r, stub) && r.direction == stub.direction && r.header.operation == stub.header.operation &&
             r.command.operation == command.operation && r.command.target.view() == command.target.view() &&
             r.command.value.view() == command.value.view();
    });
  }
  // What a response is to: of several under its number the one that names its operation.
  Request* request_of(const DceRpcStub& stub) {
    const auto is = [&](const Request& r) { return same_call(r, stub) && r.direction != stub.direction; };
    Request* const named =
        open_.find([&](const Request& r) { return is(r) && r.header.operation == stub.header.operation; });
    return named != nullptr ? named : open_.find(is);
  }

  void keep(const DceRpcStub& stub, const IcsCommand& command, Context& context) {
    Request request{context.now(), stub.direction, stub.header, {}, command};
    std::ranges::copy(stub.head, request.head.begin());
    open_.add(std::move(request), context, [&](const Request& old) { unanswered(old, context); });
  }

  // Repeats what was asked; of a request that nobody saw here, what it says of that itself.
  void response(EventWriter& out, const DceRpcStub& stub, const IoCmContents& contents, IcsCommand command,
                const Request* asked, Context& context) const {
    if (asked != nullptr) {
      const IcsText brought = command.value;
      command = asked->command;
      if (!contents.record.empty()) command.value = brought;
      out.set(kRtt, Value::interval(context.now() - asked->time));
    }
    const bool answered = stub.header.type == DceRpcType::response;
    const bool refused = contents.status != 0 || !answered;
    IcsText reason;
    if (refused && answered) append_io_cm_status(reason, contents.status);
    if (refused && !answered) append_dce_rpc_status(reason, contents.status);
    out.set(kStatus, Value::integer(contents.status));
    write_ics(out, kIcs, std::move(command), refused ? IcsOutcome::refused : IcsOutcome::ok,
              out.event().keep(reason.view()));
  }

  // The request once more.
  void unanswered(const Request& request, Context& context) const {
    if (!answers_here_ || !context.wants(type_)) return;
    EventWriter out = context.begin(type_, request.time);
    write_head(out, request.head, request.header, request.direction);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  // Stations say who they are when they connect, submodules in records of identification and maintenance.
  void tell_devices(const DceRpcStub& stub, const IoCmContents& contents, Context& context) {
    if (!contents.initiator_name.empty())
      tell_station(contents.initiator, contents.initiator_name, stub.direction, context);
    if (!contents.responder_name.empty())
      tell_station(stub.header.object, contents.responder_name, stub.direction, context);
    IoCmIdentity identity;
    if (contents.place && read_io_cm_identity(contents.record, identity))
      tell_submodule(*contents.place, identity, stub.direction, context);
  }

  void tell_station(const Uuid& object, Bytes name, Direction direction, Context& context) {
    IcsText text, vendor, description;
    text.append_escaped(name);
    std::uint16_t device = 0, maker = 0;
    if (read_object(object, device, maker)) {
      append_profinet_vendor(vendor, maker);
      description.append("device 0x");
      description.append_hex(device, 4);
    }
    devices_.tell(
        {.protocol = "profinet", .vendor = vendor.view(), .name = text.view(), .description = description.view()},
        device_type_, direction, context);
  }

  void tell_submodule(const IoCmPlace& place, const IoCmIdentity& identity, Direction direction, Context& context) {
    IcsText unit, vendor, order, serial, hardware, firmware, location, description;
    append_slot(unit, place.api, place.slot, place.subslot);
    if (!identity.order_number.empty() || identity.vendor != 0) {
      append_profinet_vendor(vendor, identity.vendor);
      hardware.append_number(identity.hardware);
      firmware.append_escaped(Bytes{&identity.prefix, 1});
      for (const std::uint8_t& part : identity.software) {
        if (&part != identity.software.data()) firmware.append('.');
        firmware.append_number(part);
      }
    }
    order.append_escaped(identity.order_number);
    serial.append_escaped(identity.serial_number);
    location.append_escaped(identity.location);
    description.append_escaped(identity.description.empty() ? identity.function : identity.description);
    devices_.tell({.protocol = "profinet",
                   .unit = unit.view(),
                   .vendor = vendor.view(),
                   .order_number = order.view(),
                   .serial_number = serial.view(),
                   .hardware = hardware.view(),
                   .firmware = firmware.view(),
                   .location = location.view(),
                   .description = description.view()},
                  device_type_, direction, context);
  }

  std::size_t type_, device_type_;
  bool answers_here_ = false;  // some response came in this flow
  IcsRequests<Request> open_;
  KnownDevices devices_;
};

}  // namespace

std::unique_ptr<DceRpcStubReader> make_profinet_io_cm(const DceRpcStubTypes& types) {
  return std::make_unique<ProfinetIoCm>(types);
}

}  // namespace nw::network
