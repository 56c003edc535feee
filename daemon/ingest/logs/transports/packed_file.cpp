#include "ingest/logs/transports/packed_file.h"

#include <algorithm>
#include <array>
#include <bzlib.h>
#include <cerrno>
#include <fcntl.h>
#include <lzma.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

namespace nw::logs {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kInputBytes = 64 * 1024;
constexpr int kInputsPerRead = 16;  // buffers of input that make no output, before others get their turn
constexpr int kZstdWindowLogMax = 27;
constexpr std::uint64_t kXzBytesMax = std::uint64_t{128} << 20;  // `xz -9` wants half of it

constexpr struct {
  std::string_view ending;
  Packing packing;
} kEndings[] = {{".gz", Packing::gzip},
                {".zst", Packing::zstd},
                {".zstd", Packing::zstd},
                {".xz", Packing::xz},
                {".bz2", Packing::bzip2}};

class GzipFile final : public PackedFile {
 public:
  explicit GzipFile(FileHandle file) : PackedFile{std::move(file)} {
    good_ = ::inflateInit2(&stream_, 15 + 16) == Z_OK;  // 16: gzip's header
  }
  ~GzipFile() override { ::inflateEnd(&stream_); }
  GzipFile(const GzipFile&) = delete;
  GzipFile& operator=(const GzipFile&) = delete;

  [[nodiscard]] std::optional<Size> stated_size() const override {
    struct stat info {};
    std::array<unsigned char, 4> last{};
    if (::fstat(file_.get(), &info) != 0 || info.st_size < 18 ||
        ::pread(file_.get(), last.data(), last.size(), info.st_size - 4) != 4)
      return std::nullopt;
    const std::uint64_t bytes =
        last[0] | std::uint64_t{last[1]} << 8U | std::uint64_t{last[2]} << 16U | std::uint64_t{last[3]} << 24U;
    return Size{bytes, UINT32_MAX};
  }

 private:
  Step step(std::string_view& in, char*& out, std::size_t& room) override {
    if (!good_) return Step::broken;
    if (between_) {
      // Zero bytes pad the end of some (RFC 1952 leaves it open; gzip itself passes over them).
      while (!in.empty() && in.front() == '\0') in.remove_prefix(1);
      if (in.empty()) return Step::boundary;
      if (::inflateReset(&stream_) != Z_OK) return Step::broken;
      between_ = false;
    }
    // zlib does not write through it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(in.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(room);
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    in.remove_prefix(in.size() - stream_.avail_in);
    out += room - stream_.avail_out;
    room = stream_.avail_out;
    if (result == Z_STREAM_END) {
      between_ = true;
      return Step::boundary;
    }
    return result == Z_OK || result == Z_BUF_ERROR ? Step::going : Step::broken;
  }

  z_stream stream_{};
  bool good_ = false, between_ = false;
};

class ZstdFile final : public PackedFile {
 public:
  explicit ZstdFile(FileHandle file) : PackedFile{std::move(file)}, context_{::ZSTD_createDCtx()} {
    if (context_ != nullptr) (void)::ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  ~ZstdFile() override { (void)::ZSTD_freeDCtx(context_); }
  ZstdFile(const ZstdFile&) = delete;
  ZstdFile& operator=(const ZstdFile&) = delete;

  [[nodiscard]] std::optional<Size> stated_size() const override {
    std::array<char, 32> head{};  // a frame's header is at most 18 bytes
    const ssize_t got = ::pread(file_.get(), head.data(), head.size(), 0);
    if (got <= 0) return std::nullopt;
    const unsigned long long bytes = ::ZSTD_getFrameContentSize(head.data(), static_cast<std::size_t>(got));
    if (bytes == ZSTD_CONTENTSIZE_UNKNOWN || bytes == ZSTD_CONTENTSIZE_ERROR) return std::nullopt;
    return Size{bytes, UINT64_MAX};
  }

 private:
  Step step(std::string_view& in, char*& out, std::size_t& room) override {
    if (context_ == nullptr) return Step::broken;
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out, room, 0};
    const std::size_t result = ::ZSTD_decompressStream(context_, &to, &from);
    in.remove_prefix(from.pos);
    out += to.pos;
    room -= to.pos;
    if (::ZSTD_isError(result) != 0) return Step::broken;
    return result == 0 ? Step::boundary : Step::going;
  }

  ZSTD_DCtx* context_;
};

class XzFile final : public PackedFile {
 public:
  explicit XzFile(FileHandle file) : PackedFile{std::move(file)} { start(); }
  ~XzFile() override { ::lzma_end(&stream_); }
  XzFile(const XzFile&) = delete;
  XzFile& operator=(const XzFile&) = delete;

 private:
  void start() { good_ = ::lzma_stream_decoder(&stream_, kXzBytesMax, 0) == LZMA_OK; }

