// Frames of synchrophasors (IEEE C37.118.2-2011), and what their configurations say.
// | sync AA | type:4 version:4 | size u16, of the whole frame | stream u16 | second u32 | quality u8, fraction u24 |
// data | CRC-CCITT u16 over all before |
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum SynType : std::uint8_t { kSynData, kSynHeader, kSynConfig1, kSynConfig2, kSynCommand, kSynConfig3 };
enum SynCommandCode : std::uint16_t {
  kSynDataOff = 1,
  kSynDataOn = 2,
  kSynSendHeader = 3,
  kSynSendConfig1 = 4,
  kSynSendConfig2 = 5,
  kSynSendConfig3 = 6,
  kSynExtended = 8,
};

struct SynFrame {
  std::uint8_t type = 0, version = 0, quality = 0;
  std::uint16_t size = 0, stream = 0;
  std::uint32_t second = 0, fraction = 0;
  Bytes data{};  // views the input

  [[nodiscard]] bool configuration() const noexcept {
    return type == kSynConfig1 || type == kSynConfig2 || type == kSynConfig3;
  }
};
// Moves only past a whole frame with the right CRC; `truncated` asks for more octets, of `size_max` at most.
std::optional<DecodeError> read_syn_frame(ByteReader& reader, std::size_t size_max, SynFrame& out);
std::uint16_t syn_crc(Bytes bytes) noexcept;

// A configuration's head: | [part u16] | time base u32 | count of PMUs u16 | PMUs | data rate u16 |, the part in CFG-3
// only: 0 alone, else one of several (synchrophasor_series.h).
struct SynConfig {
  bool third = false;
  std::uint16_t count = 0;
  std::uint32_t time_base = 0;
  Bytes pmus{};
};
bool read_syn_config(const SynFrame& frame, SynConfig& out);

// One PMU's part of it.
struct SynPmu {
  static constexpr std::uint16_t kPolar = 1, kPhasorFloat = 2, kAnalogFloat = 4, kFrequencyFloat = 8;

  Bytes station{}, global{}, names{};
  std::uint16_t id = 0, format = 0, phasors = 0, analogs = 0, digitals = 0, nominal = 0, changes = 0;
  std::uint8_t service = 0;  // of CFG-3, as the rest
  float latitude = 0, longitude = 0, elevation = 0;
  std::uint32_t window = 0, delay = 0;

  // Octets in a data frame.
  [[nodiscard]] std::size_t data_bytes() const noexcept;
};
bool next_syn_pmu(ByteReader& reader, bool third, SynPmu& out);
// A channel's name, of `SynPmu::names`.
Bytes next_syn_name(ByteReader& names, bool third);
// Without the blanks that fill it up.
Bytes syn_text(Bytes text);

// What is kept of a configuration, so that data frames can be read.
struct SynLayout {
  static constexpr std::size_t kPmusMax = 512;

  std::uint16_t stream = 0;
  std::uint32_t time_base = 0;
  std::vector<SynPmu> pmus;  // without views
  std::size_t data_bytes = 0;
};

// One PMU's part of a data frame; numbers as they are sent: integers are not scaled.
struct SynValues {
  std::uint16_t stat = 0;
  Bytes phasors{}, analogs{}, digitals{};
  double frequency = 0, change = 0;  // in Hz, Hz/s
};
bool next_syn_values(ByteReader& reader, const SynPmu& pmu, SynValues& out);
double syn_number(ByteReader& reader, bool is_float);

std::string_view syn_type_name(std::uint8_t type);
std::string_view syn_command_name(std::uint16_t command);
char syn_command_letter(std::uint16_t command);
std::string_view syn_quality_name(unsigned quality);
std::string_view syn_error_name(unsigned error);
std::string_view syn_trigger_name(unsigned reason);
IcsOperation syn_operation(std::uint16_t command);

}  // namespace nw::network
