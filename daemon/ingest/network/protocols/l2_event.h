// What every event of a protocol right over Ethernet begins with: who sent the frame, to whom, in which VLAN.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum L2Field : std::size_t { kL2Source, kL2Destination, kL2Vlan, kL2Fields };

inline constexpr auto kL2FieldSpecs = std::to_array<event::FieldSpec>({
    {"orig_l2_addr", "text", "hardware address of who sent the frame"},
    {"resp_l2_addr", "text", "hardware address, mostly a group's, that it was sent to"},
    {"vlan", "integer", "VLAN of the frame"},
});

// A type's own fields, behind those.
template <std::size_t N>
constexpr auto behind_l2(const std::array<event::FieldSpec, N>& own) {
  std::array<event::FieldSpec, kL2Fields + N> all;
  std::ranges::copy(own, std::ranges::copy(kL2FieldSpecs, all.begin()).out);
  return all;
}
// The same, and before those of every control system.
template <std::size_t N>
constexpr auto with_l2(const std::array<event::FieldSpec, N>& own) {
  return with_ics(behind_l2(own));
}

// Kept for what is told later than its frame.
struct L2Ends {
  std::array<std::uint8_t, 6> source{}, destination{};
  std::optional<std::uint16_t> vlan;
  bool known = false;  // the capture has addresses

  L2Ends() = default;
  explicit L2Ends(const EthernetFrame& frame);
  // The source's octets, to name it in a table.
  [[nodiscard]] std::string_view name() const noexcept;
};

// "00:05:3c:04:8d:59"
void append_hardware(IcsText& out, Bytes address);

// "0x1"
void set_hex_number(EventWriter& out, std::size_t field, std::uint64_t number);
void set_number(EventWriter& out, std::size_t field, const std::optional<std::uint64_t>& number);
// The names of the bits that are set; nothing when none is. `names` are static.
void set_flags(EventWriter& out, std::size_t field, std::span<const std::string_view> names, unsigned bits);

inline std::string_view as_text(Bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline Bytes as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Sets the fields of the begun event.
void write_l2(EventWriter& out, const L2Ends& ends);

}  // namespace nw::network
