// The clear part of a TLS connection (RFC 8446, RFC 5246; SSL 3, RFC 6101): records to handshake messages to facts. It
// ends when both sides encrypt, at a fatal alert, or with the connection.
// | type u8 | version u16 | length u16 | fragment |, fragments joined: | message u8 | length u24 | body |
// An SSL 2 ClientHello that offers SSL 3 or TLS (RFC 5246 appendix E.2) is taken as a first record:
// | 0x80 + length u16 | 1 | version u16 | ciphers u16 | session id u16 | challenge u16 | the three |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/tls_hello.h"

namespace nw::network {

constexpr std::size_t kTlsRecordMax = 16'384 + 2'048;  // RFC 5246 section 6.2.3; TLS 1.3 has less
constexpr std::size_t kTlsMessageMax = 64 * 1024;      // that we put together; longer ones are passed over
constexpr std::size_t kTlsHistoryMax = 15;             // letters, as in Zeek
constexpr unsigned kTlsEarlyRecordsMax = 4;            // then the server's answer is not waited for any more

// What was learned. The hellos are bodies of messages, to be read again when somebody wants what is in them.
struct TlsFacts {
  std::vector<std::uint8_t> client_hello;  // the first: after a HelloRetryRequest comes another
  std::vector<std::uint8_t> server_hello;  // the last
  std::optional<std::uint16_t> version, cipher, group;
  std::optional<std::uint8_t> alert;
  bool resumed = false, established = false;
  std::string history;
};

// Takes the server's and the client's chains as they come: a list of | length u24 | certificate |. `facts` are those
// until then.
class TlsCertificateTaker {
 public:
  virtual void certificates(Bytes list, bool of_client, const TlsFacts& facts, Context& context) = 0;

 protected:
  ~TlsCertificateTaker() = default;
};

class TlsSession {
 public:
  enum class Step : std::uint8_t { waiting, over, broken };

  // `bytes` are what waits in that direction; it is moved behind what is done with. `broken`: this is not TLS, or not
  // any more; that has been counted.
  Step read(Bytes& bytes, Direction direction, Context& context, TlsCertificateTaker& taker);
  // Handshake messages that come without records, in their order: QUIC's.
  void read_messages(Bytes bytes, Direction direction, Context& context, TlsCertificateTaker& taker) {
    handshake(bytes, direction, context, taker);
  }
  // The handshake begins again from its first message, and is still the same session's: QUIC's Retry.
  void begin_again() { sides_ = {}; }
  // What lies around TLS shows that the handshake succeeded.
  void established() noexcept { facts_.established = true; }
  // Nothing more can be read of that direction.
  void gap(Direction direction);

  [[nodiscard]] const TlsFacts& facts() const noexcept { return facts_; }

 private:
  struct Side {
    std::vector<std::uint8_t> pending;  // the beginning of a message whose rest is in later records
    std::size_t skip = 0;               // bytes of a message to pass over
    unsigned early_records = 0;         // encrypted, while nothing shows what was agreed on
    bool begun = false, lost = false;
    bool announced = false;     // it has sent a ChangeCipherSpec
    bool switched = false;      // what it sends from here on is encrypted
    bool ciphertext = false;    // and it has sent some
    bool key_exchange = false;  // it has sent its half of a full handshake
  };

  [[nodiscard]] bool over() const noexcept;
  [[nodiscard]] bool is_client(Direction direction) const noexcept { return direction == requests_; }
  [[nodiscard]] Side& side(Direction direction) noexcept { return sides_[static_cast<std::size_t>(direction)]; }
  [[nodiscard]] bool tls13() const noexcept { return facts_.version && is_tls13(*facts_.version); }
  void letter(char server_letter, Direction direction);
  std::optional<DecodeError> record(ByteReader& reader, Direction direction, Context& context,
                                    TlsCertificateTaker& taker);
  std::optional<DecodeError> ssl2_hello(ByteReader& reader, Direction direction);
  void change_cipher_spec(Direction direction);
  void alerts(Bytes fragment, Direction direction);
  void handshake(Bytes fragment, Direction direction, Context& context, TlsCertificateTaker& taker);
  Bytes messages(Bytes in, Direction direction, Context& context, TlsCertificateTaker& taker);
  void message(std::uint8_t type, Bytes body, Direction direction, Context& context, TlsCertificateTaker& taker);
  void client_hello(Bytes body, Context& context);
  void server_hello(Bytes body, Context& context);
  void server_key_exchange(Bytes body);

  TlsFacts facts_;
  std::array<Side, 2> sides_;                     // by direction
  Direction requests_ = Direction::to_responder;  // until a hello says otherwise
  bool fatal_ = false;
};

}  // namespace nw::network
