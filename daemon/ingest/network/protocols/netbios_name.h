// Names of NetBIOS (RFC 1001 section 14, RFC 1002 section 4.1), of its name service and of its datagrams.
// | 32 u8 | 16 octets, each as two letters from A to P | scope's labels | 0 u8 |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

struct NetbiosName {
  static constexpr std::size_t kScopeLabelsMax = 8;  // RFC 1002 allows 255 octets; nobody uses scopes

  std::array<std::uint8_t, 16> octets{};
  std::array<Bytes, kScopeLabelsMax> scope;  // views
  std::size_t scope_labels = 0;

  [[nodiscard]] unsigned type() const noexcept { return octets.back(); }
};

// `limit`: more labels than we keep. A fault leaves `out` useless.
std::optional<DecodeError> read_netbios_name(ByteReader& reader, NetbiosName& out);
// What the last octet of a name says; empty when it has no name.
std::string_view netbios_type_name(unsigned type);
// Without the spaces and zeros behind it, and without the last octet. `octets` are 16.
void append_netbios_name(Bytes octets, TextBuffer& out);
// Nothing when there is none.
void set_netbios_scope(EventWriter& out, std::size_t field, const NetbiosName& name);

}  // namespace nw::network
