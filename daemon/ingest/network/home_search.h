// Where a message of a control protocol begins in what goes over its own port. Whatever else came first there (another
// protocol, noise, pieces of an octet each) must not hide what the device reads. Pure.
#pragma once

#include <cstdint>
#include <span>

#include "ingest/network/flow.h"
#include "ingest/network/subscription.h"

namespace nw::network {

struct HomeSearch {
  // What is taken where something begins: a datagram, a segment, what waits.
  enum class Least : std::uint8_t {
    certain,   // what chance does not make
    awaited,   // that; what is one on this port waits for what the device says to it
    likely,    // what is one on this port
    possible,  // what may become one: nobody else has the bytes
  };

  std::span<const Protocol> table;
  std::span<const HomePort> homes;  // who is at home on the port
  std::uint16_t but = kNoProtocol;  // who has the flow
  Least least = Least::certain;
  bool anywhere = false;  // look at each octet that is new for what is certain, of those that resync
};

// Of what was looked at, so many octets at the end, in which a message may begin; and so many of them when it begins
// where something did.
struct HomeDoubt {
  std::size_t octets = 0, placed = 0;
};

// One direction's bytes that wait, the new ones last.
struct HomeBytes {
  Bytes bytes;
  std::size_t fresh = 0;
  HomeDoubt doubt;
};

struct HomeFound {
  std::uint16_t protocol = kNoProtocol;
  std::size_t at = 0;  // where it begins
  HomeDoubt doubt;     // for the next time
  explicit operator bool() const noexcept { return protocol != kNoProtocol; }
};

// So many octets wait at most until a probe is sure: the longest frames that it must see whole have less.
constexpr std::size_t kHomeDoubtMax = 511;

// What fewer octets of a stream may be is not yet what it is taken for.
constexpr std::size_t kHomeHeadBytes = 8;

// Bounded by the octets that are new, and those in doubt.
HomeFound find_at_home(const HomeSearch& search, const HomeBytes& in, Direction direction, Transport transport);

}  // namespace nw::network
