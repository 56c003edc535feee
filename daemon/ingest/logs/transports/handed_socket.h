// Sockets that systemd opened before it started the daemon (sd_listen_fds(3), systemd.socket(5)).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace nw::logs {

// Takes the socket of `type` (SOCK_STREAM: a listening one; SOCK_DGRAM) that came under `name`, the FileDescriptorName=
// of its unit. The descriptor is the caller's, close-on-exec; nobody gets the socket a second time. `transport` is for
// the messages. Errors: not_found, in_use, invalid_argument (another kind; several of that kind), io; each says what
// systemd gave.
Result<int> take_handed_socket(std::string_view transport, std::string_view name, int type);

// Those that nobody has taken, as "syslog (stream), ..."; empty: none. What arrives there nobody reads.
std::string handed_sockets_left();

}  // namespace nw::logs
