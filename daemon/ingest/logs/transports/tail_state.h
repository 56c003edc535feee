// Where a tailed file was left, durably. The file is known by its inode and by its first bytes: inodes are used again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace nw::logs {

// Owns a file descriptor.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int descriptor) : descriptor_{descriptor} {}
  FileHandle(FileHandle&& other) noexcept : descriptor_{other.release()} {}
  FileHandle& operator=(FileHandle&& other) noexcept;
  ~FileHandle();
  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  int release() noexcept {
    const int d = descriptor_;
    descriptor_ = -1;
    return d;
  }

 private:
  int descriptor_ = -1;
};

struct TailState {
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;             // behind the last line that was handed over
  std::uint64_t fingerprint_bytes = 0;  // at most kFingerprintMax
  std::uint64_t fingerprint = 0;
  bool skipping = false;  // the offset lies within a line that was too long
  friend bool operator==(const TailState&, const TailState&) = default;
};

constexpr std::uint64_t kFingerprintMax = 256;

// A hash of the file's first `bytes` bytes; nothing when it has fewer.
std::optional<std::uint64_t> fingerprint_of(int descriptor, std::uint64_t bytes);

// Nothing when the file does not exist. Errors: malformed, io, no_permission.
Result<std::optional<TailState>> load_tail_state(const std::string& path);
// Replaces the file whole: after a crash the old state is there or the new one. Error: io, with the path.
Result<> save_tail_state(const std::string& path, const TailState& state);

}  // namespace nw::logs
