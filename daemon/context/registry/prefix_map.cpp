#include "context/registry/prefix_map.h"

#include "base/check.h"

namespace nw::context {

namespace {

constexpr WideKey kBlockFirst{0, 0xffff'0000'0000};
constexpr WideKey kBlockEnd{0, 0x1'0000'0000'0000};

std::uint64_t big_endian(const std::uint8_t* bytes) noexcept {
  std::uint64_t word = 0;
  for (unsigned i = 0; i < 8; ++i) word = word << 8U | bytes[i];
  return word;
}

}  // namespace

WideKey wide_key(const IpAddress& address) noexcept {
  const auto& bytes = address.bytes();
  return {big_endian(bytes.data()), big_endian(bytes.data() + 8)};
}

WideKey last_key(const IpPrefix& prefix) noexcept {
  WideKey key = wide_key(prefix.address());
  const unsigned bits = prefix.bits();
  if (bits < 64) {
    key.high |= ~std::uint64_t{0} >> bits;
    key.low = ~std::uint64_t{0};
  } else if (bits < 128) {
    key.low |= ~std::uint64_t{0} >> (bits - 64);
  }
  return key;
}

void PrefixMap::add(const WideKey& start, std::uint32_t answer) {
  if (start >= kBlockFirst && !in_block_) {
    in_block_ = true;
    if (start > kBlockFirst) narrow_.add(0, last_);
  }
  if (start >= kBlockEnd && !past_block_) {
    past_block_ = true;
    if (start > kBlockEnd) wide_.add(kBlockEnd, last_);
  }
  if (in_block_ && !past_block_)
    narrow_.add(static_cast<std::uint32_t>(start.low), answer);
  else
    wide_.add(start, answer);
  last_ = answer;
}

void PrefixMap::finish() {
  if (!in_block_) narrow_.add(0, last_);
  if (!past_block_) wide_.add(kBlockEnd, last_);
  NW_CHECK(narrow_.size() > 0 && wide_.size() > 0);
  narrow_.finish();
  wide_.finish();
}

std::uint32_t PrefixMap::find(const IpAddress& address) const noexcept {
  const WideKey key = wide_key(address);
  if (key.high == 0 && key.low >> 32U == 0xffff) return narrow_.find(static_cast<std::uint32_t>(key.low));
  return wide_.find(key);
}

}  // namespace nw::context
