// Remote Framebuffer, which VNC speaks. RFC 6143 section 7.1 to 7.3; type 30 of security, Apple's, is known from its
// implementations, and so is VeNCrypt, 19. The server begins:
// | "RFB 003.008\n" each | types offered u8+, type chosen u8 | challenge 16, response 16 | result u32 |
// | shared u8 | width u16 | height u16 | pixel format 16 | name u32+ |.
//
// One `rfb` event per connection, as in Zeek's rfb.log, when the desktop's name is known, when the sides encrypt, or at
// its end. Challenges and responses are passed over: together they give the password away.
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kClientMajor,
  kClientMinor,
  kServerMajor,
  kServerMinor,
  kMethod,
  kAuth,
  kShared,
  kDesktop,
  kWidth,
  kHeight,
  kOffered,
  kReason,
  kVencrypt,
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"client_major_version", "text", "of the client: 003"},
    {"client_minor_version", "text", "of the client: 003, 007, 008; 889 is Apple's"},
    {"server_major_version", "text", "of the server"},
    {"server_minor_version", "text", "of the server"},
    {"authentication_method", "text", "None, VNC, Apple Remote Desktop, VeNCrypt, ...; RealVNC for all unknown"},
    {"auth", "boolean", "the client was let in; absent when that was not seen"},
    {"share_flag", "boolean", "others may stay connected"},
    {"desktop_name", "text", "what the server calls its screen"},
    {"width", "integer", "of the screen, in pixels"},
    {"height", "integer", "of the screen, in pixels"},
    {"offered_methods", "list of text", "what the server lets the client choose from (ours)"},
    {"failure_reason", "text", "the server's words when it refuses (ours)"},
    {"vencrypt_method", "text",
     "what VeNCrypt chose: TLSVnc, X509Plain, ...; Plain is a password in the clear; unknown-NN (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"rfb"}, kCategory{"remote_access"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"rfb", "normwatch", kService, kCategory, kFields, false}}};
constexpr std::array<std::uint16_t, 3> kPorts{5900, 5901, 5902};

constexpr std::size_t kVersionBytes = 12;
constexpr std::size_t kTextMax = 4096;  // of a name or a reason
constexpr std::size_t kKeyMax = 1024;   // of Apple's key exchange
constexpr std::uint8_t kInvalid = 0, kNone = 1, kVnc = 2, kTls = 18, kVeNCrypt = 19, kApple = 30;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::string_view method_name(std::uint8_t method) {
  switch (method) {
    case kInvalid: return "Invalid";
    case kNone: return "None";
    case kVnc: return "VNC";
    case 16: return "Tight";
    case 17: return "Ultra";
    case kTls: return "TLS";
    case kVeNCrypt: return "VeNCrypt";
    case 20: return "GTK-VNC SASL";
    case 21: return "MD5 hash authentication";
    case 22: return "Colin Dean xvp";
    case kApple: return "Apple Remote Desktop";
    default: return "RealVNC";
  }
}

// Of VeNCrypt's own list; empty: none.
constexpr std::uint32_t kFirstTls = 257, kLastTls = 264;
std::string_view vencrypt_name(std::uint32_t method) {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"Plain", "TLSNone", "TLSVnc", "TLSPlain", "X509None", "X509Vnc", "X509Plain", "TLSSASL", "X509SASL"});
  constexpr std::uint32_t kPlain = kFirstTls - 1;
  static_assert(kNames.size() == kLastTls - kPlain + 1);
  if (method >= kPlain && method <= kLastTls) return kNames[method - kPlain];
  return method == kNone ? "None" : method == kVnc ? "VNC" : std::string_view{};
}

// "RFB 003.008\n", as far as it goes.
bool is_version(Bytes in) {
  constexpr std::string_view kShape = "RFB ddd.ddd\n";
  const std::string_view text = text_of(in.first(std::min(in.size(), kShape.size())));
  return std::ranges::equal(text, kShape.substr(0, text.size()),
                            [](char c, char shape) { return shape == 'd' ? ascii_digit(c) : c == shape; });
}

class RfbAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    ByteReader reader{bytes};
    while (!reader.empty()) {
      ByteReader ahead = reader;
      const Step step = lost_ ? Step::leave : one(ahead, direction, context);
      if (step == Step::wait) break;
      if (step == Step::go_on) {
        reader = ahead;
        continue;
      }
      tell(context);
      if (step == Step::refuse) {
        context.refused(DecodeError::bad_value);
        return kGiveUp;
      }
      return step == Step::encrypts ? anew_behind(bytes.size() - ahead.rest().size()) : kDone;
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t, Direction, Context& context) override {
    lost_ = true;
    context.refused(DecodeError::truncated);
  }

  void finish(Context& context) override { tell(context); }

 private:
  // After a message: read the next, wait for its bytes or for the other side, end because all was said, because the
  // rest cannot be read, because it is TLS, or because it is malformed.
  enum class Step : std::uint8_t { go_on, wait, leave, encrypts, refuse };
  enum class Stage : std::uint8_t {
    versions,
    offer,
    choice,
    challenge,
    response,
    apple_key,
    apple_response,
    vencrypt_version,
    vencrypt_agreed,
    vencrypt_offer,
    vencrypt_choice,
    vencrypt_start,
    result,
    reason,
    client_init,
    server_init,
  };
  struct Version {
    bool seen = false;
    std::string major, minor;
  };

  // The server's version comes first.
  [[nodiscard]] bool is_server(Direction direction) const { return server_ == direction; }

  [[nodiscard]] bool servers_turn() const {
    switch (stage_) {
      case Stage::choice:
      case Stage::response:
      case Stage::apple_response:
      case Stage::vencrypt_agreed:
      case Stage::vencrypt_choice:
      case Stage::client_init: return false;
      default: return true;
    }
  }

  Step one(ByteReader& reader, Direction direction, Context& context) {
    if (!server_) {
      server_ = direction;
      time_ = context.now();
    }
    Version& version = versions_[is_server(direction) ? 1 : 0];
    if (!version.seen) return read_version(reader, version);
    if (stage_ == Stage::versions || servers_turn() != is_server(direction)) return Step::wait;
    switch (stage_) {
      case Stage::offer: return is_old() ? read_decision(reader) : read_offer(reader);
      case Stage::choice: return chosen(reader.u8());
      case Stage::challenge: return pass(reader, 16, Stage::response);
      case Stage::response: return pass(reader, 16, Stage::result);
      case Stage::apple_key: return read_apple_key(reader);
      case Stage::apple_response: return pass(reader, 128 + key_bytes_, Stage::result);
      case Stage::vencrypt_version: return read_vencrypt_version(reader, Stage::vencrypt_agreed);
      case Stage::vencrypt_agreed: return read_vencrypt_version(reader, Stage::vencrypt_offer);
      case Stage::vencrypt_offer: return read_vencrypt_offer(reader);
      case Stage::vencrypt_choice: return read_vencrypt_choice(reader);
      case Stage::vencrypt_start: return reader.u8() == 1 ? Step::encrypts : Step::leave;
      case Stage::result: return read_result(reader);
      case Stage::reason: return read_reason(reader, context);
      case Stage::client_init: return read_client_init(reader);
      case Stage::server_init: return read_server_init(reader, context);
      case Stage::versions: break;
    }
    return Step::wait;
  }

  Step read_version(ByteReader& reader, Version& out) {
    if (!is_version(reader.rest())) return Step::refuse;
    const std::string_view text = text_of(reader.bytes(kVersionBytes));
    if (!reader.ok()) return Step::wait;
    out = {true, std::string{text.substr(4, 3)}, std::string{text.substr(8, 3)}};
    if (versions_[0].seen && versions_[1].seen) stage_ = Stage::offer;
    return Step::go_on;
  }

  // The client's version is spoken, and it is not above the server's. Everything below 3.7 is 3.3; RealVNC counts on to
  // 4 and 5.
  [[nodiscard]] bool is_old() const { return !is_at_least("007"); }
  [[nodiscard]] bool is_new() const { return is_at_least("008"); }
  [[nodiscard]] bool is_at_least(std::string_view minor) const {
    const Version& client = versions_[0];
    return client.major > "003" || (client.major == "003" && client.minor >= minor);
  }

  Step pass(ByteReader& reader, std::size_t bytes, Stage next) {
    reader.bytes(bytes);
    if (!reader.ok()) return Step::wait;
    stage_ = next;
    return Step::go_on;
  }

  // Version 3.3: the server decides.
  Step read_decision(ByteReader& reader) {
    const std::uint32_t method = reader.u32be();
    if (!reader.ok()) return Step::wait;
    if (method > 0xff) return Step::refuse;
    return chosen(static_cast<std::uint8_t>(method));
  }

  Step read_offer(ByteReader& reader) {
    const std::size_t count = reader.u8();
    const Bytes methods = reader.bytes(count);
    if (!reader.ok()) return Step::wait;
    if (count == 0) return chosen(kInvalid);
    offered_.assign(methods.begin(), methods.end());
    stage_ = Stage::choice;
    return Step::go_on;
  }

  Step chosen(std::uint8_t method) {
    method_ = method;
    switch (method) {
      case kInvalid: stage_ = Stage::reason; return Step::go_on;
      case kNone: stage_ = is_new() ? Stage::result : Stage::client_init; return Step::go_on;
      case kVnc: stage_ = Stage::challenge; return Step::go_on;
      case kApple: stage_ = Stage::apple_key; return Step::go_on;
      case kVeNCrypt: stage_ = Stage::vencrypt_version; return Step::go_on;
      case kTls: return Step::encrypts;
      default: return Step::leave;
    }
  }

  // | generator u16 | bytes of a key u16 | prime | server's key |; the client answers with credentials and its key.
  Step read_apple_key(ByteReader& reader) {
    reader.u16be();
    key_bytes_ = reader.u16be();
    if (key_bytes_ > kKeyMax) return Step::refuse;
    return pass(reader, 2 * key_bytes_, Stage::apple_response);
  }

  // VeNCrypt's version 0.2, the only one in use:
  // | major u8, minor u8, each | 0, methods u8+, u32 each | method chosen u32 | 1, and TLS begins |
  Step read_vencrypt_version(ByteReader& reader, Stage next) {
    constexpr std::uint16_t kVersion = 0x0002;
    const std::uint16_t version = reader.u16be();
    if (!reader.ok()) return Step::wait;
    stage_ = next;
    return version == kVersion ? Step::go_on : Step::leave;
  }

  Step read_vencrypt_offer(ByteReader& reader) {
    const std::uint8_t status = reader.u8();
    if (status != 0) return Step::leave;
    const std::size_t count = reader.u8();
    return pass(reader, count * sizeof(std::uint32_t), Stage::vencrypt_choice);
  }

  Step read_vencrypt_choice(ByteReader& reader) {
    const std::uint32_t method = reader.u32be();
    if (!reader.ok()) return Step::wait;
    vencrypt_ = method;
    stage_ = method == kNone ? Stage::result : method == kVnc ? Stage::challenge : Stage::vencrypt_start;
    // Plain is a name and a password, which nobody here reads.
    return method == kNone || method == kVnc || (method >= kFirstTls && method <= kLastTls) ? Step::go_on : Step::leave;
  }

  Step read_result(ByteReader& reader) {
    const std::uint32_t result = reader.u32be();
    if (!reader.ok()) return Step::wait;
    auth_ = result == 0;
    stage_ = *auth_ ? Stage::client_init : Stage::reason;
    return *auth_ || is_new() ? Step::go_on : Step::leave;
  }

  // | bytes u32 | text |; `step` is for one that is longer than we keep.
  static std::optional<Bytes> read_text(ByteReader& reader, Step& step, Context& context) {
    const std::size_t bytes = reader.u32be();
    if (reader.ok() && bytes > kTextMax) {
      context.refused(DecodeError::too_long);
      step = Step::leave;
      return {};
    }
    const Bytes text = reader.bytes(bytes);
    step = Step::wait;
    return reader.ok() ? std::optional{text} : std::nullopt;
  }

  Step read_reason(ByteReader& reader, Context& context) {
    Step step = Step::wait;
    const auto text = read_text(reader, step, context);
    if (!text) return step;
    reason_ = escaped(*text);
    return Step::leave;
  }

  Step read_client_init(ByteReader& reader) {
    shared_ = reader.u8() != 0;
    stage_ = Stage::server_init;
    return Step::go_on;
  }

  Step read_server_init(ByteReader& reader, Context& context) {
    constexpr std::size_t kPixelFormat = 16;
    const std::uint16_t width = reader.u16be(), height = reader.u16be();
    reader.bytes(kPixelFormat);
    if (!reader.ok()) return Step::wait;
    width_ = width;
    height_ = height;
    Step step = Step::wait;
    const auto text = read_text(reader, step, context);
    if (!text) return step;
    desktop_ = escaped(*text);
    return Step::leave;
  }

  static std::string escaped(Bytes bytes) {
    TextBuffer text;
    text.append_escaped(bytes);
    return std::string{text.view()};
  }

  void tell(Context& context) {
    const bool anything = (versions_[0].seen || versions_[1].seen) && !told_;
    told_ = true;
    if (!anything || !context.wants(0)) return;
    EventWriter out = context.begin(0, time_);
    const auto set_text = [&out](Field field, std::string_view text) {
      if (!text.empty()) out.set(field, Value::text(text));
    };
    set_text(kClientMajor, versions_[0].major);
    set_text(kClientMinor, versions_[0].minor);
    set_text(kServerMajor, versions_[1].major);
    set_text(kServerMinor, versions_[1].minor);
    if (method_) out.set(kMethod, Value::text(method_name(*method_)));
    if (auth_) out.set(kAuth, Value::boolean(*auth_));
    if (shared_) out.set(kShared, Value::boolean(*shared_));
    set_text(kDesktop, desktop_);
    if (width_) out.set(kWidth, Value::integer(*width_));
    if (height_) out.set(kHeight, Value::integer(*height_));
    write_offered(out);
    set_text(kReason, reason_);
    if (vencrypt_ && out.wants(kVencrypt)) out.set(kVencrypt, named(out, vencrypt_name(*vencrypt_), *vencrypt_));
    context.emit();
  }

  void write_offered(EventWriter& out) const {
    if (offered_.empty() || !out.wants(kOffered)) return;
    const std::span<Value> names = out.event().arena().make<Value>(offered_.size());
    for (std::size_t i = 0; i < names.size(); ++i) names[i] = Value::text(method_name(offered_[i]));
    if (!names.empty()) out.set(kOffered, Value::list(names));
  }

  Timestamp time_;  // of the first version
  std::optional<Direction> server_;
  std::array<Version, 2> versions_;  // the client's, the server's
  Stage stage_ = Stage::versions;
  std::vector<std::uint8_t> offered_;  // 255 at most
  std::optional<std::uint8_t> method_;
  std::optional<std::uint32_t> vencrypt_;
  std::optional<bool> auth_, shared_;
  std::size_t key_bytes_ = 0;
  std::string desktop_, reason_;
  std::optional<std::uint16_t> width_, height_;
  bool lost_ = false, told_ = false;
};

Verdict probe(Bytes first, Direction, Transport, bool) {
  if (!is_version(first)) return Verdict::no;
  return first.size() >= kVersionBytes ? Verdict::yes : Verdict::unsure;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<RfbAnalyzer>(); }

}  // namespace

Protocol rfb_protocol() {
  Protocol p;
  p.name = "rfb";
  p.help = "Remote Framebuffer (VNC): versions, how the client was let in, whose screen it is";
  p.types = kTypes;
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
