// What TLS numbers are called, spelled as in Zeek's ssl.log. Empty when a number has no name.
#pragma once

#include <cstdint>
#include <string_view>

namespace nw::network {

std::string_view tls_version_name(std::uint16_t version);  // TLSv12; drafts of TLS 1.3 have no name here
std::string_view tls_cipher_name(std::uint16_t cipher);    // tls_ciphers.cpp
std::string_view tls_group_name(std::uint16_t group);      // curves and other key exchange groups
std::string_view tls_alert_name(std::uint8_t description);
// The letter of a handshake message in `ssl_history`, as a server's.
char tls_handshake_letter(std::uint8_t type);

}  // namespace nw::network
