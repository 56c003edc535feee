#include "ingest/network/protocols/synchrophasor_frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

namespace nw::network {

namespace {

constexpr std::uint8_t kSync = 0xAA;
constexpr std::size_t kHeaderBytes = 14, kCrcBytes = 2, kNameBytes = 16;
constexpr std::size_t kCommandMax = kHeaderBytes + 2 + 1024 + kCrcBytes;  // extended frames are the user's
constexpr std::size_t kNamesOfDigital = 16;                               // one for each bit

// CRC-CCITT for eight octets at once: row n is of an octet with n more behind it.
constexpr std::size_t kCrcAtOnce = 8;
constexpr auto kCrcTables = [] {
  std::array<std::array<std::uint16_t, 256>, kCrcAtOnce> tables{};
  for (unsigned i = 0; i < 256; ++i) {
    unsigned crc = i << 8U;
    for (std::size_t row = 0; row < tables.size(); ++row) {
      for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000U) != 0 ? crc << 1U ^ 0x1021U : crc << 1U;
      crc &= 0xFFFFU;
      tables[row][i] = static_cast<std::uint16_t>(crc);
    }
  }
  return tables;
}();

std::size_t least(std::uint8_t type) {
  constexpr std::size_t kConfig = 8, kStat = 2, kPart = 2;
  switch (type) {
    case kSynCommand:
    case kSynData: return kHeaderBytes + kStat + kCrcBytes;
    case kSynHeader: return kHeaderBytes + kCrcBytes;
    case kSynConfig3: return kHeaderBytes + kPart + kCrcBytes;  // one of several may be that short
    default: return kHeaderBytes + kConfig + kCrcBytes;
  }
}

template <std::size_t N>
std::string_view at(const std::array<std::string_view, N>& names, unsigned index) {
  return index < N ? names[index] : std::string_view{};
}

float real(ByteReader& reader) { return std::bit_cast<float>(reader.u32be()); }

}  // namespace

std::uint16_t syn_crc(Bytes bytes) noexcept {
  const auto row = [](std::size_t behind, std::uint64_t octet) { return kCrcTables[behind][octet & 0xFFU]; };
  unsigned crc = 0xFFFF;
  ByteReader in{bytes};
  while (in.rest().size() >= kCrcAtOnce) {
    const std::uint64_t eight = in.u64be() ^ std::uint64_t{crc} << 48U;
    crc = row(7, eight >> 56U) ^ row(6, eight >> 48U) ^ row(5, eight >> 40U) ^ row(4, eight >> 32U) ^
          row(3, eight >> 24U) ^ row(2, eight >> 16U) ^ row(1, eight >> 8U) ^ row(0, eight);
  }
  while (!in.empty()) crc = (crc << 8U & 0xFFFFU) ^ row(0, crc >> 8U ^ in.u8());
  return static_cast<std::uint16_t>(crc);
}

std::optional<DecodeError> read_syn_frame(ByteReader& reader, std::size_t size_max, SynFrame& out) {
  const Bytes whole = reader.rest();
  ByteReader head{whole};
  const bool begun = !head.empty();
  if (head.u8() != kSync && begun) return DecodeError::bad_value;
  const bool typed = !head.empty();
  const std::uint8_t kind = head.u8();
  out.type = kind >> 4U & 7U;
  out.version = kind & 0x0FU;
  // PMUs mask the type out, and do not look at the version: the CRC says what is a frame.
  if (typed && syn_type_name(out.type).empty()) return DecodeError::bad_value;
  out.size = head.u16be();
  if (!head.ok()) return DecodeError::truncated;
  if (out.size < least(out.type) || out.size > size_max) return DecodeError::bad_value;
  if (out.type == kSynCommand && out.size > kCommandMax) return DecodeError::bad_value;
  out.stream = head.u16be();
  out.second = head.u32be();
  out.quality = head.u8();
  out.fraction = std::uint32_t{head.u8()} << 16U | head.u16be();
  out.data = head.bytes(out.size - kHeaderBytes - kCrcBytes);
  const std::uint16_t crc = head.u16be();
  if (!head.ok()) return DecodeError::truncated;
  if (crc != syn_crc(whole.first(out.size - kCrcBytes))) return DecodeError::bad_value;
  reader = head;
  return {};
}

bool read_syn_config(const SynFrame& frame, SynConfig& out) {
  ByteReader reader{frame.data};
  out.third = frame.type == kSynConfig3;
  if (out.third) reader.u16be();               // the part
  out.time_base = reader.u32be() & 0xFFFFFFU;  // above are flags
  out.count = reader.u16be();
  out.pmus = reader.rest();
  return reader.ok();
}

Bytes next_syn_name(ByteReader& names, bool third) { return names.bytes(third ? names.u8() : kNameBytes); }

Bytes syn_text(Bytes text) {
  while (!text.empty() && (text.back() == ' ' || text.back() == 0)) text = text.first(text.size() - 1);
  return text;
}

