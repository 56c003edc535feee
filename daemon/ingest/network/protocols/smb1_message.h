// Messages of SMB1 ([MS-CIFS] 2.2.3, with [MS-SMB]'s extensions). Each begins
// | 0xFF "SMB" | command u8 | status u32 | flags u8 | flags2 u16 | process high u16 | signature 8 | reserved u16 |
//   tree u16 | process u16 | user u16 | multiplex u16 |
// and goes on with a block | words u8 | words × u16 | bytes u16 | bytes |. The words of "AndX" commands begin with the
// next command and where its block is, from the message's first byte. All numbers are in little endian; texts are
// UTF-16 at even offsets, or of a code page, and end with NUL. All views are into the input.
#pragma once

#include <optional>
#include <string>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/smb_session.h"

namespace nw::network {

namespace smb1_command {
enum : std::uint8_t {
  kClose = 0x04,
  kDelete = 0x06,
  kRename = 0x07,
  kLocking = 0x24,
  kTransaction = 0x25,
  kTransactionSecondary = 0x26,
  kOpen = 0x2d,
  kRead = 0x2e,
  kWrite = 0x2f,
  kTransaction2 = 0x32,
  kTransaction2Secondary = 0x33,
  kTreeConnectOld = 0x70,
  kTreeDisconnect = 0x71,
  kNegotiate = 0x72,
  kSessionSetup = 0x73,
  kLogoff = 0x74,
  kTreeConnect = 0x75,
  kNtTransactSecondary = 0xa1,
  kNtCreate = 0xa2,
  kNtCancel = 0xa4,
  kNone = 0xff,
};
}

struct Smb1Header {
  static constexpr std::size_t kBytes = 32;

  std::uint8_t command = 0;
  std::uint32_t status = 0;  // NTSTATUS, or a class and code of DOS
  bool response = false, unicode = false;
  std::uint16_t tree = 0, user = 0, multiplex = 0;
  std::uint32_t process = 0;
};

struct Smb1Block {
  Bytes words, bytes;
  std::uint8_t next_command = smb1_command::kNone;  // of AndX
  std::size_t next = 0;                             // and where its block is
};

// What is read of a request or response. Which of it is there depends on the command.
struct Smb1Body {
  std::uint16_t file = 0;
  std::string name, new_name;  // of a file or share; dialects, with commas between
  std::string service, file_system, user, domain;
  Bytes data;                  // a security token, or what goes through a pipe
  std::uint64_t amount = 0;    // bytes read or written
  std::uint64_t position = 0;  // where in the file
  std::size_t data_at = 0;     // where in the message are the bytes
  std::uint16_t sub_command = 0;
  std::uint16_t dialect = 0;  // its place among those offered
  std::uint16_t tree = 0;
  bool pipe = false;      // `data` goes through one
  std::size_t proof = 0;  // bytes of a password's hash, outside of NTLM's messages
  bool delete_on_close = false;
  SmbShare share = SmbShare::unknown;
  SmbFile::Times times;
  std::uint64_t size = 0;
  std::optional<SmbAction> action;
};

// `bad_value` when it is none; `truncated` asks for more bytes.
std::optional<DecodeError> read_smb1_header(Bytes message, Smb1Header& out) noexcept;
// The block of `command` at `offset`; what lies beyond a message that is cut is left out.
std::optional<DecodeError> read_smb1_block(Bytes message, std::size_t offset, std::uint8_t command,
                                           Smb1Block& out) noexcept;

// `bad_value`: a part lies outside the message; what could be read is in `out`.
std::optional<DecodeError> read_smb1_request(Bytes message, const Smb1Header& header, std::uint8_t command,
                                             const Smb1Block& block, Smb1Body& out);
std::optional<DecodeError> read_smb1_response(Bytes message, const Smb1Header& header, std::uint8_t command,
                                              const Smb1Block& block, Smb1Body& out);

}  // namespace nw::network
