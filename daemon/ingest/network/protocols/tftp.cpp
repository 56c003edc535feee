// TFTP (RFC 1350, options by RFC 2347):
// | 1 read, 2 write u16 | file, 0 | mode, 0 | option, 0, value, 0 | ...     | 3 data u16 | block u16 | up to 512 octets
// | | 4 acknowledgement u16 | block u16 |     | 5 error u16 | code u16 | text, 0 |     | 6 options u16 | option, 0,
// value, 0 | ...
//
// Three kinds of `tftp` event: a request, at once; a transfer, at its end; an error. A server answers from a port of
// its own, so request and transfer are two flows; the client's address and port are the same in both.
#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kIsOrig,
  kOpcode,
  kFile,
  kMode,
  kBlocks,
  kBytes,
  kComplete,
  kBlockSize,
  kErrorCode,
  kErrorName,
  kErrorMessage
};

constexpr auto kFields = std::to_array<FieldSpec>({
    {"is_orig", "boolean", "sent by the flow's originator: who asks, whose file it is, who refuses (ours)"},
    {"opcode", "text", "RRQ reads, WRQ writes, DATA tells of a transfer, ERROR (ours)"},
    {"file", "text", "name; in DATA and ERROR only if the request was in the same flow (ours)"},
    {"mode", "text", "netascii, octet or mail, in lower case (ours)"},
    {"blocks", "integer", "of a transfer, each counted once (ours)"},
    {"bytes", "integer", "in those blocks (ours)"},
    {"complete", "boolean", "the transfer's last block was seen (ours)"},
    {"block_size", "integer", "octets per block, when the two agreed on another than 512 (ours)"},
    {"error_code", "integer", "of an ERROR (ours)"},
    {"error_name", "text", "file_not_found, access_violation, ... (ours)"},
    {"error_message", "text", "what the sender says of it (ours)"},
});
constexpr std::array<std::string_view, 1> kService{"tftp"};
constexpr std::array<event::TypeSpec, 1> kTypes{{{"tftp", "normwatch", kService, kService, kFields, false}}};
constexpr std::array<std::uint16_t, 1> kPorts{69};

enum Opcode : std::uint16_t { kRead = 1, kWrite = 2, kData = 3, kAck = 4, kError = 5, kOptions = 6 };

constexpr std::size_t kNameMax = 512;        // octets of a file's name: a request fits one datagram of 512
constexpr std::size_t kOptionsMax = 16;      // per message; five are known
constexpr std::size_t kOctetsDefault = 512;  // per block
constexpr std::size_t kOctetsMin = 8, kOctetsMax = 65'464;  // RFC 2348

// Octets up to a zero, which is taken too. A reader without zero fails.
Bytes read_string(ByteReader& reader) {
  const Bytes rest = reader.rest();
  const auto end = static_cast<std::size_t>(std::ranges::find(rest, 0) - rest.begin());
  const Bytes text = reader.bytes(std::min(end, rest.size()));
  reader.u8();
  return text;
}

bool same_word(Bytes bytes, std::string_view word) {
  return std::ranges::equal(bytes, word, [](std::uint8_t a, char b) {
    return (a >= 'A' && a <= 'Z' ? a | 0x20 : a) == static_cast<std::uint8_t>(b);
  });
}

// The mode's name, or nothing when it is none.
std::string_view mode_name(Bytes mode) {
  for (const std::string_view name : {"netascii", "octet", "mail"})
    if (same_word(mode, name)) return name;
  return {};
}

std::string_view error_name(unsigned code) {
  static constexpr auto kNames = std::to_array<std::string_view>({"not_defined", "file_not_found", "access_violation",
                                                                  "disk_full", "illegal_operation", "unknown_transfer",
                                                                  "file_exists", "no_such_user", "option_refused"});
  return code < kNames.size() ? kNames[code] : std::string_view{};
}

