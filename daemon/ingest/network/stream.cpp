#include "ingest/network/stream.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace nw::network {
namespace {

// Without bytes, so many separate pieces behind holes are followed; then the oldest hole is given up.
constexpr std::size_t kRangesMax = 16;
constexpr std::uint64_t kMissedMax = (std::uint64_t{1} << 62U) - 1;
constexpr std::int64_t kNowhere = std::numeric_limits<std::int64_t>::max();

}  // namespace

void Stream::open(std::uint32_t first, bool exact) noexcept {
  base_ = first;
  open_ = true;
  exact_ = exact;
}

// Where the first piece behind a hole begins.
std::int64_t Stream::held_from(const SegmentMemory& memory) const noexcept {
  if (backlog_ == kNoBacklog) return kNowhere;
  const SegmentList& held = memory.backlog(backlog_).held;
  return held.empty() ? kNowhere : memory[held.front()].start;
}

Bytes Stream::waiting(const SegmentMemory& memory) const noexcept {
  return backlog_ == kNoBacklog ? Bytes{} : memory.backlog(backlog_).bytes();
}

// The backlog, or null when memory is full; whoever leaves it empty tidies.
Backlog* Stream::backlog(SegmentMemory& memory) {
  if (backlog_ == kNoBacklog) {
    const std::uint32_t slot = memory.acquire_backlog();
    if (slot == kNoSlot) return nullptr;
    backlog_ = slot & kNoBacklog;
  }
  return &memory.backlog(backlog_);
}

void Stream::tidy(SegmentMemory& memory) noexcept {
  if (backlog_ == kNoBacklog || !memory.backlog(backlog_).empty()) return;
  memory.release_backlog(backlog_);
  backlog_ = kNoBacklog;
}

void Stream::segment(std::uint32_t sequence, Bytes data, std::uint32_t length, bool fin, SegmentMemory& memory,
                     StreamTaker& taker) {
  const std::int64_t start = place(sequence, next_);
  const std::int64_t end = start + length;
  if (fin && fin_known_ == 0) {
    fin_ = sequence + length;
    fin_known_ = 1;
  }
  if (length == 0 || end <= next_) return;
  if (start > next_ && acked() >= start) skip_to(start, memory, taker);
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
    next_ = std::min(have, held_from(memory));
    if (wanted_) {
      deliver(data.subspan(static_cast<std::size_t>(from - start), static_cast<std::size_t>(next_ - from)), memory,
              taker);
    }
  }
}

void Stream::out_of_order(std::int64_t start, Bytes data, std::int64_t end, SegmentMemory& memory, StreamTaker& taker) {
  if (wanted_ && data.empty()) return;
  const std::int64_t have = wanted_ ? start + static_cast<std::int64_t>(data.size()) : end;
  const Bytes kept = wanted_ ? data : Bytes{};
  Backlog* backlog = this->backlog(memory);
  const bool room = backlog != nullptr && backlog->held.cost() + kept.size() <= taker.held_max;
  if (!room || !backlog->held.insert(memory, start, have, kept)) {
    tidy(memory);
    // Who sends ahead on purpose would make us jump over what the other end still waits for.
    if (acked_known_ != 0) return taker.unheld(kept.size());
    skip_to(start, memory, taker);
    in_order(start, data, end, memory, taker);
  } else if (!wanted_ && backlog->held.count() > kRangesMax) {
    skip_to(held_from(memory), memory, taker);
  }
}

// Gives up every hole before `end`, handing on what lies between them.
void Stream::skip_to(std::int64_t end, SegmentMemory& memory, StreamTaker& taker) {
  drain(memory, taker);
  while (next_ < end) {
    const std::int64_t upto = std::min(end, held_from(memory));
    const auto hole = static_cast<std::uint64_t>(upto - next_);
    next_ = upto;
    lose(hole, memory, taker);
    drain(memory, taker);
  }
}

void Stream::lose(std::uint64_t bytes, SegmentMemory& memory, StreamTaker& taker) {
  missed_ = (missed_ + bytes) & kMissedMax;
  drop_waiting(memory);
  taker.gap(bytes);
}

// Hands on what is held and no longer behind a hole.
void Stream::drain(SegmentMemory& memory, StreamTaker& taker) {
  while (held_from(memory) <= next_) {
    const std::uint32_t piece = memory.backlog(backlog_).held.pop_front(memory);
    tidy(memory);
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
    if (!waiting(memory).empty()) {
      if (!deliver_behind(data, memory, taker)) return;
      continue;
    }
    taker.fresh = data.size();
    const std::size_t done = taker.data(data);
    if (done == StreamTaker::kStop) return stop(memory);
    data = data.subspan(std::min(done, data.size()));
    if (data.empty()) return;
    if (data.size() > taker.bytes_max) {
      if (!taker.overflow(data.size())) stop(memory);
      return;
    }
    if (!wait(data, memory)) taker.evicted(data.size());
    return;
  }
}

