// One HTTP/1.1 connection that pushes log lines (RFC 9112): requests in turn, each answered once its lines are safe.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ingest/logs/transports/content_coding.h"
#include "ingest/logs/transports/http_site.h"
#include "ingest/logs/transports/http_stream.h"
#include "ingest/logs/transports/push.h"

namespace nw::logs {

// Asio's handlers hold it, for its buffers; after close() they do nothing.
class HttpSession : public std::enable_shared_from_this<HttpSession> {
 public:
  using Clock = HttpSite::Clock;

  // `context`: for TLS, or null.
  HttpSession(std::shared_ptr<HttpSite> site, HttpStream::Socket socket,
              std::shared_ptr<boost::asio::ssl::context> context, const IpAddress& peer);

  void start(std::uint64_t number);
  void close();
  void room_came();
  void safe_came();
  void deadline_came();
  [[nodiscard]] Clock::time_point deadline() const noexcept { return deadline_; }
  [[nodiscard]] const SinkMark& mark() const noexcept { return mark_; }

 private:
  enum class Phase : std::uint8_t { handshake, idle, header, body, room, work, safety, writing, draining, closed };
  enum class Then : std::uint8_t { keep, close };
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;
  using Response = boost::beast::http::response<boost::beast::http::string_body>;
  using Error = boost::system::error_code;

  void enter(Phase phase, Clock::time_point deadline);
  // Wraps a handler: it is called only when the session is still in `phase`.
  template <class Handler>
  auto during(Phase phase, Handler handler);

  void handshake_failed(const std::string& reason);
  void wait_request();
  void read_header();
  void header_came(const Error& error);
  void check_header();
  void read_body();
  void body_came(const Error& error, std::size_t wanted);
  void unpack();
  void read_lines();
  void give();
  void give_one(const PushedLine& line, Timestamp now);
  void settle();
  // Calls `go_on` when there is room; says false when there is, at once.
  bool waits_for_room(void (HttpSession::*go_on)());

  void fail(const Error& error);
  void refuse(unsigned status, std::string reason, Then then);
  void refuse_for_memory(Then then);
  void answer(PushAnswer what, Then then);
  void written(Then then);
  void drain();
  void forget_request();

  std::shared_ptr<HttpSite> site_;
  HttpStream stream_;
  const IpAddress peer_;
  const std::uint64_t peer_hash_;
  std::uint64_t number_ = 0;
  Phase phase_ = Phase::idle;
  Clock::time_point deadline_, began_, request_deadline_;
  bool reading_ = false;  // Asio has a read of ours
  void (HttpSession::*go_on_)() = nullptr;

  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string method_, target_, content_type_;
  bool keep_alive_ = false;
  unsigned version_ = 11;
  BudgetedBytes body_, unpacked_;
  std::unique_ptr<ContentDecoder> decoder_;
  std::string_view packed_;  // what of body_ is still to be unpacked
  bool unpacking_ = false;
  std::unique_ptr<PushedLines> lines_;
  std::uint64_t given_ = 0;
  SinkMark mark_;
  std::optional<Response> response_;
  std::optional<boost::beast::http::response_serializer<boost::beast::http::string_body>> serializer_;
  std::size_t drained_ = 0;
};

}  // namespace nw::logs
