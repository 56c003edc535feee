#include "ingest/logs/transports/channel.h"

#include <boost/system/error_code.hpp>
#include <cerrno>
#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <utility>

#include "base/check.h"

namespace nw::logs {

namespace {

constexpr unsigned char kHandshakeRecord = 22;      // RFC 8446, 5.1: what a client begins with
constexpr std::size_t kRecordBytesMax = 16 * 1024;  // there, too

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
  // A turn ends with a record that carries no bytes, or a peer could hold it with such records alone.
  SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  SSL_set_accept_state(ssl_.get());
}

Channel::~Channel() {
  if (!ssl_ || !established_ || (SSL_get_shutdown(ssl_.get()) == 0 && ended_)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());  // close_notify, RFC 8446 section 6.1; whether it arrives is not waited for
  ERR_clear_error();
}

Channel::Want Channel::handshake() {
  if (ended_) return Want::end;
  if (!ssl_) return Want::nothing;
  if (!begun_)
    if (const Want want = look_at_first_byte(); want != Want::nothing) return want;
  ERR_clear_error();
  const int done = SSL_do_handshake(ssl_.get());
  if (done != 1) return wanted(done);
  established_ = true;
  return Want::nothing;
}

Channel::Want Channel::look_at_first_byte() {
  unsigned char first = 0;
  const ssize_t got = ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Want::read;
  if (got < 0) return failed(errno);
  if (got == 0) return failed("the peer closed the connection and had said nothing");
  if (first != kHandshakeRecord) return failed("what it sends is not TLS; does it send plain text to this port?");
  begun_ = true;
  return Want::nothing;
}

Channel::Moved Channel::read(std::span<char> into) {
  if (ended_) return {0, Want::end};
  if (ssl_) {
    NW_CHECK(into.size() >= kRecordBytesMax);
    std::size_t size = 0;
    while (into.size() - size >= kRecordBytesMax) {
      ERR_clear_error();
      const int got = SSL_read(ssl_.get(), into.data() + size, at_most(into.size() - size));
      if (got <= 0) return {size, wanted(got)};
      size += static_cast<std::size_t>(got);
    }
    return {size, Want::nothing};
  }
  const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT);
  if (got > 0) return {static_cast<std::size_t>(got), Want::read};
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
    // Plain TCP's ends are ends here too.
    case SSL_ERROR_SYSCALL: return established_ ? failed(0) : failed(system_error);
    default: break;
  }
  const unsigned long code = ERR_get_error();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    ERR_clear_error();
    return established_ ? failed(0) : failed("the peer closed the connection before the handshake was done");
  }
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
  if (error != 0)
    fault_ = "the connection broke: " + boost::system::error_code{error, boost::system::system_category()}.message();
  return Want::end;
}

Channel::Want Channel::failed(std::string why) {
  ended_ = true;
  fault_ = std::move(why);
  return Want::end;
}

}  // namespace nw::logs
