// The inside of an ASDU, what an I frame of IEC 60870-5-104 carries. IEC 60870-5-101, section 7:
// | type u8 | SQ 1 bit, number 7 bits | T, P/N, cause 6 bits | originator u8 | common address u16 | objects |
// An object is | address u24 | elements of the type |; with SQ only the first has an address, the others follow it.
// No state; little endian throughout.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/arena.h"
#include "base/byte_reader.h"
#include "event/value.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

// Types and causes that mean something to the conversation.
enum : std::uint8_t {
  kIec104LastMonitored = 40,  // M_EP_TF_1; only M_EI_NA_1 is reported, too
  kIec104EndOfInit = 70,
  kIec104Counters = 101,
  kIec104Read = 102,
  kIec104LastSystem = 107,
  kIec104FileReady = 120,  // the first of files' types
  kIec104SectionReady = 121,
  kIec104CallFile = 122,
  kIec104AckFile = 124,
  kIec104QueryLog = 127,
};
enum : std::uint8_t {
  kIec104Request = 5,
  kIec104Activation = 6,
  kIec104ActivationCon = 7,
  kIec104Deactivation = 8,
  kIec104DeactivationCon = 9,
  kIec104Termination = 10,
  kIec104UnknownType = 44,
  kIec104UnknownObject = 47,
};

// In octets. The standard's; old links that were put on TCP kept their narrower ones.
struct Iec104Widths {
  std::uint8_t cause = 2, address = 2, object = 3;
};
inline constexpr std::uint8_t kIec104WidthsAll = 0xff, kIec104WidthsStandard = 1;
// The `index`-th of eight; the 0th is the standard's.
Iec104Widths iec104_widths(unsigned index);
// Which of them make the ASDU exactly as long as its type and number say: a bit each. All, where nothing can be said.
std::uint8_t iec104_fitting(Bytes asdu);

struct Iec104Head {
  std::uint8_t type = 0, number = 0, cause = 0;
  bool sequence = false, negative = false, test = false;
  std::optional<std::uint8_t> originator;  // not there when the cause has one octet
  std::uint16_t address = 0;
};
// False when it is cut.
bool read_iec104_head(ByteReader& in, Iec104Widths widths, Iec104Head& out);

// What the objects say, in their order; a list is empty when the type has no such element.
struct Iec104Objects {
  ValueList addresses;                    // integers
  ValueList values, qualities, times;     // texts
  ValueList counts, elapsed;              // of counters: their sequence numbers; of protection: intervals
  ValueList files, sections, sizes;       // integers
  std::optional<bool> select;             // of the first object: select before execute
  std::optional<std::uint8_t> qualifier;  // of the first object
};
// Fills `out` as far as the octets go; false when they do not fit type and number. Types without a known structure are
// taken as they are. `texts`: whether values, qualities and times are wanted.
bool read_iec104_objects(ByteReader in, const Iec104Head& head, Iec104Widths widths, bool texts, Arena& arena,
                         Iec104Objects& out);

// One information element of an object, IEC 60870-5-101 section 7.2.6.
// clang-format off
enum class Iec104Element : std::uint8_t {
  none,
  siq, diq, sep,                    // points with their quality
  vti, bsi, nva, sva, r32, bcr, scd,
  spe, oci,                         // protection equipment
  qds, qdp,                         // quality of what stands before
  sco, dco, rco, qos,               // commands
  qualifier,                        // QOI, QCC, QRP, QPM, QPA, COI and those of files
  pattern,                          // of test commands
  cp16, cp24, cp56,
  nof, nos, lof, segment,           // files
  unread,                           // an octet that is not told
};
// clang-format on
struct Iec104Type {
  std::uint8_t number;
  std::string_view name;
  IcsOperation operation;
  std::array<Iec104Element, 4> elements;
};
// Null when the number is not in use.
const Iec104Type* find_iec104_type(std::uint8_t number);

// Empty when the number has no name.
std::string_view iec104_cause_name(std::uint8_t cause);
std::string_view iec104_qualifier_name(std::uint8_t type, std::uint8_t qualifier);

}  // namespace nw::network
