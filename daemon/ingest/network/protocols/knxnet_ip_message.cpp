#include "ingest/network/protocols/knxnet_ip_message.h"

#include <algorithm>
#include <array>

#include "ingest/network/protocols/knx_cemi.h"

namespace nw::network {

namespace {

using enum IcsOperation;

constexpr std::uint8_t kHeaderBytes = 6, kVersion = 0x10;

// clang-format off
constexpr auto kServices = std::to_array<KnxIpServiceSpec>({
    {0x0201, "Search Request", identify, "h", 0},
    {0x0202, "Search Response", identify, "hd", 0},
    {0x0203, "Description Request", identify, "h", 0x0204},
    {0x0204, "Description Response", identify, "d", 0},
    {0x0205, "Connect Request", other, "hHi", 0x0206},
    {0x0206, "Connect Response", other, "ct?Ha", 0},
    {0x0207, "Connection State Request", other, "c_h", 0x0208},
    {0x0208, "Connection State Response", other, "ct", 0},
    {0x0209, "Disconnect Request", other, "c_h", 0x020A},
    {0x020A, "Disconnect Response", other, "ct", 0},
    {0x020B, "Search Request Extended", identify, "hx", 0},
    {0x020C, "Search Response Extended", identify, "hd", 0},
    {0x0310, "Device Configuration Request", other, "nm", 0},
    {0x0311, "Device Configuration Ack", other, "n", 0},
    {0x0420, "Tunnelling Request", other, "nm", 0},
    {0x0421, "Tunnelling Ack", other, "n", 0},
    {0x0422, "Tunnelling Feature Get", read, "nf", 0x0423},
    {0x0423, "Tunnelling Feature Response", read, "nf", 0},
    {0x0424, "Tunnelling Feature Set", write, "nf", 0x0423},
    {0x0425, "Tunnelling Feature Info", read, "nf", 0},
    {0x0530, "Routing Indication", other, "m", 0},
    {0x0531, "Routing Lost Message", diagnose, "l", 0},
    {0x0532, "Routing Busy", diagnose, "b", 0},
    {0x0533, "Routing System Broadcast", other, "m", 0},
    {0x0740, "Remote Diagnostic Request", diagnose, "hS", 0},
    {0x0741, "Remote Diagnostic Response", diagnose, "Sd", 0},
    {0x0742, "Remote Basic Configuration Request", program, "hSd", 0},
    {0x0743, "Remote Reset Request", restart, "Sr_", 0},
    {0x0950, "Secure Wrapper", other, "wx", 0},
    {0x0951, "Session Request", other, "hx", 0x0952},
    {0x0952, "Session Response", other, "wx", 0},
    {0x0953, "Session Authenticate", other, "_ux", 0x0954},
    {0x0954, "Session Status", other, "T_", 0},
    {0x0955, "Timer Notify", other, "x", 0},
});
// clang-format on
static_assert(std::ranges::is_sorted(kServices, {}, &KnxIpServiceSpec::code));

// Nothing when it is cut off.
std::optional<std::uint8_t> read_u8(ByteReader& reader) {
  const std::uint8_t number = reader.u8();
  return reader.ok() ? std::optional{number} : std::nullopt;
}

std::optional<std::uint16_t> read_u16(ByteReader& reader) {
  const std::uint16_t number = reader.u16be();
  return reader.ok() ? std::optional{number} : std::nullopt;
}

// The part whose length comes first, that included.
ByteReader read_structure(ByteReader& reader) {
  ByteReader peek = reader;
  const std::size_t length = peek.u8();
  ByteReader inner = reader.sub(std::max<std::size_t>(length, 1));
  inner.u8();
  return inner;
}

std::optional<KnxIpEndpoint> read_endpoint(ByteReader& reader) {
  ByteReader in = read_structure(reader);
  KnxIpEndpoint out;
  out.transport = in.u8();
  out.address = in.u32be();
  out.port = in.u16be();
  if (in.ok()) return out;
  reader.bytes(reader.rest().size() + 1);  // what is behind cannot be right
  return {};
}

// Devices refuse another length, or do not look at it: what it carries is behind four octets in any case.
void read_connection_header(ByteReader& reader, KnxIpBody& out) {
  constexpr std::uint8_t kBytes = 4;
  out.odd = reader.u8() != kBytes;
  out.channel = read_u8(reader);
  out.sequence = read_u8(reader);
  out.status = read_u8(reader);
}

// | length | type u8 | of a tunnel: layer u8, left out u8, and perhaps the address that it is to have |
void read_wanted(ByteReader& reader, KnxIpBody& out) {
  ByteReader in = read_structure(reader);
  out.connection = read_u8(in);
  if (!in.empty()) out.layer = in.u8();
  in.bytes(std::min<std::size_t>(in.rest().size(), 1));
  if (in.rest().size() >= 2) out.address = in.u16be();
}

void read_given(ByteReader& reader, KnxIpBody& out) {
  ByteReader in = read_structure(reader);
  out.connection = read_u8(in);
  if (in.rest().size() >= 2) out.address = in.u16be();
}

void read_device(ByteReader& in, KnxIpDevice& out) {
  constexpr std::size_t kSerialBytes = 6, kMulticastBytes = 4, kHardwareBytes = 6, kNameBytes = 30;
  out.medium = in.u8();
  out.status = in.u8();
  out.address = in.u16be();
  out.project = in.u16be();
  out.serial = in.bytes(kSerialBytes);
  in.bytes(kMulticastBytes);
  out.hardware = in.bytes(kHardwareBytes);
  const Bytes name = in.bytes(std::min(in.rest().size(), kNameBytes));
  out.name = name.first(static_cast<std::size_t>(std::ranges::find(name, std::uint8_t{0}) - name.begin()));
}

bool read_block(ByteReader in, KnxIpDevice& device) {
  enum Block : std::uint8_t { kDevice = 1, kFamilies = 2, kMore = 8, kMaker = 0xFE };
  KnxIpDevice out = device;
  switch (in.u8()) {
    case kDevice: read_device(in, out); break;
    case kFamilies: out.families = in.rest(); break;
    case kMore:
      in.u32be();
      out.descriptor = in.u16be();
      break;
    case kMaker: out.maker = in.u16be(); break;
    default: break;
  }
  if (in.ok()) device = out;
  return in.ok();
}

void read_blocks(ByteReader& reader, KnxIpDevice& out) {
  while (!reader.empty())
    if (!read_block(read_structure(reader), out)) reader.bytes(reader.rest().size() + 1);
}

// | length | left out u8 | number u16 | of busy: left out u16 |
std::optional<std::uint16_t> read_count(ByteReader& reader) {
  ByteReader in = read_structure(reader);
  in.u8();
  return read_u16(in);
}

void read_part(char letter, ByteReader& reader, KnxIpBody& out) {
  switch (letter) {
    case 'h': out.control = read_endpoint(reader); return;
    case 'H': out.data = read_endpoint(reader); return;
    case 'c': out.channel = read_u8(reader); return;
    case 't': out.status = read_u8(reader); return;
    case 'n': return read_connection_header(reader, out);
    case 'i': return read_wanted(reader, out);
    case 'a': return read_given(reader, out);
    case 'd': return read_blocks(reader, out.device);
    case 'f':
      out.feature = read_u8(reader);
      out.result = read_u8(reader);
      out.value = reader.bytes(reader.rest().size());
      return;
    case 'l': out.lost = read_count(reader); return;
    case 'b': out.wait = read_count(reader); return;
    case 'S': out.selected = read_structure(reader).rest(); return;
    case 'r': out.reset = read_u8(reader); return;
    case 'w': out.session = read_u16(reader); return;
    case 'u': out.user = read_u8(reader); return;
    case 'T': out.result = read_u8(reader); return;
    case '_': reader.u8(); return;
    case 'm': out.cemi = reader.bytes(reader.rest().size()); return;
    default: reader.bytes(reader.rest().size()); return;
  }
}

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, std::size_t index) {
  return index < N ? names[index] : std::string_view{};
}

}  // namespace

