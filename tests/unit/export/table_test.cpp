// Walks the table of outputs: each row has help, wants its keys, refuses unknown ones, and works.
#include <map>

#include "support.h"

namespace nw::exporter::test {
namespace {

// The least configuration of each kind.
const std::map<std::string_view, std::string> kLeast{
    {"alertmanager", "urls: [\"http://127.0.0.1:1\"]"}, {"ndjson", "path: \"-\""}, {"text", "{}"}};

TEST(Outputs, EveryRowConfiguresAndMakes) {
  for (const OutputKind& row : outputs()) {
    SCOPED_TRACE(row.name);
    EXPECT_FALSE(row.help.empty());
    EXPECT_NE(row.reach, OutputKind::Reach::unsaid) << "say whether what it delivers leaves our hands";
    ASSERT_TRUE(kLeast.contains(row.name)) << "add its least configuration above";
    std::string faults;
    const auto make = configure(row.name, kLeast.at(row.name), &faults);
    ASSERT_TRUE(make) << faults;
    asio::io_context context{1};
    for (int i = 0; i < 2; ++i) {
      const auto output = make(context.get_executor(), "");
      ASSERT_TRUE(output);
      EXPECT_GT((*output)->tick_interval(), Nanoseconds{0});
    }
  }
}

TEST(Outputs, BadConfigurationIsNamed) {
  static constexpr struct {
    const char *name, *kind, *yaml, *says;
  } kCases[] = {
      {"no urls", "alertmanager", "{}", "urls"},
      {"no url in it", "alertmanager", "urls: []", "1 to 16"},
      {"https", "alertmanager", "urls: [\"https://a\"]", "https is not offered"},
      {"unknown key", "alertmanager", "urls: [\"http://a\"]\nresand: 1m", "did you mean 'resend'"},
      {"own label", "alertmanager", "urls: [\"http://a\"]\nlabels: {severity: x}", "cannot be an extra label"},
      {"label without text", "alertmanager", "urls: [\"http://a\"]\nlabels: {site: [a]}", "needs a text"},
      {"labels no map", "alertmanager", "urls: [\"http://a\"]\nlabels: [a]", "must be a map"},
      {"resolves too early", "alertmanager", "urls: [\"http://a\"]\nresolve_after: 2m", "more than twice"},
      {"no time", "alertmanager", "urls: [\"http://a\"]\nresend: 0s", "must be from 1s to 1h"},
      {"no path", "ndjson", "{}", "path"},
      {"unknown colour", "text", "colour: green", "auto, always, never"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string faults;
    EXPECT_FALSE(configure(c.kind, c.yaml, &faults));
    EXPECT_NE(faults.find(c.says), std::string::npos) << faults;
    EXPECT_NE(faults.find("test.yaml"), std::string::npos) << faults;
  }
}

}  // namespace
}  // namespace nw::exporter::test
