// Where tailed files were left, durably. A file is known by its inode and by what is in it: inodes are used again,
// names change, and what was compressed has another inode.
//
//   normwatch-tail-2 SEQUENCE
//   file IDENTITY INODE OFFSET HEAD-BYTES HEAD TAIL-BYTES TAIL MODIFIED BORN SKIPPING FINISHED PATH REAL-PATH
//   end FILES
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

// A hash of some bytes of a file.
struct Print {
  std::uint64_t bytes = 0, hash = 0;
  friend bool operator==(const Print&, const Print&) = default;
};
[[nodiscard]] Print print_of(std::string_view bytes);

constexpr std::uint64_t kHeadMax = 1024;  // of a file's first bytes
constexpr std::uint64_t kTailMax = 256;   // of the bytes before an offset: files may well begin with the same lines

struct TailRecord {
  std::string path;            // the name under which it was found
  std::string real;            // where that led, over links: in its folder rotation leaves it
  std::uint64_t identity = 0;  // goes into the places of its lines; stays when it is renamed, compressed or copied
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;   // behind the last line that is safe
  Print head, tail;           // of what has been read; of what is before the offset
  std::int64_t modified = 0;  // nanoseconds since 1970, when last seen
  std::int64_t born = 0;      // the inode, where file systems know it: an inode that is used again is told by it
  bool skipping = false;      // the offset lies within a line that was too long
  std::int64_t finished = 0;  // Unix seconds: it was read to its end and is gone; 0: it is not
  friend bool operator==(const TailRecord&, const TailRecord&) = default;
};

struct TailState {
  std::uint64_t sequence = 0;  // identities given
  std::vector<TailRecord> files;
  friend bool operator==(const TailState&, const TailState&) = default;
};

// Up to `bytes` from `from` on; shorter at the file's end.
[[nodiscard]] std::string bytes_at(int descriptor, std::uint64_t from, std::uint64_t bytes);

// Nothing when the file does not exist. The first format (one file, 256 bytes of fingerprint) is read too; it did not
// name its file: `path` is taken. Errors: malformed, io, no_permission.
Result<std::optional<TailState>> load_tail_state(const std::string& file, const std::string& path);
// Replaces the file whole: after a crash the old state is there or the new one. Error: io, with the path.
Result<> save_tail_state(const std::string& file, const TailState& state);

}  // namespace nw::logs