std::optional<DecodeError> read_knx_ip(ByteReader& reader, KnxIpMessage& out, KnxIpServices services) {
  constexpr std::uint16_t kLengthMax = 2048;  // descriptions have some hundred octets, telegrams at most 300
  ByteReader behind = reader;
  const std::uint8_t header = behind.u8();
  if (behind.ok() && header != kHeaderBytes) return DecodeError::bad_value;
  const std::uint8_t version = behind.u8();
  if (behind.ok() && version != kVersion) return DecodeError::bad_value;
  const std::uint16_t service = behind.u16be();
  const bool taken = services == KnxIpServices::any || find_knx_ip_service(service) != nullptr;
  if (behind.ok() && !taken) return DecodeError::bad_value;
  const std::uint16_t length = behind.u16be();
  if (!behind.ok()) return DecodeError::truncated;
  if (length < kHeaderBytes || length > kLengthMax) return DecodeError::bad_value;
  out = {service, behind.rest()};
  const Bytes body = behind.bytes(length - kHeaderBytes);
  if (!behind.ok()) return DecodeError::truncated;
  out.body = body;
  reader = behind;
  return {};
}

bool begins_knx_ip(Bytes bytes) {
  ByteReader reader{bytes};
  const bool is_header = reader.u8() == kHeaderBytes && reader.u8() == kVersion;
  const std::uint16_t service = reader.u16be();
  reader.u16be();
  return reader.ok() && is_header && find_knx_ip_service(service) != nullptr;
}

