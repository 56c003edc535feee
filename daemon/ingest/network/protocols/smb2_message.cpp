#include "ingest/network/protocols/smb2_message.h"

#include "ingest/network/protocols/windows_text.h"

namespace nw::network {

namespace {

// `length` bytes of a message from `offset` on. Empty and failed when they are not there.
struct Part {
  Bytes bytes;
  bool ok = true;
};

Part part(Bytes message, std::size_t offset, std::size_t length) noexcept {
  if (length == 0) return {};
  if (offset > message.size() || length > message.size() - offset) return {{}, false};
  return {message.subspan(offset, length), true};
}

std::optional<DecodeError> verdict(bool good) noexcept {
  return good ? std::nullopt : std::optional{DecodeError::bad_value};
}

SmbFileId file_id(ByteReader& reader) noexcept {
  SmbFileId id;
  id.persistent = u64le(reader);
  id.fleeting = u64le(reader);
  return id;
}

ByteReader body(Bytes message) noexcept {
  ByteReader reader{message};
  reader.bytes(Smb2Header::kBytes);
  return reader;
}

// | size u16 | flags, security mode u8 each | capabilities, channel u32 each | offset u16 | length u16 | previous u64 |
std::optional<DecodeError> session_setup_request(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(12);
  const std::size_t offset = reader.u16le(), length = reader.u16le();
  const Part token = part(message, offset, length);
  out.data = token.bytes;
  return verdict(reader.ok() && token.ok);
}

// | size u16 | flags u16 | offset u16 | length u16 |
std::optional<DecodeError> session_setup_response(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(4);
  const std::size_t offset = reader.u16le(), length = reader.u16le();
  const Part token = part(message, offset, length);
  out.data = token.bytes;
  return verdict(reader.ok() && token.ok);
}

// | size u16 | flags u16 | offset u16 | length u16 |
std::optional<DecodeError> tree_connect_request(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(4);
  const std::size_t offset = reader.u16le(), length = reader.u16le();
  const Part name = part(message, offset, length);
  out.name = name.bytes;
  return verdict(reader.ok() && name.ok);
}

// | size u16 | kind u8 | ...
std::optional<DecodeError> tree_connect_response(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(2);
  const std::uint8_t kind = reader.u8();
  if (kind >= 1 && kind <= 3) out.share = kind == 1 ? SmbShare::disk : kind == 2 ? SmbShare::pipe : SmbShare::print;
  return verdict(reader.ok() && out.share != SmbShare::unknown);
}

// | size u16 | flags, lock u8 each | impersonation u32 | 16 bytes | access, attributes, sharing, disposition, options
// u32
//   each | name offset u16 | name length u16 | ...
std::optional<DecodeError> create_request(Bytes message, Smb2Body& out) noexcept {
  constexpr std::uint32_t kDeleteOnClose = 0x1000;
  ByteReader reader = body(message);
  reader.bytes(40);
  out.delete_on_close = (reader.u32le() & kDeleteOnClose) != 0;
  const std::size_t offset = reader.u16le(), length = reader.u16le();
  const Part name = part(message, offset, length);
  out.name = name.bytes;
  return verdict(reader.ok() && name.ok);
}

// | size u16 | lock, flags u8 each | action u32 | created, accessed, modified, changed u64 each | allocated u64 | size
// u64
//   | attributes u32 | reserved u32 | file 16 | ...
std::optional<DecodeError> create_response(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(8);
  out.times.created = u64le(reader);
  out.times.accessed = u64le(reader);
  out.times.modified = u64le(reader);
  out.times.changed = u64le(reader);
  u64le(reader);
  out.size = u64le(reader);
  reader.bytes(8);
  out.file = file_id(reader);
  return verdict(reader.ok());
}

// | size u16 | flags u16 | reserved u32 | file 16 |, as of CLOSE, FLUSH and LOCK.
std::optional<DecodeError> file_request(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(8);
  out.file = file_id(reader);
  return verdict(reader.ok());
}

// | size u16 | padding, flags u8 each | length u32 | offset u64 | file 16 | ...
std::optional<DecodeError> read_request(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(4);
  out.amount = reader.u32le();
  out.position = u64le(reader);
  out.file = file_id(reader);
  return verdict(reader.ok());
}

// | size u16 | offset u8 | reserved u8 | length u32 | ...
std::optional<DecodeError> read_response(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(2);
  out.data_at = reader.u8();
  reader.u8();
  out.amount = reader.u32le();
  const Part data = part(message, out.data_at, out.amount);
  out.data = data.bytes;
  return verdict(reader.ok() && data.ok);
}

// | size u16 | data offset u16 | length u32 | offset u64 | file 16 | ...
std::optional<DecodeError> write_request(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(2);
  out.data_at = reader.u16le();
  out.amount = reader.u32le();
  out.position = u64le(reader);
  out.file = file_id(reader);
  const Part data = part(message, out.data_at, out.amount);
  out.data = data.bytes;
  return verdict(reader.ok() && data.ok);
}

// | size u16 | reserved u16 | count u32 | ...
std::optional<DecodeError> write_response(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(4);
  out.amount = reader.u32le();
  return verdict(reader.ok());
}

// | size u16 | reserved u16 | control u32 | file 16 | input offset u32 | input length u32 | maximum u32, of requests
// only |
//   output offset u32 | output length u32 | ...
std::optional<DecodeError> ioctl(Bytes message, bool response, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(4);
  out.control = reader.u32le();
  out.file = file_id(reader);
  std::size_t offset = reader.u32le(), length = reader.u32le();
  if (response) {
    offset = reader.u32le();
    length = reader.u32le();
  }
  const Part data = part(message, offset, length);
  out.data = data.bytes;
  return verdict(reader.ok() && data.ok);
}

// | replace u8 | reserved 7 | root u64 | length u32 | name | ([MS-FSCC] 2.4.42)
std::optional<DecodeError> rename(Bytes information, Smb2Body& out) noexcept {
  ByteReader reader{information};
  reader.bytes(16);
  out.name = reader.bytes(reader.u32le());
  out.action = SmbAction::rename;
  return verdict(reader.ok());
}

// | size u16 | type u8 | class u8 | length u32 | offset u16 | reserved u16 | additional u32 | file 16 | ...
std::optional<DecodeError> set_info_request(Bytes message, Smb2Body& out) noexcept {
  enum : std::uint8_t { kBasic = 4, kRename = 10, kDisposition = 13, kDispositionEx = 64, kRenameEx = 65 };
  ByteReader reader = body(message);
  reader.bytes(2);
  const std::uint8_t type = reader.u8(), kind = reader.u8();
  const std::size_t length = reader.u32le(), offset = reader.u16le();
  reader.bytes(6);
  out.file = file_id(reader);
  const Part information = part(message, offset, length);
  if (!reader.ok() || !information.ok) return DecodeError::bad_value;
  constexpr std::uint8_t kFileInformation = 1;
  if (type != kFileInformation) return {};
  if (kind == kRename || kind == kRenameEx) return rename(information.bytes, out);
  if (kind == kBasic) out.action = SmbAction::set_attribute;
  const bool removed = !information.bytes.empty() && (information.bytes[0] & 1U) != 0;
  if ((kind == kDisposition || kind == kDispositionEx) && removed) out.action = SmbAction::remove;
  return {};
}

// | size u16 | kind u8 | class u8 | length u32 | offset u16 | reserved u16 | input length, additional, flags u32 each |
//   file 16 | of QUERY_INFO; QUERY_DIRECTORY and CHANGE_NOTIFY have theirs at 8.
std::optional<DecodeError> query_info_request(Bytes message, Smb2Body& out) noexcept {
  ByteReader reader = body(message);
  reader.bytes(24);
  out.file = file_id(reader);
  return verdict(reader.ok());
}

}  // namespace

std::optional<DecodeError> read_smb2_header(Bytes message, Smb2Header& out) noexcept {
  constexpr std::uint32_t kMagic = 0xFE534D42;
  constexpr std::uint32_t kResponse = 1, kAsynchronous = 2, kRelated = 4;
  constexpr std::uint16_t kCommandMax = static_cast<std::uint16_t>(Smb2Command::server_to_client_notification);
  ByteReader reader{message};
  const std::uint32_t magic = reader.u32be();
  if (reader.ok() && magic != kMagic) return DecodeError::bad_value;
  const std::uint16_t size = reader.u16le();
  if (reader.ok() && size != Smb2Header::kBytes) return DecodeError::bad_value;
  reader.u16le();
  out.status = reader.u32le();
  out.command = reader.u16le();
  if (reader.ok() && out.command > kCommandMax) return DecodeError::bad_value;
  reader.u16le();
  const std::uint32_t flags = reader.u32le();
  out.response = (flags & kResponse) != 0;
  out.asynchronous = (flags & kAsynchronous) != 0;
  out.related = (flags & kRelated) != 0;
  out.next = reader.u32le();
  out.message = u64le(reader);
  reader.u32le();
  out.tree = reader.u32le();
  out.session = u64le(reader);
  reader.bytes(16);
  return reader.ok() ? std::nullopt : std::optional{DecodeError::truncated};
}

std::optional<DecodeError> read_smb2_request(Bytes message, Smb2Command command, Smb2Body& out) noexcept {
  switch (command) {
    case Smb2Command::session_setup: return session_setup_request(message, out);
    case Smb2Command::tree_connect: return tree_connect_request(message, out);
    case Smb2Command::create: return create_request(message, out);
    case Smb2Command::close:
    case Smb2Command::flush:
    case Smb2Command::lock:
    case Smb2Command::query_directory:
    case Smb2Command::change_notify: return file_request(message, out);
    case Smb2Command::read: return read_request(message, out);
    case Smb2Command::write: return write_request(message, out);
    case Smb2Command::ioctl: return ioctl(message, false, out);
    case Smb2Command::query_info: return query_info_request(message, out);
    case Smb2Command::set_info: return set_info_request(message, out);
    default: return {};
  }
}

std::optional<DecodeError> read_smb2_response(Bytes message, Smb2Command command, Smb2Body& out) noexcept {
  switch (command) {
    case Smb2Command::negotiate: {
      ByteReader reader = body(message);
      reader.bytes(4);
      out.dialect = reader.u16le();
      return verdict(reader.ok());
    }
    case Smb2Command::session_setup: return session_setup_response(message, out);
    case Smb2Command::tree_connect: return tree_connect_response(message, out);
    case Smb2Command::create: return create_response(message, out);
    case Smb2Command::read: return read_response(message, out);
    case Smb2Command::write: return write_response(message, out);
    case Smb2Command::ioctl: return ioctl(message, true, out);
    default: return {};
  }
}

}  // namespace nw::network
