#include "ingest/network/protocols/ldap_message.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/network/protocols/ber.h"

namespace nw::network {

namespace {

using enum LdapOperation;

constexpr std::uint8_t kApplication = 0x40, kClassMask = 0xc0, kNumberMask = 0x1f;

constexpr auto kOperations = std::to_array<LdapOperation>(
    {bind_request,     bind_response,     unbind_request,  search_request,   search_entry,    search_done,
     modify_request,   modify_response,   add_request,     add_response,     delete_request,  delete_response,
     rename_request,   rename_response,   compare_request, compare_response, abandon_request, search_reference,
     extended_request, extended_response, intermediate});

// A tag's length, definite and of four octets at most; nothing when there is none such. `reader` fails at the end.
std::optional<std::size_t> take_length(ByteReader& reader) noexcept {
  const std::size_t first = reader.u8();
  if (first < 0x80) return first;
  const std::size_t count = first & 0x7fU;
  if (count == 0 || count > 4) return {};
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) length = length << 8U | reader.u8();
  return length;
}

std::optional<std::int64_t> take_integer(BerReader& reader, std::uint8_t tag) noexcept {
  const auto value = reader.next(tag);
  if (!value) return {};
  // Not allowed, but OpenLDAP takes it for 0.
  return value->contents.empty() ? 0 : ber_integer(value->contents);
}

bool take_text(BerReader& reader, Bytes& out) noexcept {
  const auto value = reader.next(ber_tag::kOctetString);
  if (value) out = value->contents;
  return value.has_value();
}

std::string_view text_of(Bytes bytes) noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool read_bind(BerReader reader, LdapRequest& out) noexcept {
  using enum LdapRequest::Authentication;
  out.version = take_integer(reader, ber_tag::kInteger);
  if (!out.version || !take_text(reader, out.object)) return false;
  const auto choice = reader.next();
  if (!choice) return false;
  switch (choice->tag) {
    case ber_tag::context(0, false):
      out.authentication = simple;
      out.has_password = !choice->contents.empty();
      return true;
    case ber_tag::context(3, true): {
      out.authentication = sasl;
      BerReader inner{choice->contents};
      if (!take_text(inner, out.argument)) return false;
      return inner.empty() || take_text(inner, out.credentials);
    }
    // Microsoft's NTLM before SASL (MS-ADTS 5.1.1.1.3).
    case ber_tag::context(9, false): out.authentication = sicily_discovery; return true;
    case ber_tag::context(10, false):
    case ber_tag::context(11, false):
      out.authentication = choice->tag == ber_tag::context(10, false) ? sicily_negotiate : sicily_response;
      out.credentials = choice->contents;
      return true;
    default: return false;
  }
}

bool read_search(BerReader reader, LdapRequest& out) noexcept {
  if (!take_text(reader, out.object)) return false;
  out.scope = take_integer(reader, ber_tag::kEnumerated);
  out.deref_aliases = take_integer(reader, ber_tag::kEnumerated);
  const bool limits = reader.next(ber_tag::kInteger) && reader.next(ber_tag::kInteger);
  if (!out.scope || !out.deref_aliases || !limits || !reader.next(ber_tag::kBoolean)) return false;
  const auto filter = reader.next();
  if (!filter) return false;
  out.filter = filter->whole;
  const auto attributes = reader.next(ber_tag::kSequence);
  if (!attributes) return false;
  out.attributes = attributes->contents;
  out.list = LdapRequest::List::names;
  return true;
}

// An object, and a sequence of what is added or changed.
bool read_change(BerReader reader, LdapRequest::List list, LdapRequest& out) noexcept {
  if (!take_text(reader, out.object)) return false;
  const auto changes = reader.next(ber_tag::kSequence);
  if (!changes) return false;
  out.attributes = changes->contents;
  out.list = list;
  return true;
}

// An object, and the attribute that is said to have a value.
bool read_compare(BerReader reader, LdapRequest& out) noexcept {
  if (!take_text(reader, out.object)) return false;
  const auto assertion = reader.next(ber_tag::kSequence);
  if (!assertion) return false;
  BerReader inner{assertion->contents};
  out.list = LdapRequest::List::one;
  return take_text(inner, out.attributes);
}

bool read_extended(BerReader reader, LdapRequest& out) noexcept {
  const auto name = reader.next(ber_tag::context(0, false));
  if (name) out.object = name->contents;
  return name.has_value();
}

// By name or number; options as ";lang-en" may stand behind it (RFC 4512 section 2.5).
bool is_secret(Bytes description) noexcept {
  // RFC 4519's, RFC 3112's and RFC 2798's; then those of Microsoft, its LAPS, Samba and Kerberos servers.
  constexpr auto kSecrets = std::to_array<std::string_view>({"userpassword",
                                                             "2.5.4.35",
                                                             "authpassword",
                                                             "1.3.6.1.4.1.4203.1.3.4",
                                                             "userpkcs12",
                                                             "2.16.840.1.113730.3.1.216",
                                                             "unicodepwd",
                                                             "1.2.840.113556.1.4.90",
                                                             "dbcspwd",
                                                             "1.2.840.113556.1.4.55",
                                                             "ntpwdhistory",
                                                             "1.2.840.113556.1.4.94",
                                                             "lmpwdhistory",
                                                             "1.2.840.113556.1.4.160",
                                                             "supplementalcredentials",
                                                             "1.2.840.113556.1.4.125",
                                                             "ms-mcs-admpwd",
                                                             "mslaps-password",
                                                             "mslaps-encryptedpassword",
                                                             "cleartextpassword",
                                                             "sambantpassword",
                                                             "sambalmpassword",
                                                             "sambapasswordhistory",
                                                             "krbprincipalkey"});
  std::string_view name = text_of(description);
  name = name.substr(0, name.find(';'));
  while (!name.empty() && name.front() == ' ') name.remove_prefix(1);
  while (!name.empty() && name.back() == ' ') name.remove_suffix(1);
  return std::ranges::any_of(
      kSecrets, [name](std::string_view secret) { return std::ranges::equal(name, secret, {}, ascii_lower); });
}

// Parentheses and asterisks would read as the filter's own.
void append_value(Bytes value, TextBuffer& text) {
  while (!value.empty()) {
    const auto stop = std::ranges::find_if(value, [](std::uint8_t c) { return c == '(' || c == ')' || c == '*'; });
    const auto plain = static_cast<std::size_t>(stop - value.begin());
    text.append_escaped(value.first(plain));
    value = value.subspan(plain);
    if (value.empty()) return;
    text.append("\\x");
    text.append_hex(value.first(1));
    value = value.subspan(1);
  }
}

// attribute, relation, value.
bool append_assertion(Bytes contents, std::string_view relation, TextBuffer& text) {
  BerReader reader{contents};
  Bytes attribute, value;
  if (!take_text(reader, attribute) || !take_text(reader, value)) return false;
  append_value(attribute, text);
  text.append(relation);
  if (is_secret(attribute)) {
    text.append("REDACTED");
  } else {
    append_value(value, text);
  }
  return true;
}

// attribute=first*middle*last
bool append_substrings(Bytes contents, TextBuffer& text) {
  BerReader reader{contents};
  Bytes attribute;
  if (!take_text(reader, attribute)) return false;
  const auto parts = reader.next(ber_tag::kSequence);
  if (!parts) return false;
  append_value(attribute, text);
  text.append('=');
  bool star = false;  // one stands at the end already
  for (BerReader list{parts->contents}; !list.empty();) {
    const auto part = list.next();
    if (!part) return false;
    const bool first = part->tag == ber_tag::context(0, false), last = part->tag == ber_tag::context(2, false);
    if (!first && !star) text.append('*');
    if (!is_secret(attribute)) append_value(part->contents, text);
    star = !last;
    if (star) text.append('*');
  }
  return true;
}

// attribute:dn:rule:=value
bool append_extensible(Bytes contents, TextBuffer& text) {
  BerReader reader{contents};
  const auto rule = reader.next(ber_tag::context(1, false)), type = reader.next(ber_tag::context(2, false));
  const auto value = reader.next(ber_tag::context(3, false)), dn = reader.next(ber_tag::context(4, false));
  if (!value) return false;
  if (type) append_value(type->contents, text);
  if (dn && !dn->contents.empty() && dn->contents.front() != 0) text.append(":dn");
  if (rule) {
    text.append(':');
    append_value(rule->contents, text);
  }
  text.append(":=");
  if (!type || !is_secret(type->contents)) append_value(value->contents, text);
  return true;
}

bool append_filter(const BerValue& filter, unsigned depth, TextBuffer& text);

bool append_filters(Bytes contents, char sign, unsigned depth, TextBuffer& text) {
  text.append(sign);
  for (BerReader reader{contents}; !reader.empty();) {
    const auto inner = reader.next();
    if (!inner || !append_filter(*inner, depth + 1, text)) return false;
  }
  return true;
}

bool append_filter(const BerValue& filter, unsigned depth, TextBuffer& text) {
  if (depth > kLdapFilterDepthMax) return false;
  bool good = false;
  text.append('(');
  switch (filter.tag) {
    case ber_tag::context(0, true): good = append_filters(filter.contents, '&', depth, text); break;
    case ber_tag::context(1, true): good = append_filters(filter.contents, '|', depth, text); break;
    case ber_tag::context(2, true): good = append_filters(filter.contents, '!', depth, text); break;
    case ber_tag::context(3, true): good = append_assertion(filter.contents, "=", text); break;
    case ber_tag::context(4, true): good = append_substrings(filter.contents, text); break;
    case ber_tag::context(5, true): good = append_assertion(filter.contents, ">=", text); break;
    case ber_tag::context(6, true): good = append_assertion(filter.contents, "<=", text); break;
    case ber_tag::context(7, false):
      append_value(filter.contents, text);
      text.append("=*");
      good = true;
      break;
    case ber_tag::context(8, true): good = append_assertion(filter.contents, "~=", text); break;
    case ber_tag::context(9, true): good = append_extensible(filter.contents, text); break;
    default: break;
  }
  text.append(')');
  return good;
}

}  // namespace

