// The kinds of PAN-OS's logs: which columns each has, in which order; made into tables when the program is compiled.
// Inner to palo_alto.cpp.
//
// A list names the columns from the first on; '-' is one that means nothing. Where the order differs by version, a kind
// has a second list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ingest/logs/formats/field_values.h"
#include "ingest/logs/formats/palo_alto_columns.h"

namespace nw::logs::palo_alto {

// A column under one of Sigma's names.
struct Alias {
  std::string_view name, column, help;
};
constexpr auto kNoAliases = std::array<Alias, 0>{};
constexpr auto kSourceAlias = std::to_array<Alias>({{"src_ip", "src", "src, as Sigma's firewall rules name it"}});
constexpr auto kIpAlias = std::to_array<Alias>({{"src_ip", "ip", "ip, as Sigma's firewall rules name it"}});
constexpr auto kFlowAliases = std::to_array<Alias>({
    {"src_ip", "src", "src, as Sigma's firewall rules name it"},
    {"src_port", "sport", "sport, as Sigma's firewall rules name it"},
    {"dst_ip", "dst", "dst, as Sigma's firewall rules name it"},
    {"dst_port", "dport", "dport, as Sigma's firewall rules name it"},
});
constexpr auto kUrlAliases = std::to_array<Alias>({
    {"src_ip", "src", "src, as Sigma's proxy rules name it"},
    {"src_port", "sport", "sport, as Sigma's proxy rules name it"},
    {"dst_ip", "dst", "dst, as Sigma's proxy rules name it"},
    {"dst_port", "dport", "dport, as Sigma's proxy rules name it"},
    {"c-uri", "misc", "misc, as Sigma's proxy rules name it"},
    {"c-useragent", "user_agent", "user_agent, as Sigma's proxy rules name it"},
    {"cs-method", "http_method", "http_method, as Sigma's proxy rules name it"},
    {"cs-referer", "referer", "referer, as Sigma's proxy rules name it"},
    {"cs-username", "srcuser", "srcuser, as Sigma's proxy rules name it"},
    {"cs-host", "misc", "the host in misc, as Sigma's proxy rules name it"},
    {"r-dns", "misc", "the host in misc, as Sigma's proxy rules name it"},
});
constexpr std::size_t kUrlHost = kUrlAliases.size() - 2;  // the reader cuts it out of misc, for both
static_assert(kUrlAliases[kUrlHost].name == "cs-host" && kUrlAliases[kUrlHost + 1].name == "r-dns");

#define NW_HEAD "- receive_time serial type subtype - time_generated "
#define NW_FLOW                                                                                            \
  "src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset - sessionid " \
  "repeatcnt sport dport natsport natdport flags proto action "
#define NW_GROUPS "dg_hier_level_1 dg_hier_level_2 dg_hier_level_3 dg_hier_level_4 "
#define NW_DEVICE NW_GROUPS "vsys_name device_name "
#define NW_SOURCE_DEVICE "src_category src_profile src_model src_vendor src_osfamily src_osversion src_host src_mac "
#define NW_DEVICES \
  NW_SOURCE_DEVICE "dst_category dst_profile dst_model dst_vendor dst_osfamily dst_osversion dst_host dst_mac "
#define NW_APP                                                                                               \
  "subcategory_of_app category_of_app technology_of_app risk_of_app characteristic_of_app container_of_app " \
  "tunneled_app is_saas_of_app sanctioned_state_of_app "

struct Traffic {
  static constexpr std::string_view kOrder = NW_HEAD NW_FLOW
      "bytes bytes_sent bytes_received packets start elapsed category - seqno actionflags srcloc dstloc - pkts_sent "
      "pkts_received session_end_reason " NW_DEVICE
      "action_source src_uuid dst_uuid tunnelid monitortag parent_session_id parent_start_time tunnel assoc_id chunks "
      "chunks_sent chunks_received rule_uuid http2_connection link_change_count policy_id link_switches sdwan_cluster "
      "sdwan_device_type sdwan_cluster_type sdwan_site dynusergroup_name xff_ip " NW_DEVICES
      "container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber src_dag dst_dag session_owner "
      "high_res_timestamp nsdsai_sst nsdsai_sd " NW_APP "offloaded flow_type cluster_name";
  static constexpr const auto& kAliases = kFlowAliases;
};

struct Threat {
  static constexpr std::string_view kOrder = NW_HEAD NW_FLOW
      "misc threatid category severity direction seqno actionflags srcloc dstloc - contenttype pcap_id filedigest "
      "cloud "
      "url_idx user_agent filetype xff referer sender subject recipient reportid " NW_DEVICE
      "- src_uuid dst_uuid http_method tunnelid monitortag parent_session_id parent_start_time tunnel thr_category "
      "contentver - assoc_id ppid http_headers url_category_list rule_uuid http2_connection dynusergroup_name "
      "xff_ip " NW_DEVICES
      "container_id pod_namespace pod_name src_edl dst_edl hostid serialnumber domain_edl src_dag dst_dag partial_hash "
      "high_res_timestamp reason justification nsdsai_sst " NW_APP "cloud_reportid cluster_name flow_type";
  static constexpr const auto& kAliases = kFlowAliases;
};

struct Url : Threat {
  static constexpr const auto& kAliases = kUrlAliases;
};

struct Decryption {
  static constexpr std::string_view kOrder = NW_HEAD
      "src dst natsrc natdst rule srcuser dstuser app vsys from to inbound_if outbound_if logset time_received "
      "sessionid "
      "repeatcnt sport dport natsport natdport flags proto action tunnel - - src_uuid dst_uuid rule_uuid hs_stage_c2f "
      "hs_stage_f2s tls_version tls_keyxchg tls_enc tls_auth policy_name ec_curve err_index root_status chain_status "
      "proxy_type cert_serial fingerprint notbefore notafter cert_ver cert_size cn_len issuer_len rootcn_len sni_len "
      "cert_flags cn issuer_cn root_cn sni error container_id pod_namespace pod_name src_edl dst_edl src_dag dst_dag "
      "high_res_timestamp " NW_DEVICES "seqno actionflags " NW_DEVICE "vsys_id " NW_APP "cluster_name";
  static constexpr const auto& kAliases = kFlowAliases;
};

struct Tunnel {
  static constexpr std::string_view kOrder = NW_HEAD NW_FLOW
      "severity seqno actionflags srcloc dstloc " NW_DEVICE
      "tunnelid monitortag parent_session_id parent_start_time tunnel bytes bytes_sent bytes_received packets "
      "pkts_sent "
      "pkts_received max_encap unknown_proto strict_check tunnel_fragment sessions_created sessions_closed "
      "session_end_reason action_source start elapsed tunnel_insp_rule remote_user_ip remote_user_id rule_uuid pcap_id "
      "dynusergroup_name src_edl dst_edl high_res_timestamp nsdsai_sd nsdsai_sst pdu_session_id " NW_APP "cluster_name";
  static constexpr const auto& kAliases = kFlowAliases;
};

struct Gtp {
  static constexpr std::string_view kOrder = NW_HEAD
      "src dst - - rule - - app vsys from to inbound_if outbound_if logset - sessionid - sport dport - - - proto "
      "action "
      "event_type msisdn apn rat msg_type end_ip_adr teid1 teid2 gtp_interface cause_code severity mcc mnc area_code "
      "cell_id event_code - - srcloc dstloc - - - - - - - imsi imei - - - - - - - - - - - - - - - - start elapsed "
      "tunnel_insp_rule remote_user_ip remote_user_id rule_uuid pcap_id high_res_timestamp nsdsai_sst nsdsai_sd "
      "subcategory_of_app category_of_app technology_of_app risk_of_app characteristic_of_app container_of_app "
      "is_saas_of_app sanctioned_state_of_app";
  static constexpr const auto& kAliases = kFlowAliases;
};

struct Sctp {
  static constexpr std::string_view kOrder =
      "- receive_time serial type - - time_generated src dst - - rule - - - vsys from to inbound_if outbound_if logset "
      "- "
      "sessionid repeatcnt sport dport - - - - proto action " NW_DEVICE
      "seqno - assoc_id ppid severity chunk_type - verif_tag_1 verif_tag_2 sctp_cause_code diam_app_id diam_cmd_code "
      "diam_avp_code stream_id assoc_end_reason op_code sccp_calling_ssn sccp_calling_gt sctp_filter chunks "
      "chunks_sent "
      "chunks_received packets pkts_sent pkts_received rule_uuid high_res_timestamp";
  static constexpr const auto& kAliases = kFlowAliases;
};

struct System {
  static constexpr std::string_view kOrder =
      NW_HEAD "vsys eventid object - - module severity opaque seqno actionflags " NW_DEVICE "- - high_res_timestamp";
  static constexpr const auto& kAliases = kNoAliases;
};

// The columns with the details are there in custom formats only, and then in this place.
struct Config {
  static constexpr std::string_view kOrder = NW_HEAD
      "client_host vsys cmd admin client result path before_change_detail after_change_detail seqno "
      "actionflags " NW_DEVICE "dg_id comment - high_res_timestamp";
  static constexpr std::string_view kShortOrder = NW_HEAD
      "client_host vsys cmd admin client result path seqno actionflags " NW_DEVICE "dg_id comment - high_res_timestamp";
  static constexpr const auto& kAliases = kNoAliases;
};

#define NW_GLOBALPROTECT                                                                                               \
  "vsys eventid stage auth_method tunnel_type srcuser srcregion machinename public_ip public_ipv6 private_ip "         \
  "private_ipv6 hostid serialnumber client_ver client_os client_os_ver repeatcnt reason error opaque status location " \
  "login_duration connect_method error_code portal "
struct GlobalProtect {
  static constexpr std::string_view kOrder = NW_HEAD NW_GLOBALPROTECT
      "seqno actionflags high_res_timestamp selection_type response_time priority attempted_gateways gateway " NW_DEVICE
      "vsys_id cluster_name";
  // PAN-OS 9.1.0 to 9.1.2.
  static constexpr std::string_view kFirstOrder =
      "- receive_time serial seqno actionflags type subtype - time_generated " NW_GLOBALPROTECT;
  static constexpr const auto& kAliases = kNoAliases;
};

struct UserId {
  static constexpr std::string_view kOrder = NW_HEAD
      "vsys ip user datasourcename eventid repeatcnt timeout beginport endport datasource datasourcetype seqno "
      "actionflags " NW_DEVICE
      "vsys_id factortype factorcompletiontime factorno ugflags userbysource tag_name high_res_timestamp "
      "origindatasource - cluster_name";
  static constexpr const auto& kAliases = kIpAlias;
};

struct HipMatch {
  static constexpr std::string_view kOrder =
      NW_HEAD "srcuser vsys machinename os src matchname repeatcnt matchtype - - seqno actionflags " NW_DEVICE
              "vsys_id srcipv6 hostid serialnumber mac high_res_timestamp cluster_name";
  static constexpr const auto& kAliases = kSourceAlias;
};

struct Authentication {
  static constexpr std::string_view kOrder = NW_HEAD
      "vsys ip user normalize_user object authpolicy repeatcnt authid vendor logset serverprofile desc clienttype "
      "event "
      "factorno seqno actionflags " NW_DEVICE "vsys_id authproto rule_uuid high_res_timestamp " NW_SOURCE_DEVICE
      "region - user_agent sessionid cluster_name";
  static constexpr const auto& kAliases = kIpAlias;
};

struct Correlation {
  static constexpr std::string_view kOrder =
      NW_HEAD "src srcuser vsys category severity " NW_DEVICE "vsys_id objectname object_id evidence";
  static constexpr const auto& kAliases = kSourceAlias;
};

struct IpTag {
  static constexpr std::string_view kOrder = NW_HEAD
      "vsys ip tag_name event_id repeatcnt timeout datasourcename datasource_type datasource_subtype seqno "
      "actionflags " NW_DEVICE "vsys_id high_res_timestamp cluster_name";
  static constexpr const auto& kAliases = kIpAlias;
};

// Kinds that are not known here: what all have.
struct Other {
  static constexpr std::string_view kOrder = NW_HEAD;
  static constexpr const auto& kAliases = kNoAliases;
};

#undef NW_HEAD
#undef NW_FLOW
#undef NW_GROUPS
#undef NW_DEVICE
#undef NW_SOURCE_DEVICE
#undef NW_DEVICES
#undef NW_APP
#undef NW_GLOBALPROTECT

// The next word of a list, consumed; empty: the end.
constexpr std::string_view take_word(std::string_view& list) {
  while (list.starts_with(' ')) list.remove_prefix(1);
  const std::string_view word = list.substr(0, list.find(' '));
  list.remove_prefix(word.size());
  return word;
}

// `proto` is a common field: it is told with the ends, in Zeek's spelling.
constexpr bool declared(std::string_view word) { return word != "-" && word != "proto"; }

constexpr std::size_t count(std::string_view list, bool all) {
  std::size_t words = 0;
  for (std::string_view word = take_word(list); !word.empty(); word = take_word(list))
    if (all || declared(word)) ++words;
  return words;
}

constexpr const event::FieldSpec& spec_of(std::string_view name) {
  // Past the end, which does not compile, for a name that is not in the dictionary.
  const auto* const found = std::ranges::lower_bound(kColumns, name, {}, &event::FieldSpec::name);
  return found != kColumns.end() && found->name == name ? *found : *kColumns.end();
}

// Behind the aliases; both are there for every kind, though some have no action.
constexpr std::array<event::FieldSpec, 2> kOwnFields{
    {{"blocked", "text", "true or false, by action"},
     {"more_columns", "text", "the columns behind those that are known, as they came"}}};

// A kind's fields: aliases, kOwnFields, columns.
template <class Log>
constexpr auto make_fields() {
  constexpr std::size_t kFront = Log::kAliases.size() + kOwnFields.size();
  std::array<event::FieldSpec, kFront + count(Log::kOrder, false)> fields{};
  for (std::size_t i = 0; i < Log::kAliases.size(); ++i)
    fields[i] = {Log::kAliases[i].name, spec_of(Log::kAliases[i].column).type, Log::kAliases[i].help};
  std::ranges::copy(kOwnFields, fields.begin() + Log::kAliases.size());
  std::size_t at = kFront;
  std::string_view list = Log::kOrder;
  for (std::string_view word = take_word(list); !word.empty(); word = take_word(list))
    if (declared(word)) fields[at++] = spec_of(word);
  return fields;
}
template <class Log>
inline constexpr auto kFieldsOf = make_fields<Log>();

struct Column {
  static constexpr std::uint16_t kNone = 0xffff;
  std::uint16_t local = kNone;
  FieldKind kind = FieldKind::text;
};
// Where the columns stand that the reader itself asks for; kNone: nowhere.
struct Places {
  static constexpr std::size_t kNone = ~std::size_t{0};
  std::size_t orig_h = kNone, orig_p = kNone, resp_h = kNone, resp_p = kNone, proto = kNone, action = kNone,
              device = kNone, received = kNone, generated = kNone, written = kNone;
};
struct AliasColumn {
  std::size_t column;
  FieldKind kind;
};
struct Layout {
  std::span<const Column> columns;
  std::span<const AliasColumn> aliases;  // the kind's first fields
  Places at;
};

constexpr std::size_t find_word(std::string_view list, std::string_view wanted) {
  std::size_t at = 0;
  for (std::string_view word = take_word(list); !word.empty(); word = take_word(list), ++at)
    if (word == wanted) return at;
  return Places::kNone;
}

template <class Log, const std::string_view& kOrder>
constexpr auto make_columns() {
  std::array<Column, count(kOrder, true)> columns{};
  std::size_t at = 0;
  std::string_view list = kOrder;
  for (std::string_view word = take_word(list); !word.empty(); word = take_word(list), ++at) {
    if (!declared(word)) continue;
    const auto& fields = kFieldsOf<Log>;
    const auto* const field = std::ranges::find(fields, word, &event::FieldSpec::name);
    columns[at] = {static_cast<std::uint16_t>(field - fields.begin()), kind_of(field->type)};
  }
  return columns;
}
template <class Log, const std::string_view& kOrder>
inline constexpr auto kColumnsOf = make_columns<Log, kOrder>();

template <class Log, const std::string_view& kOrder>
constexpr auto make_aliases() {
  std::array<AliasColumn, Log::kAliases.size()> aliases{};
  for (std::size_t i = 0; i < aliases.size(); ++i)
    aliases[i] = {find_word(kOrder, Log::kAliases[i].column), kind_of(spec_of(Log::kAliases[i].column).type)};
  return aliases;
}
template <class Log, const std::string_view& kOrder>
inline constexpr auto kAliasesOf = make_aliases<Log, kOrder>();

constexpr std::size_t first_of(std::string_view list, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (const std::size_t at = find_word(list, name); at != Places::kNone) return at;
  return Places::kNone;
}

template <class Log, const std::string_view& kOrder = Log::kOrder>
constexpr Layout layout() {
  return {kColumnsOf<Log, kOrder>,
          kAliasesOf<Log, kOrder>,
          {first_of(kOrder, {"src", "ip", "public_ip", "client_host"}), find_word(kOrder, "sport"),
           find_word(kOrder, "dst"), find_word(kOrder, "dport"), find_word(kOrder, "proto"),
           find_word(kOrder, "action"), find_word(kOrder, "device_name"), find_word(kOrder, "receive_time"),
           find_word(kOrder, "time_generated"), find_word(kOrder, "high_res_timestamp")}};
}

}  // namespace nw::logs::palo_alto
