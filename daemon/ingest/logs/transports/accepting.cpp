#include "ingest/logs/transports/accepting.h"

#include <utility>

#include "base/log.h"
#include "ingest/logs/transports/listen.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kAcceptsPerTurn = 64;
constexpr auto kAcceptPause = std::chrono::seconds{1};  // when the process has no descriptor left

}  // namespace

Accepting::Accepting(tcp::acceptor acceptor, std::string_view transport, const TransportOptions& options,
                     TransportCounters& counters, std::function<std::size_t()> open, Take take)
    : acceptor_{std::move(acceptor)},
      pause_{acceptor_.get_executor()},
      transport_{transport},
      address_{options.address},
      connections_max_{options.connections_max},
      counters_{counters},
      open_{std::move(open)},
      take_{std::move(take)} {
  error_code ignored;
  port_ = acceptor_.local_endpoint(ignored).port();
  wait();
}

bool Accepting::stop() {
  if (!acceptor_.is_open()) return false;
  alive_.reset();
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  return true;
}

void Accepting::wait() {
  acceptor_.async_wait(tcp::acceptor::wait_read,
                       [this, alive = std::weak_ptr<const char>{alive_}](const error_code& error) {
                         if (alive.expired() || error == asio::error::operation_aborted) return;
                         accept();
                       });
}

void Accepting::accept() {
  for (int turn = 0; turn < kAcceptsPerTurn; ++turn) {
    error_code error;
    tcp::endpoint peer;
    tcp::socket socket{acceptor_.get_executor()};
    acceptor_.accept(socket, peer, error);
    if (error == asio::error::would_block || error == asio::error::try_again) break;
    if (error == asio::error::no_descriptors || error == asio::error::no_buffer_space ||
        error == boost::system::errc::too_many_files_open_in_system)
      return pause(error);
    if (error) continue;  // the peer has gone already
    take_in(std::move(socket), to_ip(peer.address()));
  }
  wait();
}

// The queue stays readable, so waiting for it again at once would only spin.
void Accepting::pause(const error_code& why) {
  log_warning(transport_ + "_accept_paused", "cannot take a connection now; trying again in a second",
              {{"address", address_}, {"reason", why.message()}});
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this, alive = std::weak_ptr<const char>{alive_}](const error_code& error) {
    if (!alive.expired() && !error) wait();
  });
}

void Accepting::take_in(tcp::socket socket, const IpAddress& peer) {
  if (open_() >= connections_max_) {
    ++counters_.refused;
    log_warning(
        transport_ + "_connection_refused", "a connection was turned away: connections_max is reached",
        {{"address", address_}, {"peer", peer.to_string()}, {"connections_max", std::to_string(connections_max_)}});
    return;
  }
  ++counters_.connections;
  error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  take_(std::move(socket), peer);
}

}  // namespace nw::logs
