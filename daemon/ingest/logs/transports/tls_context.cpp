// What a change of the files is: device, inode, size, mtime or ctime of what the path leads to. Symbolic links are
// followed, as certbot and Kubernetes renew by pointing a link elsewhere.
#include "ingest/logs/transports/tls_context.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/yaml.h"

namespace nw::logs {

namespace ssl = boost::asio::ssl;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kFileBytesMax = 1U << 20;  // a bundle of all public CAs has a quarter of it
constexpr std::int64_t kDay = 24 * 60 * 60;
constexpr std::int64_t kEndsSoon = 14 * kDay;

struct Free {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(BIO* x) const { BIO_free(x); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;
using Bio = std::unique_ptr<BIO, Free>;

// A key of the configuration, and the file it names.
struct File {
  std::string_view key;
  const std::string& path;
  [[nodiscard]] std::string text() const { return std::string{key} + ' ' + path; }
};

struct Stamp {
  int error = 0;
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  timespec written{}, changed{};
  friend bool operator==(const Stamp& a, const Stamp& b) {
    const auto same = [](const timespec& x, const timespec& y) {
      return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
    };
    return a.error == b.error && a.device == b.device && a.inode == b.inode && a.size == b.size &&
           same(a.written, b.written) && same(a.changed, b.changed);
  }
};
using Stamps = std::array<Stamp, 3>;

Stamp stamp_of(const std::string& path) {
  struct stat found {};
  if (path.empty()) return {};
  if (::stat(path.c_str(), &found) != 0) return {errno, {}, {}, {}, {}, {}};
  return {0, found.st_dev, found.st_ino, found.st_size, found.st_mtim, found.st_ctim};
}

Stamps stamps_of(const TlsOptions& options) {
  return {stamp_of(options.certificate), stamp_of(options.key), stamp_of(options.client_ca)};
}

Error file_error(const File& file, int why) {
  if (why == ENOENT || why == ENOTDIR)
    return {Errc::not_found, file.text() + ": there is no such file; name a file in PEM"};
  if (why == EACCES || why == EPERM)
    return {Errc::no_permission, file.text() + ": the daemon's user (uid " + std::to_string(::geteuid()) +
                                     ") may not read it; give its group the right to read the file and to enter its "
                                     "folders (chgrp, chmod g+r)"};
  return {Errc::io, file.text() + ": cannot be read: " + std::strerror(why)};
}

Result<std::string> read_whole(const File& file) {
  // Not blocking: a FIFO would wait for its writer.
  const int fd = ::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) return file_error(file, errno);
  std::string text(kFileBytesMax + 1, '\0');
  std::size_t size = 0;
  struct stat found {};
  int why = ::fstat(fd, &found) == 0 ? 0 : errno;
  const bool regular = S_ISREG(found.st_mode);
  while (why == 0 && regular && size < text.size()) {
    const ssize_t got = ::read(fd, text.data() + size, text.size() - size);
    if (got == 0) break;
    if (got < 0 && errno != EINTR) why = errno;
    if (got > 0) size += static_cast<std::size_t>(got);
  }
  ::close(fd);
  if (why != 0) return file_error(file, why);
  if (!regular) return Error{Errc::invalid_argument, file.text() + ": this is no file; name a file in PEM"};
  if (size > kFileBytesMax)
    return Error{Errc::invalid_argument,
                 file.text() + ": more than 1 MiB is no certificate or key; name a file in PEM"};
  text.resize(size);
  return text;
}

// The first error in OpenSSL's queue, which is emptied.
std::string openssl_reason() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  return text == nullptr ? "OpenSSL does not say why" : text;
}

bool at_end_of_pem() {
  return ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_PEM &&
         ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
}

Result<std::vector<Certificate>> read_certificates(const File& file) {
  const auto text = read_whole(file);
  if (!text) return text.error();
  ERR_clear_error();
  const Bio bio{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
  std::vector<Certificate> out;
  while (Certificate next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) out.push_back(std::move(next));
  if (!at_end_of_pem())
    return Error{Errc::malformed, file.text() + ": certificate " + std::to_string(out.size() + 1) +
                                      " in it cannot be read (" + openssl_reason() + "); export it again, in PEM"};
  ERR_clear_error();
  if (out.empty())
    return Error{Errc::malformed, file.text() +
                                      ": holds no certificate in PEM (-----BEGIN CERTIFICATE-----); from DER: "
                                      "openssl x509 -inform der"};
  return out;
}

// OpenSSL would ask at the terminal.
int no_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

Result<Key> read_key(const File& file) {
  auto text = read_whole(file);
  if (!text) return text.error();
  ERR_clear_error();
  const Bio bio{BIO_new_mem_buf(text->data(), static_cast<int>(text->size()))};
  bool asked = false;
  Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, &asked)};
  OPENSSL_cleanse(text->data(), text->size());
  const std::string why = key ? "" : openssl_reason();
  if (key) return Result<Key>{std::move(key)};
  if (asked)
    return Error{Errc::invalid_argument, file.text() +
                                             ": is locked with a passphrase, and nobody is there to type it; "
                                             "write it without one (openssl pkey -in ... -out ...), readable "
                                             "for the daemon only"};
  return Error{Errc::malformed, file.text() + ": holds no private key in PEM (" + why + ")"};
}

