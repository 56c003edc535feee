#include "app/options.h"

#include <gtest/gtest.h>

#include "app/commands.h"

namespace nw::app {
namespace {

constexpr OptionSpec kOptions[] = {
    {"config", "FILE", "the file"}, {"state", "DIR", "the folder"}, {"json", "", "as JSON"}};
constexpr CommandSpec kSpec{"try", "[FILE...]", "tries", "", kOptions, 0, 2};

Result<Options> parse(std::vector<std::string> arguments) { return Options::parse(kSpec, arguments); }

TEST(Options, Reads) {
  const auto got = parse({"a", "--config", "x", "--json", "--config=y", "b"});
  ASSERT_TRUE(got) << got.error().what;
  EXPECT_EQ(got->get("config"), "y");
  EXPECT_EQ(got->all("config"), (std::vector<std::string>{"x", "y"}));
  EXPECT_TRUE(got->has("json"));
  EXPECT_FALSE(got->has("state"));
  EXPECT_EQ(got->get("state", "z"), "z");
  EXPECT_EQ(got->words(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(parse({"-"})->words(), std::vector<std::string>{"-"});
}

TEST(Options, NamesTheNearest) {
  static const struct {
    std::vector<std::string> arguments;
    const char* want;
  } kCases[] = {
      {{"--confg", "x"}, "unknown option '--confg' (did you mean 'config'?)"},
      {{"--conf", "x"}, "unknown option '--conf'"},  // no guessing from beginnings
      {{"--config"}, "config"},
      {{"a", "b", "c"}, "'c' is too much"},
      {{"--json=yes"}, "json"},
  };
  for (const auto& c : kCases) {
    const auto got = parse(c.arguments);
    ASSERT_FALSE(got) << c.want;
    EXPECT_NE(got.error().what.find(c.want), std::string::npos) << got.error().what;
    EXPECT_NE(got.error().what.find("normwatch try --help"), std::string::npos);
  }
}

TEST(Options, CountsHaveBounds) {
  EXPECT_EQ(*parse_count("workers", "256", 1, 256), 256U);
  for (const char* bad : {"0", "257", "", "-1", "1x", "4294967297"})
    EXPECT_FALSE(parse_count("workers", bad, 1, 256)) << bad;
}

TEST(Commands, EachExplainsItself) {
  for (const Command& command : commands()) {
    SCOPED_TRACE(command.spec->name);
    EXPECT_FALSE(command.spec->help.empty());
    const std::string text = usage(*command.spec);
    for (const OptionSpec& option : command.spec->options) {
      EXPECT_FALSE(option.help.empty());
      EXPECT_NE(text.find("--" + std::string{option.name}), std::string::npos);
    }
    const std::vector<std::string> help{std::string{command.spec->name}, "--help"};
    EXPECT_EQ(dispatch(help), kExitOk);
    const std::vector<std::string> wrong{std::string{command.spec->name}, "--no-such-option"};
    EXPECT_EQ(dispatch(wrong), kExitUsage);
  }
  const std::vector<std::string> unknown{"replya"};
  EXPECT_EQ(dispatch(unknown), kExitUsage);
  EXPECT_EQ(dispatch({}), kExitUsage);
}

}  // namespace
}  // namespace nw::app
