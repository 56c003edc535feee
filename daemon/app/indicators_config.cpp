#include "app/indicators_config.h"

#include <array>
#include <filesystem>

#include "base/text.h"

namespace nw::app {

namespace {

constexpr Nanoseconds kExpiresMost = std::chrono::hours{24 * 3660};

// A word of a marking, in any of its spellings.
template <class Mark>
void read_mark(YamlMap& map, std::string_view key, std::optional<Mark> (*parse)(std::string_view) noexcept,
               std::string_view words, Mark& out) {
  const std::string text = map.text(key);
  if (text.empty()) return;
  if (const auto mark = parse(text))
    out = *mark;
  else
    map.error(map.mark(), "wrong-type", "'" + printable(text, 32) + "' is no " + std::string{key},
              "write one of " + std::string{words});
}

IndicatorFile read_file(YamlMap& map) {
  IndicatorFile out;
  out.path = map.require_text("path");
  std::vector<std::string_view> names{"auto"};
  for (const context::FeedFormat& format : context::feed_formats()) names.push_back(format.name);
  out.format = context::find_feed_format(names[map.choice("format", 0, names)]);
  out.source = map.text("source", std::filesystem::path{out.path}.filename().string());
  read_mark(map, "tlp", context::parse_tlp, "clear, green, amber, amber+strict, red", out.tlp);
  read_mark(map, "pap", context::parse_pap, "clear, green, amber, red", out.pap);
  const Nanoseconds expires = map.duration("expires_after", Nanoseconds::zero());
  if (expires < Nanoseconds::zero() || expires > kExpiresMost)
    map.error(map.mark(), "out-of-range", "'expires_after' is at most 3660d");
  if (expires > Nanoseconds::zero()) out.expires_after = expires;
  map.finish();
  return out;
}

}  // namespace

void read_indicators(const YamlNode* node, IndicatorsConfig& out, std::string_view file, Diagnostics& diagnostics) {
  if (node == nullptr || node->kind == YamlNode::Kind::null) return;
  YamlMap map{*node, "'indicators'", file, diagnostics};
  if (const YamlNode* files = map.take("files")) {
    if (files->kind != YamlNode::Kind::sequence) map.error(files->mark, "wrong-type", "'files' must be a list");
    for (const YamlNode& item : files->items) {
      YamlMap entry{item, "a file of indicators", file, diagnostics};
      if (entry.ok()) out.files.push_back(read_file(entry));
    }
  }
  out.warning_lists = map.texts("warning_lists");
  out.bytes_max = map.bytes("bytes_max", out.bytes_max, std::size_t{1} << 20, context::IndicatorBuilder::kBytesMost);
  map.finish();
}

}  // namespace nw::app
