#include "ingest/network/protocols/codesys_message.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nw::network {

namespace {

enum Service : std::uint8_t { kAddressRequest = 1, kAddressResponse, kNameRequest, kNameResponse, kChannels = 0x40 };
enum ChannelType : std::uint8_t {
  kBlock = 0x01,
  kAck = 0x02,
  kKeepAlive = 0x03,
  kInfoResponse = 0x82,
  kOpenResponse = 0x83,
  kCloseResponse = 0x84,
  kInfo = 0xc2,
  kOpen = kCodesysOpen,
  kClose = 0xc4,
};
enum Group : std::uint8_t { kDevice = 0x01, kApplication = 0x02, kFileTransfer = 0x08, kShell = 0x11 };
constexpr std::uint8_t kDatagramMagic = 0xc5;
constexpr std::uint16_t kPlain = 0xcd55, kEncrypted = 0x7557, kIdentification = 0xc280;

Bytes before_zero(Bytes text) {
  return text.first(static_cast<std::size_t>(std::ranges::find(text, 0) - text.begin()));
}

Bytes behind(Bytes bytes, std::size_t count) { return bytes.subspan(std::min(bytes.size(), count)); }

// Seven bits an octet, the low ones first; some are filled up with zeros, however many.
std::uint32_t read_number(ByteReader& in) {
  constexpr unsigned kBits = 7, kShiftMax = 28;
  std::uint32_t number = 0;
  for (unsigned shift = 0;; shift = std::min(shift + kBits, kShiftMax + kBits)) {
    const std::uint8_t octet = in.u8();
    const std::uint32_t bits = octet & 0x7fU;
    if (shift <= kShiftMax) {
      number |= bits << shift;
    } else if (bits != 0) {  // longer than any length here
      in.bytes(in.rest().size() + 1);
      return 0;
    }
    if ((octet & 0x80U) == 0) return number;
  }
}

// The value of the last tag with that id, as who reads one behind the other keeps it; nothing when there is none, or it
// is not whole. `first`: that of the first one, when there are several.
Bytes find_tag(Bytes tags, std::uint32_t id, Bytes* first = nullptr) {
  std::optional<Bytes> found;
  for (ByteReader in{tags}; !in.empty();) {
    const std::uint32_t at = read_number(in);
    const Bytes value = in.bytes(read_number(in));
    if (!in.ok() || at != id) continue;
    if (found && first != nullptr) *std::exchange(first, nullptr) = *found;
    found = value;
  }
  return found.value_or(Bytes{});
}

// Of two octets or more, the low ones.
std::optional<std::uint16_t> number_of(Bytes value, bool big) {
  constexpr std::size_t kBytes = 2;
  if (value.size() < kBytes) return {};
  ByteReader in{big ? value.last(kBytes) : value.first(kBytes)};
  return big ? in.u16be() : in.u16le();
}

void read_application(Bytes tags, bool big, CodesysMessage& out) {
  enum Command : std::uint16_t { kStart = 0x10, kStop, kReset, kSingleCycle = 0x22 };
  const std::uint16_t command = out.subject.command;
  if (out.request && command == kReset) {
    out.reset = number_of(find_tag(find_tag(tags, 0x81), 0x10), big);
    if (!out.reset) out.reset = number_of(find_tag(tags, 0x10), big);
  }
  const bool results = command == kStart || command == kStop || command == kReset || command == kSingleCycle;
  if (!out.request && results) out.error = number_of(find_tag(tags, 0x01), big);
}

// Who renames gives two names.
void read_file_transfer(Bytes tags, bool big, CodesysMessage& out) {
  constexpr std::uint32_t kFile = 0x01, kError = 0x08, kDirectory = 0x0b, kStarted = 0x84;
  if (!out.request) {
    out.error = number_of(find_tag(tags, kError), big);
    if (!out.error) out.error = number_of(find_tag(find_tag(tags, kStarted), kError), big);
    return;
  }
  for (const std::uint32_t id : {kFile, kDirectory}) {
    if (!out.path.empty()) return;
    Bytes before;
    out.path = before_zero(find_tag(tags, id, &before));
    out.path_before = before_zero(before);
  }
}

// What any service answers that fails, or for which the user has no right.
void read_failure(Bytes tags, bool big, CodesysMessage& out) {
  constexpr std::uint32_t kError = 0xff7f, kAccess = 0xff82, kAccessResult = 0x20;
  const auto failed = number_of(find_tag(tags, kError), big);
  const auto denied = number_of(find_tag(find_tag(tags, kAccess), kAccessResult), big);
  if (failed.value_or(0) != 0) out.error = failed;
  if (denied.value_or(0) != 0) out.error = denied;
}

void read_tags(Bytes tags, bool big, CodesysMessage& out) {
  constexpr std::uint8_t kLogin = 2;
  const bool request = out.request;
  switch (out.subject.code) {
    case kDevice: {
      if (out.subject.command != kLogin) break;
      const Bytes who = find_tag(tags, 0x81);
      if (request) {
        out.user = before_zero(find_tag(who, 0x10));
        out.password = !find_tag(who, 0x11).empty();
      }
      if (!request) out.error = number_of(find_tag(find_tag(tags, 0x82), 0x20), big);
      break;
    }
    case kApplication: read_application(tags, big, out); break;
    case kFileTransfer: read_file_transfer(tags, big, out); break;
    case kShell:
      if (request) out.shell = before_zero(find_tag(tags, 0x10));
      if (request) out.arguments = before_zero(find_tag(tags, 0x12));
      break;
    default: break;
  }
  if (!request) read_failure(tags, big, out);
}

bool read_block(ByteReader& in, CodesysMessage& out) {
  const bool first = (in.u8() & 1U) != 0;
  out.channel = in.u16le();
  out.block = in.u32le();
  in.u32le();
  if (first) {
    out.size = in.u32le();
    in.u32le();
  }
  out.part = in.rest();
  return in.ok();
}

// | flags u8 | version u16 = 101 | CRC u32 | then to open number u32 | (response: reason u16 | channel u16) | ...; to
// close | channel u16 | reason u16 |
bool read_connection(ByteReader& in, std::uint8_t type, CodesysMessage& out) {
  constexpr std::uint16_t kVersion = 0x0101;
  in.u8();
  if (in.u16le() != kVersion) return type == kInfo || type == kInfoResponse;  // whose inside nobody published
  in.u32le();
  out.request = type >= 0xc0;
  out.waits = type == kOpen;
  out.subject = {CodesysKind::channel, type, 0, 0};
  if (type == kOpen || type == kOpenResponse) out.subject.key = in.u32le();
  if (type == kOpenResponse) out.error = in.u16le();
  if (type == kOpenResponse || type == kClose) out.channel = in.u16le();
  return in.ok();
}

bool read_channel(Bytes bytes, CodesysMessage& out) {
  ByteReader in{bytes};
  const std::uint8_t type = in.u8();
  switch (type) {
    case kBlock: return read_block(in, out);
    case kAck:
    case kKeepAlive:
      in.u8();
      out.channel = in.u16le();
      return in.ok();
    case kCloseResponse: return true;  // its inside nobody published
    case kInfo:
    case kInfoResponse:
    case kOpen:
    case kOpenResponse:
    case kClose: return read_connection(in, type, out);
    default: return false;
  }
}

// | channels u16 | order u8 | u8 | parent's length, node's, device's, vendor's u16 | type, id, version, flags u32 |
// serial's length u8 | 3 | 8 | parent | node, device, vendor: UTF-16 with a zero behind | serial |
CodesysIdentity read_identity(ByteReader& in) {
  constexpr std::size_t kBefore = 4, kFlags = 4, kBetween = 11;
  CodesysIdentity out;
  in.bytes(kBefore);
  const bool parent = in.u16le() != 0;
  const std::size_t node = in.u16le(), device = in.u16le(), vendor = in.u16le();
  out.type = in.u32le();
  out.id = in.u32le();
  out.version = in.u32le();
  in.bytes(kFlags);
  const std::size_t serial = in.u8();
  in.bytes(kBetween);
  if (parent) return out;  // analyses do not agree on its length
  const auto text = [&](std::size_t characters) {
    const Bytes units = in.bytes(2 * characters);
    in.u16le();
    return units;
  };
  out.node = text(node);
  out.device = text(device);
  out.vendor = text(vendor);
  out.serial = in.bytes(serial);
  return out;
}

bool read_names(Bytes bytes, bool request, CodesysMessage& out) {
  constexpr std::uint16_t kOldVersion = 0x0103, kVersion = 0x0400;
  ByteReader in{bytes};
  const std::uint16_t package = in.u16le();
  const std::uint16_t version = in.u16le();
  const std::uint32_t number = in.u32le();
  if (!in.ok() || codesys_package_name(package).empty() || (version != kVersion && version != kOldVersion))
    return false;
  out.request = request;
  out.waits = request;
  out.subject = {CodesysKind::names, 0, package, number};
  if (request || package != kIdentification) return true;
  out.identity = read_identity(in);
  return in.ok();
}

std::optional<DecodeError> read_v3_block(ByteReader& reader, CodesysFrame& out) {
  static constexpr std::array<std::uint8_t, 4> kMagic{0x00, 0x01, 0x17, 0xe8};
  constexpr std::size_t kHeadMin = 6;
  ByteReader in = reader;
  const Bytes magic = in.rest().first(std::min(in.rest().size(), kMagic.size()));
  if (!std::ranges::equal(magic, Bytes{kMagic}.first(magic.size()))) return DecodeError::bad_value;
  in.bytes(kMagic.size());
  const std::uint32_t length = in.u32le();
  if (!in.ok()) return DecodeError::truncated;
  if (length < CodesysFrame::kBlockHeader + kHeadMin || length > CodesysFrame::kBlockMax) return DecodeError::bad_value;
  if (!in.empty() && in.rest().front() != kDatagramMagic) return DecodeError::bad_value;
  out.v3 = true;
  out.payload = in.bytes(length - CodesysFrame::kBlockHeader);
  if (!in.ok()) return DecodeError::truncated;
  reader = in;
  return {};
}

std::optional<DecodeError> read_v2_frame(ByteReader& reader, CodesysFrame& out) {
  ByteReader in = reader;
  in.bytes(2);
  ByteReader turned = in;
  const std::uint32_t little = in.u32le(), large = turned.u32be();
  if (!in.ok()) return DecodeError::truncated;
  // No frame is so long that both orders make sense. Some scanners say one at both ends.
  constexpr std::uint32_t kScanner = 0x01000001;
  std::uint32_t length = large <= CodesysFrame::kV2Max ? large : little;
  if (length == kScanner) length = 1;
  if (length == 0 || length > CodesysFrame::kV2Max) return DecodeError::bad_value;
  out.payload = in.bytes(length);
  if (!in.ok()) return DecodeError::truncated;
  reader = in;
  return {};
}

std::optional<DecodeError> read_v2_long_frame(ByteReader& reader, bool side, CodesysFrame& out) {
  constexpr std::size_t kZeros = 8, kKind = 4;
  ByteReader in = reader;
  in.bytes(2);
  const std::uint16_t one = in.u16le();
  const std::uint32_t length = in.u32le();
  const Bytes zeros = in.bytes(kZeros);
  const std::uint32_t count = in.u32le();
  in.bytes(kKind);
  if (!in.ok()) return DecodeError::truncated;
  const bool empty = std::ranges::all_of(zeros, [](std::uint8_t octet) { return octet == 0; });
  if (one != 1 || count != 1 || !empty || length > CodesysFrame::kV2Max) return DecodeError::bad_value;
  out.side = side;
  out.payload = in.bytes(length);
  if (!in.ok()) return DecodeError::truncated;
  reader = in;
  return {};
}

}  // namespace

