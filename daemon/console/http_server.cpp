#include "console/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <map>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/log.h"
#include "console/address.h"
#include "console/session.h"

namespace nw::console {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using local = asio::local::stream_protocol;

namespace {

// Connections over the limit that are being told so at one time; more are closed without a word.
constexpr std::size_t kTurnedAwayMax = 16;
constexpr std::chrono::milliseconds kAcceptPause{100};

struct SocketFile {
  std::string path;  // empty: none
  dev_t device = 0;
  ino_t inode = 0;
};

// Shared by the server and its coroutines.
struct Core {
  explicit Core(asio::any_io_executor executor_in) : executor{std::move(executor_in)}, pause{executor} {}
  asio::any_io_executor executor;
  std::shared_ptr<Site> site = std::make_shared<Site>();
  std::function<void()> close_listener;
  SocketFile file;
  asio::steady_timer pause;
  // By number: the coroutine's own cancellation.
  std::map<std::uint64_t, asio::cancellation_signal> sessions;
  std::uint64_t next_session = 0;
  std::size_t turned_away = 0;
  bool stopping = false, listening = true;
  std::atomic<bool> finished{false};

  void check_finished() {
    if (stopping && !listening && sessions.empty()) finished.store(true, std::memory_order_release);
  }
};

void spawn(const std::shared_ptr<Core>& core, StreamSocket socket) {
  HttpCounters& counters = core->site->counters;
  const bool serve_it = core->sessions.size() - core->turned_away < core->site->options.connections_max;
  if (!serve_it) {
    counters.refused.fetch_add(1, std::memory_order_relaxed);
    if (core->turned_away == kTurnedAwayMax) return;  // the socket closes here
    ++core->turned_away;
  } else {
    counters.connections.fetch_add(1, std::memory_order_relaxed);
  }
  const std::uint64_t number = core->next_session++;
  auto& signal = core->sessions[number];
  auto ended = [core, number, serve_it](std::exception_ptr) {
    if (serve_it)
      core->site->counters.connections.fetch_sub(1, std::memory_order_relaxed);
    else
      --core->turned_away;
    core->sessions.erase(number);
    core->check_finished();
  };
  auto session = serve_it ? serve(core->site, std::move(socket)) : turn_away(core->site, std::move(socket));
  asio::co_spawn(core->executor, std::move(session), asio::bind_cancellation_slot(signal.slot(), std::move(ended)));
}

template <class Protocol>
asio::awaitable<void> accept_all(std::shared_ptr<Core> core,
                                 std::shared_ptr<asio::basic_socket_acceptor<Protocol>> acceptor) {
  while (!core->stopping) {
    typename Protocol::socket socket{core->executor};
    const auto accepted = co_await acceptor->async_accept(socket, asio::as_tuple(asio::use_awaitable));
    const error_code error = std::get<0>(accepted);
    if (core->stopping) co_return;
    if (error) {
      // No descriptors left, or a peer that gave up: neither may end the listener.
      if (error != asio::error::connection_aborted)
        log_warning("http_accept_failed", "A connection could not be taken.", {{"error", error.message()}});
      core->pause.expires_after(kAcceptPause);
      const auto waited = co_await core->pause.async_wait(asio::as_tuple(asio::use_awaitable));
      static_cast<void>(waited);
      continue;
    }
    spawn(core, StreamSocket{std::move(socket)});
  }
}

class Server final : public HttpServer {
 public:
  explicit Server(std::shared_ptr<Core> core) : core_{std::move(core)} {}
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() override { stop(); }

  Result<> listen() {
    auto address = parse_address(core_->site->options.listen);
    if (!address) return address.error();
    if (const auto* endpoint = std::get_if<tcp::endpoint>(&*address)) return listen_tcp(*endpoint);
    return listen_unix(std::get<local::endpoint>(*address));
  }

