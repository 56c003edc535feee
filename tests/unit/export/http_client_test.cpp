#include "export/http_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <optional>

#include "support.h"

namespace nw::exporter::test {
namespace {

TEST(HttpUrl, Parses) {
  static constexpr struct {
    const char *text, *authority, *prefix;
  } kCases[] = {
      {"http://127.0.0.1:9093", "127.0.0.1:9093", ""},
      {"http://am.example:9093/", "am.example:9093", ""},
      {"http://am.example/alerts/one/", "am.example:80", "/alerts/one"},
      {"http://[2001:db8::1]:9093/a", "[2001:db8::1]:9093", "/a"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.text);
    const auto url = parse_http_url(c.text);
    ASSERT_TRUE(url);
    EXPECT_EQ(url->authority(), c.authority);
    EXPECT_EQ(url->prefix, c.prefix);
  }
}

TEST(HttpUrl, Refuses) {
  static constexpr struct {
    const char *name, *text, *says;
  } kCases[] = {
      {"empty", "", "http://host:port"},
      {"no scheme", "127.0.0.1:9093", "http://host:port"},
      {"other scheme", "ftp://a/", "http://host:port"},
      {"https", "https://am.example:9093", "https is not offered"},
      {"no host", "http://:9093/", "http://host:port"},
      {"user", "http://me:secret@am.example/", "user name"},
      {"query", "http://am.example/?a=1", "end with the path"},
      {"fragment", "http://am.example/#a", "end with the path"},
      {"port 0", "http://am.example:0/", "1 to 65535"},
      {"port too large", "http://am.example:70000/", "1 to 65535"},
      {"space", "http://am example/", "http://host:port"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto url = parse_http_url(c.text);
    ASSERT_FALSE(url);
    EXPECT_EQ(url.error().code, Errc::invalid_argument);
    EXPECT_NE(url.error().what.find(c.says), std::string::npos) << url.error().what;
  }
}

Result<HttpAnswer> post(const std::string& url, Nanoseconds limit = 5s, std::string json = "[]") {
  asio::io_context context{1};
  std::optional<Result<HttpAnswer>> out;
  auto ask = [](HttpUrl to, std::string body, Nanoseconds most,
                std::optional<Result<HttpAnswer>>* answer) -> asio::awaitable<void> {
    auto posting = http_post(std::move(to), "/api/v2/alerts", std::move(body), most);
    auto got = co_await std::move(posting);
    answer->emplace(std::move(got));
  };
  asio::co_spawn(context, ask(*parse_http_url(url), std::move(json), limit, &out), [](std::exception_ptr) {});
  context.run();
  return *out;
}

TEST(HttpPost, AnswersAreAnswersWhateverTheStatus) {
  for (const int status : {200, 204, 400, 500, 503}) {
    SCOPED_TRACE(status);
    FakeAlertmanager server;
    server.react([status](const std::string&) { return Reaction{status, status == 204 ? "" : "said", 0ms}; });
    const auto answer = post(server.url() + "/prefix/", 5s, "[1]");
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(server.bodies(), std::vector<std::string>{"[1]"});
    EXPECT_EQ(server.targets(), std::vector<std::string>{"/prefix/api/v2/alerts"});
  }
}

TEST(HttpPost, ResolvesNames) {
  FakeAlertmanager server;
  EXPECT_TRUE(post("http://localhost:" + std::to_string(server.port())));
  const auto unknown = post("http://no-such-host.invalid:9093");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().what.find("no-such-host.invalid"), std::string::npos) << unknown.error().what;
}

TEST(HttpPost, NobodyListens) {
  const auto answer = post("http://127.0.0.1:" + std::to_string(free_port()));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::unavailable);
  EXPECT_NE(answer.error().what.find("cannot connect"), std::string::npos);
}

TEST(HttpPost, SlowPeerEndsAtTheDeadline) {
  FakeAlertmanager server;
  server.react([](const std::string&) { return Reaction{200, "", 600ms}; });
  const auto begin = std::chrono::steady_clock::now();
  const auto answer = post(server.url(), 100ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::timed_out);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 500ms);
}

TEST(HttpPost, AnswerIsBounded) {
  FakeAlertmanager server;
  server.react([](const std::string&) { return Reaction{200, std::string(kAnswerBytesMax, 'x'), 0ms}; });
  const auto most = post(server.url());
  ASSERT_TRUE(most) << most.error().what;
  EXPECT_EQ(most->body.size(), kAnswerBytesMax);
  server.react([](const std::string&) { return Reaction{200, std::string(kAnswerBytesMax + 1, 'x'), 0ms}; });
  const auto over = post(server.url());
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, Errc::malformed);
}

TEST(HttpPost, WhatIsNoHttpIsAnError) {
  static constexpr struct {
    const char *name, *sent;
    Errc want;
  } kCases[] = {
      {"closes at once", "", Errc::unavailable},
      {"other protocol", "220 mail ready\r\n\r\n", Errc::malformed},
      {"cut in the header", "HTTP/1.1 200 OK\r\nContent-", Errc::malformed},
      {"cut in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", Errc::malformed},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    asio::io_context context;
    asio::ip::tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
    const std::string url = "http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
    std::thread peer{[&] {
      asio::ip::tcp::socket socket = acceptor.accept();
      std::array<char, 4096> request{};
      socket.read_some(asio::buffer(request));
      asio::write(socket, asio::buffer(std::string_view{c.sent}));
    }};
    const auto answer = post(url);
    peer.join();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, c.want) << answer.error().what;
  }
}

}  // namespace
}  // namespace nw::exporter::test
