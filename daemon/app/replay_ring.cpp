#include "app/replay_ring.h"

namespace nw::app {

Result<> ReplayRing::run(std::size_t lane) {
  for (std::uint64_t number = 0;; ++number) {
    Batch* batch = next(number);
    if (batch == nullptr) break;
    const bool last = batch->last;
    work_.take(*batch, lane);
    done(number);
    if (last) break;
  }
  // A lane may still be writing what this one left to it.
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return !writing_ && (!result_ || (over_ && written_ == read_)); });
  return result_;
}

// Several lanes read one batch ahead: so who is first reads while the others have work still. Null: writing failed.
Batch* ReplayRing::next(std::uint64_t number) {
  const std::uint64_t ahead = lanes_ == 1 ? 0 : 1;
  std::unique_lock lock{mutex_};
  for (;;) {
    if (!result_) return nullptr;
    const bool can_read = !reading_ && !over_ && read_ - written_ < kRing;
    if (number < read_ && (!can_read || number + ahead < read_)) return &slot(number).batch;
    if (can_read) {
      read(lock);
    } else {
      changed_.wait(lock);
    }
  }
}

void ReplayRing::read(std::unique_lock<std::mutex>& lock) {
  reading_ = true;
  Slot& free = slot(read_);
  lock.unlock();
  free.batch.begin(lanes_);
  work_.read(free.batch);
  lock.lock();
  free.left = lanes_;
  over_ = free.batch.last;
  reading_ = false;
  ++read_;
  changed_.notify_all();
}

void ReplayRing::done(std::uint64_t number) {
  std::unique_lock lock{mutex_};
  if (--slot(number).left == 0 && !writing_) write_ready(lock);
}

void ReplayRing::write_ready(std::unique_lock<std::mutex>& lock) {
  writing_ = true;
  while (result_ && written_ < read_ && slot(written_).left == 0) {
    Batch& batch = slot(written_).batch;
    lock.unlock();
    Result<> result = work_.write(batch);
    lock.lock();
    if (result)
      ++written_;
    else
      result_ = std::move(result);
    changed_.notify_all();
  }
  writing_ = false;
  changed_.notify_all();
}

}  // namespace nw::app
