#include "export/http_client.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <memory>
#include <sys/stat.h>
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

using Request = http::request<http::string_body>;

std::shared_ptr<Request> make_request(const HttpUrl& url, HttpCall call) {
  const std::string target = url.prefix + call.path;
  auto request = std::make_shared<Request>();
  request->version(11);
  request->method_string(call.method);
  request->target(target.empty() ? "/" : target);
  request->set(http::field::host, url.authority());
  request->set(http::field::user_agent, "normwatch");
  if (!call.content_type.empty()) request->set(http::field::content_type, call.content_type);
  if (!call.accept.empty()) request->set(http::field::accept, call.accept);
  request->keep_alive(false);
  request->body() = std::move(call.body);
  request->prepare_payload();
  return request;
}

// `stream` and `request` are borrowed until the end; `who` stands in errors.
template <class Stream>
asio::awaitable<Result<HttpAnswer>> talk(Stream& stream, Request& request, std::string who) {
  const auto written = co_await http::async_write(stream, request, kTuple);
  const boost::system::error_code write_error = std::get<0>(written);
  // After a failed write too: a server that refuses early (413) answers and then closes.
  boost::beast::flat_buffer buffer{kHeaderBytesMax + kAnswerBytesMax};
  http::response_parser<http::string_body> parser;
  parser.header_limit(kHeaderBytesMax);
  parser.body_limit(kAnswerBytesMax);
  const auto read = co_await http::async_read(stream, buffer, parser, kTuple);
  const boost::system::error_code read_error = std::get<0>(read);
  if (read_error) {
    const bool broken = read_error.category() == http::make_error_code(http::error::end_of_stream).category() &&
                        read_error != http::error::end_of_stream;
    const auto why = write_error ? write_error.message() : read_error.message();
    co_return Error{broken ? Errc::malformed : Errc::unavailable, who + ": " + why};
  }
  HttpAnswer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  const auto type = parser.get()[http::field::content_type];
  answer.content_type.assign(type.data(), type.size());
  answer.body = std::move(parser.get().body());
  co_return answer;
}

// Why no TLS came about, in words that lead to the file or the server.
std::string tls_reason(const boost::system::error_code& error, SSL* ssl) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified != X509_V_OK)
    return std::string{"its certificate is not trusted ("} + X509_verify_cert_error_string(verified) +
           "); name who signed it in `ca`";
  return "TLS: " + error.message();
}

asio::awaitable<Result<HttpAnswer>> talk_tls(tcp::socket socket, HttpUrl url, std::shared_ptr<Request> request,
                                             TlsTrust trust) {
  asio::ssl::stream<tcp::socket> stream{std::move(socket), *trust};
  // Server name indication is for names alone (RFC 6066 section 3).
  boost::system::error_code no_address;
  const auto address = asio::ip::make_address(url.host, no_address);
  static_cast<void>(address);
  if (no_address)
    SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, url.host.data());
  const asio::ssl::host_name_verification verify{url.host};
  stream.set_verify_callback(verify);
  const auto shaken = co_await stream.async_handshake(asio::ssl::stream_base::client, kTuple);
  const boost::system::error_code error = std::get<0>(shaken);
  if (error) {
    const std::string why = url.authority() + ": " + tls_reason(error, stream.native_handle());
    co_return Error{Errc::unavailable, why};
  }
  auto talking = talk(stream, *request, url.authority());
  auto answer = co_await std::move(talking);
  co_return answer;
}

asio::awaitable<Result<HttpAnswer>> exchange(HttpUrl url, HttpCall call, TlsTrust trust) {
  if (url.tls && !trust) {
    const std::string why = url.authority() + ": https without certificates to trust";
    co_return Error{Errc::invalid_argument, why};
  }
  const auto request = make_request(url, std::move(call));
  auto connecting = connect(url);
  auto connected = co_await std::move(connecting);
  if (!connected) co_return connected.error();
  if (url.tls) {
    auto talking = talk_tls(std::move(*connected), url, request, trust);
    auto answer = co_await std::move(talking);
    co_return answer;
  }
  tcp::socket socket = std::move(*connected);
  auto talking = talk(socket, *request, url.authority());
  auto answer = co_await std::move(talking);
  co_return answer;
}

}  // namespace

std::string HttpUrl::authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? '[' + host + ']' : host) + ':' + port;
}

std::string HttpUrl::to_string() const { return (tls ? "https://" : "http://") + authority() + prefix; }

Result<HttpUrl> parse_http_url(std::string_view text, HttpSchemes schemes) {
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::invalid_argument, "cannot use the URL '" + printable(text) + "': " + why};
  };
  const auto parsed = boost::urls::parse_uri(boost::core::string_view{text.data(), text.size()});
  if (!parsed) return refuse("write it as http://host:port");
  const boost::urls::url_view url = *parsed;
  const bool tls = url.scheme_id() == boost::urls::scheme::https;
  if (tls && schemes == HttpSchemes::http)
    return refuse(
        "https is not offered here; let a proxy on this machine add TLS and name it as http://127.0.0.1:PORT");
  if ((!tls && url.scheme_id() != boost::urls::scheme::http) || url.encoded_host().empty())
    return refuse("write it as http://host:port");
  if (url.has_userinfo()) return refuse("it must not carry a user name or password");
  if (url.has_query() || url.has_fragment()) return refuse("it must end with the path");
  if (url.has_port() && url.port_number() == 0) return refuse("the port must be from 1 to 65535");
  HttpUrl out;
  const std::string host = url.host_address();
  out.host = host;
  out.tls = tls;
  out.port = url.has_port() ? std::to_string(url.port_number()) : (tls ? "443" : "80");
  const auto path = url.encoded_path();
  out.prefix.assign(path.data(), path.size());
  while (!out.prefix.empty() && out.prefix.back() == '/') out.prefix.pop_back();
  return out;
}

Result<TlsTrust> open_tls_trust(const std::string& ca_file) {
  const auto trust = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX* context = trust->native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  boost::system::error_code error;
  trust->set_verify_mode(asio::ssl::verify_peer, error);
  if (!ca_file.empty()) {
    struct stat found {};
    if (::stat(ca_file.c_str(), &found) != 0)
      return Error{Errc::not_found, ca_file + ": there is no such file; name certificates in PEM"};
    trust->load_verify_file(ca_file, error);
    if (error)
      return Error{Errc::malformed, ca_file + ": holds no certificate in PEM that can be read: " + error.message()};
    return trust;
  }
  trust->set_default_verify_paths(error);
  if (error) return Error{Errc::io, "the system's certificates cannot be read: " + error.message()};
  return trust;
}

asio::awaitable<Result<HttpAnswer>> http_call(HttpUrl url, HttpCall call, TlsTrust trust, Nanoseconds limit) {
  auto under_way = exchange(url, std::move(call), std::move(trust));
  auto timed = with_deadline<HttpAnswer>(std::move(under_way), limit);
  auto answer = co_await std::move(timed);
  if (!answer && answer.error().code == Errc::timed_out)
    co_return Error{Errc::timed_out, url.authority() + " did not answer within " + format_duration(limit)};
  co_return answer;
}

asio::awaitable<Result<HttpAnswer>> http_post(HttpUrl url, std::string path, std::string json, Nanoseconds limit) {
  HttpCall call;
  call.path = std::move(path);
  call.content_type = "application/json";
  call.accept = "application/json";
  call.body = std::move(json);
  auto calling = http_call(std::move(url), std::move(call), nullptr, limit);
  auto answer = co_await std::move(calling);
  co_return answer;
}

}  // namespace nw::exporter
