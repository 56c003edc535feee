#include "ingest/network/protocols/l2_event.h"

#include "ingest/network/protocols/values.h"

namespace nw::network {

L2Ends::L2Ends(const EthernetFrame& frame) : vlan{frame.vlan}, known{frame.source.size() == source.size()} {
  if (!known) return;
  std::ranges::copy(frame.source, source.begin());
  std::ranges::copy(frame.destination.first(std::min(frame.destination.size(), destination.size())),
                    destination.begin());
}

std::string_view L2Ends::name() const noexcept { return {reinterpret_cast<const char*>(source.data()), source.size()}; }

void append_hardware(IcsText& out, Bytes address) {
  for (std::size_t i = 0; i < address.size(); ++i) {
    if (i != 0) out.append(':');
    out.append_hex(address[i], 2);
  }
}

void write_l2(EventWriter& out, const L2Ends& ends) {
  if (ends.known) {
    set_hardware(out, kL2Source, ends.source);
    set_hardware(out, kL2Destination, ends.destination);
  }
  if (ends.vlan) out.set(kL2Vlan, event::Value::integer(*ends.vlan));
}

}  // namespace nw::network
