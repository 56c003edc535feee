// CODESYS, what programs controllers of several hundred makers. Never published: known from public analyses, and from
// the interface headers of its runtime (CmpSrvItf, CmpAppItf, CmpDeviceItf). Low octets first. V3 (Rapid7 2023,
// Microsoft's ICS forensics tools), over TCP behind a block driver, over UDP without:
// | 00 01 17 e8 | length u32, all of it | c5 | hops:5, header length:3 | priority:2, ...:6 | service u8 | message u8 |
// | sender's length:4, receiver's:4 | receiver | sender | padding to 4 |
// service 3, 4, names:     | package u16 | version u16 | request u32 | ... |
// service 40, channels:    | type u8 | flags u8 | ... | of which type 1, a block, is
// | 01 | request:1, first:1 in the last bit | channel u16 | block u32 | ack u32 | (first: size u32 | CRC u32) | part |
// of an application, in the controller's order of octets:
// | cd55 (encrypted: 7557) u16 | header length u16 | 8, response:1, group:7 | command u16 | session u32 | length u32 |
// | ... | tags: id, length (7 bits an octet), value; from 80 on of tags |
// V2 (Digital Bond 2012):  | bb bb | length u32, in the controller's order of octets | service u8 ... | or
//                          | cc cc (or 66 66) | 1 | length u32 | 8 of 0 | 1 u32 | 4 | service u8 ... |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class CodesysKind : std::uint8_t {
  none,  // what carries others, and says nothing itself: acknowledgements, keep-alives, addresses, blocks
  service,
  channel,
  names,
  v2,
};

// What a message is about: its name, and what joins a response to its request.
struct CodesysSubject {
  CodesysKind kind = CodesysKind::none;
  std::uint8_t code = 0;      // group of services, type of channel message, V2's service
  std::uint16_t command = 0;  // within the group; package of names
  std::uint32_t key = 0;      // channel, or number of the request
  bool operator==(const CodesysSubject&) const = default;
};
inline constexpr std::uint8_t kCodesysOpen = 0xc3, kCodesysV2Opening = 0x01;
// Commands of V2: its side channel, and a response, which has no service of its own.
inline constexpr std::uint16_t kCodesysV2Side = 0x6666, kCodesysV2Response = 0xffff;
void append_codesys_name(const CodesysSubject& subject, IcsText& text);

// What a controller says of itself.
struct CodesysIdentity {
  Bytes node, device, vendor;  // UTF-16
  Bytes serial;
  std::uint32_t type = 0, id = 0, version = 0;
};

// Views the input.
struct CodesysMessage {
  CodesysSubject subject;
  bool request = true, waits = false, encrypted = false, password = false;
  std::optional<std::uint8_t> priority;
  Bytes receiver, sender;
  std::optional<std::uint16_t> channel, error;  // `error`: why not, 0 when it was done
  std::optional<std::uint16_t> reset;           // of an application: which one
  std::optional<std::uint32_t> session, block, size;
  Bytes part;  // what a block has of a service's message; one with `size` is the first
  Bytes user, path, path_before, shell, arguments;  // `path_before`: of two names the first
  std::optional<CodesysIdentity> identity;
  Bytes os, os_type, product;  // V2's
};

// A block of V3 or a frame of V2 in a stream.
struct CodesysFrame {
  static constexpr std::size_t kBlockHeader = 8, kBlockMax = 4096, kV2Max = 16 * 1024;

  bool v3 = false, side = false;  // `side`: V2's 66 66
  Bytes payload;
};
// `truncated` asks for more bytes.
std::optional<DecodeError> read_codesys_frame(ByteReader& reader, CodesysFrame& out);

// A datagram of V3; false when it is none, or is cut. The inside of a block is not read.
bool read_codesys_v3(Bytes datagram, CodesysMessage& out);
// What its blocks carry; false when it is none, or is cut.
bool read_codesys_service(Bytes bytes, CodesysMessage& out);
// A frame's payload. V2's responses repeat nothing of their requests: who sends it says what it is.
void read_codesys_v2(const CodesysFrame& frame, bool request, CodesysMessage& out);
// What a response to V2's opening says of the controller.
void read_codesys_v2_identity(Bytes payload, CodesysMessage& out);

IcsCommand codesys_command(const CodesysMessage& message, bool texts);

// Empty when the number has no name.
std::string_view codesys_group_name(std::uint8_t group);
std::string_view codesys_command_name(std::uint8_t group, std::uint16_t command);
std::string_view codesys_channel_name(std::uint8_t type);
std::string_view codesys_package_name(std::uint16_t package);
std::string_view codesys_v2_name(std::uint8_t service);
std::string_view codesys_reset_name(std::uint16_t option);
IcsOperation codesys_operation(const CodesysSubject& subject);
// Of a command to the controller's shell.
IcsOperation codesys_shell_operation(Bytes command);
bool codesys_sets_password(Bytes command);
Bytes codesys_shell_word(Bytes command);

}  // namespace nw::network
