// What DNP3's numbers are called, what functions do and how objects are laid out: IEEE 1815-2012, annex A and clauses
// 4, 7 and 9. Functions are spelled as in Zeek's dnp3.log, objects and blocks as in ICSNPP's logs where those name
// them.
#include <algorithm>
#include <array>

#include "ingest/network/protocols/dnp3_link.h"
#include "ingest/network/protocols/dnp3_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

struct Function {
  std::uint8_t code;
  std::string_view name;
  IcsOperation operation;
  bool answered;
};

constexpr auto kFunctions = std::to_array<Function>({
    {0x00, "CONFIRM", other, false},
    {0x01, "READ", read, true},
    {0x02, "WRITE", write, true},
    {0x03, "SELECT", control, true},
    {0x04, "OPERATE", control, true},
    {0x05, "DIRECT_OPERATE", control, true},
    {0x06, "DIRECT_OPERATE_NR", control, false},
    {0x07, "IMMED_FREEZE", write, true},
    {0x08, "IMMED_FREEZE_NR", write, false},
    {0x09, "FREEZE_CLEAR", write, true},
    {0x0A, "FREEZE_CLEAR_NR", write, false},
    {0x0B, "FREEZE_AT_TIME", write, true},
    {0x0C, "FREEZE_AT_TIME_NR", write, false},
    {0x0D, "COLD_RESTART", restart, true},
    {0x0E, "WARM_RESTART", restart, true},
    {0x0F, "INITIALIZE_DATA", program, true},
    {0x10, "INITIALIZE_APPL", program, true},
    {0x11, "START_APPL", start, true},
    {0x12, "STOP_APPL", stop, true},
    {0x13, "SAVE_CONFIG", program, true},
    {0x14, "ENABLE_UNSOLICITED", subscribe, true},
    {0x15, "DISABLE_UNSOLICITED", subscribe, true},
    {0x16, "ASSIGN_CLASS", subscribe, true},
    {0x17, "DELAY_MEASURE", diagnose, true},
    {0x18, "RECORD_CURRENT_TIME", time_set, true},
    {0x19, "OPEN_FILE", file, true},
    {0x1A, "CLOSE_FILE", file, true},
    {0x1B, "DELETE_FILE", file, true},
    {0x1C, "GET_FILE_INFO", file, true},
    {0x1D, "AUTHENTICATE_FILE", file, true},
    {0x1E, "ABORT_FILE", file, true},
    {0x1F, "ACTIVATE_CONFIG", program, true},
    {0x20, "AUTHENTICATE_REQ", other, true},
    {0x21, "AUTHENTICATE_ERR", other, false},
    {0x81, "RESPONSE", other, false},
    {0x82, "UNSOLICITED_RESPONSE", other, false},
    {0x83, "AUTHENTICATE_RESP", other, false},
});
static_assert(std::ranges::is_sorted(kFunctions, {}, &Function::code));

constexpr unsigned place(std::uint8_t group, std::uint8_t variation) { return group * 256U + variation; }
constexpr unsigned place_of(const Dnp3Kind& kind) { return place(kind.group, kind.variation); }

