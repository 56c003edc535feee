// Numbers of ADS and their names, as in Beckhoff's TcAdsDef.h and "ADS return codes".
#include <algorithm>
#include <array>

#include "ingest/network/protocols/ads_message.h"

namespace nw::network {

namespace {

struct Name {
  std::uint32_t number;
  std::string_view name;
};

template <std::size_t N>
std::string_view find(const std::array<Name, N>& names, std::uint32_t number) {
  const auto at = std::ranges::lower_bound(names, number, {}, &Name::number);
  return at == names.end() || at->number != number ? std::string_view{} : at->name;
}

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& names, std::uint32_t number) {
  return number < N ? names[number] : std::string_view{};
}

// clang-format off
constexpr auto kErrors = std::to_array<Name>({
    {0x001, "INTERNAL"}, {0x002, "NO_RUNTIME"}, {0x003, "ALLOCATION_LOCKED"}, {0x004, "MAILBOX_FULL"},
    {0x005, "WRONG_RECEIVER"}, {0x006, "TARGET_PORT_NOT_FOUND"}, {0x007, "TARGET_MACHINE_NOT_FOUND"},
    {0x008, "UNKNOWN_COMMAND"}, {0x009, "BAD_TASK"}, {0x00A, "NO_IO"}, {0x00B, "UNKNOWN_AMS_COMMAND"},
    {0x00C, "WIN32_ERROR"}, {0x00D, "PORT_NOT_CONNECTED"}, {0x00E, "INVALID_AMS_LENGTH"},
    {0x00F, "INVALID_AMS_NET_ID"}, {0x010, "LOW_INSTALLATION_LEVEL"}, {0x011, "NO_DEBUG"}, {0x012, "PORT_DISABLED"},
    {0x013, "PORT_CONNECTED"}, {0x014, "SYNC_WIN32_ERROR"}, {0x015, "SYNC_TIMEOUT"}, {0x016, "SYNC_AMS_ERROR"},
    {0x017, "SYNC_NO_INDEX_MAP"}, {0x018, "INVALID_AMS_PORT"}, {0x019, "NO_MEMORY"}, {0x01A, "TCP_SEND_ERROR"},
    {0x01B, "HOST_UNREACHABLE"}, {0x01C, "INVALID_AMS_FRAGMENT"}, {0x500, "ROUTER_NO_LOCKED_MEMORY"},
    {0x501, "ROUTER_RESIZE_MEMORY"}, {0x502, "ROUTER_MAILBOX_FULL"}, {0x503, "ROUTER_DEBUGBOX_FULL"},
    {0x504, "ROUTER_UNKNOWN_PORT_TYPE"}, {0x505, "ROUTER_NOT_INITIALIZED"}, {0x506, "ROUTER_PORT_IN_USE"},
    {0x507, "ROUTER_NOT_REGISTERED"}, {0x508, "ROUTER_NO_MORE_QUEUES"}, {0x509, "ROUTER_INVALID_PORT"},
    {0x50A, "ROUTER_NOT_ACTIVATED"}, {0x700, "DEVICE_ERROR"}, {0x701, "DEVICE_SRVNOTSUPP"},
    {0x702, "DEVICE_INVALIDGRP"}, {0x703, "DEVICE_INVALIDOFFSET"}, {0x704, "DEVICE_INVALIDACCESS"},
    {0x705, "DEVICE_INVALIDSIZE"}, {0x706, "DEVICE_INVALIDDATA"}, {0x707, "DEVICE_NOTREADY"}, {0x708, "DEVICE_BUSY"},
    {0x709, "DEVICE_INVALIDCONTEXT"}, {0x70A, "DEVICE_NOMEMORY"}, {0x70B, "DEVICE_INVALIDPARM"},
    {0x70C, "DEVICE_NOTFOUND"}, {0x70D, "DEVICE_SYNTAX"}, {0x70E, "DEVICE_INCOMPATIBLE"}, {0x70F, "DEVICE_EXISTS"},
    {0x710, "DEVICE_SYMBOLNOTFOUND"}, {0x711, "DEVICE_SYMBOLVERSIONINVALID"}, {0x712, "DEVICE_INVALIDSTATE"},
    {0x713, "DEVICE_TRANSMODENOTSUPP"}, {0x714, "DEVICE_NOTIFYHNDINVALID"}, {0x715, "DEVICE_CLIENTUNKNOWN"},
    {0x716, "DEVICE_NOMOREHDLS"}, {0x717, "DEVICE_INVALIDWATCHSIZE"}, {0x718, "DEVICE_NOTINIT"},
    {0x719, "DEVICE_TIMEOUT"}, {0x71A, "DEVICE_NOINTERFACE"}, {0x71B, "DEVICE_INVALIDINTERFACE"},
    {0x71C, "DEVICE_INVALIDCLSID"}, {0x71D, "DEVICE_INVALIDOBJID"}, {0x71E, "DEVICE_PENDING"},
    {0x71F, "DEVICE_ABORTED"}, {0x720, "DEVICE_WARNING"}, {0x721, "DEVICE_INVALIDARRAYIDX"},
    {0x722, "DEVICE_SYMBOLNOTACTIVE"}, {0x723, "DEVICE_ACCESSDENIED"},
    {0x724, "DEVICE_LICENSENOTFOUND"}, {0x725, "DEVICE_LICENSEEXPIRED"}, {0x726, "DEVICE_LICENSEEXCEEDED"},
    {0x727, "DEVICE_LICENSEINVALID"}, {0x728, "DEVICE_LICENSESYSTEMID"}, {0x729, "DEVICE_LICENSENOTIMELIMIT"},
    {0x72A, "DEVICE_LICENSEFUTUREISSUE"}, {0x72B, "DEVICE_LICENSETIMETOLONG"}, {0x72C, "DEVICE_EXCEPTION"},
    {0x72D, "DEVICE_LICENSEDUPLICATED"}, {0x72E, "DEVICE_SIGNATUREINVALID"}, {0x72F, "DEVICE_CERTIFICATEINVALID"},
    {0x740, "CLIENT_ERROR"},
    {0x741, "CLIENT_INVALIDPARM"}, {0x742, "CLIENT_LISTEMPTY"}, {0x743, "CLIENT_VARUSED"},
    {0x744, "CLIENT_DUPLINVOKEID"}, {0x745, "CLIENT_SYNCTIMEOUT"}, {0x746, "CLIENT_W32ERROR"},
    {0x747, "CLIENT_TIMEOUTINVALID"}, {0x748, "CLIENT_PORTNOTOPEN"}, {0x749, "CLIENT_NOAMSADDR"},
});
static_assert(std::ranges::is_sorted(kErrors, {}, &Name::number));

constexpr auto kSystemGroups = std::to_array<Name>({
    {100, "OPENCREATE"}, {101, "OPENREAD"}, {102, "OPENWRITE"}, {110, "CREATEFILE"}, {111, "CLOSEHANDLE"},
    {112, "FFLUSH"}, {113, "DEVICENAMESBYCLASS"}, {114, "FTRUNCATE"}, {115, "FGENERATECRC"}, {120, "FOPEN"},
    {121, "FCLOSE"}, {122, "FREAD"}, {123, "FWRITE"}, {124, "FSEEK"}, {125, "FTELL"}, {126, "FGETS"}, {127, "FPUTS"},
    {128, "FSCANF"}, {129, "FPRINTF"}, {130, "FEOF"}, {131, "FDELETE"}, {132, "FRENAME"}, {133, "FFIND"},
    {134, "FGETSTATUS"}, {135, "FGETSIZE"}, {136, "FCOPY"}, {137, "FGETMD5HASH"}, {138, "MKDIR"}, {139, "RMDIR"},
    {145, "FZREAD"}, {146, "FZWRITE"}, {170, "ADD_INITCMD"}, {171, "DEL_INITCMD"}, {172, "DEL_ALLADDEDINITCMDS"},
    {180, "HASHED_BOOTDATA"}, {200, "REG_HKEYLOCALMACHINE"}, {201, "REG_HKEYCURRENTUSER"},
    {202, "REG_HKEYCLASSESROOT"}, {203, "REG_FLUSHLOCALMACHINE"}, {204, "REG_FLUSHCURRENTUSER"},
    {205, "REG_FLUSHCLASSESROOT"}, {220, "SYS_CONTROL"}, {230, "SYS_LOAD_SERVER"}, {240, "SYSSERV_STATE"},
    {300, "SENDEMAIL"}, {400, "TIMESERVICES"}, {500, "STARTPROCESS"}, {600, "CHANGENETID"}, {601, "QUERYNETID"},
    {700, "TARGET_DESCRIPTION"}, {701, "IPHELPERAPI"}, {702, "IPHOSTNAME"}, {703, "IPADDRINFO"}, {801, "ADDREMOTE"},
    {802, "DELREMOTE"}, {803, "ENUMREMOTE"}, {804, "TEST_CONNECTION"}, {805, "CHANGEREMOTEFILE"},
});
static_assert(std::ranges::is_sorted(kSystemGroups, {}, &Name::number));

constexpr auto kGroups = std::to_array<Name>({
    {0x4020, "PLC_RW_M"}, {0x4021, "PLC_RW_MX"}, {0x4025, "PLC_SIZE_M"}, {0x4030, "PLC_RW_RETAIN"},
    {0x4035, "PLC_SIZE_RETAIN"}, {0x4040, "PLC_RW_DATA"}, {0x4045, "PLC_SIZE_DATA"}, {0xF000, "SYMTAB"},
    {0xF001, "SYMNAME"}, {0xF002, "SYMVAL"}, {0xF003, "SYM_HNDBYNAME"}, {0xF004, "SYM_VALBYNAME"},
    {0xF005, "SYM_VALBYHND"}, {0xF006, "SYM_RELEASEHND"}, {0xF007, "SYM_INFOBYNAME"}, {0xF008, "SYM_VERSION"},
    {0xF009, "SYM_INFOBYNAMEEX"}, {0xF00A, "SYM_DOWNLOAD"}, {0xF00B, "SYM_UPLOAD"}, {0xF00C, "SYM_UPLOADINFO"},
    {0xF00D, "SYM_DOWNLOAD2"}, {0xF00E, "SYM_DT_UPLOAD"}, {0xF00F, "SYM_UPLOADINFO2"}, {0xF010, "SYMNOTE"},
    {0xF018, "SYM_VALBYHND_WITHMASK"}, {0xF01C, "SYM_DOWNLOAD3"}, {0xF020, "IOIMAGE_RWIB"},
    {0xF021, "IOIMAGE_RWIX"}, {0xF025, "IOIMAGE_RISIZE"},
    {0xF030, "IOIMAGE_RWOB"}, {0xF031, "IOIMAGE_RWOX"}, {0xF035, "IOIMAGE_ROSIZE"}, {0xF040, "IOIMAGE_CLEARI"},
    {0xF050, "IOIMAGE_CLEARO"}, {0xF060, "IOIMAGE_RWIOB"}, {0xF080, "SUMUP_READ"}, {0xF081, "SUMUP_WRITE"},
    {0xF082, "SUMUP_READWRITE"}, {0xF083, "SUMUP_READEX"}, {0xF084, "SUMUP_READEX2"}, {0xF085, "SUMUP_ADDDEVNOTE"},
    {0xF086, "SUMUP_DELDEVNOTE"}, {0xF088, "EXTERNALTIME"}, {0xF100, "DEVICE_DATA"}, {0xF302, "CANOPEN_SDO"},
    {0xF304, "CANOPEN_SDO_SUMUP_READ"}, {0xF305, "CANOPEN_SDO_SUMUP_WRITE"}, {0xF401, "FOE_FOPENREAD"},
    {0xF402, "FOE_FOPENWRITE"}, {0xF403, "FOE_FCLOSE"}, {0xF404, "FOE_FREAD"}, {0xF405, "FOE_FWRITE"},
    {0xF420, "ECAT_SOE"},
});
static_assert(std::ranges::is_sorted(kGroups, {}, &Name::number));
// clang-format on

enum : std::uint32_t {
  kFileFirst = 100,
  kFileLast = 139,
  kFileOpenWrite = 102,
  kFileOpen = 120,
  kFileDelete = 131,
  kFileFind = 133,
  kFileMake = 138,
  kFileReadPacked = 145,
  kFileWritePacked = 146,
  kBootData = 180,
  kRegistryFirst = 200,
  kRegistryLast = 202,
  kTime = 400,
  kStartProcess = 500,
  kEnumRoutes = 803,
  kReserved = 0xF000,  // from here on groups mean the same on every port
  kSymbolInfo = 0xF007,
  kSymbolInfoEx = 0xF009,
  kSumRead = 0xF080,
  kSumReadEx = 0xF083,
  kSumReadEx2 = 0xF084,
  kSumAddNote = 0xF085,
  kSumDeleteNote = 0xF086,
  kFoeFirst = 0xF400,
  kFoeLast = 0xF41F,
};

// Motion: functions, as against parameters and states, are 0x2200 and an id of channels, 0x4200 and an id of axes, ...
bool is_motion(std::uint16_t port) {
  constexpr std::uint16_t kFirst = 500, kLast = 599;
  return port >= kFirst && port <= kLast;
}
bool moves(std::uint32_t group, std::uint16_t port) {
  return is_motion(port) && group < kReserved && (group & 0xF00U) == 0x200;
}

// The states of an EtherCAT master and its slaves.
bool sets_bus(std::uint32_t group, std::uint16_t port) {
  constexpr std::uint16_t kMasterPort = 0xFFFF;
  constexpr std::uint32_t kMasterState = 3, kSlaveState = 9;
  return port == kMasterPort && (group == kMasterState || group == kSlaveState);
}

bool is_file(std::uint32_t group, std::uint16_t port) {
  if (port != kAdsSystemPort) return group >= kFoeFirst && group <= kFoeLast;
  return (group >= kFileFirst && group <= kFileLast) || group == kFileReadPacked || group == kFileWritePacked;
}

// FOPEN for writing or appending, where the program is kept that is started with the device: the upper half of its
// offset says where (TwinCAT's Ads.h).
bool opens_boot(std::uint32_t group, std::uint16_t port, std::uint32_t offset) {
  constexpr std::uint32_t kChanges = 6, kProject = 2, kPath = 4;
  const std::uint32_t where = offset >> 16U;
  return port == kAdsSystemPort && group == kFileOpen && (offset & kChanges) != 0 && where >= kProject &&
         where <= kPath;
}

// A write, or the written half of a READ_WRITE.
IcsOperation written(std::uint32_t group, std::uint32_t offset, std::uint16_t port, bool reads) {
  if (is_file(group, port)) return opens_boot(group, port, offset) ? IcsOperation::program : IcsOperation::file;
  if (moves(group, port) || sets_bus(group, port)) return IcsOperation::control;
  if (port == kAdsSystemPort) {
    if (group == kTime) return reads ? IcsOperation::read : IcsOperation::time_set;
    if (group == kStartProcess || group == kBootData) return IcsOperation::program;
    const bool registry = group >= kRegistryFirst && group <= kRegistryLast;
    if (reads && (registry || group == kEnumRoutes)) return IcsOperation::read;
  }
  switch (group) {
    case kAdsReleaseHandle: return IcsOperation::other;
    case kAdsHandleByName:
    case kAdsValueByName:
    case kSymbolInfo:
    case kSymbolInfoEx:
    case kSumRead:
    case kSumReadEx:
    case kSumReadEx2: return reads ? IcsOperation::read : IcsOperation::write;
    case kSumAddNote:
    case kSumDeleteNote: return IcsOperation::subscribe;
    default: return IcsOperation::write;
  }
}

IcsOperation state_operation(std::uint16_t state) {
  switch (state) {
    case 2: return IcsOperation::restart;
    case 4:
    case 5:
    case 14: return IcsOperation::start;
    case 6:
    case 12:
    case 13:
    case 15:
    case 16: return IcsOperation::stop;  // in configuration mode no program runs
    case 7:
    case 8: return IcsOperation::program;
    default: return IcsOperation::control;
  }
}

}  // namespace

