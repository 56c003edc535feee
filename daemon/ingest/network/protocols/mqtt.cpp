// MQTT 3.1, 3.1.1 and 5.0 over TCP, as mqtt_packet.h reads it.
//
// Three events, as in Zeek's mqtt_connect.log, mqtt_publish.log and mqtt_subscribe.log. A connection and a subscription
// wait for the server's answer. A message of QoS 1 is told with its PUBACK, of QoS 2 with its PUBCOMP; after five
// seconds without it is told as incomplete. Passwords are never told, payloads up to 100 bytes.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/mqtt_packet.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Type : std::size_t { kConnectEvent, kPublishEvent, kSubscribeEvent };

enum ConnectField : std::size_t {
  kProtoName,
  kProtoVersion,
  kClientId,
  kConnectStatus,
  kWillTopic,
  kWillPayload,
  kUserName,
  kPasswordGiven,
  kConnectCode,
};
constexpr auto kConnectFields = std::to_array<FieldSpec>({
    {"proto_name", "text", "MQTT, or MQIsdp in version 3.1"},
    {"proto_version", "text", "3.1, 3.1.1 or 5.0"},
    {"client_id", "text", "what the client calls itself"},
    {"connect_status", "text", "Connection Accepted, or Refused: and why; unknown-return-code-NN when it has no name"},
    {"will_topic", "text", "where the server publishes for the client when its connection breaks"},
    {"will_payload", "text", "what it publishes then: the first 100 bytes"},
    {"username", "text", "the user that the client names (ours)"},
    {"password_given", "boolean", "the client sent a password (ours)"},
    {"connect_code", "integer", "the server's answer as a number (ours)"},
});

enum PublishField : std::size_t { kFromClient, kRetain, kQos, kStatus, kTopic, kPayload, kPayloadLength };
constexpr auto kPublishFields = std::to_array<FieldSpec>({
    {"from_client", "boolean", "the client published it; otherwise the server handed it on"},
    {"retain", "boolean", "the server shall keep it for later subscribers"},
    {"qos", "text", "at most once, at least once, exactly once; unknown-qos-level-3"},
    {"status", "text", "ok, or incomplete_qos when not all was seen that the QoS asks for"},
    {"topic", "text", "the topic, also where an alias stands for it"},
    {"payload", "text", "its first 100 bytes"},
    {"payload_len", "integer", "bytes of the payload"},
});

enum SubscribeField : std::size_t { kAction, kTopics, kQosLevels, kGrantedQos, kAck };
constexpr auto kSubscribeFields = std::to_array<FieldSpec>({
    {"action", "text", "MQTT::SUBSCRIBE or MQTT::UNSUBSCRIBE"},
    {"topics", "list of text", "topics, or patterns of them"},
    {"qos_levels", "list of integer", "QoS asked for, for each of `topics`"},
    {"granted_qos_level", "integer", "QoS that the server granted for the first; 128 and more: refused"},
    {"ack", "boolean", "the server answered"},
});

constexpr std::array<std::string_view, 1> kCategory{"iot"};
constexpr std::array<std::string_view, 1> kConnectService{"mqtt_connect"}, kPublishService{"mqtt_publish"},
    kSubscribeService{"mqtt_subscribe"};
