#include "app/expect_config.h"

#include <gtest/gtest.h>

namespace nw::app {
namespace {

using namespace std::chrono_literals;

std::optional<Config> read(std::string_view source, Diagnostics& diagnostics) {
  return parse_config("sources:\n  - {" + std::string{source} + "}\n", "c.yaml", diagnostics);
}
constexpr std::string_view kUdp = "name: u, kind: udp, listen: '127.0.0.1:0', format: syslog";

liveness::Expect expect(std::string_view written) {
  Diagnostics diagnostics;
  const auto config = read(std::string{kUdp} + std::string{written}, diagnostics);
  EXPECT_TRUE(config) << diagnostics.to_string();
  return config ? config->sources[0].expect : liveness::Expect{};
}

TEST(ExpectConfig, IsLearnedUnlessDeclared) {
  for (const std::string_view written : {"", ", expect: learn", ", expect: "}) {
    const liveness::Expect learned = expect(written);
    EXPECT_FALSE(learned.off);
    EXPECT_FALSE(learned.silent_after || learned.least_per_hour || learned.parse_failures_max ||
                 learned.clock_skew_max);
  }
  EXPECT_TRUE(expect(", expect: off").off);
  EXPECT_TRUE(expect(", expect: false").off);
  const liveness::Expect all =
      expect(", expect: {silent_after: 1s, least_per_hour: 7, parse_failures_max: 0, clock_skew_max: 2m}");
  EXPECT_EQ(all.silent_after, std::optional<Nanoseconds>{1s});
  EXPECT_EQ(all.least_per_hour, std::optional<std::uint64_t>{7});
  EXPECT_EQ(all.parse_failures_max, std::optional<double>{0});
  EXPECT_EQ(all.clock_skew_max, std::optional<Nanoseconds>{2min});
}

TEST(ExpectConfig, FaultsHaveTheirPlace) {
  static constexpr struct {
    const char *source, *wanted;
  } kCases[] = {
      {", expect: sometimes", "wrong-type: 'expect' is learn, off, or a map"},
      {", expect: [learn]", "wrong-type: 'expect' must be a map"},
      {", expect: {silent_after: 100ms}", "out-of-range: 'silent_after' must be from 1s to 366d"},
      {", expect: {silent_after: 1000d}", "out-of-range: 'silent_after'"},
      {", expect: {silent_after: soon}", "wrong-type: 'silent_after' must be a duration"},
      {", expect: {clock_skew_max: 0s}", "out-of-range: 'clock_skew_max'"},
      {", expect: {least_per_hour: 0}", "'least_per_hour' must be"},
      {", expect: {parse_failures_max: 101}", "'parse_failures_max' must be"},
      {", expect: {silent: 3m}", "unknown-key"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.source);
    Diagnostics diagnostics;
    EXPECT_FALSE(read(std::string{kUdp} + c.source, diagnostics));
    EXPECT_NE(diagnostics.to_string().find(c.wanted), std::string::npos) << diagnostics.to_string();
    EXPECT_NE(diagnostics.to_string().find("c.yaml:2:"), std::string::npos);
  }
}

TEST(ExpectConfig, PlayedFilesHaveNoRhythmAndOurNameIsTaken) {
  Diagnostics played, named;
  EXPECT_FALSE(read("name: r, kind: replay, path: a.pcap, expect: learn", played));
  EXPECT_NE(played.to_string().find("unknown-key"), std::string::npos);
  EXPECT_FALSE(read("name: normwatch, kind: replay, path: a.pcap", named));
  EXPECT_NE(named.to_string().find("bad-name"), std::string::npos) << named.to_string();
}

}  // namespace
}  // namespace nw::app
