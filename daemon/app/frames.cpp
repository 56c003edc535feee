#include "app/frames.h"

#include <array>
#include <cstring>
#include <fcntl.h>

#include "base/hash.h"
#include "record/ledger/durable_file.h"

namespace nw::app {

namespace {
constexpr std::uint64_t kBytesMax = std::uint64_t{8} << 30;
}

std::string framed(std::string_view body) {
  const std::array<std::uint64_t, 2> head{body.size(), hash64(body)};
  std::string out{reinterpret_cast<const char*>(head.data()), sizeof head};
  out += body;
  return out;
}

std::size_t read_frames(std::string_view bytes, const std::function<void(std::string_view)>& take) {
  const std::size_t size = bytes.size();
  std::size_t whole = 0;
  std::array<std::uint64_t, 2> head{};
  while (bytes.size() >= sizeof head) {
    std::memcpy(head.data(), bytes.data(), sizeof head);
    bytes.remove_prefix(sizeof head);
    if (head[0] > bytes.size() || hash64(bytes.substr(0, head[0])) != head[1]) break;
    take(bytes.substr(0, head[0]));
    bytes.remove_prefix(head[0]);
    whole = size - bytes.size();
  }
  return whole;
}

Result<std::uint64_t> whole_frames(const std::filesystem::path& file) {
  const auto bytes = read_whole(file);
  if (!bytes && bytes.error().code == Errc::not_found) return std::uint64_t{0};
  if (!bytes) return bytes.error();
  return std::uint64_t{read_frames(*bytes, [](std::string_view) {})};
}

Result<std::string> read_whole(const std::filesystem::path& file) {
  auto& ops = record::system_files();
  auto fd = record::open_existing(ops, file, O_RDONLY);
  if (!fd) return fd.error();
  std::error_code wrong;
  const auto size = std::filesystem::file_size(file, wrong);
  if (wrong || size > kBytesMax) return Error{Errc::malformed, file.string() + ": too large"};
  std::string text(size, '\0');
  const auto got = record::read_at(ops, *fd, text.data(), text.size(), 0, file.string());
  if (!got) return got.error();
  text.resize(*got);
  return text;
}

}  // namespace nw::app
