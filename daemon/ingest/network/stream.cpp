#include "ingest/network/stream.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace nw::network {
namespace {

// Without bytes, so many separate pieces behind holes are followed; then the oldest hole is given up.
constexpr std::size_t kRangesMax = 16;
// No side may be further ahead of what was acknowledged than the largest window, RFC 7323 section 2.3.
constexpr std::int64_t kWindowMax = std::int64_t{1} << 30U;

}  // namespace

void Stream::open(std::uint32_t first, bool exact) noexcept {
  base_ = first;
  open_ = true;
  exact_ = exact;
}

std::int64_t Stream::place(std::uint32_t sequence, std::int64_t near) const noexcept {
  const std::uint32_t here = base_ + static_cast<std::uint32_t>(near);
  return near + static_cast<std::int32_t>(sequence - here);
}

void Stream::segment(std::uint32_t sequence, Bytes data, std::uint32_t length, bool fin, SegmentMemory& memory,
                     StreamTaker& taker) {
  // After gigabytes that only acknowledgements told of, next_ is too far back to tell the place by.
  const std::int64_t start = place(sequence, acked_ - next_ > kWindowMax ? acked_ : next_);
  const std::int64_t end = start + length;
  if (fin && fin_ < 0) fin_ = end;
  if (length == 0 || end <= next_) return;
  if (start > next_ && acked_ >= start) skip_to(start, memory, taker);
  if (start > next_) {
    out_of_order(start, data, end, memory, taker);
  } else {
    in_order(start, data, end, memory, taker);
  }
}

// Without bytes wanted, what the capture cut off counts as seen; with them, it is a hole like any other.
void Stream::in_order(std::int64_t start, Bytes data, std::int64_t end, SegmentMemory& memory, StreamTaker& taker) {
  for (;;) {
    drain(memory, taker);
    const std::int64_t have = wanted_ ? start + static_cast<std::int64_t>(data.size()) : end;
    if (next_ >= have) return;
    const std::int64_t from = next_;
    next_ = held_.empty() ? have : std::min(have, memory[held_.front()].start);
    if (wanted_) {
      deliver(data.subspan(static_cast<std::size_t>(from - start), static_cast<std::size_t>(next_ - from)), memory,
              taker);
    }
  }
}

void Stream::out_of_order(std::int64_t start, Bytes data, std::int64_t end, SegmentMemory& memory, StreamTaker& taker) {
  if (!wanted_) {
    if (!held_.insert(memory, start, end, {})) {
      skip_to(start, memory, taker);
      in_order(start, data, end, memory, taker);
    } else if (held_.count() > kRangesMax) {
      skip_to(memory[held_.front()].start, memory, taker);
    }
    return;
  }
  if (data.empty()) return;
  const std::int64_t have = start + static_cast<std::int64_t>(data.size());
  const bool room = held_.cost() + data.size() <= taker.bytes_max;
  if (room && held_.insert(memory, start, have, data)) return;
  skip_to(start, memory, taker);
  in_order(start, data, end, memory, taker);
}

// Gives up every hole before `end`, handing on what lies between them.
void Stream::skip_to(std::int64_t end, SegmentMemory& memory, StreamTaker& taker) {
  drain(memory, taker);
  while (next_ < end) {
    const std::int64_t upto = held_.empty() ? end : std::min(end, memory[held_.front()].start);
    const auto hole = static_cast<std::uint64_t>(upto - next_);
    missed_ += hole;
    next_ = upto;
    drop_waiting(memory);
    taker.gap(hole);
    drain(memory, taker);
  }
}

// Hands on what is held and no longer behind a hole.
void Stream::drain(SegmentMemory& memory, StreamTaker& taker) {
  while (!held_.empty() && memory[held_.front()].start <= next_) {
    const std::uint32_t piece = held_.pop_front(memory);
    const std::int64_t start = memory[piece].start;
    const std::int64_t from = next_;
    next_ = std::max(next_, memory[piece].end);
    // Out of the list, so its bytes stay even when the taker stops.
    const Bytes bytes = memory[piece].bytes();
    if (next_ > from && wanted_ && !bytes.empty()) {
      deliver(bytes.subspan(static_cast<std::size_t>(from - start)), memory, taker);
    }
    memory.release_segment(piece);
  }
}