bool is_request(LdapOperation operation) noexcept {
  return operation == abandon_request || request_of(operation) == operation;
}

LdapOperation request_of(LdapOperation operation) noexcept {
  switch (operation) {
    case bind_response: return bind_request;
    case search_entry:
    case search_reference:
    case search_done: return search_request;
    case modify_response: return modify_request;
    case add_response: return add_request;
    case delete_response: return delete_request;
    case rename_response: return rename_request;
    case compare_response: return compare_request;
    case intermediate:  // of whatever extension it is
    case extended_response: return extended_request;
    default: return operation;
  }
}

Bytes LdapHead::body(Bytes message) const noexcept {
  const Bytes from = message.subspan(std::min(body_at, message.size()));
  return from.first(std::min(body_bytes, from.size()));
}

std::optional<DecodeError> read_ldap_head(Bytes in, LdapHead& out) noexcept {
  ByteReader reader{in};
  if (reader.u8() != ber_tag::kSequence) return reader.ok() ? DecodeError::bad_value : DecodeError::truncated;
  const auto length = take_length(reader);
  if (!reader.ok()) return DecodeError::truncated;
  if (!length) return DecodeError::bad_value;
  const std::size_t outer_at = in.size() - reader.rest().size();
  out.bytes = outer_at + *length;
  const std::uint8_t id_tag = reader.u8();
  const auto id_length = take_length(reader);
  if (!reader.ok()) return DecodeError::truncated;
  constexpr std::size_t kIdMax = 5;  // 31 bits, and a zero before them
  if (id_tag != ber_tag::kInteger || !id_length || *id_length > kIdMax) return DecodeError::bad_value;
  const auto id = ber_integer(reader.bytes(*id_length));
  const std::uint8_t tag = reader.u8();
  const auto body_length = take_length(reader);
  if (!reader.ok()) return DecodeError::truncated;
  const auto operation = std::ranges::find(kOperations, static_cast<LdapOperation>(tag & kNumberMask));
  if ((tag & kClassMask) != kApplication || operation == kOperations.end() || !body_length)
    return DecodeError::bad_value;
  out.id = id.value_or(0);
  out.operation = *operation;
  out.body_at = in.size() - reader.rest().size();
  out.body_bytes = *body_length;
  return out.id < 0 || out.body_at + out.body_bytes > out.bytes ? std::optional{DecodeError::bad_value} : std::nullopt;
}

