// https of the small client: a server with a certificate of one's own.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <optional>

#include "export/http_client.h"
#include "support.h"

namespace nw::exporter::test {
namespace {

struct OwnCertificate {
  std::string certificate, key;
};

// Signs itself; `name` is a subjectAltName, as "IP:127.0.0.1".
OwnCertificate own_certificate(const char* name, long days = 30) {
  const std::unique_ptr<X509, decltype(&X509_free)> x{X509_new(), X509_free};
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  X509_set_version(x.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x.get()), std::time(nullptr));
  X509_gmtime_adj(X509_getm_notBefore(x.get()), -60L * 86400);
  X509_gmtime_adj(X509_getm_notAfter(x.get()), days * 86400);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("witness"), -1, -1, 0);
  X509_set_issuer_name(x.get(), X509_get_subject_name(x.get()));
  X509_set_pubkey(x.get(), key.get());
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
  X509_add_ext(x.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(x.get(), key.get(), EVP_sha256());
  const auto pem = [](auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), BIO_free};
    write(out.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return std::string{data, static_cast<std::size_t>(size)};
  };
  return {pem([&](BIO* out) { PEM_write_bio_X509(out, x.get()); }),
          pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); })};
}

// Answers one request with `answer` and what it read of it, then closes without a word of TLS, as many do.
class TlsServer {
 public:
  TlsServer(const OwnCertificate& own, std::string answer) : answer_{std::move(answer)} {
    tls_.use_certificate(asio::buffer(own.certificate), asio::ssl::context::pem);
    tls_.use_private_key(asio::buffer(own.key), asio::ssl::context::pem);
    thread_ = std::thread{[this] {
      boost::system::error_code error;
      asio::ssl::stream<asio::ip::tcp::socket> stream{io_, tls_};
      acceptor_.accept(stream.next_layer(), error);
      if (!error) stream.handshake(asio::ssl::stream_base::server, error);
      if (error) return;
      std::string got(4096, '\0');
      while (request.find("\r\n\r\n") == std::string::npos || !request.ends_with("body")) {
        const std::size_t size = stream.read_some(asio::buffer(got), error);
        if (error) return;
        request.append(got, 0, size);
      }
      asio::write(stream, asio::buffer(answer_), error);
    }};
  }
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;
  ~TlsServer() { end(); }
  void end() {
    if (thread_.joinable()) thread_.join();
  }
  [[nodiscard]] std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  std::string request;

 private:
  std::string answer_;
  asio::io_context io_{1};
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::thread thread_;
};

Result<HttpAnswer> call(const std::string& url, TlsTrust trust) {
  asio::io_context context{1};
  std::optional<Result<HttpAnswer>> out;
  auto ask = [](HttpUrl to, TlsTrust whom, std::optional<Result<HttpAnswer>>* answer) -> asio::awaitable<void> {
    HttpCall one;
    one.path = "/tsr";
    one.content_type = "application/timestamp-query";
    one.body = "body";
    auto calling = http_call(std::move(to), std::move(one), std::move(whom), 5s);
    auto got = co_await std::move(calling);
    answer->emplace(std::move(got));
  };
  asio::co_spawn(context, ask(*parse_http_url(url, HttpSchemes::http_and_https), std::move(trust), &out),
                 [](std::exception_ptr) {});
  context.run();
  return *out;
}

const std::string kGood = "HTTP/1.1 200 OK\r\nContent-Type: text/x.tlog.size\r\nContent-Length: 2\r\n\r\n5\n";

TEST(HttpTls, AsksWhomItTrusts) {
  const OwnCertificate own = own_certificate("IP:127.0.0.1,DNS:localhost");
  TemporaryFolder folder;
  std::ofstream{folder / "ca.pem"} << own.certificate;
  const auto trust = open_tls_trust((folder / "ca.pem").string());
  ASSERT_TRUE(trust) << trust.error().what;
  for (const char* host : {"127.0.0.1", "localhost"}) {
    SCOPED_TRACE(host);
    TlsServer server{own, kGood};
    const auto answer = call("https://" + std::string{host} + ':' + server.port() + "/prefix", *trust);
    server.end();
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->content_type, "text/x.tlog.size");
    EXPECT_EQ(answer->body, "5\n");
    EXPECT_TRUE(server.request.starts_with("POST /prefix/tsr HTTP/1.1\r\n")) << server.request;
    EXPECT_NE(server.request.find("Content-Type: application/timestamp-query\r\n"), std::string::npos);
  }
}

TEST(HttpTls, TrustsNobodyElse) {
  const OwnCertificate own = own_certificate("IP:127.0.0.1"), other = own_certificate("IP:127.0.0.1"),
                       over = own_certificate("IP:127.0.0.1", -1), elsewhere = own_certificate("DNS:witness.example");
  const struct {
    const char* name;
    const OwnCertificate &server, &trusted;
    const char* says;
  } kCases[] = {{"another certificate", other, own, "its certificate is not trusted (self"},
                {"over", over, over, "certificate has expired"},
                {"for another name", elsewhere, elsewhere, "certificate"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    TemporaryFolder folder;
    std::ofstream{folder / "ca.pem"} << c.trusted.certificate;
    const auto trust = open_tls_trust((folder / "ca.pem").string());
    ASSERT_TRUE(trust);
    TlsServer server{c.server, kGood};
    const auto answer = call("https://127.0.0.1:" + server.port(), *trust);
    server.end();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unavailable);
    EXPECT_NE(answer.error().what.find(c.says), std::string::npos) << answer.error().what;
    EXPECT_EQ(server.request, "") << "nothing was sent";
  }
}

TEST(HttpTls, AnAnswerThatIsCutIsNone) {
  const OwnCertificate own = own_certificate("IP:127.0.0.1");
  TemporaryFolder folder;
  std::ofstream{folder / "ca.pem"} << own.certificate;
  for (const std::string& answer : {kGood.substr(0, kGood.size() - 1), std::string{"HTTP/1.1 200 OK\r\n\r\n5\n"}}) {
    TlsServer server{own, answer};
    const auto got = call("https://127.0.0.1:" + server.port(), *open_tls_trust((folder / "ca.pem").string()));
    EXPECT_FALSE(got);
  }
}

TEST(HttpTls, FilesAndUrls) {
  TemporaryFolder folder;
  const auto missing = open_tls_trust((folder / "none.pem").string());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::not_found);
  std::ofstream{folder / "text.pem"} << "hello";
  const auto text = open_tls_trust((folder / "text.pem").string());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, Errc::malformed);
  EXPECT_TRUE(open_tls_trust(""));
  const auto url = parse_http_url("https://tsa.example/tsr/", HttpSchemes::http_and_https);
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->authority(), "tsa.example:443");
  EXPECT_EQ(url->to_string(), "https://tsa.example:443/tsr");
  EXPECT_FALSE(parse_http_url("ftp://tsa.example", HttpSchemes::http_and_https));
  const auto no_trust = call("https://127.0.0.1:1", nullptr);
  ASSERT_FALSE(no_trust);
  EXPECT_EQ(no_trust.error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace nw::exporter::test
