#include "ingest/network/protocols/smb1_message.h"

#include <algorithm>

#include "ingest/network/protocols/smb_names.h"
#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

constexpr unsigned kDialectsMax = 32;          // clients offer at most a dozen
constexpr std::size_t kAndX = 4;               // the words that lead to the next block
constexpr std::uint16_t kTransactPipe = 0x26;  // TRANS_TRANSACT_NMPIPE: write and read at once

std::optional<DecodeError> verdict(bool good) noexcept {
  return good ? std::nullopt : std::optional{DecodeError::bad_value};
}

std::optional<Bytes> part(Bytes message, std::size_t offset, std::size_t length) noexcept {
  if (length == 0) return Bytes{};
  if (offset > message.size() || length > message.size() - offset) return {};
  return message.subspan(offset, length);
}

// Texts one after another, in a message or its block.
class Texts {
 public:
  // `at` lies within `message`.
  Texts(Bytes message, Bytes at, bool unicode) noexcept : base_{message.data()}, reader_{at}, unicode_{unicode} {}

  void skip(std::size_t bytes) noexcept { reader_.bytes(bytes); }
  // Up to a NUL or the end.
  std::string next() { return unicode_ ? next_utf16() : next_oem(); }
  std::string next_oem() {
    const Bytes rest = reader_.rest();
    const auto end = static_cast<std::size_t>(std::ranges::find(rest, 0) - rest.begin());
    const Bytes text = reader_.bytes(end);
    if (!reader_.empty()) reader_.u8();
    return text_of_oem(text, kSmbNameBytesMax);
  }
  // Behind a format octet.
  std::string formatted() {
    if (!reader_.empty()) reader_.u8();
    return next();
  }
  std::string next(std::size_t bytes) {
    align();
    const Bytes text = reader_.bytes(std::min(bytes, reader_.rest().size()));
    return unicode_ ? text_of_utf16(text, kSmbNameBytesMax) : text_of_oem(text, kSmbNameBytesMax);
  }
  [[nodiscard]] bool empty() const noexcept { return reader_.empty(); }
  [[nodiscard]] bool ok() const noexcept { return reader_.ok(); }

 private:
  void align() noexcept {
    if (unicode_ && !reader_.empty() && (reader_.rest().data() - base_) % 2 != 0) reader_.u8();
  }
  std::string next_utf16() {
    align();
    const Bytes rest = reader_.rest();
    std::size_t end = 0;
    while (end + 2 <= rest.size() && (rest[end] != 0 || rest[end + 1] != 0)) end += 2;
    end = std::min(end, rest.size());
    const Bytes text = reader_.bytes(end);
    reader_.bytes(std::min<std::size_t>(2, reader_.rest().size()));
    return text_of_utf16(text, kSmbNameBytesMax);
  }

  const std::uint8_t* base_;
  ByteReader reader_;
  bool unicode_;
};

// { 2 | text | 0 }
std::optional<DecodeError> negotiate_request(const Smb1Block& block, Smb1Body& out) {
  Texts texts{block.bytes, block.bytes, false};
  for (unsigned read = 0; !texts.empty(); ++read) {
    if (read == kDialectsMax || out.name.size() > kSmbNameBytesMax) return DecodeError::limit;
    if (read != 0) out.name += ',';
    out.name += texts.formatted();
  }
  return {};
}

// 12 words: a token; 13: hashes and names, the first of a code page and in UTF-16; 10: a password and names.
std::optional<DecodeError> session_setup_request(Bytes message, const Smb1Header& header, const Smb1Block& block,
                                                 Smb1Body& out) {
  constexpr std::size_t kToken = 24, kNames = 26;
  ByteReader words{block.words};
  words.bytes(14);
  const std::size_t first = words.u16le();
  if (!words.ok()) return DecodeError::bad_value;
  ByteReader bytes{block.bytes};
  if (block.words.size() == kToken) {
    out.data = bytes.bytes(first);
    return verdict(bytes.ok());
  }
  out.proof = block.words.size() == kNames ? words.u16le() : 0;
  bytes.bytes(first + out.proof);
  out.proof = std::max(first, out.proof);
  if (!bytes.ok()) return DecodeError::bad_value;
  Texts texts{message, bytes.rest(), header.unicode};
  out.user = texts.next();
  out.domain = texts.next();
  return {};
}