// Without control characters, but for a zero at the end.
bool is_text(Bytes bytes) {
  if (!bytes.empty() && bytes.back() == 0) bytes = bytes.first(bytes.size() - 1);
  return std::ranges::none_of(bytes, [](std::uint8_t c) { return c < 0x20 && c != '\t' && c != '\r' && c != '\n'; });
}

std::size_t number_of(Bytes digits) {
  std::size_t number = 0;
  for (const std::uint8_t c : digits.first(std::min<std::size_t>(digits.size(), 6)))
    number = c >= '0' && c <= '9' ? number * 10 + (c - std::size_t{'0'}) : 0;
  return number;
}

struct Options {
  std::optional<std::size_t> block_size;
  bool known = false;  // at least one was
};

std::optional<DecodeError> read_options(ByteReader& reader, Options& out) {
  for (std::size_t read = 0; !reader.empty(); ++read) {
    if (read == kOptionsMax) return DecodeError::limit;
    const Bytes name = read_string(reader), value = read_string(reader);
    if (!reader.ok()) return DecodeError::truncated;
    for (const std::string_view known : {"blksize", "timeout", "tsize", "windowsize", "multicast"})
      out.known = out.known || same_word(name, known);
    const std::size_t size = number_of(value);
    if (same_word(name, "blksize") && size >= kOctetsMin && size <= kOctetsMax) out.block_size = size;
  }
  return {};
}

class TftpAnalyzer final : public Analyzer {
 public:
  void datagram(Bytes bytes, Direction direction, Context& context) override {
    if (!context.wants(0)) return;
    ByteReader reader{bytes};
    const std::uint16_t opcode = reader.u16be();
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    switch (opcode) {
      case kRead:
      case kWrite: return request(opcode, reader, direction, context);
      case kData: return data(reader, direction, context);
      case kAck: return;
      case kError: return error(reader, direction, context);
      case kOptions: return options(reader, context);
      default: return context.refused(DecodeError::bad_value);
    }
  }

  void finish(Context& context) override {
    if (blocks_ != 0) transfer(false, context);
  }

 private:
  EventWriter begin(std::string_view opcode, Direction sender, Timestamp time, Context& context) const {
    EventWriter out = context.begin(0, time);
    out.set(kIsOrig, Value::boolean(sender == Direction::to_responder));
    out.set(kOpcode, Value::text(opcode));
    set_text(out, kFile, file_);
    if (!mode_.empty()) out.set(kMode, Value::text(mode_));
    return out;
  }

  void request(std::uint16_t opcode, ByteReader& reader, Direction direction, Context& context) {
    const Bytes file = read_string(reader), mode = read_string(reader);
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    if (file.size() > kNameMax) return context.refused(DecodeError::too_long);
    if (mode_name(mode).empty()) return context.refused(DecodeError::bad_value);
    finish(context);
    file_.assign(file.begin(), file.end());
    mode_ = mode_name(mode);
    block_size_ = kOctetsDefault;
    done_.reset();
    Options asked;
    if (const auto fault = read_options(reader, asked)) context.refused(*fault);
    EventWriter out = begin(opcode == kRead ? "RRQ" : "WRQ", direction, context.now(), context);
    if (asked.block_size) out.set(kBlockSize, Value::integer(static_cast<std::int64_t>(*asked.block_size)));
    context.emit();
  }

  // What the server agrees to; only then it holds.
  void options(ByteReader& reader, Context& context) {
    Options agreed;
    if (const auto fault = read_options(reader, agreed)) context.refused(*fault);
    block_size_ = agreed.block_size.value_or(kOctetsDefault);
  }

