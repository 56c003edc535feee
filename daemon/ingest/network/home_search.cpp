#include "ingest/network/home_search.h"

#include <algorithm>

namespace nw::network {

HomeFound find_at_home(const HomeSearch& search, const HomeBytes& in, Direction direction, Transport transport) {
  using Least = HomeSearch::Least;
  const std::size_t size = in.bytes.size(), fresh = size - std::min(in.fresh, size);
  std::size_t possible = size;  // the first place where a message may begin
  bool unsure = false;          // of the last place that was asked of
  const bool awaits = search.least == Least::awaited;
  enum class Place : std::uint8_t { begins, waits, within };
  const auto ask = [&](std::size_t at, Least least, Place place = Place::begins) {
    const bool waits = least == Least::awaited || (awaits && place != Place::begins);
    unsure = false;
    for (const HomePort& home : search.homes) {
      const Protocol& protocol = search.table[home.protocol];
      if (home.protocol == search.but || (place == Place::within && !protocol.resyncs)) continue;
      const Verdict verdict = protocol.judge(in.bytes.subspan(at), direction, transport, least != Least::certain);
      if (verdict == Verdict::no) continue;
      const Verdict enough = least == Least::possible ? Verdict::unsure : Verdict::yes;
      if (verdict >= enough && !waits) return home.protocol;
      possible = std::min(possible, at);
      unsure = true;
    }
    return kNoProtocol;
  };
  const auto found = [](std::uint16_t protocol, std::size_t at) { return HomeFound{protocol, at, {}}; };
  for (std::size_t at = fresh - std::min(in.doubt.octets, fresh); at < fresh; ++at)
    if (const auto protocol = ask(at, Least::certain, Place::waits); protocol != kNoProtocol)
      return found(protocol, at);
  const bool shows = size - possible >= kHomeHeadBytes;
  // Where something begins. What waits may be noise, so it comes second; what may yet be one, last.
  const std::size_t before = fresh - std::min(in.doubt.placed, fresh);
  std::size_t placed = size;
  for (const Least least : {Least::certain, std::min(search.least, Least::likely)}) {
    if (fresh == size) break;
    if (const auto protocol = ask(fresh, least); protocol != kNoProtocol) return found(protocol, fresh);
    if (unsure) placed = fresh;
    if (before < fresh) {
      if (const auto protocol = ask(before, least); protocol != kNoProtocol) return found(protocol, before);
      if (unsure) placed = before;
    }
    if (search.least == Least::certain) break;
  }
  // Of pieces of an octet or a few each is a place where something begins, as far as nothing shows what does.
  const bool few = search.least == Least::possible && in.fresh < kHomeHeadBytes && !shows;
  for (std::size_t at = fresh; few && at-- > fresh - std::min(in.doubt.octets, fresh);)
    if (const auto protocol = ask(at, Least::likely); protocol != kNoProtocol) return found(protocol, at);
  const bool decides = transport == Transport::udp || size - placed >= kHomeHeadBytes;
  if (search.least == Least::possible && placed < size && decides)
    if (const auto protocol = ask(placed, search.least); protocol != kNoProtocol) return found(protocol, placed);
  for (std::size_t at = fresh + 1; search.anywhere && at < size; ++at)
    if (const auto protocol = ask(at, Least::certain, Place::within); protocol != kNoProtocol)
      return found(protocol, at);
  const auto last = [&](std::size_t at) { return size - at; };
  return {kNoProtocol, 0, {std::min(last(possible), kHomeDoubtMax), last(placed) > kHomeDoubtMax ? 0 : last(placed)}};
}

}  // namespace nw::network
