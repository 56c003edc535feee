// What kind of address it is, decided before anything is encrypted: a pseudonym no longer shows it, and only some kinds
// lead to a person. IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip.h"

namespace nw::privacy {

// What no registry sets aside is global, and so is what hides another address (NAT64, 6to4, Teredo) and what is meant
// for documentation: when in doubt it may be somebody's. `priv` also holds unique local IPv6 addresses.
enum class AddressClass : std::uint8_t {
  global4,
  global6,
  priv,
  cgnat,
  linklocal,
  loopback,
  multicast,
  broadcast,
  unspecified,
  reserved,
};
inline constexpr std::array<std::string_view, 10> kAddressClasses{
    "global4",  "global6",   "private",   "cgnat",       "linklocal",
    "loopback", "multicast", "broadcast", "unspecified", "reserved",
};

constexpr std::string_view to_string(AddressClass c) noexcept { return kAddressClasses[static_cast<std::size_t>(c)]; }
[[nodiscard]] std::optional<AddressClass> address_class(std::string_view name) noexcept;
// IPv4-mapped IPv6 addresses are IPv4 (base/ip.h).
[[nodiscard]] AddressClass classify(const IpAddress& address) noexcept;
// Whether addresses of the class can be of this family: a text that says otherwise is a forgery or a mistake.
[[nodiscard]] bool fits_family(AddressClass c, bool is_v4) noexcept;

}  // namespace nw::privacy
