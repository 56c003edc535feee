// One direction of a stream in which frame stands behind frame, for every protocol whose frames show that they are
// some: by a magic number, a length that fits, a checksum. What is no frame is searched octet by octet for the next
// one, as devices do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// What a reader's fault says of the place where it began.
constexpr Verdict frame_verdict(std::optional<DecodeError> fault) noexcept {
  if (!fault) return Verdict::yes;
  return fault == DecodeError::truncated ? Verdict::unsure : Verdict::no;
}

class FrameStream {
 public:
  FrameStream() = default;
  // `noise_max` octets without any frame, and the flow is something else, unless it is the protocol's own port. Once
  // there was one, nothing ends the search.
  explicit FrameStream(std::size_t noise_max) noexcept : noise_max_{noise_max} {}

  // A gap or a fault came, and no frame since.
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  [[nodiscard]] bool known() const noexcept { return known_; }
  void gap() noexcept {
    lost_ = true;
    searched_ = seen_ = 0;
  }

  // `read(ByteReader&)` reads a frame and moves the reader behind it; `truncated` asks for more octets; of any other
  // fault one octet is passed over, or what the reader moved. `take()` tells the frame that was read. Returns what
  // Analyzer::stream() does. A fault counts once, however much is passed over behind it.
  std::size_t read(Bytes bytes, Context& context, auto&& read, auto&& take) {
    return run(bytes, context, read, take, [](Bytes) { return Verdict::no; });
  }
  // The same where lengths may lie. While a frame is not whole, those that stand within what came of it are told too:
  // a device that refuses the length carries them out. `certain(Bytes)` is `yes` when a whole frame begins here, which
  // chance does not make (`read` must then take it as well), and `unsure` when more octets may make it one.
  std::size_t read(Bytes bytes, Context& context, auto&& read, auto&& take, auto&& certain) {
    return run(bytes, context, read, take, certain);
  }

 private:
  // Noise is counted in such steps.
  static constexpr std::size_t kNoiseStep = 4096;
  // Octets that are looked at again at any time, and more for each one that is new. Where more than that may be the
  // beginning of frames, one that comes in small pieces is told a little later.
  static constexpr std::size_t kAgainMax = 4096, kAgainForEach = 16;

  std::size_t run(Bytes bytes, Context& context, auto&& read, auto&& take, auto&& certain) {
    ByteReader reader{bytes};
    for (bool begun = true; !reader.empty(); begun = false) {
      const Bytes rest = reader.rest();
      const auto fault = read(reader);
      if (fault == DecodeError::truncated) {
        search(reader.rest(), read, take, certain);
        break;
      }
      if (fault) {
        if (!std::exchange(lost_, true)) context.refused(*fault);
        if (reader.rest().size() == rest.size()) reader.bytes(1);
      }
      const std::size_t passed = rest.size() - reader.rest().size();
      const bool told = !fault && !begun && passed <= seen_ && certain(rest) == Verdict::yes;
      searched_ -= std::min(searched_, passed);
      seen_ -= std::min(seen_, passed);
      if (fault) {
        if (!pass_over(passed, context)) return Analyzer::kGiveUp;
        continue;
      }
      lost_ = false;
      known_ = true;
      noise_ = 0;
      if (!told) take();
    }
    return bytes.size() - reader.rest().size();
  }

  // False: the flow is something else.
  bool pass_over(std::size_t octets, Context& context) {
    const std::size_t steps = noise_ / kNoiseStep;
    noise_ += octets;
    if (const std::size_t more = noise_ / kNoiseStep - steps; more != 0) context.noise(more * kNoiseStep);
    return noise_ <= noise_max_ || known_ || context.at_home();
  }

  // Tells the frames within a frame that is waited for, each when it is whole.
  void search(Bytes waiting, auto&& read, auto&& take, auto&& certain) {
    const std::size_t size = waiting.size(), from = std::max<std::size_t>(searched_, 1);
    if (size <= from || size - from > kAgainMax + kAgainForEach * (size - std::min(seen_, size))) return;
    std::size_t possible = size;  // where the first begins whose end is still to come
    for (std::size_t at = from; at < size;) {
      ByteReader reader{waiting.subspan(at)};
      const Verdict verdict = certain(reader.rest());
      if (verdict == Verdict::yes && !read(reader)) {
        at = size - reader.rest().size();
        if (at > seen_) take();  // else it was whole the last time
        continue;
      }
      if (verdict == Verdict::unsure) possible = std::min(possible, at);
      ++at;
    }
    searched_ = possible;
    seen_ = size;
  }

  std::size_t noise_max_ = 4096;
  std::size_t noise_ = 0;  // octets since the last frame
  // Of those that wait, so many were searched, but for what begins behind `searched_` and was not whole then.
  std::size_t seen_ = 0, searched_ = 0;
  bool lost_ = false, known_ = false;
};

}  // namespace nw::network
