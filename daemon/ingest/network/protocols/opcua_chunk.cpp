#include "ingest/network/protocols/opcua_chunk.h"

#include <algorithm>

#include "ingest/network/protocols/opcua_service.h"

namespace nw::network {

namespace {

struct Kind {
  std::string_view letters;
  std::uint32_t size_min, size_max;
};
// By OpcuaKind. Strings of the transport have 4096 octets at most. No product is known to send chunks of a megabyte.
constexpr std::uint32_t kHandshakeMax = 2 * (4096 + 8), kChunkMax = 1U << 20U;
constexpr std::array<Kind, 7> kKinds{{{"HEL", 32, kHandshakeMax},
                                      {"ACK", 28, kHandshakeMax},
                                      {"ERR", 16, kHandshakeMax},
                                      {"RHE", 16, kHandshakeMax},
                                      {"OPN", 32, kChunkMax},
                                      {"MSG", 24, kChunkMax},
                                      {"CLO", 24, kChunkMax}}};

constexpr std::size_t kLongHead = 256;  // of a chunk that is too long this is looked at
constexpr std::size_t kNoiseMax = std::size_t{1} << 20U;

bool secured(Bytes policy) {
  constexpr std::string_view kNone = "#None";
  return !std::ranges::equal(policy.last(std::min(policy.size(), kNone.size())), kNone);
}

// Two old policies sign with SHA-1, all others with SHA-256. IEC 62541-7.
std::size_t signature_size(Bytes policy) {
  for (const std::string_view old : {"#Basic128Rsa15", "#Basic256"})
    if (std::ranges::equal(policy.last(std::min(policy.size(), old.size())), old)) return 20;
  return 32;
}

// Does a service begin here, or the reason why a message is given up? Of other bytes one in millions does.
bool readable(Bytes sequence, char chunk) {
  constexpr std::size_t kSequence = 8, kStatus = 4;
  if (sequence.size() < kSequence) return false;
  const Bytes body = sequence.subspan(kSequence);
  if (peek_opcua_service(body) != nullptr) return true;
  ByteReader in{body};
  return chunk == 'A' && !opcua_status_name(in.u32le()).empty() && body.size() > kStatus;
}

}  // namespace

std::string_view to_string(OpcuaKind kind) { return kKinds[static_cast<std::size_t>(kind)].letters; }

std::optional<DecodeError> read_opcua_chunk_head(ByteReader& reader, OpcuaChunkHead& out) {
  const Bytes first = reader.rest().first(std::min(reader.rest().size(), std::size_t{3}));
  const auto kind = std::ranges::find_if(
      kKinds, [&](const Kind& k) { return std::ranges::equal(first, k.letters.substr(0, first.size())); });
  if (kind == kKinds.end()) return DecodeError::bad_value;
  ByteReader in = reader;
  in.bytes(3);
  out.kind = static_cast<OpcuaKind>(kind - kKinds.begin());
  out.chunk = static_cast<char>(in.u8());
  const bool last = out.chunk == 'F', other = out.chunk == 'C' || out.chunk == 'A';
  // Only these come in several.
  if (in.ok() && !last && (!other || out.kind < OpcuaKind::message)) return DecodeError::bad_value;
  out.size = in.u32le();
  if (!in.ok()) return DecodeError::truncated;
  if (out.size < kind->size_min || out.size > kind->size_max) return DecodeError::bad_value;
  reader = in;
  return {};
}

void OpcuaReader::gap(std::uint64_t bytes, Context& context) {
  if (bytes <= skip_) {  // nobody would have looked at it
    skip_ -= static_cast<std::uint32_t>(bytes);
    return;
  }
  context.refused(DecodeError::truncated);
  skip_ = 0;
  lost_ = true;
  open_ = false;
}

OpcuaReader::Step OpcuaReader::next(ByteReader& reader, OpcuaChannel& channel, OpcuaMessage& out, Context& context) {
  const std::size_t skipped = std::min<std::size_t>(skip_, reader.rest().size());
  reader.bytes(skipped);
  skip_ -= static_cast<std::uint32_t>(skipped);
  ByteReader in = reader;
  OpcuaChunkHead head;
  const auto fault = read_opcua_chunk_head(in, head);
  if (fault == DecodeError::truncated || reader.empty()) return Step::wait;
  if (fault) return seek(reader, context);
  const bool whole = head.size <= kBytesMax;
  const std::size_t wanted = (whole ? head.size : kLongHead) - OpcuaChunkHead::kSize;
  const Bytes contents = in.bytes(wanted);
  if (!in.ok()) return Step::wait;
  reader = in;
  skip_ = static_cast<std::uint32_t>(head.size - OpcuaChunkHead::kSize - wanted);
  lost_ = false;
  noise_ = 0;
  return chunk(head, ByteReader{contents}, whole, channel, out, context);
}

// Up to what may be a chunk. A fault counts once, however much is skipped behind it.
OpcuaReader::Step OpcuaReader::seek(ByteReader& reader, Context& context) {
  if (!lost_) context.refused(DecodeError::bad_value);
  lost_ = true;
  open_ = false;
  OpcuaChunkHead head;
  for (ByteReader ahead = reader; !reader.empty(); ahead = reader) {
    if (read_opcua_chunk_head(ahead, head) != DecodeError::bad_value) break;
    reader.u8();
    ++noise_;
  }
  return noise_ > kNoiseMax && !context.at_home() ? Step::give_up : Step::more;
}

OpcuaReader::Step OpcuaReader::chunk(const OpcuaChunkHead& head, ByteReader in, bool whole, OpcuaChannel& channel,
                                     OpcuaMessage& out, Context& context) {
  out = {};
  out.kind = head.kind;
  out.chunk = head.chunk;
  out.size = head.size;
  out.whole = whole;
  if (head.kind < OpcuaKind::open) {
    out.body = in.rest();
    return Step::message;
  }
  out.channel = in.u32le();
  if (head.kind == OpcuaKind::open) {
    out.policy = read_opcua_string(in);
    out.certificate = read_opcua_string(in);
    out.thumbprint = read_opcua_string(in);
    if (!in.ok()) {
      context.refused(DecodeError::bad_value);
      out.whole = false;
      return Step::message;
    }
    channel.secured = secured(out.policy);
    channel.signature = *channel.secured ? signature_size(out.policy) : 0;
  } else {
    out.token = in.u32le();
  }
  const bool goes_on = open_ && begun_.kind == head.kind && begun_.channel == out.channel && !begun_.encrypted;
  out.encrypted = channel.secured.value_or(true) && !goes_on && !readable(in.rest(), head.chunk);
  if (!out.encrypted) {
    out.sequence = in.u32le();
    out.request = in.u32le();
    out.body = in.rest();
    if (head.kind != OpcuaKind::open && out.body.size() >= channel.signature)
      out.body = out.body.first(out.body.size() - channel.signature);
  }
  return join(out, context);
}

// A message's chunks follow one another; those of another begin it anew.
OpcuaReader::Step OpcuaReader::join(OpcuaMessage& out, Context& context) {
  if (open_ && (begun_.kind != out.kind || begun_.channel != out.channel || begun_.request != out.request)) {
    context.refused(DecodeError::truncated);
    open_ = false;
  }
  const bool last = out.chunk != 'C';
  if (!open_ && last) {
    if (!out.whole) context.refused(DecodeError::too_long);
    return Step::message;
  }
  if (!open_) pieces_.clear();
  const bool fits = out.whole && out.body.size() <= kBytesMax - pieces_.size();
  const bool fitted = !open_ || begun_.whole;
  if (!fits && fitted) context.refused(DecodeError::too_long);
  if (fits && fitted && out.chunk != 'A') pieces_.insert(pieces_.end(), out.body.begin(), out.body.end());
  if (open_) {
    out.size += begun_.size;
    out.chunks += begun_.chunks;
    out.sequence = begun_.sequence;
  }
  out.whole = fits && fitted;
  begun_ = out;
  begun_.body = {};
  open_ = !last;
  if (!last) return Step::more;
  if (out.chunk != 'A') out.body = Bytes{pieces_};
  return Step::message;
}

}  // namespace nw::network
