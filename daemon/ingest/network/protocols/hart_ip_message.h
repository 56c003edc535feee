// HART-IP's messages (FieldComm Group, HCF_SPEC-085), and the HART commands in them (HCF_SPEC-81, -99, -127, -151).
// | version u8 | type u8 | id u8 | status u8 | sequence u16 | length u16, with these 8 octets | body |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum HartIpType : std::uint8_t { kHartRequest = 0, kHartResponse = 1, kHartPublish = 2, kHartNak = 15 };
enum HartIpId : std::uint8_t {
  kHartInitiate = 0,
  kHartClose = 1,
  kHartKeepAlive = 2,
  kHartTokenPassing = 3,
  kHartDirect = 4,
  kHartAuditLog = 5,
};

struct HartIpMessage {
  std::uint8_t version = 0, type = 0, id = 0, status = 0;
  std::uint16_t sequence = 0, length = 0;
  Bytes body{};  // views the input
};
// Moves only past a whole message; `truncated` asks for more octets. `strict`: nobody knows that one begins here.
std::optional<DecodeError> read_hart_ip(ByteReader& reader, bool strict, HartIpMessage& out);

// | delimiter u8 | address: 1 or 5 octets | expansion | command u8 | count u8 | data | check u8: XOR of all before |
struct HartPdu {
  std::uint8_t delimiter = 0, count = 0, check = 0;
  std::uint16_t command = 0;
  std::optional<std::uint8_t> response, status;  // of what a device says
  Bytes address{}, data{};                       // `data` without response, status and a longer command's number
  bool checked = false;                          // `check` is right

  [[nodiscard]] bool unique() const noexcept { return (delimiter & 0x80U) != 0; }
  [[nodiscard]] unsigned expansion() const noexcept { return delimiter >> 5U & 3U; }
  [[nodiscard]] unsigned layer() const noexcept { return delimiter >> 3U & 3U; }
  [[nodiscard]] unsigned frame() const noexcept { return delimiter & 7U; }
};
// False when it is broken: `out` has what was readable before.
bool read_hart_pdu(Bytes body, HartPdu& out);

// One of the commands behind the two octets of status in a direct PDU.
struct HartDirect {
  std::uint16_t command = 0;
  std::uint8_t count = 0;
  std::optional<std::uint8_t> response;
  Bytes data{};
};
bool read_hart_direct(ByteReader& reader, bool from_device, HartDirect& out);

// What a command's data mean, an octet's letter each: i index of what is meant, b h t f k u8, u16, u24, float, u32 in
// 1/32 ms; g d m packed text of 6, 12, 24 octets; D date; L text of 32 octets; s one octet that is left out; behind *
// the rest repeats.
struct HartCommand {
  std::uint16_t number;
  std::string_view name;
  IcsOperation operation;
  std::string_view object, request, response;
};
const HartCommand* find_hart_command(std::uint16_t number);
std::string_view hart_command_name(std::uint16_t number);

// Appends to `out` what the command does to `device`; the operation is its own, or that of the command which it hands
// on to a device behind.
void describe_hart_request(std::uint16_t number, Bytes data, std::string_view device, bool texts, IcsCommand& out);
// What a response carries.
void describe_hart_response(std::uint16_t number, Bytes data, IcsText& value);
// The device of an address: its number, or type and identity without the bits of the master.
void append_hart_device(IcsText& out, const HartPdu& pdu);
// Packed text: four characters in three octets, without the blanks at its end.
void append_hart_packed(IcsText& out, Bytes packed);

// Why it was refused; nothing when it was not, or is warned of.
void append_hart_refusal(IcsText& out, std::uint8_t response);

std::string_view hart_ip_type_name(std::uint8_t type);
std::string_view hart_ip_id_name(std::uint8_t id);
std::string_view hart_ip_status_name(std::uint8_t status);
bool is_hart_ip_warning(std::uint8_t status);
std::string_view hart_frame_name(unsigned frame);
std::string_view hart_response_name(std::uint8_t response);
std::string_view hart_manufacturer_name(unsigned number);
// Of one bit each, the lowest first.
std::string_view hart_device_status_name(unsigned bit);
std::string_view hart_extended_status_name(unsigned bit);
std::string_view hart_server_status_name(unsigned bit);

}  // namespace nw::network
