// What the events of ADS write, and the part that reads datagrams.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "ingest/network/protocols/ads_message.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

enum : std::size_t { kAdsPackets, kAdsDatagrams, kAdsDevices, kAdsPlaces };
extern const event::TypeSpec kAdsDiscoveryType, kAdsPlaceType;

// What stands before the first zero.
Bytes ads_text(Bytes text);
// "5.13.117.96.1.1"
void append_ams_net(Bytes net, IcsText& text);
IcsText ads_version(std::span<const std::uint32_t> numbers);
void set_kept(EventWriter& out, std::size_t field, const IcsText& text);
void set_ams_net(EventWriter& out, std::size_t field, Bytes net);
// The error's name, as long as the event; empty for 0.
std::string_view ads_reason(EventWriter& out, std::uint32_t error);

// One place that a sum writes, as if it were a command of its own.
void tell_ads_place(const AmsHead& head, const AdsBody& body, const IcsText& symbol, const IcsCommand& command,
                    Context& context);

template <class Number>
void set_ads_number(EventWriter& out, std::size_t field, std::optional<Number> number) {
  if (number) out.set(field, event::Value::integer(*number));
}

// Discovery and routes, over UDP.
class AdsDiscovery {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context);
  void finish(Context& context);

 private:
  struct Request {
    Timestamp time;
    Direction direction = Direction::to_responder;
    std::uint32_t invoke = 0, service = 0;
    AmsAddress source;
    IcsCommand command;
  };

  void take(const AdsDatagram& message, Direction direction, Context& context);
  static EventWriter begin(const Request& request, bool response, Context& context);
  void device(const AdsDatagram& message, Direction from, Context& context);
  static void unanswered(const Request& request, Context& context);

  IcsRequests<Request> open_;
  KnownDevices devices_;
};

}  // namespace nw::network
