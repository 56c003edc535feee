// The head of an HTTP message, of any version: what events show of it, and the texts inside. RFC 9110.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

constexpr std::size_t kHttpLineMax = 8 * 1024;   // octets of a line that are read; servers take 8,190
constexpr std::size_t kHttpTextMax = 16 * 1024;  // octets of one message's head that are kept
constexpr std::size_t kFramingMax = 256;         // of each header that says what the body is, besides
constexpr std::size_t kHttpProxiedMax = 16;      // header lines about proxies that are kept

// Of one message's head, texts as on the wire.
struct HttpHead {
  bool request = false;
  std::string method, uri;       // of a request
  std::optional<unsigned> code;  // of a response; HTTP/0.9 has none
  std::string reason;            // of a response
  std::string version;           // "1.1", "2"; "0.9" when the line has none
  std::string host, referrer, user_agent, origin;
  std::string length, coding;               // Content-Length, Transfer-Encoding
  std::string encoding, content_type;       // Content-Encoding, Content-Type
  std::string disposition;                  // Content-Disposition
  std::string upgrade;                      // Upgrade
  std::string authorization;                // emptied when the head is complete
  std::string username;                     // from `authorization`, or from an absolute URI
  bool password = false;                    // there was one
  std::string token;                        // of NTLM or Negotiate, for take_token() as soon as the head is complete
  bool proxy = false;                       // the credentials are a proxy's
  std::vector<std::string> proxied;         // "VIA -> value"
  std::optional<std::uint64_t> body_bytes;  // that the body will have, when the head tells

  void clear();                                      // the texts keep their memory
  [[nodiscard]] std::size_t bytes() const noexcept;  // that are kept
};

// Puts header lines into a head.
class HttpHeaders {
 public:
  // `head` outlives the calls that follow; the texts that it has count.
  void begin(HttpHead& head) noexcept;
  // `limit` when something was left out.
  std::optional<DecodeError> add(std::string_view name, std::string_view value);
  // A text that is no header line: HTTP/2's method, path and authority.
  std::optional<DecodeError> set(std::string& text, std::string_view value);
  // Goes on with the value before (RFC 9112 section 5.2).
  std::optional<DecodeError> fold(std::string_view text);
  // The head is complete: credentials become a name and a flag.
  void end();

 private:
  std::optional<DecodeError> keep(std::string& to, char separator, std::string_view text);

  HttpHead* head_ = nullptr;
  std::size_t kept_ = 0;         // octets of the head
  std::string* last_ = nullptr;  // the header that a folded line goes on with
};

// What a stretch of bytes begins in HTTP/1.x.
enum class HttpStart : std::uint8_t { no, unsure, request, response };
// `strict`: bytes that could be anything; else a message is due, and a broken one is still one.
HttpStart http_start(Bytes bytes, bool strict);

// `line` without its end; http_start() took it for one.
void read_start_line(std::string_view line, HttpHead& out);
// Takes a password out of an absolute URI ("http://user:secret@host/"), and says that there was one.
void hide_password(std::string& uri, HttpHead& head);
// The same for what stands behind "//", from `begin` on.
void hide_in_authority(std::string& text, std::size_t begin, HttpHead& head);
// Basic credentials (RFC 7617): the user's name and whether there is a password. Wipes them.
void read_authorization(HttpHead& head);
// Whether credentials, or a demand for them, are NTLM's or Negotiate's (RFC 4559) and say something.
bool has_token(std::string_view credentials);
// What they say, decoded. Wipes it; so must the caller.
std::string take_token(HttpHead& head);
// Octets of a body, from all Content-Length lines joined with ", "; nothing when they are no such number.
std::optional<std::uint64_t> read_content_length(std::string_view text);
// A chunk's size in hex, before extensions.
std::optional<std::uint64_t> read_chunk_size(std::string_view line);
// Whether there is a transfer coding, and whether the last one is `chunked`.
bool is_coded(std::string_view codings);
bool is_chunked(std::string_view codings);
// The file's name in a Content-Disposition (RFC 6266), with %XX as it is; a view into `disposition`.
std::string_view disposition_name(std::string_view disposition);
// A URI's octets with %XX (and %u00XX) decoded once, as Zeek shows it.
std::string http_unescaped(std::string_view uri);

}  // namespace nw::network
