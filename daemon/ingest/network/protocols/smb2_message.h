// Messages of SMB2 and SMB3 ([MS-SMB2] 2.2). Each begins
// | 0xFE "SMB" | size u16 = 64 | credit charge u16 | status u32 | command u16 | credits u16 | flags u32 | next u32 |
//   message u64 | reserved u32, tree u32 (or: asynchronous id u64) | session u64 | signature 16 |
// and several may follow each other in one frame: `next` leads from one to the next. Offsets inside a message count
// from its first byte; all numbers are in little endian. All views are into the input.
#pragma once

#include <optional>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/smb_session.h"

namespace nw::network {

enum class Smb2Command : std::uint16_t {
  negotiate,
  session_setup,
  logoff,
  tree_connect,
  tree_disconnect,
  create,
  close,
  flush,
  read,
  write,
  lock,
  ioctl,
  cancel,
  echo,
  query_directory,
  change_notify,
  query_info,
  set_info,
  oplock_break,
  server_to_client_notification,  // that a session is over; nobody asked
};

struct Smb2Header {
  static constexpr std::size_t kBytes = 64;

  std::uint32_t status = 0;
  std::uint16_t command = 0;
  bool response = false, asynchronous = false, related = false;
  std::size_t next = 0;
  std::uint64_t message = 0, session = 0;
  std::uint32_t tree = 0;  // not in asynchronous ones
};

// `bad_value` when it is none; `truncated` asks for more bytes.
std::optional<DecodeError> read_smb2_header(Bytes message, Smb2Header& out) noexcept;

// What is read of a request or response. Which of it is there depends on the command.
struct Smb2Body {
  SmbFileId file;
  Bytes name;                  // UTF-16: of a file, a share, or what a file is renamed to
  Bytes data;                  // a security token, or what goes through a pipe
  std::uint32_t amount = 0;    // bytes read or written
  std::uint64_t position = 0;  // where in the file
  std::size_t data_at = 0;     // where in the message are the bytes
  std::uint32_t control = 0;   // which IOCTL
  std::uint16_t dialect = 0;
  SmbShare share = SmbShare::unknown;
  SmbFile::Times times;
  std::uint64_t size = 0;
  bool delete_on_close = false;
  std::optional<SmbAction> action;  // that a change of a file's information comes to
};

constexpr std::uint32_t kSmb2PipeTransceive = 0x0011C017;  // FSCTL_PIPE_TRANSCEIVE: write and read at once

// `bad_value`: a part lies outside the message; what could be read is in `out`.
std::optional<DecodeError> read_smb2_request(Bytes message, Smb2Command command, Smb2Body& out) noexcept;
std::optional<DecodeError> read_smb2_response(Bytes message, Smb2Command command, Smb2Body& out) noexcept;

}  // namespace nw::network
