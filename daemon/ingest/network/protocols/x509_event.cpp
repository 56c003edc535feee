#include "ingest/network/protocols/x509_event.h"

#include <algorithm>
#include <string>
#include <vector>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/tls_fingerprint.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t {
  kFingerprint,
  kVersion,
  kSerial,
  kSubject,
  kIssuer,
  kNotBefore,
  kNotAfter,
  kKeyAlgorithm,
  kSignatureAlgorithm,
  kKeyType,
  kKeyLength,
  kExponent,
  kCurve,
  kDns,
  kUri,
  kEmail,
  kIp,
  kAuthority,
  kPathLength,
  kHostCertificate,
  kClientCertificate,
  kDaysLeft,
  kAgeDays,
};
static_assert(kX509Fields.size() == kAgeDays + 1);

constexpr std::size_t kNamesMax = 256;  // alternative names per event; large providers list about a hundred
constexpr std::size_t kSerialMax = 64;  // octets; RFC 5280 allows 20

Value keep(EventWriter& out, std::string_view text) { return Value::text(out.event().keep(text)); }

void write_serial(EventWriter& out, Bytes serial) {
  if (serial.empty() || !out.wants(kSerial)) return;
  const bool negative = (serial.front() & 0x80U) != 0;
  std::vector<std::uint8_t> number(serial.begin(),
                                   serial.begin() + static_cast<std::ptrdiff_t>(std::min(serial.size(), kSerialMax)));
  if (negative) {
    for (std::uint8_t& byte : number) byte = static_cast<std::uint8_t>(~byte);
    for (auto at = number.rbegin(); at != number.rend() && ++*at == 0; ++at) {
    }
  }
  if (number.size() > 1 && number.front() == 0) number.erase(number.begin());
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text{negative ? "-" : ""};
  for (const std::uint8_t byte : number) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  out.set(kSerial, keep(out, text));
}

void write_name(EventWriter& out, Field field, Bytes name) {
  if (!out.wants(field)) return;
  TextBuffer text;
  append_distinguished_name(name, text);
  out.set(field, keep(out, text.view()));
}

// In seconds, since nanoseconds cannot hold what lies between the first and the last time.
std::int64_t whole_days(Timestamp from, Timestamp to) {
  using std::chrono::floor, std::chrono::seconds;
  return floor<std::chrono::days>(floor<seconds>(to) - floor<seconds>(from)).count();
}

// The bits of a curve stand in its name: prime256v1, secp384r1, brainpoolP512r1. One that has none is an OID's numbers.
std::int64_t curve_bits(std::string_view name) {
  if (!name.empty() && name.front() >= '0' && name.front() <= '9') return 0;
  std::int64_t bits = 0;
  unsigned digits = 0;
  for (const char c : name) {
    const bool digit = c >= '0' && c <= '9';
    bits = digit ? 10 * bits + (c - '0') : 0;
    digits = digit ? digits + 1 : 0;
    if (digits == 3) return bits;
  }
  return 0;
}

void write_key(EventWriter& out, const Certificate& certificate) {
  if (certificate.key_algorithm.empty()) return;
  const std::string algorithm = oid_long_name(certificate.key_algorithm);
  out.set(kKeyAlgorithm, keep(out, algorithm));
  const auto type = [&](std::string_view name, std::int64_t bits) {
    out.set(kKeyType, Value::text(name));
    if (bits != 0) out.set(kKeyLength, Value::integer(bits));
  };
  if (algorithm == "rsaEncryption" || algorithm == "rsassaPss") {
    type("rsa", bit_length(certificate.modulus));
    // Larger ones than 2^63 are not in use.
    if (!certificate.exponent.empty() && certificate.exponent.size() <= sizeof(std::int64_t)) {
      std::uint64_t exponent = 0;
      for (const std::uint8_t byte : certificate.exponent) exponent = exponent << 8U | byte;
      out.set(kExponent, keep(out, std::to_string(exponent)));
    }
  } else if (algorithm == "dsaEncryption") {
    type("dsa", bit_length(certificate.prime));
  } else if (algorithm == "id-ecPublicKey") {
    const std::string curve = certificate.curve.empty() ? std::string{} : oid_short_name(certificate.curve);
    type("ecdsa", curve.empty() ? bit_length(certificate.order) : curve_bits(curve));
    if (!curve.empty()) out.set(kCurve, keep(out, curve));
  } else if (algorithm == "ED25519") {
    type("ed25519", 256);
  } else if (algorithm == "ED448") {
    type("ed448", 456);
  }
}

