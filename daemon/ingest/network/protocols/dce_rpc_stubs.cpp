#include "ingest/network/protocols/dce_rpc_stubs.h"

#include <algorithm>
#include <bitset>
#include <span>

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

bool same_activity(const DceRpcDatagram& a, const DceRpcDatagram& b) noexcept {
  return a.type == b.type && a.activity == b.activity;
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
  const auto old = [&](const Call& call) { return context.now() - call.time > kPatience; };
  for (auto at = std::ranges::find_if(calls(direction), old); at != calls(direction).end();
       at = std::ranges::find_if(calls(direction), old))
    end(*at, DecodeError::truncated, context);
  const Bytes head = bytes.first(DceRpcDatagram::kBytes), behind = bytes.subspan(DceRpcDatagram::kBytes);
  DceRpcStubReader* to = reader(header.interface);
  if (to == nullptr && (header.profinet || begins_profinet_request(behind))) {
    if (!header.odd) context.refused(DecodeError::bad_value);  // not the interface that it is for
    header.odd = true;
    to = reader(kDevice);
  }
  // Outside of fragments devices take all there is.
  if (!header.in_fragments() && to != nullptr)
    to->read({header, head, behind, direction, DceRpcStub::Extent::whole}, context);
  // A number without the flag is odd; who goes by it alone takes it for a fragment.
  if (!header.in_fragments() && (header.fragment == 0 || find(header, direction) == nullptr)) return;
  const Bytes stub = behind.first(std::min(header.length, behind.size()));
  fragment({header, head, stub, direction, to}, context);
  // Who goes by the datagram's length has another fragment.
  if (header.odd && stub.size() < behind.size()) fragment({header, head, behind, direction, to}, context);
}

void DceRpcStubs::fragment(const Fragment& fragment, Context& context) {
  const DceRpcDatagram& header = fragment.header;
  Call* call = find(header, fragment.direction);
  if (call == nullptr && header.fragment != 0) {
    // Some devices know a call by its activity alone: what is under another number goes to the one that waits.
    Calls& all = calls(fragment.direction);
    const auto waits = std::ranges::find_if(
        all, [&](const Call& other) { return other.whole == 0 && same_activity(other.first.header, header); });
    if (waits != all.end()) {
      waits->differs = true;
      context.refused(DecodeError::bad_value);
      add(*waits, fragment, context);
    }
  }
  const bool again = call != nullptr && call->whole != 0 && header.fragment == 0;
  // Sent again from the beginning, or another one under its number.
  if (again && std::ranges::none_of(call->pieces, [&](const Piece& piece) { return same(*call, piece, fragment); }))
    context.refused(DecodeError::bad_value);
  if (fragment.to != nullptr && (call == nullptr || again)) call = &begin(fragment, context);
  if (call != nullptr) add(*call, fragment, context);
}

DceRpcStubs::Call* DceRpcStubs::find(const DceRpcDatagram& header, Direction direction) {
  const auto at = std::ranges::find_if(calls(direction), [&](const Call& call) {
    return same_activity(call.first.header, header) && call.first.header.sequence == header.sequence;
  });
  return at == calls(direction).end() ? nullptr : &*at;
}

DceRpcStubs::Call& DceRpcStubs::begin(const Fragment& fragment, Context& context) {
  Calls& all = calls(fragment.direction);
  // A client has one call at a time in an activity: what was before the first fragment is over.
  const auto before = [&](const Call& call) {
    return fragment.header.fragment == 0 && same_activity(call.first.header, fragment.header);
  };
  for (auto at = std::ranges::find_if(all, before); at != all.end(); at = std::ranges::find_if(all, before))
    end(*at, DecodeError::truncated, context);
  if (all.size() == kCallsMax) {
    const auto told = std::ranges::find_if(all, [](const Call& call) { return call.whole != 0; });
    end(told != all.end() ? *told : all.front(), DecodeError::limit, context);
  }
  Call& call = all.emplace_back();
  call.direction = fragment.direction;
  call.to = fragment.to;
  call.first = head_of(fragment);
  return call;
}

DceRpcStubs::Head DceRpcStubs::head_of(const Fragment& fragment) noexcept {
  Head out{fragment.header, {}};
  std::ranges::copy(fragment.head, out.octets.begin());
  return out;
}

bool DceRpcStubs::same(const Call& call, const Piece& piece, const Fragment& fragment) noexcept {
  const bool last = (fragment.header.flags & DceRpcDatagram::kLastFragment) != 0;
  return piece.number == fragment.header.fragment && piece.operation == fragment.header.operation &&
         piece.last == last && std::ranges::equal(Bytes{call.bytes}.subspan(piece.begin, piece.size), fragment.stub);
}

