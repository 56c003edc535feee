// BACnet/IP (ANSI/ASHRAE 135-2020, annex J) over UDP: heads in bacnet_message.h, services in bacnet_service.h.
//
// One `bacnet` event per message; what devices, properties and a device's state are said to be is told again in events
// of their own. An answer is joined to its request by the invoke id and by the addresses behind routers, one of the
// virtual link by its function. Of a message in segments the first is read, and with the last all of them.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "ingest/network/protocols/bacnet_event.h"
#include "ingest/network/protocols/bacnet_names.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::array<std::uint16_t, 1> kPorts{47808};

// What devices of a flow said of themselves, as it comes: one answer has seldom all of it.
class BacnetDevices {
 public:
  void tell(const BacnetTold& told, Context& context) {
    if (!context.wants(kBacnetDevices) || !told.message.apdu) return;
    const BacnetApdu& apdu = *told.message.apdu;
    if (apdu.type == kBacnetUnconfirmed && apdu.service == kBacnetIAm) return announced(told, context);
    if (apdu.type != kBacnetComplexAck) return;
    for (const BacnetProperty& property : told.contents.properties()) read(property, told.direction);
    for (Device& device : devices_)
      if (std::exchange(device.changed, false)) tell(device, context);
  }

 private:
  static constexpr std::size_t kDevicesMax = 16;

  struct Meaning {
    std::uint16_t property;
    std::string_view KnownDevice::*field;
  };
  static constexpr std::size_t kApplication = 0, kFirmware = 2;
  static constexpr std::array<Meaning, 8> kMeanings{{{12, nullptr},  // the application's version, see tell()
                                                     {28, &KnownDevice::description},
                                                     {44, &KnownDevice::firmware},
                                                     {58, &KnownDevice::location},
                                                     {70, &KnownDevice::product},
                                                     {77, &KnownDevice::name},
                                                     {121, &KnownDevice::vendor},
                                                     {372, &KnownDevice::serial_number}}};

  struct Device {
    std::uint32_t instance = 0;
    Direction from = Direction::to_originator;
    std::array<IcsText, kMeanings.size()> texts{};
    bool changed = true;
  };

  void announced(const BacnetTold& told, Context& context) {
    const auto object = told.contents.object(kBacnetDevice);
    const auto vendor = told.contents.number(kBacnetVendor);
    if (!object || !vendor) return;
    IcsText unit, name;
    unit.append_number(bacnet_instance(*object));
    append_bacnet_name(name, bacnet_vendor_name(*vendor), *vendor);
    told_.tell({.protocol = "bacnet", .unit = unit.view(), .vendor = name.view()}, kBacnetDevices, told.direction,
               context);
  }

  void read(const BacnetProperty& property, Direction from) {
    constexpr std::uint32_t kDeviceType = 8;
    const auto meaning =
        std::ranges::find_if(kMeanings, [&](const Meaning& m) { return property.property == m.property; });
    if (!property.object || bacnet_object_type(*property.object) != kDeviceType || meaning == kMeanings.end() ||
        !property.value)
      return;
    ByteReader in{*property.value};
    BacnetTag tag;
    if (!read_bacnet_tag(in, tag) || tag.context || tag.number != kBacnetCharacters) return;
    Device& device = place(bacnet_instance(*property.object), from);
    IcsText& text = device.texts[static_cast<std::size_t>(meaning - kMeanings.begin())];
    text.clear();
    append_bacnet_characters(text, tag.contents);
    device.changed = true;
  }

  Device& place(std::uint32_t instance, Direction from) {
    const auto at =
        std::ranges::find_if(devices_, [&](const Device& d) { return d.instance == instance && d.from == from; });
    if (at != devices_.end()) return *at;
    if (devices_.size() < kDevicesMax) return devices_.emplace_back(Device{instance, from, {}});
    return devices_[next_++ % kDevicesMax] = {instance, from, {}};
  }

  void tell(const Device& device, Context& context) {
    IcsText unit, firmware = device.texts[kFirmware];
    unit.append_number(device.instance);
    if (const IcsText& application = device.texts[kApplication]; !application.empty()) {
      firmware.append(firmware.empty() ? "application " : ", application ");
      firmware.append(application.view());
    }
    KnownDevice out{.protocol = "bacnet", .unit = unit.view()};
    for (std::size_t i = kApplication + 1; i < kMeanings.size(); ++i) out.*kMeanings[i].field = device.texts[i].view();
    out.firmware = firmware.view();
    told_.tell(out, kBacnetDevices, device.from, context);
  }

