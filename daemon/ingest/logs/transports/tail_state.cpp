#include "ingest/logs/transports/tail_state.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "ingest/logs/transports/state_file.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMagic = "normwatch-tail-1";
constexpr std::string_view kWhat = "the tail state";
constexpr std::size_t kStateBytesMax = 256;

}  // namespace

std::optional<std::uint64_t> fingerprint_of(int descriptor, std::uint64_t bytes) {
  std::array<char, kFingerprintMax> head{};
  const std::size_t want = std::min<std::size_t>(bytes, head.size());
  std::size_t have = 0;
  while (have < want) {
    const ssize_t got = ::pread(descriptor, head.data() + have, want - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    have += static_cast<std::size_t>(got);
  }
  return hash64({head.data(), want});
}

Result<std::optional<TailState>> load_tail_state(const std::string& path) {
  const auto text = read_state(path, kWhat, kStateBytesMax);
  if (!text) return text.error();
  if (!*text) return std::optional<TailState>{};
  const auto words = split(trim(**text), ' ');
  std::array<std::uint64_t, 5> numbers{};
  bool good = words.size() == numbers.size() + 1 && words[0] == kMagic;
  for (std::size_t i = 0; good && i < numbers.size(); ++i) {
    const std::string_view word = words[i + 1];
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), numbers[i]);
    good = error == std::errc{} && end == word.data() + word.size();
  }
  if (!good || numbers[2] > kFingerprintMax || numbers[4] > 1)
    return Error{Errc::malformed, path + ": is no tail state of normwatch"};
  return std::optional{TailState{numbers[0], numbers[1], numbers[2], numbers[3], numbers[4] == 1}};
}

Result<> save_tail_state(const std::string& path, const TailState& state) {
  std::string text{kMagic};
  for (const std::uint64_t number :
       {state.inode, state.offset, state.fingerprint_bytes, state.fingerprint, std::uint64_t{state.skipping ? 1U : 0U}})
    text += ' ' + std::to_string(number);
  text += '\n';
  return replace_state(path, kWhat, text);
}

}  // namespace nw::logs