std::string_view ads_command_name(std::uint16_t command) {
  static constexpr std::array<std::string_view, 10> kNames{"",
                                                           "READ_DEVICE_INFO",
                                                           "READ",
                                                           "WRITE",
                                                           "READ_STATE",
                                                           "WRITE_CONTROL",
                                                           "ADD_NOTIFICATION",
                                                           "DELETE_NOTIFICATION",
                                                           "NOTIFICATION",
                                                           "READ_WRITE"};
  return pick(kNames, command);
}

std::string_view ams_router_name(std::uint16_t command) {
  switch (command) {
    case 0x0001: return "PORT_CLOSE";
    case 0x1000: return "PORT_CONNECT";
    case 0x1001: return "ROUTER_NOTE";
    case 0x1002: return "GET_LOCAL_NETID";
    default: return {};
  }
}

std::string_view ads_state_name(std::uint16_t state) {
  static constexpr std::array<std::string_view, 20> kNames{
      "INVALID", "IDLE",    "RESET",        "INIT",      "START",        "RUN",      "STOP",
      "SAVECFG", "LOADCFG", "POWERFAILURE", "POWERGOOD", "ERROR",        "SHUTDOWN", "SUSPEND",
      "RESUME",  "CONFIG",  "RECONFIG",     "STOPPING",  "INCOMPATIBLE", "EXCEPTION"};
  return pick(kNames, state);
}

