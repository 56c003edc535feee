// The UDP part of ADS: who is there, and new routes. ads_message.h shows the wire.
#include <string_view>

#include "ingest/network/protocols/ads_event.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kService,
  kServiceId,
  kPduType,
  kInvoke,
  kNetId,
  kStatus,
  kHostName,
  kRouteName,
  kRouteNet,
  kUser,
  kPassword,
  kTwincat,
  kSystem,
  kRtt,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"service", "text", "DISCOVER, ADD_ROUTE; unknown-NN when it has no name (ours)"},
    {"service_id", "integer", "its number (ours)"},
    {"pdu_type", "text", "REQ or RESP (ours)"},
    {"invoke_id", "integer", "a response repeats its request's (ours)"},
    {"source_netid", "text", "AMS net id of the sender (ours)"},
    {"status", "integer", "of a response, as error_code of ads (ours)"},
    {"host_name", "text", "who answers; of ADD_ROUTE the name or address to where the route leads (ours)"},
    {"route_name", "text", "what the new route is called (ours)"},
    {"route_netid", "text", "the AMS net id that is let in by it (ours)"},
    {"user", "text", "the account on the controller that vouches for it (ours)"},
    {"password", "boolean", "whether a password came with it; it is never told (ours)"},
    {"twincat_version", "text", "of who answers: 2.11.2228 (ours)"},
    {"os_version", "text", "of who answers: Windows CE 6.0.0 (ours)"},
    {"rtt", "interval", "from the request to its response; absent when the request was not seen (ours)"},
}));
constexpr std::array<std::string_view, 1> kServiceName{"ads_discovery"};

constexpr std::size_t kHeadBytes = 24;

Bytes net_of(const AdsDatagram& message) { return message.net.first(std::min<std::size_t>(message.net.size(), 6)); }

IcsText twincat_text(const AdsDatagram& message) {
  const auto& [major, minor, build] = *message.twincat;
  return ads_version(std::array<std::uint32_t, 3>{major, minor, build});
}

IcsText system_text(const AdsDatagram& message) {
  IcsText text;
  text.append(ads_platform_name((*message.system)[3]));
  text.append(' ');
  text.append(ads_version(std::span{*message.system}.first(3)).view());
  return text;
}

// Of a new route `route/NAME`, and where it leads as the value.
void describe(const AdsDatagram& message, bool texts, IcsCommand& command) {
  if (message.service == kAdsDiscover) command.operation = IcsOperation::identify;
  if (message.service == kAdsAddRoute) command.operation = IcsOperation::write;
  if (!texts || message.service != kAdsAddRoute || message.response) return;
  command.target.append("route/");
  command.target.append_escaped(ads_text(message.route));
  command.value.append_escaped(ads_text(message.host));
  command.value.append(' ');
  append_ams_net(net_of(message), command.value);
}

void write_body(EventWriter& out, const AdsDatagram& message) {
  set_ads_number(out, kStatus, message.status);
  set_text(out, kHostName, ads_text(message.host));
  set_text(out, kRouteName, ads_text(message.route));
  if (!message.net.empty()) set_ams_net(out, kRouteNet, net_of(message));
  set_text(out, kUser, ads_text(message.user));
  if (!message.response) out.set(kPassword, Value::boolean(message.password));
  if (message.twincat && out.wants(kTwincat)) set_kept(out, kTwincat, twincat_text(message));
  if (message.system && out.wants(kSystem)) set_kept(out, kSystem, system_text(message));
}

}  // namespace

const event::TypeSpec kAdsDiscoveryType{"ads_discovery", "normwatch", kServiceName, kIcsCategory, kFields, false};

void AdsDiscovery::datagram(Bytes bytes, Direction direction, Context& context) {
  AdsDatagram message;
  const auto fault = read_ads_datagram(bytes, message);
  if (fault) context.refused(*fault);
  if (fault == DecodeError::bad_value || bytes.size() < kHeadBytes) return;
  if (context.wants(kAdsDatagrams) || context.wants(kAdsDevices)) take(message, direction, context);
}

void AdsDiscovery::finish(Context& context) {
  open_.finish([&](const Request& request) { unanswered(request, context); });
}

