#include "export/metrics/metrics.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <gtest/gtest.h>
#include <regex>
#include <set>
#include <sstream>
#include <unistd.h>

namespace nw::metrics {
namespace {

// The rules of Prometheus's naming guide that can be checked on a name alone.
TEST(Table, EveryRowObeysTheNamingRules) {
  const std::regex name{"(normwatch|process)(_[a-z0-9]+)+"}, label{"[a-z][a-z_]*"};
  const std::set<std::string_view> forbidden{"address", "ip", "host", "user", "path", "error", "le", "quantile"};
  for (const Metric& row : metrics()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(std::regex_match(std::string{row.name}, name));
    EXPECT_EQ(row.type == MetricType::counter, row.name.ends_with("_total"));
    for (const char* suffix : {"_sum", "_count", "_bucket", "_milliseconds", "_ms", "_kb", "_percent"})
      EXPECT_FALSE(row.name.ends_with(suffix)) << suffix;
    EXPECT_TRUE(row.help.ends_with('.'));
    EXPECT_GT(row.help.size(), 8U);
    for (std::size_t i = 0; i < row.label_count(); ++i) {
      EXPECT_TRUE(std::regex_match(std::string{row.labels[i]}, label));
      EXPECT_FALSE(forbidden.contains(row.labels[i])) << row.labels[i];
      EXPECT_EQ(row.name.find('_' + std::string{row.labels[i]} + "_" + std::string{row.labels[i]}), std::string::npos);
    }
    EXPECT_EQ(find_metric(row.name), &row);
  }
  EXPECT_EQ(find_metric("normwatch_nothing"), nullptr);
  EXPECT_EQ(find_metric(""), nullptr);
  EXPECT_EQ(find_metric("zzz"), nullptr);
}

TEST(Snapshot, ExactText) {
  Snapshot snapshot;
  snapshot.set("normwatch_events_total", {"eth1", "unmatched"}, 7);
  snapshot.set("normwatch_events_total", {"eth1", "matched"}, 1);
  snapshot.set("normwatch_events_total", {"eth1", "matched"}, 2);  // replaces
  snapshot.set("normwatch_alerts_pending", {}, 0);
  const std::array bounds{0.001, 0.1};
  const std::array<std::uint64_t, 3> counts{5, 3, 2};
  snapshot.set_histogram("normwatch_match_duration_seconds", {}, bounds, counts, 1.5);
  EXPECT_EQ(snapshot.to_text(),
            "# HELP normwatch_alerts_pending Alerts made by the matcher and not yet on disk.\n"
            "# TYPE normwatch_alerts_pending gauge\n"
            "normwatch_alerts_pending 0\n"
            "# HELP normwatch_events_total Events judged; outcome: matched or unmatched.\n"
            "# TYPE normwatch_events_total counter\n"
            "normwatch_events_total{source=\"eth1\",outcome=\"matched\"} 2\n"
            "normwatch_events_total{source=\"eth1\",outcome=\"unmatched\"} 7\n"
            "# HELP normwatch_match_duration_seconds Time to judge one event against all rules (sampled).\n"
            "# TYPE normwatch_match_duration_seconds histogram\n"
            "normwatch_match_duration_seconds_count 10\n"
            "normwatch_match_duration_seconds_sum 1.5\n"
            "normwatch_match_duration_seconds_bucket{le=\"0.001\"} 5\n"
            "normwatch_match_duration_seconds_bucket{le=\"0.1\"} 8\n"
            "normwatch_match_duration_seconds_bucket{le=\"+Inf\"} 10\n");
}

TEST(Snapshot, LabelValuesAreEscaped) {
  Snapshot snapshot;
  snapshot.set("normwatch_rule_matches_total", {"a\"b\\c\nd"}, 1);
  EXPECT_NE(snapshot.to_text().find(R"(normwatch_rule_matches_total{rule="a\"b\\c\nd"} 1)"), std::string::npos)
      << snapshot.to_text();
}

TEST(Snapshot, LargeCountsAreExact) {
  Snapshot snapshot;
  snapshot.set("normwatch_ledger_size", {}, 9007199254740991.0);
  EXPECT_NE(snapshot.to_text().find("normwatch_ledger_size 9007199254740991\n"), std::string::npos)
      << snapshot.to_text();
}

TEST(SnapshotDeathTest, OurMistakesAbort) {
  Snapshot snapshot;
  const std::array bounds{1.0, 1.0};
  const std::array<std::uint64_t, 3> three{};
  const std::array<std::uint64_t, 2> two{};
  EXPECT_DEATH(snapshot.set("normwatch_unheard_of", {}, 1), "broken invariant");
  EXPECT_DEATH(snapshot.set("normwatch_alerts_total", {"high"}, 1), "broken invariant");
  EXPECT_DEATH(snapshot.set("normwatch_ledger_size", {"x"}, 1), "broken invariant");
  EXPECT_DEATH(snapshot.set("normwatch_match_duration_seconds", {}, 1), "broken invariant");
  EXPECT_DEATH(snapshot.set_histogram("normwatch_match_duration_seconds", {}, bounds, two, 0), "broken invariant");
  EXPECT_DEATH(snapshot.set_histogram("normwatch_match_duration_seconds", {}, bounds, three, 0), "broken invariant");
}

// The value of an unlabelled metric on a page, or -1.
double value_of(const std::string& page, const std::string& metric) {
  const std::size_t at = page.find('\n' + metric + ' ');
  return at == std::string::npos ? -1 : std::strtod(page.c_str() + at + metric.size() + 2, nullptr);
}

TEST(Process, SaysWhatTheKernelSays) {
  const MetricsRegistry registry{[](Snapshot&) {}};
  const std::string page = registry.scrape();
  const auto now = static_cast<double>(std::time(nullptr));
  EXPECT_GE(value_of(page, "process_cpu_seconds_total"), 0) << page;
  EXPECT_GT(value_of(page, "process_resident_memory_bytes"), 1e6);
  EXPECT_GT(value_of(page, "process_virtual_memory_bytes"), value_of(page, "process_resident_memory_bytes"));
  EXPECT_GE(value_of(page, "process_threads"), 1);
  EXPECT_NEAR(value_of(page, "process_start_time_seconds"), now, 600);
  EXPECT_GT(value_of(page, "process_max_fds"), 3);
  const double open = value_of(page, "process_open_fds");
  EXPECT_GE(open, 3);
  const int extra = ::dup(0);
  EXPECT_EQ(value_of(registry.scrape(), "process_open_fds"), open + 1);
  ::close(extra);
}

// Sets every row, so that the page is the largest there is.
void fill_all(Snapshot& out) {
  for (const Metric& row : metrics()) {
    if (row.name.starts_with("process_")) continue;
    if (row.type == MetricType::histogram) {
      out.set_histogram(row.name, {}, std::array{0.001, 0.01}, std::array<std::uint64_t, 3>{1, 2, 3}, 0.5);
    } else if (row.label_count() == 3) {
      out.set(row.name, {"one", "two", "three"}, 1);
    } else if (row.label_count() == 3) {
      out.set(row.name, {"one", "two", "three"}, 1);
    } else if (row.label_count() == 2) {
      out.set(row.name, {"one", "two"}, 1);
    } else if (row.label_count() == 1) {
      out.set(row.name, {"one"}, 1);
    } else {
      out.set(row.name, {}, 1);
    }
  }
}

TEST(Registry, EveryRowIsOnThePageWithHelpAndType) {
  const MetricsRegistry registry{fill_all};
  const std::string page = '\n' + registry.scrape();
  for (const Metric& row : metrics()) {
    SCOPED_TRACE(row.name);
    EXPECT_NE(page.find("\n# HELP " + std::string{row.name} + ' '), std::string::npos);
    EXPECT_NE(page.find("\n# TYPE " + std::string{row.name} + ' '), std::string::npos);
  }
  EXPECT_EQ(registry.Collect().size(), metrics().size());
}

TEST(Registry, PromtoolAccepts) {
  if (std::system("command -v promtool >/dev/null") != 0)
    GTEST_SKIP() << "promtool is not installed (Debian: prometheus)";
  const MetricsRegistry registry{fill_all};
  const std::string page = registry.scrape();
  std::string name = "/tmp/nw-metrics-XXXXXX";
  const int file = ::mkstemp(name.data());
  ASSERT_GE(file, 0);
  ASSERT_EQ(::write(file, page.data(), page.size()), static_cast<ssize_t>(page.size()));
  ::close(file);
  std::FILE* check = ::popen(("promtool check metrics < " + name + " 2>&1").c_str(), "r");
  ASSERT_NE(check, nullptr);
  std::string said(4096, '\0');
  said.resize(std::fread(said.data(), 1, said.size(), check));
  EXPECT_EQ(::pclose(check), 0);
  EXPECT_EQ(said, "");
  ::unlink(name.c_str());
}

}  // namespace
}  // namespace nw::metrics
