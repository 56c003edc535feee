// Remote Desktop over TCP, MS-RDPBCGR 1.3.1.1 and 2.2.1:
// | 03 00 | length u16 | X.224 | negotiation, or MCS and GCC with each side's settings |.
//
// One `rdp` event per connection, as in Zeek's rdp.log, when the sides have agreed: on TLS, and then the connection is
// TLS's, or on settings in the clear, and from then on the flow costs its headers. S7comm and others use TPKT and X.224
// too; the connection request tells them apart.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/rdp_message.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kCookie,
  kResult,
  kSecurity,
  kChannels,
  kKeyboard,
  kBuild,
  kName,
  kProduct,
  kWidth,
  kHeight,
  kColors,
  kCertType,
  kCertCount,
  kCertPermanent,
  kLevel,
  kMethod,
  kRoutingToken,
  kOffered,
  kRestrictedAdmin,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"cookie", "text", "the user's name as the client tells it, often cut after nine characters"},
    {"result", "text", "Success, encrypted (the rest is inside TLS), or why not: SSL_REQUIRED_BY_SERVER, ..."},
    {"security_protocol", "text", "what the server chose: RDP, SSL, HYBRID, HYBRID_EX; absent without negotiation"},
    {"client_channels", "list of text", "what the client wants besides the screen: rdpdr, cliprdr, ..."},
    {"keyboard_layout", "text", "the client's keyboard: German - Switzerland; keyboard-NN"},
    {"client_build", "text", "the client's version: RDP 8.1; client_build-NN"},
    {"client_name", "text", "the client machine's name"},
    {"client_dig_product_id", "text", "product number of the client's Windows"},
    {"desktop_width", "integer", "of the client, in pixels"},
    {"desktop_height", "integer", "of the client, in pixels"},
    {"requested_color_depth", "text", "16bit, 32bit, ..."},
    {"cert_type", "text", "of the server without TLS: RSA or X.509"},
    {"cert_count", "integer", "certificates that the server sent without TLS"},
    {"cert_permanent", "boolean", "not made for the time until a licence comes"},
    {"encryption_level", "text", "without TLS: None, Low, Client compatible, High, FIPS"},
    {"encryption_method", "text", "without TLS: None, 40bit, 56bit, 128bit, FIPS"},
    {"routing_token", "text", "what a load balancer gave the client (ours)"},
    {"offered_protocols", "list of text",
     "what the client can do: SSL, HYBRID, ...; absent without negotiation (ours)"},
    {"restricted_admin", "boolean", "the client will not hand over credentials, a hash is enough (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"rdp"}, kCategory{"remote_access"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"rdp", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{3389};

constexpr std::size_t kChannelsMax = 31;  // MS-RDPBCGR 2.2.1.3.4
constexpr std::size_t kChannelBytes = 12, kChannelName = 8;
constexpr unsigned kPacketsMax = 16;  // until both sides have told their settings
constexpr std::uint8_t kTlsHandshake = 0x16;

class RdpAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    while (!reader.empty()) {
      const std::size_t done = bytes.size() - reader.rest().size();
      // The server's choice was not seen, or a hole came; what follows may be TLS.
      if (begun_ && (reader.rest().front() == kTlsHandshake || lost_)) {
        encrypted_ = reader.rest().front() == kTlsHandshake;
        tell(context);
        return anew_behind(done);
      }
      RdpPacket packet;
      const auto fault = read_rdp_packet(reader, packet);
      if (fault == DecodeError::truncated) return done;
      if (fault) {
        context.refused(*fault);
        tell(context);
        return kGiveUp;
      }
      if (!begun_) time_ = context.now();
      begun_ = true;
      take(packet, context);
      if (encrypted_ || done_ || ++packets_ == kPacketsMax) {
        tell(context);
        return encrypted_ ? anew_behind(bytes.size() - reader.rest().size()) : kDone;
      }
    }
    (void)direction;
    return bytes.size();
  }

  void gap(std::uint64_t, Direction, Context& context) override {
    lost_ = true;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override { tell(context); }

 private:
  void take(const RdpPacket& packet, Context& context) {
    bool good = true;
    switch (packet.kind) {
      case RdpPacket::Kind::request: good = request(packet.user); break;
      case RdpPacket::Kind::confirm: good = confirm(packet.user); break;
      case RdpPacket::Kind::data:
        if (is_rdp_client(packet.user)) good = client(packet.user);
        if (is_rdp_server(packet.user)) {
          good = read_rdp_server(packet.user, server_);
          done_ = true;
        }
        break;
      case RdpPacket::Kind::other: break;
    }
    if (!good) context.refused(DecodeError::bad_value);
  }

  // The views of a message are gone with the next one: what is told is kept as text, and they are forgotten.
  bool request(Bytes user) {
    const bool good = read_rdp_request(user, request_);
    if (const Bytes cookie = std::exchange(request_.cookie, {}); !cookie.empty()) cookie_ = escaped(cookie);
    if (const Bytes token = std::exchange(request_.routing_token, {}); !token.empty()) token_ = escaped(token);
    return good;
  }

  bool confirm(Bytes user) {
    const bool good = read_rdp_confirm(user, confirm_);
    encrypted_ = confirm_.protocol.value_or(0) != 0;
    done_ = confirm_.failure.has_value();
    return good;
  }

  bool client(Bytes user) {
    const bool good = read_rdp_client(user, client_);
    if (const Bytes name = std::exchange(client_.name, {}); !name.empty()) name_ = unicode(name);
    if (const Bytes product = std::exchange(client_.product, {}); !product.empty()) product_ = unicode(product);
    if (const Bytes channels = std::exchange(client_.channels, {}); !channels.empty())
      channels_.assign(channels.begin(), channels.end());
    return good;
  }

  static std::string escaped(Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    return std::string{text.view()};
  }
  static std::string unicode(Bytes bytes) {
    TextBuffer text;
    append_utf16(bytes, text);
    return std::string{text.view()};
  }

  void tell(Context& context) {
    const bool anything = begun_ && !told_;
    told_ = true;
    if (!anything || !context.wants(0)) return;
    EventWriter out = context.begin(0, time_);
    set_text(out, kCookie, cookie_);
    set_text(out, kRoutingToken, token_);
    if (request_.protocols) {
      write_offered(out, *request_.protocols);
      out.set(kRestrictedAdmin, Value::boolean(request_.restricted_admin));
    }
    if (confirm_.protocol)
      set_name(out, kSecurity, rdp_security_name(*confirm_.protocol), "security_protocol-", *confirm_.protocol);
    write_result(out);
    write_client(out, context);
    write_server(out);
    context.emit();
  }

  static void set_text(EventWriter& out, Field field, std::string_view text) {
    if (!text.empty()) out.set(field, Value::text(text));
  }

  // A number's name, or `prefix` and the number when it has none.
  static void set_name(EventWriter& out, Field field, std::string_view name, std::string_view prefix,
                       std::uint32_t number) {
    if (!out.wants(field)) return;
    if (!name.empty()) return out.set(field, Value::text(name));
    TextBuffer text;
    text.append(prefix);
    text.append_number(number);
    out.set(field, Value::text(out.event().keep(text.view())));
  }

  static void write_offered(EventWriter& out, std::uint32_t protocols) {
    constexpr std::array<std::uint32_t, 5> kBits{rdp_protocol_bit::kSsl, rdp_protocol_bit::kHybrid,
                                                 rdp_protocol_bit::kRdsTls, rdp_protocol_bit::kHybridEx,
                                                 rdp_protocol_bit::kAzure};
    if (!out.wants(kOffered)) return;
    const std::span<Value> names = out.event().arena().make<Value>(kBits.size() + 1);
    std::size_t count = 0;
    for (const std::uint32_t bit : kBits)
      if ((protocols & bit) != 0 && count < names.size()) names[count++] = Value::text(rdp_security_name(bit));
    if (count == 0 && !names.empty()) names[count++] = Value::text(rdp_security_name(0));
    if (count != 0) out.set(kOffered, Value::list(names.first(count)));
  }

  void write_result(EventWriter& out) const {
    if (confirm_.failure) {
      set_name(out, kResult, rdp_failure_name(*confirm_.failure), "failure_code-", *confirm_.failure);
    } else if (encrypted_) {
      out.set(kResult, Value::text("encrypted"));
    } else if (server_.result) {
      set_name(out, kResult, rdp_result_name(*server_.result), "result-", *server_.result);
    }
  }

  static void write_keyboard(EventWriter& out, std::uint32_t layout) {
    constexpr std::uint32_t kLanguage = 0xffff;  // the rest says which of its keyboards
    const std::string_view language = rdp_keyboard_name(layout & kLanguage);
    if (!rdp_keyboard_name(layout).empty() || language.empty() || !out.wants(kKeyboard))
      return set_name(out, kKeyboard, rdp_keyboard_name(layout), "keyboard-", layout);
    TextBuffer text;
    text.append(language);
    text.append(" (Best Guess for ");
    text.append_number(layout);
    text.append(')');
    out.set(kKeyboard, Value::text(out.event().keep(text.view())));
  }

  void write_client(EventWriter& out, Context& context) const {
    set_text(out, kName, name_);
    set_text(out, kProduct, product_);
    if (client_.width) out.set(kWidth, Value::integer(*client_.width));
    if (client_.height) out.set(kHeight, Value::integer(*client_.height));
    if (client_.keyboard) write_keyboard(out, *client_.keyboard);
    if (client_.build) set_name(out, kBuild, rdp_build_name(*client_.build), "client_build-", *client_.build);
    if (client_.wants_32_bits) {
      out.set(kColors, Value::text("32bit"));
    } else if (client_.color_depth) {
      set_name(out, kColors, rdp_color_name(*client_.color_depth), "high_color_depth-", *client_.color_depth);
    }
    write_channels(out, context);
  }

  void write_channels(EventWriter& out, Context& context) const {
    const std::size_t count = channels_.size() / kChannelBytes, told = std::min(count, kChannelsMax);
    if (count > kChannelsMax) context.refused(DecodeError::limit);
    if (told == 0 || !out.wants(kChannels)) return;
    const std::span<Value> names = out.event().arena().make<Value>(told);
    TextBuffer text;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const Bytes name = Bytes{channels_}.subspan(i * kChannelBytes, kChannelName);
      const auto end = static_cast<std::size_t>(std::ranges::find(name, 0) - name.begin());
      text.clear();
      text.append_escaped(name.first(end));
      names[i] = Value::text(out.event().keep(text.view()));
    }
    if (!names.empty()) out.set(kChannels, Value::list(names));
  }

  void write_server(EventWriter& out) const {
    out.set(kCertCount, Value::integer(server_.certificates));
    if (const auto method = server_.encryption_method)
      set_name(out, kMethod, rdp_encryption_method_name(*method), "encryption_method-", *method);
    if (const auto level = server_.encryption_level)
      set_name(out, kLevel, rdp_encryption_level_name(*level), "encryption_level-", *level);
    if (const auto type = server_.certificate_type) {
      set_name(out, kCertType, rdp_certificate_name(*type), "cert_type-", *type);
      out.set(kCertPermanent, Value::boolean(server_.certificate_permanent));
    }
  }

  Timestamp time_;  // of the first message
  RdpRequest request_;
  RdpConfirm confirm_;
  RdpClient client_;
  RdpServer server_;
  std::string cookie_, token_, name_, product_;
  std::vector<std::uint8_t> channels_;
  unsigned packets_ = 0;
  bool begun_ = false, told_ = false, lost_ = false;
  bool encrypted_ = false, done_ = false;
};

// Off the port a request must say what only RDP says; an answer alone proves nothing.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  RdpPacket packet;
  const auto fault = read_rdp_packet(reader, packet);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault) return Verdict::no;
  RdpRequest request;
  RdpConfirm confirm;
  switch (packet.kind) {
    case RdpPacket::Kind::request:
      return read_rdp_request(packet.user, request) && (on_port || !packet.user.empty()) ? Verdict::yes : Verdict::no;
    case RdpPacket::Kind::confirm:
      return read_rdp_confirm(packet.user, confirm) && (on_port || !packet.user.empty()) ? Verdict::yes : Verdict::no;
    case RdpPacket::Kind::data: {
      RdpClient client;
      RdpServer server;
      return read_rdp_client(packet.user, client) || read_rdp_server(packet.user, server) ? Verdict::yes : Verdict::no;
    }
    case RdpPacket::Kind::other: return Verdict::no;
  }
  return Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<RdpAnalyzer>(); }

}  // namespace

Protocol rdp_protocol() {
  Protocol p;
  p.name = "rdp";
  p.help = "Remote Desktop: who asks for which security, and what client and server tell before they encrypt";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
