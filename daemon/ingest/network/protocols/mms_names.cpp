#include "ingest/network/protocols/mms_names.h"

#include <array>
#include <span>

namespace nw::network {

namespace {

using enum IcsOperation;
using Argument = MmsArgument;

// ISO 9506-2, ConfirmedServiceRequest: in the order of their numbers.
constexpr auto kServices = std::to_array<MmsService>({
    {"status", diagnose},
    {"getNameList", read, Argument::list},
    {"identify", identify},
    {"rename", write, Argument::second},
    {"read", read, Argument::variables},
    {"write", write, Argument::variables},
    {"getVariableAccessAttributes", read, Argument::members},
    {"defineNamedVariable", write, Argument::first},
    {"defineScatteredAccess", write, Argument::first},
    {"getScatteredAccessAttributes", read, Argument::object},
    {"deleteVariableAccess", write, Argument::second},
    {"defineNamedVariableList", write, Argument::definition},
    {"getNamedVariableListAttributes", read, Argument::object},
    {"deleteNamedVariableList", write, Argument::second},
    {"defineNamedType", write, Argument::first},
    {"getNamedTypeAttributes", read, Argument::object},
    {"deleteNamedType", write, Argument::second},
    {"input", read, Argument::members},
    {"output", write, Argument::members},
    {"takeControl", other, Argument::members},
    {"relinquishControl", other, Argument::members},
    {"defineSemaphore", write, Argument::members},
    {"deleteSemaphore", write, Argument::object},
    {"reportSemaphoreStatus", read, Argument::object},
    {"reportPoolSemaphoreStatus", read, Argument::members},
    {"reportSemaphoreEntryStatus", read, Argument::members},
    {"initiateDownloadSequence", program, Argument::members},
    {"downloadSegment", program, Argument::text},
    {"terminateDownloadSequence", program, Argument::members},
    {"initiateUploadSequence", program, Argument::text},
    {"uploadSegment", program, Argument::number},
    {"terminateUploadSequence", program, Argument::number},
    {"requestDomainDownload", program, Argument::members},
    {"requestDomainUpload", program, Argument::members},
    {"loadDomainContent", program, Argument::members},
    {"storeDomainContent", program, Argument::members},
    {"deleteDomain", program, Argument::text},
    {"getDomainAttributes", read, Argument::text},
    {"createProgramInvocation", program, Argument::members},
    {"deleteProgramInvocation", program, Argument::text},
    {"start", start, Argument::members},
    {"stop", stop, Argument::members},
    {"resume", start, Argument::members},
    {"reset", restart, Argument::members},
    {"kill", stop, Argument::members},
    {"getProgramInvocationAttributes", read, Argument::text},
    {"obtainFile", file, Argument::files},
    {"defineEventCondition", write, Argument::members},
    {"deleteEventCondition", write, Argument::members},
    {"getEventConditionAttributes", read, Argument::object},
    {"reportEventConditionStatus", read, Argument::object},
    {"alterEventConditionMonitoring", write, Argument::members},
    {"triggerEvent", control, Argument::members},
    {"defineEventAction", write, Argument::members},
    {"deleteEventAction", write, Argument::members},
    {"getEventActionAttributes", read, Argument::object},
    {"reportEventActionStatus", read, Argument::object},
    {"defineEventEnrollment", subscribe, Argument::members},
    {"deleteEventEnrollment", subscribe, Argument::members},
    {"alterEventEnrollment", subscribe, Argument::members},
    {"reportEventEnrollmentStatus", read, Argument::object},
    {"getEventEnrollmentAttributes", read, Argument::members},
    {"acknowledgeEventNotification", write, Argument::members},
    {"getAlarmSummary", read},
    {"getAlarmEnrollmentSummary", read},
    {"readJournal", read, Argument::members},
    {"writeJournal", write, Argument::members},
    {"initializeJournal", write, Argument::members},
    {"reportJournalStatus", read, Argument::object},
    {"createJournal", write, Argument::members},
    {"deleteJournal", write, Argument::members},
    {"getCapabilityList", read},
    {"fileOpen", file, Argument::files},
    {"fileRead", file, Argument::number},
    {"fileClose", file, Argument::number},
    {"fileRename", file, Argument::files},
    {"fileDelete", file, Argument::files},
    {"fileDirectory", file, Argument::files},
    {"additionalService"},
    {"getDataExchangeAttributes", read, Argument::object},
    {"exchangeData", write, Argument::members},
    {"defineAccessControlList", write, Argument::members},
    {"getAccessControlListAttributes", read},
    {"reportAccessControlledObjects", read, Argument::members},
    {"deleteAccessControlList", write, Argument::text},
    {"changeAccessControl", write},
});
static_assert(kServices[44].name == "kill" && kServices[72].name == "fileOpen");
static_assert(kServices[kMmsAdditionalService].name == "additionalService");

// AdditionalService-Request.
constexpr auto kAdditionalServices = std::to_array<MmsService>({
    {"vMDStop", stop},
    {"vMDReset", restart},
    {"select", program, Argument::members},
    {"alterPI", program, Argument::members},
    {"initiateUCLoad", program, Argument::text},
    {"uCLoad", program, Argument::text},
    {"uCUpload", program, Argument::members},
    {"startUC", start, Argument::members},
    {"stopUC", stop, Argument::members},
    {"createUC", program, Argument::members},
    {"addToUC", program, Argument::members},
    {"removeFromUC", program, Argument::members},
    {"getUCAttributes", read, Argument::text},
    {"loadUCFromFile", program, Argument::members},
    {"storeUCToFile", program, Argument::members},
    {"deleteUC", program, Argument::text},
    {"defineECL", write, Argument::members},
    {"deleteECL", write, Argument::object},
    {"addECLReference", write, Argument::members},
    {"removeECLReference", write, Argument::members},
    {"getECLAttributes", read, Argument::object},
    {"reportECLStatus", read, Argument::members},
    {"alterECLMonitoring", write, Argument::members},
});

// UnconfirmedService.
constexpr auto kUnconfirmedServices = std::to_array<MmsService>({
    {"informationReport", subscribe, Argument::variables},
    {"unsolicitedStatus", diagnose},
    {"eventNotification", subscribe, Argument::members},
});

// ServiceSupportOptions, from 78 on.
constexpr auto kSupportedServices = std::to_array<std::string_view>(
    {"unsolicitedStatus", "informationReport", "eventNotification", "attachToEventCondition", "attachToSemaphore",
     "conclude", "cancel", "getDataExchangeAttributes", "exchangeData", "defineAccessControlList",
     "getAccessControlListAttributes", "reportAccessControlledObjects", "deleteAccessControlList", "alterAccessControl",
     "reconfigureProgramInvocation"});
static_assert(kMmsAdditionalService + kSupportedServices.size() == kMmsSupportedServices);

MmsService service_at(std::span<const MmsService> services, unsigned number) {
  return number < services.size() ? services[number] : MmsService{};
}

std::string_view at(std::span<const std::string_view> names, unsigned number) {
  return number < names.size() ? names[number] : std::string_view{};
}

// ServiceError's classes: name, its errors.
struct ErrorClass {
  std::string_view name;
  std::array<std::string_view, 10> errors{};
};

constexpr auto kErrors = std::to_array<ErrorClass>({
    {"vmd-state",
     {"other", "vmd-state-conflict", "vmd-operational-problem", "domain-transfer-problem", "state-machine-id-invalid"}},
    {"application-reference",
     {"other", "application-unreachable", "connection-lost", "application-reference-invalid", "context-unsupported"}},
    {"definition",
     {"other", "object-undefined", "invalid-address", "type-unsupported", "type-inconsistent", "object-exists",
      "object-attribute-inconsistent"}},
    {"resource",
     {"other", "memory-unavailable", "processor-resource-unavailable", "mass-storage-unavailable",
      "capability-unavailable", "capability-unknown"}},
    {"service",
     {"other", "primitives-out-of-sequence", "object-state-conflict", "pdu-size", "continuation-invalid",
      "object-constraint-conflict"}},
    {"service-preempt", {"other", "timeout", "deadlock", "cancel"}},
    {"time-resolution", {"other", "unsupportable-time-resolution"}},
    {"access",
     {"other", "object-access-unsupported", "object-non-existent", "object-access-denied", "object-invalidated"}},
    {"initiate",
     {"other", "version-incompatible", "max-segment-insufficient", "max-services-outstanding-calling-insufficient",
      "max-services-outstanding-called-insufficient", "service-CBB-insufficient", "parameter-CBB-insufficient",
      "nesting-level-insufficient"}},
    {"conclude", {"other", "further-communication-required"}},
    {"cancel", {"other", "invoke-id-unknown", "cancel-not-possible"}},
    {"file",
     {"other", "filename-ambiguous", "file-busy", "filename-syntax-error", "content-type-invalid", "position-invalid",
      "file-access-denied", "file-non-existent", "duplicate-filename", "insufficient-space-in-filestore"}},
    {"others", {"other"}},
});

// RejectPDU's rejectReason, from 1 on.
constexpr auto kRejects = std::to_array<ErrorClass>({
    {"confirmed-requestPDU",
     {"other", "unrecognized-service", "unrecognized-modifier", "invalid-invokeID", "invalid-argument",
      "invalid-modifier", "max-serv-outstanding-exceeded", "", "max-recursion-exceeded", "value-out-of-range"}},
    {"confirmed-responsePDU",
     {"other", "unrecognized-service", "invalid-invokeID", "invalid-result", "", "max-recursion-exceeded",
      "value-out-of-range"}},
    {"confirmed-errorPDU",
     {"other", "unrecognized-service", "invalid-invokeID", "invalid-serviceError", "value-out-of-range"}},
    {"unconfirmedPDU",
     {"other", "unrecognized-service", "invalid-argument", "max-recursion-exceeded", "value-out-of-range"}},
    {"pdu-error", {"unknown-pdu-type", "invalid-pdu", "illegal-acse-mapping"}},
    {"cancel-requestPDU", {"other", "invalid-invokeID"}},
    {"cancel-responsePDU", {"other", "invalid-invokeID"}},
    {"cancel-errorPDU", {"other", "invalid-invokeID", "invalid-serviceError", "value-out-of-range"}},
    {"conclude-requestPDU", {"other", "invalid-argument"}},
    {"conclude-responsePDU", {"other", "invalid-result"}},
    {"conclude-errorPDU", {"other", "invalid-serviceError", "value-out-of-range"}},
});

}  // namespace

MmsService mms_service(unsigned number) { return service_at(kServices, number); }
MmsService mms_additional_service(unsigned number) { return service_at(kAdditionalServices, number); }
MmsService mms_unconfirmed_service(unsigned number) { return service_at(kUnconfirmedServices, number); }

std::string_view mms_supported_service_name(unsigned number) {
  return number < kMmsAdditionalService ? kServices[number].name
                                        : at(kSupportedServices, number - kMmsAdditionalService);
}

std::string_view mms_object_class_name(unsigned number) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"namedVariable", "scatteredAccess", "namedVariableList", "namedType", "semaphore", "eventCondition",
       "eventAction", "eventEnrollment", "journal", "domain", "programInvocation", "operatorStation", "dataExchange",
       "accessControlList"});
  return at(kNames, number);
}