constexpr std::array<event::TypeSpec, 3> kTypes{
    {{"mqtt_connect", "normwatch", kConnectService, kCategory, kConnectFields, false},
     {"mqtt_publish", "normwatch", kPublishService, kCategory, kPublishFields, false},
     {"mqtt_subscribe", "normwatch", kSubscribeService, kCategory, kSubscribeFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{1883};

constexpr std::size_t kHeadMax = 8 * 1024;  // bytes of a packet that are read; the rest passes by
constexpr std::size_t kPayloadMax = 100;    // bytes of a payload that are told, as in Zeek
constexpr std::size_t kWaitingMax = 64;     // messages and subscriptions that wait, each, per flow
constexpr std::size_t kTopicsMax = 64;      // of a subscription
constexpr std::size_t kAliasesMax = 64;     // of a direction
constexpr std::size_t kTopicMax = 1024;     // bytes of a topic that are told
// Memory of texts: of messages, and of subscriptions, that wait; of a direction's aliases.
constexpr std::size_t kWaitingBytesMax = 48 * 1024, kAliasBytesMax = 24 * 1024;
constexpr Nanoseconds kWait = std::chrono::seconds{5};

void keep(std::string& out, Bytes bytes, std::size_t most = kTopicMax) {
  TextBuffer text;
  text.append_escaped(bytes.first(std::min(bytes.size(), most)));
  out = text.view();
}

// What it has besides itself.
std::size_t memory_of(const std::string& text) {
  return text.capacity() >= sizeof(std::string) / 2 ? text.capacity() + 1 : 0;
}

class MqttAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    expire(context);
    ByteReader reader{bytes};
    for (;;) {
      const std::size_t passed = std::min(side.skip, reader.rest().size());
      reader.bytes(passed);
      side.skip -= passed;
      if (side.skip != 0) break;
      ByteReader ahead = reader;
      MqttHeader header;
      const auto fault = read_mqtt_header(ahead, header);
      if (fault == MqttHeaderFault::more) break;
      // After a gap: what begins no packet is skipped, segment by segment.
      if (side.lost && (fault != MqttHeaderFault::none || header.length > ahead.rest().size())) return bytes.size();
      if (fault == MqttHeaderFault::bad) {
        context.refused(DecodeError::bad_value);
        finish(context);
        return kGiveUp;
      }
      side.lost = false;
      const Bytes body = ahead.bytes(std::min(header.length, kHeadMax));
      if (!ahead.ok()) break;
      if (fault == MqttHeaderFault::flags) context.refused(DecodeError::bad_value);
      reader = ahead;
      side.skip = header.length - body.size();
      packet(header, body, direction, context);
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    if (bytes <= side.skip) {
      side.skip -= bytes;  // of what would have passed by
      return;
    }
    side.skip = 0;
    side.lost = true;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    if (connecting_) tell_connect({}, context);
    for (const Message& message : messages_) tell_message(message, false, context);
    for (const Subscription& one : subscriptions_) tell_subscription(one, {}, false, context);
    messages_.clear();
    subscriptions_.clear();
    message_bytes_ = subscription_bytes_ = 0;
  }

 private:
  struct Side {
    std::size_t skip = 0;              // bytes of a packet that still pass by
    bool lost = false;                 // a gap came, no packet found since
    std::vector<std::string> aliases;  // topics by alias - 1
    std::size_t alias_bytes = 0;       // memory of all
  };
  struct Message {
    Timestamp time;
    Direction direction = Direction::to_responder;
    std::uint16_t id = 0;
    std::uint8_t qos = 0, steps = 0;  // steps: of PUBREC, PUBREL, PUBCOMP
    bool retain = false;
    std::string topic, payload;
    std::size_t payload_bytes = 0;
  };
  struct Subscription {
    Timestamp time;
    std::uint16_t id = 0;
    bool ends = false;  // UNSUBSCRIBE
    std::vector<std::string> topics;
    std::vector<std::uint8_t> qos;

    [[nodiscard]] std::size_t memory() const {
      std::size_t bytes = topics.capacity() * sizeof(std::string) + qos.capacity();
      for (const std::string& topic : topics) bytes += memory_of(topic);
      return bytes;
    }
  };

  void packet(const MqttHeader& header, Bytes body, Direction direction, Context& context) {
    ByteReader reader{body};
    switch (header.type) {
      case mqtt_type::kConnect: return connect(body, direction, context);
      case mqtt_type::kConnack: {
        reader.u8();
        const std::uint8_t code = reader.u8();
        if (!reader.ok()) return context.refused(DecodeError::truncated);
        return tell_connect(code, context);
      }
      case mqtt_type::kPublish: return publish(header, body, direction, context);
      case mqtt_type::kPuback: return step(reader, opposite(direction), 0, context);
      case mqtt_type::kPubrec: return step(reader, opposite(direction), 1, context);
      case mqtt_type::kPubrel: return step(reader, direction, 2, context);
      case mqtt_type::kPubcomp: return step(reader, opposite(direction), 3, context);
      case mqtt_type::kSubscribe: return subscribe(reader, false, context);
      case mqtt_type::kUnsubscribe: return subscribe(reader, true, context);
      case mqtt_type::kSuback:
      case mqtt_type::kUnsuback: return acknowledge(reader, header.type == mqtt_type::kUnsuback, context);
      default: break;
    }
  }

  void connect(Bytes body, Direction direction, Context& context) {
    if (connecting_) tell_connect({}, context);
    MqttConnect connect;
    if (!read_mqtt_connect(body, connect)) context.refused(DecodeError::truncated);
    client_ = direction;
    connecting_ = true;
    version_ = connect.version;
    time_ = context.now();
    has_will_ = connect.has_will;
    has_user_ = connect.has_user;
    has_password_ = connect.has_password;
    keep(name_, connect.name);
    keep(client_id_, connect.client_id);
    keep(will_topic_, connect.will_topic);
    keep(will_payload_, connect.will_payload, kPayloadMax);
    keep(user_, connect.user);
  }

  static void set_text(EventWriter& out, std::size_t field, std::string_view text) {
    if (out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  static void set_numbered(EventWriter& out, std::size_t field, std::string_view prefix, unsigned number) {
    TextBuffer text;
    text.append(prefix);
    text.append_number(number);
    set_text(out, field, text.view());
  }

  void tell_connect(std::optional<std::uint8_t> code, Context& context) {
    const bool known = std::exchange(connecting_, false);
    if (!context.wants(kConnectEvent)) return;
    EventWriter out = context.begin(kConnectEvent, known ? time_ : context.now());
    if (known) {
      set_text(out, kProtoName, name_);
      if (version_ >= 3 && version_ <= 5) {
        static constexpr std::array<std::string_view, 3> kNames{"3.1", "3.1.1", "5.0"};
        out.set(kProtoVersion, Value::text(kNames[version_ - 3U]));
      } else {
        set_numbered(out, kProtoVersion, "unknown-version-", version_);
      }
      set_text(out, kClientId, client_id_);
      if (has_will_) set_text(out, kWillTopic, will_topic_);
      if (has_will_) set_text(out, kWillPayload, will_payload_);
      if (has_user_) set_text(out, kUserName, user_);
      out.set(kPasswordGiven, Value::boolean(has_password_));
    }
    if (code) {
      const std::string_view status = mqtt_connect_status(*code);
      out.set(kConnectCode, Value::integer(*code));
      if (!status.empty()) {
        out.set(kConnectStatus, Value::text(status));
      } else {
        set_numbered(out, kConnectStatus, "unknown-return-code-", *code);
      }
    }
    context.emit();
  }

  void publish(const MqttHeader& header, Bytes body, Direction direction, Context& context) {
    MqttPublish read;
    const auto qos = static_cast<std::uint8_t>(header.flags >> 1U & 3U);
    if (!read_mqtt_publish(body, qos, version_ == 5, read)) context.refused(DecodeError::truncated);
    Side& side = sides_[static_cast<std::size_t>(direction)];
    Message& made = scratch_;
    made.time = context.now();
    made.direction = direction;
    made.id = read.id;
    made.qos = qos;
    made.steps = 0;
    made.retain = (header.flags & 1U) != 0;
    keep(made.topic, read.topic);
    keep(made.payload, read.payload, kPayloadMax);
    made.payload_bytes = header.length - (body.size() - read.payload.size());
    if (read.alias != 0) alias(side, read.alias, made.topic, context);
    if (qos == 3) context.refused(DecodeError::bad_value);
    if (qos == 0 || qos == 3) return tell_message(made, qos == 0, context);
    const auto same = find_message(direction, read.id);
    if (same != messages_.end()) {
      tell_message(*same, false, context);
      forget(same);
    }
    const std::size_t bytes = made.topic.size() + made.payload.size();
    while (!messages_.empty() && (messages_.size() == kWaitingMax || message_bytes_ + bytes > kWaitingBytesMax)) {
      context.refused(DecodeError::limit);
      tell_message(messages_.front(), false, context);
      forget(messages_.begin());
    }
    message_bytes_ += bytes;
    messages_.push_back(made);
  }

  void forget(std::vector<Message>::iterator message) {
    message_bytes_ -= message->topic.size() + message->payload.size();
    messages_.erase(message);
  }
  void forget(std::vector<Subscription>::iterator one) {
    subscription_bytes_ -= one->memory();
    subscriptions_.erase(one);
  }

  // A topic gives the alias its meaning; without one, the alias gives the topic.
  static void alias(Side& side, std::uint16_t number, std::string& topic, Context& context) {
    if (number > kAliasesMax) return context.refused(DecodeError::limit);
    if (side.aliases.size() < number) side.aliases.resize(number);
    std::string& known = side.aliases[number - 1U];
    if (topic.empty()) {
      topic = known;
      return;
    }
    side.alias_bytes -= memory_of(known);
    std::string{}.swap(known);
    if (side.alias_bytes + topic.size() + 1 > kAliasBytesMax) return context.refused(DecodeError::limit);
    std::string{topic}.swap(known);
    side.alias_bytes += memory_of(known);
  }

  std::vector<Message>::iterator find_message(Direction direction, std::uint16_t id) {
    return std::ranges::find_if(messages_, [&](const Message& m) { return m.id == id && m.direction == direction; });
  }

  // 0: PUBACK; 1 to 3: PUBREC, PUBREL and PUBCOMP, of a message that was sent in `direction`.
  void step(ByteReader reader, Direction direction, std::uint8_t number, Context& context) {
    const std::uint16_t id = reader.u16be();
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    const auto message = find_message(direction, id);
    if (message == messages_.end()) return;
    constexpr std::uint8_t kRefused = 0x80, kLast = 3;
    const bool refused = version_ == 5 && reader.u8() >= kRefused;
    if (number == message->steps + 1) message->steps = number;
    if (number != 0 && number != kLast && !refused) return;
    const bool whole = message->qos == 1 ? number == 0 : message->steps == kLast;
    tell_message(*message, whole && !refused, context);
    forget(message);
  }

  void tell_message(const Message& message, bool whole, Context& context) const {
    if (!context.wants(kPublishEvent)) return;
    EventWriter out = context.begin(kPublishEvent, message.time);
    static constexpr std::array<std::string_view, 4> kNames{"at most once", "at least once", "exactly once",
                                                            "unknown-qos-level-3"};
    out.set(kFromClient, Value::boolean(message.direction == client_));
    out.set(kRetain, Value::boolean(message.retain));
    out.set(kQos, Value::text(kNames[message.qos]));
    out.set(kStatus, Value::text(whole ? "ok" : "incomplete_qos"));
    set_text(out, kTopic, message.topic);
    set_text(out, kPayload, message.payload);
    out.set(kPayloadLength, Value::integer(static_cast<std::int64_t>(message.payload_bytes)));
    context.emit();
  }

  void subscribe(ByteReader reader, bool ends, Context& context) {
    Subscription made{context.now(), reader.u16be(), ends, {}, {}};
    if (version_ == 5) skip_mqtt_properties(reader);
    while (!reader.empty() && made.topics.size() < kTopicsMax) {
      const Bytes topic = mqtt_text(reader);
      const std::uint8_t options = ends ? 0 : reader.u8();
      if (!reader.ok()) break;
      keep(made.topics.emplace_back(), topic);
      if (!ends) made.qos.push_back(options & 3U);
    }
    if (!reader.ok()) {
      context.refused(DecodeError::truncated);
    } else if (!reader.empty()) {
      context.refused(DecodeError::limit);
    }
    const std::size_t bytes = made.memory();
    while (!subscriptions_.empty() &&
           (subscriptions_.size() == kWaitingMax || subscription_bytes_ + bytes > kWaitingBytesMax)) {
      context.refused(DecodeError::limit);
      tell_subscription(subscriptions_.front(), {}, false, context);
      forget(subscriptions_.begin());
    }
    subscription_bytes_ += bytes;
    subscriptions_.push_back(std::move(made));
  }

  void acknowledge(ByteReader reader, bool ends, Context& context) {
    const std::uint16_t id = reader.u16be();
    if (version_ == 5) skip_mqtt_properties(reader);
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    const auto one =
        std::ranges::find_if(subscriptions_, [&](const Subscription& s) { return s.id == id && s.ends == ends; });
    if (one == subscriptions_.end()) return;
    const std::uint8_t first = reader.u8();
    const bool granted = !ends && reader.ok();
    tell_subscription(*one, granted ? std::optional{first} : std::nullopt, true, context);
    forget(one);
  }

  static void tell_subscription(const Subscription& one, std::optional<std::uint8_t> granted, bool answered,
                                Context& context) {
    if (!context.wants(kSubscribeEvent)) return;
    EventWriter out = context.begin(kSubscribeEvent, one.time);
    out.set(kAction, Value::text(one.ends ? "MQTT::UNSUBSCRIBE" : "MQTT::SUBSCRIBE"));
    const auto topics = out.event().arena().make<Value>(one.topics.size());
    const auto levels = out.event().arena().make<Value>(one.qos.size());
    for (std::size_t i = 0; i < topics.size(); ++i) topics[i] = Value::text(out.event().keep(one.topics[i]));
    for (std::size_t i = 0; i < levels.size(); ++i) levels[i] = Value::integer(one.qos[i]);
    out.set(kTopics, Value::list(topics));
    if (!levels.empty()) out.set(kQosLevels, Value::list(levels));
    if (granted) out.set(kGrantedQos, Value::integer(*granted));
    out.set(kAck, Value::boolean(answered));
    context.emit();
  }

  // Both lists are in the order of time.
  void expire(Context& context) {
    while (!messages_.empty() && context.now() - messages_.front().time > kWait) {
      tell_message(messages_.front(), false, context);
      forget(messages_.begin());
    }
    while (!subscriptions_.empty() && context.now() - subscriptions_.front().time > kWait) {
      tell_subscription(subscriptions_.front(), {}, false, context);
      forget(subscriptions_.begin());
    }
  }

  std::array<Side, 2> sides_;
  Direction client_ = Direction::to_responder;
  std::uint8_t version_ = 4;  // in mid-stream, the most common one without properties
  // The CONNECT that waits.
  bool connecting_ = false, has_will_ = false, has_user_ = false, has_password_ = false;
  Timestamp time_{};
  std::string name_, client_id_, will_topic_, will_payload_, user_;
  Message scratch_;
  std::vector<Message> messages_;            // oldest first
  std::vector<Subscription> subscriptions_;  // oldest first
  std::size_t message_bytes_ = 0, subscription_bytes_ = 0;
};

// Off the port only CONNECT, which has its protocol's name in it.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  MqttHeader header;
  if (first.empty()) return Verdict::unsure;
  const auto fault = read_mqtt_header(reader, header);
  const bool connect = header.type == mqtt_type::kConnect;
  if (fault == MqttHeaderFault::bad || (!connect && !on_port)) return Verdict::no;
  if (fault == MqttHeaderFault::more) return Verdict::unsure;
  if (fault == MqttHeaderFault::flags) return Verdict::no;
  if (connect) {
    const auto begins = begins_mqtt_connect(reader.rest());
    return !begins ? Verdict::unsure : *begins ? Verdict::yes : Verdict::no;
  }
  if (header.type != mqtt_type::kPublish) return header.length <= kHeadMax ? Verdict::yes : Verdict::no;
  const std::size_t topic = reader.u16be();
  return !reader.ok() || topic + 2 <= header.length ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<MqttAnalyzer>(); }

}  // namespace

Protocol mqtt_protocol() {
  Protocol p;
  p.name = "mqtt";
  p.help = "MQTT: connections, messages and subscriptions of things";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