constexpr auto kKinds = std::to_array<Dnp3Kind>({
    {1, 0, "", "Binary Input Default Variation"},
    {1, 1, "b", "Single-bit Binary Input"},
    {1, 2, "B", "Binary Input With Status"},
    {2, 0, "", "Binary Input Change Default Variation"},
    {2, 1, "B", "Binary Input Change Without Time"},
    {2, 2, "Bt", "Binary Input Change With Time"},
    {2, 3, "Bm", "Binary Input Change With Relative Time"},
    {3, 0, "", "Double-bit Input Default Variation"},
    {3, 1, "2", "Double-bit Input No Flags"},
    {3, 2, "D", "Double-bit Input With Status"},
    {4, 0, "", "Double-bit Input Change Default Variation"},
    {4, 1, "D", "Double-bit Input Change Without Time"},
    {4, 2, "Dt", "Double-bit Input Change With Time"},
    {4, 3, "Dm", "Double-bit Input Change With Relative Time"},
    {10, 0, "", "Binary Output Default Variation"},
    {10, 1, "b", "Binary Output"},
    {10, 2, "B", "Binary Output Status"},
    {11, 0, "", "Binary Output Change Default Variation"},
    {11, 1, "B", "Binary Output Change Without Time"},
    {11, 2, "Bt", "Binary Output Change With Time"},
    {12, 0, "", "Binary Output Command Default Variation"},
    {12, 1, "CS", "Control Relay Output Block"},
    {12, 2, "CS", "Pattern Control Block"},
    {12, 3, "b", "Pattern Mask"},
    {13, 0, "", "Binary Output Command Event Default Variation"},
    {13, 1, "B", "Binary Output Command Event Without Time"},
    {13, 2, "Bt", "Binary Output Command Event With Time"},
    {20, 0, "", "Binary Counter Default Variation"},
    {20, 1, "fu", "32-Bit Binary Counter"},
    {20, 2, "fw", "16-Bit Binary Counter"},
    {20, 3, "fu", "32-Bit Delta Counter"},
    {20, 4, "fw", "16-Bit Delta Counter"},
    {20, 5, "u", "32-Bit Binary Counter Without Flag"},
    {20, 6, "w", "16-Bit Binary Counter Without Flag"},
    {20, 7, "u", "32-Bit Delta Counter Without Flag"},
    {20, 8, "w", "16-Bit Delta Counter Without Flag"},
    {21, 0, "", "Frozen Binary Counter Default Variation"},
    {21, 1, "fu", "32-Bit Frozen Counter"},
    {21, 2, "fw", "16-Bit Frozen Counter"},
    {21, 3, "fu", "32-Bit Frozen Delta Counter"},
    {21, 4, "fw", "16-Bit Frozen Delta Counter"},
    {21, 5, "fut", "32-Bit Frozen Counter w/ Time of Freeze"},
    {21, 6, "fwt", "16-Bit Frozen Counter w/ Time of Freeze"},
    {21, 7, "fut", "32-Bit Frozen Delta Counter w/ Time of Freeze"},
    {21, 8, "fwt", "16-Bit Frozen Delta Counter w/ Time of Freeze"},
    {21, 9, "u", "32-Bit Frozen Counter Without Flag"},
    {21, 10, "w", "16-Bit Frozen Counter Without Flag"},
    {21, 11, "u", "32-Bit Frozen Delta Counter Without Flag"},
    {21, 12, "w", "16-Bit Frozen Delta Counter Without Flag"},
    {22, 0, "", "Counter Change Event Default Variation"},
    {22, 1, "fu", "32-Bit Counter Change Event w/o Time"},
    {22, 2, "fw", "16-Bit Counter Change Event w/o Time"},
    {22, 3, "fu", "32-Bit Delta Counter Change Event w/o Time"},
    {22, 4, "fw", "16-Bit Delta Counter Change Event w/o Time"},
    {22, 5, "fut", "32-Bit Counter Change Event with Time"},
    {22, 6, "fwt", "16-Bit Counter Change Event with Time"},
    {22, 7, "fut", "32-Bit Delta Counter Change Event with Time"},
    {22, 8, "fwt", "16-Bit Delta Counter Change Event with Time"},
    {23, 0, "", "Frozen Binary Counter Change Event Default Variation"},
    {23, 1, "fu", "32-Bit Frozen Counter Change Event"},
    {23, 2, "fw", "16-Bit Frozen Counter Change Event"},
    {23, 3, "fu", "32-Bit Frozen Delta Counter Change Event"},
    {23, 4, "fw", "16-Bit Frozen Delta Counter Change Event"},
    {23, 5, "fut", "32-Bit Frozen Counter Change Event w/ Time of Freeze"},
    {23, 6, "fwt", "16-Bit Frozen Counter Change Event w/ Time of Freeze"},
    {23, 7, "fut", "32-Bit Frozen Delta Counter Change Event w/ Time of Freeze"},
    {23, 8, "fwt", "16-Bit Frozen Delta Counter Change Event w/ Time of Freeze"},
    {30, 0, "", "Analog Input Default Variation"},
    {30, 1, "fi", "32-Bit Analog Input"},
    {30, 2, "fs", "16-Bit Analog Input"},
    {30, 3, "i", "32-Bit Analog Input Without Flag"},
    {30, 4, "s", "16-Bit Analog Input Without Flag"},
    {30, 5, "fr", "32-Bit Floating Point Input"},
    {30, 6, "fd", "64-Bit Floating Point Input"},
    {31, 0, "", "Frozen Analog Input Default Variation"},
    {31, 1, "fi", "32-Bit Frozen Analog Input"},
    {31, 2, "fs", "16-Bit Frozen Analog Input"},
    {31, 3, "fit", "32-Bit Frozen Analog Input w/ Time of Freeze"},
    {31, 4, "fst", "16-Bit Frozen Analog Input w/ Time of Freeze"},
    {31, 5, "i", "32-Bit Frozen Analog Input Without Flag"},
    {31, 6, "s", "16-Bit Frozen Analog Input Without Flag"},
    {31, 7, "fr", "32-Bit Frozen Floating Point Input"},
    {31, 8, "fd", "64-Bit Frozen Floating Point Input"},
    {32, 0, "", "Analog Input Change Default Variation"},
    {32, 1, "fi", "32-Bit Analog Change Event w/o Time"},
    {32, 2, "fs", "16-Bit Analog Change Event w/o Time"},
    {32, 3, "fit", "32-Bit Analog Change Event w/ Time"},
    {32, 4, "fst", "16-Bit Analog Change Event w/ Time"},
    {32, 5, "fr", "32-Bit Floating Point Change Event w/o Time"},
    {32, 6, "fd", "64-Bit Floating Point Change Event w/o Time"},
    {32, 7, "frt", "32-Bit Floating Point Change Event w/ Time"},
    {32, 8, "fdt", "64-Bit Floating Point Change Event w/ Time"},
    {33, 0, "", "Frozen Analog Event Default Variation"},
    {33, 1, "fi", "32-Bit Frozen Analog Event w/o Time"},
    {33, 2, "fs", "16-Bit Frozen Analog Event w/o Time"},
    {33, 3, "fit", "32-Bit Frozen Analog Event w/ Time"},
    {33, 4, "fst", "16-Bit Frozen Analog Event w/ Time"},
    {33, 5, "fr", "32-Bit Floating Point Frozen Change Event w/o Time"},
    {33, 6, "fd", "64-Bit Floating Point Frozen Change Event w/o Time"},
    {33, 7, "frt", "32-Bit Floating Point Frozen Change Event w/ Time"},
    {33, 8, "fdt", "64-Bit Floating Point Frozen Change Event w/ Time"},
    {34, 0, "", "Analog Input Deadband Default Variation"},
    {34, 1, "w", "16-Bit Analog Input Deadband"},
    {34, 2, "u", "32-Bit Analog Input Deadband"},
    {34, 3, "r", "32-Bit Floating Point Input Deadband"},
    {40, 0, "", "Analog Output Default Variation"},
    {40, 1, "fi", "32-Bit Analog Output Status"},
    {40, 2, "fs", "16-Bit Analog Output Status"},
    {40, 3, "fr", "32-Bit Floating Point Output Status"},
    {40, 4, "fd", "64-Bit Floating Point Output Status"},
    {41, 0, "", "Analog Output Block Default Variation"},
    {41, 1, "iS", "32-Bit Analog Output Block"},
    {41, 2, "sS", "16-Bit Analog Output Block"},
    {41, 3, "rS", "32-Bit Floating Point Output Block"},
    {41, 4, "dS", "64-Bit Floating Point Output Block"},
    {42, 0, "", "Analog Output Event Default Variation"},
    {42, 1, "fi", "32-Bit Analog Output Event w/o Time"},
    {42, 2, "fs", "16-Bit Analog Output Event w/o Time"},
    {42, 3, "fit", "32-Bit Analog Output Event w/ Time"},
    {42, 4, "fst", "16-Bit Analog Output Event w/ Time"},
    {42, 5, "fr", "32-Bit Floating Point Output Event w/o Time"},
    {42, 6, "fd", "64-Bit Floating Point Output Event w/o Time"},
    {42, 7, "frt", "32-Bit Floating Point Output Event w/ Time"},
    {42, 8, "fdt", "64-Bit Floating Point Output Event w/ Time"},
    {43, 0, "", "Analog Output Command Event Default Variation"},
    {43, 1, "Si", "32-Bit Analog Output Command Event w/o Time"},
    {43, 2, "Ss", "16-Bit Analog Output Command Event w/o Time"},
    {43, 3, "Sit", "32-Bit Analog Output Command Event w/ Time"},
    {43, 4, "Sst", "16-Bit Analog Output Command Event w/ Time"},
    {43, 5, "Sr", "32-Bit Floating Point Output Command Event w/o Time"},
    {43, 6, "Sd", "64-Bit Floating Point Output Command Event w/o Time"},
    {43, 7, "Srt", "32-Bit Floating Point Output Command Event w/ Time"},
    {43, 8, "Sdt", "64-Bit Floating Point Output Command Event w/ Time"},
    {50, 0, "", "Time and Date Default Variation"},
    {50, 1, "t", "Time and Date"},
    {50, 2, "tq", "Time and Date With Interval"},
    {50, 3, "t", "Time and Date at Last Recorded Time"},
    {50, 4, "tqS", "Indexed Absolute Time and Interval"},
    {51, 1, "t", "Time and Date Common Time-of-Occurrence"},
    {51, 2, "t", "Unsynchronized Time and Date Common Time-of-Occurrence"},
    {52, 1, "w", "Time Delay Coarse"},
    {52, 2, "m", "Time Delay Fine"},
    {60, 1, "", "Class 0 Data"},
    {60, 2, "", "Class 1 Data"},
    {60, 3, "", "Class 2 Data"},
    {60, 4, "", "Class 3 Data"},
    {70, 1, "*", "File Identifier"},
    {70, 2, "*", "File Authentication"},
    {70, 3, "*", "File Command"},
    {70, 4, "*", "File Command Status"},
    {70, 5, "*", "File Transport"},
    {70, 6, "*", "File Transport Status"},
    {70, 7, "*", "File Descriptor"},
    {70, 8, "*", "File Specification String"},
    {80, 1, "b", "Internal Indications"},
    {81, 1, "oSS", "Buffer Fill Status"},
    {82, 1, "*", "Device Profile"},
    {83, 1, "*", "Private Registration Object"},
    {83, 2, "*", "Private Registration Object Descriptor"},
    {85, 0, "", "Data Set Prototype Default Variation"},
    {85, 1, "*", "Data Set Prototype With UUID"},
    {86, 0, "", "Data Set Descriptor Default Variation"},
    {86, 1, "*", "Data Set Descriptor Contents"},
    {86, 2, "f", "Data Set Descriptor Characteristics"},
    {86, 3, "*", "Data Set Descriptor Point Index Attributes"},
    {87, 0, "", "Data Set Default Variation"},
    {87, 1, "*", "Data Set Present Value"},
    {88, 0, "", "Data Set Event Default Variation"},
    {88, 1, "*", "Data Set Snapshot"},
    {90, 1, "*", "Application Identifier"},
    {91, 1, "*", "Status of Requested Operation"},
    {101, 1, "SS", "Small Packed Binary-Coded Decimal"},
    {101, 2, "q", "Medium Packed Binary-Coded Decimal"},
    {101, 3, "qq", "Large Packed Binary-Coded Decimal"},
    {102, 1, "o", "8-Bit Unsigned Integer"},
    {120, 1, "*", "Authentication Challenge"},
    {120, 2, "*", "Authentication Reply"},
    {120, 3, "qw", "Authentication Aggressive Mode Request"},
    {120, 4, "w", "Authentication Session Key Status Request"},
    {120, 5, "*", "Authentication Session Key Status"},
    {120, 6, "*", "Authentication Session Key Change"},
    {120, 7, "*", "Authentication Error"},
    {120, 8, "*", "Authentication User Certificate"},
    {120, 9, "*", "Authentication MAC"},
    {120, 10, "*", "Authentication User Status Change"},
    {120, 11, "*", "Authentication Update Key Change Request"},
    {120, 12, "*", "Authentication Update Key Change Reply"},
    {120, 13, "*", "Authentication Update Key Change"},
    {120, 14, "*", "Authentication Update Key Change Signature"},
    {120, 15, "*", "Authentication Update Key Change Confirmation"},
    {121, 0, "", "Security Statistic Default Variation"},
    {121, 1, "fSSu", "32-Bit Security Statistic"},
    {122, 0, "", "Security Statistic Event Default Variation"},
    {122, 1, "fSSu", "32-Bit Security Statistic Event w/o Time"},
    {122, 2, "fSSut", "32-Bit Security Statistic Event w/ Time"},
});
static_assert(std::ranges::is_sorted(kKinds, {}, place_of));

