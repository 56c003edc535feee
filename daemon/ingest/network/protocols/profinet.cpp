// PROFINET right over Ethernet (IEC 61158-6-10): | frame id u16 | of which message |: DCP, by which stations are found,
// named and given addresses without any proof of who asks; cyclic data; alarms. (Connections are made over UDP.)
#include <array>
#include <chrono>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/profinet_dcp.h"
#include "ingest/network/protocols/profinet_rt.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

enum Field : std::size_t {
  kFrameId = kL2Fields,
  kService,
  kServiceType,
  kXid,
  kResponseDelay,
  kBlocks,
  kPermanent,
  kStationName,
  kStationType,
  kAlias,
  kVendorId,
  kDeviceId,
  kRole,
  kIp,
  kNetmask,
  kGateway,
  kErrors,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_l2(std::to_array<event::FieldSpec>({
    {"frame_id", "integer", "65276 hello, 65277 get and set, 65278 identify, 65279 its response (ours)"},
    {"service", "text", "get, set, identify or hello (ours)"},
    {"service_type", "text", "request, response or not_supported (ours)"},
    {"xid", "integer", "number that joins a response to its request (ours)"},
    {"response_delay", "integer", "in which an identify is to be answered, in 10 ms (ours)"},
    {"blocks", "list of text", "what it is about: ip/parameter, device/name_of_station, control/signal, ... (ours)"},
    {"permanent", "boolean", "what is set is to last beyond a restart (ours)"},
    {"station_name", "text", "name of the station (ours)"},
    {"station_type", "text", "its maker's name for its kind (ours)"},
    {"alias_name", "text", "its name by its place: port and neighbour (ours)"},
    {"vendor_id", "integer", "number of its maker (ours)"},
    {"device_id", "integer", "number of its kind, as its maker has it (ours)"},
    {"device_role", "text", "io_device, io_controller, io_multidevice or io_supervisor (ours)"},
    {"ip", "address", "its address, or the one that is set (ours)"},
    {"netmask", "address", "with this mask (ours)"},
    {"gateway", "address", "and gateway (ours)"},
    {"errors", "list of text", "what was refused, and why (ours)"},
    {"rtt", "interval", "from the get or set to its response (ours)"},
}));

constexpr std::array<std::string_view, 1> kService1{"profinet_dcp"};
constexpr std::array<std::uint16_t, 1> kEtherTypes{0x8892};
constexpr std::uint16_t kDcpFirst = 0xfefc, kDcpLast = 0xfeff;

// What the blocks say. Views the frame.
struct Contents {
  Bytes station_name{}, station_type{}, alias{};
  std::optional<std::uint16_t> vendor, device;
  std::optional<std::uint8_t> role;
  std::optional<IpAddress> ip, netmask, gateway;
  std::optional<bool> permanent;
  IcsOperation operation = IcsOperation::other;
  IcsText points, values, reason;  // points without the station; the reason is the first one
  bool sets = false;               // something that is no control
  bool broken = false;

  // A station without one says 0.0.0.0.
  [[nodiscard]] bool has_ip() const noexcept { return ip && *ip != IpAddress::v4(0); }
};

IcsOperation operation_of(DcpService service) noexcept {
  switch (service) {
    case DcpService::get: return IcsOperation::read;
    case DcpService::set: return IcsOperation::write;
    case DcpService::identify:
    case DcpService::hello: return IcsOperation::identify;
  }
  return IcsOperation::other;
}

constexpr std::uint8_t kControl = 5;

// Setting a control is no write; of several blocks a reset counts most, then what is written.
void refine(const DcpBlock& block, Contents& out) noexcept {
  const std::uint16_t option = dcp_option(block);
  out.sets = out.sets || block.option != kControl;
  if (option == DcpOption::kFactoryReset || option == DcpOption::kResetToFactory) out.operation = IcsOperation::restart;
  if (out.operation == IcsOperation::restart) return;
  if (out.sets)
    out.operation = IcsOperation::write;
  else if (option == DcpOption::kSignal)
    out.operation = IcsOperation::control;
}

void gather(const DcpMessage& message, const DcpBlock& block, Contents& out) {
  ByteReader in{block.contents};
  const auto address = [&] { return IpAddress::v4(in.u32be()); };
  switch (dcp_option(block)) {
    case DcpOption::kNameOfStation: out.station_name = dcp_text(block.contents); break;
    case DcpOption::kTypeOfStation: out.station_type = dcp_text(block.contents); break;
    case DcpOption::kAlias: out.alias = dcp_text(block.contents); break;
    case DcpOption::kDeviceId:
      if (block.contents.size() < 4) break;
      out.vendor = in.u16be();
      out.device = in.u16be();
      break;
    case DcpOption::kRole:
      if (!block.contents.empty()) out.role = block.contents[0];
      break;
    case DcpOption::kIp:
    case DcpOption::kFullIp:
      if (block.contents.size() < 12) break;
      out.ip = address();
      out.netmask = address();
      out.gateway = address();
      break;
    default: break;
  }
  if (message.service != DcpService::set || message.response()) return;
  refine(block, out);
  if (block.info && block.option != kControl) out.permanent = out.permanent.value_or(false) || (*block.info & 1U) != 0;
}

// What a block of the response says of a block of the request: only errors are told.
void gather_error(const DcpBlock& block, IcsText& error) {
  ByteReader in{block.contents};
  const std::uint16_t option = in.u16be();
  const std::uint8_t number = in.u8();
  if (number == 0 || !in.ok()) return;
  append_dcp_option(error, option);
  error.append(": ");
  error.append(dcp_error_name(number));
}

class ProfinetAnalyzer final : public Analyzer {
 public:
  void ethernet(const EthernetFrame& frame, Context& context) override {
    open_.expire(context.now(), [&](const Request& request) { unanswered(request, context); });
    ByteReader in{frame.payload};
    const std::uint16_t id = in.u16be();
    if (!in.ok()) return context.refused(DecodeError::truncated);
    if (id >= kDcpFirst && id <= kDcpLast) return dcp(id, in.rest(), frame, context);
    if (is_profinet_alarm(id)) return tell_profinet_alarm(id, in.rest(), frame, context);
    streams_.frame(id, in.rest(), frame, context);
  }

