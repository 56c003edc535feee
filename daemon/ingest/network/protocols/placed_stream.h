// One direction of a stream whose messages show little of what they are: each begins where the one before ended. What
// is none is searched for the next one: receivers differ in where they go on, and none of them must hide a message
// from us. It begins where a segment does, or where what is none says that it ends; anywhere else only what is one
// beyond doubt counts.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

class PlacedStream {
 public:
  // A gap or a fault came, and no message since.
  [[nodiscard]] bool lost() const noexcept { return lost_; }
  void gap() noexcept {
    lost_ = true;
    guess_ = false;
    waits_ = seen_ = 0;
  }

  // `read(ByteReader&, bool in_place)` reads a message and moves the reader behind it; `truncated` asks for more
  // octets, few of them; of another fault it may move to where what is none says that it ends. `in_place`: one begins
  // here for certain. `certain()`: so it is the message that was read, which chance does not make. `take()` tells it.
  // Returns what Analyzer::stream() does. Faults in a row count once.
  std::size_t read(Bytes bytes, Context& context, auto&& read, auto&& take, auto&& certain) {
    const std::size_t segment = waits_;
    std::size_t at = 0;
    while (at < bytes.size()) {
      ByteReader reader{bytes.subspan(at)};
      const auto fault = read(reader, !lost_);
      const std::size_t end = bytes.size() - reader.rest().size();
      if (!fault && (!guess_ || certain())) {
        lost_ = guess_ = false;
        take();
        at = end;
        continue;
      }
      if (fault == DecodeError::truncated && (!lost_ || !worth(bytes.size() - at, at))) break;
      if (fault && !std::exchange(lost_, true)) context.refused(*fault);
      if (!search(bytes, at, fault, {segment, end}, read, certain)) break;
    }
    waits_ = bytes.size() - at;
    seen_ = std::min(seen_, waits_);
    return at;
  }

 private:
  // Octets that are looked at again at any time, and more for each one that is new. What comes in small pieces behind
  // more than that which may begin a message is told a little later.
  static constexpr std::size_t kAgainMax = 4096, kAgainForEach = 16;

  struct Places {
    std::size_t segment, behind;
  };

  // Whether to look at what waits once more.
  [[nodiscard]] bool worth(std::size_t waiting, std::size_t at) const noexcept {
    const std::size_t seen = at == 0 ? seen_ : 0;
    return waiting <= kAgainMax + kAgainForEach * (waiting - std::min(seen, waiting));
  }

  // Moves `at` to the next message that is whole, or to the first place where one may begin.
  bool search(Bytes bytes, std::size_t& at, std::optional<DecodeError> fault, Places places, auto&& read,
              auto&& certain) {
    std::size_t possible = bytes.size();
    bool guess = false;
    if (fault == DecodeError::truncated) {  // it waits, and hides nothing behind it
      possible = at;
      guess = guess_;
    }
    for (std::size_t place = at + 1; place < bytes.size(); ++place) {
      ByteReader reader{bytes.subspan(place)};
      const auto here = read(reader, false);
      const bool placed = place == places.segment || place == places.behind;
      if (!here && (placed || certain())) {
        at = place;
        guess_ = false;
        return true;
      }
      if (here != DecodeError::truncated || possible != bytes.size()) continue;
      possible = place;
      guess = !placed;
    }
    at = possible;
    guess_ = guess;
    seen_ = bytes.size() - at;
    return false;
  }

  std::size_t waits_ = 0;  // octets that come again, before the next segment
  std::size_t seen_ = 0;   // of them were looked at
  bool lost_ = false;
  bool guess_ = false;  // what waits may begin no message
};

}  // namespace nw::network
