#include "app/witnesses.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "app/witness_desk.h"
#include "base/clock.h"
#include "record/entry.h"
#include "unit/app/witness_support.h"

namespace nw::app::test {
namespace {

using witness::Outcome;
using witness::test::known_logs;
using witness::test::kOrigin;
using witness::test::log_signer;
using witness::test::witness_signer;

// A witness as the daemon is one.
class Peer {
 public:
  explicit Peer(int number)
      : key_{witness_signer(number)},
        desk_{io_.get_executor(), std::move(*witness::WitnessState::open(dir_ / "witness", known_logs(), key_)),
              key_.verifier().name, heard.note(), heard.tell()},
        thread_{[this] { io_.run(); }},
        server_{[this](const asio::any_io_executor& executor) { return desk_.routes(executor); }} {}
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  ~Peer() {
    work_.reset();
    thread_.join();
  }
  [[nodiscard]] const merkle::VerifierKey& key() const { return key_.verifier(); }
  [[nodiscard]] std::string url() const { return server_.url(); }
  [[nodiscard]] std::uint64_t answers(int status) const {
    for (std::size_t i = 0; i < witness::kStatuses.size(); ++i)
      if (witness::kStatuses[i] == status) return desk_.answers(i);
    return 0;
  }
  // A request to it, outside of everything.
  console::HttpResponse ask(const std::string& method, const std::string& path, const std::string& body = {}) {
    console::HttpRequest request;
    request.method = method;
    request.path = path;
    request.body = body;
    const auto answer = console::http_request(url().substr(7), request, 5s);
    return answer ? *answer : console::HttpResponse{0, "", answer.error().what};
  }
  Heard heard;

