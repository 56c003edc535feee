#include "ingest/network/protocols/http2_frames.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace nw::network {

namespace {

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";  // RFC 9113 section 3.4
constexpr std::string_view kOlder = "HTTP/";                               // a server that only speaks HTTP/1.x
constexpr std::size_t kHeadBytes = 9;

enum FrameType : std::uint8_t { kData = 0, kHeaders = 1, kReset = 3, kSettings = 4, kPromise = 5, kContinuation = 9 };
constexpr std::uint8_t kEndStream = 0x01, kEndHeaders = 0x04, kPadded = 0x08, kPriority = 0x20;
constexpr std::size_t kPriorityBytes = 5;
constexpr std::uint16_t kSettingMax = 9;  // the highest registered
constexpr std::uint8_t kSettingBytes = 6, kFirstSettingsMax = 16 * kSettingBytes;
constexpr std::uint32_t kStreamMask = 0x7fffffff;

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::uint32_t u24(ByteReader& in) {
  const std::uint32_t high = in.u8();
  return high << 16U | in.u16be();
}

// A server's first frame. One without settings looks like much else.
Verdict probe_settings(Bytes first) {
  // The length, a type, no flags, stream 0.
  for (std::size_t i = 0; i < std::min(first.size(), kHeadBytes); ++i) {
    const std::uint8_t byte = first[i];
    const bool fits = i == 2   ? byte != 0 && byte % kSettingBytes == 0 && byte <= kFirstSettingsMax
                      : i == 3 ? byte == kSettings
                               : byte == 0;
    if (!fits) return Verdict::no;
  }
  if (first.size() < kHeadBytes + 2) return Verdict::unsure;
  ByteReader in{first.subspan(kHeadBytes)};
  const std::uint16_t setting = in.u16be();
  return setting != 0 && setting <= kSettingMax ? Verdict::yes : Verdict::no;
}

}  // namespace

Verdict http2_probe(Bytes first) {
  if (first.empty()) return Verdict::unsure;
  const std::string_view text = as_text(first.first(std::min(first.size(), kPreface.size())));
  if (kPreface.starts_with(text)) return text.size() == kPreface.size() ? Verdict::yes : Verdict::unsure;
  return probe_settings(first);
}

std::size_t Http2Reader::read(Bytes bytes, Http2Taker& taker) {
  ByteReader in{bytes};
  while (!in.empty() && step(in, taker)) {
  }
  return bytes.size() - in.rest().size();
}

// False: more bytes are needed.
bool Http2Reader::step(ByteReader& in, Http2Taker& taker) {
  switch (state_) {
    case State::start: return start(in, taker);
    case State::frame: return frame(in, taker);
    case State::padding: padding(in, taker); break;
    case State::body: body(in, taker); break;
    case State::block: block(in, taker); break;
    case State::skip: {
      const auto taken = static_cast<std::uint32_t>(std::min<std::size_t>(in.rest().size(), left_));
      in.bytes(taken);
      left_ -= taken;
      if (left_ == 0) state_ = State::frame;
      break;
    }
    case State::broken: in.bytes(in.rest().size()); break;
  }
  return true;
}

bool Http2Reader::start(ByteReader& in, Http2Taker& taker) {
  const std::string_view text = as_text(in.rest());
  const auto begins = [&](std::string_view what) { return what.starts_with(text.substr(0, what.size())); };
  const auto whole = [&](std::string_view what) { return text.size() >= what.size(); };
  if (begins(kOlder)) {
    if (!whole(kOlder)) return false;
    fail(DecodeError::bad_value, taker);
    return true;
  }
  if (begins(kPreface)) {
    if (!whole(kPreface)) return false;
    in.bytes(kPreface.size());
  }
  state_ = State::frame;
  return true;
}

bool Http2Reader::frame(ByteReader& in, Http2Taker& taker) {
  if (in.rest().size() < kHeadBytes) return false;
  left_ = u24(in);
  type_ = in.u8();
  flags_ = in.u8();
  stream_ = in.u32be() & kStreamMask;
  padding_ = 0;
  // Between the frames of a block stands nothing else (section 6.10).
  const bool goes_on = type_ == kContinuation && stream_ == block_stream_;
  if (block_stream_ != 0 ? !goes_on : type_ == kContinuation) {
    fail(DecodeError::bad_value, taker);
    return true;
  }
  switch (type_) {
    case kData: frame_of_body(taker); break;
    case kHeaders:
    case kPromise:
    case kContinuation: frame_of_block(taker); break;
    case kReset: taker.reset(stream_); [[fallthrough]];
    default: state_ = left_ == 0 ? State::frame : State::skip; break;
  }
  return true;
}

