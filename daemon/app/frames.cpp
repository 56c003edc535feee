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

void read_frames(std::string_view bytes, const std::function<void(std::string_view)>& take) {
  std::array<std::uint64_t, 2> head{};
  while (bytes.size() >= sizeof head) {
    std::memcpy(head.data(), bytes.data(), sizeof head);
    bytes.remove_prefix(sizeof head);
    if (head[0] > bytes.size() || hash64(bytes.substr(0, head[0])) != head[1]) return;
    take(bytes.substr(0, head[0]));
    bytes.remove_prefix(head[0]);
  }
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
