#include "record/ledger/durable_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace nw::record {

namespace {

constexpr mode_t kFileMode = 0640, kDirectoryMode = 0750;

Error last_error(std::string_view name, std::string_view doing) {
  const int number = errno;
  return system_error(number, std::string{name} + ": " + std::string{doing});
}

}  // namespace

int FileOps::open(const char* path, int flags, mode_t mode) { return ::open(path, flags, mode); }
ssize_t FileOps::pread(int fd, void* into, std::size_t size, off_t offset) { return ::pread(fd, into, size, offset); }
ssize_t FileOps::pwrite(int fd, const void* from, std::size_t size, off_t offset) {
  return ::pwrite(fd, from, size, offset);
}
int FileOps::fdatasync(int fd) { return ::fdatasync(fd); }
int FileOps::fsync(int fd) { return ::fsync(fd); }
int FileOps::syncfs(int fd) { return ::syncfs(fd); }
int FileOps::ftruncate(int fd, off_t size) { return ::ftruncate(fd, size); }
int FileOps::rename(const char* from, const char* to) { return ::rename(from, to); }
int FileOps::unlink(const char* path) { return ::unlink(path); }
int FileOps::mkdir(const char* path, mode_t mode) { return ::mkdir(path, mode); }

FileOps& system_files() {
  static FileOps ops;
  return ops;
}

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Error system_error(int error_number, std::string what) {
  Errc code = Errc::io;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: code = Errc::full; break;
    case EACCES:
    case EPERM:
    case EROFS: code = Errc::no_permission; break;
    case ENOENT: code = Errc::not_found; break;
    default: break;
  }
  return Error{code, std::move(what) + ": " + std::generic_category().message(error_number)};
}

Result<Fd> open_existing(FileOps& ops, const std::filesystem::path& file, int flags) {
  Fd fd{ops.open(file.c_str(), flags | O_CLOEXEC, 0)};
  if (fd.get() < 0) return last_error(file.string(), "cannot open");
  return fd;
}

Result<Fd> create_exclusive(FileOps& ops, const std::filesystem::path& file) {
  Fd fd{ops.open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode)};
  if (fd.get() < 0) return last_error(file.string(), "cannot create");
  if (auto synced = sync_directory(ops, file.parent_path()); !synced) {
    ops.unlink(file.c_str());
    return synced.error();
  }
  return fd;
}

Result<> make_directories(FileOps& ops, const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> missing;
  std::error_code error;
  for (auto at = std::filesystem::absolute(directory, error).lexically_normal(); !error; at = at.parent_path()) {
    if (!at.has_filename()) at = at.parent_path();  // "a/b/" is "a/b"
    if (std::filesystem::is_directory(at, error)) break;
    if (error && error != std::errc::no_such_file_or_directory)
      return system_error(error.value(), at.string() + ": cannot look into");
    if (!error && std::filesystem::exists(at, error))
      return Error{Errc::io, at.string() + ": is there, but is no directory"};
    error.clear();
    missing.push_back(at);
  }
  for (; !missing.empty(); missing.pop_back()) {
    const auto& at = missing.back();
    if (ops.mkdir(at.c_str(), kDirectoryMode) != 0 && errno != EEXIST)
      return last_error(at.string(), "cannot make the directory");
    if (auto synced = sync_directory(ops, at.parent_path()); !synced) {
      std::filesystem::remove(at, error);  // else the next try would find it and not sync
      return synced;
    }
  }
  return {};
}

Result<> write_at(FileOps& ops, const Fd& file, std::string_view bytes, std::uint64_t offset, std::string_view name) {
  while (!bytes.empty()) {
    const ssize_t wrote = ops.pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return last_error(name, "cannot write at byte " + std::to_string(offset));
    // Not an error by POSIX, but without progress there is no end: the disk takes no more.
    if (wrote == 0)
      return system_error(ENOSPC, std::string{name} + ": nothing written at byte " + std::to_string(offset));
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
    offset += static_cast<std::uint64_t>(wrote);
  }
  return {};
}

Result<std::size_t> read_at(FileOps& ops, const Fd& file, char* into, std::size_t size, std::uint64_t offset,
                            std::string_view name) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ops.pread(file.get(), into + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error(name, "cannot read at byte " + std::to_string(offset + done));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

Result<> sync_data(FileOps& ops, const Fd& file, std::string_view name) {
  if (ops.fdatasync(file.get()) != 0) return last_error(name, "cannot sync");
  return {};
}

Result<> cut_to(FileOps& ops, const Fd& file, std::uint64_t size, std::string_view name) {
  if (ops.ftruncate(file.get(), static_cast<off_t>(size)) != 0)
    return last_error(name, "cannot cut to " + std::to_string(size) + " bytes");
  return sync_data(ops, file, name);
}

Result<> write_file(FileOps& ops, const std::filesystem::path& file, std::string_view bytes, SyncBytes sync) {
  const Fd fd{ops.open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode)};
  if (fd.get() < 0) return last_error(file.string(), "cannot create");
  if (auto wrote = write_at(ops, fd, bytes, 0, file.string()); !wrote) return wrote;
  return sync == SyncBytes::now ? sync_data(ops, fd, file.string()) : Result<>{};
}

Result<> sync_file_system(FileOps& ops, const Fd& directory, std::string_view name) {
  if (ops.syncfs(directory.get()) != 0) return last_error(name, "cannot sync the file system");
  return {};
}

Result<std::string> read_file(FileOps& ops, const std::filesystem::path& file, std::size_t bytes_max) {
  const auto fd = open_existing(ops, file, O_RDONLY);
  if (!fd) return fd.error();
  std::string out;
  for (std::size_t step = 16'384;; step *= 2) {
    const std::size_t had = out.size();
    out.resize(had + std::min(step, bytes_max + 1 - had));
    const auto got = read_at(ops, *fd, out.data() + had, out.size() - had, had, file.string());
    if (!got) return got.error();
    const bool whole = had + *got < out.size();
    out.resize(had + *got);
    if (out.size() > bytes_max)
      return Error{Errc::malformed, file.string() + ": has more than " + std::to_string(bytes_max) + " bytes"};
    if (whole) return out;
  }
}

Result<> sync_directory(FileOps& ops, const std::filesystem::path& directory) {
  auto fd = open_existing(ops, directory.empty() ? "." : directory, O_RDONLY | O_DIRECTORY);
  if (!fd) return fd.error();
  if (ops.fsync(fd->get()) != 0) return last_error(directory.string(), "cannot sync the directory");
  return {};
}

Result<> replace_file(FileOps& ops, const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path temporary = file.string() + ".tmp";
  const auto give_up = [&](const Error& error) {
    ops.unlink(temporary.c_str());
    return error;
  };
  {
    const Fd fd{ops.open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode)};
    if (fd.get() < 0) return last_error(temporary.string(), "cannot create");
    if (auto wrote = write_at(ops, fd, bytes, 0, temporary.string()); !wrote) return give_up(wrote.error());
    if (auto synced = sync_data(ops, fd, temporary.string()); !synced) return give_up(synced.error());
  }
  if (ops.rename(temporary.c_str(), file.c_str()) != 0) return give_up(last_error(file.string(), "cannot replace"));
  return sync_directory(ops, file.parent_path());
}

}  // namespace nw::record
