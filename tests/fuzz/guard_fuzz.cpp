// Any alert through the guard: it ends, the entry fits, the sealed values can be read back, and an address that no
// input holds stands nowhere in what is stored. The input is an alert as JSON, or else a field's name, a zero byte and
// its text.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "record/entry.h"
#include "record/guard/guard.h"
#include "record/privacy/commitment.h"

namespace {

struct Counted {
  void operator()(std::span<std::uint8_t> out) const {
    std::uint8_t next = 1;
    for (std::uint8_t& byte : out) byte = next++;
  }
};
constexpr Counted kCounted;

std::shared_ptr<const nw::record::GuardRules> rules(bool seal) {
  using namespace nw::record;
  EpochSecrets secrets{{2026, 1}, nw::privacy::Key32::random(kCounted), {}};
  auto month = MonthKeys::derive(secrets, "fuzz");
  NW_CHECK(month);
  GuardRules out;
  out.policy = std::make_shared<const nw::privacy::Policy>();
  out.designated = std::make_shared<const DesignatedNames>(nw::context::Registry::empty(), *out.policy);
  out.indicators = nw::context::IndicatorSet::empty();
  out.ids = std::make_shared<const AlertIds>(nw::privacy::Key32::random(kCounted));
  out.months = {std::move(*month)};
  out.seal = seal;
  return std::make_shared<const GuardRules>(std::move(out));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nw::record;
  constexpr const char* kAddress = "203.0.113.77";
  static const auto make_guard = [](bool sealing) {
    auto out = std::make_unique<Guard>(kCounted);
    out->use(rules(sealing));
    return out;
  };
  static const auto kSealing = make_guard(true), kPlain = make_guard(false);
  const std::string text{data, data + size};
  const bool seal = size % 2 == 0;
  Guard& guard = seal ? *kSealing : *kPlain;
  auto read = Alert::from_json(text);
  Alert alert = read ? std::move(*read) : Alert{};
  if (!read) {
    alert.id = alert.rule_id = "r";
    const std::size_t at = text.find('\0');
    const std::string value = at == std::string::npos ? text : text.substr(at + 1);
    alert.fields = {{text.substr(0, at), value}};
    alert.atoms = {{text.substr(0, at), "contains", value.substr(0, value.size() / 2), value}};
  }
  alert.source_address = kAddress;
  alert.fields.emplace_back("x_forwarded_for", std::string{"10.1.1.1, "} + kAddress);
  const nw::Timestamp now = nw::from_unix_nanoseconds(1'768'464'005'000'000'000);
  GuardedAlert guarded = guard.guard(std::move(alert), now);
  const std::string entry = make_alert_entry(now, guarded);
  NW_CHECK(entry.size() <= kEntryBytesMax);
  if (text.find("113") == std::string::npos) NW_CHECK(entry.find(kAddress) == std::string::npos);
  NW_CHECK(guarded.clear_values().has_value() == seal);
  if (!seal) return 0;
  const auto values = read_sealed_values(guarded.clear_values()->json);
  NW_CHECK(values);
  NW_CHECK(guarded->sealed_values.starts_with("commit:"));
  (void)read_sealed_values(text);
  return 0;
}
