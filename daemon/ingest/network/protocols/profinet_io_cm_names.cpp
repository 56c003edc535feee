#include "ingest/network/protocols/profinet_io_cm_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

struct Name {
  std::uint32_t number;
  std::string_view name;
};

template <std::size_t N>
constexpr std::string_view find(const std::array<Name, N>& names, std::uint32_t number) noexcept {
  static_assert(N > 0);
  const auto at = std::ranges::lower_bound(names, number, {}, &Name::number);
  return at == names.end() || at->number != number ? std::string_view{} : at->name;
}

constexpr auto kBlocks = std::to_array<Name>({
    {0x0001, "AlarmNotificationHigh"},
    {0x0002, "AlarmNotificationLow"},
    {0x0008, "IODWriteReqHeader"},
    {0x0009, "IODReadReqHeader"},
    {0x0010, "DiagnosisData"},
    {0x0012, "ExpectedIdentificationData"},
    {0x0013, "RealIdentificationData"},
    {0x0014, "SubstituteValue"},
    {0x0015, "RecordInputDataObjectElement"},
    {0x0016, "RecordOutputDataObjectElement"},
    {0x0018, "ARData"},
    {0x0019, "LogBookData"},
    {0x001a, "APIData"},
    {0x0020, "I&M0"},
    {0x0021, "I&M1"},
    {0x0022, "I&M2"},
    {0x0023, "I&M3"},
    {0x0024, "I&M4"},
    {0x0030, "I&M0FilterDataSubmodule"},
    {0x0031, "I&M0FilterDataModule"},
    {0x0032, "I&M0FilterDataDevice"},
    {0x0101, "ARBlockReq"},
    {0x0102, "IOCRBlockReq"},
    {0x0103, "AlarmCRBlockReq"},
    {0x0104, "ExpectedSubmoduleBlockReq"},
    {0x0105, "PrmServerBlockReq"},
    {0x0106, "MCRBlockReq"},
    {0x0107, "ARRPCBlockReq"},
    {0x0108, "ARVendorBlockReq"},
    {0x0109, "IRInfoBlock"},
    {0x010a, "SRInfoBlock"},
    {0x010b, "ARFSUBlock"},
    {0x010c, "RSInfoBlock"},
    {0x0110, "IODControlReq PrmEnd"},
    {0x0111, "IODControlReq PrmEnd of a plug alarm"},
    {0x0112, "IOXControlReq ApplicationReady"},
    {0x0113, "IOXControlReq ApplicationReady of a plug alarm"},
    {0x0114, "IODReleaseReq"},
    {0x0116, "IOXControlReq ReadyForCompanion"},
    {0x0117, "IOXControlReq ReadyForRT_CLASS_3"},
    {0x0118, "IODControlReq PrmBegin"},
    {0x0119, "SubmoduleListBlock"},
    {0x8008, "IODWriteResHeader"},
    {0x8009, "IODReadResHeader"},
    {0x8101, "ARBlockRes"},
    {0x8102, "IOCRBlockRes"},
    {0x8103, "AlarmCRBlockRes"},
    {0x8104, "ModuleDiffBlock"},
    {0x8105, "PrmServerBlockRes"},
    {0x8106, "ARServerBlock"},
    {0x8107, "ARRPCBlockRes"},
    {0x8108, "ARVendorBlockRes"},
    {0x8110, "IODControlRes PrmEnd"},
    {0x8111, "IODControlRes PrmEnd of a plug alarm"},
    {0x8112, "IOXControlRes ApplicationReady"},
    {0x8113, "IOXControlRes ApplicationReady of a plug alarm"},
    {0x8114, "IODReleaseRes"},
    {0x8116, "IOXControlRes ReadyForCompanion"},
    {0x8117, "IOXControlRes ReadyForRT_CLASS_3"},
    {0x8118, "IODControlRes PrmBegin"},
});

