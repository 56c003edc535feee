// What of a ByteStream a reader looks at: some bytes that stand in memory together, and move on. Numbers are read in
// the file's own byte order. Inner to this folder.
#pragma once

#include <bit>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "ingest/capture/byte_stream.h"

namespace nw::capture {

// A packet of more bytes is none.
constexpr std::uint32_t kPacketBytesMax = 256 * 1024;

// A file's LINKTYPE_ as libpcap's DLT_, which all else here means.
int to_dlt(std::uint32_t link_type) noexcept;

class ByteWindow {
 public:
  // Outlived by `bytes`. `have()` takes as much at once as a block holds: kPacketBytesMax and some headers.
  explicit ByteWindow(ByteStream& bytes) : bytes_{bytes} { next_block(); }

  // Makes the next `count` bytes stand in the window; false at the end of the stream.
  [[nodiscard]] bool have(std::size_t count) { return end_ - begin_ >= count || fill(count); }
  // Those that are there.
  [[nodiscard]] Bytes bytes() const noexcept { return {block_ + begin_, end_ - begin_}; }
  // `size` of them, `at` behind the first. They must be there; borrowed until the next have() or skip().
  [[nodiscard]] Bytes bytes(std::size_t at, std::size_t size) const noexcept { return bytes().subspan(at, size); }
  // The first `count` are done with; they must be there.
  void drop(std::size_t count) noexcept { begin_ += count; }
  // So are the next `count`, there or not; false at the end of the stream.
  bool skip(std::uint64_t count);
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  // What bytes() lie in. Who holds a share of it keeps them beyond have() and skip(); given back, it is used again.
  [[nodiscard]] const std::shared_ptr<std::uint8_t[]>& block() const noexcept { return blocks_.back(); }
  [[nodiscard]] const ByteStream& stream() const noexcept { return bytes_; }

  void set_big_endian(bool big_endian) noexcept { big_endian_ = big_endian; }
  [[nodiscard]] bool big_endian() const noexcept { return big_endian_; }
  // The number `at` behind the first byte; its bytes must be there.
  [[nodiscard]] std::uint16_t u16(std::size_t at) const noexcept {
    const auto value = raw<std::uint16_t>(at);
    return big_endian_ ? __builtin_bswap16(value) : value;
  }
  [[nodiscard]] std::uint32_t u32(std::size_t at) const noexcept {
    const auto value = raw<std::uint32_t>(at);
    return big_endian_ ? __builtin_bswap32(value) : value;
  }

  static constexpr std::size_t kBlockBytes = 512 * 1024;

 private:
  template <class Number>
  [[nodiscard]] Number raw(std::size_t at) const noexcept {
    static_assert(std::endian::native == std::endian::little);
    Number value = 0;
    std::memcpy(&value, bytes(at, sizeof value).data(), sizeof value);
    return value;
  }
  bool fill(std::size_t count);
  [[nodiscard]] bool shared() const noexcept { return blocks_.back().use_count() != 1; }
  void next_block();

  ByteStream& bytes_;
  std::vector<std::shared_ptr<std::uint8_t[]>> blocks_;  // of kBlockBytes, in the order of their use
  std::uint8_t* block_ = nullptr;                        // the last of them
  std::size_t begin_ = 0, end_ = 0;
  bool big_endian_ = false;
};

}  // namespace nw::capture
