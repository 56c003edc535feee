#include "ingest/network/protocols/tds_message.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"

namespace nw::network {

namespace {

constexpr std::size_t kNameMax = 256;  // bytes that are kept

void append_utf8(std::uint32_t point, std::string& out) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<std::uint8_t>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0U | point >> 6U);
  } else {
    if (point < 0x10000) {
      put(0xe0U | point >> 12U);
    } else {
      put(0xf0U | point >> 18U);
      put(0x80U | (point >> 12U & 0x3fU));
    }
    put(0x80U | (point >> 6U & 0x3fU));
  }
  put(0x80U | (point & 0x3fU));
}

// UTF-16, low byte first. Half a pair becomes U+FFFD.
void to_utf8(Bytes text, std::size_t most, std::string& out) {
  out.clear();
  ByteReader reader{text};
  while (reader.rest().size() >= 2 && out.size() + 4 <= most) {
    std::uint32_t unit = reader.u16le();
    if (unit >= 0xd800 && unit < 0xdc00 && reader.rest().size() >= 2) {
      ByteReader ahead = reader;
      const std::uint32_t low = ahead.u16le();
      if (low >= 0xdc00 && low < 0xe000) {
        reader = ahead;
        unit = 0x10000 + ((unit - 0xd800) << 10U) + (low - 0xdc00);
      }
    }
    append_utf8(unit >= 0xd800 && unit < 0xe000 ? 0xfffd : unit, out);
  }
}

void to_text(Bytes text, std::size_t most, std::string& out) {
  text = text.first(std::min(text.size(), most));
  out.assign(reinterpret_cast<const char*>(text.data()), text.size());
}

// Since 7.2: | total u32 | (length u32, type u16, data) ... |, told from a statement by its lengths.
Bytes behind_headers(Bytes body) {
  ByteReader reader{body};
  const std::size_t total = reader.u32le(), first = reader.u32le();
  const std::uint16_t type = reader.u16le();
  const bool headers =
      reader.ok() && total >= 10 && total <= body.size() && first >= 6 && first <= total - 4 && type <= 3;
  return headers ? body.subspan(total) : body;
}

// | count of characters u16 | text |
Bytes long_text(ByteReader& reader) {
  const std::size_t characters = reader.u16le();
  return reader.bytes(2 * characters);
}
// | count of characters u8 | text |
Bytes short_text(ByteReader& reader) {
  const std::size_t characters = reader.u8();
  return reader.bytes(2 * characters);
}

// A parameter that is a Unicode text; as much of it as came.
Bytes text_parameter(ByteReader& reader) {
  constexpr std::uint8_t kNvarchar = 0xe7, kNtext = 0x63;
  short_text(reader);  // name
  reader.u8();
  const std::uint8_t type = reader.u8();
  if (type == kNtext) {
    reader.bytes(9);  // greatest length, collation
    const std::size_t size = reader.u32le();
    return reader.bytes(std::min(size, reader.rest().size()));
  }
  if (type != kNvarchar) return {};
  const bool chunks = reader.u16le() == 0xffff;
  reader.bytes(5);  // collation
  std::size_t size = 0;
  if (chunks) {
    reader.bytes(8);  // length of all; the first chunk will do
    size = reader.u32le();
  } else {
    size = reader.u16le();
  }
  return reader.bytes(std::min(size, reader.rest().size()));
}

void error_token(ByteReader reader, TdsResponse& out) {
  const std::uint32_t number = reader.u32le();
  reader.u16le();                         // state, class
  if (!reader.ok() || out.error) return;  // the first is the cause
  out.error = number;
  to_utf8(long_text(reader), 1024, out.message);
  to_utf8(short_text(reader), kNameMax, out.server);
}

// TDS 5.0: | number u32 | state, class u8 each | length u8, SQL state | status u8 | transaction u16 | length u16, text
// |
//   ...
void extended_error_token(ByteReader reader, TdsResponse& out) {
  constexpr std::uint8_t kNoticeMax = 10;  // of the class
  const std::uint32_t number = reader.u32le();
  reader.u8();
  const std::uint8_t severity = reader.u8();
  reader.bytes(reader.u8());
  reader.bytes(3);
  if (!reader.ok() || severity <= kNoticeMax || out.error) return;
  out.error = number;
  to_text(reader.bytes(reader.u16le()), 1024, out.message);
}

