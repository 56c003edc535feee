// What TLS says over TCP, with numbers to put lost and reordered datagrams right. Taken off them, records and messages
// are TLS's, and are given to its session. | type u8 | version u16 | epoch u16, number u48 | length u16 | fragment |,
// several to a datagram; within handshake fragments | message u8 | length u24 | its number u16 | offset u24 | here u24
// | part of the body | Encrypted is what has an epoch over 0; in DTLS 1.3 it begins with | 001 sealed(5) | ... instead,
// and where both agreed on ids of connections with | 25 | version u16 | epoch u16, number u48 | id | length u16 | ...
#include "ingest/network/protocols/dtls.h"

#include <algorithm>
#include <array>
#include <vector>

#include "ingest/network/protocols/ordered_pieces.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/tls_session.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kHandshake = 22, kApplicationData = 23;
constexpr std::uint8_t kWithId = 25, kAcknowledgement = 26;  // RFC 9146, RFC 9147
constexpr std::uint8_t kClientHello = 1, kServerHello = 2, kHelloVerify = 3, kCertificate = 11;
constexpr std::size_t kAheadMax = 8;  // messages that are put together at a time, per direction
constexpr std::size_t kRecordMax = 16 * 1024;

constexpr bool is_version(std::uint16_t version) noexcept {
  constexpr std::uint16_t kBeforeTheStandard = 0x0100;  // OpenSSL 0.9.8's, which Cisco's clients kept
  return (version >= 0xfefc && version <= 0xfeff && version != 0xfefe) || version == kBeforeTheStandard;
}

std::uint32_t u24be(ByteReader& reader) noexcept {
  const std::uint32_t high = reader.u8();
  return high << 16U | reader.u16be();
}

struct Record {
  std::uint8_t type = 0;
  std::uint16_t version = 0, epoch = 0;
  Bytes fragment;
};

std::optional<DecodeError> read_record(ByteReader& reader, Record& out) noexcept {
  out.type = reader.u8();
  out.version = reader.u16be();
  out.epoch = reader.u16be();
  reader.bytes(6);
  const std::size_t length = reader.u16be();
  if (!reader.ok()) return DecodeError::truncated;
  if (!is_version(out.version) || length > kTlsRecordMax) return DecodeError::bad_value;
  out.fragment = reader.bytes(length);
  if (!reader.ok()) return DecodeError::truncated;
  return {};
}

struct Part {
  std::uint8_t type = 0;
  std::uint32_t length = 0, offset = 0;
  std::uint16_t number = 0;
  Bytes bytes;
};

std::optional<DecodeError> read_part(ByteReader& reader, Part& out) noexcept {
  out.type = reader.u8();
  out.length = u24be(reader);
  out.number = reader.u16be();
  out.offset = u24be(reader);
  out.bytes = reader.bytes(u24be(reader));
  if (!reader.ok()) return DecodeError::truncated;
  if (out.offset + out.bytes.size() > out.length) return DecodeError::bad_value;
  return {};
}

// TLS has no cookie in its hello: | version u16 | random 32 | session id | cookie | ...
void append_client_hello(Bytes body, std::vector<std::uint8_t>& out) {
  ByteReader reader{body};
  reader.bytes(2 + 32);
  reader.bytes(reader.u8());
  const Bytes head = body.first(body.size() - reader.rest().size());
  reader.bytes(reader.u8());
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), reader.rest().begin(), reader.rest().end());
}

class DtlsAnalyzer final : public Analyzer {
 public:
  DtlsAnalyzer(std::size_t ssl_type, std::size_t x509_type) noexcept : events_{ssl_type, x509_type, 'd'} {}

  void datagram(Bytes bytes, Direction direction, Context& context) override {
    if (!begun_) began_ = context.now();
    begun_ = true;
    for (ByteReader reader{bytes}; !reader.empty() && !over_;) {
      const std::uint8_t first = reader.rest().front();
      // STUN and RTP may share the ports: RFC 7983.
      if (first < 20 || first > 63) return;
      // So is what has an id of the connection before its length, which only the two ends know how to read.
      if (first >> 5U == 1 || first == kWithId) return give(kApplicationData, {}, direction, context);
      Record record;
      if (const auto fault = read_record(reader, record)) return context.refused(*fault);
      if (record.type == kAcknowledgement) continue;  // in the clear as long as there are no keys
      // Of what is encrypted only that it is there.
      if (record.epoch != 0) {
        give(record.type, {}, direction, context);
      } else if (record.type != kHandshake) {
        give(record.type, record.fragment, direction, context);
      } else if (const auto fault = handshake(record.fragment, direction, context)) {
        return context.refused(*fault);
      }
    }
  }

