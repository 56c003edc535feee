// FINS messages (Omron W342, Communications Commands Reference Manual, section 3), and their envelope over TCP (W421).
// | ICF u8: 40 response, 01 wants none | 00 | gateways u8 | to: network u8, node u8, unit u8 | from: the same | service
// u8 | command u16 | of a response: end code u16 | body |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

struct FinsAddress {
  std::uint8_t network = 0, node = 0, unit = 0;
  bool operator==(const FinsAddress&) const = default;
};

struct FinsMessage {
  std::uint8_t icf = 0, gateways = 0, service = 0;
  FinsAddress to, from;
  std::uint16_t command = 0;
  std::optional<std::uint16_t> end;  // of a response
  Bytes body{};                      // views the input

  [[nodiscard]] bool response() const noexcept { return (icf & 0x40U) != 0; }
  [[nodiscard]] bool wants_response() const noexcept { return (icf & 1U) == 0; }
  [[nodiscard]] const FinsAddress& device() const noexcept { return response() ? from : to; }
};
// False when there is none. Without its end code a response is one still.
bool read_fins(Bytes bytes, FinsMessage& out);

// Over TCP: | "FINS" | length u32, from here on | command u32 | error u32 | data |
enum FinsTcpCommand : std::uint32_t {
  kFinsClientNode = 0,
  kFinsServerNode = 1,
  kFinsFrame = 2,
  kFinsError = 3,
  kFinsConfirm = 6
};
struct FinsTcp {
  std::uint32_t command = 0, error = 0;
  Bytes data{};
};
// Moves only past a whole one; `truncated` asks for more octets.
std::optional<DecodeError> read_fins_tcp(ByteReader& reader, FinsTcp& out);

// A place in a memory area: | area u8 | word u16 | bit u8 |
struct FinsPoint {
  std::uint8_t area = 0, bit = 0;
  std::uint16_t word = 0;
};

// What a body says. Its layout has a letter for each part: a point, n count u16, p parameter area u16, w word u16, W
// word u32, g program u16, m mode u8, d disk u16, f file's name of 12 octets, P position u32, b octets u16, B octets
// u32, k clock, c number u16, u number u8, N and V model and version of 20 octets, q status of a controller, T text, s
// one octet and S four that are left out, r what forces, x data; behind * the rest repeats, behind ? it may be missing.
struct FinsBody {
  static constexpr std::size_t kPointsMax = 16;

  std::array<FinsPoint, kPointsMax> points{};
  std::size_t point_count = 0;
  std::array<std::uint16_t, kPointsMax> forces{};
  std::size_t force_count = 0;
  std::optional<std::uint16_t> count, parameter_area, program, disk, number;
  std::optional<std::uint32_t> word, position, octets;
  std::optional<std::uint8_t> mode, unit, status;
  std::optional<std::uint16_t> fatal, non_fatal, messages, fal;
  Bytes file{}, other_file{}, clock{}, model{}, version{}, text{}, data{};
};
bool read_fins_body(std::string_view layout, Bytes body, FinsBody& out);

struct FinsCommand {
  std::uint16_t code;
  std::string_view name;
  IcsOperation operation;
  std::string_view object, request, response;
};
const FinsCommand* find_fins_command(std::uint16_t code);
IcsOperation fins_operation(const FinsMessage& message, const FinsBody& body);

// Nothing when it is none that refuses: above its two numbers stand flags of the controller's state.
std::string_view fins_end_name(std::uint16_t end);
bool fins_refuses(std::uint16_t end);
std::string_view fins_area_name(std::uint8_t area);
std::string_view fins_parameter_area_name(std::uint16_t area);
std::string_view fins_mode_name(std::uint8_t mode);
std::string_view fins_status_name(std::uint8_t status);
std::string_view fins_tcp_command_name(std::uint32_t command);
std::string_view fins_tcp_error_name(std::uint32_t error);

// "D100", "D100-109", "CIO 10.03".
void append_fins_point(IcsText& out, const FinsPoint& point, std::uint32_t count);
void append_fins_address(IcsText& out, const FinsAddress& address);
// "2024-09-21T12:30:00"; its parts are in BCD.
void append_fins_clock(IcsText& out, Bytes clock);
// Up to the first zero, and without the blanks that fill it up.
Bytes fins_text(Bytes text);
// Items of an area: bits an octet each, else words.
void append_fins_values(IcsText& out, std::uint8_t area, Bytes data);
// What a request is about, on the device.
void describe_fins(const FinsMessage& message, const FinsBody& body, IcsCommand& out);

}  // namespace nw::network