std::string_view mms_access_error_name(unsigned number) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"object-invalidated", "hardware-fault", "temporarily-unavailable", "object-access-denied", "object-undefined",
       "invalid-address", "type-unsupported", "type-inconsistent", "object-attribute-inconsistent",
       "object-access-unsupported", "object-non-existent", "object-value-invalid"});
  return at(kNames, number);
}

std::string_view mms_error_class_name(unsigned number) {
  return number < kErrors.size() ? kErrors[number].name : std::string_view{};
}
std::string_view mms_error_name(unsigned error_class, unsigned number) {
  return error_class < kErrors.size() ? at(kErrors[error_class].errors, number) : std::string_view{};
}
std::string_view mms_reject_class_name(unsigned number) {
  return number != 0 && number <= kRejects.size() ? kRejects[number - 1].name : std::string_view{};
}
std::string_view mms_reject_name(unsigned reject_class, unsigned number) {
  return reject_class != 0 && reject_class <= kRejects.size() ? at(kRejects[reject_class - 1].errors, number)
                                                              : std::string_view{};
}

std::string_view mms_logical_status_name(unsigned number) {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"state-changes-allowed", "no-state-changes-allowed", "limited-services-permitted", "support-services-allowed"});
  return at(kNames, number);
}
std::string_view mms_physical_status_name(unsigned number) {
  static constexpr auto kNames =
      std::to_array<std::string_view>({"operational", "partially-operational", "inoperable", "needs-commissioning"});
  return at(kNames, number);
}

}  // namespace nw::network