std::int64_t end_of(const X509* certificate) {
  std::tm at{};
  return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &at) == 1 ? ::timegm(&at) : 0;
}

struct Loaded {
  std::shared_ptr<ssl::context> context;
  std::int64_t expires = 0;
};

Result<> use_certificate(SSL_CTX* context, const TlsOptions& options, std::int64_t& expires) {
  const File certificate{"certificate", options.certificate}, key_file{"key", options.key};
  const auto chain = read_certificates(certificate);
  if (!chain) return chain.error();
  const auto key = read_key(key_file);
  if (!key) return key.error();
  X509* leaf = chain->front().get();
  if (X509_check_private_key(leaf, key->get()) != 1) {
    ERR_clear_error();
    return Error{Errc::invalid_argument,
                 key_file.text() + ": does not belong to the first certificate in " + options.certificate +
                     "; the server's own certificate comes first in that file, those above it follow"};
  }
  bool good = SSL_CTX_use_certificate(context, leaf) == 1;
  for (std::size_t i = 1; good && i < chain->size(); ++i)
    good = SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) == 1;
  if (!good)
    return Error{Errc::invalid_argument, certificate.text() + ": OpenSSL does not take it: " + openssl_reason()};
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1)
    return Error{Errc::invalid_argument, key_file.text() + ": OpenSSL does not take it: " + openssl_reason()};
  expires = end_of(leaf);
  return {};
}

Result<> use_client_ca(SSL_CTX* context, const TlsOptions& options) {
  const auto trusted = read_certificates({"client_ca", options.client_ca});
  if (!trusted) return trusted.error();
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  bool good = true;
  for (const Certificate& one : *trusted)
    good = good && X509_STORE_add_cert(store, one.get()) == 1 && SSL_CTX_add_client_CA(context, one.get()) == 1;
  // Whoever the file names is trusted, also when who signed him is not in it.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (!good)
    return Error{Errc::invalid_argument,
                 "client_ca " + options.client_ca + ": OpenSSL does not take it: " + openssl_reason()};
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return {};
}

Result<Loaded> load(const TlsOptions& options) {
  Loaded out;
  try {
    out.context = std::make_shared<ssl::context>(ssl::context::tls_server);
  } catch (const boost::system::system_error& error) {
    return Error{Errc::unavailable, std::string{"OpenSSL cannot make a TLS context: "} + error.what()};
  }
  SSL_CTX* context = out.context->native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Nothing is resumed: a client whose certificate is trusted no longer cannot come back by a ticket. And a sender that
  // only writes would leave a ticket unread, which makes its close a reset, and lines are lost on the way.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // idle connections hold no 16 KiB
  if (auto used = use_certificate(context, options, out.expires); !used) return used.error();
  if (!options.client_ca.empty())
    if (auto used = use_client_ca(context, options); !used) return used.error();
  return out;
}

}  // namespace

