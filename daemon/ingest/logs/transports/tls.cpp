// Lines over TLS: RFC 5425, its octet counting and, as for TCP, also lines that end in LF. OpenSSL reads and writes the
// non-blocking socket itself, and says what it waits for.
#include <cerrno>
#include <cstring>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/yaml.h"
#include "ingest/logs/transports/line_listener.h"
#include "ingest/logs/transports/listen.h"
#include "ingest/logs/transports/table.h"
#include "ingest/logs/transports/tls_context.h"

namespace nw::logs {

namespace {

namespace ssl = boost::asio::ssl;

constexpr unsigned char kHandshakeRecord = 22;  // RFC 8446, 5.1: what a client begins with

struct FreeSsl {
  void operator()(SSL* x) const { SSL_free(x); }
};

class TlsChannel final : public LineChannel {
 public:
  TlsChannel(std::shared_ptr<ssl::context> context, int socket)
      : context_{std::move(context)}, ssl_{SSL_new(context_->native_handle())}, socket_{socket} {
    if (ssl_ == nullptr || SSL_set_fd(ssl_.get(), socket) != 1) {
      ssl_.reset();
      return;
    }
    SSL_set_accept_state(ssl_.get());
    // A turn ends with a record that carries no bytes, or a peer could hold it with such records alone.
    SSL_clear_mode(ssl_.get(), SSL_MODE_AUTO_RETRY);
  }
  // close_notify: the answer to the peer's, or the news that we leave (RFC 5425, 4.4). Its answer is not waited for.
  ~TlsChannel() override {
    if (ssl_ != nullptr && established_ && !broken_) (void)SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }

  Next handshake() override {
    if (ssl_ == nullptr) return fail("no memory for it");
    if (!begun_)
      if (const Next next = look_at_first_byte(); next != Next::again) return next;
    ERR_clear_error();
    const int done = SSL_do_handshake(ssl_.get());
    if (done != 1) return after(done);
    established_ = true;
    return Next::again;
  }

  // Records hold at most 16 KiB (RFC 8446, 5.1), and OpenSSL gives one at a time. What it holds decrypted is taken
  // before the socket is waited for, which would not tell of it.
  Read read(std::span<char> into) override {
    std::size_t size = 0;
    while (size < into.size()) {
      ERR_clear_error();
      std::size_t got = 0;
      const int done = SSL_read_ex(ssl_.get(), into.data() + size, into.size() - size, &got);
      if (done != 1) return {size, after(done)};
      size += got;
    }
    return {size, Next::again};
  }

  [[nodiscard]] std::string fault() const override { return fault_; }

 private:
  // What speaks no TLS is told as that; OpenSSL's words for it are "wrong version number".
  Next look_at_first_byte() {
    unsigned char first = 0;
    const ssize_t got = ::recv(socket_, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Next::readable;
    if (got < 0) return fail(std::strerror(errno));
    if (got == 0) return fail("the peer closed the connection and had said nothing");
    if (first != kHandshakeRecord) return fail("what it sends is not TLS; does it send plain text to this port?");
    begun_ = true;
    return Next::again;
  }

  Next fail(std::string why) {
    broken_ = true;
    fault_ = std::move(why);
    return Next::end;
  }

  Next after(int result) {
    const int why = errno;
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ: return Next::readable;
      case SSL_ERROR_WANT_WRITE: return Next::writable;
      case SSL_ERROR_ZERO_RETURN: return Next::end;
      case SSL_ERROR_SYSCALL: {
        broken_ = true;
        // Plain TCP's ends are ends here too.
        if (established_) return Next::end;
        return fail(std::string{"the connection broke: "} + std::strerror(why));
      }
      default: return fail_by_openssl();
    }
  }

  Next fail_by_openssl() {
    broken_ = true;
    const unsigned long code = ERR_peek_error();
    if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
      // Many senders leave without close_notify.
      if (established_) return Next::end;
      return fail("the peer closed the connection before the handshake was done");
    }
    const char* text = ERR_reason_error_string(code);
    std::string why = text == nullptr ? "OpenSSL does not say why" : text;
    if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK)
      why += std::string{": "} + X509_verify_cert_error_string(verified);
    return fail(std::move(why));
  }

  std::shared_ptr<ssl::context> context_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
  int socket_;
  bool begun_ = false, established_ = false;
  bool broken_ = false;  // after which OpenSSL may not be asked for more
  std::string fault_;
};

class TlsCarrier final : public Carrier {
 public:
  explicit TlsCarrier(std::unique_ptr<TlsContext> context) : context_{std::move(context)} {}
  std::unique_ptr<LineChannel> open(int socket) override {
    return std::make_unique<TlsChannel>(context_->current(), socket);
  }
  void look() override { (void)context_->current(); }
  [[nodiscard]] std::int64_t expires() const override { return context_->expires(); }

 private:
  std::unique_ptr<TlsContext> context_;
};

}  // namespace

void read_tls_listener(YamlMap& map, TransportOptions& options) {
  read_tcp(map, options);
  read_tls(map, options.tls, true);
}

Result<std::unique_ptr<Transport>> open_tls(boost::asio::io_context& io, const TransportOptions& options,
                                            LineSink& sink) {
  if (const auto good = check_listen_address(options.address); !good) return good.error();
  auto context = TlsContext::open(options.tls);
  if (!context) return Error{context.error().code, "tls " + options.address + ": " + context.error().what};
  return open_line_listener(io, "tls", options, sink, std::make_unique<TlsCarrier>(std::move(*context)));
}

}  // namespace nw::logs
