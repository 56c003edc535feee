#include "ingest/network/protocols/kerberos_message.h"

#include <algorithm>

#include "ingest/network/protocols/ber.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kApplication = 0x60, kNumberMask = 0x1f, kGeneralString = 0x1b, kVersion = 5;
constexpr std::uint8_t kTicketTag = kApplication | 1;

bool is_request(KerberosType type) noexcept {
  return type == KerberosType::as_request || type == KerberosType::tgs_request;
}

// Calls `each(number, value)` for the values of a sequence with context tags. False when it is malformed.
template <typename Each>
bool each_field(Bytes sequence, Each each) noexcept {
  for (BerReader reader{sequence}; !reader.empty();) {
    const auto field = reader.next();
    if (!field) return false;
    const auto value = BerReader{field->contents}.next();
    if (!value) return false;
    if (!each(field->tag & kNumberMask, *value)) return false;
  }
  return true;
}

// PrincipalName: | type [0] | names [1] SEQUENCE OF |.
bool read_principal(const BerValue& value, Bytes& names) noexcept {
  return each_field(value.contents, [&](unsigned number, const BerValue& field) {
    if (number == 1) names = field.contents;
    return true;
  });
}

// EncryptedData: | cipher [0] | key's number [1] | ciphertext [2] |.
bool read_cipher(const BerValue& value, std::optional<std::int64_t>& cipher) noexcept {
  return each_field(value.contents, [&](unsigned number, const BerValue& field) {
    if (number == 0) cipher = ber_integer(field.contents);
    return true;
  });
}

// Ticket: [APPLICATION 1] | version [0] | realm [1] | service [2] | encrypted [3] |.
bool read_ticket(const BerValue& value, KerberosMessage& out) noexcept {
  const auto sequence = BerReader{value.contents}.next(ber_tag::kSequence);
  if (value.tag != kTicketTag || !sequence) return false;
  return each_field(sequence->contents, [&](unsigned number, const BerValue& field) {
    if (number == 1) out.service.realm = field.contents;
    if (number == 2) return read_principal(field, out.service.names);
    return number != 3 || read_cipher(field, out.ticket_cipher);
  });
}

// PA-FOR-USER: | user [0] | realm [1] | checksum [2] | package [3] | (MS-SFU 2.2.1).
void read_on_behalf(Bytes contents, KerberosMessage& out) noexcept {
  const auto sequence = BerReader{contents}.next(ber_tag::kSequence);
  if (!sequence) return;
  each_field(sequence->contents, [&](unsigned number, const BerValue& field) {
    if (number == 1) out.on_behalf.realm = field.contents;
    return number != 0 || read_principal(field, out.on_behalf.names);
  });
}

// PA-S4U-X509-USER: | nonce [0], user [1], realm [2], certificate [3], options [4], in a [0] | checksum [1] |
// (MS-SFU 2.2.2). By a certificate alone nobody is named.
void read_on_behalf_x509(Bytes contents, KerberosMessage& out) noexcept {
  const auto sequence = BerReader{contents}.next(ber_tag::kSequence);
  if (!sequence) return;
  KerberosName name;
  each_field(sequence->contents, [&](unsigned part, const BerValue& inner) {
    return part != 0 || each_field(inner.contents, [&](unsigned number, const BerValue& field) {
             if (number == 2) name.realm = field.contents;
             return number != 1 || read_principal(field, name.names);
           });
  });
  if (!name.names.empty()) out.on_behalf = name;
}

// The first certificate of CMS' SignedData (RFC 5652 section 5.1), which is the signer's where there is but one:
// | OID | [0] | version | digests | content | certificates [0] | ... |.
Bytes signers_certificate(Bytes content) noexcept {
  constexpr auto kSignedData = std::to_array<std::uint8_t>({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02});
  const auto info = BerReader{content}.next(ber_tag::kSequence);
  if (!info) return {};
  BerReader outer{info->contents};
  const auto type = outer.next(ber_tag::kOid), wrapped = outer.next(ber_tag::context(0, true));
  if (!type || !wrapped || !std::ranges::equal(type->contents, kSignedData)) return {};
  const auto data = BerReader{wrapped->contents}.next(ber_tag::kSequence);
  if (!data) return {};
  BerReader inner{data->contents};
  if (!inner.next(ber_tag::kInteger) || !inner.next(ber_tag::kSet) || !inner.next(ber_tag::kSequence)) return {};
  const auto certificates = inner.next(ber_tag::context(0, true));
  if (!certificates) return {};
  const auto first = BerReader{certificates->contents}.next(ber_tag::kSequence);
  return first ? first->whole : Bytes{};
}