// Four words: AndX, the action, the token's length.
std::optional<DecodeError> session_setup_response(const Smb1Block& block, Smb1Body& out) noexcept {
  constexpr std::size_t kToken = 8;
  if (block.words.size() != kToken) return {};
  ByteReader words{block.words};
  words.bytes(kAndX + 2);
  ByteReader bytes{block.bytes};
  out.data = bytes.bytes(words.u16le());
  return verdict(bytes.ok());
}

std::optional<DecodeError> tree_connect_request(Bytes message, const Smb1Header& header, const Smb1Block& block,
                                                Smb1Body& out) {
  ByteReader words{block.words};
  words.bytes(kAndX + 2);
  Texts texts{message, block.bytes, header.unicode};
  texts.skip(words.u16le());  // the password
  out.name = texts.next();
  return verdict(words.ok() && texts.ok());
}

std::optional<DecodeError> tree_connect_response(Bytes message, const Smb1Header& header, const Smb1Block& block,
                                                 Smb1Body& out) {
  Texts texts{message, block.bytes, header.unicode};
  out.service = texts.next_oem();
  out.file_system = texts.next();
  out.tree = header.tree;
  return {};
}

// | AndX | reserved u8 | name's length u16 | flags, root, access u32 each | size u64 | attributes, sharing,
// disposition,
//   options u32 each | ...
std::optional<DecodeError> nt_create_request(Bytes message, const Smb1Header& header, const Smb1Block& block,
                                             Smb1Body& out) {
  constexpr std::uint32_t kDeleteOnClose = 0x1000;
  ByteReader words{block.words};
  words.bytes(kAndX + 1);
  const std::size_t length = words.u16le();
  words.bytes(32);
  out.delete_on_close = (words.u32le() & kDeleteOnClose) != 0;
  out.name = Texts{message, block.bytes, header.unicode}.next(length);
  return verdict(words.ok());
}

// | AndX | lock u8 | file u16 | action u32 | created, accessed, modified, changed u64 each | attributes u32 |
// allocated,
//   size u64 each | kind u16 | ...
std::optional<DecodeError> nt_create_response(const Smb1Block& block, Smb1Body& out) noexcept {
  ByteReader words{block.words};
  words.bytes(kAndX + 1);
  out.file = words.u16le();
  words.u32le();
  out.times.created = u64le(words);
  out.times.accessed = u64le(words);
  out.times.modified = u64le(words);
  out.times.changed = u64le(words);
  words.bytes(12);
  out.size = u64le(words);
  const std::uint16_t kind = words.u16le();
  out.share = kind == 0 ? SmbShare::disk : kind <= 2 ? SmbShare::pipe : kind == 3 ? SmbShare::print : SmbShare::unknown;
  return verdict(words.ok());
}

// | AndX | file, attributes u16 each | modified u32 | size u32 | ...
std::optional<DecodeError> open_response(const Smb1Block& block, Smb1Body& out) noexcept {
  ByteReader words{block.words};
  words.bytes(kAndX);
  out.file = words.u16le();
  words.bytes(6);
  out.size = words.u32le();
  return verdict(words.ok());
}

// | AndX | file u16 | offset u32 | length, least length u16 each | length high u32 | remaining u16 | offset high u32,
//   which old clients leave out |
std::optional<DecodeError> read_request(const Smb1Block& block, Smb1Body& out) noexcept {
  ByteReader words{block.words};
  words.bytes(kAndX);
  out.file = words.u16le();
  out.position = words.u32le();
  const bool good = words.ok();
  words.bytes(10);
  if (const std::uint32_t high = words.u32le(); words.ok()) out.position |= std::uint64_t{high} << 32U;
  return verdict(good);
}

// | AndX | available, compaction, reserved u16 each | length, offset u16 each | length high u16 | ...
std::optional<DecodeError> read_response(Bytes message, const Smb1Block& block, Smb1Body& out) noexcept {
  ByteReader words{block.words};
  words.bytes(kAndX + 6);
  const std::size_t low = words.u16le();
  out.data_at = words.u16le();
  const std::size_t high = words.u16le();
  out.amount = high << 16U | low;
  out.pipe = true;
  const auto data = part(message, out.data_at, static_cast<std::size_t>(out.amount));
  if (data) out.data = *data;
  return verdict(words.ok() && data);
}

