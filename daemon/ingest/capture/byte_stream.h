// The bytes of a file, unpacked on the way when they are gzip (RFC 1952) or zstd (RFC 8878). What it is, its first
// bytes say, not its name. Streaming: however much a file unpacks to, memory stays the same.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace nw::capture {

class Unpacker {
 public:
  virtual ~Unpacker() = default;
  // Unpacks from `in`, which it shortens, to `out`; the bytes made. -1: the packed data are corrupt.
  virtual std::ptrdiff_t unpack(Bytes& in, std::span<std::uint8_t> out) = 0;
  // Between two members or frames: the file may end here.
  [[nodiscard]] virtual bool complete() const = 0;
};

class ByteStream {
 public:
  // "-" is standard input. Errors: not_found, no_permission, invalid_argument (a directory), io; with the path.
  static Result<std::unique_ptr<ByteStream>> open(const std::string& path);
  // A stream that begins with `head`, for a look at what cannot be read twice.
  static std::unique_ptr<ByteStream> over(Bytes head);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Up to out.size() unpacked bytes; 0 at the end or at a fault.
  std::size_t read(std::span<std::uint8_t> out);
  // The first unpacked bytes, at most 64, without consuming them. Only before the first read().
  Bytes peek();
  // What is wrong with the packed data or with reading them; empty: nothing so far.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] bool reading_failed() const noexcept { return reading_failed_; }
  // "gzip", "zstd" or nothing.
  [[nodiscard]] std::string_view packing() const noexcept { return packing_; }
  // Bytes of the file: read so far, and in all (0: unknown).
  [[nodiscard]] std::uint64_t done() const noexcept { return done_ - std::min<std::uint64_t>(done_, left_.size()); }
  [[nodiscard]] std::uint64_t all() const noexcept { return all_; }

 private:
  ByteStream() = default;
  std::size_t receive(std::span<std::uint8_t> out);
  void fill();
  void choose_unpacker();
  std::size_t read_packed(std::span<std::uint8_t> out);

  int descriptor_ = -1;
  bool owned_ = false, at_end_ = false, reading_failed_ = false;
  std::vector<std::uint8_t> buffer_;
  Bytes left_;  // of the buffer, not yet used
  std::array<std::uint8_t, 64> peeked_{};
  Bytes peeked_left_;
  std::unique_ptr<Unpacker> unpacker_;
  std::string_view packing_;
  std::string fault_;
  std::uint64_t done_ = 0, all_ = 0;
};

// Null when `first` are not the first bytes of such data.
std::unique_ptr<Unpacker> make_gzip_unpacker(Bytes first);
std::unique_ptr<Unpacker> make_zstd_unpacker(Bytes first);

}  // namespace nw::capture
