// What Remote Desktop's numbers are called: MS-RDPBCGR 2.2.1 and Windows' language identifiers (MS-LCID), spelled as in
// Zeek's rdp.log. Of the keyboards the national ones are here; a variant of one is told as such by its caller.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/rdp_message.h"

namespace nw::network {

namespace {

struct Named {
  std::uint32_t number;
  std::string_view name;
};

constexpr auto kSecurity = std::to_array<Named>({
    {0, "RDP"},
    {rdp_protocol_bit::kSsl, "SSL"},
    {rdp_protocol_bit::kHybrid, "HYBRID"},
    {rdp_protocol_bit::kRdsTls, "RDSTLS"},
    {rdp_protocol_bit::kHybridEx, "HYBRID_EX"},
    {rdp_protocol_bit::kAzure, "RDSAAD"},
});

constexpr auto kFailures = std::to_array<Named>({
    {1, "SSL_REQUIRED_BY_SERVER"},
    {2, "SSL_NOT_ALLOWED_BY_SERVER"},
    {3, "SSL_CERT_NOT_ON_SERVER"},
    {4, "INCONSISTENT_FLAGS"},
    {5, "HYBRID_REQUIRED_BY_SERVER"},
    {6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER"},
});

constexpr auto kResults = std::to_array<Named>({
    {0, "Success"},
    {1, "User rejected"},
    {2, "Resources not available"},
    {3, "Rejected for symmetry breaking"},
    {4, "Locked conference"},
});

constexpr auto kBuilds = std::to_array<Named>({
    {419, "RDP 4.0"},
    {2195, "RDP 5.0"},
    {2221, "RDP 5.0"},
    {2600, "RDP 5.1"},
    {3790, "RDP 5.2"},
    {6000, "RDP 6.0"},
    {6001, "RDP 6.1"},
    {6002, "RDP 6.2"},
    {7600, "RDP 7.0"},
    {7601, "RDP 7.1"},
    {9200, "RDP 8.0"},
    {9600, "RDP 8.1"},
    {25189, "RDP 8.0 (Mac)"},
    {25282, "RDP 8.0 (Mac)"},
});

constexpr auto kColors = std::to_array<Named>({
    {4, "4bit"},
    {8, "8bit"},
    {15, "15bit"},
    {16, "16bit"},
    {24, "24bit"},
});

constexpr auto kCertificates = std::to_array<Named>({
    {1, "RSA"},
    {2, "X.509"},
});

constexpr auto kMethods = std::to_array<Named>({
    {0, "None"},
    {1, "40bit"},
    {2, "128bit"},
    {8, "56bit"},
    {16, "FIPS"},
});

constexpr auto kLevels = std::to_array<Named>({
    {0, "None"},
    {1, "Low"},
    {2, "Client compatible"},
    {3, "High"},
    {4, "FIPS"},
});

constexpr auto kKeyboards = std::to_array<Named>({
    {1025, "Arabic - Saudi Arabia"},
    {1026, "Bulgarian"},
    {1027, "Catalan"},
    {1028, "Chinese - Taiwan"},
    {1029, "Czech"},
    {1030, "Danish"},
    {1031, "German - Germany"},
    {1032, "Greek"},
    {1033, "English - United States"},
    {1034, "Spanish - Spain (Traditional Sort)"},
    {1035, "Finnish"},
    {1036, "French - France"},
    {1037, "Hebrew"},
    {1038, "Hungarian"},
    {1039, "Icelandic"},
    {1040, "Italian - Italy"},
    {1041, "Japanese"},
    {1042, "Korean"},
    {1043, "Dutch - Netherlands"},
    {1044, "Norwegian (Bokmal)"},
    {1045, "Polish"},
    {1046, "Portuguese - Brazil"},
    {1048, "Romanian"},
    {1049, "Russian"},
    {1050, "Croatian"},
    {1051, "Slovak"},
    {1052, "Albanian - Albania"},
    {1053, "Swedish"},
    {1054, "Thai"},
    {1055, "Turkish"},
    {1056, "Urdu"},
    {1057, "Indonesian"},
    {1058, "Ukrainian"},
    {1059, "Belarusian"},
    {1060, "Slovenian"},
    {1061, "Estonian"},
    {1062, "Latvian"},
    {1063, "Lithuanian"},
    {1064, "Tajik"},
    {1065, "Farsi"},
    {1066, "Vietnamese"},
    {1067, "Armenian - Armenia"},
    {1068, "Azeri (Latin)"},
    {1069, "Basque"},
    {1070, "Sorbian"},
    {1071, "FYRO Macedonian"},
    {1078, "Afrikaans - South Africa"},
    {1079, "Georgian"},
    {1080, "Faroese"},
    {1081, "Hindi"},
    {1086, "Malay - Malaysia"},
    {1087, "Kazakh"},
    {1088, "Kyrgyz (Cyrillic)"},
    {1089, "Swahili"},
    {1090, "Turkmen"},
    {1091, "Uzbek (Latin)"},
    {1092, "Tatar"},
    {1093, "Bengali (India)"},
    {1094, "Punjabi"},
    {1097, "Tamil"},
    {1098, "Telugu"},
    {1104, "Mongolian (Cyrillic)"},
    {1106, "Welsh"},
    {1107, "Khmer"},
    {1108, "Lao"},
    {1109, "Burmese"},
    {1110, "Galician"},
    {1118, "Amharic - Ethiopia"},
    {1121, "Nepali"},
    {1123, "Pashto"},
    {1134, "Luxembourgish"},
    {1152, "Uighur - China"},
    {1164, "Dari"},
    {2049, "Arabic - Iraq"},
    {2052, "Chinese - People's Republic of China"},
    {2055, "German - Switzerland"},
    {2057, "English - United Kingdom"},
    {2058, "Spanish - Mexico"},
    {2060, "French - Belgium"},
    {2064, "Italian - Switzerland"},
    {2067, "Dutch - Belgium"},
    {2068, "Norwegian (Nynorsk)"},
    {2070, "Portuguese - Portugal"},
    {2072, "Romanian - Moldava"},
    {2073, "Russian - Moldava"},
    {2074, "Serbian (Latin)"},
    {2077, "Swedish - Finland"},
    {2092, "Azeri (Cyrillic)"},
    {2108, "Irish"},
    {2115, "Uzbek (Cyrillic)"},
    {2117, "Bengali (Bangladesh)"},
    {3073, "Arabic - Egypt"},
    {3076, "Chinese - Hong Kong SAR"},
    {3079, "German - Austria"},
    {3081, "English - Australia"},
    {3082, "Spanish - Spain (Modern Sort)"},
    {3084, "French - Canada"},
    {3098, "Serbian (Cyrillic)"},
    {4097, "Arabic - Libya"},
    {4100, "Chinese - Singapore"},
    {4103, "German - Luxembourg"},
    {4105, "English - Canada"},
    {4108, "French - Switzerland"},
    {5121, "Arabic - Algeria"},
    {5129, "English - New Zealand"},
    {5146, "Bosnian (Bosnia/Herzegovina)"},
    {6145, "Arabic - Morocco"},
    {6153, "English - Ireland"},
    {7169, "Arabic - Tunisia"},
    {7177, "English - South Africa"},
    {8193, "Arabic - Oman"},
    {9217, "Arabic - Yemen"},
    {9226, "Spanish - Colombia"},
    {10241, "Arabic - Syria"},
    {11265, "Arabic - Jordan"},
    {11274, "Spanish - Argentina"},
    {12289, "Arabic - Lebanon"},
    {13313, "Arabic - Kuwait"},
    {13322, "Spanish - Chile"},
    {14337, "Arabic - U.A.E."},
    {15361, "Arabic - Bahrain"},
    {16385, "Arabic - Qatar"},
    {16393, "English - India"},
    {66569, "English - United States (Dvorak)"},
    {132105, "English - United States (International)"},
});

template <typename Names>
constexpr bool sorted(const Names& names) {
  return std::ranges::is_sorted(names, {}, &Named::number);
}
static_assert(sorted(kSecurity) && sorted(kFailures) && sorted(kResults) && sorted(kBuilds) && sorted(kColors));
static_assert(sorted(kCertificates) && sorted(kMethods) && sorted(kLevels) && sorted(kKeyboards));

std::string_view name_of(std::span<const Named> names, std::uint32_t number) noexcept {
  const auto at = std::ranges::lower_bound(names, number, {}, &Named::number);
  return at != names.end() && at->number == number ? at->name : std::string_view{};
}

}  // namespace

std::string_view rdp_security_name(std::uint32_t protocol) noexcept { return name_of(kSecurity, protocol); }
std::string_view rdp_failure_name(std::uint32_t code) noexcept { return name_of(kFailures, code); }
std::string_view rdp_result_name(std::uint32_t result) noexcept { return name_of(kResults, result); }
std::string_view rdp_build_name(std::uint32_t build) noexcept { return name_of(kBuilds, build); }
std::string_view rdp_color_name(std::uint32_t depth) noexcept { return name_of(kColors, depth); }
std::string_view rdp_certificate_name(std::uint32_t type) noexcept { return name_of(kCertificates, type); }
std::string_view rdp_encryption_method_name(std::uint32_t method) noexcept { return name_of(kMethods, method); }
std::string_view rdp_encryption_level_name(std::uint32_t level) noexcept { return name_of(kLevels, level); }
std::string_view rdp_keyboard_name(std::uint32_t layout) noexcept { return name_of(kKeyboards, layout); }

}  // namespace nw::network
