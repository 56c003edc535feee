#include "ingest/network/protocols/known_device.h"

#include <algorithm>
#include <functional>

namespace nw::network {

using event::Value;

namespace {

enum Field : std::size_t {
  kDevice,
  kProtocol,
  kUnit,
  kVendor,
  kProduct,
  kOrder,
  kSerial,
  kHardware,
  kFirmware,
  kName,
  kLocation,
  kDescription
};

}  // namespace

void KnownDevices::tell(const KnownDevice& device, std::size_t type, Direction from, Context& context) {
  if (!context.wants(type)) return;
  const std::array<std::string_view, kDescription> texts{
      device.protocol, device.unit,     device.vendor, device.product,  device.order_number, device.serial_number,
      device.hardware, device.firmware, device.name,   device.location, device.description};
  std::uint64_t words = 0;
  for (const std::string_view text : texts)
    words = (words ^ std::hash<std::string_view>{}(text)) * 0x9E3779B97F4A7C15U + text.size();
  words |= 1U;  // 0 is an empty place
  if (std::ranges::find(told_, words) != told_.end()) return;
  told_[next_] = words;
  next_ = static_cast<std::uint8_t>((next_ + 1U) % kToldMax);

  EventWriter out = context.begin(type, context.now());
  out.set(kDevice, Value::address(context.sender(from)));
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!texts[i].empty() && out.wants(kProtocol + i)) out.set(kProtocol + i, Value::text(out.event().keep(texts[i])));
  context.emit();
}

}  // namespace nw::network
