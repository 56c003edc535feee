#include "ingest/logs/transports/http_session.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/text.h"

namespace nw::logs {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::size_t kFirstReadBytes = 4096;       // all that an idle connection holds
constexpr std::size_t kBufferBytesMax = 64 * 1024;  // the header, and what came with it
constexpr std::size_t kGiveBytes = 64 * 1024;       // lines for each turn of one connection
constexpr std::size_t kUnpackBytes = 256 * 1024;    // likewise
// After an answer to a request that was not read to its end: what is read and thrown away, so that the close does not
// reset the connection before the peer has read why (RFC 9112 section 9.6).
constexpr std::size_t kDrainBytesMax = 256 * 1024;
constexpr std::chrono::seconds kDrainMost{2};
constexpr std::string_view kRetryAfter = "5";

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

}  // namespace

HttpSession::HttpSession(std::shared_ptr<HttpSite> site, HttpStream::Socket socket,
                         std::shared_ptr<asio::ssl::context> context, const IpAddress& peer)
    : site_{std::move(site)},
      stream_{std::move(socket), std::move(context)},
      peer_{peer},
      peer_hash_{hash64(peer.to_string())},
      buffer_{kBufferBytesMax},
      body_{site_->budget},
      unpacked_{site_->budget} {}

void HttpSession::enter(Phase phase, Clock::time_point deadline) {
  phase_ = phase;
  deadline_ = deadline;
}

template <class Handler>
auto HttpSession::during(Phase phase, Handler handler) {
  return [self = shared_from_this(), phase, handler = std::move(handler)](const Error& error, std::size_t bytes = 0) {
    if (self->phase_ == phase && !self->site_->stopped()) handler(*self, error, bytes);
  };
}

void HttpSession::start(std::uint64_t number) {
  number_ = number;
  if (!stream_.secure()) return wait_request();
  enter(Phase::handshake, Clock::now() + site_->limits.handshake);
  stream_.async_handshake(during(Phase::handshake, [](HttpSession& self, const Error& error, std::size_t) {
    error ? self.handshake_failed(error.message()) : self.wait_request();
  }));
}

void HttpSession::handshake_failed(const std::string& reason) {
  ++site_->counters.handshakes_failed;
  log_warning("http_handshake_failed", "a TLS handshake failed",
              {{"listen", site_->options.address}, {"peer", peer_.to_string()}, {"reason", printable(reason)}});
  close();
}

void HttpSession::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  deadline_ = Clock::time_point::max();
  Error ignored;
  stream_.socket().close(ignored);
  lines_.reset();
  site_->wait_no_more(*this);
  site_->remove(number_);
}

// Reading

void HttpSession::wait_request() {
  forget_request();
  method_.clear();
  keep_alive_ = false;
  version_ = 11;
  if (buffer_.size() != 0) {  // the next request came with this one
    began_ = Clock::now();
    return read_header();
  }
  buffer_.shrink_to_fit();
  enter(Phase::idle, Clock::now() + std::chrono::duration_cast<Clock::duration>(site_->options.idle));
  stream_.async_read_some(buffer_.prepare(kFirstReadBytes),
                          during(Phase::idle, [](HttpSession& self, const Error& error, std::size_t bytes) {
                            if (error) return self.close();
                            self.buffer_.commit(bytes);
                            self.began_ = Clock::now();
                            self.read_header();
                          }));
}

void HttpSession::read_header() {
  parser_.emplace();
  parser_->header_limit(site_->limits.header_bytes_max);
  parser_->body_limit(boost::none);  // ours is asked for after the token
  request_deadline_ = began_ + site_->limits.request;
  enter(Phase::header, request_deadline_);
  reading_ = true;
  http::async_read_header(stream_, buffer_, *parser_,
                          during(Phase::header, [](HttpSession& self, const Error& error, std::size_t) {
                            self.reading_ = false;
                            self.header_came(error);
                          }));
}

