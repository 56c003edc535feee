// DNP3's data link and transport functions: IEEE 1815-2012, clauses 9 and 8.
// | 05 64 | length u8 | control u8 | destination u16 | source u16 | CRC u16 |, then blocks of up to 16 octets with a
// CRC each, little-endian. `length` counts the octets from `control` on, without CRCs. The first octet of the blocks is
// the transport header: FIN, FIR, and a sequence number of 6 bits.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

constexpr std::size_t kDnp3HeaderBytes = 10;
constexpr std::uint16_t kDnp3BroadcastFirst = 0xFFFD;  // this address and those above it are everybody's

enum Dnp3LinkFunction : std::uint8_t {
  kDnp3ResetLink = 0,
  kDnp3ResetUser = 1,
  kDnp3TestLink = 2,
  kDnp3ConfirmedData = 3,
  kDnp3UnconfirmedData = 4,
  kDnp3RequestLinkStatus = 9,
};

struct Dnp3Frame {
  std::uint8_t control = 0;
  std::uint16_t destination = 0, source = 0;
  std::array<std::uint8_t, 250> octets;  // without the CRCs, set up to `size`
  std::size_t size = 0;

  [[nodiscard]] bool from_master() const noexcept { return (control & 0x80U) != 0; }
  [[nodiscard]] bool primary() const noexcept { return (control & 0x40U) != 0; }  // it asks, and does not answer
  [[nodiscard]] std::uint8_t function() const noexcept { return control & 0x0FU; }
  [[nodiscard]] bool carries_data() const noexcept {
    return primary() && (function() == kDnp3ConfirmedData || function() == kDnp3UnconfirmedData);
  }
  [[nodiscard]] Bytes data() const noexcept { return Bytes{octets}.first(size); }
};

// CRC-16/DNP as it is sent: low octet first.
std::uint16_t dnp3_crc(Bytes bytes) noexcept;

// How many octets stand before the next that may begin a frame.
std::size_t dnp3_noise(Bytes bytes) noexcept;

// `truncated` asks for more and leaves `reader` alone. `bad_value`: no frame begins here, or a block of it is damaged;
// `reader` is behind the first octet then, and the next frame may begin anywhere after that.
std::optional<DecodeError> read_dnp3_frame(ByteReader& reader, Dnp3Frame& out);

// Puts the fragments of the application layer together, for every pair of stations on a connection.
class Dnp3Transport {
 public:
  static constexpr std::size_t kFragmentBytesMax = 2048;  // the largest that stations may expect of each other
  static constexpr std::size_t kPairsMax = 16;            // of stations on one line

  // `tell(source, destination, octets, direction, whole)` gets each fragment; of one that was never finished what there
  // is, already counted.
  void add(const Dnp3Frame& frame, Direction direction, Context& context, auto&& tell) {
    if (frame.size == 0) return context.refused(DecodeError::truncated);
    const std::uint8_t header = frame.octets[0];
    const Bytes octets = frame.data().subspan(1);
    const bool first = (header & kFirst) != 0, last = (header & kFinal) != 0;
    Pair* pair = find(frame, direction);
    if (first && pair != nullptr) give_up(*pair, DecodeError::truncated, context, tell);
    if (first && last) return tell(frame.source, frame.destination, octets, direction, true);
    if (first) pair = &open(frame, direction, pair, context, tell);
    // Its beginning was not seen, or was given up.
    if (pair == nullptr || !pair->open) return;
    const std::uint8_t sequence = header & kSequence;
    if (!first && sequence == pair->sequence) return;  // sent again
    // Some stations drop what there is, others (opendnp3) pass over this piece and wait for the right one.
    if (!first && sequence != ((pair->sequence + 1U) & kSequence)) {
      if (std::exchange(pair->told, true)) return;
      context.refused(DecodeError::truncated);
      return tell(pair->source, pair->destination, Bytes{pair->octets}, direction, false);
    }
    pair->sequence = sequence;
    const std::size_t room = kFragmentBytesMax - pair->octets.size();
    const Bytes taken = octets.first(std::min(room, octets.size()));
    pair->octets.insert(pair->octets.end(), taken.begin(), taken.end());
    if (octets.size() > room) return give_up(*pair, DecodeError::too_long, context, tell);
    if (!last) return;
    pair->open = false;
    tell(pair->source, pair->destination, Bytes{pair->octets}, direction, true);
  }

  // Octets of this direction are lost.
  void gap(Direction direction, Context& context, auto&& tell) {
    for (Pair& pair : pairs_)
      if (pair.direction == direction) give_up(pair, std::nullopt, context, tell);
  }

 private:
  static constexpr std::uint8_t kFinal = 0x80, kFirst = 0x40, kSequence = 0x3F;

  struct Pair {
    std::uint16_t source = 0, destination = 0;
    Direction direction = Direction::to_responder;
    std::uint8_t sequence = 0;         // the last piece's
    bool open = false;                 // its last piece is to come
    bool told = false;                 // as far as it went, and that is counted
    std::vector<std::uint8_t> octets;  // keeps its memory
  };

  Pair* find(const Dnp3Frame& frame, Direction direction) {
    const auto at = std::ranges::find_if(pairs_, [&](const Pair& pair) {
      return pair.source == frame.source && pair.destination == frame.destination && pair.direction == direction;
    });
    return at == pairs_.end() ? nullptr : &*at;
  }

  Pair& open(const Dnp3Frame& frame, Direction direction, Pair* known, Context& context, auto&& tell) {
    if (known == nullptr && pairs_.size() < kPairsMax) known = &pairs_.emplace_back();
    if (known == nullptr) {
      known = &pairs_[oldest_++ % kPairsMax];
      give_up(*known, DecodeError::limit, context, tell);
    }
    known->source = frame.source;
    known->destination = frame.destination;
    known->direction = direction;
    known->open = true;
    known->told = false;
    known->octets.reserve(kFragmentBytesMax);
    known->octets.clear();
    return *known;
  }

  // `why` counts it, unless that was done.
  static void give_up(Pair& pair, std::optional<DecodeError> why, Context& context, auto&& tell) {
    if (!pair.open) return;
    pair.open = false;
    if (pair.told) return;
    if (why) context.refused(*why);
    tell(pair.source, pair.destination, Bytes{pair.octets}, pair.direction, false);
  }

  std::vector<Pair> pairs_;
  std::size_t oldest_ = 0;
};

}  // namespace nw::network