// Some of `data` joins what waits, and all of that is handed on. False: nothing is left to do.
bool Stream::deliver_behind(Bytes& data, SegmentMemory& memory, StreamTaker& taker) {
  const std::size_t before = waiting(memory).size();
  const std::size_t room = taker.bytes_max > before ? taker.bytes_max - before : 0;
  const Bytes part = data.first(std::min(room, data.size()));
  if (!wait(part, memory)) {
    drop_waiting(memory);
    taker.evicted(before + data.size());
    return false;
  }
  data = data.subspan(part.size());
  taker.fresh = part.size();
  const std::size_t done = taker.data(waiting(memory));
  if (done == StreamTaker::kStop) {
    stop(memory);
    return false;
  }
  if (done == 0 && before + part.size() >= taker.bytes_max) {
    const bool wanted = taker.overflow(before + part.size());
    if (wanted)
      drop_waiting(memory);
    else
      stop(memory);
    return wanted;
  }
  consume(done, memory);
  return true;
}

bool Stream::wait(Bytes data, SegmentMemory& memory) {
  if (data.empty()) return true;
  Backlog* backlog = this->backlog(memory);
  if (backlog == nullptr) return false;
  auto& [held, waiting, head, size] = *backlog;
  if (head + size + data.size() > waiting.capacity) {
    if (size + data.size() > waiting.capacity) {
      Block larger = memory.acquire(size + data.size());
      if (larger.capacity == 0) {
        tidy(memory);
        return false;
      }
      if (size != 0) std::memcpy(larger.memory.get(), waiting.memory.get() + head, size);
      memory.release(std::move(waiting));
      waiting = std::move(larger);
    } else {
      std::memmove(waiting.memory.get(), waiting.memory.get() + head, size);
    }
    head = 0;
  }
  std::memcpy(waiting.memory.get() + head + size, data.data(), data.size());
  size += data.size();
  return true;
}

// The taker is done with so many of the bytes that wait.
void Stream::consume(std::size_t done, SegmentMemory& memory) noexcept {
  if (backlog_ == kNoBacklog) return;
  Backlog& backlog = memory.backlog(backlog_);
  done = std::min(done, backlog.size);
  backlog.head += done;
  backlog.size -= done;
  if (backlog.size == 0) drop_waiting(memory);
}

void Stream::drop_waiting(SegmentMemory& memory) noexcept {
  if (backlog_ == kNoBacklog) return;
  Backlog& backlog = memory.backlog(backlog_);
  memory.release(std::move(backlog.waiting));
  backlog.waiting = {};
  backlog.head = backlog.size = 0;
  tidy(memory);
}

void Stream::acknowledged(std::uint32_t acknowledgement, SegmentMemory& memory, StreamTaker& taker) {
  if (knows(acknowledgement)) return;
  const std::int64_t at = place(acknowledgement, next_);
  acked_ = acknowledgement;
  acked_known_ = 1;
  while (held_from(memory) <= at) skip_to(held_from(memory), memory, taker);
  // Everything up to the FIN arrived over there, so nothing more will come by here.
  if (fin_known_ != 0 && at > fin()) skip_to(fin(), memory, taker);
}

void Stream::offer(SegmentMemory& memory, StreamTaker& taker) {
  const Bytes bytes = waiting(memory);
  if (bytes.empty() || !wanted_) return;
  taker.fresh = 0;
  const std::size_t done = taker.data(bytes);
  if (done == StreamTaker::kStop) return stop(memory);
  consume(done, memory);
}

void Stream::finish(std::uint64_t unseen, SegmentMemory& memory, StreamTaker& taker) {
  while (held_from(memory) != kNowhere) skip_to(held_from(memory), memory, taker);
  if (acked_known_ != 0) skip_to(fin_known_ != 0 ? std::min(acked(), fin()) : acked(), memory, taker);
  // A lone number at the end is a FIN that was not captured.
  if (open_ && fin_known_ == 0 && unseen > 1) lose(unseen, memory, taker);
}

void Stream::stop(SegmentMemory& memory) noexcept {
  wanted_ = false;
  drop_waiting(memory);
  if (backlog_ == kNoBacklog) return;
  // The positions of what is held stay, so that its holes are told from what was seen; only the bytes go.
  SegmentList& held = memory.backlog(backlog_).held;
  for (std::uint32_t i = held.front(); i != kNoSlot; i = memory[i].next) held.forget_bytes(memory, i);
}

void Stream::clear(SegmentMemory& memory) noexcept {
  drop_waiting(memory);
  if (backlog_ == kNoBacklog) return;
  memory.backlog(backlog_).held.clear(memory);
  tidy(memory);
}

}  // namespace nw::network