bool is_plausible(const LdapHead& head, Bytes body) noexcept {
  // By hand, since a BerReader takes nothing of a text that goes on in the next segment.
  const auto begins = [body](std::size_t at, std::uint8_t tag, std::uint8_t length, std::uint8_t value_max) {
    return body.size() > at + 2 && body[at] == tag && body[at + 1] == length && body[at + 2] <= value_max;
  };
  const bool text = body.size() >= 2 && body[0] == ber_tag::kOctetString;
  constexpr std::uint8_t kVersionMax = 3, kResultMax = 123;
  switch (head.operation) {
    case bind_request: return begins(0, ber_tag::kInteger, 1, kVersionMax);
    case unbind_request: return head.body_bytes == 0;
    case abandon_request: return head.body_bytes > 0 && head.body_bytes <= 4;
    case delete_request: return head.body_bytes > 0 && std::ranges::find(body, '=') != body.end();
    case extended_request:
      return body.size() > 2 && body[0] == ber_tag::context(0, false) && ascii_digit(static_cast<char>(body[2]));
    case intermediate: return false;
    case bind_response:
    case search_done:
    case modify_response:
    case add_response:
    case delete_response:
    case rename_response:
    case compare_response:
    case extended_response: return begins(0, ber_tag::kEnumerated, 1, kResultMax);
    default: return text;
  }
}

