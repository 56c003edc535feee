#include "ingest/network/protocols/powerlink_message.h"

#include <algorithm>
#include <array>

namespace nw::network {
namespace {

// | flags u16 | state u8 | u8 | version u8 | u8 | features u32 | MTU u16 | sizes 2 x u16 | response time u32 | u16 |
// device type, vendor, product, revision, serial number u32 | extension 8 | dates 16 | address, mask, gateway u32 |
// host name 32 |
PowerlinkIdentity read_identity(ByteReader& in) noexcept {
  PowerlinkIdentity out;
  in.bytes(19);
  out.device_type = in.u32le();
  out.vendor = in.u32le();
  out.product = in.u32le();
  out.revision = in.u32le();
  out.serial = in.u32le();
  in.bytes(24);
  out.address = IpAddress::v4(in.u32le());
  in.bytes(8);
  out.host_name = in.bytes(32);
  return out;
}

// | receive u8 | send u8 | u16 | u8 | transaction u8 | response:1 abort:1 segments:2 | command u8 | size u16 | u16 |
// (total u32, in the first of several segments) | index u16 | subindex u8 | u8 | data |, or the abort code u32.
PowerlinkSdo read_sdo(ByteReader& in) noexcept {
  constexpr std::uint8_t kResponse = 0x80, kAbort = 0x40, kSegments = 0x30, kFirstSegment = 0x10;
  PowerlinkSdo out;
  in.bytes(5);
  out.transaction = in.u8();
  const std::uint8_t flags = in.u8();
  out.command = in.u8();
  const std::size_t size = in.u16le();
  in.u16le();
  out.response = (flags & kResponse) != 0;
  out.aborted = (flags & kAbort) != 0;
  if ((flags & kSegments) == kFirstSegment) in.u32le();
  ByteReader body = in.sub(size);
  if (out.aborted) {
    out.abort_code = body.u32le();
  } else if (!out.response && (flags & kSegments) <= kFirstSegment && (out.command == 1 || out.command == 2)) {
    out.index = body.u16le();
    out.subindex = body.u8();
    if (!body.ok()) out.index.reset();
    body.u8();
    if (out.command == 2) return out;  // what is behind fills the segment up
  }
  out.data = body.rest();
  return out;
}

void read_asnd(ByteReader& in, PowerlinkMessage& out) noexcept {
  const std::uint8_t service = in.u8();
  out.service = service;
  switch (service) {
    case PowerlinkService::kIdent:
    case PowerlinkService::kStatus:
      in.u16le();
      out.state = in.u8();
      if (service == PowerlinkService::kIdent) out.identity = read_identity(in);
      break;
    case PowerlinkService::kNmtRequest:
      out.command = in.u8();
      out.target = in.u8();
      break;
    case PowerlinkService::kNmtCommand: out.command = in.u8(); break;
    case PowerlinkService::kSdo: {
      // Alone the sequence's four octets keep a connection; short frames are filled up with zeros.
      ByteReader sequence = in;
      sequence.u32le();
      sequence.u16le();
      sequence.u8();
      if (sequence.u8() != 0) out.sdo = read_sdo(in);
      break;
    }
    default: break;
  }
}

}  // namespace

std::optional<DecodeError> read_powerlink(Bytes payload, PowerlinkMessage& out) noexcept {
  constexpr std::uint8_t kTypeBits = 0x7f;
  ByteReader in{payload};
  out.type = in.u8() & kTypeBits;
  out.destination = in.u8();
  out.source = in.u8();
  if (!in.ok()) return DecodeError::truncated;
  switch (out.type) {
    case PowerlinkType::kPres: out.state = in.u8(); break;
    case PowerlinkType::kSoa:
      out.state = in.u8();
      in.u16be();
      out.service = in.u8();
      out.target = in.u8();
      break;
    case PowerlinkType::kAsnd: read_asnd(in, out); break;
    default:
      if (powerlink_type_name(out.type).empty()) return DecodeError::bad_value;
  }
  return in.ok() ? std::nullopt : std::optional{DecodeError::truncated};
}

std::string_view powerlink_type_name(std::uint8_t type) noexcept {
  switch (type) {
    case PowerlinkType::kSoc: return "SoC";
    case PowerlinkType::kPreq: return "PReq";
    case PowerlinkType::kPres: return "PRes";
    case PowerlinkType::kSoa: return "SoA";
    case PowerlinkType::kAsnd: return "ASnd";
    case PowerlinkType::kAmni: return "AMNI";
    case PowerlinkType::kAinv: return "AInv";
    default: return {};
  }
}

std::string_view powerlink_service_name(std::uint8_t service) noexcept {
  static constexpr std::array<std::string_view, 6> kNames{"none",        "ident",       "status",
                                                          "nmt_request", "nmt_command", "sdo"};
  if (service == 0xff) return "unspecified";
  return service < kNames.size() ? kNames[service] : std::string_view{};
}

namespace {

struct Name {
  std::uint8_t number;
  std::string_view name;
};

std::string_view find(std::span<const Name> names, std::uint8_t number) noexcept {
  const auto found = std::ranges::find(names, number, &Name::number);
  return found == names.end() ? std::string_view{} : found->name;
}

}  // namespace

std::string_view powerlink_state_name(std::uint8_t state) noexcept {
  static constexpr auto kNames = std::to_array<Name>({
      {0x00, "off"},
      {0x19, "initialising"},
      {0x1c, "not_active"},
      {0x1d, "pre_operational_1"},
      {0x1e, "basic_ethernet"},
      {0x29, "reset_application"},
      {0x39, "reset_communication"},
      {0x4d, "stopped"},
      {0x5d, "pre_operational_2"},
      {0x6d, "ready_to_operate"},
      {0x79, "reset_configuration"},
      {0xfd, "operational"},
  });
  return find(kNames, state);
}

std::string_view powerlink_command_name(std::uint8_t command) noexcept {
  static constexpr auto kNames = std::to_array<Name>({
      {0x21, "NMTStartNode"},
      {0x22, "NMTStopNode"},
      {0x23, "NMTEnterPreOperational2"},
      {0x24, "NMTEnableReadyToOperate"},
      {0x28, "NMTResetNode"},
      {0x29, "NMTResetCommunication"},
      {0x2a, "NMTResetConfiguration"},
      {0x2b, "NMTSwReset"},
      {0x41, "NMTStartNodeEx"},
      {0x42, "NMTStopNodeEx"},
      {0x43, "NMTEnterPreOperational2Ex"},
      {0x44, "NMTEnableReadyToOperateEx"},
      {0x48, "NMTResetNodeEx"},
      {0x49, "NMTResetCommunicationEx"},
      {0x4a, "NMTResetConfigurationEx"},
      {0x4b, "NMTSwResetEx"},
      {0x62, "NMTNetHostNameSet"},
      {0x63, "NMTFlushArpEntry"},
      {0x80, "NMTPublishConfiguredNodes"},
      {0x90, "NMTPublishActiveNodes"},
      {0x91, "NMTPublishPreOperational1"},
      {0x92, "NMTPublishPreOperational2"},
      {0x93, "NMTPublishReadyToOperate"},
      {0x94, "NMTPublishOperational"},
      {0x95, "NMTPublishStopped"},
      {0x96, "NMTPublishNodeStates"},
      {0xa0, "NMTPublishEmergencyNew"},
      {0xb0, "NMTPublishTime"},
      {0xff, "NMTInvalidService"},
  });
  return find(kNames, command);
}

std::string_view powerlink_sdo_name(std::uint8_t command) noexcept {
  static constexpr auto kNames = std::to_array<Name>({
      {0x01, "WriteByIndex"},
      {0x02, "ReadByIndex"},
      {0x03, "WriteAllByIndex"},
      {0x04, "ReadAllByIndex"},
      {0x05, "WriteByName"},
      {0x06, "ReadByName"},
      {0x20, "FileWrite"},
      {0x21, "FileRead"},
      {0x31, "WriteMultipleParameterByIndex"},
      {0x32, "ReadMultipleParameterByIndex"},
      {0x70, "MaximumSegmentSize"},
      {0x71, "LinkNameToIndex"},
  });
  return find(kNames, command);
}

IcsOperation powerlink_command_operation(std::uint8_t command) noexcept {
  switch (command) {
    case 0x21:
    case 0x41: return IcsOperation::start;
    case 0x22:
    case 0x42:
    case 0x23:
    case 0x43: return IcsOperation::stop;
    case 0x24:
    case 0x44: return IcsOperation::control;
    case 0x62: return IcsOperation::write;
    case 0xb0: return IcsOperation::time_set;
    default: break;
  }
  const bool resets = (command >= 0x28 && command <= 0x2b) || (command >= 0x48 && command <= 0x4b);
  return resets ? IcsOperation::restart : IcsOperation::other;
}

IcsOperation powerlink_sdo_operation(std::uint8_t command) noexcept {
  switch (command) {
    case 0x01:
    case 0x03:
    case 0x05:
    case 0x31: return IcsOperation::write;
    case 0x02:
    case 0x04:
    case 0x06:
    case 0x32: return IcsOperation::read;
    case 0x20:
    case 0x21: return IcsOperation::file;
    default: return IcsOperation::other;
  }
}

}  // namespace nw::network
