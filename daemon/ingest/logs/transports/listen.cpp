#include "ingest/logs/transports/listen.h"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/system/errc.hpp>
#include <charconv>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/logs/transports/handed_socket.h"

namespace nw::logs {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using asio::ip::tcp;
using asio::ip::udp;
using boost::system::error_code;

namespace {

constexpr std::string_view kHanded = "systemd:";

// Gives `socket` (a socket or an acceptor of Asio's) what systemd opened.
template <class Protocol, class Socket>
Result<> adopt(Socket& socket, std::string_view transport, const std::string& address, int type) {
  const auto fd = take_handed_socket(transport, handed_name(address), type);
  if (!fd) return fd.error();
  int domain = 0;
  socklen_t size = sizeof domain;
  (void)::getsockopt(*fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
  error_code error;
  socket.assign(domain == AF_INET6 ? Protocol::v6() : Protocol::v4(), *fd, error);
  if (!error) return {};
  ::close(*fd);
  return listen_error(transport, address, error);
}

error_code bind_tcp(tcp::acceptor& acceptor, const ListenAddress& at) {
  error_code error;
  const tcp::endpoint endpoint{at.address, at.port};
  acceptor.open(endpoint.protocol(), error);
  // Lets a restart bind while old connections linger; on Linux it does not allow a second listener.
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && at.address.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

error_code bind_udp(udp::socket& socket, const ListenAddress& at) {
  error_code error;
  const udp::endpoint endpoint{at.address, at.port};
  socket.open(endpoint.protocol(), error);
  if (!error && at.address.is_v6()) socket.set_option(asio::ip::v6_only(false), error);
  if (!error) socket.bind(endpoint, error);
  return error;
}

}  // namespace

Result<ListenAddress> parse_listen_address(const std::string& text) {
  const Error bad{Errc::invalid_argument,
                  "not a listening address: '" + text +
                      "'; write for example 0.0.0.0:5514 or [::]:5514, or systemd:NAME for a socket of a socket unit"};
  const std::string_view all{text};
  const auto colon = all.rfind(':');
  if (colon == std::string_view::npos) return bad;
  std::string_view host = all.substr(0, colon);
  const std::string_view port = all.substr(colon + 1);
  const bool brackets = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (brackets) host = host.substr(1, host.size() - 2);
  // Without brackets an IPv6 address runs into its port.
  if (brackets != (host.find(':') != std::string_view::npos)) return bad;
  IpAddress address;
  ListenAddress out;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size() || !IpAddress::parse_into(host, address)) return bad;
  error_code ignored;
  out.address = asio::ip::make_address(address.to_string(), ignored);
  return out;
}

std::string_view handed_name(std::string_view address) {
  return address.starts_with(kHanded) ? address.substr(kHanded.size()) : std::string_view{};
}

Result<> check_listen_address(const std::string& text) {
  if (!handed_name(text).empty()) return {};
  if (const auto at = parse_listen_address(text); !at) return at.error();
  return {};
}

Error listen_error(std::string_view transport, const std::string& address, const error_code& error) {
  const std::string where = std::string{transport} + " " + address;
  if (error == errc::address_in_use)
    return {Errc::in_use, where + " is already in use; `ss -l" + std::string{transport == "udp" ? "u" : "t"} +
                              "np` names the program that has it"};
  if (error == errc::permission_denied || error == errc::operation_not_permitted)
    return {Errc::no_permission, where +
                                     ": not permitted; ports below 1024 need a socket unit (listen: systemd:NAME) or "
                                     "CAP_NET_BIND_SERVICE (AmbientCapabilities= of the service can grant it), or "
                                     "listen on a higher port"};
  if (error == errc::address_not_available)
    return {Errc::not_found, where + ": this machine has no such address; `ip address` lists those it has"};
  return {Errc::unavailable, where + ": cannot listen: " + error.message()};
}

Result<tcp::acceptor> listen_tcp(asio::io_context& io, std::string_view transport, const std::string& address) {
  tcp::acceptor acceptor{io};
  if (!handed_name(address).empty()) {
    if (const auto adopted = adopt<tcp>(acceptor, transport, address, SOCK_STREAM); !adopted) return adopted.error();
  } else {
    const auto at = parse_listen_address(address);
    if (!at) return at.error();
    if (const error_code error = bind_tcp(acceptor, *at)) return listen_error(transport, address, error);
  }
  error_code error;
  acceptor.non_blocking(true, error);
  if (error) return listen_error(transport, address, error);
  return Result<tcp::acceptor>{std::move(acceptor)};
}

Result<udp::socket> listen_udp(asio::io_context& io, std::string_view transport, const std::string& address) {
  udp::socket socket{io};
  if (!handed_name(address).empty()) {
    if (const auto adopted = adopt<udp>(socket, transport, address, SOCK_DGRAM); !adopted) return adopted.error();
  } else {
    const auto at = parse_listen_address(address);
    if (!at) return at.error();
    if (const error_code error = bind_udp(socket, *at)) return listen_error(transport, address, error);
  }
  error_code error;
  socket.native_non_blocking(true, error);
  if (error) return listen_error(transport, address, error);
  return Result<udp::socket>{std::move(socket)};
}

IpAddress to_ip(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  const auto bytes = address.to_v6().to_bytes();
  return IpAddress::from_bytes(bytes);
}

}  // namespace nw::logs
