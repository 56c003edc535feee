#include "ingest/network/protocols/routed_session.h"

#include <string_view>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {
namespace {

using event::Value;

constexpr std::uint8_t kUnitData = 0x40, kFirstSpdu = 0xa0, kCommonHead = 0x80, kFirstElement = 0x81;
constexpr unsigned kKinds = 4;
constexpr std::uint8_t kPadding = 0xaf, kSignature = 0x85;

[[nodiscard]] bool is_spdu(std::uint8_t octet) noexcept { return octet >= kFirstSpdu && octet < kFirstSpdu + kKinds; }

// Behind the transport's head; all of it where there is none.
Bytes session_of(Bytes datagram) noexcept {
  if (datagram.size() < 2 || is_spdu(datagram[0])) return datagram;
  constexpr std::uint8_t kTransportMax = 15;  // octets of its head; with addresses it would not be over UDP
  const std::size_t head = 1U + datagram[0];
  const bool unit_data = datagram[0] != 0 && datagram[0] <= kTransportMax && datagram[1] == kUnitData;
  return unit_data && datagram.size() > head ? datagram.subspan(head) : Bytes{};
}

struct Security {
  std::uint32_t key_id = 0;
  std::optional<std::uint8_t> encryption, signing;
  bool has_vector = false;
  Bytes payload, behind;
};

// Nothing when the payload does not fit: then it is the other version's.
std::optional<Security> read_security(ByteReader in, bool first_version) noexcept {
  Security out;
  if (first_version) {
    out.encryption = in.u8();
    out.signing = in.u8();
  }
  out.key_id = in.u32be();
  if (!first_version) {
    const std::uint8_t vector = in.u8();
    in.bytes(vector);
    out.has_vector = vector != 0;
  }
  const std::uint32_t length = in.u32be();
  if (!in.ok() || length > in.rest().size()) return {};
  out.payload = in.rest().first(length);
  out.behind = in.rest().subspan(length);
  return out;
}

// Some write one length and send twice as much: what stands there counts.
std::size_t signature_bytes(Bytes behind) noexcept {
  ByteReader in{behind};
  std::uint8_t tag = in.u8();
  if (tag == kPadding) {
    in.bytes(in.u8());
    tag = in.u8();
  }
  const std::uint8_t length = in.u8();
  return in.ok() && tag == kSignature && length != 0 ? in.rest().size() : 0;
}

constexpr std::array<std::string_view, kKinds> kKindNames{"tunnel", "goose", "sv", "management"};
constexpr std::array<std::string_view, 3> kEncryptions{"none", "aes_128_gcm", "aes_256_gcm"};
constexpr std::array<std::string_view, 6> kSignings{
    "none", "hmac_sha256_80", "hmac_sha256_128", "hmac_sha256_256", "aes_gmac_64", "aes_gmac_128"};

void set_algorithm(EventWriter& out, std::size_t field, std::span<const std::string_view> names,
                   const std::optional<std::uint8_t>& number) {
  if (!number) return;
  if (*number < names.size()) return out.set(field, Value::text(names[*number]));
  set_hex_number(out, field, *number);
}

}  // namespace

bool looks_routed(Bytes datagram) noexcept {
  const Bytes session = session_of(datagram);
  return session.size() > 3 && is_spdu(session[0]) && session[2] == kCommonHead;
}

std::optional<DecodeError> read_routed(Bytes datagram, RoutedSession& out) noexcept {
  constexpr std::size_t kCommonMin = 10;  // up to the version
  ByteReader in{session_of(datagram)};
  const std::uint8_t kind = in.u8();
  const std::uint8_t length = in.u8();
  const std::uint8_t common = in.u8();
  const std::uint8_t common_length = in.u8();
  if (in.ok() && (!is_spdu(kind) || common != kCommonHead || common_length < kCommonMin || length < common_length))
    return DecodeError::bad_value;
  in.u32be();  // the SPDU's length, which everyone counts in his own way
  out.spdu_number = in.u32be();
  out.version = in.u16be();
  in.u32be();
  in.u16be();
  if (!in.ok()) return DecodeError::truncated;
  out.kind = static_cast<RoutedKind>(kind - kFirstSpdu);
  const bool says_first = out.version == 1;
  auto security = read_security(in, says_first);
  if (!security) security = read_security(in, !says_first);
  if (!security) return DecodeError::truncated;
  out.key_id = security->key_id;
  out.encryption = security->encryption;
  out.signing = security->signing;
  out.has_vector = security->has_vector;
  out.payload = security->payload;
  out.signature_bytes = signature_bytes(security->behind);
  return {};
}

bool RoutedElements::next(RoutedElement& out) noexcept {
  if (rest_.empty()) return false;
  broken_ = true;
  out = {};
  ByteReader in{rest_};
  const std::uint8_t type = in.u8();
  out.head.simulated = in.u8() != 0;
  out.head.appid = in.u16be();
  out.head.length = in.u16be();
  if (!in.ok() || type < kFirstElement || type >= kFirstElement + kKinds) return false;
  constexpr std::array<RoutedKind, kKinds> kOfElement{RoutedKind::goose, RoutedKind::sv, RoutedKind::tunnel,
                                                      RoutedKind::management};
  out.kind = kOfElement[type - kFirstElement];
  out.head.has_head = true;
  const bool readable = out.kind == RoutedKind::goose || out.kind == RoutedKind::sv;
  if (!readable) {
    // Nobody published where it ends.
    out.head.apdu = in.rest();
    rest_ = {};
    broken_ = false;
    return true;
  }
  BerReader body{in.rest()};
  const auto apdu = body.next(out.kind == RoutedKind::goose ? kGoosePdu : kSavPdu);
  if (!apdu) return false;
  out.head.apdu = apdu->contents;
  rest_ = in.rest().subspan(apdu->whole.size());
  broken_ = false;
  return true;
}

void write_origin(EventWriter& out, std::size_t routed, const Iec61850Origin& origin) {
  write_l2(out, origin.ends);
  if (origin.session == nullptr) return;
  const RoutedSession& session = *origin.session;
  out.set(routed + kRoutedIsOrig, Value::boolean(origin.direction == Direction::to_responder));
  out.set(routed + kRoutedSpdu, Value::text(kKindNames[static_cast<std::size_t>(session.kind)]));
  out.set(routed + kRoutedSpduNumber, Value::integer(session.spdu_number));
  out.set(routed + kRoutedSigned, Value::boolean(origin.is_signed()));
  set_algorithm(out, routed + kRoutedSignatureAlgorithm, kSignings, session.signing);
  set_algorithm(out, routed + kRoutedEncryptionAlgorithm, kEncryptions, session.encryption);
  set_hex_number(out, routed + kRoutedKeyId, session.key_id);
}

void tell_sealed(std::size_t type, std::size_t routed, const Iec61850Origin& origin, bool encrypted, Context& context) {
  if (!context.wants(type)) return;
  EventWriter out = context.begin(type, context.now());
  write_origin(out, routed, origin);
  if (encrypted) out.set(routed + kRoutedEncrypted, Value::boolean(true));
  write_ics(out, routed + kRoutedFields, IcsCommand{});
  context.emit();
}

}  // namespace nw::network
