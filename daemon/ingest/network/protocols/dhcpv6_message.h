// One DHCPv6 message (RFC 8415 sections 8, 9 and 21), taken out of its relays' wrapping and read into views.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct Dhcpv6Message {
  static constexpr unsigned kRelaysMax = 8;        // HOP_COUNT_LIMIT of RFC 8415 section 7.6
  static constexpr std::size_t kOptionsMax = 256;  // per message, those inside others too; a relay's are its own
  static constexpr std::size_t kValueMax = 1024;   // octets of an option's value; a DUID has 130 at most

  std::uint8_t type = 0;
  std::uint32_t xid = 0;                  // 24 bits
  unsigned relays = 0;                    // that passed it on
  Bytes link, peer;                       // where the client is and its address, by the relay next to it; else empty
  Bytes client_id, server_id;             // DUIDs: section 11
  Bytes address, prefix;                  // the first: 16 octets; bits u8 and 16 octets
  std::optional<std::uint32_t> lifetime;  // seconds that it is valid for
  std::optional<std::uint16_t> status;    // the first that is not Success, else that
  Bytes status_text;
  Bytes parameters, dns_servers, domains, client_fqdn, boot_url, vendor_class;  // the options' values

  [[nodiscard]] bool from_server() const noexcept;
};

// False: nothing is worth telling, `fault` says why. A fault behind the client's or the server's identifier is only
// noted: what came before it is good. `out` views `in`.
bool read_dhcpv6(Bytes in, Dhcpv6Message& out, std::optional<DecodeError>& fault);

// SOLICIT, ADVERTISE, ... (section 7.3). Empty when the number has none.
std::string_view dhcpv6_type_name(unsigned type);
// NoAddrsAvail, ... (section 21.13 and IANA's list). Empty when the number has none.
std::string_view dhcpv6_status_name(unsigned status);

}  // namespace nw::network
