// A conversation, played into an analyzer as most protocols' tests need it, and what they then compare.
#pragma once

#include <algorithm>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fake_context.h"
#include "golden_frames.h"

namespace nw::network {

inline constexpr auto kOut = Direction::to_responder, kBack = Direction::to_originator;

inline std::vector<std::uint8_t> octets(std::string_view text) { return {text.begin(), text.end()}; }

// A flow; what is given comes a millisecond apart.
struct Play {
  // All fields are wanted, or only those named.
  Play(std::string_view name, Transport carrier, const std::vector<std::string>& only = {})
      : transport{carrier},
        frames{!protocol(name).ether_types.empty()},
        context{protocol(name), only},
        analyzer{protocol(name).make(carrier)} {}

  // A datagram, a frame, or the next bytes of a connection that goes on.
  Play& give(Bytes bytes, Direction direction = kOut) {
    if (frames) {
      give_frame(*analyzer, bytes, context);
    } else if (transport == Transport::udp) {
      analyzer->datagram(bytes, direction, context);
    } else {
      EXPECT_TRUE((direction == kOut ? out : back).feed(bytes));
    }
    context.time += std::chrono::milliseconds{1};
    return *this;
  }
  Play& give(std::string_view hex, Direction direction = kOut) { return give(from_hex(hex), direction); }
  Play& say(std::string_view text, Direction direction = kOut) { return give(octets(text), direction); }
  Play& give(const GoldenFrame& frame) { return give(frame.hex, frame.direction); }
  Play& end() {
    analyzer->finish(context);
    return *this;
  }
  // Of the `index`-th event; "-" when it is not there.
  [[nodiscard]] std::string get(std::size_t index, const std::string& field) const { return context.get(index, field); }

  Transport transport;
  bool frames;  // right over Ethernet
  FakeContext context;
  std::unique_ptr<Analyzer> analyzer;
  FakeStream out{*analyzer, kOut, context}, back{*analyzer, kBack, context};  // of a connection
};

struct Want {
  const char *field, *value;  // "-": it is not there
};

inline void expect(const FakeContext& context, std::size_t index, const std::vector<Want>& wants) {
  for (const Want& want : wants) EXPECT_EQ(context.get(index, want.field), want.value) << index << " " << want.field;
}

struct GoldenFields {
  const char* name;
  std::vector<Want> want;  // of the first event
};

// Each frame, alone in its flow, is told so, and nothing of it is refused.
inline void expect_golden_fields(const Golden& golden, std::span<const GoldenFields> frames) {
  for (const GoldenFields& fields : frames) {
    SCOPED_TRACE(fields.name);
    const GoldenFrame& frame = golden(fields.name);
    Play flow{golden.protocol, frame.transport};
    flow.give(frame);
    EXPECT_EQ(flow.context.refused_total(), 0U);
    ASSERT_GE(flow.context.events.size(), 1U);
    expect(flow.context, 0, fields.want);
  }
}

// The same, and none of the protocol's golden frames was left out.
inline void expect_all_golden_fields(const Golden& golden, std::span<const GoldenFields> frames) {
  expect_golden_fields(golden, frames);
  EXPECT_EQ(frames.size(),
            static_cast<std::size_t>(std::ranges::count(kGoldenFrames, golden.protocol, &GoldenFrame::protocol)));
}

// One message was refused, and so many events were told.
inline void expect_refused(const FakeContext& context, DecodeError why, std::size_t events) {
  EXPECT_EQ(context.events.size(), events);
  EXPECT_EQ(context.refused_count(why), 1U);
  EXPECT_EQ(context.refused_total(), 1U);
}

// What a probe says off the protocol's port, and on it.
inline void expect_verdicts(std::string_view name, Bytes first, Direction direction, Transport transport,
                            Verdict anywhere, Verdict on_port) {
  EXPECT_EQ(protocol(name).probe(first, direction, transport, false), anywhere);
  EXPECT_EQ(protocol(name).probe(first, direction, transport, true), on_port);
}

}  // namespace nw::network