void HttpSession::header_came(const Error& error) {
  if (error) return fail(error);
  const auto& message = parser_->get();
  method_ = view(message.method_string());
  target_ = view(message.target());
  content_type_ = view(message[http::field::content_type]);
  keep_alive_ = message.keep_alive();
  version_ = message.version();
  check_header();
}

// Who may not send learns no more than that.
void HttpSession::check_header() {
  const auto& message = parser_->get();
  const bool health = push_path(target_) == "/health";
  if (!health && site_->tokens && !site_->tokens->allows(view(message[http::field::authorization])))
    return refuse(401,
                  "the token is missing or wrong: send 'Authorization: Bearer TOKEN' (beats: api_key: \"id:TOKEN\", or "
                  "the token as password)",
                  Then::close);
  if (health && !parser_->is_done()) return refuse(413, "/health takes no body", Then::close);
  const std::size_t most = site_->options.body_bytes_max;
  if (const auto length = parser_->content_length(); length && *length > most)
    return refuse(413,
                  "the body has " + std::to_string(*length) + " bytes, and body_bytes_max allows " +
                      std::to_string(most) + "; send less at once",
                  Then::close);
  const auto coding = content_coding(view(message[http::field::content_encoding]));
  if (!coding)
    return refuse(415, "Content-Encoding is none of gzip, deflate and zstd; set one of them, or none", Then::close);
  if (*coding != ContentCoding::identity) decoder_ = make_decoder(*coding);
  const std::string_view expect = view(message[http::field::expect]);
  if (parser_->is_done() || expect.empty()) return read_body();
  if (to_ascii_lower(expect) != "100-continue")
    return refuse(417, "the only expectation that is met here is 100-continue", Then::close);
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  enter(Phase::writing, request_deadline_);
  asio::async_write(stream_, asio::buffer(kContinue.data(), kContinue.size()),
                    during(Phase::writing, [](HttpSession& self, const Error& error, std::size_t) {
                      error ? self.close() : self.read_body();
                    }));
}

bool HttpSession::waits_for_room(void (HttpSession::*go_on)()) {
  if (site_->ready()) return false;
  go_on_ = go_on;
  enter(Phase::room, Clock::now() + site_->limits.room);
  site_->wait_for_room(shared_from_this());
  return true;
}

void HttpSession::room_came() {
  if (phase_ != Phase::room) return;
  phase_ = Phase::work;
  (this->*go_on_)();
}

void HttpSession::read_body() {
  if (parser_->is_done()) return decoder_ && body_.size() != 0 ? unpack() : read_lines();
  if (method_ == "POST" && waits_for_room(&HttpSession::read_body)) return;
  // One more than is allowed, so that a body of exactly as much is seen to end.
  const auto room = body_.room(site_->options.body_bytes_max + 1);
  if (room.empty()) return refuse_for_memory(Then::close);
  auto& into = parser_->get().body();
  into.data = room.data();
  into.size = room.size();
  into.more = true;
  const std::size_t wanted = room.size();
  enter(Phase::body, request_deadline_);
  reading_ = true;
  http::async_read_some(stream_, buffer_, *parser_,
                        during(Phase::body, [wanted](HttpSession& self, const Error& error, std::size_t) {
                          self.reading_ = false;
                          self.body_came(error, wanted);
                        }));
}

void HttpSession::body_came(const Error& error, std::size_t wanted) {
  const std::size_t came = wanted - parser_->get().body().size;
  body_.filled(came);
  site_->counters.bytes += came;
  if (error && error != http::error::need_buffer) return fail(error);
  if (body_.size() > site_->options.body_bytes_max)
    return refuse(413,
                  "the body has more than the " + std::to_string(site_->options.body_bytes_max) +
                      " bytes of body_bytes_max; send less at once",
                  Then::close);
  read_body();
}

