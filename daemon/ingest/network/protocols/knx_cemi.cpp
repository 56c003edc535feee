#include "ingest/network/protocols/knx_cemi.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::uint16_t kSmallBits = 0x3F;
constexpr std::uint16_t kGroupRead = 0x000, kGroupResponse = 0x040, kGroupWrite = 0x080;

void read_object(ByteReader& reader, CemiMessage& out) {
  out.type = reader.u16be();
  const std::uint16_t high = reader.u16be();
  const std::uint8_t low = reader.u8();
  out.instance = static_cast<std::uint16_t>(high >> 4U);
  out.property = static_cast<std::uint16_t>((high & 0xFU) << 8U | low);
}

void read_elements(ByteReader& reader, CemiMessage& out) {
  const std::uint16_t both = reader.u16be();
  out.count = static_cast<std::uint16_t>(both >> 12U);
  out.start = static_cast<std::uint16_t>(both & 0xFFFU);
}

void read_wide_elements(ByteReader& reader, CemiMessage& out) {
  out.count = reader.u8();
  out.start = reader.u16be();
}

void read_wide_memory(ByteReader& reader, CemiMessage& out) {
  out.count = reader.u8();
  const std::uint32_t high = reader.u8();
  out.memory = high << 16U | reader.u16be();
}

void read_more_memory(ByteReader& reader, CemiMessage& out) {
  const std::uint8_t both = reader.u8();
  out.memory = std::uint32_t{both} >> 4U << 16U;
  out.count = static_cast<std::uint16_t>(both & 0xFU);
}

Bytes rest(ByteReader& reader) { return reader.bytes(reader.rest().size()); }

void read_part(char letter, ByteReader& reader, CemiMessage& out) {
  constexpr std::size_t kSerialBytes = 6;
  switch (letter) {
    case 'o': out.object = reader.u8(); return;
    case 't': out.type = reader.u16be(); return;
    case 'O': return read_object(reader, out);
    case 'p': out.property = reader.u8(); return;
    case 'P': out.property = static_cast<std::uint16_t>(reader.u16be() >> 4U); return;
    case 'i': out.instance = reader.u8(); return;
    case 'e': return read_elements(reader, out);
    case 'E': return read_wide_elements(reader, out);
    case 'c': out.count = reader.u8(); return;
    case 'm': out.memory = out.memory.value_or(0) | reader.u16be(); return;
    case 'u': return read_more_memory(reader, out);
    case 'M': return read_wide_memory(reader, out);
    case 'a': out.address = reader.u16be(); return;
    case 'n': out.serial = reader.bytes(kSerialBytes); return;
    case 'k': rest(reader); return;
    default: out.data = rest(reader); return;
  }
}

bool read_parts(std::string_view layout, ByteReader& reader, CemiMessage& out) {
  for (const char letter : layout) {
    const CemiMessage before = out;
    read_part(letter, reader, out);
    if (reader.ok()) continue;
    out = before;  // nothing of a part that is cut off
    return false;
  }
  return true;
}

// Four bits of a service leave six for a number; the others are ten bits wide.
const KnxService* known_service(std::uint16_t code) {
  constexpr unsigned kRestart = 0x380, kResponse = 0x20, kMaster = 0x01;
  const KnxService* exact = find_knx_service(code);
  const auto high = static_cast<std::uint16_t>(code & ~kSmallBits);
  if (exact != nullptr || high == 0x2C0 || high == 0x3C0) return exact;
  // Of a restart two bits mean something, and old devices look at none of the six.
  if (high == kRestart) {
    const unsigned kind = (code & kResponse) != 0 ? kResponse | kMaster : code & kMaster;
    return find_knx_service(static_cast<std::uint16_t>(kRestart | kind));
  }
  return find_knx_service(high);
}

// Whether a device says that it did not do it: nothing is what it read or wrote. Where the memory is wide, its answer
// has a code in the count's place.
bool declined(CemiMessage& answer) {
  constexpr std::uint16_t kBad = 0x80;
  const std::string_view layout = answer.known->layout;
  if (!layout.starts_with('M')) return layout.find_first_of("eEmu") != layout.npos && answer.count == 0;
  const bool bad = answer.count >= kBad;
  answer.count.reset();
  return bad;
}

