// Representations (RFC 7541 section 6), by the first bits of an octet:
//
//   1       header that a table holds               001     size of the table
//   01      literal, added to the table             0000    literal
//                                                   0001    literal, never to be compressed
//
// Integers begin in the rest of the octet (section 5.1); texts have a bit for Huffman and their length before them.
#include "ingest/network/protocols/hpack.h"

#include <array>
#include <optional>

namespace nw::network {

namespace {

constexpr std::uint64_t kIntegerMax = 0x7fffffff;  // no length or index of a block that we read is larger

struct StaticHeader {
  std::string_view name, value;
};
// RFC 7541 appendix A; the first has index 1.
constexpr auto kStatic = std::to_array<StaticHeader>({
    {":authority", ""},
    {":method", "GET"},
    {":method", "POST"},
    {":path", "/"},
    {":path", "/index.html"},
    {":scheme", "http"},
    {":scheme", "https"},
    {":status", "200"},
    {":status", "204"},
    {":status", "206"},
    {":status", "304"},
    {":status", "400"},
    {":status", "404"},
    {":status", "500"},
    {"accept-charset", ""},
    {"accept-encoding", "gzip, deflate"},
    {"accept-language", ""},
    {"accept-ranges", ""},
    {"accept", ""},
    {"access-control-allow-origin", ""},
    {"age", ""},
    {"allow", ""},
    {"authorization", ""},
    {"cache-control", ""},
    {"content-disposition", ""},
    {"content-encoding", ""},
    {"content-language", ""},
    {"content-length", ""},
    {"content-location", ""},
    {"content-range", ""},
    {"content-type", ""},
    {"cookie", ""},
    {"date", ""},
    {"etag", ""},
    {"expect", ""},
    {"expires", ""},
    {"from", ""},
    {"host", ""},
    {"if-match", ""},
    {"if-modified-since", ""},
    {"if-none-match", ""},
    {"if-range", ""},
    {"if-unmodified-since", ""},
    {"last-modified", ""},
    {"link", ""},
    {"location", ""},
    {"max-forwards", ""},
    {"proxy-authenticate", ""},
    {"proxy-authorization", ""},
    {"range", ""},
    {"referer", ""},
    {"refresh", ""},
    {"retry-after", ""},
    {"server", ""},
    {"set-cookie", ""},
    {"strict-transport-security", ""},
    {"transfer-encoding", ""},
    {"user-agent", ""},
    {"vary", ""},
    {"via", ""},
    {"www-authenticate", ""},
});
static_assert(kStatic.size() == 61);

// Bits of each octet's code and, last, of the end's: RFC 7541 appendix B. The code is canonical: codes of one length
// are consecutive numbers in the order of their octets, so the lengths are all there is to know.
constexpr std::array<std::uint8_t, 257> kCodeBits{
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6,  10, 10, 12, 13, 6,  8,  11, 10, 10, 8,  11, 8,  6,  6,  6,  5,  5,  5,  6,  6,  6,  6,  6,  6,  6,
    7,  8,  15, 6,  12, 10, 13, 6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
    7,  8,  7,  8,  13, 19, 13, 14, 6,  15, 5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,  6,  7,  6,  5,
    5,  6,  7,  7,  7,  7,  7,  15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24,
    24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22,
    23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26,
    27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23,
    22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30};
constexpr std::size_t kCodeBitsMax = 30;
constexpr std::uint16_t kEnd = 256;  // stands for the end of a text, and never in one

struct Codes {
  std::array<std::uint32_t, kCodeBitsMax + 1> first{};  // by length: its lowest code,
  std::array<std::uint16_t, kCodeBitsMax + 1> count{};  // how many it has,
  std::array<std::uint16_t, kCodeBitsMax + 1> begin{};  // and where its octets begin in `octets`
  std::array<std::uint16_t, kCodeBits.size()> octets{};
};
constexpr Codes kCodes = [] {
  Codes codes;
  std::uint32_t code = 0;
  std::uint16_t filled = 0;
  for (std::size_t bits = 1; bits <= kCodeBitsMax; ++bits) {
    code <<= 1U;
    codes.first[bits] = code;
    codes.begin[bits] = filled;
    for (std::uint16_t octet = 0; octet < kCodeBits.size(); ++octet)
      if (kCodeBits[octet] == bits) codes.octets[filled++] = octet;
    codes.count[bits] = static_cast<std::uint16_t>(filled - codes.begin[bits]);
    code += codes.count[bits];
  }
  return codes;
}();
static_assert(kCodes.first[5] == 0 && kCodes.first[6] == 0x14 && kCodes.first[30] == 0x3ffffffc);

std::optional<std::uint64_t> integer(ByteReader& in, std::uint8_t first, unsigned prefix_bits) {
  const unsigned mask = (1U << prefix_bits) - 1;
  std::uint64_t number = first & mask;
  if (number != mask) return number;
  for (unsigned shift = 0; shift <= 28; shift += 7) {
    const std::uint8_t octet = in.u8();
    number += std::uint64_t{octet & 0x7fU} << shift;
    if (!in.ok() || number > kIntegerMax) return {};
    if ((octet & 0x80U) == 0) return number;
  }
  return {};
}

bool text(ByteReader& in, std::string& out) {
  out.clear();
  const std::uint8_t first = in.u8();
  const auto length = integer(in, first, 7);
  if (!length) return false;
  const Bytes octets = in.bytes(static_cast<std::size_t>(*length));
  if (!in.ok()) return false;
  if ((first & 0x80U) != 0) return append_huffman(octets, out);
  out.assign(octets.begin(), octets.end());
  return true;
}

}  // namespace

bool append_huffman(Bytes coded, std::string& out) {
  std::uint32_t code = 0;
  std::size_t bits = 0;
  for (const std::uint8_t octet : coded) {
    for (unsigned at = 8; at-- != 0;) {
      code = code << 1U | (octet >> at & 1U);
      if (++bits > kCodeBitsMax) return false;
      const std::uint32_t offset = code - kCodes.first[bits];
      if (code < kCodes.first[bits] || offset >= kCodes.count[bits]) continue;
      const std::uint16_t found = kCodes.octets[kCodes.begin[bits] + offset];
      if (found == kEnd) return false;
      out += static_cast<char>(found);
      code = 0;
      bits = 0;
    }
  }
  // The last octet is filled up with the beginning of the end's code: ones.
  return bits < 8 && code == (1U << bits) - 1;
}

void HpackTable::add(std::string_view name, std::string_view value) {
  const std::size_t size = name.size() + value.size() + kOverhead;
  evict(size > bytes_max_ ? 0 : bytes_max_ - size);
  if (size > bytes_max_) return;  // it only empties the table (section 4.4)
  entries_.push_back({text_.size(), name.size(), value.size()});
  text_ += name;
  text_ += value;
  bytes_ += size;
}

void HpackTable::resize(std::size_t bytes_max) {
  bytes_max_ = bytes_max;
  evict(bytes_max);
}

void HpackTable::evict(std::size_t bytes_max) {
  while (bytes_ > bytes_max) {
    const Entry& oldest = entries_[first_++];
    bytes_ -= oldest.name + oldest.value + kOverhead;
  }
  const std::size_t gone = first_ == 0 ? 0 : first_ == entries_.size() ? text_.size() : entries_[first_].begin;
  if ((first_ >= 16 && first_ * 2 >= entries_.size()) || gone > bytes_max_) tidy();
}

// Drops what was evicted; seldom, so that it costs little.
void HpackTable::tidy() {
  const std::size_t gone = first_ == entries_.size() ? text_.size() : entries_[first_].begin;
  text_.erase(0, gone);
  entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
  for (Entry& entry : entries_) entry.begin -= gone;
  first_ = 0;
}

bool HpackTable::find(std::size_t index, Header& out) const noexcept {
  if (index >= count()) return false;
  const Entry& entry = entries_[entries_.size() - 1 - index];
  const std::string_view all = text_;
  out = {all.substr(entry.begin, entry.name), all.substr(entry.begin + entry.name, entry.value)};
  return true;
}

bool HpackDecoder::read(Bytes block, HpackTaker& taker) {
  ByteReader in{block};
  said_ = 0;
  while (!in.empty())
    if (!step(in, taker)) return false;
  return in.ok();
}

bool HpackDecoder::step(ByteReader& in, HpackTaker& taker) {
  const std::uint8_t first = in.rest().front();
  if ((first & 0x80U) != 0) {
    in.u8();
    const auto index = integer(in, first, 7);
    HpackTable::Header found;
    if (!index || !find(static_cast<std::size_t>(*index), found)) return false;
    return give(found.name, found.value, taker);
  }
  if ((first & 0x40U) != 0) return literal(in, 6, true, taker);
  if ((first & 0x20U) == 0) return literal(in, 4, false, taker);
  in.u8();
  const auto size = integer(in, first, 5);
  if (!size || *size > kTableMax) return false;
  table_.resize(static_cast<std::size_t>(*size));
  return true;
}

bool HpackDecoder::literal(ByteReader& in, unsigned prefix_bits, bool add, HpackTaker& taker) {
  const auto index = integer(in, in.u8(), prefix_bits);
  if (!index) return false;
  if (*index == 0) {
    if (!text(in, name_)) return false;
  } else {
    HpackTable::Header found;
    if (!find(static_cast<std::size_t>(*index), found)) return false;
    name_ = found.name;
  }
  if (!text(in, value_)) return false;
  if (!give(name_, value_, taker)) return false;
  if (add) table_.add(name_, value_);
  return true;
}

bool HpackDecoder::give(std::string_view name, std::string_view value, HpackTaker& taker) {
  said_ += name.size() + value.size() + HpackTable::kOverhead;
  if (said_ > kListMax) return false;
  taker.header(name, value);
  return true;
}

bool HpackDecoder::find(std::size_t index, HpackTable::Header& out) const noexcept {
  if (index == 0) return false;
  if (index > kStatic.size()) return table_.find(index - kStatic.size() - 1, out);
  out = {kStatic[index - 1].name, kStatic[index - 1].value};
  return true;
}

}  // namespace nw::network