void HttpSession::unpack() {
  if (!std::exchange(unpacking_, true)) packed_ = body_.view();
  const std::size_t most =
      std::min(site_->options.body_bytes_max * site_->limits.unpacked_factor_max, site_->limits.unpacked_bytes_max);
  std::size_t made = 0;
  while (made < kUnpackBytes) {
    auto room = unpacked_.room(most + 1);
    if (room.empty()) return refuse_for_memory(Then::keep);
    room = room.first(std::min(room.size(), kUnpackBytes));
    const std::ptrdiff_t got = decoder_->decode(packed_, room);
    if (got < 0 || (got == 0 && !decoder_->complete()))
      return refuse(400, "the body cannot be unpacked: it is broken, or not what Content-Encoding says", Then::keep);
    if (got == 0 && packed_.empty()) {
      body_.clear();
      return read_lines();
    }
    unpacked_.filled(static_cast<std::size_t>(got));
    made += static_cast<std::size_t>(got);
    if (unpacked_.size() > most)
      return refuse(413, "the body unpacks to more than " + std::to_string(most) + " bytes; send less at once",
                    Then::keep);
  }
  enter(Phase::work, request_deadline_);
  asio::post(site_->io, [self = shared_from_this()] {
    if (self->phase_ == Phase::work && !self->site_->stopped()) self->unpack();
  });
}

// Lines

void HttpSession::read_lines() {
  request_deadline_ = Clock::now() + site_->limits.request;
  enter(Phase::work, request_deadline_);
  Push push = read_push({method_, target_, content_type_, decoder_ ? unpacked_.view() : body_.view()});
  if (!push.lines) return answer(std::move(push.answer), Then::keep);
  lines_ = std::move(push.lines);
  give();
}

void HttpSession::give() {
  if (waits_for_room(&HttpSession::give)) return;
  const Timestamp now = wall_now();
  PushedLine line;
  for (std::size_t bytes = 0; bytes < kGiveBytes; bytes += line.text.size() + 1) {
    if (!lines_->next(line)) return settle();
    give_one(line, now);
  }
  enter(Phase::work, request_deadline_);
  asio::post(site_->io, [self = shared_from_this()] {
    if (self->phase_ == Phase::work && !self->site_->stopped()) self->give();
  });
}

void HttpSession::give_one(const PushedLine& line, Timestamp now) {
  const bool too_long = line.text.size() > site_->options.line_bytes_max;
  ++given_;
  ++site_->counters.lines;
  site_->counters.too_long += too_long ? 1U : 0U;
  // The same when the sender sends again what it was not told to be safe.
  const std::uint64_t place = hash64(line.text, hash64(line.id, peer_hash_));
  site_->sink.line({line.text.substr(0, site_->options.line_bytes_max), now, peer_, too_long, place == 0 ? 1 : place});
}

void HttpSession::settle() {
  if (given_ == 0) return answer(lines_->answer({}), Then::keep);
  mark_ = site_->sink.mark();
  enter(Phase::safety, Clock::now() + site_->limits.safe);
  if (site_->sink.safe(mark_)) return safe_came();
  site_->wait_until_safe(shared_from_this());
}

void HttpSession::safe_came() {
  if (phase_ != Phase::safety) return;
  site_->counters.acknowledged += given_;
  answer(lines_->answer(std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_)), Then::keep);
}

// Ends

void HttpSession::deadline_came() {
  site_->wait_no_more(*this);
  switch (phase_) {
    case Phase::handshake: ++site_->counters.handshakes_failed; return close();
    case Phase::header:
    case Phase::body: return refuse(408, "the request took too long to arrive", Then::close);
    case Phase::room:
      return refuse(429, "the lines before these are not read yet; send again later",
                    parser_->is_done() ? Then::keep : Then::close);
    case Phase::work: return refuse(503, "the lines could not be read in time; send again later", Then::keep);
    case Phase::safety: return refuse(503, "the lines are not on disk yet; send again later", Then::keep);
    case Phase::idle:
    case Phase::writing:
    case Phase::draining: return close();
    case Phase::closed: return;
  }
}

