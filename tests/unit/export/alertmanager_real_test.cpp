// The Alertmanager output against Debian's own prometheus-alertmanager, which is also restarted under it.
#include <boost/json.hpp>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "export/runner.h"
#include "support.h"

namespace nw::exporter::test {
namespace {

constexpr const char* kProgram = "/usr/bin/prometheus-alertmanager";

// The body of GET `target`; empty when nobody answers 200.
std::string get(std::uint16_t port, const std::string& target) {
  namespace http = boost::beast::http;
  asio::io_context context;
  asio::ip::tcp::socket socket{context};
  boost::system::error_code error;
  socket.connect({asio::ip::address_v4::loopback(), port}, error);
  if (error) return {};
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, "localhost");
  http::write(socket, request, error);
  boost::beast::flat_buffer buffer;
  http::response<http::string_body> response;
  if (!error) http::read(socket, buffer, response, error);
  return error || response.result() != http::status::ok ? std::string{} : response.body();
}

class Alertmanager {
 public:
  // Notifications go to `webhook`, if there is one, with no time in between to hide a second one.
  Alertmanager(const TemporaryFolder& folder, std::uint16_t port, const std::string& webhook = {}) {
    std::ofstream{folder / "am.yml"}
        << "route: {receiver: one, group_by: [...], group_wait: 1ms, group_interval: 500ms, repeat_interval: 1h}\n"
           "receivers: [{name: one"
        << (webhook.empty() ? "" : ", webhook_configs: [{url: '" + webhook + "'}]") << "}]\n";
    std::vector<std::string> words{kProgram,
                                   "--config.file=" + (folder / "am.yml").string(),
                                   "--storage.path=" + (folder / "am").string(),
                                   "--cluster.listen-address=",
                                   "--web.listen-address=127.0.0.1:" + std::to_string(port),
                                   "--log.level=error"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    EXPECT_EQ(::posix_spawn(&process_, kProgram, nullptr, nullptr, arguments.data(), environ), 0);
    for (int i = 0; i < 200 && get(port, "/-/ready").empty(); ++i) std::this_thread::sleep_for(50ms);
  }
  Alertmanager(const Alertmanager&) = delete;
  Alertmanager& operator=(const Alertmanager&) = delete;
  ~Alertmanager() {
    ::kill(process_, SIGKILL);
    int status = 0;
    ::waitpid(process_, &status, 0);
  }

 private:
  pid_t process_ = -1;
};

boost::json::array alerts_at(std::uint16_t port) {
  const std::string body = get(port, "/api/v2/alerts");
  if (body.empty()) return {};
  return boost::json::parse(body).as_array();
}

std::string fingerprints(const boost::json::array& alerts) {
  std::vector<std::string> all;
  for (const auto& alert : alerts) all.emplace_back(alert.at("fingerprint").as_string().c_str());
  std::sort(all.begin(), all.end());
  std::string out;
  for (const std::string& one : all) out += one + ' ';
  return out;
}

// Counts what Alertmanager itself sends on: its notifications go to a webhook.
TEST(RealAlertmanager, AStormIsOneNotification) {
  if (::access(kProgram, X_OK) != 0) GTEST_SKIP() << "not installed: " << kProgram;
  TemporaryFolder folder;
  FakeAlertmanager pager;  // any server that answers 200 and keeps what it was sent
  const std::uint16_t port = free_port();
  Alertmanager alertmanager{folder, port, pager.url()};
  ASSERT_FALSE(get(port, "/-/ready").empty()) << "Alertmanager did not start";

  FakeLedger ledger;
  const record::Alert alert = make_alert("rule-1", "a", wall_now());
  ledger.add(entry_of(alert));
  const auto make = configure(
      "alertmanager", "urls: [\"http://127.0.0.1:" + std::to_string(port) + "\"]\nresend: 1s\nresolve_after: 3s");
  ASSERT_TRUE(make);
  asio::io_context context{1};
  RunnerOptions options;
  options.name = "am";
  options.cursor_file = folder / "am.cursor";
  auto started = OutputRunner::start(context.get_executor(), options, make, ledger);
  ASSERT_TRUE(started);
  OutputRunner& runner = **started;
  record::Fold fold = make_fold(alert, 0, wall_now());
  std::string fingerprint;
  // Twice as long as the alert would live by itself.
  for (int i = 0; i < 7; ++i) {
    run_for(context, 1000ms);
    const auto open = alerts_at(port);
    ASSERT_EQ(open.size(), 1U) << i;
    if (fingerprint.empty()) fingerprint = fingerprints(open);
    EXPECT_EQ(fingerprints(open), fingerprint);
    EXPECT_EQ(open[0].at("annotations").at("count").as_string(), std::to_string(fold.count));
    fold.count += 100;
    fold.folded = 100;
    fold.last_received = wall_now();
    fold.last = fold.last_received - 1s;
    ledger.add(entry_of(fold));
    runner.wake();
  }
  EXPECT_EQ(pager.requests(), 1U) << "nothing pages twice";
  // Over: Alertmanager says so once.
  ASSERT_TRUE(run_until(context, [&] { return pager.requests() == 2; }));
  EXPECT_NE(pager.bodies()[0].find(R"("status":"firing")"), std::string::npos);
  EXPECT_NE(pager.bodies()[1].find(R"("status":"resolved")"), std::string::npos);
  EXPECT_EQ(runner.counters().delivered, 1U);
  EXPECT_EQ(runner.counters().folds, 7U);
  runner.stop(0s);
  EXPECT_TRUE(run_until(context, [&] { return runner.finished(); }));
}

TEST(RealAlertmanager, HoldsWhatIsOpenAlsoAfterItsRestart) {
  if (::access(kProgram, X_OK) != 0) GTEST_SKIP() << "not installed: " << kProgram;
  TemporaryFolder folder;
  const std::uint16_t port = free_port();
  auto alertmanager = std::make_unique<Alertmanager>(folder, port);
  ASSERT_FALSE(get(port, "/-/ready").empty()) << "Alertmanager did not start";

  FakeLedger ledger;
  for (const char* asset : {"a", "b"})
    for (int i = 0; i < 3; ++i) ledger.add(entry_of(make_alert("rule-1", asset, wall_now())));
  const auto make = configure("alertmanager", "urls: [\"http://127.0.0.1:" + std::to_string(port) +
                                                  "\"]\nresend: 1s\nresolve_after: 1h\nlabels: {site: north}");
  ASSERT_TRUE(make);
  asio::io_context context{1};
  RunnerOptions options;
  options.name = "am";
  options.cursor_file = folder / "am.cursor";
  options.retry_first = options.retry_most = 100ms;
  auto started = OutputRunner::start(context.get_executor(), options, make, ledger);
  ASSERT_TRUE(started);
  OutputRunner& runner = **started;
  ASSERT_TRUE(run_until(context, [&] { return runner.counters().next == 6; }));
  const auto before = alerts_at(port);
  ASSERT_EQ(before.size(), 2U) << "six alerts, two groups";
  for (const auto& alert : before) {
    EXPECT_EQ(alert.at("labels").at("site").as_string(), "north");
    EXPECT_EQ(alert.at("labels").at("norm").as_string(), "13f");
    EXPECT_EQ(alert.at("annotations").at("count").as_string(), "3");
    EXPECT_EQ(alert.at("status").at("state").as_string(), "active");
  }

  alertmanager.reset();
  run_for(context, 1500ms);  // a re-send fails meanwhile
  alertmanager = std::make_unique<Alertmanager>(folder, port);
  ASSERT_TRUE(run_until(context, [&] { return alerts_at(port).size() == 2; }));
  EXPECT_EQ(fingerprints(alerts_at(port)), fingerprints(before)) << "the same alerts, not new ones";
  EXPECT_EQ(runner.counters().delivered, 6U);
  EXPECT_EQ(runner.counters().rejected, 0U);
  runner.stop(0s);
  EXPECT_TRUE(run_until(context, [&] { return runner.finished(); }));
}

}  // namespace
}  // namespace nw::exporter::test
