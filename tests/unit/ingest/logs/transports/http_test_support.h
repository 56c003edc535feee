// A listener of the transport `http` and clients of it, on one io_context.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "ingest/logs/transports/http.h"
#include "unit/ingest/logs/transports/transport_test_support.h"

namespace nw::logs {

struct HttpBench {
  explicit HttpBench(TransportOptions options = at("127.0.0.1:0"), const HttpLimits& limits = {}) {
    auto opened = open_http_with(io, options, limits, lines);
    if (!opened) throw std::runtime_error{opened.error().what};
    transport = std::move(*opened);
    to = {boost::asio::ip::make_address("127.0.0.1"), transport->port()};
  }
  [[nodiscard]] TransportCounters counters() const { return transport->counters(); }

  boost::asio::io_context io{1};
  Lines lines;
  std::unique_ptr<Transport> transport;
  boost::asio::ip::tcp::endpoint to;
};

// "POST /ingest" with a body; `fields` end with CRLF each.
inline std::string request(const std::string& first, const std::string& body = "", const std::string& fields = "") {
  return first + " HTTP/1.1\r\nHost: sensor\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

class HttpClient {
 public:
  using Answer = boost::beast::http::response<boost::beast::http::string_body>;
  using Error = boost::system::error_code;

  explicit HttpClient(HttpBench& bench) : bench_{bench}, socket_{bench.io} { socket_.connect(bench.to); }

  // The listener reads meanwhile; false when it closed instead.
  bool send(const std::string& text) {
    bool done = false;
    Error failed;
    boost::asio::async_write(socket_, boost::asio::buffer(text), [&](const Error& error, std::size_t) {
      failed = error;
      done = true;
    });
    return run_until(bench_.io, [&] { return done; }) && !failed;
  }
  // Begins to read an answer; came() says whether it is there.
  void expect(bool head = false) {
    came_ = false;
    parser_ = std::make_unique<boost::beast::http::response_parser<boost::beast::http::string_body>>();
    parser_->body_limit(boost::none);
    parser_->skip(head);
    boost::beast::http::async_read(socket_, buffer_, *parser_, [this](const Error& error, std::size_t) {
      error_ = error;
      came_ = true;
    });
  }
  [[nodiscard]] bool came() const { return came_; }
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const Answer& answer() const { return parser_->get(); }
  [[nodiscard]] unsigned status() const { return error_ ? 0 : parser_->get().result_int(); }

  // Reads an answer; 0 when there was none.
  unsigned read(bool head = false) {
    expect(head);
    return run_until(bench_.io, [this] { return came_; }) ? status() : 0;
  }
  unsigned ask(const std::string& text) {
    (void)send(text);
    return read();
  }
  // The listener has closed the connection, and nothing more came.
  bool closed() {
    char byte = 0;
    bool done = false;
    Error failed;
    socket_.async_read_some(boost::asio::buffer(&byte, 1), [&](const Error& error, std::size_t) {
      failed = error;
      done = true;
    });
    return run_until(bench_.io, [&] { return done; }) && failed;
  }
  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  HttpBench& bench_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  std::unique_ptr<boost::beast::http::response_parser<boost::beast::http::string_body>> parser_;
  bool came_ = false;
  Error error_;
};

}  // namespace nw::logs
