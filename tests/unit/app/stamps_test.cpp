#include "app/stamps.h"

#include <gtest/gtest.h>

#include "base/clock.h"
#include "unit/app/witness_support.h"
#include "unit/record/witness/authority.h"

namespace nw::app::test {
namespace {

using witness::test::TestAuthority;

// An authority on HTTP; it can be told to fail.
class Tsa {
 public:
  Tsa() : authority_{std::time(nullptr)}, server_{[this](const asio::any_io_executor&) { return routes(); }} {}

  [[nodiscard]] std::string url() const { return server_.url() + "/tsr"; }
  [[nodiscard]] std::string roots() const { return authority_.roots(); }
  std::atomic<int> asked{0}, fail{0};
  std::string type = "application/timestamp-reply";
  std::function<void()> before;  // it answers

 private:
  std::vector<console::Route> routes() {
    using Done = std::function<void(console::HttpResponse)>;
    std::vector<console::Route> out;
    out.push_back({"POST", "/tsr", [this](const console::HttpRequest& request, const Done& done) {
                     ++asked;
                     if (before) before();
                     if (fail > 0) {
                       --fail;
                       return done({500, "text/plain", "later\n"});
                     }
                     done({200, type, authority_.reply(request.body)});
                   }});
    return out;
  }
  TestAuthority authority_;
  Server server_;
};

struct Site {
  TempDir dir;
  TestLog log{9};
  FakeTree tree{log};
  Heard heard;
  asio::io_context io{1};

  Stamps::Options options(const Tsa& tsa, Nanoseconds every = 1h) {
    Stamps::Options out;
    out.url = *exporter::parse_http_url(tsa.url());
    out.roots = std::move(*witness::StampRoots::parse(tsa.roots()));
    out.every = every;
    out.directory = dir / "stamps";
    out.patience = 5s;
    out.retry = 5ms;
    return out;
  }
};

class Running {
 public:
  Running(Site& site, Stamps::Options options)
      : io_{site.io}, stamps{site.io.get_executor(), std::move(options), site.tree.parts(), site.heard.note()} {
    stamps.start();
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    asio::post(io_, [this] { stamps.stop(); });
    EXPECT_TRUE(run_until(io_, [this] { return stamps.finished(); }));
  }
  bool until(const std::function<bool(const Stamps::Report&)>& done) {
    return run_until(io_, [&] { return done(stamps.report()); });
  }

 private:
  asio::io_context& io_;

 public:
  Stamps stamps;
};

TEST(Stamps, AHeadIsStampedAndKept) {
  Tsa tsa;
  Site site;
  site.tree.grow(7);
  {
    Running running{site, site.options(tsa)};
    ASSERT_TRUE(running.until([](const auto& report) { return report.stamps == 1; }));
    EXPECT_EQ(running.stamps.report().size, 7U);
    EXPECT_EQ(running.stamps.report().failures, 0U);
  }
  const auto beside = site.dir / "stamps" / "00000000000000000007.checkpoint";
  EXPECT_EQ(record::test::read_whole(beside), site.log.head(7).to_string());
  const std::string reply = record::test::read_whole(site.dir / "stamps" / "00000000000000000007.tsr");
  EXPECT_TRUE(witness::time_of_stamp(reply));
  const auto entries = site.heard.entries();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries[0].first, "tsa-receipt");
  EXPECT_NE(entries[0].second.find(R"("tsr_sha256":")" + merkle::to_hex(merkle::sha256(reply)) + '"'),
            std::string::npos);
  EXPECT_NE(entries[0].second.find(R"("size":7)"), std::string::npos);