// TDS 5.0 says here how the login went, the others which language is spoken.
void login_token(ByteReader reader, TdsResponse& out) {
  constexpr std::uint8_t kFailed = 6, kGoesOn = 7;
  const std::uint8_t status = reader.u8();
  if (status == kGoesOn) out.proving = true;
  if (status == kFailed || status == kGoesOn) return;
  reader.bytes(4);  // version
  short_text(reader);
  const std::uint32_t version = reader.u32be();
  out.accepted = true;
  if (reader.ok()) out.server_version = version;
}

}  // namespace

TdsFault read_tds_packet(ByteReader& reader, TdsPacket& out, bool strict) {
  static constexpr auto kTypes =
      std::to_array<std::uint8_t>({tds_type::kBatch, tds_type::kOldLogin, tds_type::kRpc, tds_type::kResponse,
                                   tds_type::kAttention, tds_type::kBulk, tds_type::kFederated, tds_type::kTransaction,
                                   15, tds_type::kLogin, tds_type::kSspi, tds_type::kPrelogin});
  ByteReader ahead = reader;
  out.type = ahead.u8();
  const std::uint8_t status = ahead.u8();
  out.length = ahead.u16be();
  ahead.u16be();
  ahead.u8();
  const std::uint8_t window = ahead.u8();
  // Judged as far as it came, so that what is no TDS does not wait.
  const std::size_t seen = reader.rest().size();
  if (seen >= 1 && std::ranges::find(kTypes, out.type) == kTypes.end()) return TdsFault::bad;
  if (strict && seen >= 2 && (status & 0xe0U) != 0) return TdsFault::bad;
  if (!ahead.ok()) return TdsFault::more;
  if (out.length < TdsPacket::kHeader || (strict && window != 0)) return TdsFault::bad;
  out.last = (status & 1U) != 0;
  out.body = ahead.bytes(out.length - TdsPacket::kHeader);
  if (!ahead.ok()) return TdsFault::more;
  reader = ahead;
  return TdsFault::none;
}

// | (option u8, offset u16, length u16) ... | 0xff | data |
std::optional<TdsPrelogin> read_tds_prelogin(Bytes body) {
  constexpr std::uint8_t kVersion = 0, kEncryption = 1, kEnd = 0xff;
  constexpr unsigned kOptionsMax = 16;
  TdsPrelogin out;
  ByteReader reader{body};
  for (unsigned i = 0; i < kOptionsMax; ++i) {
    const std::uint8_t option = reader.u8();
    if (option == kEnd && reader.ok()) return i == 0 ? std::nullopt : std::optional{out};
    const std::size_t offset = reader.u16be(), length = reader.u16be();
    ByteReader data{body};
    data.bytes(offset);
    data = data.sub(length);
    if (!reader.ok() || !data.ok() || (i == 0 && option != kVersion)) return {};
    if (option == kVersion) out.version = data.u32be();
    if (option == kEncryption) out.encryption = data.u8();
    if (!data.ok()) return {};
  }
  return {};
}

// | length u32 | version u32 | ... | 36 on: (offset u16, characters u16) each | texts |
bool read_tds_login(Bytes body, TdsLogin& out) {
  ByteReader reader{body};
  reader.u32le();
  out.version = reader.u32le();
  reader.bytes(28);
  const auto text = [&](std::string* to) {
    const std::size_t offset = reader.u16le(), characters = reader.u16le();
    if (to == nullptr || characters == 0) return true;
    ByteReader at{body};
    at.bytes(offset);
    const Bytes found = at.bytes(2 * characters);
    to_utf8(found, kNameMax, *to);
    return at.ok();
  };
  bool good = true;
  // The third is the password; extension, library and language are not told.
  for (std::string* to : std::to_array<std::string*>(
           {&out.host, &out.user, nullptr, &out.application, &out.server, nullptr, nullptr, nullptr, &out.database}))
    good = text(to) && good;
  reader.bytes(6);  // the client's network address
  reader.u16le();
  out.integrated = reader.u16le() != 0;
  return good && reader.ok();
}

// TDS 4.2 and 5.0: each text in 30 bytes with its length behind.
// | host | user | password | process | 16 bytes | application | server | ...
bool read_tds_old_login(Bytes body, TdsLogin& out) {
  constexpr std::size_t kText = 30;
  ByteReader reader{body};
  const auto text = [&](std::string& to) {
    const Bytes bytes = reader.bytes(kText);
    const std::size_t size = reader.u8();
    to_text(bytes.first(std::min(size, bytes.size())), kNameMax, to);
  };
  text(out.host);
  text(out.user);
  const bool good = reader.ok();
  reader.bytes(2 * (kText + 1) + 16);
  text(out.application);
  text(out.server);
  return good;
}

