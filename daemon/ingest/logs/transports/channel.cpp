#include "ingest/logs/transports/channel.h"

#include <boost/system/error_code.hpp>
#include <cerrno>
#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

namespace nw::logs {

namespace {

int at_most(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

void Channel::Free::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

Channel::Channel(boost::asio::ip::tcp::socket socket, std::shared_ptr<boost::asio::ssl::context> tls)
    : socket_{std::move(socket)}, tls_{std::move(tls)} {
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  if (!tls_) return;
  ERR_clear_error();
  ssl_.reset(SSL_new(tls_->native_handle()));
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket_.native_handle()) != 1) {
    fault_ = "no memory for TLS";
    ended_ = true;
    return;
  }
  SSL_set_mode(ssl_.get(),
               SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_set_accept_state(ssl_.get());
}

Channel::~Channel() {
  if (!ssl_ || ended_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // close_notify, RFC 8446 section 6.1; whether it arrives is not waited for
  ERR_clear_error();
}

Channel::Want Channel::handshake() {
  if (ended_) return Want::end;
  if (!ssl_) return Want::nothing;
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  return done == 1 ? Want::nothing : wanted(done);
}

Channel::Moved Channel::read(std::span<char> into) {
  if (ended_) return {0, Want::end};
  if (ssl_) {
    ERR_clear_error();
    const int got = SSL_read(ssl_.get(), into.data(), at_most(into.size()));
    return got > 0 ? Moved{static_cast<std::size_t>(got), Want::nothing} : Moved{0, wanted(got)};
  }
  const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  if (got > 0) return {static_cast<std::size_t>(got), Want::nothing};
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {0, Want::read};
  return {0, failed(got < 0 ? errno : 0)};
}

Channel::Moved Channel::write(std::string_view bytes) {
  if (ended_) return {0, Want::end};
  if (ssl_) {
    ERR_clear_error();
    const int put = SSL_write(ssl_.get(), bytes.data(), at_most(bytes.size()));
    return put > 0 ? Moved{static_cast<std::size_t>(put), Want::nothing} : Moved{0, wanted(put)};
  }
  const ssize_t put = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (put > 0) return {static_cast<std::size_t>(put), Want::nothing};
  if (put < 0 && (errno == EAGAIN || errno == EINTR)) return {0, Want::write};
  return {0, failed(put < 0 ? errno : 0)};
}

Channel::Want Channel::wanted(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return Want::read;
    case SSL_ERROR_WANT_WRITE: return Want::write;
    case SSL_ERROR_ZERO_RETURN: ended_ = true; return Want::end;
    case SSL_ERROR_SYSCALL: return failed(system_error);
    default: break;
  }
  const unsigned long code = ERR_get_error();
  const char* reason = ERR_reason_error_string(code);
  fault_ = reason != nullptr ? reason : "TLS error " + std::to_string(code);
  if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK)
    fault_ += std::string{": "} + X509_verify_cert_error_string(verified);
  ERR_clear_error();
  ended_ = true;
  return Want::end;
}

Channel::Want Channel::failed(int error) {
  ended_ = true;
  if (error != 0) fault_ = boost::system::error_code{error, boost::system::system_category()}.message();
  return Want::end;
}

}  // namespace nw::logs
