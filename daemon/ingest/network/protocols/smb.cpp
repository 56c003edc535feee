// SMB over TCP: direct (port 445, [MS-SMB2] 2.1) and over NetBIOS sessions (port 139, RFC 1002 section 4.3). Frames are
// | type u8 = 0 | length u24 | message |; NetBIOS has other types, to set a session up and keep it.
//
// Messages begin with 0xFF "SMB" (SMB1: smb1.cpp), 0xFE (SMB2 and SMB3: smb2.cpp), 0xFD (encrypted) or 0xFC
// (compressed); the last two are told once a connection and not looked into. Of a long frame the head says all; the
// data of files behind it passes by.
#include <algorithm>
#include <array>
#include <utility>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/smb1.h"
#include "ingest/network/protocols/smb2.h"
#include "ingest/network/protocols/smb2_message.h"
#include "ingest/network/protocols/smb_session.h"

namespace nw::network {

namespace {

constexpr std::array<std::uint16_t, 2> kPorts{139, 445};

constexpr std::size_t kFrameHeader = 4;
constexpr std::size_t kHeadMax = 64 * 1024;  // of a frame that is read at once; the rest is data
constexpr std::size_t kNetbiosMax = 1024;    // of NetBIOS' own frames: two names of at most 255 bytes

enum class Kind : std::uint8_t { none, smb1, smb2, encrypted, compressed };

Kind kind_of(Bytes message) noexcept {
  ByteReader reader{message};
  const std::uint8_t first = reader.u8(), s = reader.u8(), m = reader.u8(), b = reader.u8();
  if (s != 'S' || m != 'M' || b != 'B') return Kind::none;
  switch (first) {
    case 0xff: return Kind::smb1;
    case 0xfe: return Kind::smb2;
    case 0xfd: return Kind::encrypted;
    case 0xfc: return Kind::compressed;
    default: return Kind::none;
  }
}

struct Frame {
  bool netbios = false;  // not a message
  std::size_t length = 0;
};

// `truncated` asks for more bytes; `bad_value` when it is none.
std::optional<DecodeError> read_frame(Bytes bytes, Frame& out) noexcept {
  constexpr std::uint8_t kMessage = 0, kSessionRequest = 0x81, kKeepAlive = 0x85;
  ByteReader reader{bytes};
  const std::uint8_t type = reader.u8(), high = reader.u8();
  out.length = std::size_t{high} << 16U | reader.u16be();
  out.netbios = type >= kSessionRequest && type <= kKeepAlive;
  if (type != kMessage && !out.netbios) return DecodeError::bad_value;
  if (!reader.ok()) return DecodeError::truncated;
  return out.netbios && out.length > kNetbiosMax ? std::optional{DecodeError::bad_value} : std::nullopt;
}

class SmbAnalyzer final : public Analyzer {
 public:
  std::size_t stream(Bytes bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    ByteReader reader{bytes};
    for (;;) {
      const std::size_t skipped = std::min(side.skipping, reader.rest().size());
      session_.more(side.transfer, reader.bytes(skipped), context);
      side.skipping -= skipped;
      if (reader.empty()) return bytes.size();
      if (side.lost && !begins_message(reader.rest())) return bytes.size();
      side.lost = false;
      Frame frame;
      const auto fault = read_frame(reader.rest(), frame);
      if (fault == DecodeError::truncated) break;
      if (fault) {
        context.refused(*fault);
        finish(context);
        return kGiveUp;
      }
      const auto head = head_of(reader.rest().subspan(kFrameHeader), frame);
      if (!head) break;
      if (!frame.netbios && frame.length != 0) message(*head, head->size() < frame.length, context);
      side.transfer = session_.take_transfer();
      reader.bytes(kFrameHeader + head->size());
      side.skipping = frame.length - head->size();
    }
    return bytes.size() - reader.rest().size();
  }