// Whose variation is a length or an attribute's number.
constexpr auto kGroups = std::to_array<Dnp3Kind>({
    {0, 0, "*", "Device Attribute"},
    {110, 0, "*", "Octet String"},
    {111, 0, "*", "Octet String Event"},
    {112, 0, "*", "Virtual Terminal Output Block"},
    {113, 0, "*", "Virtual Terminal Event"},
});

struct Named {
  std::uint8_t number;
  std::string_view name;
};

// Table 9-1.
constexpr auto kPrimary = std::to_array<Named>({
    {kDnp3ResetLink, "RESET_LINK_STATES"},
    {kDnp3ResetUser, "RESET_USER_PROCESS"},
    {kDnp3TestLink, "TEST_LINK_STATES"},
    {kDnp3ConfirmedData, "CONFIRMED_USER_DATA"},
    {kDnp3UnconfirmedData, "UNCONFIRMED_USER_DATA"},
    {kDnp3RequestLinkStatus, "REQUEST_LINK_STATUS"},
});
constexpr auto kSecondary = std::to_array<Named>({{0, "ACK"}, {1, "NACK"}, {11, "LINK_STATUS"}, {15, "NOT_SUPPORTED"}});

// By bit, from the second octet's lowest to the first's highest; two of them have no meaning.
constexpr std::array<std::string_view, 16> kIndications{"NO_FUNC_CODE_SUPPORT",
                                                        "OBJECT_UNKNOWN",
                                                        "PARAMETER_ERROR",
                                                        "EVENT_BUFFER_OVERFLOW",
                                                        "ALREADY_EXECUTING",
                                                        "CONFIG_CORRUPT",
                                                        "RESERVED_1",
                                                        "RESERVED_2",
                                                        "BROADCAST",
                                                        "CLASS_1_EVENTS",
                                                        "CLASS_2_EVENTS",
                                                        "CLASS_3_EVENTS",
                                                        "NEED_TIME",
                                                        "LOCAL_CONTROL",
                                                        "DEVICE_TROUBLE",
                                                        "DEVICE_RESTART"};