std::optional<DecodeError> read_codesys_frame(ByteReader& reader, CodesysFrame& out) {
  out = {};
  const Bytes rest = reader.rest();
  if (rest.empty()) return DecodeError::truncated;
  if (rest.front() == 0) return read_v3_block(reader, out);
  const bool known = rest.front() == 0xbb || rest.front() == 0xcc || rest.front() == 0x66;
  if (!known || (rest.size() > 1 && rest[1] != rest[0])) return DecodeError::bad_value;
  if (rest.front() == 0xbb) return read_v2_frame(reader, out);
  return read_v2_long_frame(reader, rest.front() == 0x66, out);
}

bool read_codesys_v3(Bytes datagram, CodesysMessage& out) {
  constexpr std::size_t kHeaderUnits = 3, kUnit = 2, kAlignment = 4;
  ByteReader in{datagram};
  out = {};
  const std::uint8_t magic = in.u8(), hops = in.u8(), info = in.u8(), service = in.u8();
  in.u8();
  const std::uint8_t lengths = in.u8();
  const std::size_t units = hops & 7U;
  if (magic != kDatagramMagic || units < kHeaderUnits) return false;
  out.priority = static_cast<std::uint8_t>(info >> 6U);
  in.bytes(kUnit * (units - kHeaderUnits));  // some have one more, of unknown meaning
  out.receiver = in.bytes(kUnit * (lengths & 0xfU));
  out.sender = in.bytes(kUnit * (lengths >> 4U));
  if ((kUnit * units + out.receiver.size() + out.sender.size()) % kAlignment != 0) in.bytes(kUnit);
  if (!in.ok()) return false;
  switch (service) {
    case kAddressRequest:
    case kAddressResponse: return true;
    case kNameRequest:
    case kNameResponse: return read_names(in.rest(), service == kNameRequest, out);
    case kChannels: return read_channel(in.rest(), out);
    default: return false;
  }
}

