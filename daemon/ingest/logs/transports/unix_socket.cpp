// A Unix datagram socket, as /dev/log is: a datagram is a line.
//
// Whose file is at the path:
//   nobody's             the socket is made there
//   a socket, refused    a daemon that died left it; it is removed
//   a socket, answered   in_use
//   of another kind      an error: it is not ours to remove
// stop() removes the file, if it is still the one that was made.
#include <boost/asio/local/datagram_protocol.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/datagrams.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tail_state.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using Local = asio::local::datagram_protocol;

constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;  // unix(7)

std::string reason(int error) { return std::generic_category().message(error); }

int connect_to(const std::string& path) {
  const FileHandle probe{::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return probe.is_open() && ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
             ? 0
             : errno;
}

// After it the path is free.
Result<> clear_path(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return {};  // not there, or bind() says why it cannot be
  if (!S_ISSOCK(info.st_mode))
    return Error{Errc::invalid_argument, path + ": is there already and is no socket; move it away, or mend the path"};
  const int error = connect_to(path);
  if (error == EACCES)
    return Error{Errc::no_permission,
                 path +
                     ": a socket is there, and this user may not ask whether somebody still reads it; remove it, or "
                     "run as its owner"};
  if (error == ENOENT) return {};  // gone in between
  // EPROTOTYPE: a stream socket is read there; EPERM: a socket that is tied to another sender.
  if (error != ECONNREFUSED && error != 0 && error != EPROTOTYPE && error != EPERM)
    return Error{Errc::unavailable, path + ": cannot tell whether its socket is still read: " + reason(error)};
  if (error != ECONNREFUSED)
    return Error{Errc::in_use, path + ": is already in use; `ss -xlp` names the program that has it"};
  if (::unlink(path.c_str()) != 0)
    return Error{Errc::no_permission, path + ": cannot remove what a dead program left there: " + reason(errno) +
                                          "; give the daemon's user the directory"};
  log_info("unix_socket_stale", "removed a socket that nobody reads any more", {{"path", path}});
  return {};
}

Error bind_error(const std::string& path, int error) {
  const std::string where = "unix " + path;
  if (error == ENOENT || error == ENOTDIR)
    return {Errc::not_found, where + ": there is no such directory; create it or mend the path"};
  if (error == EACCES || error == EPERM || error == EROFS)
    return {Errc::no_permission, where + ": cannot make the socket: " + reason(error) +
                                     "; give the daemon's user the directory, or use its own, /run/normwatch"};
  if (error == EADDRINUSE) return {Errc::in_use, where + ": is already in use"};
  return {Errc::unavailable, where + ": cannot make the socket: " + reason(error)};
}

class UnixTransport final : public DatagramTransport {
 public:
  UnixTransport(asio::io_context& io, const TransportOptions& options, LineSink& sink)
      : DatagramTransport{io, sink, options.line_bytes_max, false}, io_{io}, path_{options.address} {}
  ~UnixTransport() override { UnixTransport::stop(); }

  Result<> listen(std::uint32_t mode) {
    if (const auto cleared = clear_path(path_); !cleared) return cleared;
    Local::socket socket{io_};
    boost::system::error_code error;
    socket.open(Local{}, error);
    // The file is made with the socket's mode less the umask, so that nobody comes in before chmod() has settled it.
    if (!error && ::fchmod(socket.native_handle(), mode) != 0) error.assign(errno, boost::system::system_category());
    if (!error) socket.bind(Local::endpoint{path_}, error);
    if (error) return bind_error(path_, error.value());
    struct stat info {};
    if (::lstat(path_.c_str(), &info) == 0) {
      made_ = true;
      device_ = info.st_dev;
      inode_ = info.st_ino;
    }
    socket.native_non_blocking(true, error);
    if (!error && ::chmod(path_.c_str(), mode) != 0) error.assign(errno, boost::system::system_category());
    if (error) {
      remove_file();
      return bind_error(path_, error.value());
    }
    start(std::move(socket));
    return {};
  }

  void stop() override {
    DatagramTransport::stop();
    remove_file();
  }

 private:
  void remove_file() {
    if (!std::exchange(made_, false)) return;
    struct stat info {};
    if (::lstat(path_.c_str(), &info) == 0 && info.st_dev == device_ && info.st_ino == inode_) ::unlink(path_.c_str());
  }

  asio::io_context& io_;
  std::string path_;
  bool made_ = false;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace

void read_unix(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("path");
  const std::string mode = map.text("mode", "0666");
  const auto [end, error] = std::from_chars(mode.data(), mode.data() + mode.size(), options.socket_mode, 8);
  if (error != std::errc{} || end != mode.data() + mode.size() || options.socket_mode > 0777)
    map.error(map.mark(), "wrong-type", "'mode' is who may send, in octal: \"0666\" (everybody), \"0660\" (the group)");
}

Result<std::unique_ptr<Transport>> open_unix(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  if (options.address.empty() || options.address.find('\0') != std::string::npos)
    return Error{Errc::invalid_argument, "a unix source needs a path"};
  if (options.address.size() > kPathBytesMax)
    return Error{Errc::invalid_argument,
                 options.address + ": the path of a socket has at most " + std::to_string(kPathBytesMax) + " bytes"};
  auto transport = std::make_unique<UnixTransport>(io, options, sink);
  if (const auto listening = transport->listen(options.socket_mode); !listening) return listening.error();
  return std::unique_ptr<Transport>{std::move(transport)};
}

}  // namespace nw::logs
