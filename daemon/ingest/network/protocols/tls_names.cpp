// Names from the IANA registries of TLS parameters, in Zeek's spelling.
#include "ingest/network/protocols/tls_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

struct Named {
  std::uint16_t number;
  std::string_view name;
};

constexpr auto kVersions = std::to_array<Named>({
    {0x0300, "SSLv3"},
    {0x0301, "TLSv10"},
    {0x0302, "TLSv11"},
    {0x0303, "TLSv12"},
    {0x0304, "TLSv13"},
    {0xfefc, "DTLSv13"},
    {0xfefd, "DTLSv12"},
    {0xfeff, "DTLSv10"},
});
constexpr auto kGroups = std::to_array<Named>({
    {1, "sect163k1"},
    {2, "sect163r1"},
    {3, "sect163r2"},
    {4, "sect193r1"},
    {5, "sect193r2"},
    {6, "sect233k1"},
    {7, "sect233r1"},
    {8, "sect239k1"},
    {9, "sect283k1"},
    {10, "sect283r1"},
    {11, "sect409k1"},
    {12, "sect409r1"},
    {13, "sect571k1"},
    {14, "sect571r1"},
    {15, "secp160k1"},
    {16, "secp160r1"},
    {17, "secp160r2"},
    {18, "secp192k1"},
    {19, "secp192r1"},
    {20, "secp224k1"},
    {21, "secp224r1"},
    {22, "secp256k1"},
    {23, "secp256r1"},
    {24, "secp384r1"},
    {25, "secp521r1"},
    {26, "brainpoolP256r1"},
    {27, "brainpoolP384r1"},
    {28, "brainpoolP512r1"},
    {29, "x25519"},
    {30, "x448"},
    {31, "brainpoolP256r1tls13"},
    {32, "brainpoolP384r1tls13"},
    {33, "brainpoolP512r1tls13"},
    {34, "GC256A"},
    {35, "GC256B"},
    {36, "GC256C"},
    {37, "GC256D"},
    {38, "GC512A"},
    {39, "GC512B"},
    {40, "GC512C"},
    {41, "curveSM2"},
    {256, "ffdhe2048"},
    {257, "ffdhe3072"},
    {258, "ffdhe4096"},
    {259, "ffdhe6144"},
    {260, "ffdhe8192"},
    {512, "MLKEM512"},
    {513, "MLKEM768"},
    {514, "MLKEM1024"},
    {4587, "SecP256r1MLKEM768"},
    {4588, "X25519MLKEM768"},
    {4589, "SecP384r1MLKEM1024"},
    {4590, "curveSM2MLKEM768"},
    {16696, "CECPQ2"},
    {25497, "X25519Kyber768Draft00"},
    {25498, "SecP256r1Kyber768Draft00"},
    {0xff01, "arbitrary_explicit_prime_curves"},
    {0xff02, "arbitrary_explicit_char2_curves"},
});
constexpr auto kAlerts = std::to_array<Named>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {117, "general_error"},
    {120, "no_application_protocol"},
    {121, "ech_required"},
});
static_assert(std::ranges::is_sorted(kVersions, {}, &Named::number));
static_assert(std::ranges::is_sorted(kGroups, {}, &Named::number));
static_assert(std::ranges::is_sorted(kAlerts, {}, &Named::number));

std::string_view find(const auto& table, std::uint16_t number) {
  const auto at = std::ranges::lower_bound(table, number, {}, &Named::number);
  return at != table.end() && at->number == number ? at->name : std::string_view{};
}

}  // namespace

std::string_view tls_version_name(std::uint16_t version) { return find(kVersions, version); }
std::string_view tls_group_name(std::uint16_t group) { return find(kGroups, group); }
std::string_view tls_alert_name(std::uint8_t description) { return find(kAlerts, description); }

char tls_handshake_letter(std::uint8_t type) {
  switch (type) {
    case 0: return 'h';    // hello request
    case 1: return 'c';    // client hello
    case 2: return 's';    // server hello
    case 3: return 'v';    // hello verify request
    case 4: return 't';    // new session ticket
    case 5: return 'e';    // end of early data
    case 6: return 'j';    // hello retry request
    case 8: return 'o';    // encrypted extensions
    case 11: return 'x';   // certificate
    case 12: return 'k';   // server key exchange
    case 13: return 'r';   // certificate request
    case 14: return 'n';   // server hello done
    case 15: return 'y';   // certificate verify
    case 16: return 'g';   // client key exchange
    case 20: return 'f';   // finished
    case 21: return 'w';   // certificate URL
    case 22: return 'u';   // certificate status
    case 23: return 'a';   // supplemental data
    case 24: return 'p';   // key update
    case 254: return 'm';  // message hash
    default: return 'z';
  }
}

}  // namespace nw::network