  // After a restart the next one is due when it is due; or asked for.
  site.tree.grow(9);
  Running running{site, site.options(tsa)};
  EXPECT_EQ(running.stamps.report().size, 7U);
  EXPECT_TRUE(running.stamps.report().time);
  site.io.run_for(50ms);
  EXPECT_EQ(tsa.asked, 1);
  running.stamps.stamp_now();
  ASSERT_TRUE(running.until([](const auto& report) { return report.size == 9; }));
}

TEST(Stamps, WaitForTheFirstHeadAndComeAgain) {
  Tsa tsa;
  Site site;
  Running running{site, site.options(tsa, 20ms)};
  site.io.run_for(30ms);
  EXPECT_EQ(running.stamps.report().failures, 0U);
  EXPECT_EQ(tsa.asked, 0);
  site.tree.grow(7);
  ASSERT_TRUE(running.until([](const auto& report) { return report.stamps >= 3; }));
}

TEST(Stamps, AFailureIsTriedAgain) {
  Tsa tsa;
  tsa.fail = 3;
  Site site;
  site.tree.grow(7);
  Running running{site, site.options(tsa)};
  ASSERT_TRUE(running.until([](const auto& report) { return report.stamps == 1; }));
  EXPECT_EQ(site.tree.kept(), std::vector<std::string>{site.log.head(7).to_string()}) << "not at each attempt";
  EXPECT_EQ(running.stamps.report().failures, 3U);
  EXPECT_EQ(running.stamps.report().why, "");
  EXPECT_EQ(site.heard.entries().size(), 1U);
}

TEST(Stamps, WhatDoesNotVerifyIsNotKept) {
  const struct {
    const char *name, *says;
    bool stranger;
    const char* type;
  } kCases[] = {{"an authority that is not ours", "does not verify", true, "application/timestamp-reply"},
                {"a page", "is no time stamp but 'text/html'", false, "text/html"}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tsa tsa, other;
    tsa.type = c.type;
    Site site;
    site.tree.grow(7);
    Stamps::Options options = site.options(tsa);
    if (c.stranger) options.roots = std::move(*witness::StampRoots::parse(other.roots()));
    Running running{site, std::move(options)};
    ASSERT_TRUE(running.until([](const auto& report) { return report.failures >= 2; }));
    EXPECT_NE(running.stamps.report().why.find(c.says), std::string::npos) << running.stamps.report().why;
    EXPECT_FALSE(std::filesystem::exists(site.dir / "stamps"));
    EXPECT_TRUE(site.heard.entries().empty());
  }
}

// The head goes on while an authority thinks.
TEST(Stamps, TheStampedHeadIsKeptAndNotTheNextOne) {
  Site site;
  site.tree.grow(7);
  Tsa tsa;
  tsa.before = [&site] { site.tree.grow(9); };
  Running running{site, site.options(tsa)};
  ASSERT_TRUE(running.until([](const auto& report) { return report.stamps == 1; }));
  EXPECT_EQ(site.tree.kept(), std::vector<std::string>{site.log.head(7).to_string()});
}

TEST(Stamps, AClockThatWasSetBackMakesNoneDueLate) {
  const std::time_t now = std::time(nullptr);
  const struct {
    const char* name;
    std::time_t ahead;
    bool due;
  } kCases[] = {{"a day ahead", 86'400, true}, {"a little ahead", 20, false}, {"just now", -2, false}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Tsa tsa;
    Site site;
    site.tree.grow(7);
    std::filesystem::create_directories(site.dir / "stamps");
    const TestAuthority early{now + c.ahead};
    record::test::write_whole(site.dir / "stamps" / "00000000000000000003.tsr",
                              early.reply(*witness::stamp_query(merkle::sha256("x"), 7)));
    Running running{site, site.options(tsa)};
    EXPECT_TRUE(running.stamps.report().time);
    if (c.due) {
      EXPECT_TRUE(running.until([](const auto& report) { return report.stamps == 1; }));
    } else {
      site.io.run_for(50ms);
    }
    EXPECT_EQ(tsa.asked, c.due ? 1 : 0);
  }
}

TEST(Stamps, AClockThatIsSetBackInBetweenPutsNoneOff) {
  Tsa tsa;
  Site site;
  site.tree.grow(7);
  const Timestamp begin = wall_now();
  Stamps::Options options = site.options(tsa, 300ms);
  options.nap = 20ms;
  // Time stands still after the first: by this clock alone, the next would never be due.
  options.wall = [begin] { return begin; };
  Running running{site, std::move(options)};
  EXPECT_TRUE(running.until([](const auto& report) { return report.stamps >= 2; }));
}

TEST(Stamps, AnUnreadableStampIsAsGoodAsNone) {
  Tsa tsa;
  Site site;
  site.tree.grow(7);
  std::filesystem::create_directories(site.dir / "stamps");
  record::test::write_whole(site.dir / "stamps" / "00000000000000000003.tsr", "hello");
  record::test::write_whole(site.dir / "stamps" / "9.tsr", "not ours");
  Running running{site, site.options(tsa)};
  EXPECT_TRUE(running.until([](const auto& report) { return report.stamps == 1; }));
}

}  // namespace
}  // namespace nw::app::test
