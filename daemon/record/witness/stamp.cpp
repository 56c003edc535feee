#include "record/witness/stamp.h"

#include <ctime>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <optional>
#include <vector>

#include "base/text.h"

namespace nw::witness {

namespace {

struct FreeAny {
  void operator()(TS_REQ* x) const { TS_REQ_free(x); }
  void operator()(TS_RESP* x) const { TS_RESP_free(x); }
  void operator()(TS_MSG_IMPRINT* x) const { TS_MSG_IMPRINT_free(x); }
  void operator()(TS_VERIFY_CTX* x) const { TS_VERIFY_CTX_free(x); }
  void operator()(X509_ALGOR* x) const { X509_ALGOR_free(x); }
  void operator()(ASN1_INTEGER* x) const { ASN1_INTEGER_free(x); }
  void operator()(X509* x) const { X509_free(x); }
  void operator()(BIO* x) const { BIO_free(x); }
  void operator()(BIGNUM* x) const { BN_free(x); }
  void operator()(unsigned char* x) const { OPENSSL_free(x); }
  void operator()(char* x) const { OPENSSL_free(x); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeAny>;

// The reason that OpenSSL gave last, the one nearest to what was asked; its queue is emptied.
std::string openssl_reason() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  const char* data = nullptr;
  int flags = 0;
  ERR_peek_last_error_all(nullptr, nullptr, nullptr, &data, &flags);
  std::string out = text == nullptr ? "OpenSSL does not say why" : text;
  if (data != nullptr && (flags & ERR_TXT_STRING) != 0 && *data != '\0') out += " (" + printable(data, 160) + ')';
  ERR_clear_error();
  return out;
}

Owned<TS_REQ> make_request(const merkle::Hash& digest, std::uint64_t nonce) {
  Owned<TS_REQ> request{TS_REQ_new()};
  const Owned<TS_MSG_IMPRINT> imprint{TS_MSG_IMPRINT_new()};
  const Owned<X509_ALGOR> algorithm{X509_ALGOR_new()};
  const Owned<ASN1_INTEGER> number{ASN1_INTEGER_new()};
  if (!request || !imprint || !algorithm || !number) return nullptr;
  std::vector<unsigned char> bytes{digest.begin(), digest.end()};
  const bool made = X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr) == 1 &&
                    TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get()) == 1 &&
                    TS_MSG_IMPRINT_set_msg(imprint.get(), bytes.data(), static_cast<int>(bytes.size())) == 1 &&
                    ASN1_INTEGER_set_uint64(number.get(), nonce) == 1 && TS_REQ_set_version(request.get(), 1) == 1 &&
                    TS_REQ_set_msg_imprint(request.get(), imprint.get()) == 1 &&
                    TS_REQ_set_nonce(request.get(), number.get()) == 1 && TS_REQ_set_cert_req(request.get(), 1) == 1;
  return made ? std::move(request) : nullptr;
}

Result<Owned<TS_RESP>> read_reply(std::string_view reply) {
  if (reply.empty() || reply.size() > kStampBytesMax)
    return Error{Errc::malformed, "a time stamp has 1 byte to 64 KiB, this has " + std::to_string(reply.size())};
  const auto* at = reinterpret_cast<const unsigned char*>(reply.data());
  const auto* const end = at + reply.size();
  ERR_clear_error();
  Owned<TS_RESP> response{d2i_TS_RESP(nullptr, &at, static_cast<long>(reply.size()))};
  if (!response) return Error{Errc::malformed, "this is no answer of RFC 3161: " + openssl_reason()};
  if (at != end) return Error{Errc::malformed, "bytes follow the answer of RFC 3161"};
  return Result<Owned<TS_RESP>>{std::move(response)};
}

Result<Timestamp> time_of(TS_TST_INFO* info) {
  std::tm at{};
  const ASN1_GENERALIZEDTIME* time = TS_TST_INFO_get_time(info);
  if (time == nullptr || ASN1_TIME_to_tm(time, &at) != 1) {
    ERR_clear_error();
    return Error{Errc::malformed, "the stamp's time cannot be read"};
  }
  // What a Timestamp holds: years 1678 to 2261.
  if (at.tm_year < 70 || at.tm_year > 300) return Error{Errc::malformed, "the stamp's year is not from 1970 to 2200"};
  return Timestamp{std::chrono::seconds{::timegm(&at)}};
}

std::string hex_of(const ASN1_INTEGER* number) {
  const Owned<BIGNUM> value{number == nullptr ? nullptr : ASN1_INTEGER_to_BN(number, nullptr)};
  if (!value || BN_num_bytes(value.get()) > 64) return {};
  const Owned<char> text{BN_bn2hex(value.get())};
  return text ? to_ascii_lower(text.get()) : std::string{};
}

std::string oid_of(const ASN1_OBJECT* object) {
  char text[128] = {};
  const int size = object == nullptr ? 0 : OBJ_obj2txt(text, sizeof text, object, 1);
  return size > 0 && size < static_cast<int>(sizeof text) ? std::string{text} : std::string{};
}

std::string authority_of(TS_TST_INFO* info) {
  const GENERAL_NAME* name = TS_TST_INFO_get_tsa(info);
  if (name == nullptr || name->type != GEN_DIRNAME) return {};
  const Owned<BIO> out{BIO_new(BIO_s_mem())};
  if (!out || X509_NAME_print_ex(out.get(), name->d.directoryName, 0, XN_FLAG_ONELINE) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? printable({data, static_cast<std::size_t>(size)}, 256) : std::string{};
}

// The words of an authority that did not grant the stamp.
std::string refusal_of(TS_STATUS_INFO* status) {
  std::string out = "the authority refused, with status ";
  const ASN1_INTEGER* number = status == nullptr ? nullptr : TS_STATUS_INFO_get0_status(status);
  out += number == nullptr ? "unknown" : std::to_string(ASN1_INTEGER_get(number));
  const STACK_OF(ASN1_UTF8STRING)* texts = status == nullptr ? nullptr : TS_STATUS_INFO_get0_text(status);
  if (texts != nullptr && sk_ASN1_UTF8STRING_num(texts) > 0) {
    const ASN1_UTF8STRING* text = sk_ASN1_UTF8STRING_value(texts, 0);
    out += ": " + printable({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                             static_cast<std::size_t>(ASN1_STRING_length(text))},
                            160);
  }
  return out;
}

}  // namespace

void StampRoots::Free::operator()(void* store) const { X509_STORE_free(static_cast<X509_STORE*>(store)); }

Result<StampRoots> StampRoots::parse(std::string_view pem) {
  StampRoots out;
  X509_STORE* store = X509_STORE_new();
  if (store == nullptr) return Error{Errc::io, "OpenSSL has no memory for certificates"};
  out.store_.reset(store);
  ERR_clear_error();
  const Owned<BIO> bio{BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1U << 20U)))};
  std::size_t count = 0;
  while (const Owned<X509> one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(store, one.get()) != 1)
      return Error{Errc::malformed, "certificate " + std::to_string(count + 1) + ": " + openssl_reason()};
    ++count;
  }
  const unsigned long last = ERR_peek_last_error();
  if (ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE)
    return Error{Errc::malformed, "certificate " + std::to_string(count + 1) + " cannot be read: " + openssl_reason()};
  ERR_clear_error();
  if (count == 0)
    return Error{Errc::malformed,
                 "there is no certificate in PEM (-----BEGIN CERTIFICATE-----); from DER: openssl x509 "
                 "-inform der"};
  return out;
}