constexpr auto kIndexes = std::to_array<Name>({
    {0x8000, "ExpectedIdentificationData of a subslot"},
    {0x8001, "RealIdentificationData of a subslot"},
    {0x800a, "channel diagnosis of a subslot"},
    {0x800b, "diagnosis of a subslot"},
    {0x800c, "diagnosis and maintenance of a subslot"},
    {0x801e, "SubstituteValues of a subslot"},
    {0x8028, "RecordInputDataObjectElement"},
    {0x8029, "RecordOutputDataObjectElement"},
    {0x802a, "PDPortDataReal"},
    {0x802b, "PDPortDataCheck"},
    {0x802c, "PDIRData"},
    {0x802d, "PDSyncData"},
    {0x802f, "PDPortDataAdjust"},
    {0x8050, "PDInterfaceMrpDataReal"},
    {0x8051, "PDInterfaceMrpDataCheck"},
    {0x8052, "PDInterfaceMrpDataAdjust"},
    {0x8053, "PDPortMrpDataAdjust"},
    {0x8054, "PDPortMrpDataReal"},
    {0x8060, "PDPortFODataReal"},
    {0x8061, "PDPortFODataCheck"},
    {0x8062, "PDPortFODataAdjust"},
    {0x8070, "PDNCDataCheck"},
    {0x8071, "PDInterfaceAdjust"},
    {0x8072, "PDPortStatistic"},
    {0x8080, "PDInterfaceDataReal"},
    {0x8090, "PDInterfaceFSUDataAdjust"},
    {0xaff0, "I&M0"},
    {0xaff1, "I&M1"},
    {0xaff2, "I&M2"},
    {0xaff3, "I&M3"},
    {0xaff4, "I&M4"},
    {0xe000, "ExpectedIdentificationData of an AR"},
    {0xe001, "RealIdentificationData of an AR"},
    {0xe002, "ModuleDiffBlock of an AR"},
    {0xe00c, "diagnosis and maintenance of an AR"},
    {0xe040, "MultipleWrite"},
    {0xe050, "ARFSUDataAdjust"},
    {0xf000, "RealIdentificationData of an API"},
    {0xf00c, "diagnosis and maintenance of an API"},
    {0xf020, "ARData of an API"},
    {0xf80c, "diagnosis and maintenance of a device"},
    {0xf820, "ARData"},
    {0xf821, "APIData"},
    {0xf830, "LogBookData"},
    {0xf831, "PDevData"},
    {0xf840, "I&M0FilterData"},
    {0xf841, "PDRealData"},
    {0xf842, "PDExpectedData"},
});

constexpr auto kRelations = std::to_array<Name>({
    {1, "IOCARSingle"},
    {6, "IOSAR"},
    {16, "IOCARSingle RT_CLASS_3"},
    {32, "IOCARSR"},
});

constexpr auto kExchanges = std::to_array<Name>({
    {1, "input"},
    {2, "output"},
    {3, "multicast_provider"},
    {4, "multicast_consumer"},
});

constexpr auto kModuleStates = std::to_array<Name>({
    {0, "no module"},
    {1, "wrong module"},
    {2, "proper module"},
    {3, "substitute"},
});

// Four bits of a submodule's state, when its highest one is set.
constexpr auto kSubmoduleStates = std::to_array<Name>({
    {1, "substitute"},
    {2, "wrong submodule"},
    {3, "no submodule"},
});

// What answered: the first octet of a status.
constexpr auto kErrorCodes = std::to_array<Name>({
    {0x81, "PNIO"},
    {0xcf, "RTA error"},
    {0xda, "AlarmAck"},
    {0xdb, "IODConnectRes"},
    {0xdc, "IODReleaseRes"},
    {0xdd, "IODControlRes"},
    {0xde, "IODReadRes"},
    {0xdf, "IODWriteRes"},
});