void Http2Reader::frame_of_body(Http2Taker& taker) {
  const bool padded = (flags_ & kPadded) != 0;
  if (stream_ == 0 || (padded && left_ == 0)) return fail(DecodeError::bad_value, taker);
  state_ = padded ? State::padding : State::body;
  if (left_ == 0) end_body_frame(taker);
}

void Http2Reader::padding(ByteReader& in, Http2Taker& taker) {
  padding_ = in.u8();
  --left_;
  if (padding_ > left_) return fail(DecodeError::bad_value, taker);
  state_ = State::body;
  if (left_ == 0) end_body_frame(taker);
}

void Http2Reader::body(ByteReader& in, Http2Taker& taker) {
  if (left_ > padding_) {
    const Bytes taken = in.bytes(std::min<std::size_t>(in.rest().size(), left_ - padding_));
    left_ -= static_cast<std::uint32_t>(taken.size());
    taker.body(stream_, taken);
  } else {
    left_ -= static_cast<std::uint32_t>(in.bytes(std::min<std::size_t>(in.rest().size(), left_)).size());
  }
  if (left_ == 0) end_body_frame(taker);
}

void Http2Reader::end_body_frame(Http2Taker& taker) {
  state_ = State::frame;
  if ((flags_ & kEndStream) != 0) taker.end_stream(stream_);
}

void Http2Reader::frame_of_block(Http2Taker& taker) {
  if (stream_ == 0) return fail(DecodeError::bad_value, taker);
  // Compression goes on from block to block, so none can be left out.
  if (left_ > kBlockMax - block_.size()) return fail(DecodeError::too_long, taker);
  if (type_ != kContinuation) {
    block_stream_ = stream_;
    promised_ = 0;
    ends_ = type_ == kHeaders && (flags_ & kEndStream) != 0;
  }
  frame_begin_ = block_.size();
  state_ = State::block;
  if (left_ == 0) end_block_frame(taker);
}

void Http2Reader::block(ByteReader& in, Http2Taker& taker) {
  const Bytes taken = in.bytes(std::min<std::size_t>(in.rest().size(), left_));
  left_ -= static_cast<std::uint32_t>(taken.size());
  block_ += as_text(taken);
  if (left_ == 0) end_block_frame(taker);
}

// Takes padding, priority and promised stream out of what came, and reads the block when it is whole.
void Http2Reader::end_block_frame(Http2Taker& taker) {
  state_ = State::frame;
  ByteReader in{{reinterpret_cast<const std::uint8_t*>(block_.data()) + frame_begin_, block_.size() - frame_begin_}};
  const bool first = type_ != kContinuation;
  const std::size_t padding = first && (flags_ & kPadded) != 0 ? in.u8() : 0U;
  if (type_ == kPromise) promised_ = in.u32be() & kStreamMask;
  if (type_ == kHeaders && (flags_ & kPriority) != 0) in.bytes(kPriorityBytes);
  if (!in.ok() || padding > in.rest().size()) return fail(DecodeError::bad_value, taker);
  block_.resize(block_.size() - padding);
  block_.erase(frame_begin_, block_.size() - frame_begin_ - (in.rest().size() - padding));
  if ((flags_ & kEndHeaders) == 0) return;

  taker.begin_block(block_stream_, promised_);
  const bool read = headers_.read({reinterpret_cast<const std::uint8_t*>(block_.data()), block_.size()}, taker);
  taker.end_block();
  block_.clear();
  const std::uint32_t stream = std::exchange(block_stream_, 0);
  if (!read) return fail(DecodeError::bad_value, taker);
  if (ends_) taker.end_stream(stream);
}

void Http2Reader::gap(std::uint64_t bytes, Http2Taker& taker) {
  if (broken()) return;
  const bool body = state_ == State::body && bytes <= left_;
  if (!body && !(state_ == State::skip && bytes <= left_)) return fail(DecodeError::truncated, taker);
  if (body && left_ > padding_) taker.body_lost(stream_, std::min<std::uint64_t>(bytes, left_ - padding_));
  left_ -= static_cast<std::uint32_t>(bytes);
  if (left_ != 0) return;
  if (body)
    end_body_frame(taker);
  else
    state_ = State::frame;
}

void Http2Reader::fail(DecodeError error, Http2Taker& taker) {
  taker.refused(error);
  state_ = State::broken;
  block_ = {};
}

}  // namespace nw::network
