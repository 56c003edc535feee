// What stations say again and again, mostly right over Ethernet, for every protocol that does so: a bounded table of
// streams, found by a name of any octets (the sender's address, and what it calls the stream).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// `T` has a `std::string name` and a `Timestamp last`, when it was heard. Known streams cost no allocation.
template <class T>
class L2Streams {
 public:
  explicit L2Streams(std::size_t most = 512) noexcept : most_{most} {}

  // Null: it is new. References and pointers live until the next add() or remove().
  T* find(std::string_view name) noexcept {
    const std::uint64_t hash = hash64(name);
    for (std::size_t i = 0; i < hashes_.size(); ++i)
      if (hashes_[i] == hash && streams_[i].name == name) return &streams_[i];
    return nullptr;
  }
  // When full, the one that was not heard for longest makes way: that is counted, and `ended` gets it.
  T& add(std::string_view name, Context& context, auto&& ended) {
    if (streams_.size() == most_) {
      context.refused(DecodeError::limit);
      T& oldest = *std::ranges::min_element(streams_, {}, &T::last);
      ended(oldest);
      remove(oldest);
    }
    hashes_.push_back(hash64(name));
    T& fresh = streams_.emplace_back();
    fresh.name = name;
    first_due_ = Timestamp::min();  // nobody knows yet
    return fresh;
  }
  void remove(T& stream) noexcept {
    const auto at = static_cast<std::size_t>(&stream - streams_.data());
    if (at + 1 != streams_.size()) {
      stream = std::move(streams_.back());
      hashes_[at] = hashes_.back();
    }
    streams_.pop_back();
    hashes_.pop_back();
  }
  // Another one at each call, in turn: asked with each frame, every stream is looked at now and then. Null when there
  // are none.
  T* next() noexcept {
    if (streams_.empty()) return nullptr;
    turn_ = (turn_ + 1) % streams_.size();
    return &streams_[turn_];
  }
  std::vector<T>& all() noexcept { return streams_; }

  // A stream is due at that time, which may be earlier than before.
  void expect(Timestamp due) noexcept { first_due_ = std::min(first_due_, due); }
  // What was due first, when `until` is behind that; else null. `due` says it of each: Timestamp::max(), never. Asked
  // again and again until it is null, with what it gave made due no more.
  T* overdue(Timestamp until, auto&& due) {
    if (until <= first_due_) return nullptr;
    const auto first = std::ranges::min_element(streams_, {}, due);
    first_due_ = first == streams_.end() ? Timestamp::max() : due(*first);
    return until > first_due_ ? &*first : nullptr;
  }

 private:
  std::vector<T> streams_;
  std::vector<std::uint64_t> hashes_;  // of their names: what a search reads
  std::size_t turn_ = 0, most_;
  Timestamp first_due_ = Timestamp::max();  // none is due earlier
};

}  // namespace nw::network