void HttpSession::fail(const Error& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(431, "the header is larger than " + std::to_string(site_->limits.header_bytes_max) + " bytes",
                  Then::close);
  if (error == http::error::bad_version) return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here", Then::close);
  const bool broken = error == http::error::partial_message;
  if (broken || error == http::error::end_of_stream || error.category() != Error{http::error::bad_version}.category()) {
    // Nobody is there to be told.
    if (broken || phase_ == Phase::body) site_->rejected(peer_, 0, "the connection ended within a request");
    return close();
  }
  refuse(400, "this is no HTTP request: " + error.message(), Then::close);
}

void HttpSession::refuse(unsigned status, std::string reason, Then then) {
  answer(push_error(status, std::move(reason)), then);
}

// What would not fit even if nobody else sent must not come again as it is.
void HttpSession::refuse_for_memory(Then then) {
  if (site_->budget.used() == body_.capacity() + unpacked_.capacity())
    return refuse(413, "the body needs more memory than all requests together may have; send less at once", then);
  refuse(429, "the bodies of all requests together hold no more bytes; send again later", then);
}

void HttpSession::answer(PushAnswer what, Then then) {
  const bool again = what.status == 429 || what.status == 503;
  if (!what.reason.empty())
    again ? site_->put_off(peer_, what.status, what.reason) : site_->rejected(peer_, what.status, what.reason);
  if (!keep_alive_) then = Then::close;
  forget_request();
  Response& out = response_.emplace();
  out.version(version_);
  out.result(what.status);
  out.set(http::field::server, "normwatch");
  out.set(http::field::content_type, "application/json");
  out.set("X-Elastic-Product", "Elasticsearch");  // Elastic's shippers go on only where they see it
  if (again) out.set(http::field::retry_after, kRetryAfter);
  if (what.status == 401)
    out.set(http::field::www_authenticate, "Bearer realm=\"normwatch\", Basic realm=\"normwatch\"");
  if (what.status == 415) out.set(http::field::accept_encoding, "gzip, deflate, zstd");
  if (!what.allow.empty()) out.set(http::field::allow, what.allow);
  out.keep_alive(then == Then::keep);
  out.content_length(what.body.size());
  if (method_ != "HEAD") out.body() = std::move(what.body);  // the length is then that of the body it would have had
  serializer_.emplace(out);
  enter(Phase::writing, Clock::now() + site_->limits.write);
  http::async_write(stream_, *serializer_,
                    during(Phase::writing, [then](HttpSession& self, const Error& error, std::size_t) {
                      error ? self.close() : self.written(then);
                    }));
}

void HttpSession::written(Then then) {
  serializer_.reset();
  response_.reset();
  if (then == Then::keep) return wait_request();
  // Nothing is left to read, or Asio still reads and would have to be waited for.
  if (reading_ || (parser_ && parser_->is_done())) return close();
  Error ignored;
  stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  enter(Phase::draining, Clock::now() + kDrainMost);
  drained_ = 0;
  drain();
}

// Below TLS: nobody reads what it means.
void HttpSession::drain() {
  buffer_.clear();
  stream_.socket().async_read_some(
      buffer_.prepare(kFirstReadBytes),
      during(Phase::draining, [](HttpSession& self, const Error& error, std::size_t bytes) {
        self.drained_ += bytes;
        error || self.drained_ > kDrainBytesMax ? self.close() : self.drain();
      }));
}

// The budget gets back what the request held. Not the parser, which a read may still use.
void HttpSession::forget_request() {
  lines_.reset();
  decoder_.reset();
  packed_ = {};
  unpacking_ = false;
  if (!reading_) body_.clear();
  unpacked_.clear();
  given_ = 0;
}

}  // namespace nw::logs
