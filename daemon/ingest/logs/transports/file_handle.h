// Owns a file descriptor.
#pragma once

#include <unistd.h>
#include <utility>

namespace nw::logs {

class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_{descriptor} {}
  FileHandle(FileHandle&& other) noexcept : descriptor_{other.release()} {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    if (this != &other) {
      if (descriptor_ >= 0) ::close(descriptor_);
      descriptor_ = other.release();
    }
    return *this;
  }
  ~FileHandle() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

}  // namespace nw::logs
