#include "ingest/network/protocols/cip_pccc.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "ingest/network/protocols/cip_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

enum : std::uint8_t { kDiagnose = 0x06, kSet = 0x07, kWithFunction = 0x0F };  // commands
enum : std::uint8_t {                                                         // functions of 0x0F
  kWordsWrite = 0x00,
  kWordsRead = 0x01,
  kModify = 0x26,
  kTypedWrite = 0x67,
  kTypedRead = 0x68,
  kSetMode = 0x3A,
  kChangeMode = 0x80,
  kMultiple = 0x88,
  kRead2 = 0xA1,
  kRead3 = 0xA2,
  kWrite2 = 0xA9,
  kWrite3 = 0xAA,
  kWriteMasked = 0xAB,
};

struct Function {
  std::uint8_t command, function;
  std::string_view name;
  IcsOperation operation;
};
constexpr auto kFunctions = std::to_array<Function>({
    {0x00, 0x00, "Protected Write", write},
    {0x01, 0x00, "Unprotected Read", read},
    {0x02, 0x00, "Protected Bit Write", write},
    {0x05, 0x00, "Unprotected Bit Write", write},
    {0x06, 0x00, "Echo", diagnose},
    {0x06, 0x01, "Read Diagnostic Counters", diagnose},
    {0x06, 0x02, "Set Variables", diagnose},
    {0x06, 0x03, "Diagnostic Status", identify},
    {0x06, 0x04, "Set Timeout", diagnose},
    {0x06, 0x05, "Set NAKs", diagnose},
    {0x06, 0x06, "Set ENQs", diagnose},
    {0x06, 0x07, "Reset Diagnostic Counters", diagnose},
    {0x06, 0x08, "Set Data Table Size", program},
    {0x06, 0x09, "Read Link Parameters", diagnose},
    {0x06, 0x0A, "Set Link Parameters", write},
    {0x07, 0x00, "Disable Outputs", control},
    {0x07, 0x01, "Enable Outputs", control},
    {0x07, 0x03, "Enable PLC Scanning", start},
    {0x07, 0x04, "Enter Download Mode", program},
    {0x07, 0x05, "Exit Download/Upload Mode", program},
    {0x07, 0x06, "Enter Upload Mode", program},
    {0x08, 0x00, "Unprotected Write", write},
    {0x0F, 0x00, "Word Range Write", write},
    {0x0F, 0x01, "Word Range Read", read},
    {0x0F, 0x02, "Bit Write", write},
    {0x0F, 0x03, "File Write", write},
    {0x0F, 0x04, "File Read", read},
    {0x0F, 0x05, "Download Request", program},
    {0x0F, 0x06, "Upload", program},
    {0x0F, 0x07, "Shutdown", stop},
    {0x0F, 0x08, "Physical Write", program},
    {0x0F, 0x09, "Physical Read", program},
    {0x0F, 0x0A, "Restart Request", restart},
    {0x0F, 0x11, "Get Edit Resource", program},
    {0x0F, 0x12, "Return Edit Resource", program},
    {0x0F, 0x17, "Read Bytes Physical", program},
    {0x0F, 0x18, "Write Bytes Physical", program},
    {0x0F, 0x26, "Read Modify Write", write},
    {0x0F, 0x29, "Read Section Size", diagnose},
    {0x0F, kSetMode, "Set CPU Mode", control},
    {0x0F, 0x41, "Disable Forces", control},
    {0x0F, 0x50, "Download All Request", program},
    {0x0F, 0x52, "Download Completed", program},
    {0x0F, 0x53, "Upload All Request", program},
    {0x0F, 0x55, "Upload Completed", program},
    {0x0F, 0x57, "Initialize Memory", program},
    {0x0F, 0x5E, "Modify PLC-2 Compatibility File", program},
    {0x0F, 0x67, "Typed Write", write},
    {0x0F, 0x68, "Typed Read", read},
    {0x0F, 0x79, "Read Modify Write N", write},
    {0x0F, kChangeMode, "Change Mode", control},
    {0x0F, 0x81, "Open File", program},
    {0x0F, 0x82, "Close File", program},
    {0x0F, kMultiple, "Execute Multiple Commands", other},
    {0x0F, 0x8F, "Apply Port Configuration", program},
    {0x0F, kRead2, "Protected Typed Logical Read with Two Address Fields", read},
    {0x0F, kRead3, "Protected Typed Logical Read with Three Address Fields", read},
    {0x0F, 0xA7, "Protected Typed File Read", program},
    {0x0F, kWrite2, "Protected Typed Logical Write with Two Address Fields", write},
    {0x0F, kWrite3, "Protected Typed Logical Write with Three Address Fields", write},
    {0x0F, kWriteMasked, "Protected Typed Logical Write with Mask", write},
    {0x0F, 0xAF, "Protected Typed File Write", program},
});

