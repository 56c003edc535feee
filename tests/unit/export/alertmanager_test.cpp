// The Alertmanager output under the runner, against real HTTP servers that misbehave on demand.
#include <boost/json.hpp>
#include <set>

#include "base/clock.h"
#include "base/log.h"
#include "export/runner.h"
#include "support.h"

namespace nw::exporter::test {
namespace {

namespace json = boost::json;

class AlertmanagerTest : public testing::Test {
 protected:
  AlertmanagerTest() {
    options_.name = "am";
    options_.cursor_file = folder_ / "am.cursor";
    options_.retry_first = 10ms;
    options_.retry_most = 50ms;
    set_log_sink([this](const LogLine& line) { logged_.emplace_back(line.code); });
  }
  ~AlertmanagerTest() override {
    if (runner_) stop();
    set_log_sink({});
  }

  void start(const std::vector<std::string>& urls, const std::string& more = {}) {
    std::string yaml = "urls: [";
    for (const std::string& url : urls) yaml += (yaml.ends_with('[') ? "\"" : ", \"") + url + '"';
    std::string faults;
    const auto make = configure("alertmanager", yaml + "]\ntimeout: 300ms\n" + more, &faults);
    ASSERT_TRUE(make) << faults;
    auto started = OutputRunner::start(context_.get_executor(), options_, make, ledger_);
    ASSERT_TRUE(started) << started.error().what;
    runner_ = std::move(*started);
  }
  void stop() {
    runner_->stop(0s);
    EXPECT_TRUE(run_until(context_, [&] { return runner_->finished(); }));
    runner_.reset();
  }
  void add(const std::string& rule, const std::string& asset) {
    ledger_.add(entry_of(make_alert(rule, asset, wall_now())));
    if (runner_) runner_->wake();
  }
  bool reaches(std::uint64_t next) {
    return run_until(context_, [&] { return runner_->counters().next == next; });
  }
  long logged(std::string_view code) { return std::count(logged_.begin(), logged_.end(), code); }

