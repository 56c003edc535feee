#include "ingest/network/protocols/known_device.h"

#include <algorithm>
#include <functional>

#include "ingest/network/flow_key.h"

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
  kDescription,
  kL2Addr,
};

}  // namespace

void KnownDevices::tell(const KnownDevice& device, std::size_t type, Direction from, Context& context) {
  if (!context.wants(type)) return;
  const std::array<std::string_view, kL2Addr> texts{
      device.protocol, device.unit,     device.vendor, device.product,  device.order_number, device.serial_number,
      device.hardware, device.firmware, device.name,   device.location, device.description,  device.l2_addr};
  std::uint64_t words = 0;
  for (const std::string_view text : texts) {
    if (!text.empty()) words ^= std::hash<std::string_view>{}(text);
    words = words * 0x9E3779B97F4A7C15U + text.size();
  }
  if (device.address) words ^= word_at(*device.address, 8) * 0x9E3779B97F4A7C15U;
  words |= 1U;  // 0 is an empty place
  if (std::ranges::find(told_, words) != told_.end()) return;
  told_[next_] = words;
  next_ = static_cast<std::uint8_t>((next_ + 1U) % kToldMax);

  EventWriter out = context.begin(type, context.now());
  if (device.l2_addr.empty()) out.set(kDevice, Value::address(context.sender(from)));
  if (device.address) out.set(kDevice, Value::address(*device.address));
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (!texts[i].empty()) out.set(kProtocol + i, Value::text(texts[i]));
  context.emit();
}

}  // namespace nw::network
