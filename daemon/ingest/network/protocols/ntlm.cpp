#include "ingest/network/protocols/ntlm.h"

#include <algorithm>
#include <utility>

#include "ingest/network/protocols/ber.h"
#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t {
  kUsername,
  kHostname,
  kDomain,
  kServerNetbios,
  kServerDns,
  kServerTree,
  kSuccess,
  kVersion,
};
static_assert(kNtlmFields.size() == kVersion + 1);

constexpr std::array<std::uint8_t, 8> kSignature{'N', 'T', 'L', 'M', 'S', 'S', 'P', 0};
constexpr std::size_t kNameBytesMax = 512;  // of each name told; Windows allows 104 letters to a user, 255 to a host
constexpr std::uint32_t kUnicode = 1;       // NTLMSSP_NEGOTIATE_UNICODE
constexpr unsigned kPairsMax = 32;          // of a target info; ten are defined

bool is_ntlm(Bytes bytes) noexcept {
  return bytes.size() >= kSignature.size() && std::ranges::equal(bytes.first(kSignature.size()), kSignature);
}

// The bytes that a field of `message` points to; nothing when they lie outside.
std::optional<Bytes> payload(Bytes message, ByteReader& fields) noexcept {
  const std::size_t length = fields.u16le();
  fields.u16le();
  const std::size_t offset = fields.u32le();
  if (length == 0) return Bytes{};
  if (!fields.ok() || offset > message.size() || length > message.size() - offset) return {};
  return message.subspan(offset, length);
}

std::string name(Bytes bytes, std::uint32_t flags) {
  return (flags & kUnicode) != 0 ? text_of_utf16(bytes, kNameBytesMax) : text_of_oem(bytes, kNameBytesMax);
}

// NegTokenInit or NegTokenResp: the OCTET STRING in the element [2].
Bytes negotiation_token(Bytes sequence) noexcept {
  BerReader elements{sequence};
  while (const auto element = elements.next()) {
    if (element->tag != ber_tag::context(2, true)) continue;
    const auto token = BerReader{element->contents}.next(ber_tag::kOctetString);
    return token ? token->contents : Bytes{};
  }
  return {};
}

}  // namespace

Bytes spnego_token(Bytes blob) noexcept {
  constexpr std::uint8_t kApplication = 0x60;  // RFC 2743 section 3.1
  constexpr std::array<std::uint8_t, 6> kSpnego{0x2b, 6, 1, 5, 5, 2};
  Bytes negotiation = blob;
  if (const auto wrapped = BerReader{blob}.next(kApplication)) {
    BerReader inside{wrapped->contents};
    const auto mechanism = inside.next(ber_tag::kOid);
    if (!mechanism || !std::ranges::equal(mechanism->contents, kSpnego)) return blob;
    const auto first = inside.next();
    if (!first) return {};
    negotiation = first->whole;
  }
  BerReader reader{negotiation};
  auto choice = reader.next(ber_tag::context(0, true));
  if (!choice) choice = reader.next(ber_tag::context(1, true));
  if (!choice) return blob;
  const auto sequence = BerReader{choice->contents}.next(ber_tag::kSequence);
  return sequence ? negotiation_token(sequence->contents) : Bytes{};
}

std::optional<DecodeError> NtlmExchange::take(Bytes token) {
  const Bytes message = spnego_token(token);
  if (!is_ntlm(message)) return {};
  constexpr std::uint32_t kNegotiate = 1, kChallenge = 2, kAuthenticate = 3;
  ByteReader reader{message};
  reader.bytes(kSignature.size());
  const std::uint32_t type = reader.u32le();
  if (type == kChallenge) return challenge(message);
  if (type == kAuthenticate) return authenticate(message);
  if (type != kNegotiate) return DecodeError::bad_value;
  return {};
}

