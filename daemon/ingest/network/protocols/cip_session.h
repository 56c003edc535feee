// CIP between two hosts: messages are told, responses are joined to their requests. What is unconnected is joined by
// session and sender context, what is on a connection by its two ids and the sequence count, and a part of a message by
// its place.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/cip_event.h"
#include "ingest/network/protocols/cip_message.h"
#include "ingest/network/protocols/cip_pccc.h"
#include "ingest/network/protocols/ics_requests.h"
#include "ingest/network/protocols/known_device.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// What carries a message.
struct CipFrame {
  std::uint16_t command = 0;  // of the encapsulation
  std::uint32_t session = 0;
  std::uint64_t context = 0;
  std::optional<std::uint32_t> connection{};
  std::optional<std::uint16_t> sequence{};  // on a connection
  Direction direction = Direction::to_responder;
  bool from_client = true;
  bool refused = false;  // and counted: of a message in it what is there is read

  // Whether `answer` may answer what this one asks; ids of connections aside.
  [[nodiscard]] bool asks_for(const CipFrame& answer) const noexcept {
    if (direction == answer.direction || sequence != answer.sequence || session != answer.session) return false;
    return sequence.has_value() || context == answer.context;
  }
  [[nodiscard]] bool again(const CipFrame& other) const noexcept {
    return direction == other.direction && sequence == other.sequence && session == other.session &&
           connection == other.connection && (sequence.has_value() || context == other.context);
  }
};

class CipSession {
 public:
  static constexpr std::size_t kRequestsMax = 256;
  static constexpr std::size_t kConnectionsMax = 32;
  static constexpr unsigned kDepthMax = 64;    // of messages in one another: no more fit into one that routers send on
  static constexpr unsigned kPartsMax = 2048;  // in one message, however deep; the first kRequestsMax are joined

  void take(const CipFrame& frame, Bytes message, Context& context);
  void expire(Context& context);
  // Responses in this direction may be lost.
  void gap(Direction direction);
  void finish(Context& context);
  // The encapsulation refused what `answer` answers.
  void fail(const CipFrame& answer, Context& context);

  KnownDevices& devices() noexcept { return devices_; }

 private:
  // A message or a part of one.
  struct Part {
    Bytes octets{};
    std::uint64_t place = 0;  // 0 the message, its parts from 1 on
    unsigned depth = 0;
    std::string_view in{};  // the service of what carries it
    Bytes route{};
  };
  struct Request {
    Timestamp time{};
    CipFrame frame{};
    std::uint64_t place = 0;
    std::uint8_t service = 0;
    bool routed = false;  // by Unconnected Send, whose errors answer it, too
    std::string_view in{};
    CipPoint point{};
    std::optional<std::uint8_t> pccc_type{};
    IcsText route{};
    IcsCommand command{};
  };
  // A response and what is known of its request.
  struct Answer {
    const CipMessage& message;
    const Request* asked = nullptr;  // null when it was not seen
    CipPoint point{};
    IcsOperation operation = IcsOperation::other;
    std::optional<CipConnection> connection{};
    std::optional<PcccMessage> pccc{};
  };
  struct Connection {
    std::uint32_t to_target = 0, to_originator = 0;
  };

  void tell(const CipFrame& frame, const Part& part, Context& context);
  // Both say whether the message is well-formed.
  bool request(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context);
  bool response(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context);
  void tell_response(const CipFrame& frame, const Part& part, const Answer& answer, Context& context);
  void parts(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context);
  void carried(const CipFrame& frame, const Part& part, const CipMessage& message, Context& context);
  void learn(const CipConnection& connection);
  [[nodiscard]] bool of_one_connection(const CipFrame& asked, const CipFrame& answer) const;
  Request* find(const CipFrame& answer, std::uint64_t place, std::uint8_t service);
  void give_up(Context& context, auto&& is);
  EventWriter begin(const CipFrame& frame, Timestamp time, Context& context);
  EventWriter begin(const Request& request, Context& context);
  static void set_route(EventWriter& out, const Request& request);
  void unanswered(const Request& request, Context& context);

  IcsRequests<Request, kRequestsMax> open_;
  std::array<Connection, kConnectionsMax> connections_{};
  std::size_t connection_count_ = 0, next_connection_ = 0;
  std::size_t parts_ = 0, parts_max_ = 0;  // of the message that is being told
  KnownDevices devices_;
  CipHexText<8> session_text_, connection_text_;  // of the event that was told last
  CipHexText<16> context_text_;
};

}  // namespace nw::network
