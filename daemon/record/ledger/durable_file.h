// The verbs by which the ledger touches the disk. Each says what it syncs, and why; nothing else in this folder writes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/types.h>

#include "base/result.h"

namespace nw::record {

// The system calls behind the verbs. Tests put a twin in their place that fails, or dies, at the n-th call.
// Same results and `errno` as the calls of that name.
class FileOps {
 public:
  virtual ~FileOps() = default;
  virtual int open(const char* path, int flags, mode_t mode);
  virtual ssize_t pread(int fd, void* into, std::size_t size, off_t offset);
  virtual ssize_t pwrite(int fd, const void* from, std::size_t size, off_t offset);
  virtual int fdatasync(int fd);
  virtual int fsync(int fd);
  virtual int syncfs(int fd);
  virtual int ftruncate(int fd, off_t size);
  virtual int rename(const char* from, const char* to);
  virtual int unlink(const char* path);
  virtual int mkdir(const char* path, mode_t mode);
};
// The real ones. Any thread.
FileOps& system_files();

// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_{fd} {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_{other.fd_} { other.fd_ = -1; }
  Fd& operator=(Fd&& other) noexcept;
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

// "<what>: No space left on device", with the code that fits: full, no_permission, not_found, io.
Error system_error(int error_number, std::string what);

// Opens what exists. Errors: not_found and those of system_error().
Result<Fd> open_existing(FileOps& ops, const std::filesystem::path& file, int flags);

// Makes a file that was not there, and syncs the directory: else a power cut can take away the name, with everything
// that was synced into the file. Leaves nothing behind when it fails.
Result<Fd> create_exclusive(FileOps& ops, const std::filesystem::path& file);

// Makes the directory and those above it, and syncs the parent of each one made, for the same reason.
Result<> make_directories(FileOps& ops, const std::filesystem::path& directory);

// Writes all of `bytes` at `offset`. Syncs nothing: a group of entries is written once and synced once. When it fails,
// any part of `bytes` may be in the file.
Result<> write_at(FileOps& ops, const Fd& file, std::string_view bytes, std::uint64_t offset, std::string_view name);

// Fills up to `size` bytes of `into`; the count is less only at the file's end.
Result<std::size_t> read_at(FileOps& ops, const Fd& file, char* into, std::size_t size, std::uint64_t offset,
                            std::string_view name);

// Puts the file's bytes and its size on disk. Not its times: nobody needs them after a power cut.
Result<> sync_data(FileOps& ops, const Fd& file, std::string_view name);

// Cuts the file to `size` and syncs that, so that what was cut off cannot come back.
Result<> cut_to(FileOps& ops, const Fd& file, std::uint64_t size, std::string_view name);

// Makes the file, or empties it, and fills it, for files that nothing points to yet. `now`: its bytes are synced; its
// name never is, so sync the directory before anything points there. `later`: sync_file_system() does both.
enum class SyncBytes : unsigned char { now, later };
Result<> write_file(FileOps& ops, const std::filesystem::path& file, std::string_view bytes, SyncBytes sync);

// Puts on disk all that was written to the file system that `directory` lies in: what others wrote, too, so it is for
// many files at once, where a sync of each takes longer. Open `directory` before the first of them is written: errors
// of writing back are told to who had it open.
Result<> sync_file_system(FileOps& ops, const Fd& directory, std::string_view name);

// All of a file. `malformed` when it has more than `bytes_max`.
Result<std::string> read_file(FileOps& ops, const std::filesystem::path& file, std::size_t bytes_max);

// Puts names made, renamed or removed in the directory on disk.
Result<> sync_directory(FileOps& ops, const std::filesystem::path& directory);

// Replaces the file as a whole: a temporary file beside it is written and synced (else the rename could reach the disk
// before the bytes), renamed over it, and the directory synced (else the old file could come back). A reader sees the
// old bytes or the new ones. When it fails, the old ones stay, unless the last sync failed: then either.
Result<> replace_file(FileOps& ops, const std::filesystem::path& file, std::string_view bytes);

}  // namespace nw::record
