// BACnet's events: one `bacnet` per message; what it says of devices, of properties and of a device's state again in
// `bacnet_discovery`, `bacnet_property` and `bacnet_device_control`.
#pragma once

#include <optional>
#include <span>

#include "ingest/network/protocols/bacnet_service.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The protocol's types, in order.
enum BacnetType : std::size_t {
  kBacnetMessages,
  kBacnetDiscoveries,
  kBacnetPropertyEvents,
  kBacnetControls,
  kBacnetDevices,
};
std::span<const event::TypeSpec> bacnet_types();

// Of the `bacnet` event.
enum BacnetEventField : std::size_t {
  kBacnetIsOrig,
  kBacnetBvlcFunction,
  kBacnetPduType,
  kBacnetPduService,
  kBacnetInvokeId,
  kBacnetResultCode,
  kBacnetErrorClass,
  kBacnetDnet,
  kBacnetDadr,
  kBacnetSnet,
  kBacnetSadr,
  kBacnetHopCount,
  kBacnetForwardedHost,
  kBacnetForwardedPort,
  kBacnetSegmented,
  kBacnetMoreFollows,
  kBacnetSequence,
  kBacnetWindow,
  kBacnetNetworks,
  kBacnetTable,
  kBacnetObjects,
  kBacnetPropertyNames,
  kBacnetProcessId,
  kBacnetLifetimeField,
  kBacnetPriorityField,
  kBacnetEventTypeField,
  kBacnetFromStateField,
  kBacnetToStateField,
  kBacnetNotifyTypeField,
  kBacnetMessageTextField,
  kBacnetVendorIdField,
  kBacnetServiceNumberField,
  kBacnetFileStart,
  kBacnetFileOctets,
  kBacnetDataLength,
  kBacnetRtt,
  kBacnetIcs,
};

// A message with what was read of it; all of it lives until its events are told.
struct BacnetTold {
  const BacnetMessage& message;
  const BacnetContents& contents;
  const IcsCommand& own;  // what it says itself
  Direction direction;
  // The same, or of its request, where that is known.
  IcsOperation operation = own.operation;
  std::string_view target = own.target.view(), value = own.value.view();
  std::optional<std::uint8_t> service{};  // the request's, where the message itself does not say it
  std::optional<IcsOutcome> outcome{};
  IcsText reason{}, error_class{};
  std::optional<Nanoseconds> rtt{};
};

void tell_bacnet(const BacnetTold& told, Context& context);
// The other events of a message.
void tell_bacnet_parts(const BacnetTold& told, Context& context);

}  // namespace nw::network
