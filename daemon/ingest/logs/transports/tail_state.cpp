#include "ingest/logs/transports/tail_state.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include "base/hash.h"
#include "base/text.h"
#include "ingest/logs/transports/path_pattern.h"
#include "ingest/logs/transports/state_file.h"

namespace nw::logs {

namespace {

constexpr std::string_view kMagic = "normwatch-tail-2", kMagicBefore = "normwatch-tail-1";
constexpr std::size_t kStateBytesMax = 512U << 20;
constexpr std::size_t kNumbers = 11;  // of a file's line
constexpr std::uint64_t kHeadMaxBefore = 256;

std::string reason() { return std::generic_category().message(errno); }

Error io_error(const std::string& path, std::string_view what) {
  return {errno == EACCES ? Errc::no_permission : Errc::io, path + ": cannot " + std::string{what} + ": " + reason()};
}

// Names may hold any byte but NUL; a line holds words.
std::string escaped(std::string_view path) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte != '%' && byte < 0x7f) {
      out += c;
    } else {
      out.append({'%', kHex[byte >> 4U], kHex[byte & 15U]});
    }
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '%') {
      out += word[i];
      continue;
    }
    unsigned byte = 0;
    if (word.size() - i < 3) return std::nullopt;
    const char* const digits = word.data() + i + 1;
    if (const auto [end, error] = std::from_chars(digits, digits + 2, byte, 16);
        error != std::errc{} || end != digits + 2)
      return std::nullopt;
    out += static_cast<char>(byte);
    i += 2;
  }
  return out;
}

template <class T>
bool read_number(std::string_view word, T& out) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), out);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read_numbers(std::span<const std::string_view> words, std::span<std::uint64_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i)
    if (i >= words.size() || !read_number(words[i], out[i])) return false;
  return true;
}

std::optional<TailRecord> read_record(std::string_view line) {
  const auto words = split(line, ' ');
  std::array<std::uint64_t, kNumbers> n{};
  if (words.size() != kNumbers + 3 || words[0] != "file" || !read_numbers(std::span{words}.subspan(1), n))
    return std::nullopt;
  const auto path = unescaped(words[kNumbers + 1]), real = unescaped(words[kNumbers + 2]);
  if (!path || !real || path->empty() || n[3] > kHeadMax || n[5] > kTailMax || n[5] > n[2] || n[9] > 1)
    return std::nullopt;
  const auto signed_of = [&](std::size_t i) { return static_cast<std::int64_t>(n[i]); };
  TailRecord record;
  record.path = *path;
  record.real = *real;
  record.identity = n[0];
  record.inode = n[1];
  record.offset = n[2];
  record.head = {n[3], n[4]};
  record.tail = {n[5], n[6]};
  record.modified = signed_of(7);
  record.born = signed_of(8);
  record.skipping = n[9] == 1;
  record.finished = signed_of(10);
  return record;
}

std::optional<TailState> read_before(std::string_view text, const std::string& path) {
  const auto words = split(trim(text), ' ');
  std::array<std::uint64_t, 5> n{};
  if (words.size() != n.size() + 1 || !read_numbers(std::span{words}.subspan(1), n) || n[2] > kHeadMaxBefore ||
      n[4] > 1)
    return std::nullopt;
  TailRecord record;
  record.path = record.real = path;
  record.identity = mix64(n[0] ^ n[3]);
  record.inode = n[0];
  record.offset = n[1];
  record.head = {n[2], n[3]};
  record.skipping = n[4] == 1;
  return TailState{0, {std::move(record)}};
}

std::optional<TailState> read_state(std::string_view text) {
  const auto lines = split(text, '\n');
  TailState state;
  const auto first = split(lines[0], ' ');
  // The last line's end makes one more, empty.
  if (lines.size() < 3 || first.size() != 2 || !read_number(first[1], state.sequence) || !lines.back().empty() ||
      lines[lines.size() - 2] != "end " + std::to_string(lines.size() - 3))
    return std::nullopt;
  for (std::size_t i = 1; i + 2 < lines.size(); ++i) {
    auto record = read_record(lines[i]);
    if (!record) return std::nullopt;
    state.files.push_back(std::move(*record));
  }
  return state;
}

std::string text_of(const TailState& state) {
  std::string text = std::string{kMagic} + ' ' + std::to_string(state.sequence) + '\n';
  for (const TailRecord& r : state.files) {
    text += "file";
    for (const std::uint64_t number :
         {r.identity, r.inode, r.offset, r.head.bytes, r.head.hash, r.tail.bytes, r.tail.hash,
          static_cast<std::uint64_t>(r.modified), static_cast<std::uint64_t>(r.born),
          std::uint64_t{r.skipping ? 1U : 0U}, static_cast<std::uint64_t>(r.finished)})
      text += ' ' + std::to_string(number);
    text += ' ' + escaped(r.path) + ' ' + escaped(r.real) + '\n';
  }
  return text + "end " + std::to_string(state.files.size()) + '\n';
}

}  // namespace

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = other.release();
  }
  return *this;
}

FileHandle::~FileHandle() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Print print_of(std::string_view bytes) { return bytes.empty() ? Print{} : Print{bytes.size(), hash64(bytes)}; }

std::string bytes_at(int descriptor, std::uint64_t from, std::uint64_t bytes) {
  std::string out(bytes, '\0');
  std::size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = ::pread(descriptor, out.data() + have, out.size() - have, static_cast<off_t>(from + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  out.resize(have);
  return out;
}

Result<std::optional<TailState>> load_tail_state(const std::string& file, const std::string& path) {
  const FileHandle handle{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!handle.is_open()) {
    if (errno == ENOENT) return std::optional<TailState>{};
    return io_error(file, "read the tail state");
  }
  struct stat info {};
  if (::fstat(handle.get(), &info) != 0 || !S_ISREG(info.st_mode)) return io_error(file, "read the tail state");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const std::string text = size > kStateBytesMax ? std::string{} : bytes_at(handle.get(), 0, size);
  std::optional<TailState> state;
  if (text.size() == size && text.starts_with(std::string{kMagic} + ' ')) state = read_state(text);
  if (text.size() == size && text.starts_with(std::string{kMagicBefore} + ' ')) state = read_before(text, path);
  if (!state)
    return Error{Errc::malformed, file + ": is no tail state of normwatch; delete it, and files are read as if new"};
  return state;
}

Result<> save_tail_state(const std::string& file, const TailState& state) {
  return replace_state(file, "the tail state", text_of(state));
}

}  // namespace nw::logs
