// A compressed file as a stream of its bytes: gzip (RFC 1952), zstd (RFC 8878), xz, bzip2, each also in several
// members. Bounded: one input buffer, and the decoder's memory (zstd and xz: at most 128 MiB, more than their own tools
// need for what they write by default).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/logs/transports/tail_state.h"

namespace nw::logs {

enum class Packing : std::uint8_t { none, gzip, zstd, xz, bzip2 };
// By its first bytes.
[[nodiscard]] Packing packing_of(std::string_view head);
// The endings that compressors give names: ".gz", ".zst", ".zstd", ".xz", ".bz2".
[[nodiscard]] Packing packing_of_name(std::string_view name);
[[nodiscard]] std::string_view without_packing(std::string_view name);

// The first bytes of what is packed; `bytes` of them, or all. Empty when it is not packed.
[[nodiscard]] std::string head_of_packed(int descriptor, std::size_t bytes);

class PackedFile {
 public:
  // cut: the file ends before its stream does; it may still be in the writing.
  enum class State : std::uint8_t { more, ended, cut, broken };

  // Nothing when it is not packed.
  static std::unique_ptr<PackedFile> open(FileHandle file);
  virtual ~PackedFile();

  // Less than `size`, or nothing, does not mean the end: state() says it.
  std::size_t read(char* to, std::size_t size);
  [[nodiscard]] State state() const noexcept { return state_; }
  // After `cut`: more may have been written.
  void look_again() noexcept { state_ = state_ == State::cut ? State::more : state_; }
  [[nodiscard]] int descriptor() const noexcept { return file_.get(); }
  // The size of what is packed, where the file says so at a fixed place: the last 32 bits for gzip (its last member's),
  // all for zstd.
  struct Size {
    std::uint64_t bytes = 0, mask = 0;
  };
  [[nodiscard]] virtual std::optional<Size> stated_size() const { return std::nullopt; }

 protected:
  explicit PackedFile(FileHandle file);
  enum class Step : std::uint8_t { going, boundary, broken };
  // Takes from the front of `in`, writes to the front of `out`; `boundary`: a member or frame is complete.
  virtual Step step(std::string_view& in, char*& out, std::size_t& room) = 0;
  FileHandle file_;

 private:
  std::vector<char> buffer_;
  std::string_view in_;
  std::uint64_t at_ = 0;  // in the file
  bool at_boundary_ = false;
  State state_ = State::more;
};

}  // namespace nw::logs
