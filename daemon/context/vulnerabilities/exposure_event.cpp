#include "context/vulnerabilities/exposure_event.h"

#include "base/check.h"

namespace nw::vulnerabilities {

namespace {

using event::Value;

enum Field : std::size_t {
  kAsset,
  kCve,
  kAdvisory,
  kTlp,
  kSeverity,
  kCertainty,
  kKnownExploited,
  kProduct,
  kRemedy,
  kAgeDays,
  kDueDays,
  kFieldCount,
};
constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"asset", "text", "the designated asset: its opaque id"},
    {"cve", "text", "the vulnerability; the advisory's id, where it has no CVE"},
    {"advisory", "text", "the advisory that says so; absent: only KEV does"},
    {"tlp", "text", "the advisory's TLP label: clear, green, amber, amber+strict, red"},
    {"severity", "text", "critical, high, medium, low, none; unknown: nobody says"},
    {"certainty", "text", "certain: the advisory's product and versions hold the register's; possible: they may"},
    {"known_exploited", "boolean", "whether it is known to be exploited"},
    {"product", "text", "what has it, in the register's words"},
    {"remedy", "text", "what is to be done, as the advisory or KEV says"},
    {"age_days", "integer", "whole days since it was published or known to be exploited, whichever was first"},
    {"due_days", "integer", "whole days until KEV's due date; negative: overdue"},
});
static_assert(kFields.size() == kFieldCount);

constexpr std::array<std::string_view, 1> kServices{"exposure"};

event::TypeId type_in(const event::Schema& schema) {
  std::size_t type = 0;
  while (type < schema.type_count() &&
         (schema.type(static_cast<event::TypeId>(type)).path != exposure_type().path ||
          schema.type(static_cast<event::TypeId>(type)).product != exposure_type().product))
    ++type;
  NW_CHECK(type < schema.type_count());
  return static_cast<event::TypeId>(type);
}

}  // namespace

const event::TypeSpec& exposure_type() {
  static constexpr event::TypeSpec kType{"exposure", "normwatch", kServices, {}, kFields, false};
  return kType;
}

void declare(event::Schema& schema) { schema.add_type(exposure_type()); }

void fill(const Exposure& exposure, Timestamp now, const event::Schema& schema, event::SourceId source,
          event::Event& event) {
  event.begin(type_in(schema), source, now, now, event::TimeQuality::received);
  if (exposure.host)
    event.set(event::common(event::Common::resp_h), Value::address(*exposure.host));
  else
    event.set(event::common(event::Common::host), Value::text(exposure.asset));
  const auto set = [&](Field field, const Value& value) {
    const auto id = schema.find_field(kFields[field].name);
    NW_CHECK(id);
    event.set(*id, value);
  };
  const auto text = [&set](Field field, std::string_view value) {
    if (!value.empty()) set(field, Value::text(value));
  };
  text(kAsset, exposure.asset);
  text(kCve, exposure.cve);
  text(kAdvisory, exposure.advisory);
  text(kTlp, exposure.tlp);
  text(kSeverity, to_string(exposure.severity));
  text(kCertainty, exposure.certain ? "certain" : "possible");
  set(kKnownExploited, Value::boolean(exposure.known_exploited));
  text(kProduct, exposure.product);
  text(kRemedy, exposure.remedy);
  // Rounded down: due today is 0, due yesterday -1.
  using std::chrono::days, std::chrono::floor;
  if (exposure.since) set(kAgeDays, Value::integer((floor<days>(now) - floor<days>(*exposure.since)).count()));
  if (exposure.due) set(kDueDays, Value::integer((floor<days>(*exposure.due) - floor<days>(now)).count()));
}

}  // namespace nw::vulnerabilities