void Stream::deliver(Bytes data, SegmentMemory& memory, StreamTaker& taker) {
  while (!data.empty() && wanted_) {
    if (size_ != 0) {
      if (!deliver_behind(data, memory, taker)) return;
      continue;
    }
    const std::size_t done = taker.data(data);
    if (done == StreamTaker::kStop) return stop(memory);
    data = data.subspan(std::min(done, data.size()));
    if (data.empty()) return;
    if (data.size() > taker.bytes_max) {
      taker.overflow();
      return stop(memory);
    }
    if (!wait(data, memory)) taker.evicted(data.size());
    return;
  }
}

// Some of `data` joins what waits, and all of that is handed on. False: nothing is left to do.
bool Stream::deliver_behind(Bytes& data, SegmentMemory& memory, StreamTaker& taker) {
  const std::size_t room = taker.bytes_max > size_ ? taker.bytes_max - size_ : 0;
  const Bytes part = data.first(std::min(room, data.size()));
  if (!wait(part, memory)) {
    const std::size_t lost = size_ + data.size();
    drop_waiting(memory);
    taker.evicted(lost);
    return false;
  }
  data = data.subspan(part.size());
  const std::size_t done = taker.data(waiting());
  if (done == StreamTaker::kStop) {
    stop(memory);
    return false;
  }
  if (done == 0 && size_ >= taker.bytes_max) {
    taker.overflow();
    stop(memory);
    return false;
  }
  head_ += std::min(done, size_);
  size_ -= std::min(done, size_);
  if (size_ == 0) drop_waiting(memory);
  return true;
}

bool Stream::wait(Bytes data, SegmentMemory& memory) {
  if (data.empty()) return true;
  if (head_ + size_ + data.size() > waiting_.capacity) {
    if (size_ + data.size() > waiting_.capacity) {
      Block larger = memory.acquire(size_ + data.size());
      if (larger.capacity == 0) return false;
      if (size_ != 0) std::memcpy(larger.memory.get(), waiting_.memory.get() + head_, size_);
      memory.release(std::move(waiting_));
      waiting_ = std::move(larger);
    } else {
      std::memmove(waiting_.memory.get(), waiting_.memory.get() + head_, size_);
    }
    head_ = 0;
  }
  std::memcpy(waiting_.memory.get() + head_ + size_, data.data(), data.size());
  size_ += data.size();
  return true;
}

void Stream::drop_waiting(SegmentMemory& memory) noexcept {
  memory.release(std::move(waiting_));
  waiting_ = {};
  head_ = size_ = 0;
}

void Stream::acknowledged(std::uint32_t acknowledgement, SegmentMemory& memory, StreamTaker& taker) {
  if (!open_) return;
  const std::int64_t known = std::max(next_, acked_);
  const std::int64_t at = place(acknowledgement, known);
  if (at <= acked_ || at - known > kWindowMax) return;
  acked_ = at;
  while (!held_.empty() && memory[held_.front()].start <= acked_) skip_to(memory[held_.front()].start, memory, taker);
  // Everything up to the FIN arrived over there, so nothing more will come by here.
  if (fin_ >= 0 && acked_ > fin_) skip_to(fin_, memory, taker);
}

void Stream::offer(SegmentMemory& memory, StreamTaker& taker) {
  if (size_ == 0 || !wanted_) return;
  const std::size_t done = taker.data(waiting());
  if (done == StreamTaker::kStop) return stop(memory);
  head_ += std::min(done, size_);
  size_ -= std::min(done, size_);
  if (size_ == 0) drop_waiting(memory);
}

void Stream::finish(SegmentMemory& memory, StreamTaker& taker) {
  while (!held_.empty()) skip_to(memory[held_.front()].start, memory, taker);
  const std::int64_t end = fin_ >= 0 ? std::min(acked_, fin_) : acked_;
  // A lone number at the end is a FIN that was not captured.
  if (end - next_ > (fin_ >= 0 ? 0 : 1)) skip_to(end, memory, taker);
}

void Stream::stop(SegmentMemory& memory) noexcept {
  wanted_ = false;
  drop_waiting(memory);
  // The positions of what is held stay, so that its holes are told from what was seen; only the bytes go.
  for (std::uint32_t i = held_.front(); i != kNoSlot; i = memory[i].next) held_.forget_bytes(memory, i);
}

void Stream::clear(SegmentMemory& memory) noexcept {
  drop_waiting(memory);
  held_.clear(memory);
}

}  // namespace nw::network
