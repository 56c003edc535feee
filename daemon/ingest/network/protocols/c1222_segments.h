// Messages of C12.22 in segments (ANSI C12.22-2008, segmentation sub-layer), put together. Each segment is a message
// with the titles and numbers of the whole one, whose called AE qualifier is the octets of the whole message, and whose
// user information is | offset INTEGER | some of these octets |. What is put together is a message as any other: its
// own head counts, not that of its segments.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"
#include "ingest/network/protocols/c1222_message.h"
#include "ingest/network/protocols/ordered_pieces.h"

namespace nw::network {

// A message that will not be whole, as far as it is known.
struct C1222Part {
  const C1222Message& head;  // of its first segment that came
  Direction direction;
  Timestamp time;
  std::uint32_t segments = 0;
  std::uint64_t missing = 0;  // octets that never came; none when they are no message
};

class C1222Segments {
 public:
  static constexpr std::size_t kOpenMax = 4;  // of both directions
  static constexpr std::chrono::seconds kPatience{30};

  // Takes a segment; `whole(const C1222Message&, segments)` gets the message once it is whole, `part(const C1222Part&)`
  // one that will not be. Both are views until they return.
  void add(const C1222Message& segment, Direction direction, Context& context, auto&& whole, auto&& part) {
    if (const auto fault = check(segment)) {
      context.refused(*fault);
      return part(C1222Part{segment, direction, context.now(), 1, missing_of(segment)});
    }
    const auto at = find_or_begin(segment, direction, context, part);
    if (!at->pieces.add(*segment.offset, segment.segment)) {
      context.refused(DecodeError::limit);
      return give_up(at, at + 1, part);
    }
    ++at->count;
    const Bytes octets = at->pieces.ready();
    if (octets.size() < at->size) return;
    C1222Message message;
    if (const auto fault = read_whole(octets, message)) {
      context.refused(*fault);
      part(C1222Part{head(*at, message), direction, at->begun, at->count, 0});
    } else {
      whole(message, at->count);
    }
    // What comes then are pieces sent again, or another message under its number.
    at->pieces.clear();
    at->count = 0;
    at->told = true;
    at->begun = context.now();
    std::rotate(at, at + 1, open_.end());
  }

  // Those that nobody goes on with. Counted, unless what is there was told and came again.
  void expire(Timestamp now, Context& context, auto&& part) {
    std::size_t old = 0;
    while (old < open_.size() && now - open_[old].begun > kPatience) ++old;
    lose(old, context, part);
  }
  void finish(Context& context, auto&& part) { lose(open_.size(), context, part); }

 private:
  struct Open {
    Timestamp begun{};
    Direction direction = Direction::to_responder;
    std::optional<std::int64_t> number;
    std::uint64_t titles = 0;  // a hash of who speaks and who is spoken to
    std::uint32_t size = 0, count = 0;
    bool told = false;
    std::vector<std::uint8_t> first;  // the first segment that came
    OrderedPieces pieces;

    [[nodiscard]] bool wants_telling() const noexcept { return !told && count != 0; }
  };

  static std::optional<DecodeError> check(const C1222Message& segment);
  static std::optional<DecodeError> read_whole(Bytes octets, C1222Message& out);
  static std::uint64_t missing_of(const C1222Message& segment);
  static const C1222Message& head(const Open& open, C1222Message& out);
  static Open begin(const C1222Message& segment, Direction direction, Timestamp now);
  std::vector<Open>::iterator find(const C1222Message& segment, Direction direction);

  std::vector<Open>::iterator find_or_begin(const C1222Message& segment, Direction direction, Context& context,
                                            auto&& part) {
    if (const auto at = find(segment, direction); at != open_.end()) return at;
    if (open_.size() == kOpenMax) {
      if (open_.front().wants_telling()) context.refused(DecodeError::limit);
      give_up(open_.begin(), open_.begin() + 1, part);
    }
    open_.push_back(begin(segment, direction, context.now()));
    return open_.end() - 1;
  }
  void lose(std::size_t count, Context& context, auto&& part) {
    const auto to = open_.begin() + static_cast<std::ptrdiff_t>(count);
    for (auto at = open_.begin(); at != to; ++at)
      if (at->wants_telling()) context.refused(DecodeError::truncated);
    give_up(open_.begin(), to, part);
  }
  void give_up(std::vector<Open>::iterator from, std::vector<Open>::iterator to, auto&& part) {
    C1222Message message;
    for (auto at = from; at != to; ++at)
      if (at->wants_telling())
        part(C1222Part{head(*at, message), at->direction, at->begun, at->count, at->size - at->pieces.size()});
    open_.erase(from, to);
  }

  std::vector<Open> open_;  // oldest first
};

}  // namespace nw::network
