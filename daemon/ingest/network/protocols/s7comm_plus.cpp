#include "ingest/network/protocols/s7comm_plus.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nw::network {

namespace {

using enum IcsOperation;

struct Function {
  std::uint16_t code;
  std::string_view name;
  IcsOperation operation;
};

enum : std::uint16_t { kCreate = 0x04CA, kDelete = 0x04D4, kSet = 0x04F2, kSetMany = 0x0542, kGetMany = 0x054C };

constexpr auto kFunctions = std::to_array<Function>({
    {0x04BB, "Explore", read},
    {kCreate, "Create Object", other},
    {kDelete, "Delete Object", other},
    {kSet, "Set Variable", write},
    {0x04FC, "Get Variable", read},
    {0x0506, "Add Link", program},
    {0x051A, "Remove Link", program},
    {0x0524, "Get Link", read},
    {kSetMany, "Set Multi Variables", write},
    {kGetMany, "Get Multi Variables", read},
    {0x0556, "Begin Sequence", program},
    {0x0560, "End Sequence", program},
    {0x056B, "Invoke", control},
    {0x057C, "Set Variable Sub Streamed", write},
    {0x0586, "Get Variable Sub Streamed", read},
    {0x0590, "Get Variables Address", read},
    {0x059A, "Abort", other},
    {0x05A9, "Error", other},
    {0x05B3, "Init SSL", other},
});
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::code));

const Function* find(std::uint16_t code) {
  const auto at = std::ranges::lower_bound(kFunctions, code, {}, &Function::code);
  return at != kFunctions.end() && at->code == code ? &*at : nullptr;
}

constexpr std::uint8_t kWithDigest = 3, kWithoutOpcode = 0xFD;

// Objects and attributes with a fixed number.
constexpr std::uint32_t kProject = 1, kProgramObject = 3, kExecution = 52, kSessions = 285, kOperatingState = 2167;
constexpr std::uint32_t kBlocksFrom = 0x8A000000;  // blocks of the program
constexpr std::uint32_t kDataBlocks = 0x8A0E;      // upper half of a data block's number
constexpr std::uint64_t kStateStop = 1, kStateRun = 3;

// Seven bits an octet, the highest first; the upper bit says that more follow.
std::uint64_t variable(ByteReader& in) {
  constexpr int kOctetsMax = 9;
  std::uint64_t value = 0;
  for (int i = 0; i < kOctetsMax; ++i) {
    const std::uint8_t octet = in.u8();
    value = value << 7U | (octet & 0x7FU);
    if ((octet & 0x80U) == 0) return value;
  }
  in.bytes(in.rest().size() + 1);  // too long
  return 0;
}

// False when it is another object than a block or an area.
bool append_area(std::uint64_t area, IcsText& text) {
  static constexpr std::array<std::string_view, 5> kAreas{"I", "Q", "M", "C", "T"};
  const bool named = area >= 0x50 && area < 0x50 + kAreas.size();
  const bool block = area >> 16U == kDataBlocks;
  if (named) {
    text.append(kAreas[area - 0x50]);
  } else {
    if (block) text.append("DB");
    text.append_number(block ? area & 0xFFFFU : area);
  }
  return named || block;
}

// | symbol's CRC | area | numbers | sub-area, or an object's attribute | number ... |, all of variable length.
bool append_variable(ByteReader& in, IcsText& text) {
  variable(in);
  const std::uint64_t area = variable(in), numbers = variable(in), attribute = variable(in);
  if (!in.ok()) return false;
  text.next();
  char between = '/';
  if (!append_area(area, text)) {
    text.append(std::exchange(between, '.'));
    text.append_number(attribute);
  }
  for (std::uint64_t i = 1; i < numbers && in.ok(); ++i) {
    text.append(std::exchange(between, '.'));
    text.append_number(variable(in));
  }
  return in.ok();
}

// | object u32 | variables | numbers in all | variables, or attributes when there is an object |.
void append_many(Bytes body, IcsText& text) {
  ByteReader in{body};
  const std::uint32_t object = in.u32be();
  const std::uint64_t count = variable(in);
  variable(in);
  for (std::uint64_t i = 0; i < count && in.ok() && !text.full(); ++i) {
    if (object == 0) {
      if (!append_variable(in, text)) return;
      continue;
    }
    const std::uint64_t attribute = variable(in);
    if (!in.ok()) return;
    text.next();
    text.append_number(object);
    text.append('/');
    text.append_number(attribute);
  }
}

// | object u32 | attributes | attribute ... | flags u8 | type u8 | value |: into what state the controller shall go.
IcsOperation set_operation(Bytes body) {
  ByteReader in{body};
  const std::uint32_t object = in.u32be();
  const std::uint64_t count = variable(in), attribute = variable(in);
  if (object != kExecution || count != 1 || attribute != kOperatingState) return write;
  in.bytes(2);
  const std::uint64_t state = variable(in);
  if (!in.ok()) return control;
  return state == kStateStop ? stop : state == kStateRun ? start : control;
}

