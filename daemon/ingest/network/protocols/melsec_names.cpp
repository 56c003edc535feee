// What MELSEC's numbers mean (SH-080008, SH-080956): commands, devices, end codes.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/melsec_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

// clang-format off
// Of those that only MELSOFT has, the names are ours: what captures show them to do.
constexpr auto kCommands = std::to_array<MelsecCommand>({
    {0x0101, "Read Type Name", identify, "", "", "NC"},
    {0x0121, "Read Type Name (MELSOFT)", identify, "", "x", "NCx"},
    {0x0201, "Read File Information", file, "file", "x", "x"},
    {0x0202, "Read File Information with Titles", file, "file", "x", "x"},
    {0x0203, "Search File", file, "file", "x", "x"},
    {0x0204, "Read File Numbers", file, "file", "x", "x"},
    {0x0205, "Read Disk State", diagnose, "drive", "x", "x"},
    {0x0206, "Read File (by Number)", file, "file", "x", "x"},
    {0x0401, "Batch Read", read, "", "a", "x"},
    {0x0403, "Random Read", read, "", "r", "x"},
    {0x0406, "Block Read", read, "", "k", "x"},
    {0x0410, "Memory Read (MELSOFT)", read, "memory", "x", "x"},
    {0x041A, "Array Label Read", read, "label", "x", "x"},
    {0x041C, "Random Label Read", read, "label", "x", "x"},
    {0x0601, "Intelligent Function Module Read", read, "module", "i", "x"},
    {0x0613, "Buffer Memory Read", read, "buffer", "I", "x"},
    {0x0619, "Self Test", diagnose, "", "zx", "zx"},
    {0x0801, "Monitor Register", read, "", "r", ""},
    {0x0802, "Monitor", read, "monitor", "", "x"},
    {0x0808, "Lock File", file, "file", "x", "x"},
    {0x0B16, "Memory Write (MELSOFT)", program, "memory", "Mx", "x"},
    {0x0B2A, "Memory Block Read (MELSOFT)", read, "memory", "x", "x"},
    {0x0E30, "Node Search", identify, "", "x", "x"},
    {0x0E31, "IP Address Set", program, "ip_address", "x", "x"},
    {0x0E32, "Device Information Compare", identify, "", "x", "x"},
    {0x0E33, "Parameter Get", read, "parameter", "x", "x"},
    {0x0E34, "Parameter Set", program, "parameter", "x", "x"},
    {0x0E35, "Parameter Set Start", program, "parameter", "x", "x"},
    {0x0E36, "Parameter Set End", program, "parameter", "x", "x"},
    {0x0E3A, "Parameter Set Cancel", program, "parameter", "x", "x"},
    {0x0E44, "Status Read", diagnose, "", "x", "x"},
    {0x0E45, "Communication Setting Get", read, "communication", "x", "x"},
    {0x0E53, "Status Read 2", diagnose, "", "x", "x"},
    {0x1001, "Remote Run", start, "", "mx", ""},
    {0x1002, "Remote Stop", stop, "", "m", ""},
    {0x1003, "Remote Pause", stop, "", "m", ""},
    {0x1005, "Remote Latch Clear", write, "latch", "m", ""},
    {0x1006, "Remote Reset", restart, "", "m", ""},
    {0x1202, "New File (by Number)", file, "file", "x", "x"},
    {0x1203, "Write File (by Number)", file, "file", "x", "x"},
    {0x1204, "Change File Information", file, "file", "x", "x"},
    {0x1205, "Delete File (by Number)", file, "file", "x", "x"},
    {0x1206, "Copy File (by Number)", file, "file", "x", "x"},
    {0x1207, "Defragment", file, "drive", "x", "x"},
    {0x1401, "Batch Write", write, "", "aw", ""},
    {0x1402, "Random Write", write, "", "R", ""},
    {0x1406, "Block Write", write, "", "K", ""},
    {0x141A, "Array Label Write", write, "label", "x", ""},
    {0x141B, "Random Label Write", write, "label", "x", ""},
    {0x1601, "Intelligent Function Module Write", write, "module", "ix", ""},
    {0x1613, "Buffer Memory Write", write, "buffer", "Ix", ""},
    {0x1617, "Clear Error", write, "error", "x", ""},
    {0x1630, "Remote Password Unlock", other, "password", "p", ""},
    {0x1631, "Remote Password Lock", other, "password", "p", ""},
    {0x1810, "Read Directory", file, "file", "f", "x"},
    {0x1811, "Search Directory", file, "file", "f", "x"},
    {0x1820, "New File", file, "file", "f", "x"},
    {0x1822, "Delete File", file, "file", "f", "x"},
    {0x1824, "Copy File", file, "file", "f", "x"},
    {0x1825, "Change File State", file, "file", "f", "x"},
    {0x1826, "Change File Date", file, "file", "f", "x"},
    {0x1827, "Open File", file, "file", "f", "h"},
    {0x1828, "Read File", file, "file", "hoz", "x"},
    {0x1829, "Write File", file, "file", "hozx", "x"},
    {0x182A, "Close File", file, "file", "hx", "x"},
    {0x185F, "Search File (MELSOFT)", program, "file", "f", "x"},
    {0x1867, "Open File (MELSOFT)", program, "file", "f", "x"},
    {0x1868, "Read File (MELSOFT)", program, "file", "hoz", "x"},
    {0x1869, "Write File (MELSOFT)", program, "file", "hozx", "x"},
    {0x186A, "Close File (MELSOFT)", program, "file", "hx", "x"},
    {0x2101, "On-demand", subscribe, "", "x", "x"},
    {0x3070, "Node Indication", other, "", "x", "x"},
});

