// The events of synchrophasors, named as ICSNPP's logs: commands, headers, configurations with one more for each of
// their PMUs, data with one more for each PMU, and a summary of the flow.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"
#include "ingest/network/protocols/synchrophasor_frame.h"

namespace nw::network {

enum : std::size_t {
  kSynCommands,
  kSynHeaders,
  kSynConfigs,
  kSynConfigDetails,
  kSynDatas,
  kSynDataDetails,
  kSynSummaries,
  kSynDevices
};
std::span<const event::TypeSpec> synchrophasor_types();

// What asks for it, when that was seen.
struct SynAnswer {
  bool asked = false;
  Nanoseconds rtt{};
};

struct SynRequest {
  Timestamp time{};
  Direction direction = Direction::to_responder;
  std::uint16_t stream = 0, command = 0;
};

void tell_syn_command(const SynFrame& frame, Context& context);
void tell_syn_unanswered(const SynRequest& request, Context& context);
void tell_syn_header(const SynFrame& frame, const SynAnswer& answer, Context& context);
// `read`: how many PMUs were readable; `rate` as the frame ends with it.
void tell_syn_config(const SynFrame& frame, const SynConfig& config, std::size_t read, std::optional<std::int16_t> rate,
                     const SynAnswer& answer, Context& context);
// `layout` is null while no configuration was seen; `why`: begin, status.
void tell_syn_data(const SynFrame& frame, const SynLayout* layout, std::string_view why, Context& context);

// Of all frames of a flow, in both directions.
struct SynSummary {
  static constexpr std::size_t kNumbersMax = 8, kHistoryMax = 64;

  struct Numbers {
    std::array<std::int32_t, kNumbersMax> values{};
    std::size_t size = 0;
    void add(std::int32_t value);
  };

  Timestamp first{};
  Numbers versions, streams, rates;
  std::array<char, kHistoryMax> history{};  // of commands, a letter each
  std::size_t commands = 0;
  std::uint16_t size_min = 0, size_max = 0;
  std::uint64_t frames = 0, data_frames = 0, octets = 0;

  void add(const SynFrame& frame, Timestamp now);
};
void tell_syn_summary(const SynSummary& summary, Context& context);

}  // namespace nw::network