  void advance(Timestamp until, Context& context) override { streams_.advance(until, context); }
  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
    streams_.finish(context);
  }

 private:
  // A Get or a Set.
  struct Request {
    Timestamp time;
    std::uint32_t xid;
    std::uint16_t frame_id;
    DcpService service;
    L2Ends ends;
    IcsCommand command;
  };

  static constexpr std::size_t kBlocksMax = 64;

  void dcp(std::uint16_t id, Bytes payload, const EthernetFrame& frame, Context& context) {
    if (!context.wants(kProfinetDcp) && !context.wants(kProfinetDevice)) return;
    DcpMessage message;
    const auto wrong = read_dcp(payload, message);
    const std::string_view service = dcp_service_name(message.service);
    if (service.empty()) return context.refused(wrong.value_or(DecodeError::bad_value));
    const L2Ends ends{frame};
    EventWriter out = context.begin(kProfinetDcp, context.now());
    const Contents contents = read(message, out);
    if (wrong || contents.broken) context.refused(wrong.value_or(DecodeError::bad_value));
    write_head(out, id, message.service, message.xid, ends);
    out.set(kServiceType, Value::text(!message.response()   ? "request"
                                      : message.supported() ? "response"
                                                            : "not_supported"));
    if (message.service == DcpService::identify && !message.response())
      out.set(kResponseDelay, Value::integer(message.delay));
    write(out, contents);
    IcsCommand command{contents.operation, {}, contents.values};
    if (wants_ics_texts(context, kProfinetDcp, kIcs)) describe(message, contents, ends, command.target);
    if (message.response()) {
      answer(out, message, contents, ends, command, context);
    } else {
      write_ics(out, kIcs, command);
    }
    context.emit();
    if (!message.response() && (message.service == DcpService::get || message.service == DcpService::set)) {
      open_.add(Request{context.now(), message.xid, id, message.service, ends, command}, context,
                [&](const Request& request) { unanswered(request, context); });
    }
    if (message.response() || message.service == DcpService::hello) device(contents, ends, context);
  }

  static Contents read(const DcpMessage& message, EventWriter& out) {
    Contents contents;
    contents.operation = operation_of(message.service);
    const auto names = out.event().arena().make<Value>(out.wants(kBlocks) ? kBlocksMax : 0);
    const auto errors = out.event().arena().make<Value>(out.wants(kErrors) ? kBlocksMax : 0);
    std::size_t named = 0, refused = 0;
    DcpBlocks blocks{message};
    for (DcpBlock block; blocks.next(block);) {
      gather(message, block, contents);
      IcsText name, error;
      append_dcp_option(name, dcp_option(block));
      if (named < names.size()) names[named++] = Value::text(out.event().keep(name.view()));
      if (dcp_option(block) == DcpOption::kResponse) gather_error(block, error);
      if (!error.empty() && contents.reason.empty()) contents.reason = error;
      if (!error.empty() && refused < errors.size()) errors[refused++] = Value::text(out.event().keep(error.view()));
      add(contents.points, name);
      IcsText value;
      append_dcp_value(value, block);
      if (dcp_option(block) != DcpOption::kResponse) add(contents.values, value);
    }
    contents.broken = blocks.broken();
    set_list(out, kBlocks, names.first(named));
    set_list(out, kErrors, errors.first(refused));
    return contents;
  }
  static void add(IcsText& list, const IcsText& part) {
    if (part.empty()) return;
    list.next();
    list.append(part.view());
  }

  static void write_head(EventWriter& out, std::uint16_t id, DcpService service, std::uint32_t xid,
                         const L2Ends& ends) {
    write_l2(out, ends);
    out.set(kFrameId, Value::integer(id));
    out.set(kService, Value::text(dcp_service_name(service)));
    out.set(kXid, Value::integer(xid));
  }

