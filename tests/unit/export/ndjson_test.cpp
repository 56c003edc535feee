#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <sys/resource.h>
#include <sys/stat.h>

#include "export/deadline.h"
#include "support.h"

namespace nw::exporter::test {
namespace {

const Timestamp kStart = *parse_rfc3339("2026-01-15T08:00:00Z");

Batch batch_of(std::uint64_t first, std::size_t count) {
  std::vector<LedgerItem> items;
  for (std::size_t i = 0; i < count; ++i)
    items.push_back({first + i, make_alert("rule-" + std::to_string(first + i), "plc-7", kStart)});
  return std::make_shared<const std::vector<LedgerItem>>(std::move(items));
}

std::string lines_of(const Batch& batch) {
  std::string out;
  for (const LedgerItem& item : *batch) out += std::get<record::Alert>(item.what).to_json() + '\n';
  return out;
}

std::unique_ptr<Output> make_ndjson(asio::io_context& context, const std::filesystem::path& path) {
  const auto make = configure("ndjson", "path: \"" + path.string() + '"');
  return std::move(*make(context.get_executor(), ""));
}

// Delivers within `limit`.
Result<> deliver(asio::io_context& context, Output& output, Batch batch, Nanoseconds limit = 5s) {
  std::optional<Result<>> out;
  asio::co_spawn(context, with_deadline<void>(output.deliver(std::move(batch)), limit),
                 [&](std::exception_ptr, Result<> result) { out = std::move(result); });
  context.restart();
  context.run();
  return *out;
}

class Ndjson : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
  asio::io_context context_{1};
  TemporaryFolder folder_;
};

TEST_F(Ndjson, AFoldIsALineThatSaysSo) {
  const auto output = make_ndjson(context_, folder_ / "alerts.ndjson");
  record::Alert alert = make_alert("rule-1", "plc-7", kStart);
  alert.id = "a-1";
  std::vector<LedgerItem> items{{0, alert}, {1, make_fold(alert, 7, kStart + 5min)}};
  ASSERT_TRUE(deliver(context_, *output, std::make_shared<const std::vector<LedgerItem>>(std::move(items))));
  EXPECT_EQ(slurp(folder_ / "alerts.ndjson"),
            alert.to_json() + '\n' +
                R"({"type":"fold","id":"a-1","rule_id":"rule-1","rule_title":"Write to a PLC","level":"high",)"
                R"("norm":"13f","asset":"plc-7","sector":"water","actor":"192.0.2.66","source":"plc-mirror",)"
                R"("group_key":")" +
                alert.group_key() +
                R"(","count":8,"folded":7,"last_ordinal":12,"first":"2026-01-15T07:59:59.000000000Z",)"
                R"("last":"2026-01-15T08:04:59.000000000Z","last_received":"2026-01-15T08:05:00.000000000Z"})"
                "\n");
}

TEST_F(Ndjson, AppendsOneLineForEachAlert) {
  const auto output = make_ndjson(context_, folder_ / "alerts.ndjson");
  ASSERT_TRUE(deliver(context_, *output, batch_of(0, 3)));
  ASSERT_TRUE(deliver(context_, *output, batch_of(3, 1)));
  EXPECT_EQ(slurp(folder_ / "alerts.ndjson"), lines_of(batch_of(0, 4)));
  struct stat file {};
  ASSERT_EQ(::stat((folder_ / "alerts.ndjson").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0007, 0U) << "alerts are not for everybody";
}

TEST_F(Ndjson, ATornTailIsCutAtEveryPlace) {
  const std::string line = lines_of(batch_of(0, 1)), second = lines_of(batch_of(1, 1));
  for (std::size_t cut = 0; cut < second.size(); cut += 7) {
    SCOPED_TRACE(cut);
    std::ofstream{folder_ / "torn"} << line << second.substr(0, cut);
    const auto output = make_ndjson(context_, folder_ / "torn");
    ASSERT_TRUE(deliver(context_, *output, batch_of(1, 1)));
    ASSERT_EQ(slurp(folder_ / "torn"), line + second);
  }
}

TEST_F(Ndjson, AnotherProgramsFileIsLeftAlone) {
  for (const std::string& text :
       {std::string{"root:x:0:0"}, std::string{"a line\nno end"}, std::string(2U << 20, '{')}) {
    std::ofstream{folder_ / "other"} << text;
    const auto output = make_ndjson(context_, folder_ / "other");
    const auto delivered = deliver(context_, *output, batch_of(0, 1));
    ASSERT_FALSE(delivered);
    EXPECT_EQ(delivered.error().code, Errc::malformed);
    EXPECT_EQ(slurp(folder_ / "other"), text);
  }
}

TEST_F(Ndjson, FollowsARotatedName) {
  const auto output = make_ndjson(context_, folder_ / "a");
  ASSERT_TRUE(deliver(context_, *output, batch_of(0, 1)));
  std::filesystem::rename(folder_ / "a", folder_ / "a.1");
  ASSERT_TRUE(deliver(context_, *output, batch_of(1, 1)));
  EXPECT_EQ(slurp(folder_ / "a.1"), lines_of(batch_of(0, 1)));
  EXPECT_EQ(slurp(folder_ / "a"), lines_of(batch_of(1, 1)));
}

TEST_F(Ndjson, AFailedWriteLeavesNoTornLineAndIsTriedAgain) {
  const auto output = make_ndjson(context_, folder_ / "a");
  ASSERT_TRUE(deliver(context_, *output, batch_of(0, 2)));
  const std::string before = slurp(folder_ / "a");
  // A file size limit inside the next line stands for a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit whole{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &whole), 0);
  rlimit small = whole;
  small.rlim_cur = before.size() + 50;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto failed = deliver(context_, *output, batch_of(2, 2));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &whole), 0);
  ASSERT_FALSE(failed);
  EXPECT_EQ(slurp(folder_ / "a"), before);
  ASSERT_TRUE(deliver(context_, *output, batch_of(2, 2)));
  EXPECT_EQ(slurp(folder_ / "a"), lines_of(batch_of(0, 4)));
}