 private:
  TempDir dir_;
  merkle::SignerKey key_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  WitnessDesk desk_;
  std::thread thread_;
  Server server_;
};

struct Asked {
  merkle::VerifierKey key;
  std::string url;
};

class Log {
 public:
  Log(const TestLog& log, const std::vector<Asked>& witnesses, std::size_t quorum, Nanoseconds every = 20ms)
      : tree{log},
        asks_{io.get_executor(), options_for(witnesses, quorum, every), tree.parts(), heard.note(), heard.tell()} {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log() {
    asio::post(io, [this] { asks_.stop(); });
    EXPECT_TRUE(run_until(io, [this] { return asks_.finished(); }));
  }
  void start() { asks_.start(); }
  bool until(const std::function<bool(const Witnesses::Report&)>& done) {
    return run_until(io, [&] { return done(asks_.report()); });
  }
  [[nodiscard]] Witnesses::Report report() const { return asks_.report(); }
  [[nodiscard]] std::string accepted() const { return record::test::read_whole(dir_ / "witnessed"); }

 private:
  TempDir dir_;

 public:
  asio::io_context io{1};
  FakeTree tree;
  Heard heard;
  merkle::Policy policy;

 private:
  Witnesses::Options options_for(const std::vector<Asked>& witnesses, std::size_t quorum, Nanoseconds every) {
    policy.logs = {{log_signer().verifier(), ""}};
    merkle::PolicyGroup group{"g", quorum, {}};
    Witnesses::Options out;
    for (const Asked& one : witnesses) {
      group.members.push_back({merkle::PolicyMember::Kind::witness, policy.witnesses.size()});
      policy.witnesses.push_back({"w" + std::to_string(policy.witnesses.size()), one.key, one.url});
      out.urls.emplace_back();
      if (!one.url.empty()) out.urls.back() = *exporter::parse_http_url(one.url);
    }
    policy.groups = {group};
    policy.quorum = merkle::PolicyMember{merkle::PolicyMember::Kind::group, 0};
    out.policy = policy;
    out.every = every;
    out.patience = 2s;
    out.accepted_file = dir_ / "witnessed";
    return out;
  }
  Witnesses asks_;
};

TEST(Witnesses, TwoSignAHeadThatGrows) {
  const TestLog log{40};
  Peer first{1}, second{2};
  Log ours{log, {{first.key(), first.url()}, {second.key(), second.url()}}, 2};
  EXPECT_FALSE(ours.report().quorum);
  EXPECT_TRUE(ours.report().without);
  ours.start();  // before there is a head
  for (const std::uint64_t size : {5U, 17U, 40U}) {
    SCOPED_TRACE(size);
    ours.tree.grow(size);
    ASSERT_TRUE(ours.until([&](const auto& report) { return report.quorum && report.accepted_size == size; }));
    EXPECT_TRUE(ours.policy.check(*ours.tree.head())) << "the tree has the signatures";
    EXPECT_EQ(ours.accepted(), ours.tree.head()->to_string());
  }
  EXPECT_FALSE(ours.report().without);
  EXPECT_EQ(first.answers(200), 3U);
  EXPECT_EQ(first.answers(409), 0U) << "it is remembered what it knows";
  // Not asked again about the same head.
  ours.io.run_for(100ms);
  EXPECT_EQ(first.answers(200) + second.answers(200), 6U);
  // One receipt each, not one each round.
  const auto entries = ours.heard.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].first, "witness-receipt");
  EXPECT_NE(entries[0].second.find(R"("outcome":"cosigned")"), std::string::npos) << entries[0].second;
  EXPECT_NE(entries[0].second.find("\u2014 witness.example/n"), std::string::npos);
  const auto events = ours.heard.events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_NE(events[0].find("status=200 outcome=cosigned origin=" + std::string{kOrigin} + " size=5"), std::string::npos)
      << events[0];
}

TEST(Witnesses, OneThatIsDownHoldsNobodyUp) {
  const TestLog log{40};
  Peer up{1};
  Log ours{log, {{up.key(), up.url()}, {witness_signer(2).verifier(), "http://127.0.0.1:1"}}, 2};
  ours.tree.grow(5);
  ours.start();
  ASSERT_TRUE(ours.until([](const auto& report) {
    return report.witnesses[0].cosigned_size == 5 && report.witnesses[1].last == Outcome::unreachable;
  }));
  ours.tree.grow(9);
  ASSERT_TRUE(ours.until([](const auto& report) { return report.witnesses[0].cosigned_size == 9; }));
  const auto report = ours.report();
  EXPECT_FALSE(report.quorum);
  EXPECT_TRUE(report.without);
  EXPECT_NE(report.witnesses[1].why.find("cannot connect"), std::string::npos);
  // It is asked less and less often.
  ours.io.run_for(300ms);
  EXPECT_LT(ours.report().witnesses[1].outcomes[static_cast<std::size_t>(Outcome::unreachable)], 7U);
  EXPECT_EQ(ours.heard.events().size(), 2U);
}

TEST(Witnesses, AfterARestartTheWitnessIsAskedForItsSize) {
  const TestLog log{40};
  Peer peer{1};
  {
    Log ours{log, {{peer.key(), peer.url()}}, 1};
    ours.tree.grow(5);
    ours.start();
    ASSERT_TRUE(ours.until([](const auto& report) { return report.quorum; }));
  }
  Log ours{log, {{peer.key(), peer.url()}}, 1};
  ours.tree.grow(12);
  ours.start();
  ASSERT_TRUE(ours.until([](const auto& report) { return report.quorum; }));
  EXPECT_EQ(peer.answers(409), 1U);
  EXPECT_EQ(peer.answers(200), 2U);
}

// The ledger was copied before it went on: the witness knows the other end.
TEST(Witnesses, ASecondHistoryIsRefusedAndTold) {
  const TestLog log{40}, copy{40, "other ", 5};
  struct {
    const char* name;
    std::uint64_t first, second;
    int status;
  } kCases[] = {{"larger", 10, 20, 422}, {"of the same size", 10, 10, 409}, {"smaller", 20, 10, 409}};
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Peer peer{1};
    {
      Log ours{log, {{peer.key(), peer.url()}}, 1};
      ours.tree.grow(c.first);
      ours.start();
      ASSERT_TRUE(ours.until([](const auto& report) { return report.quorum; }));
    }
    Log theirs{copy, {{peer.key(), peer.url()}}, 1};
    theirs.tree.grow(c.second);
    theirs.start();
    ASSERT_TRUE(theirs.until([](const auto& report) { return report.witnesses[0].last == Outcome::conflict; }));
    EXPECT_FALSE(theirs.report().quorum);
    EXPECT_NE(theirs.report().witnesses[0].why.find("has signed and this ledger never had"), std::string::npos)
        << theirs.report().witnesses[0].why;
    ASSERT_TRUE(run_until(theirs.io, [&] { return !theirs.heard.events().empty(); }));
    EXPECT_NE(theirs.heard.events()[0].find("status=" + std::to_string(c.status) + " outcome=refused"),
              std::string::npos)
        << theirs.heard.events()[0];
    EXPECT_NE(theirs.heard.events()[0].find("witness_size=" + std::to_string(c.first)), std::string::npos);
    ASSERT_FALSE(theirs.tree.shown().empty()) << "the notary is told";
    EXPECT_TRUE(theirs.tree.shown()[0].starts_with("the witness 'w0': " + log.head(c.first).text));
    const auto entries = theirs.heard.entries();
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_NE(
        entries[0].second.find(R"("seen":"normwatch.example/ledger/demo-01\n)" + std::to_string(c.first) + R"(\n)"),
        std::string::npos)
        << entries[0].second;
    // The witness tells it too, when the log's key has signed two heads of one size: not for less.
    const bool proven = c.first == c.second;
    EXPECT_EQ(peer.heard.events().size(), proven ? 1U : 0U);
    EXPECT_EQ(peer.heard.entries().size(), proven ? 1U : 0U);
  }
}

