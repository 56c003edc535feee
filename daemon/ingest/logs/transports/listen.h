// What the listening transports share: reading an address, and saying why it could not be had.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/ip.h"
#include "base/result.h"

namespace nw::logs {

struct ListenAddress {
  boost::asio::ip::address address;
  std::uint16_t port = 0;
};

// "127.0.0.1:5514", "[::1]:5514". Error: invalid_argument.
Result<ListenAddress> parse_listen_address(const std::string& text);

// The reason why `transport` ("udp", "tcp") cannot listen on `address`, and what to do about it.
Error listen_error(std::string_view transport, const std::string& address, const boost::system::error_code& error);

// A socket that listens, non-blocking: bound to `address`, or handed over by systemd ("systemd:NAME", the
// FileDescriptorName= of a socket unit), so that ports below 1024 need no privilege. Errors: as listen_error();
// not_found when systemd gave no such socket; invalid_argument when it is of another kind.
Result<boost::asio::ip::tcp::acceptor> listen_tcp(boost::asio::io_context& io, std::string_view transport,
                                                  const std::string& address);

// IPv4-mapped addresses come out as IPv4.
IpAddress to_ip(const boost::asio::ip::address& address);

}  // namespace nw::logs
