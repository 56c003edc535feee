// What the readers of rules and of filters share: where a byte of a scalar stands, ids, log sources, and the part that
// says what to search for.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/yaml.h"
#include "detect/sigma/read.h"

namespace nw::sigma {

// Finds the byte of the file that a byte of a scalar was written as. The text is borrowed.
class SourceText {
 public:
  explicit SourceText(std::string_view text);
  // Exact where the file spells the scalar out up to that byte; the scalar's own place where it is folded or escaped.
  [[nodiscard]] Mark locate(const YamlNode& node, std::size_t offset) const;

 private:
  std::string_view text_;
  std::vector<std::size_t> lines_;
};

// What a document is read with; all of it is borrowed.
struct DocumentContext {
  const RuleText& text;
  const SourceText& source;
  const CompileOptions& options;
  Diagnostics& diagnostics;

  void error(Mark mark, std::string_view code, std::string what, std::string hint) const {
    diagnostics.error(text.file, mark, code, std::move(what), std::move(hint));
  }
  void warning(Mark mark, std::string_view code, std::string what, std::string hint) const {
    diagnostics.warning(text.file, mark, code, std::move(what), std::move(hint));
  }
};

bool is_uuid(std::string_view text);

LogSource read_log_source(const YamlNode& node, const DocumentContext& context);

// The identifiers and the condition below `detection:` or `filter:`; `others` are the keys that mean something else.
// Fills `rule.identifiers` and `rule.condition`.
void read_search(const YamlNode& node, std::span<const std::string_view> others, const DocumentContext& context,
                 Rule& rule);

}  // namespace nw::sigma
