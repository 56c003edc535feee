#include "record/bundle/archive.h"

#include <gtest/gtest.h>

namespace nw::bundle {
namespace {

const Files kFiles{{"MANIFEST", "m\n"}, {"entries/7.json", std::string(600, 'x')}, {"rules/empty.yml", ""}};

// Header fields by their place (POSIX ustar).
constexpr std::size_t kMode = 100, kUid = 108, kTime = 136, kSum = 148, kKind = 156, kMagic = 257, kUser = 265;

void sum_up(std::string& tar, std::size_t header) {
  tar.replace(header + kSum, 8, 8, ' ');
  unsigned sum = 0;
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[header + i]);
  char text[8];
  std::snprintf(text, sizeof text, "%06o", sum & 0777777U);
  tar.replace(header + kSum, 7, text, 7);
}

std::string with(std::size_t header, std::size_t at, std::string_view bytes) {
  std::string tar = *write_archive(kFiles);
  tar.replace(header + at, bytes.size(), bytes);
  sum_up(tar, header);
  return tar;
}

TEST(BundleArchive, WritesTheSameBytesAndReadsThemBack) {
  const auto tar = write_archive(kFiles);
  ASSERT_TRUE(tar);
  EXPECT_EQ(*tar, *write_archive(kFiles));
  EXPECT_EQ(tar->size(), 3U * 512 + 512 + 1024 + 1024);
  EXPECT_EQ(tar->substr(kMagic, 8), std::string_view("ustar\00000", 8));
  const auto files = read_archive(*tar);
  ASSERT_TRUE(files) << files.error().what;
  EXPECT_EQ(*files, kFiles);
  EXPECT_EQ(read_archive(*write_archive({}))->size(), 0U);
}

TEST(BundleArchive, PathsThatCannotLeaveTheFolder) {
  for (const char* path : {"a", "MANIFEST", "a/b.c", "a_b-C.9/x..y"}) EXPECT_TRUE(is_path(path)) << path;
  for (const char* path : {"", "/a", "a/", "a//b", "..", "../a", "a/../b", ".a", "a/.b", "a b", "a\\b", "ä", "a\n"})
    EXPECT_FALSE(is_path(path)) << path;
  EXPECT_TRUE(is_path(std::string(kPathBytesMax, 'a')));
  EXPECT_FALSE(is_path(std::string(kPathBytesMax + 1, 'a')));
  EXPECT_EQ(write_archive({{"../a", ""}}).error().code, Errc::invalid_argument);
}

TEST(BundleArchive, RefusesWhatItDoesNotWrite) {
  const std::string good = *write_archive(kFiles);
  ASSERT_TRUE(read_archive(with(0, kKind, "0")));  // the checksum that this test makes is right
  std::string swapped = good.substr(1024, 1536) + good.substr(0, 1024) + good.substr(2560);
  std::string twice = good.substr(0, 1024) + good;
  std::string between = good;
  between[1024 - 1] = 'x';
  std::string behind = good;
  behind.back() = 'x';
  std::string changed_header = good;
  changed_header[3] ^= 1;
  const struct {
    const char* name;
    std::string tar, why;
  } kCases[] = {
      {"nothing", "", "tar"},
      {"text", "no archive at all", "tar"},
      {"a link", with(0, kKind, "2"), "plain file"},
      {"a hard link", with(0, kKind, "1"), ""},
      {"a folder", with(0, kKind, "5"), ""},
      {"a device", with(0, kKind, "3"), "plain file"},
      {"a FIFO", with(0, kKind, "6"), "plain file"},
      {"an owner", with(0, kUid, "0000001"), "owner"},
      {"an owner's name", with(0, kUser + 0, "00root"), "owner"},
      {"another mode", with(0, kMode, "000755 "), "mode"},
      {"another time", with(0, kTime, "00000000001"), "time"},
      {"a path that leaves", with(0, 0, "../../ab"), "called"},
      {"an absolute path", with(0, 0, "/ANIFEST"), "called"},
      {"GNU tar", with(0, kMagic, "ustar  "), "another way"},
      {"out of order", swapped, "out of order"},
      {"a file twice", twice, "twice"},
      {"something in the padding", between, "between"},
      {"something behind the end", behind, "end"},
      {"more zeros behind the end", good + std::string(512, '\0'), "end"},
      {"a header changed", changed_header, ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto read = read_archive(c.tar);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::malformed);
    EXPECT_NE(read.error().what.find(c.why), std::string::npos) << read.error().what;
  }
}

TEST(BundleArchive, EveryPrefixIsRefused) {
  const std::string good = *write_archive(kFiles);
  for (std::size_t size = 0; size < good.size(); size += 13) EXPECT_FALSE(read_archive(good.substr(0, size))) << size;
}

TEST(BundleArchive, HasLimits) {
  Files many;
  for (std::size_t i = 0; i <= kFilesMax; ++i) many.emplace("f" + std::to_string(i), "");
  EXPECT_EQ(write_archive(many).error().code, Errc::full);
  // A header that says a size beyond the limit, in front of nothing.
  EXPECT_EQ(read_archive(with(0, 124, "77777777777")).error().code, Errc::full);
  const std::string too_large(kFileBytesMax + 1, 'x');
  EXPECT_EQ(write_archive({{"a", too_large}}).error().code, Errc::full);
}

}  // namespace
}  // namespace nw::bundle
