#include "ingest/network/protocols/mqtt_packet.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

// A variable byte integer: the bytes that it may have, or nothing when it is cut or longer.
std::optional<std::size_t> variable(ByteReader& reader, bool& too_long) {
  std::size_t value = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    const std::uint8_t byte = reader.u8();
    if (!reader.ok()) return {};
    value |= std::size_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return value;
  }
  too_long = true;
  return {};
}

bool is_text(Bytes bytes, std::string_view text) {
  return std::ranges::equal(bytes, text, [](std::uint8_t a, char b) { return a == static_cast<std::uint8_t>(b); });
}

// Brokers that connect to brokers set the highest bit.
bool fits(Bytes name, std::uint8_t version) {
  const unsigned level = version & 0x7fU;
  return (is_text(name, "MQTT") && (level == 4 || level == 5)) || (is_text(name, "MQIsdp") && level == 3);
}

// Version 5's property of that number is passed over; false when it has none.
bool skip_property(ByteReader& reader, std::uint8_t number) {
  constexpr std::uint8_t kSubscriptionId = 0x0b, kUserProperty = 0x26;
  bool too_long = false;
  switch (number) {
    case 0x01:
    case 0x17:
    case 0x19:
    case 0x24:
    case 0x25:
    case 0x28:
    case 0x29:
    case 0x2a: reader.u8(); break;
    case 0x13:
    case 0x21:
    case 0x22:
    case 0x23: reader.u16be(); break;
    case 0x02:
    case 0x11:
    case 0x18:
    case 0x27: reader.u32be(); break;
    case 0x03:
    case 0x08:
    case 0x09:
    case 0x12:
    case 0x15:
    case 0x16:
    case 0x1a:
    case 0x1c:
    case 0x1f: mqtt_text(reader); break;
    case kSubscriptionId: return variable(reader, too_long).has_value();
    case kUserProperty:
      mqtt_text(reader);
      mqtt_text(reader);
      break;
    default: return false;
  }
  return reader.ok();
}

// The properties of a packet, confined.
ByteReader properties(ByteReader& reader) {
  bool too_long = false;
  const auto length = variable(reader, too_long);
  return reader.sub(length.value_or(reader.rest().size() + 1));
}

}  // namespace

MqttHeaderFault read_mqtt_header(ByteReader& reader, MqttHeader& out) {
  ByteReader ahead = reader;
  const std::uint8_t first = ahead.u8();
  if (!ahead.ok()) return MqttHeaderFault::more;
  out.type = static_cast<std::uint8_t>(first >> 4U);
  out.flags = first & 15U;
  const bool two =
      out.type == mqtt_type::kPubrel || out.type == mqtt_type::kSubscribe || out.type == mqtt_type::kUnsubscribe;
  // Version 3.1 had a flag for packets that are sent again; the others fix them all.
  const bool flags = out.type == mqtt_type::kPublish || (out.flags & 7U) == (two ? 2U : 0U);
  if (out.type == 0) return MqttHeaderFault::bad;
  bool too_long = false;
  const auto length = variable(ahead, too_long);
  if (!length) return too_long ? MqttHeaderFault::bad : MqttHeaderFault::more;
  out.length = *length;
  reader = ahead;
  return flags ? MqttHeaderFault::none : MqttHeaderFault::flags;
}

Bytes mqtt_text(ByteReader& reader) {
  const std::size_t length = reader.u16be();
  return reader.bytes(length);
}

void skip_mqtt_properties(ByteReader& reader) { properties(reader); }

