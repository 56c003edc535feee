#include "ingest/network/protocols/ordered_pieces.h"

#include <algorithm>

namespace nw::network {

bool OrderedPieces::add(std::uint64_t offset, Bytes piece) {
  constexpr std::uint64_t kOffsetMax = std::uint64_t{1} << 62U;  // QUIC's: no sum below can wrap
  if (offset > kOffsetMax) return false;
  const std::uint64_t end = offset + piece.size();
  if (end <= taken_ || piece.empty()) return true;
  if (end > taken_ + kBytesMax) return false;
  Range added{std::max(offset, taken_), end};
  // Those that touch the new one become one with it.
  const auto first = std::ranges::find_if(there_, [&](const Range& r) { return r.end >= added.begin; });
  const auto last = std::find_if(first, there_.end(), [&](const Range& r) { return r.begin > added.end; });
  // What is in order fits always: pieces far ahead must not keep it out.
  if (first == last && there_.size() >= kPiecesMax && added.begin != taken_) return false;
  piece = piece.subspan(static_cast<std::size_t>(added.begin - offset));
  bytes_.resize(std::max(bytes_.size(), static_cast<std::size_t>(end - taken_)));
  std::ranges::copy(piece, bytes_.begin() + static_cast<std::ptrdiff_t>(added.begin - taken_));
  if (first != last) {
    added.begin = std::min(added.begin, first->begin);
    added.end = std::max(added.end, std::prev(last)->end);
  }
  there_.insert(there_.erase(first, last), added);
  return true;
}

Bytes OrderedPieces::ready() const noexcept {
  if (there_.empty() || there_.front().begin != taken_) return {};
  return Bytes{bytes_}.first(static_cast<std::size_t>(there_.front().end - taken_));
}

std::size_t OrderedPieces::size() const noexcept {
  std::uint64_t sum = 0;
  for (const Range& range : there_) sum += range.end - range.begin;
  return static_cast<std::size_t>(sum);
}

void OrderedPieces::take() {
  const std::size_t done = ready().size();
  if (done == 0) return;
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(done));
  there_.erase(there_.begin());
  taken_ += done;
}

void OrderedPieces::clear() {
  taken_ = 0;
  bytes_.clear();
  there_.clear();
}

}  // namespace nw::network
