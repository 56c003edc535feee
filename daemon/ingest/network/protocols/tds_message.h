// The inside of TDS messages ([MS-TDS], and TDS 5.0 by Sybase), as far as `tds` events tell of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/byte_reader.h"

namespace nw::network {

namespace tds_type {
constexpr std::uint8_t kBatch = 1, kOldLogin = 2, kRpc = 3, kResponse = 4, kAttention = 6, kBulk = 7, kFederated = 8,
                       kTransaction = 14, kLogin = 16, kSspi = 17, kPrelogin = 18;
}  // namespace tds_type

// | type u8 | status u8 | length u16, with these eight bytes | process u16 | number u8 | window u8 = 0 |
struct TdsPacket {
  static constexpr std::size_t kHeader = 8;
  std::uint8_t type = 0;
  bool last = false;  // of its message
  std::size_t length = 0;
  Bytes body;
};
enum class TdsFault : std::uint8_t { none, more, bad };
// `reader` moves only past a whole packet. `bad`: no such type, or a header that cannot be. `strict`: nor one that no
// client of a server writes, though servers do not mind: status and window have no other values.
TdsFault read_tds_packet(ByteReader& reader, TdsPacket& out, bool strict);

// What both sides tell before a login. Nothing when it is none.
struct TdsPrelogin {
  std::optional<std::uint8_t> encryption;  // 0 of the login only, 1 of all, 2 of nothing, 3 of all and required
  std::optional<std::uint32_t> version;    // major u8, minor u8, build u16
};
std::optional<TdsPrelogin> read_tds_prelogin(Bytes body);

// UTF-8, bounded each. The password is passed over.
struct TdsLogin {
  std::uint32_t version = 0;  // 0x74000004: 7.4
  std::string host, user, application, server, database;
  bool integrated = false;  // Windows proves who the user is
};
bool read_tds_login(Bytes body, TdsLogin& out);
bool read_tds_old_login(Bytes body, TdsLogin& out);

constexpr std::size_t kTdsStatementMax = 4096;  // bytes of a statement that are kept, but for an unfinished character
// The statement of a batch, as UTF-8 in `out`, bounded.
void read_tds_batch(Bytes body, std::string& out);
// The name of the procedure, and the statement that sp_executesql has as its first argument. False when it is cut.
bool read_tds_call(Bytes body, std::string& name, std::string& statement);

// What a response says before its first row, and in its last token.
struct TdsResponse {
  bool accepted = false;  // a login
  bool proving = false;   // the login goes on
  std::optional<std::uint32_t> error;
  std::string message;
  std::uint32_t server_version = 0;  // as in TdsPrelogin
  std::string server;                // its name for itself
};
// `wide`: row counts have eight bytes (since 7.2). False when a token is cut by its own length.
bool read_tds_tokens(Bytes head, bool wide, TdsResponse& out);
struct TdsDone {
  bool error = false;
  std::optional<std::uint64_t> rows;
};
// The token that ends every response; nothing when there is none.
std::optional<TdsDone> read_tds_done(Bytes tail, bool wide);

}  // namespace nw::network
