#include "ingest/network/protocols/dce_rpc_stubs.h"

#include <algorithm>

#include "ingest/network/protocols/profinet_io_cm.h"

namespace nw::network {

namespace {

struct Row {
  Uuid interface;
  std::unique_ptr<DceRpcStubReader> (*make)(const DceRpcStubTypes& types);
};

// The interfaces of devices, controllers, supervisors and parameter servers.
constexpr Uuid profinet(std::uint8_t number) noexcept {
  return {0xde, 0xa0, 0, number, 0x6c, 0x97, 0x11, 0xd1, 0x82, 0x71, 0, 0xa0, 0x24, 0x42, 0xdf, 0x7d};
}

constexpr Uuid kDevice = profinet(1);
constexpr auto kRows = std::to_array<Row>({
    {kDevice, make_profinet_io_cm},
    {profinet(2), make_profinet_io_cm},
    {profinet(3), make_profinet_io_cm},
    {profinet(4), make_profinet_io_cm},
});

bool same_call(const DceRpcDatagram& a, const DceRpcDatagram& b) noexcept {
  return a.type == b.type && a.sequence == b.sequence && a.activity == b.activity && a.interface == b.interface;
}

}  // namespace

DceRpcStubReader* DceRpcStubs::reader(const Uuid& interface) {
  static_assert(kRows.size() == kReaders);
  const auto* const row = std::ranges::find(kRows, interface, &Row::interface);
  if (row == kRows.end()) return nullptr;
  auto& reader = readers_[static_cast<std::size_t>(row - kRows.begin())];
  if (reader == nullptr) reader = row->make(types_);
  return reader.get();
}

void DceRpcStubs::datagram(Bytes bytes, Direction direction, Context& context) {
  DceRpcDatagram header;
  if (read_dce_rpc_datagram(bytes, header) || !header.has_stub()) return;
  const Bytes head = bytes.first(DceRpcDatagram::kBytes), behind = bytes.subspan(DceRpcDatagram::kBytes);
  DceRpcStubReader* to = reader(header.interface);
  if (to == nullptr && (header.profinet || begins_profinet_request(behind))) {
    if (!header.odd) context.refused(DecodeError::bad_value);  // not the interface that it is for
    header.odd = true;
    to = reader(kDevice);
  }
  if (to == nullptr) return;
  // Outside of fragments devices take all there is.
  if (!header.in_fragments())
    to->read({header, head, behind, direction, true}, context);
  else
    piece(head, behind.first(std::min(header.length, behind.size())), header, direction, context);
}

void DceRpcStubs::piece(Bytes head, Bytes stub, const DceRpcDatagram& header, Direction direction, Context& context) {
  Pieces& pieces = pieces_[static_cast<std::size_t>(direction)];
  const bool same = same_call(pieces.header, header);
  if (header.fragment == 0) {
    if (pieces.open && !same) hand_on(pieces, direction, DecodeError::truncated, context);
    pieces.open = true;
    pieces.header = header;
    std::ranges::copy(head, pieces.head.begin());
    pieces.bytes.clear();
    pieces.next = 0;
  } else if (!same) {
    return context.refused(DecodeError::truncated);  // nobody saw its beginning
  }
  if (!pieces.open) return;                   // behind a hole, or sent again
  if (header.fragment < pieces.next) return;  // sent again
  if (header.fragment > pieces.next) return hand_on(pieces, direction, DecodeError::truncated, context);
  if (stub.size() > kStubBytesMax - pieces.bytes.size()) return hand_on(pieces, direction, DecodeError::limit, context);
  pieces.bytes.insert(pieces.bytes.end(), stub.begin(), stub.end());
  ++pieces.next;
  if ((header.flags & DceRpcDatagram::kLastFragment) != 0) hand_on(pieces, direction, {}, context);
}

void DceRpcStubs::hand_on(Pieces& pieces, Direction direction, std::optional<DecodeError> cut, Context& context) {
  if (cut) context.refused(*cut);
  pieces.open = false;
  DceRpcStubReader* const to = reader(pieces.header.interface);
  if (to != nullptr) to->read({pieces.header, pieces.head, pieces.bytes, direction, !cut}, context);
}

void DceRpcStubs::finish(Context& context) {
  for (const Direction direction : {Direction::to_responder, Direction::to_originator})
    if (Pieces& pieces = pieces_[static_cast<std::size_t>(direction)]; pieces.open)
      hand_on(pieces, direction, DecodeError::truncated, context);
  for (const auto& reader : readers_)
    if (reader != nullptr) reader->finish(context);
}

}  // namespace nw::network
