// The inside of MQTT's control packets (OASIS MQTT 3.1.1 and 5.0; 3.1 by IBM), as far as `mqtt_...` events tell of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

namespace mqtt_type {
constexpr std::uint8_t kConnect = 1, kConnack = 2, kPublish = 3, kPuback = 4, kPubrec = 5, kPubrel = 6, kPubcomp = 7,
                       kSubscribe = 8, kSuback = 9, kUnsubscribe = 10, kUnsuback = 11;
}  // namespace mqtt_type

// | type u4 | flags u4 | remaining length, 7 bits a byte, low ones first, at most 4 bytes | ...
struct MqttHeader {
  std::uint8_t type = 0, flags = 0;
  std::size_t length = 0;  // of what follows
};
enum class MqttHeaderFault : std::uint8_t { none, more, flags, bad };
// `reader` moves only past a whole header. `bad`: a type that no version has, or a length of five bytes; `flags`: those
// are none of its type, which not every broker minds.
MqttHeaderFault read_mqtt_header(ByteReader& reader, MqttHeader& out);

// Views the input, like all below.
struct MqttConnect {
  Bytes name;  // "MQTT", "MQIsdp"
  std::uint8_t version = 0;
  Bytes client_id;
  bool has_will = false, has_user = false, has_password = false;
  Bytes will_topic, will_payload, user;
};
// False when it is cut; what stands before the cut is set.
bool read_mqtt_connect(Bytes body, MqttConnect& out);
// Whether such a packet begins here: its name and version. Nothing: not enough bytes.
std::optional<bool> begins_mqtt_connect(Bytes body);

struct MqttPublish {
  Bytes topic;
  std::uint16_t id = 0;     // for QoS 1 and 2
  std::uint16_t alias = 0;  // version 5: stands for the topic; 0 when there is none
  Bytes payload;
};
bool read_mqtt_publish(Bytes body, unsigned qos, bool version5, MqttPublish& out);

// Passes over version 5's properties.
void skip_mqtt_properties(ByteReader& reader);
// A text with its length before it.
Bytes mqtt_text(ByteReader& reader);

// How a server answers CONNECT; empty when the code has no name.
std::string_view mqtt_connect_status(std::uint8_t code);

}  // namespace nw::network
