#include "ingest/network/protocols/rdp_message.h"

#include <algorithm>

#include "ingest/network/protocols/ber.h"

namespace nw::network {

namespace {

constexpr std::size_t kTpktHeader = 4, kTpktMin = 7;
constexpr std::size_t kTpktMax = 16 * 1024;  // the opening messages have less than 4 KiB

std::string_view text_of(Bytes bytes) noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// The bytes up to a carriage return and line feed, which are taken too; nothing when there are none.
std::optional<Bytes> take_line(ByteReader& reader) noexcept {
  const std::size_t end = text_of(reader.rest()).find("\r\n");
  if (end == std::string_view::npos) return {};
  const Bytes line = reader.bytes(end);
  reader.bytes(2);
  return line;
}

// | type u8 | flags u8 | length u16le = 8 | value u32le |
struct Negotiation {
  std::uint8_t type = 0, flags = 0;
  std::uint32_t value = 0;
};
std::optional<Negotiation> read_negotiation(ByteReader reader) noexcept {
  constexpr std::uint16_t kLength = 8;
  Negotiation out;
  out.type = reader.u8();
  out.flags = reader.u8();
  const std::uint16_t length = reader.u16le();
  out.value = reader.u32le();
  return reader.ok() && length == kLength ? std::optional{out} : std::nullopt;
}

// The user data of an MCS message behind `values` other values. Its tag has two bytes, of which a BerReader takes one.
std::optional<Bytes> mcs_user_data(Bytes user, unsigned values) noexcept {
  const auto message = BerReader{user.subspan(1)}.next();
  if (!message) return {};
  BerReader reader{message->contents};
  for (unsigned i = 0; i < values; ++i)
    if (!reader.next()) return {};
  const auto data = reader.next(ber_tag::kOctetString);
  return data ? std::optional{data->contents} : std::nullopt;
}

// A length of PER (X.691 section 10.9) in one byte or two.
std::size_t per_length(ByteReader& reader) noexcept {
  const std::size_t first = reader.u8();
  return first < 0x80 ? first : (first & 0x7fU) << 8U | reader.u8();
}

// The settings of a GCC message, behind its key ("Duca" from clients, "McDn" from servers).
ByteReader settings(ByteReader& reader, std::string_view key) noexcept {
  const bool same = text_of(reader.bytes(key.size())) == key;
  return reader.sub(same ? per_length(reader) : reader.rest().size() + 1);
}

// T.124's object identifier and the length of what follows.
void pass_gcc_head(ByteReader& reader) noexcept {
  constexpr std::size_t kObject = 7;
  reader.bytes(kObject);
  per_length(reader);
}

// Calls `each(type, block)` for each | type u16le | length u16le, with these four bytes | block |.
template <typename Each>
bool each_block(ByteReader reader, Each each) noexcept {
  constexpr std::uint16_t kHeader = 4;
  while (!reader.empty()) {
    const std::uint16_t type = reader.u16le(), length = reader.u16le();
    if (!reader.ok() || length < kHeader) return false;
    const ByteReader block = reader.sub(length - kHeader);
    if (!block.ok()) return false;
    each(type, block);
  }
  return reader.ok();
}

// Clients of version 4 end behind the IME's file name, later ones after any field.
void read_core(ByteReader block, RdpClient& out) noexcept {
  constexpr std::size_t kName = 32, kKeyboard = 12, kIme = 64, kProduct = 64;
  constexpr std::uint16_t kWants32 = 2;
  const auto take16 = [&block]() -> std::optional<std::uint16_t> {
    const std::uint16_t value = block.u16le();
    return block.ok() ? std::optional{value} : std::nullopt;
  };
  const auto take32 = [&block]() -> std::optional<std::uint32_t> {
    const std::uint32_t value = block.u32le();
    return block.ok() ? std::optional{value} : std::nullopt;
  };
  block.u32le();  // version
  out.width = take16();
  out.height = take16();
  block.u32le();  // an older color depth, a sequence that is always the same
  out.keyboard = take32();
  out.build = take32();
  out.name = block.bytes(kName);
  block.bytes(kKeyboard + kIme);
  block.u16le();  // another older color depth
  block.u16le();  // product
  block.u32le();  // serial number
  out.color_depth = take16();
  block.u16le();  // depths that the client can do
  out.wants_32_bits = (block.u16le() & kWants32) != 0;
  out.product = block.bytes(kProduct);
}

void read_channels(ByteReader block, RdpClient& out) noexcept {
  constexpr std::size_t kChannel = 12;
  const std::size_t count = block.u32le();
  const std::size_t there = std::min(count, block.rest().size() / kChannel);
  out.channels = block.bytes(there * kChannel);
}

void read_security(ByteReader block, RdpServer& out) noexcept {
  const std::uint32_t method = block.u32le(), level = block.u32le();
  if (!block.ok()) return;
  out.encryption_method = method;
  out.encryption_level = level;
  const std::uint32_t random = block.u32le(), certificate = block.u32le();
  block.bytes(random);
  ByteReader chain = block.sub(certificate);
  constexpr std::uint32_t kTemporary = 0x80000000U, kX509 = 2;
  const std::uint32_t version = chain.u32le();
  if (!chain.ok()) return;
  out.certificate_type = version & ~kTemporary;
  out.certificate_permanent = (version & kTemporary) == 0;
  const std::uint32_t count = out.certificate_type == kX509 ? chain.u32le() : 1;
  out.certificates = chain.ok() ? count : 0;
}

}  // namespace

std::optional<DecodeError> read_rdp_packet(ByteReader& reader, RdpPacket& out) noexcept {
  ByteReader header = reader;
  const std::uint8_t version = header.u8();
  if (header.ok() && version != 3) return DecodeError::bad_value;
  header.u8();
  const std::size_t length = header.u16be();
  if (!header.ok()) return DecodeError::truncated;
  if (length < kTpktMin || length > kTpktMax) return DecodeError::bad_value;
  ByteReader packet = header.sub(length - kTpktHeader);
  if (!packet.ok()) return DecodeError::truncated;
  constexpr std::uint8_t kRequest = 0xe0, kConfirm = 0xd0, kData = 0xf0, kCodeMask = 0xf0;
  const std::size_t head = packet.u8();
  const std::uint8_t code = packet.u8() & kCodeMask;
  // Of a request or confirmation: two references and a class. The head's length counts their user data, or not.
  constexpr std::size_t kReferences = 5;
  if (head == 0 || head > length - kTpktHeader - 1) return DecodeError::bad_value;
  out.kind = code == kRequest   ? RdpPacket::Kind::request
             : code == kConfirm ? RdpPacket::Kind::confirm
             : code == kData    ? RdpPacket::Kind::data
                                : RdpPacket::Kind::other;
  packet.bytes(code == kRequest || code == kConfirm ? kReferences : head - 1);
  if (!packet.ok()) return DecodeError::bad_value;
  out.user = packet.rest();
  reader = header;
  return {};
}

bool read_rdp_request(Bytes user, RdpRequest& out) noexcept {
  constexpr std::string_view kCookie = "Cookie: mstshash=", kToken = "Cookie: msts=", kAnyToken = "tsv://";
  constexpr std::uint8_t kRequest = 1, kRestrictedAdmin = 1;
  ByteReader reader{user};
  if (user.empty()) return true;
  if (user.front() != kRequest) {
    const auto line = take_line(reader);
    if (!line) return false;
    const std::string_view text = text_of(*line);
    if (text.starts_with(kCookie)) {
      out.cookie = line->subspan(kCookie.size());
    } else if (text.starts_with(kToken) || text.starts_with(kAnyToken)) {
      out.routing_token = *line;
    } else {
      return false;
    }
  }
  if (reader.empty()) return true;
  const auto negotiation = read_negotiation(reader);
  if (!negotiation || negotiation->type != kRequest) return false;
  out.protocols = negotiation->value;
  out.restricted_admin = (negotiation->flags & kRestrictedAdmin) != 0;
  return true;
}

bool read_rdp_confirm(Bytes user, RdpConfirm& out) noexcept {
  constexpr std::uint8_t kResponse = 2, kFailure = 3;
  if (user.empty()) return true;
  const auto negotiation = read_negotiation(ByteReader{user});
  if (!negotiation) return false;
  if (negotiation->type == kResponse) out.protocol = negotiation->value;
  if (negotiation->type == kFailure) out.failure = negotiation->value;
  return out.protocol || out.failure;
}

bool is_rdp_client(Bytes user) noexcept { return user.size() >= 2 && user[0] == 0x7f && user[1] == 0x65; }
bool is_rdp_server(Bytes user) noexcept { return user.size() >= 2 && user[0] == 0x7f && user[1] == 0x66; }

bool read_rdp_client(Bytes user, RdpClient& out) noexcept {
  // Two selectors, a flag, three sets of parameters.
  const auto data = is_rdp_client(user) ? mcs_user_data(user, 6) : std::nullopt;
  if (!data) return false;
  ByteReader gcc{*data};
  pass_gcc_head(gcc);
  constexpr std::size_t kConferenceRequest = 8;
  gcc.bytes(kConferenceRequest);
  const ByteReader blocks = settings(gcc, "Duca");
  return blocks.ok() && each_block(blocks, [&out](std::uint16_t type, ByteReader block) {
           constexpr std::uint16_t kCore = 0xc001, kNetwork = 0xc003;
           if (type == kCore) read_core(block, out);
           if (type == kNetwork) read_channels(block, out);
         });
}

bool read_rdp_server(Bytes user, RdpServer& out) noexcept {
  // A result, an identifier, a set of parameters.
  const auto data = is_rdp_server(user) ? mcs_user_data(user, 3) : std::nullopt;
  if (!data) return false;
  ByteReader gcc{*data};
  pass_gcc_head(gcc);
  gcc.u8();             // a conference response
  gcc.u16be();          // node
  gcc.bytes(gcc.u8());  // tag
  const std::uint8_t result = gcc.u8();
  if (!gcc.ok()) return false;
  out.result = result;
  gcc.bytes(3);  // one set of user data, with a key of H.221
  const ByteReader blocks = settings(gcc, "McDn");
  return blocks.ok() && each_block(blocks, [&out](std::uint16_t type, ByteReader block) {
           constexpr std::uint16_t kSecurity = 0x0c02;
           if (type == kSecurity) read_security(block, out);
         });
}

void append_utf16(Bytes text, TextBuffer& out) {
  ByteReader reader{text};
  constexpr std::uint8_t kTail = 0x80;
  while (reader.rest().size() >= 2) {
    const unsigned unit = reader.u16le();
    if (unit == 0) return;
    // Halves of surrogate pairs become UTF-8 that is malformed, and are escaped.
    std::array<std::uint8_t, 3> utf8{};
    std::size_t bytes = 1;
    if (unit < 0x80) {
      utf8[0] = static_cast<std::uint8_t>(unit);
    } else if (unit < 0x800) {
      utf8 = {static_cast<std::uint8_t>(0xc0U | unit >> 6U), static_cast<std::uint8_t>(kTail | (unit & 0x3fU)), 0};
      bytes = 2;
    } else {
      utf8 = {static_cast<std::uint8_t>(0xe0U | unit >> 12U), static_cast<std::uint8_t>(kTail | (unit >> 6U & 0x3fU)),
              static_cast<std::uint8_t>(kTail | (unit & 0x3fU))};
      bytes = 3;
    }
    out.append_escaped(Bytes{utf8}.first(bytes));
  }
}

}  // namespace nw::network
