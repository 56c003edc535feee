// What numbers of OPC UA are called (IEC 62541-6, annex A), and how the services are laid out; opcua_service.h says
// what the letters mean.
#include <algorithm>
#include <span>

#include "ingest/network/protocols/opcua_service.h"

namespace nw::network {

namespace {

using enum IcsOperation;
using Part = OpcuaPart;

// clang-format off
constexpr auto kServices = std::to_array<OpcuaService>({
    {397, "ServiceFault", other, Part::none, ""},
    {422, "FindServersRequest", identify, Part::none, "T(s)(s)"},
    {425, "FindServersResponse", identify, Part::endpoint, "[P]"},
    {428, "GetEndpointsRequest", identify, Part::none, "T(s)(s)"},
    {431, "GetEndpointsResponse", identify, Part::endpoint, "[Z]"},
    {437, "RegisterServerRequest", other, Part::none, "TT(l)is(s)sb"},
    {440, "RegisterServerResponse", other, Part::none, ""},
    {446, "OpenSecureChannelRequest", other, Part::channel, "IIIsI"},
    {449, "OpenSecureChannelResponse", other, Part::channel, "IIIWIs"},
    {452, "CloseSecureChannelRequest", other, Part::none, ""},
    {455, "CloseSecureChannelResponse", other, Part::none, ""},
    {461, "CreateSessionRequest", other, Part::session, "PTTTsTDI"},
    {464, "CreateSessionResponse", other, Part::session, "NnDsT[Z](ss)ssI"},
    {467, "ActivateSessionRequest", other, Part::user, "ss(ss)(s)Ess"},
    {470, "ActivateSessionResponse", other, Part::user, "s[S](g)"},
    {473, "CloseSessionRequest", other, Part::none, "b"},
    {476, "CloseSessionResponse", other, Part::none, ""},
    {479, "CancelRequest", other, Part::none, "I"},
    {482, "CancelResponse", other, Part::none, "I"},
    {488, "AddNodesRequest", program, Part::none, "[OnNQien]"},
    {491, "AddNodesResponse", program, Part::none, "[SN](g)"},
    {494, "AddReferencesRequest", program, Part::none, "[NnbsOi]"},
    {497, "AddReferencesResponse", program, Part::none, "[S](g)"},
    {500, "DeleteNodesRequest", program, Part::none, "[Nb]"},
    {503, "DeleteNodesResponse", program, Part::none, "[S](g)"},
    {506, "DeleteReferencesRequest", program, Part::none, "[NnbOb]"},
    {509, "DeleteReferencesResponse", program, Part::none, "[S](g)"},
    {527, "BrowseRequest", read, Part::browse, "ndii[NBObii]"},
    {530, "BrowseResponse", read, Part::browse, "[Ss(nbLqlin)](g)"},
    {533, "BrowseNextRequest", read, Part::browse, "b[s]"},
    {536, "BrowseNextResponse", read, Part::browse, "[Ss(nbLqlin)](g)"},
    {554, "TranslateBrowsePathsToNodeIdsRequest", read, Part::browse, "[N(nbbq)]"},
    {557, "TranslateBrowsePathsToNodeIdsResponse", read, Part::browse, "[S(Li)](g)"},
    {560, "RegisterNodesRequest", read, Part::none, "[N]"},
    {563, "RegisterNodesResponse", read, Part::none, "[N]"},
    {566, "UnregisterNodesRequest", read, Part::none, "[N]"},
    {569, "UnregisterNodesResponse", read, Part::none, ""},
    {615, "QueryFirstRequest", read, Part::none, "*"},
    {618, "QueryFirstResponse", read, Part::none, "*"},
    {621, "QueryNextRequest", read, Part::none, "*"},
    {624, "QueryNextResponse", read, Part::none, "*"},
    {631, "ReadRequest", read, Part::read, "di[NARq]"},
    {634, "ReadResponse", read, Part::read, "[V](g)"},
    {664, "HistoryReadRequest", read, Part::read, "eib[NRqs]"},
    {667, "HistoryReadResponse", read, Part::read, "[SsE](g)"},
    {673, "WriteRequest", write, Part::write, "[NARV]"},
    {676, "WriteResponse", write, Part::write, "[S](g)"},
    {700, "HistoryUpdateRequest", write, Part::write, "[E]"},
    {703, "HistoryUpdateResponse", write, Part::write, "[S(S)(g)](g)"},
    {712, "CallRequest", control, Part::call, "[NO(M)]"},
    {715, "CallResponse", control, Part::call, "[S(S)(g)(M)](g)"},
    {751, "CreateMonitoredItemsRequest", subscribe, Part::monitor, "Ii[NARqiiDeib]"},
    {754, "CreateMonitoredItemsResponse", subscribe, Part::monitor, "[SIDie](g)"},
    {763, "ModifyMonitoredItemsRequest", subscribe, Part::none, "Ii[IiDeib]"},
    {766, "ModifyMonitoredItemsResponse", subscribe, Part::none, "[SDie](g)"},
    {769, "SetMonitoringModeRequest", subscribe, Part::none, "Ii[I]"},
    {772, "SetMonitoringModeResponse", subscribe, Part::none, "[S](g)"},
    {775, "SetTriggeringRequest", subscribe, Part::none, "Ii[I](i)"},
    {778, "SetTriggeringResponse", subscribe, Part::none, "[S](g)(S)(g)"},
    {781, "DeleteMonitoredItemsRequest", subscribe, Part::none, "I[I]"},
    {784, "DeleteMonitoredItemsResponse", subscribe, Part::none, "[S](g)"},
    {787, "CreateSubscriptionRequest", subscribe, Part::none, "Diiibb"},
    {790, "CreateSubscriptionResponse", subscribe, Part::none, "IDii"},
    {793, "ModifySubscriptionRequest", subscribe, Part::none, "IDiiib"},
    {796, "ModifySubscriptionResponse", subscribe, Part::none, "Dii"},
    {799, "SetPublishingModeRequest", subscribe, Part::none, "b[I]"},
    {802, "SetPublishingModeResponse", subscribe, Part::none, "[S](g)"},
    {826, "PublishRequest", read, Part::none, "[Ii]"},
    {829, "PublishResponse", read, Part::none, "I(i)bid[E](S)(g)"},
    {832, "RepublishRequest", read, Part::none, "Ii"},
    {835, "RepublishResponse", read, Part::none, "id[E]"},
    {841, "TransferSubscriptionsRequest", subscribe, Part::none, "[I]b"},
    {844, "TransferSubscriptionsResponse", subscribe, Part::none, "[S(i)](g)"},
    {847, "DeleteSubscriptionsRequest", subscribe, Part::none, "[I]"},
    {850, "DeleteSubscriptionsResponse", subscribe, Part::none, "[S](g)"},
    {12208, "FindServersOnNetworkRequest", identify, Part::none, "ii(s)"},
    {12209, "FindServersOnNetworkResponse", identify, Part::none, "d[iTT(s)]"},
    {12211, "RegisterServer2Request", other, Part::none, "TT(l)is(s)sb(e)"},
    {12212, "RegisterServer2Response", other, Part::none, "[S](g)"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kServices, {}, &OpcuaService::id));

// IEC 62541-6, table 1.
constexpr auto kTypes = std::to_array<std::string_view>(
    {"Null",          "Boolean",         "SByte",      "Byte",    "Int16",          "UInt16",     "Int32",
     "UInt32",        "Int64",           "UInt64",     "Float",   "Double",         "String",     "DateTime",
     "Guid",          "ByteString",      "XmlElement", "NodeId",  "ExpandedNodeId", "StatusCode", "QualifiedName",
     "LocalizedText", "ExtensionObject", "DataValue",  "Variant", "DiagnosticInfo"});

// IEC 62541-6, A.1.
constexpr auto kAttributes = std::to_array<std::string_view>({"",
                                                              "NodeId",
                                                              "NodeClass",
                                                              "BrowseName",
                                                              "DisplayName",
                                                              "Description",
                                                              "WriteMask",
                                                              "UserWriteMask",
                                                              "IsAbstract",
                                                              "Symmetric",
                                                              "InverseName",
                                                              "ContainsNoLoops",
                                                              "EventNotifier",
                                                              "Value",
                                                              "DataType",
                                                              "ValueRank",
                                                              "ArrayDimensions",
                                                              "AccessLevel",
                                                              "UserAccessLevel",
                                                              "MinimumSamplingInterval",
                                                              "Historizing",
                                                              "Executable",
                                                              "UserExecutable",
                                                              "DataTypeDefinition",
                                                              "RolePermissions",
                                                              "UserRolePermissions",
                                                              "AccessRestrictions",
                                                              "AccessLevelEx"});

// The upper half of a status: severity and code. IEC 62541-6, A.2. The lower half is flags of values.
struct Status {
  std::uint16_t code;
  std::string_view name;
};
// clang-format off
constexpr auto kStatuses = std::to_array<Status>({
    {0x0000, "Good"}, {0x002D, "GoodSubscriptionTransferred"}, {0x002E, "GoodCompletesAsynchronously"},
    {0x002F, "GoodOverload"}, {0x0030, "GoodClamped"}, {0x0096, "GoodLocalOverride"}, {0x00A5, "GoodNoData"},
    {0x00A6, "GoodMoreData"}, {0x406C, "UncertainReferenceOutOfServer"},
    {0x408F, "UncertainNoCommunicationLastUsableValue"}, {0x4090, "UncertainLastUsableValue"},
    {0x4091, "UncertainSubstituteValue"}, {0x4092, "UncertainInitialValue"}, {0x4093, "UncertainSensorNotAccurate"},
    {0x4094, "UncertainEngineeringUnitsExceeded"}, {0x4095, "UncertainSubNormal"},
    {0x40BC, "UncertainReferenceNotDeleted"},
    {0x8001, "BadUnexpectedError"}, {0x8002, "BadInternalError"}, {0x8003, "BadOutOfMemory"},
    {0x8004, "BadResourceUnavailable"}, {0x8005, "BadCommunicationError"}, {0x8006, "BadEncodingError"},
    {0x8007, "BadDecodingError"}, {0x8008, "BadEncodingLimitsExceeded"}, {0x8009, "BadUnknownResponse"},
    {0x800A, "BadTimeout"}, {0x800B, "BadServiceUnsupported"}, {0x800C, "BadShutdown"},
    {0x800D, "BadServerNotConnected"}, {0x800E, "BadServerHalted"}, {0x800F, "BadNothingToDo"},
    {0x8010, "BadTooManyOperations"}, {0x8011, "BadDataTypeIdUnknown"}, {0x8012, "BadCertificateInvalid"},
    {0x8013, "BadSecurityChecksFailed"}, {0x8014, "BadCertificateTimeInvalid"},
    {0x8015, "BadCertificateIssuerTimeInvalid"}, {0x8016, "BadCertificateHostNameInvalid"},
    {0x8017, "BadCertificateUriInvalid"}, {0x8018, "BadCertificateUseNotAllowed"},
    {0x8019, "BadCertificateIssuerUseNotAllowed"}, {0x801A, "BadCertificateUntrusted"},
    {0x801B, "BadCertificateRevocationUnknown"}, {0x801C, "BadCertificateIssuerRevocationUnknown"},
    {0x801D, "BadCertificateRevoked"}, {0x801E, "BadCertificateIssuerRevoked"}, {0x801F, "BadUserAccessDenied"},
    {0x8020, "BadIdentityTokenInvalid"}, {0x8021, "BadIdentityTokenRejected"}, {0x8022, "BadSecureChannelIdInvalid"},
    {0x8023, "BadInvalidTimestamp"}, {0x8024, "BadNonceInvalid"}, {0x8025, "BadSessionIdInvalid"},
    {0x8026, "BadSessionClosed"}, {0x8027, "BadSessionNotActivated"}, {0x8028, "BadSubscriptionIdInvalid"},
    {0x802A, "BadRequestHeaderInvalid"}, {0x802B, "BadTimestampsToReturnInvalid"},
    {0x802C, "BadRequestCancelledByClient"}, {0x8031, "BadNoCommunication"}, {0x8032, "BadWaitingForInitialData"},
    {0x8033, "BadNodeIdInvalid"}, {0x8034, "BadNodeIdUnknown"}, {0x8035, "BadAttributeIdInvalid"},
    {0x8036, "BadIndexRangeInvalid"}, {0x8037, "BadIndexRangeNoData"}, {0x8038, "BadDataEncodingInvalid"},
    {0x8039, "BadDataEncodingUnsupported"}, {0x803A, "BadNotReadable"}, {0x803B, "BadNotWritable"},
    {0x803C, "BadOutOfRange"}, {0x803D, "BadNotSupported"}, {0x803E, "BadNotFound"}, {0x803F, "BadObjectDeleted"},
    {0x8040, "BadNotImplemented"}, {0x8041, "BadMonitoringModeInvalid"}, {0x8042, "BadMonitoredItemIdInvalid"},
    {0x8043, "BadMonitoredItemFilterInvalid"}, {0x8044, "BadMonitoredItemFilterUnsupported"},
    {0x8045, "BadFilterNotAllowed"}, {0x8046, "BadStructureMissing"}, {0x8047, "BadEventFilterInvalid"},
    {0x8048, "BadContentFilterInvalid"}, {0x8049, "BadFilterOperandInvalid"}, {0x804A, "BadContinuationPointInvalid"},
    {0x804B, "BadNoContinuationPoints"}, {0x804C, "BadReferenceTypeIdInvalid"}, {0x804D, "BadBrowseDirectionInvalid"},
    {0x804E, "BadNodeNotInView"}, {0x804F, "BadServerUriInvalid"}, {0x8050, "BadServerNameMissing"},
    {0x8051, "BadDiscoveryUrlMissing"}, {0x8052, "BadSempahoreFileMissing"}, {0x8053, "BadRequestTypeInvalid"},
    {0x8054, "BadSecurityModeRejected"}, {0x8055, "BadSecurityPolicyRejected"}, {0x8056, "BadTooManySessions"},
    {0x8057, "BadUserSignatureInvalid"}, {0x8058, "BadApplicationSignatureInvalid"},
    {0x8059, "BadNoValidCertificates"}, {0x805A, "BadRequestCancelledByRequest"}, {0x805B, "BadParentNodeIdInvalid"},
    {0x805C, "BadReferenceNotAllowed"}, {0x805D, "BadNodeIdRejected"}, {0x805E, "BadNodeIdExists"},
    {0x805F, "BadNodeClassInvalid"}, {0x8060, "BadBrowseNameInvalid"}, {0x8061, "BadBrowseNameDuplicated"},
    {0x8062, "BadNodeAttributesInvalid"}, {0x8063, "BadTypeDefinitionInvalid"}, {0x8064, "BadSourceNodeIdInvalid"},
    {0x8065, "BadTargetNodeIdInvalid"}, {0x8066, "BadDuplicateReferenceNotAllowed"},
    {0x8067, "BadInvalidSelfReference"}, {0x8068, "BadReferenceLocalOnly"}, {0x8069, "BadNoDeleteRights"},
    {0x806A, "BadServerIndexInvalid"}, {0x806B, "BadViewIdUnknown"}, {0x806D, "BadTooManyMatches"},
    {0x806E, "BadQueryTooComplex"}, {0x806F, "BadNoMatch"}, {0x8070, "BadMaxAgeInvalid"},
    {0x8071, "BadHistoryOperationInvalid"}, {0x8072, "BadHistoryOperationUnsupported"},
    {0x8073, "BadWriteNotSupported"}, {0x8074, "BadTypeMismatch"}, {0x8075, "BadMethodInvalid"},
    {0x8076, "BadArgumentsMissing"}, {0x8077, "BadTooManySubscriptions"}, {0x8078, "BadTooManyPublishRequests"},
    {0x8079, "BadNoSubscription"}, {0x807A, "BadSequenceNumberUnknown"}, {0x807B, "BadMessageNotAvailable"},
    {0x807C, "BadInsufficientClientProfile"}, {0x807D, "BadTcpServerTooBusy"}, {0x807E, "BadTcpMessageTypeInvalid"},
    {0x807F, "BadTcpSecureChannelUnknown"}, {0x8080, "BadTcpMessageTooLarge"}, {0x8081, "BadTcpNotEnoughResources"},
    {0x8082, "BadTcpInternalError"}, {0x8083, "BadTcpEndpointUrlInvalid"}, {0x8084, "BadRequestInterrupted"},
    {0x8085, "BadRequestTimeout"}, {0x8086, "BadSecureChannelClosed"}, {0x8087, "BadSecureChannelTokenUnknown"},
    {0x8088, "BadSequenceNumberInvalid"}, {0x8089, "BadConfigurationError"}, {0x808A, "BadNotConnected"},
    {0x808B, "BadDeviceFailure"}, {0x808C, "BadSensorFailure"}, {0x808D, "BadOutOfService"},
    {0x808E, "BadDeadbandFilterInvalid"}, {0x809B, "BadNoData"}, {0x809E, "BadDataUnavailable"},
    {0x80AB, "BadInvalidArgument"}, {0x80AC, "BadConnectionRejected"}, {0x80AD, "BadDisconnect"},
    {0x80AE, "BadConnectionClosed"}, {0x80AF, "BadInvalidState"}, {0x80B8, "BadRequestTooLarge"},
    {0x80B9, "BadResponseTooLarge"}, {0x80BE, "BadProtocolVersionUnsupported"},
    {0x80C6, "BadIdentityChangeNotSupported"}, {0x80D7, "BadBoundNotFound"}, {0x80DB, "BadTooManyMonitoredItems"},
    {0x80E5, "BadTooManyArguments"}, {0x80E6, "BadSecurityModeInsufficient"}, {0x810D, "BadCertificateChainIncomplete"},
    {0x8111, "BadNotExecutable"},
});
// clang-format on
static_assert(std::ranges::is_sorted(kStatuses, {}, &Status::code));

std::string_view at(std::span<const std::string_view> names, std::size_t index) {
  return index < names.size() ? names[index] : std::string_view{};
}

}  // namespace

const OpcuaService* find_opcua_service(std::uint32_t id) {
  const auto found = std::ranges::lower_bound(kServices, id, {}, &OpcuaService::id);
  return found != kServices.end() && found->id == id ? &*found : nullptr;
}

std::string_view opcua_type_name(std::uint8_t type) { return at(kTypes, type); }
std::string_view opcua_attribute_name(std::uint32_t attribute) { return at(kAttributes, attribute); }

std::string_view opcua_status_name(std::uint32_t status) {
  const auto code = static_cast<std::uint16_t>(status >> 16U);
  const auto found = std::ranges::lower_bound(kStatuses, code, {}, &Status::code);
  return found != kStatuses.end() && found->code == code ? found->name : std::string_view{};
}

}  // namespace nw::network
