// A login with keys as an operator of NATS gives them: nkeys (Ed25519 in base32), and the JWTs that they sign.
#include <algorithm>
#include <array>
#include <openssl/evp.h>

#include "unit/ingest/logs/transports/nats_test_support.h"

namespace nw::logs {
namespace {

std::string base32(const std::string& bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  unsigned bits = 0, count = 0;
  for (const char byte : bytes) {
    bits = bits << 8U | static_cast<unsigned char>(byte);
    for (count += 8; count >= 5; count -= 5) out += kDigits[bits >> (count - 5) & 31U];
  }
  if (count != 0) out += kDigits[bits << (5 - count) & 31U];
  return out;
}

std::string base64_url(const std::string& bytes) {
  std::string out(bytes.size() / 3 * 4 + 5, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                                      static_cast<int>(bytes.size()))));
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  while (out.ends_with('=')) out.pop_back();
  return out;
}

// With the checksum that nkeys end in: CRC-16 of XMODEM, the low byte first.
std::string checked(std::string bytes) {
  unsigned crc = 0;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(byte)) << 8U;
    for (int i = 0; i < 8; ++i) crc = ((crc & 0x8000U) != 0 ? crc << 1U ^ 0x1021U : crc << 1U) & 0xFFFFU;
  }
  bytes += static_cast<char>(crc & 0xFFU);
  bytes += static_cast<char>(crc >> 8U);
  return bytes;
}

enum Kind : unsigned char { account = 0, an_operator = 14 << 3, user = 20 << 3 };

class NKey {
 public:
  NKey(Kind kind, char fill) : kind_{kind}, seed_(32, fill) {
    key_ = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(seed_.data()),
                                        seed_.size());
    std::size_t size = public_.size();
    if (key_ == nullptr || EVP_PKEY_get_raw_public_key(key_, public_.data(), &size) != 1) std::abort();
  }
  ~NKey() { EVP_PKEY_free(key_); }
  NKey(const NKey&) = delete;
  NKey& operator=(const NKey&) = delete;

  [[nodiscard]] std::string name() const {
    return base32(checked(static_cast<char>(kind_) + std::string{public_.begin(), public_.end()}));
  }
  [[nodiscard]] std::string seed() const {
    constexpr unsigned char kSeed = 18 << 3;
    const std::string prefix{static_cast<char>(kSeed | kind_ >> 5), static_cast<char>((kind_ & 31) << 3)};
    return base32(checked(prefix + seed_));
  }
  // What this key says of `subject`.
  [[nodiscard]] std::string sign(const std::string& subject, const std::string& nats) const {
    const std::string text = base64_url(R"({"typ":"JWT","alg":"ed25519-nkey"})") + '.' +
                             base64_url(R"({"jti":"1","iat":1700000000,"name":"t","iss":")" + name() + R"(","sub":")" +
                                        subject + R"(","nats":{"version":2,)" + nats + "}}");
    std::string signature(64, '\0');
    std::size_t size = signature.size();
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_) != 1 ||
        EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(text.data()), text.size()) != 1)
      std::abort();
    EVP_MD_CTX_free(context);
    return text + '.' + base64_url(signature);
  }

 private:
  Kind kind_;
  std::string seed_;
  std::array<unsigned char, 32> public_{};
  EVP_PKEY* key_ = nullptr;
};

TEST(NatsCredentials, LogsInWithAnOperatorsKeys) {
  NW_NEED_NATS_SERVER();
  const NKey one{an_operator, 'o'}, site{account, 'a'}, system{account, 'y'}, watcher{user, 'u'},
      stranger{account, 's'};
  const std::string limits =
      R"("type":"account","limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,)"
      R"("conn":-1,"leaf":-1})";
  NatsServer server{"operator: " + one.sign(one.name(), R"("type":"operator")") + "\nsystem_account: " + system.name() +
                    "\nresolver: MEMORY\nresolver_preload: { " + site.name() + ": " + one.sign(site.name(), limits) +
                    ", " + system.name() + ": " + one.sign(system.name(), limits) + " }"};
  server.start();
  const auto credentials = [&](const NKey& by) {
    return "-----BEGIN NATS USER JWT-----\n" +
           by.sign(watcher.name(), R"("type":"user","subs":-1,"data":-1,"payload":-1)") +
           "\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n" + watcher.seed() +
           "\n------END USER NKEY SEED------\n";
  };
  TransportOptions options = nats_options(server, "logs");
  options.credentials_file = server.files.file("user.creds");
  append(options.credentials_file, credentials(stranger));
  NatsBench bench{options};
  ASSERT_TRUE(bench.wait_heard("reason=Authorization Violation"));
  EXPECT_EQ(bench.heard.count("nats_subscribed"), 0U);
  EXPECT_EQ(bench.heard.count(watcher.seed()), 0U);

  std::filesystem::remove(options.credentials_file);
  append(options.credentials_file, credentials(site));
  ASSERT_TRUE(bench.wait_heard("nats_subscribed"));
  Publisher publisher{server.url(), options.credentials_file};
  publisher.publish("logs", "in");
  publisher.flush();
  ASSERT_TRUE(bench.wait(1));
  EXPECT_EQ(bench.lines.all, std::vector<std::string>{"in"});
}

}  // namespace
}  // namespace nw::logs
