// Files that grow. inotify says when to look and a slow poll looks anyway (NFS tells inotify nothing). Reading goes in
// chunks, each its own turn of the io_context. Which files, in which order, and what rotation made of them is TailSet's
// (tail_set.h) to know.
//
//   path: /var/log/nginx/*access.log     * ? [..] within a name, ** any number of folders
//   exclude: ["*.debug.log"]             what is not read though `path` matches it
//   files_max: 1024                      followed at the same time; the newest go before
//   from_start: true                     no place is kept yet: read what is there, or only what comes
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <set>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/state_file.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tail_set.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Clock = std::chrono::steady_clock;

// How often the state is written, but for rotations, and everything is looked at: sooner while there is much to read,
// because what was read behind the state comes again after a kill, and the recorder knows only so many of the latest
// alerts.
constexpr std::chrono::milliseconds kPoll{1'000}, kBusyPoll{200};
constexpr auto kSoon = std::chrono::milliseconds{150};
constexpr auto kScanPause = std::chrono::milliseconds{50};  // between two looks at the folders
constexpr int kScanShare = 10;                              // they take at most one part in ten of the time
constexpr std::size_t kFolderWatchesMax = 1024;             // further folders are only looked at each second

std::string reason() { return std::generic_category().message(errno); }

class FileTail final : public Transport {
 public:
  FileTail(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : io_{io},
        notify_{io},
        timer_{io},
        scan_timer_{io},
        room_{io, sink},
        options_{options},
        files_{options,
               sink,
               {[this](const TailedFile& file) { watch(file); }, [this](const TailedFile& file) { unwatch(file); }}} {}
  ~FileTail() override { stop(); }

  Result<> start() {
    if (const auto checked = check_places(); !checked) return checked;
    open_notify();
    if (const auto started = files_.start(); !started) return started;
    watch_folders();
    schedule_turn();
    schedule_tick();
    return {};
  }

  void stop() override {
    if (alive_ == nullptr) return;
    alive_.reset();
    timer_.cancel();
    scan_timer_.cancel();
    room_.stop();
    files_.stop();
    error_code ignored;
    notify_.close(ignored);
  }

  [[nodiscard]] TransportCounters counters() const override { return files_.counters(); }

 private:
  // What no waiting would mend is said at once.
  Result<> check_places() const {
    const std::string& path = options_.address;
    if (path.empty()) return Error{Errc::invalid_argument, "a file source needs a path"};
    struct stat info {};
    if (!has_wildcards(path)) {
      const std::string folder = folder_of(path);
      if (::stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        return Error{Errc::not_found, path + ": there is no directory '" + folder + "'; create it or mend the path"};
      if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
        return Error{Errc::invalid_argument, path + ": is not a regular file"};
    }
    return options_.state_path.empty() ? Result<>{} : check_state_place(options_.state_path);
  }

  void open_notify() {
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) return tell_no_watch(options_.address);
    notify_.assign(descriptor);
    wait_notify();
  }

  void tell_no_watch(const std::string& path) {
    if (std::exchange(no_watch_told_, true)) return;
    log_warning("file_watch_unavailable", "inotify is not to be had; files are looked at once a second instead",
                {{"path", path}, {"reason", reason()}});
  }

  // By way of /proc, so that the watch is on the file we hold, not on what has its name by now. It stays when an idle
  // file is closed.
  void watch(const TailedFile& file) {
    if (!notify_.is_open()) return;
    const std::string held = "/proc/self/fd/" + std::to_string(file.descriptor());
    const int watch = ::inotify_add_watch(notify_.native_handle(), held.c_str(), IN_MODIFY);
    if (watch < 0) return tell_no_watch(file.path());
    if (const auto before = watch_of_.find(file.serial()); before != watch_of_.end() && before->second != watch)
      drop_watch(before->second);
    file_of_[watch] = file.serial();
    watch_of_[file.serial()] = watch;
  }

  void unwatch(const TailedFile& file) {
    const auto watch = watch_of_.find(file.serial());
    if (watch == watch_of_.end()) return;
    // The inode may be another's by now, who watches it by the same number.
    if (const auto of = file_of_.find(watch->second); of != file_of_.end() && of->second == file.serial())
      drop_watch(watch->second);
    watch_of_.erase(watch);
  }

  void drop_watch(int watch) {
    file_of_.erase(watch);
    if (notify_.is_open()) ::inotify_rm_watch(notify_.native_handle(), watch);
  }

  // Anew after each look: a folder may have gone and come again, which its old watch does not tell.
  void watch_folders() {
    if (!notify_.is_open()) return;
    constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR;
    std::set<int> watches;
    for (const std::string& folder : files_.folders()) {
      if (watches.size() >= kFolderWatchesMax) break;
      const int watch = ::inotify_add_watch(notify_.native_handle(), folder.c_str(), kEvents);
      if (watch >= 0) watches.insert(watch);
      if (watch < 0 && errno != ENOENT && errno != ENOTDIR && errno != EACCES) tell_no_watch(folder);
    }
    for (const int watch : folder_watches_)
      if (!watches.contains(watch)) ::inotify_rm_watch(notify_.native_handle(), watch);
    folder_watches_ = std::move(watches);
  }

  void wait_notify() {
    notify_.async_wait(asio::posix::stream_descriptor::wait_read, [this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      take_events();
      schedule_turn();
      wait_notify();
    });
  }

  void take_events() {
    alignas(inotify_event) std::array<char, 16 * 1024> events{};
    for (;;) {
      const ssize_t got = ::read(notify_.native_handle(), events.data(), events.size());
      if (got <= 0) return;
      for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
        inotify_event event{};
        std::memcpy(&event, events.data() + at, sizeof event);
        at += sizeof event + event.len;
        if (const auto file = file_of_.find(event.wd); file != file_of_.end() && (event.mask & IN_IGNORED) == 0) {
          files_.wake(file->second);
        } else if ((event.mask & IN_IGNORED) != 0) {
          if (file != file_of_.end()) watch_of_.erase(file->second), file_of_.erase(file);
        } else {
          scan_needed_ = true;  // a folder's, or more happened than could be told
        }
      }
    }
  }

  void schedule_tick() {
    hurried_ = files_.waits();
    const std::uint64_t before = std::exchange(lines_seen_, files_.counters().lines);
    const std::chrono::milliseconds calm = before != lines_seen_ ? kBusyPoll : kPoll;
    timer_.expires_after(hurried_ ? kSoon : calm);
    wait_tick();
  }

  // Instead of the tick that is waited for.
  void hurry() {
    if (std::exchange(hurried_, true)) return;
    timer_.expires_after(kSoon);
    wait_tick();
  }

  void wait_tick() {
    timer_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      if (may_scan()) scan();
      files_.tick();
      schedule_turn();
      schedule_tick();
    });
  }

  [[nodiscard]] bool may_scan() const { return Clock::now() >= next_scan_; }

  void scan() {
    const auto before = Clock::now();
    scan_needed_ = false;
    files_.scan();
    watch_folders();
    const auto after = Clock::now();
    next_scan_ = after + std::max<Clock::duration>(kScanPause, kScanShare * (after - before));
  }

  void schedule_scan() {
    if (std::exchange(scan_scheduled_, true)) return;
    scan_timer_.expires_at(next_scan_);
    scan_timer_.async_wait([this, alive = alive()](const error_code& error) {
      if (alive.expired() || error) return;
      scan_scheduled_ = false;
      schedule_turn();
    });
  }

  void schedule_turn() {
    if (!std::exchange(turn_scheduled_, true)) post_turn();
  }

  void post_turn() {
    asio::post(io_, [this, alive = alive()] {
      if (!alive.expired()) turn();
    });
  }

  // One chunk; posts itself again until the ends are reached.
  void turn() {
    if (scan_needed_) may_scan() ? scan() : schedule_scan();
    if (files_.waits()) hurry();
    if (!files_.has_work()) {
      turn_scheduled_ = false;
      return;
    }
    if (!room_.ready()) return room_.wait([this] { post_turn(); });
    files_.read_one();
    post_turn();
  }

  // Handlers that Asio still holds after stop() see that we are gone.
  [[nodiscard]] std::weak_ptr<const char> alive() const { return alive_; }

  asio::io_context& io_;
  asio::posix::stream_descriptor notify_;
  asio::steady_timer timer_, scan_timer_;
  Room room_;
  TransportOptions options_;
  TailSet files_;
  std::unordered_map<int, std::uint64_t> file_of_;  // by watch: serials
  std::unordered_map<std::uint64_t, int> watch_of_;
  std::set<int> folder_watches_;
  Clock::time_point next_scan_{};
  std::uint64_t lines_seen_ = UINT64_MAX;  // when the last tick was set; none was
  bool hurried_ = false, scan_needed_ = false, scan_scheduled_ = false, turn_scheduled_ = false, no_watch_told_ = false;
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_file_tail(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("path");
  options.exclude = map.texts("exclude");
  options.files_max = static_cast<std::size_t>(map.integer("files_max", 1024, 1, 100'000));
  options.from_start = map.boolean("from_start", true);
}

Result<std::unique_ptr<Transport>> open_file_tail(asio::io_context& io, const TransportOptions& options,
                                                  LineSink& sink) {
  auto tail = std::make_unique<FileTail>(io, options, sink);
  if (const auto started = tail->start(); !started) return started.error();
  return std::unique_ptr<Transport>{std::move(tail)};
}

}  // namespace nw::logs
