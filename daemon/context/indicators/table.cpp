#include "context/indicators/table.h"

#include <algorithm>
#include <array>
#include <limits>

#include "base/check.h"

namespace nw::context {

namespace {

constexpr std::size_t kPerBucket = 4, kPerWord = 8;
constexpr std::size_t kHead = 6;  // of an input's entry: number u32, size u16

std::size_t varint_size(std::uint32_t value) noexcept {
  std::size_t size = 1;
  for (; value >= 0x80U; value >>= 7U) ++size;
  return size;
}

char* put_varint(char* at, std::uint32_t value) noexcept {
  for (; value >= 0x80U; value >>= 7U) *at++ = static_cast<char>((value & 0x7fU) | 0x80U);
  *at++ = static_cast<char>(value);
  return at;
}

struct Entry {
  std::string_view bytes;
  std::uint32_t number = 0;
};

template <class Each>
void each_entry(const std::vector<std::string>& blocks, Each&& each) {
  for (const std::string& block : blocks) {
    for (std::size_t at = 0; at < block.size();) {
      Entry entry;
      std::uint16_t size = 0;
      std::memcpy(&entry.number, block.data() + at, sizeof entry.number);
      std::memcpy(&size, block.data() + at + sizeof entry.number, sizeof size);
      entry.bytes = std::string_view{block}.substr(at + kHead, size);
      at += kHead + size;
      each(entry);
    }
  }
}

}  // namespace

void TableInput::add(std::string_view bytes, std::uint32_t number) {
  const auto size = static_cast<std::uint16_t>(bytes.size());
  NW_CHECK(size == bytes.size() && (fixed_ == 0 || fixed_ == size));
  if (blocks_.empty() || blocks_.back().size() + kHead + size > kBlock) {
    blocks_.emplace_back();
    blocks_.back().reserve(kBlock);
    bytes_ += kBlock;
  }
  std::array<char, kHead> head{};
  std::memcpy(head.data(), &number, sizeof number);
  std::memcpy(head.data() + sizeof number, &size, sizeof size);
  blocks_.back().append(head.data(), head.size()).append(bytes);
  ++count_;
}

CompactTable::CompactTable(const TableInput& input, std::uint64_t seed, std::uint64_t& left_out)
    : fixed_{input.fixed_}, count_{input.count_}, seed_{seed} {
  if (count_ == 0) return;
  offsets_.assign((count_ + kPerBucket - 1) / kPerBucket + 1, 0);
  filter_.assign((count_ + kPerWord - 1) / kPerWord, 0);
  const auto size_of = [this](const Entry& entry) {
    const auto size = static_cast<std::uint32_t>(entry.bytes.size());
    return (fixed_ == 0 ? 1 + varint_size(size) : 0) + varint_size(entry.number) + size;
  };
  // Counted, then laid out: each bucket's own offset moves through it while it is filled, and ends where the next
  // begins.
  std::size_t total = 0;
  each_entry(input.blocks_, [&](const Entry& entry) {
    const std::uint64_t hash = hash64(entry.bytes, seed_);
    filter_[share(hash, filter_.size())] |= mask_of(hash);
    offsets_[bucket_of(hash)] += static_cast<std::uint32_t>(size_of(entry));
    total += size_of(entry);
  });
  NW_CHECK(total <= std::numeric_limits<std::uint32_t>::max());  // IndicatorBuilder::kBytesMost
  std::uint32_t at = 0;
  for (std::uint32_t& offset : offsets_) {
    const std::uint32_t size = offset;
    offset = at;
    at += size;
  }
  entries_.resize(total);
  each_entry(input.blocks_, [&](const Entry& entry) {
    const std::uint64_t hash = hash64(entry.bytes, seed_);
    std::uint32_t& offset = offsets_[bucket_of(hash)];
    char* out = entries_.data() + offset;
    if (fixed_ == 0) {
      *out++ = static_cast<char>(tag_of(hash));
      out = put_varint(out, static_cast<std::uint32_t>(entry.bytes.size()));
    }
    out = put_varint(out, entry.number);
    std::memcpy(out, entry.bytes.data(), entry.bytes.size());
    offset += static_cast<std::uint32_t>(size_of(entry));
  });
  // Every offset is now where its bucket ends.
  for (std::size_t i = offsets_.size() - 1; i > 0; --i) offsets_[i] = offsets_[i - 1];
  offsets_[0] = 0;
  tidy(left_out);
}

// Repeats leave, and what follows moves down.
void CompactTable::tidy(std::uint64_t& left_out) {
  struct Placed {
    std::string_view bytes;
    std::uint32_t number = 0;
    std::size_t begin = 0, end = 0;
  };
  std::vector<Placed> placed;
  std::string kept;
  std::size_t out = 0, begin = 0, count = 0;
  for (std::size_t bucket = 0; bucket + 1 < offsets_.size(); ++bucket) {
    const std::size_t end = offsets_[bucket + 1];
    placed.clear();
    for (const char* at = entries_.data() + begin; at != entries_.data() + end;) {
      const char* const first = at;
      std::size_t size = fixed_;
      if (fixed_ == 0) size = varint(++at);
      const std::uint32_t number = varint(at);
      placed.push_back({{at, size}, number, static_cast<std::size_t>(first - entries_.data()), 0});
      at += size;
      placed.back().end = static_cast<std::size_t>(at - entries_.data());
    }
    std::ranges::sort(placed, [](const Placed& a, const Placed& b) {
      return a.bytes != b.bytes ? a.bytes < b.bytes : a.number < b.number;
    });
    kept.clear();
    std::size_t same = 0;  // so many entries before this one have its bytes
    const Placed* before = nullptr;
    for (const Placed& entry : placed) {
      const bool again = before != nullptr && before->bytes == entry.bytes;
      if (again && before->number == entry.number) continue;
      same = again ? same + 1 : 0;
      if (same >= kNumbersMax) {
        ++left_out;
        continue;
      }
      kept.append(entries_.data() + entry.begin, entry.end - entry.begin);
      before = &entry;
      ++count;
    }
    if (!kept.empty()) std::memcpy(entries_.data() + out, kept.data(), kept.size());
    begin = end;
    out += kept.size();
    offsets_[bucket + 1] = static_cast<std::uint32_t>(out);
  }
  count_ = count;
  entries_.resize(out);
  if (entries_.capacity() > out + out / 64) entries_.shrink_to_fit();
}

}  // namespace nw::context