bool read_codesys_service(Bytes bytes, CodesysMessage& out) {
  constexpr std::size_t kBeforeLength = 4;  // of the protocol and of the length itself
  ByteReader in{bytes}, turned{bytes};
  // Who asks turns what he says to the controller's order of octets, but for that of the layers below.
  const std::uint16_t large = turned.u16be();
  const bool big = large == kPlain || large == kEncrypted;
  const auto u16 = [&] { return big ? in.u16be() : in.u16le(); };
  const auto u32 = [&] { return big ? in.u32be() : in.u32le(); };
  const std::uint16_t protocol = u16();
  const std::uint16_t header = u16();
  const std::uint16_t group = u16();
  const std::uint16_t command = u16();
  out.session = u32();
  u32();
  out.encrypted = protocol == kEncrypted;
  if (!in.ok() || (protocol != kPlain && !out.encrypted)) return false;
  out.request = (group & 0x80U) == 0;
  out.waits = out.request;
  out.subject = {CodesysKind::service, static_cast<std::uint8_t>(group & 0x7fU), command, *out.channel};
  if (!out.encrypted) read_tags(behind(bytes, std::size_t{header} + kBeforeLength), big, out);
  return true;
}

void read_codesys_v2(const CodesysFrame& frame, bool request, CodesysMessage& out) {
  enum : std::uint8_t { kWriteFile = 0x2f, kReadFile = 0x31, kRunShell = 0x92 };
  constexpr std::size_t kWrittenAt = 6, kReadAt = 4, kShellAt = 5;
  out = {};
  out.request = request;
  out.size = static_cast<std::uint32_t>(frame.payload.size());
  out.subject.kind = CodesysKind::v2;
  out.subject.command = frame.side ? kCodesysV2Side : kCodesysV2Response;
  if (frame.side || !request) return;
  out.subject.command = 0;
  out.waits = true;
  if (frame.payload.empty()) return;
  out.subject.code = frame.payload.front();
  switch (out.subject.code) {
    case kWriteFile: out.path = before_zero(behind(frame.payload, kWrittenAt)); break;
    case kReadFile: out.path = before_zero(behind(frame.payload, kReadAt)); break;
    case kRunShell:
      // With a one it acknowledges a part of the answer.
      if (frame.payload.size() > kShellAt && frame.payload[1] != 1)
        out.shell = before_zero(behind(frame.payload, kShellAt));
      break;
    default: break;
  }
}

