// Lines from standard input. Its file description is shared, with a terminal also with the shell, so O_NONBLOCK is
// never set on it: an epoll of our own says when there is something to read, and Asio, which would set it, waits for
// that epoll only. What epoll refuses (files, /dev/null) never makes a reader wait and is read turn by turn.
#include <algorithm>
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "ingest/logs/transports/line_framer.h"
#include "ingest/logs/transports/room.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tail_state.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadBytes = 64 * 1024;  // per turn

std::string reason() { return std::generic_category().message(errno); }

// Two readers would each get a part of the lines.
class OnlyOne {
 public:
  [[nodiscard]] bool take() { return mine_ = mine_ || !taken.test_and_set(); }
  void release() {
    if (std::exchange(mine_, false)) taken.clear();
  }
  ~OnlyOne() { release(); }

 private:
  static inline std::atomic_flag taken;
  bool mine_ = false;
};

class StdinTransport final : public Transport {
 public:
  StdinTransport(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : io_{io},
        ready_{io},
        sink_{sink},
        room_{io, sink},
        framer_{LineFramer::Mode::lines, options.line_bytes_max},
        buffer_(kReadBytes) {}
  ~StdinTransport() override { stop(); }

  Result<> start() {
    if (!only_one_.take())
      return Error{Errc::in_use, "stdin: another source reads standard input already; keep one of the two"};
    input_ = FileHandle{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)};
    if (!input_.is_open()) return Error{Errc::not_found, "stdin: standard input is closed: " + reason()};
    if (const auto watched = watch(); !watched) return watched;
    wait();
    return {};
  }

  void stop() override {
    if (alive_ == nullptr) return;
    close();
    finish();
  }

  [[nodiscard]] TransportCounters counters() const override { return counters_; }

 private:
  Result<> watch() {
    FileHandle epoll{::epoll_create1(EPOLL_CLOEXEC)};
    epoll_event event{};
    event.events = EPOLLIN;
    if (!epoll.is_open()) return Error{Errc::unavailable, "stdin: cannot be waited for: " + reason()};
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, input_.get(), &event) == 0) {
      ready_.assign(epoll.release());
      return {};
    }
    if (errno == EPERM) return {};  // of a kind that is always ready
    return Error{Errc::unavailable, "stdin: cannot be waited for: " + reason()};
  }

  void wait() {
    auto go_on = [this, alive = std::weak_ptr<const char>{alive_}](const boost::system::error_code& error = {}) {
      if (alive.expired() || error == asio::error::operation_aborted) return;
      turn();
    };
    if (ready_.is_open())
      ready_.async_wait(asio::posix::stream_descriptor::wait_read, std::move(go_on));
    else
      asio::post(io_, std::move(go_on));
  }

  void turn() {
    if (!room_.ready()) return room_.wait([this] { turn(); });
    // Somebody who shares the input may have been quicker, and then read() would stand still, and the worker with it.
    pollfd now{input_.get(), POLLIN, 0};
    if (ready_.is_open() && ::poll(&now, 1, 0) == 0) return wait();
    const ssize_t got = ::read(input_.get(), buffer_.data(), buffer_.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return wait();
    if (got <= 0) return end(got < 0 ? reason() : std::string{});
    const auto size = static_cast<std::size_t>(got);
    counters_.bytes += size;
    const Timestamp when = wall_now();
    framer_.feed({buffer_.data(), size}, [&](std::string_view line, bool too_long) { give(line, when, too_long); });
    wait();
  }

  void give(std::string_view line, Timestamp now, bool too_long) {
    ++counters_.lines;
    counters_.too_long += too_long ? 1U : 0U;
    sink_.line({line, now, std::nullopt, too_long});
  }

  void end(const std::string& error) {
    finish();
    close();
    if (error.empty())
      log_info("stdin_ended", "standard input has ended; no more lines will come from it",
               {{"lines", std::to_string(counters_.lines)}});
    else
      log_warning("stdin_failed", "standard input cannot be read any more; no more lines will come from it",
                  {{"lines", std::to_string(counters_.lines)}, {"reason", error}});
  }

  // What came of a line whose end will not come.
  void finish() {
    const Timestamp now = wall_now();
    framer_.finish([&](std::string_view line, bool too_long) { give(line, now, too_long); });
  }

  // Keeps the place of the only one while the transport lives: what has ended ends for whoever asks next, too.
  void close() {
    alive_.reset();
    boost::system::error_code ignored;
    ready_.close(ignored);
    room_.stop();
    input_ = {};
  }

  asio::io_context& io_;
  asio::posix::stream_descriptor ready_;  // our epoll; closed: the input is always ready
  LineSink& sink_;
  Room room_;
  LineFramer framer_;
  std::vector<char> buffer_;
  FileHandle input_;
  OnlyOne only_one_;
  TransportCounters counters_;
  // Handlers that Asio still holds after the end see that we are gone.
  std::shared_ptr<const char> alive_ = std::make_shared<const char>();
};

}  // namespace

void read_stdin(YamlMap& /*map*/, TransportOptions& /*options*/) {}

Result<std::unique_ptr<Transport>> open_stdin(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  if (!options.address.empty())
    return Error{Errc::invalid_argument, "stdin: takes no path, and was given '" + printable(options.address) +
                                             "'; a source of kind file reads it"};
  auto transport = std::make_unique<StdinTransport>(io, options, sink);
  if (const auto started = transport->start(); !started) return started.error();
  return std::unique_ptr<Transport>{std::move(transport)};
}

}  // namespace nw::logs
