// Bytes that several buffers may hold together, and a buffer that grows within them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <span>
#include <string_view>
#include <utility>

namespace nw::logs {

class ByteBudget {
 public:
  explicit ByteBudget(std::size_t most) : most_{most}, left_{most} {}
  [[nodiscard]] bool take(std::size_t bytes) noexcept {
    if (bytes > left_) return false;
    left_ -= bytes;
    return true;
  }
  void give_back(std::size_t bytes) noexcept { left_ += bytes; }
  [[nodiscard]] std::size_t left() const noexcept { return left_; }
  [[nodiscard]] std::size_t used() const noexcept { return most_ - left_; }

 private:
  std::size_t most_, left_;
};

class BudgetedBytes {
 public:
  explicit BudgetedBytes(ByteBudget& budget) : budget_{&budget} {}
  ~BudgetedBytes() { clear(); }
  BudgetedBytes(const BudgetedBytes&) = delete;
  BudgetedBytes& operator=(const BudgetedBytes&) = delete;

  // Where the next bytes go, at least one and none behind `most`; empty when the budget has no room for them, or `most`
  // is reached.
  [[nodiscard]] std::span<char> room(std::size_t most) {
    if (size_ >= most) return {};
    if (size_ == capacity_ && !grow(most)) return {};
    return {bytes_ + size_, std::min(capacity_, most) - size_};
  }
  void filled(std::size_t bytes) noexcept { size_ += bytes; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_, size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  void clear() noexcept {
    std::free(std::exchange(bytes_, nullptr));
    budget_->give_back(std::exchange(capacity_, 0));
    size_ = 0;
  }

 private:
  static constexpr std::size_t kFirst = 16 * 1024;

  // realloc(), for large blocks are moved by their pages and never lie in memory twice.
  bool grow(std::size_t most) {
    const std::size_t wanted = std::min(std::max(kFirst, capacity_ * 2), most) - capacity_;
    const std::size_t more = std::min(wanted, budget_->left());
    if (more == 0) return false;
    void* const bytes = std::realloc(bytes_, capacity_ + more);
    if (bytes == nullptr) return false;
    bytes_ = static_cast<char*>(bytes);
    (void)budget_->take(more);
    capacity_ += more;
    return true;
  }

  ByteBudget* budget_;
  char* bytes_ = nullptr;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace nw::logs
