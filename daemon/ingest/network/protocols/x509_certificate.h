// The facts of an X.509 certificate (RFC 5280), read by a bounded reader of ours: OpenSSL's builds keys and extensions
// that nobody here asks for, from bytes that anybody can send. Nothing is verified.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/time.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

// Views into the certificate. What a damaged one does not have is empty.
struct Certificate {
  std::int64_t version = 1;
  Bytes serial;                              // big endian, two's complement
  Bytes signature_algorithm, key_algorithm;  // contents of an OID
  Bytes issuer, subject;                     // names: sets of attributes, one after another
  std::optional<Timestamp> not_before, not_after;
  Bytes curve, order;  // of keys on elliptic curves: an OID, or where the curve is written out the order of its base
  Bytes modulus, exponent, prime;
  Bytes alternative_names;        // | tag | length | name |, one after another
  std::optional<bool> authority;  // basic constraints: may it sign others?
  std::optional<std::int64_t> path_length;
};

// False when it is no certificate, or only the beginning of one; what was read until then stays.
bool read_certificate(Bytes der, Certificate& out);

// An OID's name in OpenSSL's tables ("sha256WithRSAEncryption", "CN"), or its numbers.
std::string oid_long_name(Bytes oid);
std::string oid_short_name(Bytes oid);
// A name in RFC 2253's order and spelling, as OpenSSL and so Zeek print it: "CN=plc.example,O=Example\, Ltd,C=CH".
void append_distinguished_name(Bytes name, TextBuffer& out);
// Whether a host of this name may show it: by its host names, or by its subject's where it has none.
bool names_host(const Certificate& certificate, Bytes host) noexcept;
// Bits of a positive number.
std::int64_t bit_length(Bytes number) noexcept;

}  // namespace nw::network
