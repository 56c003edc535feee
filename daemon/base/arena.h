// Scratch memory that is handed out in order and taken back all at once. After warm-up it allocates nothing.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace nw {

// Holds at most `bytes_max` bytes between two resets: a caller who asks for more gets nothing and must cope.
class Arena {
 public:
  explicit Arena(std::size_t bytes_max = kBytesMax) : bytes_max_{bytes_max} {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  static constexpr std::size_t kBytesMax = std::size_t{1} << 20;

  // Memory for `count` objects of T, value-initialised, valid until reset(); empty when the budget is spent.
  template <class T>
  std::span<T> make(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    void* memory = allocate(count * sizeof(T), alignof(T));
    if (memory == nullptr) return {};
    T* first = static_cast<T*>(memory);
    for (std::size_t i = 0; i < count; ++i) new (first + i) T{};
    return {first, count};
  }

  // A copy of `text`, valid until reset(); cut to what the budget has left.
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    const std::size_t left = bytes_max_ - used_;
    if (text.size() > left) text = text.substr(0, left);
    char* memory = static_cast<char*>(allocate(text.size(), 1));
    if (memory == nullptr) return {};
    std::memcpy(memory, text.data(), text.size());
    return {memory, text.size()};
  }

  // Everything handed out so far becomes invalid; the memory is kept for the next round.
  void reset() noexcept {
    next_ = blocks_.empty() ? 0 : 1;
    memory_ = blocks_.empty() ? nullptr : blocks_.front().memory.get();
    room_ = blocks_.empty() ? 0 : blocks_.front().size;
    at_ = used_ = 0;
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }

 private:
  static constexpr std::size_t kBlock = 16 * 1024;

  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };

  // `align` is a power of two.
  void* allocate(std::size_t size, std::size_t align) {
    if (size > bytes_max_ - used_) return nullptr;
    const std::size_t start = (at_ + align - 1) & ~(align - 1);
    if (start > room_ || size > room_ - start) return allocate_elsewhere(size);
    at_ = start + size;
    used_ += size;
    return memory_ + start;
  }
  // In the next block that has room, or a fresh one.
  void* allocate_elsewhere(std::size_t size) {
    while (next_ < blocks_.size() && blocks_[next_].size < size) ++next_;
    if (next_ == blocks_.size()) {
      const std::size_t fresh = size > kBlock ? size : kBlock;
      blocks_.push_back(Block{std::make_unique<std::byte[]>(fresh), fresh});
    }
    memory_ = blocks_[next_].memory.get();
    room_ = blocks_[next_].size;
    ++next_;
    at_ = size;
    used_ += size;
    return memory_;
  }

  std::byte* memory_ = nullptr;  // the block in use, `room_` long, full up to `at_`
  std::size_t room_ = 0, at_ = 0;
  std::vector<Block> blocks_;
  std::size_t next_ = 0;  // the block that is used when this one is full
  std::size_t used_ = 0;
  std::size_t bytes_max_;
};

}  // namespace nw
