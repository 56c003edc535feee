#include "ingest/logs/transports/state_file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "ingest/logs/transports/tail_state.h"  // FileHandle

namespace nw::logs {

namespace {

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

Error io_error(const std::string& path, std::string_view doing, std::string_view what) {
  return {errno == EACCES ? Errc::no_permission : Errc::io, path + ": cannot " + std::string{doing} + ' ' +
                                                                std::string{what} + ": " +
                                                                std::generic_category().message(errno)};
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = ::write(descriptor, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

}  // namespace

Result<> check_state_place(const std::string& path) {
  const std::string kept_in = parent_of(path);
  if (::access(kept_in.c_str(), F_OK) != 0)
    return Error{Errc::not_found, path + ": there is no directory '" + kept_in + "'; create it"};
  if (::access(kept_in.c_str(), W_OK | X_OK) != 0)
    return Error{Errc::no_permission,
                 path + ": may not write in '" + kept_in + "'; give the daemon's user that directory"};
  return {};
}

Result<std::optional<std::string>> read_state(const std::string& path, std::string_view what, std::size_t bytes_max) {
  const FileHandle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<std::string>{};
    return io_error(path, "read", what);
  }
  std::string text(bytes_max, '\0');
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return io_error(path, "read", what);
  text.resize(static_cast<std::size_t>(got));
  return std::optional{std::move(text)};
}

Result<> replace_state(const std::string& path, std::string_view what, std::string_view text) {
  const std::string fresh = path + ".new";
  {
    const FileHandle file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file.is_open()) return io_error(fresh, "create", what);
    if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) return io_error(fresh, "write", what);
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return io_error(path, "replace", what);
  const FileHandle directory{::open(parent_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.is_open() || ::fsync(directory.get()) != 0) return io_error(path, "sync", what);
  return {};
}

}  // namespace nw::logs
