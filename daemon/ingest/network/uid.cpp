#include "ingest/network/uid.h"

namespace nw::network {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Changing either seed changes every uid: they are part of the format.
constexpr std::uint64_t kFirstSeed = 0x6e6f726d77617463, kSecondSeed = 0x6820756964207631;

Uid write(char letter, std::uint64_t first, std::uint64_t second) noexcept {
  Uid uid;
  uid[0] = letter;
  // Nine digits take 54 of the first number's bits, eight take 48 of the second's.
  for (std::size_t i = 1; i < uid.size(); ++i) {
    std::uint64_t& from = i < 10 ? first : second;
    uid[i] = kDigits[from % kDigits.size()];
    from /= kDigits.size();
  }
  return uid;
}

}  // namespace

Uid make_uid(const FlowKey& key, Timestamp start, std::uint32_t again) noexcept {
  const auto time = static_cast<std::uint64_t>(to_unix_nanoseconds(start));
  std::uint64_t first = mix64(hash_key(key, kFirstSeed) ^ time) + again;
  std::uint64_t second = mix64(hash_key(key, kSecondSeed) + time) ^ again;
  return write('C', mix64(first), mix64(second));
}

Uid make_file_uid(std::string_view uid, std::uint32_t number) noexcept {
  std::uint64_t first = mix64(kFirstSeed + number), second = mix64(kSecondSeed ^ number);
  for (const char digit : uid) {
    first = mix64(first ^ static_cast<unsigned char>(digit));
    second = mix64(second + static_cast<unsigned char>(digit));
  }
  return write('F', first, second);
}

}  // namespace nw::network
