#include "export/http_client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "base/text.h"
#include "export/deadline.h"

namespace nw::exporter {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kHeaderBytesMax = 16 * 1024;

// Shared with the look-up's handler, which may outlive the wait: getaddrinfo(3) cannot be interrupted.
struct LookUp {
  explicit LookUp(const asio::any_io_executor& executor) : resolver{executor}, ended{executor} {}
  tcp::resolver resolver;
  asio::steady_timer ended;
  boost::system::error_code error;
  std::vector<tcp::endpoint> endpoints;
};

asio::awaitable<Result<std::vector<tcp::endpoint>>> look_up(std::string host, std::string port) {
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(host, no_address);
  if (!no_address) {
    std::vector<tcp::endpoint> one{tcp::endpoint{address, static_cast<std::uint16_t>(std::stoul(port))}};
    co_return one;
  }
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const auto state = std::make_shared<LookUp>(executor);
  state->ended.expires_at(asio::steady_timer::time_point::max());
  state->resolver.async_resolve(host, port,
                                [state](boost::system::error_code error, tcp::resolver::results_type found) {
                                  state->error = error;
                                  for (const auto& entry : found) state->endpoints.push_back(entry.endpoint());
                                  state->ended.expires_at(asio::steady_timer::time_point::min());
                                });
  const auto waited = co_await state->ended.async_wait(kTuple);
  static_cast<void>(waited);
  if (state->error) co_return Error{Errc::unavailable, "cannot resolve " + host + ": " + state->error.message()};
  co_return std::move(state->endpoints);
}

asio::awaitable<Result<tcp::socket>> connect(HttpUrl url) {
  auto finding = look_up(url.host, url.port);
  const auto endpoints = co_await std::move(finding);
  if (!endpoints) co_return endpoints.error();
  std::string why = "no address";
  for (const tcp::endpoint& endpoint : *endpoints) {
    tcp::socket socket{co_await asio::this_coro::executor};
    const auto connected = co_await socket.async_connect(endpoint, kTuple);
    const boost::system::error_code error = std::get<0>(connected);
    if (!error) co_return std::move(socket);
    why = error.message();
  }
  co_return Error{Errc::unavailable, "cannot connect to " + url.authority() + ": " + why};
}

asio::awaitable<Result<HttpAnswer>> exchange(HttpUrl url, std::string path, std::string json) {
  auto connecting = connect(url);
  auto connected = co_await std::move(connecting);
  if (!connected) co_return connected.error();
  tcp::socket socket = std::move(*connected);
  http::request<http::string_body> request{http::verb::post, url.prefix + path, 11};
  request.set(http::field::host, url.authority());
  request.set(http::field::user_agent, "normwatch");
  request.set(http::field::content_type, "application/json");
  request.set(http::field::accept, "application/json");
  request.keep_alive(false);
  request.body() = std::move(json);
  request.prepare_payload();
  const auto written = co_await http::async_write(socket, request, kTuple);
  const boost::system::error_code write_error = std::get<0>(written);
  // After a failed write too: a server that refuses early (413) answers and then closes.
  boost::beast::flat_buffer buffer{kHeaderBytesMax + kAnswerBytesMax};
  http::response_parser<http::string_body> parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(kAnswerBytesMax);
  const auto read = co_await http::async_read(socket, buffer, parser, kTuple);
  const boost::system::error_code read_error = std::get<0>(read);
  if (read_error) {
    const bool broken = read_error.category() == http::make_error_code(http::error::end_of_stream).category() &&
                        read_error != http::error::end_of_stream;
    const auto why = write_error ? write_error.message() : read_error.message();
    co_return Error{broken ? Errc::malformed : Errc::unavailable, url.authority() + ": " + why};
  }
  HttpAnswer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  answer.body = std::move(parser.get().body());
  co_return answer;
}

}  // namespace

std::string HttpUrl::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + port;
}

std::string HttpUrl::to_string() const { return "http://" + authority() + prefix; }

Result<HttpUrl> parse_http_url(std::string_view text) {
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::invalid_argument, "cannot use the URL '" + printable(text) + "': " + why};
  };
  const auto parsed = boost::urls::parse_uri(boost::core::string_view{text.data(), text.size()});
  if (!parsed) return refuse("write it as http://host:port");
  const boost::urls::url_view url = *parsed;
  if (url.scheme_id() == boost::urls::scheme::https)
    return refuse(
        "https is not offered here; let a proxy on this machine add TLS and name it as http://127.0.0.1:PORT");
  if (url.scheme_id() != boost::urls::scheme::http || url.encoded_host().empty())
    return refuse("write it as http://host:port");
  if (url.has_userinfo()) return refuse("it must not carry a user name or password");
  if (url.has_query() || url.has_fragment()) return refuse("it must end with the path");
  if (url.has_port() && url.port_number() == 0) return refuse("the port must be from 1 to 65535");
  HttpUrl out;
  const std::string host = url.host_address();
  out.host = host;
  out.port = url.has_port() ? std::to_string(url.port_number()) : "80";
  const auto path = url.encoded_path();
  out.prefix.assign(path.data(), path.size());
  while (!out.prefix.empty() && out.prefix.back() == '/') out.prefix.pop_back();
  return out;
}

asio::awaitable<Result<HttpAnswer>> http_post(HttpUrl url, std::string path, std::string json, Nanoseconds limit) {
  auto under_way = exchange(url, std::move(path), std::move(json));
  auto timed = with_deadline<HttpAnswer>(std::move(under_way), limit);
  auto answer = co_await std::move(timed);
  if (!answer && answer.error().code == Errc::timed_out)
    co_return Error{Errc::timed_out, url.authority() + " did not answer within " + format_duration(limit)};
  co_return answer;
}

}  // namespace nw::exporter
