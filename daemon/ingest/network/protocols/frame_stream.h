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

class FrameStream {
 public:
  FrameStream() = default;
  // `noise_max` octets without any frame, and the flow is something else; once there was one, nothing ends the search.
  explicit FrameStream(std::size_t noise_max) noexcept : noise_max_{noise_max} {}

  // A gap or a fault came, and no frame since.
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  [[nodiscard]] bool known() const noexcept { return known_; }
  void gap() noexcept {
    lost_ = true;
    searched_ = 0;
  }

  // `read(ByteReader&)` reads a frame and moves the reader behind it; `truncated` asks for more octets; of any other
  // fault one octet is passed over, or what the reader moved. `take()` tells the frame that was read. Returns what
  // Analyzer::stream() does. A fault counts once, however much is passed over behind it.
  std::size_t read(Bytes bytes, Context& context, auto&& read, auto&& take) {
    return run(
        bytes, context, read, take, [](Bytes) { return false; }, 0);
  }
  // The same where lengths may lie. While a frame is not whole, those that stand within what came of it are told too:
  // a device that refuses the length carries them out. `certain(Bytes)`: a whole frame begins here, which chance does
  // not make; `read` must then take it as well. Such a frame has `most` octets, or is told only if it came at once.
  std::size_t read(Bytes bytes, Context& context, auto&& read, auto&& take, auto&& certain, std::size_t most) {
    return run(bytes, context, read, take, certain, most);
  }

 private:
  std::size_t run(Bytes bytes, Context& context, auto&& read, auto&& take, auto&& certain, std::size_t most) {
    ByteReader reader{bytes};
    for (bool begun = true; !reader.empty(); begun = false) {
      const Bytes rest = reader.rest();
      const auto fault = read(reader);
      const bool told = !begun && searched_ > 0 && certain(rest);
      if (fault == DecodeError::truncated) {
        if (most > 0) search(reader.rest(), read, take, certain, most);
        break;
      }
      if (fault) {
        if (!std::exchange(lost_, true)) context.refused(*fault);
        if (reader.rest().size() == rest.size()) reader.bytes(1);
      }
      const std::size_t passed = rest.size() - reader.rest().size();
      searched_ -= std::min(searched_, passed);
      if (fault) {
        noise_ += passed;
        if (noise_ > noise_max_ && !known_) return Analyzer::kGiveUp;
        continue;
      }
      lost_ = false;
      known_ = true;
      noise_ = 0;
      if (!told) take();
    }
    return bytes.size() - reader.rest().size();
  }

  // Tells the frames within a frame that is waited for; each octet is looked at once.
  void search(Bytes waiting, auto&& read, auto&& take, auto&& certain, std::size_t most) {
    for (std::size_t at = std::max<std::size_t>(searched_, 1); at < waiting.size();) {
      ByteReader reader{waiting.subspan(at++)};
      if (!certain(reader.rest()) || read(reader)) continue;
      take();
      searched_ = at = waiting.size() - reader.rest().size();
    }
    // In the last octets one may begin whose end is still to come.
    searched_ = std::max(searched_, waiting.size() - std::min(waiting.size(), most - 1));
  }

  std::size_t noise_max_ = 4096;
  std::size_t noise_ = 0;     // octets since the last frame
  std::size_t searched_ = 0;  // of those that wait, so many were searched, and their frames are told
  bool lost_ = false, known_ = false;
};

}  // namespace nw::network