// PA-PK-AS-REQ: | signed [0] | ... |. PA-PK-AS-REP is that sequence in a [0], or has no signer in the clear.
Bytes pkinit_certificate(Bytes value, bool reply) noexcept {
  BerReader reader{value};
  if (reply) {
    const auto choice = reader.next(ber_tag::context(0, true));
    reader = BerReader{choice ? choice->contents : Bytes{}};
  }
  const auto sequence = reader.next(ber_tag::kSequence);
  if (!sequence) return {};
  const auto content = BerReader{sequence->contents}.next(ber_tag::context(0, false));
  return content ? signers_certificate(content->contents) : Bytes{};
}

// PA-DATA: | type [1] | value [2] |. Tickets and timestamps in it are proof, and passed over.
bool read_padata(Bytes list, KerberosMessage& out) noexcept {
  // An encrypted time; the public key draft and RFC 4556; OTP; an encrypted challenge; SPAKE.
  constexpr auto kProofs = std::to_array<std::int64_t>({2, 14, 16, 138, 142, 151});
  constexpr std::int64_t kCertificate = 16, kServersCertificate = 17, kOnBehalf = 129, kOnBehalfX509 = 130, kFast = 136;
  for (BerReader reader{list}; !reader.empty();) {
    const auto entry = reader.next(ber_tag::kSequence);
    if (!entry) return false;
    std::int64_t type = 0;
    const bool good = each_field(entry->contents, [&](unsigned number, const BerValue& field) {
      if (number == 1) type = ber_integer(field.contents).value_or(0);
      if (number == 2 && type == kOnBehalf) read_on_behalf(field.contents, out);
      if (number == 2 && type == kOnBehalfX509) read_on_behalf_x509(field.contents, out);
      if (number == 2 && (type == kCertificate || type == kServersCertificate))
        out.certificate = pkinit_certificate(field.contents, type == kServersCertificate);
      return true;
    });
    if (!good) return false;
    out.preauthenticated = out.preauthenticated || std::ranges::find(kProofs, type) != kProofs.end();
    out.armored = out.armored || type == kFast;
  }
  return true;
}

// KDC-REQ-BODY.
bool read_body(Bytes contents, KerberosMessage& out) noexcept {
  return each_field(contents, [&](unsigned number, const BerValue& field) {
    switch (number) {
      case 0: {
        ByteReader bits{field.contents};
        bits.u8();  // how many are not used
        const std::uint32_t options = bits.u32be();
        if (bits.ok()) out.options = options;
        return bits.ok();
      }
      case 1: return read_principal(field, out.client.names);
      case 2: out.client.realm = out.service.realm = field.contents; return true;
      case 3: return read_principal(field, out.service.names);
      case 4: out.from = ber_time(field); return true;
      case 5: out.till = ber_time(field); return true;
      case 8: out.ciphers = field.contents; return true;
      default: return true;
    }
  });
}

bool read_request_field(unsigned number, const BerValue& field, KerberosMessage& out) noexcept {
  if (number == 3) return read_padata(field.contents, out);
  return number != 4 || read_body(field.contents, out);
}

bool read_reply_field(unsigned number, const BerValue& field, KerberosMessage& out) noexcept {
  switch (number) {
    case 2: return read_padata(field.contents, out);
    case 3: out.client.realm = field.contents; return true;
    case 4: return read_principal(field, out.client.names);
    case 5: return read_ticket(field, out);
    case 6: return read_cipher(field, out.reply_cipher);
    default: return true;
  }
}

bool read_error_field(unsigned number, const BerValue& field, KerberosMessage& out) noexcept {
  switch (number) {
    case 6: out.error_code = ber_integer(field.contents); return out.error_code.has_value();
    case 7: out.client.realm = field.contents; return true;
    case 8: return read_principal(field, out.client.names);
    case 9: out.service.realm = field.contents; return true;
    case 10: return read_principal(field, out.service.names);
    case 11: out.error_text = field.contents; return true;
    default: return true;
  }
}

bool read_field(unsigned number, const BerValue& field, KerberosMessage& out) noexcept {
  using enum KerberosType;
  switch (out.type) {
    case as_request:
    case tgs_request: return read_request_field(number, field, out);
    case as_reply:
    case tgs_reply: return read_reply_field(number, field, out);
    case ap_request: return number != 3 || read_ticket(field, out);
    case error: return read_error_field(number, field, out);
    case ap_reply: return true;
  }
  return false;
}

