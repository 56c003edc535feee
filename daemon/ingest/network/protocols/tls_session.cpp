#include "ingest/network/protocols/tls_session.h"

#include <algorithm>

#include "ingest/network/protocols/tls_names.h"

namespace nw::network {

namespace {

enum ContentType : std::uint8_t { kChangeCipherSpec = 20, kAlert, kHandshake, kApplicationData, kHeartbeat };
enum MessageType : std::uint8_t {
  kClientHello = 1,
  kServerHello = 2,
  kHelloRetryRequest = 6,  // for the history only: since draft 22 it has the shape of a ServerHello
  kCertificate = 11,
  kServerKeyExchange = 12,
  kClientKeyExchange = 16,
};
constexpr std::size_t kMessageHeader = 4;

constexpr bool is_read(std::uint8_t type) noexcept {
  return type == kClientHello || type == kServerHello || type == kCertificate || type == kServerKeyExchange;
}

std::uint32_t u24be(ByteReader& reader) noexcept {
  const std::uint32_t high = reader.u8();
  return high << 16U | reader.u16be();
}

}  // namespace

TlsSession::Step TlsSession::read(Bytes& bytes, Direction direction, Context& context, TlsCertificateTaker& taker) {
  while (!over()) {
    // Nothing more of this side is wanted; the other may still have something to say.
    if (side(direction).lost || side(direction).ciphertext) {
      bytes = {};
      break;
    }
    ByteReader reader{bytes};
    const auto fault = record(reader, direction, context, taker);
    if (fault == DecodeError::truncated) break;
    if (fault) {
      context.refused(*fault);
      return Step::broken;
    }
    side(direction).begun = true;
    bytes = reader.rest();
  }
  return over() ? Step::over : Step::waiting;
}

void TlsSession::gap(Direction direction) {
  side(direction) = {};
  side(direction).lost = true;
}

bool TlsSession::over() const noexcept {
  return fatal_ || std::ranges::all_of(sides_, [](const Side& s) { return s.lost || s.ciphertext; });
}

void TlsSession::letter(char server_letter, Direction direction) {
  if (facts_.history.size() == kTlsHistoryMax) return;
  facts_.history += is_client(direction) ? static_cast<char>(server_letter - 'a' + 'A') : server_letter;
}

// `truncated` asks for more bytes.
std::optional<DecodeError> TlsSession::record(ByteReader& reader, Direction direction, Context& context,
                                              TlsCertificateTaker& taker) {
  Side& from = side(direction);
  if (!from.begun && !reader.empty() && reader.rest().front() >= 0x80) return ssl2_hello(reader, direction);
  const std::uint8_t type = reader.u8();
  const std::uint16_t version = reader.u16be();
  const std::size_t length = reader.u16be();
  if (!reader.ok()) return DecodeError::truncated;
  if (type < kChangeCipherSpec || type > kHeartbeat || version < 0x0300 || version > 0x0304 || length > kTlsRecordMax)
    return DecodeError::bad_value;
  const Bytes fragment = reader.bytes(length);
  if (!reader.ok()) return DecodeError::truncated;
  const Side& other = side(opposite(direction));
  // Only TLS 1.3 has a clear message behind a ChangeCipherSpec: the second ClientHello.
  const bool hello = !fragment.empty() && fragment.front() == kClientHello;
  if (from.announced && !tls13() && type == kHandshake && !hello) from.switched = true;
  if (from.switched || (type == kApplicationData && (tls13() || other.lost))) {
    from.switched = from.ciphertext = true;
    // Zeek's meaning: an encrypted message while both sides encrypt.
    facts_.established = other.switched;
    return {};
  }
  switch (type) {
    case kChangeCipherSpec: change_cipher_spec(direction); break;
    case kAlert: alerts(fragment, direction); break;
    case kHandshake: handshake(fragment, direction, context, taker); break;
    case kHeartbeat: letter('b', direction); break;
    default:
      letter('d', direction);
      if (++from.early_records == kTlsEarlyRecordsMax) from.ciphertext = true;
  }
  return {};
}

std::optional<DecodeError> TlsSession::ssl2_hello(ByteReader& reader, Direction direction) {
  constexpr std::size_t kHeader = 9, kCipherBytes = 3;
  const std::size_t length = reader.u16be() & 0x7fffU;
  const std::uint8_t type = reader.u8();
  const std::uint16_t version = reader.u16be();
  const std::size_t ciphers = reader.u16be(), session_id = reader.u16be(), challenge = reader.u16be();
  if (!reader.ok()) return DecodeError::truncated;
  if (type != kClientHello || version >> 8U != 3 || ciphers % kCipherBytes != 0 ||
      length != kHeader + ciphers + session_id + challenge || length > kTlsRecordMax)
    return DecodeError::bad_value;
  reader.bytes(length - kHeader);
  if (!reader.ok()) return DecodeError::truncated;
  requests_ = direction;
  letter('c', direction);
  return {};
}

void TlsSession::change_cipher_spec(Direction direction) {
  letter('i', direction);
  side(direction).announced = true;
  // In TLS 1.3 it says nothing. A client's before the ServerHello can only be TLS 1.3's.
  if (tls13() || (is_client(direction) && !facts_.version && !side(opposite(direction)).lost)) return;
  Side& from = side(direction);
  from.switched = true;
  if (is_client(direction) && facts_.version) facts_.resumed = !from.key_exchange;
}

void TlsSession::alerts(Bytes fragment, Direction direction) {
  constexpr std::uint8_t kFatal = 2;
  for (ByteReader reader{fragment}; reader.rest().size() >= 2;) {
    if (reader.u8() == kFatal) fatal_ = true;
    facts_.alert = reader.u8();
    letter('l', direction);
  }
}

// Messages that lie in one record are read where they lie; the beginning of one that does not waits.
void TlsSession::handshake(Bytes fragment, Direction direction, Context& context, TlsCertificateTaker& taker) {
  Side& from = side(direction);
  if (from.pending.empty()) {
    const Bytes rest = messages(fragment, direction, context, taker);
    from.pending.assign(rest.begin(), rest.end());
    return;
  }
  std::vector<std::uint8_t> joined = std::move(from.pending);
  joined.insert(joined.end(), fragment.begin(), fragment.end());
  const Bytes rest = messages(joined, direction, context, taker);
  joined.erase(joined.begin(), joined.end() - static_cast<std::ptrdiff_t>(rest.size()));
  from.pending = std::move(joined);
}

// Reads whole messages; the rest is less than one that is to be read, so at most kTlsMessageMax and its header.
Bytes TlsSession::messages(Bytes in, Direction direction, Context& context, TlsCertificateTaker& taker) {
  Side& from = side(direction);
  for (;;) {
    const std::size_t skipped = std::min(from.skip, in.size());
    from.skip -= skipped;
    in = in.subspan(skipped);
    ByteReader reader{in};
    const std::uint8_t type = reader.u8();
    const std::size_t length = u24be(reader);
    if (!reader.ok()) return in;
    if (!is_read(type) || length > kTlsMessageMax) {
      if (is_read(type)) context.refused(DecodeError::too_long);
      message(type, {}, direction, context, taker);
      from.skip = kMessageHeader + length;
      continue;
    }
    const Bytes body = reader.bytes(length);
    if (!reader.ok()) return in;
    message(type, body, direction, context, taker);
    in = reader.rest();
  }
}

// `body` is empty when the message is passed over.
void TlsSession::message(std::uint8_t type, Bytes body, Direction direction, Context& context,
                         TlsCertificateTaker& taker) {
  if (type == kClientHello) requests_ = direction;
  if (type == kServerHello) requests_ = opposite(direction);
  const bool retry = type == kServerHello && [&] {
    ServerHello hello;
    return !read_server_hello(body, hello) && hello.retry();
  }();
  letter(tls_handshake_letter(retry ? std::uint8_t{kHelloRetryRequest} : type), direction);
  if (type == kClientKeyExchange) side(direction).key_exchange = true;
  if (body.empty()) return;
  switch (type) {
    case kClientHello: return client_hello(body, context);
    case kServerHello: return server_hello(body, context);
    case kServerKeyExchange: return server_key_exchange(body);
    case kCertificate: {
      ByteReader reader{body};
      const std::size_t length = u24be(reader);
      if (!reader.ok() || length != reader.rest().size()) context.refused(DecodeError::bad_value);
      return taker.certificates(reader.rest(), is_client(direction), facts_, context);
    }
    default: return;
  }
}

void TlsSession::client_hello(Bytes body, Context& context) {
  ClientHello hello;
  if (const auto fault = read_client_hello(body, hello)) context.refused(*fault);
  if (facts_.client_hello.empty()) facts_.client_hello.assign(body.begin(), body.end());
}

void TlsSession::server_hello(Bytes body, Context& context) {
  ServerHello hello;
  if (const auto fault = read_server_hello(body, hello)) {
    context.refused(*fault);
    // Its extensions may be damaged, but what stands before them must be there.
    if (fault == DecodeError::truncated) return;
  }
  facts_.server_hello.assign(body.begin(), body.end());
  facts_.version = hello.chosen_version();
  facts_.cipher = hello.cipher;
  if (const auto share = find_extension(hello.extensions, tls_extension::kKeyShare); share && share->size() >= 2)
    facts_.group = ByteReader{*share}.u16be();
  ClientHello asked;
  (void)read_client_hello(facts_.client_hello, asked);
  // What TLS 1.2 says here is an offer taken up; whether it was shows in what the client does next.
  facts_.resumed = tls13() ? find_extension(hello.extensions, tls_extension::kPreSharedKey).has_value()
                           : !hello.session_id.empty() && std::ranges::equal(hello.session_id, asked.session_id);
}

// | 3: a named curve | curve u16 | ..., of the key exchanges over elliptic curves (RFC 8422 section 5.4).
void TlsSession::server_key_exchange(Bytes body) {
  constexpr std::uint8_t kNamedCurve = 3;
  const std::string_view cipher = facts_.cipher ? tls_cipher_name(*facts_.cipher) : std::string_view{};
  if (!cipher.starts_with("TLS_ECDHE_") && !cipher.starts_with("TLS_ECDH_ANON_")) return;
  ByteReader reader{body};
  const std::uint8_t kind = reader.u8();
  const std::uint16_t curve = reader.u16be();
  if (reader.ok() && kind == kNamedCurve) facts_.group = curve;
}

}  // namespace nw::network