const Function* find_function(const PcccMessage& message) {
  const auto at = std::ranges::find_if(kFunctions, [&](const Function& f) {
    return f.command == message.command && f.function == message.function.value_or(0);
  });
  return at == kFunctions.end() ? nullptr : &*at;
}

// Chapter 13: types of files, as addresses spell them.
std::string_view file_letter(std::uint8_t type) {
  constexpr std::uint8_t kFirst = 0x82;
  static constexpr std::array<std::string_view, 16> kLetters{"O", "I", "S", "B",  "T", "C", "R", "N",
                                                             "F", "O", "I", "ST", "A", "D", "",  "L"};
  return type < kFirst || type - kFirst >= static_cast<int>(kLetters.size())
             ? std::string_view{}
             : kLetters[static_cast<std::size_t>(type - kFirst)];
}

constexpr std::uint8_t kReal = 0x8A, kLong = 0x91;
constexpr std::size_t value_width(std::uint8_t type) { return type == kReal || type == kLong ? 4 : 2; }

// An element of a file of status words, bits, integers, reals or long ones is one value; timers and others have parts.
bool element_is_value(std::uint8_t type) {
  constexpr std::uint8_t kStatus = 0x84, kBits = 0x85, kInteger = 0x89;
  return type == kStatus || type == kBits || type == kInteger || type == kReal || type == kLong;
}

// One octet, or two behind 0xFF.
std::uint16_t read_number(ByteReader& reader) {
  const std::uint8_t small = reader.u8();
  return small == 0xFF ? reader.u16le() : small;
}

// | size u8 | file | type u8 | element | [sub-element] | data |
void describe_logical(const PcccMessage& request, IcsCommand& command) {
  ByteReader reader{request.data};
  reader.u8();
  const std::uint16_t file = read_number(reader);
  const std::uint8_t type = reader.u8();
  const std::uint16_t element = read_number(reader);
  const bool two = request.function == kRead2 || request.function == kWrite2;
  const std::uint16_t part = two ? std::uint16_t{0} : read_number(reader);
  if (!reader.ok()) return;
  command.target.clear();
  if (const std::string_view letter = file_letter(type); !letter.empty()) {
    command.target.append(letter);
  } else {
    command.target.append("0x");
    command.target.append_hex(type, 2);
    command.target.append('/');
  }
  command.target.append_number(file);
  command.target.append(':');
  const bool reads = request.function == kRead2 || request.function == kRead3;
  const bool several = !reads && part == 0 && request.function != kWriteMasked && element_is_value(type);
  command.target.append_range(element, several ? reader.rest().size() / value_width(type) : 1);
  if (part != 0) {
    command.target.append('.');
    command.target.append_number(part);
  }
  if (reads) return;
  if (request.function == kWriteMasked) {
    command.value.append("mask 0x");
    command.value.append_hex(reader.u16le(), 4);
    command.value.append(" to ");
    const std::uint16_t word = reader.u16le();
    return command.value.append_number(word);
  }
  append_pccc_values(command.value, type, reader.rest());
}

