#include "ingest/capture/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace nw::capture {

namespace {

constexpr std::size_t kBufferBytes = 128 * 1024;

}  // namespace

Result<std::unique_ptr<ByteStream>> ByteStream::open(const std::string& path) {
  const bool standard = path == "-";
  const int descriptor = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const int error = errno;
  if (descriptor < 0) {
    const Errc code = error == ENOENT ? Errc::not_found : error == EACCES ? Errc::no_permission : Errc::io;
    return Error{code, path + ": cannot open: " + std::generic_category().message(error)};
  }
  std::unique_ptr<ByteStream> stream{new ByteStream};
  stream->descriptor_ = descriptor;
  stream->owned_ = !standard;
  stream->buffer_.resize(kBufferBytes);
  struct stat info {};
  if (::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode))
    return Error{Errc::invalid_argument, path + ": is a directory; name the capture files in it"};
  if (S_ISREG(info.st_mode)) stream->all_ = static_cast<std::uint64_t>(info.st_size);
  return stream;
}

std::unique_ptr<ByteStream> ByteStream::over(Bytes head) {
  std::unique_ptr<ByteStream> stream{new ByteStream};
  stream->buffer_.assign(head.begin(), head.end());
  stream->left_ = stream->buffer_;
  stream->at_end_ = true;
  return stream;
}

ByteStream::~ByteStream() {
  if (owned_) ::close(descriptor_);
}

// From the file, as it is there; 0 at its end or at a fault.
std::size_t ByteStream::receive(std::span<std::uint8_t> out) {
  while (!at_end_) {
    const ssize_t got = ::read(descriptor_, out.data(), out.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      fault_ = "cannot read: " + std::generic_category().message(errno);
      reading_failed_ = true;
    }
    if (got <= 0) break;
    done_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
  }
  at_end_ = true;
  return 0;
}

void ByteStream::fill() {
  if (left_.empty()) left_ = Bytes{buffer_}.first(receive(buffer_));
}

void ByteStream::choose_unpacker() {
  // A pipe may bring the first bytes one at a time.
  constexpr std::size_t kMagicBytes = 4;
  fill();
  while (left_.size() < kMagicBytes && !at_end_) {
    const std::size_t have = left_.size();
    std::memmove(buffer_.data(), left_.data(), have);
    left_ = Bytes{buffer_}.first(have + receive(std::span{buffer_}.subspan(have)));
  }
  unpacker_ = make_gzip_unpacker(left_);
  if (unpacker_ != nullptr) packing_ = "gzip";
  if (unpacker_ == nullptr && (unpacker_ = make_zstd_unpacker(left_)) != nullptr) packing_ = "zstd";
}

Bytes ByteStream::peek() {
  choose_unpacker();
  std::size_t have = 0;
  while (have < peeked_.size()) {
    const std::size_t got = read_packed(std::span{peeked_}.subspan(have));
    if (got == 0) break;
    have += got;
  }
  peeked_left_ = Bytes{peeked_}.first(have);
  return peeked_left_;
}

std::size_t ByteStream::read(std::span<std::uint8_t> out) {
  if (peeked_left_.empty()) return read_packed(out);
  const std::size_t size = std::min(out.size(), peeked_left_.size());
  std::copy_n(peeked_left_.begin(), size, out.begin());
  peeked_left_ = peeked_left_.subspan(size);
  return size;
}

std::size_t ByteStream::read_packed(std::span<std::uint8_t> out) {
  if (out.empty() || !fault_.empty()) return 0;
  if (unpacker_ == nullptr && left_.empty()) return receive(out);
  for (;;) {
    fill();
    if (unpacker_ == nullptr) {
      const std::size_t size = std::min(out.size(), left_.size());
      std::copy_n(left_.begin(), size, out.begin());
      left_ = left_.subspan(size);
      return size;
    }
    const bool ended = left_.empty();
    const std::ptrdiff_t made = unpacker_->unpack(left_, out);
    if (made > 0) return static_cast<std::size_t>(made);
    if (made < 0) {
      fault_ = "the " + std::string{packing_} + " data are corrupt";
      return 0;
    }
    if (!ended) continue;
    if (!unpacker_->complete() && fault_.empty()) fault_ = "the " + std::string{packing_} + " data end too early";
    return 0;
  }
}

}  // namespace nw::capture