  void gap(std::uint64_t bytes, Direction direction, Context& context) override {
    Side& side = sides_[static_cast<std::size_t>(direction)];
    context.refused(DecodeError::truncated);
    side.lost = bytes > side.skipping;
    const std::size_t skipped = side.lost ? side.skipping : static_cast<std::size_t>(bytes);
    session_.lost(side.transfer, skipped, context);
    if (side.lost) session_.lost_in_pipes(direction == Direction::to_originator);
    side.skipping -= skipped;
  }

  void finish(Context& context) override { session_.finish(context); }

 private:
  struct Side {
    std::size_t skipping = 0;  // bytes of a frame behind its head
    SmbTransfer transfer;      // what they are
    bool lost = false;         // a gap came, no frame found since
  };

  static bool begins_message(Bytes bytes) noexcept {
    Frame frame;
    return !read_frame(bytes, frame) && !frame.netbios && kind_of(bytes.subspan(kFrameHeader)) != Kind::none;
  }

  // The part of a frame that is read at once; nothing while it is not there.
  std::optional<Bytes> head_of(Bytes bytes, const Frame& frame) {
    const std::size_t wanted = std::min(frame.length, kHeadMax);
    if (bytes.size() >= wanted) return bytes.first(wanted);
    if (bytes.size() >= kSmb2BulkHead && is_smb2_bulk(bytes.first(kSmb2BulkHead), session_))
      return bytes.first(kSmb2BulkHead);
    return {};
  }

  void message(Bytes bytes, bool cut, Context& context) {
    switch (kind_of(bytes)) {
      case Kind::none: return context.refused(DecodeError::bad_value);
      case Kind::smb1: return read_smb1(bytes, cut, session_, context);
      case Kind::smb2: return read_smb2(bytes, cut, session_, context);
      case Kind::encrypted: return tell_once(encrypted_told_, true, context);
      case Kind::compressed: return tell_once(compressed_told_, false, context);
    }
  }

  void tell_once(bool& told, bool encrypted, Context& context) {
    if (std::exchange(told, true)) return;
    SmbCommand command;
    command.version = "SMB2";
    command.name = encrypted ? "ENCRYPTED" : "COMPRESSED";
    command.encrypted = encrypted;
    command.compressed = !encrypted;
    session_.tell_command(command, nullptr, context);
  }

  SmbSession session_;
  std::array<Side, 2> sides_;
  bool encrypted_told_ = false, compressed_told_ = false;
};

// A session request of NetBIOS names two ends: | length u8 = 32 | 32 letters from A to P | 0 | twice.
Verdict probe_session_request(Bytes names) noexcept {
  constexpr std::size_t kName = 32;
  ByteReader reader{names};
  const std::uint8_t length = reader.u8();
  if (!reader.ok()) return Verdict::unsure;
  const Bytes letters = reader.bytes(kName);
  if (!reader.ok()) return Verdict::unsure;
  const bool good = std::ranges::all_of(letters, [](std::uint8_t c) { return c >= 'A' && c <= 'P'; });
  return length == kName && good ? Verdict::yes : Verdict::no;
}

Verdict probe(Bytes first, Direction, Transport, bool) {
  constexpr std::size_t kMagic = 4, kMessageMin = 32;  // no header is shorter than SMB1's
  constexpr std::uint8_t kSessionRequest = 0x81;
  Frame frame;
  const auto fault = read_frame(first, frame);
  if (fault) return *fault == DecodeError::truncated ? Verdict::unsure : Verdict::no;
  const Bytes rest = first.subspan(kFrameHeader);
  if (frame.netbios) return first[0] == kSessionRequest ? probe_session_request(rest) : Verdict::unsure;
  if (frame.length < kMessageMin) return Verdict::no;
  if (rest.size() < kMagic) return Verdict::unsure;
  return kind_of(rest) == Kind::none ? Verdict::no : Verdict::yes;
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<SmbAnalyzer>(); }

}  // namespace

Protocol smb_protocol() {
  Protocol p;
  p.name = "smb";
  p.help = "SMB 1 to 3: shares, files, named pipes and who logs on";
  p.types = smb_types();
  p.tcp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  p.stream_bytes_max = kFrameHeader + kHeadMax;
  return p;
}

}  // namespace nw::network
