// Calls in datagrams whose stubs somebody reads: the fragments of each are put together, and what is whole goes to the
// reader of its interface. A new reader is one row in dce_rpc_stubs.cpp.
//
// Fragments come in any order; those of a call are what its activity and number say. Sent again, one counts once. Where
// two under one number differ, some receivers keep the first, some the last, and some take each only in its place and
// begin anew with every number 0. The call is then told as each of them has it, where that is not the same, and under
// the head of its last fragment, by which some go. It is told whenever a last fragment has all others before it, and as
// far as it came when one is missing; what is behind a hole is told alone if a command begins in it. Whatever differs
// or is missing is counted.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/network/protocols/dce_rpc_message.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// A request, response, fault or reject. Views what is valid during the call.
struct DceRpcStub {
  enum class Extent : std::uint8_t {
    whole,
    differing,  // the same, but its fragments differ, which was counted
    begun,      // its end is missing, which was counted
    piece,      // a fragment from its middle
  };

  DceRpcDatagram header;  // of the first fragment; if they differ, once of the last
  Bytes head;             // its octets
  Bytes bytes;
  Direction direction = Direction::to_responder;
  Extent extent = Extent::whole;
};

class DceRpcStubReader {
 public:
  virtual ~DceRpcStubReader() = default;
  virtual void read(const DceRpcStub& stub, Context& context) = 0;
  virtual void finish(Context& context) = 0;
};

// The carrier's TypeSpecs that readers write events of.
struct DceRpcStubTypes {
  std::size_t profinet_io_cm = 0, known_device = 0;
};

class DceRpcStubs {
 public:
  explicit DceRpcStubs(DceRpcStubTypes types) noexcept : types_{types} {}

  // What is no datagram of DCE/RPC is left to DceRpcSession, which counts it.
  void datagram(Bytes bytes, Direction direction, Context& context);
  void finish(Context& context);

 private:
  static constexpr std::size_t kReaders = 4;
  static constexpr std::size_t kCallsMax = 4;  // of one direction, in fragments
  static constexpr std::size_t kPiecesMax = 256;
  static constexpr std::size_t kStubBytesMax = 64 * 1024;  // of one call's pieces
  static constexpr std::size_t kTellingsMax = 8;           // of one call
  static constexpr std::chrono::seconds kPatience{30};

  // A datagram that is a fragment. Views it.
  struct Fragment {
    DceRpcDatagram header;
    Bytes head, stub;
    Direction direction;
    DceRpcStubReader* to;
  };
  struct Head {
    DceRpcDatagram header;
    std::array<std::uint8_t, DceRpcDatagram::kBytes> octets{};
  };
  struct Piece {
    std::uint16_t number = 0, operation = 0;
    bool last = false;
    std::size_t begin = 0, size = 0;  // in Call::bytes
  };
  struct Call {
    Timestamp time;  // of the latest piece
    Direction direction;
    DceRpcStubReader* to;
    Head first, last;
    std::vector<Piece> pieces;  // as they came
    std::vector<std::uint8_t> bytes;
    std::vector<std::uint16_t> ordered;  // of `pieces`, for a device that takes each only in its place
    std::size_t whole = 0, begun = 0;    // so many were told, as a whole and as a beginning
    std::size_t tellings = 0;            // of the whole
    bool differs = false;                // in its pieces or their heads
    bool cut = false;                    // that some are missing was counted
    bool in_place = false;               // the latest one was the next of `ordered`
  };
  using Calls = std::vector<Call>;
  using Chosen = std::array<const Piece*, kPiecesMax>;  // by number, up to the first null

  DceRpcStubReader* reader(const Uuid& interface);
  Calls& calls(Direction direction) { return calls_[static_cast<std::size_t>(direction)]; }
  void fragment(const Fragment& fragment, Context& context);
  Call* find(const DceRpcDatagram& header, Direction direction);
  Call& begin(const Fragment& fragment, Context& context);
  void add(Call& call, const Fragment& fragment, Context& context);
  static bool same(const Call& call, const Piece& piece, const Fragment& fragment) noexcept;
  static Head head_of(const Fragment& fragment) noexcept;
  static std::size_t in_order(const Call& call) noexcept;  // fragments from the first on without a hole
  // The first or the last one of each number, so many from 0 on.
  static Chosen choose(const Call& call, std::size_t count, bool last) noexcept;
  void read(const Call& call, const Head& head, const Chosen& chosen, DceRpcStub::Extent extent, Context& context);
  void tell(Call& call, std::size_t count, DceRpcStub::Extent extent, Context& context);
  // What was not told is, which `why` counts, and the call is forgotten.
  void end(Call& call, DecodeError why, Context& context);

  DceRpcStubTypes types_;
  std::array<std::unique_ptr<DceRpcStubReader>, kReaders> readers_;  // made when a call of theirs is seen
  std::array<Calls, 2> calls_;                                       // by direction, the oldest first
  std::vector<std::uint8_t> together_;
};

}  // namespace nw::network
