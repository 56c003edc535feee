// The project's own files, as tests read them.
#pragma once

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "source_directory.h"

namespace nw::taxonomy {

inline std::string project_file(const std::string& path) {
  std::ifstream in{std::string{source_directory()} + '/' + path, std::ios::binary};
  EXPECT_TRUE(in) << path;
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace nw::taxonomy
