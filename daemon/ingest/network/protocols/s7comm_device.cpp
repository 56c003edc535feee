#include "ingest/network/protocols/s7comm_device.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocols/ics.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kModule = 0x11, kComponent = 0x1C;

// What is read of a record; the texts are made printable.
struct Texts {
  IcsText order, hardware, firmware, name, module, plant, serial, type, location;
};

// Without the blanks and zeros that fill it up.
void set(IcsText& text, Bytes octets) {
  const auto end = std::ranges::find(octets, std::uint8_t{0});
  Bytes used = octets.first(static_cast<std::size_t>(end - octets.begin()));
  while (!used.empty() && used.back() == ' ') used = used.first(used.size() - 1);
  text.clear();
  text.append_escaped(used);
}

// | index u16 | order number 20 | type u16 | version u16 | version u16 |.
void module_record(ByteReader record, Texts& out) {
  constexpr std::uint16_t kItself = 1, kHardware = 6, kFirmware = 7;
  const std::uint16_t index = record.u16be();
  const Bytes order = record.bytes(20);
  record.u16be();
  const std::uint16_t first = record.u16be(), second = record.u16be();
  if (!record.ok()) return;
  if (index == kItself) set(out.order, order);
  if (index == kHardware) {
    out.hardware.clear();
    out.hardware.append_number(first);
  }
  if (index != kFirmware || first >> 8U != 'V') return;
  out.firmware.clear();
  out.firmware.append('V');
  for (const unsigned part : {first & 0xFFU, unsigned{second} >> 8U, second & 0xFFU}) {
    if (out.firmware.view().size() > 1) out.firmware.append('.');
    out.firmware.append_number(part);
  }
}

// | index u16 | text |.
void component_record(ByteReader record, Texts& out) {
  const std::uint16_t index = record.u16be();
  switch (index) {
    case 1: return set(out.name, record.rest());
    case 2: return set(out.module, record.rest());
    case 3: return set(out.plant, record.rest());
    case 5: return set(out.serial, record.rest());
    case 7: return set(out.type, record.rest());
    case 11: return set(out.location, record.rest().first(std::min<std::size_t>(record.rest().size(), 32)));
    default: return;
  }
}

}  // namespace

Bytes S7Lists::take(Bytes octets, std::uint8_t sequence, bool more) {
  if (std::exchange(whole_, false) || sequence != sequence_) pieces_.clear();
  sequence_ = sequence;
  if (pieces_.empty() && !more) return octets;
  if (octets.size() > kListMax - pieces_.size()) {
    pieces_.clear();
    return {};
  }
  pieces_.insert(pieces_.end(), octets.begin(), octets.end());
  whole_ = !more;
  return more ? Bytes{} : Bytes{pieces_};
}

// | list u16 | index u16 | record's octets u16 | records u16 | records |.
void tell_s7_device(Bytes list, KnownDevices& devices, std::size_t type, Direction from, Context& context) {
  if (!context.wants(type)) return;
  ByteReader in{list};
  const auto kind = static_cast<std::uint8_t>(in.u16be());
  in.u16be();
  const std::size_t length = in.u16be(), count = in.u16be();
  if (!in.ok() || length == 0 || (kind != kModule && kind != kComponent)) return;
  Texts texts;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteReader record = in.sub(length);
    if (!record.ok()) break;
    kind == kModule ? module_record(record, texts) : component_record(record, texts);
  }
  const KnownDevice device{.protocol = "s7comm",
                           .product = texts.type.view(),
                           .order_number = texts.order.view(),
                           .serial_number = texts.serial.view(),
                           .hardware = texts.hardware.view(),
                           .firmware = texts.firmware.view(),
                           .name = texts.name.view(),
                           .location = texts.location.empty() ? texts.plant.view() : texts.location.view(),
                           .description = texts.module.view()};
  const bool told = !device.product.empty() || !device.order_number.empty() || !device.serial_number.empty() ||
                    !device.firmware.empty() || !device.name.empty();
  if (told) devices.tell(device, type, from, context);
}

}  // namespace nw::network
