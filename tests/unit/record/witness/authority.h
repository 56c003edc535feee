// A time-stamping authority for tests, by OpenSSL's own TS_RESP_*: a root, and a certificate for time stamps alone.
#pragma once

#include <ctime>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <string>
#include <string_view>

namespace nw::witness::test {

struct TestCertificate {
  std::shared_ptr<X509> x509;
  std::shared_ptr<EVP_PKEY> key;

  [[nodiscard]] std::string pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), BIO_free};
    PEM_write_bio_X509(out.get(), x509.get());
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

// Valid for a year around `now`. Signed by `issuer`; without one a root. `usage`: extendedKeyUsage, when not empty.
inline TestCertificate make_certificate(const char* name, const char* usage, std::time_t now,
                                        const TestCertificate* issuer = nullptr) {
  static long serial = 1;
  TestCertificate out{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* x = out.x509.get();
  X509_set_version(x, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(x), -180, 0, &now);
  X509_time_adj_ex(X509_getm_notAfter(x), 180, 0, &now);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(x, X509_get_subject_name(issuer != nullptr ? issuer->x509.get() : x));
  X509_set_pubkey(x, out.key.get());
  const auto extend = [x](int nid, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (*usage != '\0') extend(NID_ext_key_usage, usage);
  X509_sign(x, issuer != nullptr ? issuer->key.get() : out.key.get(), EVP_sha256());
  return out;
}

class TestAuthority {
 public:
  explicit TestAuthority(std::time_t now)
      : now_{now},
        root_{make_certificate("Test root", "", now)},
        own_{make_certificate("Test TSA", "critical,timeStamping", now, &root_)} {}

  [[nodiscard]] std::string roots() const { return root_.pem(); }

  // DER of its answer; empty when OpenSSL will not make one.
  [[nodiscard]] std::string reply(std::string_view query, bool grants = true) const {
    const std::unique_ptr<TS_RESP_CTX, decltype(&TS_RESP_CTX_free)> context{TS_RESP_CTX_new(), TS_RESP_CTX_free};
    ASN1_OBJECT* policy = OBJ_txt2obj("1.2.3.4.1", 1);
    TS_RESP_CTX_set_time_cb(
        context.get(),
        [](TS_RESP_CTX*, void* now, long* seconds, long* micro) {
          *seconds = *static_cast<const std::time_t*>(now);
          *micro = 0;
          return 1;
        },
        const_cast<std::time_t*>(&now_));
    TS_RESP_CTX_set_serial_cb(
        context.get(),
        [](TS_RESP_CTX*, void*) {
          ASN1_INTEGER* number = ASN1_INTEGER_new();
          ASN1_INTEGER_set(number, 0x2a17);
          return number;
        },
        nullptr);
    bool made = TS_RESP_CTX_set_signer_cert(context.get(), own_.x509.get()) == 1 &&
                TS_RESP_CTX_set_signer_key(context.get(), own_.key.get()) == 1 &&
                TS_RESP_CTX_set_signer_digest(context.get(), EVP_sha256()) == 1 &&
                TS_RESP_CTX_set_ess_cert_id_digest(context.get(), EVP_sha256()) == 1 &&
                TS_RESP_CTX_set_def_policy(context.get(), policy) == 1;
    // An authority that takes SHA-512 alone refuses us.
    made = made && TS_RESP_CTX_add_md(context.get(), grants ? EVP_sha256() : EVP_sha512()) == 1;
    TS_RESP_CTX_add_flags(context.get(), TS_TSA_NAME);
    ASN1_OBJECT_free(policy);
    if (!made) return {};
    const std::unique_ptr<BIO, decltype(&BIO_free)> in{BIO_new_mem_buf(query.data(), static_cast<int>(query.size())),
                                                       BIO_free};
    const std::unique_ptr<TS_RESP, decltype(&TS_RESP_free)> response{TS_RESP_create_response(context.get(), in.get()),
                                                                     TS_RESP_free};
    unsigned char* der = nullptr;
    const int size = i2d_TS_RESP(response.get(), &der);
    std::string out{reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)};
    OPENSSL_free(der);
    return out;
  }

 private:
  std::time_t now_;
  TestCertificate root_, own_;
};

}  // namespace nw::witness::test