std::string_view ads_error_name(std::uint32_t error) { return find(kErrors, error); }

std::string_view ads_mode_name(std::uint32_t mode) {
  static constexpr std::array<std::string_view, 7> kNames{
      "none", "client_cycle", "client_on_change", "cyclic", "on_change", "cyclic_in_context", "on_change_in_context"};
  return pick(kNames, mode);
}

std::string_view ads_service_name(std::uint32_t service) {
  return service == kAdsDiscover ? "DISCOVER" : service == kAdsAddRoute ? "ADD_ROUTE" : std::string_view{};
}

std::string_view ads_platform_name(std::uint32_t platform) {
  static constexpr std::array<std::string_view, 4> kNames{"Win32s", "Windows 9x", "Windows NT", "Windows CE"};
  return pick(kNames, platform);
}

std::string_view ads_group_name(std::uint32_t group, std::uint16_t port) {
  const std::string_view name = is_motion(port) && group < kReserved ? "" : find(kGroups, group);
  return name.empty() && port == kAdsSystemPort ? find(kSystemGroups, group) : name;
}

bool ads_names_symbol(std::uint32_t group) {
  return group == kAdsHandleByName || group == kAdsValueByName || group == kSymbolInfo || group == kSymbolInfoEx;
}

std::optional<std::size_t> ads_text_at(std::uint32_t group, std::uint16_t port) {
  constexpr std::size_t kThreeLengths = 12;
  if (port != kAdsSystemPort) return {};
  if (group == kStartProcess) return kThreeLengths;
  const bool named = (group >= kFileFirst && group <= kFileOpenWrite) || group == kFileOpen ||
                     (group >= kFileDelete && group <= kFileFind) || (group >= kFileMake && group <= kFileLast) ||
                     (group >= kRegistryFirst && group <= kRegistryLast);
  return named ? std::optional<std::size_t>{0} : std::nullopt;
}

