// Alerts and folds as JSON lines, appended to a file or written to a stream. A line is whole or absent: what a failed
// write or a crash left of a batch is cut off before the batch is written again.
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "export/kinds.h"
#include "export/stream_writer.h"

namespace nw::exporter {

namespace asio = boost::asio;

namespace {

constexpr mode_t kFileMode = 0640;
// A torn tail is at most one batch; the search for its begin stops here.
constexpr std::size_t kTailBytesMax = 1U << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) noexcept : fd_{fd} {}
  Descriptor(Descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

// Where the last whole line ends, or `malformed` when what follows it is not the begin of one of our lines.
Result<off_t> end_of_lines(int fd, off_t size, const std::string& path) {
  std::string tail;
  const off_t from = size > static_cast<off_t>(kTailBytesMax) ? size - static_cast<off_t>(kTailBytesMax) : 0;
  tail.resize(static_cast<std::size_t>(size - from));
  std::size_t have = 0;
  while (have < tail.size()) {
    const ssize_t got = ::pread(fd, tail.data() + have, tail.size() - have, from + static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return Error{Errc::io, "cannot read the end of " + path + ": " + std::strerror(got < 0 ? errno : EIO)};
    have += static_cast<std::size_t>(got);
  }
  const std::size_t last = tail.rfind('\n');
  const std::size_t begin = last == std::string::npos ? 0 : last + 1;
  if (begin == tail.size()) return size;
  if ((last == std::string::npos && from != 0) || tail[begin] != '{')
    return Error{Errc::malformed,
                 path + " does not end with a line of JSON: is it another program's file? Name another"};
  return from + static_cast<off_t>(begin);
}

// An alert's line is the alert; a fold's begins with its type, which no alert has.
std::string line_of(const record::Alert& alert) { return alert.to_json() + '\n'; }
std::string line_of(const record::Fold& fold) { return R"({"type":"fold",)" + fold.to_json().substr(1) + '\n'; }

class NdjsonOutput final : public Output {
 public:
  explicit NdjsonOutput(std::string path) : path_{std::move(path)} {}

  asio::awaitable<Result<>> deliver(Batch batch) override {
    if (auto ready = open(); !ready) co_return ready;
    std::string lines;
    for (const LedgerItem& item : *batch)
      lines += std::visit([](const auto& what) { return line_of(what); }, item.what);
    if (!stream_) co_return append(lines);
    const std::uint64_t key = batch->empty() ? 0 : batch->front().entry;
    auto writing = stream_->write(key, std::move(lines));
    auto written = co_await std::move(writing);
    co_return written;
  }

 private:
  // Opens once, and anew when the name stands for another file: a rotated log needs no signal.
  Result<> open() {
    if (path_ == "-") {
      if (!stream_) stream_.emplace(STDOUT_FILENO);
      return {};
    }
    struct stat named {
    }, opened{};
    if (file_.get() >= 0 && ::stat(path_.c_str(), &named) == 0 && ::fstat(file_.get(), &opened) == 0 &&
        named.st_dev == opened.st_dev && named.st_ino == opened.st_ino)
      return {};
    stream_.reset();
    // O_NONBLOCK: a FIFO without a reader fails instead of holding up the thread; files ignore it. A FIFO opened for
    // reading too would be its own reader.
    const bool stream = ::stat(path_.c_str(), &named) == 0 && !S_ISREG(named.st_mode);
    const int access = stream ? O_WRONLY : O_RDWR | O_CREAT;
    Descriptor fresh{::open(path_.c_str(), access | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, kFileMode)};
    if (fresh.get() < 0) {
      const Errc code = errno == EACCES || errno == EPERM ? Errc::no_permission : Errc::io;
      return Error{code, "cannot open " + path_ + ": " + std::strerror(errno)};
    }
    if (::fstat(fresh.get(), &opened) != 0)
      return Error{Errc::io, "cannot look at " + path_ + ": " + std::strerror(errno)};
    if (!S_ISREG(opened.st_mode)) {
      stream_.emplace(fresh.get());
    } else {
      const auto end = end_of_lines(fresh.get(), opened.st_size, path_);
      if (!end) return end.error();
      if (*end != opened.st_size) {
        log_warning("output_tail_cut", "A torn last line was cut off; its alert is written again.",
                    {{"file", path_}, {"bytes", std::to_string(opened.st_size - *end)}});
        if (::ftruncate(fresh.get(), *end) != 0) return write_error(path_, errno);
      }
    }
    file_ = std::move(fresh);
    return {};
  }

  // All lines and a sync, or nothing: the cursor must not run ahead of the disk.
  Result<> append(std::string_view lines) {
    struct stat before {};
    if (::fstat(file_.get(), &before) != 0)
      return Error{Errc::io, "cannot look at " + path_ + ": " + std::strerror(errno)};
    while (!lines.empty()) {
      const ssize_t sent = ::write(file_.get(), lines.data(), lines.size());
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0) return give_up(before.st_size);
      lines.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (::fdatasync(file_.get()) != 0) return give_up(before.st_size);
    return {};
  }

  Error give_up(off_t size_before) {
    Error error = write_error(path_, errno);
    if (::ftruncate(file_.get(), size_before) != 0) error.what += "; nor can the torn line be cut off now";
    file_ = Descriptor{};  // the next try opens again and looks at the end
    return error;
  }

  std::string path_;
  Descriptor file_;
  std::optional<StreamWriter> stream_;
};

}  // namespace

OutputKind::Make configure_ndjson(YamlMap& map) {
  std::string path = map.require_text("path");
  if (path.empty()) return {};
  // A relative path in a file is meant from that file's folder.
  if (path != "-" && path.front() != '/' && !map.file().empty())
    path = (std::filesystem::path{map.file()}.parent_path() / path).lexically_normal().string();
  return [path](const asio::any_io_executor&, const std::string&) -> Result<std::unique_ptr<Output>> {
    // The file is opened with the first alert; that its folder is missing must not wait for that.
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::path{path}.parent_path();
    if (path != "-" && !folder.empty() && !std::filesystem::is_directory(folder, error))
      return Error{Errc::invalid_argument,
                   "there is no folder " + folder.string() + " for " + path + "; create it, writable for this user"};
    return std::unique_ptr<Output>{std::make_unique<NdjsonOutput>(path)};
  };
}

}  // namespace nw::exporter
