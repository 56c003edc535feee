// Distinguished names (RFC 2253) and the names of object identifiers, which OpenSSL's tables know.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <openssl/objects.h>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/x509_certificate.h"

namespace nw::network {

namespace {

constexpr std::size_t kOidMax = 64;         // octets; longer ones have no name and are cut
constexpr std::size_t kAttributesMax = 64;  // of a name; real ones have up to ten

struct FreeObject {
  void operator()(ASN1_OBJECT* object) const noexcept { ASN1_OBJECT_free(object); }
};
using Object = std::unique_ptr<ASN1_OBJECT, FreeObject>;

Object to_object(Bytes oid) {
  oid = oid.first(std::min(oid.size(), kOidMax));
  std::array<std::uint8_t, kOidMax + 2> der{ber_tag::kOid, static_cast<std::uint8_t>(oid.size())};
  std::ranges::copy(oid, der.begin() + 2);
  const std::uint8_t* at = der.data();
  return Object{d2i_ASN1_OBJECT(nullptr, &at, static_cast<long>(oid.size() + 2))};
}

std::string numbers(const ASN1_OBJECT* object) {
  std::array<char, 4 * kOidMax> text{};
  const int size = object == nullptr ? 0 : OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  return size <= 0 ? std::string{} : std::string{text.data()};
}

// RFC 2253 section 2.4: what is written as it is, wherever it stands.
constexpr auto kPlain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) table[c] = true;
  for (const char c : std::string_view{" #,+\"\\<>;"}) table[static_cast<std::uint8_t>(c)] = false;
  return table;
}();

// Control characters and what is not ASCII as \XX for each octet of its UTF-8.
void append_octet(TextBuffer& out, std::uint8_t octet, bool at_start, bool at_end) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const char c = static_cast<char>(octet);
  if (kPlain[octet]) return out.append(c);
  const bool common_place = (c == ' ' && !at_start && !at_end) || (c == '#' && !at_start);
  if (!common_place) out.append('\\');
  if (octet >= 0x20 && octet < 0x7f) return out.append(c);
  out.append(kDigits[octet >> 4U]);
  out.append(kDigits[octet & 15U]);
}

void append_octets(TextBuffer& out, Bytes octets) {
  for (std::size_t at = 0; at < octets.size() && !out.cut(); ++at)
    append_octet(out, octets[at], at == 0, at + 1 == octets.size());
}

void append_point(TextBuffer& out, std::uint16_t point, bool at_start, bool at_end) {
  const auto octet = [&](unsigned bits) { append_octet(out, static_cast<std::uint8_t>(bits), at_start, at_end); };
  const unsigned last = 0x80U | (point & 0x3fU);
  if (point < 0x80) return octet(point);
  if (point < 0x800) {
    octet(0xc0U | point >> 6U);
  } else {
    octet(0xe0U | point >> 12U);
    octet(0x80U | (point >> 6U & 0x3fU));
  }
  octet(last);
}

// A text of ASN.1; false when it is of another type.
bool append_text(TextBuffer& out, const BerValue& value) {
  const Bytes in = value.contents;
  switch (value.tag) {
    case ber_tag::kUtf8String: append_octets(out, in); return true;
    case ber_tag::kBmpString:
      for (std::size_t at = 0; at + 1 < in.size() && !out.cut(); at += 2)
        append_point(out, static_cast<std::uint16_t>(in[at] << 8U | in[at + 1]), at == 0, at + 3 >= in.size());
      return true;
    case ber_tag::kPrintableString:
    case ber_tag::kTeletexString:
    case ber_tag::kIa5String:
    case ber_tag::kVisibleString:
    case ber_tag::kNumericString:
      for (std::size_t at = 0; at < in.size() && !out.cut(); ++at)
        append_point(out, in[at], at == 0, at + 1 == in.size());
      return true;
    default: return false;
  }
}

void append_hexadecimal(TextBuffer& out, Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out.append('#');
  for (const std::uint8_t byte : bytes) {
    out.append(kDigits[byte >> 4U]);
    out.append(kDigits[byte & 15U]);
  }
}

// Types of attributes of X.500 (2.5.4.n) that most names consist of; OpenSSL's tables know these and all others.
std::string_view usual_type(Bytes oid) {
  if (oid.size() != 3 || oid[0] != 0x55 || oid[1] != 4) return {};
  switch (oid[2]) {
    case 3: return "CN";
    case 6: return "C";
    case 7: return "L";
    case 8: return "ST";
    case 10: return "O";
    case 11: return "OU";
    default: return {};
  }
}

// | OID | value |. A type that has no name, or a value that is no text, is told as the DER it is.
void append_attribute(Bytes contents, TextBuffer& out) {
  BerReader reader{contents};
  const auto oid = reader.next(ber_tag::kOid), value = reader.next();
  if (!oid || !value) return;
  bool known = true;
  if (const std::string_view type = usual_type(oid->contents); !type.empty()) {
    out.append(type);
  } else {
    const Object object = to_object(oid->contents);
    const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
    known = nid != NID_undef;
    out.append(known ? std::string{OBJ_nid2sn(nid)} : numbers(object.get()));
  }
  out.append('=');
  if (!known || !append_text(out, *value)) append_hexadecimal(out, value->whole);
}

}  // namespace

std::string oid_long_name(Bytes oid) {
  const Object object = to_object(oid);
  const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
  return nid == NID_undef ? numbers(object.get()) : std::string{OBJ_nid2ln(nid)};
}

std::string oid_short_name(Bytes oid) {
  const Object object = to_object(oid);
  const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
  return nid == NID_undef ? numbers(object.get()) : std::string{OBJ_nid2sn(nid)};
}

void append_distinguished_name(Bytes name, TextBuffer& out) {
  // The last set first; the attributes of one set are joined with '+'.
  std::array<Bytes, kAttributesMax> sets;
  std::size_t count = 0;
  for (BerReader reader{name}; count < sets.size(); ++count) {
    const auto set = reader.next(ber_tag::kSet);
    if (!set) break;
    sets[count] = set->contents;
  }
  std::size_t attributes = 0;
  for (std::size_t at = count; at-- > 0;) {
    if (at + 1 != count) out.append(',');
    BerReader reader{sets[at]};
    for (bool first = true; attributes < kAttributesMax; first = false, ++attributes) {
      const auto attribute = reader.next(ber_tag::kSequence);
      if (!attribute) break;
      if (!first) out.append('+');
      append_attribute(attribute->contents, out);
    }
  }
}

}  // namespace nw::network
