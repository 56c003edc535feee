// The inside of MySQL's packets, as far as `mysql` events tell of it (MySQL Internals: client/server protocol).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/byte_reader.h"

namespace nw::network {

namespace mysql_capability {
constexpr std::uint32_t kConnectWithDatabase = 0x8, kCompress = 0x20, kProtocol41 = 0x200, kSsl = 0x800,
                        kSecureConnection = 0x8000, kLengthEncodedAuth = 0x20'0000, kZstd = 0x400'0000,
                        kQueryAttributes = 0x800'0000;
}  // namespace mysql_capability

// What the server says first. Views the input.
struct MysqlGreeting {
  std::uint8_t protocol = 0;
  Bytes version;
  std::uint32_t capabilities = 0;
};
// False when it is cut or of no known form.
bool read_mysql_greeting(Bytes body, MysqlGreeting& out);
// Whether it has what every server's greeting has: strict enough for any port.
bool is_mysql_greeting(Bytes body);

// How the client answers: who it is. The password's proof is passed over. Views the input.
struct MysqlLogin {
  std::uint32_t capabilities = 0;
  bool ssl_request = false;  // TLS begins behind it; nothing else is there
  Bytes user, database;
};
bool read_mysql_login(Bytes body, MysqlLogin& out);
bool is_mysql_login(Bytes body);
// The same before version 4.1, which has less to tell it by.
bool is_old_mysql_login(Bytes body);

struct MysqlError {
  std::uint16_t code = 0;
  Bytes message;
};
bool read_mysql_error(Bytes body, MysqlError& out);
// MariaDB's report of how far a statement is, in the form of an error; more follows.
bool is_mysql_progress(Bytes body);

// A length-encoded integer; nothing when it is cut or none.
std::optional<std::uint64_t> read_mysql_integer(ByteReader& reader);
// The text of COM_QUERY, behind its attributes when the two sides agreed on some; nothing when these are cut.
std::optional<Bytes> mysql_query(Bytes argument, bool attributes);
// What stands before the zero byte, or before the end.
Bytes until_zero(ByteReader& reader);

// What an OK, or the mark at a result's end, says of the server; `body` is the first part of a packet of `length`
// bytes.
std::uint16_t mysql_status(Bytes body, std::size_t length);
// Whether another result follows.
bool mysql_goes_on(Bytes body, std::size_t length);

namespace mysql_command {
constexpr std::uint8_t kQuit = 1, kInitDb = 2, kQuery = 3, kFieldList = 4, kCreateDb = 5, kDropDb = 6, kStatistics = 9,
                       kProcessKill = 12, kChangeUser = 17, kPrepare = 22, kExecute = 23, kSendLongData = 24,
                       kClose = 25, kReset = 26, kFetch = 28, kLast = 31, kBinlogDump = 18, kBinlogDumpGtid = 30;
}  // namespace mysql_command
// "query", ...; empty when it has no name.
std::string_view mysql_command_name(std::uint8_t command);

}  // namespace nw::network
