// Calls in datagrams whose stubs somebody reads: the fragments of each are put together, and what is whole goes to the
// reader of its interface. A new reader is one row in dce_rpc_stubs.cpp.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "ingest/network/protocols/dce_rpc_message.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// A request, response, fault or reject. Views what is valid during the call.
struct DceRpcStub {
  DceRpcDatagram header;  // of the first fragment
  Bytes head;             // its octets
  Bytes bytes;
  Direction direction = Direction::to_responder;
  bool whole = true;  // else its end is missing, which was counted
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
  static constexpr std::size_t kStubBytesMax = 64 * 1024;

  // Of one direction's current call. Calls that overlap in pieces are not put together: PROFINET's never do.
  struct Pieces {
    bool open = false;
    DceRpcDatagram header;
    std::array<std::uint8_t, DceRpcDatagram::kBytes> head{};
    std::vector<std::uint8_t> bytes;
    std::uint16_t next = 0;  // fragment
  };

  DceRpcStubReader* reader(const Uuid& interface);
  void piece(Bytes head, Bytes stub, const DceRpcDatagram& header, Direction direction, Context& context);
  void hand_on(Pieces& pieces, Direction direction, std::optional<DecodeError> cut, Context& context);

  DceRpcStubTypes types_;
  std::array<std::unique_ptr<DceRpcStubReader>, kReaders> readers_;  // made when a call of theirs is seen
  std::array<Pieces, 2> pieces_;
};

}  // namespace nw::network
