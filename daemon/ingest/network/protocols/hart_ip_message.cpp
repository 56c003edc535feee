#include "ingest/network/protocols/hart_ip_message.h"

#include <algorithm>
#include <array>
#include <bit>

namespace nw::network {

namespace {

constexpr std::uint16_t kHeaderBytes = 8;
constexpr std::uint16_t kLengthMax = 16384;  // an audit log of 255 records of 58 octets is the longest
constexpr std::uint8_t kExtended = 31;       // its data begin with the number of the command that is meant
constexpr std::uint16_t kToSubDevice = 77;

bool is_possible(const HartIpMessage& message) {
  return (message.version == 1 || message.version == 2) && message.length >= kHeaderBytes &&
         message.length <= kLengthMax;
}
// Whether the header says what the specification lets it: 6 of its 8 octets are then bound.
bool is_plausible(const HartIpMessage& message) {
  if (hart_ip_type_name(message.type).empty() || hart_ip_id_name(message.id).empty()) return false;
  // Servers do not look at the status of a request that carries commands.
  const bool commands = message.id == kHartTokenPassing || message.id == kHartDirect;
  if (message.type == kHartRequest && message.status != 0 && !commands) return false;
  if (message.type == kHartPublish && message.id != kHartTokenPassing && message.id != kHartDirect) return false;
  if (message.type != kHartRequest && !hart_ip_status_name(message.status).empty() && message.status != 0) return true;
  switch (message.id) {
    case kHartInitiate: return message.length == kHeaderBytes + 5;
    case kHartClose:
    case kHartKeepAlive: return message.length == kHeaderBytes;
    default: return message.length > kHeaderBytes;
  }
}

std::uint32_t number(ByteReader& reader, std::size_t width) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : reader.bytes(width)) value = value << 8U | octet;
  return value;
}

std::size_t width_of(char letter) {
  switch (letter) {
    case 'h': return 2;
    case 't':
    case 'D': return 3;
    case 'f':
    case 'k': return 4;
    case 'g': return 6;
    case 'd': return 12;
    case 'm': return 24;
    case 'L': return 32;
    default: return 1;
  }
}

void append_date(IcsText& out, Bytes date) {
  out.append_number(1900U + date[2]);
  for (const std::size_t i : {std::size_t{1}, std::size_t{0}}) {
    out.append(date[i] < 10 ? "-0" : "-");
    out.append_number(date[i]);
  }
}

void append_value(IcsText& out, char letter, Bytes octets) {
  ByteReader reader{octets};
  out.next();
  switch (letter) {
    case 'f': return out.append_real(std::bit_cast<float>(reader.u32be()));
    case 'k': return out.append_real(reader.u32be() / 32000.0);
    case 'D': return append_date(out, octets);
    case 'g':
    case 'd':
    case 'm': return append_hart_packed(out, octets);
    case 'L': {
      const auto end = std::ranges::find(octets, std::uint8_t{0});
      return out.append_escaped(octets.first(static_cast<std::size_t>(end - octets.begin())));
    }
    default: return out.append_number(number(reader, octets.size()));
  }
}

// Indices to `each`, the rest to `value`.
void read_layout(std::string_view layout, Bytes data, IcsText& value, auto&& each) {
  ByteReader reader{data};
  std::size_t again = layout.size();
  for (std::size_t at = 0; at < layout.size() && !reader.empty() && !value.full();) {
    if (layout[at] == '*') again = ++at;
    const char letter = layout[at];
    const Bytes octets = reader.bytes(width_of(letter));
    if (!reader.ok()) return;
    if (letter == 'i')
      each(octets.front());
    else if (letter != 's')
      append_value(value, letter, octets);
    if (++at == layout.size()) at = again;
  }
}

void append_point(IcsText& out, std::string_view device, std::string_view object) {
  out.next();
  out.append(device);
  if (object.empty()) return;
  out.append('/');
  out.append(object);
}

// | card u8 | channel u8 | preambles u8 | delimiter u8 | address | expansion | command u8 | [count u8] | data |
// Systems differ in whether they repeat the count.
void describe_handed_on(Bytes data, std::string_view device, bool texts, IcsCommand& out) {
  ByteReader reader{data};
  const std::uint8_t card = reader.u8(), channel = reader.u8();
  reader.u8();
  HartPdu inner;
  inner.delimiter = reader.u8();
  inner.address = reader.bytes(inner.unique() ? 5 : 1);
  reader.bytes(inner.expansion());
  std::uint16_t command = reader.u8();
  Bytes rest = reader.rest();
  if (!rest.empty() && rest.front() == rest.size() - 1) rest = rest.subspan(1);
  if (command == kExtended && rest.size() >= 2) {
    ByteReader numbered{rest};
    command = numbered.u16be();
    rest = numbered.rest();
  }
  if (!reader.ok() || command == kToSubDevice) return append_point(out.target, device, {});
  IcsText behind;
  behind.append(device);
  for (const std::uint8_t part : {card, channel}) {
    behind.append('/');
    behind.append_number(part);
  }
  behind.append('/');
  append_hart_device(behind, inner);
  describe_hart_request(command, rest, behind.view(), texts, out);
}

}  // namespace

