// The log formats. One row here, one file beside this one.
#include "ingest/logs/formats/table.h"

#include <algorithm>
#include <array>

namespace nw::logs {

namespace {

constexpr auto kFormats = std::to_array<Format>({
    {"json", "one JSON object per line", declare_json, make_json},
    {"syslog", "syslog of RFC 5424 and RFC 3164, told apart line by line", declare_syslog, make_syslog},
});
static_assert(std::ranges::is_sorted(kFormats, {}, &Format::name));

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* find_format(std::string_view name) {
  const auto* found = std::ranges::find(kFormats, name, &Format::name);
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace nw::logs
