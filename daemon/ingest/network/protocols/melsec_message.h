// MELSEC's communication protocol, which is SLMP's too (Mitsubishi SH-080008, SH-080956), in binary. Numbers have their
// low octet first.
// 3E: | 50 00 | network u8 | station u8 | module u16 | multidrop u8 | octets behind u16 | timer u16 | command u16 |
// subcommand u16 | data |, its response | D0 00 | the same | octets behind u16 | end code u16 | data |.
// 4E: | 54 00, D4 00 | serial u16 | 00 00 | and on as 3E. In ASCII all of it is hexadecimal text, high octet first.
//
// MELSOFT, as programming tools speak it, was never published; this is what captures show: | 57, D7 | 18 octets |
// octets behind u16 | 1C, 9C | 0A | octets from here to the command u8 | ... | result u16 of a response | ... | command
// u16, high octet first | number u16 | u16 | data |; before that | 5A, DA | 00 00 | 01 or FF | and what the device says
// of itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class MelsecForm : std::uint8_t { e3, e4, ascii3, ascii4, melsoft, search };
std::string_view to_string(MelsecForm form);

inline constexpr std::uint16_t kMelsecOwnModule = 0x03FF;  // the CPU that is spoken to

struct MelsecStation {
  std::uint8_t network = 0, station = 0, multidrop = 0;
  std::uint16_t module = 0;
  bool operator==(const MelsecStation&) const = default;
};

struct MelsecFrame {
  MelsecForm form = MelsecForm::e3;
  bool response = false;
  MelsecStation to;
  std::optional<std::uint16_t> serial;   // joins a response to its request
  std::optional<std::uint16_t> command;  // a response has none, but of MELSOFT, or if it refuses
  std::uint16_t subcommand = 0;
  std::optional<std::uint16_t> end;  // of a response
  Bytes data{};                      // views the input
};
// In step any station is told, as controllers may not look at it; where a frame is looked for, only those that there
// can be.
enum class MelsecStations : std::uint8_t { plausible, any };
// Moves only past a whole one; `truncated` asks for more octets. Either fault tells what is there of a command or an
// end code.
std::optional<DecodeError> read_melsec(ByteReader& reader, MelsecFrame& out,
                                       MelsecStations stations = MelsecStations::plausible);
// A datagram's next frame; moves past it, or to the end. A length that lies does not hide what stands there; of what is
// no frame `out` has neither command nor end code.
std::optional<DecodeError> read_melsec_datagram(ByteReader& reader, MelsecFrame& out);
// The search for devices, of which a datagram is full.
bool read_melsec_search(Bytes bytes, MelsecFrame& out);

// A device's number is of 24 bits and its code of 8, or of 32 and 16.
struct MelsecPoint {
  std::uint16_t code = 0;
  std::uint32_t number = 0;
  std::uint32_t count = 1;  // as the command counts: points, or words
  // Of extended devices:
  std::uint8_t memory = 0;               // which memory: F8, FA a module's, F9 a network's; 0: the CPU's own
  std::uint16_t place = 0;               // the module or network
  std::uint8_t index = 0, modified = 0;  // by which register, and how
};

struct MelsecDevice {
  std::uint16_t code;
  std::string_view name;
  bool bits, hexadecimal;  // of bits; numbered so by programmers
};
// Null when nobody published it.
const MelsecDevice* find_melsec_device(std::uint16_t code);
const MelsecDevice* find_melsec_device(std::string_view name);

// A body's layout has a letter for each part: a a device and how many, w its values, r devices at random, R the same
// with values, k blocks, K the same with values, m mode u16, i address u32, octets u16 and module u16, I address u32
// and words u16, M memory's number u16, address u32 and words u16, h handle u16, o offset u32, z octets u16, f a file's
// name somewhere in the rest, N model of 16 octets, C its code u16, p what is not told, x data.
struct MelsecCommand {
  std::uint16_t code;
  std::string_view name;
  IcsOperation operation;
  std::string_view object, request, response;
};
const MelsecCommand* find_melsec_command(std::uint16_t code);
std::string_view melsec_end_name(std::uint16_t end);

struct MelsecBody {
  static constexpr std::size_t kPointsMax = 192;  // more than a command at random may name (188 bits)

  std::array<MelsecPoint, kPointsMax> points{};
  std::size_t point_count = 0;  // of these; there may be more
  std::size_t value_count = 0;  // that it writes, or that a response brings: points or words
  std::size_t doubles = 0;      // of a command at random: how many of the last values are double words
  bool bits = false;            // the command counts points, not words
  bool extended = false;        // devices stand with modules and indexes
  bool program = false;         // the file is one that the controller runs, or is set up by
  std::optional<std::uint16_t> mode, module, handle, size, words, model_code;
  std::optional<std::uint32_t> address, offset;
  Bytes name{}, model{}, data{};
  IcsText values;  // what is written, in the points' order
};
// `texts`: whether `values` are wanted. False when it is not whole; what could be read is there.
bool read_melsec_body(std::string_view layout, std::uint16_t subcommand, Bytes body, bool texts, MelsecBody& out);

// The same of a request in ASCII: points and values of a batch, and no more.
bool read_melsec_text(std::string_view layout, std::uint16_t subcommand, Bytes text, bool texts, MelsecBody& out);

// "D100", "D100-109", "X1a".
void append_melsec_point(IcsText& out, const MelsecPoint& point, bool bits);
// A file's name, whichever octets a character has.
void append_melsec_name(IcsText& out, Bytes name);
// Points of one octet's half each, or words; the last `doubles` of `count` are double words.
void append_melsec_values(IcsText& out, Bytes data, bool bits, std::size_t count, std::size_t doubles);
// What a request is about, on the station.
void describe_melsec(const MelsecFrame& frame, const MelsecBody& body, bool texts, IcsCommand& out);

}  // namespace nw::network