// What both sides keep of two histories is whole, however large the size that was signed.
TEST(Witnesses, ReceiptsOfAHugeTreeAreWhole) {
  constexpr std::uint64_t kHuge = (std::uint64_t{1} << 53U) + 2;
  const auto head_over = [](std::string_view what) {
    merkle::Note note{*merkle::Checkpoint{std::string{kOrigin}, {kHuge, merkle::leaf_hash(what)}, {}}.to_text(), {}};
    note.signatures.push_back(*merkle::sign_note(note.text, log_signer()));
    return note;
  };
  const auto is_whole = [](const std::string& body) {
    const std::string entry = record::make_entry(record::kEntryWitnessReceipt, wall_now(), body);
    return entry.find(R"("shortened")") == std::string::npos;
  };
  Peer peer{1};
  const merkle::Note one = head_over("one"), two = head_over("two");
  ASSERT_EQ(peer.ask("POST", "/add-checkpoint", witness::AddRequest{0, {}, one}.to_string()).status, 200);
  ASSERT_EQ(peer.ask("POST", "/add-checkpoint", witness::AddRequest{kHuge, {}, two}.to_string()).status, 409);
  ASSERT_EQ(peer.heard.entries().size(), 1U);
  const std::string kept = peer.heard.entries()[0].second;
  EXPECT_TRUE(is_whole(kept)) << kept;
  const auto body = boost::json::parse(kept).as_object();
  EXPECT_EQ(body.at("size").as_string(), std::to_string(kHuge));
  EXPECT_EQ(body.at("refused").as_string(), two.to_string());
  EXPECT_TRUE(body.at("signed").as_string().starts_with(one.to_string()));

  const TestLog log{40};
  Log ours{log, {{peer.key(), peer.url()}}, 1};
  ours.tree.grow(20);
  ours.start();
  ASSERT_TRUE(run_until(ours.io, [&] { return !ours.heard.entries().empty(); }));
  const std::string told = ours.heard.entries()[0].second;
  EXPECT_TRUE(is_whole(told)) << told;
  EXPECT_EQ(boost::json::parse(told).at("witness_size").as_string(), std::to_string(kHuge));
}

