#include "ingest/logs/transports/tail_state.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMagic = "normwatch-tail-1";
constexpr std::size_t kStateBytesMax = 256;

std::string reason() { return std::generic_category().message(errno); }

Error io_error(const std::string& path, std::string_view what) {
  return {errno == EACCES ? Errc::no_permission : Errc::io, path + ": cannot " + std::string{what} + ": " + reason()};
}

}  // namespace

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = other.release();
  }
  return *this;
}

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::optional<std::uint64_t> fingerprint_of(int descriptor, std::uint64_t bytes) {
  std::array<char, kFingerprintMax> head{};
  const std::size_t want = std::min<std::size_t>(bytes, head.size());
  std::size_t have = 0;
  while (have < want) {
    const ssize_t got = ::pread(descriptor, head.data() + have, want - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return hash64({head.data(), want});
}

Result<std::optional<TailState>> load_tail_state(const std::string& path) {
  const FileHandle file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.is_open()) {
    if (errno == ENOENT) return std::optional<TailState>{};
    return io_error(path, "read the tail state");
  }
  std::array<char, kStateBytesMax> text{};
  const ssize_t got = ::read(file.get(), text.data(), text.size());
  if (got < 0) return io_error(path, "read the tail state");
  const auto words = split(trim({text.data(), static_cast<std::size_t>(got)}), ' ');
  std::array<std::uint64_t, 5> numbers{};
  bool good = words.size() == numbers.size() + 1 && words[0] == kMagic;
  for (std::size_t i = 0; good && i < numbers.size(); ++i) {
    const std::string_view word = words[i + 1];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), numbers[i]);
    good = error == std::errc{} && end == word.data() + word.size();
  }
  if (!good || numbers[2] > kFingerprintMax || numbers[4] > 1)
    return Error{Errc::malformed, path + ": is no tail state of normwatch"};
  return std::optional{TailState{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4] == 1}};
}

Result<> save_tail_state(const std::string& path, const TailState& state) {
  std::string text{kMagic};
  for (const std::uint64_t number :
       {state.inode, state.offset, state.fingerprint_bytes, state.fingerprint, std::uint64_t{state.skipping ? 1U : 0U}})
    text += ' ' + std::to_string(number);
  text += '\n';
  const std::string fresh = path + ".new";
  {
    const FileHandle file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file.is_open()) return io_error(fresh, "create the tail state");
    const ssize_t wrote = ::write(file.get(), text.data(), text.size());
    if (wrote >= 0 && static_cast<std::size_t>(wrote) != text.size()) errno = ENOSPC;
    if (wrote < 0 || static_cast<std::size_t>(wrote) != text.size() || ::fsync(file.get()) != 0)
      return io_error(fresh, "write the tail state");
  }
  if (std::rename(fresh.c_str(), path.c_str()) != 0) return io_error(path, "replace the tail state");
  const std::string parent = std::filesystem::path{path}.parent_path().string();
  const FileHandle directory{::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory.is_open() || ::fsync(directory.get()) != 0) return io_error(path, "make the tail state durable");
  return {};
}

}  // namespace nw::logs
