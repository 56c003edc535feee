#include "record/evidence/format.h"

#include <algorithm>
#include <bit>
#include <sodium/crypto_aead_xchacha20poly1305.h>
#include <sodium/crypto_box.h>
#include <sodium/randombytes.h>
#include <utility>

#include "record/ledger/crc32c.h"
#include "record/privacy/forms.h"

namespace nw::record {

namespace {

constexpr std::string_view kHeadMark = "NWevid1\n", kObjectMark = "NWob", kDomain = "normwatch-evidence/v1";
constexpr std::size_t kObjectCrcFrom = 8;

static_assert(crypto_box_SEALBYTES + 32 == EvidenceHead::kSealedKeyBytes);
static_assert(crypto_aead_xchacha20poly1305_ietf_ABYTES + 32 == ObjectHead::kAround);
static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES == 24);

void append_number(std::uint64_t value, unsigned bytes, std::string& out) {
  for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

void append_bytes(Bytes bytes, std::string& out) { out.append(bytes.begin(), bytes.end()); }

std::uint64_t u64le(ByteReader& reader) {
  const std::uint64_t low = reader.u32le();
  return low | std::uint64_t{reader.u32le()} << 32U;
}

std::string additional_data(const ObjectHead& head, privacy::Epoch epoch) {
  std::string out{kDomain};
  out += epoch.to_string();
  append_number(head.bytes, 4, out);
  append_number(static_cast<std::uint64_t>(to_unix_nanoseconds(head.stored)), 8, out);
  append_bytes(head.alert, out);
  append_number(static_cast<std::uint64_t>(head.kind), 1, out);
  return out;
}

const unsigned char* raw(std::string_view text) { return privacy::bytes_of(text).data(); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

Error changed(std::string_view what) {
  return Error{Errc::malformed, "this piece of evidence was changed or damaged: " + std::string{what}};
}

}  // namespace

std::string EvidenceHead::to_bytes() const {
  std::string out{kHeadMark};
  append_number(epoch.year, 2, out);
  append_number(epoch.month, 1, out);
  out += '\0';
  append_bytes(key, out);
  append_bytes(sealed_key, out);
  append_number(crc32c(out), 4, out);
  return out;
}

std::optional<EvidenceHead> EvidenceHead::parse(std::string_view bytes) {
  if (bytes.size() < kBytes || !bytes.starts_with(kHeadMark)) return std::nullopt;
  ByteReader reader{privacy::bytes_of(bytes.substr(kHeadMark.size(), kBytes - kHeadMark.size()))};
  EvidenceHead head;
  head.epoch.year = reader.u16le();
  head.epoch.month = reader.u8();
  const bool zero = reader.u8() == 0;
  std::ranges::copy(reader.bytes(head.key.size()), head.key.begin());
  std::ranges::copy(reader.bytes(head.sealed_key.size()), head.sealed_key.begin());
  const bool sound = reader.u32le() == crc32c(bytes.substr(0, kBytes - 4));
  if (!zero || !sound || !privacy::Epoch::parse(head.epoch.to_string())) return std::nullopt;
  return head;
}

std::string ObjectHead::to_bytes() const {
  std::string rest;
  append_number(bytes, 4, rest);
  append_number(body_crc, 4, rest);
  append_number(static_cast<std::uint64_t>(to_unix_nanoseconds(stored)), 8, rest);
  append_bytes(alert, rest);
  append_bytes(nonce, rest);
  append_number(static_cast<std::uint64_t>(kind), 1, rest);
  append_number(0, 2, rest);
  std::string out{kObjectMark};
  append_number(crc32c(rest), 4, out);
  out += rest;
  append_number(static_cast<std::uint64_t>(state), 1, out);
  return out;
}

std::optional<ObjectHead> ObjectHead::parse(std::string_view bytes) {
  if (bytes.size() < kBytes || !bytes.starts_with(kObjectMark)) return std::nullopt;
  ByteReader reader{privacy::bytes_of(bytes.substr(kObjectMark.size(), kBytes - kObjectMark.size()))};
  const std::uint32_t crc = reader.u32le();
  if (crc != crc32c(bytes.substr(kObjectCrcFrom, kStateAt - kObjectCrcFrom))) return std::nullopt;
  ObjectHead head;
  head.bytes = reader.u32le();
  head.body_crc = reader.u32le();
  head.stored = from_unix_nanoseconds(static_cast<std::int64_t>(u64le(reader)));
  std::ranges::copy(reader.bytes(head.alert.size()), head.alert.begin());
  std::ranges::copy(reader.bytes(head.nonce.size()), head.nonce.begin());
  const std::uint8_t kind = reader.u8();
  const std::uint16_t zero = reader.u16le();
  const std::uint8_t state = reader.u8();
  if (kind >= kEvidenceKinds.size() || zero != 0 || head.bytes > kEvidenceBytesMax) return std::nullopt;
  head.kind = static_cast<EvidenceKind>(kind);
  int nearest = 8;
  for (const ObjectState each : {ObjectState::erased, ObjectState::erasing, ObjectState::live}) {
    const int apart = std::popcount(static_cast<unsigned>(state ^ static_cast<std::uint8_t>(each)));
    if (apart > nearest) continue;
    nearest = apart;  // of two that are as near, the one that keeps more
    head.state = each;
  }
  head.state_damaged = nearest != 0;
  return head;
}

Result<std::string> seal_body(ObjectHead& head, privacy::Epoch epoch, const privacy::Key32& data_key,
                              const privacy::Nonce& nonce, std::string_view bytes) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up; nothing was sealed"};
  head.bytes = static_cast<std::uint32_t>(bytes.size());
  randombytes_buf(head.nonce.data(), head.nonce.size());
  std::string body;
  body.reserve(head.body_bytes());
  append_bytes(nonce, body);
  body += bytes;
  const std::size_t clear = body.size();
  body.resize(head.body_bytes());
  const std::string data = additional_data(head, epoch);
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(body), nullptr, raw(body), clear, raw(data), data.size(), nullptr,
                                             head.nonce.data(), data_key.bytes().data());
  head.body_crc = crc32c(body);
  return body;
}

