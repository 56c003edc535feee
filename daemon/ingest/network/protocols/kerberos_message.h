// One Kerberos message (RFC 4120 section 5), read without keys: who asks for which ticket, and how it is encrypted.
// [APPLICATION type] SEQUENCE of values with context tags. The password service (RFC 3244 section 2) wraps some:
// | length u16 | version u16 | its length u16 | AP-REQ or AP-REP | KRB-PRIV |; a length of 0 is followed by KRB-ERROR.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"
#include "base/time.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

enum class KerberosType : std::uint8_t {  // the number of its application tag
  as_request = 10,
  as_reply = 11,
  tgs_request = 12,
  tgs_reply = 13,
  ap_request = 14,
  ap_reply = 15,
  error = 30,
};

// Views the names of a principal; absent ones are empty.
struct KerberosName {
  Bytes names;  // GeneralString after GeneralString
  Bytes realm;
  [[nodiscard]] bool empty() const noexcept { return names.empty() && realm.empty(); }
};

struct KerberosMessage {
  KerberosType type = KerberosType::error;
  KerberosName client, service;  // of a request, both in the realm asked
  KerberosName on_behalf;        // whom a service asks a ticket for (MS-SFU: S4U2Self)
  bool preauthenticated = false;
  bool armored = false;  // by FAST (RFC 6113): a proof may be inside
  std::optional<std::uint32_t> options;
  std::optional<Timestamp> from, till;
  Bytes ciphers;  // offered: INTEGER after INTEGER
  // What the ticket is encrypted with (the service's key), and the rest of a reply (the client's).
  std::optional<std::int64_t> ticket_cipher, reply_cipher;
  std::optional<std::int64_t> error_code;
  Bytes error_text;
  Bytes certificate;              // the client's of a request, the server's of a reply (PKINIT, RFC 4556)
  std::string_view new_password;  // of the password service: change, set
};

// False when it is malformed; what stands before the fault is there.
bool read_kerberos(Bytes message, KerberosMessage& out) noexcept;

// Whether `in`, as far as it goes, begins like a message: tag, version 5 and the tag's number again. Nothing: it is too
// short to say.
std::optional<bool> begins_kerberos(Bytes in) noexcept;

// a/b@... as Zeek writes it: the names with slashes between. False when malformed.
bool append_kerberos_name(Bytes names, TextBuffer& text);

// Names of numbers: IANA's registry of encryption types; RFC 4120 section 7.5.9 and RFC 4556. Empty when there is none.
std::string_view kerberos_cipher_name(std::int64_t cipher) noexcept;
std::string_view kerberos_error_name(std::int64_t code) noexcept;
// The name of a KDC option, by its bit: 0 is the first.
std::string_view kerberos_option_name(unsigned bit) noexcept;
// DES and RC4: what can be guessed offline at little cost (RFC 6649, RFC 8429).
bool is_weak_kerberos_cipher(std::int64_t cipher) noexcept;

}  // namespace nw::network
