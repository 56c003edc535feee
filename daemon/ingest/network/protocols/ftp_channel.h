// Where an FTP data connection will go: PORT and PASV (RFC 959 section 4.1.2), EPRT and EPSV (RFC 2428). No state.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ip.h"

namespace nw::network {

struct FtpChannel {
  std::optional<IpAddress> address;  // EPSV names the port only
  std::uint16_t port = 0;
};

// The argument of PORT, and the text of PASV's reply: h1,h2,h3,h4,p1,p2, in the reply with words around it.
std::optional<FtpChannel> read_ftp_port(std::string_view text);
// The argument of EPRT: |2|2001:db8::1|49152|, whatever the delimiter.
std::optional<FtpChannel> read_ftp_eprt(std::string_view text);
// The text of EPSV's reply: (|||49152|), with words around it.
std::optional<FtpChannel> read_ftp_epsv(std::string_view text);

}  // namespace nw::network
