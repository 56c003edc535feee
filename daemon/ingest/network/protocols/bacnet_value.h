// BACnet's encoding of values: ANSI/ASHRAE 135-2020, clause 20.2. No state; numbers are big-endian.
// | number 4 bits | context 1 bit | length 3 bits | [number u8] | [length u8, u16 or u32] | contents |
// A length of 6 opens a bracket and 7 closes it. Tags of the application say their type, those of a context their
// place. Read as devices do that are not strict: a bracket may be of either class, null and booleans have no contents
// whatever their length says, and any length but 0 is true.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

enum BacnetKind : std::uint8_t {
  kBacnetNull,
  kBacnetBoolean,
  kBacnetUnsigned,
  kBacnetSigned,
  kBacnetReal,
  kBacnetDouble,
  kBacnetOctets,
  kBacnetCharacters,
  kBacnetBits,
  kBacnetEnumerated,
  kBacnetDate,
  kBacnetTime,
  kBacnetObject,
};

struct BacnetTag {
  std::uint8_t number = 0;  // of an application's tag its BacnetKind
  bool context = false, opening = false, closing = false;
  Bytes contents;  // of a boolean one octet, whatever its tag
};

// False when it is not there in full.
bool read_bacnet_tag(ByteReader& in, BacnetTag& out);
// Behind an opening tag: what stands up to its closing tag, which is passed. False when that is not there, or when
// there are more than 16 brackets in each other; `out` is then all that is left.
bool read_bacnet_bracket(ByteReader& in, Bytes& out);

// Nothing unless there are 1 to 8 octets; of an unsigned number zeros may stand before them.
// In line: returned through memory in parts and read back whole, it would wait for its stores.
inline std::optional<std::uint64_t> bacnet_unsigned(Bytes contents) {
  while (contents.size() > 8 && contents[0] == 0) contents = contents.subspan(1);
  if (contents.empty() || contents.size() > 8) return {};
  std::uint64_t number = 0;
  for (const std::uint8_t octet : contents) number = number << 8U | octet;
  return number;
}
std::optional<std::int64_t> bacnet_signed(Bytes contents);

// An object's identifier: | type 10 bits | instance 22 bits |.
constexpr std::uint32_t kBacnetInstanceMax = 0x3FFFFF;  // as an instance: none, or any
constexpr std::uint32_t bacnet_object_type(std::uint32_t object) noexcept { return object >> 22U; }
constexpr std::uint32_t bacnet_instance(std::uint32_t object) noexcept { return object & kBacnetInstanceMax; }

// "analog-output/3"
void append_bacnet_object(IcsText& out, std::uint32_t object);
// A name, or unknown-NN.
void append_bacnet_name(IcsText& out, std::string_view name, std::uint64_t number);
// A character string in any of its encodings, as UTF-8.
void append_bacnet_characters(IcsText& out, Bytes contents);
// "2026-11-29", "13:30:00.00"; '*' for what may be anything.
void append_bacnet_date(IcsText& out, Bytes contents);
void append_bacnet_time(IcsText& out, Bytes contents);
// Any number of values: ',' between them, brackets as { }. What has a context's tag has no type, and is hexadecimal.
void append_bacnet_values(IcsText& out, Bytes tags);

}  // namespace nw::network
