// What the listening transports share: reading an address, binding it, and saying why it could not be had.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
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

// The NAME of "systemd:NAME"; empty: it is another kind of address.
std::string_view handed_name(std::string_view address);

// What listen_tcp() and listen_udp() can read: an address with its port, or "systemd:NAME". Error: invalid_argument.
Result<> check_listen_address(const std::string& text);

// The reason why `transport` ("udp", "tcp") cannot listen on `address`, and what to do about it.
Error listen_error(std::string_view transport, const std::string& address, const boost::system::error_code& error);

// A socket that listens, non-blocking: bound to `address`, or handed over by systemd ("systemd:NAME", the
// FileDescriptorName= of a socket unit), so that ports below 1024 need no privilege. "[::]" takes IPv4 as well. Errors:
// as listen_error(), and those of take_handed_socket().
Result<boost::asio::ip::tcp::acceptor> listen_tcp(boost::asio::io_context& io, std::string_view transport,
                                                  const std::string& address);
// Likewise, for datagrams. One NAME may stand for one socket of each kind.
Result<boost::asio::ip::udp::socket> listen_udp(boost::asio::io_context& io, std::string_view transport,
                                                const std::string& address);

// IPv4-mapped addresses come out as IPv4.
IpAddress to_ip(const boost::asio::ip::address& address);

}  // namespace nw::logs