// The third octet, when the second says PNIORW: class and code.
constexpr auto kAccessErrors = std::to_array<Name>({
    {0xa0, "read error"},
    {0xa1, "write error"},
    {0xa2, "module failure"},
    {0xa7, "busy"},
    {0xa8, "version conflict"},
    {0xa9, "feature not supported"},
    {0xb0, "invalid index"},
    {0xb1, "write length error"},
    {0xb2, "invalid slot or subslot"},
    {0xb3, "type conflict"},
    {0xb4, "invalid area or API"},
    {0xb5, "state conflict"},
    {0xb6, "access denied"},
    {0xb7, "invalid range"},
    {0xb8, "invalid parameter"},
    {0xb9, "invalid type"},
    {0xba, "backup"},
    {0xc0, "read constrain conflict"},
    {0xc1, "write constrain conflict"},
    {0xc2, "resource busy"},
    {0xc3, "resource unavailable"},
});

// The third octet, when the second says PNIO: which block or which machine; the fourth is its own number.
constexpr auto kServiceErrors = std::to_array<Name>({
    {1, "faulty ARBlockReq"},
    {2, "faulty IOCRBlockReq"},
    {3, "faulty ExpectedSubmoduleBlockReq"},
    {4, "faulty AlarmCRBlockReq"},
    {5, "faulty PrmServerBlockReq"},
    {6, "faulty MCRBlockReq"},
    {7, "faulty ARRPCBlockReq"},
    {8, "faulty record"},
    {9, "faulty IRInfoBlock"},
    {10, "faulty SRInfoBlock"},
    {11, "faulty ARFSUBlock"},
    {20, "faulty IODControlReq"},
    {21, "faulty IODControlReq of a plug alarm"},
    {22, "faulty IOXControlReq"},
    {23, "faulty IOXControlReq of a plug alarm"},
    {40, "faulty IODReleaseReq"},
    {50, "faulty ARBlockRes"},
    {51, "faulty IOCRBlockRes"},
    {52, "faulty AlarmCRBlockRes"},
    {53, "faulty ModuleDiffBlock"},
    {54, "faulty ARRPCBlockRes"},
    {60, "AlarmAck"},
    {61, "CMDEV"},
    {62, "CMCTL"},
    {63, "CTLDINA"},
    {64, "CMRPC"},
    {65, "ALPMI"},
    {66, "ALPMR"},
    {67, "LMPM"},
    {68, "MAC"},
    {69, "RPC"},
    {70, "APMR"},
    {71, "APMS"},
    {72, "CPM"},
    {73, "PPM"},
    {253, "RTA protocol"},
});

// The fourth octet behind CMRPC, with which devices refuse most connections.
constexpr auto kCmrpcErrors = std::to_array<Name>({
    {0, "invalid length"},
    {1, "unknown blocks"},
    {2, "IOCR missing"},
    {3, "wrong number of AlarmCRBlocks"},
    {4, "out of AR resources"},
    {5, "unknown AR"},
    {6, "state conflict"},
    {7, "out of provider, consumer or alarm resources"},
    {8, "out of memory"},
    {9, "PDev already owned"},
    {10, "ARset state conflict"},
    {11, "ARset parameter conflict"},
});

constexpr auto kRpcStatuses = std::to_array<Name>({
    {0x1c010001, "communication failure"},
    {0x1c010002, "operation out of range"},
    {0x1c010003, "unknown interface"},
    {0x1c010006, "wrong boot time"},
    {0x1c010009, "client crashed"},
    {0x1c01000b, "protocol error"},
    {0x1c010013, "response too big"},
    {0x1c010014, "server too busy"},
    {0x1c010017, "unsupported type"},
});

static_assert(std::ranges::is_sorted(kBlocks, {}, &Name::number));
static_assert(std::ranges::is_sorted(kIndexes, {}, &Name::number));
static_assert(std::ranges::is_sorted(kRelations, {}, &Name::number));
static_assert(std::ranges::is_sorted(kExchanges, {}, &Name::number));
static_assert(std::ranges::is_sorted(kModuleStates, {}, &Name::number));
static_assert(std::ranges::is_sorted(kSubmoduleStates, {}, &Name::number));
static_assert(std::ranges::is_sorted(kErrorCodes, {}, &Name::number));
static_assert(std::ranges::is_sorted(kAccessErrors, {}, &Name::number));
static_assert(std::ranges::is_sorted(kServiceErrors, {}, &Name::number));
static_assert(std::ranges::is_sorted(kCmrpcErrors, {}, &Name::number));
static_assert(std::ranges::is_sorted(kRpcStatuses, {}, &Name::number));

