// GE SRTP (Service Request Transport Protocol), what controllers of GE Fanuc, now Emerson, speak. The vendor published
// SNP, the serial form of the mailbox (GFK-0529), but not this transport; the offsets are those of public analyses
// (Denton et al., Digital Investigation 22 (2017); ICSNPP's parser), the numbers' order low octet first:
// | type u8 | 0 | sequence u16 | text length u16 | 20 | second, minute, hour u8 | 0 | mailbox sequence u8 |
// | message type u8 | mailbox source 4 | destination 4 | packet, of packets u8 | 14 octets of body | text |
// body of C0 request: | service u8 | 13 of data |         80, with text: | text length u16 | 4 | packet, of u8 |
//                                                                        | service u8 | 5 of data |
// body of D4 ACK:     | status, minor u8 | 6 of result | PLC status 6 |  94, with text: | 8 | PLC status 6 |
// body of D1 refusal: | status, minor u8 | 12 |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum : std::uint8_t { kSrtpInit = 0, kSrtpInitReply = 1, kSrtpRequest = 2, kSrtpReply = 3, kSrtpUnknown = 8 };
enum : std::uint8_t {
  kSrtpShortRequest = 0xc0,
  kSrtpTextRequest = 0x80,
  kSrtpShortAck = 0xd4,
  kSrtpTextAck = 0x94,
  kSrtpNack = 0xd1,
};
enum : std::uint8_t {
  kSrtpLongStatus = 0x01,
  kSrtpReadSystem = 0x04,
  kSrtpWriteSystem = 0x07,
  kSrtpLogon = 0x20,
  kSrtpPrivilege = 0x21,
  kSrtpReadClock = 0x25,
  kSrtpControllerType = 0x43,
  kSrtpLockOem = 0x47,
};

// What a controller says of its state behind each result ("piggyback").
struct SrtpStatus {
  std::uint8_t program = 0, privilege = 0;
  std::uint16_t sweep = 0, word = 0;
  [[nodiscard]] bool bit(unsigned number) const noexcept { return (word >> number & 1U) != 0; }
  [[nodiscard]] std::uint8_t state() const noexcept { return static_cast<std::uint8_t>(word >> 12U); }
};

// Views the input.
struct SrtpFrame {
  static constexpr std::size_t kHeaderBytes = 56, kTextMax = 16 * 1024;  // published drivers use 2 KiB of text at most

  std::uint8_t type = 0, seconds = 0, minutes = 0, hours = 0, mailbox_sequence = 0, message = 0, packet = 0,
               packets = 0;
  std::uint16_t sequence = 0;
  Bytes source, destination, text;
  std::optional<std::uint8_t> service;        // of a request
  Bytes data;                                 // behind it, in the header
  std::optional<std::uint8_t> status, minor;  // of D4 and D1
  Bytes result;                               // of D4 and 94
  std::optional<SrtpStatus> plc;

  [[nodiscard]] bool opens() const noexcept { return type == kSrtpInit || type == kSrtpInitReply; }
  [[nodiscard]] bool request() const noexcept { return type == kSrtpRequest || type == kSrtpInit; }
  // More packets of the same message follow. One without text has no others, whatever it says.
  [[nodiscard]] bool goes_on() const noexcept {
    return (message == kSrtpTextRequest || message == kSrtpTextAck) && packet < packets;
  }
};

// `truncated` asks for more bytes; `reader` moves only past a whole frame. `strict`: it must be a request or a reply
// whose reserved octets are zero or whose mailbox is a CPU's, as after a gap, where anything may look like the others.
std::optional<DecodeError> read_srtp(ByteReader& reader, bool strict, SrtpFrame& out);

// Which part of the system's memory a request of services 4 and 7 is about.
struct SrtpMemory {
  std::uint8_t selector = 0;
  std::uint16_t offset = 0, count = 0;
};
std::optional<SrtpMemory> srtp_memory(const SrtpFrame& frame);

// What a request does; `texts`: target and value are wanted, too.
void describe_srtp(const SrtpFrame& frame, bool texts, IcsCommand& command);
// What was read, behind a request for `memory` (null: for another one) by `service`.
void append_srtp_result(IcsText& text, std::uint8_t service, const SrtpMemory* memory, Bytes result);

struct SrtpService {
  std::string_view name;
  IcsOperation operation;
};
// Null when the number has no name.
const SrtpService* find_srtp_service(std::uint8_t code);

struct SrtpSegment {
  std::uint8_t selector;
  std::string_view name, prefix;
  std::uint8_t bits;  // of what offset and count count
};
const SrtpSegment* find_srtp_segment(std::uint8_t selector);

// Empty when the number has no name.
std::string_view srtp_type_name(std::uint8_t type);
std::string_view srtp_message_name(std::uint8_t message);
std::string_view srtp_status_name(std::uint8_t status);
std::string_view srtp_minor_name(std::uint8_t minor);
std::string_view srtp_state_name(std::uint8_t state);

}  // namespace nw::network