  TemporaryFolder folder_;
  FakeLedger ledger_;
  RunnerOptions options_;
  std::vector<std::string> logged_;
  asio::io_context context_{1};
  std::unique_ptr<OutputRunner> runner_;
};

// The assets in a body, in order.
std::string assets(const std::string& body) {
  std::string out;
  const json::value root = json::parse(body);
  for (const json::value& alert : root.as_array())
    out += (out.empty() ? "" : ",") + std::string{alert.at("labels").at("asset").as_string()};
  return out;
}

std::string label_sets(const std::string& body) {
  std::set<std::string> all;
  const json::value root = json::parse(body);
  for (const json::value& alert : root.as_array()) all.insert(json::serialize(alert.at("labels")));
  std::string out;
  for (const std::string& one : all) out += one + '\n';
  return out;
}

TEST_F(AlertmanagerTest, PostsTheBatchToEveryInstance) {
  FakeAlertmanager one, two;
  add("rule-1", "a");
  add("rule-1", "b");
  start({one.url(), two.url() + "/prefix"});
  ASSERT_TRUE(reaches(2));
  for (const FakeAlertmanager* server : {&one, &two}) {
    ASSERT_GE(server->requests(), 1U);
    EXPECT_EQ(assets(server->bodies()[0]), "a,b");
  }
  EXPECT_EQ(one.targets()[0], "/api/v2/alerts");
  EXPECT_EQ(two.targets()[0], "/prefix/api/v2/alerts");
}

TEST_F(AlertmanagerTest, DownAtTheStartThenUp) {
  const std::uint16_t port = free_port();
  add("rule-1", "a");
  start({"http://127.0.0.1:" + std::to_string(port)});
  ASSERT_TRUE(run_until(context_, [&] { return runner_->counters().failures >= 3; }));
  EXPECT_EQ(runner_->counters().next, 0U);
  FakeAlertmanager server{port};
  ASSERT_TRUE(reaches(1));
  const auto alert = json::parse(server.bodies()[0]).at(0);
  EXPECT_EQ(alert.at("annotations").at("count").as_string(), "1") << "retries do not count again";
  EXPECT_EQ(runner_->counters().delivered, 1U);
  EXPECT_EQ(logged("alertmanager_down"), 1);
  EXPECT_EQ(logged("alertmanager_up"), 1);
}

TEST_F(AlertmanagerTest, ServerErrorsAreRetried) {
  for (const int status : {500, 503, 404, 401, 429, 302}) {
    SCOPED_TRACE(status);
    std::atomic<int> left{2};  // outlives the server's thread
    FakeAlertmanager server;
    server.react([&](const std::string&) { return Reaction{left-- > 0 ? status : 200, "not now", 0ms}; });
    const std::uint64_t next = ledger_.size() + 1;
    add("rule-1", "a");
    start({server.url()});
    ASSERT_TRUE(reaches(next));
    EXPECT_GE(server.requests(), 3U);
    EXPECT_EQ(runner_->counters().failures, 2U);
    EXPECT_EQ(runner_->counters().rejected, 0U);
    stop();
  }
}

TEST_F(AlertmanagerTest, ASlowInstanceHoldsUpNothing) {
  FakeAlertmanager fast, slow;
  slow.react([](const std::string&) { return Reaction{200, "", 700ms}; });
  start({slow.url(), fast.url()});
  const auto begin = std::chrono::steady_clock::now();
  add("rule-1", "a");
  ASSERT_TRUE(reaches(1));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 650ms) << "the timeout is 300 ms";
  EXPECT_EQ(runner_->counters().failures, 0U);
  EXPECT_EQ(logged("alertmanager_down"), 1);
}

// Each alert alone, since one of them may be malformed: many posts, each within the timeout, and no end of them.
TEST_F(AlertmanagerTest, AnInstanceThatIsSlowOverManyPostsHoldsUpNothing) {
  FakeAlertmanager fast, slow;
  slow.react([](const std::string& body) {
    return Reaction{json::parse(body).as_array().size() > 1 ? 400 : 200, "", 100ms};
  });
  for (int i = 0; i < 50; ++i) add("rule-1", "asset-" + std::to_string(i));
  const auto begin = std::chrono::steady_clock::now();
  start({slow.url(), fast.url()});
  ASSERT_TRUE(reaches(50));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s) << "50 posts take 5 s";
  EXPECT_EQ(runner_->counters().failures, 0U);
  EXPECT_EQ(runner_->counters().rejected, 0U);
  EXPECT_EQ(logged("alertmanager_down"), 1);
}

TEST_F(AlertmanagerTest, AnInstanceThatWasAwayCatchesUpWithTheResend) {
  FakeAlertmanager up;
  const std::uint16_t port = free_port();
  start({up.url(), "http://127.0.0.1:" + std::to_string(port)}, "resend: 1s\nresolve_after: 1h");
  add("rule-1", "a");
  add("rule-1", "b");
  ASSERT_TRUE(reaches(2));
  FakeAlertmanager back{port};
  ASSERT_TRUE(run_until(context_, [&] { return back.requests() >= 1; }));
  EXPECT_EQ(assets(back.bodies()[0]), "a,b");
  ASSERT_TRUE(run_until(context_, [&] { return logged("alertmanager_up") == 1; }));
}

TEST_F(AlertmanagerTest, ResendsWithTheSameLabelsAfterARestart) {
  FakeAlertmanager server;
  add("rule-1", "a");
  start({server.url()}, "resend: 1s\nresolve_after: 1h");
  ASSERT_TRUE(reaches(1));
  stop();
  const std::string first = server.bodies().back();
  const std::size_t before = server.requests();
  start({server.url()}, "resend: 1s\nresolve_after: 1h");
  ASSERT_TRUE(run_until(context_, [&] { return server.requests() > before; }));
  EXPECT_EQ(server.bodies()[before], first) << "same labels, same start, same end";
  // And again and again, while it is open.
  ASSERT_TRUE(run_until(context_, [&] { return server.requests() >= before + 3; }));
  // A further alert belongs to the same period.
  add("rule-1", "a");
  ASSERT_TRUE(reaches(2));
  const std::string later = server.bodies().back();
  EXPECT_EQ(label_sets(later), label_sets(first));
  EXPECT_EQ(json::parse(later).at(0).at("startsAt"), json::parse(first).at(0).at("startsAt"));
  EXPECT_EQ(json::parse(later).at(0).at("annotations").at("count").as_string(), "2");
  EXPECT_EQ(runner_->counters().delivered, 1U);
}

