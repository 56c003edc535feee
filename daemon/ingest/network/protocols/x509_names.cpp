// Distinguished names (RFC 2253) and the names of object identifiers, which OpenSSL's tables know.
#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <openssl/objects.h>
#include <vector>

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

// Code points of an ASN.1 text, or nothing when it is of another type.
bool read_text(const BerValue& value, std::vector<char32_t>& out) {
  switch (value.tag) {
    case ber_tag::kBmpString:
      for (ByteReader reader{value.contents}; reader.rest().size() >= 2;) out.push_back(reader.u16be());
      return true;
    case ber_tag::kPrintableString:
    case ber_tag::kTeletexString:
    case ber_tag::kIa5String:
    case ber_tag::kVisibleString:
    case ber_tag::kNumericString: out.assign(value.contents.begin(), value.contents.end()); return true;
    default: return false;
  }
}

// RFC 2253 section 2.4; control characters and what is not ASCII as \XX for each octet of its UTF-8.
void append_octet(TextBuffer& out, std::uint8_t octet, bool at_end, bool at_start) {
  constexpr std::string_view kDigits = "0123456789ABCDEF", kSpecial = ",+\"\\<>;";
  const char c = static_cast<char>(octet);
  if (octet < 0x20 || octet >= 0x7f) {
    out.append('\\');
    out.append(kDigits[octet >> 4U]);
    out.append(kDigits[octet & 15U]);
    return;
  }
  const bool odd_place = (c == ' ' && (at_start || at_end)) || (c == '#' && at_start);
  if (odd_place || kSpecial.find(c) != std::string_view::npos) out.append('\\');
  out.append(c);
}

void append_octets(TextBuffer& out, Bytes octets) {
  for (std::size_t at = 0; at < octets.size() && !out.cut(); ++at)
    append_octet(out, octets[at], at + 1 == octets.size(), at == 0);
}

std::vector<std::uint8_t> to_utf8(const std::vector<char32_t>& text) {
  std::vector<std::uint8_t> out;
  for (const char32_t point : text) {
    if (point < 0x80) {
      out.push_back(static_cast<std::uint8_t>(point));
    } else if (point < 0x800) {
      out.push_back(static_cast<std::uint8_t>(0xc0U | point >> 6U));
      out.push_back(static_cast<std::uint8_t>(0x80U | (point & 0x3fU)));
    } else {
      out.push_back(static_cast<std::uint8_t>(0xe0U | point >> 12U));
      out.push_back(static_cast<std::uint8_t>(0x80U | (point >> 6U & 0x3fU)));
      out.push_back(static_cast<std::uint8_t>(0x80U | (point & 0x3fU)));
    }
  }
  return out;
}

void append_hexadecimal(TextBuffer& out, Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  out.append('#');
  for (const std::uint8_t byte : bytes) {
    out.append(kDigits[byte >> 4U]);
    out.append(kDigits[byte & 15U]);
  }
}

// | OID | value |. A type that has no name, or a value that is no text, is told as the DER it is.
void append_attribute(Bytes contents, TextBuffer& out) {
  BerReader reader{contents};
  const auto oid = reader.next(ber_tag::kOid), value = reader.next();
  if (!oid || !value) return;
  const Object object = to_object(oid->contents);
  const int nid = object ? OBJ_obj2nid(object.get()) : NID_undef;
  out.append(nid == NID_undef ? numbers(object.get()) : std::string{OBJ_nid2sn(nid)});
  out.append('=');
  if (std::vector<char32_t> text; nid != NID_undef && value->tag == ber_tag::kUtf8String) {
    append_octets(out, value->contents);
  } else if (nid != NID_undef && read_text(*value, text)) {
    append_octets(out, to_utf8(text));
  } else {
    append_hexadecimal(out, value->whole);
  }
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
  std::vector<BerValue> sets;
  for (BerReader reader{name}; sets.size() < kAttributesMax;) {
    const auto set = reader.next(ber_tag::kSet);
    if (!set) break;
    sets.push_back(*set);
  }
  std::size_t attributes = 0;
  for (auto set = sets.rbegin(); set != sets.rend(); ++set) {
    if (set != sets.rbegin()) out.append(',');
    BerReader reader{set->contents};
    for (bool first = true; attributes < kAttributesMax; first = false, ++attributes) {
      const auto attribute = reader.next(ber_tag::kSequence);
      if (!attribute) break;
      if (!first) out.append('+');
      append_attribute(attribute->contents, out);
    }
  }
}

}  // namespace nw::network