void append(IcsText& out, std::string_view name, std::uint32_t number, std::size_t digits) {
  if (!name.empty()) return out.append(name);
  out.append("0x");
  out.append_hex(number, digits);
}

}  // namespace

std::string_view io_cm_packet_name(DceRpcType type) noexcept {
  switch (type) {
    case DceRpcType::request: return "Request";
    case DceRpcType::response: return "Response";
    case DceRpcType::fault: return "Fault";
    case DceRpcType::reject: return "Reject";
    default: return {};
  }
}

std::string_view io_cm_operation_name(std::uint16_t operation) noexcept {
  constexpr std::array<std::string_view, 6> kNames{"Connect", "Release", "Read", "Write", "Control", "Read Implicit"};
  return operation < kNames.size() ? kNames[operation] : std::string_view{};
}

std::string_view io_cm_block_name(std::uint16_t type) noexcept { return find(kBlocks, type); }
std::string_view io_cm_relation_name(std::uint16_t kind) noexcept { return find(kRelations, kind); }
std::string_view io_cm_exchange_name(std::uint16_t kind) noexcept { return find(kExchanges, kind); }
std::string_view io_cm_index_name(std::uint16_t index) noexcept { return find(kIndexes, index); }

void append_io_cm_command(IcsText& out, std::uint16_t bits) {
  constexpr std::array<std::string_view, 7> kNames{
      "PrmEnd", "ApplicationReady", "Release", "Done", "ReadyForCompanion", "ReadyForRT_CLASS_3", "PrmBegin"};
  constexpr unsigned kNamed = (1U << kNames.size()) - 1;
  for (std::size_t bit = 0; bit < kNames.size(); ++bit) {
    if ((unsigned{bits} >> bit & 1U) == 0) continue;
    out.next();
    out.append(kNames[bit]);
  }
  if (bits != 0 && (bits & ~kNamed) == 0) return;
  out.next();
  append(out, {}, bits & ~kNamed, 4);
}

void append_io_cm_module_state(IcsText& out, std::uint16_t state) { append(out, find(kModuleStates, state), state, 4); }

void append_io_cm_submodule_state(IcsText& out, std::uint16_t state) {
  constexpr std::uint16_t kFormat = 0x8000, kFault = 0x0040;
  const std::string_view name =
      (state & kFormat) != 0 ? find(kSubmoduleStates, state >> 11U & 15U) : std::string_view{};
  const bool fault = (state & kFormat) != 0 && (state & kFault) != 0;
  if (!name.empty() && fault) {
    out.append(name);
    out.append(' ');
  }
  append(out, fault ? "fault" : name, state, 4);
}

void append_io_cm_status(IcsText& out, std::uint32_t status) {
  constexpr std::uint32_t kPnioRw = 0x80, kPnio = 0x81, kCmrpc = 64;
  const std::uint32_t what = status >> 24, decode = status >> 16 & 0xff, first = status >> 8 & 0xff,
                      second = status & 0xff;
  append(out, find(kErrorCodes, what), what, 2);
  out.append(": ");
  const auto name = decode == kPnioRw ? find(kAccessErrors, first)
                    : decode == kPnio ? find(kServiceErrors, first)
                                      : std::string_view{};
  append(out, name, first, 2);
  const auto detail = decode == kPnio && first == kCmrpc ? find(kCmrpcErrors, second) : std::string_view{};
  if (second == 0 && detail.empty()) return;
  out.append(' ');
  if (!detail.empty()) return out.append(detail);
  out.append_number(second);
}

void append_dce_rpc_status(IcsText& out, std::uint32_t status) { append(out, find(kRpcStatuses, status), status, 8); }

void append_profinet_vendor(IcsText& out, std::uint16_t vendor) {
  constexpr std::uint16_t kSiemens = 0x002a;
  append(out, vendor == kSiemens ? "Siemens AG" : std::string_view{}, vendor, 4);
}

}  // namespace nw::network
