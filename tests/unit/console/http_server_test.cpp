#include "console/http_server.h"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "console/address.h"

namespace nw::console {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

// A server on a thread of its own, with routes that answer, wait, forget and throw.
class Running {
 public:
  explicit Running(HttpOptions options) {
    if (options.listen.empty()) options.listen = "127.0.0.1:0";
    auto opened = HttpServer::open(context_.get_executor(), options, routes());
    if (!opened) {
      error_ = opened.error().what;
      return;
    }
    server_ = std::move(*opened);
    listen_ = server_->port() == 0 ? options.listen : "127.0.0.1:" + std::to_string(server_->port());
    thread_ = std::thread{[this] { context_.run(); }};
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (!thread_.joinable()) return;
    asio::post(context_, [this] { server_->stop(); });
    thread_.join();  // run() ends only when nothing is left: the server has joined its own
    EXPECT_TRUE(server_->finished());
  }
  [[nodiscard]] const std::string& listen() const { return listen_; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  [[nodiscard]] const HttpCounters& counters() const { return server_->counters(); }
  Result<HttpResponse> ask(const std::string& method, const std::string& path, const std::string& body = {}) const {
    return http_request(listen_, HttpRequest{method, path, "", body}, 5s);
  }

 private:
  std::vector<Route> routes() {
    const auto text = [](std::string body) { return HttpResponse{200, "text/plain; charset=utf-8", std::move(body)}; };
    return {
        {"GET", "/hello", [text](const HttpRequest& request, auto done) { done(text("hello " + request.query)); }},
        {"POST", "/echo", [text](const HttpRequest& request, auto done) { done(text(request.body)); }},
        {"GET", "/echo", [text](const HttpRequest&, auto done) { done(text("got")); }},
        {"GET", "/large", [text](const HttpRequest&, auto done) { done(text(std::string(8U << 20, 'x'))); }},
        {"GET", "/empty",
         [](const HttpRequest&, auto done) {
           done(HttpResponse{204, "text/plain", "not sent"});
         }},
        {"GET", "/later",
         [this, text](const HttpRequest&, auto done) {
           timer_.expires_after(50ms);
           timer_.async_wait([done, text](boost::system::error_code) {
             done(text("later"));
             done(text("twice"));
           });
         }},
        {"GET", "/never",
         [this](const HttpRequest&, auto done) {
           const auto hold = std::make_shared<asio::steady_timer>(context_, 3s);
           hold->async_wait([done, hold](boost::system::error_code) {});
         }},
        {"GET", "/tree/", [text](const HttpRequest& request, auto done) { done(text("below " + request.path)); },
         PathKind::below},
        {"POST", "/tree/deep/", [text](const HttpRequest& request, auto done) { done(text("deeper " + request.path)); },
         PathKind::below},
        {"GET", "/tree/own", [text](const HttpRequest&, auto done) { done(text("its own")); }},
        {"GET", "/forgets", [](const HttpRequest&, const auto&) {}},
        {"GET", "/throws", [](const HttpRequest&, const auto&) { throw std::runtime_error{"secret"}; }},
    };
  }

  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::string listen_, error_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

// A bare TCP connection with a bounded patience.
class Raw {
 public:
  explicit Raw(std::uint16_t port) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
    const timeval patience{5, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void send(std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }
  void end() { socket_.shutdown(asio::socket_base::shutdown_send); }
  // Until the server closes, or `enough` is in it.
  std::string receive(std::string_view enough = "\xff") {
    std::string all;
    std::array<char, 65'536> part{};
    while (all.find(enough) == std::string::npos) {
      const ssize_t got = ::recv(socket_.native_handle(), part.data(), part.size(), 0);
      if (got < 0) return all + (errno == EAGAIN ? "[no end]" : "[reset]");
      if (got == 0) break;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
};

HttpOptions quick() {
  HttpOptions options;
  options.idle = 1s;
  return options;
}

TEST(HttpServer, AnswersItsRoutes) {
  Running server{{}};
  static constexpr struct {
    const char *name, *method, *path, *body;
    int status;
    const char* says;
  } kCases[] = {
      {"get", "GET", "/hello", "", 200, "hello "},
      {"query", "GET", "/hello?a=1&b", "", 200, "hello a=1&b"},
      {"post", "POST", "/echo", "said", 200, "said"},
      {"two methods", "GET", "/echo", "", 200, "got"},
      {"no content", "GET", "/empty", "", 204, ""},
      {"later, and twice", "GET", "/later", "", 200, "later"},
      {"unknown", "GET", "/nothing", "", 404, "nothing is here\n"},
      {"prefix is not enough", "GET", "/hello/", "", 404, "nothing is here\n"},
      {"below", "GET", "/tree/0/x001/000?q", "", 200, "below /tree/0/x001/000"},
      {"the folder itself", "GET", "/tree/", "", 200, "below /tree/"},
      {"without its slash", "GET", "/tree", "", 404, "nothing is here\n"},
      {"exact before below", "GET", "/tree/own", "", 200, "its own"},
      {"longer before shorter", "POST", "/tree/deep/a", "", 200, "deeper /tree/deep/a"},
      {"its methods alone", "GET", "/tree/deep/a", "", 405, "use POST\n"},
      {"method below", "PUT", "/tree/0", "", 405, "use GET, HEAD\n"},
      {"method", "DELETE", "/echo", "", 405, "use POST, GET, HEAD\n"},
      {"forgotten", "GET", "/forgets", "", 500, "no answer was made\n"},
      {"thrown", "GET", "/throws", "", 500, "could not be answered"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const auto answer = server.ask(c.method, c.path, c.body);
    ASSERT_TRUE(answer) << answer.error().what;
    EXPECT_EQ(answer->status, c.status);
    EXPECT_NE(answer->body.find(c.says), std::string::npos) << answer->body;
    EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  }
  // The client has its answer before the server's thread has counted it.
  for (int i = 0; i < 200 && server.counters().requests < std::size(kCases); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  EXPECT_EQ(server.counters().requests, std::size(kCases));
  EXPECT_EQ(server.counters().bad_requests, 0U);
}

TEST(HttpServer, HeadHasTheHeaderOfGetAndNoBody) {
  Running server{{}};
  Raw raw{server.port()};
  raw.send("HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = raw.receive();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(HttpServer, LargeAnswersArriveWhole) {
  Running server{{}};
  const auto answer = server.ask("GET", "/large");
  ASSERT_TRUE(answer) << answer.error().what;
  EXPECT_EQ(answer->body, std::string(8U << 20, 'x'));
}

TEST(HttpServer, MethodNotAllowedNamesTheOthers) {
  Running server{{}};
  Raw raw{server.port()};
  raw.send("PUT /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_NE(raw.receive().find("Allow: POST, GET, HEAD\r\n"), std::string::npos);
}

TEST(HttpServer, PipelinedRequestsAreAnsweredInTurn) {
  Running server{{}};
  Raw raw{server.port()};
  raw.send(
      "GET /later HTTP/1.1\r\nHost: a\r\n\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
      "oneGET http://a/hello?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string answer = raw.receive();
  const std::size_t first = answer.find("\r\n\r\nlater"), second = answer.find("\r\n\r\none"),
                    third = answer.find("\r\n\r\nhello x");
  ASSERT_NE(first, std::string::npos) << answer;
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_TRUE(answer.ends_with("hello x"));
}

TEST(HttpServer, MalformedRequestsAreToldAndCounted) {
  const std::string long_line(20'000, 'a');
  const struct {
    const char* name;
    std::string sent;
    const char* status;
  } cases[] = {
      {"noise", "\x16\x03\x01\x02\x00 hello\r\n\r\n", "400"},
      {"no version", "GET /hello\r\n\r\n", "400"},
      {"other version", "GET /hello HTTP/9.9\r\n\r\n", "505"},
      {"bad header", "GET /hello HTTP/1.1\r\nno colon\r\n\r\n", "400"},
      {"bad length", "POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400"},
      {"bad chunk", "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
      {"huge header", "GET /hello HTTP/1.1\r\nA: " + long_line + "\r\n\r\n", "431"},
      {"huge target", "GET /" + long_line + " HTTP/1.1\r\n\r\n", "431"},
      {"endless header", "GET /hello HTTP/1.1\r\n" + long_line + long_line, "431"},
      {"large body", "POST /echo HTTP/1.1\r\nContent-Length: 65537\r\n\r\n" + std::string(65'537, 'x'), "413"},
      {"large chunks", "POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n" + std::string(65'537, 'x'),
       "413"},
  };
  Running server{{}};
  std::uint64_t bad = 0;
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Raw raw{server.port()};
    raw.send(c.sent);
    const std::string answer = raw.receive("\n\n");
    EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 " + std::string{c.status}) << answer;
    raw.end();
    EXPECT_EQ(server.counters().bad_requests, ++bad);
  }
  EXPECT_EQ(server.ask("GET", "/hello")->status, 200) << "the server goes on";
}

TEST(HttpServer, TheLargestBodyIsTaken) {
  Running server{{}};
  const auto answer = server.ask("POST", "/echo", std::string(65'536, 'x'));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body.size(), 65'536U);
}

TEST(HttpServer, EveryCutOfARequestEndsCleanly) {
  Running server{{}};
  const std::string request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  for (std::size_t cut = 0; cut < request.size(); ++cut) {
    Raw raw{server.port()};
    raw.send(std::string_view{request}.substr(0, cut));
    raw.end();
    EXPECT_EQ(raw.receive(), "") << cut;
  }
  EXPECT_EQ(server.ask("POST", "/echo", "hello")->body, "hello");
}

TEST(HttpServer, AnIdleConnectionEndsWithoutAWord) {
  Running server{quick()};
  Raw raw{server.port()};
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(raw.receive(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
  EXPECT_EQ(server.counters().bad_requests, 0U);
}

TEST(HttpServer, ADribblingRequestIsTold) {
  Running server{quick()};
  Raw raw{server.port()};
  std::atomic<bool> over{false};
  std::thread dribble{[&] {
    for (int i = 0; i < 40 && !over; ++i) {
      raw.send(i == 0 ? "GET /hello HTTP/1.1\r\n" : "A: b\r\n");
      std::this_thread::sleep_for(100ms);
    }
  }};
  const auto begin = std::chrono::steady_clock::now();
  const std::string answer = raw.receive("\n\n");
  over = true;
  dribble.join();
  EXPECT_EQ(answer.substr(0, 12), "HTTP/1.1 408") << answer;
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 3s) << "the whole request has one deadline";
  EXPECT_EQ(server.counters().bad_requests, 1U);
}

TEST(HttpServer, ARouteThatTakesTooLongIsAnsweredFor) {
  HttpOptions options;
  options.answer_most = 1s;
  Running server{options};
  const auto answer = server.ask("GET", "/never");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
}

TEST(HttpServer, TooManyConnectionsAreTurnedAway) {
  HttpOptions options;
  options.connections_max = 2;
  Running server{options};
  {
    Raw one{server.port()}, two{server.port()};
    for (Raw* held : {&one, &two}) {
      held->send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
      EXPECT_NE(held->receive("hello ").find("200 OK"), std::string::npos);
    }
    EXPECT_EQ(server.counters().connections, 2U);
    for (int i = 0; i < 30; ++i) {
      const auto third = server.ask("GET", "/hello");
      EXPECT_TRUE(!third || third->status == 503);
    }
    EXPECT_EQ(server.counters().refused, 30U);
  }
  for (int i = 0; i < 100 && server.counters().connections != 0; ++i) std::this_thread::sleep_for(20ms);
  const auto again = server.ask("GET", "/hello");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 200);
}

TEST(HttpServer, StopsWhileConnectionsAreOpen) {
  asio::io_context holder;
  asio::ip::tcp::socket idle{holder}, waiting{holder};
  Running server{{}};
  idle.connect({asio::ip::address_v4::loopback(), server.port()});
  waiting.connect({asio::ip::address_v4::loopback(), server.port()});
  asio::write(waiting, asio::buffer(std::string_view{"GET /later HTTP/1.1\r\n\r\n"}));
}  // ~Running waits for the end

TEST(HttpServer, APortInUseIsExplained) {
  Running first{{}};
  HttpOptions options;
  options.listen = first.listen();
  Running second{options};
  EXPECT_EQ(second.error(),
            "cannot listen on " + first.listen() +
                ": it is in use; see who holds it with: ss -ltnp 'sport = :" + std::to_string(first.port()) + "'");
}

TEST(HttpServer, AnAddressOfAnotherMachineIsRefused) {
  asio::io_context context;
  HttpOptions options;
  options.listen = "192.0.2.1:9810";
  const auto opened = HttpServer::open(context.get_executor(), options, {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::invalid_argument);
}

class UnixSocket : public testing::Test {
 protected:
  UnixSocket() {
    std::string name = "/tmp/nw-console-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    options_.listen = "unix:" + path();
  }
  ~UnixSocket() override { std::filesystem::remove_all(folder_); }
  [[nodiscard]] std::string path() const { return folder_ / "control.sock"; }
  std::filesystem::path folder_;
  HttpOptions options_;
};

TEST_F(UnixSocket, ServesWithItsModeAndGoesAway) {
  {
    options_.unix_mode = 0660;
    Running server{options_};
    ASSERT_EQ(server.error(), "");
    EXPECT_EQ(server.ask("GET", "/hello")->status, 200);
    EXPECT_EQ(server.port(), 0);
    struct stat file {};
    ASSERT_EQ(::lstat(path().c_str(), &file), 0);
    EXPECT_EQ(file.st_mode & 0777, 0660U);
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

TEST_F(UnixSocket, AStaleFileIsReplacedALiveOneIsNot) {
  {
    asio::io_context context;
    asio::local::stream_protocol::acceptor dead{context, asio::local::stream_protocol::endpoint{path()}};
  }
  ASSERT_TRUE(std::filesystem::exists(path()));
  Running server{options_};
  ASSERT_EQ(server.error(), "");
  Running second{options_};
  EXPECT_NE(second.error().find("another server answers there"), std::string::npos) << second.error();
  EXPECT_EQ(server.ask("GET", "/hello")->status, 200);
}

TEST_F(UnixSocket, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream{path()} << "precious";
  Running server{options_};
  EXPECT_NE(server.error().find("is no socket"), std::string::npos) << server.error();
  EXPECT_EQ(std::filesystem::file_size(path()), 8U);
}

TEST_F(UnixSocket, AnotherServersFileSurvivesOurStop) {
  {
    Running server{options_};
    std::filesystem::remove(path());
    std::ofstream{path()} << "the next one's";
  }
  EXPECT_TRUE(std::filesystem::exists(path()));
}

TEST(HttpRequestClient, SaysWhatIsWrong) {
  asio::io_context context;
  asio::ip::tcp::acceptor silent{context, {asio::ip::address_v4::loopback(), 0}};
  const std::string silent_listen = "127.0.0.1:" + std::to_string(silent.local_endpoint().port());
  const struct {
    const char* name;
    std::string listen;
    Errc want;
  } cases[] = {
      {"no such socket", "unix:/no/such/control.sock", Errc::unavailable},
      {"nobody listens", "127.0.0.1:1", Errc::unavailable},
      {"no answer", silent_listen, Errc::timed_out},
      {"no address", "localhost", Errc::invalid_argument},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto answer = http_request(c.listen, HttpRequest{"GET", "/", "", ""}, 1s);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, c.want) << answer.error().what;
  }
}

TEST(ParseAddress, Table) {
  for (const char* good : {"127.0.0.1:9810", "[::1]:9810", "0.0.0.0:0", "unix:/run/normwatch/control.sock"})
    EXPECT_TRUE(parse_address(good)) << good;
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const std::string& bad :
       {std::string{}, std::string{"9810"}, std::string{":9810"}, std::string{"localhost:9810"},
        std::string{"::1:9810"}, std::string{"[127.0.0.1]:1"}, std::string{"127.0.0.1:"},
        std::string{"127.0.0.1:65536"}, std::string{"127.0.0.1:9x"}, std::string{"unix:"}, long_path})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

}  // namespace
}  // namespace nw::console
