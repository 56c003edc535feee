// What LDAP's numbers are called: RFC 4511 and IANA's registry of LDAP parameters, spelled as in Zeek's logs.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/ldap_message.h"

namespace nw::network {

namespace {

struct Result {
  std::int64_t code;
  std::string_view name;
};

constexpr auto kResults = std::to_array<Result>({
    {0, "success"},
    {1, "operations error"},
    {2, "protocol error"},
    {3, "time limit exceeded"},
    {4, "size limit exceeded"},
    {5, "compare false"},
    {6, "compare true"},
    {7, "auth method not supported"},
    {8, "stronger auth required"},
    {9, "partial results"},
    {10, "referral"},
    {11, "admin limit exceeded"},
    {12, "unavailable critical extension"},
    {13, "confidentiality required"},
    {14, "SASL bind in progress"},
    {16, "no such attribute"},
    {17, "undefined attribute type"},
    {18, "inappropriate matching"},
    {19, "constraint violation"},
    {20, "attribute or value exists"},
    {21, "invalid attribute syntax"},
    {32, "no such object"},
    {33, "alias problem"},
    {34, "invalid DN syntax"},
    {36, "alias dereferencing problem"},
    {48, "inappropriate authentication"},
    {49, "invalid credentials"},
    {50, "insufficient access rights"},
    {51, "busy"},
    {52, "unavailable"},
    {53, "unwilling to perform"},
    {54, "loop detect"},
    {60, "sort control missing"},
    {61, "offset range error"},
    {64, "naming violation"},
    {65, "object class violation"},
    {66, "not allowed on non-leaf"},
    {67, "not allowed on RDN"},
    {68, "entry already exists"},
    {69, "object class mods prohibited"},
    {70, "results too large"},
    {71, "affects multiple DSAs"},
    {76, "control error"},
    {80, "other"},
    {113, "LCUP invalid data"},
    {114, "LCUP unsupported scheme"},
    {115, "LCUP reload required"},
    {118, "canceled"},
    {119, "no such operation"},
    {120, "too late"},
    {121, "cannot cancel"},
    {122, "assertion failed"},
    {123, "authorization denied"},
});
static_assert(std::ranges::is_sorted(kResults, {}, &Result::code));

struct Extension {
  std::string_view oid, name;
};

constexpr auto kExtensions = std::to_array<Extension>({
    {"1.2.840.113556.1.4.1781", "fast bind"},
    {"1.3.6.1.1.8", "cancel"},
    {"1.3.6.1.4.1.1466.20036", "notice of disconnection"},
    {"1.3.6.1.4.1.1466.20037", "StartTLS"},
    {"1.3.6.1.4.1.4203.1.11.1", "password modify"},
    {"1.3.6.1.4.1.4203.1.11.3", "whoami"},
});

}  // namespace

std::string_view ldap_operation_name(LdapOperation operation) noexcept {
  using enum LdapOperation;
  switch (request_of(operation)) {
    case bind_request: return "bind";
    case unbind_request: return "unbind";
    case search_request: return "search";
    case modify_request:
    case rename_request: return "modify";
    case add_request: return "add";
    case delete_request: return "delete";
    case compare_request: return "compare";
    case abandon_request: return "abandon";
    case extended_request: return "extended";
    default: return {};
  }
}

std::string_view ldap_result_name(std::int64_t code) noexcept {
  const auto at = std::ranges::lower_bound(kResults, code, {}, &Result::code);
  return at != kResults.end() && at->code == code ? at->name : std::string_view{};
}

std::string_view ldap_scope_name(std::int64_t scope) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"base", "single", "tree", "children"};
  return scope >= 0 && scope < static_cast<std::int64_t>(kNames.size()) ? kNames[static_cast<std::size_t>(scope)]
                                                                        : std::string_view{};
}

std::string_view ldap_deref_name(std::int64_t deref) noexcept {
  constexpr std::array<std::string_view, 4> kNames{"never", "searching", "finding", "always"};
  return deref >= 0 && deref < static_cast<std::int64_t>(kNames.size()) ? kNames[static_cast<std::size_t>(deref)]
                                                                        : std::string_view{};
}

std::string_view ldap_extension_name(std::string_view oid) noexcept {
  const auto at = std::ranges::find(kExtensions, oid, &Extension::oid);
  return at == kExtensions.end() ? std::string_view{} : at->name;
}

}  // namespace nw::network
