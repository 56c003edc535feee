#include "ingest/logs/transports/path_pattern.h"

#include <set>

#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

namespace fs = std::filesystem;

TEST(PathPattern, Matches) {
  static constexpr struct {
    const char *pattern, *path;
    bool want;
  } kCases[] = {
      {"/a/b.log", "/a/b.log", true},     {"/a/b.log", "/a/c.log", false},       {"/a/*.log", "/a/b.log", true},
      {"/a/*.log", "/a/.b.log", false},   {"/a/*.log", "/a/b/c.log", false},     {"/*/b.log", "/a/b.log", true},
      {"/a/[bc].log", "/a/c.log", true},  {"/a/[bc].log", "/a/d.log", false},    {"/a/?.log", "/a/bb.log", false},
      {"/a/**/x.log", "/a/x.log", true},  {"/a/**/x.log", "/a/b/c/x.log", true}, {"/a/**/x.log", "/a/.b/x.log", false},
      {"/a/**/x.log", "/b/x.log", false}, {"/**/*.log", "/a/b/c.log", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(std::string{c.pattern} + " " + c.path);
    EXPECT_EQ(matches(c.pattern, c.path), c.want);
  }
}

TEST(PathPattern, FindsWhatMatches) {
  TempDir dir;
  for (const char* folder : {"a/b/c", "d", ".hidden"}) fs::create_directories(dir.path / folder);
  for (const char* file : {"a/1.log", "a/b/2.log", "a/b/c/3.log", "d/4.log", "d/5.txt", ".hidden/6.log"})
    append(dir.file(file), "x");
  for (const char* pattern : {"*/*.log", "**/*.log", "a/**/*.log", "d/?.*", "*/[13].log", "**/2.log", "none/*"}) {
    SCOPED_TRACE(pattern);
    const std::string whole = dir.file(pattern);
    std::set<std::string> want, got;
    for (const auto& entry : fs::recursive_directory_iterator{dir.path})
      if (entry.is_regular_file() && matches(whole, entry.path().string())) want.insert(entry.path().string());
    for (const FoundFile& file : find_files(whole).files) got.insert(file.path);
    EXPECT_EQ(got, want);
    EXPECT_EQ(got.empty(), std::string_view{pattern} == "none/*");
  }
}

TEST(PathPattern, DepthIsBounded) {
  TempDir dir;
  std::string path = dir.path.string();
  for (std::size_t i = 0; i < kFoundDepthMax + 2; ++i) path += "/d";
  fs::create_directories(path);
  append(path + "/deep.log", "x");
  const FoundFiles found = find_files(dir.file("**/*.log"));
  EXPECT_TRUE(found.cut);
  EXPECT_TRUE(found.files.empty());
}

TEST(PathPattern, Exclude) {
  EXPECT_TRUE(any_matches({"*.gz"}, "/var/log/a.gz"));
  EXPECT_FALSE(any_matches({"*.gz"}, "/var/log/a"));
  EXPECT_TRUE(any_matches({"x", "nginx/*"}, "/var/log/nginx/a"));
  EXPECT_TRUE(any_matches({"/var/log/nginx/*"}, "/var/log/nginx/b/a"));
  EXPECT_FALSE(any_matches({}, "/var/log/a"));
}

TEST(PathPattern, FolderAndName) {
  EXPECT_EQ(folder_of("a"), ".");
  EXPECT_EQ(folder_of("/a"), "/");
  EXPECT_EQ(folder_of("/b/a"), "/b");
  EXPECT_EQ(name_of("/b/a"), "a");
  EXPECT_EQ(name_of("a"), "a");
}

}  // namespace
}  // namespace nw::logs
