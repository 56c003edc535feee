#include "ingest/network/protocols/roc_plus_message.h"

#include <algorithm>

#include "ingest/network/protocols/crc16.h"

namespace nw::network {

namespace {

constexpr std::size_t kCrcBytes = 2;
constexpr std::size_t kPathBytes = 100, kFileBytes = 25;
constexpr std::size_t kShortUser = 3, kShortPin = 2, kLongUser = 30, kLongPin = 40;
constexpr std::string_view kLogout = "LOGOUT";

// Some begin with zeros, others, as Modbus does, with ones.
bool has_crc(Bytes covered, std::uint16_t crc) { return crc == crc16(0, covered) || crc == crc16(0xFFFF, covered); }

Bytes before_zero(Bytes text) {
  return text.first(static_cast<std::size_t>(std::ranges::find(text, 0) - text.begin()));
}

void append_two(unsigned number, IcsText& text) {
  if (number < 10) text.append('0');
  text.append_number(number);
}

// | second | minute | hour | day | month | year u16 |. Manuals and captures do not agree on the year's order: the one
// that makes a year of this technology is taken. Older devices have the century's years in one octet.
void read_clock(ByteReader& in, IcsText& text) {
  const unsigned second = in.u8(), minute = in.u8(), hour = in.u8(), day = in.u8(), month = in.u8();
  constexpr unsigned kCentury = 2000;
  const auto sensible = [](unsigned year) { return year >= 1970 && year <= 2155; };
  ByteReader turned = in, octet = in;
  const unsigned of_century = octet.u8();
  if (octet.empty()) in = octet;
  const unsigned big = in.empty() ? kCentury + of_century : in.u16be(), little = turned.u16le();
  if (!in.ok()) return;
  text.append_number(sensible(big) ? big : sensible(little) || of_century > 99 ? little : kCentury + of_century);
  text.append('-');
  append_two(month, text);
  text.append('-');
  append_two(day, text);
  text.append(' ');
  append_two(hour, text);
  text.append(':');
  append_two(minute, text);
  text.append(':');
  append_two(second, text);
}

// A PIN is never kept.
void read_login(ByteReader& in, RocBody& out) {
  const std::size_t size = in.rest().size();
  const bool short_form = size >= kShortUser && size <= kShortUser + kShortPin + kLogout.size();
  const bool long_form = size > kLongUser + kLongPin;
  if (!short_form && !long_form) return;  // a session's key
  out.user = in.bytes(short_form ? kShortUser : kLongUser);
  while (!out.user.empty() && (out.user.back() == ' ' || out.user.back() == 0))
    out.user = out.user.first(out.user.size() - 1);
  if (in.empty()) return;  // older devices have no PINs
  in.bytes(short_form ? kShortPin : kLongPin);
  out.password = in.ok();
  out.logout = std::ranges::equal(in.rest(), kLogout);
  if (!out.logout && !in.empty()) out.access = in.u8();
}

// `type/logical/first-last` behind the device.
void read_point(ByteReader& in, bool texts, RocBody& out) {
  const std::uint8_t type = in.u8(), logical = in.u8(), count = in.u8(), first = in.u8();
  if (!in.ok() || !texts) return;
  out.command.target.append('/');
  out.command.target.append_number(type);
  out.command.target.append('/');
  out.command.target.append_number(logical);
  out.command.target.append('/');
  out.command.target.append_range(first, count);
}

void append_parameter(ByteReader& in, IcsText& target, std::string_view device) {
  const std::uint8_t type = in.u8(), logical = in.u8(), parameter = in.u8();
  if (!in.ok()) return;
  target.next();
  target.append(device);
  for (const unsigned part : {type, logical, parameter}) {
    target.append('/');
    target.append_number(part);
  }
}

// | count | and so often | type | logical | parameter |. With values, whose widths nobody but the device knows, only
// the first one can be told apart.
void read_parameters(ByteReader& in, bool valued, bool texts, RocBody& out) {
  const std::uint8_t count = in.u8();
  if (!texts || count == 0 || !in.ok()) {
    if (!valued) in.bytes(std::size_t{3} * count);
    return;
  }
  const IcsText device = out.command.target;
  out.command.target.clear();
  for (std::uint8_t i = 0; i < (valued ? std::uint8_t{1} : count) && in.ok(); ++i)
    append_parameter(in, out.command.target, device.view());
  if (valued && count > 1) out.command.target.append(",...");
}

void read_table(ByteReader& in, bool texts, RocBody& out) {
  const std::uint8_t table = in.u8(), first = in.u8(), count = in.u8();
  if (!in.ok() || !texts) return;
  out.command.target.append("/opcode_table/");
  out.command.target.append_number(table);
  out.command.target.append('/');
  out.command.target.append_range(first, count);
}

void read_file(ByteReader& in, bool texts, RocBody& out) {
  enum : std::uint8_t { kOpen = 1, kDelete = 5, kList = 6, kListLong = 0x40 };
  out.file_command = in.u8();
  const std::uint8_t command = *out.file_command;
  if (command == kOpen) in.u8();  // for what
  if (command != kOpen && command != kDelete && command != kList && command != kListLong) return;
  out.path = before_zero(in.bytes(kPathBytes));
  if (command == kOpen || command == kDelete) out.file = before_zero(in.bytes(kFileBytes));
  if (!texts || !in.ok()) return;
  out.command.target.append("/file/");
  out.command.target.append_escaped(out.path);
  out.command.target.append_escaped(out.file);
}

// | host u16 | up to four devices u16 | opcode u8 | length u8 | data |: the message that the last device gets. False
// when its length lies.
bool unwrap(RocFrame& frame) {
  constexpr int kHops = 4;
  ByteReader in{frame.data};
  in.bytes(2);
  std::array<std::uint8_t, 2> last = frame.destination;
  for (int hop = 0; hop < kHops; ++hop) {
    const std::array<std::uint8_t, 2> device{in.u8(), in.u8()};
    if (device != std::array<std::uint8_t, 2>{}) last = device;
  }
  const std::uint8_t opcode = in.u8();
  const std::size_t length = in.u8(), come = in.rest().size();
  if (!in.ok()) return false;
  frame.destination = last;
  frame.opcode = opcode;
  frame.data = in.bytes(std::min(length, come));
  return length == come;
}

void begin(const std::array<std::uint8_t, 2>& device, std::uint8_t opcode, bool texts, RocBody& out) {
  out.command.operation = roc_operation(opcode);
  if (!texts) return;
  out.command.target.append_number(device[0]);
  out.command.target.append('.');
  out.command.target.append_number(device[1]);
}

}  // namespace

std::optional<DecodeError> read_roc_frame(ByteReader& reader, RocFrame& out) {
  ByteReader in = reader;
  for (std::uint8_t& part : out.destination) part = in.u8();
  for (std::uint8_t& part : out.source) part = in.u8();
  out.opcode = in.u8();
  // Nothing is waited for by an opcode that has no name; but older devices know some that the manual does not.
  const bool named = !in.ok() || !roc_opcode_name(out.opcode).empty();
  const std::size_t length = in.u8();
  out.data = in.bytes(length);
  const std::uint16_t crc = in.u16le();
  if (!in.ok()) return named ? DecodeError::truncated : DecodeError::bad_value;  // at most 263 octets in all
  const Bytes covered = reader.rest().first(reader.rest().size() - in.rest().size() - kCrcBytes);
  if (!has_crc(covered, crc)) return DecodeError::bad_value;
  out.crc_low = static_cast<std::uint8_t>(crc);
  out.crc_high = static_cast<std::uint8_t>(crc >> 8U);
  reader = in;
  return {};
}

std::optional<bool> roc_asks(const RocFrame& frame) {
  enum : std::uint8_t { kOpen = 1, kRead, kWrite, kClose, kDelete };
  constexpr std::size_t kKeyBytes = 24, kPointBytes = 4, kOpenedBytes = 5, kPlaceBytes = 9;
  const std::size_t size = frame.data.size();
  switch (frame.opcode) {
    case kRocSystemConfig:
    case kRocReadClock: return size == 0;
    case kRocSetClock:
    case kRocWriteOpcodeTable:
    case kRocForward:
    case kRocSetPoint:
    case kRocWriteParameters: return size != 0;
    case kRocLogin: return size == kKeyBytes ? std::nullopt : std::optional{size != 0};
    case kRocReadPoint: return size <= kPointBytes;
    case kRocError: return false;
    case kRocFile: break;
    default: return {};
  }
  switch (ByteReader{frame.data}.u8()) {
    case kOpen: return size > kOpenedBytes;
    case kRead: return size <= kPlaceBytes;
    case kWrite: return size > kPlaceBytes;
    case kClose:
    case kDelete: return size > 1;
    default: return {};
  }
}

bool read_roc_request(const RocFrame& sent, bool texts, RocBody& out) {
  // Each turn leaves fewer of at most 255 octets.
  RocFrame frame = sent;
  bool sound = true;
  while (sound && frame.opcode == kRocForward) sound = unwrap(frame);
  begin(frame.destination, frame.opcode, texts, out);
  ByteReader in{frame.data};
  switch (frame.opcode) {
    case kRocSetClock:
      read_clock(in, out.clock);
      out.command.value = out.clock;
      return sound && in.ok();
    case kRocLogin: read_login(in, out); break;
    case kRocSetPoint: read_point(in, texts, out); break;
    case kRocReadPoint: read_point(in, texts, out); break;
    case kRocReadParameters: read_parameters(in, false, texts, out); break;
    case kRocWriteParameters: read_parameters(in, true, texts, out); break;
    case kRocReadOpcodeTable:
    case kRocWriteOpcodeTable: read_table(in, texts, out); break;
    case kRocFile: read_file(in, texts, out); break;
    default: break;
  }
  const bool writes =
      frame.opcode == kRocSetPoint || frame.opcode == kRocWriteParameters || frame.opcode == kRocWriteOpcodeTable;
  if (texts && writes) out.command.value.append_octets(in.rest());
  return sound && in.ok();
}

bool read_roc_response(const RocFrame& frame, bool texts, RocBody& out) {
  begin(frame.source, frame.opcode, texts, out);
  ByteReader in{frame.data};
  switch (frame.opcode) {
    case kRocSystemConfig: {
      constexpr std::size_t kBetween = 17;  // port, security, compatibility, revision, series, reserved octets
      out.mode = in.u8();
      in.bytes(kBetween);
      const std::uint8_t type = in.u8();
      if (in.ok()) out.type = type;
      break;
    }
    case kRocReadClock:
      read_clock(in, out.clock);
      out.command.value = out.clock;
      break;
    case kRocReadPoint:
      read_point(in, texts, out);
      if (texts) out.command.value.append_octets(in.rest());
      break;
    case kRocReadParameters:
      read_parameters(in, true, texts, out);
      if (texts) out.command.value.append_octets(in.rest());
      break;
    case kRocReadOpcodeTable:
      read_table(in, texts, out);
      in.bytes(4);  // the table's version
      if (texts) out.command.value.append_octets(in.rest());
      break;
    case kRocFile: out.file_command = in.u8(); break;
    case kRocError: out.errors = in.rest(); return out.errors.size() >= 2 && out.errors.size() % 2 == 0;
    default: break;
  }
  return in.ok();
}

std::string_view roc_opcode_name(std::uint8_t opcode) {
  struct Name {
    std::uint8_t opcode;
    std::string_view name;
  };
  static constexpr auto kNames = std::to_array<Name>({
      {6, "System Config (006)"},
      {7, "Read Realtime Clock (007)"},
      {8, "Set Realtime Clock (008)"},
      {10, "Read Configurable Opcode Point Data (010)"},
      {11, "Write Configurable Opcode Point Data (011)"},
      {17, "Login Request (017)"},
      {24, "Store And Forward (024)"},
      {50, "Request IO Point Position (050)"},
      {100, "Access User Defined Information (100)"},
      {105, "Request Today's Yesterday's Min/Max Values (105)"},
      {108, "Request History Tag And Periodic Index (108)"},
      {118, "Request Alarm Data (118)"},
      {119, "Request Event Data (119)"},
      {135, "Request Single History Point Data (135)"},
      {136, "Request Multiple History Point Data (136)"},
      {137, "Request History Index (137)"},
      {138, "Request Daily And Periodic History (138)"},
      {139, "History Information Data (139)"},
      {166, "Set Single Point Parameters (166)"},
      {167, "Request Single Point Parameters (167)"},
      {180, "Request Parameters (180)"},
      {181, "Write Parameters (181)"},
      {203, "General File Transfer (203)"},
      {205, "Peer To Peer Network Messages (205)"},
      {206, "Read Transaction History Data (206)"},
      {224, "Srbx Signal (224)"},
      {225, "Acknowledge Srbx (225)"},
      {255, "Error Indicator (255)"},
  });
  const auto at = std::ranges::find(kNames, opcode, &Name::opcode);
  return at == kNames.end() ? std::string_view{} : at->name;
}

std::string_view roc_error_name(std::uint8_t code) {
  switch (code) {
    case 1: return "Invalid Opcode Request";
    case 2: return "Invalid Parameter Number";
    case 3: return "Invalid Logical Number";
    case 4: return "Invalid Point Type";
    case 5: return "Received Too Many Data Bytes";
    case 6: return "Received Too Few Data Bytes";
    case 13: return "Outside Valid Address Range";
    case 20: return "Security Error";
    case 25: return "Invalid Parameter Range";
    case 50: return "General Error";
    default: return {};
  }
}

std::string_view roc_device_name(std::uint8_t type) {
  switch (type) {
    case 1: return "ROCPAC ROC300";
    case 2: return "FloBoss 407";
    case 3: return "FlashPAC ROC300";
    case 4: return "FloBoss 503";
    case 5: return "FloBoss 504";
    case 6: return "ROC800";
    case 11: return "DL8000";
    default: return {};
  }
}

std::string_view roc_file_command_name(std::uint8_t command) {
  switch (command) {
    case 1: return "Open";
    case 2: return "Read";
    case 3: return "Write";
    case 4: return "Close";
    case 5: return "Delete";
    case 6: return "Read Directory <= v3.05";
    case 0x40: return "Read Directory >= v3.10";
    default: return {};
  }
}

IcsOperation roc_operation(std::uint8_t opcode) {
  switch (opcode) {
    case kRocSystemConfig: return IcsOperation::identify;
    case kRocSetClock: return IcsOperation::time_set;
    case kRocWriteOpcodeTable:
    case kRocSetPoint:
    case kRocWriteParameters: return IcsOperation::write;
    case kRocFile: return IcsOperation::file;
    case kRocLogin:
    case kRocForward:
    case 205:  // between devices
    case 224:  // a device has something to report
    case 225:
    case kRocError: return IcsOperation::other;
    default: return roc_opcode_name(opcode).empty() ? IcsOperation::other : IcsOperation::read;
  }
}

}  // namespace nw::network
