// http_request(): the blocking client of the command line. Its own io_context, so it works from any thread.
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "console/address.h"
#include "console/http_server.h"
#include "export/deadline.h"

namespace nw::console {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kAnswerBytesMax = 16U << 20;  // /metrics of a large site stays under it

Error not_connected(const std::string& listen, error_code error) {
  if (error == asio::error::access_denied)
    return Error{Errc::no_permission, "no permission to talk to " + listen + "; try as the daemon's user or with sudo"};
  return Error{Errc::unavailable, "nobody answers on " + listen + ": " + error.message()};
}

asio::awaitable<Result<HttpResponse>> exchange(Address address, std::string listen, HttpRequest request) {
  using Endpoint = asio::generic::stream_protocol::endpoint;
  const Endpoint endpoint = std::visit([](const auto& one) { return Endpoint{one}; }, address);
  asio::generic::stream_protocol::socket socket{co_await asio::this_coro::executor, endpoint.protocol()};
  const auto connected = co_await socket.async_connect(endpoint, kTuple);
  if (const error_code error = std::get<0>(connected)) co_return not_connected(listen, error);

  http::request<http::string_body> out;
  out.version(11);
  out.method_string(request.method);
  out.target(request.query.empty() ? request.path : request.path + '?' + request.query);
  out.set(http::field::host, listen.starts_with("unix:") ? "localhost" : listen);
  out.keep_alive(false);
  out.body() = std::move(request.body);
  out.prepare_payload();
  const auto written = co_await http::async_write(socket, out, kTuple);
  const error_code write_error = std::get<0>(written);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerBytesMax);
  parser.skip(request.method == "HEAD");
  // A server that refuses early answers although the write failed.
  const auto read = co_await http::async_read(socket, buffer, parser, kTuple);
  if (const error_code error = std::get<0>(read)) {
    const bool broken = error.category() == error_code{http::error::bad_version}.category();
    co_return Error{broken ? Errc::malformed : Errc::unavailable,
                    listen + " gave no usable answer: " + (write_error ? write_error : error).message()};
  }
  HttpResponse response;
  response.status = static_cast<int>(parser.get().result_int());
  response.content_type = std::string{parser.get()[http::field::content_type]};
  response.body = std::move(parser.get().body());
  co_return response;
}

// `out` stays empty when memory or descriptors run out. It is the caller's, who runs the context to the end.
asio::awaitable<void> ask(Address address, std::string listen, HttpRequest request, std::chrono::seconds patience,
                          std::optional<Result<HttpResponse>>* out) {
  auto exchanging = exchange(std::move(address), std::move(listen), std::move(request));
  auto timed = with_deadline<HttpResponse>(std::move(exchanging), patience);
  auto answer = co_await std::move(timed);
  out->emplace(std::move(answer));
}

}  // namespace

Result<HttpResponse> http_request(const std::string& listen, const HttpRequest& request,
                                  std::chrono::seconds patience) {
  const auto address = parse_address(listen);
  if (!address) return address.error();
  asio::io_context context{1};
  std::optional<Result<HttpResponse>> answer;
  asio::co_spawn(context, ask(*address, listen, request, patience, &answer), [](std::exception_ptr) {});
  context.run();
  if (!answer) return Error{Errc::io, "the request to " + listen + " could not be made"};
  if (!*answer && answer->error().code == Errc::timed_out)
    return Error{Errc::timed_out, listen + " did not answer within " + std::to_string(patience.count()) + " s"};
  return *answer;
}

}  // namespace nw::console
