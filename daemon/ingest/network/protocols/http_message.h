// One direction of HTTP/1.x: bytes to messages. RFC 9112; RFC 1945 for HTTP/0.9.
//
// A head is read line by line, and of it only what events show is kept. A body is handed on
// as it comes; none of it is kept.
#pragma once

#include <cstdint>
#include <string_view>

#include "ingest/network/protocols/http_head.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

constexpr std::uint64_t kHttpLostMax = 1024 * 1024;  // octets in which the next message is looked for

// Who listens to a reader.
class HttpTaker {
 public:
  // What the reader cannot know of a response: whether its request allows a body.
  enum class Expect : std::uint8_t { any, no_body, tunnel };

  virtual ~HttpTaker() = default;
  // A start line was read.
  virtual void started(const HttpHead& head) = 0;
  // The head is complete, or the connection ended inside. May take the texts.
  virtual Expect headed(HttpHead& head) = 0;
  // The body's next bytes; bytes of it that the capture lost.
  virtual void body(Bytes bytes) = 0;
  virtual void body_lost(std::uint64_t bytes) = 0;
  virtual void ended() = 0;
  // Bytes that are no message where one is due. `bare`: they answer an HTTP/0.9 request.
  enum class Unknown : std::uint8_t { broken, bare, tunnel };
  virtual Unknown unknown() = 0;
  virtual void refused(DecodeError error) = 0;
};

class HttpReader {
 public:
  // How many bytes are done with.
  std::size_t read(Bytes bytes, HttpTaker& taker);
  // `bytes` are missing here.
  void gap(std::uint64_t bytes, HttpTaker& taker);
  // Nothing more comes: an open message ends here.
  void finish(HttpTaker& taker);

  // What follows is another protocol (CONNECT, Upgrade).
  [[nodiscard]] bool tunnelled() const noexcept { return state_ == State::tunnel; }
  // A message's start is being looked for.
  [[nodiscard]] bool lost() const noexcept { return state_ == State::lost; }
  // No message began for too long.
  [[nodiscard]] bool hopeless() const noexcept { return lost_bytes_ > kHttpLostMax; }

 private:
  enum class State : std::uint8_t { start, lost, head, body, chunk_size, chunk, chunk_end, trailer, to_end, tunnel };

  bool step(ByteReader& in, HttpTaker& taker);
  bool line(ByteReader& in, std::string_view& out, HttpTaker& taker);
  bool seek(ByteReader& in);
  bool begin(ByteReader& in, HttpTaker& taker);
  void begin_unknown(HttpTaker& taker);
  void begin_line(std::string_view line, HttpTaker& taker);
  void header(std::string_view line, HttpTaker& taker);
  HttpTaker::Expect tell_head(HttpTaker& taker);
  void end_head(HttpTaker& taker);
  State framing(HttpTaker& taker);
  bool count(ByteReader& in, HttpTaker& taker);
  void chunk_size(std::string_view line, HttpTaker& taker);
  void end_message(State next, HttpTaker& taker);
  void lose(DecodeError why, HttpTaker& taker);

  State state_ = State::start;
  bool skip_line_ = false;  // the rest of a line that was too long
  HttpHead head_;
  HttpHeaders headers_;
  std::uint64_t remaining_ = 0;  // of the body or chunk
  std::uint64_t lost_bytes_ = 0;
};

}  // namespace nw::network
