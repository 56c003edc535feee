// The `cotp` event, for every protocol over ISO transport: a connection is asked for, confirmed, refused, ended. Unlike
// ICSNPP's log it leaves out data: each message is an event of the protocol that it is of.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/cotp_reader.h"
#include "ingest/network/protocols/ics.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

inline constexpr auto kCotpFields = with_ics(std::to_array<event::FieldSpec>({
    {"is_orig", "boolean", "sent by the client"},
    {"pdu_code", "text", "kind of TPDU: 0x0e connection request, 0x0d confirm, 0x08 disconnect, ..."},
    {"pdu_name", "text", "its name: CR Connection Request, CC Connection Confirm, ..."},
    {"dst_ref", "integer", "the receiver's reference of the connection (ours)"},
    {"src_ref", "integer", "the sender's (ours)"},
    {"class", "integer", "transport class, 0 over TCP"},
    {"tpdu_size", "integer", "octets of the largest TPDU (ours)"},
    {"calling_tsap", "text", "who connects: selector of its service"},
    {"called_tsap", "text", "whom: selector of the service that is asked for"},
    {"s7_connection", "text", "what a TSAP of Siemens' asks for: PG, OP or S7 Basic (ours)"},
    {"s7_rack", "integer", "rack that it names (ours)"},
    {"s7_slot", "integer", "slot that it names (ours)"},
    {"reject_cause", "integer", "reason of a disconnect, cause of an error or a reject"},
}));
inline constexpr std::array<std::string_view, 1> kCotpService{"cotp"};
// A row for a protocol's types.
inline constexpr event::TypeSpec kCotpType{"cotp", "normwatch", kCotpService, kIcsCategory, kCotpFields, false};

// Tells a TPDU that is no data; `type` is that of kCotpType among the protocol's types.
void tell_cotp(const CotpPdu& pdu, Direction direction, std::size_t type, Context& context);

}  // namespace nw::network
