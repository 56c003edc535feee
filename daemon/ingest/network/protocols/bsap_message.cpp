#include "ingest/network/protocols/bsap_message.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>

#include "ingest/network/protocols/values.h"

namespace nw::network {

namespace {

using event::Value;

constexpr std::size_t kHeadBytes = 14, kHeadBytesMax = 64, kMessageBytes = 11;
constexpr std::uint8_t kMessageHeader = 12;
enum : std::uint8_t { kByAddress = 0x00, kByName = 0x04, kWriteByAddress = 0x80, kWriteByName = 0x84 };
enum : std::uint8_t { kSetOn = 9, kSetOff = 10, kSetAnalog = 11 };

Value kept(Arena& arena, const IcsText& text) { return Value::text(arena.copy(text.view())); }

Value address_value(Arena& arena, unsigned address) {
  IcsText text;
  text.append("address/0x");
  text.append_hex(address);
  return kept(arena, text);
}

// A name with the zero behind it.
Value name_value(Arena& arena, ByteReader& in) {
  const Bytes rest = in.rest();
  const std::string_view to_come{reinterpret_cast<const char*>(rest.data()), rest.size()};
  const Bytes name = in.bytes(std::min(to_come.find('\0'), rest.size()));
  in.u8();
  IcsText text;
  text.append("signal/");
  text.append_escaped(name);
  return kept(arena, text);
}

Value real_value(Arena& arena, ByteReader& in) {
  std::array<char, 40> digits;
  const float number = std::bit_cast<float>(in.u32le());
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return Value::text(arena.copy({digits.data(), static_cast<std::size_t>(end - digits.data())}));
}

// Application functions by their names in ICSNPP. What the database and its extension do, their commands say.
struct Function {
  std::uint8_t number;
  std::string_view name;
  IcsOperation operation;
};
constexpr auto kFunctions = std::to_array<Function>({
    {0x03, "PEI_PC", IcsOperation::other},
    {0x40, "PEI_RTU", IcsOperation::other},
    {0x48, "DIAG", IcsOperation::diagnose},
    {0x60, "CBO", IcsOperation::other},
    {0x68, "FLASH_DOWNLOAD", IcsOperation::program},
    {0x6A, "FLASH_CONFIG", IcsOperation::program},
    {0x70, "CMD_HANDLER_REQ", IcsOperation::other},
    {0x78, "DOWNLOAD_REQ_MSG_FRAMES", IcsOperation::program},
    {0x88, "TS_NRT_MSG", IcsOperation::time_set},  // time, and the table of routes
    {0x89, "REQ_TS_NRT_MSG", IcsOperation::read},
    {kBsapDatabase, "RDB", IcsOperation::other},
    {kBsapExtension, "RDB_EXTENSION", IcsOperation::other},
    {0xA2, "RBE_FIRM", IcsOperation::subscribe},
    {0xA3, "RBE_MNGR", IcsOperation::subscribe},
    {0xA8, "ALARM_ACK", IcsOperation::write},
    {0xA9, "ALARM_INIT", IcsOperation::other},
    {0xAA, "ALARM_REPORT", IcsOperation::other},
    {0xB0, "P2P_MASTER", IcsOperation::other},
    {0xB1, "P2P_SLAVE", IcsOperation::other},
    {0xBF, "TUNNEL_REQUEST", IcsOperation::other},
});

// What a descriptor says is written. Nothing when it is not known: what follows cannot be told apart.
std::optional<Value> written_value(Arena& arena, ByteReader& in) {
  const std::uint8_t descriptor = in.u8();
  switch (descriptor) {
    case kSetOn: return Value::text("ON");
    case kSetOff: return Value::text("OFF");
    case kSetAnalog: return real_value(arena, in);
    default: return {};
  }
}

Value octets_value(Arena& arena, Bytes octets) {
  IcsText text;
  text.append("0x");
  text.append_octets(octets);
  return kept(arena, text);
}

// Security and count stand before the signals.
bool read_signals(ByteReader& in, bool named, bool writes, Arena& arena, BsapBody& out) {
  in.u8();
  out.count = in.u8();
  // Each has an octet at least.
  const std::size_t room = std::min<std::size_t>(*out.count, in.rest().size());
  ValueList names, values;
  names.reserve(arena, room);
  if (writes) values.reserve(arena, room);
  bool known = true;
  for (std::size_t i = 0; i < *out.count && known; ++i) {
    const Value name = named ? name_value(arena, in) : address_value(arena, in.u16le());
    if (!in.ok()) break;
    names.add(name);
    if (!writes) continue;
    const Bytes rest = in.rest();
    const std::optional<Value> value = written_value(arena, in);
    known = value || !in.ok();
    if (in.ok()) values.add(known ? *value : octets_value(arena, rest));
  }
  out.names = names.all();
  out.values = values.all();
  return in.ok();
}

bool read_database(ByteReader& in, Arena& arena, BsapBody& out) {
  constexpr std::size_t kFieldBytes = 3;
  const std::uint8_t command = in.u8();
  if (!in.ok()) return false;
  out.asked.command = command;
  switch (command) {
    case kByName: in.bytes(kFieldBytes); return read_signals(in, true, false, arena, out);
    case kByAddress:
      in.bytes(kFieldBytes);
      in.u16le();
      return read_signals(in, false, false, arena, out);
    case kWriteByAddress: in.u16le(); return read_signals(in, false, true, arena, out);
    case kWriteByName: return read_signals(in, true, true, arena, out);
    default: return in.ok();
  }
}

// Nothing when it is of no type that we know.
std::optional<Value> element_value(Arena& arena, ByteReader& in) {
  enum : std::uint8_t { kLogical = 0, kAnalog = 2, kTypeBits = 3 };
  const unsigned type = in.u8() & kTypeBits;
  std::optional<Value> value;
  if (type == kLogical) value = Value::text(in.u8() != 0 ? "ON" : "OFF");
  if (type == kAnalog) value = real_value(arena, in);
  in.bytes(4);  // address, version
  return in.ok() ? value : std::nullopt;
}

IcsOperation database_operation(std::uint16_t command) {
  constexpr std::uint16_t kWrites = 0x80;
  return (command & kWrites) != 0 ? IcsOperation::write : IcsOperation::read;
}

IcsOperation extension_operation(std::uint16_t extension) {
  switch (extension) {
    case 0x0101: return IcsOperation::restart;
    case 0x0102: return IcsOperation::diagnose;
    case 0x0201:
    case 0x0202:
    case 0x0203: return IcsOperation::read;
    case 0x0281: return IcsOperation::time_set;
    case 0x0400: return IcsOperation::write;
    default: return IcsOperation::other;
  }
}

}  // namespace

bool BsapHead::plausible() const noexcept {
  return size <= kHeadBytesMax && !bsap_type_name(type).empty() && (messages == 0) == (type == 0);
}

std::optional<DecodeError> read_bsap_head(ByteReader& reader, BsapHead& out) {
  ByteReader in = reader;
  out.size = in.u16le();
  out.messages = in.u16le();
  out.type = in.u16le();
  out.sequence = in.u32le();
  out.acknowledged = in.u32le();
  if (!in.ok()) return DecodeError::truncated;
  if (out.size < kHeadBytes) return DecodeError::bad_value;
  in.bytes(out.size - kHeadBytes);
  if (!in.ok()) return DecodeError::truncated;
  reader = in;
  return {};
}

bool read_bsap_message(ByteReader& reader, BsapMessage& out) {
  ByteReader in = reader;
  out.length = in.u32le();
  out.header_size = in.u8();
  out.sequence = in.u32le();
  out.first = in.u8();
  out.second = in.u8();
  if (!in.ok()) return false;
  const std::size_t there = kMessageBytes + in.rest().size();
  const bool small = out.length < kMessageBytes;
  out.fault.reset();
  if (small || out.header_size != kMessageHeader) out.fault = DecodeError::bad_value;
  if (out.length > there) out.fault = DecodeError::truncated;
  out.data = in.bytes((small ? there : std::min<std::size_t>(out.length, there)) - kMessageBytes);
  reader = in;
  return true;
}

bool read_bsap_request(const BsapMessage& message, Arena& arena, BsapBody& out) {
  out.asked.function = message.first;
  ByteReader in{message.data};
  if (message.first == kBsapDatabase) return read_database(in, arena, out);
  if (message.first != kBsapExtension) return true;
  const std::uint16_t command = in.u16le();
  if (in.ok()) out.asked.command = command;
  return in.ok();
}

void read_bsap_response(const BsapMessage& message, Arena& arena, BsapBody& out) {
  out.count = message.second;
  if (message.first != 0 || message.second > message.data.size()) return;
  ByteReader in{message.data};
  const std::span<Value> values = arena.make<Value>(message.second);
  for (Value& slot : values) {
    const std::optional<Value> value = element_value(arena, in);
    if (!value) return;
    slot = *value;
  }
  if (in.empty()) out.values = values;
}

std::string_view bsap_type_name(std::uint16_t type) {
  switch (type) {
    case 0x00: return "POLL";
    case 0x01: return "RESPONSECNT";
    case 0x05: return "RESPONSE";
    case 0x06:
    case 0x84:
    case 0x86: return "REQUEST";
    default: return {};
  }
}

std::string_view bsap_function_name(std::uint8_t function) {
  const auto found = std::ranges::find(kFunctions, function, &Function::number);
  return found == kFunctions.end() ? std::string_view{} : found->name;
}

std::string_view bsap_command_name(std::uint16_t command) {
  switch (command) {
    case kByAddress: return "READ_SIGNAL_BY_ADDRESS";
    case 0x02: return "READ_LOGICAL_BY_ADDRESS";
    case kByName: return "READ_SIGNAL_BY_NAME";
    case 0x06: return "READ_LOGICAL_BY_NAME";
    case 0x0C: return "READ_SIGNAL_BY_LIST_START";
    case 0x0D: return "READ_SIGNAL_BY_LIST_CONTINUE";
    case 0x0E: return "READ_LOGICAL_BY_LIST_START";
    case 0x0F: return "READ_LOGICAL_BY_LIST_CONTINUE";
    case kWriteByAddress: return "WRITE_SIGNAL_BY_ADDRESS";
    case kWriteByName: return "WRITE_SIGNAL_BY_NAME";
    case 0x8C: return "WRITE_SIGNAL_BY_LIST_START";
    case 0x8D: return "WRITE_SIGNAL_BY_LIST_CONTINUE";
    default: return {};
  }
}

std::string_view bsap_extension_name(std::uint16_t command) {
  switch (command) {
    case 0x0101: return "RESET SYSTEM";
    case 0x0102: return "DIAGNOSTICS RESET";
    case 0x0201: return "READ DATE AND TIME";
    case 0x0202: return "READ DATE";
    case 0x0203: return "READ TIME";
    case 0x0281: return "WRITE DATE AND TIME";
    case 0x0400: return "CHANGE LOCAL NODE ADDR";
    default: return {};
  }
}

IcsOperation bsap_operation(const BsapAsked& asked) {
  if (asked.function == kBsapDatabase || asked.function == kBsapExtension) {
    if (!asked.command) return IcsOperation::other;
    return asked.function == kBsapDatabase ? database_operation(*asked.command) : extension_operation(*asked.command);
  }
  const auto found = std::ranges::find(kFunctions, asked.function, &Function::number);
  return found == kFunctions.end() ? IcsOperation::other : found->operation;
}

}  // namespace nw::network
