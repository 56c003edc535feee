// CIP messages: The CIP Networks Library, volume 1, chapter 2 and appendices A and C; Rockwell's own services: Logix
// 5000 Controllers Data Access (1756-PM020). All numbers are little-endian. Request:  | service u8 | path size u8, in
// words | path | data | Response: | service u8, with 0x80 | reserved u8 | general status u8 | additional size u8, in
// words | additional | data |
#pragma once

#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"

namespace nw::network {

enum CipService : std::uint8_t {
  kCipGetAttributesAll = 0x01,
  kCipGetAttributeList = 0x03,
  kCipSetAttributeList = 0x04,
  kCipMultiple = 0x0A,
  kCipGetAttribute = 0x0E,
  kCipPccc = 0x4B,
  kCipPcccDhPlus = 0x4C,  // of the PCCC object
  kCipPcccLocal = 0x4D,   // of the PCCC object
  kCipReadTag = 0x4C,
  kCipWriteTag = 0x4D,
  kCipForwardClose = 0x4E,     // of the Connection Manager
  kCipModifyTag = 0x4E,        // of tags
  kCipUnconnectedSend = 0x52,  // of the Connection Manager
  kCipReadTagFragment = 0x52,  // of tags
  kCipWriteTagFragment = 0x53,
  kCipForwardOpen = 0x54,
  kCipLargeForwardOpen = 0x5B,
};
enum CipClass : std::uint32_t {
  kCipIdentity = 0x01,
  kCipMessageRouter = 0x02,
  kCipConnectionManager = 0x06,
  kCipFile = 0x37,
  kCipTimeSync = 0x43,
  kCipPcccObject = 0x67,
  kCipSymbol = 0x6B,
  kCipDataTable = 0x72,
  kCipWallClock = 0x8B,
  kCipDataList = 0xB2,
};

// What is asked: the last object that the path names, which stands within those in front of it.
struct CipPoint {
  std::optional<std::uint32_t> class_id{}, instance{}, attribute{};
  bool symbolic = false;  // a tag by its name
  bool manages = false;   // a Connection Manager is among them

  [[nodiscard]] bool is(std::uint32_t number) const noexcept { return class_id == number; }
  [[nodiscard]] bool tag() const noexcept { return symbolic || is(kCipSymbol); }
};

struct CipMessage {
  std::uint8_t service = 0;  // without the response bit
  bool response = false;
  std::uint8_t status = 0;
  Bytes additional;  // octets of the additional status
  Bytes path, data;
  CipPoint point;

  [[nodiscard]] bool ok() const noexcept { return status == 0 || status == kPartial; }
  static constexpr std::uint8_t kPartial = 6;  // more follows
};

// False when it is malformed: what was readable is in `out`.
bool read_cip(Bytes octets, CipMessage& out);
// False when a segment is cut, or is none that anybody published.
bool read_cip_point(Bytes path, CipPoint& out);
// `0x6b/0x1/0x2`, `Program:Main.Tag[3]`; nothing of ports and keys.
void append_cip_path(IcsText& out, Bytes path);
// The ports and link addresses on the way: `1/0`, `2/192.168.1.5/1/0`.
void append_cip_route(IcsText& out, Bytes path);

// Multiple Service Packet: | count u16 | offset u16 of each, from the count on | messages |, both ways.
class CipParts {
 public:
  static constexpr std::size_t kMost = 2048;  // as many offsets as the largest messages have, of 4 KiB

  explicit CipParts(Bytes data);
  bool next(Bytes& out);
  // An offset lies outside, or before the one in front of it: such a part reaches to the end. Or within the path of
  // this: it is read over that, since devices need not look where the next one begins.
  [[nodiscard]] bool broken() const noexcept { return broken_; }
  // There are more than are told.
  [[nodiscard]] bool cut() const noexcept { return cut_; }

 private:
  Bytes data_;
  ByteReader offsets_;
  std::size_t left_ = 0, next_ = 0;
  bool broken_ = false, cut_ = false;
};

// Unconnected Send: | priority u8 | ticks u8 | size u16 | message | pad to a word | route size u8 | 0 | route |.
struct CipCarried {
  Bytes message, route;
};
bool read_cip_unconnected_send(Bytes data, CipCarried& out);

// What Forward Open and Forward Close say of a connection.
struct CipConnection {
  std::optional<std::uint32_t> to_target{}, to_originator{};  // its ids, each chosen by who receives under it
  std::uint16_t serial = 0, vendor = 0;
  std::uint32_t originator = 0;                                           // its serial number
  std::optional<std::uint32_t> target_interval{}, originator_interval{};  // microseconds
  std::optional<std::uint8_t> transport{};
  Bytes path{};
};
// False when it is cut. `large`: Large Forward Open.
bool read_cip_forward_open(Bytes data, bool large, CipConnection& out);
bool read_cip_forward_open_reply(const CipMessage& message, CipConnection& out);
bool read_cip_forward_close(Bytes data, CipConnection& out);
bool read_cip_forward_close_reply(Bytes data, CipConnection& out);
// Of a write to several elements of an array: `Speeds[4]` becomes `Speeds[4-6]`, `Speeds` becomes `Speeds[0-2]`.
void append_cip_elements(IcsText& target, const CipMessage& request);
// What is written, or was read, as text: typed where the message says the type, otherwise octets in hexadecimal.
void append_cip_written(IcsText& out, const CipMessage& request);
void append_cip_read(IcsText& out, std::uint8_t service, bool tag, Bytes data);

}  // namespace nw::network