  std::vector<Device> devices_;  // at most kDevicesMax
  std::size_t next_ = 0;         // the oldest, once there are so many
  KnownDevices told_;
};

class BacnetAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    open_.expire(context.now(), [&](const Request& old) { unanswered(old, context); });
    BacnetMessage message;
    const auto fault = read_bacnet(bytes, message);
    if (fault) context.refused(*fault);
    if (!message.is_bacnet) return;
    if (message.apdu && message.apdu->whole_head) return apdu(message, !fault, direction, context);
    contents_.clear();
    IcsCommand own;
    describe_bacnet(message, contents_, false, own);
    BacnetTold told{message, contents_, own, direction};
    if (!fault && !message.control) link(told, context);
    if (message.network_message) network(told);
    if (context.wants(kBacnetMessages)) tell_bacnet(told, context);
  }

  void finish(Context& context) override {
    open_.finish([&](const Request& request) { unanswered(request, context); });
  }

 private:
  // Of one message, as they come: what is sent again, or out of its turn, is left out, as its receiver does.
  struct Segments {
    std::vector<std::uint8_t> octets{};  // the bodies of those that came, in order
    // The one that is waited for. 0: they are too many, and are not joined; none: the first has not come.
    std::optional<std::uint8_t> next{};
  };

  struct Request {
    Timestamp time{};
    Direction direction = Direction::to_responder;
    std::uint8_t function = 0;                           // of the virtual link
    std::optional<std::uint8_t> invoke_id{}, service{};  // of an APDU
    BacnetAddress source{}, destination{};
    IcsCommand command{};
    Segments own{}, answer{};
  };

  static constexpr std::size_t kSegmentsMax = std::size_t{64} * 1024;  // of all messages, in octets

  // Puts a segment behind those that came. Too many are not joined.
  void keep(Segments& segments, const BacnetApdu& apdu, Context& context) {
    constexpr std::uint8_t kLast = 0xFF;  // then their numbers begin anew
    std::size_t kept = apdu.body.size();
    open_.find([&](const Request& r) {
      kept += r.own.octets.size() + r.answer.octets.size();
      return kept > kSegmentsMax;
    });
    if (kept > kSegmentsMax || (segments.next == kLast && apdu.more_follows())) {
      context.refused(DecodeError::too_long);
      segments = {.octets = {}, .next = 0};
      return;
    }
    segments.octets.insert(segments.octets.end(), apdu.body.begin(), apdu.body.end());
    segments.next = static_cast<std::uint8_t>(segments.next.value_or(0) + 1U);
  }

  // With the last segment, all of them, which the message views from then on.
  std::vector<std::uint8_t> join_segments(BacnetMessage& message, Direction direction, Context& context) {
    BacnetApdu& apdu = *message.apdu;
    const bool asks = apdu.type == kBacnetConfirmed;
    Request* request = asks ? find(message, direction, true) : find_asked(message, direction, false);
    if (request == nullptr) return {};
    Segments& begun = asks ? request->own : request->answer;
    if (begun.next.value_or(0) == 0 || apdu.sequence != begun.next) return {};
    keep(begun, apdu, context);
    if (apdu.more_follows() || begun.octets.empty()) return {};
    std::vector<std::uint8_t> all = std::move(begun.octets);
    apdu.service = request->service;  // what the first one said
    apdu.joined = true;
    apdu.body = all;
    if (asks) open_.remove(request);  // it is told again, and waits anew
    return all;
  }

  void apdu(BacnetMessage& message, bool whole, Direction direction, Context& context) {
    const BacnetApdu& apdu = *message.apdu;
    std::vector<std::uint8_t> segments;
    if (apdu.later_segment()) segments = join_segments(message, direction, context);
    contents_.read(apdu);
    const bool broken = contents_.broken() || (apdu.type == kBacnetError && !read_bacnet_failure(apdu.body));
    // The first of several segments ends anywhere; that a datagram was cut is counted already.
    if (broken && whole && (!apdu.segmented() || apdu.joined)) context.refused(DecodeError::bad_value);
    const bool with_texts = wants_ics_texts(context, kBacnetMessages, kBacnetIcs) ||
                            context.wants(kBacnetDiscoveries) || context.wants(kBacnetControls);
    IcsCommand own;
    if (apdu.request()) keep_whole(own, context, kBacnetMessages, kBacnetIcs);
    describe_bacnet(message, contents_, with_texts, own);
    BacnetTold told{message, contents_, own, direction};
    if (apdu.request())
      request(told, context);
    else
      answer(told, context);
    devices_.tell(told, context);
    contents_.clear();
  }

  void tell(const BacnetTold& told, Context& context) {
    if (context.wants(kBacnetMessages)) tell_bacnet(told, context);
    tell_bacnet_parts(told, context);
  }

  void request(BacnetTold& told, Context& context) {
    const BacnetApdu& apdu = *told.message.apdu;
    Request* same = apdu.type == kBacnetConfirmed ? find(told.message, told.direction, true) : nullptr;
    if (same != nullptr && apdu.carries_on()) told.target = same->command.target.view();
    tell(told, context);
    if (apdu.type != kBacnetConfirmed || apdu.carries_on()) return;
    if (same != nullptr) drop(same, context);  // asked again, or the number came round
    if (!told.message.broadcast()) wait_for_answer(told, context);
  }

  void answer(BacnetTold& told, Context& context) {
    const BacnetApdu& apdu = *told.message.apdu;
    const bool from_client = apdu.type == kBacnetAbort && !apdu.from_server();
    const bool again = apdu.type == kBacnetSegmentAck ? !apdu.from_server() : from_client;
    Request* asked = find_asked(told.message, told.direction, again);
    if (asked != nullptr) join(told, *asked);
    judge(told);
    const bool ends = apdu.type != kBacnetSegmentAck && !apdu.more_follows();
    if (asked != nullptr && apdu.type != kBacnetSegmentAck) told.rtt = context.now() - asked->time;
    tell(told, context);
    if (asked == nullptr) return;
    if (ends) return open_.remove(asked);
    const bool first = apdu.type == kBacnetComplexAck && !apdu.later_segment();
    if (first && !asked->answer.next) keep(asked->answer, apdu, context);
  }

  static void join(BacnetTold& told, const Request& asked) {
    told.service = asked.service;
    // An answer says which properties "all" are, which number a new object has.
    if (told.target.empty() || !told.contents.has(kBacnetObjectRole)) told.target = asked.command.target.view();
    if (told.message.apdu->carries_on()) return;
    told.operation = asked.command.operation;
    if (told.value.empty()) told.value = asked.command.value.view();
  }

  // How it ended.
  static void judge(BacnetTold& told) {
    const BacnetApdu& apdu = *told.message.apdu;
    if (apdu.carries_on()) return;
    if (apdu.type == kBacnetReject) append_bacnet_name(told.reason, bacnet_reject_name(*apdu.reason), *apdu.reason);
    if (apdu.type == kBacnetAbort) append_bacnet_name(told.reason, bacnet_abort_name(*apdu.reason), *apdu.reason);
    // An answer about several properties refuses when it has none of them.
    const auto failure = apdu.type == kBacnetError ? read_bacnet_failure(apdu.body) : told.contents.all_failed();
    if (failure) {
      append_bacnet_name(told.reason, bacnet_error_code_name(failure->code), failure->code);
      append_bacnet_name(told.error_class, bacnet_error_class_name(failure->error_class), failure->error_class);
    }
    told.outcome = apdu.type < kBacnetError && !failure ? IcsOutcome::ok : IcsOutcome::refused;
  }

  // Requests of the virtual link, and what answers them. Distributed broadcasts are answered only when they are
  // refused.
  void link(BacnetTold& told, Context& context) {
    const std::uint8_t function = told.message.function;
    const bool asks = function == kBacnetWriteDistribution || function == kBacnetReadDistribution ||
                      function == kBacnetRegister || function == kBacnetReadForeign || function == kBacnetDeleteForeign;
    if (asks) return wait_for_answer(told, context);
    if (function == kBacnetSecure) return;
    Request* asked =
        open_.find([&](const Request& r) { return r.direction != told.direction && answers(told.message, r); });
    const std::uint16_t result = told.message.result.value_or(0);
    told.outcome = result == 0 ? IcsOutcome::ok : IcsOutcome::refused;
    if (result != 0) append_bacnet_name(told.reason, bacnet_result_name(result), result);
    if (asked == nullptr) return;
    told.operation = asked->command.operation;
    told.rtt = context.now() - asked->time;
    open_.remove(asked);
  }

  static bool answers(const BacnetMessage& message, const Request& request) {
    if (request.invoke_id) return false;
    const std::uint8_t asked = request.function;
    if (message.function == kBacnetReadDistributionAck) return asked == kBacnetReadDistribution;
    if (message.function == kBacnetReadForeignAck) return asked == kBacnetReadForeign;
    // The refusals of each function; success is of any that has no answer of its own.
    switch (message.result.value_or(0) >> 4U) {
      case 0: return asked != kBacnetReadDistribution && asked != kBacnetReadForeign;
      case 1: return asked == kBacnetWriteDistribution;
      case 2: return asked == kBacnetReadDistribution;
      case 3: return asked == kBacnetRegister;
      case 4: return asked == kBacnetReadForeign;
      case 5: return asked == kBacnetDeleteForeign;
      default: return false;
    }
  }

  static void network(BacnetTold& told) {
    constexpr std::uint8_t kRefused = 3;
    if (*told.message.network_message != kRefused || told.message.network_data.empty()) return;
    const std::uint8_t reason = told.message.network_data[0];
    told.outcome = IcsOutcome::refused;
    append_bacnet_name(told.reason, bacnet_network_refusal_name(reason), reason);
  }

  // The request of the same number between the same two. `again`: sent by who sends this, too.
  Request* find(const BacnetMessage& message, Direction direction, bool again) {
    const BacnetAddress& client = again ? message.source : message.destination;
    const BacnetAddress& server = again ? message.destination : message.source;
    return open_.find([&](const Request& r) {
      return r.invoke_id && r.invoke_id == message.apdu->invoke_id && (r.direction == direction) == again &&
             r.source == client && r.destination == server;
    });
  }

  // The request that a message answers, which has its service, too.
  Request* find_asked(const BacnetMessage& message, Direction direction, bool again) {
    Request* asked = find(message, direction, again);
    const auto service = message.apdu->service;
    return asked != nullptr && service && asked->service != service ? nullptr : asked;
  }

  void drop(Request* request, Context& context) {
    unanswered(*request, context);
    open_.remove(request);
  }

  void wait_for_answer(const BacnetTold& told, Context& context) {
    const BacnetMessage& message = told.message;
    Request request{.time = context.now(),
                    .direction = told.direction,
                    .function = message.function,
                    .source = message.source,
                    .destination = message.destination,
                    .command = told.own};
    if (message.apdu) {
      request.invoke_id = message.apdu->invoke_id;
      request.service = message.apdu->service;
    }
    if (message.apdu && message.apdu->more_follows()) keep(request.own, *message.apdu, context);
    open_.add(std::move(request), context, [&](const Request& old) { unanswered(old, context); });
  }

  // The request once more, as nobody answered it.
  static void unanswered(const Request& request, Context& context) {
    if (!context.wants(kBacnetMessages)) return;
    EventWriter out = context.begin(kBacnetMessages, request.time);
    out.set(kBacnetIsOrig, Value::boolean(request.direction == Direction::to_responder));
    out.set(kBacnetBvlcFunction, Value::text(bacnet_function_name(request.function)));
    if (request.service) {
      const BacnetServiceKind* kind = bacnet_service(true, *request.service);
      out.set(kBacnetPduType, Value::text(bacnet_pdu_name(kBacnetConfirmed)));
      out.set(kBacnetPduService, named(out, kind == nullptr ? std::string_view{} : kind->name, *request.service));
      out.set(kBacnetInvokeId, Value::integer(request.invoke_id.value_or(0)));
    }
    write_ics(out, kBacnetIcs, request.command, IcsOutcome::no_answer);
    context.emit();
  }

  BacnetContents contents_;  // of the message that is being read
  IcsRequests<Request> open_;
  BacnetDevices devices_;
};

// On the port the head says enough when its length holds, or when the network's head follows it: there are devices that
// do not look at the length. Off it all heads must fit, and name a service.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader in{first};
  std::uint8_t function = 0;
  std::uint16_t length = 0;
  if (!read_bacnet_link(in, function, length)) return Verdict::no;
  const std::size_t head = first.size() - in.rest().size();
  BacnetMessage message;
  const auto fault = read_bacnet(first, message);
  const bool holds = length >= head && length <= first.size();
  if (on_port && (holds || message.control)) return Verdict::yes;
  if (fault || !message.apdu) return Verdict::no;
  const BacnetApdu& apdu = *message.apdu;
  if (!apdu.service || bacnet_service(apdu) == nullptr) return Verdict::no;
  BacnetContents contents;
  contents.read(apdu);
  return contents.broken() ? Verdict::no : Verdict::yes;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<BacnetAnalyzer>(); }

}  // namespace

Protocol bacnet_protocol() {
  Protocol p;
  p.name = "bacnet";
  p.help = "BACnet/IP: readings, commands and alarms of buildings: heating, ventilation, doors, lifts, fire";
  p.types = bacnet_types();
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