void DceRpcStubs::add(Call& call, const Fragment& fragment, Context& context) {
  const DceRpcDatagram& header = fragment.header;
  const std::size_t number = header.fragment;
  const bool last = (header.flags & DceRpcDatagram::kLastFragment) != 0;
  call.time = context.now();
  bool differs = header.operation != call.first.header.operation;
  std::size_t known = call.pieces.size();
  for (std::size_t i = 0; i < call.pieces.size(); ++i) {
    const bool again = same(call, call.pieces[i], fragment);
    if (again) known = i;
    differs = differs || (!again && call.pieces[i].number == number);
  }
  if (number == 0) call.ordered.clear();
  call.in_place = number == call.ordered.size();
  if (call.in_place && number < kPiecesMax) call.ordered.push_back(static_cast<std::uint16_t>(known));
  if (known != call.pieces.size()) return;  // sent again
  // A device that keeps to the order takes a last fragment out of its place for a message.
  const bool alone = last && !call.in_place && number != 0 && begins_profinet_request(fragment.stub);
  if (differs || alone) context.refused(DecodeError::bad_value);
  call.differs = call.differs || differs;
  const DceRpcStub single{header, fragment.head, fragment.stub, fragment.direction,
                          alone ? DceRpcStub::Extent::differing : DceRpcStub::Extent::piece};
  const std::size_t before = in_order(call);
  if (alone || number > before) call.to->read(single, context);
  if (call.pieces.size() == kPiecesMax || fragment.stub.size() > kStubBytesMax - call.bytes.size() ||
      call.tellings == kTellingsMax) {
    context.refused(DecodeError::limit);
    if (!alone && number <= before) call.to->read(single, context);
    call.cut = true;
    return end(call, DecodeError::limit, context);
  }
  if (number == 0 && before == 0) call.first = head_of(fragment);
  if (last) call.last = head_of(fragment);
  call.pieces.push_back({header.fragment, header.operation, last, call.bytes.size(), fragment.stub.size()});
  call.bytes.insert(call.bytes.end(), fragment.stub.begin(), fragment.stub.end());
  const std::size_t there = in_order(call);
  std::size_t whole = 0;
  for (const Piece& piece : call.pieces)
    if (piece.last && piece.number < there) whole = std::max<std::size_t>(whole, piece.number + 1U);
  if (number < whole) return tell(call, whole, DceRpcStub::Extent::whole, context);
  // Behind a hole devices that keep to the order end, others wait.
  if (number < there || call.whole != 0 || call.cut) return;
  call.cut = true;
  context.refused(DecodeError::truncated);
  if (there != 0) tell(call, there, DceRpcStub::Extent::begun, context);
}

std::size_t DceRpcStubs::in_order(const Call& call) noexcept {
  std::bitset<kPiecesMax> there;
  for (const Piece& piece : call.pieces)
    if (piece.number < kPiecesMax) there.set(piece.number);
  std::size_t count = 0;
  while (count < kPiecesMax && there[count]) ++count;
  return count;
}

DceRpcStubs::Chosen DceRpcStubs::choose(const Call& call, std::size_t count, bool last) noexcept {
  Chosen chosen{};
  for (const Piece& piece : call.pieces)
    if (piece.number < count && (last || chosen[piece.number] == nullptr)) chosen[piece.number] = &piece;
  return chosen;
}

void DceRpcStubs::read(const Call& call, const Head& head, const Chosen& chosen, DceRpcStub::Extent extent,
                       Context& context) {
  together_.clear();
  for (auto at = chosen.begin(); at != chosen.end() && *at != nullptr; ++at) {
    const Bytes bytes = Bytes{call.bytes}.subspan((*at)->begin, (*at)->size);
    together_.insert(together_.end(), bytes.begin(), bytes.end());
  }
  call.to->read({head.header, head.octets, together_, call.direction, extent}, context);
}

void DceRpcStubs::tell(Call& call, std::size_t count, DceRpcStub::Extent extent, Context& context) {
  const bool whole = extent == DceRpcStub::Extent::whole;
  if (whole && call.differs) extent = DceRpcStub::Extent::differing;
  const Head& head = whole ? call.last : call.first;
  const DceRpcDatagram &first = call.first.header, &last = head.header;
  const bool other_head = first.operation != last.operation || first.sequence != last.sequence;
  const Chosen firsts = choose(call, count, false), lasts = choose(call, count, true);
  if (!whole || call.whole < count) read(call, call.first, firsts, extent, context);
  if (other_head || firsts != lasts) read(call, head, lasts, extent, context);
  if (call.ordered.size() == count && (!whole || call.in_place)) {
    Chosen ordered{};
    std::ranges::transform(call.ordered, ordered.begin(), [&](std::size_t piece) { return &call.pieces[piece]; });
    if (ordered != firsts && ordered != lasts) read(call, head, ordered, extent, context);
  }
  (whole ? call.whole : call.begun) = count;
  if (whole) ++call.tellings;
}

void DceRpcStubs::end(Call& call, DecodeError why, Context& context) {
  const std::size_t there = in_order(call);
  const bool begun = there > std::max(call.whole, call.begun);
  if (begun && !call.cut) context.refused(why);
  if (begun) tell(call, there, DceRpcStub::Extent::begun, context);
  Calls& all = calls(call.direction);
  all.erase(all.begin() + (&call - all.data()));
}

void DceRpcStubs::finish(Context& context) {
  for (Calls& all : calls_)
    while (!all.empty()) end(all.front(), DecodeError::truncated, context);
  for (const auto& reader : readers_)
    if (reader != nullptr) reader->finish(context);
}

}  // namespace nw::network
