// Log events that are pushed over HTTP/1.1, with TLS or without. A connection is served by http_session.h; here are the
// listener, and who may send.
#include "ingest/logs/transports/http.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/log.h"
#include "base/yaml.h"
#include "ingest/logs/transports/accepting.h"
#include "ingest/logs/transports/http_session.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tls_context.h"

namespace nw::logs {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class HttpTransport final : public Transport {
 public:
  HttpTransport(std::shared_ptr<HttpSite> site, tcp::acceptor acceptor, std::unique_ptr<TlsContext> tls)
      : site_{std::move(site)},
        tls_{std::move(tls)},
        accepting_{std::move(acceptor),
                   "http",
                   site_->options,
                   site_->counters,
                   [this] { return site_->connections(); },
                   [this](tcp::socket socket, const IpAddress& peer) { take_in(std::move(socket), peer); }} {
    site_->start();
  }
  ~HttpTransport() override { stop(); }

  void stop() override {
    if (accepting_.stop()) site_->stop();
  }

  [[nodiscard]] TransportCounters counters() const override {
    TransportCounters out = site_->counters;
    if (tls_) out.certificate_expires = tls_->expires();
    return out;
  }
  [[nodiscard]] std::uint16_t port() const override { return accepting_.port(); }

 private:
  void take_in(tcp::socket socket, const IpAddress& peer) {
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    site_->add(std::make_shared<HttpSession>(site_, std::move(socket), tls_ ? tls_->current() : nullptr, peer));
  }

  std::shared_ptr<HttpSite> site_;
  std::unique_ptr<TlsContext> tls_;
  Accepting accepting_;
};

// A listener that anybody can reach must know who sends.
Result<> check_senders(const TransportOptions& options, const tcp::acceptor& acceptor) {
  error_code error;
  const bool loopback = acceptor.local_endpoint(error).address().is_loopback();
  if (error || loopback) return {};
  if (options.token_file.empty() && options.tls.client_ca.empty())
    return Error{Errc::invalid_argument,
                 "http " + options.address +
                     ": everybody could send log lines here; set token_file (bearer tokens) or client_ca (client "
                     "certificates), or listen on 127.0.0.1"};
  if (options.tls.certificate.empty())
    log_warning("http_in_clear", "tokens and log lines cross the network in clear text; set certificate and key",
                {{"listen", options.address}});
  return {};
}

}  // namespace

Result<std::unique_ptr<Transport>> open_http_with(asio::io_context& io, const TransportOptions& options,
                                                  const HttpLimits& limits, LineSink& sink) {
  std::unique_ptr<TlsContext> tls;
  if (!options.tls.certificate.empty()) {
    auto opened = TlsContext::open(options.tls);
    if (!opened) return opened.error();
    tls = std::move(*opened);
  } else if (!options.tls.key.empty() || !options.tls.client_ca.empty()) {
    return Error{Errc::invalid_argument,
                 "http " + options.address + ": key and client_ca need a certificate; set certificate and key"};
  }
  auto site = std::make_shared<HttpSite>(io, options, limits, sink);
  if (!options.token_file.empty()) {
    auto tokens = TokenFile::open(options.token_file);
    if (!tokens) return Error{tokens.error().code, "http " + options.address + ": " + tokens.error().what};
    site->tokens = std::move(*tokens);
  }
  auto acceptor = listen_tcp(io, "http", options.address);
  if (!acceptor) return acceptor.error();
  if (auto senders = check_senders(options, *acceptor); !senders) return senders.error();
  return std::unique_ptr<Transport>{
      std::make_unique<HttpTransport>(std::move(site), std::move(*acceptor), std::move(tls))};
}

void read_http(YamlMap& map, TransportOptions& options) {
  options.address = map.require_text("listen");
  options.connections_max = static_cast<std::size_t>(map.integer("connections_max", 256, 1, 100'000));
  options.idle = map.duration("idle", std::chrono::minutes{10});
  options.body_bytes_max = map.bytes("body_bytes_max", 16U << 20, 64U << 10, 64U << 20);
  options.token_file = map.text("token_file");
  read_tls(map, options.tls, false);
}

Result<std::unique_ptr<Transport>> open_http(asio::io_context& io, const TransportOptions& options, LineSink& sink) {
  return open_http_with(io, options, {}, sink);
}

}  // namespace nw::logs