// A PLC-5's address: `$N7:0` behind 00 24, up to a zero; or a mask of the levels that follow (memory, file, element,
// part of it), which do not say the file's type: `7:0`.
void append_plc5_address(IcsText& out, ByteReader& reader) {
  constexpr std::uint8_t kAscii = 0x24;
  static constexpr std::array<char, 4> kBefore{'/', '/', ':', '.'};
  out.next();
  const std::uint8_t mask = reader.u8();
  if (mask == 0 && reader.u8() == kAscii) {
    const Bytes rest = reader.rest();
    const auto end = static_cast<std::size_t>(std::ranges::find(rest, 0) - rest.begin());
    const Bytes name = reader.bytes(end);
    out.append_escaped(!name.empty() && name.front() == '$' ? name.subspan(1) : name);
    reader.u8();
    return;
  }
  bool first = true;
  for (std::size_t level = 0; level < kBefore.size(); ++level) {
    if ((mask >> level & 1U) == 0) continue;
    if (!first) out.append(kBefore[level]);
    out.append_number(read_number(reader));
    first = false;
  }
}

// | offset u16 | words u16 | address | data, or how much is read |.
void describe_words(const PcccMessage& request, IcsCommand& command) {
  constexpr std::uint8_t kInteger = 0x89;
  ByteReader reader{request.data};
  reader.bytes(4);
  IcsText target;
  append_plc5_address(target, reader);
  if (!reader.ok()) return;
  command.target.clear();
  command.target.append(target.view());
  if (request.function == kWordsWrite) append_pccc_values(command.value, kInteger, reader.rest());
}

// | address | and-mask u16 | or-mask u16 |, several times.
void describe_modify(const PcccMessage& request, IcsCommand& command) {
  ByteReader reader{request.data};
  bool first = true;
  while (!reader.empty() && (first || !command.target.full())) {
    IcsText target;
    append_plc5_address(target, reader);
    const std::uint16_t keep = reader.u16le(), set = reader.u16le();
    if (!reader.ok()) return;
    if (std::exchange(first, false)) command.target.clear();
    command.target.next();
    command.target.append(target.view());
    command.value.next();
    command.value.append("and 0x");
    command.value.append_hex(keep);
    command.value.append(" or 0x");
    command.value.append_hex(set);
  }
}

// A mode is said in the data: SLC 500 and PLC-5 number them apart, and in the others' command 1 is MicroLogix 1000's
// program mode and PLC-5's test mode, in which outputs are off.
IcsOperation operation_of(const PcccMessage& request) {
  const Function* found = find_function(request);
  if (found == nullptr) return other;
  if (found->operation != control || request.command != kWithFunction || request.data.empty()) return found->operation;
  const std::uint8_t mode = request.data.front();
  const bool slc = request.function == kChangeMode;
  if (!slc && request.function != kSetMode) return control;
  if (slc ? mode == 1 : mode <= 1) return stop;
  return mode == (slc ? 6 : 2) ? start : control;
}

bool changes_nothing(IcsOperation operation) {
  return operation == read || operation == identify || operation == diagnose || operation == other;
}

void describe_one(const PcccMessage& request, IcsCommand& command) {
  switch (request.function.value_or(0)) {
    case kRead2:
    case kRead3:
    case kWrite2:
    case kWrite3:
    case kWriteMasked: return describe_logical(request, command);
    case kWordsWrite:
    case kWordsRead:
    case kTypedWrite:
    case kTypedRead: return describe_words(request, command);
    case kModify: return describe_modify(request, command);
    case kSetMode:
    case kChangeMode:
      if (!request.data.empty()) command.value.append_number(request.data.front());
      return;
    default: return;
  }
}

bool is_multiple(const PcccMessage& request) {
  return request.command == kWithFunction && request.function == kMultiple;
}

// | count u8 |, and each | length u8 | function u8 | data |.
void each_command(const PcccMessage& request, auto&& each) {
  ByteReader reader{request.data};
  for (unsigned left = reader.u8(); left > 0 && !reader.empty(); --left) {
    const std::size_t size = reader.u8();
    ByteReader one{reader.bytes(std::min(size, reader.rest().size()))};
    PcccMessage inner;
    inner.command = kWithFunction;
    inner.function = one.u8();
    inner.data = one.rest();
    if (one.ok()) each(inner);
  }
}

}  // namespace