std::optional<DecodeError> write_alternative_names(EventWriter& out, Bytes names) {
  std::vector<Value> dns, uri, email, ip;
  const auto text = [&](Bytes bytes) {
    TextBuffer buffer;
    buffer.append_escaped(bytes);
    return keep(out, buffer.view());
  };
  std::optional<DecodeError> fault;
  std::size_t count = 0;
  for (BerReader reader{names}; const auto name = reader.next();) {
    if (++count > kNamesMax) {
      fault = DecodeError::limit;
      break;
    }
    // GeneralName's choices (RFC 5280 section 4.2.1.6).
    switch (name->tag) {
      case ber_tag::context(1, false): email.push_back(text(name->contents)); break;
      case ber_tag::context(2, false): dns.push_back(text(name->contents)); break;
      case ber_tag::context(6, false): uri.push_back(text(name->contents)); break;
      case ber_tag::context(7, false):
        if (name->contents.size() == 4 || name->contents.size() == 16)
          ip.push_back(Value::address(IpAddress::from_bytes(name->contents)));
        break;
      default: break;
    }
  }
  const auto set = [&](Field field, const std::vector<Value>& values) {
    const auto kept = out.event().arena().make<Value>(values.size());
    std::ranges::copy_n(values.begin(), static_cast<std::ptrdiff_t>(kept.size()), kept.begin());
    if (!kept.empty()) out.set(field, Value::list(kept));
  };
  set(kDns, dns);
  set(kUri, uri);
  set(kEmail, email);
  set(kIp, ip);
  return fault;
}

}  // namespace

std::optional<DecodeError> write_certificate(EventWriter& out, const Certificate& certificate, CertificateRole role,
                                             Timestamp now) {
  out.set(kHostCertificate, Value::boolean(role.first_of_chain));
  out.set(kClientCertificate, Value::boolean(role.of_client));
  // A damaged certificate tells what stood before the damage.
  if (certificate.serial.empty()) return {};
  out.set(kVersion, Value::integer(certificate.version));
  write_serial(out, certificate.serial);
  if (!certificate.signature_algorithm.empty() && out.wants(kSignatureAlgorithm))
    out.set(kSignatureAlgorithm, keep(out, oid_long_name(certificate.signature_algorithm)));
  if (!certificate.issuer.empty()) write_name(out, kIssuer, certificate.issuer);
  if (certificate.not_before) {
    out.set(kNotBefore, Value::time(*certificate.not_before));
    out.set(kAgeDays, Value::integer(whole_days(*certificate.not_before, now)));
  }
  if (certificate.not_after) {
    out.set(kNotAfter, Value::time(*certificate.not_after));
    out.set(kDaysLeft, Value::integer(whole_days(now, *certificate.not_after)));
  }
  if (!certificate.subject.empty()) write_name(out, kSubject, certificate.subject);
  write_key(out, certificate);
  if (certificate.authority) out.set(kAuthority, Value::boolean(*certificate.authority));
  if (certificate.path_length) out.set(kPathLength, Value::integer(*certificate.path_length));
  return write_alternative_names(out, certificate.alternative_names);
}

void tell_certificate(Bytes der, std::string_view digest, CertificateRole role, std::size_t type, Context& context) {
  if (!context.wants(type)) return;
  Certificate certificate;
  if (!read_certificate(der, certificate)) context.refused(DecodeError::bad_value);
  EventWriter out = context.begin(type, context.now());
  if (out.wants(kFingerprint)) out.set(kFingerprint, keep(out, digest.empty() ? sha256_hex(der) : digest));
  if (const auto fault = write_certificate(out, certificate, role, context.now())) context.refused(*fault);
  context.emit();
}

}  // namespace nw::network