  Step step(std::string_view& in, char*& out, std::size_t& room) override {
    if (between_) {
      while (!in.empty() && in.front() == '\0') in.remove_prefix(1);  // stream padding
      if (in.empty()) return Step::boundary;
      start();
      between_ = false;
    }
    if (!good_) return Step::broken;
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    stream_.avail_in = in.size();
    stream_.next_out = reinterpret_cast<std::uint8_t*>(out);
    stream_.avail_out = room;
    const lzma_ret result = ::lzma_code(&stream_, LZMA_RUN);
    in.remove_prefix(in.size() - stream_.avail_in);
    out += room - stream_.avail_out;
    room = stream_.avail_out;
    between_ = result == LZMA_STREAM_END;
    if (between_) return Step::boundary;
    return result == LZMA_OK || result == LZMA_BUF_ERROR ? Step::going : Step::broken;
  }

  lzma_stream stream_ = LZMA_STREAM_INIT;
  bool good_ = false, between_ = false;
};

class Bzip2File final : public PackedFile {
 public:
  explicit Bzip2File(FileHandle file) : PackedFile{std::move(file)} { start(); }
  ~Bzip2File() override { ::BZ2_bzDecompressEnd(&stream_); }
  Bzip2File(const Bzip2File&) = delete;
  Bzip2File& operator=(const Bzip2File&) = delete;

 private:
  void start() { good_ = ::BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK; }

  Step step(std::string_view& in, char*& out, std::size_t& room) override {
    if (between_) {
      if (in.empty()) return Step::boundary;
      ::BZ2_bzDecompressEnd(&stream_);
      stream_ = {};
      start();
      between_ = false;
    }
    if (!good_) return Step::broken;
    stream_.next_in = const_cast<char*>(in.data());  // the library does not write through it
    stream_.avail_in = static_cast<unsigned>(in.size());
    stream_.next_out = out;
    stream_.avail_out = static_cast<unsigned>(std::min<std::size_t>(room, UINT32_MAX));
    const unsigned room_before = stream_.avail_out;
    const int result = ::BZ2_bzDecompress(&stream_);
    in.remove_prefix(in.size() - stream_.avail_in);
    out += room_before - stream_.avail_out;
    room -= room_before - stream_.avail_out;
    between_ = result == BZ_STREAM_END;
    if (between_) return Step::boundary;
    return result == BZ_OK ? Step::going : Step::broken;
  }

  bz_stream stream_{};
  bool good_ = false, between_ = false;
};

}  // namespace

Packing packing_of(std::string_view head) {
  if (head.starts_with("\x1f\x8b\x08"sv)) return Packing::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return Packing::zstd;
  if (head.starts_with("\xfd\x37zXZ\0"sv)) return Packing::xz;
  if (head.starts_with("BZh"sv) && head.size() > 9 && head.substr(4, 6) == "1AY&SY") return Packing::bzip2;
  return Packing::none;
}

Packing packing_of_name(std::string_view name) {
  for (const auto& [ending, packing] : kEndings)
    if (name.size() > ending.size() && name.ends_with(ending)) return packing;
  return Packing::none;
}

std::string_view without_packing(std::string_view name) {
  for (const auto& [ending, packing] : kEndings)
    if (name.size() > ending.size() && name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return name;
}

std::string head_of_packed(int descriptor, std::size_t bytes) {
  const auto packed = PackedFile::open(FileHandle{::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)});
  std::string head(bytes, '\0');
  std::size_t have = 0;
  for (int turn = 0; packed && turn < kInputsPerRead && have < bytes && packed->state() == PackedFile::State::more;
       ++turn)
    have += packed->read(head.data() + have, bytes - have);
  head.resize(have);
  return head;
}

PackedFile::PackedFile(FileHandle file) : file_{std::move(file)}, buffer_(kInputBytes) {}
PackedFile::~PackedFile() = default;

std::unique_ptr<PackedFile> PackedFile::open(FileHandle file) {
  std::array<char, 16> head{};
  const ssize_t got = ::pread(file.get(), head.data(), head.size(), 0);
  switch (packing_of({head.data(), static_cast<std::size_t>(got < 0 ? 0 : got)})) {
    case Packing::gzip: return std::make_unique<GzipFile>(std::move(file));
    case Packing::zstd: return std::make_unique<ZstdFile>(std::move(file));
    case Packing::xz: return std::make_unique<XzFile>(std::move(file));
    case Packing::bzip2: return std::make_unique<Bzip2File>(std::move(file));
    case Packing::none: break;
  }
  return nullptr;
}

std::size_t PackedFile::read(char* to, std::size_t size) {
  std::size_t room = size;
  int inputs = 0;
  while (room > 0 && state_ == State::more) {
    if (in_.empty()) {
      if (room == size && ++inputs > kInputsPerRead) break;
      const ssize_t got = ::pread(file_.get(), buffer_.data(), buffer_.size(), static_cast<off_t>(at_));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) state_ = State::broken;
      if (got == 0) state_ = at_boundary_ ? State::ended : State::cut;
      if (got <= 0) break;
      at_ += static_cast<std::uint64_t>(got);
      in_ = {buffer_.data(), static_cast<std::size_t>(got)};
    }
    const std::size_t in_before = in_.size(), room_before = room;
    const Step did = step(in_, to, room);
    at_boundary_ = did == Step::boundary;
    // A decoder that neither takes nor gives would do so forever.
    if (did == Step::broken || (did == Step::going && in_.size() == in_before && room == room_before))
      state_ = State::broken;
  }
  return size - room;
}

}  // namespace nw::logs