Result<privacy::Key32> make_data_key(EvidenceHead& head) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up; nothing was sealed"};
  privacy::Key32 key;
  randombytes_buf(key.writable().data(), 32);
  if (crypto_box_seal(head.sealed_key.data(), key.bytes().data(), 32, head.key.data()) != 0)
    return Error{Errc::unavailable, "nothing can be sealed for the evidence key of " + head.epoch.to_string()};
  return key;
}

Result<OpenedEvidence> open_evidence(std::string_view sealed, const privacy::PublicKey& key,
                                     const privacy::Key32& secret_key) {
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up; nothing was opened"};
  const auto segment = EvidenceHead::parse(sealed);
  if (!segment) return changed("its segment's head");
  const auto head = ObjectHead::parse(sealed.substr(EvidenceHead::kBytes));
  if (!head) return changed("its header");
  const std::string_view body = sealed.substr(EvidenceHead::kBytes + ObjectHead::kBytes);
  if (body.size() != head->body_bytes()) return changed("its length");
  if (head->state != ObjectState::live) return Error{Errc::not_found, "this piece of evidence was erased"};
  if (segment->key != key)
    return Error{Errc::no_permission, "it is sealed for the evidence key " +
                                          privacy::to_hex(privacy::fingerprint_of(segment->key)) + " of " +
                                          segment->epoch.to_string() + ", not for " +
                                          privacy::to_hex(privacy::fingerprint_of(key))};
  privacy::Key32 data_key;
  if (crypto_box_seal_open(data_key.writable().data(), segment->sealed_key.data(), segment->sealed_key.size(),
                           key.data(), secret_key.bytes().data()) != 0)
    return Error{Errc::no_permission, "the secret key does not open it: it is not the one of " +
                                          privacy::to_hex(privacy::fingerprint_of(key)) + ", or the head was changed"};
  const std::string data = additional_data(*head, segment->epoch);
  std::string clear(body.size() - 16, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(raw(clear), nullptr, nullptr, raw(body), body.size(), raw(data),
                                                 data.size(), head->nonce.data(), data_key.bytes().data()) != 0)
    return changed("what it says, or of which alert it is");
  OpenedEvidence out;
  out.object =
      EvidenceObject{privacy::to_hex(head->alert), head->kind, segment->epoch, head->stored, head->bytes, false};
  std::copy_n(clear.begin(), out.nonce.size(), out.nonce.begin());
  out.bytes = clear.substr(out.nonce.size());
  return out;
}

}  // namespace nw::record