void read_codesys_v2_identity(Bytes payload, CodesysMessage& out) {
  constexpr std::size_t kSystemAt = 58, kTextBytes = 32;
  ByteReader in{behind(payload, kSystemAt)};
  out.os = before_zero(in.bytes(kTextBytes));
  out.os_type = before_zero(in.bytes(kTextBytes));
  out.product = before_zero(in.rest().first(std::min(in.rest().size(), kTextBytes)));
}

IcsCommand codesys_command(const CodesysMessage& message, bool texts) {
  IcsCommand command;
  command.operation = codesys_operation(message.subject);
  if (!message.shell.empty()) command.operation = codesys_shell_operation(message.shell);
  constexpr std::uint16_t kResetOrigin = 2;  // it and those behind it delete the application
  if (message.reset.value_or(0) >= kResetOrigin) command.operation = IcsOperation::program;
  if (!texts) return command;
  if (message.reset) command.value.append(codesys_reset_name(*message.reset));
  if (!message.path_before.empty()) {
    command.target.append("file/");
    command.target.append_escaped(message.path_before);
    command.target.next();
  }
  if (!message.path.empty()) {
    command.target.append("file/");
    command.target.append_escaped(message.path);
  } else if (message.subject.kind == CodesysKind::service) {
    command.target.append(codesys_group_name(message.subject.code));
  }
  return command;
}

}  // namespace nw::network
