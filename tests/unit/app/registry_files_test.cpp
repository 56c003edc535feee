#include "app/registry_files.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "app/snapshot.h"

namespace nw::app {
namespace {

class RegistryFiles : public testing::Test {
 protected:
  RegistryFiles() {
    std::string name = (std::filesystem::temp_directory_path() / "nw-register-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~RegistryFiles() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  void write(const std::string& name, const std::string& text) { std::ofstream{folder_ / name} << text; }
  // Of the folder: the names read, or what is wrong.
  std::string read() {
    Diagnostics diagnostics;
    const auto texts = read_registry_files(folder_.string(), diagnostics);
    EXPECT_EQ(texts.has_value(), diagnostics.ok());
    if (!texts) return diagnostics.to_string();
    std::string out;
    for (const context::RegisterText& text : *texts)
      out += std::filesystem::path{text.file}.filename().string() + '=' + text.text + ' ';
    return out;
  }

  std::filesystem::path folder_;
};

TEST_F(RegistryFiles, AFolderIsItsYamlFilesByName) {
  write("b.yaml", "2");
  write("a.yml", "1");
  write("10.yaml", "0");
  write(".hidden.yaml", "x");
  write("README.md", "x");
  write("c.yaml~", "x");
  std::filesystem::create_directory(folder_ / "sub");
  EXPECT_EQ(read(), "10.yaml=0 a.yml=1 b.yaml=2 ");
}

TEST_F(RegistryFiles, AFileIsItself) {
  write("one", "text");
  Diagnostics diagnostics;
  const auto texts = read_registry_files((folder_ / "one").string(), diagnostics);
  ASSERT_TRUE(texts) << diagnostics.to_string();
  ASSERT_EQ(texts->size(), 1U);
  EXPECT_EQ(texts->front().text, "text");
  EXPECT_EQ(hash_register(*texts), sha256_hex("text"));
  EXPECT_FALSE(read_registry_files((folder_ / "none.yaml").string(), diagnostics));
  EXPECT_NE(diagnostics.to_string().find("correct the path"), std::string::npos);
}

TEST_F(RegistryFiles, NoPathIsTheEmbeddedOne) {
  Diagnostics diagnostics;
  const auto texts = read_registry_files("", diagnostics);
  ASSERT_TRUE(texts);
  ASSERT_EQ(texts->size(), 1U);
  EXPECT_EQ(texts->front().file, "config/registry.yaml (embedded)");
  EXPECT_NE(texts->front().text.find("assets:"), std::string::npos);
}

TEST_F(RegistryFiles, SayWhatIsWrong) {
  EXPECT_NE(read().find("no-register"), std::string::npos) << "an empty folder";
  std::filesystem::create_symlink(folder_ / "gone", folder_ / "a.yaml");
  EXPECT_NE(read().find("a.yaml: unreadable"), std::string::npos)
      << "a link that leads nowhere loses no assets: " << read();
  std::filesystem::remove(folder_ / "a.yaml");
  ASSERT_EQ(::mkfifo((folder_ / "a.yaml").c_str(), 0600), 0);
  EXPECT_NE(read().find("no regular file"), std::string::npos) << "a pipe is not waited for";
  std::filesystem::remove(folder_ / "a.yaml");
  for (const char* name : {"a.yaml", "b.yaml"}) {
    write(name, "");
    std::filesystem::resize_file(folder_ / name, std::uintmax_t{40} << 20);
  }
  EXPECT_NE(read().find("b.yaml: too-large"), std::string::npos);
}

TEST_F(RegistryFiles, TheHashCoversEachFileAndItsName) {
  const auto hash = [](std::vector<context::RegisterText> files) { return hash_register(files); };
  // sha256sum a.yaml b.yaml | sha256sum
  EXPECT_EQ(hash({{"x/a.yaml", "1"}, {"x/b.yaml", "2"}}),
            sha256_hex(sha256_hex("1") + "  a.yaml\n" + sha256_hex("2") + "  b.yaml\n"));
  EXPECT_EQ(hash({{"x/a.yaml", "1"}, {"x/b.yaml", "2"}}), hash({{"y/a.yaml", "1"}, {"y/b.yaml", "2"}}));
  EXPECT_NE(hash({{"a.yaml", "1"}, {"b.yaml", "2"}}), hash({{"a.yaml", "1"}, {"c.yaml", "2"}}));
  EXPECT_NE(hash({{"a.yaml", "1"}, {"b.yaml", "2"}}), hash({{"a.yaml", "12"}, {"b.yaml", ""}}));
}

TEST_F(RegistryFiles, DiskStateSeesEachOfThem) {
  write("a.yaml", "1");
  Config config;
  config.registry_file = folder_.string();
  const std::string before = disk_state(config);
  write("b.yaml", "2");
  const std::string added = disk_state(config);
  EXPECT_NE(added, before);
  write("b.yaml", "22");
  EXPECT_NE(disk_state(config), added);
}

TEST_F(RegistryFiles, WhoseFileItIs) {
  EXPECT_TRUE(is_registry_file("/etc/r.yaml", "/etc/r.yaml"));
  EXPECT_TRUE(is_registry_file("/etc/assets.d", "/etc/assets.d/a.yaml"));
  EXPECT_TRUE(is_registry_file("/etc/assets.d/", "/etc/assets.d/a.yaml"));
  EXPECT_FALSE(is_registry_file("/etc/assets.d", "/etc/assets.dx/a.yaml"));
  EXPECT_FALSE(is_registry_file("", "/rules/a.yml"));
}

}  // namespace
}  // namespace nw::app
