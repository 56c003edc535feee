// The transport of OPC UA's binary encoding (IEC 62541-6, sections 6.7 and 7.1), little endian throughout:
// | type, 3 letters | F: a message's last chunk, C: more follow, A: it is given up | size u32, from the type on | then
// of HEL      | version u32 | size to receive u32 | to send u32 | message's u32 | chunks u32 | endpoint String | ACK |
// the same without the last | ERR      | status u32 | reason String | RHE      | server's URI String | endpoint String
// | OPN      | channel u32 | policy String | certificate ByteString | thumbprint ByteString | sequence | MSG, CLO |
// channel u32 | token u32 | sequence | sequence | number u32 | request u32 | body | signature | From `sequence` on a
// secured channel may be encrypted. Nothing in the clear says so but the bytes: where no service begins, they are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum class OpcuaKind : std::uint8_t { hello, acknowledge, error, reverse_hello, open, message, close };
std::string_view to_string(OpcuaKind kind);

// The first eight octets of a chunk.
struct OpcuaChunkHead {
  static constexpr std::size_t kSize = 8;

  OpcuaKind kind = OpcuaKind::message;
  char chunk = 'F';
  std::uint32_t size = 0;
};
// `truncated` asks for more bytes, of what begins like a chunk. `reader` moves only past a whole head.
std::optional<DecodeError> read_opcua_chunk_head(ByteReader& reader, OpcuaChunkHead& out);

// A message. Views are of the input, or of the reader's memory.
struct OpcuaMessage {
  OpcuaKind kind = OpcuaKind::message;
  char chunk = 'F';                    // the last one's letter
  std::uint32_t size = 0, chunks = 1;  // of all chunks
  std::optional<std::uint32_t> channel, token;
  Bytes policy, certificate, thumbprint;           // of OPN
  std::optional<std::uint32_t> sequence, request;  // of its first chunk; absent when it is encrypted
  bool encrypted = false;
  bool whole = true;  // else only the body's beginning is there: it is too long
  Bytes body;
};

// What both directions of a connection know of their channel.
struct OpcuaChannel {
  std::optional<bool> secured;  // by the policy that was seen
  std::size_t signature = 0;    // octets of it behind each chunk
};

// One direction of a connection.
class OpcuaReader {
 public:
  // A chunk that is waited for, and a message put together. Servers offer 64 KiB of buffer.
  static constexpr std::size_t kBytesMax = std::size_t{64} * 1024;

  // What waits in the direction: returns as Analyzer::stream() does. `take` gets each OpcuaMessage; its views end with
  // the call.
  std::size_t read(Bytes bytes, OpcuaChannel& channel, Context& context, auto&& take) {
    ByteReader reader{bytes};
    OpcuaMessage message;
    for (;;) {
      const Step step = next(reader, channel, message, context);
      if (step == Step::give_up) return Analyzer::kGiveUp;
      if (step == Step::wait) return bytes.size() - reader.rest().size();
      if (step == Step::message) take(message);
    }
  }
  void gap(std::uint64_t bytes, Context& context);

 private:
  enum class Step : std::uint8_t { wait, give_up, more, message };
  Step next(ByteReader& reader, OpcuaChannel& channel, OpcuaMessage& out, Context& context);
  Step seek(ByteReader& reader, Context& context);
  Step chunk(const OpcuaChunkHead& head, ByteReader in, bool whole, OpcuaChannel& channel, OpcuaMessage& out,
             Context& context);
  Step join(OpcuaMessage& out, Context& context);

  // Of a message that has begun and not ended: all but its views.
  OpcuaMessage begun_;
  bool open_ = false;
  std::vector<std::uint8_t> pieces_;  // its body; the memory is kept
  std::uint32_t skip_ = 0;            // octets of a chunk that is too long
  bool lost_ = false;                 // no chunk was found since a gap or a fault
  std::size_t noise_ = 0;             // octets since the last chunk
};

}  // namespace nw::network
