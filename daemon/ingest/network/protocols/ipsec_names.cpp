#include "ingest/network/protocols/ipsec_names.h"

#include <algorithm>
#include <array>
#include <span>

namespace nw::network {

namespace {

struct Named {
  std::uint16_t number;
  std::string_view name;
};

constexpr auto kNotifies1 = std::to_array<Named>({
    {1, "INVALID_PAYLOAD_TYPE"},
    {2, "DOI_NOT_SUPPORTED"},
    {3, "SITUATION_NOT_SUPPORTED"},
    {4, "INVALID_COOKIE"},
    {5, "INVALID_MAJOR_VERSION"},
    {6, "INVALID_MINOR_VERSION"},
    {7, "INVALID_EXCHANGE_TYPE"},
    {8, "INVALID_FLAGS"},
    {9, "INVALID_MESSAGE_ID"},
    {10, "INVALID_PROTOCOL_ID"},
    {11, "INVALID_SPI"},
    {12, "INVALID_TRANSFORM_ID"},
    {13, "ATTRIBUTES_NOT_SUPPORTED"},
    {14, "NO_PROPOSAL_CHOSEN"},
    {15, "BAD_PROPOSAL_SYNTAX"},
    {16, "PAYLOAD_MALFORMED"},
    {17, "INVALID_KEY_INFORMATION"},
    {18, "INVALID_ID_INFORMATION"},
    {19, "INVALID_CERT_ENCODING"},
    {20, "INVALID_CERTIFICATE"},
    {21, "CERT_TYPE_UNSUPPORTED"},
    {22, "INVALID_CERT_AUTHORITY"},
    {23, "INVALID_HASH_INFORMATION"},
    {24, "AUTHENTICATION_FAILED"},
    {25, "INVALID_SIGNATURE"},
    {26, "ADDRESS_NOTIFICATION"},
    {27, "NOTIFY_SA_LIFETIME"},
    {28, "CERTIFICATE_UNAVAILABLE"},
    {29, "UNSUPPORTED_EXCHANGE_TYPE"},
    {30, "UNEQUAL_PAYLOAD_LENGTHS"},
    {16384, "CONNECTED"},
    {24576, "RESPONDER_LIFETIME"},
    {24577, "REPLAY_STATUS"},
    {24578, "INITIAL_CONTACT"},
    {36136, "R_U_THERE"},
    {36137, "R_U_THERE_ACK"},
});
constexpr auto kNotifies2 = std::to_array<Named>({
    {1, "UNSUPPORTED_CRITICAL_PAYLOAD"},
    {4, "INVALID_IKE_SPI"},
    {5, "INVALID_MAJOR_VERSION"},
    {7, "INVALID_SYNTAX"},
    {9, "INVALID_MESSAGE_ID"},
    {11, "INVALID_SPI"},
    {14, "NO_PROPOSAL_CHOSEN"},
    {17, "INVALID_KE_PAYLOAD"},
    {24, "AUTHENTICATION_FAILED"},
    {34, "SINGLE_PAIR_REQUIRED"},
    {35, "NO_ADDITIONAL_SAS"},
    {36, "INTERNAL_ADDRESS_FAILURE"},
    {37, "FAILED_CP_REQUIRED"},
    {38, "TS_UNACCEPTABLE"},
    {39, "INVALID_SELECTORS"},
    {40, "UNACCEPTABLE_ADDRESSES"},
    {41, "UNEXPECTED_NAT_DETECTED"},
    {42, "USE_ASSIGNED_HoA"},
    {43, "TEMPORARY_FAILURE"},
    {44, "CHILD_SA_NOT_FOUND"},
    {16384, "INITIAL_CONTACT"},
    {16385, "SET_WINDOW_SIZE"},
    {16386, "ADDITIONAL_TS_POSSIBLE"},
    {16387, "IPCOMP_SUPPORTED"},
    {16388, "NAT_DETECTION_SOURCE_IP"},
    {16389, "NAT_DETECTION_DESTINATION_IP"},
    {16390, "COOKIE"},
    {16391, "USE_TRANSPORT_MODE"},
    {16392, "HTTP_CERT_LOOKUP_SUPPORTED"},
    {16393, "REKEY_SA"},
    {16394, "ESP_TFC_PADDING_NOT_SUPPORTED"},
    {16395, "NON_FIRST_FRAGMENTS_ALSO"},
    {16396, "MOBIKE_SUPPORTED"},
    {16397, "ADDITIONAL_IP4_ADDRESS"},
    {16398, "ADDITIONAL_IP6_ADDRESS"},
    {16399, "NO_ADDITIONAL_ADDRESSES"},
    {16400, "UPDATE_SA_ADDRESSES"},
    {16401, "COOKIE2"},
    {16402, "NO_NATS_ALLOWED"},
    {16403, "AUTH_LIFETIME"},
    {16404, "MULTIPLE_AUTH_SUPPORTED"},
    {16405, "ANOTHER_AUTH_FOLLOWS"},
    {16406, "REDIRECT_SUPPORTED"},
    {16407, "REDIRECT"},
    {16408, "REDIRECTED_FROM"},
    {16409, "TICKET_LT_OPAQUE"},
    {16410, "TICKET_REQUEST"},
    {16411, "TICKET_ACK"},
    {16412, "TICKET_NACK"},
    {16413, "TICKET_OPAQUE"},
    {16414, "LINK_ID"},
    {16415, "USE_WESP_MODE"},
    {16416, "ROHC_SUPPORTED"},
    {16417, "EAP_ONLY_AUTHENTICATION"},
    {16418, "CHILDLESS_IKEV2_SUPPORTED"},
    {16419, "QUICK_CRASH_DETECTION"},
    {16420, "IKEV2_MESSAGE_ID_SYNC_SUPPORTED"},
    {16421, "IPSEC_REPLAY_COUNTER_SYNC_SUPPORTED"},
    {16422, "IKEV2_MESSAGE_ID_SYNC"},
    {16423, "IPSEC_REPLAY_COUNTER_SYNC"},
    {16424, "SECURE_PASSWORD_METHODS"},
    {16425, "PSK_PERSIST"},
    {16426, "PSK_CONFIRM"},
    {16427, "ERX_SUPPORTED"},
    {16428, "IFOM_CAPABILITY"},
    {16430, "IKEV2_FRAGMENTATION_SUPPORTED"},
    {16431, "SIGNATURE_HASH_ALGORITHMS"},
    {16435, "USE_PPK"},
    {16438, "INTERMEDIATE_EXCHANGE_SUPPORTED"},
});
constexpr auto kAttributes = std::to_array<Named>({
    {1, "Encryption Algorithm"},
    {2, "Hash Algorithm"},
    {3, "Authentication Method"},
    {4, "Group Description"},
    {5, "Group Type"},
    {6, "Group Prime"},
    {7, "Group Generator One"},
    {8, "Group Generator Two"},
    {9, "Group Curve A"},
    {10, "Group Curve B"},
    {11, "Life Type"},
    {12, "Life Duration"},
    {13, "PRF"},
    {14, "Key Length"},
    {15, "Field Size"},
    {16, "Group Order"},
});
static_assert(std::ranges::is_sorted(kNotifies1, {}, &Named::number));
static_assert(std::ranges::is_sorted(kNotifies2, {}, &Named::number));

std::string_view find(std::span<const Named> names, std::uint16_t number) noexcept {
  const auto at = std::ranges::lower_bound(names, number, {}, &Named::number);
  return at != names.end() && at->number == number ? at->name : std::string_view{};
}

struct Vendor {
  std::string_view hex;  // the whole id, or its beginning
  std::string_view name;
};

// The longer of two that begin alike goes first.
constexpr auto kVendors = std::to_array<Vendor>({
    {"1e2b516905991c7d7c96fcbfb587e46100000009", "Windows-8"},
    {"1e2b516905991c7d7c96fcbfb587e46100000008", "Windows-7"},
    {"1e2b516905991c7d7c96fcbfb587e46100000004", "Windows-2003/XP-SP2"},
    {"1e2b516905991c7d7c96fcbfb587e46100000003", "Windows-XP"},
    {"1e2b516905991c7d7c96fcbfb587e46100000002", "Windows-2000"},
    {"1e2b516905991c7d7c96fcbfb587e461", "MS NT5 ISAKMPOAKLEY"},
    {"fb1de3cdf341b7ea16b7e5be0855f120", "MS-Negotiation Discovery Capable"},
    {"26244d38eddb61b3172a36e3d0cfb819", "Microsoft Initial-Contact"},
    {"e3a5966a76379fe707228231e5ce8652", "IKE CGA version 1"},
    {"4a131c81070358455c5728f20e95452f", "RFC 3947 NAT-T"},
    {"4485152d18b6bbcd0be8a8469579ddcc", "draft-ietf-ipsec-nat-t-ike-00"},
    {"cd60464335df21f87cfdb2fc68b6a448", "draft-ietf-ipsec-nat-t-ike-02"},
    {"90cb80913ebb696e086381b5ec427b1f", "draft-ietf-ipsec-nat-t-ike-02"},
    {"7d9419a65310ca6f2c179d9215529d56", "draft-ietf-ipsec-nat-t-ike-03"},
    {"27bab5dc01ea0760ea4e3190ac27c0d0", "draft-stenberg-ipsec-nat-traversal-01"},
    {"6105c422e76847e43f9684801292aecd", "draft-stenberg-ipsec-nat-traversal-02"},
    {"afcad71368a1f1c96b8696fc7757", "Dead Peer Detection"},
    {"09002689dfd6b712", "XAUTH"},
    {"12f5f28c457168a9702d9fe274cc", "Cisco Unity"},
    {"4048b7d56ebce88525e7de7f00d6c2d3", "IKE FRAGMENTATION"},
    {"882fe56d6fd20dbc2251613b2ebe5beb", "strongSwan"},
});

bool begins_with(Bytes id, std::string_view hex) noexcept {
  constexpr std::string_view kDigits = "0123456789abcdef";
  if (id.size() * 2 < hex.size()) return false;
  for (std::size_t i = 0; i < hex.size(); ++i) {
    const unsigned digit = i % 2 == 0 ? id[i / 2] >> 4U : id[i / 2] & 15U;
    if (hex[i] != kDigits[digit]) return false;
  }
  return true;
}

}  // namespace

std::string_view ike_notify_name(bool v2, std::uint16_t number) noexcept {
  return v2 ? find(kNotifies2, number) : find(kNotifies1, number);
}

std::string_view ike_attribute_name(std::uint16_t number) noexcept { return find(kAttributes, number); }

std::string_view ike_transform_name(std::uint8_t kind) noexcept {
  static constexpr std::array<std::string_view, 6> kKinds{"", "ENCR", "PRF", "INTEG", "DH", "ESN"};
  return kind < kKinds.size() ? kKinds[kind] : std::string_view{};
}

std::string_view ike_vendor_name(Bytes id) noexcept {
  const auto at = std::ranges::find_if(kVendors, [&](const Vendor& v) { return begins_with(id, v.hex); });
  return at == kVendors.end() ? std::string_view{} : at->name;
}

}  // namespace nw::network