struct TlsContext::State {
  TlsOptions options;
  std::chrono::milliseconds look;
  Stamps stamps;
  Loaded loaded = {};
  Clock::time_point looked = Clock::now();
  std::int64_t told = 0;  // when the end was told last
  bool told_ended = false;

  void read_again() {
    auto fresh = load(options);
    if (!fresh) {
      log_error("tls_certificate_refused", "changed certificate files are no good; the old ones stay in use",
                {{"certificate", options.certificate}, {"reason", fresh.error().what}});
      return;
    }
    loaded = std::move(*fresh);
    told = 0;
    told_ended = false;
    log_info("tls_certificate_renewed", "changed certificate files are in use for new connections",
             {{"certificate", options.certificate}, {"ends", end_text()}});
  }

  void tell_the_end() {
    const std::int64_t now = to_unix_nanoseconds(wall_now()) / 1'000'000'000;
    const std::int64_t left = loaded.expires - now;
    const bool ended = left <= 0;
    if (left > kEndsSoon || (now - told < kDay && ended == told_ended)) return;
    told = now;
    told_ended = ended;
    if (ended)
      log_warning("tls_certificate_ended", "the certificate has ended, and clients refuse it; renew it in its file",
                  {{"certificate", options.certificate}, {"ends", end_text()}});
    else
      log_warning("tls_certificate_ends_soon", "the certificate ends soon; renew it in its file",
                  {{"certificate", options.certificate}, {"ends", end_text()}});
  }

  [[nodiscard]] std::string end_text() const {
    // A year 9999 (RFC 5280, 4.1.2.5: no end) is past what a Timestamp holds.
    constexpr std::int64_t kLast = std::chrono::duration_cast<std::chrono::seconds>(Nanoseconds::max()).count();
    return to_rfc3339(Timestamp{std::chrono::seconds{std::min(loaded.expires, kLast)}}, 0);
  }
};

Result<std::unique_ptr<TlsContext>> TlsContext::open(const TlsOptions& options, std::chrono::milliseconds look) {
  // Before they are read: what changes meanwhile is read again.
  auto state = std::make_unique<State>(State{options, look, stamps_of(options)});
  auto loaded = load(options);
  if (!loaded) return loaded.error();
  state->loaded = std::move(*loaded);
  state->tell_the_end();
  return std::unique_ptr<TlsContext>{new TlsContext{std::move(state)}};
}

TlsContext::TlsContext(std::unique_ptr<State> state) : state_{std::move(state)} {}
TlsContext::~TlsContext() = default;

std::shared_ptr<ssl::context> TlsContext::current() {
  const auto now = Clock::now();
  if (now - state_->looked < state_->look) return state_->loaded.context;
  state_->looked = now;
  if (const Stamps stamps = stamps_of(state_->options); stamps != state_->stamps) {
    state_->stamps = stamps;
    state_->read_again();
  }
  state_->tell_the_end();
  return state_->loaded.context;
}

std::int64_t TlsContext::expires() const noexcept { return state_->loaded.expires; }

void read_tls(YamlMap& map, TlsOptions& options, bool required) {
  options.certificate = required ? map.require_text("certificate") : map.text("certificate");
  options.key = required ? map.require_text("key") : map.text("key");
  options.client_ca = map.text("client_ca");
  if (required) return;
  if (options.certificate.empty() && (!options.key.empty() || !options.client_ca.empty()))
    map.error(map.mark(), "missing-key", "'key' and 'client_ca' need a 'certificate'",
              "without TLS leave all three out");
  else if (!options.certificate.empty() && options.key.empty())
    map.error(map.mark(), "missing-key", "'certificate' needs its 'key'", "both are files in PEM");
}

}  // namespace nw::logs