bool next_syn_pmu(ByteReader& reader, bool third, SynPmu& out) {
  constexpr std::size_t kGlobalBytes = 16;
  out = {};
  out.station = syn_text(next_syn_name(reader, third));
  out.id = reader.u16be();
  if (third) out.global = reader.bytes(kGlobalBytes);
  out.format = reader.u16be();
  out.phasors = reader.u16be();
  out.analogs = reader.u16be();
  out.digitals = reader.u16be();
  const Bytes before = reader.rest();
  const std::size_t names = std::size_t{out.phasors} + out.analogs + kNamesOfDigital * out.digitals;
  // Without octets no name is read, however many there should be.
  for (std::size_t i = 0; i < names && reader.ok(); ++i) next_syn_name(reader, third);
  out.names = before.first(before.size() - reader.rest().size());
  const std::size_t phasor = third ? 12 : 4, analog = third ? 8 : 4;
  reader.bytes(phasor * out.phasors + analog * out.analogs + std::size_t{4} * out.digitals);
  if (third) {
    out.latitude = real(reader);
    out.longitude = real(reader);
    out.elevation = real(reader);
    out.service = reader.u8();
    out.window = reader.u32be();
    out.delay = reader.u32be();
  }
  out.nominal = reader.u16be();
  out.changes = reader.u16be();
  return reader.ok();
}

std::size_t SynPmu::data_bytes() const noexcept {
  const std::size_t stat = 2, frequency = (format & kFrequencyFloat) != 0 ? 8 : 4;
  const std::size_t phasor = (format & kPhasorFloat) != 0 ? 8 : 4, analog = (format & kAnalogFloat) != 0 ? 4 : 2;
  return stat + frequency + phasor * phasors + analog * analogs + std::size_t{2} * digitals;
}

double syn_number(ByteReader& reader, bool is_float) {
  return is_float ? static_cast<double>(real(reader)) : static_cast<double>(static_cast<std::int16_t>(reader.u16be()));
}

bool next_syn_values(ByteReader& reader, const SynPmu& pmu, SynValues& out) {
  const bool floats = (pmu.format & SynPmu::kFrequencyFloat) != 0;
  out.stat = reader.u16be();
  out.phasors = reader.bytes(((pmu.format & SynPmu::kPhasorFloat) != 0 ? 8U : 4U) * std::size_t{pmu.phasors});
  out.frequency = syn_number(reader, floats);
  out.change = syn_number(reader, floats);
  out.analogs = reader.bytes(((pmu.format & SynPmu::kAnalogFloat) != 0 ? 4U : 2U) * std::size_t{pmu.analogs});
  out.digitals = reader.bytes(std::size_t{2} * pmu.digitals);
  if (!floats) {  // deviation from the nominal frequency in mHz, and its change in 10 mHz/s
    constexpr std::uint16_t kFifty = 1;
    out.frequency = ((pmu.nominal & kFifty) != 0 ? 50 : 60) + out.frequency / 1000;
    out.change /= 100;
  }
  return reader.ok();
}

std::string_view syn_type_name(std::uint8_t type) {
  static constexpr auto kNames = std::to_array<std::string_view>({"Data", "Header", "CFG1", "CFG2", "Command", "CFG3"});
  return at(kNames, type);
}

std::string_view syn_command_name(std::uint16_t command) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"", "Data off", "Data on", "Send HDR", "Send CFG-1", "Send CFG-2", "Send CFG-3", "", "Extended frame"});
  return at(kNames, command);
}

char syn_command_letter(std::uint16_t command) {
  constexpr std::string_view kLetters = "udDh123ue";
  return command < kLetters.size() ? kLetters[command] : 'u';
}

// How far from the true time a message's may be; for a clock that is not locked.
std::string_view syn_quality_name(unsigned quality) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"locked", "1 ns", "10 ns", "100 ns", "1 us", "10 us", "100 us", "1 ms", "10 ms",
                                       "100 ms", "1 s", "10 s", "", "", "", "clock failure"});
  return at(kNames, quality);
}

std::string_view syn_error_name(unsigned error) {
  static constexpr auto kNames = std::to_array<std::string_view>({"none", "no data", "test mode", "PMU error"});
  return at(kNames, error);
}

std::string_view syn_trigger_name(unsigned reason) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"manual", "magnitude low", "magnitude high", "phase angle", "frequency",
                                       "rate of change of frequency", "", "digital"});
  return at(kNames, reason);
}

IcsOperation syn_operation(std::uint16_t command) {
  switch (command) {
    case kSynDataOff:
    case kSynDataOn: return IcsOperation::subscribe;
    case kSynSendHeader: return IcsOperation::identify;
    case kSynSendConfig1:
    case kSynSendConfig2:
    case kSynSendConfig3: return IcsOperation::read;
    default: return IcsOperation::other;
  }
}

}  // namespace nw::network
