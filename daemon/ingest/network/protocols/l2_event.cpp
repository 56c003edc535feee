#include "ingest/network/protocols/l2_event.h"

#include <limits>

#include "ingest/network/protocols/values.h"

namespace nw::network {

using event::Value;

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

void set_hex_number(EventWriter& out, std::size_t field, std::uint64_t number) {
  if (out.wants(field)) out.set(field, hex_value(out, number, 1));
}

void set_number(EventWriter& out, std::size_t field, const std::optional<std::uint64_t>& number) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (number) out.set(field, Value::integer(static_cast<std::int64_t>(std::min(*number, kMost))));
}

void set_flags(EventWriter& out, std::size_t field, std::span<const std::string_view> names, unsigned bits) {
  if (bits == 0 || !out.wants(field)) return;
  const auto list = out.event().arena().make<Value>(names.size());
  std::size_t used = 0;
  for (std::size_t i = 0; i < list.size(); ++i)
    if ((bits >> i & 1U) != 0) list[used++] = Value::text(names[i]);
  set_list(out, field, list.first(used));
}

void write_l2(EventWriter& out, const L2Ends& ends) {
  if (ends.known) {
    set_hardware(out, kL2Source, ends.source);
    set_hardware(out, kL2Destination, ends.destination);
  }
  if (ends.vlan) out.set(kL2Vlan, Value::integer(*ends.vlan));
}

}  // namespace nw::network
