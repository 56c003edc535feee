// The bytes of one connection, plain or through TLS, without waiting: each call does what can be done now and says what
// is to be waited for. So one buffer serves all connections, and what was written is always known.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nw::logs {

class Channel {
 public:
  // `end`: nothing more comes, or goes.
  enum class Want : std::uint8_t { nothing, read, write, end };
  struct Moved {
    std::size_t bytes = 0;
    Want want = Want::nothing;  // where no byte was moved: why
  };

  // `tls` is kept; null: plain. TLS writes with write(2), so the process must ignore SIGPIPE.
  Channel(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Until it wants nothing; then the rest may be called. Plain: wants nothing.
  Want handshake();
  Moved read(std::span<char> into);
  // After `write` or `read` was wanted: again with the same bytes, or more behind them.
  Moved write(std::string_view bytes);

  boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
  // Why it ended; empty: the peer closed.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const noexcept;
  };
  // What OpenSSL's `result` means.
  Want wanted(int result);
  Want failed(int error);

  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string fault_;
  bool ended_ = false;
};

}  // namespace nw::logs
