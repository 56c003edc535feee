#include "ingest/network/icmp_error_event.h"

#include <array>

namespace nw::network {
namespace {

enum Field : std::size_t { kType, kCode, kOrigAddress, kOrigPort, kRespAddress, kRespPort, kProto, kUid };

constexpr auto kFields = std::to_array<event::FieldSpec>({
    {"icmp_type", "integer", "type of the message (ours)"},
    {"icmp_code", "integer", "its code (ours)"},
    {"quoted.orig_h", "address", "who sent the packet that the message is about (ours)"},
    {"quoted.orig_p", "integer", "its port; ICMP: as id.orig_p (ours)"},
    {"quoted.resp_h", "address", "where it went (ours)"},
    {"quoted.resp_p", "integer", "the port there (ours)"},
    {"quoted.proto", "text", "its protocol, absent when we do not follow it (ours)"},
    {"quoted.uid", "text", "the uid of its flow, when that is open (ours)"},
});
static_assert(kFields[kUid].name == "quoted.uid");

constexpr std::array<std::string_view, 1> kServices{"icmp_error"};

}  // namespace

const event::TypeSpec& icmp_error_type() {
  static constexpr event::TypeSpec kSpec{"icmp_error", "normwatch", kServices, {}, kFields, false};
  return kSpec;
}

void emit_icmp_error(const TransportHeader& header, const QuotedPacket& quoted, std::string_view quoted_uid,
                     Timestamp time, FlowContext& context) {
  using event::Value;
  EventWriter out = context.begin_own(OwnEvent::icmp_error, time, time);
  out.set(kType, Value::integer(header.source_port));
  out.set(kCode, Value::integer(header.destination_port));
  out.set(kOrigAddress, Value::address(quoted.source));
  out.set(kOrigPort, Value::integer(quoted.source_port));
  out.set(kRespAddress, Value::address(quoted.destination));
  out.set(kRespPort, Value::integer(quoted.destination_port));
  if (const auto name = protocol_name(quoted.protocol); !name.empty()) out.set(kProto, Value::text(name));
  if (!quoted_uid.empty()) out.set(kUid, Value::text(quoted_uid));
  context.emit_own();
}

}  // namespace nw::network