// | object u32 | attributes | numbers in all | attribute ... | index | flags u8 | type u8 | value |, repeated.
IcsOperation set_many_operation(Bytes body) {
  ByteReader in{body};
  if (in.u32be() != kExecution) return write;
  const std::uint64_t count = variable(in);
  variable(in);
  bool state = false;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) state = variable(in) == kOperatingState || state;
  if (!state) return write;
  variable(in);
  in.bytes(2);
  const std::uint64_t value = variable(in);
  if (!in.ok() || count != 1) return control;
  return value == kStateStop ? stop : value == kStateRun ? start : control;
}

// Where an object is made, or which one is deleted: a session, a part of the program, or what a session watches.
IcsOperation object_operation(std::uint32_t object, std::optional<std::uint32_t> session) {
  if (object == kSessions || object == session) return other;
  return object == kProject || object == kProgramObject || object >= kBlocksFrom ? program : subscribe;
}

}  // namespace

bool read_s7_plus(Bytes message, S7PlusPdu& out, Bytes& content) noexcept {
  ByteReader in{message};
  const std::uint8_t protocol = in.u8();
  out.version = in.u8();
  const std::size_t length = in.u16be();
  ByteReader data = in.sub(length);
  if (!data.ok() || protocol != kS7PlusProtocol) return false;
  out.has_opcode = out.version < kWithoutOpcode;
  out.goes_on = in.empty() && out.has_opcode;
  if (!out.has_opcode) return true;
  if (out.version == kWithDigest) {
    const std::size_t digest = data.u8();
    data.bytes(digest);
  }
  content = data.rest();
  return data.ok();
}

bool read_s7_plus_content(Bytes content, S7PlusPdu& out) noexcept {
  ByteReader data{content};
  out.opcode = data.u8();
  if (out.opcode == kS7PlusNotification) {
    out.session = data.u32be();
    if (!data.ok()) out.session.reset();
  } else {
    data.u16be();
    out.function = data.u16be();
    data.u16be();
    out.sequence = data.u16be();
    if (out.opcode == kS7PlusRequest) out.session = data.u32be();
    data.u8();
    if (!data.ok()) out.session.reset();
  }
  out.body = data.rest();
  return data.ok();
}

std::string_view s7_plus_opcode_name(std::uint8_t opcode) {
  switch (opcode) {
    case kS7PlusRequest: return "Request";
    case kS7PlusResponse: return "Response";
    case kS7PlusNotification: return "Notification";
    case kS7PlusResponse2: return "Response2";
    default: return {};
  }
}

std::string_view s7_plus_function_name(std::uint16_t function) {
  const Function* known = find(function);
  return known == nullptr ? std::string_view{} : known->name;
}

IcsCommand s7_plus_command(const S7PlusPdu& pdu, bool texts) {
  const Function* known = find(pdu.function);
  IcsCommand command{known == nullptr ? other : known->operation, {}, {}};
  if (pdu.opcode != kS7PlusRequest) return command;
  ByteReader in{pdu.body};
  const std::uint32_t object = in.u32be();
  if (!in.ok()) return command;
  if (pdu.function == kCreate || pdu.function == kDelete) command.operation = object_operation(object, pdu.session);
  if (pdu.function == kSet) command.operation = set_operation(pdu.body);
  if (pdu.function == kSetMany) command.operation = set_many_operation(pdu.body);
  if (!texts) return command;
  if (pdu.function == kSetMany || pdu.function == kGetMany) {
    append_many(pdu.body, command.target);
  } else if (pdu.function == kSet) {
    variable(in);
    command.target.append_number(object);
    command.target.append('/');
    command.target.append_number(variable(in));
  } else if (known != nullptr && object != 0 && command.operation != other) {
    append_area(object, command.target);
  }
  return command;
}

std::optional<std::int16_t> s7_plus_result(const S7PlusPdu& pdu) noexcept {
  ByteReader in{pdu.body};
  const std::uint64_t value = variable(in);
  if (!in.ok()) return {};
  // The upper bits are flags and where it happened.
  const auto result = static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
  return std::min<std::int16_t>(result, 0);
}

std::optional<S7PlusDevice> s7_plus_device(Bytes body) noexcept {
  constexpr std::string_view kOrder = ";6ES7 ";
  const std::string_view text{reinterpret_cast<const char*>(body.data()), body.size()};
  const std::size_t at = text.find(kOrder);
  if (at == std::string_view::npos) return {};
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  std::string_view rest = text.substr(at + 1);
  rest = rest.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(rest, printable) - rest.begin()));
  const std::size_t end = rest.find(';');
  if (end == std::string_view::npos) return {};
  S7PlusDevice device{rest.substr(0, rest.find_last_not_of(' ', end - 1) + 1), rest.substr(end + 1)};
  // A letter may follow that is the next attribute's mark.
  device.firmware =
      device.firmware.substr(0, std::min(device.firmware.find_first_not_of("V.0123456789"), device.firmware.size()));
  return device;
}

}  // namespace nw::network