std::optional<DecodeError> read_hart_ip(ByteReader& reader, bool strict, HartIpMessage& out) {
  ByteReader behind = reader;
  out = {.version = behind.u8(), .type = behind.u8(), .id = behind.u8(), .status = behind.u8()};
  if (!reader.empty() && out.version != 1 && out.version != 2) return DecodeError::bad_value;
  out.sequence = behind.u16be();
  out.length = behind.u16be();
  if (!behind.ok()) return DecodeError::truncated;
  if (!is_possible(out) || (strict && !is_plausible(out))) return DecodeError::bad_value;
  const Bytes there = behind.rest();
  out.body = behind.bytes(out.length - std::size_t{kHeaderBytes});
  if (!behind.ok()) {
    out.body = there;
    out.cut = true;
    return DecodeError::truncated;
  }
  reader = behind;
  return {};
}

bool read_hart_pdu(Bytes body, HartPdu& out) {
  ByteReader reader{body};
  out.delimiter = reader.u8();
  out.address = reader.bytes(out.unique() ? 5 : 1);
  reader.bytes(out.expansion());
  out.command = reader.u8();
  out.count = reader.u8();
  // Servers read what is there, to its check or not.
  ByteReader data{reader.rest().first(std::min<std::size_t>(out.count, reader.rest().size()))};
  reader.bytes(out.count);
  const std::size_t before = body.size() - reader.rest().size();
  out.check = reader.u8();
  std::uint8_t sum = 0;
  for (const std::uint8_t octet : body.first(before)) sum ^= octet;
  out.checked = reader.ok() && sum == out.check;
  constexpr unsigned kStx = 2;
  if (out.frame() != kStx) {
    if (!data.empty()) out.response = data.u8();
    // Behind an error in the communication stands nothing else, but for the status.
    out.status = data.u8();
  }
  if (out.command == kExtended && data.rest().size() >= 2) out.command = data.u16be();
  out.data = data.rest();
  return data.ok() && reader.ok() && reader.empty();
}

bool read_hart_direct(ByteReader& reader, bool from_device, HartDirect& out) {
  out = {};
  out.command = reader.u16be();
  out.count = reader.u8();
  const bool told = reader.ok();
  ByteReader data{reader.rest().first(std::min<std::size_t>(out.count, reader.rest().size()))};
  reader.bytes(out.count);
  if (from_device && !data.empty()) out.response = data.u8();
  out.data = data.rest();
  return told;
}

void append_hart_device(IcsText& out, const HartPdu& pdu) {
  constexpr std::uint8_t kIdentity = 0x3F;  // above are the master's bit and the burst's
  if (pdu.address.empty()) return;
  if (!pdu.unique()) return out.append_number(pdu.address.front() & kIdentity);
  out.append_hex(pdu.address.front() & kIdentity, 2);
  out.append_octets(pdu.address.subspan(1));
}

void append_hart_packed(IcsText& out, Bytes packed) {
  std::array<std::uint8_t, 32> text;
  std::size_t size = 0;
  // Nobody wrote anything there.
  if (std::ranges::all_of(packed, [](std::uint8_t octet) { return octet == 0; })) return;
  for (ByteReader reader{packed}; reader.rest().size() >= 3 && size < text.size();) {
    const std::uint32_t four = number(reader, 3);
    for (const unsigned shift : {18U, 12U, 6U, 0U}) {
      const std::uint32_t six = four >> shift & 0x3FU;
      text[size++] = static_cast<std::uint8_t>(six < 0x20 ? six + 0x40 : six);
    }
  }
  while (size > 0 && text[size - 1] == ' ') --size;
  out.append_escaped(Bytes{text}.first(size));
}

void describe_hart_request(std::uint16_t number, Bytes data, std::string_view device, bool texts, IcsCommand& out) {
  if (number == kToSubDevice) return describe_handed_on(data, device, texts, out);
  const HartCommand* command = find_hart_command(number);
  if (command != nullptr) out.operation = command->operation;
  if (!texts) return;
  if (command == nullptr) return append_point(out.target, device, {});
  bool indexed = false;
  read_layout(command->request, data, out.value, [&](std::uint8_t index) {
    append_point(out.target, device, command->object);
    out.target.append('/');
    out.target.append_number(index);
    indexed = true;
  });
  if (!indexed) append_point(out.target, device, command->object);
}

void describe_hart_response(std::uint16_t number, Bytes data, IcsText& value) {
  if (const HartCommand* command = find_hart_command(number))
    read_layout(command->response, data, value, [](std::uint8_t) {});
}

}  // namespace nw::network
