#include "app/frames.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

namespace nw::app {
namespace {

// A crash may leave any part of the last frame: what stands before it is whole, wherever the cut is.
TEST(Frames, ATornEndIsNotWhole) {
  const std::string first = framed("one"), second = framed("two and more");
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("nw-frames-" + std::to_string(getpid()));
  EXPECT_EQ(*whole_frames(file), 0U);
  for (std::size_t cut = 0; cut <= second.size(); ++cut) {
    const std::string bytes = first + second.substr(0, cut);
    std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
    const std::uint64_t whole = cut == second.size() ? bytes.size() : first.size();
    ASSERT_EQ(*whole_frames(file), whole) << cut;
    // What is written behind the whole ones is read back.
    std::vector<std::string> read;
    read_frames(bytes.substr(0, whole) + framed("next"), [&](std::string_view body) { read.emplace_back(body); });
    ASSERT_EQ(read.back(), "next") << cut;
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace nw::app
