// What the named messages look like: IOS, IOS XE, NX-OS, IOS XR. The key is the mnemonic; where two facilities share
// one, the texts tell them apart.
#include <array>

#include "ingest/logs/formats/cisco_message.h"

namespace nw::logs {

namespace {

constexpr auto F = cisco_firewall;
constexpr auto P = cisco_plain;
constexpr auto A = cisco_aaa;
constexpr auto B = cisco_bgp;
constexpr auto L = cisco_ldp;

constexpr auto kRows = std::to_array<PatternRow>({
    // Access lists.
    {"IPACCESSLOGP ACCESSLOGP",
     "list {acl:w} {action:w} {protocol:w} {src:e} {?({src_interface:w} {mac}) ?}{?({src_interface}) ?}-> {dst:e}, "
     "{packets:w} packet",
     {},
     F},
    {"IPACCESSLOGDP ACCESSLOGDP",
     "list {acl:w} {action:w} {protocol:w} {src:e} {?({src_interface:w} {mac}) ?}{?({src_interface}) ?}-> {dst:e} "
     "({icmp_type}/{icmp_code}), "
     "{packets:w} packet",
     {},
     F},
    {"IPACCESSLOGNP ACCESSLOGNP",
     "list {acl:w} {action:w} {protocol:w} {src:e} {?({src_interface:w} {mac}) ?}{?({src_interface}) ?}-> {dst:e}, "
     "{packets:w} packet",
     {},
     F},
    {"IPACCESSLOGS", "list {acl:w} {action:w} {src:e} {packets:w} packet", {}, F},
    {"IPACCESSLOGSP", "list {acl:w} {action:w} {protocol:w} {src:e} -> {dst:e} ({_}), {packets:w} packet", {}, F},
    {"ACCESSLOGSP", "list {acl:w} {action:w} {src:e}{? ->?} {dst:e}, {packets:w} packet", {}, F},
    {"SESS_AUDIT_TRAIL SESS_AUDIT_TRAIL_STOP",
     "{?(target:class)-({policy}):?}Stop {protocol:w} session: initiator ({initiator}) sent {bytes_sent:w} bytes -- "
     "responder ({responder}) sent {bytes_received:w} bytes",
     "teardown", F},
    {"SESS_AUDIT_TRAIL_START",
     "{?(target:class)-({policy}):?}Start {protocol:w} session: initiator ({initiator}) -- responder ({responder})",
     "built", F},
    {"DROP_PKT", "Dropping {protocol:w} {_:w} {initiator:w} {?=> ?}{responder:w} {reason}", "dropped", F},
    {"SIGNATURE",
     "Sig:{signature_id:w} {?Subsig:{_:w} ?}{?Sev:{_:w} ?}{reason} [{src_ip}:{src_port} -> {dst_ip}:{dst_port}]",
     "signature", F},
    {"DUPADDR", "Duplicate address {address:w} on {interface:w}, sourced by {mac:w}", "collision", P},
    // Log-ins.
    {"LOGIN_SUCCESS WEBLOGIN_SUCCESS", "{_} [user: {user}] [Source: {src_ip}] [localport: {dst_port}]", "login", P},
    {"LOGIN_FAILED WEBLOGIN_FAILED", "{_} [user: {user}] [Source: {src_ip}] [localport: {dst_port}] [Reason: {reason}]",
     "login_failed", P},
    {"QUIET_MODE_ON", "{reason}, [user: {user}] [Source: {src_ip}] [localport: {dst_port}] [Reason: {_}] [ACL: {acl}]",
     "quiet_mode", P},
    {"LOGOUT", "User {user:w} has exited tty session {line:w}({src_ip})", "logout", P},
    {"LOGOUT", "User {user:w} has exited tty session {line}", "logout", P},
    {"SSH2_SESSION",
     "SSH2 Session request from {src_ip:w} (tty = {line}) using crypto cipher '{cipher}', hmac '{_}' {reason:w}",
     "session_start", P},
    {"SSH2_USERAUTH",
     "User '{user:l}' authentication for SSH2 Session from {src_ip:w} (tty = {line}) using crypto cipher '{cipher}', "
     "hmac '{_}' {reason:w}",
     "authentication", P},
    {"SSH2_CLOSE",
     "SSH2 Session from {src_ip:w} (tty = {line}) for user '{user:l}' using crypto cipher '{cipher}', hmac '{_}' "
     "{reason}",
     "session_end", P},
    {"SSH_SESSION", "SSH Session request from {src_ip:w} (tty = {line}) using crypto cipher '{cipher}' {reason:w}",
     "session_start", P},
    {"SSH_USERAUTH",
     "User '{user:l}' authentication for SSH Session from {src_ip:w} (tty = {line}) using crypto cipher '{cipher}' "
     "{reason:w}",
     "authentication", P},
    {"SSH_CLOSE",
     "SSH Session from {src_ip:w} (tty = {line}) for user '{user:l}' using crypto cipher '{cipher}' {reason}",
     "session_end", P},
    {"INFO_SUCCESS", "Successfully authenticated user '{user:l}' from '{src_ip}'{? on '{line}'?}", "login", P},
    {"AUTHEN_SUCCESS", "Successfully authenticated user '{user:l}' from '{src_ip}' on '{line}'", "login", P},
    {"AUTHEN_FAILED", "Failed authentication attempt by user '{user:l}' from '{src_ip}' on '{line}'", "login_failed",
     P},
    {"INFO_GENERAL", "{_:w} Failed authentication/{_:w} for {user} from {src_ip:w} port {src_port:w}", "login_failed",
     P},
    {"INFO_GENERAL", "{_:w} Failed {_:w} for {user} from {src_ip:w} port {src_port:w}", "login_failed", P},
    {"INFO_GENERAL", "{_:w} Accepted {_:w} for {user} from {src_ip:w} port {src_port:w}", "login", P},
    {"SYSTEM_MSG", "{?error: ?}PAM: Authentication failure for {?illegal user ?}{user} from {src_ip:w} - {process}",
     "login_failed", P},
    {"SYSTEM_MSG", "pam_aaa:Authentication failed {?for ?}{?from ?}user {user:w} from {src_ip:w} - {process}",
     "login_failed", P},
    {"SYSTEM_MSG", "pam_aaa:Authentication failed from {src_ip:w} - {process}", "login_failed", P},
    {"AUTHFAIL", "Authentication failure for SNMP re{_:w} from host {src_ip:w}", "login_failed", P},
    // Commands and configuration.
    {"CONFIG_I CONFIG_P", "Configured from {application} by {user:w} on {line:w} ({src_ip})", "configuration", P},
    {"CONFIG_I CONFIG_P", "Configured from {application} by {user:w} on {line}", "configuration", P},
    {"CONFIG_I CONFIG_P", "Configured from {application} by {line:w} ({src_ip})", "configuration", P},
    {"CONFIG_I CONFIG_P", "Configured {?programmatically ?}{?from ?}{application} by {user} on {line:w}",
     "configuration", P},
    {"CONFIG_P", "Configured programmatically by process {process} from {application} as {user} on {line}",
     "configuration", P},
    {"CONFIG_I CONFIG_P", "Configured {?from ?}{application} by {user}", "configuration", P},
    {"VSHD_SYSLOG_CONFIG_I", "Configured from {application:w} by {user:w} on {src_ip}@{line}", "configuration", P},
    {"VSHD_SYSLOG_CONFIG_I", "Configured from {application:w} by {user:w} on {line}", "configuration", P},
    {"CFGLOG_LOGGEDCMD", "User:{user:w} logged command:{command}", "command", A},
    {"AAA_ACCOUNTING_MESSAGE", "{_}:{src_ip}@{line}:{user}:{command}", "command", A},
    {"DB_COMMIT", "Configuration committed by user '{user:l}'. {reason}", "configuration", P},
    {"COMMIT_FAILURE", "Configuration commit running under '{line}': by :'{user}' failed", "configuration_failed", P},
    {"INSTALL_OPERATION_INFO", "User: {user}, {reason}", "install", P},
    {"PRIV_AUTH_PASS", "Privilege level set to {privilege_new:w} by {user:w} on {line:w}{? ({src_ip})?}",
     "privilege_changed", P},
    {"PRIV_AUTH_FAIL",
     "Authentication to Privilege level {privilege_new:w} failed by {user:w} on {line:w}{? ({src_ip})?}",
     "privilege_failed", P},
    {"LOGGINGHOST_STARTSTOP", "Logging to host {address:w} {?port {_:w} ?}{reason}", "logging", P},
    {"RELOAD", "Reload requested by {user:w} on {line}. Reload Reason: {reason}", "reload", P},
    {"RELOAD", "Reload requested {?by ?}{reason}", "reload", P},
    {"RESTART", "System {reason}", "restart", P},
    // What the Firepower management centre logs of its own users, without a tag.
    {"audit", "{_:w} {user}@{src_ip}, {command}", "audit", P},
    // Ports, links and the stations behind them.
    {"UPDOWN", "Line protocol on Interface {interface:w}, changed state to {state}", "link", P},
    {"UPDOWN CHANGED", "Interface {interface:w}, changed state to {state}", "link", P},
    {"IF_UP IF_DOWN_LINK_FAILURE IF_DOWN_ADMIN_DOWN IF_DOWN_NONE IF_DOWN_CFG_CHANGE IF_DOWN_INITIALIZING "
     "IF_DOWN_PORT_CHANNEL_MEMBERS_DOWN",
     "Interface {interface:w} is {state:w}{? {reason}?}", "link", P},
    {"ERR_DISABLE", "{reason} error detected on {interface:w}, putting", "port_disabled", P},
    {"PSECURE_VIOLATION", "{reason}, caused by MAC address {mac:w} on port {interface}.", "violation", P},
    {"MACFLAP_NOTIF", "Host {mac:w} in vlan {vlan:w} is flapping between port {interface:w} and", "mac_flap", P},
    {"FAIL", "{reason} for client ({mac}) on Interface {interface:w}", "login_failed", P},
    {"SUCCESS", "{reason} for client ({mac}) on Interface {interface:w}", "login", P},
    {"DHCP_SNOOPING_FAKE_INTERFACE DHCP_SNOOPING_MATCH_MAC_FAIL DHCP_SNOOPING_UNTRUSTED_PORT",
     "{reason}, message type: {_:w}, {?chaddr: ?}{?MAC sa: ?}{mac:w}", "dropped", P},
    {"DHCP_SNOOPING_DENY INVALID_ARP",
     "{packets:w} Invalid ARPs ({_}) on {interface:w}, vlan {vlan}.([{mac}/{src_ip}/{_}/{dst_ip}/{_}])", "dropped", P},
    {"NATIVE_VLAN_MISMATCH", "{reason} discovered on {interface:w} ({vlan}), with", "mismatch", P},
    {"ROOTGUARD_BLOCK BLOCK_BPDUGUARD ROOTGUARD_CONFIG_CHANGE", "{reason} port {interface}", "port_blocked", P},
    // Routing.
    {"ADJCHANGE", "neighbor {neighbor:w} {?vpn vrf {_:w} ?}{state:w}{? {reason}?}", "neighbor", B},
    {"NOTIFICATION NOTIFICATION_MANY", "{direction:w} {?from ?}{?to ?}neighbor {neighbor:w} {reason}", "notification",
     B},
    {"BADAUTH", "{reason} digest from {src:e} to {dst:e}", "denied", B},
    {"MAXPFX MAXPFXEXCEED", "{reason} from {neighbor:w} {_}", "neighbor", B},
    {"ADJCHG", "Process {process:w}, Nbr {neighbor:w} on {interface:w} from {_:w} to {state:w}, {reason}", "neighbor",
     P},
    {"NBRCHANGE", "{process}: Neighbor {neighbor:w} ({interface}) is {state:w}: {reason}", "neighbor", P},
    {"NBRCHG", "LDP Neighbor {neighbor}:{_} is {state}", "neighbor", L},
    {"NBR_CHANGE", "{?VRF {_}, ?}Neighbor {neighbor}:{_} is {state}", "neighbor", L},
    {"SOCKET_TCP_PACKET_MD5_AUTHEN_FAIL", "{reason}", "denied", L},
});

}  // namespace

const PatternTable& cisco_named_patterns() {
  static const PatternTable table{kRows, cisco_fields(), cisco_specials()};
  return table;
}

}  // namespace nw::logs
