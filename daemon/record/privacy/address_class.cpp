#include "record/privacy/address_class.h"

#include <algorithm>

namespace nw::privacy {

namespace {

struct Range4 {
  std::uint32_t base, mask;
  AddressClass kind;
};

constexpr std::uint32_t v4(unsigned a, unsigned b = 0, unsigned c = 0, unsigned d = 0) {
  return a << 24U | b << 16U | c << 8U | d;
}
constexpr std::uint32_t bits(unsigned count) { return count == 0 ? 0 : ~std::uint32_t{0} << (32 - count); }

// The first that fits decides: the narrow ones stand before the wide ones around them.
constexpr std::array kRanges4{
    Range4{v4(0), bits(32), AddressClass::unspecified},
    Range4{v4(0), bits(8), AddressClass::reserved},  // "this network"
    Range4{v4(10), bits(8), AddressClass::priv},
    Range4{v4(100, 64), bits(10), AddressClass::cgnat},  // RFC 6598
    Range4{v4(127), bits(8), AddressClass::loopback},
    Range4{v4(169, 254), bits(16), AddressClass::linklocal},
    Range4{v4(172, 16), bits(12), AddressClass::priv},
    Range4{v4(192, 168), bits(16), AddressClass::priv},
    Range4{v4(224), bits(4), AddressClass::multicast},
    Range4{v4(255, 255, 255, 255), bits(32), AddressClass::broadcast},
    Range4{v4(240), bits(4), AddressClass::reserved},
};

}  // namespace

std::optional<AddressClass> address_class(std::string_view name) noexcept {
  const auto at = std::ranges::find(kAddressClasses, name);
  if (at == kAddressClasses.end()) return std::nullopt;
  return static_cast<AddressClass>(at - kAddressClasses.begin());
}

AddressClass classify(const IpAddress& address) noexcept {
  const auto& b = address.bytes();
  if (address.is_v4()) {
    const std::uint32_t a = v4(b[12], b[13], b[14], b[15]);
    for (const Range4& range : kRanges4)
      if ((a & range.mask) == range.base) return range.kind;
    return AddressClass::global4;
  }
  if (std::all_of(b.begin(), b.end() - 1, [](std::uint8_t x) { return x == 0; })) {
    if (b[15] == 0) return AddressClass::unspecified;
    if (b[15] == 1) return AddressClass::loopback;
  }
  if (b[0] == 0xff) return AddressClass::multicast;
  if (b[0] == 0xfe && (b[1] & 0xc0U) == 0x80) return AddressClass::linklocal;
  if ((b[0] & 0xfeU) == 0xfc) return AddressClass::priv;  // RFC 4193
  return AddressClass::global6;
}

bool fits_family(AddressClass c, bool is_v4) noexcept {
  switch (c) {
    case AddressClass::global4:
    case AddressClass::cgnat:
    case AddressClass::broadcast:
    case AddressClass::reserved: return is_v4;
    case AddressClass::global6: return !is_v4;
    default: return true;
  }
}

}  // namespace nw::privacy
