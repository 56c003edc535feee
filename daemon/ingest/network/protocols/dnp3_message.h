// DNP3's application layer: IEEE 1815-2012, clauses 4 and 11 and annex A. No state; multi-octet numbers are
// little-endian but for the indications, which are two octets.
// request:  | control u8 | function u8 | objects |
// response: | control u8 | function u8 | indications 2 x u8 | objects |
// objects:  | group u8 | variation u8 | qualifier u8 | range | points |, repeated; a point may have a prefix: its index
// or its size.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

enum Dnp3Function : std::uint8_t {
  kDnp3Confirm = 0x00,
  kDnp3Read = 0x01,
  kDnp3Write = 0x02,
  kDnp3FreezeAtTime = 0x0B,
  kDnp3FreezeAtTimeNr = 0x0C,
  kDnp3OpenFile = 0x19,
  kDnp3CloseFile = 0x1A,
  kDnp3AbortFile = 0x1E,
  kDnp3AuthenticateRequest = 0x20,
  kDnp3Response = 0x81,
  kDnp3Unsolicited = 0x82,
  kDnp3AuthenticateResponse = 0x83,
};

enum Dnp3Group : std::uint8_t {
  kDnp3Attributes = 0,
  kDnp3ControlRelay = 12,
  kDnp3AnalogOutput = 41,
  kDnp3TimeAndDate = 50,
  kDnp3Classes = 60,
  kDnp3FileGroup = 70,
  kDnp3Authentication = 120,
};
// Of authentication.
constexpr std::uint8_t kDnp3Challenge = 1, kDnp3ChallengeReply = 2, kDnp3Aggressive = 3, kDnp3AuthenticationError = 7;

struct Dnp3Message {
  std::uint8_t control = 0, function = 0;
  std::optional<std::uint16_t> iin;  // the first octet is the high one, as in Zeek's dnp3.log
  Bytes objects;                     // views the fragment

  [[nodiscard]] bool response() const noexcept { return (function & 0x80U) != 0; }
  [[nodiscard]] bool unsolicited() const noexcept { return (control & 0x10U) != 0; }
  [[nodiscard]] bool wants_confirmation() const noexcept { return (control & 0x20U) != 0; }
  [[nodiscard]] bool last() const noexcept { return (control & 0x40U) != 0; }
  [[nodiscard]] std::uint8_t sequence() const noexcept { return control & 0x0FU; }
};

// False when not even control and function are there; a response that ends within its indications has none.
bool read_dnp3_message(Bytes fragment, Dnp3Message& out);

// What an object is called (as in ICSNPP's dnp3_objects.log, where that names it), and how a point of it is laid out:
//   b, 2  a packed bit, two packed bits
//   f     flags                         B, D  flags with the state in the highest bit, in the highest two
//   o w u unsigned of 1, 2 and 4 octets q     4 octets that are no value
//   s i   signed of 2 and 4 octets      r d   real of 4 and 8 octets
//   t m   time of 6 octets, milliseconds of 2
//   S     status of an output           C     control block up to its status
//   *     as many octets as the size before it says
// Empty: no points, as of classes.
struct Dnp3Kind {
  std::uint8_t group, variation;
  std::string_view layout, name;
};
// Null when nobody published it.
const Dnp3Kind* dnp3_kind(std::uint8_t group, std::uint8_t variation);

// One object header with its points.
struct Dnp3Object {
  std::uint8_t group = 0, variation = 0, qualifier = 0;
  std::optional<std::uint32_t> first;  // of a range of points without prefixes
  std::uint64_t count = 0;             // as it says, which may be more than there are; 0: all that the device has
  const Dnp3Kind* kind = nullptr;
  bool has_contents = false;
  std::uint8_t bits = 0;               // of a point's contents when they are packed, else 0
  std::optional<std::uint32_t> width;  // octets of a point's contents; nothing: each says it, or nobody published it
  std::uint64_t there = 0;             // points that are there in full
  Bytes points;                        // prefixes and contents, as far as they are there

