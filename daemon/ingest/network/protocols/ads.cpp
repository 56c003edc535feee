// Beckhoff ADS over TCP, and its discovery over UDP: ads_message.h shows the wire.
//
// One `ads` event per packet, one `ads_place` event per place that a sum of commands writes, one `ads_discovery` event
// per datagram. Every packet says whether it is a response, so it does not matter who opened the connection; a response
// is joined to its request by both addresses, command and id.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "ingest/network/protocols/ads_event.h"
#include "ingest/network/protocols/ads_message.h"
#include "ingest/network/protocols/frame_stream.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kPduType,
  kCommand,
  kCommandId,
  kTargetNet,
  kTargetPort,
  kSourceNet,
  kSourcePort,
  kInvoke,
  kError,
  kErrorCode,
  kGroup,
  kGroupName,
  kOffset,
  kLength,
  kWriteLength,
  kSymbol,
  kState,
  kDeviceState,
  kMode,
  kHandle,
  kSamples,
  kDeviceName,
  kDeviceVersion,
  kDataLength,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by who asks (ours)"},
    {"pdu_type", "text", "REQ or RESP (ours)"},
    {"command", "text", "READ, WRITE, READ_WRITE, WRITE_CONTROL, ...; unknown-NN when it has no name (ours)"},
    {"command_id", "integer", "the command's number (ours)"},
    {"target_netid", "text", "AMS net id of the receiver: 5.13.117.96.1.1 (ours)"},
    {"target_port", "integer", "AMS port of the receiver: 10000 system service, 801 and 851 programs, ... (ours)"},
    {"source_netid", "text", "AMS net id of the sender (ours)"},
    {"source_port", "integer", "AMS port of the sender (ours)"},
    {"invoke_id", "integer", "joins a response to its request (ours)"},
    {"error", "text", "why it was refused: TARGET_PORT_NOT_FOUND, DEVICE_INVALIDGRP, ...; unknown-NN (ours)"},
    {"error_code", "integer", "its number, of the packet or of the result; 0 when all is well (ours)"},
    {"index_group", "integer", "which service or memory; a response repeats its request's (ours)"},
    {"index_group_name", "text", "its name: PLC_RW_M, SYM_VALBYNAME, SUMUP_READ, ... (ours)"},
    {"index_offset", "integer", "where in the group; a response repeats its request's (ours)"},
    {"length", "integer", "octets to be read, or that were (ours)"},
    {"write_length", "integer", "octets to be written (ours)"},
    {"symbol", "text", "the variable's name, by itself or by the handle that it was given (ours)"},
    {"ads_state", "text", "what is set or reported: RUN, STOP, CONFIG, RECONFIG, RESET, ...; unknown-NN (ours)"},
    {"device_state", "integer", "the device's own state, set or reported (ours)"},
    {"transmission_mode", "text", "of ADD_NOTIFICATION: cyclic, on_change, ...; unknown-NN (ours)"},
    {"notification_handle", "integer", "given by ADD_NOTIFICATION; of NOTIFICATION the first one (ours)"},
    {"samples", "integer", "values in a NOTIFICATION (ours)"},
    {"device_name", "text", "what READ_DEVICE_INFO brought (ours)"},
    {"device_version", "text", "the version with it: major.minor.build (ours)"},
    {"data_length", "integer", "octets of the command's data (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));

constexpr std::array<std::string_view, 1> kService{"ads"};
constexpr event::TypeSpec kAdsType{"ads", "normwatch", kService, kIcsCategory, kFields, false};
constexpr std::array<std::uint16_t, 2> kPorts{48898, 48899};

void set_error(EventWriter& out, std::uint32_t error) {
  out.set(kErrorCode, Value::integer(error));
  if (error != 0) out.set(kError, named(out, ads_error_name(error), error));
}

// What controllers gave handles for, so that what is read and written by handle has its name.
class AdsSymbols {
 public:
  static constexpr std::size_t kMost = 64;

  void add(const AmsAddress& device, std::uint32_t handle, const IcsText& name) {
    if (const Symbol* known = find(device, handle); known != nullptr) {
      symbols_[static_cast<std::size_t>(known - symbols_.data())].name = name;
      return;
    }
    const Symbol symbol{device, handle, name};
    if (symbols_.size() < kMost)
      symbols_.push_back(symbol);
    else
      symbols_[next_++ % kMost] = symbol;
  }
  // It was given back: the next symbol may get it, in another connection.
  void forget(const AmsAddress& device, std::uint32_t handle) {
    std::erase_if(symbols_, [&](const Symbol& s) { return s.handle == handle && s.device == device; });
  }
  // Empty when nobody saw it being given.
  [[nodiscard]] std::string_view name(const AmsAddress& device, std::uint32_t handle) const {
    const Symbol* known = find(device, handle);
    return known == nullptr ? std::string_view{} : known->name.view();
  }

 private:
  struct Symbol {
    AmsAddress device;
    std::uint32_t handle = 0;
    IcsText name;
  };
  [[nodiscard]] const Symbol* find(const AmsAddress& device, std::uint32_t handle) const {
    const auto at =
        std::ranges::find_if(symbols_, [&](const Symbol& s) { return s.handle == handle && s.device == device; });
    return at == symbols_.end() ? nullptr : &*at;
  }

  std::vector<Symbol> symbols_;
  std::size_t next_ = 0;
};

class AdsAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Place& place = places_[static_cast<std::size_t>(direction)];
    AmsPacket packet;
    const auto read = [&](ByteReader& reader) {
      // Of a long packet the rest passes by.
      place.passing -= reader.bytes(std::min(place.passing, reader.rest().size())).size();
      packet = {};
      return read_ams(reader.rest(), place.frames.lost(), packet);
    };
    const auto take_wanted = [&] {
      place.passing = packet.size;
      const bool wanted = context.wants(kAdsPackets) || context.wants(kAdsPlaces) || context.wants(kAdsDevices);
      if (wanted) take(packet, direction, context);
    };
    return place.frames.read(bytes, context, read, take_wanted);
  }

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    discovery_.datagram(bytes, direction, context);
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    Place& place = places_[static_cast<std::size_t>(direction)];
    place.frames.gap();
    place.passing = 0;
    // Who answers in this direction may have answered.
    open_.forget_if([&](const Request& r) { return r.direction != direction; });
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
    discovery_.finish(context);
  }

 private:
  struct Place {
    FrameStream frames;
    std::size_t passing = 0;  // octets of the packet that was told
  };
  struct Request {
    Timestamp time;
    Direction direction = Direction::to_responder;
    AmsHead head;
    std::optional<std::uint32_t> group, offset;
    IcsText symbol;
    IcsCommand command;
    std::uint32_t released = 0;  // handle that is given back
  };

  void take(const AmsPacket& packet, Direction direction, Context& context) {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    AdsBody body;
    if (!read_ads(packet, body)) context.refused(DecodeError::bad_value);
    if (packet.head.router != 0)
      router(packet.head, context);
    else if (packet.head.response())
      response(packet, body, direction, context);
    else
      request(packet, body, direction, context);
  }

  // Of a program to the router of its own host.
  static void router(const AmsHead& head, Context& context) {
    if (!context.wants(kAdsPackets)) return;
    EventWriter out = context.begin(kAdsPackets, context.now());
    out.set(kCommand, Value::text(ams_router_name(head.router)));
    write_ics(out, kIcs, {});
    context.emit();
  }

  static EventWriter begin(const AmsHead& head, Timestamp time, Context& context) {
    EventWriter out = context.begin(kAdsPackets, time);
    out.set(kIsOrig, Value::boolean(!head.response()));
    out.set(kPduType, Value::text(head.response() ? "RESP" : "REQ"));
    out.set(kCommand, named(out, ads_command_name(head.command), head.command));
    out.set(kCommandId, Value::integer(head.command));
    set_ams_net(out, kTargetNet, head.target.net);
    out.set(kTargetPort, Value::integer(head.target.port));
    set_ams_net(out, kSourceNet, head.source.net);
    out.set(kSourcePort, Value::integer(head.source.port));
    out.set(kInvoke, Value::integer(head.invoke));
    out.set(kDataLength, Value::integer(static_cast<std::int64_t>(head.data_length)));
    return out;
  }

  // `device` is the port that is asked: groups are its own.
  static void write_body(EventWriter& out, const AdsBody& body, const AmsAddress& device) {
    set_ads_number(out, kGroup, body.group);
    if (body.group)
      if (const std::string_view name = ads_group_name(*body.group, device.port); !name.empty())
        out.set(kGroupName, Value::text(name));
    set_ads_number(out, kOffset, body.offset);
    set_ads_number(out, kLength, body.length);
    set_ads_number(out, kWriteLength, body.write_length);
    if (body.state) out.set(kState, named(out, ads_state_name(*body.state), *body.state));
    set_ads_number(out, kDeviceState, body.device_state);
    if (body.mode) out.set(kMode, named(out, ads_mode_name(*body.mode), *body.mode));
    set_ads_number(out, kHandle, body.handle);
    set_ads_number(out, kSamples, body.samples);
    set_text(out, kDeviceName, body.name);
    if (body.version && out.wants(kDeviceVersion)) set_kept(out, kDeviceVersion, ads_version(*body.version));
  }

  // What is spoken of by its name.
  void symbol(const AmsHead& head, const AdsBody& body, IcsText& name) const {
    const std::uint32_t group = body.group.value_or(0);
    if (ads_names_symbol(group) && head.command == kAdsReadWrite)
      name.append_escaped(ads_text(body.data));
    else if (ads_takes_handles(group))
      name.append(symbols_.name(head.target, body.offset.value_or(0)));
  }

  static void append_device(const AmsAddress& device, IcsText& target) {
    append_ams_net(device.net, target);
    target.append(':');
    target.append_number(device.port);
  }

  static void append_place(std::uint32_t group, std::uint32_t offset, std::string_view symbol, std::uint16_t port,
                           IcsText& target) {
    if (!symbol.empty()) {
      target.append("/symbol/");
      target.append(symbol);
      return;
    }
    const std::string_view name = ads_group_name(group, port);
    target.append(name.empty() ? "/0x" : "/");
    name.empty() ? target.append_hex(group) : target.append(name);
    target.append('/');
    target.append_number(offset);
  }

  // The places that a sum of commands names; the offset says how many. False when there are none.
  bool describe_sum(const AmsAddress& device, const AdsBody& body, IcsCommand& command) const {
    const std::size_t width = ads_sum_width(body.group.value_or(0));
    if (width == 0) return false;
    ByteReader in{body.data};
    for (std::uint32_t i = 0; i < body.offset.value_or(0) && !command.target.full(); ++i) {
      ByteReader one = in.sub(width);
      const std::uint32_t group = one.u32le(), offset = one.u32le();
      if (!one.ok()) break;
      command.target.next();
      append_device(device, command.target);
      const bool by_handle = ads_takes_handles(group);
      append_place(group, offset, by_handle ? symbols_.name(device, offset) : "", device.port, command.target);
    }
    return !command.target.empty();
  }

  // `net:port/symbol/NAME`, `net:port/GROUP/offset`, `net:port/notification/handle`, or `net:port` alone.
  void describe(const AmsAddress& device, const AdsBody& body, const IcsText& symbol, IcsCommand& command) const {
    if (describe_sum(device, body, command)) return;
    append_device(device, command.target);
    if (body.group) {
      append_place(*body.group, body.offset.value_or(0), symbol.view(), device.port, command.target);
    } else if (body.handle) {
      command.target.append("/notification/");
      command.target.append_number(*body.handle);
    }
  }

  static void describe_value(const AdsBody& body, IcsText& value) {
    value.clear();
    if (!body.state) return value.append_octets(body.data);
    const std::string_view name = ads_state_name(*body.state);
    value.append(name.empty() ? "unknown-" : name);
    if (name.empty()) value.append_number(*body.state);
  }

  static void describe_written(const AmsHead& head, const AdsBody& body, IcsText& value) {
    const std::uint32_t group = body.group.value_or(0);
    if (ads_names_symbol(group) && head.command == kAdsReadWrite) {  // the name is told by itself
      const std::size_t named = std::min(ads_text(body.data).size() + 1, body.data.size());
      return value.append_octets(body.data.subspan(named));
    }
    const auto begin = ads_text_at(group, head.target.port);
    if (!begin) return describe_value(body, value);
    Bytes text = body.data.subspan(std::min(*begin, body.data.size()));
    while (!text.empty() && text.back() == 0) text = text.first(text.size() - 1);
    value.append_escaped(text);
  }

  void tell_places(AmsHead head, const AdsBody& body, Context& context) const {
    if (!context.wants(kAdsPlaces)) return;
    AdsSum sum{head, body};
    for (AdsBody place; sum.next(place);) {
      IcsText name;
      IcsCommand command{ads_operation(head, place), {}, {}};
      symbol(head, place, name);
      describe(head.target, place, name, command);
      describe_written(head, place, command.value);
      tell_ads_place(head, place, name, command, context);
    }
  }

  void request(const AmsPacket& packet, const AdsBody& body, Direction direction, Context& context) {
    const AmsHead& head = packet.head;
    Request asked{context.now(), direction, head, body.group, body.offset, {}, {}, 0};
    symbol(head, body, asked.symbol);
    asked.command.operation = ads_operation(head, body);
    const bool report = head.command == kAdsNotification;
    if (wants_ics_texts(context, kAdsPackets, kIcs)) {
      describe(report ? head.source : head.target, body, asked.symbol, asked.command);
      describe_written(head, body, asked.command.value);
    }
    if (context.wants(kAdsPackets)) {
      EventWriter out = begin(head, context.now(), context);
      set_error(out, head.error);
      write_body(out, body, head.target);
      set_kept(out, kSymbol, asked.symbol);
      write_ics(out, kIcs, asked.command);
      context.emit();
    }
    tell_places(head, body, context);
    if (report) return;  // nobody answers
    if (body.group == kAdsReleaseHandle) asked.released = ByteReader{body.data}.u32le();
    const auto give_up = [&](const Request& old) { unanswered(old, context); };
    if (Request* same = find(head.target, head.source, head, direction)) {
      give_up(*same);
      open_.remove(same);
    }
    open_.add(std::move(asked), context, give_up);
  }

  Request* find(const AmsAddress& device, const AmsAddress& client, const AmsHead& head, Direction direction) {
    return open_.find([&](const Request& r) {
      return r.direction == direction && r.head.invoke == head.invoke && r.head.command == head.command &&
             r.head.target == device && r.head.source == client;
    });
  }

  void response(const AmsPacket& packet, AdsBody& body, Direction direction, Context& context) {
    const AmsHead& head = packet.head;
    Request* asked = find(head.source, head.target, head, opposite(direction));
    const std::uint32_t error = head.error != 0 ? head.error : body.result.value_or(0);
    const bool texts = wants_ics_texts(context, kAdsPackets, kIcs);
    IcsCommand command{head.command == kAdsWriteControl ? IcsOperation::control : ads_operation(head, body), {}, {}};
    if (asked != nullptr) {
      body.group = asked->group;
      body.offset = asked->offset;
      command = asked->command;
    } else if (texts) {
      describe(head.source, body, {}, command);
    }
    if (texts && (!body.data.empty() || body.state)) describe_value(body, command.value);
    if (context.wants(kAdsPackets)) {
      EventWriter out = begin(head, context.now(), context);
      set_error(out, error);
      write_body(out, body, head.source);
      if (asked != nullptr) {
        set_kept(out, kSymbol, asked->symbol);
        out.set(kRtt, Value::interval(context.now() - asked->time));
      }
      write_ics(out, kIcs, command, error == 0 ? IcsOutcome::ok : IcsOutcome::refused, ads_reason(out, error));
      context.emit();
    }
    if (error == 0) device(head, body, direction, context);
    if (asked == nullptr) return;
    if (error == 0) handles(*asked, body);
    open_.remove(asked);
  }

  void handles(const Request& asked, const AdsBody& body) {
    ByteReader given{body.data};
    const std::uint32_t handle = given.u32le();
    if (asked.group == kAdsHandleByName && given.ok() && !asked.symbol.empty())
      symbols_.add(asked.head.target, handle, asked.symbol);
    if (asked.group == kAdsReleaseHandle) symbols_.forget(asked.head.target, asked.released);
  }

  // READ_DEVICE_INFO, and the description of the target, which is XML.
  void device(const AmsHead& head, const AdsBody& body, Direction from, Context& context) {
    IcsText unit, name, version;
    append_ams_net(head.source.net, unit);
    unit.append(':');
    unit.append_number(head.source.port);
    if (body.version) {
      name.append_escaped(ads_text(body.name));
      version = ads_version(*body.version);
    } else if (body.group == kAdsTargetDescription && head.source.port == kAdsSystemPort) {
      static constexpr std::string_view kBefore = "<TargetType>", kBehind = "</TargetType>";
      const std::string_view text{reinterpret_cast<const char*>(body.data.data()), body.data.size()};
      const std::size_t before = text.find(kBefore), behind = text.find(kBehind);
      if (before == text.npos || behind == text.npos || before + kBefore.size() > behind) return;
      name.append_escaped(body.data.first(behind).subspan(before + kBefore.size()));
    }
    if (name.empty()) return;
    devices_.tell({.protocol = "ads", .unit = unit.view(), .product = name.view(), .firmware = version.view()},
                  kAdsDevices, from, context);
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kAdsPackets) || !request.head.answered()) return;
    EventWriter out = begin(request.head, request.time, context);
    set_ads_number(out, kGroup, request.group);
    set_ads_number(out, kOffset, request.offset);
    set_kept(out, kSymbol, request.symbol);
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  AdsDiscovery discovery_;
  IcsRequests<Request> open_;
  AdsSymbols symbols_;
  KnownDevices devices_;
  std::array<Place, 2> places_{};  // by direction
};

