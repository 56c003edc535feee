#include "ingest/logs/transports/content_coding.h"

#include <zlib.h>
#include <zstd.h>

#include "base/text.h"

namespace nw::logs {

namespace {

constexpr int kZlib = 15, kGzip = 15 + 16, kRaw = -15;  // zlib.h, inflateInit2()
constexpr int kZstdWindowLogMax = 23;                   // 8 MiB: RFC 8878 section 3.1.1.1.2 advises no more

class ZlibDecoder final : public ContentDecoder {
 public:
  explicit ZlibDecoder(ContentCoding coding) : gzip_{coding == ContentCoding::gzip} {}
  ~ZlibDecoder() override {
    if (begun_) ::inflateEnd(&state_);
  }
  ZlibDecoder(const ZlibDecoder&) = delete;
  ZlibDecoder& operator=(const ZlibDecoder&) = delete;

  std::ptrdiff_t decode(std::string_view& in, std::span<char> out) override {
    if (in.empty() && (!begun_ || complete_)) return 0;
    if (!begun_ && ::inflateInit2(&state_, gzip_ ? kGzip : window(in)) != Z_OK) return -1;
    begun_ = true;
    if (complete_) {
      if (!gzip_) return -1;  // members may follow one another in gzip only (RFC 1952 section 2.2)
      ::inflateReset(&state_);
      complete_ = false;
    }
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));  // zlib does not write there
    state_.avail_in = static_cast<uInt>(in.size());
    state_.next_out = reinterpret_cast<Bytef*>(out.data());
    state_.avail_out = static_cast<uInt>(out.size());
    const int result = ::inflate(&state_, Z_NO_FLUSH);
    in.remove_prefix(in.size() - state_.avail_in);
    complete_ = result == Z_STREAM_END;
    if (!complete_ && result != Z_OK && result != Z_BUF_ERROR) return -1;
    return static_cast<std::ptrdiff_t>(out.size() - state_.avail_out);
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  // RFC 9110 section 8.4.1.2: "deflate" is zlib's format, and some send it without zlib's header.
  static int window(std::string_view in) {
    if (in.size() < 2) return kZlib;
    const unsigned first = static_cast<unsigned char>(in[0]), second = static_cast<unsigned char>(in[1]);
    return (first & 0x0fU) == 8 && (first * 256 + second) % 31 == 0 ? kZlib : kRaw;
  }

  z_stream state_{};
  bool gzip_, begun_ = false, complete_ = false;
};

class ZstdDecoder final : public ContentDecoder {
 public:
  ZstdDecoder() : state_{::ZSTD_createDStream()} {
    if (state_ != nullptr) (void)::ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, kZstdWindowLogMax);
  }
  ~ZstdDecoder() override { ::ZSTD_freeDStream(state_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  std::ptrdiff_t decode(std::string_view& in, std::span<char> out) override {
    if (state_ == nullptr) return -1;
    if (complete_ && in.empty()) return 0;  // asked for more, zstd would begin a frame
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ::ZSTD_decompressStream(state_, &to, &from);
    in.remove_prefix(from.pos);
    if (::ZSTD_isError(result) != 0) return -1;
    complete_ = result == 0;
    return static_cast<std::ptrdiff_t>(to.pos);
  }
  [[nodiscard]] bool complete() const override { return complete_; }

 private:
  ZSTD_DStream* state_;
  bool complete_ = false;
};

}  // namespace

std::optional<ContentCoding> content_coding(std::string_view field) {
  const std::string name = to_ascii_lower(trim(field));
  if (name.empty() || name == "identity") return ContentCoding::identity;
  if (name == "gzip" || name == "x-gzip") return ContentCoding::gzip;
  if (name == "deflate") return ContentCoding::deflate;
  if (name == "zstd") return ContentCoding::zstd;
  return std::nullopt;
}

std::unique_ptr<ContentDecoder> make_decoder(ContentCoding coding) {
  if (coding == ContentCoding::zstd) return std::make_unique<ZstdDecoder>();
  return std::make_unique<ZlibDecoder>(coding);
}

}  // namespace nw::logs
