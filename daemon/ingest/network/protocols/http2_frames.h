// One direction of HTTP/2: bytes to frames to headers and bodies. RFC 9113.
//
//   | length u24 | type u8 | flags u8 | stream u32, top bit reserved | payload |       behind the client's preface
#pragma once

#include <cstdint>
#include <string>

#include "ingest/network/protocols/hpack.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

// Whether `first` begins HTTP/2: the client's preface, or settings that say something.
Verdict http2_probe(Bytes first);

class Http2Taker : public HpackTaker {
 public:
  // A block of headers, in the calls to header() that follow. `promised`: the stream that a server opens with it, else
  // 0.
  virtual void begin_block(std::uint32_t stream, std::uint32_t promised) = 0;
  virtual void end_block() = 0;
  virtual void body(std::uint32_t stream, Bytes bytes) = 0;
  virtual void body_lost(std::uint32_t stream, std::uint64_t bytes) = 0;
  // This side has said all of the stream; one side gave the stream up.
  virtual void end_stream(std::uint32_t stream) = 0;
  virtual void reset(std::uint32_t stream) = 0;
  virtual void refused(DecodeError error) = 0;
};

class Http2Reader {
 public:
  static constexpr std::size_t kBlockMax = 64 * 1024;  // octets of a block of headers, put together

  // How many bytes are done with: all, but for half a frame's head.
  std::size_t read(Bytes bytes, Http2Taker& taker);
  // `bytes` are missing here: known to be of a body, or headers cannot be decompressed any more.
  void gap(std::uint64_t bytes, Http2Taker& taker);
  // Nothing can be read any more.
  [[nodiscard]] bool broken() const noexcept { return state_ == State::broken; }

 private:
  enum class State : std::uint8_t { start, frame, padding, body, block, skip, broken };

  bool step(ByteReader& in, Http2Taker& taker);
  bool start(ByteReader& in, Http2Taker& taker);
  bool frame(ByteReader& in, Http2Taker& taker);
  void frame_of_body(Http2Taker& taker);
  void frame_of_block(Http2Taker& taker);
  void padding(ByteReader& in, Http2Taker& taker);
  void body(ByteReader& in, Http2Taker& taker);
  void block(ByteReader& in, Http2Taker& taker);
  void end_block_frame(Http2Taker& taker);
  void end_body_frame(Http2Taker& taker);
  void fail(DecodeError error, Http2Taker& taker);

  State state_ = State::start;
  std::uint8_t type_ = 0, flags_ = 0;
  std::uint32_t stream_ = 0, left_ = 0;  // octets of the frame that are to come
  std::uint32_t padding_ = 0;            // of them at the end
  // The block being put together; without a stream there is none.
  std::string block_;
  std::size_t frame_begin_ = 0;  // of the last frame's part in it
  std::uint32_t block_stream_ = 0, promised_ = 0;
  bool ends_ = false;  // its stream, too
  HpackDecoder headers_;
};

}  // namespace nw::network