Result<std::string> stamp_query(const merkle::Hash& digest, std::uint64_t nonce) {
  const Owned<TS_REQ> request = make_request(digest, nonce);
  unsigned char* raw = nullptr;
  const int size = request ? i2d_TS_REQ(request.get(), &raw) : -1;
  const Owned<unsigned char> der{raw};
  if (size <= 0) return Error{Errc::io, "a query for a time stamp cannot be made: " + openssl_reason()};
  return std::string{reinterpret_cast<const char*>(der.get()), static_cast<std::size_t>(size)};
}

namespace {

// `nonce`: none, when the query is not known any more. `at`: none: when it was stamped.
Result<Stamp> verify(std::string_view reply, const merkle::Hash& digest, std::optional<std::uint64_t> nonce,
                     const StampRoots& roots, std::optional<Timestamp> at) {
  const auto response = read_reply(reply);
  if (!response) return response.error();
  TS_STATUS_INFO* status = TS_RESP_get_status_info(response->get());
  const ASN1_INTEGER* granted = status == nullptr ? nullptr : TS_STATUS_INFO_get0_status(status);
  const long code = granted == nullptr ? -1 : ASN1_INTEGER_get(granted);
  if (code != TS_STATUS_GRANTED && code != TS_STATUS_GRANTED_WITH_MODS)
    return Error{Errc::unavailable, refusal_of(status)};
  TS_TST_INFO* info = TS_RESP_get_tst_info(response->get());
  if (info == nullptr) return Error{Errc::malformed, "the answer has no stamp in it"};
  auto time = time_of(info);
  if (!time) return time.error();

  const Owned<TS_REQ> request = make_request(digest, nonce.value_or(0));
  ERR_clear_error();
  const Owned<TS_VERIFY_CTX> context{request ? TS_REQ_to_TS_VERIFY_CTX(request.get(), nullptr) : nullptr};
  if (!context) return Error{Errc::io, "a time stamp cannot be verified: " + openssl_reason()};
  TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_SIGNATURE);
  if (!nonce) TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_IMPRINT | TS_VFY_SIGNATURE);
  // The context gives its store back when it ends; the time of the check is the store's.
  auto* store = static_cast<X509_STORE*>(roots.store());
  X509_VERIFY_PARAM_set_time(
      X509_STORE_get0_param(store),
      std::chrono::duration_cast<std::chrono::seconds>(at.value_or(*time).time_since_epoch()).count());
  X509_STORE_up_ref(store);
  TS_VERIFY_CTX_set_store(context.get(), store);
  if (TS_RESP_verify_response(context.get(), response->get()) != 1)
    return Error{Errc::no_permission, "the time stamp does not verify: " + openssl_reason()};

  Stamp out;
  out.time = *time;
  out.serial = hex_of(TS_TST_INFO_get_serial(info));
  out.policy = oid_of(TS_TST_INFO_get_policy_id(info));
  out.authority = authority_of(info);
  return out;
}

}  // namespace

Result<Stamp> verify_stamp(std::string_view reply, const merkle::Hash& digest, std::uint64_t nonce,
                           const StampRoots& roots, Timestamp now) {
  return verify(reply, digest, nonce, roots, now);
}

Result<Stamp> verify_kept_stamp(std::string_view reply, const merkle::Hash& digest, const StampRoots& roots) {
  return verify(reply, digest, std::nullopt, roots, std::nullopt);
}

Result<Timestamp> time_of_stamp(std::string_view reply) {
  const auto response = read_reply(reply);
  if (!response) return response.error();
  TS_TST_INFO* info = TS_RESP_get_tst_info(response->get());
  if (info == nullptr) return Error{Errc::malformed, "the answer has no stamp in it"};
  return time_of(info);
}

}  // namespace nw::witness