// A witness with a fault of its own, or somebody between us, is not taken for a second history.
TEST(Witnesses, ARefusalOfWhatIsOursIsNoConflict) {
  const TestLog log{40};
  const merkle::SignerKey key = witness_signer(1);
  const std::string shown = log.head(7).to_string();
  Server server{[&](const asio::any_io_executor&) {
    std::vector<console::Route> routes;
    using Done = std::function<void(console::HttpResponse)>;
    routes.push_back({"POST", "/w/add-checkpoint", [](const console::HttpRequest& request, const Done& done) {
                        if (request.body.starts_with("old 0\n")) return done({409, "text/x.tlog.size", "7\n"});
                        done({422, "text/plain", "no\n"});
                      }});
    routes.push_back(
        {"GET", "/w" + witness::shown_path(kOrigin), [shown](const console::HttpRequest&, const Done& done) {
           done({200, "text/plain", shown});
         }});
    return routes;
  }};
  Log ours{log, {{key.verifier(), server.url() + "/w"}}, 1};
  ours.tree.grow(20);
  ours.start();
  ASSERT_TRUE(ours.until([](const auto& report) { return report.witnesses[0].last.has_value(); }));
  EXPECT_EQ(ours.report().witnesses[0].last, Outcome::refused);
  EXPECT_NE(ours.report().witnesses[0].why.find("is one of ours"), std::string::npos) << ours.report().witnesses[0].why;
  EXPECT_TRUE(ours.tree.shown().empty());
  ASSERT_FALSE(ours.heard.events().empty());
  EXPECT_EQ(ours.heard.events()[0].find("status="), std::string::npos) << "the rule over 422 must not fire";
}

TEST(Witnesses, OneWithoutAnAddressIsNeverAsked) {
  const TestLog log{40};
  Peer peer{1};
  Log ours{log, {{peer.key(), ""}}, 1};
  ours.tree.grow(5);
  ours.start();
  ours.io.run_for(60ms);
  EXPECT_EQ(peer.answers(200), 0U);
  EXPECT_FALSE(ours.report().quorum);
}

TEST(Witnesses, EndsWhileAWitnessIsSilent) {
  asio::io_context io{1};
  asio::ip::tcp::acceptor silent{io, {asio::ip::make_address("127.0.0.1"), 0}};
  const TestLog log{40};
  const auto began = std::chrono::steady_clock::now();
  {
    Log ours{
        log, {{witness_signer(1).verifier(), "http://127.0.0.1:" + std::to_string(silent.local_endpoint().port())}}, 1};
    ours.tree.grow(5);
    ours.start();
    ours.io.run_for(50ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, 1s);
}

TEST(WitnessDesk, RoutesAndCounts) {
  Peer peer{1};
  const TestLog log{9};
  const std::string shown = witness::shown_path(kOrigin);
  EXPECT_EQ(peer.ask("GET", shown).status, 404);
  EXPECT_EQ(peer.ask("POST", "/add-checkpoint", "hello").status, 400);
  EXPECT_EQ(peer.ask("POST", "/add-checkpoint", log.request(0, 5).to_string()).status, 200);
  const auto behind = peer.ask("POST", "/add-checkpoint", log.request(0, 9).to_string());
  EXPECT_EQ(behind.status, 409);
  EXPECT_EQ(behind.content_type, "text/x.tlog.size");
  EXPECT_EQ(behind.body, "5\n");
  EXPECT_TRUE(peer.ask("GET", shown).body.starts_with(std::string{kOrigin} + "\n5\n"));
  EXPECT_EQ(peer.ask("GET", "/add-checkpoint").status, 405);
  EXPECT_EQ(peer.ask("POST", "/add-checkpoint", std::string(70'000, 'x')).status, 413);
  EXPECT_EQ(peer.answers(200), 2U);
  EXPECT_EQ(peer.answers(400), 1U);
  EXPECT_EQ(peer.answers(404), 1U);
  EXPECT_EQ(peer.answers(409), 1U);
}

}  // namespace
}  // namespace nw::app::test
