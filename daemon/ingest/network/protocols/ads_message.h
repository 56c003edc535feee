// Beckhoff ADS, what controllers of TwinCAT speak (Beckhoff Information System, "TwinCAT ADS: specification of the
// ADS/AMS protocol"). All numbers are little-endian. Over TCP:
// | command u16, 0 for ADS | length u32 | target net id 6 octets, port u16 | source net id, port |
// | command u16 | state flags u16, bit 0: response | data length u32 | error u32 | invoke id u32 | data |
// `length` counts from the target on. Over UDP port 48899, which Beckhoff did not publish:
// | 0x71146603 u32 | invoke id u32 | service u32, bit 31: response | net id, port | count u32 |
// and so often | tag u16 | length u16 | value |.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum : std::uint16_t {
  kAdsReadDeviceInfo = 1,
  kAdsRead,
  kAdsWrite,
  kAdsReadState,
  kAdsWriteControl,
  kAdsAddNotification,
  kAdsDeleteNotification,
  kAdsNotification,
  kAdsReadWrite,
};

struct AmsAddress {
  std::array<std::uint8_t, 6> net{};
  std::uint16_t port = 0;
  bool operator==(const AmsAddress&) const = default;
};

struct AmsHead {
  std::uint16_t router = 0;  // a word to the router, not ADS: nothing else is set
  AmsAddress target, source;
  std::uint16_t command = 0, flags = 0;
  std::size_t data_length = 0;
  std::uint32_t error = 0, invoke = 0;
  [[nodiscard]] bool response() const noexcept { return (flags & 1U) != 0; }
  [[nodiscard]] bool answered() const noexcept { return (flags & 2U) == 0; }
};

inline constexpr std::size_t kAmsHeadBytes = 38, kAdsDataKept = 16384;

// One packet: `size` octets in all, of whose data `data` is the beginning, at most kAdsDataKept. It views the input.
struct AmsPacket {
  AmsHead head;
  std::size_t size = 0;
  bool lies = false;  // its two lengths differ; never when it was read strictly
  Bytes data;
};

// `truncated` asks for more bytes. `strict`: only what other octets are hardly taken for.
std::optional<DecodeError> read_ams(Bytes in, bool strict, AmsPacket& out);

// What stands in the data, as far as the command has it.
struct AdsBody {
  std::optional<std::uint32_t> result, group, offset, length, write_length, handle, mode, stamps, samples;
  std::optional<std::uint16_t> state, device_state;
  std::optional<std::array<std::uint32_t, 3>> version;
  Bytes name, data;  // of the device; what is written or was read
};

// False when it is malformed: what was readable is in `out`. Data that were cut to kAdsDataKept are not malformed.
bool read_ads(const AmsPacket& packet, AdsBody& out);

// The UDP service.
enum : std::uint32_t { kAdsDiscover = 1, kAdsAddRoute = 6 };

struct AdsDatagram {
  std::uint32_t invoke = 0, service = 0;
  bool response = false;
  AmsAddress source;
  std::optional<std::uint32_t> status;
  Bytes host, route, user, net;
  bool password = false;
  std::optional<std::array<std::uint32_t, 3>> twincat;
  std::optional<std::array<std::uint32_t, 4>> system;  // major, minor, build, platform
};

// Whether these are its first octets at all.
bool is_ads_datagram(Bytes in);
std::optional<DecodeError> read_ads_datagram(Bytes in, AdsDatagram& out);

// Empty when the number has no name.
std::string_view ads_command_name(std::uint16_t command);
std::string_view ams_router_name(std::uint16_t command);
std::string_view ads_state_name(std::uint16_t state);
std::string_view ads_error_name(std::uint32_t error);
std::string_view ads_mode_name(std::uint32_t mode);
std::string_view ads_service_name(std::uint32_t service);
std::string_view ads_platform_name(std::uint32_t platform);

enum : std::uint32_t {
  kAdsTargetDescription = 700,
  kAdsHandleByName = 0xF003,
  kAdsValueByName = 0xF004,
  kAdsValueByHandle = 0xF005,
  kAdsReleaseHandle = 0xF006,
  kAdsValueByHandleMasked = 0xF018,
  kAdsSumWrite = 0xF081,
  kAdsSumReadWrite = 0xF082,
};
inline constexpr std::uint16_t kAdsSystemPort = 10000;
// The groups below 0x1000 are the system service's: they have names on its port only, the programs' not on motion's.
std::string_view ads_group_name(std::uint32_t group, std::uint16_t port);
// Whether its offsets are handles of symbols.
constexpr bool ads_takes_handles(std::uint32_t group) {
  return group == kAdsValueByHandle || group == kAdsValueByHandleMasked;
}
// Whether what is written there is a symbol's name.
bool ads_names_symbol(std::uint32_t group);
// Of what is written to a service that takes paths, command lines or keys: where these begin.
std::optional<std::size_t> ads_text_at(std::uint32_t group, std::uint16_t port);
// Several commands in one READ_WRITE: octets for each of them, group and offset first. 0 for what is no such group.
std::size_t ads_sum_width(std::uint32_t group);

// The commands in a sum that writes, each as if it came alone: | group, offset, length u32, (written length u32) |, and
// so often, then what is written. Bounded by the data that were kept.
class AdsSum {
 public:
  // `body` outlives it. `head` is the sum's; next() sets the command of its parts.
  AdsSum(AmsHead& head, const AdsBody& body);
  // False behind the last one.
  bool next(AdsBody& out);

 private:
  ByteReader places_, data_;
  std::uint32_t left_ = 0;
  bool reads_ = false;
};
IcsOperation ads_operation(const AmsHead& head, const AdsBody& request);

}  // namespace nw::network
