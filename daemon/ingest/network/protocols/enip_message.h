// EtherNet/IP's encapsulation: The CIP Networks Library, volume 2, chapter 2. All numbers are little-endian.
// | command u16 | length u16 | session u32 | status u32 | sender context 8 | options u32 = 0 | data: `length` octets |
// SendRRData and SendUnitData: | interface u32 = 0, CIP | timeout u16 | items |.
// Items: | count u16 |, and each | type u16 | length u16 | data |.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum EnipCommand : std::uint16_t {
  kEnipNop = 0x00,
  kEnipLegacy = 0x01,  // reserved; Rockwell's older tools ask so first for a target's address
  kEnipListServices = 0x04,
  kEnipListIdentity = 0x63,
  kEnipListInterfaces = 0x64,
  kEnipRegisterSession = 0x65,
  kEnipUnregisterSession = 0x66,
  kEnipSendRRData = 0x6F,
  kEnipSendUnitData = 0x70,
  kEnipIndicateStatus = 0x72,
  kEnipCancel = 0x73,
};

inline constexpr std::size_t kEnipHeaderBytes = 24;
inline constexpr std::size_t kEnipDataBytesMax = 16 * 1024;  // CIP's largest messages have 4 KiB

struct EnipMessage {
  std::uint16_t command = 0, length = 0;
  std::uint32_t session = 0, status = 0, options = 0;
  std::uint64_t context = 0;
  Bytes data{};         // views the input
  bool headed = false;  // the header is whole
  bool sound = true;    // what is there of it may be a header

  [[nodiscard]] bool carries_cip() const noexcept { return command == kEnipSendRRData || command == kEnipSendUnitData; }
  [[nodiscard]] bool lists() const noexcept {
    return command == kEnipListServices || command == kEnipListIdentity || command == kEnipListInterfaces ||
           command == kEnipLegacy;
  }
  [[nodiscard]] bool has_reply() const noexcept { return carries_cip() || lists() || command == kEnipRegisterSession; }
};

// Nothing but the length says where a message ends, also when its header is not sound. False asks for more bytes:
// `reader` moves only past a whole message, and what is there of the header is in `out`.
bool read_enip(ByteReader& reader, EnipMessage& out);

enum EnipItemType : std::uint16_t {
  kEnipIdentityItem = 0x000C,
  kEnipConnectionItem = 0x00A1,
  kEnipConnectedItem = 0x00B1,
  kEnipUnconnectedItem = 0x00B2,
  kEnipServicesItem = 0x0100,
  kEnipSequencedItem = 0x8002,
};
struct EnipItem {
  std::uint16_t type = 0;
  Bytes data;  // views the input
};

// The items, one after the other. Of one that is cut what is there is given.
class EnipItems {
 public:
  explicit EnipItems(Bytes data) : reader_{data}, left_{reader_.u16le()} {}

  bool next(EnipItem& out) {
    if (left_ == 0) return false;
    --left_;
    out.type = reader_.u16le();
    const std::size_t size = reader_.u16le(), there = reader_.rest().size();
    if (!reader_.ok()) return left_ = 0, false;
    out.data = reader_.bytes(std::min(size, there));
    if (size > there) left_ = 0, cut_ = true;
    return true;
  }
  // Fewer octets than the items say.
  [[nodiscard]] bool broken() const noexcept { return cut_ || !reader_.ok(); }

 private:
  ByteReader reader_;
  std::uint16_t left_;
  bool cut_ = false;
};

// Both are empty when the number has no name.
std::string_view enip_command_name(std::uint16_t command);
std::string_view enip_status_name(std::uint32_t status);

}  // namespace nw::network
