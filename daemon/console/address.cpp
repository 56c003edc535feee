#include "console/address.h"

#include <charconv>
#include <string_view>
#include <sys/un.h>

#include "base/text.h"

namespace nw::console {

namespace asio = boost::asio;

Result<Address> parse_address(const std::string& listen) {
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::invalid_argument, "cannot use the address '" + printable(listen) + "': " + why};
  };
  constexpr std::string_view kForms = "write 127.0.0.1:9810, [::1]:9810 or unix:/path/of.sock";
  std::string_view text = listen;
  if (text.starts_with("unix:")) {
    text.remove_prefix(5);
    if (text.empty() || text.find('\0') != std::string_view::npos) return refuse(std::string{kForms});
    if (text.size() >= sizeof(sockaddr_un::sun_path)) return refuse("the path of a socket has at most 107 bytes");
    return Address{asio::local::stream_protocol::endpoint{text}};
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse(std::string{kForms});
  std::string_view host = text.substr(0, colon);
  const std::string_view port_text = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  unsigned port = 0;
  const auto [end, error] = std::from_chars(port_text.data(), port_text.data() + port_text.size(), port);
  if (error != std::errc{} || end != port_text.data() + port_text.size() || port > 65'535)
    return refuse("the port must be from 0 to 65535");
  boost::system::error_code bad;
  const auto address = asio::ip::make_address(std::string{host}, bad);
  if (bad || address.is_v6() != bracketed) return refuse(std::string{kForms});
  return Address{asio::ip::tcp::endpoint{address, static_cast<std::uint16_t>(port)}};
}

}  // namespace nw::console
