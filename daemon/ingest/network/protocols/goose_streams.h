// Who publishes GOOSE, whatever carries it: each message is judged by those before it and told, and so is a publisher
// that falls silent.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/network/protocols/goose_message.h"
#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/routed_session.h"

namespace nw::network {

// The `goose` event.
[[nodiscard]] const event::TypeSpec& goose_type() noexcept;

// One sender's messages of one control block.
struct GoosePublisher {
  std::string name;    // the sender's, the control block's reference
  std::string values;  // the last ones, as they came
  Timestamp last{};
  std::uint64_t st_num = 0, sq_num = 0, conf_rev = 0;
  std::uint64_t dataset = 0;  // its hash
  std::chrono::milliseconds allowed{};
  std::uint16_t appid = 0;
  bool second = false;  // another sender published the same before
  bool silent = false;  // that was told
  bool is_signed = false, simulated = false;
  L2Ends ends;

  [[nodiscard]] std::string_view reference() const noexcept {
    return std::string_view{name}.substr(ends.source.size());
  }
  // When the next message comes at the latest, where that was said.
  [[nodiscard]] Timestamp due() const noexcept { return last + allowed; }
};

class GooseStreams {
 public:
  // `type`: the event's position among the protocol's types. `most`: so many publishers are remembered.
  GooseStreams(std::size_t type, std::size_t most) : publishers_{most}, type_{type} {}

  void take(const GooseMessage& message, const Iec61850Origin& origin, Context& context);
  // A session that holds no message that can be read.
  void tell_sealed(const Iec61850Origin& origin, bool encrypted, Context& context) const;
  // Nothing more comes of times up to `until`: who should have been heard by then is silent. Nobody could know it
  // before `known_from`.
  void advance(Timestamp until, Timestamp known_from, Context& context);

 private:
  struct Judged {
    bool change = false;  // it tells something new
    unsigned anomalies = 0;
    std::optional<std::int64_t> step;
  };

  void forget(Context& context);
  Judged judge(const GooseMessage& message, const Iec61850Origin& origin, Context& context);
  GoosePublisher& open(const Iec61850Origin& origin, Context& context);
  const GoosePublisher* other(const GoosePublisher& than);
  std::optional<std::uint64_t> write_values(EventWriter& out, Bytes all_data, IcsText* value);
  void tell(const GooseMessage& message, const Iec61850Origin& origin, Judged judged, Context& context);
  void tell_silence(const GoosePublisher& publisher, Timestamp known_at, Context& context) const;

  L2Streams<GoosePublisher> publishers_;
  std::string name_, text_;  // of the current message; kept for their memory
  std::size_t type_;
};

}  // namespace nw::network
