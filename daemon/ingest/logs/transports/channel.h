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
    std::size_t bytes = 0;      // also before an end
    Want want = Want::nothing;  // why no more were; `nothing`: more may be moved at once
  };

  // `tls` is kept; null: plain. TLS writes with write(2), so the process must ignore SIGPIPE.
  Channel(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Until it wants nothing; then the rest may be called. Plain: wants nothing.
  Want handshake();
  // Whole records of TLS (16 KiB at most, RFC 8446 section 5.1; `into` has room for one): nothing decrypted stays
  // behind of which the socket would not tell.
  Moved read(std::span<char> into);
  // After `write` or `read` was wanted: again with the same bytes, or more behind them.
  Moved write(std::string_view bytes);

  boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
  // Why it ended; empty: the peer closed. Many senders leave TLS without close_notify: that is no fault.
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const noexcept;
  };
  // What speaks no TLS is told as that; OpenSSL's words for it are "wrong version number".
  Want look_at_first_byte();
  // What OpenSSL's `result` means.
  Want wanted(int result);
  Want failed(int error);
  Want failed(std::string why);

  boost::asio::ip::tcp::socket socket_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::unique_ptr<SSL, Free> ssl_;
  std::string fault_;
  bool begun_ = false, established_ = false, ended_ = false;
};

}  // namespace nw::logs