std::size_t ads_sum_width(std::uint32_t group) {
  switch (group) {
    case kSumRead:
    case kAdsSumWrite:
    case kSumReadEx:
    case kSumReadEx2: return 12;       // group, offset, length
    case kAdsSumReadWrite: return 16;  // and the length that is written
    case kSumAddNote: return 40;       // as in ADD_NOTIFICATION
    default: return 0;
  }
}

IcsOperation ads_operation(const AmsHead& head, const AdsBody& request) {
  const std::uint32_t group = request.group.value_or(0);
  switch (head.command) {
    case kAdsReadDeviceInfo: return IcsOperation::identify;
    case kAdsRead:
      if (group == kAdsTargetDescription && head.target.port == kAdsSystemPort) return IcsOperation::identify;
      return is_file(group, head.target.port) ? IcsOperation::file : IcsOperation::read;
    case kAdsReadState: return IcsOperation::diagnose;
    case kAdsWriteControl: return state_operation(request.state.value_or(0));
    case kAdsAddNotification:
    case kAdsDeleteNotification: return IcsOperation::subscribe;
    case kAdsNotification: return IcsOperation::read;
    case kAdsWrite:
    case kAdsReadWrite:
      return written(group, request.offset.value_or(0), head.target.port, head.command == kAdsReadWrite);
    default: return IcsOperation::other;
  }
}

}  // namespace nw::network