// | transport control 6 bits | service 10 bits | data |, or the transport's control alone.
bool read_application(ByteReader& reader, CemiMessage& out) {
  constexpr std::uint8_t kControl = 0x80;
  const std::uint8_t high = reader.u8();
  if (!reader.ok()) return false;
  if ((high & kControl) != 0) {
    out.transport = high;
    return reader.empty();
  }
  const std::uint8_t low = reader.u8();
  if (!reader.ok()) return false;
  const auto code = static_cast<std::uint16_t>((high & 3U) << 8U | low);
  out.known = known_service(code);
  out.service = out.known == nullptr ? code : out.known->code;
  out.small = static_cast<std::uint8_t>(code & kSmallBits);
  if (out.known == nullptr) {
    out.data = rest(reader);
    return true;
  }
  if (out.known->object == "memory" && out.known->layout.starts_with('m')) out.count = out.small;
  const bool whole = read_parts(out.known->layout, reader, out);
  out.failed = whole && out.answers() && declined(out);
  return whole;
}

// `behind` octets should stand behind the first. Where those are too few for the message, some devices take what is
// there.
bool read_counted(ByteReader& reader, std::size_t behind, CemiMessage& out) {
  const Bytes all = reader.rest();
  ByteReader counted{all.first(std::min(all.size(), behind + 1))}, uncounted{all};
  return read_application(counted, out) || read_application(uncounted, out);
}

// As it stands behind the octets of more information.
bool read_telegram(ByteReader& reader, CemiMessage& out) {
  out.control = reader.u8();
  out.control2 = reader.u8();
  out.source = reader.u16be();
  out.destination = reader.u16be();
  const std::size_t behind = reader.u8();
  if (!reader.ok()) return false;
  out.telegram = true;
  out.failed = out.code == kCemiDataConfirmation && (out.control & 1U) != 0;
  const bool failed = out.failed;
  const bool whole = read_counted(reader, behind, out) && reader.rest().size() == behind + 1;
  out.failed = out.failed || failed;
  return whole;
}

// As on the twisted pair (3/2/2, 2.2): a short frame has a group's bit, hops and length in one octet; an octet behind
// checks it.
bool read_raw(ByteReader& reader, CemiMessage& out) {
  constexpr std::uint8_t kShort = 0x80, kFixed = 0x53, kData = 0x10;
  const Bytes all = reader.rest();
  out.control = reader.u8();
  if ((out.control & kFixed) != kData) {  // acknowledgements, and polling
    out.data = all;
    return reader.ok();
  }
  const bool is_short = (out.control & kShort) != 0;
  if (!is_short) out.control2 = reader.u8();
  out.source = reader.u16be();
  out.destination = reader.u16be();
  const std::uint8_t length = reader.u8();
  if (!reader.ok()) return false;
  if (is_short) out.control2 = length & 0xF0U;
  const std::size_t behind = is_short ? length & 0xFU : length;
  out.telegram = true;
  const bool whole = reader.rest().size() > behind;
  return read_counted(reader, behind, out) && whole;
}

bool read_property(std::string_view layout, ByteReader& reader, CemiMessage& out) {
  const bool whole = read_parts(layout, reader, out);
  const bool confirms = out.confirms();
  out.failed = confirms && (out.code == kCemiFunctionConfirmation ? out.data.empty() : out.count == 0);
  return whole;
}

void append_part(IcsText& out, const std::optional<std::uint16_t>& number) {
  if (!number) return;
  out.append('/');
  out.append_number(*number);
}

void append_memory(IcsText& out, std::uint32_t first, std::uint32_t count) {
  out.append("/0x");
  out.append_hex(first, 4);
  if (count < 2) return;
  out.append("-0x");
  out.append_hex(first + count - 1, 4);
}

void describe_value(const CemiMessage& cemi, IcsText& out) {
  const bool group = cemi.service == kGroupWrite || cemi.service == kGroupResponse;
  if (cemi.address)
    append_knx_address(out, *cemi.address);
  else if (group && cemi.data.empty())
    out.append_number(cemi.small);
  else if (!cemi.failed)
    out.append_octets(cemi.data);
}

}  // namespace

bool CemiMessage::asks() const noexcept { return cemi_confirmation(code) != 0; }

bool CemiMessage::confirms() const noexcept {
  return code == kCemiDataConfirmation || code == kCemiRawConfirmation || code == kCemiReadConfirmation ||
         code == kCemiWriteConfirmation || code == kCemiFunctionConfirmation;
}

bool CemiMessage::answers() const noexcept { return service && knx_answers(*service); }

