// What numbers of IEC 60870-5-101 are called, what types do, and of which elements their objects consist.
// Types are spelled as in the standard: M_ monitored, C_ control, P_ parameter, F_ file; NA without time, TA with.
#include <algorithm>

#include "ingest/network/protocols/iec104_asdu.h"

namespace nw::network {

namespace {

using enum Iec104Element;
using enum IcsOperation;

constexpr auto kTypes = std::to_array<Iec104Type>({
    {1, "M_SP_NA_1", read, {siq}},
    {2, "M_SP_TA_1", read, {siq, cp24}},
    {3, "M_DP_NA_1", read, {diq}},
    {4, "M_DP_TA_1", read, {diq, cp24}},
    {5, "M_ST_NA_1", read, {vti, qds}},
    {6, "M_ST_TA_1", read, {vti, qds, cp24}},
    {7, "M_BO_NA_1", read, {bsi, qds}},
    {8, "M_BO_TA_1", read, {bsi, qds, cp24}},
    {9, "M_ME_NA_1", read, {nva, qds}},
    {10, "M_ME_TA_1", read, {nva, qds, cp24}},
    {11, "M_ME_NB_1", read, {sva, qds}},
    {12, "M_ME_TB_1", read, {sva, qds, cp24}},
    {13, "M_ME_NC_1", read, {r32, qds}},
    {14, "M_ME_TC_1", read, {r32, qds, cp24}},
    {15, "M_IT_NA_1", read, {bcr}},
    {16, "M_IT_TA_1", read, {bcr, cp24}},
    {17, "M_EP_TA_1", read, {sep, cp16, cp24}},
    {18, "M_EP_TB_1", read, {spe, qdp, cp16, cp24}},
    {19, "M_EP_TC_1", read, {oci, qdp, cp16, cp24}},
    {20, "M_PS_NA_1", read, {scd, qds}},
    {21, "M_ME_ND_1", read, {nva}},
    {30, "M_SP_TB_1", read, {siq, cp56}},
    {31, "M_DP_TB_1", read, {diq, cp56}},
    {32, "M_ST_TB_1", read, {vti, qds, cp56}},
    {33, "M_BO_TB_1", read, {bsi, qds, cp56}},
    {34, "M_ME_TD_1", read, {nva, qds, cp56}},
    {35, "M_ME_TE_1", read, {sva, qds, cp56}},
    {36, "M_ME_TF_1", read, {r32, qds, cp56}},
    {37, "M_IT_TB_1", read, {bcr, cp56}},
    {38, "M_EP_TD_1", read, {sep, cp16, cp56}},
    {39, "M_EP_TE_1", read, {spe, qdp, cp16, cp56}},
    {40, "M_EP_TF_1", read, {oci, qdp, cp16, cp56}},
    {45, "C_SC_NA_1", control, {sco}},
    {46, "C_DC_NA_1", control, {dco}},
    {47, "C_RC_NA_1", control, {rco}},
    {48, "C_SE_NA_1", write, {nva, qos}},
    {49, "C_SE_NB_1", write, {sva, qos}},
    {50, "C_SE_NC_1", write, {r32, qos}},
    {51, "C_BO_NA_1", write, {bsi}},
    {58, "C_SC_TA_1", control, {sco, cp56}},
    {59, "C_DC_TA_1", control, {dco, cp56}},
    {60, "C_RC_TA_1", control, {rco, cp56}},
    {61, "C_SE_TA_1", write, {nva, qos, cp56}},
    {62, "C_SE_TB_1", write, {sva, qos, cp56}},
    {63, "C_SE_TC_1", write, {r32, qos, cp56}},
    {64, "C_BO_TA_1", write, {bsi, cp56}},
    {70, "M_EI_NA_1", restart, {qualifier}},
    {100, "C_IC_NA_1", read, {qualifier}},
    {101, "C_CI_NA_1", read, {qualifier}},
    {102, "C_RD_NA_1", read, {}},
    {103, "C_CS_NA_1", time_set, {cp56}},
    {104, "C_TS_NA_1", diagnose, {pattern}},
    {105, "C_RP_NA_1", restart, {qualifier}},
    {106, "C_CD_NA_1", time_set, {cp16}},
    {107, "C_TS_TA_1", diagnose, {pattern, cp56}},
    {110, "P_ME_NA_1", write, {nva, qualifier}},
    {111, "P_ME_NB_1", write, {sva, qualifier}},
    {112, "P_ME_NC_1", write, {r32, qualifier}},
    {113, "P_AC_NA_1", write, {qualifier}},
    {120, "F_FR_NA_1", file, {nof, lof, qualifier}},
    {121, "F_SR_NA_1", file, {nof, nos, lof, qualifier}},
    {122, "F_SC_NA_1", file, {nof, nos, qualifier}},
    {123, "F_LS_NA_1", file, {nof, nos, qualifier, unread}},
    {124, "F_AF_NA_1", file, {nof, nos, qualifier}},
    {125, "F_SG_NA_1", file, {nof, nos, segment}},
    {126, "F_DR_TA_1", file, {nof, lof, unread, cp56}},
    {127, "F_SC_NB_1", file, {nof, cp56, cp56}},
});
static_assert(std::ranges::is_sorted(kTypes, {}, &Iec104Type::number));

using Names = std::span<const std::string_view>;
std::string_view at(Names names, std::size_t index) { return index < names.size() ? names[index] : std::string_view{}; }

constexpr auto kCauses = std::to_array<std::string_view>({"",
                                                          "PERIODIC",
                                                          "BACKGROUND_SCAN",
                                                          "SPONTANEOUS",
                                                          "INITIALIZED",
                                                          "REQUEST",
                                                          "ACTIVATION",
                                                          "ACTIVATION_CON",
                                                          "DEACTIVATION",
                                                          "DEACTIVATION_CON",
                                                          "ACTIVATION_TERMINATION",
                                                          "RETURN_REMOTE",
                                                          "RETURN_LOCAL",
                                                          "FILE_TRANSFER",
                                                          "AUTHENTICATION",
                                                          "SESSION_KEY",
                                                          "USER_ROLE",
                                                          "",
                                                          "",
                                                          "",
                                                          "INTERROGATED_STATION",
                                                          "INTERROGATED_GROUP_1",
                                                          "INTERROGATED_GROUP_2",
                                                          "INTERROGATED_GROUP_3",
                                                          "INTERROGATED_GROUP_4",
                                                          "INTERROGATED_GROUP_5",
                                                          "INTERROGATED_GROUP_6",
                                                          "INTERROGATED_GROUP_7",
                                                          "INTERROGATED_GROUP_8",
                                                          "INTERROGATED_GROUP_9",
                                                          "INTERROGATED_GROUP_10",
                                                          "INTERROGATED_GROUP_11",
                                                          "INTERROGATED_GROUP_12",
                                                          "INTERROGATED_GROUP_13",
                                                          "INTERROGATED_GROUP_14",
                                                          "INTERROGATED_GROUP_15",
                                                          "INTERROGATED_GROUP_16",
                                                          "COUNTERS_GENERAL",
                                                          "COUNTERS_GROUP_1",
                                                          "COUNTERS_GROUP_2",
                                                          "COUNTERS_GROUP_3",
                                                          "COUNTERS_GROUP_4",
                                                          "",
                                                          "",
                                                          "UNKNOWN_TYPE",
                                                          "UNKNOWN_CAUSE",
                                                          "UNKNOWN_COMMON_ADDRESS",
                                                          "UNKNOWN_OBJECT_ADDRESS"});
static_assert(kCauses.size() == kIec104UnknownObject + 1);

// Section 7.2.6.22 and on. What is missing is reserved, or the maker's.
constexpr auto kPulses = std::to_array<std::string_view>({"default", "short_pulse", "long_pulse", "persistent"});
constexpr auto kInterrogations = std::to_array<std::string_view>(
    {"station", "group_1", "group_2", "group_3", "group_4", "group_5", "group_6", "group_7", "group_8", "group_9",
     "group_10", "group_11", "group_12", "group_13", "group_14", "group_15", "group_16"});
constexpr std::uint8_t kFirstInterrogation = 20;
constexpr auto kFreezes = std::to_array<std::string_view>({"read", "freeze", "freeze_and_reset", "reset"});
constexpr auto kResets = std::to_array<std::string_view>({"", "process", "pending_events"});
constexpr auto kInitialisations = std::to_array<std::string_view>({"power_on", "manual_reset", "remote_reset"});
constexpr auto kParameters =
    std::to_array<std::string_view>({"", "threshold", "smoothing_factor", "low_limit", "high_limit"});
constexpr auto kActivations =
    std::to_array<std::string_view>({"", "loaded_parameters", "addressed_parameter", "periodic_transmission"});
constexpr auto kCalls =
    std::to_array<std::string_view>({"default", "select_file", "request_file", "deactivate_file", "delete_file",
                                     "select_section", "request_section", "deactivate_section"});
constexpr auto kEnds =
    std::to_array<std::string_view>({"", "file_sent", "file_deactivated", "section_sent", "section_deactivated"});
constexpr auto kAcknowledgements =
    std::to_array<std::string_view>({"", "file_accepted", "file_refused", "section_accepted", "section_refused"});

}  // namespace

const Iec104Type* find_iec104_type(std::uint8_t number) {
  const auto found = std::ranges::lower_bound(kTypes, number, {}, &Iec104Type::number);
  return found != kTypes.end() && found->number == number ? &*found : nullptr;
}

std::string_view iec104_cause_name(std::uint8_t cause) { return at(kCauses, cause); }

std::string_view iec104_qualifier_name(std::uint8_t type, std::uint8_t qualifier) {
  const std::size_t low = qualifier & 0x0fU, seven = qualifier & 0x7fU;  // what stands above are flags
  switch (type) {
    case 45:
    case 46:
    case 47:
    case 58:
    case 59:
    case 60: return at(kPulses, qualifier);
    case 70: return at(kInitialisations, seven);
    case 100: return qualifier < kFirstInterrogation ? "" : at(kInterrogations, qualifier - kFirstInterrogation);
    case 101: return at(kFreezes, qualifier >> 6U);
    case 105: return at(kResets, qualifier);
    case 110:
    case 111:
    case 112: return at(kParameters, qualifier & 0x3fU);
    case 113: return at(kActivations, qualifier);
    case 120:
    case 121: return (qualifier & 0x80U) == 0 ? "ready" : "not_ready";
    case 122: return at(kCalls, low);
    case 123: return at(kEnds, qualifier);
    case 124: return at(kAcknowledgements, low);
    default: return {};
  }
}

}  // namespace nw::network
