// Secrets in pages of their own: never swapped out as far as the process may lock memory, and left out of core dumps.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace nw::record {

// Whole pages; never null (a machine without memory ends the program). `locked`: false when the limit
// (RLIMIT_MEMLOCK) does not allow it.
void* allocate_locked(std::size_t bytes, bool& locked);
// Wipes and gives back what allocate_locked() gave.
void free_locked(void* at, std::size_t bytes) noexcept;

// One object, which is wiped by its own destructor and again with its pages.
template <class T>
class Locked {
 public:
  template <class... Arguments>
  explicit Locked(Arguments&&... arguments) : at_{allocate_locked(sizeof(T), locked_)} {
    object_ = new (at_) T(std::forward<Arguments>(arguments)...);
  }
  ~Locked() {
    object_->~T();
    free_locked(at_, sizeof(T));
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;
  T& operator*() noexcept { return *object_; }
  const T& operator*() const noexcept { return *object_; }
  T* operator->() noexcept { return object_; }
  const T* operator->() const noexcept { return object_; }
  [[nodiscard]] bool locked() const noexcept { return locked_; }

 private:
  bool locked_ = false;
  void* at_;
  T* object_ = nullptr;
};

}  // namespace nw::record
