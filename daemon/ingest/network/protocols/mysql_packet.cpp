#include "ingest/network/protocols/mysql_packet.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

namespace capability = mysql_capability;

constexpr std::size_t kVersionMax = 63;       // longest seen: 40
constexpr std::size_t kAttributesMax = 1024;  // of a query

std::uint32_t u24le(ByteReader& reader) {
  const std::uint32_t low = reader.u16le();
  return low | std::uint32_t{reader.u8()} << 16U;
}

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

// The binary form of a value of this column type; false when it is cut.
bool skip_value(ByteReader& reader, std::uint8_t type) {
  constexpr std::uint8_t kTiny = 1, kShort = 2, kLong = 3, kFloat = 4, kDouble = 5, kNull = 6, kTimestamp = 7,
                         kLongLong = 8, kInt24 = 9, kDate = 10, kTime = 11, kDatetime = 12, kYear = 13;
  switch (type) {
    case kNull: break;
    case kTiny: reader.u8(); break;
    case kShort:
    case kYear: reader.u16le(); break;
    case kLong:
    case kInt24:
    case kFloat: reader.u32le(); break;
    case kLongLong:
    case kDouble: reader.bytes(8); break;
    case kTimestamp:
    case kDate:
    case kTime:
    case kDatetime: reader.bytes(reader.u8()); break;
    default: {
      const auto length = read_mysql_integer(reader);
      if (!length) return false;
      reader.bytes(*length);
    }
  }
  return reader.ok();
}

}  // namespace

std::optional<std::uint64_t> read_mysql_integer(ByteReader& reader) {
  const std::uint8_t first = reader.u8();
  std::uint64_t value = first;
  switch (first) {
    case 0xfc: value = reader.u16le(); break;
    case 0xfd: value = u24le(reader); break;
    case 0xfe: {
      const std::uint64_t low = reader.u32le();
      value = low | std::uint64_t{reader.u32le()} << 32U;
      break;
    }
    case 0xfb:  // NULL
    case 0xff: return {};
    default: break;
  }
  if (!reader.ok()) return {};
  return value;
}

Bytes until_zero(ByteReader& reader) {
  const Bytes rest = reader.rest();
  const auto size = static_cast<std::size_t>(std::ranges::find(rest, 0) - rest.begin());
  reader.bytes(std::min(size + 1, rest.size()));
  return rest.first(size);
}

bool read_mysql_greeting(Bytes body, MysqlGreeting& out) {
  ByteReader reader{body};
  out.protocol = reader.u8();
  if (out.protocol != 9 && out.protocol != 10) return false;
  out.version = until_zero(reader);
  reader.u32le();   // connection's number
  reader.bytes(8);  // scramble, first part
  const bool good = reader.ok();
  reader.u8();
  const std::uint32_t low = reader.u16le();
  reader.bytes(3);  // character set, status
  out.capabilities = low | std::uint32_t{reader.u16le()} << 16U;
  return good;
}

bool is_mysql_greeting(Bytes body) {
  MysqlGreeting greeting;
  if (!read_mysql_greeting(body, greeting) || greeting.protocol != 10) return false;
  const Bytes version = greeting.version;
  if (version.empty() || version.size() > kVersionMax || version.front() < '0' || version.front() > '9') return false;
  if (!std::ranges::all_of(version, [](std::uint8_t c) { return c > 0x20 && c < 0x7f; })) return false;
  ByteReader reader{body};
  reader.bytes(1 + version.size() + 1 + 12);
  if (reader.u8() != 0) return false;
  reader.bytes(7);  // capabilities, character set, status
  const std::uint8_t scramble = reader.u8();
  // MariaDB has its own capabilities in the last four of the ten reserved bytes.
  const Bytes reserved = reader.bytes(6);
  return reader.ok() && all_zero(reserved) && (scramble == 0 || (scramble >= 8 && scramble <= 64));
}

bool read_mysql_login(Bytes body, MysqlLogin& out) {
  ByteReader reader{body};
  out.capabilities = reader.u16le();
  const bool modern = (out.capabilities & capability::kProtocol41) != 0;
  if (modern) {
    out.capabilities |= std::uint32_t{reader.u16le()} << 16U;
    reader.u32le();    // largest packet
    reader.bytes(24);  // character set, reserved
  } else {
    u24le(reader);  // largest packet
  }
  if (!reader.ok()) return false;
  out.ssl_request = (out.capabilities & capability::kSsl) != 0 && reader.empty();
  if (out.ssl_request) return true;
  out.user = until_zero(reader);
  if ((out.capabilities & capability::kConnectWithDatabase) == 0) return true;
  if ((out.capabilities & capability::kLengthEncodedAuth) != 0) {
    const auto size = read_mysql_integer(reader);
    if (!size) return false;  // what follows might be the proof
    reader.bytes(*size);
  } else if ((out.capabilities & capability::kSecureConnection) != 0) {
    reader.bytes(reader.u8());
  } else {
    until_zero(reader);
  }
  out.database = until_zero(reader);
  return reader.ok();
}

