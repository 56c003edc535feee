// Certificates for the tests of TLS: a CA of one's own, and what it signs, made with OpenSSL's API.
#pragma once

#include <ctime>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/log.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {

struct Identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  [[nodiscard]] std::string certificate_pem() const {
    return pem([this](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); });
  }
  [[nodiscard]] std::string key_pem() const {
    return pem(
        [this](BIO* out) { return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  [[nodiscard]] std::string locked_key_pem() const {
    return pem([this](BIO* out) {
      char word[] = "secret";
      return PEM_write_bio_PrivateKey(out, key.get(), EVP_aes_128_cbc(), nullptr, 0, nullptr, word);
    });
  }

 private:
  static std::string pem(const std::function<int(BIO*)>& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), BIO_free};
    if (write(out.get()) != 1) throw std::runtime_error{"no PEM"};
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

struct Life {
  long from_days = -1, to_days = 365;  // from now
};

// Signed by `issuer`; without one by itself, and then a CA.
inline Identity make_identity(const std::string& name, const Identity* issuer = nullptr, Life life = {}) {
  static long serial = std::time(nullptr);
  Identity out{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* x = out.certificate.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(x), static_cast<int>(life.from_days), 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(x), static_cast<int>(life.to_days), 0, nullptr);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer->certificate.get() : x));
  X509_set_pubkey(x, out.key.get());
  const auto extend = [x](int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (X509_sign(x, issuer != nullptr ? issuer->key.get() : out.key.get(), EVP_sha256()) == 0)
    throw std::runtime_error{"cannot sign"};
  return out;
}

// As a renewal does it: the new file is complete before it gets the name.
inline void put(const std::string& path, const std::string& text) {
  std::ofstream{path + ".new", std::ios::binary} << text;
  std::filesystem::rename(path + ".new", path);
}

// What the daemon logged meanwhile.
class Told {
 public:
  Told() {
    set_log_sink([this](const LogLine& line) { lines_.push_back(line); });
  }
  ~Told() { set_log_sink({}); }
  Told(const Told&) = delete;
  Told& operator=(const Told&) = delete;

  [[nodiscard]] std::size_t count(std::string_view code) const {
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [&](const LogLine& line) { return line.code == code; }));
  }
  // Of the last line of that code.
  [[nodiscard]] std::string field(std::string_view code, std::string_view name) const {
    std::string found;
    for (const LogLine& line : lines_)
      for (const LogField& field : line.fields)
        if (line.code == code && field.name == name) found = field.value;
    return found;
  }

 private:
  std::vector<LogLine> lines_;
};

}  // namespace nw::logs