bool read_ldap_request(LdapOperation operation, Bytes body, LdapRequest& out) noexcept {
  BerReader reader{body};
  switch (operation) {
    case bind_request: return read_bind(reader, out);
    case search_request: return read_search(reader, out);
    case modify_request: return read_change(reader, LdapRequest::List::changes, out);
    case add_request: return read_change(reader, LdapRequest::List::entries, out);
    case delete_request: out.object = body; return true;
    case rename_request: return take_text(reader, out.object) && take_text(reader, out.argument);
    case compare_request: return read_compare(reader, out);
    case extended_request: return read_extended(reader, out);
    default: return true;
  }
}

std::optional<Bytes> next_ldap_attribute(LdapRequest::List list, Bytes& attributes) noexcept {
  if (attributes.empty()) return {};
  BerReader reader{attributes};
  auto value = reader.next();
  const std::size_t taken = value ? value->whole.size() : attributes.size();
  Bytes name = attributes;
  attributes = list == LdapRequest::List::one ? Bytes{} : attributes.subspan(taken);
  if (list == LdapRequest::List::one) return name;
  // A change is | operation | attribute |, an attribute | name | values |.
  if (value && list == LdapRequest::List::changes) {
    BerReader change{value->contents};
    value = change.next(ber_tag::kEnumerated) ? change.next(ber_tag::kSequence) : std::nullopt;
  }
  if (value && list != LdapRequest::List::names) value = BerReader{value->contents}.next(ber_tag::kOctetString);
  return value ? std::optional{value->contents} : std::nullopt;
}

bool read_ldap_result(LdapOperation operation, Bytes body, LdapResult& out) noexcept {
  BerReader reader{body};
  out.code = take_integer(reader, ber_tag::kEnumerated);
  Bytes matched;
  if (!out.code || !take_text(reader, matched) || !take_text(reader, out.diagnostic)) return false;
  if (operation == bind_response) {
    // Microsoft's own puts them where others have a name.
    out.credentials = matched;
    reader.next(ber_tag::context(3, true));  // referral
    if (const auto token = reader.next(ber_tag::context(7, false))) out.credentials = token->contents;
    return true;
  }
  if (operation != extended_response) return true;
  reader.next(ber_tag::context(3, true));  // referral
  if (const auto name = reader.next(ber_tag::context(10, false))) out.name = name->contents;
  return true;
}

bool append_ldap_filter(Bytes filter, TextBuffer& text) {
  const auto value = BerReader{filter}.next();
  return value && append_filter(*value, 1, text);
}

std::optional<DecodeError> read_sasl_frame(Bytes token, SaslFrame& out) noexcept {
  constexpr std::uint16_t kWrap = 0x0504, kNtlm = 0x0100;
  constexpr std::uint8_t kSealed = 2;
  constexpr std::size_t kChecksumMax = 64;
  ByteReader reader{token};
  const std::uint16_t id = reader.u16be();
  if (!reader.ok()) return DecodeError::truncated;
  if (id == kWrap) {
    const std::uint8_t flags = reader.u8();
    reader.u8();
    const std::size_t checksum = reader.u16be(), turned = reader.u16be();
    reader.u64be();
    if (!reader.ok()) return DecodeError::truncated;
    const bool odd = checksum > kChecksumMax || (turned != 0 && turned != checksum);
    if (odd || (flags & kSealed) != 0) return DecodeError::bad_value;
    // Microsoft turns the token's end, the checksum, to the front.
    out = {kSaslFrameMin + turned, turned == 0 ? checksum : 0};
  } else if (id == kNtlm) {
    out = {kSaslFrameMin, 0};
  } else {
    return DecodeError::bad_value;
  }
  if (token.size() <= out.before) return DecodeError::truncated;
  return token[out.before] == ber_tag::kSequence ? std::nullopt : std::optional{DecodeError::bad_value};
}

}  // namespace nw::network