  void data(ByteReader& reader, Direction direction, Context& context) {
    const std::uint16_t block = reader.u16be();
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    const std::size_t size = reader.rest().size();
    // A transfer begins with block 1: what begins otherwise on the port is nothing, or was under way before we looked.
    if (blocks_ == 0 && !done_ && block != 1) return context.refused(DecodeError::bad_value);
    if (size > block_size_ && block_size_ != kOctetsDefault) return context.refused(DecodeError::too_long);
    // Behind a transfer: one of its blocks again, unless another begins.
    if (blocks_ == 0 && done_ && (block != 1 || *done_ == block)) return;
    // Blocks of one side are counted in their order; one that comes again is left out.
    if (blocks_ != 0 && (direction != sender_ || block != static_cast<std::uint16_t>(last_ + 1U))) return;
    if (blocks_ == 0) {
      first_ = context.now();
      sender_ = direction;
    }
    last_ = block;
    ++blocks_;
    bytes_ += static_cast<std::int64_t>(size);
    // An agreement that we did not see shows in the first block.
    if (size > block_size_) block_size_ = size;
    if (size == block_size_) return;
    done_ = block;
    transfer(true, context);
  }

  void transfer(bool complete, Context& context) {
    EventWriter out = begin("DATA", sender_, first_, context);
    out.set(kBlocks, Value::integer(blocks_));
    out.set(kBytes, Value::integer(bytes_));
    out.set(kComplete, Value::boolean(complete));
    if (block_size_ != kOctetsDefault) out.set(kBlockSize, Value::integer(static_cast<std::int64_t>(block_size_)));
    context.emit();
    blocks_ = bytes_ = 0;
  }

  void error(ByteReader& reader, Direction direction, Context& context) {
    const std::uint16_t code = reader.u16be();
    if (!reader.ok()) return context.refused(DecodeError::truncated);
    // Some senders leave the zero out.
    const Bytes text = reader.rest();
    if (error_name(code).empty() || !is_text(text)) return context.refused(DecodeError::bad_value);
    finish(context);
    EventWriter out = begin("ERROR", direction, context.now(), context);
    out.set(kErrorCode, Value::integer(code));
    out.set(kErrorName, Value::text(error_name(code)));
    set_text(out, kErrorMessage, text);
    context.emit();
  }

  std::vector<std::uint8_t> file_;
  std::string_view mode_;  // static
  std::size_t block_size_ = kOctetsDefault;
  Timestamp first_{};
  Direction sender_ = Direction::to_responder;  // of the transfer's first block
  std::int64_t blocks_ = 0, bytes_ = 0;
  std::uint16_t last_ = 0;
  std::optional<std::uint16_t> done_;  // the last block of the transfer before
};

// Off the port: a whole request, an agreement on known options, or a full first block, which is how a server's answer
// from its own port begins. Shorter files are not recognised there.
Verdict probe(Bytes first, Direction, Transport, bool on_port) {
  ByteReader reader{first};
  const std::uint16_t opcode = reader.u16be();
  if (!reader.ok() || opcode < kRead || opcode > kOptions) return Verdict::no;
  if (on_port) return Verdict::yes;
  Options options;
  switch (opcode) {
    case kRead:
    case kWrite: {
      const Bytes file = read_string(reader), mode = read_string(reader);
      if (!reader.ok() || file.empty() || mode_name(mode).empty()) return Verdict::no;
      return read_options(reader, options) ? Verdict::no : Verdict::yes;
    }
    case kData: {
      const bool first_block = reader.u16be() == 1;
      return first_block && reader.rest().size() == kOctetsDefault ? Verdict::yes : Verdict::no;
    }
    case kOptions: return !read_options(reader, options) && options.known ? Verdict::yes : Verdict::no;
    case kError: {  // a server refuses from a port of its own too
      const bool known = !error_name(reader.u16be()).empty();
      const Bytes text = read_string(reader);
      const bool whole = reader.ok() && reader.rest().empty() && !text.empty() && is_text(text);
      return known && whole ? Verdict::yes : Verdict::no;
    }
    default: return Verdict::no;
  }
}

std::unique_ptr<Analyzer> make(Transport) { return std::make_unique<TftpAnalyzer>(); }

}  // namespace

Protocol tftp_protocol() {
  Protocol p;
  p.name = "tftp";
  p.help = "TFTP: files to and from devices, without any password";
  p.types = kTypes;
  p.udp = true;
  p.ports = kPorts;
  p.probe = probe;
  p.make = make;
  return p;
}

}  // namespace nw::network
