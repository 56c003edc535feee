// Requests to a device that wait for their responses, for every protocol of control systems.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

#include "base/time.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// `T::time` is when it was asked. `unanswered`, a function of T&, tells what is given up; no event may be begun then.
// Its memory is that of the most that ever waited, at most `kMost`.
template <class T, std::size_t kMost = 64>
class IcsRequests {
 public:
  static constexpr std::chrono::seconds kPatience{30};  // masters ask again after 1 to 10 s

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  // The oldest for which `is` holds; null when there is none.
  T* find(auto&& is) {
    const auto at = std::ranges::find_if(waiting_, is);
    return at == waiting_.end() ? nullptr : &*at;
  }
  // What was asked too long ago makes way first, then the oldest: that is counted.
  void add(T request, Context& context, auto&& unanswered) {
    expire(request.time, unanswered);
    if (waiting_.size() == kMost) {
      context.refused(DecodeError::limit);
      give_up(1, unanswered);
    }
    waiting_.push_back(std::move(request));
  }
  // It was answered, or is asked again.
  void remove(T* request) { waiting_.erase(waiting_.begin() + (request - waiting_.data())); }
  void expire(Timestamp now, auto&& unanswered) {
    std::size_t old = 0;
    while (old < waiting_.size() && now - waiting_[old].time > kPatience) ++old;
    give_up(old, unanswered);
  }
  // Those for which `is` holds, the oldest first.
  void give_up_if(auto&& is, auto&& unanswered) {
    for (T& request : waiting_)
      if (is(request)) unanswered(request);
    std::erase_if(waiting_, is);
  }
  // The flow ended.
  void finish(auto&& unanswered) { give_up(waiting_.size(), unanswered); }
  // Responses were lost: nobody knows what was answered.
  void forget() noexcept { waiting_.clear(); }
  void forget_if(auto&& is) { std::erase_if(waiting_, is); }

 private:
  void give_up(std::size_t count, auto&& unanswered) {
    for (std::size_t i = 0; i < count; ++i) unanswered(waiting_[i]);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  std::vector<T> waiting_;  // oldest first
};

}  // namespace nw::network
