// Streams of Sampled Values, whatever carries them: not told sample by sample but when they begin, change, jump, end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/network/protocols/l2_streams.h"
#include "ingest/network/protocols/routed_session.h"
#include "ingest/network/protocols/sv_message.h"

namespace nw::network {

// The `sv` event.
[[nodiscard]] const event::TypeSpec& sv_type() noexcept;

// What does not change from one sample to the next.
struct SvShape {
  std::uint64_t conf_rev = 0, smp_synch = 0, dat_set = 0;  // the last is a hash
  std::size_t bytes = 0;
  std::uint16_t appid = 0;
  bool simulated = false, is_signed = false;
};

struct SvStream {
  std::string name;    // the sender's, svID
  std::string values;  // of the last sample, as they came
  Timestamp first{}, last{};
  Timestamp jump{}, differed{};  // when one was last told
  std::uint64_t smp_cnt = 0, samples = 0, missed = 0;
  SvShape shape;
  bool second = false;  // another sender published the same before
  L2Ends ends;

  [[nodiscard]] std::string_view id() const noexcept { return std::string_view{name}.substr(ends.source.size()); }
};

class SvStreams {
 public:
  // `type`: the event's position among the protocol's types. `most`: so many streams are remembered.
  SvStreams(std::size_t type, std::size_t most) : streams_{most}, type_{type} {}

  // All samples of a frame that was read; SvFrame::broken() says what was wrong with them.
  void take(SvFrame& frame, const Iec61850Origin& origin, Context& context);
  // A session that holds no sample that can be read.
  void tell_sealed(const Iec61850Origin& origin, bool encrypted, Context& context) const;
  // Nothing more comes of times up to `until`. Nobody could know of a silence before `known_from`.
  void advance(Timestamp until, Timestamp known_from, Context& context);
  // The source ended.
  void finish(Context& context);

 private:
  void take(const SvFrame& frame, const SvSample& sample, const Iec61850Origin& origin, Context& context);
  SvStream& open(const Iec61850Origin& origin, Context& context);
  void tell(const SvFrame& frame, const SvSample& sample, const Iec61850Origin& origin, const SvStream& stream,
            std::string_view state, unsigned anomalies, Context& context) const;
  void tell_end(const SvStream& stream, std::optional<Timestamp> silent_at, Context& context) const;

  L2Streams<SvStream> streams_;
  std::string name_;  // of the current sample; kept for its memory
  std::size_t type_;
};

}  // namespace nw::network
