#include "context/registry/vocabulary.h"

#include <algorithm>
#include <array>

#include "context/taxonomy/tlp_order.h"

namespace nw::context {

namespace {

using namespace std::string_view_literals;

constexpr auto kSectors = std::to_array({
    "commerce.facility"sv,
    "core.crypto"sv,
    "core.naming"sv,
    "core.routing"sv,
    "core.time"sv,
    "core.transmission"sv,
    "digital.cdn"sv,
    "digital.cloud"sv,
    "digital.datacentre"sv,
    "digital.dns"sv,
    "digital.ixp"sv,
    "digital.provider"sv,
    "digital.tld"sv,
    "digital.trust"sv,
    "education.research"sv,
    "education.school"sv,
    "energy.electricity"sv,
    "energy.gas"sv,
    "energy.heat"sv,
    "energy.hydrogen"sv,
    "energy.nuclear"sv,
    "energy.oil"sv,
    "finance.banking"sv,
    "finance.insurance"sv,
    "finance.market"sv,
    "finance.payment"sv,
    "finance.pension"sv,
    "food.distribution"sv,
    "food.production"sv,
    "gov.admin"sv,
    "gov.election"sv,
    "gov.identity"sv,
    "gov.justice"sv,
    "gov.social"sv,
    "gov.tax"sv,
    "health.care"sv,
    "health.device"sv,
    "health.emergency"sv,
    "health.lab"sv,
    "health.pharma"sv,
    "health.public"sv,
    "humanitarian.aid"sv,
    "ict.managed"sv,
    "ict.security"sv,
    "industry.chemical"sv,
    "industry.defence"sv,
    "industry.manufacturing"sv,
    "logistics.post"sv,
    "logistics.waste"sv,
    "response.cert"sv,
    "response.civilprotection"sv,
    "response.fire"sv,
    "response.police"sv,
    "space.gnss"sv,
    "space.ground"sv,
    "telecom.broadcast"sv,
    "telecom.fixed"sv,
    "telecom.mobile"sv,
    "telecom.satellite"sv,
    "transport.air"sv,
    "transport.inland"sv,
    "transport.maritime"sv,
    "transport.rail"sv,
    "transport.road"sv,
    "transport.transit"sv,
    "water.supply"sv,
    "water.waste"sv,
    "water.works"sv,
});

constexpr auto kRoles = std::to_array({
    "bgp_rs"sv, "cert"sv, "dc"sv,    "dns_auth"sv, "dns_rec"sv, "ews"sv,        "gateway"sv, "his"sv,  "historian"sv,
    "hmi"sv,    "ied"sv,  "ixp"sv,   "jump"sv,     "mail"sv,    "modality"sv,   "ntp"sv,     "pacs"sv, "plc"sv,
    "router"sv, "rtu"sv,  "scada"sv, "sensor"sv,   "sis"sv,     "vendor_vpn"sv, "web"sv,
});

constexpr auto kFlags = std::to_array({
    "cert"sv,
    "civil_defence"sv,
    "cultural"sv,
    "dangerous_forces"sv,
    "election"sv,
    "humanitarian"sv,
    "indispensable"sv,
    "medical"sv,
    "personal_data_ordinary"sv,
    "personal_data_special"sv,
    "public_core"sv,
    "safety_system"sv,
});

constexpr auto kClasses = std::to_array({"C1"sv, "C2"sv, "C3"sv, "C4"sv});
constexpr auto kDisclosures = std::to_array({"open"sv, "restricted"sv, kSecret});
constexpr auto kDependencyKinds = std::to_array({"cyber"sv, "geographic"sv, "logical"sv, "physical"sv});
constexpr auto kTlpByName = [] {
  auto labels = taxonomy::kTlpLabels;
  std::ranges::sort(labels);
  return labels;
}();

static_assert(std::ranges::is_sorted(kSectors));
static_assert(std::ranges::is_sorted(kRoles));
static_assert(std::ranges::is_sorted(kFlags));
static_assert(std::ranges::is_sorted(kClasses));
static_assert(std::ranges::is_sorted(kDisclosures));
static_assert(std::ranges::is_sorted(kDependencyKinds));

}  // namespace

std::span<const std::string_view> sectors() { return kSectors; }
std::span<const std::string_view> roles() { return kRoles; }
std::span<const std::string_view> flags() { return kFlags; }
std::span<const std::string_view> classes() { return kClasses; }
std::span<const std::string_view> disclosures() { return kDisclosures; }
std::span<const std::string_view> dependency_kinds() { return kDependencyKinds; }
std::span<const std::string_view> tlp_labels() { return kTlpByName; }

bool is_one_of(std::string_view word, std::span<const std::string_view> sorted) {
  return std::ranges::binary_search(sorted, word);
}

}  // namespace nw::context
