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
    block_ = 0;
    at_ = 0;
    used_ = 0;
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }

 private:
  static constexpr std::size_t kBlock = 16 * 1024;

  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size;
  };

  void* allocate(std::size_t size, std::size_t align) {
    if (size > bytes_max_ - used_) return nullptr;
    for (; block_ < blocks_.size(); ++block_, at_ = 0) {
      const std::size_t start = (at_ + align - 1) / align * align;
      if (start <= blocks_[block_].size && size <= blocks_[block_].size - start) {
        at_ = start + size;
        used_ += size;
        return blocks_[block_].memory.get() + start;
      }
    }
    const std::size_t fresh = size > kBlock ? size : kBlock;
    blocks_.push_back(Block{std::make_unique<std::byte[]>(fresh), fresh});
    at_ = size;
    used_ += size;
    return blocks_.back().memory.get();
  }

  std::vector<Block> blocks_;
  std::size_t block_ = 0, at_ = 0, used_ = 0;
  std::size_t bytes_max_;
};

}  // namespace nw
