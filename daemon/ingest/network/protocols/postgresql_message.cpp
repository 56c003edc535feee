#include "ingest/network/protocols/postgresql_message.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

namespace code = postgresql_code;

constexpr std::size_t kStartupMax = 10'004;      // the server's own limit
constexpr std::size_t kLengthMax = 0x3fff'ffff;  // the same, for the rest
constexpr std::uint32_t kMajor = 3;              // of the version
constexpr std::size_t kNameMax = 64;             // of a parameter; the longest in use has 26 bytes
constexpr std::string_view kClientTypes = "BCDEFHPQSXcdfp", kServerTypes = "123ACDEGHIKNRSTVWZcdnstv";

std::optional<DecodeError> read_first(ByteReader& reader, PostgresqlMessage& out) {
  ByteReader ahead = reader;
  const std::size_t length = ahead.u32be();
  if (ahead.ok() && (length < 8 || length > kStartupMax)) return DecodeError::bad_value;
  out.type = 0;
  out.code = ahead.u32be();
  if (!ahead.ok()) return DecodeError::truncated;
  // Servers do not mind what stands behind a request for TLS.
  const bool known = out.code == code::kTls || out.code == code::kGss ||
                     (out.code == code::kCancel ? length >= 16 : out.code >> 16U == kMajor);
  if (!known) return DecodeError::bad_value;
  out.length = length - 8;
  reader = ahead;
  return {};
}

// Of what the server says in mid-stream.
bool likely_answer(const PostgresqlMessage& message, Bytes body) {
  const std::uint8_t first = body.empty() ? 0 : body.front();
  switch (message.type) {
    case 'Z': return message.length == 1 && (body.empty() || first == 'I' || first == 'T' || first == 'E');
    case 'R': return message.length >= 4 && first == 0;
    case 'E':
    case 'N': return body.empty() || (first >= 'A' && first <= 'Z');
    case '1':
    case '2':
    case '3':
    case 'I':
    case 'c':
    case 'n':
    case 's': return message.length == 0;
    default: return message.length != 0;
  }
}

}  // namespace

std::optional<DecodeError> read_postgresql_message(ByteReader& reader, bool from_client, PostgresqlMessage& out) {
  ByteReader ahead = reader;
  out.type = ahead.u8();
  if (!ahead.ok()) return DecodeError::truncated;
  // A length's first byte is 0, and no type is.
  if (from_client && out.type == 0) return read_first(reader, out);
  const std::string_view types = from_client ? kClientTypes : kServerTypes;
  if (types.find(static_cast<char>(out.type)) == std::string_view::npos) return DecodeError::bad_value;
  const std::size_t length = ahead.u32be();
  if (!ahead.ok()) return DecodeError::truncated;
  if (length < 4 || length > kLengthMax) return DecodeError::bad_value;
  out.length = length - 4;
  reader = ahead;
  return {};
}

bool postgresql_is_data(const PostgresqlMessage& message, bool from_client) {
  return message.type == 'd' || message.type == (from_client ? 'p' : 'D');
}

Verdict probe_postgresql(Bytes first, bool from_client) {
  ByteReader reader{first};
  PostgresqlMessage message;
  const auto fault = read_postgresql_message(reader, from_client, message);
  if (fault == DecodeError::truncated) return Verdict::unsure;
  if (fault) return Verdict::no;
  const Bytes body = reader.rest().first(std::min(reader.rest().size(), message.length));
  if (!from_client) return likely_answer(message, body) ? Verdict::yes : Verdict::no;
  if (message.type != 0) return message.length <= kLengthMax / 64 ? Verdict::yes : Verdict::no;
  if (message.code >> 16U != kMajor)
    return message.code == code::kCancel || message.length == 0 ? Verdict::yes : Verdict::no;
  // Parameters begin with a name.
  const auto letter = [](std::uint8_t c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  const auto end = std::ranges::find_if_not(body, letter);
  if (end == body.end()) return body.size() < std::min(message.length, kNameMax) ? Verdict::unsure : Verdict::no;
  return *end == 0 && end != body.begin() ? Verdict::yes : Verdict::no;
}

Bytes postgresql_text(ByteReader& reader) {
  const Bytes rest = reader.rest();
  const auto size = static_cast<std::size_t>(std::ranges::find(rest, 0) - rest.begin());
  reader.bytes(std::min(size + 1, rest.size()));
  return rest.first(size);
}

void append_postgresql_authentication(TextBuffer& out, std::uint32_t kind) {
  static constexpr std::array<std::string_view, 13> kNames{
      "",     "",     "KerberosV5",   "CleartextPassword", "", "MD5Password", "", "GSSAPI", "GSSAPIContinue",
      "SSPI", "SASL", "SASLContinue", "SASLFinal"};
  if (kind < kNames.size() && !kNames[kind].empty()) return out.append(kNames[kind]);
  out.append("UnknownAuthId");
  out.append_number(kind);
}

void append_postgresql_field(TextBuffer& out, std::uint8_t field) {
  struct Row {
    char field;
    std::string_view name;
  };
  static constexpr auto kRows = std::to_array<Row>({
      {'S', "SeverityLocalized"},
      {'V', "Severity"},
      {'C', "Code"},
      {'M', "Message"},
      {'D', "Detail"},
      {'H', "Hint"},
      {'P', "Position"},
      {'p', "InternalPosition"},
      {'q', "InternalQuery"},
      {'W', "Where"},
      {'s', "Schema"},
      {'t', "Table"},
      {'c', "Column"},
      {'d', "Data"},
      {'n', "Constraint"},
      {'F', "File"},
      {'L', "Line"},
      {'R', "Routine"},
  });
  const auto row = std::ranges::find(kRows, static_cast<char>(field), &Row::field);
  if (row != kRows.end()) return out.append(row->name);
  out.append("UnknownErrorId");
  out.append_escaped({&field, 1});
}

}  // namespace nw::network
