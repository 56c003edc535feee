#include "app/expect_config.h"

#include <limits>

namespace nw::app {

namespace {

constexpr Nanoseconds kLeast = std::chrono::seconds{1}, kMost = std::chrono::hours{24 * 366};

std::optional<Nanoseconds> read_duration(YamlMap& part, std::string_view key, const YamlNode& node) {
  if (node.find(key) == nullptr) return std::nullopt;
  const Nanoseconds value = part.duration(key, kLeast);
  if (value >= kLeast && value <= kMost) return value;
  part.error(node.find(key)->mark, "out-of-range", "'" + std::string{key} + "' must be from 1s to 366d");
  return std::nullopt;
}

}  // namespace

void read_expect(YamlMap& map, SourceConfig& out) {
  if (out.name == kOwnSource)
    map.error(map.mark(), "bad-name", "'normwatch' is what the daemon calls itself as a source",
              "give the source another name");
  if (out.kind == SourceKind::replay) return;
  const YamlNode* node = map.take("expect");
  if (node == nullptr || node->kind == YamlNode::Kind::null) return;
  if (node->kind == YamlNode::Kind::scalar) {
    if (node->scalar == "off" || node->as_bool() == false)
      out.expect.off = true;
    else if (node->scalar != "learn")
      map.error(node->mark, "wrong-type", "'expect' is learn, off, or a map", "write for example {silent_after: 10m}");
    return;
  }
  YamlMap part{*node, "'expect'", map.file(), map.diagnostics()};
  if (!part.ok()) return;
  out.expect.silent_after = read_duration(part, "silent_after", *node);
  out.expect.clock_skew_max = read_duration(part, "clock_skew_max", *node);
  if (node->find("least_per_hour") != nullptr)
    out.expect.least_per_hour =
        static_cast<std::uint64_t>(part.integer("least_per_hour", 1, 1, std::numeric_limits<std::uint32_t>::max()));
  if (node->find("parse_failures_max") != nullptr)
    out.expect.parse_failures_max = static_cast<double>(part.integer("parse_failures_max", 5, 0, 100));
  part.finish();
}

}  // namespace nw::app
