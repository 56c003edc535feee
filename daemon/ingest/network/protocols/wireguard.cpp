// WireGuard: "WireGuard: Next Generation Kernel Network Tunnel" (Donenfeld, 2017), section 5.4. One `wireguard` event
// per flow, as in Zeek's package: when the responder answered or data flowed, or at the flow's end. What it carries is
// encrypted, and the flow costs its headers from then on.
// | type u8 | 0 0 0 |, little-endian; then of 1, the initiation (148 bytes): | sender u32 | ...
//   2, the response (92): | sender u32 | receiver u32 | ...   3, a cookie (64): | receiver u32 | ...
//   4, data (32 + a multiple of 16): | receiver u32 | counter u64 | ...
#include <array>
#include <optional>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t { kEstablished, kInitiations, kResponses, kCookies, kInitiatorIndex, kResponderIndex };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"established", "boolean", "the responder answered, or data flowed"},
    {"initiations", "integer", "handshakes begun until then"},
    {"responses", "integer", "answers"},
    {"cookie_replies", "integer", "answers of a peer under load, which wants to hear a cookie first (ours)"},
    {"initiator_index", "integer", "by which the initiator knows the session (ours)"},
    {"responder_index", "integer", "by which the responder knows it (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"wireguard"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"wireguard", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{51820};

enum Kind : std::uint8_t { kInitiation = 1, kResponse, kCookie, kData };

// Lengths and zeros; nothing else is in the clear. Nothing: not of this protocol.
std::optional<Kind> kind_of(Bytes message) noexcept {
  constexpr std::size_t kDataMin = 32, kPadding = 16;
  ByteReader reader{message};
  const std::uint32_t type = reader.u32le();
  const std::size_t size = message.size();
  switch (type) {
    case kInitiation: return size == 148 ? std::optional{kInitiation} : std::nullopt;
    case kResponse: return size == 92 ? std::optional{kResponse} : std::nullopt;
    case kCookie: return size == 64 ? std::optional{kCookie} : std::nullopt;
    case kData: return size >= kDataMin && size % kPadding == 0 ? std::optional{kData} : std::nullopt;
    default: return {};
  }
}

class WireguardAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction, Context& context) override {
    if (!begun_) began_ = context.now();
    begun_ = true;
    const auto kind = kind_of(bytes);
    if (!kind) return context.refused(DecodeError::bad_value);
    ByteReader reader{bytes};
    reader.u32le();
    switch (*kind) {
      case kInitiation:
        ++initiations_;
        initiator_ = reader.u32le();
        return;
      case kCookie: ++cookies_; return;
      case kResponse:
        ++responses_;
        responder_ = reader.u32le();
        initiator_ = reader.u32le();
        break;
      case kData: break;
    }
    established_ = true;
    tell(context);
  }

  [[nodiscard]] bool done() const noexcept override { return established_; }

  void finish(Context& context) override {
    if (!established_) tell(context);
  }

 private:
  void tell(Context& context) {
    if (!context.wants(0) || initiations_ + responses_ + cookies_ + (established_ ? 1 : 0) == 0) return;
    EventWriter out = context.begin(0, began_);
    out.set(kEstablished, Value::boolean(established_));
    out.set(kInitiations, Value::integer(initiations_));
    out.set(kResponses, Value::integer(responses_));
    out.set(kCookies, Value::integer(cookies_));
    if (initiator_) out.set(kInitiatorIndex, Value::integer(*initiator_));
    if (responder_) out.set(kResponderIndex, Value::integer(*responder_));
    context.emit();
  }

  Timestamp began_{};
  std::int64_t initiations_ = 0, responses_ = 0, cookies_ = 0;
  std::optional<std::uint32_t> initiator_, responder_;
  bool begun_ = false, established_ = false;
};

// Data is told from others' by its counter too, which nobody brings to 2^48.
Verdict probe(Bytes first, Direction, Transport, bool) {
  constexpr std::uint64_t kCounterMax = std::uint64_t{1} << 48U;
  const auto kind = kind_of(first);
  if (!kind) return Verdict::no;
  if (*kind != kData) return Verdict::yes;
  ByteReader reader{first};
  reader.u64be();
  const std::uint64_t low = reader.u32le(), high = reader.u32le();
  return (high << 32U | low) < kCounterMax ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<WireguardAnalyzer>(); }

}  // namespace

Protocol wireguard_protocol() {
  Protocol p;
  p.name = "wireguard";
  p.help = "WireGuard: tunnels, recognised by their handshakes or data";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
