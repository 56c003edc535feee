// PostgreSQL's messages: their frame, and the names of what is in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {

// What a client may begin with, instead of its version.
namespace postgresql_code {
constexpr std::uint32_t kCancel = 80'877'102, kTls = 80'877'103, kGss = 80'877'104;
}  // namespace postgresql_code

struct PostgresqlMessage {
  std::uint8_t type = 0;  // 0: the client's first, which has a code
  std::uint32_t code = 0;
  std::size_t length = 0;  // of the body
  Bytes body;              // its beginning, set by the caller
};
// Its frame; `truncated` asks for more bytes. `reader` moves only past a whole one.
std::optional<DecodeError> read_postgresql_message(ByteReader& reader, bool from_client, PostgresqlMessage& out);
// Rows, copied data and passwords: nothing of them is looked at.
bool postgresql_is_data(const PostgresqlMessage& message, bool from_client);
// Whether a message begins here.
Verdict probe_postgresql(Bytes first, bool from_client);

// What stands before the zero byte, or before the end.
Bytes postgresql_text(ByteReader& reader);
inline std::string_view postgresql_string(Bytes text) {
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}
// "MD5Password", ... and "Severity", ..., as in Zeek's log.
void append_postgresql_authentication(TextBuffer& out, std::uint32_t kind);
void append_postgresql_field(TextBuffer& out, std::uint8_t field);

}  // namespace nw::network
