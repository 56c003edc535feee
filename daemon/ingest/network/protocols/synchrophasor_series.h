// Configurations (CFG-3) that are too large for one frame and come in several, put together (IEEE C37.118.2-2011, 6.5).
// Each begins with a number: 1 the first, 2 and so on, FFFF the last; what stands behind it goes on where the frame
// before ended, anywhere. Frames count in their order: nobody knows the last one's number.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "ingest/network/protocols/synchrophasor_event.h"

namespace nw::network {

struct SynSeries {
  SynFrame head;  // of the first frame that came, without its data
  Direction from = Direction::to_originator;
  Timestamp begun{};
  SynAnswer answer;
  SynFrames frames;
  std::vector<std::uint8_t> bytes;  // as one frame would have them, with a number of the first
};

// Of one flow.
class SynSeriesReader {
 public:
  static constexpr std::size_t kOpenMax = 2;
  static constexpr std::size_t kBytesMax = std::size_t{256} * 1024;
  static constexpr std::chrono::seconds kPatience{30};

  // Takes a frame whose number is not 0. `tell(const SynSeries&)` gets what is whole, or will not be: then
  // `frames.missing` says which frame did not come, and that was counted.
  void add(const SynFrame& frame, Direction from, const SynAnswer& answer, Context& context, auto&& tell) {
    const std::uint16_t number = ByteReader{frame.data}.u16be();
    std::size_t at = find(frame.stream, from);
    if (at < open_.size() && repeats(open_[at], frame, number)) return;
    if (at < open_.size() && !follows(open_[at], number)) {
      lose(at, context, tell);
      at = open_.size();
    }
    if (at == open_.size()) {
      if (at == kOpenMax) {
        context.refused(DecodeError::limit);
        give_up(0, tell);
      }
      open_.push_back(begin(frame, from, number, answer, context.now()));
      at = open_.size() - 1;
      if (number != kFirst) lose(at, context, tell);
      return;
    }
    if (frame.data.size() > kBytesMax - open_[at].bytes.size()) {
      context.refused(DecodeError::too_long);
      return give_up(at, tell);
    }
    append(open_[at], frame, number);
    if (number != kLast) return;
    tell(open_[at]);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  void expire(Timestamp now, Context& context, auto&& tell) {
    while (!open_.empty() && now - open_.front().begun > kPatience) lose(0, context, tell);
  }
  void finish(Context& context, auto&& tell) {
    while (!open_.empty()) lose(0, context, tell);
  }

 private:
  static constexpr std::uint16_t kFirst = 1, kLast = 0xFFFF;

  [[nodiscard]] std::size_t find(std::uint16_t stream, Direction from) const;
  static bool follows(const SynSeries& series, std::uint16_t number);
  static bool repeats(const SynSeries& series, const SynFrame& frame, std::uint16_t number);
  static SynSeries begin(const SynFrame& frame, Direction from, std::uint16_t number, const SynAnswer& answer,
                         Timestamp now);
  static void append(SynSeries& series, const SynFrame& frame, std::uint16_t number);

  void lose(std::size_t at, Context& context, auto&& tell) {
    context.refused(DecodeError::truncated);
    give_up(at, tell);
  }
  void give_up(std::size_t at, auto&& tell) {
    SynFrames& frames = open_[at].frames;
    frames.missing = static_cast<std::uint16_t>(frames.in_order + 1U);
    tell(open_[at]);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at));
  }

  std::vector<SynSeries> open_;  // oldest first
};

}  // namespace nw::network
