#include "ingest/logs/transports/token_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <optional>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

namespace nw::logs {

namespace {

constexpr std::size_t kFileBytesMax = 1U << 20, kTokensMax = 10'000;
constexpr std::chrono::seconds kLook{1};

struct Descriptor {
  explicit Descriptor(const std::string& path) : fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)} {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

Error unreadable(const std::string& path, int error) {
  const std::string what = "token_file " + path + ": ";
  if (error == ENOENT || error == ENOTDIR)
    return {Errc::not_found, what +
                                 "there is no such file; write one token in each line of it, for example from: "
                                 "openssl rand -hex 32"};
  if (error == EACCES || error == EPERM)
    return {Errc::no_permission, what + "may not be read; let the daemon's user read it"};
  return {Errc::invalid_argument, what + "cannot be read: " + std::strerror(error)};
}

bool same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
         a.st_ctim.tv_sec == b.st_ctim.tv_sec && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

// RFC 4648 section 4, without padding as well; nothing when it is no base64.
std::optional<std::string> from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string out;
  unsigned bits = 0, value = 0;
  for (const char c : text) {
    unsigned digit = 0;
    if (c >= 'A' && c <= 'Z')
      digit = static_cast<unsigned>(c - 'A');
    else if (c >= 'a' && c <= 'z')
      digit = static_cast<unsigned>(c - 'a') + 26;
    else if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0') + 52;
    else if (c == '+' || c == '-')
      digit = 62;
    else if (c == '/' || c == '_')
      digit = 63;
    else
      return std::nullopt;
    value = ((value << 6U) | digit) & 0xffffU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out += static_cast<char>((value >> bits) & 0xffU);
  }
  return out;
}

// What stands for the token in the field; empty when nothing does.
std::string presented(std::string_view field) {
  field = trim(field);
  const std::size_t blank = field.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string scheme = to_ascii_lower(field.substr(0, blank));
  const std::string_view rest = trim(field.substr(blank));
  if (scheme == "bearer") return std::string{rest};
  if (scheme != "apikey" && scheme != "basic") return {};
  const auto decoded = from_base64(rest);
  if (!decoded) return {};
  const std::size_t colon = decoded->find(':');
  return colon == std::string::npos ? std::string{} : decoded->substr(colon + 1);
}

}  // namespace

Result<std::unique_ptr<TokenFile>> TokenFile::open(const std::string& path) {
  std::unique_ptr<TokenFile> file{new TokenFile{path}};
  if (auto read = file->read(); !read) return read.error();
  file->looked_ = std::chrono::steady_clock::now();
  return file;
}

Result<> TokenFile::read() {
  const Descriptor file{path_};
  struct stat found {};
  if (file.fd < 0 || ::fstat(file.fd, &found) != 0) return unreadable(path_, errno);
  seen_ = found;
  const std::string what = "token_file " + path_ + ": ";
  if (!S_ISREG(found.st_mode)) return Error{Errc::invalid_argument, what + "is no file; name one"};
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(file.fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path_, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kFileBytesMax) return Error{Errc::invalid_argument, what + "is larger than 1 MiB; is it the right file?"};
  std::vector<Digest> tokens;
  for (std::string_view line : split({text.data(), size}, '\n')) {
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    if (tokens.size() == kTokensMax) return Error{Errc::invalid_argument, what + "holds more than 10,000 tokens"};
    Digest& digest = tokens.emplace_back();
    if (::EVP_Digest(line.data(), line.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr) != 1)
      return Error{Errc::io, what + "SHA-256 failed"};
  }
  ::OPENSSL_cleanse(text.data(), text.size());
  if (tokens.empty())
    return Error{Errc::invalid_argument, what +
                                             "holds no token; write one in each line, for example from: "
                                             "openssl rand -hex 32"};
  tokens_ = std::move(tokens);
  return {};
}

// What cannot be read leaves the old tokens in use: an editor may just be writing the file.
void TokenFile::look() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kLook) return;
  looked_ = now;
  struct stat found {};
  const bool there = ::stat(path_.c_str(), &found) == 0;
  if (there && same(found, seen_)) return static_cast<void>(told_ = false);
  const Result<> got = read();
  if (got) {
    told_ = false;
    log_info("tokens_read", "the file of bearer tokens has changed and was read again",
             {{"path", path_}, {"tokens", std::to_string(tokens_.size())}});
  } else if (!std::exchange(told_, true)) {
    log_error("tokens_kept", "the file of bearer tokens cannot be read; the old tokens stay in use",
              {{"reason", got.error().what}});
  }
}

bool TokenFile::allows(std::string_view authorization) {
  look();
  std::string token = presented(authorization);
  Digest digest{};
  if (::EVP_Digest(token.data(), token.size(), digest.data(), nullptr, ::EVP_sha256(), nullptr) != 1) return false;
  const bool empty = token.empty();
  ::OPENSSL_cleanse(token.data(), token.size());
  int found = 0;
  for (const Digest& each : tokens_) found |= ::CRYPTO_memcmp(each.data(), digest.data(), digest.size()) == 0 ? 1 : 0;
  return found != 0 && !empty;
}

}  // namespace nw::logs
