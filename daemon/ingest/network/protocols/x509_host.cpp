// Whether a certificate is one of a host's (RFC 9525, RFC 6125 section 6.4; as OpenSSL and so Zeek compare).
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/x509_certificate.h"

namespace nw::network {

namespace {

constexpr auto kCommonName = std::to_array<std::uint8_t>({0x55, 0x04, 0x03});

bool same(Bytes a, Bytes b) {
  return std::ranges::equal(a, b, [](std::uint8_t x, std::uint8_t y) {
    return ascii_lower(static_cast<char>(x)) == ascii_lower(static_cast<char>(y));
  });
}

Bytes from_dot(Bytes name) { return {std::ranges::find(name, std::uint8_t{'.'}), name.end()}; }

// "*.plc.example" stands for one label before two others at least.
bool fits(Bytes pattern, Bytes host) {
  if (pattern.empty() || host.empty()) return false;
  if (same(pattern, host)) return true;
  const Bytes parent = from_dot(pattern);
  if (pattern.front() != '*' || parent.size() + 1 != pattern.size() || std::ranges::count(parent, '.') < 2)
    return false;
  const Bytes above = from_dot(host);
  return above.size() < host.size() && same(above, parent);
}

}  // namespace

// Without a host name among its other names the subject's counts. The certificate's own size bounds the names.
bool names_host(const Certificate& certificate, Bytes host) noexcept {
  bool any = false;
  for (BerReader reader{certificate.alternative_names}; const auto name = reader.next();) {
    if (name->tag != ber_tag::context(2, false)) continue;
    any = true;
    if (fits(name->contents, host)) return true;
  }
  if (any) return false;
  for (BerReader sets{certificate.subject}; const auto set = sets.next(ber_tag::kSet);) {
    for (BerReader attributes{set->contents}; const auto attribute = attributes.next(ber_tag::kSequence);) {
      BerReader reader{attribute->contents};
      const auto oid = reader.next(ber_tag::kOid), value = reader.next();
      if (oid && value && std::ranges::equal(oid->contents, kCommonName) && fits(value->contents, host)) return true;
    }
  }
  return false;
}

}  // namespace nw::network
