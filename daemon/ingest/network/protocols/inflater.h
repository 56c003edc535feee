// Undoes deflate as it passes by: gzip (RFC 1952), zlib's wrapping (RFC 1950), and bare (RFC 1951) as some servers send
// what they call deflate. Checksums are not verified: browsers do not, and a wrong one must not hide a body.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>
#include <zlib.h>

#include "base/byte_reader.h"

namespace nw::network {

class Inflater {
 public:
  enum class Coding : std::uint8_t { gzip, deflate };
  enum class State : std::uint8_t {
    begins,   // the first two octets are awaited, which tell what it is
    goes_on,  // in the middle
    over,     // whole; what follows is passed over, and no member of gzip
    plain,    // it was never encoded: head() and what follows are the content
    broken,   // no deflate from here on
    limit,    // more came of it than its bounds allow
  };
  static constexpr std::size_t kMemoryBytes = 40 * 1024;              // zlib's state and its window of 32 KiB
  static constexpr std::uint64_t kMadeMax = 64ULL * 1024 * 1024;      // of one body
  static constexpr std::uint64_t kRatioMax = 100, kFree = 64 * 1024;  // octets made of one, and besides; of a flow

  // Of all bodies of a flow: many small ones that swell are as bad as a large one.
  struct Totals {
    std::uint64_t taken = 0, made = 0;
  };

  Inflater() = default;
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Another body, of the flow that has those totals, which outlive the calls that follow.
  void begin(Coding coding, Totals& flow) noexcept;
  // Takes bytes off the front of `in` and returns what they were; it may be nothing. Valid until the next call. Ask
  // state() behind it: but for `begins` and `goes_on` there is no use in more. What it returns may be full, and more be
  // there though nothing is left of `in`: call again until it is nothing.
  Bytes inflate(Bytes& in) noexcept;
  [[nodiscard]] State state() const noexcept { return state_; }
  // Octets that this body was, so far.
  [[nodiscard]] std::uint64_t made() const noexcept { return body_made_; }
  // Behind `plain`, and behind `begins` when nothing more comes: octets that were held back.
  [[nodiscard]] Bytes head() const noexcept { return Bytes{head_}.first(held_); }
  // A whole one came, and behind it what is no other.
  [[nodiscard]] bool whole() const noexcept {
    return state_ == State::over || (state_ == State::begins && members_ != 0);
  }

 private:
  static voidpf allocate(voidpf self, uInt items, uInt bytes);
  static void release(voidpf, voidpf) {}

  bool judge() noexcept;
  void remember(Bytes taken) noexcept;
  bool again() noexcept;
  bool start(int window_bits) noexcept;
  Bytes run(Bytes& in) noexcept;

  alignas(std::max_align_t) std::array<std::uint8_t, kMemoryBytes> memory_{};
  std::size_t used_ = 0;
  z_stream stream_{};
  bool made_ready_ = false;
  Coding coding_ = Coding::gzip;
  State state_ = State::over;
  static constexpr std::size_t kTelling = 2;  // octets tell what it is
  std::array<std::uint8_t, 1024> head_{};     // of deflate all, until something came of it: it may be something else
  std::size_t held_ = 0, head_done_ = 0;
  bool bare_ = false, replays_ = false;
  std::uint32_t members_ = 0;    // of gzip, that are over
  std::uint64_t body_made_ = 0;  // of this body
  Totals* flow_ = nullptr;
  std::array<std::uint8_t, 4096> out_{};
};

// The inflaters of all flows of a decoder. When all are lent, the one that was longest left alone is taken back: who
// leaves thousands of bodies open takes none away from those that go on.
class InflaterPool {
 public:
  static constexpr std::size_t kMax = 512;  // less than 48 KiB each

  // Nothing, or an inflater that its holder may lose at any lend(). Outlived by the pool.
  class Lease {
   public:
    Lease() = default;
    ~Lease() { release(); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    // Null: there is none, or not any more.
    [[nodiscard]] Inflater* get() noexcept;
    void release() noexcept;

   private:
    friend class InflaterPool;
    InflaterPool* pool_ = nullptr;
    std::size_t slot_ = 0;
  };

  void lend(Lease& to);

 private:
  struct Slot {
    std::unique_ptr<Inflater> inflater;
    Lease* holder = nullptr;  // null: it is here
    std::uint64_t used = 0;   // when it was, in uses of all
  };
  std::vector<Slot> slots_;
  std::uint64_t uses_ = 0;
};

}  // namespace nw::network
