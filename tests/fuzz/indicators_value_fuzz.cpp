// Any text as an indicator, of what it looks like and of every kind: its form is found again, and the form of its form
// is itself. As a STIX pattern and as a warning list, too.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "context/indicators/feed.h"
#include "context/indicators/stix_pattern.h"
#include "context/indicators/url.h"

namespace {

using namespace nw::context;

void check(IndicatorKind kind, const std::string& text) {
  IndicatorKey key, again;
  if (indicator_key(kind, text, key) != Refusal::none) return;
  IndicatorKind same = kind;
  NW_CHECK(indicator_key(same, indicator_text(kind, key.view()), again) == Refusal::none);
  NW_CHECK(same == kind && again.view() == key.view());
  IndicatorBuilder builder{1U << 20, 1};
  NW_CHECK(builder.add(kind, key.view(), *builder.record({})));
  std::uint64_t left_out = 0;
  const auto set = builder.finish(left_out);
  bool found = false;
  const auto sink = [&](const IndicatorHit& hit) { found = found || (hit.kind == kind && hit.key == key.view()); };
  switch (kind) {
    case IndicatorKind::domain:
    case IndicatorKind::hostname: set->find_name(text.starts_with("*.") ? text.substr(2) : text, {}, sink); break;
    case IndicatorKind::address: set->find_name(indicator_text(kind, key.view()), {}, sink); break;
    case IndicatorKind::prefix: set->find_address(prefix_of(key.view()).address(), {}, sink); break;
    case IndicatorKind::url:
    case IndicatorKind::url_prefix: set->find_url(key.view(), {}, sink); break;
    default: set->find_text(kind, text, {}, sink);
  }
  // Of a URL prefix with very many parts, only the first are tried.
  NW_CHECK(found || kind == IndicatorKind::url_prefix);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  if (const auto kind = guess_kind(text)) check(*kind, text);
  if (size < 4096)
    for (std::size_t i = 0; i < kIndicatorKinds; ++i) check(static_cast<IndicatorKind>(i), text);
  (void)refang(text);
  if (const auto values = read_stix_pattern(text)) NW_CHECK(!values->empty() && values->size() <= kStixValuesMax);
  IndicatorGate gate;
  nw::Diagnostics diagnostics;
  read_warning_list(text, "fuzz", gate, diagnostics);
  gate.close();
  std::string list;
  (void)gate.judge(IndicatorKind::domain, "a.example.org", list);
  return 0;
}
