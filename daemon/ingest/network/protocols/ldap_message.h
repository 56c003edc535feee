// One LDAP message (RFC 4511 section 4.1.1), read without its secrets: where it ends, what it asks, how it was
// answered. SEQUENCE { message id INTEGER, operation [APPLICATION n], controls [0] OPTIONAL }.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

enum class LdapOperation : std::uint8_t {  // the number of its application tag
  bind_request = 0,
  bind_response = 1,
  unbind_request = 2,
  search_request = 3,
  search_entry = 4,
  search_done = 5,
  modify_request = 6,
  modify_response = 7,
  add_request = 8,
  add_response = 9,
  delete_request = 10,
  delete_response = 11,
  rename_request = 12,
  rename_response = 13,
  compare_request = 14,
  compare_response = 15,
  abandon_request = 16,
  search_reference = 19,
  extended_request = 23,
  extended_response = 24,
  intermediate = 25,
};

bool is_request(LdapOperation operation) noexcept;
// What a response answers; requests answer themselves.
LdapOperation request_of(LdapOperation operation) noexcept;

// What a message's first bytes say; the body itself may come later.
struct LdapHead {
  std::int64_t id = 0;
  LdapOperation operation = LdapOperation::bind_request;
  std::size_t bytes = 0;  // of the whole message
  std::size_t body_at = 0, body_bytes = 0;

  // The operation's contents, as far as they are there.
  [[nodiscard]] Bytes body(Bytes message) const noexcept;
};
// `truncated` asks for more bytes (24 are always enough).
std::optional<DecodeError> read_ldap_head(Bytes in, LdapHead& out) noexcept;
// Whether the body begins as its operation must: the proof, where no port gives any.
bool is_plausible(const LdapHead& head, Bytes body) noexcept;

// Views the body. Values and passwords are passed over.
struct LdapRequest {
  enum class Authentication : std::uint8_t { none, simple, sasl, sicily_discovery, sicily_negotiate, sicily_response };
  std::optional<std::int64_t> version, scope, deref_aliases;
  Authentication authentication = Authentication::none;
  bool has_password = false;  // of a simple bind
  Bytes object;               // the name that it is about; of an extended request its OID
  Bytes credentials;          // token of SASL or of Microsoft's NTLM: to be looked through for NTLM only
  Bytes argument;             // a SASL mechanism, or the new name of a renamed object
  Bytes filter;               // of a search: the value, with its tag
  Bytes attributes;           // an attribute or several, see `list`
  enum class List : std::uint8_t { none, one, names, entries, changes } list = List::none;
};
// False when the body is malformed; what stands before the fault is there.
bool read_ldap_request(LdapOperation operation, Bytes body, LdapRequest& out) noexcept;
// The name of the next attribute of a request's list, which gets shorter; nothing at its end.
std::optional<Bytes> next_ldap_attribute(LdapRequest::List list, Bytes& attributes) noexcept;

struct LdapResult {
  std::optional<std::int64_t> code;
  Bytes diagnostic;
  Bytes name;         // OID of an extended response
  Bytes credentials;  // the server's token in a bind response
};
bool read_ldap_result(LdapOperation operation, Bytes body, LdapResult& out) noexcept;

// (&(objectClass=user)(!(cn=a*))): RFC 4515, but with \xNN for what cannot stand in a value as it is, and without the
// values of password attributes. False when it is malformed or nests deeper than kLdapFilterDepthMax.
constexpr unsigned kLdapFilterDepthMax = 32;
bool append_ldap_filter(Bytes filter, TextBuffer& text);

// What stands around the messages of a piece that a SASL layer (RFC 4752 section 3.3) signed only: a token of Kerberos
// (RFC 4121 section 4.2.6.2) or NTLM (MS-NLMP 2.2.2.9).
struct SaslFrame {
  std::size_t before = 0, after = 0;  // bytes
};
constexpr std::size_t kSaslFrameMin = 16;
// `truncated` asks for more bytes of the token (81 are always enough), `bad_value`: it is, or may be, encrypted.
std::optional<DecodeError> read_sasl_frame(Bytes token, SaslFrame& out) noexcept;

// Names as in Zeek's logs; empty when there is none.
std::string_view ldap_operation_name(LdapOperation operation) noexcept;
std::string_view ldap_result_name(std::int64_t code) noexcept;
std::string_view ldap_scope_name(std::int64_t scope) noexcept;
std::string_view ldap_deref_name(std::int64_t deref) noexcept;
std::string_view ldap_extension_name(std::string_view oid) noexcept;

}  // namespace nw::network
