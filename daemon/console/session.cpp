#include "console/session.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <optional>
#include <sys/socket.h>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "export/deadline.h"

namespace nw::console {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderBytesMax = 16 * 1024;
// After an answer to a bad request: what is read and thrown away, so that the close does not reset the connection
// before the peer has read why (RFC 9112 section 9.6).
constexpr std::size_t kDrainBytesMax = 256 * 1024;
constexpr std::chrono::seconds kDrainMost{2};

// Owned by the session's coroutine and by whoever holds `done`. All on one executor.
struct Reply {
  explicit Reply(const asio::any_io_executor& executor) : arrived{executor} {}
  void give(HttpResponse response) {
    if (answer) return;  // only the first counts
    answer = std::move(response);
    arrived.cancel();
  }
  std::optional<HttpResponse> answer;
  asio::steady_timer arrived;
};

// Answers for a route that dropped `done` without calling it.
struct Done {
  explicit Done(std::shared_ptr<Reply> reply_in) : reply{std::move(reply_in)} {}
  Done(const Done&) = delete;
  Done& operator=(const Done&) = delete;
  ~Done() {
    HttpResponse response;
    response.status = 500;
    response.body = "no answer was made\n";
    reply->give(std::move(response));
  }
  std::shared_ptr<Reply> reply;
};

HttpResponse plain(http::status status, std::string text) {
  HttpResponse response;
  response.status = static_cast<int>(status);
  response.body = std::move(text) + '\n';
  return response;
}

struct Refusal {
  http::status status;
  std::string_view text;
};

// What to tell the peer about a request that could not be read; nothing when the connection just ended.
std::optional<Refusal> refusal_for(error_code error) {
  if (error == http::error::body_limit) return Refusal{http::status::payload_too_large, "the body is too large"};
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return Refusal{http::status::request_header_fields_too_large, "the header is too large"};
  if (error == http::error::bad_version)
    return Refusal{http::status::http_version_not_supported, "only HTTP/1.0 and HTTP/1.1 are spoken here"};
  if (error == http::error::end_of_stream || error == http::error::partial_message) return std::nullopt;
  if (error.category() == error_code{http::error::bad_version}.category())
    return Refusal{http::status::bad_request, "this is no HTTP request"};
  return std::nullopt;  // the connection broke
}

// Who is at the other end of a Unix socket; -1 elsewhere.
std::int64_t peer_uid(StreamSocket& socket) {
  ucred peer{};
  socklen_t size = sizeof peer;
  error_code error;
  const auto local = socket.local_endpoint(error);
  if (error || local.protocol().family() != AF_UNIX) return -1;
  if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return -1;
  return peer.uid == static_cast<uid_t>(-1) ? -1 : static_cast<std::int64_t>(peer.uid);
}

class Session {
 public:
  Session(std::shared_ptr<Site> site, StreamSocket socket)
      : site_{std::move(site)}, socket_{std::move(socket)}, buffer_{kHeaderBytesMax + 4096} {}

  asio::awaitable<void> run() {
    for (;;) {
      auto serving = one_request();
      if (!co_await std::move(serving)) break;
    }
    error_code ignored;
    socket_.close(ignored);
  }

