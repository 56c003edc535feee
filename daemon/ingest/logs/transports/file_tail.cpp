// A file that grows. inotify says when to look and a slow poll looks anyway (NFS tells inotify nothing). Reading goes
// in chunks, each its own turn of the io_context.
//
// What can happen to a log file, and what is done:
//   renamed, a new one made    the old one is read to its end, and a little longer (its writer may not have noticed
//                              yet), then the new one from its start
//   truncated, or rewritten    shorter than we read, or other first bytes: read again from the start
//   rotated while we were off  the old one is looked for beside the new one by inode and first bytes, and finished
//   first
#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <dirent.h>
#include <fcntl.h>
#include <filesystem>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/line_framer.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tail_state.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr auto kPoll = std::chrono::seconds{1};           // also: the state is written at most this often
constexpr auto kLinger = std::chrono::milliseconds{500};  // an old file must have been quiet so long
constexpr std::size_t kDirectoryEntriesMax = 10'000;      // looked at when searching for a rotated file

std::string reason() { return std::generic_category().message(errno); }

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path{path}.parent_path().string();
  return parent.empty() ? "." : parent;
}

class FileTail final : public Transport {
 public:
  FileTail(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : io_{io},
        notify_{io},
        timer_{io},
        sink_{sink},
        options_{options},
        directory_{parent_of(options.address)},
        framer_{LineFramer::Mode::lines, options.line_bytes_max},
        buffer_(kChunkBytes) {}
  ~FileTail() override { stop(); }

  Result<> start() {
    if (const auto checked = check_places(); !checked) return checked;
    std::optional<TailState> state;
    if (!options_.state_path.empty()) {
      auto loaded = load_tail_state(options_.state_path);
      if (!loaded) return loaded.error();
      state = *loaded;
    }
    if (const auto opened = open_first(state); !opened) return opened;
    watch();
    schedule_turn();
    schedule_tick();
    return {};
  }

  void stop() override {
    if (alive_ == nullptr) return;
    alive_.reset();
    error_code ignored;
    notify_.close(ignored);
    timer_.cancel();
    save();
    file_ = {};
  }

  [[nodiscard]] TransportCounters counters() const override { return counters_; }

 private:
  // What no waiting would mend is said at once.
  Result<> check_places() const {
    const std::string& path = options_.address;
    if (path.empty()) return Error{Errc::invalid_argument, "a file source needs a path"};
    struct stat info {};
    if (::stat(directory_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
      return Error{Errc::not_found, path + ": there is no directory '" + directory_ + "'; create it or mend the path"};
    if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
      return Error{Errc::invalid_argument, path + ": is not a regular file"};
    if (options_.state_path.empty()) return {};
    const std::string kept_in = parent_of(options_.state_path);
    if (::access(kept_in.c_str(), F_OK) != 0)
      return Error{Errc::not_found, options_.state_path + ": there is no directory '" + kept_in + "'; create it"};
    if (::access(kept_in.c_str(), W_OK | X_OK) != 0)
      return Error{Errc::no_permission,
                   options_.state_path + ": may not write in '" + kept_in + "'; give the daemon's user that directory"};
    return {};
  }

  Result<> open_first(const std::optional<TailState>& state) {
    FileHandle file{::open(options_.address.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!file.is_open() && errno != ENOENT)
      return Error{errno == EACCES ? Errc::no_permission : Errc::io,
                   options_.address + ": cannot read: " + reason() +
                       "; let the daemon's user into the group that may read it (often adm), or set an ACL with "
                       "setfacl -m u:normwatch:r"};
    if (state) {
      if (file.is_open() && continues(file, *state)) {
        resume(std::move(file), *state);
        return {};
      }
      if (FileHandle old = find_rotated(*state); old.is_open()) {
        resume(std::move(old), *state);
        return {};
      }
      if (file.is_open()) ++counters_.rotated;
    }
    if (!file.is_open()) return {};  // it may come yet
    const bool from_end = !state && !options_.from_start;
    adopt(std::move(file));
    if (from_end) {
      const off_t end = ::lseek(file_.get(), 0, SEEK_END);
      offset_ = end > 0 ? static_cast<std::uint64_t>(end) : 0;
    }
    return {};
  }

  static bool continues(const FileHandle& file, const TailState& state) {
    struct stat info {};
    return ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_ino == state.inode &&
           static_cast<std::uint64_t>(info.st_size) >= state.offset &&
           fingerprint_of(file.get(), state.fingerprint_bytes) == state.fingerprint;
  }

  // The file that was read from before, under the name that rotation gave it.
  [[nodiscard]] FileHandle find_rotated(const TailState& state) const {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(directory_.c_str()), ::closedir};
    if (directory == nullptr) return {};
    for (std::size_t i = 0; i < kDirectoryEntriesMax; ++i) {
      const dirent* const entry = ::readdir(directory.get());
      if (entry == nullptr) break;
      if (entry->d_ino != state.inode) continue;
      FileHandle file{::openat(::dirfd(directory.get()), entry->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
      if (file.is_open() && continues(file, state)) return file;
    }
    return {};
  }

  void adopt(FileHandle file) {
    file_ = std::move(file);
    struct stat info {};
    inode_ = ::fstat(file_.get(), &info) == 0 ? info.st_ino : 0;
    offset_ = fingerprint_bytes_ = fingerprint_ = 0;
    watch_file();
  }

  void resume(FileHandle file, const TailState& state) {
    adopt(std::move(file));
    offset_ = state.offset;
    fingerprint_bytes_ = state.fingerprint_bytes;
    fingerprint_ = state.fingerprint;
    if (state.skipping) framer_.start_skipping();
  }

  void watch() {
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0 || ::inotify_add_watch(descriptor, directory_.c_str(),
                                              IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR) < 0) {
      log_warning("file_watch_unavailable", "inotify is not to be had; the file is looked at once a second instead",
                  {{"path", options_.address}, {"reason", reason()}});
      if (descriptor >= 0) ::close(descriptor);
      return;
    }
    notify_.assign(descriptor);
    watch_file();
    wait_notify();
  }

  // By way of /proc, so that the watch is on the file we hold, not on what has its name by now.
  void watch_file() {
    if (!notify_.is_open() || !file_.is_open()) return;
    if (file_watch_ >= 0) ::inotify_rm_watch(notify_.native_handle(), file_watch_);
    const std::string held = "/proc/self/fd/" + std::to_string(file_.get());
    file_watch_ = ::inotify_add_watch(notify_.native_handle(), held.c_str(), IN_MODIFY);
  }

  void wait_notify() {
    notify_.async_wait(asio::posix::stream_descriptor::wait_read, [this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      // What happened is looked up in the file system, so the events themselves say nothing new.
      std::array<char, 4096> events{};
      while (::read(notify_.native_handle(), events.data(), events.size()) > 0) {
      }
      schedule_turn();
      wait_notify();
    });
  }

  void schedule_tick() {
    timer_.expires_after(kPoll);
    timer_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      save();
      schedule_turn();
      schedule_tick();
    });
  }

  void schedule_turn() {
    if (turn_scheduled_) return;
    turn_scheduled_ = true;
    check_needed_ = true;
    post_turn();
  }

  void post_turn() {
    asio::post(io_, [this, alive = alive()] {
      if (!alive.expired()) turn();
    });
  }

  // One chunk; posts itself again until the end is reached.
  void turn() {
    if (!file_.is_open()) open_now();
    if (file_.is_open() && check_needed_) check_truncation();
    check_needed_ = false;
    if (file_.is_open() && read_chunk()) return post_turn();
    turn_scheduled_ = false;
    if (file_.is_open()) check_rotation();
  }

  void open_now() {
    FileHandle file{::open(options_.address.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    struct stat info {};
    if (file.is_open() && ::fstat(file.get(), &info) == 0 && !S_ISREG(info.st_mode)) return;
    if (file.is_open()) return adopt(std::move(file));
    if (errno == ENOENT) return;
    log_warning("file_unreadable", "the file is there but cannot be read; trying again each second",
                {{"path", options_.address}, {"reason", reason()}});
  }

  // True when there may be more.
  bool read_chunk() {
    const ssize_t got = ::pread(file_.get(), buffer_.data(), buffer_.size(), static_cast<off_t>(offset_));
    if (got < 0)
      log_warning("file_read_failed", "reading the file failed; trying again each second",
                  {{"path", options_.address}, {"reason", reason()}});
    if (got <= 0) return false;
    const auto size = static_cast<std::size_t>(got);
    offset_ += size;
    counters_.bytes += size;
    last_growth_ = Clock::now();
    const Timestamp now = wall_now();
    framer_.feed({buffer_.data(), size}, [&](std::string_view line, bool too_long) { give(line, now, too_long); });
    take_fingerprint();
    return true;
  }

  void take_fingerprint() {
    const std::uint64_t bytes = std::min(offset_, kFingerprintMax);
    if (bytes == fingerprint_bytes_) return;
    if (const auto taken = fingerprint_of(file_.get(), bytes)) {
      fingerprint_ = *taken;
      fingerprint_bytes_ = bytes;
    }
  }

  void give(std::string_view line, Timestamp now, bool too_long) {
    ++counters_.lines;
    counters_.too_long += too_long ? 1U : 0U;
    sink_.line({line, now, std::nullopt, too_long});
  }

  void end_file() {
    const Timestamp now = wall_now();
    framer_.finish([&](std::string_view line, bool too_long) { give(line, now, too_long); });
    ++counters_.rotated;
  }

  void check_truncation() {
    struct stat info {};
    if (::fstat(file_.get(), &info) != 0) return;
    const bool shorter = static_cast<std::uint64_t>(info.st_size) < offset_;
    if (!shorter && (fingerprint_bytes_ == 0 || fingerprint_of(file_.get(), fingerprint_bytes_) == fingerprint_))
      return;
    end_file();
    offset_ = fingerprint_bytes_ = fingerprint_ = 0;
  }

  // At the end of the file we hold: does another have its name by now?
  void check_rotation() {
    struct stat info {};
    if (::stat(options_.address.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || info.st_ino == inode_) {
      replaced_since_.reset();
      return;
    }
    const auto now = Clock::now();
    if (!replaced_since_) replaced_since_ = now;
    if (now - std::max(*replaced_since_, last_growth_) < kLinger) return;  // the next tick comes back to it
    FileHandle fresh{::open(options_.address.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!fresh.is_open()) {
      log_warning("file_unreadable", "the file was rotated and the new one cannot be read; trying again each second",
                  {{"path", options_.address}, {"reason", reason()}});
      return;
    }
    end_file();
    replaced_since_.reset();
    adopt(std::move(fresh));
    schedule_turn();
  }

  void save() {
    if (options_.state_path.empty() || !file_.is_open()) return;
    const TailState state{inode_, offset_ - framer_.held(), fingerprint_bytes_, fingerprint_, framer_.skipping()};
    if (saved_ == state) return;
    if (const auto saved = save_tail_state(options_.state_path, state); !saved) {
      log_warning("file_state_not_saved", "after a restart lines would be read again",
                  {{"reason", saved.error().what}});
      return;
    }
    saved_ = state;
  }

  // Handlers that Asio still holds after stop() see that we are gone.
  [[nodiscard]] std::weak_ptr<const char> alive() const { return alive_; }

  asio::io_context& io_;
  asio::posix::stream_descriptor notify_;
  asio::steady_timer timer_;
  LineSink& sink_;
  TransportOptions options_;
  std::string directory_;
  LineFramer framer_;
  std::vector<char> buffer_;
  FileHandle file_;
  std::uint64_t inode_ = 0, offset_ = 0;  // offset_: behind the last byte read
  std::uint64_t fingerprint_bytes_ = 0, fingerprint_ = 0;
  int file_watch_ = -1;
  bool turn_scheduled_ = false, check_needed_ = false;
  Clock::time_point last_growth_{};
  std::optional<Clock::time_point> replaced_since_;
  std::optional<TailState> saved_;
  TransportCounters counters_;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_file_tail(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("path");
  options.from_start = map.boolean("from_start", true);
}

Result<std::unique_ptr<Transport>> open_file_tail(asio::io_context& io, const TransportOptions& options,
                                                  LineSink& sink) {
  auto tail = std::make_unique<FileTail>(io, options, sink);
  if (const auto started = tail->start(); !started) return started.error();
  return std::unique_ptr<Transport>{std::move(tail)};
}

}  // namespace nw::logs
