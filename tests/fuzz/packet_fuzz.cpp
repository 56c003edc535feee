// Frames to events, with every event wanted.
// Input: link type u8 (its place in kLinkTypes), then frames: | length u8 or 0xff u16 | milliseconds since the last u8
// | bytes |. Seeds: tests/fuzz/seeds/packet, made by PacketSeeds in tests/unit/ingest/network/seeds_test.cpp.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <numeric>

#include "ingest/network/decoder.h"
#include "ingest/network/subscription.h"

namespace {

using namespace nw;

constexpr std::array kLinkTypes{1,  0,  12,  14,  101, 108, 113, 228, 229, 276, 147, 9,
                                50, 51, 104, 204, 6,   10,  105, 107, 127, 239, 274};

// Every event is wanted.
struct Wanted {
  Wanted() {
    network::NetworkDecoder::declare(*schema);
    event::Interest interest;
    for (std::size_t i = 0; i < schema->type_count(); ++i) interest.want_all(static_cast<event::TypeId>(i));
    subscription = std::make_shared<const network::Subscription>(schema, interest, network::protocols());
  }
  std::shared_ptr<event::Schema> schema = std::make_shared<event::Schema>();
  std::shared_ptr<const network::Subscription> subscription;
};

struct Reader final : event::EventSink {
  explicit Reader(const event::Schema& of) : schema{of} {}
  void accept(event::Event& event) override {
    text.clear();
    event::append_ndjson(event, schema, text);
  }
  const event::Schema& schema;
  std::string text;
};

void require(bool condition) {
  if (!condition) std::abort();
}

bool adds_up(const network::NetworkDecoder& decoder) {
  const network::NetworkCounters& c = decoder.counters();
  const auto sum = [](const auto& sums) {
    return sums.decoded + sums.ignored +
           std::accumulate(sums.malformed.begin(), sums.malformed.end(), std::uint64_t{0});
  };
  return c.packets == sum(c) && c.tunnelled.packets == sum(c.tunnelled) &&
         c.flows_opened == c.flows_closed + decoder.flows();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Wanted wanted;
  Reader sink{*wanted.schema};
  // Small, so that every bound is reached.
  network::NetworkLimits limits;
  limits.flows_max = 8;
  limits.stream_bytes_max = 8192;
  limits.fragment_bytes_max = 8192;
  network::NetworkDecoder decoder{wanted.subscription, event::SourceId{}, limits, 1};

  ByteReader in{{data, size}};
  const int link_type = kLinkTypes[in.u8() % kLinkTypes.size()];
  Timestamp now = from_unix_nanoseconds(1'700'000'000'000'000'000);
  for (std::uint64_t ordinal = 0; !in.empty(); ++ordinal) {
    std::size_t length = in.u8();
    if (length == 0xff) length = in.u16be();
    now += std::chrono::milliseconds{100 * in.u8()};
    const Bytes frame = in.bytes(std::min(length, in.rest().size()));
    // Some frames pass for cut by the capture.
    const auto wire = static_cast<std::uint32_t>(frame.size() + (ordinal % 4 == 3 ? 20 : 0));
    (void)network::flow_hash(frame, link_type);
    decoder.packet(frame, wire, now, link_type, ordinal, sink);
    if (ordinal % 8 == 7) decoder.advance(now, sink);
    require(adds_up(decoder));
    require(decoder.flows() <= limits.flows_max);
    require(decoder.bytes_held() <= limits.stream_bytes_max + limits.fragment_bytes_max);
  }
  decoder.finish(sink);
  require(adds_up(decoder) && decoder.flows() == 0 && decoder.bytes_held() == 0);
  return 0;
}
