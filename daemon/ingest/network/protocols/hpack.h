// HPACK, the compression of headers in HTTP/2: RFC 7541. What one side's blocks say depends on all its blocks before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"

namespace nw::network {

// Receives the headers of a block in their order; views until the call returns.
class HpackTaker {
 public:
  virtual ~HpackTaker() = default;
  virtual void header(std::string_view name, std::string_view value) = 0;
};

// The newest headers of one direction, oldest dropped first: RFC 7541 sections 2.3.2 and 4.
class HpackTable {
 public:
  static constexpr std::size_t kBytesDefault = 4096;
  static constexpr std::size_t kOverhead = 32;  // octets that a header counts besides its text (section 4.1)

  struct Header {
    std::string_view name, value;  // valid until the table changes
  };

  void add(std::string_view name, std::string_view value);
  void resize(std::size_t bytes_max);
  // 0 is the newest; nothing when there is no such header.
  [[nodiscard]] bool find(std::size_t index, Header& out) const noexcept;
  [[nodiscard]] std::size_t count() const noexcept { return entries_.size() - first_; }
  // Octets of text that are kept: at most those of two full tables.
  [[nodiscard]] std::size_t held() const noexcept { return text_.size(); }

 private:
  struct Entry {
    std::size_t begin, name, value;  // its text in text_, and how long the two are
  };
  void evict(std::size_t bytes_max);
  void tidy();

  std::string text_;            // of all entries, and of those evicted before first_ until tidied up
  std::vector<Entry> entries_;  // oldest first
  std::size_t first_ = 0;
  std::size_t bytes_ = 0, bytes_max_ = kBytesDefault;
};

class HpackDecoder {
 public:
  // Octets of its table. The receiver's SETTINGS may allow another number; the sender says which one it uses.
  static constexpr std::size_t kTableMax = 64 * 1024;

  // Octets of a block's headers, written out: one octet may stand for a header of 64 KiB.
  static constexpr std::size_t kListMax = 256 * 1024;

  // One whole block. False: it is broken, needs more than we keep or says more than kListMax; what follows in this
  // direction cannot be read.
  [[nodiscard]] bool read(Bytes block, HpackTaker& taker);

 private:
  bool step(ByteReader& in, HpackTaker& taker);
  bool literal(ByteReader& in, unsigned prefix_bits, bool add, HpackTaker& taker);
  bool give(std::string_view name, std::string_view value, HpackTaker& taker);
  [[nodiscard]] bool find(std::size_t index, HpackTable::Header& out) const noexcept;

  HpackTable table_;
  std::size_t said_ = 0;      // octets of the block's headers so far
  std::string name_, value_;  // of the literal being read
};

// Appends what Huffman-coded octets say (RFC 7541 section 5.2). False: no such code, or padding that is none.
[[nodiscard]] bool append_huffman(Bytes coded, std::string& out);

}  // namespace nw::network
