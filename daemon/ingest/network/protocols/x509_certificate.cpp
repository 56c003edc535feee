#include "ingest/network/protocols/x509_certificate.h"

#include <algorithm>
#include <array>
#include <bit>

#include "ingest/network/protocols/ber.h"

namespace nw::network {

namespace {

// OIDs whose contents are read: contents octets.
constexpr auto kRsa = std::to_array<std::uint8_t>({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01});
constexpr auto kRsaPss = std::to_array<std::uint8_t>({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a});
constexpr auto kDsa = std::to_array<std::uint8_t>({0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01});
constexpr auto kEc = std::to_array<std::uint8_t>({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01});
constexpr auto kAlternativeNames = std::to_array<std::uint8_t>({0x55, 0x1d, 0x11});
constexpr auto kBasicConstraints = std::to_array<std::uint8_t>({0x55, 0x1d, 0x13});
constexpr std::size_t kExtensionsMax = 64;  // certificates have about ten

// A curve that is written out (RFC 3279 section 2.3.5): | version | field | curve | base | order | ...
Bytes order_of_curve(Bytes parameters) noexcept {
  BerReader reader{parameters};
  (void)reader.next(ber_tag::kInteger);
  (void)reader.next(ber_tag::kSequence);
  (void)reader.next(ber_tag::kSequence);
  (void)reader.next(ber_tag::kOctetString);
  const auto order = reader.next(ber_tag::kInteger);
  return order ? order->contents : Bytes{};
}

// SubjectPublicKeyInfo: | algorithm | parameters | bit string |.
bool read_key(Bytes contents, Certificate& out) noexcept {
  BerReader outer{contents};
  const auto algorithm = outer.next(ber_tag::kSequence), bits = outer.next(ber_tag::kBitString);
  if (!algorithm || !bits) return false;
  BerReader inner{algorithm->contents};
  const auto oid = inner.next(ber_tag::kOid), parameters = inner.next();
  if (!oid) return false;
  out.key_algorithm = oid->contents;
  if (std::ranges::equal(out.key_algorithm, kEc) && parameters) {
    if (parameters->tag == ber_tag::kOid) out.curve = parameters->contents;
    if (parameters->tag == ber_tag::kSequence) out.order = order_of_curve(parameters->contents);
  }
  if (std::ranges::equal(out.key_algorithm, kDsa) && parameters && parameters->tag == ber_tag::kSequence)
    if (const auto prime = BerReader{parameters->contents}.next(ber_tag::kInteger)) out.prime = prime->contents;
  // A key for PSS alone (RFC 4055 section 3.1) looks like any of RSA.
  const bool rsa = std::ranges::equal(out.key_algorithm, kRsa) || std::ranges::equal(out.key_algorithm, kRsaPss);
  if (rsa && !bits->contents.empty()) {
    // The first octet counts bits that are not used.
    if (const auto key = BerReader{bits->contents.subspan(1)}.next(ber_tag::kSequence)) {
      BerReader numbers{key->contents};
      if (const auto modulus = numbers.next(ber_tag::kInteger)) out.modulus = modulus->contents;
      if (const auto exponent = numbers.next(ber_tag::kInteger)) out.exponent = exponent->contents;
    }
  }
  return true;
}

// | OID | critical, if it is so | octet string |; the value inside is DER again.
void read_extension(Bytes contents, Certificate& out) noexcept {
  BerReader reader{contents};
  const auto oid = reader.next(ber_tag::kOid);
  (void)reader.next(ber_tag::kBoolean);
  const auto octets = reader.next(ber_tag::kOctetString);
  if (!oid || !octets) return;
  const auto value = BerReader{octets->contents}.next(ber_tag::kSequence);
  if (!value) return;
  if (std::ranges::equal(oid->contents, kAlternativeNames)) out.alternative_names = value->contents;
  if (std::ranges::equal(oid->contents, kBasicConstraints)) {
    BerReader inner{value->contents};
    const auto authority = inner.next(ber_tag::kBoolean);
    out.authority = authority && !authority->contents.empty() && authority->contents.front() != 0;
    if (const auto length = inner.next(ber_tag::kInteger)) out.path_length = ber_integer(length->contents);
  }
}

void read_extensions(Bytes contents, Certificate& out) noexcept {
  const auto list = BerReader{contents}.next(ber_tag::kSequence);
  if (!list) return;
  BerReader reader{list->contents};
  for (std::size_t count = 0; count < kExtensionsMax; ++count) {
    const auto extension = reader.next(ber_tag::kSequence);
    if (!extension) return;
    read_extension(extension->contents, out);
  }
}

bool read_body(Bytes contents, Certificate& out) noexcept {
  BerReader reader{contents};
  if (const auto version = reader.next(ber_tag::context(0, true)))
    if (const auto number = BerReader{version->contents}.next(ber_tag::kInteger);
        number && number->contents.size() == 1)
      out.version = number->contents.front() + 1;  // counted from 0; there are three
  const auto serial = reader.next(ber_tag::kInteger);
  if (!serial) return false;
  out.serial = serial->contents;
  const auto algorithm = reader.next(ber_tag::kSequence);
  if (!algorithm) return false;
  if (const auto oid = BerReader{algorithm->contents}.next(ber_tag::kOid)) out.signature_algorithm = oid->contents;
  const auto issuer = reader.next(ber_tag::kSequence);
  if (!issuer) return false;
  out.issuer = issuer->contents;
  const auto validity = reader.next(ber_tag::kSequence);
  if (!validity) return false;
  BerReader times{validity->contents};
  if (const auto time = times.next()) out.not_before = ber_time(*time);
  if (const auto time = times.next()) out.not_after = ber_time(*time);
  const auto subject = reader.next(ber_tag::kSequence);
  if (!subject) return false;
  out.subject = subject->contents;
  const auto key = reader.next(ber_tag::kSequence);
  if (!key || !read_key(key->contents, out)) return false;
  // Unique identifiers of issuer and subject, which nobody uses.
  (void)reader.next(ber_tag::context(1, false));
  (void)reader.next(ber_tag::context(2, false));
  if (const auto extensions = reader.next(ber_tag::context(3, true))) read_extensions(extensions->contents, out);
  return reader.empty();
}

}  // namespace

bool read_certificate(Bytes der, Certificate& out) {
  const auto whole = BerReader{der}.next(ber_tag::kSequence);
  if (!whole) return false;
  BerReader reader{whole->contents};
  const auto body = reader.next(ber_tag::kSequence);
  return body && read_body(body->contents, out) && reader.next(ber_tag::kSequence) && reader.next(ber_tag::kBitString);
}

std::int64_t bit_length(Bytes number) noexcept {
  while (!number.empty() && number.front() == 0) number = number.subspan(1);
  if (number.empty()) return 0;
  return static_cast<std::int64_t>(8 * (number.size() - 1)) + std::bit_width(number.front());
}

}  // namespace nw::network