  [[nodiscard]] bool done() const noexcept override { return over_; }

  void finish(Context& context) override {
    if (!over_) events_.tell(session_.facts(), began_, context);
  }

 private:
  struct Message {
    std::uint16_t number;
    std::uint8_t type;
    std::uint32_t length;
    OrderedPieces body;
  };
  struct Side {
    bool begun = false;
    std::uint16_t due = 0;          // number of the next message
    std::vector<Message> messages;  // that are not whole, or wait for one before them
  };

  // One TLS record; of a broken one the session counts the reason.
  void give(std::uint8_t type, Bytes fragment, Direction direction, Context& context) {
    constexpr std::uint8_t kMajor = 3, kMinor = 3;
    record_.assign({type, kMajor, kMinor, static_cast<std::uint8_t>(fragment.size() >> 8U),
                    static_cast<std::uint8_t>(fragment.size())});
    record_.insert(record_.end(), fragment.begin(), fragment.end());
    Bytes bytes{record_};
    if (session_.read(bytes, direction, context, events_) == TlsSession::Step::waiting) return;
    events_.tell(session_.facts(), began_, context);
    over_ = true;
  }

  std::optional<DecodeError> handshake(Bytes fragment, Direction direction, Context& context) {
    for (ByteReader reader{fragment}; !reader.empty() && !over_;) {
      Part part;
      if (const auto fault = read_part(reader, part)) return fault;
      if (const auto fault = take(part, direction)) return fault;
      pass_on(direction, context);
    }
    return {};
  }

  std::optional<DecodeError> take(const Part& part, Direction direction) {
    Side& from = sides_[static_cast<std::size_t>(direction)];
    if (!from.begun) from.due = part.number;
    from.begun = true;
    // The numbers of a handshake do not wrap; a lower one was sent again.
    if (part.number < from.due) return {};
    if (static_cast<std::size_t>(part.number - from.due) >= kAheadMax) return DecodeError::limit;
    if (part.length > OrderedPieces::kBytesMax) {
      if (part.number == from.due) ++from.due;
      return DecodeError::too_long;
    }
    auto at = std::ranges::find(from.messages, part.number, &Message::number);
    if (at == from.messages.end())
      at = from.messages.insert(at, Message{part.number, part.type, part.length, OrderedPieces{}});
    if (at->type != part.type || at->length != part.length) return DecodeError::bad_value;
    if (!at->body.add(part.offset, part.bytes)) return DecodeError::limit;
    return {};
  }

  void pass_on(Direction direction, Context& context) {
    Side& from = sides_[static_cast<std::size_t>(direction)];
    while (!over_) {
      const auto at = std::ranges::find(from.messages, from.due, &Message::number);
      if (at == from.messages.end() || at->body.ready().size() != at->length) return;
      message(at->type, at->body.ready(), direction, context);
      from.messages.erase(at);
      ++from.due;
    }
  }

  void message(std::uint8_t type, Bytes body, Direction direction, Context& context) {
    constexpr std::size_t kHeader = 4;
    message_.assign(kHeader, 0);
    if (type == kClientHello)
      append_client_hello(body, message_);
    else
      message_.insert(message_.end(), body.begin(), body.end());
    const std::size_t length = message_.size() - kHeader;
    message_[0] = type;
    message_[2] = static_cast<std::uint8_t>(length >> 8U);
    message_[3] = static_cast<std::uint8_t>(length);
    for (Bytes rest{message_}; !rest.empty() && !over_;) {
      const std::size_t size = std::min(rest.size(), kRecordMax);
      give(kHandshake, rest.first(size), direction, context);
      rest = rest.subspan(size);
    }
  }

  TlsSession session_;
  SslEvents events_;
  std::array<Side, 2> sides_;                   // by direction
  std::vector<std::uint8_t> record_, message_;  // under construction
  Timestamp began_{};
  bool begun_ = false, over_ = false;
};

}  // namespace

std::unique_ptr<Analyzer> make_dtls(std::size_t ssl_type, std::size_t x509_type) {
  return std::make_unique<DtlsAnalyzer>(ssl_type, x509_type);
}

Verdict probe_dtls(Bytes first) {
  ByteReader reader{first};
  Record record;
  Part part;
  if (read_record(reader, record) || record.type != kHandshake || record.epoch != 0) return Verdict::no;
  ByteReader inner{record.fragment};
  if (read_part(inner, part) || part.bytes.empty()) return Verdict::no;
  const bool known =
      part.type == kClientHello || part.type == kServerHello || part.type == kHelloVerify || part.type == kCertificate;
  return known && part.number < kAheadMax ? Verdict::yes : Verdict::no;
}

}  // namespace nw::network