std::optional<DecodeError> read_knx_ip_datagram(ByteReader& reader, KnxIpMessage& out) {
  ByteReader all = reader;
  out = {};
  const auto fault = read_knx_ip(reader, out, KnxIpServices::any);
  if (!fault && (reader.empty() || begins_knx_ip(reader.rest()))) return {};
  out = {};
  reader.bytes(reader.rest().size());
  if (begins_knx_ip(all.rest())) {
    all.u16be();
    out.service = all.u16be();
    all.u16be();
    out.body = all.rest();
  }
  return fault.value_or(DecodeError::bad_value);
}

bool read_knx_ip_body(std::string_view layout, Bytes body, KnxIpBody& out) {
  ByteReader reader{body};
  bool optional = false;
  for (const char letter : layout) {
    if (letter == '?')
      optional = true;
    else if (!optional || !reader.empty())
      read_part(letter, reader, out);
  }
  if (layout.starts_with('n') && layout != "n") out.status.reset();  // only an acknowledgement has one
  return reader.ok() && !out.odd;
}

const KnxIpServiceSpec* find_knx_ip_service(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(kServices, code, {}, &KnxIpServiceSpec::code);
  return found == kServices.end() || found->code != code ? nullptr : &*found;
}

bool knx_ip_answers(std::uint16_t code) {
  return code != 0 && std::ranges::find(kServices, code, &KnxIpServiceSpec::answer) != kServices.end();
}

std::string_view knx_ip_status_name(std::uint8_t status) {
  constexpr std::uint8_t kConnections = 0x21;
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"E_NO_ERROR", "E_HOST_PROTOCOL_TYPE", "E_VERSION_NOT_SUPPORTED", "", "E_SEQUENCE_NUMBER"});
  static constexpr auto kConnectionNames =
      std::to_array<std::string_view>({"E_CONNECTION_ID", "E_CONNECTION_TYPE", "E_CONNECTION_OPTION",
                                       "E_NO_MORE_CONNECTIONS", "E_NO_MORE_UNIQUE_CONNECTIONS", "E_DATA_CONNECTION",
                                       "E_KNX_CONNECTION", "E_AUTHORISATION_ERROR", "E_TUNNELLING_LAYER"});
  return status < kConnections ? at(kNames, status) : at(kConnectionNames, status - std::size_t{kConnections});
}

std::string_view knx_ip_session_status_name(std::uint8_t status) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"STATUS_AUTHENTICATION_SUCCESS", "STATUS_AUTHENTICATION_FAILED",
                                       "STATUS_UNAUTHENTICATED", "STATUS_TIMEOUT", "STATUS_KEEPALIVE", "STATUS_CLOSE"});
  return at(kNames, status);
}

std::string_view knx_ip_connection_name(std::uint8_t type) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"", "", "", "device_management", "tunnel", "", "remote_logging", "remote_configuration", "object_server"});
  return at(kNames, type);
}

std::string_view knx_ip_layer_name(std::uint8_t layer) {
  switch (layer) {
    case 0x02: return "link";
    case 0x04: return "raw";
    case 0x80: return "busmonitor";
    default: return {};
  }
}

std::string_view knx_ip_family_name(std::uint8_t family) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"", "", "core", "device_management", "tunnelling", "routing", "remote_logging",
                                       "remote_configuration", "object_server", "security"});
  return at(kNames, family);
}

std::string_view knx_medium_name(std::uint8_t medium) {
  switch (medium) {
    case 0x01: return "TP0";
    case 0x02: return "TP1";
    case 0x04: return "PL110";
    case 0x08: return "PL132";
    case 0x10: return "RF";
    case 0x20: return "IP";
    default: return {};
  }
}

void describe_knx_ip(std::uint16_t service, const KnxIpBody& body, bool texts, IcsCommand& out) {
  const KnxIpServiceSpec* spec = find_knx_ip_service(service);
  out.operation = spec == nullptr ? IcsOperation::other : spec->operation;
  if (!texts) return;
  if (service == kKnxConnect && body.connection) {
    out.target.append(knx_ip_connection_name(*body.connection));
    if (body.layer) out.value.append(knx_ip_layer_name(*body.layer));
  } else if (body.channel) {
    out.target.append("channel/");
    out.target.append_number(*body.channel);
  }
  if (!body.selected.empty()) {
    out.target.append("selected/");
    out.target.append_octets(body.selected);
  }
  if (!body.feature) return;
  out.target.append("/feature/");
  out.target.append_number(*body.feature);
  out.value.append_octets(body.value);
}

}  // namespace nw::network