  static void write(EventWriter& out, const Contents& contents) {
    const auto text = [&](std::size_t field, Bytes bytes) {
      if (!bytes.empty()) out.set(field, text_value(out, bytes));
    };
    const auto number = [&](std::size_t field, const auto& value) {
      if (value) out.set(field, Value::integer(*value));
    };
    const auto address = [&](std::size_t field, const std::optional<IpAddress>& value) {
      if (value) out.set(field, Value::address(*value));
    };
    text(kStationName, contents.station_name);
    text(kStationType, contents.station_type);
    text(kAlias, contents.alias);
    number(kVendorId, contents.vendor);
    number(kDeviceId, contents.device);
    if (contents.role) out.set(kRole, Value::text(dcp_role_name(*contents.role)));
    address(kIp, contents.ip);
    address(kNetmask, contents.netmask);
    address(kGateway, contents.gateway);
    if (contents.permanent) out.set(kPermanent, Value::boolean(*contents.permanent));
  }

  // `station/option/suboption`, by the station's own address; `all/...` of what is asked of everybody.
  static void describe(const DcpMessage& message, const Contents& contents, const L2Ends& ends, IcsText& target) {
    const auto& station = message.response() || message.service == DcpService::hello ? ends.source : ends.destination;
    constexpr unsigned kGroupBit = 1;
    if ((station[0] & kGroupBit) != 0)
      target.append("all");
    else if (ends.known)
      append_hardware(target, station);
    if (contents.points.empty()) return;
    target.append('/');
    target.append(contents.points.view());
  }

  // Repeats what was asked, when that was seen.
  void answer(EventWriter& out, const DcpMessage& message, const Contents& contents, const L2Ends& ends,
              IcsCommand& command, Context& context) {
    Request* asked = open_.find([&](const Request& request) {
      return request.xid == message.xid && request.service == message.service &&
             request.ends.source == ends.destination && request.ends.destination == ends.source;
    });
    if (asked != nullptr) {
      out.set(kRtt, Value::interval(context.now() - asked->time));
      const IcsText values = command.value;
      command = asked->command;
      if (message.service == DcpService::get) command.value = values;
      open_.remove(asked);
    }
    const bool refused = !message.supported() || !contents.reason.empty();
    write_ics(out, kIcs, command, refused ? IcsOutcome::refused : IcsOutcome::ok,
              !message.supported() ? "service not supported" : out.event().keep(contents.reason.view()));
  }

  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kProfinetDcp)) return;
    EventWriter out = context.begin(kProfinetDcp, request.time);
    write_head(out, request.frame_id, request.service, request.xid, request.ends);
    out.set(kServiceType, Value::text("request"));
    write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  void device(const Contents& contents, const L2Ends& ends, Context& context) {
    const bool says = !contents.station_name.empty() || !contents.station_type.empty() || contents.vendor;
    if (!says || !ends.known || !context.wants(kProfinetDevice)) return;
    IcsText address, name, type, vendor, kind;
    append_hardware(address, ends.source);
    name.append_escaped(contents.station_name);
    type.append_escaped(contents.station_type);
    if (contents.vendor) {
      constexpr std::uint16_t kSiemens = 0x002a;
      if (*contents.vendor == kSiemens)
        vendor.append("Siemens AG");
      else
        vendor.append("0x"), vendor.append_hex(*contents.vendor, 4);
    }
    if (contents.role) kind.append(dcp_role_name(*contents.role));
    if (contents.device) {
      if (!kind.empty()) kind.append(' ');
      kind.append("device 0x");
      kind.append_hex(*contents.device, 4);
    }
    KnownDevice device{.protocol = "profinet",
                       .vendor = vendor.view(),
                       .product = type.view(),
                       .name = name.view(),
                       .description = kind.view(),
                       .l2_addr = address.view()};
    if (contents.has_ip()) device.address = contents.ip;
    devices_[ends.source.back() % devices_.size()].tell(device, kProfinetDevice, Direction::to_originator, context);
  }

  IcsRequests<Request> open_;
  ProfinetStreams streams_;
  std::array<KnownDevices, 32> devices_;  // by the last octet of their addresses: networks have hundreds
};

}  // namespace

Protocol profinet_protocol() {
  static const std::array<event::TypeSpec, 4> kTypes{
      {{"profinet_dcp", "normwatch", kService1, kIcsCategory, kFields, false},
       profinet_rt_type(),
       profinet_alarm_type(),
       kKnownDeviceType}};
  Protocol p;
  p.name = "profinet";
  p.help = "PROFINET: names and addresses of stations (DCP), cyclic data, alarms";
  p.types = kTypes;
  p.make = [](Transport) -> std::unique_ptr<Analyzer> { return std::make_unique<ProfinetAnalyzer>(); };
  p.ether_types = kEtherTypes;
  return p;
}

}  // namespace nw::network
