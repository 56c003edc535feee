#include "context/indicators/kind.h"

#include <algorithm>

#include "base/text.h"
#include "context/taxonomy/tlp_order.h"

namespace nw::context {

namespace {

struct KindRow {
  std::string_view name;
  std::size_t size;
};
// In the order of IndicatorKind.
constexpr auto kKinds = std::to_array<KindRow>({
    {"domain", 0},
    {"hostname", 0},
    {"address", 16},
    {"prefix", 17},
    {"url", 0},
    {"url-prefix", 0},
    {"md5", 16},
    {"sha1", 20},
    {"sha256", 32},
    {"ja3", 16},
    {"ja3s", 16},
    {"ja4", 0},
    {"cert-sha1", 20},
    {"cert-sha256", 32},
});
static_assert(kKinds.size() == kIndicatorKinds);

// By Tlp: nothing, then the labels in their order.
constexpr auto kTlp = [] {
  std::array<std::string_view, taxonomy::kTlpLabels.size() + 1> names;
  std::copy(taxonomy::kTlpLabels.begin(), taxonomy::kTlpLabels.end(), names.begin() + 1);
  return names;
}();
static_assert(kTlp[static_cast<std::size_t>(Tlp::amber_strict)] == "amber+strict" &&
              kTlp[static_cast<std::size_t>(Tlp::red)] == "red");
constexpr auto kPap = std::to_array<std::string_view>({"", "clear", "green", "amber", "red"});

bool same(std::string_view text, std::string_view lower) noexcept {
  return std::ranges::equal(text, lower, {}, ascii_lower);
}

template <std::size_t N>
std::optional<std::size_t> find_mark(std::string_view text, std::string_view space,
                                     const std::array<std::string_view, N>& names) noexcept {
  if (text.size() > space.size() && same(text.substr(0, space.size()), space)) text.remove_prefix(space.size());
  if (same(text, "white")) text = "clear";
  for (std::size_t i = 1; i < N; ++i)
    if (same(text, names[i])) return i;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(IndicatorKind kind) noexcept { return kKinds[index(kind)].name; }

std::optional<IndicatorKind> indicator_kind(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i].name == name) return static_cast<IndicatorKind>(i);
  return std::nullopt;
}

std::array<std::string_view, kIndicatorKinds> indicator_kind_names() noexcept {
  std::array<std::string_view, kIndicatorKinds> names;
  std::ranges::transform(kKinds, names.begin(), &KindRow::name);
  return names;
}

std::size_t fixed_size(IndicatorKind kind) noexcept { return kKinds[index(kind)].size; }

std::string_view to_string(Tlp tlp) noexcept { return kTlp[static_cast<std::size_t>(tlp)]; }
std::string_view to_string(Pap pap) noexcept { return kPap[static_cast<std::size_t>(pap)]; }

std::optional<Tlp> parse_tlp(std::string_view text) noexcept {
  const auto found = find_mark(text, "tlp:", kTlp);
  return found ? std::optional{static_cast<Tlp>(*found)} : std::nullopt;
}
std::optional<Pap> parse_pap(std::string_view text) noexcept {
  const auto found = find_mark(text, "pap:", kPap);
  return found ? std::optional{static_cast<Pap>(*found)} : std::nullopt;
}

}  // namespace nw::context