void read_tds_batch(Bytes body, std::string& out) {
  const Bytes text = behind_headers(body);
  // Before version 7, one byte a character.
  if (text.size() >= 2 && text[1] != 0 && text.size() == body.size() && text[0] != 0)
    return to_text(text, kTdsStatementMax, out);
  to_utf8(text, kTdsStatementMax, out);
}

namespace {

// sys.sp_executesql; most servers take capitals for small letters.
bool ends_with_execute_sql(std::string_view name) {
  constexpr std::string_view kName = "sp_executesql";
  const auto same = [](char a, char b) { return ascii_lower(a) == b; };
  return name.size() >= kName.size() && std::ranges::equal(name.substr(name.size() - kName.size()), kName, same);
}

}  // namespace

bool read_tds_call(Bytes body, std::string& name, std::string& statement) {
  static constexpr std::array<std::string_view, 16> kNames{"",
                                                           "sp_cursor",
                                                           "sp_cursoropen",
                                                           "sp_cursorprepare",
                                                           "sp_cursorexecute",
                                                           "sp_cursorprepexec",
                                                           "sp_cursorunprepare",
                                                           "sp_cursorfetch",
                                                           "sp_cursoroption",
                                                           "sp_cursorclose",
                                                           "sp_executesql",
                                                           "sp_prepare",
                                                           "sp_execute",
                                                           "sp_prepexec",
                                                           "sp_prepexecrpc",
                                                           "sp_unprepare"};
  constexpr std::uint16_t kExecuteSql = 10;
  statement.clear();
  ByteReader reader{behind_headers(body)};
  const std::size_t characters = reader.u16le();
  std::uint16_t number = 0;
  if (characters == 0xffff) {
    number = reader.u16le();
    if (!reader.ok() || number >= kNames.size()) return false;
    name = kNames[number];
  } else {
    to_utf8(reader.bytes(2 * characters), kNameMax, name);
  }
  reader.u16le();  // flags
  if (!reader.ok()) return false;
  if (number == kExecuteSql || ends_with_execute_sql(name))
    to_utf8(text_parameter(reader), kTdsStatementMax, statement);
  return true;
}

bool read_tds_tokens(Bytes head, bool wide, TdsResponse& out) {
  constexpr std::uint8_t kReturnStatus = 0x79, kTableName = 0xa4, kColumnInfo = 0xa5, kOrder = 0xa9, kError = 0xaa,
                         kInfo = 0xab, kLoginAck = 0xad, kCapability = 0xe2, kEnvironment = 0xe3, kExtendedError = 0xe5,
                         kSspi = 0xed, kDone = 0xfd;
  ByteReader reader{head};
  while (!reader.empty()) {
    const std::uint8_t token = reader.u8();
    if (token >= kDone) {
      reader.bytes(wide ? 12 : 8);
      continue;
    }
    if (token == kReturnStatus) {
      reader.u32le();
      continue;
    }
    static constexpr auto kKnown = std::to_array<std::uint8_t>(
        {kTableName, kColumnInfo, kOrder, kError, kInfo, kLoginAck, kCapability, kEnvironment, kExtendedError, kSspi});
    // Columns, rows and what else has no length of its own: no more to be read.
    if (std::ranges::find(kKnown, token) == kKnown.end()) return true;
    const std::size_t length = reader.u16le();
    const ByteReader inner = reader.sub(length);
    if (!inner.ok()) return false;
    if (token == kError) error_token(inner, out);
    if (token == kExtendedError) extended_error_token(inner, out);
    if (token == kLoginAck) login_token(inner, out);
    if (token == kSspi) out.proving = true;
  }
  return reader.ok();
}

// | token u8 | status u16 | command u16 | rows u32 or u64 |
std::optional<TdsDone> read_tds_done(Bytes tail, bool wide) {
  const std::size_t size = wide ? 13 : 9;
  if (tail.size() < size) return {};
  ByteReader reader{tail.last(size)};
  if (reader.u8() < 0xfd) return {};
  const std::uint16_t status = reader.u16le();
  reader.u16le();
  std::uint64_t rows = reader.u32le();
  if (wide) rows |= std::uint64_t{reader.u32le()} << 32U;
  TdsDone out;
  out.error = (status & 2U) != 0;
  if ((status & 0x10U) != 0) out.rows = rows;
  return out;
}

}  // namespace nw::network