void AdsDiscovery::take(const AdsDatagram& message, Direction direction, Context& context) {
  const auto give_up = [&](const Request& old) { unanswered(old, context); };
  open_.expire(context.now(), give_up);
  Request* asked = open_.find([&](const Request& r) {
    return message.response && r.direction != direction && r.invoke == message.invoke && r.service == message.service;
  });
  Request now{context.now(), direction, message.invoke, message.service, message.source, {}};
  if (asked != nullptr)
    now.command = asked->command;
  else
    describe(message, wants_ics_texts(context, kAdsDatagrams, kIcs), now.command);
  if (context.wants(kAdsDatagrams)) {
    EventWriter out = begin(now, message.response, context);
    write_body(out, message);
    if (asked != nullptr) out.set(kRtt, Value::interval(context.now() - asked->time));
    std::optional<IcsOutcome> outcome;
    const std::uint32_t error = message.status.value_or(0);
    // A device that says nothing of a route has not said that it took it.
    const bool said = message.status || message.service != kAdsAddRoute;
    if (message.response && said) outcome = error == 0 ? IcsOutcome::ok : IcsOutcome::refused;
    write_ics(out, kIcs, now.command, outcome, ads_reason(out, error));
    context.emit();
  }
  if (message.response) device(message, direction, context);
  if (asked != nullptr) open_.remove(asked);
  if (message.response) return;
  if (Request* same =
          open_.find([&](const Request& r) { return r.service == now.service && r.invoke == now.invoke; })) {
    give_up(*same);
    open_.remove(same);
  }
  open_.add(std::move(now), context, give_up);
}

EventWriter AdsDiscovery::begin(const Request& request, bool response, Context& context) {
  EventWriter out = context.begin(kAdsDatagrams, request.time);
  out.set(kService, named(out, ads_service_name(request.service), request.service));
  out.set(kServiceId, Value::integer(request.service));
  out.set(kPduType, Value::text(response ? "RESP" : "REQ"));
  out.set(kInvoke, Value::integer(request.invoke));
  set_ams_net(out, kNetId, request.source.net);
  return out;
}

void AdsDiscovery::device(const AdsDatagram& message, Direction from, Context& context) {
  if (message.host.empty() && !message.twincat) return;
  IcsText unit, name, version, system;
  append_ams_net(message.source.net, unit);
  name.append_escaped(ads_text(message.host));
  if (message.twincat) {
    version.append("TwinCAT ");
    version.append(twincat_text(message).view());
  }
  if (message.system) system = system_text(message);
  devices_.tell({.protocol = "ads",
                 .unit = unit.view(),
                 .firmware = version.view(),
                 .name = name.view(),
                 .description = system.view()},
                kAdsDevices, from, context);
}

// The request once more, as nobody answered it.
void AdsDiscovery::unanswered(const Request& request, Context& context) {
  // Who discovers asks everybody, and is answered in other flows.
  if (request.service == kAdsDiscover || !context.wants(kAdsDatagrams)) return;
  EventWriter out = begin(request, false, context);
  write_ics(out, kIcs, request.command, IcsOutcome::no_answer);
  context.emit();
}

Bytes ads_text(Bytes text) { return text.first(static_cast<std::size_t>(std::ranges::find(text, 0) - text.begin())); }

void append_ams_net(Bytes net, IcsText& text) {
  for (std::size_t i = 0; i < net.size(); ++i) {
    if (i != 0) text.append('.');
    text.append_number(net[i]);
  }
}

IcsText ads_version(std::span<const std::uint32_t> numbers) {
  IcsText text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i != 0) text.append('.');
    text.append_number(numbers[i]);
  }
  return text;
}

void set_kept(EventWriter& out, std::size_t field, const IcsText& text) {
  if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text.view())));
}

void set_ams_net(EventWriter& out, std::size_t field, Bytes net) {
  if (!out.wants(field)) return;
  IcsText text;
  append_ams_net(net, text);
  set_kept(out, field, text);
}

std::string_view ads_reason(EventWriter& out, std::uint32_t error) {
  return error == 0 ? std::string_view{} : named(out, ads_error_name(error), error).as_text();
}

}  // namespace nw::network
