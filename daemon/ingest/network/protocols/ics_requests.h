// Requests to a device that wait for their responses, for every protocol of control systems.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// `T::time` is when it was asked. `unanswered`, a function of T&, tells what is given up; no event may be begun then.
// Its memory is that of the most that ever waited, at most `kMost`. A request stays where it is until it is removed or
// another one is added, whichever are removed.
template <class T, std::size_t kMost = 64>
class IcsRequests {
 public:
  static constexpr std::chrono::seconds kPatience{30};  // masters ask again after 1 to 10 s

  [[nodiscard]] bool empty() const noexcept { return waiting_ == 0; }
  // The oldest for which `is` holds; null when there is none.
  T* find(auto&& is) {
    for (const Slot slot : waiting())
      if (T& request = slots_[slot]; is(request)) return &request;
    return nullptr;
  }
  // What was asked too long ago makes way first, then the oldest: that is counted.
  void add(T&& request, Context& context, auto&& unanswered) {
    if constexpr (requires { request.command.target; }) request.command.forget_whole();
    if constexpr (requires { request.ics.target; }) request.ics.forget_whole();
    expire(request.time, unanswered);
    if (waiting_ == kMost) {
      context.refused(DecodeError::limit);
      give_up(1, unanswered);
    }
    if (waiting_ == slots_.size()) {
      order_[waiting_] = static_cast<Slot>(waiting_);
      slots_.push_back(std::move(request));
    } else {
      slots_[order_[waiting_]] = std::move(request);
    }
    ++waiting_;
  }
  // It was answered, or is asked again.
  void remove(T* request) {
    const auto at = std::ranges::find(order_, static_cast<Slot>(request - slots_.data()));
    release(*at);
    std::rotate(at, at + 1, order_.begin() + waiting_--);
  }
  void expire(Timestamp now, auto&& unanswered) {
    std::size_t old = 0;
    while (old < waiting_ && now - slots_[order_[old]].time > kPatience) ++old;
    if (old > 0) give_up(old, unanswered);
  }
  // Those for which `is` holds, the oldest first.
  void give_up_if(auto&& is, auto&& unanswered) {
    std::size_t kept = 0;
    for (Slot& slot : waiting()) {
      if (is(slots_[slot])) {
        unanswered(slots_[slot]);
        release(slot);
      } else {
        std::swap(slot, order_[kept++]);
      }
    }
    waiting_ = kept;
  }
  // The flow ended.
  void finish(auto&& unanswered) { give_up(waiting_, unanswered); }
  // Responses were lost: nobody knows what was answered.
  void forget() {
    forget_if([](const T&) { return true; });
  }
  void forget_if(auto&& is) {
    give_up_if(is, [](const T&) {});
  }

 private:
  using Slot = std::uint8_t;
  static_assert(kMost <= 256);

  std::span<Slot> waiting() noexcept { return std::span{order_}.first(waiting_); }
  // The `count` oldest.
  void give_up(std::size_t count, auto&& unanswered) {
    for (std::size_t i = 0; i < count; ++i) {
      unanswered(slots_[order_[i]]);
      release(order_[i]);
    }
    std::rotate(order_.begin(), order_.begin() + count, order_.begin() + waiting_);
    waiting_ -= count;
  }
  // What it holds elsewhere goes at once.
  void release(Slot slot) {
    if constexpr (!std::is_trivially_destructible_v<T>) slots_[slot] = T{};
  }

  std::vector<T> slots_;
  std::array<Slot, kMost> order_;  // the slots: those in which requests wait, the oldest first, then the free ones
  std::size_t waiting_ = 0;
};

}  // namespace nw::network
