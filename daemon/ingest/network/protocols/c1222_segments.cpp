#include "ingest/network/protocols/c1222_segments.h"

#include <algorithm>
#include <string_view>

#include "base/hash.h"

namespace nw::network {

namespace {

std::uint64_t title_hash(const C1222Title& title, std::uint64_t seed) {
  // Octets as text, for the hash alone.
  const std::string_view text{reinterpret_cast<const char*>(title.octets.data()), title.octets.size()};
  return hash64(text, seed + (title.relative ? 1U : 0U));
}

std::uint64_t titles_of(const C1222Message& segment) {
  return title_hash(segment.called, title_hash(segment.calling, 0));
}

}  // namespace

// Devices take no segment that is empty, all of a message, or reaches behind its end.
std::optional<DecodeError> C1222Segments::check(const C1222Message& segment) {
  if (segment.size.value_or(0) > OrderedPieces::kBytesMax) return DecodeError::too_long;
  const std::uint64_t size = segment.size.value_or(0), offset = segment.offset.value_or(0);
  const bool fits = !segment.segment.empty() && offset < size && segment.segment.size() <= size - offset;
  return fits ? std::nullopt : std::optional{DecodeError::bad_value};
}

// A segment in segments is no message, nor is what has something behind it.
std::optional<DecodeError> C1222Segments::read_whole(Bytes octets, C1222Message& out) {
  ByteReader reader{octets};
  if (const auto fault = read_c1222(reader, true, out)) return fault;
  return out.offset || !reader.empty() ? std::optional{DecodeError::bad_value} : std::nullopt;
}

std::uint64_t C1222Segments::missing_of(const C1222Message& segment) {
  const std::uint64_t size = segment.size.value_or(0);
  return size - std::min<std::uint64_t>(size, segment.segment.size());
}

const C1222Message& C1222Segments::head(const Open& open, C1222Message& out) {
  ByteReader reader{open.first};
  static_cast<void>(read_c1222(reader, false, out));  // it was read when it came
  return out;
}

std::vector<C1222Segments::Open>::iterator C1222Segments::find(const C1222Message& segment, Direction direction) {
  const std::uint64_t titles = titles_of(segment);
  return std::ranges::find_if(open_, [&](const Open& o) {
    return o.direction == direction && o.number == segment.calling_id && o.size == segment.size && o.titles == titles;
  });
}

C1222Segments::Open C1222Segments::begin(const C1222Message& segment, Direction direction, Timestamp now) {
  Open open;
  open.begun = now;
  open.direction = direction;
  open.number = segment.calling_id;
  open.titles = titles_of(segment);
  open.size = segment.size.value_or(0);
  open.first.assign(segment.whole.begin(), segment.whole.end());
  return open;
}

}  // namespace nw::network
