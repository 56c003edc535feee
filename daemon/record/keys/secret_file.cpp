#include "record/keys/secret_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"

namespace nw::record {

namespace {

constexpr mode_t kSecretMode = 0600, kSecretDirectoryMode = 0700;
constexpr mode_t kOthersRead = 044, kOthersWrite = 022;

std::string octal(mode_t mode) {
  std::string out = "0000";
  for (std::size_t i = out.size(); i-- > 0; mode >>= 3U) out[i] = static_cast<char>('0' + (mode & 7U));
  return out;
}

Result<> check_mode(const struct stat& found, const std::filesystem::path& file, Guarded guarded) {
  const mode_t open_to = found.st_mode & (guarded == Guarded::by_mode ? kOthersRead | kOthersWrite : S_IROTH | S_IWOTH);
  if (open_to != 0)
    return Error{Errc::no_permission, file.string() + " has mode " + octal(found.st_mode & 07777U) +
                                          ": others than its owner may read or change this key; if nobody has, type: "
                                          "chmod 600 " +
                                          file.string() + "; otherwise make a new one (normwatch keys rotate)"};
  if (guarded == Guarded::by_mode && found.st_uid != ::geteuid() && found.st_uid != 0)
    return Error{Errc::no_permission, file.string() + " belongs to user " + std::to_string(found.st_uid) +
                                          ", who can change this key; type: chown " + std::to_string(::geteuid()) +
                                          " " + file.string()};
  return {};
}

}  // namespace

SecretText::SecretText(SecretText&& other) noexcept : text_{other.text_} { other.wipe(); }

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = other.text_;
  other.wipe();
  return *this;
}

std::string_view SecretText::line() const noexcept {
  std::string_view text = text_;
  if (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

void SecretText::wipe() noexcept {
  explicit_bzero(text_.data(), text_.size());
  text_.clear();
}

Result<SecretText> read_secret(FileOps& ops, const std::filesystem::path& file, Guarded guarded) {
  auto fd = open_existing(ops, file, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!fd) return fd.error();
  struct stat found {};
  if (::fstat(fd->get(), &found) != 0) return system_error(errno, file.string() + ": cannot look at it");
  if (!S_ISREG(found.st_mode)) return Error{Errc::malformed, file.string() + " is no regular file"};
  if (auto checked = check_mode(found, file, guarded); !checked) return checked.error();
  std::string bytes(kSecretFileBytesMax + 1, '\0');
  const auto read = read_at(ops, *fd, bytes.data(), bytes.size(), 0, file.string());
  SecretText all{std::move(bytes)};
  if (!read) return read.error();
  if (*read > kSecretFileBytesMax) return Error{Errc::malformed, file.string() + " is too large for a key"};
  return SecretText{std::string{all.view().substr(0, *read)}};
}

Result<> write_secret(FileOps& ops, const std::filesystem::path& file, std::string_view bytes) {
  const std::filesystem::path temporary = file.string() + ".tmp";
  ops.unlink(temporary.c_str());  // of a run that was cut off; O_EXCL then sees to it that the file is ours
  const auto give_up = [&](const Error& error) {
    ops.unlink(temporary.c_str());
    return error;
  };
  {
    const Fd fd{ops.open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kSecretMode)};
    if (fd.get() < 0) return system_error(errno, temporary.string() + ": cannot create");
    if (auto wrote = write_at(ops, fd, bytes, 0, temporary.string()); !wrote) return give_up(wrote.error());
    if (auto synced = sync_data(ops, fd, temporary.string()); !synced) return give_up(synced.error());
  }
  if (ops.rename(temporary.c_str(), file.c_str()) != 0)
    return give_up(system_error(errno, file.string() + ": cannot replace"));
  return sync_directory(ops, file.parent_path());
}

Result<> make_secret_directory(FileOps& ops, const std::filesystem::path& directory) {
  const auto parent = directory.parent_path();
  if (!parent.empty())
    if (auto made = make_directories(ops, parent); !made) return made;
  if (ops.mkdir(directory.c_str(), kSecretDirectoryMode) == 0) return sync_directory(ops, parent);
  if (errno != EEXIST) return system_error(errno, directory.string() + ": cannot make the directory of keys");
  struct stat found {};
  if (::stat(directory.c_str(), &found) != 0) return system_error(errno, directory.string() + ": cannot look at it");
  if (!S_ISDIR(found.st_mode)) return Error{Errc::io, directory.string() + ": is there, but is no directory"};
  if ((found.st_mode & kOthersWrite) != 0)
    return Error{Errc::no_permission, directory.string() + " has mode " + octal(found.st_mode & 07777U) +
                                          ": others may put their own keys there; type: chmod 700 " +
                                          directory.string()};
  return {};
}

Result<> destroy_file(FileOps& ops, const std::filesystem::path& file) {
  {
    auto fd = open_existing(ops, file, O_WRONLY | O_NOFOLLOW);
    if (!fd) return fd.error();
    struct stat found {};
    if (::fstat(fd->get(), &found) != 0) return system_error(errno, file.string() + ": cannot look at it");
    const auto size = static_cast<std::size_t>(std::clamp<off_t>(found.st_size, 0, kSecretFileBytesMax));
    if (auto wrote = write_at(ops, *fd, std::string(size, '\0'), 0, file.string()); !wrote) return wrote;
    if (auto synced = sync_data(ops, *fd, file.string()); !synced) return synced;
  }
  if (ops.unlink(file.c_str()) != 0) return system_error(errno, file.string() + ": cannot delete");
  return sync_directory(ops, file.parent_path());
}

void KernelRandom::operator()(std::span<std::uint8_t> out) const {
  while (!out.empty()) {
    const ssize_t got = ::getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    NW_CHECK(got > 0);
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace nw::record
