// The regimes as they are shipped, for the tests of this folder.
#pragma once

#include <fstream>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <string>

#include "record/reporting/regime.h"
#include "source_directory.h"

namespace nw::reporting {

inline std::string project_text(const std::string& path) {
  std::ifstream in{std::string{source_directory()} + '/' + path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

inline std::shared_ptr<const ReportingRegime> shipped(const std::string& id) {
  Diagnostics diagnostics;
  const std::string file = "config/regimes/" + id + ".yaml";
  auto out = ReportingRegime::load(project_text(file), file, diagnostics);
  EXPECT_EQ(diagnostics.to_string(), "");
  return out;
}

inline Timestamp at(const std::string& text) {
  const auto time = parse_rfc3339(text);
  EXPECT_TRUE(time) << text;
  return time ? *time : Timestamp{};
}

}  // namespace nw::reporting
