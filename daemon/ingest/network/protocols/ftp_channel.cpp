#include "ingest/network/protocols/ftp_channel.h"

#include <array>
#include <charconv>

namespace nw::network {
namespace {

// The decimal number at the front of `text`, at most `most`; it is taken off.
std::optional<unsigned> take_number(std::string_view& text, unsigned most) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value > most) return {};
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take_char(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::uint16_t> take_port(std::string_view& text, char delimiter) {
  const auto port = take_number(text, 0xffff);
  if (!port || *port == 0 || !take_char(text, delimiter)) return {};
  return static_cast<std::uint16_t>(*port);
}

}  // namespace

std::optional<FtpChannel> read_ftp_port(std::string_view text) {
  // Some servers leave the parentheses out (RFC 1123 section 4.1.2.6): the first digit begins the numbers.
  const std::size_t begin = text.find_first_of("0123456789");
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin);
  std::array<unsigned, 6> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i != 0 && !take_char(text, ',')) return {};
    const auto number = take_number(text, 0xff);
    if (!number) return {};
    numbers[i] = *number;
  }
  const auto port = static_cast<std::uint16_t>(numbers[4] << 8U | numbers[5]);
  if (port == 0) return {};
  return FtpChannel{IpAddress::v4(numbers[0] << 24U | numbers[1] << 16U | numbers[2] << 8U | numbers[3]), port};
}

std::optional<FtpChannel> read_ftp_eprt(std::string_view text) {
  if (text.empty()) return {};
  const char delimiter = text.front();
  text.remove_prefix(1);
  const auto family = take_number(text, 2);
  if (!family || *family == 0 || !take_char(text, delimiter)) return {};
  const std::size_t end = text.find(delimiter);
  if (end == std::string_view::npos) return {};
  IpAddress address;
  if (!IpAddress::parse_into(text.substr(0, end), address) || address.is_v4() != (*family == 1)) return {};
  text.remove_prefix(end + 1);
  const auto port = take_port(text, delimiter);
  if (!port) return {};
  return FtpChannel{address, *port};
}

std::optional<FtpChannel> read_ftp_epsv(std::string_view text) {
  const std::size_t begin = text.find('(');
  if (begin == std::string_view::npos || text.size() < begin + 5) return {};
  text.remove_prefix(begin + 1);
  const char delimiter = text.front();
  for (int i = 0; i < 3; ++i)
    if (!take_char(text, delimiter)) return {};
  const auto port = take_port(text, delimiter);
  if (!port) return {};
  return FtpChannel{{}, *port};
}

}  // namespace nw::network