constexpr auto kDevices = std::to_array<MelsecDevice>({
    {0x2C, "RD", false, false},
    {0x2E, "HG", false, false},
    {0x50, "LTC", true, false},
    {0x51, "LTS", true, false},
    {0x52, "LTN", false, false},
    {0x54, "LCC", true, false},
    {0x55, "LCS", true, false},
    {0x56, "LCN", false, false},
    {0x58, "LSTC", true, false},
    {0x59, "LSTS", true, false},
    {0x5A, "LSTN", false, false},
    {0x62, "LZ", false, false},
    {0x90, "M", true, false},
    {0x91, "SM", true, false},
    {0x92, "L", true, false},
    {0x93, "F", true, false},
    {0x94, "V", true, false},
    {0x98, "S", true, false},
    {0x9C, "X", true, true},
    {0x9D, "Y", true, true},
    {0xA0, "B", true, true},
    {0xA1, "SB", true, true},
    {0xA2, "DX", true, true},
    {0xA3, "DY", true, true},
    {0xA8, "D", false, false},
    {0xA9, "SD", false, false},
    {0xAB, "G", false, false},
    {0xAF, "R", false, false},
    {0xB0, "ZR", false, false},
    {0xB4, "W", false, true},
    {0xB5, "SW", false, true},
    {0xC0, "TC", true, false},
    {0xC1, "TS", true, false},
    {0xC2, "TN", false, false},
    {0xC3, "CC", true, false},
    {0xC4, "CS", true, false},
    {0xC5, "CN", false, false},
    {0xC6, "STC", true, false},
    {0xC7, "STS", true, false},
    {0xC8, "STN", false, false},
    {0xCC, "Z", false, false},
});

struct End {
  std::uint16_t code;
  std::string_view name;
};
constexpr auto kEnds = std::to_array<End>({
    {0x4010, "Not possible while running"},
    {0x4021, "Drive missing"},
    {0x4022, "File missing"},
    {0x4031, "Device out of range"},
    {0x4080, "Request data error"},
    {0xC050, "ASCII data cannot be converted"},
    {0xC051, "Too many points or out of range"},
    {0xC052, "Too many points or out of range"},
    {0xC053, "Too many points or out of range"},
    {0xC054, "Too many points or out of range"},
    {0xC056, "Address out of range"},
    {0xC058, "Length does not match after conversion"},
    {0xC059, "Command or subcommand not supported"},
    {0xC05B, "Device cannot be accessed"},
    {0xC05C, "Request data error"},
    {0xC05D, "No monitor registered"},
    {0xC05F, "Target cannot execute the request"},
    {0xC060, "Request data error"},
    {0xC061, "Length does not match the number of points"},
    {0xC0B5, "Data not supported"},
    {0xC200, "Remote password wrong"},
    {0xC201, "Locked by remote password"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kCommands, {}, &MelsecCommand::code) &&
              std::ranges::is_sorted(kDevices, {}, &MelsecDevice::code) &&
              std::ranges::is_sorted(kEnds, {}, &End::code));

}  // namespace

const MelsecCommand* find_melsec_command(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(kCommands, code, {}, &MelsecCommand::code);
  return found == kCommands.end() || found->code != code ? nullptr : &*found;
}

const MelsecDevice* find_melsec_device(std::uint16_t code) {
  const auto found = std::ranges::lower_bound(kDevices, code, {}, &MelsecDevice::code);
  return found == kDevices.end() || found->code != code ? nullptr : &*found;
}

const MelsecDevice* find_melsec_device(std::string_view name) {
  // Two characters are not enough for all.
  if (name == "SC") name = "STC";
  if (name == "SS") name = "STS";
  if (name == "SN") name = "STN";
  const auto found = std::ranges::find(kDevices, name, &MelsecDevice::name);
  return found == kDevices.end() ? nullptr : &*found;
}

std::string_view melsec_end_name(std::uint16_t end) {
  const auto found = std::ranges::lower_bound(kEnds, end, {}, &End::code);
  return found == kEnds.end() || found->code != end ? std::string_view{} : found->name;
}

std::string_view to_string(MelsecForm form) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"3E", "4E", "3E ASCII", "4E ASCII", "MELSOFT", "MELSOFT search"});
  return kNames[static_cast<std::size_t>(form)];
}

}  // namespace nw::network
