// One regime's file on its way into a ReportingRegime: what regime.cpp and read_stage.cpp share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/yaml.h"
#include "record/reporting/regime.h"

namespace nw::reporting {

class RegimeReader {
 public:
  RegimeReader(ReportingRegime& out, std::string_view file, Diagnostics& diagnostics)
      : out_{out}, file_{file}, diagnostics_{diagnostics} {}

  void read(const YamlNode& root);

 private:
  // regime.cpp
  void calendar(YamlMap& map);
  std::vector<FactSpec> specs(YamlMap& map, std::string_view key, std::string_view what);
  std::vector<Criterion> criteria(YamlMap& map, std::string_view key);
  // read_condition.cpp: `depth` of conditions within conditions.
  Predicate condition(const YamlNode& node);
  void leaf(YamlMap& map, Predicate& out);
  // read_stage.cpp
  void stages(YamlMap& map);
  ReportingStage stage(const YamlNode& node);
  Limit limit(YamlMap& map, bool within_needed);
  Anchor anchor(YamlMap& map);
  void fields(YamlMap& map, ReportingStage& stage);
  void templates(YamlMap& map, ReportingStage& stage);
  bool is_field(std::string_view name) const;

  // What the reader of any text needs.
  std::string words(YamlMap& map, std::string_view key, std::size_t bytes_max, bool needed = true);
  std::string id(YamlMap& map, const std::vector<std::string_view>& taken, std::string_view what);
  void unknown(Mark mark, std::string_view word, std::string_view what, const std::vector<std::string_view>& known);
  const YamlNode* sequence(YamlMap& map, std::string_view key, bool needed);

  ReportingRegime& out_;
  std::string_view file_;
  Diagnostics& diagnostics_;
};

}  // namespace nw::reporting
