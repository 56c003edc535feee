#include "ingest/network/protocols/modbus_pdu.h"

#include <algorithm>

namespace nw::network {

namespace {

using event::Value;

// Counts that the specification allows, by function.
constexpr std::uint16_t kReadBitsMax = 2000, kReadRegistersMax = 125;
constexpr std::uint16_t kWriteBitsMax = 1968, kWriteRegistersMax = 123, kReadWriteRegistersMax = 121;
constexpr std::uint16_t kFifoMax = 31;
constexpr std::uint8_t kFileReference = 6;  // reference type of every file record

constexpr std::size_t bytes_for_bits(std::size_t bits) { return (bits + 7) / 8; }
constexpr bool within(std::uint16_t value, std::uint16_t most) { return value >= 1 && value <= most; }

bool done(const ByteReader& in) { return in.ok() && in.empty(); }

// The next two bytes, if they are there.
std::optional<std::uint16_t> word(ByteReader& in) {
  const std::uint16_t value = in.u16be();
  return in.ok() ? std::optional{value} : std::nullopt;
}

// Both present, in the order of the wire.
bool words(ByteReader& in, std::optional<std::uint16_t>& first, std::optional<std::uint16_t>& second) {
  first = word(in);
  second = word(in);
  return second.has_value();
}

void add_bits(Bytes bytes, std::size_t count, Arena& arena, ValueList& out) {
  count = std::min(count, bytes.size() * 8);
  out.reserve(arena, count);
  for (std::size_t i = 0; i < count; ++i) out.add(std::uint32_t{bytes[i / 8]} >> (i % 8) & 1U);
}

void add_registers(Bytes bytes, Arena& arena, ValueList& out) {
  out.reserve(arena, bytes.size() / 2);
  for (ByteReader in{bytes}; in.rest().size() >= 2;) out.add(in.u16be());
}

bool one_value(ByteReader& in, Arena& arena, ModbusBody& out) {
  const auto value = word(in);
  if (!value) return false;
  out.values.reserve(arena, 1);
  out.values.add(*value);
  return in.empty();
}

// 0x05: 0xFF00 is on, 0 is off, anything else is wrong.
bool coil(ByteReader& in, Arena& arena, ModbusBody& out) {
  out.address = word(in);
  const auto value = word(in);
  if (!value) return false;
  out.quantity = 1;
  out.values.reserve(arena, 1);
  out.values.add(*value == 0 ? 0U : 1U);
  return in.empty() && (*value == 0 || *value == 0xff00);
}

bool single_register(ByteReader& in, Arena& arena, ModbusBody& out) {
  out.address = word(in);
  out.quantity = out.address ? std::optional<std::uint16_t>{1} : std::nullopt;
  return one_value(in, arena, out);
}

bool diagnostics(ByteReader& in, Arena& arena, ModbusBody& out) {
  out.subfunction = word(in);
  if (!out.subfunction) return false;
  add_registers(in.rest(), arena, out.values);
  return in.rest().size() % 2 == 0 && !in.empty();
}

bool mask_write(ByteReader& in, ModbusBody& out) {
  out.address = word(in);
  return words(in, out.and_mask, out.or_mask) && in.empty();
}

// Byte count, then exactly that many bytes.
std::optional<Bytes> counted(ByteReader& in) {
  const std::size_t count = in.u8();
  const Bytes bytes = in.bytes(count);
  if (!in.ok()) return {};
  return bytes;
}

bool write_many(ByteReader& in, bool bits, Arena& arena, ModbusBody& out) {
  if (!words(in, out.address, out.quantity)) return false;
  const auto data = counted(in);
  if (!data) return false;
  const std::size_t want = bits ? bytes_for_bits(*out.quantity) : std::size_t{*out.quantity} * 2;
  if (bits)
    add_bits(*data, *out.quantity, arena, out.values);
  else
    add_registers(*data, arena, out.values);
  return in.empty() && data->size() == want && within(*out.quantity, bits ? kWriteBitsMax : kWriteRegistersMax);
}

bool read_write_many(ByteReader& in, Arena& arena, ModbusBody& out) {
  if (!words(in, out.read_address, out.read_quantity)) return false;
  if (!words(in, out.address, out.quantity)) return false;
  const auto data = counted(in);
  if (!data) return false;
  add_registers(*data, arena, out.values);
  return in.empty() && data->size() == std::size_t{*out.quantity} * 2 &&
         within(*out.quantity, kReadWriteRegistersMax) && within(*out.read_quantity, kReadRegistersMax);
}

// 0x14 and 0x15: sub-requests of | 6 u8 | file u16 | record u16 | registers u16 | (0x15: the registers).
bool file_records(ByteReader& in, bool with_data, Arena& arena, ModbusBody& out) {
  const auto data = counted(in);
  if (!data) return false;
  const std::size_t most = data->size() / 7;
  out.files.reserve(arena, most);
  out.records.reserve(arena, most);
  out.lengths.reserve(arena, most);
  if (with_data) out.values.reserve(arena, data->size() / 2);
  ByteReader parts{*data};
  while (!parts.empty()) {
    const std::uint8_t reference = parts.u8();
    const std::uint16_t file = parts.u16be(), record = parts.u16be(), length = parts.u16be();
    if (!parts.ok() || reference != kFileReference) return false;
    out.files.add(file);
    out.records.add(record);
    out.lengths.add(length);
    if (!with_data) continue;
    ByteReader registers = parts.sub(std::size_t{length} * 2);
    if (!registers.ok()) return false;
    while (!registers.empty()) out.values.add(registers.u16be());
  }
  return in.empty() && !out.files.empty();
}

// 0x14's response: | bytes u8 | 6 u8 | registers |, repeated.
bool file_contents(ByteReader& in, Arena& arena, ModbusBody& out) {
  const auto data = counted(in);
  if (!data) return false;
  out.values.reserve(arena, data->size() / 2);
  ByteReader parts{*data};
  while (!parts.empty()) {
    const std::size_t length = parts.u8();
    ByteReader part = parts.sub(length);
    if (part.u8() != kFileReference || !part.ok() || length % 2 == 0) return false;
    while (!part.empty()) out.values.add(part.u16be());
  }
  return in.empty() && !data->empty();
}

bool read_bits(ByteReader& in, const ModbusRequestPart* request, Arena& arena, ModbusBody& out) {
  const auto data = counted(in);
  if (!data) return false;
  const bool known = request != nullptr && request->quantity.has_value();
  add_bits(*data, known ? *request->quantity : data->size() * 8, arena, out.values);
  return in.empty() && !data->empty() && (!known || data->size() == bytes_for_bits(*request->quantity));
}

bool read_registers(ByteReader& in, std::optional<std::uint16_t> asked, Arena& arena, ModbusBody& out) {
  const auto data = counted(in);
  if (!data) return false;
  add_registers(*data, arena, out.values);
  return in.empty() && !data->empty() && data->size() % 2 == 0 && (!asked || data->size() == std::size_t{*asked} * 2);
}

// 0x0C: | bytes u8 | status u16 | events u16 | messages u16 | event bytes |.
bool event_log(ByteReader& in, Arena& arena, ModbusBody& out) {
  const auto data = counted(in);
  if (!data) return false;
  ByteReader log{*data};
  const std::uint16_t status = log.u16be(), events = log.u16be(), messages = log.u16be();
  if (!log.ok()) return false;
  out.values.reserve(arena, 3 + log.rest().size());
  for (const std::uint32_t value : {status, events, messages}) out.values.add(value);
  for (const std::uint8_t byte : log.rest()) out.values.add(byte);
  return in.empty();
}

// 0x18: | bytes u16 | count u16 | registers |.
bool fifo(ByteReader& in, Arena& arena, ModbusBody& out) {
  const std::size_t bytes = in.u16be();
  ByteReader queue = in.sub(bytes);
  const std::uint16_t count = queue.u16be();
  if (!queue.ok()) return false;
  out.quantity = count;
  add_registers(queue.rest(), arena, out.values);
  return in.empty() && count <= kFifoMax && queue.rest().size() == std::size_t{count} * 2;
}

// 0x2B/0x0E: | code u8 | conformity u8 | more u8 | next u8 | objects u8 |, then | id u8 | length u8 | text |.
bool device_objects(ByteReader& in, Arena& arena, ModbusBody& out) {
  in.bytes(4);
  const unsigned count = in.u8();
  if (!in.ok()) return false;
  out.object_ids.reserve(arena, count);
  out.object_values.reserve(arena, count);
  for (unsigned i = 0; i < count; ++i) {
    const std::uint8_t id = in.u8();
    const auto text = counted(in);
    if (!text) return false;
    const std::span<char> kept = arena.make<char>(text->size());
    std::ranges::copy(text->first(kept.size()), kept.begin());
    out.object_ids.add(id);
    out.object_values.add(Value::text({kept.data(), kept.size()}));
  }
  return in.empty();
}

bool interface(ByteReader& in, bool response, Arena& arena, ModbusBody& out) {
  const std::uint8_t mei = in.u8();
  if (!in.ok()) return false;
  out.mei = mei;
  if (mei != kMeiDeviceIdentification) return true;
  if (response) return device_objects(in, arena, out);
  in.bytes(2);  // which part, from which object
  return done(in);
}

// 0x5A: | session u8 | function u8 | ... |.
bool umas(ByteReader& in, ModbusBody& out) {
  in.u8();
  const std::uint8_t function = in.u8();
  if (in.ok()) out.umas = function;
  return in.ok();
}

bool byte_values(Bytes bytes, Arena& arena, ModbusBody& out) {
  out.values.reserve(arena, bytes.size());
  for (const std::uint8_t byte : bytes) out.values.add(byte);
  return !bytes.empty();
}

bool exception(ByteReader& in, ModbusBody& out) {
  const std::uint8_t code = in.u8();
  if (in.ok()) out.exception = code;
  return done(in);
}

}  // namespace

bool read_modbus_request(std::uint8_t function, Bytes body, Arena& arena, ModbusBody& out) {
  ByteReader in{body};
  switch (function) {
    case 0x01:
    case 0x02: return words(in, out.address, out.quantity) && in.empty() && within(*out.quantity, kReadBitsMax);
    case 0x03:
    case 0x04: return words(in, out.address, out.quantity) && in.empty() && within(*out.quantity, kReadRegistersMax);
    case 0x05: return coil(in, arena, out);
    case 0x06: return single_register(in, arena, out);
    case 0x08: return diagnostics(in, arena, out);
    case 0x07:
    case 0x0B:
    case 0x0C:
    case 0x11: return in.empty();
    case 0x0F: return write_many(in, true, arena, out);
    case 0x10: return write_many(in, false, arena, out);
    case 0x14: return file_records(in, false, arena, out);
    case 0x15: return file_records(in, true, arena, out);
    case 0x16: return mask_write(in, out);
    case 0x17: return read_write_many(in, arena, out);
    case 0x18: out.address = word(in); return done(in);
    case 0x2B: return interface(in, false, arena, out);
    case 0x5A: return umas(in, out);
    default: return function != 0 && function < 0x80;
  }
}

bool read_modbus_response(std::uint8_t function, Bytes body, const ModbusRequestPart* request, Arena& arena,
                          ModbusBody& out) {
  ByteReader in{body};
  if (function >= 0x80) return exception(in, out);
  switch (function) {
    case 0x01:
    case 0x02: return read_bits(in, request, arena, out);
    case 0x03:
    case 0x04: return read_registers(in, request == nullptr ? std::nullopt : request->quantity, arena, out);
    case 0x05: return coil(in, arena, out);
    case 0x06: return single_register(in, arena, out);
    case 0x07: return byte_values(in.bytes(1), arena, out) && done(in);
    case 0x08: return diagnostics(in, arena, out);
    case 0x0B: add_registers(in.rest(), arena, out.values); return in.rest().size() == 4;
    case 0x0C: return event_log(in, arena, out);
    case 0x0F:
    case 0x10: return words(in, out.address, out.quantity) && in.empty();
    case 0x11: return counted(in).has_value() && in.empty();
    case 0x14: return file_contents(in, arena, out);
    case 0x15: return file_records(in, true, arena, out);
    case 0x16: return mask_write(in, out);
    case 0x17: return read_registers(in, request == nullptr ? std::nullopt : request->read_quantity, arena, out);
    case 0x18: return fifo(in, arena, out);
    case 0x2B: return interface(in, true, arena, out);
    case 0x5A: return umas(in, out);
    default: return function != 0;
  }
}

}  // namespace nw::network
