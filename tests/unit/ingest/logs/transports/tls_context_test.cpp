#include "ingest/logs/transports/tls_context.h"

#include <algorithm>
#include <openssl/ssl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/yaml.h"
#include "unit/ingest/logs/transports/tls_test_support.h"

namespace nw::logs {
namespace {

struct Files {
  Files() {
    put(options.certificate, server.certificate_pem());
    put(options.key, server.key_pem());
  }
  // Every call of current() looks at the files.
  Result<std::unique_ptr<TlsContext>> open() { return TlsContext::open(options, std::chrono::milliseconds{0}); }

  TempDir directory;
  Identity ca = make_identity("ca");
  Identity server = make_identity("server", &ca);
  TlsOptions options{directory.file("server.pem"), directory.file("server.key"), ""};
};

std::string subject_of(const std::shared_ptr<boost::asio::ssl::context>& context) {
  char name[256] = {};
  const X509* used = SSL_CTX_get0_certificate(context->native_handle());
  X509_NAME_get_text_by_NID(X509_get_subject_name(used), NID_commonName, name, sizeof name);
  return name;
}

TEST(TlsContext, TakesChainKeyAndClientCa) {
  Files files;
  const Identity middle = make_identity("middle");
  put(files.options.certificate, "a comment\n" + files.server.certificate_pem() + middle.certificate_pem());
  files.options.client_ca = files.directory.file("ca.pem");
  put(files.options.client_ca, files.ca.certificate_pem() + middle.certificate_pem());
  const auto tls = files.open();
  ASSERT_TRUE(tls) << tls.error().what;
  SSL_CTX* context = (*tls)->current()->native_handle();
  EXPECT_EQ(subject_of((*tls)->current()), "server");
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(context, &chain);
  EXPECT_EQ(sk_X509_num(chain), 1);
  EXPECT_EQ(SSL_CTX_get_verify_mode(context), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT);
  EXPECT_EQ(sk_X509_NAME_num(SSL_CTX_get_client_CA_list(context)), 2);
  EXPECT_EQ(SSL_CTX_get_min_proto_version(context), TLS1_2_VERSION);
  EXPECT_NEAR(static_cast<double>((*tls)->expires()), static_cast<double>(std::time(nullptr) + 365L * 86400), 60);
}

TEST(TlsContext, WithoutClientCaNobodyIsAsked) {
  Files files;
  const auto tls = files.open();
  ASSERT_TRUE(tls);
  EXPECT_EQ(SSL_CTX_get_verify_mode((*tls)->current()->native_handle()), SSL_VERIFY_NONE);
}

TEST(TlsContext, RefusesByName) {
  struct Case {
    const char* name;
    std::function<void(Files&)> spoil;
    Errc code;
    std::vector<std::string> says;
  };
  const std::vector<Case> cases{
      {"no certificate",
       [](Files& f) { f.options.certificate += "x"; },
       Errc::not_found,
       {"certificate ", "server.pemx", "no such file"}},
      {"no key", [](Files& f) { f.options.key += "x"; }, Errc::not_found, {"key ", "server.keyx"}},
      {"a folder",
       [](Files& f) { f.options.key = f.directory.path.string(); },
       Errc::invalid_argument,
       {"key ", "no file"}},
      {"a FIFO",
       [](Files& f) { ASSERT_EQ(::mkfifo((f.options.key = f.directory.file("fifo")).c_str(), 0600), 0); },
       Errc::invalid_argument,
       {"fifo", "no file"}},
      {"too large",
       [](Files& f) { put(f.options.certificate, std::string((1U << 20) + 1, 'x')); },
       Errc::invalid_argument,
       {"certificate ", "1 MiB"}},
      {"empty certificate",
       [](Files& f) { put(f.options.certificate, ""); },
       Errc::malformed,
       {"certificate ", "BEGIN CERTIFICATE"}},
      {"half a certificate",
       [](Files& f) { put(f.options.certificate, f.server.certificate_pem().substr(0, 200)); },
       Errc::malformed,
       {"certificate "}},
      {"half of the second certificate",
       [](Files& f) { put(f.options.certificate, f.server.certificate_pem() + f.ca.certificate_pem().substr(0, 200)); },
       Errc::malformed,
       {"certificate 2 in it"}},
      {"a certificate as the key",
       [](Files& f) { put(f.options.key, f.ca.certificate_pem()); },
       Errc::malformed,
       {"key ", "no private key"}},
      {"a locked key",
       [](Files& f) { put(f.options.key, f.server.locked_key_pem()); },
       Errc::invalid_argument,
       {"passphrase"}},
      {"another's key",
       [](Files& f) { put(f.options.key, f.ca.key_pem()); },
       Errc::invalid_argument,
       {"server.key", "does not belong", "server.pem"}},
      {"no client_ca",
       [](Files& f) { f.options.client_ca = f.directory.file("ca.pem"); },
       Errc::not_found,
       {"client_ca ", "ca.pem"}},
      {"a client_ca without certificates",
       [](Files& f) { f.options.client_ca = f.options.key; },
       Errc::malformed,
       {"client_ca "}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Files files;
    c.spoil(files);
    const auto tls = files.open();
    ASSERT_FALSE(tls);
    EXPECT_EQ(tls.error().code, c.code) << tls.error().what;
    for (const std::string& word : c.says) {
      EXPECT_NE(tls.error().what.find(word), std::string::npos) << tls.error().what;
    }
  }
}

TEST(TlsContext, AKeyThatMayNotBeRead) {
  if (::geteuid() == 0 && ::seteuid(65534) != 0) GTEST_SKIP() << "cannot give up root's rights";
  Files files;
  ::chmod(files.options.key.c_str(), 0);
  const auto tls = files.open();
  if (::getuid() == 0) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_FALSE(tls);
  EXPECT_EQ(tls.error().code, Errc::no_permission);
  EXPECT_NE(tls.error().what.find(files.options.key), std::string::npos) << tls.error().what;
}

TEST(TlsContext, ARenewalIsTakenAndOldConnectionsKeepTheirs) {
  const Told told;
  Files files;
  auto tls = files.open();
  ASSERT_TRUE(tls);
  const auto old = (*tls)->current();
  EXPECT_EQ((*tls)->current(), old);  // nothing changed, nothing is read
  const Identity fresh = make_identity("fresh", &files.ca, {-1, 90});
  put(files.options.key, fresh.key_pem());
  put(files.options.certificate, fresh.certificate_pem());
  EXPECT_EQ(subject_of((*tls)->current()), "fresh");
  EXPECT_EQ(subject_of(old), "server");
  EXPECT_EQ(told.count("tls_certificate_renewed"), 1U);
  EXPECT_NEAR(static_cast<double>((*tls)->expires()), static_cast<double>(std::time(nullptr) + 90L * 86400), 60);
}

// certbot: live/x.pem is a link to ../archive/x2.pem. Kubernetes: the link is that of the folder.
TEST(TlsContext, ARenewalByLink) {
  Files files;
  namespace fs = std::filesystem;
  const Identity fresh = make_identity("fresh", &files.ca);
  for (const char* version : {"v1", "v2"}) fs::create_directory(files.directory.path / version);
  fs::rename(files.options.certificate, files.directory.path / "v1/server.pem");
  fs::rename(files.options.key, files.directory.path / "v1/server.key");
  put(files.directory.file("v2/server.pem"), fresh.certificate_pem());
  put(files.directory.file("v2/server.key"), fresh.key_pem());
  fs::create_directory_symlink("v1", files.directory.path / "data");
  fs::create_symlink("data/server.pem", files.options.certificate);
  fs::create_symlink("data/server.key", files.options.key);
  auto tls = files.open();
  ASSERT_TRUE(tls) << tls.error().what;
  EXPECT_EQ(subject_of((*tls)->current()), "server");
  fs::create_directory_symlink("v2", files.directory.path / "data.new");
  fs::rename(files.directory.path / "data.new", files.directory.path / "data");
  EXPECT_EQ(subject_of((*tls)->current()), "fresh");
}

TEST(TlsContext, ABadRenewalIsToldOnceAndTheOldOneStays) {
  const Told told;
  Files files;
  auto tls = files.open();
  ASSERT_TRUE(tls);
  const std::int64_t expires = (*tls)->expires();
  const Identity fresh = make_identity("fresh", &files.ca, {-1, 90});
  put(files.options.certificate, fresh.certificate_pem());  // its key has not come yet
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(subject_of((*tls)->current()), "server");
  }
  EXPECT_EQ(told.count("tls_certificate_refused"), 1U);
  EXPECT_NE(told.field("tls_certificate_refused", "reason").find("does not belong"), std::string::npos);
  EXPECT_EQ((*tls)->expires(), expires);
  std::filesystem::remove(files.options.key);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(subject_of((*tls)->current()), "server");
  }
  EXPECT_EQ(told.count("tls_certificate_refused"), 2U);
  put(files.options.key, fresh.key_pem());
  EXPECT_EQ(subject_of((*tls)->current()), "fresh");
  EXPECT_EQ(told.count("tls_certificate_refused"), 2U);
}

TEST(TlsContext, LooksAtTheFilesOnceInAWhile) {
  Files files;
  auto tls = TlsContext::open(files.options, std::chrono::hours{1});
  ASSERT_TRUE(tls);
  const Identity fresh = make_identity("fresh", &files.ca);
  put(files.options.key, fresh.key_pem());
  put(files.options.certificate, fresh.certificate_pem());
  EXPECT_EQ(subject_of((*tls)->current()), "server");
}

TEST(TlsContext, AnEndThatIsNearIsTold) {
  static constexpr struct {
    const char* name;
    Life life;
    std::size_t soon, ended;
  } kCases[] = {
      {"15 days", {-1, 15}, 0, 0},
      {"13 days", {-1, 13}, 1, 0},
      {"ended", {-9, -1}, 0, 1},
      {"no end", {-1, 365 * 1000}, 0, 0},  // past what a Timestamp holds
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const Told told;
    Files files;
    files.server = make_identity("server", &files.ca, c.life);
    put(files.options.certificate, files.server.certificate_pem());
    put(files.options.key, files.server.key_pem());
    auto tls = files.open();
    ASSERT_TRUE(tls);
    for (int i = 0; i < 3; ++i) (void)(*tls)->current();
    EXPECT_EQ(told.count("tls_certificate_ends_soon"), c.soon);
    EXPECT_EQ(told.count("tls_certificate_ended"), c.ended);
    // A renewal that ends soon too is told again.
    ASSERT_EQ(::chmod(files.options.key.c_str(), 0640), 0);
    (void)(*tls)->current();
    EXPECT_EQ(told.count("tls_certificate_renewed"), 1U);
    EXPECT_EQ(told.count("tls_certificate_ends_soon"), 2 * c.soon);
    EXPECT_EQ(told.count("tls_certificate_ended"), 2 * c.ended);
  }
}

TEST(ReadTls, WhatMustBeThere) {
  static constexpr struct {
    const char *text, *says;
    bool required;
  } kCases[] = {
      {"{certificate: c, key: k, client_ca: a}", "", true},
      {"{certificate: c, key: k}", "", true},
      {"{certificate: c}", "'key'", true},
      {"{key: k}", "'certificate'", true},
      {"{}", "", false},
      {"{certificate: c, key: k}", "", false},
      {"{certificate: c}", "its 'key'", false},
      {"{key: k}", "need a 'certificate'", false},
      {"{client_ca: a}", "need a 'certificate'", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    Diagnostics diagnostics;
    const auto documents = parse_yaml(c.text, "t.yaml", diagnostics);
    ASSERT_EQ(documents.size(), 1U);
    YamlMap map{documents[0], "a source", "t.yaml", diagnostics};
    TlsOptions options;
    read_tls(map, options, c.required);
    map.finish();
    EXPECT_EQ(diagnostics.errors() == 0, c.says[0] == '\0');
    std::string all;
    for (const auto& one : diagnostics.all()) all += one.text;
    EXPECT_NE(all.find(c.says), std::string::npos) << all;
  }
}

}  // namespace
}  // namespace nw::logs
