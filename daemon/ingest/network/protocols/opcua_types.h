// The built-in types of OPC UA's binary encoding, IEC 62541-6 section 5.2, little endian throughout:
// String, ByteString | octets i32, -1: none | octets |
// NodeId        | 00 | number u8 |, | 01 | namespace u8 | number u16 |, | 02 | namespace u16 | number u32 |,
//               | 03 | namespace u16 | String |, | 04 | namespace u16 | Guid |, | 05 | namespace u16 | ByteString |
// ExpandedNodeId: the same, with | String | behind it if the first octet has 80, and | server u32 | if it has 40
// Variant       | type 6 bits, dimensions 40, array 80 | number of values i32, of an array | values | dimensions |
// DataValue     | what there is u8 | Variant | status u32 | source time | picoseconds u16 | server time | picoseconds
// u16 | Functions read as far as they can; a value that does not fit fails its reader. Views are of the input.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "base/time.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

struct OpcuaNodeId {
  enum class Kind : std::uint8_t { numeric, string, guid, opaque };

  std::uint8_t mask = 0;  // the first octet
  Kind kind = Kind::numeric;
  std::uint16_t space = 0;
  std::uint32_t number = 0;
  Bytes octets;  // of the others

  // The number in OPC UA's own namespace; 0 when it is another node.
  [[nodiscard]] std::uint32_t standard() const noexcept { return kind == Kind::numeric && space == 0 ? number : 0; }
  [[nodiscard]] bool null() const noexcept { return space == 0 && number == 0 && octets.empty(); }
};

struct OpcuaExtension {
  OpcuaNodeId type;  // of its encoding
  Bytes body;        // empty when it has none, or is XML
};

struct OpcuaDataValue {
  bool has_value = false;
  std::uint8_t type = 0;  // of the value
  std::optional<std::uint32_t> status;
  std::optional<Timestamp> source_time, server_time;
};

Bytes read_opcua_string(ByteReader& in);
// How many elements follow. Each has an octet at least, so that it is no more than what is left.
std::uint32_t read_opcua_count(ByteReader& in);
// Nothing when it is not set.
std::optional<Timestamp> read_opcua_time(ByteReader& in);
// Expanded ones, too.
OpcuaNodeId read_opcua_node(ByteReader& in);
Bytes read_opcua_qualified_name(ByteReader& in);
Bytes read_opcua_localized_text(ByteReader& in);
OpcuaExtension read_opcua_extension(ByteReader& in);
void skip_opcua_diagnostics(ByteReader& in);
// These append to `text` what they read, unless it is null. The first returns the value's type.
std::uint8_t read_opcua_variant(ByteReader& in, IcsText* text);
OpcuaDataValue read_opcua_data_value(ByteReader& in, IcsText* text);

// ns=2;s=Pump, i=2258
void append_opcua_node(IcsText& out, const OpcuaNodeId& node);
// Its name, or its number in hexadecimal.
void append_opcua_status(IcsText& out, std::uint32_t status);

constexpr bool is_bad_opcua_status(std::uint32_t status) noexcept { return (status & 0x80000000U) != 0; }

// Empty when the number has no name.
std::string_view opcua_type_name(std::uint8_t type);
std::string_view opcua_attribute_name(std::uint32_t attribute);
std::string_view opcua_status_name(std::uint32_t status);

}  // namespace nw::network