  [[nodiscard]] std::uint8_t prefix() const noexcept { return qualifier >> 4U & 7U; }
  [[nodiscard]] bool indexed() const noexcept { return prefix() >= 1 && prefix() <= 3; }
  [[nodiscard]] bool sized() const noexcept { return prefix() >= 4 && prefix() <= 6; }
  // Whether each point may be a control block: read_dnp3_control().
  [[nodiscard]] bool commands() const noexcept { return group == kDnp3ControlRelay || group == kDnp3AnalogOutput; }
};

struct Dnp3Point {
  std::optional<std::uint32_t> index;
  Bytes contents;         // empty of packed bits, and where only indices are
  std::uint8_t bits = 0;  // of packed ones
};

// Goes over the objects of a message. Stops at the first that cannot be read to its end: that one is still given with
// the points that are there.
class Dnp3Objects {
 public:
  explicit Dnp3Objects(const Dnp3Message& message) : function_{message.function}, rest_{message.objects} {}
  bool next(Dnp3Object& out);
  [[nodiscard]] bool broken() const noexcept { return broken_; }

 private:
  std::uint8_t function_;
  ByteReader rest_;
  bool broken_ = false;
};

// Goes over the points of an object that are there in full.
class Dnp3Points {
 public:
  explicit Dnp3Points(const Dnp3Object& object) : object_{object}, rest_{object.points} {}
  bool next(Dnp3Point& out);

 private:
  const Dnp3Object& object_;
  ByteReader rest_;
  std::uint64_t at_ = 0;
  unsigned octet_ = 0;  // what is left of one with packed points
};

// Control relay output block (g12v1), pattern control block (g12v2), analogue output block (g41).
struct Dnp3Control {
  std::uint8_t code = 0, count = 0, status = 0;
  std::uint32_t on_time = 0, off_time = 0;  // ms
  std::optional<double> analog;             // of the last; nothing else but the status is then set
};
// Nothing when the object is none of these.
std::optional<Dnp3Control> read_dnp3_control(const Dnp3Object& object, const Dnp3Point& point);

// What messages about files say, whatever the variation of g70.
struct Dnp3File {
  Bytes name;
  std::optional<std::uint32_t> handle, size;
  std::optional<std::uint16_t> mode;
  std::optional<std::uint8_t> status;
};
// False when it does not hold together.
bool read_dnp3_file(std::uint8_t variation, Bytes contents, Dnp3File& out);

// The visible string of a device attribute (g0); empty when it is of another type.
Bytes dnp3_attribute_text(Bytes contents);
// The code of an authentication error (g120v7).
std::optional<std::uint8_t> dnp3_authentication_error(Bytes contents);

// The value of a point, if it has one that can be read.
void append_dnp3_value(IcsText& out, const Dnp3Object& object, const Dnp3Point& point);
// A name as a constant: "LATCH_ON" of "Latch On".
void append_dnp3_constant(IcsText& out, std::string_view name, unsigned number);
// `outstation/gGROUP`, `outstation/gGROUP/index` or `outstation/gGROUP/first-last`, several with ',' between.
void append_dnp3_target(IcsText& out, std::uint16_t outstation, const Dnp3Object& object);
// One of its points.
void append_dnp3_point(IcsText& out, std::uint16_t outstation, const Dnp3Object& object,
                       std::optional<std::uint32_t> index);

// Empty when the number has no name. Functions and indications are named as in Zeek, blocks as in ICSNPP.
std::string_view dnp3_function_name(std::uint8_t function);
std::string_view dnp3_link_function_name(bool primary, std::uint8_t function);
std::string_view dnp3_indication_name(unsigned bit);  // of Dnp3Message::iin
std::string_view dnp3_trip_name(std::uint8_t code);
std::string_view dnp3_control_name(std::uint8_t code);
std::string_view dnp3_status_name(std::uint8_t status);
std::string_view dnp3_file_mode_name(std::uint16_t mode);
std::string_view dnp3_file_status_name(std::uint8_t status);
std::string_view dnp3_authentication_error_name(std::uint8_t code);

// Whether a response follows to a request of this function.
bool dnp3_is_answered(std::uint8_t function);
// What a message does; `group`: of its first object.
IcsOperation dnp3_operation(std::uint8_t function, std::optional<std::uint8_t> group);
// The first of the indications that say why a request was refused; empty when it was not.
std::string_view dnp3_refusal(std::uint16_t iin);

}  // namespace nw::network
