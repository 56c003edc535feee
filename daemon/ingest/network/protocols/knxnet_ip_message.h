// KNXnet/IP messages (ISO 22510; KNX standard 3/8/1 to 3/8/9).
// | 06 | version u8 = 10 | service u16 | octets of all u16 | body |
// Parts of bodies begin with their length: an endpoint | 8 | 1 UDP, 2 TCP | address 4 | port u16 |, a connection's
// header | 4 | channel u8 | sequence u8 | status u8 |, a block of a description | length | type u8 | ... |.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum KnxIpService : std::uint16_t {
  kKnxConnect = 0x0205,
  kKnxConnectResponse = 0x0206,
  kKnxManagement = 0x0310,
  kKnxManagementAck = 0x0311,
  kKnxTunnelling = 0x0420,
  kKnxTunnellingAck = 0x0421,
  kKnxRouting = 0x0530,
  kKnxSystemBroadcast = 0x0533,
  kKnxSessionStatus = 0x0954,
};

// A body's layout has a letter for each part: h and H endpoints for control and data, c channel, t status, n header of
// a connection, i what is to be connected, a what was, d blocks of a description, m cEMI, f feature, l lost telegrams,
// b busy, S selector of devices, r reset's command, w session of a secured message, u user, T status of a session, _ an
// octet left out, x the rest left out; behind ? the rest may be missing.
struct KnxIpServiceSpec {
  std::uint16_t code = 0;
  std::string_view name;
  IcsOperation operation = IcsOperation::other;
  std::string_view layout;
  std::uint16_t answer = 0;  // what answers it on the same flow; 0: nothing
};

struct KnxIpMessage {
  std::uint16_t service = 0;
  Bytes body{};  // views the input
};
// In step, what another service has is passed over by its length, as devices do; where a message is looked for, only
// services that we know are some.
enum class KnxIpServices : std::uint8_t { known, any };
// Moves only past a whole one; `truncated` asks for more octets, and behind a whole header tells what is there.
std::optional<DecodeError> read_knx_ip(ByteReader& reader, KnxIpMessage& out,
                                       KnxIpServices services = KnxIpServices::known);
// Whether a header of a service that we know stands there, whatever its length says.
bool begins_knx_ip(Bytes bytes);
// A datagram's next message. Some devices take what the datagram has for the length: where the header's lies, all that
// is left is the body. Moves past it, or to the end; of what is no message `out` has no service.
std::optional<DecodeError> read_knx_ip_datagram(ByteReader& reader, KnxIpMessage& out);

struct KnxIpEndpoint {
  std::uint8_t transport = 0;
  std::uint32_t address = 0;
  std::uint16_t port = 0;
};

// What blocks of a description say of a device.
struct KnxIpDevice {
  std::optional<std::uint8_t> medium, status;
  std::optional<std::uint16_t> address, project, maker, descriptor;
  Bytes serial{}, hardware{}, name{}, families{};  // families: pairs of number and version
};

struct KnxIpBody {
  std::optional<KnxIpEndpoint> control, data;
  std::optional<std::uint8_t> channel, sequence, status, connection, layer, feature, user, result, reset;
  std::optional<std::uint16_t> address, lost, wait, session;
  bool odd = false;  // the connection's header has a length of which there is none
  Bytes value{}, selected{}, cemi{};
  KnxIpDevice device;
};
// False when it is not whole; what could be read is there.
bool read_knx_ip_body(std::string_view layout, Bytes body, KnxIpBody& out);

const KnxIpServiceSpec* find_knx_ip_service(std::uint16_t code);
bool knx_ip_answers(std::uint16_t code);
std::string_view knx_ip_status_name(std::uint8_t status);
std::string_view knx_ip_session_status_name(std::uint8_t status);
std::string_view knx_ip_connection_name(std::uint8_t type);
std::string_view knx_ip_layer_name(std::uint8_t layer);
std::string_view knx_ip_family_name(std::uint8_t family);
std::string_view knx_medium_name(std::uint8_t medium);
// What a message without cEMI is about.
void describe_knx_ip(std::uint16_t service, const KnxIpBody& body, bool texts, IcsCommand& out);

}  // namespace nw::network