std::optional<KerberosType> type_of(std::uint8_t tag) noexcept {
  using enum KerberosType;
  for (const KerberosType type : {as_request, as_reply, tgs_request, tgs_reply, ap_request, ap_reply, error})
    if (tag == (kApplication | static_cast<std::uint8_t>(type))) return type;
  return {};
}

// As begins_kerberos(), of a message without wrapping.
std::optional<bool> begins_message(Bytes in) noexcept {
  if (in.empty()) return {};
  const auto type = type_of(in.front());
  if (!type) return false;
  ByteReader reader{in};
  // Tags and lengths of the message and its sequence: each length at least holds what follows.
  for (const std::uint8_t tag : {in.front(), ber_tag::kSequence}) {
    if (reader.u8() != tag && reader.ok()) return false;
    const std::uint8_t length = reader.u8();
    constexpr std::uint8_t kLong = 0x80, kLongMax = 0x84;
    if (length > kLongMax || length == kLong) return false;
    if (length > kLong) reader.bytes(length & 0x7fU);
  }
  // | version [0 or 1] INTEGER | type [1 or 2] INTEGER |
  const std::uint8_t first = is_request(*type) ? 1 : 0;
  const std::uint8_t wanted[] = {
      ber_tag::context(first, true),      3, ber_tag::kInteger, 1, kVersion,
      ber_tag::context(first + 1U, true), 3, ber_tag::kInteger, 1, static_cast<std::uint8_t>(*type)};
  for (const std::uint8_t byte : wanted)
    if (reader.u8() != byte && reader.ok()) return false;
  return reader.ok() ? std::optional{true} : std::nullopt;
}

// The wrapping of the password service, as far as it is there.
struct PasswordHead {
  std::size_t length = 0, inner = 0;
  std::uint16_t version = 0;
};
PasswordHead read_password_head(ByteReader& reader) noexcept {
  PasswordHead out;
  out.length = reader.u16be();
  out.version = reader.u16be();
  out.inner = reader.u16be();
  return out;
}

// Which service it is: a user's own password (the draft before the RFC), or anybody's. Replies have the former's
// number.
std::string_view password_service(std::uint16_t version) noexcept {
  return version == 1 ? "change" : version == 0xff80 ? "set" : std::string_view{};
}

bool is_wrapped(std::uint8_t tag) noexcept {
  const auto type = type_of(tag);
  return type == KerberosType::ap_request || type == KerberosType::ap_reply || type == KerberosType::error;
}

}  // namespace

bool read_kerberos(Bytes message, KerberosMessage& out) noexcept {
  if (begins_message(message) != true) {
    ByteReader reader{message};
    const PasswordHead head = read_password_head(reader);
    out.new_password = password_service(head.version);
    message = reader.rest();
    if (head.inner != 0) message = message.first(std::min(head.inner, message.size()));
    if (out.new_password.empty() || message.empty() || !is_wrapped(message.front())) return false;
  }
  const auto type = message.empty() ? std::nullopt : type_of(message.front());
  if (!type) return false;
  out.type = *type;
  const auto outer = BerReader{message}.next();
  if (!outer) return false;
  const auto sequence = BerReader{outer->contents}.next(ber_tag::kSequence);
  return sequence && each_field(sequence->contents,
                                [&](unsigned number, const BerValue& field) { return read_field(number, field, out); });
}

std::optional<bool> begins_kerberos(Bytes in) noexcept {
  const auto begins = begins_message(in);
  if (begins != false) return begins;
  ByteReader reader{in};
  const PasswordHead head = read_password_head(reader);
  constexpr std::size_t kVersionEnd = 4, kHead = 6;
  if (in.size() >= kVersionEnd && password_service(head.version).empty()) return false;
  if (!reader.ok()) return {};
  if (head.length < kHead + head.inner) return false;
  const Bytes rest = reader.rest();
  return rest.empty() || is_wrapped(rest.front()) ? begins_message(rest) : false;
}

bool append_kerberos_name(Bytes names, TextBuffer& text) {
  bool first = true;
  for (BerReader reader{names}; !reader.empty(); first = false) {
    const auto name = reader.next(kGeneralString);
    if (!name) return false;
    if (!first) text.append('/');
    text.append_escaped(name->contents);
  }
  return true;
}

}  // namespace nw::network
