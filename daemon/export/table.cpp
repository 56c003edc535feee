// The outputs: one row each.
#include <algorithm>
#include <array>

#include "export/kinds.h"

namespace nw::exporter {

namespace {

constexpr auto kInward = OutputKind::Reach::inward;

constexpr auto kOutputs = std::to_array<OutputKind>({
    {"alertmanager", "alerts to every configured Prometheus Alertmanager (API v2), re-sent while open",
     configure_alertmanager, true, kInward},
    {"ndjson", "one JSON object a line, to a file or to standard output", configure_ndjson, false, kInward},
    {"text", "prose for a terminal, to standard output", configure_text, false, kInward},
});
static_assert(std::ranges::is_sorted(kOutputs, {}, &OutputKind::name));
static_assert(std::ranges::find(kOutputs, OutputKind::Reach::unsaid, &OutputKind::reach) == kOutputs.end());

}  // namespace

std::span<const OutputKind> outputs() { return kOutputs; }

}  // namespace nw::exporter