// | name | version u8 | flags u8 | keep alive u16 | [properties] | client id | [[properties] will topic, payload] |
// [user] | [password] |
bool read_mqtt_connect(Bytes body, MqttConnect& out) {
  ByteReader reader{body};
  out.name = mqtt_text(reader);
  out.version = reader.u8() & 0x7fU;
  const std::uint8_t flags = reader.u8();
  reader.u16be();
  const bool version5 = out.version == 5;
  if (version5) skip_mqtt_properties(reader);
  out.client_id = mqtt_text(reader);
  out.has_will = (flags & 0x04U) != 0;
  out.has_user = (flags & 0x80U) != 0;
  out.has_password = (flags & 0x40U) != 0;
  if (out.has_will) {
    if (version5) skip_mqtt_properties(reader);
    out.will_topic = mqtt_text(reader);
    out.will_payload = mqtt_text(reader);
  }
  if (out.has_user) out.user = mqtt_text(reader);
  if (out.has_password) mqtt_text(reader);
  return reader.ok();
}

std::optional<bool> begins_mqtt_connect(Bytes body) {
  ByteReader reader{body};
  const std::size_t length = reader.u16be();
  if (reader.ok() && length != 4 && length != 6) return false;
  const Bytes name = reader.bytes(length);
  const std::uint8_t version = reader.u8();
  if (!reader.ok()) {
    const Bytes known = body.subspan(std::min<std::size_t>(body.size(), 2));
    const std::string_view want = length == 4 ? "MQTT" : "MQIsdp";
    if (length != 0 && !is_text(known, want.substr(0, std::min(known.size(), want.size())))) return false;
    return {};
  }
  return fits(name, version);
}

// | topic | id u16 if QoS is not 0 | [properties] | payload |
bool read_mqtt_publish(Bytes body, unsigned qos, bool version5, MqttPublish& out) {
  constexpr std::uint8_t kTopicAlias = 0x23;
  ByteReader reader{body};
  out.topic = mqtt_text(reader);
  if (qos != 0) out.id = reader.u16be();
  if (version5) {
    ByteReader inner = properties(reader);
    while (!inner.empty()) {
      const std::uint8_t number = inner.u8();
      if (number == kTopicAlias) {
        out.alias = inner.u16be();
      } else if (!skip_property(inner, number)) {
        return false;
      }
    }
    if (!inner.ok()) return false;
  }
  out.payload = reader.rest();
  return reader.ok();
}

std::string_view mqtt_connect_status(std::uint8_t code) {
  struct Row {
    std::uint8_t code;
    std::string_view name;
  };
  // Up to 5 in versions 3.1 and 3.1.1, from 0x80 on in version 5 (table 3-1).
  static constexpr auto kRows = std::to_array<Row>({
      {0x00, "Connection Accepted"},
      {0x01, "Refused: unacceptable protocol version"},
      {0x02, "Refused: identifier rejected"},
      {0x03, "Refused: server unavailable"},
      {0x04, "Refused: bad user name or password"},
      {0x05, "Refused: not authorized"},
      {0x80, "Refused: unspecified error"},
      {0x81, "Refused: malformed packet"},
      {0x82, "Refused: protocol error"},
      {0x83, "Refused: implementation specific error"},
      {0x84, "Refused: unacceptable protocol version"},
      {0x85, "Refused: identifier rejected"},
      {0x86, "Refused: bad user name or password"},
      {0x87, "Refused: not authorized"},
      {0x88, "Refused: server unavailable"},
      {0x89, "Refused: server busy"},
      {0x8a, "Refused: banned"},
      {0x8c, "Refused: bad authentication method"},
      {0x90, "Refused: topic name invalid"},
      {0x95, "Refused: packet too large"},
      {0x97, "Refused: quota exceeded"},
      {0x99, "Refused: payload format invalid"},
      {0x9a, "Refused: retain not supported"},
      {0x9b, "Refused: QoS not supported"},
      {0x9c, "Refused: use another server"},
      {0x9d, "Refused: server moved"},
      {0x9f, "Refused: connection rate exceeded"},
  });
  const auto row = std::ranges::find(kRows, code, &Row::code);
  return row == kRows.end() ? std::string_view{} : row->name;
}

}  // namespace nw::network
