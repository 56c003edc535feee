// IKE, the key exchange of IPsec: version 1 (RFC 2408, 2409), version 2 (RFC 7296), also behind NAT (RFC 3948). One
// `ipsec` event per message, as in Zeek's package. What the first messages agree on is in the clear, the rest is
// encrypted. Aggressive mode of version 1 shows its certificates: `x509` events. [0 u32 on port 4500] | SPIs u64, u64 |
// next u8 | version u4 u4 | exchange u8 | flags u8 | message u32 | length u32 | payloads: | next u8 | 0 | length u16,
// with this header | body |
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "ingest/network/protocols/ipsec_names.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/ssl_event.h"
#include "ingest/network/protocols/text_buffer.h"
#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kInitiatorSpi,
  kResponderSpi,
  kMajor,
  kMinor,
  kExchange,
  kFlagE,
  kFlagC,
  kFlagA,
  kFlagI,
  kFlagV,
  kFlagR,
  kMessageId,
  kVendorIds,
  kNotifies,
  kTransforms,
  kGroups,
  kProposals,
  kProtocolId,
  kAttributes,
  kAlgorithms,
  kLength,
  kDoi,
  kSituation,
  kAuthorities,
};

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"is_orig", "boolean", "the originator of the flow sent it"},
    {"initiator_spi", "text", "by which the initiator knows the association, hexadecimal"},
    {"responder_spi", "text", "by which the responder knows it; zeros in the first message"},
    {"maj_ver", "integer", "1 or 2"},
    {"min_ver", "integer", "0"},
    {"exchange_type", "integer",
     "2 main mode, 4 aggressive, 5 informational, 32 quick; 34 IKE_SA_INIT, 35 IKE_AUTH, ..."},
    {"flag_e", "boolean", "encrypted (version 1)"},
    {"flag_c", "boolean", "commit (version 1)"},
    {"flag_a", "boolean", "authenticated only (version 1)"},
    {"flag_i", "boolean", "the association's initiator sent it (version 2)"},
    {"flag_v", "boolean", "the sender can speak a higher version (version 2)"},
    {"flag_r", "boolean", "an answer (version 2)"},
    {"message_id", "integer", "number of the exchange"},
    {"vendor_ids", "list of text", "what the sender is or can; UNKNOWN: and hexadecimal where we have no name"},
    {"notify_messages", "list of text", "NO_PROPOSAL_CHOSEN, AUTHENTICATION_FAILED, ...; unknown-NN"},
    {"transforms", "list of integer", "transforms that are offered or chosen, their ids (version 1)"},
    {"ke_dh_groups", "list of integer", "group of the key exchange (version 2)"},
    {"proposals", "list of integer", "numbers of the proposals"},
    {"protocol_id", "integer", "what is negotiated: 1 IKE, 2 AH, 3 ESP (version 1)"},
    {"transform_attributes", "list of text", "proposal:transform:name=value"},
    {"algorithms", "list of text",
     "ENCR=12, PRF=2, INTEG=2, DH=14, ...: kind and IANA's number, once each (version 2) (ours)"},
    {"length", "integer", "octets, as the message says"},
    {"doi", "integer", "domain of interpretation: 1 IPsec (version 1)"},
    {"situation", "text", "octets of the situation (version 1)"},
    {"cert_authorities", "integer",
     "how many authorities the sender names, one of which should have signed the other's certificate; 0 for any "
     "(ours)"},
});
constexpr std::array<std::string_view, 1> kService{"ipsec"};
enum Type : std::size_t { kIpsec, kX509 };
constexpr std::array<event::TypeSpec, 2> kTypes{
    {{"ipsec", "normwatch", kService, kService, kFields, false}, kX509Type}};
constexpr std::array<std::uint16_t, 2> kPorts{500, 4500};

constexpr std::size_t kHeader = 28;
constexpr unsigned kPayloadsMax = 64;     // of a message that are read
constexpr std::size_t kValuesMax = 256;   // of a list that are told
constexpr unsigned kTransformsMax = 512;  // of a message that are read
enum Payload : std::uint8_t {
  kNone = 0,
  kSa1 = 1,
  kCertificate1 = 6,
  kRequest1 = 7,  // for a certificate
  kNotify1 = 11,
  kVendor1 = 13,
  kSa2 = 33,
  kKeyExchange2 = 34,
  kCertificate2 = 37,
  kRequest2 = 38,
  kNotify2 = 41,
  kVendor2 = 43,
  kEncrypted2 = 46,
  kFragment2 = 53,
};