constexpr std::uint16_t kRefusals = 0x0017;  // which of them say that a request was not done

constexpr auto kControls =
    std::to_array<Named>({{0, "Nul"}, {1, "Pulse On"}, {2, "Pulse Off"}, {3, "Latch On"}, {4, "Latch Off"}});
constexpr auto kTrips = std::to_array<Named>({{0, "Nul"}, {1, "Close"}, {2, "Trip"}});
constexpr auto kStatuses = std::to_array<Named>({
    {0, "Success"},
    {1, "Timeout"},
    {2, "No Select"},
    {3, "Format Error"},
    {4, "Not Supported"},
    {5, "Already Active"},
    {6, "Hardware Error"},
    {7, "Local"},
    {8, "Too Many Objs"},
    {9, "Not Authorized"},
    {10, "Automation Inhibit"},
    {11, "Processing Limited"},
    {12, "Out of Range"},
    {13, "Downstream Local"},
    {14, "Already Complete"},
    {15, "Blocked"},
    {16, "Canceled"},
    {17, "Blocked Other Master"},
    {18, "Downstream Fail"},
    {126, "Non Participating"},
    {127, "Undefined"},
});
constexpr auto kFileModes = std::to_array<Named>({{0, "NULL"}, {1, "READ"}, {2, "WRITE"}, {3, "APPEND"}});
constexpr auto kFileStatuses = std::to_array<Named>({
    {0, "SUCCESS"},
    {1, "PERMISSION_DENIED"},
    {2, "INVALID_MODE"},
    {3, "FILE_NOT_FOUND"},
    {4, "FILE_LOCKED"},
    {5, "TOO_MANY_OPEN"},
    {6, "INVALID_HANDLE"},
    {7, "WRITE_BLOCK_SIZE"},
    {8, "COMM_LOST"},
    {9, "CANNOT_ABORT"},
    {16, "NOT_OPENED"},
    {17, "HANDLE_EXPIRED"},
    {18, "BUFFER_OVERRUN"},
    {19, "FATAL"},
    {20, "BLOCK_SEQUENCE"},
    {255, "UNDEFINED"},
});
constexpr auto kAuthenticationErrors = std::to_array<Named>({
    {1, "AUTHENTICATION_FAILED"},
    {2, "UNEXPECTED_REPLY"},
    {3, "NO_REPLY"},
    {4, "AGGRESSIVE_MODE_NOT_PERMITTED"},
    {5, "MAC_ALGORITHM_NOT_PERMITTED"},
    {6, "KEY_WRAP_ALGORITHM_NOT_PERMITTED"},
    {7, "AUTHORIZATION_FAILED"},
    {8, "UPDATE_KEY_CHANGE_METHOD_NOT_PERMITTED"},
    {9, "INVALID_SIGNATURE"},
    {10, "INVALID_CERTIFICATION_DATA"},
    {11, "UNKNOWN_USER"},
    {12, "MAX_SESSION_KEY_STATUS_REQUESTS_EXCEEDED"},
});