// Two lengths that agree, a command and its flags are enough off the port. On it a capture may begin within a packet.
Verdict probe(Bytes first, Direction, Transport transport, bool on_port) {
  if (transport == Transport::udp) return is_ads_datagram(first) ? Verdict::yes : Verdict::no;
  AmsPacket packet;
  const auto fault = read_ams(first, !on_port, packet);
  if (fault == DecodeError::truncated) return first.size() < kAmsHeadBytes ? Verdict::unsure : Verdict::yes;
  if (!fault) return Verdict::yes;
  if (!on_port) return Verdict::no;
  // What is too short for a packet is passed over by Beckhoff's own library.
  ByteReader head{first};
  if (head.u16le() == 0 && head.u32le() < kAmsHeadBytes && head.ok()) return Verdict::unsure;
  for (ByteReader reader{first}; !reader.empty(); reader.bytes(1))
    if (!read_ams(reader.rest(), true, packet)) return Verdict::yes;
  return Verdict::no;
}

std::span<const event::TypeSpec> types() {
  static const std::array<event::TypeSpec, 4> kTypes{{kAdsType, kAdsDiscoveryType, kKnownDeviceType, kAdsPlaceType}};
  return kTypes;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<AdsAnalyzer>(); }

}  // namespace

Protocol ads_protocol() {
  Protocol p;
  p.name = "ads";
  p.help = "Beckhoff ADS: variables, states and routes of TwinCAT controllers";
  p.types = types();
  p.tcp = true;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.resyncs = true;
  return p;
}

}  // namespace nw::network
