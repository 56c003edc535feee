#include "ingest/network/protocols/dns_zone.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace nw::network {

namespace {

using event::Value;

constexpr std::uint16_t kSoa = 6, kDs = 43, kDnskey = 48;

// RFC 4034 appendix B: the sum of its 16-bit numbers; of RSA/MD5 a part of the modulus.
std::uint16_t key_tag(Bytes data, std::uint8_t algorithm) {
  constexpr std::uint8_t kRsaMd5 = 1;
  if (algorithm == kRsaMd5) {
    ByteReader end{data.last(std::min<std::size_t>(data.size(), 3))};
    return end.u16be();
  }
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < data.size(); ++i) sum += i % 2 == 0 ? std::uint32_t{data[i]} << 8U : data[i];
  sum += sum >> 16U & 0xffffU;
  return static_cast<std::uint16_t>(sum);
}

void append_key(TextBuffer& text, unsigned first, unsigned second, unsigned third) {
  if (!text.view().empty()) text.append(' ');
  text.append_number(first);
  text.append('/');
  text.append_number(second);
  text.append('/');
  text.append_number(third);
}

}  // namespace

void DnsZone::add(std::uint16_t type, Bytes data) {
  ByteReader reader{data};
  if (type == kSoa) {  // | two names | serial u32 | refresh u32 | retry u32 | expire u32 | minimum u32 |
    constexpr std::size_t kNumbers = 20, kNamesMin = 2;
    if (serial_ || data.size() < kNamesMin + kNumbers) return;
    ByteReader numbers{data.last(kNumbers)};
    serial_ = numbers.u32be();
  } else if (type == kDs) {  // | key tag u16 | algorithm u8 | digest's type u8 | digest |
    Ds ds;
    ds.tag = reader.u16be();
    ds.algorithm = reader.u8();
    ds.digest_type = reader.u8();
    ds.digest = reader.rest();
    if (!reader.ok()) return;
    if (ds_count_ < kKeysMax) ds_[ds_count_] = ds;
    ++ds_count_;
  } else if (type == kDnskey) {  // | flags u16 | protocol u8 | algorithm u8 | key |
    Key key;
    key.flags = reader.u16be();
    reader.u8();
    key.algorithm = reader.u8();
    if (!reader.ok()) return;
    key.tag = key_tag(data, key.algorithm);
    if (key_count_ < kKeysMax) keys_[key_count_] = key;
    ++key_count_;
  }
}

void DnsZone::write(EventWriter& out, std::size_t serial, std::size_t ds, std::size_t keys) {
  if (serial_) out.set(serial, Value::integer(*serial_));
  if (ds_count_ != 0 && ds_count_ <= kKeysMax && out.wants(ds)) {
    const std::span<Ds> all = std::span{ds_}.first(ds_count_);
    std::ranges::sort(all, [](const Ds& a, const Ds& b) {
      const auto numbers = [](const Ds& of) { return std::tuple{of.tag, of.algorithm, of.digest_type}; };
      if (numbers(a) != numbers(b)) return numbers(a) < numbers(b);
      return std::ranges::lexicographical_compare(a.digest, b.digest);
    });
    TextBuffer text;
    for (const Ds& one : all) {
      append_key(text, one.tag, one.algorithm, one.digest_type);
      text.append('/');
      text.append_hex(one.digest);
    }
    out.set(ds, Value::text(out.event().keep(text.view())));
  }
  if (key_count_ != 0 && key_count_ <= kKeysMax && out.wants(keys)) {
    const std::span<Key> all = std::span{keys_}.first(key_count_);
    std::ranges::sort(all);
    TextBuffer text;
    for (const Key& key : all) append_key(text, key.flags, key.algorithm, key.tag);
    out.set(keys, Value::text(out.event().keep(text.view())));
  }
}

}  // namespace nw::network