  asio::awaitable<void> turn_away() {
    auto refusing = refuse(http::status::service_unavailable, "too many connections are open; try again");
    co_await std::move(refusing);
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  using Parser = http::request_parser<http::string_body>;

  // True: the connection stays for the next request.
  asio::awaitable<bool> one_request() {
    const auto parser = std::make_shared<Parser>();
    parser->header_limit(kHeaderBytesMax);
    parser->body_limit(site_->options.body_bytes_max);
    auto reading = read(parser);
    auto timed = with_deadline<error_code>(std::move(reading), site_->options.idle);
    const auto read_result = co_await std::move(timed);
    if (!read_result) {
      // An idle connection ends without a word; a request that dribbles in is told.
      if (read_result.error().code != Errc::timed_out || (!parser->got_some() && buffer_.size() == 0)) co_return false;
      count_bad();
      auto refusing = refuse(http::status::request_timeout, "the request took too long to arrive");
      co_await std::move(refusing);
      co_return false;
    }
    if (*read_result) {
      const auto refusal = refusal_for(*read_result);
      if (refusal || *read_result == http::error::partial_message) count_bad();
      if (!refusal) co_return false;
      auto refusing = refuse(refusal->status, std::string{refusal->text});
      co_await std::move(refusing);
      co_return false;
    }
    auto answering = answer(parser);
    const bool keep = co_await std::move(answering);
    co_return keep;
  }

  asio::awaitable<Result<error_code>> read(std::shared_ptr<Parser> parser) {
    const auto header = co_await http::async_read_header(socket_, buffer_, *parser, kTuple);
    if (std::get<0>(header)) co_return std::get<0>(header);
    if (boost::beast::iequals(parser->get()[http::field::expect], "100-continue") && !parser->is_done()) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      const auto sent = co_await asio::async_write(socket_, asio::buffer(kContinue), kTuple);
      if (std::get<0>(sent)) co_return std::get<0>(sent);
    }
    const auto body = co_await http::async_read(socket_, buffer_, *parser, kTuple);
    co_return std::get<0>(body);
  }

  asio::awaitable<bool> answer(std::shared_ptr<Parser> parser) {
    const auto& message = parser->get();
    HttpRequest request;
    request.method = std::string{message.method_string()};
    request.body = message.body();
    request.peer_uid = peer_uid(socket_);
    std::string_view target{message.target().data(), message.target().size()};
    // A server must take the absolute form as well (RFC 9112 section 3.2.2).
    if (target.starts_with("http://")) target.remove_prefix(std::min(target.size(), target.find('/', 7)));
    const std::size_t question = target.find('?');
    request.path = std::string{target.substr(0, question)};
    if (question != std::string_view::npos) request.query = std::string{target.substr(question + 1)};
    const bool keep = message.keep_alive(), head = message.method() == http::verb::head;
    const unsigned version = message.version();

    std::string allow;
    const Route* route = find(request, allow);
    HttpResponse response;
    if (route != nullptr) {
      auto handling = handle(route, std::move(request));
      response = co_await std::move(handling);
    } else {
      response = allow.empty() ? plain(http::status::not_found, "nothing is here")
                               : plain(http::status::method_not_allowed, "use " + allow);
    }
    const auto out = make(response, version, keep, allow);
    auto writing = write(out, head);
    const bool written = co_await std::move(writing);
    co_return written&& keep;
  }

  static bool takes(const Route& route, const std::string& path) {
    return route.kind == PathKind::exact ? route.path == path : path.starts_with(route.path);
  }

  // Null and the methods that the path takes; both empty when the path is unknown.
  const Route* find(const HttpRequest& request, std::string& allow) const {
    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view{request.method};
    // Of the routes that take the path, those that name it most closely decide: also which methods there are.
    const Route* closest = nullptr;
    for (const Route& route : site_->routes) {
      if (!takes(route, request.path)) continue;
      const bool closer = closest == nullptr || (route.kind == PathKind::exact && closest->kind != PathKind::exact) ||
                          (route.kind == closest->kind && route.path.size() > closest->path.size());
      if (closer) closest = &route;
    }
    if (closest == nullptr) return nullptr;
    for (const Route& route : site_->routes) {
      if (route.kind != closest->kind || route.path != closest->path) continue;
      if (route.method == method) {
        allow.clear();
        return &route;
      }
      allow += (allow.empty() ? "" : ", ") + route.method + (route.method == "GET" ? ", HEAD" : "");
    }
    return nullptr;
  }