std::string_view find(const auto& table, unsigned number) {
  const auto at = std::ranges::find(table, number, &Named::number);
  return at == table.end() ? std::string_view{} : at->name;
}

const Function* find_function(std::uint8_t code) {
  const auto at = std::ranges::lower_bound(kFunctions, code, {}, &Function::code);
  return at != kFunctions.end() && at->code == code ? &*at : nullptr;
}

}  // namespace

const Dnp3Kind* dnp3_kind(std::uint8_t group, std::uint8_t variation) {
  if (const auto at = std::ranges::find(kGroups, group, &Dnp3Kind::group); at != kGroups.end()) return &*at;
  const unsigned wanted = place(group, variation);
  const auto at = std::ranges::lower_bound(kKinds, wanted, {}, place_of);
  return at != kKinds.end() && place_of(*at) == wanted ? &*at : nullptr;
}

std::string_view dnp3_function_name(std::uint8_t function) {
  const Function* known = find_function(function);
  return known == nullptr ? std::string_view{} : known->name;
}
std::string_view dnp3_link_function_name(bool primary, std::uint8_t function) {
  return primary ? find(kPrimary, function) : find(kSecondary, function);
}
std::string_view dnp3_indication_name(unsigned bit) { return kIndications[bit % kIndications.size()]; }
std::string_view dnp3_trip_name(std::uint8_t code) { return find(kTrips, code >> 6U); }
std::string_view dnp3_control_name(std::uint8_t code) { return find(kControls, code & 0x0FU); }
std::string_view dnp3_status_name(std::uint8_t status) { return find(kStatuses, status); }
std::string_view dnp3_file_mode_name(std::uint16_t mode) { return find(kFileModes, mode); }
std::string_view dnp3_file_status_name(std::uint8_t status) { return find(kFileStatuses, status); }
std::string_view dnp3_authentication_error_name(std::uint8_t code) { return find(kAuthenticationErrors, code); }

bool dnp3_is_answered(std::uint8_t function) {
  const Function* known = find_function(function);
  return known == nullptr ? function < 0x80 : known->answered;
}

IcsOperation dnp3_operation(std::uint8_t function, std::optional<std::uint8_t> group) {
  const bool response = function >= kDnp3Response && function <= kDnp3Unsolicited;
  if (response || function == kDnp3Read || function == kDnp3Write) {
    if (group == kDnp3FileGroup) return file;
    if (group == kDnp3Attributes && function != kDnp3Write) return identify;
    if (group == kDnp3TimeAndDate && function == kDnp3Write) return time_set;
    if (response && (group == kDnp3ControlRelay || group == kDnp3AnalogOutput)) return control;
    if (response) return group && group != kDnp3Authentication ? read : other;
  }
  const Function* known = find_function(function);
  return known == nullptr ? other : known->operation;
}

std::string_view dnp3_refusal(std::uint16_t iin) {
  for (unsigned bit = 0; bit < kIndications.size(); ++bit)
    if (((std::uint32_t{iin} & kRefusals) >> bit & 1U) != 0) return kIndications[bit];
  return {};
}

}  // namespace nw::network
