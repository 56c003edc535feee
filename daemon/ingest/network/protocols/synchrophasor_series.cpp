#include "ingest/network/protocols/synchrophasor_series.h"

#include <algorithm>

namespace nw::network {

namespace {

constexpr std::size_t kNumberBytes = 2;

Bytes behind_number(const SynFrame& frame) { return frame.data.subspan(std::min(frame.data.size(), kNumberBytes)); }

}  // namespace

std::size_t SynSeriesReader::find(std::uint16_t stream, Direction from) const {
  const auto at =
      std::ranges::find_if(open_, [&](const SynSeries& s) { return s.head.stream == stream && s.from == from; });
  return static_cast<std::size_t>(at - open_.begin());
}

bool SynSeriesReader::follows(const SynSeries& series, std::uint16_t number) {
  return number == kLast || number == series.frames.in_order + 1U;
}

// A datagram that the capture saw twice.
bool SynSeriesReader::repeats(const SynSeries& series, const SynFrame& frame, std::uint16_t number) {
  const Bytes again = behind_number(frame), all{series.bytes};
  return number == series.frames.in_order && again.size() <= all.size() &&
         std::ranges::equal(again, all.last(again.size()));
}

SynSeries SynSeriesReader::begin(const SynFrame& frame, Direction from, std::uint16_t number, const SynAnswer& answer,
                                 Timestamp now) {
  SynSeries series;
  series.head = frame;
  series.head.data = {};
  series.from = from;
  series.begun = now;
  series.answer = answer;
  series.frames.last = number;
  if (number != kFirst) return series;  // where it goes on, nobody knows
  series.frames.in_order = kFirst;
  series.bytes.assign(frame.data.begin(), frame.data.end());
  return series;
}

void SynSeriesReader::append(SynSeries& series, const SynFrame& frame, std::uint16_t number) {
  const Bytes more = behind_number(frame);
  series.bytes.insert(series.bytes.end(), more.begin(), more.end());
  ++series.frames.count;
  series.frames.last = number;
  if (number != kLast) series.frames.in_order = number;
}

}  // namespace nw::network
