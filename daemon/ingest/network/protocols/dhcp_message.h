// One DHCP message (RFC 2131 section 2, options by RFC 2132), read into views. BOOTP's are the same without options.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The options that events show, in the order of DhcpMessage::options.
enum class DhcpOption : std::uint8_t {
  routers,
  dns_servers,
  host_name,
  domain,
  requested_address,
  lease_time,
  server_id,
  parameters,
  message,
  vendor_class,
  boot_server,
  boot_file,
  client_fqdn,
  static_routes,
  proxy_url,
};
constexpr std::size_t kDhcpOptions = 15;

struct DhcpMessage {
  static constexpr std::size_t kFixedBytes = 236;  // to the end of `file`
  static constexpr std::size_t kOptionsMax = 256;  // per message, in all three places together
  static constexpr std::size_t kJoinedMax = 1024;  // octets of values that came in parts, all together
  static constexpr std::uint32_t kCookie = 0x63825363;

  bool from_client = false;
  std::uint32_t xid = 0;
  std::uint32_t client_address = 0, your_address = 0, next_server = 0, relay_address = 0;  // 0: unset
  Bytes mac;                                                                               // at most 16
  std::optional<std::uint8_t> type;                                                        // option 53; none: BOOTP
  // Empty: not there. What came in parts is joined; of what has a fixed length the first counts. What to boot and from
  // whom may stand in the header instead.
  std::array<Bytes, kDhcpOptions> options;

  [[nodiscard]] Bytes option(DhcpOption which) const noexcept { return options[static_cast<std::size_t>(which)]; }
};

// The header is read whole or not at all: `truncated` and `bad_value` leave `out` useless and return false. A fault
// behind it is only noted in `fault`: what came before it is good. `out` views `in` and `joined`, where values are put
// together that stand in several options (RFC 3396); it is given again for each message.
bool read_dhcp(Bytes in, std::vector<std::uint8_t>& joined, DhcpMessage& out, std::optional<DecodeError>& fault);

// Whether an option's value has the length that its kind asks for.
bool dhcp_length_fits(DhcpOption which, std::size_t bytes);

// DISCOVER, OFFER, ...: Zeek's names. Empty when the number has none.
std::string_view dhcp_type_name(unsigned type);

}  // namespace nw::network
