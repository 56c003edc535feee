#include "ingest/network/protocols/ads_message.h"

#include <algorithm>
#include <utility>

namespace nw::network {

namespace {

constexpr std::size_t kTcpBytes = 6, kHeadBytes = kAmsHeadBytes - kTcpBytes;
// Twice the memory of a router as it is delivered: what is longer was never sent.
constexpr std::size_t kLengthMax = std::size_t{64} * 1024 * 1024;
// Of TwinCAT's Ams.h: no return, system, priority, time stamp, UDP, initialisation, broadcast.
constexpr std::uint16_t kCommandBit = 4, kFlagsUnknown = 0x7f00;
constexpr std::size_t kRouterDataMax = 32;
constexpr std::uint32_t kDatagramMagic = 0x71146603;

AmsAddress read_address(ByteReader& in) {
  AmsAddress out;
  const Bytes net = in.bytes(out.net.size());
  std::ranges::copy(net, out.net.begin());
  out.port = in.u16le();
  return out;
}

std::array<std::uint32_t, 3> read_version(ByteReader& in) {
  const std::uint32_t major = in.u8(), minor = in.u8();
  return {major, minor, in.u16le()};
}

// As many octets as are said to follow, or those of them that were kept.
void read_data(ByteReader& in, std::size_t said, const AmsPacket& packet, Bytes& out, bool& fits) {
  const bool cut = packet.data.size() < packet.head.data_length;
  if (cut ? said < in.rest().size() : said != in.rest().size()) fits = false;
  out = in.bytes(std::min(said, in.rest().size()));
}

void read_request(ByteReader& in, const AmsPacket& packet, AdsBody& out, bool& fits) {
  const std::uint16_t command = packet.head.command;
  if (command == kAdsWriteControl) {
    out.state = in.u16le();
    out.device_state = in.u16le();
    out.write_length = in.u32le();
    read_data(in, *out.write_length, packet, out.data, fits);
  } else if (command == kAdsDeleteNotification) {
    out.handle = in.u32le();
  } else if (command != kAdsReadDeviceInfo && command != kAdsReadState) {
    out.group = in.u32le();
    out.offset = in.u32le();
    const std::uint32_t length = in.u32le();
    if (command != kAdsWrite) out.length = length;
    if (command == kAdsAddNotification) {
      out.mode = in.u32le();
      in.bytes(24);  // delay, cycle, 16 octets that mean nothing
    } else if (command != kAdsRead) {
      out.write_length = command == kAdsWrite ? length : in.u32le();
      read_data(in, *out.write_length, packet, out.data, fits);
    }
  }
}

// | length u32 | stamps u32 |, and so often | time u64 | samples u32 | and so often | handle u32 | size u32 | data |.
void read_notification(ByteReader& in, const AmsPacket& packet, AdsBody& out) {
  in.u32le();
  out.stamps = in.u32le();
  out.samples = 0;
  const bool cut = packet.data.size() < packet.head.data_length;
  for (std::uint32_t stamp = 0; stamp < *out.stamps && in.ok(); ++stamp) {
    in.bytes(8);
    const std::uint32_t samples = in.u32le();
    for (std::uint32_t sample = 0; sample < samples && in.ok(); ++sample) {
      const std::uint32_t handle = in.u32le();
      const Bytes data = in.bytes(in.u32le());
      if (!in.ok()) break;
      if (!out.handle) {
        out.handle = handle;
        out.data = data;
      }
      ++*out.samples;
    }
  }
  if (cut && !in.ok()) in = ByteReader{{}};  // what was kept ends here
}

void read_response(ByteReader& in, const AmsPacket& packet, AdsBody& out, bool& fits) {
  out.result = in.u32le();
  const bool refused = *out.result != 0;
  switch (packet.head.command) {
    case kAdsReadDeviceInfo:
      if (refused && in.empty()) break;
      out.version = read_version(in);
      out.name = in.bytes(16);
      break;
    case kAdsRead:
    case kAdsReadWrite:
      if (refused && in.empty()) break;
      out.length = in.u32le();
      read_data(in, *out.length, packet, out.data, fits);
      break;
    case kAdsReadState:
      if (refused && in.empty()) break;
      out.state = in.u16le();
      out.device_state = in.u16le();
      break;
    case kAdsAddNotification:
      if (!refused || !in.empty()) out.handle = in.u32le();
      break;
    default: break;
  }
}

void read_tag(std::uint16_t tag, Bytes value, AdsDatagram& out) {
  ByteReader in{value};
  switch (tag) {
    case 1:
      if (const std::uint32_t status = in.u32le(); in.ok()) out.status = status;
      break;
    case 2: out.password = true; break;
    case 3: out.twincat = read_version(in); break;
    case 4: {
      in.u32le();  // its own size
      std::array<std::uint32_t, 4> system{};
      for (std::uint32_t& number : system) number = in.u32le();
      if (in.ok()) out.system = system;
      break;
    }
    case 5: out.host = value; break;
    case 7: out.net = value; break;
    case 12: out.route = value; break;
    case 13: out.user = value; break;
    default: break;
  }
}

}  // namespace

std::optional<DecodeError> read_ams(Bytes in, bool strict, AmsPacket& out) {
  ByteReader reader{in};
  AmsHead& head = out.head;
  head.router = reader.u16le();
  const std::size_t length = reader.u32le();
  if (!reader.ok()) return DecodeError::truncated;
  if (head.router != 0) {
    if (strict || ams_router_name(head.router).empty() || length > kRouterDataMax) return DecodeError::bad_value;
    out.data = reader.bytes(length);
    out.size = kTcpBytes + length;
    return reader.ok() ? std::nullopt : std::optional{DecodeError::truncated};
  }
  if (length < kHeadBytes || length > kLengthMax) return DecodeError::bad_value;
  head.target = read_address(reader);
  head.source = read_address(reader);
  head.command = reader.u16le();
  head.flags = reader.u16le();
  head.data_length = reader.u32le();
  head.error = reader.u32le();
  head.invoke = reader.u32le();
  if (!reader.ok()) return DecodeError::truncated;
  const bool known =
      !ads_command_name(head.command).empty() && (head.flags & kCommandBit) != 0 && (head.flags & kFlagsUnknown) == 0;
  // Where two lengths differ, nobody knows which one a device goes by: it is told with all that came.
  out.lies = head.data_length != length - kHeadBytes;
  if ((strict && out.lies) || ((strict || out.lies) && !known)) return DecodeError::bad_value;
  head.data_length = length - kHeadBytes;
  out.size = kTcpBytes + length;
  out.data = reader.bytes(std::min(head.data_length, kAdsDataKept));
  return reader.ok() ? std::nullopt : std::optional{DecodeError::truncated};
}

bool read_ads(const AmsPacket& packet, AdsBody& out) {
  if (ads_command_name(packet.head.command).empty()) return !packet.lies;
  ByteReader in{packet.data};
  bool fits = true;
  // What no target took comes back empty.
  if (packet.head.response() && packet.head.error != 0 && in.empty()) return !packet.lies;
  if (packet.head.command == kAdsNotification)
    read_notification(in, packet, out);
  else if (packet.head.response())
    read_response(in, packet, out, fits);
  else
    read_request(in, packet, out, fits);
  return in.ok() && fits && !packet.lies;
}

AdsSum::AdsSum(AmsHead& head, const AdsBody& body) : places_{body.data}, data_{body.data} {
  const std::uint32_t sum = body.group.value_or(0);
  if (head.command != kAdsReadWrite || (sum != kAdsSumWrite && sum != kAdsSumReadWrite)) return;
  reads_ = sum == kAdsSumReadWrite;
  left_ = body.offset.value_or(0);
  data_.bytes(std::size_t{left_} * ads_sum_width(sum));
  head.command = reads_ ? kAdsReadWrite : kAdsWrite;
}

bool AdsSum::next(AdsBody& out) {
  if (left_ == 0) return false;
  --left_;
  out = {};
  out.group = places_.u32le();
  out.offset = places_.u32le();
  out.write_length = places_.u32le();
  if (reads_) out.length = std::exchange(out.write_length, places_.u32le());
  out.data = data_.bytes(std::min<std::size_t>(*out.write_length, data_.rest().size()));
  return places_.ok();
}

bool is_ads_datagram(Bytes in) {
  ByteReader reader{in};
  return reader.u32le() == kDatagramMagic;
}

std::optional<DecodeError> read_ads_datagram(Bytes in, AdsDatagram& out) {
  ByteReader reader{in};
  if (reader.u32le() != kDatagramMagic) return DecodeError::bad_value;
  out.invoke = reader.u32le();
  const std::uint32_t service = reader.u32le();
  out.service = service & 0x7fffffffU;
  out.response = service != out.service;
  out.source = read_address(reader);
  const std::uint32_t count = reader.u32le();
  if (!reader.ok()) return DecodeError::truncated;
  // Each takes four octets of the datagram at least: tags that mean nothing must not hide those behind them.
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t tag = reader.u16le();
    const Bytes value = reader.bytes(reader.u16le());
    if (!reader.ok()) return DecodeError::truncated;
    read_tag(tag, value, out);
  }
  return {};
}

}  // namespace nw::network
