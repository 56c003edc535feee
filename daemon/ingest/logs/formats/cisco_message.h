// Cisco's messages taken apart: the tag "%ASA-6-302013" or "%SEC_LOGIN-5-LOGIN_SUCCESS", the endpoints, and what each
// message says (cisco_numbered.cpp,
// cisco_named.cpp). After Cisco's system message guides for ASA/FTD, IOS, NX-OS and IOS XR. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ingest/logs/formats/message.h"
#include "ingest/logs/formats/message_pattern.h"

namespace nw::logs {

struct CiscoTag {
  std::string_view facility;  // "ASA", "SEC_LOGIN", "IP-TCP"
  unsigned level = 0;         // 0 to 7, as syslog's severity
  std::string_view mnemonic;  // "302013", "LOGIN_SUCCESS"
  std::string_view text;      // what follows
  std::string_view before;    // what stands in front of it in the message's text
  // Numbered messages: ASA and what descends from it.
  [[nodiscard]] bool firewall() const noexcept {
    return facility == "ASA" || facility == "FTD" || facility == "FWSM" || facility == "PIX" || facility == "NGIPS";
  }
};

// "%FACILITY-LEVEL-MNEMONIC" as the message's program, or near the front of its text.
bool find_cisco_tag(const Message& message, CiscoTag& out) noexcept;

// Whether a message of an unknown source is Cisco's: what stands in front of the tag is a device's, too. Others may
// write a tag into their messages' text.
bool looks_like_cisco(const Message& message) noexcept;

// The time somewhere in `before`, for envelopes that did not find it: "node1: 6340004: *Oct 11 22:14:15.123 CEST: ",
// "2026 Oct 11 22:14:15 UTC: ".
bool find_cisco_time(std::string_view before, Timestamp received, std::chrono::minutes zone, LogTime& out);

// "outside:192.0.2.1/443 (198.51.100.1/443)(LOCAL\user)", "inside/192.0.2.1(443)", "192.0.2.1". Views; empty: not
// there.
struct CiscoEndpoint {
  std::string_view interface, address, port;
  std::string_view mapped_address, mapped_port;
  std::string_view user;
};
CiscoEndpoint parse_cisco_endpoint(std::string_view text) noexcept;

// The events: positions in the TypeSpecs and `kind` of the rows.
enum CiscoKind : std::uint8_t { cisco_plain, cisco_aaa, cisco_bgp, cisco_ldp, cisco_firewall, kCiscoKinds };

std::span<const event::FieldSpec> cisco_fields();
// What patterns catch besides the fields, to be taken apart further.
enum CiscoSpecial : std::uint8_t {
  special_src,
  special_dst,
  special_faddr,
  special_gaddr,
  special_laddr,
  special_target,
  special_filter,
  special_local,
  special_remote,
  special_initiator,
  special_responder,
  kCiscoSpecials
};
std::span<const std::string_view> cisco_specials();
const PatternTable& cisco_numbered_patterns();
const PatternTable& cisco_named_patterns();

// The positions of those fields that are set by name in cisco.cpp; the rest only patterns fill.
enum CiscoField : std::uint8_t {
  f_facility,
  f_severity,
  f_severity_level,
  f_mnemonic,
  f_message_id,
  f_action,
  f_blocked,
  f_direction,
  f_protocol,
  f_connection_id,
  f_src_interface,
  f_src_ip,
  f_src_port,
  f_src_mapped_ip,
  f_src_mapped_port,
  f_src_user,
  f_dst_interface,
  f_dst_ip,
  f_dst_port,
  f_dst_mapped_ip,
  f_dst_mapped_port,
  f_dst_user,
  f_icmp_type,
  f_icmp_code,
  f_user,
  f_application,
  f_url,
  f_list,
  f_reason,
};

}  // namespace nw::logs