  asio::awaitable<HttpResponse> handle(const Route* route, HttpRequest request) {
    const auto reply = std::make_shared<Reply>(co_await asio::this_coro::executor);
    reply->arrived.expires_after(site_->options.answer_most);
    auto done = std::make_shared<Done>(reply);
    try {
      route->handle(request, [done](HttpResponse response) { done->reply->give(std::move(response)); });
    } catch (const std::exception& e) {
      log_error("http_route_failed", "A request could not be answered.", {{"path", request.path}, {"error", e.what()}});
      reply->give(plain(http::status::internal_server_error, "the request could not be answered"));
    }
    done.reset();  // after the catch, whose answer says more; before the wait, so that a route may forget it
    if (!reply->answer) {
      const auto waited = co_await reply->arrived.async_wait(kTuple);
      static_cast<void>(waited);
    }
    if (!reply->answer) reply->give(plain(http::status::service_unavailable, "the answer takes too long"));
    co_return *reply->answer;
  }

  using Message = std::shared_ptr<http::response<http::string_body>>;

  static Message make(const HttpResponse& response, unsigned version, bool keep, const std::string& allow) {
    auto out = std::make_shared<http::response<http::string_body>>();
    out->version(version);
    out->result(static_cast<unsigned>(response.status));
    out->set(http::field::server, "normwatch");
    out->set(http::field::content_type, response.content_type);
    out->set(http::field::cache_control, "no-store");
    out->set("X-Content-Type-Options", "nosniff");
    if (!allow.empty()) out->set(http::field::allow, allow);
    out->keep_alive(keep);
    // These statuses have no body (RFC 9110 section 6.4.1); prepare_payload() would throw.
    if (response.status != 204 && response.status != 304) out->body() = response.body;
    out->prepare_payload();
    return out;
  }

  // `head`: the header alone, with the length that the body would have had.
  asio::awaitable<bool> write(Message message, bool head) {
    auto writing = write_parts(message, head);
    auto timed = with_deadline<error_code>(std::move(writing), site_->options.idle);
    const auto written = co_await std::move(timed);
    if (!written || *written) co_return false;
    site_->counters.requests.fetch_add(1, std::memory_order_relaxed);
    co_return true;
  }

  asio::awaitable<Result<error_code>> write_parts(Message message, bool head) {
    http::response_serializer<http::string_body> serializer{*message};
    if (head) {
      const auto sent = co_await http::async_write_header(socket_, serializer, kTuple);
      co_return std::get<0>(sent);
    }
    const auto sent = co_await http::async_write(socket_, serializer, kTuple);
    co_return std::get<0>(sent);
  }

  // Answers and lets the peer read it before the connection closes.
  asio::awaitable<void> refuse(http::status status, std::string text) {
    const auto out = make(plain(status, std::move(text)), 11, false, {});
    auto writing = write(out, false);
    if (!co_await std::move(writing)) co_return;
    error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    auto draining = drain();
    auto timed = with_deadline<void>(std::move(draining), kDrainMost);
    const auto drained = co_await std::move(timed);
    static_cast<void>(drained);
  }

  asio::awaitable<Result<>> drain() {
    std::array<char, 4096> part{};
    for (std::size_t bytes = 0; bytes < kDrainBytesMax;) {
      const auto got = co_await socket_.async_read_some(asio::buffer(part), kTuple);
      if (std::get<0>(got)) break;
      bytes += std::get<1>(got);
    }
    co_return Result<>{};
  }

  void count_bad() { site_->counters.bad_requests.fetch_add(1, std::memory_order_relaxed); }

  std::shared_ptr<Site> site_;
  StreamSocket socket_;
  boost::beast::flat_buffer buffer_;
};

}  // namespace

asio::awaitable<void> serve(std::shared_ptr<Site> site, StreamSocket socket) {
  Session session{std::move(site), std::move(socket)};
  auto running = session.run();
  co_await std::move(running);
}

asio::awaitable<void> turn_away(std::shared_ptr<Site> site, StreamSocket socket) {
  Session session{std::move(site), std::move(socket)};
  auto running = session.turn_away();
  co_await std::move(running);
}

}  // namespace nw::console
