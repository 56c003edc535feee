#include "ingest/network/protocols/tristation_message.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::size_t kChecksumAt = 6, kNameBytes = 10;

// x^16 + x^15 + x^2 + 1 from the low bit on, beginning with zeros.
std::uint16_t crc16(Bytes bytes) {
  std::uint16_t crc = 0;
  for (const std::uint8_t byte : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ byte);
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 1U) != 0 ? crc >> 1U ^ 0xA001U : crc >> 1U);
  }
  return crc;
}

// Its length and the sum of its octets without those of the sum itself.
std::uint16_t checksum(Bytes payload) {
  std::size_t sum = payload.size();
  for (std::size_t i = 0; i < payload.size(); ++i)
    if (i != kChecksumAt && i != kChecksumAt + 1) sum += payload[i];
  return static_cast<std::uint16_t>(sum);
}

void read_head(TsMessage& out) {
  ByteReader in{out.payload};
  out.direction = in.u8();
  out.connection = in.u8();
  const std::uint8_t function = in.u8();
  out.counter = in.u8();
  in.u16le();
  const std::uint16_t sum = in.u16le();
  const std::uint16_t length = in.u16le();
  out.sound = in.ok() && sum == checksum(out.payload) && length == out.payload.size();
  if (!in.ok()) return;
  out.function = function;
  out.data = in.rest();
}

Bytes name_of(Bytes field) {
  return field.first(static_cast<std::size_t>(std::ranges::find(field, 0) - field.begin()));
}

// | 2 | load in, modification in, load state, single scan, valid, key, run state u8 | 49 | minor u16, major u16 |
// time u32 | project's name 10 |
void read_cp_status(ByteReader& in, TsBody& out) {
  constexpr std::size_t kBefore = 4, kBetween = 49, kTimeBytes = 4;
  in.bytes(kBefore);
  out.load = in.u8();
  in.u8();
  out.valid = in.u8() == 1;
  out.key = in.u8();
  out.state = in.u8();
  in.bytes(kBetween);
  out.minor = in.u16le();
  out.major = in.u16le();
  in.bytes(kTimeBytes);
  out.project = name_of(in.bytes(kNameBytes));
}

// The old project's name 10, minor u16, major u16, time u32 | the new one's minor, major, time, name | 2 |
// functions u16 | programs u16 |
void read_start_change(ByteReader& in, TsBody& out) {
  constexpr std::size_t kOldBytes = 18, kTimeBytes = 4;
  in.bytes(kOldBytes);
  out.minor = in.u16le();
  out.major = in.u16le();
  in.bytes(kTimeBytes);
  out.project = name_of(in.bytes(kNameBytes));
  in.u16le();
  out.functions = in.u16le();
  out.programs = in.u16le();
}

// | 6 | time u32 | project's name 10 | functions u16 | programs u16 | 2 |
void read_start_download(ByteReader& in, TsBody& out) {
  constexpr std::size_t kBefore = 10;
  in.bytes(kBefore);
  out.project = name_of(in.bytes(kNameBytes));
  out.functions = in.u16le();
  out.programs = in.u16le();
}

// | id u16 | next u16 | all words u16 | first word u16 | words u16 | code |, to fetch it without the last two.
void read_code(ByteReader& in, bool written, TsBody& out) {
  out.id = in.u16le();
  in.u16le();
  in.u16le();
  out.offset = in.u16le();
  if (written) out.words = in.u16le();
}

// | command u8 | processor u8 | size u32 | address u32 | data |; to execute | address u32 | alone.
void read_mp_status(ByteReader& in, TsBody& out) {
  const std::uint8_t command = in.u8();
  out.processor = in.u8();
  if (!in.ok() || ts_implant_name(command).empty()) return;
  constexpr std::uint8_t kExecute = 249;
  out.implant = command;
  out.command.operation = IcsOperation::program;
  if (command != kExecute) out.octets = in.u32le();
  out.address = in.u32le();
}

void describe_code(std::string_view kind, const TsBody& body, IcsText& target) {
  target.append(kind);
  target.append_number(*body.id);
}

void describe(const TsMessage& message, TsBody& body) {
  IcsText& target = body.command.target;
  switch (*message.function) {
    case kTsAllocateProgram:
    case kTsUploadProgram: return describe_code("program/", body, target);
    case kTsAllocateFunction:
    case kTsUploadFunction: return describe_code("function/", body, target);
    case kTsStartChange:
    case kTsStartDownload: target.append("project/"); return target.append_escaped(body.project);
    case kTsCpStatus:
      if (body.state) body.command.value.append(ts_state_name(*body.state));
      return;
    case kTsMpStatus:
      target.append("mp/");
      target.append_number(body.processor.value_or(0));
      if (!body.address) return;
      target.append("/memory/0x");
      return target.append_hex(*body.address, 8);
    default: return;
  }
}

}  // namespace

std::optional<DecodeError> read_tristation(ByteReader& reader, TsMessage& out) {
  constexpr std::size_t kHeadBytes = 4;
  ByteReader in = reader;
  out = {};
  out.type = in.u8();
  out.channel = in.u8();
  const std::uint16_t length = in.u16le();
  if (in.ok() && ts_type_name(out.type).empty()) return DecodeError::bad_value;
  out.payload = in.bytes(length);
  const std::uint16_t crc = in.u16le();
  if (!in.ok()) return DecodeError::truncated;
  if (crc != crc16(reader.rest().first(kHeadBytes + length))) return DecodeError::bad_value;
  reader = in;
  if (out.type == kTsCommand) read_head(out);
  return {};
}

bool read_tristation_body(const TsMessage& message, bool texts, TsBody& out) {
  if (!message.function) return true;
  out.command.operation = ts_operation(*message.function);
  ByteReader in{message.data};
  switch (*message.function) {
    case kTsStartChange: read_start_change(in, out); break;
    case kTsStartDownload: read_start_download(in, out); break;
    case kTsAllocateProgram:
    case kTsAllocateFunction: read_code(in, true, out); break;
    case kTsUploadProgram:
    case kTsUploadFunction: read_code(in, false, out); break;
    case kTsMpStatus: read_mp_status(in, out); break;
    case kTsCpStatus: read_cp_status(in, out); break;
    case kTsRejected: out.reject = in.u8(); break;
    default: break;
  }
  if (texts) describe(message, out);
  return in.ok();
}

}  // namespace nw::network
