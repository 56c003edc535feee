#include "ingest/network/protocols/profinet_dcp.h"

#include <algorithm>
#include <array>

namespace nw::network {

std::optional<DecodeError> read_dcp(Bytes payload, DcpMessage& out) noexcept {
  ByteReader in{payload};
  out.service = DcpService{in.u8()};
  out.type = in.u8();
  out.xid = in.u32be();
  out.delay = in.u16be();
  const std::size_t length = in.u16be();
  if (!in.ok()) return DecodeError::truncated;
  out.blocks = in.rest().first(std::min(length, in.rest().size()));
  return length > in.rest().size() ? std::optional{DecodeError::truncated} : std::nullopt;
}

DcpBlocks::DcpBlocks(const DcpMessage& message) noexcept
    : in_{message.blocks},
      pairs_{message.service == DcpService::get && !message.response()},
      info_{message.service != DcpService::identify || message.response()} {}

bool DcpBlocks::next(DcpBlock& out) noexcept {
  out = {};
  if (in_.empty()) return false;
  out.option = in_.u8();
  out.suboption = in_.u8();
  if (pairs_) return in_.ok();
  const std::size_t length = in_.u16be();
  out.contents = in_.bytes(length);
  if (!in_.ok()) return false;
  if (length % 2 != 0 && !in_.empty()) in_.u8();  // some leave it out at the end
  if (info_ && length >= 2 && dcp_option(out) != DcpOption::kResponse) {
    ByteReader contents{out.contents};
    out.info = contents.u16be();
    out.contents = contents.rest();
  }
  return true;
}

void append_dcp_option(IcsText& out, std::uint16_t option) {
  static constexpr std::array<std::string_view, 4> kIp{"", "mac_address", "parameter", "full_suite"};
  static constexpr std::array<std::string_view, 11> kDevice{
      "",           "type_of_station", "name_of_station", "device_id",        "role",          "options",
      "alias_name", "instance",        "oem_device_id",   "standard_gateway", "rsi_properties"};
  static constexpr std::array<std::string_view, 7> kControl{
      "", "start_transaction", "end_transaction", "signal", "response", "factory_reset", "reset_to_factory"};
  struct Group {
    std::uint8_t option;
    std::string_view name;
    std::span<const std::string_view> suboptions;
  };
  static constexpr std::array<Group, 5> kGroups{
      {{1, "ip", kIp}, {2, "device", kDevice}, {3, "dhcp", {}}, {5, "control", kControl}, {6, "initiative", {}}}};
  if (option == DcpOption::kAll) return out.append("all");
  const unsigned suboption = option & 0xFFU;
  const auto group = std::ranges::find(kGroups, option >> 8U, &Group::option);
  if (group == kGroups.end())
    out.append_number(option >> 8U);
  else
    out.append(group->name);
  out.append('/');
  if (group != kGroups.end() && suboption < group->suboptions.size() && !group->suboptions[suboption].empty())
    out.append(group->suboptions[suboption]);
  else
    out.append_number(suboption);
}

namespace {

void append_address(IcsText& out, ByteReader& in) {
  for (int i = 0; i < 4; ++i) {
    if (i != 0) out.append('.');
    out.append_number(in.u8());
  }
}

void append_octets(IcsText& out, Bytes bytes) {
  if (bytes.empty()) return;
  out.append("0x");
  out.append_octets(bytes);
}

}  // namespace

Bytes dcp_text(Bytes contents) noexcept {
  while (!contents.empty() && contents.back() == 0) contents = contents.first(contents.size() - 1);
  return contents;
}

void append_dcp_value(IcsText& out, const DcpBlock& block) {
  const std::uint16_t option = dcp_option(block);
  ByteReader in{block.contents};
  if (option == DcpOption::kResetToFactory && block.info) {
    out.append("0x");
    return out.append_hex(*block.info, 4);
  }
  if (is_dcp_text(option)) return out.append_escaped(dcp_text(block.contents));
  if ((option == DcpOption::kIp || option == DcpOption::kFullIp) && block.contents.size() >= 12) {
    for (int i = 0; in.rest().size() >= 4 && !out.full(); ++i) {
      if (i != 0) out.append('/');
      append_address(out, in);
    }
    return;
  }
  if ((option == DcpOption::kDeviceId || option == DcpOption::kOemId) && block.contents.size() == 4) {
    out.append("0x");
    out.append_hex(in.u16be(), 4);
    out.append("/0x");
    out.append_hex(in.u16be(), 4);
    return;
  }
  if (option == DcpOption::kRole && !block.contents.empty()) return out.append(dcp_role_name(block.contents[0]));
  append_octets(out, block.contents);
}

std::string_view dcp_role_name(std::uint8_t bits) noexcept {
  static constexpr std::array<std::string_view, 4> kNames{"io_device", "io_controller", "io_multidevice",
                                                          "io_supervisor"};
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if ((std::uint32_t{bits} >> i & 1U) != 0) return kNames[i];
  return {};
}

std::string_view dcp_error_name(std::uint8_t error) noexcept {
  static constexpr std::array<std::string_view, 7> kNames{"",
                                                          "option not supported",
                                                          "suboption not supported or no data available",
                                                          "suboption not set",
                                                          "resource error",
                                                          "set not possible",
                                                          "in operation, set not possible"};
  return error < kNames.size() ? kNames[error] : "unknown error";
}

std::string_view dcp_service_name(DcpService service) noexcept {
  switch (service) {
    case DcpService::get: return "get";
    case DcpService::set: return "set";
    case DcpService::identify: return "identify";
    case DcpService::hello: return "hello";
  }
  return {};
}

}  // namespace nw::network
