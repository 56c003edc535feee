// The events of synchrophasors, named as ICSNPP's logs: commands, headers, configurations with one more for each of
// their PMUs, data with one more for each PMU, and a summary of the flow.
#pragma once

#include <algorithm>
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
// The frames that a configuration came in.
struct SynFrames {
  std::size_t count = 1;
  std::uint16_t last = 0;                // the last one's number; 0 of one alone
  std::uint16_t in_order = 0;            // up to this number each came
  std::optional<std::uint16_t> missing;  // of one that will not be whole: which did not come

  [[nodiscard]] bool several() const noexcept { return last != 0; }
};
// What of a configuration was readable.
struct SynConfigRead {
  std::size_t pmus = 0;
  std::optional<std::int16_t> rate;  // as it ends with it
};
void tell_syn_config(const SynFrame& frame, const SynConfig& config, const SynConfigRead& read, const SynFrames& frames,
                     const SynAnswer& answer, Context& context);
// `layout` is null while no configuration was seen; `why`: begin, status.
void tell_syn_data(const SynFrame& frame, const SynLayout* layout, std::string_view why, Context& context);

// Of all frames of a flow, in both directions.
struct SynSummary {
  static constexpr std::size_t kNumbersMax = 8, kHistoryMax = 64;

  struct Numbers {
    std::array<std::int32_t, kNumbersMax> values{};
    std::size_t size = 0;
    void add(std::int32_t value) {
      const auto end = values.begin() + static_cast<std::ptrdiff_t>(size);
      if (size < values.size() && std::find(values.begin(), end, value) == end) values[size++] = value;
    }
  };

  Timestamp first{};
  Numbers versions, streams, rates;
  std::array<char, kHistoryMax> history{};  // of commands, a letter each
  std::size_t commands = 0;
  std::uint16_t size_min = 0, size_max = 0;
  std::uint64_t frames = 0, data_frames = 0, octets = 0;

  void add(const SynFrame& frame, Timestamp now) {
    if (frames++ == 0) first = now;
    versions.add(frame.version);
    streams.add(frame.stream);
    size_min = size_min == 0 ? frame.size : std::min(size_min, frame.size);
    size_max = std::max(size_max, frame.size);
    octets += frame.size;
    if (frame.type == kSynData) ++data_frames;
    if (frame.type == kSynCommand && commands < history.size())
      history[commands++] = syn_command_letter(ByteReader{frame.data}.u16be());
  }
};
void tell_syn_summary(const SynSummary& summary, Context& context);

}  // namespace nw::network
