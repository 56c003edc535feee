#include "ingest/network/protocols/goose_message.h"

#include <array>
#include <bit>
#include <charconv>

#include "ingest/network/protocols/text_buffer.h"

namespace nw::network {
namespace {

// Fields of the PDU; those are context tags, in this order.
enum Tag : std::uint8_t {
  kGocbRef = 0x80,
  kTimeAllowedToLive,
  kDatSet,
  kGoId,
  kTime,
  kStNum,
  kSqNum,
  kSimulation,
  kConfRev,
  kNdsCom,
  kEntries,
  kAllData = 0xab,
};

void read_field(const BerValue& value, GooseMessage& out) noexcept {
  const Bytes in = value.contents;
  const auto flag = [&]() -> std::optional<bool> {
    if (in.size() != 1) return {};
    return in[0] != 0;
  };
  switch (value.tag) {
    case kGocbRef:
      if (out.gocb_ref.empty()) out.gocb_ref = in;
      break;
    case kTimeAllowedToLive: out.time_allowed_to_live = iec61850_unsigned(in); break;
    case kDatSet: out.dat_set = in; break;
    case kGoId: out.go_id = in; break;
    case kTime: out.timestamp = iec61850_time(in, out.quality); break;
    case kStNum: out.st_num = iec61850_unsigned(in); break;
    case kSqNum: out.sq_num = iec61850_unsigned(in); break;
    case kSimulation: out.simulation = flag(); break;
    case kConfRev: out.conf_rev = iec61850_unsigned(in); break;
    case kNdsCom: out.needs_commissioning = flag(); break;
    case kEntries: out.entries = iec61850_unsigned(in); break;
    case kAllData: out.all_data = in; break;
    default: break;
  }
}

// Data of MMS (ISO 9506-2).
enum DataTag : std::uint8_t {
  kArray = 0xa1,
  kStructure = 0xa2,
  kBoolean = 0x83,
  kBitString = 0x84,
  kInteger = 0x85,
  kUnsigned = 0x86,
  kFloat = 0x87,
  kVisibleString = 0x8a,
  kMmsString = 0x90,
  kUtcTime = 0x91,
};

void append_number(auto number, std::string& out) {
  std::array<char, 40> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_hex(Bytes bytes, std::string& out) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  out += "0x";
  for (const std::uint8_t octet : bytes.first(std::min(bytes.size(), GooseValues::kBytesMax / 2))) {
    out += kHex[octet >> 4U];
    out += kHex[octet & 0xFU];
  }
}

// | unused bits at the end u8 | bits |
void append_bits(Bytes bytes, std::string& out) {
  if (bytes.empty() || bytes[0] > 7 || (bytes.size() == 1 && bytes[0] != 0)) return append_hex(bytes, out);
  const std::size_t bits = std::min((bytes.size() - 1) * 8 - bytes[0], GooseValues::kBytesMax);
  out += "0b";
  for (std::size_t i = 0; i < bits; ++i) out += (std::uint32_t{bytes[1 + i / 8]} >> (7 - i % 8) & 1U) != 0 ? '1' : '0';
}

// | bits of the exponent u8 = 8 | IEEE 754, four octets |; eleven and eight octets for the longer form.
void append_float(Bytes bytes, std::string& out) {
  ByteReader in{bytes};
  const unsigned exponent = in.u8();
  if (bytes.size() == 5 && exponent == 8) return append_number(std::bit_cast<float>(in.u32be()), out);
  if (bytes.size() == 9 && exponent == 11) return append_number(std::bit_cast<double>(in.u64be()), out);
  append_hex(bytes, out);
}

void append_time(Bytes bytes, std::string& out) {
  std::uint8_t quality = 0;
  const auto time = iec61850_time(bytes, quality);
  if (!time) return append_hex(bytes, out);
  const std::int64_t nanoseconds = to_unix_nanoseconds(*time);
  std::string fraction;
  append_number(1'000'000'000 + nanoseconds % 1'000'000'000, fraction);
  append_number(nanoseconds / 1'000'000'000, out);
  fraction[0] = '.';
  out += fraction;
}

void append_value(const BerValue& value, unsigned depth, std::string& out);

void append_parts(Bytes bytes, unsigned depth, std::string& out) {
  BerReader parts{bytes};
  for (bool first = true; !parts.empty() && out.size() < GooseValues::kBytesMax; first = false) {
    const auto part = parts.next();
    if (!part) return;
    if (!first) out += ',';
    append_value(*part, depth, out);
  }
}

void append_value(const BerValue& value, unsigned depth, std::string& out) {
  const Bytes in = value.contents;
  switch (value.tag) {
    case kArray:
    case kStructure: {
      if (depth == GooseValues::kDepthMax) {
        out += "...";
        return;
      }
      out += value.tag == kArray ? '[' : '{';
      append_parts(in, depth + 1, out);
      out += value.tag == kArray ? ']' : '}';
      return;
    }
    case kBoolean:
      if (in.size() != 1) break;
      out += in[0] != 0 ? "true" : "false";
      return;
    case kBitString: return append_bits(in, out);
    case kInteger:
      if (const auto number = ber_integer(in)) return append_number(*number, out);
      break;
    case kUnsigned:
      if (const auto number = iec61850_unsigned(in)) return append_number(*number, out);
      break;
    case kFloat: return append_float(in, out);
    case kVisibleString:
    case kMmsString: return append_escaped(in.first(std::min(in.size(), GooseValues::kBytesMax)), out);
    case kUtcTime: return append_time(in, out);
    default: break;
  }
  append_hex(in, out);
}

}  // namespace

std::optional<DecodeError> read_goose(Bytes payload, GooseMessage& out) noexcept {
  const auto wrong = read_iec61850(payload, kGoosePdu, out.head);
  return read_goose_fields(wrong, out);
}

std::optional<DecodeError> read_goose_fields(std::optional<DecodeError> wrong, GooseMessage& out) noexcept {
  BerReader fields{out.head.apdu, BerReader::LongTag::one_octet};
  std::uint32_t seen = 0;
  bool twice = false;  // devices find their subscription by the first reference, and take the last of all else
  while (!fields.empty()) {
    const auto field = fields.next();
    if (!field) return DecodeError::bad_value;
    const std::uint32_t number = 1U << (field->tag & 0x1FU);
    twice = twice || (seen & number) != 0;
    seen |= number;
    read_field(*field, out);
  }
  if (wrong) return wrong;
  if (twice) return DecodeError::bad_value;
  const bool whole = !out.gocb_ref.empty() && out.time_allowed_to_live && out.timestamp && out.st_num && out.sq_num &&
                     out.conf_rev && out.entries && out.all_data;
  return whole ? std::optional<DecodeError>{} : DecodeError::bad_value;
}

bool GooseValues::next(std::string& out) {
  out.clear();
  if (reader_.empty()) return false;
  const auto value = reader_.next();
  broken_ = !value;
  if (!value) return false;
  append_value(*value, 0, out);
  if (out.size() > kBytesMax) {
    // Not within a character of UTF-8.
    std::size_t end = kBytesMax;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80) --end;
    out.resize(end);
  }
  return true;
}

}  // namespace nw::network