TEST_F(Ndjson, ErrorsNameThePath) {
  static constexpr struct {
    const char *name, *path;
    Errc want;
  } kCases[] = {
      {"a folder", "/tmp", Errc::io},
      {"full", "/dev/full", Errc::full},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto output = make_ndjson(context_, c.path);
    const auto delivered = deliver(context_, *output, batch_of(0, 1));
    ASSERT_FALSE(delivered);
    EXPECT_EQ(delivered.error().code, c.want) << delivered.error().what;
  }
}

TEST_F(Ndjson, AMissingFolderIsToldAtOnce) {
  const auto make = configure("ndjson", "path: /no/such/folder/a");
  const auto output = make(context_.get_executor(), {});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code, Errc::invalid_argument);
  EXPECT_NE(output.error().what.find("/no/such/folder"), std::string::npos) << output.error().what;
}

TEST_F(Ndjson, AReaderThatStandsStillTearsAndRepeatsNothing) {
  const std::string path = folder_ / "fifo";
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  const auto output = make_ndjson(context_, path);
  EXPECT_FALSE(deliver(context_, *output, batch_of(0, 1))) << "nobody reads yet";
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  ASSERT_GE(reader, 0);
  const Batch large = batch_of(0, 400);  // more than a pipe holds
  const std::string want = lines_of(large);
  ASSERT_GT(want.size(), 200'000U);
  const auto held = deliver(context_, *output, large, 100ms);
  ASSERT_FALSE(held);
  EXPECT_EQ(held.error().code, Errc::timed_out);
  std::string got;
  std::thread drain{[&] {
    std::array<char, 65'536> part{};
    while (got.size() < want.size()) {
      const ssize_t bytes = ::read(reader, part.data(), part.size());
      if (bytes > 0) got.append(part.data(), static_cast<std::size_t>(bytes));
    }
  }};
  const auto rest = deliver(context_, *output, large);
  drain.join();
  ::close(reader);
  ASSERT_TRUE(rest) << rest.error().what;
  EXPECT_EQ(got, want);
}

// Standard output, taken over by a pipe for the test.
class CapturedOutput {
 public:
  CapturedOutput() {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    saved_ = ::dup(STDOUT_FILENO);
    ::dup2(ends_[1], STDOUT_FILENO);
  }
  std::string take() {
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
    ::close(ends_[1]);
    std::string out(65'536, '\0');
    const ssize_t got = ::read(ends_[0], out.data(), out.size());
    ::close(ends_[0]);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }

 private:
  std::array<int, 2> ends_{};
  int saved_ = -1;
};

TEST_F(Ndjson, StandardOutput) {
  const auto output = make_ndjson(context_, "-");
  CapturedOutput captured;
  const auto delivered = deliver(context_, *output, batch_of(0, 2));
  EXPECT_EQ(captured.take(), lines_of(batch_of(0, 2)));
  EXPECT_TRUE(delivered);
}

TEST_F(Ndjson, TextOutputFollowsItsColourKey) {
  for (const char* colour : {"auto", "always", "never"}) {
    SCOPED_TRACE(colour);
    const auto make = configure("text", std::string{"colour: "} + colour);
    const auto output = std::move(*make(context_.get_executor(), ""));
    CapturedOutput captured;
    const auto delivered = deliver(context_, *output, batch_of(0, 2));
    const std::string text = captured.take();
    ASSERT_TRUE(delivered);
    EXPECT_EQ(text.find('\x1b') != std::string::npos, std::string_view{colour} == "always");
    EXPECT_TRUE(text.ends_with('\n'));
    EXPECT_NE(text.find("13f"), std::string::npos);
  }
}

}  // namespace
}  // namespace nw::exporter::test
