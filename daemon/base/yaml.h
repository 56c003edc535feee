// YAML as our strict readers want it: every node with its place, duplicate keys refused, size and depth bounded.
// The only file that meets yaml-cpp and its exceptions. Used for configuration, register, norms and rules.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/diagnostics.h"
#include "base/time.h"

namespace nw {

struct YamlNode {
  enum class Kind : unsigned char { null, scalar, sequence, map };
  Kind kind = Kind::null;
  bool quoted = false;  // the scalar stood in quotes or in a block: it is text, whatever it looks like
  Mark mark;
  std::string scalar;
  std::vector<YamlNode> items;                         // sequence
  std::vector<std::pair<YamlNode, YamlNode>> members;  // map, in the written order; keys are scalars

  // Defaulted below, where the class is complete: clang 14 looks into the pair as soon as it sees one of them.
  YamlNode();
  YamlNode(const YamlNode&);
  YamlNode(YamlNode&&) noexcept;
  YamlNode& operator=(const YamlNode&);
  YamlNode& operator=(YamlNode&&) noexcept;
  ~YamlNode();

  // The member's value, or null.
  [[nodiscard]] const YamlNode* find(std::string_view key) const;
  // YAML 1.2 core schema for plain scalars; quoted ones are text and give nothing.
  [[nodiscard]] std::optional<bool> as_bool() const;
  [[nodiscard]] std::optional<std::int64_t> as_int() const;  // decimal, 0x, 0o
  [[nodiscard]] std::optional<double> as_real() const;       // also what as_int() takes
};

inline YamlNode::YamlNode() = default;
inline YamlNode::YamlNode(const YamlNode&) = default;
inline YamlNode::YamlNode(YamlNode&&) noexcept = default;
inline YamlNode& YamlNode::operator=(const YamlNode&) = default;
inline YamlNode& YamlNode::operator=(YamlNode&&) noexcept = default;
inline YamlNode::~YamlNode() = default;

struct YamlLimits {
  std::size_t bytes_max = 8U << 20;
  std::size_t nodes_max = 1'000'000;  // after aliases have been expanded
  std::size_t depth_max = 64;
  std::size_t documents_max = 100'000;
};

// Every document in `text`. What is wrong goes to `diagnostics` under the name `file`; documents before the fault are
// returned. Codes: yaml-syntax, yaml-duplicate-key, yaml-too-large, yaml-too-deep, yaml-key.
std::vector<YamlNode> parse_yaml(std::string_view text, std::string_view file, Diagnostics& diagnostics,
                                 const YamlLimits& limits = {});

// Reads one map strictly: take each known key, then finish() reports every key that nobody took, with the nearest
// known one. The node, the file name and the diagnostics are borrowed for the reader's life.
// Codes: unknown-key, missing-key, wrong-type.
class YamlMap {
 public:
  // `what` names the map in messages: "a capture source". A node that is no map is reported; all reads then give
  // nothing.
  YamlMap(const YamlNode& node, std::string_view what, std::string_view file, Diagnostics& diagnostics);

  [[nodiscard]] bool ok() const noexcept { return node_ != nullptr; }
  [[nodiscard]] Mark mark() const noexcept { return mark_; }

  const YamlNode* take(std::string_view key);     // null when absent
  const YamlNode* require(std::string_view key);  // reports when absent
  // Typed reads: the fallback when absent, and also (after a report) when of the wrong type.
  std::string text(std::string_view key, std::string fallback = {});
  std::string require_text(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  bool boolean(std::string_view key, bool fallback);
  Nanoseconds duration(std::string_view key, Nanoseconds fallback);
  std::size_t bytes(std::string_view key, std::size_t fallback, std::size_t least,
                    std::size_t most);                   // 64KiB, 16MiB, 2GiB or a number
  std::vector<std::string> texts(std::string_view key);  // a list of scalars, or one scalar
  std::size_t choice(std::string_view key, std::size_t fallback, std::span<const std::string_view> names);

  // Reports the keys that were not taken; as warnings where a format lets people add their own. Call it last.
  void finish(Severity unknown = Severity::error);

  void error(Mark mark, std::string_view code, std::string text, std::string hint = {});
  [[nodiscard]] std::string_view file() const noexcept { return file_; }
  [[nodiscard]] Diagnostics& diagnostics() noexcept { return diagnostics_; }

 private:
  const YamlNode* node_;
  std::string what_;
  std::string_view file_;
  Diagnostics& diagnostics_;
  Mark mark_;
  std::vector<std::string_view> taken_;
};

}  // namespace nw
