// Where a server listens: "127.0.0.1:9810", "[::1]:9810" or "unix:/run/normwatch/control.sock".
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>
#include <variant>

#include "base/result.h"

namespace nw::console {

using Address = std::variant<boost::asio::ip::tcp::endpoint, boost::asio::local::stream_protocol::endpoint>;

// invalid_argument: not of one of the three forms, or a path longer than a socket's may be (unix(7): 107 bytes).
Result<Address> parse_address(const std::string& listen);

}  // namespace nw::console