TEST_F(AlertmanagerTest, ResendingEndsWithTheAlert) {
  FakeAlertmanager server;
  add("rule-1", "a");
  start({server.url()}, "resend: 1s\nresolve_after: 3s");
  ASSERT_TRUE(reaches(1));
  run_for(context_, 4200ms);
  const std::size_t requests = server.requests();
  EXPECT_GE(requests, 3U);
  run_for(context_, 2200ms);
  EXPECT_EQ(server.requests(), requests);
}

TEST_F(AlertmanagerTest, OneRefusedAlertDoesNotHoldUpTheOthers) {
  FakeAlertmanager server;
  server.react([](const std::string& body) {
    const bool bad = body.find(R"("asset":"bad")") != std::string::npos;
    return Reaction{bad ? 400 : 200, bad ? "invalid\x1b[31m label" : "", 0ms};
  });
  for (const char* asset : {"a", "bad", "c"}) add("rule-1", asset);
  start({server.url()}, "resend: 1s\nresolve_after: 1h");
  ASSERT_TRUE(reaches(3));
  EXPECT_EQ(runner_->counters().rejected, 1U);
  EXPECT_EQ(runner_->counters().failures, 0U);
  EXPECT_EQ(logged("alertmanager_refused"), 1);
  std::string accepted;
  for (const std::string& body : server.bodies())
    if (body.find(R"("asset":"bad")") == std::string::npos) accepted += assets(body) + ' ';
  EXPECT_NE(accepted.find('a'), std::string::npos);
  EXPECT_NE(accepted.find('c'), std::string::npos);
  const std::size_t before = server.requests();
  ASSERT_TRUE(run_until(context_, [&] { return server.requests() > before + 1; }));
  for (std::size_t i = before; i < server.requests(); ++i) EXPECT_EQ(assets(server.bodies()[i]), "a,c");
}

TEST_F(AlertmanagerTest, LargeSetsGoInChunks) {
  std::atomic<std::size_t> largest{0};  // outlives the server's thread
  FakeAlertmanager server;
  server.react([&](const std::string& body) {
    largest = std::max(largest.load(), body.size());
    return Reaction{};
  });
  for (int i = 0; i < 1100; ++i) add("rule-1", "asset-" + std::to_string(i));
  start({server.url()}, "resend: 1s\nresolve_after: 1h");
  ASSERT_TRUE(reaches(1100));
  stop();
  const std::size_t before = server.requests();
  start({server.url()}, "resend: 1s\nresolve_after: 1h");
  ASSERT_TRUE(run_until(context_, [&] { return server.requests() >= before + 2; }));
  EXPECT_LT(largest, 1U << 20);
}

TEST_F(AlertmanagerTest, ALostStateIsSaidAndStartsEmpty) {
  FakeAlertmanager server;
  ASSERT_TRUE(record::Cursor::open(options_.cursor_file)->save(0, "{broken"));
  add("rule-1", "a");
  start({server.url()});
  ASSERT_TRUE(reaches(1));
  EXPECT_EQ(logged("alertmanager_state_lost"), 1);
  EXPECT_EQ(assets(server.bodies()[0]), "a");
}

TEST_F(AlertmanagerTest, StopDuringADelivery) {
  FakeAlertmanager server;
  server.react([](const std::string&) { return Reaction{200, "", 250ms}; });
  add("rule-1", "a");
  start({server.url()});
  ASSERT_TRUE(run_until(context_, [&] { return server.requests() == 1; }));
  stop();
  EXPECT_EQ(record::Cursor::open(options_.cursor_file)->next(), 0U);
}

}  // namespace
}  // namespace nw::exporter::test
