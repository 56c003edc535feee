// zlib and zstd behind one small interface.
#include <algorithm>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"
#include "ingest/capture/byte_stream.h"

namespace nw::capture {

namespace {

bool starts_with(Bytes bytes, std::initializer_list<std::uint8_t> magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() { NW_CHECK(::inflateInit2(&state_, kGzipOnly) == Z_OK); }
  ~GzipUnpacker() override { ::inflateEnd(&state_); }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  std::ptrdiff_t unpack(Bytes& in, std::span<std::uint8_t> out) override {
    if (complete_) {
      // Members may follow one another (section 2.2); zeros behind the last are padding of tapes and block devices.
      while (!in.empty() && in.front() == 0) in = in.subspan(1);
      if (in.empty()) return 0;
      ::inflateReset(&state_);
      complete_ = false;
    }
    state_.next_in = const_cast<Bytef*>(in.data());  // zlib does not write there; its type is older than const
    state_.avail_in = static_cast<uInt>(in.size());
    state_.next_out = out.data();
    state_.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&state_, Z_NO_FLUSH);
    in = in.last(state_.avail_in);
    complete_ = result == Z_STREAM_END;
    const auto made = static_cast<std::ptrdiff_t>(out.size() - state_.avail_out);
    const bool good = complete_ || result == Z_OK || result == Z_BUF_ERROR;
    return good || made > 0 ? made : -1;
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  static constexpr int kGzipOnly = 15 + 16;  // zlib.h: the largest window, and a gzip header
  z_stream state_{};
  bool complete_ = false;
};

class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : state_{::ZSTD_createDStream()} { NW_CHECK(state_ != nullptr); }
  ~ZstdUnpacker() override { ::ZSTD_freeDStream(state_); }
  ZstdUnpacker(const ZstdUnpacker&) = delete;
  ZstdUnpacker& operator=(const ZstdUnpacker&) = delete;

  std::ptrdiff_t unpack(Bytes& in, std::span<std::uint8_t> out) override {
    if (complete_ && in.empty()) return 0;  // asked for more, zstd would begin a frame
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ::ZSTD_decompressStream(state_, &to, &from);
    in = in.subspan(from.pos);
    if (::ZSTD_isError(result) != 0) return to.pos > 0 ? static_cast<std::ptrdiff_t>(to.pos) : -1;
    complete_ = result == 0;
    return static_cast<std::ptrdiff_t>(to.pos);
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* state_;  // refuses windows above 128 MiB by itself (ZSTD_WINDOWLOG_LIMIT_DEFAULT)
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> make_gzip_unpacker(Bytes first) {
  // The third byte is the method: 8, deflate, is the only one.
  return starts_with(first, {0x1f, 0x8b, 0x08}) ? std::make_unique<GzipUnpacker>() : nullptr;
}

std::unique_ptr<Unpacker> make_zstd_unpacker(Bytes first) {
  return starts_with(first, {0x28, 0xb5, 0x2f, 0xfd}) ? std::make_unique<ZstdUnpacker>() : nullptr;
}

}  // namespace nw::capture
