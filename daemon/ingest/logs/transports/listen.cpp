#include "ingest/logs/transports/listen.h"

#include <boost/system/errc.hpp>
#include <charconv>

namespace nw::logs {

namespace asio = boost::asio;
namespace errc = boost::system::errc;

Result<ListenAddress> parse_listen_address(const std::string& text) {
  const Error bad{Errc::invalid_argument,
                  "not a listening address: '" + text + "'; write for example 0.0.0.0:5514 or [::]:5514"};
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
  boost::system::error_code ignored;
  out.address = asio::ip::make_address(address.to_string(), ignored);
  return out;
}

Error listen_error(std::string_view transport, const std::string& address, const boost::system::error_code& error) {
  const std::string where = std::string{transport} + " " + address;
  if (error == errc::address_in_use)
    return {Errc::in_use, where + " is already in use; `ss -l" + std::string{transport == "udp" ? "u" : "t"} +
                              "np` names the program that has it"};
  if (error == errc::permission_denied || error == errc::operation_not_permitted)
    return {Errc::no_permission, where +
                                     ": not permitted; ports below 1024 need CAP_NET_BIND_SERVICE (the systemd unit "
                                     "can grant it with AmbientCapabilities=), or listen on a higher port"};
  if (error == errc::address_not_available)
    return {Errc::not_found, where + ": this machine has no such address; `ip address` lists those it has"};
  return {Errc::unavailable, where + ": cannot listen: " + error.message()};
}

IpAddress to_ip(const asio::ip::address& address) {
  if (address.is_v4()) return IpAddress::v4(address.to_v4().to_uint());
  const auto bytes = address.to_v6().to_bytes();
  return IpAddress::from_bytes(bytes);
}

}  // namespace nw::logs
