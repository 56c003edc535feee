#include "ingest/network/weird_event.h"

#include <charconv>
#include <string_view>

namespace nw::network {
namespace {

enum Field : std::size_t { kName, kAddl };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"name", "text",
     "what is wrong, as normwatch_packets_malformed_total names it; noise_on_control_port: 4 KiB in a row that are no "
     "message, once in a flow"},
    {"addl", "text", "how many more of the name were left out since the last one that was told"},
});

constexpr std::array<std::string_view, 1> kServices{"weird"};

void write_left_out(EventWriter& out, std::uint64_t left_out) {
  if (left_out == 0) return;
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), left_out).ptr;
  const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
  out.set(kAddl, event::Value::text(out.event().keep(text)));
}

}  // namespace

const event::TypeSpec& weird_type() {
  static constexpr event::TypeSpec kType{"weird", "normwatch", kServices, {}, kFields, false};
  return kType;
}

bool WeirdLimiter::take(std::size_t reason, Timestamp now, std::uint64_t& left_out) noexcept {
  Reason& state = reasons_[reason];
  if (now - state.since >= kInterval) {
    state.since = now;
    state.told = 0;
  }
  if (state.told == kEventsMax) {
    ++state.left_out;
    return false;
  }
  ++state.told;
  left_out = std::exchange(state.left_out, 0);
  return true;
}

void emit_weird(const Weird& weird, const PacketPlace& place, FlowContext& context) {
  using event::Common;
  using event::common;
  using event::Value;
  EventWriter out = context.begin_own(OwnEvent::weird, place);
  event::Event& event = out.event();
  if (weird.source != nullptr) event.set(common(Common::orig_h), Value::address(*weird.source));
  if (weird.destination != nullptr) event.set(common(Common::resp_h), Value::address(*weird.destination));
  context.set_parent(weird.parent);
  out.set(kName, Value::text(malformed_reasons()[malformed_index(weird.reason)]));
  write_left_out(out, weird.left_out);
  context.emit_own(place);
}

void emit_noise(const Flow& flow, std::uint64_t left_out, FlowContext& context) {
  EventWriter out = context.begin_own(OwnEvent::weird, flow.last, flow.last);
  out.set(kName, event::Value::text("noise_on_control_port"));
  write_left_out(out, left_out);
  context.emit_own();
}

}  // namespace nw::network