// | AndX | file u16 | offset, reserved u32 each | mode, remaining u16 each | length high, length, offset u16 each |
//   offset high u32, which old clients leave out |
std::optional<DecodeError> write_request(Bytes message, const Smb1Block& block, Smb1Body& out) noexcept {
  ByteReader words{block.words};
  words.bytes(kAndX);
  out.file = words.u16le();
  out.position = words.u32le();
  words.bytes(8);
  const std::size_t high = words.u16le(), low = words.u16le();
  out.data_at = words.u16le();
  if (!words.empty()) out.position |= std::uint64_t{words.u32le()} << 32U;
  out.amount = high << 16U | low;
  out.pipe = true;
  const auto data = part(message, out.data_at, static_cast<std::size_t>(out.amount));
  if (data) out.data = *data;
  return verdict(words.ok() && data);
}

// | file u16 | level u16 | of TRANS2_SET_FILE_INFORMATION ([MS-CIFS] 2.2.6.9, and [MS-SMB]'s pass-through levels)
std::optional<DecodeError> set_file_information(Bytes parameters, Bytes data, bool unicode, Smb1Body& out) {
  enum : std::uint16_t { kBasic = 0x101, kDisposition = 0x102, kRename = 1010, kDispositionThrough = 1013 };
  ByteReader reader{parameters};
  out.file = reader.u16le();
  const std::uint16_t level = reader.u16le();
  if (!reader.ok()) return DecodeError::bad_value;
  if (level == kBasic) out.action = SmbAction::set_attribute;
  if ((level == kDisposition || level == kDispositionThrough) && !data.empty() && (data[0] & 1U) != 0)
    out.action = SmbAction::remove;
  if (level != kRename) return {};
  ByteReader rename{data};
  rename.bytes(8);
  const Bytes name = rename.bytes(rename.u32le());
  out.action = SmbAction::rename;
  out.name = unicode ? text_of_utf16(name, kSmbNameBytesMax) : text_of_oem(name, kSmbNameBytesMax);
  return verdict(rename.ok());
}

std::optional<DecodeError> transaction2_request(Bytes message, Bytes parameters, Bytes data, bool unicode,
                                                Smb1Body& out) {
  enum : std::uint16_t {
    kOpen = 0,
    kFindFirst = 1,
    kQueryPath = 5,
    kSetPath = 6,
    kQueryFile = 7,
    kSetFile = 8,
    kMake = 13
  };
  // Where the name is among the parameters.
  const auto named = [&](std::size_t at) {
    if (at <= parameters.size()) out.name = Texts{message, parameters.subspan(at), unicode}.next();
    return verdict(at <= parameters.size());
  };
  switch (out.sub_command) {
    case kOpen: return named(28);
    case kFindFirst: return named(12);
    case kQueryPath:
    case kSetPath: return named(6);
    case kMake: return named(4);
    case kQueryFile: {
      ByteReader reader{parameters};
      out.file = reader.u16le();
      return verdict(reader.ok());
    }
    case kSetFile: return set_file_information(parameters, data, unicode, out);
    default: return {};
  }
}

// | all parameters, all data, room for either u16 each | room for setup u8 | 0 u8 | flags u16 | timeout u32 | 0 u16 |
//   parameters, offset, data, offset u16 each | setup words u8 | 0 u8 | setup |
std::optional<DecodeError> transaction_request(Bytes message, const Smb1Header& header, std::uint8_t command,
                                               const Smb1Block& block, Smb1Body& out) {
  ByteReader words{block.words};
  words.bytes(18);
  const std::size_t parameter_bytes = words.u16le(), parameter_offset = words.u16le();
  const std::size_t data_bytes = words.u16le(), data_offset = words.u16le();
  const std::uint8_t setup = words.u8();
  words.u8();
  const auto parameters = part(message, parameter_offset, parameter_bytes);
  const auto data = part(message, data_offset, data_bytes);
  if (!words.ok() || !parameters || !data) return DecodeError::bad_value;
  if (setup > 0) out.sub_command = words.u16le();
  if (command == smb1_command::kTransaction2)
    return transaction2_request(message, *parameters, *data, header.unicode, out);
  out.name = Texts{message, block.bytes, header.unicode}.next();
  out.pipe = out.sub_command == kTransactPipe;
  if (!out.pipe) return {};
  out.file = words.u16le();
  out.data = *data;
  return verdict(words.ok());
}