std::optional<PcccMessage> read_pccc(std::uint8_t service, Bytes data, bool response) {
  constexpr std::size_t kLinkBytes = 8;
  PcccMessage out;
  ByteReader reader{data};
  if (service == kCipPcccDhPlus) {
    reader.bytes(kLinkBytes);
  } else if (service == kCipPccc) {
    const std::size_t requestor = reader.u8();
    if (requestor > 0) reader.bytes(requestor - 1);  // its length counts itself
  }
  out.command = reader.u8() & 0x0FU;
  out.status = reader.u8();
  out.transaction = reader.u16le();
  const bool has_function = out.command == kDiagnose || out.command == kSet || out.command == kWithFunction;
  if (!response && has_function) out.function = reader.u8();
  out.data = reader.rest();
  return reader.ok() ? std::optional{out} : std::nullopt;
}

std::string_view pccc_function_name(const PcccMessage& message) {
  const Function* found = find_function(message);
  return found == nullptr ? std::string_view{} : found->name;
}

std::string_view pccc_status_name(std::uint8_t status) {
  switch (status & 0xF0U) {
    case 0x10: return "Illegal command or format";
    case 0x20: return "Host has a problem and will not communicate";
    case 0x30: return "Remote node host is missing, disconnected, or shut down";
    case 0x40: return "Host could not complete function due to hardware fault";
    case 0x50: return "Addressing problem or memory protect rungs";
    case 0x60: return "Function not allowed due to command protection selection";
    case 0x70: return "Processor is in Program mode";
    case 0x80: return "Compatibility mode file missing or communication zone problem";
    case 0x90: return "Remote node cannot buffer command";
    case 0xB0: return "Remote node problem due to download";
    case 0xF0: return "Error in extended status";
    default: return {};
  }
}

// Words in decimal, reals as such.
void append_pccc_values(IcsText& out, std::uint8_t type, Bytes data) {
  const std::size_t width = value_width(type);
  ByteReader reader{data};
  while (reader.rest().size() >= width && !out.full()) {
    out.next();
    if (width == 2)
      out.append_number(static_cast<std::int16_t>(reader.u16le()));
    else if (type == kReal)
      out.append_real(std::bit_cast<float>(reader.u32le()));
    else
      out.append_number(static_cast<std::int32_t>(reader.u32le()));
  }
}

std::optional<std::uint8_t> pccc_read_type(const PcccMessage& request) {
  if (request.command != kWithFunction || (request.function != kRead2 && request.function != kRead3)) return {};
  ByteReader reader{request.data};
  reader.u8();
  read_number(reader);
  const std::uint8_t type = reader.u8();
  return reader.ok() ? std::optional{type} : std::nullopt;
}

// Of several commands the first that changes something says it.
IcsOperation pccc_operation(const PcccMessage& request) {
  if (!is_multiple(request)) return operation_of(request);
  std::optional<IcsOperation> first;
  each_command(request, [&](const PcccMessage& one) {
    const IcsOperation operation = operation_of(one);
    if (!first || (changes_nothing(*first) && !changes_nothing(operation))) first = operation;
  });
  return first.value_or(other);
}

void describe_pccc(const PcccMessage& request, IcsCommand& command) {
  if (request.command != kWithFunction) return;
  if (!is_multiple(request)) return describe_one(request, command);
  bool first = true;
  each_command(request, [&](const PcccMessage& one) {
    IcsCommand part;
    describe_one(one, part);
    if (!part.target.empty()) {
      if (std::exchange(first, false)) command.target.clear();
      command.target.next();
      command.target.append(part.target.view());
    }
    if (!part.value.empty()) command.value.next();
    command.value.append(part.value.view());
  });
}

}  // namespace nw::network
