// HTTP/2 on one connection: its streams are exchanges, told as `http` events of version 2. Frames: http2_frames.h.
#pragma once

#include <array>

#include "ingest/network/protocols/http2_frames.h"
#include "ingest/network/protocols/http_event.h"

namespace nw::network {

class Http2Session {
 public:
  // `exchanges` outlives the session.
  explicit Http2Session(HttpExchanges& exchanges) noexcept : exchanges_{exchanges} {}

  // Stream 1 answers a request of HTTP/1.1 (RFC 7540 section 3.2).
  void adopt(const HttpHead& request, Context& context);
  // As Analyzer's.
  std::size_t stream(Bytes bytes, Direction direction, Context& context);
  void gap(std::uint64_t bytes, Direction direction, Context& context);

 private:
  class Taker;

  HttpExchanges& exchanges_;
  std::array<Http2Reader, 2> readers_;  // by direction
  HttpHead head_;                       // of the block being read
  // The last streams that were given up while their exchange was open.
  static constexpr std::size_t kResetMax = 32;
  std::array<std::uint32_t, kResetMax> reset_{};
  std::size_t resets_ = 0;
};

}  // namespace nw::network
