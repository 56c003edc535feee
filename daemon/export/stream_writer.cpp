#include "export/stream_writer.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace nw::exporter {

namespace asio = boost::asio;

namespace {

// A pipe that polls writable takes this much without blocking (pipe(7), PIPE_BUF).
constexpr std::size_t kPart = 4096;
// O_NONBLOCK and epoll are not for standard output: the first is shared with other processes, the second refuses files.
constexpr std::chrono::milliseconds kLookAgain{20};

bool writable(int fd) {
  pollfd ask{fd, POLLOUT, 0};
  return ::poll(&ask, 1, 0) == 1;  // an error or hang-up shows in the write
}

}  // namespace

Error write_error(const std::string& what, int error_number) {
  const Errc code = error_number == ENOSPC || error_number == EDQUOT ? Errc::full
                    : error_number == EPIPE                          ? Errc::unavailable
                                                                     : Errc::io;
  return Error{code, "cannot write to " + what + ": " + std::strerror(error_number)};
}

asio::awaitable<Result<>> StreamWriter::write(std::uint64_t key, std::string text) {
  if (text_.empty() || key_ != key) {
    key_ = key;
    text_ = std::move(text);
    done_ = 0;
  }
  asio::steady_timer pause{co_await asio::this_coro::executor};
  while (done_ < text_.size()) {
    if (!writable(fd_)) {
      pause.expires_after(kLookAgain);
      const auto waited = co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
      static_cast<void>(waited);
      continue;
    }
    const ssize_t sent = ::write(fd_, text_.data() + done_, std::min(kPart, text_.size() - done_));
    if (sent >= 0) {
      done_ += static_cast<std::size_t>(sent);
    } else if (errno != EINTR && errno != EAGAIN) {
      co_return write_error(fd_ == STDOUT_FILENO ? "standard output" : "the stream", errno);
    }
  }
  struct stat what {};
  if (::fstat(fd_, &what) == 0 && S_ISREG(what.st_mode) && ::fdatasync(fd_) != 0)
    co_return write_error("the file", errno);
  text_.clear();
  co_return Result<>{};
}

}  // namespace nw::exporter
