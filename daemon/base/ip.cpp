#include "base/ip.h"

#include <arpa/inet.h>
#include <charconv>

namespace nw {

bool IpAddress::parse_into(std::string_view text, IpAddress& out) noexcept {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.empty() || text.size() >= copy.size()) return false;
  text.copy(copy.data(), text.size());
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, copy.data(), bytes.data()) == 1) {
    out = from_bytes(Bytes{bytes}.first(4));
    return true;
  }
  if (inet_pton(AF_INET6, copy.data(), bytes.data()) == 1) {
    out = from_bytes(bytes);
    return true;
  }
  return false;
}

Result<IpAddress> IpAddress::parse(std::string_view text) {
  IpAddress address;
  if (parse_into(text, address)) return address;
  return Error{Errc::invalid_argument, "not an IP address: '" + std::string{text.substr(0, 64)} + "'"};
}

void IpAddress::append_to(std::string& out) const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool four = is_v4();
  inet_ntop(four ? AF_INET : AF_INET6, bytes_.data() + (four ? 12 : 0), text.data(), text.size());
  out += text.data();
}

std::string IpAddress::to_string() const {
  std::string out;
  append_to(out);
  return out;
}

IpPrefix::IpPrefix(IpAddress address, unsigned bits) noexcept
    : bits_{static_cast<std::uint8_t>(bits > 128 ? 128 : bits)} {
  std::array<std::uint8_t, 16> kept = address.bytes();
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned from = i * 8;
    if (from >= bits_)
      kept[i] = 0;
    else if (from + 8 > bits_)
      kept[i] = static_cast<std::uint8_t>(kept[i] & (0xff00U >> (bits_ - from)));
  }
  address_ = IpAddress::from_bytes(kept);
}

Result<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  IpAddress address;
  if (IpAddress::parse_into(text.substr(0, slash), address)) {
    if (slash == std::string_view::npos) return IpPrefix{address, 128};
    const std::string_view digits = text.substr(slash + 1);
    // The text decides the family: "::ffff:10.0.0.0/104" counts 128 bits, "10.0.0.0/8" 32.
    const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
    const unsigned most = dotted ? 32 : 128;
    unsigned bits = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error == std::errc{} && end == digits.data() + digits.size() && bits <= most)
      return IpPrefix{address, bits + (dotted ? 96U : 0U)};
  }
  return Error{Errc::invalid_argument, "not a network: '" + std::string{text.substr(0, 64)} +
                                           "'; write for example 192.0.2.0/24 or 2001:db8::/32"};
}

bool IpPrefix::contains(const IpAddress& address) const noexcept {
  const auto& a = address.bytes();
  const auto& b = address_.bytes();
  const unsigned whole = bits_ / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = bits_ % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) & (0xff00U >> rest) & 0xffU) == 0;
}

std::string IpPrefix::to_string() const {
  const bool four = address_.is_v4() && bits_ >= 96;
  return address_.to_string() + '/' + std::to_string(four ? bits_ - 96U : bits_);
}

}  // namespace nw
