// The `bgp` event, for BGP itself and for what carries its messages (BMP).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "ingest/network/protocols/bgp_message.h"
#include "ingest/network/protocols/protocol.h"

namespace nw::network {

enum BgpField : std::size_t {
  kBgpMsgType,
  kBgpSender,
  kBgpVersion,
  kBgpAs,
  kBgpRouterId,
  kBgpHoldTime,
  kBgpCapabilities,
  kBgpAnnounced,
  kBgpWithdrawn,
  kBgpAnnouncedPrefixes,
  kBgpWithdrawnPrefixes,
  kBgpAsPath,
  kBgpOriginAs,
  kBgpOrigin,
  kBgpNextHop,
  kBgpMed,
  kBgpLocalPref,
  kBgpErrorCode,
  kBgpErrorName,
  kBgpErrorDetail,
  kBgpErrorMessage,
  kBgpKeepalives,
  kBgpLength,
  kBgpPeer,
  kBgpPeerAs,
  kBgpPeerId,
  kBgpView,
  kBgpDownReason,
};

inline constexpr auto kBgpFields = std::to_array<event::FieldSpec>({
    {"msg_type", "text",
     "OPEN, UPDATE, NOTIFICATION or ROUTE-REFRESH; PEER-DOWN, of which BMP tells without one (ours)"},
    {"sender", "address", "who says it (ours)"},
    {"version", "integer", "of an OPEN; 4 for thirty years (ours)"},
    {"as", "integer", "the sender's autonomous system, by its OPEN (ours)"},
    {"router_id", "address", "the sender's identifier, by its OPEN (ours)"},
    {"hold_time", "interval", "how long the sender waits for a sign of life, by its OPEN; 0 for ever (ours)"},
    {"capabilities", "list of integer", "what the sender can do, by its OPEN: IANA's numbers (ours)"},
    {"announced", "integer", "networks that an UPDATE offers a way to (ours)"},
    {"withdrawn", "integer", "networks that it takes back (ours)"},
    {"announced_prefixes", "list of text", "the first 16 of them: 192.0.2.0/24 (ours)"},
    {"withdrawn_prefixes", "list of text", "the first 16 of those (ours)"},
    {"as_path", "text", "systems on the way, the nearest first: 64500 64501 {64502 64503} (ours)"},
    {"origin_as", "integer", "the last of them: whose networks they are (ours)"},
    {"origin", "text", "how they became known: IGP, EGP or INCOMPLETE (ours)"},
    {"next_hop", "address", "where packets to them are to go (ours)"},
    {"med", "integer", "preference of this way among those from the same neighbour; the lower the better (ours)"},
    {"local_pref", "integer", "preference within the system; the higher the better (ours)"},
    {"error_code", "integer", "of a NOTIFICATION (ours)"},
    {"error_name", "text", "its name: Hold Timer Expired, Cease, ...; unknown-NN when it has none (ours)"},
    {"error_detail", "text", "its second name: Administrative Shutdown, Bad Peer AS, ...; unknown-NN (ours)"},
    {"error_message", "text", "what the operator says of a shutdown (ours)"},
    {"keepalives", "integer", "of the sender since its last event (ours)"},
    {"length", "integer", "bytes of the message (ours)"},
    {"peer", "address",
     "told over BMP: the other end of the session; who tells of it is one of the flow's ends (ours)"},
    {"peer_as", "integer", "its autonomous system (ours)"},
    {"peer_router_id", "address", "its identifier (ours)"},
    {"rib_view", "text", "BMP: pre_policy, post_policy, out_pre_policy, out_post_policy or local (ours)"},
    {"down_reason", "text", "BMP: local_notification, local_event, remote_notification, remote_close, ... (ours)"},
});
inline constexpr std::array<std::string_view, 1> kBgpService{"bgp"};
inline constexpr event::TypeSpec kBgpType{"bgp", "normwatch", kBgpService, kBgpService, kBgpFields, false};

// How an UPDATE is to be read: what both ends of the session agreed on.
struct BgpReading {
  std::array<bool, 2> path_ids{};  // of IPv4 and IPv6: paths have numbers
  std::optional<bool> wide;        // AS numbers of 32 bits; nothing: the width that fits is taken
};

// Each sets the fields of the begun event. `body` is what follows a message's header.
void write_bgp_head(EventWriter& out, std::string_view type, const IpAddress& sender, Bytes body,
                    std::optional<std::int64_t> keepalives = {});
void write_bgp_open(EventWriter& out, const BgpOpen& open);
std::optional<DecodeError> write_bgp_update(EventWriter& out, Bytes body, const BgpReading& reading);
// Its code and its subcode must be there.
void write_bgp_notification(EventWriter& out, Bytes body);

}  // namespace nw::network