std::optional<DecodeError> NtlmExchange::challenge(Bytes message) {
  constexpr std::size_t kTargetName = 12, kChallengeAndReserved = 16;
  enum : std::uint16_t { kEnd = 0, kNetbios = 1, kDns = 3, kTree = 5 };
  // Another exchange begins; of one that nobody told nothing must be taken for this one's.
  *this = {};
  challenged_ = true;
  ByteReader fields{message};
  fields.bytes(kTargetName + 8);
  fields.u32le();
  fields.bytes(kChallengeAndReserved);
  if (!fields.ok()) return DecodeError::bad_value;
  if (fields.empty()) return {};  // from before there were such pairs
  const std::size_t length = fields.u16le();
  fields.u16le();
  const std::size_t offset = fields.u32le();
  if (!fields.ok() || offset > message.size()) return DecodeError::bad_value;
  // What stands before a fault is told.
  ByteReader reader{message.subspan(offset, std::min(length, message.size() - offset))};
  for (unsigned read = 0; !reader.empty(); ++read) {
    const std::uint16_t id = reader.u16le();
    const Bytes value = reader.bytes(reader.u16le());
    if (!reader.ok()) return DecodeError::bad_value;
    if (id == kEnd) break;
    if (read == kPairsMax) return DecodeError::limit;
    // Always UTF-16 ([MS-NLMP] 2.2.2.1).
    if (id == kNetbios) server_netbios_ = text_of_utf16(value, kNameBytesMax);
    if (id == kDns) server_dns_ = text_of_utf16(value, kNameBytesMax);
    if (id == kTree) server_tree_ = text_of_utf16(value, kNameBytesMax);
  }
  return length > message.size() - offset ? std::optional{DecodeError::bad_value} : std::nullopt;
}

std::optional<DecodeError> NtlmExchange::authenticate(Bytes message) {
  constexpr std::size_t kHead = 12;
  authenticated_ = true;
  username_.clear();
  hostname_.clear();
  domain_.clear();
  version_ = {};
  ByteReader fields{message};
  fields.bytes(kHead);
  const auto lan_manager = payload(message, fields), proof = payload(message, fields);
  const auto domain = payload(message, fields), user = payload(message, fields), host = payload(message, fields);
  payload(message, fields);  // the session key
  // Before Windows 2000 the flags were not there, and names in UTF-16 by NT.
  const std::uint32_t flags = fields.rest().size() >= 4 ? fields.u32le() : kUnicode;
  if (!fields.ok()) return DecodeError::bad_value;
  // One field that lies must not hide the others.
  const auto told = [&](const std::optional<Bytes>& field) { return name(field.value_or(Bytes{}), flags); };
  answered(told(user), told(domain), proof ? proof->size() : 0);
  hostname_ = told(host);
  if (!proof || !user) version_ = {};
  const bool whole = lan_manager && proof && domain && user && host;
  return whole ? std::nullopt : std::optional{DecodeError::bad_value};
}

void NtlmExchange::answered(std::string username, std::string domain, std::size_t proof_bytes) {
  constexpr std::size_t kVersion1Bytes = 24;
  authenticated_ = true;
  username_ = std::move(username);
  domain_ = std::move(domain);
  const bool anonymous = proof_bytes == 0 && username_.empty();
  version_ = anonymous ? "anonymous" : proof_bytes > kVersion1Bytes ? "NTLMv2" : "NTLMv1";
}

void NtlmExchange::write(EventWriter& out, std::optional<bool> success) {
  const auto set = [&out](Field field, const std::string& text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  };
  set(kUsername, username_);
  set(kHostname, hostname_);
  set(kDomain, domain_);
  set(kServerNetbios, server_netbios_);
  set(kServerDns, server_dns_);
  set(kServerTree, server_tree_);
  if (success) out.set(kSuccess, Value::boolean(*success));
  if (!version_.empty()) out.set(kVersion, Value::text(version_));
  *this = {};
}

}  // namespace nw::network
