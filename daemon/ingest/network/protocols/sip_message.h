// The head of one SIP message (RFC 3261 sections 7 and 25), read into views: a start line, headers, an empty line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// The headers that are read, but for Via.
enum class SipHeader : std::uint8_t {
  from,
  to,
  call_id,
  sequence,
  date,
  reply_to,
  subject,
  user_agent,
  server,
  warning,
  content_type,
  content_length,
  authorization,
  proxy_authorization,
};
constexpr std::size_t kSipHeaders = 14;

struct SipMessage {
  static constexpr std::size_t kHeadersMax =
      128;  // that are read, and the length wherever it is; five proxies make forty
  static constexpr std::size_t kViasMax = 16;

  Bytes method, uri;                       // of a request
  Bytes reason;                            // of a response
  unsigned status = 0;                     // of a response; 0: it is a request
  std::array<Bytes, kSipHeaders> headers;  // the first of each; empty: not there
  std::array<Bytes, kViasMax> vias;        // from the last hop to the first
  std::size_t via_count = 0;

  [[nodiscard]] bool is_request() const noexcept { return status == 0; }
  [[nodiscard]] Bytes header(SipHeader which) const noexcept { return headers[static_cast<std::size_t>(which)]; }
  [[nodiscard]] std::span<const Bytes> path() const noexcept { return std::span{vias}.first(via_count); }
  // Octets of the body by Content-Length; nothing when it is not there or no number.
  [[nodiscard]] std::optional<std::size_t> body_bytes() const noexcept;
};

// Where the head ends: behind its empty line; nothing when that is not there.
std::optional<std::size_t> sip_head_bytes(Bytes in);

// Whether `in` begins with a start line. `unsure`: it may, once there is more of it.
Verdict sip_start_line(Bytes in);

// A fault behind the start line leaves `out` with all that was good. `out` views `head`.
std::optional<DecodeError> read_sip(Bytes head, SipMessage& out);

// What follows "branch=" in a Via: the client's name of the transaction; empty when there is none.
Bytes sip_branch(Bytes via);

// The user name in "Digest username="plc7", ..."; empty when there is none.
Bytes sip_user(Bytes authorization);

// A URI, or a header's value with URIs in it, without their passwords: "sip:alice:secretword@example.com".
std::vector<std::uint8_t> sip_without_passwords(Bytes value);

}  // namespace nw::network