  void stop() override {
    if (core_->stopping) return;
    core_->stopping = true;
    if (core_->close_listener) core_->close_listener();
    core_->pause.cancel();
    for (auto& [number, signal] : core_->sessions) signal.emit(asio::cancellation_type::terminal);
    remove_file();
    core_->check_finished();
  }
  [[nodiscard]] bool finished() const noexcept override { return core_->finished.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint16_t port() const noexcept override { return port_; }
  [[nodiscard]] const HttpCounters& counters() const noexcept override { return core_->site->counters; }

 private:
  [[nodiscard]] Error failed(error_code error, const std::string& in_use_hint) const {
    const std::string& listen = core_->site->options.listen;
    if (error == asio::error::address_in_use)
      return Error{Errc::in_use, "cannot listen on " + listen + ": it is in use; " + in_use_hint};
    if (error == asio::error::access_denied)
      return Error{Errc::no_permission, "cannot listen on " + listen +
                                            ": no permission; use a port from 1024 on, or a "
                                            "folder that this user may write"};
    const bool no_such = error == error_code{EADDRNOTAVAIL, boost::system::system_category()};
    return Error{no_such ? Errc::invalid_argument : Errc::io,
                 "cannot listen on " + listen + ": " +
                     (no_such ? "no interface of this machine has the address" : error.message())};
  }

  Result<> listen_tcp(const tcp::endpoint& endpoint) {
    const auto acceptor = std::make_shared<tcp::acceptor>(core_->executor);
    error_code error;
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error) acceptor->bind(endpoint, error);
    if (!error) acceptor->listen(asio::socket_base::max_listen_connections, error);
    const std::string port = std::to_string(endpoint.port());
    if (error) return failed(error, "see who holds it with: ss -ltnp 'sport = :" + port + "'");
    port_ = acceptor->local_endpoint(error).port();
    begin<tcp>(acceptor);
    return {};
  }

  Result<> listen_unix(const local::endpoint& endpoint) {
    const std::string path = endpoint.path();
    if (auto cleared = clear_stale(endpoint); !cleared) return cleared;
    const auto acceptor = std::make_shared<local::acceptor>(core_->executor);
    error_code error;
    acceptor->open(endpoint.protocol(), error);
    if (!error) acceptor->bind(endpoint, error);
    if (error) return failed(error, "see who holds it with: ss -lxp src " + path);
    // Nobody can connect before listen(), so the mode is in force in time.
    struct stat made {};
    if (::chmod(path.c_str(), static_cast<mode_t>(core_->site->options.unix_mode)) != 0 ||
        ::lstat(path.c_str(), &made) != 0) {
      const error_code chmod_error{errno, boost::system::system_category()};
      ::unlink(path.c_str());
      return failed(chmod_error, "");
    }
    core_->file = SocketFile{path, made.st_dev, made.st_ino};
    acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      remove_file();
      return failed(error, "");
    }
    begin<local>(acceptor);
    return {};
  }

  // Removes the socket file of a server that died; in_use when one answers.
  Result<> clear_stale(const local::endpoint& endpoint) const {
    const std::string path = endpoint.path();
    struct stat there {};
    if (::lstat(path.c_str(), &there) != 0) return {};
    if (!S_ISSOCK(there.st_mode))
      return Error{Errc::invalid_argument, path + " is there and is no socket; name another or move it away"};
    local::socket probe{core_->executor};
    error_code error;
    probe.connect(endpoint, error);
    if (!error || error == asio::error::try_again)
      return failed(asio::error::address_in_use, "another server answers there: ss -lxp src " + path);
    if (error == asio::error::access_denied) return failed(error, "");
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
      return failed(error_code{errno, boost::system::system_category()}, "");
    return {};
  }

  // Only our own: after a restart the name may already be the next server's.
  void remove_file() {
    struct stat there {};
    SocketFile& file = core_->file;
    if (!file.path.empty() && ::lstat(file.path.c_str(), &there) == 0 && there.st_dev == file.device &&
        there.st_ino == file.inode)
      ::unlink(file.path.c_str());
    file.path.clear();
  }

  template <class Protocol>
  void begin(const std::shared_ptr<asio::basic_socket_acceptor<Protocol>>& acceptor) {
    core_->close_listener = [acceptor] {
      error_code ignored;
      acceptor->close(ignored);
    };
    auto ended = [core = core_](std::exception_ptr fault) {
      core->listening = false;
      if (fault && !core->stopping)
        log_error("http_server_ended", "The HTTP server ended by itself; restart the daemon.",
                  {{"listen", core->site->options.listen}});
      core->check_finished();
    };
    asio::co_spawn(core_->executor, accept_all<Protocol>(core_, acceptor), std::move(ended));
  }

  std::shared_ptr<Core> core_;
  std::uint16_t port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::open(asio::any_io_executor executor, const HttpOptions& options,
                                                     std::vector<Route> routes) {
  auto core = std::make_shared<Core>(std::move(executor));
  core->site->options = options;
  core->site->routes = std::move(routes);
  auto server = std::make_unique<Server>(std::move(core));
  if (auto listening = server->listen(); !listening) return listening.error();
  return std::unique_ptr<HttpServer>{std::move(server)};
}

}  // namespace nw::console