// | all parameters, all data, 0 u16 each | parameters, offset, displacement u16 each | data, offset, displacement u16 |
std::optional<DecodeError> transaction_response(Bytes message, const Smb1Block& block, Smb1Body& out) noexcept {
  if (block.words.empty()) return {};  // an interim response
  ByteReader words{block.words};
  words.bytes(12);
  const std::size_t bytes = words.u16le(), offset = words.u16le();
  const auto data = part(message, offset, bytes);
  if (data) out.data = *data;
  return verdict(words.ok() && data);
}

}  // namespace

std::optional<DecodeError> read_smb1_header(Bytes message, Smb1Header& out) noexcept {
  constexpr std::uint32_t kMagic = 0xFF534D42;
  constexpr std::uint8_t kReply = 0x80;
  constexpr std::uint16_t kUnicode = 0x8000;
  ByteReader reader{message};
  const std::uint32_t magic = reader.u32be();
  if (reader.ok() && magic != kMagic) return DecodeError::bad_value;
  out.command = reader.u8();
  out.status = reader.u32le();
  out.response = (reader.u8() & kReply) != 0;
  out.unicode = (reader.u16le() & kUnicode) != 0;
  out.process = std::uint32_t{reader.u16le()} << 16U;
  reader.bytes(10);
  out.tree = reader.u16le();
  out.process |= reader.u16le();
  out.user = reader.u16le();
  out.multiplex = reader.u16le();
  return reader.ok() ? std::nullopt : std::optional{DecodeError::truncated};
}

std::optional<DecodeError> read_smb1_block(Bytes message, std::size_t offset, std::uint8_t command,
                                           Smb1Block& out) noexcept {
  ByteReader reader{message};
  reader.bytes(offset);
  out.words = reader.bytes(std::size_t{2} * reader.u8());
  const std::size_t bytes = reader.u16le();
  if (!reader.ok()) return DecodeError::truncated;
  // Large writes have a count that is too small, cut messages one that is too large.
  out.bytes = reader.rest().first(std::min(bytes, reader.rest().size()));
  using namespace smb1_command;
  const bool chained = command == kLocking || command == kOpen || command == kRead || command == kWrite ||
                       command == kSessionSetup || command == kLogoff || command == kTreeConnect ||
                       command == kNtCreate;
  if (!chained || out.words.size() < kAndX) return {};
  ByteReader words{out.words};
  out.next_command = words.u8();
  words.u8();
  out.next = words.u16le();
  return {};
}

std::optional<DecodeError> read_smb1_request(Bytes message, const Smb1Header& header, std::uint8_t command,
                                             const Smb1Block& block, Smb1Body& out) {
  using namespace smb1_command;
  ByteReader words{block.words};
  Texts texts{message, block.bytes, header.unicode};
  switch (command) {
    case kNegotiate: return negotiate_request(block, out);
    case kSessionSetup: return session_setup_request(message, header, block, out);
    case kTreeConnect: return tree_connect_request(message, header, block, out);
    case kTreeConnectOld: out.name = Texts{message, block.bytes, false}.formatted(); return {};
    case kNtCreate: return nt_create_request(message, header, block, out);
    case kOpen: out.name = texts.next(); return {};
    case kClose: out.file = words.u16le(); return verdict(words.ok());
    case kDelete: out.name = texts.formatted(); return {};
    case kRename:
      out.name = texts.formatted();
      out.new_name = texts.formatted();
      return {};
    case kRead: return read_request(block, out);
    case kWrite: return write_request(message, block, out);
    case kTransaction:
    case kTransaction2: return transaction_request(message, header, command, block, out);
    default: return {};
  }
}

std::optional<DecodeError> read_smb1_response(Bytes message, const Smb1Header& header, std::uint8_t command,
                                              const Smb1Block& block, Smb1Body& out) {
  using namespace smb1_command;
  ByteReader words{block.words};
  switch (command) {
    case kNegotiate: out.dialect = words.u16le(); return verdict(words.ok());
    case kSessionSetup: return session_setup_response(block, out);
    case kTreeConnect: return tree_connect_response(message, header, block, out);
    case kTreeConnectOld:
      words.u16le();
      out.tree = words.u16le();
      return verdict(words.ok());
    case kNtCreate: return nt_create_response(block, out);
    case kOpen: return open_response(block, out);
    case kRead: return read_response(message, block, out);
    case kTransaction: return transaction_response(message, block, out);
    default: return {};
  }
}

}  // namespace nw::network
