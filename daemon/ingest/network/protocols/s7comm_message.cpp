#include "ingest/network/protocols/s7comm_message.h"

namespace nw::network {

namespace {

constexpr std::uint8_t kSuccess = 0xFF, kNoData = 0x0A;
constexpr std::uint8_t kReadSzl = 1, kTransferCyclic = 1, kListOfType = 2, kBlockInfo = 3;
constexpr std::uint8_t kStatus = 2, kModify = 8, kForce = 9;

void next_value(const S7Data& data, S7Shape shape, IcsText& text) {
  text.next();
  append_s7_value(data, shape, text);
}

// | function u8 | count u8 | items |, then in the data of a write a value for each. `take(item, data, shape)`: of a
// read the data are null.
bool for_each_item(const S7Pdu& pdu, bool writes, auto&& take) {
  ByteReader in{pdu.parameters};
  in.u8();
  const std::uint8_t count = in.u8();
  ByteReader values{pdu.data};
  for (unsigned i = 0; i < count; ++i) {
    S7Item item;
    S7Data data;
    if (!read_s7_item(in, item)) return false;
    const bool has = writes && read_s7_data(values, data);
    take(i, item, has ? &data : nullptr, item.syntax == 0x10 ? S7Shape{item.size, item.count > 1} : S7Shape{});
    if (writes && !has) return false;
  }
  return in.ok() && in.empty();
}

bool read_items(S7Message& out, bool texts) {
  ByteReader in{out.pdu.parameters};
  in.u8();
  const std::uint8_t count = in.u8();
  if (!in.ok()) return false;
  out.items = count;
  return for_each_item(out.pdu, out.function == kS7Write,
                       [&](unsigned index, const S7Item& item, const S7Data* data, S7Shape shape) {
                         out.shapes.set(index, item);
                         if (!texts) return;
                         append_s7_item(item, out.command.target);
                         if (data != nullptr) next_value(*data, shape, out.command.value);
                       });
}

// | F0 | 0 | jobs of the caller u16 | of the called u16 | PDU's octets u16 |.
bool read_setup(S7Message& out) {
  ByteReader in{out.pdu.parameters};
  in.bytes(6);
  const std::uint16_t length = in.u16be();
  if (in.ok()) out.length = length;
  return in.ok();
}

bool read_control(S7Message& out, bool texts) {
  if (!read_s7_service(out.pdu.parameters, out.service)) return false;
  if (out.function != kS7Control) return true;
  const Bytes argument = out.service.argument;
  const std::string_view text{reinterpret_cast<const char*>(argument.data()), argument.size()};
  out.command.operation = s7_service_operation(out.service.name, text);
  if (texts) append_s7_blocks(argument, out.command.target);
  return true;
}

bool read_job(S7Message& out, bool texts) {
  out.command.operation = s7_operation(*out.function);
  switch (*out.function) {
    case kS7Read:
    case kS7Write: return read_items(out, texts);
    case kS7Control:
    case kS7Stop: return read_control(out, texts);
    case kS7Setup: return read_setup(out);
    default: break;
  }
  if (!out.transfers()) return true;
  const bool good = read_s7_transfer(out.pdu, out.transfer);
  if (texts && !out.transfer.name.empty()) append_s7_block(out.transfer.name, out.command.target);
  return good;
}

// What the parts of a programmer's request address: | area and width u8 | repeated u8 | block u16 | octet u16 |.
void append_watched(ByteReader& in, IcsText& text) {
  static constexpr std::array<std::string_view, 4> kAreas{"M", "I", "Q", "P"};
  static constexpr std::string_view kWidths = "XBWD";
  const std::uint8_t place = in.u8(), repeated = in.u8();
  const std::uint16_t block = in.u16be(), octet = in.u16be();
  if (!in.ok()) return;
  text.next();
  const unsigned area = place >> 4U, width = place & 0xFU;
  constexpr unsigned kBlock = 7, kTimer = 5, kCounter = 6;
  if (area < kAreas.size()) text.append(kAreas[area]);
  if (area == kTimer) text.append('T');
  if (area == kCounter) text.append('C');
  if (area == kBlock) {
    text.append("DB");
    text.append_number(block);
    text.append(".DB");
  }
  if (area != kTimer && area != kCounter && width < kWidths.size()) text.append(kWidths[width]);
  text.append_number(octet);
  if (repeated < 2) return;
  text.append(':');
  text.append_number(repeated);
}

// | octets of parameters u16 | of data u16 | parameters | count u16 | points | ... |.
void read_watched(Bytes octets, IcsText& text) {
  ByteReader in{octets};
  const std::size_t parameters = in.u16be();
  in.u16be();
  in.bytes(parameters);
  const unsigned count = in.u16be();
  for (unsigned i = 0; i < count && in.ok() && !text.full(); ++i) append_watched(in, text);
}

// | count u16 | time base u8 | times u8 | items |.
bool read_subscribed(Bytes octets, IcsText& text) {
  ByteReader in{octets};
  const unsigned count = in.u16be();
  in.bytes(2);
  for (unsigned i = 0; i < count; ++i) {
    S7Item item;
    if (!read_s7_item(in, item)) return false;
    append_s7_item(item, text);
  }
  return in.ok();
}

bool read_szl(S7Message& out, bool texts) {
  if (out.asks_for_more()) return true;
  ByteReader in{out.data->octets};
  const std::uint16_t list = in.u16be(), index = in.u16be();
  // Refused, the answer repeats nothing.
  if (!in.ok()) return out.response && out.data->octets.empty();
  out.szl = std::uint32_t{list} << 16U | index;
  out.command.operation = s7_szl_operation(list);
  if (!texts) return true;
  out.command.target.append("szl/0x");
  out.command.target.append_hex(list, 4);
  out.command.target.append("/0x");
  out.command.target.append_hex(index, 4);
  return true;
}

// What user data asks for, as far as it is known.
bool read_userdata_request(S7Message& out, bool texts) {
  const Bytes octets = out.data->octets;
  if (!texts || octets.empty()) return true;
  IcsText& target = out.command.target;
  if (out.is(kS7Programmer, kStatus) || out.is(kS7Programmer, kModify) || out.is(kS7Programmer, kForce))
    read_watched(octets, target);
  if (out.is(kS7Cyclic, kTransferCyclic)) return read_subscribed(octets, target);
  if (out.is(kS7Blocks, kListOfType) && octets.size() == 2)
    target.append(s7_block_short({reinterpret_cast<const char*>(octets.data()), octets.size()}));
  if (out.is(kS7Blocks, kBlockInfo)) append_s7_block(octets, target);
  return true;
}

bool read_userdata(S7Message& out, bool texts) {
  if (!read_s7_userdata(out.pdu.parameters, out.userdata)) return false;
  out.function = out.userdata.group;
  out.request = out.userdata.request();
  out.response = out.userdata.response();
  out.command.operation = s7_group_operation(out.userdata.group, out.userdata.subfunction);
  if (out.pdu.data.empty()) return true;
  ByteReader in{out.pdu.data};
  S7Data data;
  const bool good = read_s7_data(in, data);
  if (!good && data.kind == 0) return false;
  out.data = data;
  if (texts && out.userdata.number() == kS7Time && !data.octets.empty()) append_s7_time(data.octets, out.command.value);
  // The parts of an answer behind its first are told apart by their request only.
  if (out.is(kS7Cpu, kReadSzl) && out.request && !read_szl(out, texts)) return false;
  return (!out.request || read_userdata_request(out, texts)) && good;
}

}  // namespace

bool read_s7_message(Bytes message, bool texts, S7Message& out) {
  const auto fault = read_s7_pdu(message, out.pdu);
  if (fault == DecodeError::bad_value) return false;
  out.is_userdata = out.pdu.rosctr == S7Rosctr::userdata;
  if (out.is_userdata) {
    out.good = read_userdata(out, texts) && !fault;
    return true;
  }
  out.request = out.pdu.rosctr == S7Rosctr::job;
  out.response = !out.request;
  if (!out.pdu.parameters.empty()) out.function = out.pdu.parameters[0];
  out.good = !fault && (out.function || out.response);
  if (!out.function) return true;
  if (out.request) {
    out.good = read_job(out, texts) && out.good;
    return true;
  }
  out.command.operation = s7_operation(*out.function);
  out.command.forget_whole();
  if (*out.function == kS7Setup) out.good = (read_setup(out) || out.pdu.error.value_or(0) != 0) && out.good;
  if (out.transfers()) out.good = (read_s7_transfer(out.pdu, out.transfer) || out.pdu.error != 0) && out.good;
  return true;
}

void read_s7_response(const S7Shapes& shapes, bool texts, S7Message& out) {
  if (out.is(kS7Cpu, kReadSzl) && out.data) {
    if (!read_szl(out, texts && out.command.target.empty())) out.good = false;
    return;
  }
  const bool reads = out.function == kS7Read && !out.is_userdata, writes = out.function == kS7Write && !out.is_userdata;
  if (!reads && !writes) return;
  if (out.pdu.parameters.size() > 1) out.items = out.pdu.parameters[1];
  const bool whole = for_each_return(out, [&](unsigned i, const S7Data& data) {
    if (data.code != kSuccess && out.failed == kSuccess) out.failed = data.code;
    if (!reads || !texts) return;
    if (data.code == kSuccess) return next_value(data, shapes[i], out.command.value);
    out.command.value.next();
    out.command.value.append('-');
  });
  if (!whole && out.pdu.error.value_or(0) == 0) out.good = false;
}

S7Ending s7_ending(const S7Message& message) {
  const std::uint16_t error = message.is_userdata ? message.userdata.error.value_or(0) : message.pdu.error.value_or(0);
  if (error != 0) {
    const std::string_view name = s7_error_name(error);
    return {IcsOutcome::refused, name.empty() ? s7_error_class_name(static_cast<std::uint8_t>(error >> 8U)) : name};
  }
  std::uint8_t code = message.failed;
  // User data without data say that there is none.
  if (message.data && message.data->code != kNoData) code = message.data->code;
  if (code == kSuccess) return {};
  return {IcsOutcome::refused, s7_return_name(code)};
}

}  // namespace nw::network
