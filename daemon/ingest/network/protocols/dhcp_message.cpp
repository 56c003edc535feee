#include "ingest/network/protocols/dhcp_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint8_t kPad = 0, kEnd = 255, kOverload = 52, kType = 53;

// RFC 2132, but for 81 (RFC 4702), 121 (RFC 3442, Microsoft's 249 is the same), 252 (web proxy discovery).
constexpr struct {
  std::uint8_t code;
  DhcpOption option;
} kShown[] = {
    {3, DhcpOption::routers},       {6, DhcpOption::dns_servers},        {12, DhcpOption::host_name},
    {15, DhcpOption::domain},       {50, DhcpOption::requested_address}, {51, DhcpOption::lease_time},
    {54, DhcpOption::server_id},    {55, DhcpOption::parameters},        {56, DhcpOption::message},
    {60, DhcpOption::vendor_class}, {66, DhcpOption::boot_server},       {67, DhcpOption::boot_file},
    {81, DhcpOption::client_fqdn},  {121, DhcpOption::static_routes},    {249, DhcpOption::static_routes},
    {252, DhcpOption::proxy_url},
};

constexpr bool has_fixed_length(DhcpOption which) {
  return which == DhcpOption::requested_address || which == DhcpOption::lease_time || which == DhcpOption::server_id;
}

class OptionReader {
 public:
  OptionReader(DhcpMessage& out, std::vector<std::uint8_t>& joined) : out_{out}, joined_{joined} { joined_.clear(); }

  // One place where options are: | code u8 | length u8 | value |, pads and an end without length.
  void area(Bytes bytes) {
    ByteReader reader{bytes};
    while (!reader.empty() && !fault_) {
      const std::uint8_t code = reader.u8();
      if (code == kPad) continue;
      if (code == kEnd) return;
      const Bytes value = reader.bytes(reader.u8());
      if (!reader.ok()) return note(DecodeError::truncated);
      if (read_++ == DhcpMessage::kOptionsMax) return note(DecodeError::limit);
      option(code, value);
    }
  }

  // Behind all areas: only whole values have their length.
  void end() {
    for (std::size_t i = 0; i < kDhcpOptions; ++i) {
      Bytes& value = out_.options[i];
      if (value.empty() || dhcp_length_fits(static_cast<DhcpOption>(i), value.size())) continue;
      value = {};
      if (!fault_) note(DecodeError::bad_value);
    }
  }

  // Bit 0: options go on in `file`, bit 1: in `sname`.
  [[nodiscard]] unsigned overload() const noexcept { return overload_; }
  [[nodiscard]] std::optional<DecodeError> fault() const noexcept {
    return !fault_ && full_ ? std::optional{DecodeError::limit} : fault_;
  }

 private:
  void note(DecodeError fault) { fault_ = fault; }

  void option(std::uint8_t code, Bytes value) {
    if (code == kType || code == kOverload) {
      if (value.size() != 1) return note(DecodeError::bad_value);
      if (code == kOverload) overload_ = value[0];
      if (code == kType && !out_.type) out_.type = value[0];
      return;
    }
    const auto* known = std::ranges::find(kShown, code, [](const auto& row) { return row.code; });
    if (known == std::end(kShown)) return;
    const auto index = static_cast<std::size_t>(known->option);
    const bool fixed = has_fixed_length(known->option);
    if ((fixed || value.empty()) && !dhcp_length_fits(known->option, value.size())) return note(DecodeError::bad_value);
    Bytes& place = out_.options[index];
    if (place.empty()) {
      place = value;
      codes_[index] = code;
    } else if (!fixed && codes_[index] == code) {  // two codes for one thing are two values
      join(place, value);
    }
  }