struct Header {
  Bytes initiator, responder;
  std::uint8_t next = 0, version = 0, exchange = 0, flags = 0;
  std::uint32_t message = 0, length = 0;
  Bytes body;  // what is there
  [[nodiscard]] bool v2() const noexcept { return version >> 4U == 2; }
};

bool is_exchange(const Header& header) noexcept {
  const unsigned type = header.exchange;
  return header.v2() ? type >= 34 && type <= 44 : type <= 6 || type == 32 || type == 33;
}

// ESP behind NAT uses the same ports, and its first octets are random: a header must be in order to be taken for one.
bool read_header(Bytes message, Header& out) noexcept {
  constexpr std::uint32_t kLengthMax = 0xffff;  // of a datagram
  ByteReader reader{message};
  out.initiator = reader.bytes(8);
  out.responder = reader.bytes(8);
  out.next = reader.u8();
  out.version = reader.u8();
  out.exchange = reader.u8();
  out.flags = reader.u8();
  out.message = reader.u32be();
  out.length = reader.u32be();
  out.body = reader.rest();
  const bool known = out.version == 0x10 || out.version == 0x20;
  const unsigned reserved = out.v2() ? 0xc7U : 0xf8U;
  return reader.ok() && known && is_exchange(out) && (out.flags & reserved) == 0 && out.length <= kLengthMax;
}

// Behind NAT four zeros tell it from ESP.
bool read_datagram(Bytes datagram, Header& out) noexcept {
  constexpr std::size_t kMarker = 4;
  if (read_header(datagram, out)) return true;
  return ByteReader{datagram}.u32be() == 0 && datagram.size() > kMarker && read_header(datagram.subspan(kMarker), out);
}

struct Lists {
  std::vector<Value> vendors, notifies, transforms, groups, proposals, attributes, algorithms;
  void clear() {
    for (auto* list : {&vendors, &notifies, &transforms, &groups, &proposals, &attributes, &algorithms}) list->clear();
  }
};

class IpsecAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    // ESP and what keeps a NAT's entry are on the same ports.
    Header header;
    if (!read_datagram(bytes, header)) return;
    const bool told = !context.wants(kIpsec) || tell(header, direction, context);
    const bool shown = !context.wants(kX509) || tell_certificates(header, direction, context);
    if (told && shown) return;
    context.refused(header.length > kHeader + header.body.size() ? DecodeError::truncated : DecodeError::bad_value);
  }

 private:
  // False when something is not whole.
  bool tell(const Header& header, Direction direction, Context& context) {
    EventWriter out = context.begin(kIpsec, context.now());
    write_header(out, header, direction);
    lists_.clear();
    transforms_ = 0;
    authorities_.reset();
    const bool whole =
        payloads(header, [&](std::uint8_t type, Bytes body) { return payload(out, type, body, header.v2()); });
    write_lists(out);
    if (authorities_) out.set(kAuthorities, Value::integer(*authorities_));
    context.emit();
    return whole;
  }

  // | encoding u8 | data |; 4 and 5 are X.509 for signatures and for key exchange (RFC 2408 section 3.9).
  static bool tell_certificates(const Header& header, Direction direction, Context& context) {
    constexpr std::uint8_t kSignature = 4, kKeyExchange = 5;
    const std::uint8_t wanted = header.v2() ? kCertificate2 : kCertificate1;
    CertificateRole role{true, direction == Direction::to_responder};
    return payloads(header, [&](std::uint8_t type, Bytes body) {
      ByteReader reader{body};
      if (type != wanted) return true;
      const std::uint8_t encoding = reader.u8();
      if (encoding != kSignature && encoding != kKeyExchange) return reader.ok();
      tell_certificate(reader.rest(), {}, role, kX509, context);
      role.first_of_chain = false;
      return true;
    });
  }

  static void write_header(EventWriter& out, const Header& header, Direction direction) {
    out.set(kIsOrig, Value::boolean(direction == Direction::to_responder));
    set_hex(out, kInitiatorSpi, header.initiator);
    set_hex(out, kResponderSpi, header.responder);
    out.set(kMajor, Value::integer(header.version >> 4U));
    out.set(kMinor, Value::integer(header.version & 15U));
    out.set(kExchange, Value::integer(header.exchange));
    for (unsigned bit = 0; bit < 6; ++bit) out.set(kFlagE + bit, Value::boolean((header.flags >> bit & 1U) != 0));
    out.set(kMessageId, Value::integer(header.message));
    out.set(kLength, Value::integer(header.length));
  }

  void write_lists(EventWriter& out) const {
    set_list_copy(out, kVendorIds, lists_.vendors);
    set_list_copy(out, kNotifies, lists_.notifies);
    set_list_copy(out, kTransforms, lists_.transforms);
    set_list_copy(out, kGroups, lists_.groups);
    set_list_copy(out, kProposals, lists_.proposals);
    set_list_copy(out, kAttributes, lists_.attributes);
    set_list_copy(out, kAlgorithms, lists_.algorithms);
  }

  static void add(std::vector<Value>& list, Value value) {
    if (list.size() < kValuesMax) list.push_back(value);
  }

  // False when they are not whole, or `read` says so of one.
  static bool payloads(const Header& header, const auto& read) {
    constexpr std::uint8_t kFlagEncrypted = 1;
    constexpr std::size_t kPayloadHeader = 4;
    if (header.length < kHeader || header.length - kHeader > header.body.size()) return false;
    if (!header.v2() && (header.flags & kFlagEncrypted) != 0) return true;
    ByteReader reader{header.body.first(header.length - kHeader)};
    std::uint8_t type = header.next;
    for (unsigned i = 0; type != kNone && i < kPayloadsMax; ++i) {
      if (header.v2() && (type == kEncrypted2 || type == kFragment2)) return true;
      const std::uint8_t next = reader.u8();
      reader.u8();
      const std::size_t length = reader.u16be();
      if (!reader.ok() || length < kPayloadHeader) return false;
      const Bytes body = reader.bytes(length - kPayloadHeader);
      if (!reader.ok() || !read(type, body)) return false;
      type = next;
    }
    return true;
  }

  bool payload(EventWriter& out, std::uint8_t type, Bytes body, bool v2) {
    ByteReader reader{body};
    switch (type) {
      case kSa1: return v2 || association1(out, reader);
      case kSa2: return !v2 || proposals(out, reader, true);
      case kNotify1:
        if (v2) return true;
        reader.u32be();  // domain of interpretation
        return notify(out, reader, false);
      case kNotify2: return !v2 || notify(out, reader, true);
      case kRequest1:
      case kRequest2: return v2 != (type == kRequest2) || request(body, v2);
      case kVendor1:
        if (!v2) vendor(out, body);
        return true;
      case kVendor2:
        if (v2) vendor(out, body);
        return true;
      case kKeyExchange2:
        if (v2) add(lists_.groups, Value::integer(reader.u16be()));
        return reader.ok();
      default: return true;
    }
  }

  // | encoding u8 | a name |, or in version 2 digests of authorities' keys (RFC 7296 section 3.7).
  bool request(Bytes body, bool v2) {
    constexpr std::size_t kDigest = 20;
    if (body.empty()) return false;
    const std::size_t octets = body.size() - 1, named = octets == 0 ? 0 : 1;
    authorities_ = authorities_.value_or(0) + static_cast<std::int64_t>(v2 ? octets / kDigest : named);
    return true;
  }

  void vendor(EventWriter& out, Bytes id) {
    if (const std::string_view name = ike_vendor_name(id); !name.empty()) return add(lists_.vendors, Value::text(name));
    TextBuffer text;
    text.append("UNKNOWN:");
    text.append_hex(id);
    add(lists_.vendors, Value::text(out.event().keep(text.view())));
  }

  // | protocol u8 | SPI's length u8 | type u16 | SPI | data |
  bool notify(EventWriter& out, ByteReader& reader, bool v2) {
    reader.u16be();
    const std::uint16_t type = reader.u16be();
    if (!reader.ok()) return false;
    const std::string_view name = ike_notify_name(v2, type);
    add(lists_.notifies, Value::text(name.empty() ? out.event().keep("unknown-" + std::to_string(type)) : name));
    return true;
  }

  // | domain of interpretation u32 | situation: u32 in IPsec's | proposals |
  bool association1(EventWriter& out, ByteReader& reader) {
    const std::uint32_t doi = reader.u32be();
    const Bytes situation = reader.bytes(4);
    if (!reader.ok()) return false;
    out.set(kDoi, Value::integer(doi));
    if (out.wants(kSituation)) {
      TextBuffer text;
      text.append_escaped(situation);
      out.set(kSituation, Value::text(out.event().keep(text.view())));
    }
    return proposals(out, reader, false);
  }

  // | more u8 | 0 | length u16 | number u8 | protocol u8 | SPI's length u8 | transforms u8 | SPI | transforms |
  bool proposals(EventWriter& out, ByteReader& reader, bool v2) {
    constexpr std::size_t kProposalHeader = 8;
    while (!reader.empty()) {
      reader.u16be();
      const std::size_t length = reader.u16be();
      const std::uint8_t number = reader.u8(), protocol = reader.u8();
      const std::size_t spi = reader.u8();
      reader.u8();
      if (!reader.ok() || length < kProposalHeader + spi) return false;
      reader.bytes(spi);
      ByteReader inner = reader.sub(length - kProposalHeader - spi);
      add(lists_.proposals, Value::integer(number));
      if (!v2) out.set(kProtocolId, Value::integer(protocol));
      while (!inner.empty())
        if (!transform(out, inner, number, v2)) return false;
      if (!inner.ok()) return false;
    }
    return reader.ok();
  }

  // Version 1: | more u8 | 0 | length u16 | number u8 | id u8 | 0 u16 | attributes |; 2: | ... | kind u8 | 0 | id u16 |
  // ... |
  bool transform(EventWriter& out, ByteReader& reader, std::uint8_t proposal, bool v2) {
    constexpr std::size_t kTransformHeader = 8;
    reader.u16be();
    const std::size_t length = reader.u16be();
    const std::uint8_t kind = reader.u8(), second = reader.u8();
    const std::uint16_t third = reader.u16be();
    if (!reader.ok() || length < kTransformHeader || ++transforms_ > kTransformsMax) return false;
    ByteReader inner = reader.sub(length - kTransformHeader);
    const std::uint16_t id = v2 ? third : second;
    if (v2)
      algorithm(out, kind, id);
    else
      add(lists_.transforms, Value::integer(id));
    while (!inner.empty()) attribute(out, inner, proposal, id);
    return inner.ok();
  }

  void algorithm(EventWriter& out, std::uint8_t kind, std::uint16_t id) {
    TextBuffer text;
    const std::string_view name = ike_transform_name(kind);
    if (name.empty()) text.append_number(kind);
    text.append(name);
    text.append('=');
    text.append_number(id);
    for (const Value& known : lists_.algorithms)
      if (known.as_text() == text.view()) return;
    add(lists_.algorithms, Value::text(out.event().keep(text.view())));
  }

  // | 1 and type u16 | value u16 |, or | type u16 | length u16 | value |
  void attribute(EventWriter& out, ByteReader& reader, std::uint8_t proposal, std::uint16_t transform) {
    const std::uint16_t head = reader.u16be(), second = reader.u16be();
    const Bytes value = (head & 0x8000U) != 0 ? Bytes{} : reader.bytes(second);
    if (!reader.ok() || lists_.attributes.size() == kValuesMax) return;
    const auto type = static_cast<std::uint16_t>(head & 0x7fffU);
    TextBuffer text;
    text.append_number(proposal);
    text.append(':');
    text.append_number(transform);
    text.append(':');
    const std::string_view name = ike_attribute_name(type);
    if (name.empty()) text.append_number(type);
    text.append(name);
    text.append('=');
    if ((head & 0x8000U) != 0) {
      text.append_number(second);
    } else if (value.size() <= 8) {
      std::uint64_t number = 0;
      for (const std::uint8_t octet : value) number = number << 8U | octet;
      text.append_number(number);
    } else {
      text.append_hex(value);
    }
    add(lists_.attributes, Value::text(out.event().keep(text.view())));
  }

  Lists lists_;  // of the message in hand
  unsigned transforms_ = 0;
  std::optional<std::int64_t> authorities_;
};

// Off its ports the length must fit, too.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  Header header;
  if (!read_datagram(first, header)) return Verdict::no;
  return on_port || header.length == kHeader + header.body.size() ? Verdict::yes : Verdict::no;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<IpsecAnalyzer>(); }

}  // namespace

Protocol ipsec_protocol() {
  Protocol p;
  p.name = "ipsec";
  p.help = "IKE versions 1 and 2: key exchanges of IPsec";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
