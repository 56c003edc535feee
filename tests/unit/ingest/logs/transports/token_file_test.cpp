#include "ingest/logs/transports/token_file.h"

#include <unistd.h>

#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {
namespace {

TEST(TokenFile, WhoMaySend) {
  TempDir dir;
  append(dir.file("tokens"), "# of the water works\n\n  first-token  \r\nsecond:token\n");
  auto file = TokenFile::open(dir.file("tokens"));
  ASSERT_TRUE(file);
  static constexpr struct {
    const char* field;
    bool allowed;
  } kCases[] = {
      {"Bearer first-token", true},
      {"bearer   second:token ", true},
      {"Basic dXNlcjpmaXJzdC10b2tlbg==", true},  // user:first-token
      {"Basic OmZpcnN0LXRva2Vu", true},          // :first-token
      {"ApiKey aWQ6Zmlyc3QtdG9rZW4=", true},     // id:first-token
      {"ApiKey aWQ6c2Vjb25kOnRva2Vu", true},     // id:second:token
      {"ApiKey aWQ6c2Vjb25kOnRva2V", false},     // cut
      {"", false},
      {"Bearer", false},
      {"Bearer ", false},
      {"Bearer first-toke", false},
      {"Bearer first-tokens", false},
      {"Bearer FIRST-TOKEN", false},
      {"Bearer # of the water works", false},
      {"first-token", false},
      {"Token first-token", false},
      {"Basic first-token", false},
      {"Basic Zmlyc3QtdG9rZW4=", false},  // first-token, without a user
      {"Basic dXNlcjo=", false},          // user:
      {"Basic !!!!", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.field);
    EXPECT_EQ((*file)->allows(c.field), c.allowed);
  }
}

TEST(TokenFile, Refuses) {
  TempDir dir;
  append(dir.file("empty"), "# nobody yet\n \n");
  append(dir.file("large"), std::string((1U << 20) + 1, 'x'));
  const struct {
    std::string path;
    Errc code;
    const char* says;
  } kCases[] = {
      {dir.file("none"), Errc::not_found, "openssl rand"},
      {dir.file("empty"), Errc::invalid_argument, "holds no token"},
      {dir.file("large"), Errc::invalid_argument, "1 MiB"},
      {dir.path.string(), Errc::invalid_argument, "is no file"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.path);
    const auto opened = TokenFile::open(c.path);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, c.code);
    EXPECT_NE(opened.error().what.find(c.path), std::string::npos);
    EXPECT_NE(opened.error().what.find(c.says), std::string::npos) << opened.error().what;
  }
}

TEST(TokenFile, ReadAgainWhenItChanges) {
  TempDir dir;
  const std::string path = dir.file("tokens");
  append(path, "old\n");
  auto file = TokenFile::open(path);
  ASSERT_TRUE(file);
  const auto becomes = [&](const char* field, bool allowed) {
    boost::asio::io_context io{1};
    return run_until(
        io, [&] { return (*file)->allows(field) == allowed; }, std::chrono::seconds{5});
  };
  append(dir.file("new"), "new\n");
  std::filesystem::rename(dir.file("new"), path);
  EXPECT_TRUE(becomes("Bearer new", true));
  EXPECT_FALSE((*file)->allows("Bearer old"));
  // An editor empties it before it writes: nobody is turned away for that.
  std::ofstream{path, std::ios::trunc};
  EXPECT_FALSE(becomes("Bearer new", false));
  append(path, "third\n");
  EXPECT_TRUE(becomes("Bearer third", true));
  EXPECT_FALSE((*file)->allows("Bearer new"));
  std::filesystem::remove(path);
  EXPECT_FALSE(becomes("Bearer third", false));
}

}  // namespace
}  // namespace nw::logs