  // RFC 2131 section 4.1, RFC 3396 section 7: parts of one value, in the order of their places.
  void join(Bytes& place, Bytes more) {
    joined_.reserve(DhcpMessage::kJoinedMax);  // so that no view of it moves
    const bool at_end = !joined_.empty() && place.data() + place.size() == joined_.data() + joined_.size();
    const std::size_t from = joined_.size() - (at_end ? place.size() : 0);
    if (place.size() + more.size() > DhcpMessage::kJoinedMax - from) {
      full_ = true;  // what follows is read all the same
      return;
    }
    joined_.resize(from + place.size() + more.size());
    const Bytes whole{joined_.begin() + static_cast<std::ptrdiff_t>(from), joined_.end()};
    auto to = joined_.begin() + static_cast<std::ptrdiff_t>(from);
    if (!at_end) std::ranges::copy(place, to);
    std::ranges::copy(more, to + static_cast<std::ptrdiff_t>(place.size()));
    place = whole;
  }

  DhcpMessage& out_;
  std::vector<std::uint8_t>& joined_;
  std::array<std::uint8_t, kDhcpOptions> codes_{};  // that the values came with
  std::size_t read_ = 0;
  bool full_ = false;
  unsigned overload_ = 0;
  std::optional<DecodeError> fault_;
};

// A text of the header ends at a zero; an option has its word first.
void take_text(Bytes field, DhcpOption which, DhcpMessage& out) {
  Bytes& place = out.options[static_cast<std::size_t>(which)];
  if (place.empty()) place = field.first(static_cast<std::size_t>(std::ranges::find(field, 0) - field.begin()));
}

}  // namespace

bool dhcp_length_fits(DhcpOption which, std::size_t bytes) {
  switch (which) {
    case DhcpOption::requested_address:
    case DhcpOption::lease_time:
    case DhcpOption::server_id: return bytes == 4;
    case DhcpOption::routers:
    case DhcpOption::dns_servers: return bytes != 0 && bytes % 4 == 0;
    case DhcpOption::client_fqdn: return bytes >= 3;
    default: return true;
  }
}

bool read_dhcp(Bytes in, std::vector<std::uint8_t>& joined, DhcpMessage& out, std::optional<DecodeError>& fault) {
  ByteReader reader{in};
  const unsigned operation = reader.u8();
  reader.u8();  // kind of hardware
  const std::size_t hardware_bytes = reader.u8();
  const unsigned hops = reader.u8();
  out.xid = reader.u32be();
  reader.u16be();  // seconds
  const unsigned flags = reader.u16be();
  out.client_address = reader.u32be();
  out.your_address = reader.u32be();
  out.next_server = reader.u32be();
  out.relay_address = reader.u32be();
  const Bytes hardware = reader.bytes(16);
  const Bytes server_name = reader.bytes(64);
  const Bytes file = reader.bytes(128);
  if (!reader.ok())
    fault = DecodeError::truncated;
  else if (operation < 1 || operation > 2 || hardware_bytes > hardware.size())
    fault = DecodeError::bad_value;
  if (fault) return false;
  out.from_client = operation == 1;
  out.mac = hardware.first(hardware_bytes);
  if (reader.u32be() != DhcpMessage::kCookie) {
    // Plain BOOTP has no sign of its own; random bytes do not keep its zeros (RFC 1542 sections 2.2, 4.1.1).
    constexpr unsigned kHopsMax = 16, kBroadcast = 0x8000;
    if (hops > kHopsMax || (flags & ~kBroadcast) != 0) {
      fault = DecodeError::bad_value;
      return false;
    }
    take_text(server_name, DhcpOption::boot_server, out);
    take_text(file, DhcpOption::boot_file, out);
    return true;
  }
  OptionReader options{out, joined};
  options.area(reader.rest());
  const unsigned overload = options.overload();
  if ((overload & 1U) != 0) options.area(file);
  if ((overload & 2U) != 0) options.area(server_name);
  options.end();
  if ((overload & 1U) == 0) take_text(file, DhcpOption::boot_file, out);
  if ((overload & 2U) == 0) take_text(server_name, DhcpOption::boot_server, out);
  fault = options.fault();
  return true;
}

std::string_view dhcp_type_name(unsigned type) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"", "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM", "FORCERENEW", "LEASEQUERY",
       "LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE", "BULKLEASEQUERY", "LEASEQUERYDONE", "ACTIVELEASEQUERY",
       "LEASEQUERYSTATUS", "TLS"});
  return type < kNames.size() ? kNames[type] : std::string_view{};
}

}  // namespace nw::network