bool is_old_mysql_login(Bytes body) {
  constexpr std::size_t kLoginMax = 128;
  MysqlLogin login;
  if (!read_mysql_login(body, login) || (login.capabilities & capability::kProtocol41) != 0) return false;
  return body.size() <= kLoginMax && !login.user.empty() && body.back() == 0 &&
         std::ranges::all_of(login.user, [](std::uint8_t c) { return c > 0x20 && c < 0x7f; });
}

bool is_mysql_login(Bytes body) {
  MysqlLogin login;
  if (!read_mysql_login(body, login) || (login.capabilities & capability::kProtocol41) == 0) return false;
  ByteReader reader{body};
  reader.bytes(9);
  return all_zero(reader.bytes(19)) &&
         std::ranges::all_of(login.user, [](std::uint8_t c) { return c >= 0x20 && c != 0x7f; });
}

bool read_mysql_error(Bytes body, MysqlError& out) {
  ByteReader reader{body};
  reader.u8();
  out.code = reader.u16le();
  out.message = reader.rest();
  // The SQL state, since 4.1.
  if (out.message.size() >= 6 && out.message.front() == '#') out.message = out.message.subspan(6);
  return reader.ok();
}

bool is_mysql_progress(Bytes body) {
  ByteReader reader{body};
  return reader.u8() == 0xff && reader.u16le() == 0xffff && reader.ok();
}

// | count | sets = 1 | nulls, a bit each | 1 | (type u16, name) each | value each | statement |
std::optional<Bytes> mysql_query(Bytes argument, bool attributes) {
  if (!attributes) return argument;
  ByteReader reader{argument};
  const auto count = read_mysql_integer(reader), sets = read_mysql_integer(reader);
  if (!count || !sets || *count > kAttributesMax) return {};
  if (*count == 0) return reader.rest();
  const Bytes nulls = reader.bytes((*count + 7) / 8);
  const std::uint8_t bound = reader.u8();
  if (!reader.ok() || bound != 1) return {};
  ByteReader types = reader;
  for (std::size_t i = 0; i < *count; ++i) {
    reader.u16le();
    const auto name = read_mysql_integer(reader);
    if (!name) return {};
    reader.bytes(*name);
  }
  for (std::size_t i = 0; i < *count; ++i) {
    const auto type = static_cast<std::uint8_t>(types.u16le());
    types.bytes(read_mysql_integer(types).value_or(0));
    if ((unsigned{nulls[i / 8]} >> (i % 8) & 1U) == 0 && !skip_value(reader, type)) return {};
  }
  if (!reader.ok()) return {};
  return reader.rest();
}

std::uint16_t mysql_status(Bytes body, std::size_t length) {
  constexpr std::uint8_t kEof = 0xfe;
  constexpr std::size_t kMark = 5;
  ByteReader reader{body};
  if (reader.u8() == kEof && length <= kMark) {
    reader.u16le();  // warnings
  } else {
    read_mysql_integer(reader);  // rows
    read_mysql_integer(reader);  // the last number that was given
  }
  const std::uint16_t bits = reader.u16le();
  return reader.ok() ? bits : std::uint16_t{0};
}

bool mysql_goes_on(Bytes body, std::size_t length) {
  constexpr unsigned kMoreResults = 8;
  return (mysql_status(body, length) & kMoreResults) != 0;
}

std::string_view mysql_command_name(std::uint8_t command) {
  static constexpr std::array<std::string_view, 32> kNames{"sleep",
                                                           "quit",
                                                           "init_db",
                                                           "query",
                                                           "field_list",
                                                           "create_db",
                                                           "drop_db",
                                                           "refresh",
                                                           "shutdown",
                                                           "statistics",
                                                           "process_info",
                                                           "connect",
                                                           "process_kill",
                                                           "debug",
                                                           "ping",
                                                           "time",
                                                           "delayed_insert",
                                                           "change_user",
                                                           "binlog_dump",
                                                           "table_dump",
                                                           "connect_out",
                                                           "register_slave",
                                                           "stmt_prepare",
                                                           "stmt_execute",
                                                           "stmt_send_long_data",
                                                           "stmt_close",
                                                           "stmt_reset",
                                                           "set_option",
                                                           "stmt_fetch",
                                                           "daemon",
                                                           "binlog_dump_gtid",
                                                           "reset_connection"};
  return command < kNames.size() ? kNames[command] : std::string_view{};
}

}  // namespace nw::network
