// One value after another of ASN.1's BER (ITU-T X.690): | tag u8 | length | contents |. Definite lengths and one-byte
// tags only; everything in certificates (DER), SNMP, LDAP and Kerberos is so. What ISO's upper layers send is read by
// an OsiBerReader, behind ber_definite(). Views into the input; a nested value is read by a reader over its contents.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/byte_reader.h"
#include "base/time.h"

namespace nw::network {

struct BerValue {
  std::uint8_t tag = 0;
  Bytes contents;
  Bytes whole;              // with tag and length
  std::uint8_t number = 0;  // the tag's
};

namespace ber_tag {
constexpr std::uint8_t kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kOid = 0x06,
                       kEnumerated = 0x0a, kUtf8String = 0x0c, kPrintableString = 0x13, kTeletexString = 0x14,
                       kIa5String = 0x16, kUtcTime = 0x17, kGeneralizedTime = 0x18, kVisibleString = 0x1a,
                       kBmpString = 0x1e, kNumericString = 0x12, kSequence = 0x30, kSet = 0x31;
constexpr std::uint8_t context(unsigned number, bool constructed) noexcept {
  return static_cast<std::uint8_t>(0x80U | (constructed ? 0x20U : 0U) | number);
}
}  // namespace ber_tag

class BerReader {
 public:
  // What a tag of several octets (its first one ends in five bits that are set) is: an error, as most have none; one
  // octet like all others, as small devices read it; or numbers up to 127, of which `tag` is the first octet. One that
  // needed only one octet has the tag that it would have then: receivers do not tell these apart.
  enum class LongTag : std::uint8_t { error, one_octet, several_octets };

  explicit BerReader(Bytes in, LongTag long_tag = LongTag::error) noexcept : reader_{in}, long_tag_{long_tag} {}

  [[nodiscard]] bool empty() const noexcept { return reader_.empty(); }
  [[nodiscard]] Bytes rest() const noexcept { return reader_.rest(); }
  // The next value; nothing when there is none or its length does not fit, and then nothing any more.
  std::optional<BerValue> next() noexcept {
    // Almost all have a tag and a length of one octet each.
    const Bytes in = reader_.rest();
    if (in.size() < 2 || (in[0] & kNumber) == kNumber || in[1] > in.size() - 2 || in[1] > kShortLengthMax)
      return next_long();
    const Bytes whole = reader_.bytes(std::size_t{2} + in[1]);
    return BerValue{in[0], whole.subspan(2), whole, static_cast<std::uint8_t>(in[0] & kNumber)};
  }
  // The next value if it has this tag; otherwise nothing, and it stays.
  std::optional<BerValue> next(std::uint8_t tag) noexcept {
    if (empty()) return {};
    const std::uint8_t first = rest().front();
    if ((first & kNumber) == kNumber) return next_long(tag);
    return first == tag ? next() : std::nullopt;
  }

 private:
  static constexpr std::uint8_t kNumber = 0x1f, kShortLengthMax = 0x7f;
  // Of any tag and any length.
  std::optional<BerValue> next_long() noexcept;
  std::optional<BerValue> next_long(std::uint8_t tag) noexcept;

  ByteReader reader_;
  LongTag long_tag_;
};

class OsiBerReader : public BerReader {
 public:
  explicit OsiBerReader(Bytes in) noexcept : BerReader{in, LongTag::several_octets} {}
};

// Whether all of `in` are values as an OsiBerReader reads them, down to the innermost, at most `depth_max` within one
// another.
bool ber_well_formed(Bytes in, unsigned depth_max) noexcept;

// With definite lengths in place of the indefinite ones (X.690, 8.1.3.6): | 80 | contents | 00 00 | becomes
// | 82 u16 | contents |, which is as long; what does not end stays. A view of `in` or of `out`.
Bytes ber_definite(Bytes in, std::vector<std::uint8_t>& out);

// The contents of an INTEGER or ENUMERATED: at most eight bytes, signed; nothing when there are more, or none.
std::optional<std::int64_t> ber_integer(Bytes contents) noexcept;

// A UTCTime or GeneralizedTime in UTC (RFC 5280 section 4.1.2.5): YYMMDDHHMMSSZ until 2049, YYYYMMDDHHMMSSZ for all.
// Seconds may be left out in old ones. What our clock cannot hold, from 2262 on, is its last second ("no well-defined
// end" is 9999).
std::optional<Timestamp> ber_time(const BerValue& value) noexcept;

}  // namespace nw::network
