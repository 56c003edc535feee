// SSH over TCP (RFC 4253), versions 1 and 2: both sides begin in clear text, which is all that is read.
// | SSH-2.0-software comment CR LF | then packets: | length u32 | padding length u8 | message u8, ... | padding | until
// NEWKEYS, from which on the side's bytes are encrypted. A server may send other lines before its identification.
//
// One `ssh` event per connection, as in Zeek's ssh.log. Whether a login succeeded is guessed as Zeek does, from the
// sizes of what the server sends under encryption, a piece being what one TCP segment brings:
//   - the answer to the client's first message accepts the user authentication service; its size is fixed;
//   - a success has 16 bytes less than that, with every cipher in use;
//   - the first piece of another size refuses the client's opening question (which methods are there), unless it is
//   much
//     larger: a greeting, once. Each later piece of the same size is a failed attempt.
// Compression spoils the sizes, so does a gap: then nothing is said.
#include <algorithm>
#include <array>
#include <string>

#include "ingest/network/protocols/line_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ssh_kex.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kVersion,
  kAuthSuccess,
  kAuthAttempts,
  kClient,
  kServer,
  kCipherAlg,
  kMacAlg,
  kCompressionAlg,
  kKexAlg,
  kHostKeyAlg,
  kHostKeyFingerprint,
  kHostKey,
  kHassh,
  kHasshServer,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"version", "integer", "1 or 2; absent when only one side was seen, or the two do not go together"},
    {"auth_success", "boolean", "guessed from sizes: a login succeeded, or all that were seen failed"},
    {"auth_attempts", "integer", "guessed from sizes: logins tried, besides the client's question for methods"},
    {"client", "text", "identification of the client: SSH-2.0-OpenSSH_9.2"},
    {"server", "text", "identification of the server"},
    {"cipher_alg", "text", "cipher agreed on; both when the directions differ"},
    {"mac_alg", "text", "message authentication agreed on; ciphers that bring their own do not use it"},
    {"compression_alg", "text", "compression agreed on: none, zlib@openssh.com, ..."},
    {"kex_alg", "text", "key exchange agreed on"},
    {"host_key_alg", "text", "type of the server's key agreed on"},
    {"host_key_fingerprint", "text", "SHA-256 of the server's key, as OpenSSH writes it: SHA256:j+j+wq3Bhfz..."},
    {"host_key", "text", "MD5 of it, as OpenSSH used to write it: c8:b1:..."},
    {"hassh", "text", "MD5 of what the client offers: names its software (ours)"},
    {"hasshServer", "text", "MD5 of what the server offers (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"ssh"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"ssh", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{22};

constexpr std::size_t kIdentificationMax = 255;  // RFC 4253 section 4.2, line end included
constexpr unsigned kPreambleLinesMax = 64;       // a server's lines before that
constexpr std::size_t kPacketMin = 5;            // RFC 4253 section 6: at least four bytes of padding
constexpr std::size_t kPacketMax = 35'000;       // its section 6.1: what all must be able to take
constexpr unsigned kPiecesMax = 256;             // a login takes fewer pieces of the server
constexpr std::size_t kSuccessBytesLess = 16, kGreetingBytesMore = 256;  // Zeek's
constexpr std::uint8_t kMessageKexInit = 20, kMessageNewKeys = 21;

constexpr std::size_t index(Direction d) noexcept { return static_cast<std::size_t>(d); }

bool compresses(std::string_view algorithm) { return algorithm == "zlib" || algorithm == "zlib@openssh.com"; }

// Watches the sizes; the head of this file says how.
class LoginGuess {
 public:
  void piece(std::size_t bytes, Direction direction) {
    if (direction == Direction::to_responder) {
      asked_ = true;
      return;
    }
    ++pieces_;
    if (!asked_) return;  // the server's extensions (RFC 8308) may come first
    if (accept_ == 0) {
      accept_ = bytes;
    } else if (bytes + kSuccessBytesLess == accept_) {
      success_ = true;
      ++attempts_;
    } else if (refusal_ == 0) {
      if (!greeted_ && bytes > accept_ + kGreetingBytesMore)
        greeted_ = true;
      else
        refusal_ = bytes;
    } else if (bytes == refusal_) {
      ++attempts_;
    }
  }
  // Nothing more will come of it.
  [[nodiscard]] bool over() const noexcept { return success_ || pieces_ >= kPiecesMax; }
  [[nodiscard]] bool success() const noexcept { return success_; }
  [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

 private:
  bool asked_ = false, greeted_ = false, success_ = false;
  std::size_t accept_ = 0, refusal_ = 0;  // sizes
  unsigned pieces_ = 0, attempts_ = 0;
};

class SshAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[index(direction)];
    ByteReader reader{bytes};
    if (side.stage == Stage::identification) identification(side, reader, context);
    if (side.stage == Stage::packets) packets(side, reader, context);
    if (side.stage == Stage::encrypted && !reader.empty()) {
      if (guessing_) guess_.piece(reader.rest().size(), direction);
      reader = ByteReader{Bytes{}};
    }
    if (side.stage == Stage::opaque) reader = ByteReader{Bytes{}};
    if (!settled()) return bytes.size() - reader.rest().size();
    finish(context);
    return kDone;
  }

  void gap(std::uint64_t, Direction direction, Context& context) override {
    guessing_ = false;
    Side& side = sides_[index(direction)];
    if (side.stage == Stage::encrypted || side.stage == Stage::opaque) return;
    // Where the next packet begins, nobody knows.
    side.stage = Stage::opaque;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override {
    const bool nothing = sides_[0].identification.empty() && sides_[1].identification.empty();
    if (told_ || nothing || !context.wants(0)) return;
    told_ = true;
    EventWriter out = context.begin(0, began_);
    write_sides(out);
    write_algorithms(out);
    write_login(out);
    context.emit();
  }

 private:
  enum class Stage : std::uint8_t {
    identification,
    packets,
    encrypted,
    opaque,  // version 1, or out of step: no more is read
  };
  struct Side {
    Stage stage = Stage::identification;
    LineReader lines{kIdentificationMax};
    unsigned preamble = 0;
    std::string identification;  // escaped
    bool has_kex = false;
    SshKex kex;

    [[nodiscard]] bool speaks_1() const { return identification.starts_with("SSH-1."); }
    [[nodiscard]] bool speaks_2() const {
      return identification.starts_with("SSH-2.") || identification.starts_with("SSH-1.99");
    }
    [[nodiscard]] bool read_out() const { return stage == Stage::encrypted || stage == Stage::opaque; }
  };

  // 0: not known, or none.
  [[nodiscard]] int version() const {
    const auto& [client, server] = sides_;
    if (client.speaks_2() && server.speaks_2()) return 2;
    return client.speaks_1() && server.speaks_1() ? 1 : 0;
  }

  void identification(Side& side, ByteReader& reader, Context& context) {
    while (const auto line = side.lines.next(reader)) {
      TextBuffer text;
      text.append_escaped(line->text);
      if (text.view().starts_with("SSH-")) {
        if (line->cut) context.refused(DecodeError::too_long);
        if (sides_[0].identification.empty() && sides_[1].identification.empty()) began_ = context.now();
        side.identification = text.view();
        side.stage = line->cut ? Stage::opaque : Stage::packets;
        return;
      }
      if (++side.preamble < kPreambleLinesMax) continue;
      side.stage = Stage::opaque;
      context.refused(DecodeError::limit);
      return;
    }
  }

  void packets(Side& side, ByteReader& reader, Context& context) {
    while (side.stage == Stage::packets) {
      // A server of version 1.99 sends nothing before it knows which version the client speaks.
      if (!side.speaks_2() || version() == 1) {
        side.stage = Stage::opaque;
        return;
      }
      ByteReader ahead = reader;
      const std::size_t length = ahead.u32be();
      if (!ahead.ok()) return;
      const bool fits = length >= kPacketMin && length <= kPacketMax;
      ByteReader packet = ahead.sub(fits ? length : 0);
      if (fits && !ahead.ok()) return;
      const std::size_t padding = packet.u8();
      const std::size_t whole = packet.rest().size();
      if (!fits || padding >= whole) {
        side.stage = Stage::opaque;
        return context.refused(length > kPacketMax ? DecodeError::too_long : DecodeError::bad_value);
      }
      const Bytes payload = packet.bytes(whole - padding);
      if (&side == &sides_[1]) host_key(payload, context);
      message(side, payload, context);
      reader = ahead;
    }
  }

  static void message(Side& side, Bytes payload, Context& context) {
    const std::uint8_t number = payload.front();
    if (number == kMessageNewKeys) side.stage = Stage::encrypted;
    if (number != kMessageKexInit || side.has_kex) return;
    side.has_kex = read_ssh_kex(payload, side.kex);
    if (!side.has_kex) context.refused(DecodeError::bad_value);
  }

  void host_key(Bytes payload, Context& context) {
    const Bytes key = has_key_ ? Bytes{} : read_ssh_host_key(payload);
    if (key.empty()) return;
    has_key_ = true;
    if (context.wants(0, kHostKeyFingerprint)) key_sha256_ = ssh_fingerprint_sha256(key);
    if (context.wants(0, kHostKey)) key_md5_ = ssh_fingerprint_md5(key);
  }

  // Whether more bytes could not tell more.
  [[nodiscard]] bool settled() {
    if (!sides_[0].read_out() || !sides_[1].read_out()) return false;
    if (!checked_ && (version() != 2 || compressed())) guessing_ = false;
    checked_ = true;
    return !guessing_ || guess_.over();
  }

  [[nodiscard]] bool compressed() const {
    return std::ranges::any_of(std::array{SshKex::kCompressionToServer, SshKex::kCompressionToClient}, [&](auto list) {
      return compresses(ssh_agreed(sides_[0].kex.lists[list], sides_[1].kex.lists[list]));
    });
  }

  void write_sides(EventWriter& out) const {
    const auto& [client, server] = sides_;
    if (version() != 0) out.set(kVersion, Value::integer(version()));
    set_text(out, kClient, client.identification);
    set_text(out, kServer, server.identification);
    if (client.has_kex && out.wants(kHassh)) set_text(out, kHassh, ssh_hassh(client.kex, Direction::to_responder));
    if (server.has_kex && out.wants(kHasshServer))
      set_text(out, kHasshServer, ssh_hassh(server.kex, Direction::to_originator));
  }

  void write_algorithms(EventWriter& out) const {
    set_text(out, kHostKeyFingerprint, key_sha256_);
    set_text(out, kHostKey, key_md5_);
    if (!sides_[0].has_kex || !sides_[1].has_kex) return;
    write_agreed(out, kCipherAlg, SshKex::kCipherToServer, SshKex::kCipherToClient);
    write_agreed(out, kMacAlg, SshKex::kMacToServer, SshKex::kMacToClient);
    write_agreed(out, kCompressionAlg, SshKex::kCompressionToServer, SshKex::kCompressionToClient);
    write_agreed(out, kKexAlg, SshKex::kKex, SshKex::kKex);
    write_agreed(out, kHostKeyAlg, SshKex::kHostKey, SshKex::kHostKey);
  }

  void write_agreed(EventWriter& out, Field field, SshKex::List to_server, SshKex::List to_client) const {
    if (!out.wants(field)) return;
    TextBuffer text;
    append_ssh_agreed(sides_[0].kex, sides_[1].kex, to_server, to_client, text);
    set_text(out, field, text.view());
  }

  void write_login(EventWriter& out) const {
    const unsigned attempts = guessing_ ? guess_.attempts() : 0;
    out.set(kAuthAttempts, Value::integer(attempts));
    if (attempts != 0) out.set(kAuthSuccess, Value::boolean(guess_.success()));
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty() && out.wants(field)) out.set(field, Value::text(out.event().keep(text)));
  }

  std::array<Side, 2> sides_;  // by the direction they send in: client, server
  LoginGuess guess_;
  std::string key_sha256_, key_md5_;  // of the server's key, if wanted
  bool has_key_ = false;
  bool guessing_ = true, checked_ = false, told_ = false;
  Timestamp began_{};  // the first identification's packet
};

Verdict probe(Bytes first, Direction direction, Transport, bool on_port) {
  TextBuffer text;
  constexpr std::string_view kBegin = "SSH-", kVersions = "12";
  const Bytes head = first.first(std::min(first.size(), kBegin.size() + 2));
  text.append_escaped(head);
  const std::string_view seen = text.view();
  if (seen.substr(0, kBegin.size()) == kBegin.substr(0, seen.size())) {
    if (seen.size() < kBegin.size() + 2) return Verdict::unsure;
    const bool version = kVersions.find(seen[kBegin.size()]) != std::string_view::npos && seen.back() == '.';
    return version ? Verdict::yes : Verdict::no;
  }
  // A server's lines before its identification.
  const bool text_only = std::ranges::all_of(head, [](std::uint8_t byte) {
    return (byte >= 0x20 && byte < 0x7f) || byte == '\t' || byte == '\r' || byte == '\n';
  });
  return on_port && direction == Direction::to_originator && text_only ? Verdict::unsure : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SshAnalyzer>(); }

}  // namespace

Protocol ssh_protocol() {
  Protocol p;
  p.name = "ssh";
  p.help = "SSH: software, algorithms, and whether logins seem to succeed";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
