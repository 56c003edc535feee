// PROFINET's real-time frames (IEC 61158-6-10, sections 4.7 and 4.11): cyclic data, told as streams, and alarms.
#pragma once

#include <string>

#include "ingest/network/protocols/l2_event.h"
#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// Of profinet's types; the fourth is known_device.
enum ProfinetType : std::size_t { kProfinetDcp, kProfinetRt, kProfinetAlarm, kProfinetDevice };

const event::TypeSpec& profinet_rt_type();
const event::TypeSpec& profinet_alarm_type();

// What two stations send each other under one frame id.
struct ProfinetStream {
  std::string name;  // both addresses, the frame id
  Timestamp first{}, last{};
  std::uint64_t frames = 0;
  std::uint16_t frame_id = 0;
  std::uint8_t status = 0;  // as in its last frame
  bool second = false;      // another sender sends the same to the same station
  L2Ends ends;
};

// Begin, change of the sender's state, end: one event each.
class ProfinetStreams {
 public:
  void frame(std::uint16_t frame_id, Bytes payload, const EthernetFrame& around, Context& context);
  void finish(Context& context);
  // Nothing more comes of times up to `until`.
  void advance(Timestamp until, Context& context);

 private:
  ProfinetStream& open(std::uint16_t frame_id, const L2Ends& ends, Context& context);

  L2Streams<ProfinetStream> streams_;
  std::string name_;  // of the current frame; kept for its memory
};

constexpr bool is_profinet_alarm(std::uint16_t frame_id) noexcept { return frame_id == 0xfc01 || frame_id == 0xfe01; }
void tell_profinet_alarm(std::uint16_t frame_id, Bytes payload, const EthernetFrame& around, Context& context);

}  // namespace nw::network
