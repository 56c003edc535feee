// The places that a sum of commands writes, one `ads_place` event each: the packet's own event has room for a few only.
#include "ingest/network/protocols/ads_event.h"

namespace nw::network {

namespace {

using event::FieldSpec;
using event::Value;

enum Field : std::size_t {
  kTargetNet,
  kTargetPort,
  kSourceNet,
  kSourcePort,
  kInvoke,
  kGroup,
  kGroupName,
  kOffset,
  kLength,
  kWriteLength,
  kSymbol,
  kIcs,
};

constexpr auto kFields = with_ics(std::to_array<FieldSpec>({
    {"target_netid", "text", "AMS net id of the receiver (ours)"},
    {"target_port", "integer", "AMS port of the receiver (ours)"},
    {"source_netid", "text", "AMS net id of the sender (ours)"},
    {"source_port", "integer", "AMS port of the sender (ours)"},
    {"invoke_id", "integer", "that of the whole sum (ours)"},
    {"index_group", "integer", "which service or memory (ours)"},
    {"index_group_name", "text", "its name: PLC_RW_M, SYM_VALBYHND, ... (ours)"},
    {"index_offset", "integer", "where in the group (ours)"},
    {"length", "integer", "octets to be read (ours)"},
    {"write_length", "integer", "octets to be written (ours)"},
    {"symbol", "text", "the variable's name, by itself or by the handle that it was given (ours)"},
}));
constexpr std::array<std::string_view, 1> kService{"ads_place"};

}  // namespace

const event::TypeSpec kAdsPlaceType{"ads_place", "normwatch", kService, kIcsPartCategory, kFields, false};

void tell_ads_place(const AmsHead& head, const AdsBody& body, const IcsText& symbol, const IcsCommand& command,
                    Context& context) {
  EventWriter out = context.begin(kAdsPlaces, context.now());
  set_ams_net(out, kTargetNet, head.target.net);
  out.set(kTargetPort, Value::integer(head.target.port));
  set_ams_net(out, kSourceNet, head.source.net);
  out.set(kSourcePort, Value::integer(head.source.port));
  out.set(kInvoke, Value::integer(head.invoke));
  set_ads_number(out, kGroup, body.group);
  if (const std::string_view name = ads_group_name(body.group.value_or(0), head.target.port); !name.empty())
    out.set(kGroupName, Value::text(name));
  set_ads_number(out, kOffset, body.offset);
  set_ads_number(out, kLength, body.length);
  set_ads_number(out, kWriteLength, body.write_length);
  set_kept(out, kSymbol, symbol);
  write_ics(out, kIcs, command);
  context.emit();
}

}  // namespace nw::network