bool read_cemi(Bytes bytes, CemiMessage& out) {
  constexpr std::size_t kNoAddresses = 6;
  out = {};
  ByteReader reader{bytes};
  out.code = reader.u8();
  if (!reader.ok()) return false;
  switch (out.code) {
    case kCemiReadRequest:
    case kCemiReadConfirmation:
    case kCemiWriteRequest:
    case kCemiWriteConfirmation:
    case kCemiPropertyIndication: return read_property("tipex", reader, out);
    case kCemiCommandRequest:
    case kCemiStateRequest:
    case kCemiFunctionConfirmation: return read_property("tipx", reader, out);
    case kCemiResetRequest:
    case kCemiResetIndication: return true;
    default: break;
  }
  reader.bytes(reader.u8());
  if (!reader.ok()) return false;
  switch (out.code) {
    case kCemiDataRequest:
    case kCemiDataIndication:
    case kCemiDataConfirmation: return read_telegram(reader, out);
    case kCemiRawRequest:
    case kCemiRawIndication:
    case kCemiRawConfirmation:
    case kCemiMonitor: return read_raw(reader, out);
    case kCemiConnectedRequest:
    case kCemiConnectedIndication:
    case kCemiIndividualRequest:
    case kCemiIndividualIndication:
      reader.bytes(kNoAddresses);
      reader.u8();
      return reader.ok() && read_application(reader, out);
    default: out.data = reader.rest(); return true;
  }
}

bool read_routed_cemi(Bytes bytes, CemiMessage& out) {
  out = {};
  ByteReader reader{bytes};
  out.code = reader.u8();
  reader.bytes(reader.u8());
  const bool whole = reader.ok() && read_telegram(reader, out);
  return whole && (out.code == kCemiDataIndication || out.code == kCemiDataRequest);
}

IcsOperation cemi_operation(const CemiMessage& cemi) {
  constexpr std::uint16_t kLoadState = 5, kRunState = 6;  // of every object (3/5/1, 4.2)
  constexpr std::uint8_t kRun = 1, kHalt = 2;
  IcsOperation operation = cemi.known == nullptr ? IcsOperation::other : cemi.known->operation;
  const std::uint8_t code = cemi.telegram ? std::uint8_t{kCemiDataIndication} : cemi.code;
  switch (code) {
    case kCemiResetRequest:
    case kCemiResetIndication: return IcsOperation::restart;
    case kCemiWriteRequest:
    case kCemiWriteConfirmation: operation = IcsOperation::write; break;
    case kCemiReadRequest:
    case kCemiReadConfirmation:
    case kCemiPropertyIndication:
    case kCemiStateRequest:
    case kCemiFunctionConfirmation: return IcsOperation::read;
    case kCemiCommandRequest: return IcsOperation::control;
    default: break;
  }
  if (operation != IcsOperation::write || !cemi.property) return operation;
  if (*cemi.property == kLoadState) return IcsOperation::program;
  if (*cemi.property != kRunState || cemi.data.empty()) return operation;
  if (cemi.data[0] == kRun) return IcsOperation::start;
  return cemi.data[0] == kHalt ? IcsOperation::stop : operation;
}

void append_knx_address(IcsText& out, std::uint16_t address) {
  out.append_number(address >> 12U);
  out.append('.');
  out.append_number(address >> 8U & 0xFU);
  out.append('.');
  out.append_number(address & 0xFFU);
}

void append_knx_group(IcsText& out, std::uint16_t address) {
  out.append_number(address >> 11U);
  out.append('/');
  out.append_number(address >> 8U & 7U);
  out.append('/');
  out.append_number(address & 0xFFU);
}

void describe_cemi(const CemiMessage& cemi, bool texts, IcsCommand& out) {
  out.operation = cemi_operation(cemi);
  if (!texts) return;
  const bool of_group = cemi.service == kGroupRead || cemi.service == kGroupResponse || cemi.service == kGroupWrite;
  if (!cemi.telegram)
    out.target.append(cemi.code >= kCemiConnectedRequest ? "server" : "");
  else if (cemi.group() && (of_group || !cemi.answers()))
    append_knx_group(out.target, cemi.destination);
  else
    append_knx_address(out.target, cemi.device());
  std::string_view object = cemi.known == nullptr ? std::string_view{} : cemi.known->object;
  if (cemi.known == nullptr && cemi.property) object = "property";
  if (!object.empty()) {
    out.target.append('/');
    out.target.append(object);
  }
  append_part(out.target, cemi.object);
  append_part(out.target, cemi.type);
  append_part(out.target, cemi.instance);
  append_part(out.target, cemi.property);
  if (cemi.memory) append_memory(out.target, *cemi.memory, cemi.count.value_or(1));
  if (!cemi.serial.empty()) {
    out.target.append('/');
    out.target.append_octets(cemi.serial);
  }
  describe_value(cemi, out.value);
}

}  // namespace nw::network
