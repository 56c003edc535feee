// One direction of HTTP/1.x: bytes to messages. RFC 9112; RFC 1945 for HTTP/0.9.
//
// A head is read line by line, and of it only what events show is kept. A body is counted and its first bytes are
// sniffed; none of it is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/network/protocols/mime.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

constexpr std::size_t kHttpLineMax = 8 * 1024;       // octets of a line that are read; servers take 8,190
constexpr std::size_t kHttpTextMax = 16 * 1024;      // octets of one message's head that are kept
constexpr std::size_t kHttpProxiedMax = 16;          // header lines about proxies that are kept
constexpr std::uint64_t kHttpLostMax = 1024 * 1024;  // octets in which the next message is looked for

// What a stretch of bytes begins.
enum class HttpStart : std::uint8_t { no, unsure, request, response };
// `strict`: bytes that could be anything; else a message is due, and a broken one is still one.
HttpStart http_start(Bytes bytes, bool strict);

// Of one message's head, texts as on the wire.
struct HttpHead {
  bool request = false;
  std::string method, uri;       // of a request
  std::optional<unsigned> code;  // of a response; HTTP/0.9 has none
  std::string reason;            // of a response
  std::string version;           // "1.1"; "0.9" when the line has none
  std::string host, referrer, user_agent, origin;
  std::string length, coding;        // Content-Length, Transfer-Encoding
  std::string authorization;         // emptied when the head is complete
  std::string username;              // from `authorization`, or from an absolute URI
  bool password = false;             // there was one
  std::vector<std::string> proxied;  // "VIA -> value"

  [[nodiscard]] std::size_t bytes() const noexcept;  // that are kept
};

// The body as far as it was seen; what the capture lost inside is counted too.
struct HttpBody {
  std::uint64_t bytes = 0;
  std::string_view mime;  // empty: unknown, or no body
};

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
  virtual void ended(const HttpBody& body) = 0;
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
  void keep(std::string& to, char separator, std::string_view text, HttpTaker& taker);
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
  std::size_t kept_ = 0;         // octets of head_
  std::string* last_ = nullptr;  // the header that a folded line goes on with
  std::uint64_t remaining_ = 0;  // of the body or chunk
  std::uint64_t body_bytes_ = 0, lost_bytes_ = 0;
  MimeSniffer sniffer_;
};

// The lines' insides (http_text.cpp).

// `line` without its end; http_start() took it for one.
void read_start_line(std::string_view line, HttpHead& out);
// Takes a password out of an absolute URI ("http://user:secret@host/"), and says that there was one.
void hide_password(std::string& uri, HttpHead& head);
// Basic credentials (RFC 7617): the user's name and whether there is a password. Wipes them.
void read_authorization(HttpHead& head);
// Octets of a body, from all Content-Length lines joined with ", "; nothing when they are no such number.
std::optional<std::uint64_t> read_content_length(std::string_view text);
// A chunk's size in hex, before extensions.
std::optional<std::uint64_t> read_chunk_size(std::string_view line);
// Whether there is a transfer coding, and whether the last one is `chunked`.
bool is_coded(std::string_view codings);
bool is_chunked(std::string_view codings);
// A URI's octets with %XX (and %u00XX) decoded once, as Zeek shows it.
std::string http_unescaped(std::string_view uri);

}  // namespace nw::network
