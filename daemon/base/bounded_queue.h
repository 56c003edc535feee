// A queue between two threads with a fixed capacity. For what is rare (alerts, log batches), so a mutex will do.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace nw {

template <class T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_{capacity} {}

  // False when full or closed; the value is then untouched. For what may be dropped: the caller counts.
  [[nodiscard]] bool try_push(T& value) {
    const std::lock_guard lock{mutex_};
    if (closed_ || items_.size() >= capacity_) return false;
    items_.push_back(std::move(value));
    filled_.notify_one();
    return true;
  }
  // Waits for room. For what is never dropped. False only when closed.
  [[nodiscard]] bool push(T value) {
    std::unique_lock lock{mutex_};
    room_.wait(lock, [&] { return closed_ || items_.size() < capacity_; });
    if (closed_) return false;
    items_.push_back(std::move(value));
    filled_.notify_one();
    return true;
  }
  // Everything that is queued, at most `most`; waits up to `patience` for the first. Empty: nothing came, or closed and
  // drained.
  std::vector<T> pop_all(std::size_t most, std::chrono::nanoseconds patience) {
    std::unique_lock lock{mutex_};
    filled_.wait_for(lock, patience, [&] { return closed_ || !items_.empty(); });
    std::vector<T> out;
    while (!items_.empty() && out.size() < most) {
      out.push_back(std::move(items_.front()));
      items_.pop_front();
    }
    if (!out.empty()) room_.notify_all();
    return out;
  }
  // No more pushes; what is queued can still be popped.
  void close() {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    filled_.notify_all();
    room_.notify_all();
  }
  [[nodiscard]] bool closed() const {
    const std::lock_guard lock{mutex_};
    return closed_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock{mutex_};
    return items_.size();
  }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  mutable std::mutex mutex_;
  std::condition_variable filled_, room_;
  std::deque<T> items_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace nw
