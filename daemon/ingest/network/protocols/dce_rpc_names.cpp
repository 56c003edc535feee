#include "ingest/network/protocols/dce_rpc_names.h"

#include <algorithm>

namespace nw::network {

namespace {

// The three methods that every COM interface begins with.
#define NW_COM "QueryInterface AddRef Release "

constexpr auto kInterfaces = std::to_array<DceRpcInterface>({
    // Finding and starting others.
    {"e1af8308-5d1f-11c9-91a4-08002b14a0fa", "epmapper",
     "ept_insert ept_delete ept_lookup ept_map ept_lookup_handle_free ept_inq_object ept_mgmt_delete"},
    {"afa8bd80-7d8a-11c9-bef4-08002b102989", "mgmt",
     "inq_if_ids inq_stats is_server_listening stop_server_listening inq_princ_name"},
    {"99fcfec4-5260-101b-bbcb-00aa0021347a", "IObjectExporter",
     "ResolveOxid SimplePing ComplexPing ServerAlive ResolveOxid2 ServerAlive2"},
    {"4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", "IActivation", "RemoteActivation"},
    {"000001a0-0000-0000-c000-000000000046", "IRemoteSCMActivator",
     "QueryInterfaceIRemoteSCMActivator AddRefIRemoteISCMActivator ReleaseIRemoteISCMActivator RemoteGetClassObject "
     "RemoteCreateInstance"},
    {"00000136-0000-0000-c000-000000000046", "ISCMLocalActivator", ""},
    {"00000131-0000-0000-c000-000000000046", "IRemUnknown", NW_COM "RemQueryInterface RemAddRef RemRelease"},
    {"00000143-0000-0000-c000-000000000046", "IRemUnknown2",
     NW_COM "RemQueryInterface RemAddRef RemRelease RemQueryInterface2"},
    {"00000000-0000-0000-c000-000000000046", "IUnknown", NW_COM},
    {"00020400-0000-0000-c000-000000000046", "IDispatch", NW_COM "GetTypeInfoCount GetTypeInfo GetIDsOfNames Invoke"},

    // Services, tasks, the registry, shutting down.
    {"367abb81-9844-35f1-ad32-98f038001003", "svcctl",
     "CloseServiceHandle ControlService DeleteService LockServiceDatabase QueryServiceObjectSecurity "
     "SetServiceObjectSecurity QueryServiceStatus SetServiceStatus UnlockServiceDatabase NotifyBootConfigStatus "
     "ScSetServiceBitsW ChangeServiceConfigW CreateServiceW EnumDependentServicesW EnumServicesStatusW OpenSCManagerW "
     "OpenServiceW QueryServiceConfigW QueryServiceLockStatusW StartServiceW GetServiceDisplayNameW GetServiceKeyNameW "
     "ScSetServiceBitsA ChangeServiceConfigA CreateServiceA EnumDependentServicesA EnumServicesStatusA OpenSCManagerA "
     "OpenServiceA QueryServiceConfigA QueryServiceLockStatusA StartServiceA GetServiceDisplayNameA GetServiceKeyNameA "
     "ScGetCurrentGroupStateW EnumServiceGroupW ChangeServiceConfig2A ChangeServiceConfig2W QueryServiceConfig2A "
     "QueryServiceConfig2W QueryServiceStatusEx EnumServicesStatusExA EnumServicesStatusExW ScSendTSMessage "
     "CreateServiceWOW64A CreateServiceWOW64W ScQueryServiceTagInfo NotifyServiceStatusChange GetNotifyResult "
     "CloseNotifyHandle ControlServiceExA ControlServiceExW ScSendPnPMessage ScValidatePnPService "
     "ScOpenServiceStatusHandle - QueryServiceConfigEx - - - CreateWowService - - - OpenSCManager2"},
    {"1ff70682-0a51-30e8-076d-740be8cee98b", "atsvc", "NetrJobAdd NetrJobDel NetrJobEnum NetrJobGetInfo"},
    {"378e52b0-c0a9-11cf-822d-00aa0051e40f", "sasec",
     "SASetAccountInformation SASetNSAccountInformation SAGetNSAccountInformation SAGetAccountInformation"},
    {"86d35949-83c9-4044-b424-db363231fd0c", "ITaskSchedulerService",
     "SchRpcHighestVersion SchRpcRegisterTask SchRpcRetrieveTask SchRpcCreateFolder SchRpcSetSecurity "
     "SchRpcGetSecurity "
     "SchRpcEnumFolder SchRpcEnumTasks SchRpcEnumInstances SchRpcGetInstanceInfo SchRpcStopInstance SchRpcStop "
     "SchRpcRun SchRpcDelete SchRpcRename SchRpcScheduledRuntimes SchRpcGetLastRunInfo SchRpcGetTaskInfo "
     "SchRpcGetNumberOfMissedRuns SchRpcEnableTask"},
    {"338cd001-2244-31f1-aaaa-900038001003", "winreg",
     "OpenClassesRoot OpenCurrentUser OpenLocalMachine OpenPerformanceData OpenUsers BaseRegCloseKey BaseRegCreateKey "
     "BaseRegDeleteKey BaseRegDeleteValue BaseRegEnumKey BaseRegEnumValue BaseRegFlushKey BaseRegGetKeySecurity "
     "BaseRegLoadKey BaseRegNotifyChangeKeyValue BaseRegOpenKey BaseRegQueryInfoKey BaseRegQueryValue "
     "BaseRegReplaceKey BaseRegRestoreKey BaseRegSaveKey BaseRegSetKeySecurity BaseRegSetValue BaseRegUnLoadKey "
     "BaseInitiateSystemShutdown BaseAbortSystemShutdown BaseRegGetVersion OpenCurrentConfig OpenDynData "
     "BaseRegQueryMultipleValues BaseInitiateSystemShutdownEx BaseRegSaveKeyEx OpenPerformanceText "
     "OpenPerformanceNlsText BaseRegQueryMultipleValues2 BaseRegDeleteKeyEx"},
    {"894de0c0-0d55-11d3-a322-00c04fa321a1", "InitShutdown",
     "BaseInitiateShutdown BaseAbortShutdown BaseInitiateShutdownEx"},
    {"d95afe70-a6d5-4259-822e-2c84da1ddb0d", "WindowsShutdown", "WsdrInitiateShutdown WsdrAbortShutdown"},
    {"12b81e99-f207-4a4c-85d3-77b42f76fd14", "ISeclogon", "SeclCreateProcessWithLogonW SeclCreateProcessWithLogonExW"},

    // Accounts and the directory.
    {"12345778-1234-abcd-ef00-0123456789ac", "samr",
     "SamrConnect SamrCloseHandle SamrSetSecurityObject SamrQuerySecurityObject SamrShutdownSamServer "
     "SamrLookupDomainInSamServer SamrEnumerateDomainsInSamServer SamrOpenDomain SamrQueryInformationDomain "
     "SamrSetInformationDomain SamrCreateGroupInDomain SamrEnumerateGroupsInDomain SamrCreateUserInDomain "
     "SamrEnumerateUsersInDomain SamrCreateAliasInDomain SamrEnumerateAliasesInDomain SamrGetAliasMembership "
     "SamrLookupNamesInDomain SamrLookupIdsInDomain SamrOpenGroup SamrQueryInformationGroup SamrSetInformationGroup "
     "SamrAddMemberToGroup SamrDeleteGroup SamrRemoveMemberFromGroup SamrGetMembersInGroup "
     "SamrSetMemberAttributesOfGroup SamrOpenAlias SamrQueryInformationAlias SamrSetInformationAlias SamrDeleteAlias "
     "SamrAddMemberToAlias SamrRemoveMemberFromAlias SamrGetMembersInAlias SamrOpenUser SamrDeleteUser "
     "SamrQueryInformationUser SamrSetInformationUser SamrChangePasswordUser SamrGetGroupsForUser "
     "SamrQueryDisplayInformation SamrGetDisplayEnumerationIndex SamrTestPrivateFunctionsDomain "
     "SamrTestPrivateFunctionsUser SamrGetUserDomainPasswordInformation SamrRemoveMemberFromForeignDomain "
     "SamrQueryInformationDomain2 SamrQueryInformationUser2 SamrQueryDisplayInformation2 "
     "SamrGetDisplayEnumerationIndex2 SamrCreateUser2InDomain SamrQueryDisplayInformation3 "
     "SamrAddMultipleMembersToAlias SamrRemoveMultipleMembersFromAlias SamrOemChangePasswordUser2 "
     "SamrUnicodeChangePasswordUser2 SamrGetDomainPasswordInformation SamrConnect2 SamrSetInformationUser2 "
     "SamrSetBootKeyInformation SamrGetBootKeyInformation SamrConnect3 SamrConnect4 SamrUnicodeChangePasswordUser3 "
     "SamrConnect5 SamrRidToSid SamrSetDSRMPassword SamrValidatePassword SamrQueryLocalizableAccountsInDomain "
     "SamrPerformGenericOperation"},
    {"12345778-1234-abcd-ef00-0123456789ab", "lsarpc",
     "LsarClose LsarDelete LsarEnumeratePrivileges LsarQuerySecurityObject LsarSetSecurityObject LsarChangePassword "
     "LsarOpenPolicy LsarQueryInformationPolicy LsarSetInformationPolicy LsarClearAuditLog LsarCreateAccount "
     "LsarEnumerateAccounts LsarCreateTrustedDomain LsarEnumerateTrustedDomains LsarLookupNames LsarLookupSids "
     "LsarCreateSecret LsarOpenAccount LsarEnumeratePrivilegesAccount LsarAddPrivilegesToAccount "
     "LsarRemovePrivilegesFromAccount LsarGetQuotasForAccount LsarSetQuotasForAccount LsarGetSystemAccessAccount "
     "LsarSetSystemAccessAccount LsarOpenTrustedDomain LsarQueryInfoTrustedDomain LsarSetInformationTrustedDomain "
     "LsarOpenSecret LsarSetSecret LsarQuerySecret LsarLookupPrivilegeValue LsarLookupPrivilegeName "
     "LsarLookupPrivilegeDisplayName LsarDeleteObject LsarEnumerateAccountsWithUserRight LsarEnumerateAccountRights "
     "LsarAddAccountRights LsarRemoveAccountRights LsarQueryTrustedDomainInfo LsarSetTrustedDomainInfo "
     "LsarDeleteTrustedDomain LsarStorePrivateData LsarRetrievePrivateData LsarOpenPolicy2 LsarGetUserName "
     "LsarQueryInformationPolicy2 LsarSetInformationPolicy2 LsarQueryTrustedDomainInfoByName "
     "LsarSetTrustedDomainInfoByName LsarEnumerateTrustedDomainsEx LsarCreateTrustedDomainEx "
     "LsarSetPolicyReplicationHandle LsarQueryDomainInformationPolicy LsarSetDomainInformationPolicy "
     "LsarOpenTrustedDomainByName LsarTestCall LsarLookupSids2 LsarLookupNames2 LsarCreateTrustedDomainEx2 "
     "CredrWrite CredrRead CredrEnumerate CredrWriteDomainCredentials CredrReadDomainCredentials CredrDelete "
     "CredrGetTargetInfo CredrProfileLoaded LsarLookupNames3 CredrGetSessionTypes LsarRegisterAuditEvent "
     "LsarGenAuditEvent LsarUnregisterAuditEvent LsarQueryForestTrustInformation LsarSetForestTrustInformation "
     "CredrRename LsarLookupSids3 LsarLookupNames4 LsarOpenPolicySce LsarAdtRegisterSecurityEventSource "
     "LsarAdtUnregisterSecurityEventSource LsarAdtReportSecurityEvent"},
    {"3919286a-b10c-11d0-9ba8-00c04fd92ef5", "dssetup",
     "DsRolerGetPrimaryDomainInformation DsRolerDnsNameToFlatName DsRolerDcAsDc DsRolerDcAsReplica DsRolerDemoteDc "
     "DsRolerGetDcOperationProgress DsRolerGetDcOperationResults DsRolerCancel DsRolerServerSaveStateForUpgrade "
     "DsRolerUpgradeDownlevelServer DsRolerAbortDownlevelServerUpgrade"},
    {"12345678-1234-abcd-ef00-01234567cffb", "netlogon",
     "NetrLogonUasLogon NetrLogonUasLogoff NetrLogonSamLogon NetrLogonSamLogoff NetrServerReqChallenge "
     "NetrServerAuthenticate NetrServerPasswordSet NetrDatabaseDeltas NetrDatabaseSync NetrAccountDeltas "
     "NetrAccountSync NetrGetDCName NetrLogonControl NetrGetAnyDCName NetrLogonControl2 NetrServerAuthenticate2 "
     "NetrDatabaseSync2 NetrDatabaseRedo NetrLogonControl2Ex NetrEnumerateTrustedDomains DsrGetDcName "
     "NetrLogonGetCapabilities NetrLogonSetServiceBits NetrLogonGetTrustRid NetrLogonComputeServerDigest "
     "NetrLogonComputeClientDigest NetrServerAuthenticate3 DsrGetDcNameEx DsrGetSiteName NetrLogonGetDomainInfo "
     "NetrServerPasswordSet2 NetrServerPasswordGet NetrLogonSendToSam DsrAddressToSiteNamesW DsrGetDcNameEx2 "
     "NetrLogonGetTimeServiceParentDomain NetrEnumerateTrustedDomainsEx DsrAddressToSiteNamesExW "
     "DsrGetDcSiteCoverageW NetrLogonSamLogonEx DsrEnumerateDomainTrusts DsrDeregisterDnsHostRecords "
     "NetrServerTrustPasswordsGet DsrGetForestTrustInformation NetrGetForestTrustInformation "
     "NetrLogonSamLogonWithFlags NetrServerGetTrustInfo - DsrUpdateReadOnlyServerDnsRecords "
     "NetrChainSetClientAttributes"},
    {"e3514235-4b06-11d1-ab04-00c04fc2dcd2", "drsuapi",
     "DRSBind DRSUnbind DRSReplicaSync DRSGetNCChanges DRSUpdateRefs DRSReplicaAdd DRSReplicaDel DRSReplicaModify "
     "DRSVerifyNames DRSGetMemberships DRSInterDomainMove DRSGetNT4ChangeLog DRSCrackNames DRSWriteSPN "
     "DRSRemoveDsServer DRSRemoveDsDomain DRSDomainControllerInfo DRSAddEntry DRSExecuteKCC DRSGetReplInfo "
     "DRSAddSidHistory DRSGetMemberships2 DRSReplicaVerifyObjects DRSGetObjectExistence DRSQuerySitesByCost "
     "DRSInitDemotion DRSReplicaDemotion DRSFinishDemotion DRSAddCloneDC DRSWriteNgcKey DRSReadNgcKey"},
    {"3dde7c30-165d-11d1-ab8f-00805f14db40", "BackupKey", "BackuprKey"},
    {"f5cc59b4-4264-101a-8c59-08002b2f8426", "FrsRpc",
     "FrsRpcSendCommPkt FrsRpcVerifyPromotionParent FrsRpcStartPromotionParent FrsNOP - - - - - - "
     "FrsRpcVerifyPromotionParentEx"},
    {"897e2e5f-93f3-4376-9c9c-fd2277495c27", "FrsTransport",
     "CheckConnectivity EstablishConnection EstablishSession RequestUpdates RequestVersionVector AsyncPoll "
     "RequestRecords UpdateCancel RawGetFileData RdcGetSignatures RdcPushSourceNeeds RdcGetFileData RdcClose "
     "InitializeFileTransferAsync - RawGetFileDataAsync RdcGetFileDataAsync RdcFileDataTransferKeepAlive"},
    {"91ae6020-9e3c-11cf-8d7c-00aa00c091be", "ICertPassage", "CertServerRequest"},
    {"d99e6e70-fc88-11d0-b498-00a0c90312f3", "ICertRequestD", NW_COM "Request GetCACert Ping"},
    {"d99e6e71-fc88-11d0-b498-00a0c90312f3", "ICertAdminD", NW_COM},

    // Files, shares, workstations, printers.
    {"4b324fc8-1670-01d3-1278-5a47bf6ee188", "srvsvc",
     "NetrCharDevEnum NetrCharDevGetInfo NetrCharDevControl NetrCharDevQEnum NetrCharDevQGetInfo NetrCharDevQSetInfo "
     "NetrCharDevQPurge NetrCharDevQPurgeSelf NetrConnectionEnum NetrFileEnum NetrFileGetInfo NetrFileClose "
     "NetrSessionEnum NetrSessionDel NetrShareAdd NetrShareEnum NetrShareGetInfo NetrShareSetInfo NetrShareDel "
     "NetrShareDelSticky NetrShareCheck NetrServerGetInfo NetrServerSetInfo NetrServerDiskEnum "
     "NetrServerStatisticsGet NetrServerTransportAdd NetrServerTransportEnum NetrServerTransportDel NetrRemoteTOD "
     "NetrServerSetServiceBits NetprPathType NetprPathCanonicalize NetprPathCompare NetprNameValidate "
     "NetprNameCanonicalize NetprNameCompare NetrShareEnumSticky NetrShareDelStart NetrShareDelCommit "
     "NetrpGetFileSecurity NetrpSetFileSecurity NetrServerTransportAddEx NetrServerSetServiceBitsEx "
     "NetrDfsGetVersion NetrDfsCreateLocalPartition NetrDfsDeleteLocalPartition NetrDfsSetLocalVolumeState "
     "NetrDfsSetServerInfo NetrDfsCreateExitPoint NetrDfsDeleteExitPoint NetrDfsModifyPrefix NetrDfsFixLocalVolume "
     "NetrDfsManagerReportSiteInfo NetrServerTransportDelEx NetrServerAliasAdd NetrServerAliasEnum "
     "NetrServerAliasDel NetrShareDelEx"},
    {"6bffd098-a112-3610-9833-46c3f87e345a", "wkssvc",
     "NetrWkstaGetInfo NetrWkstaSetInfo NetrWkstaUserEnum NetrWkstaUserGetInfo NetrWkstaUserSetInfo "
     "NetrWkstaTransportEnum NetrWkstaTransportAdd NetrWkstaTransportDel NetrUseAdd NetrUseGetInfo NetrUseDel "
     "NetrUseEnum NetrMessageBufferSend NetrWorkstationStatisticsGet NetrLogonDomainNameAdd NetrLogonDomainNameDel "
     "NetrJoinDomain NetrUnjoinDomain NetrRenameMachineInDomain NetrValidateName NetrGetJoinInformation "
     "NetrGetJoinableOUs NetrJoinDomain2 NetrUnjoinDomain2 NetrRenameMachineInDomain2 NetrValidateName2 "
     "NetrGetJoinableOUs2 NetrAddAlternateComputerName NetrRemoveAlternateComputerName NetrSetPrimaryComputerName "
     "NetrEnumerateComputerNames"},
    {"4fc742e0-4a10-11cf-8273-00aa004ae673", "netdfs",
     "NetrDfsManagerGetVersion NetrDfsAdd NetrDfsRemove NetrDfsSetInfo NetrDfsGetInfo NetrDfsEnum NetrDfsMove "
     "NetrDfsRename NetrDfsManagerGetConfigInfo NetrDfsManagerSendSiteInfo NetrDfsAddFtRoot NetrDfsRemoveFtRoot "
     "NetrDfsAddStdRoot NetrDfsRemoveStdRoot NetrDfsManagerInitialize NetrDfsAddStdRootForced NetrDfsGetDcAddress "
     "NetrDfsSetDcAddress NetrDfsFlushFtTable NetrDfsAdd2 NetrDfsRemove2 NetrDfsEnumEx NetrDfsSetInfo2"},
    // Asked for by name ("efs...") in rules on coerced authentication, so spelt as there.
    {"c681d488-d850-11d0-8c52-00c04fd90f7e", "efsrpc",
     "EfsRpcOpenFileRaw EfsRpcReadFileRaw EfsRpcWriteFileRaw EfsRpcCloseRaw EfsRpcEncryptFileSrv EfsRpcDecryptFileSrv "
     "EfsRpcQueryUsersOnFile EfsRpcQueryRecoveryAgents EfsRpcRemoveUsersFromFile EfsRpcAddUsersToFile "
     "EfsRpcSetFileEncryptionKey EfsRpcNotSupported EfsRpcFileKeyInfo EfsRpcDuplicateEncryptionInfoFile - "
     "EfsRpcAddUsersToFileEx EfsRpcFileKeyInfoEx - EfsRpcGetEncryptedFileMetadata EfsRpcSetEncryptedFileMetadata "
     "EfsRpcFlushEfsCache EfsRpcEncryptFileExSrv EfsRpcQueryProtectors"},
    {"df1941c5-fe89-4e79-bf10-463657acf44d", "efsrpc",
     "EfsRpcOpenFileRaw EfsRpcReadFileRaw EfsRpcWriteFileRaw EfsRpcCloseRaw EfsRpcEncryptFileSrv EfsRpcDecryptFileSrv "
     "EfsRpcQueryUsersOnFile EfsRpcQueryRecoveryAgents EfsRpcRemoveUsersFromFile EfsRpcAddUsersToFile "
     "EfsRpcSetFileEncryptionKey EfsRpcNotSupported EfsRpcFileKeyInfo EfsRpcDuplicateEncryptionInfoFile - "
     "EfsRpcAddUsersToFileEx EfsRpcFileKeyInfoEx - EfsRpcGetEncryptedFileMetadata EfsRpcSetEncryptedFileMetadata "
     "EfsRpcFlushEfsCache EfsRpcEncryptFileExSrv EfsRpcQueryProtectors"},
    {"a8e0653c-2744-4389-a61d-7373df8b2292", "FssagentRpc",
     "GetSupportedVersion SetContext StartShadowCopySet AddToShadowCopySet CommitShadowCopySet ExposeShadowCopySet "
     "RecoveryCompleteShadowCopySet AbortShadowCopySet IsPathSupported IsPathShadowCopied GetShareMapping "
     "DeleteShareMapping PrepareShadowCopySet"},
    {"12345678-1234-abcd-ef00-0123456789ab", "spoolss",
     "RpcEnumPrinters RpcOpenPrinter RpcSetJob RpcGetJob RpcEnumJobs RpcAddPrinter RpcDeletePrinter RpcSetPrinter "
     "RpcGetPrinter RpcAddPrinterDriver RpcEnumPrinterDrivers RpcGetPrinterDriver RpcGetPrinterDriverDirectory "
     "RpcDeletePrinterDriver RpcAddPrintProcessor RpcEnumPrintProcessors RpcGetPrintProcessorDirectory "
     "RpcStartDocPrinter RpcStartPagePrinter RpcWritePrinter RpcEndPagePrinter RpcAbortPrinter RpcReadPrinter "
     "RpcEndDocPrinter RpcAddJob RpcScheduleJob RpcGetPrinterData RpcSetPrinterData RpcWaitForPrinterChange "
     "RpcClosePrinter RpcAddForm RpcDeleteForm RpcGetForm RpcSetForm RpcEnumForms RpcEnumPorts RpcEnumMonitors "
     "RpcAddPort RpcConfigurePort RpcDeletePort RpcCreatePrinterIC RpcPlayGdiScriptOnPrinterIC RpcDeletePrinterIC "
     "RpcAddPrinterConnection RpcDeletePrinterConnection RpcPrinterMessageBox RpcAddMonitor RpcDeleteMonitor "
     "RpcDeletePrintProcessor RpcAddPrintProvidor RpcDeletePrintProvidor RpcEnumPrintProcessorDatatypes "
     "RpcResetPrinter RpcGetPrinterDriver2 RpcClientFindFirstPrinterChangeNotification "
     "RpcFindNextPrinterChangeNotification RpcFindClosePrinterChangeNotification "
     "RpcRouterFindFirstPrinterChangeNotificationOld RpcReplyOpenPrinter RpcRouterReplyPrinter RpcReplyClosePrinter "
     "RpcAddPortEx RpcRemoteFindFirstPrinterChangeNotification RpcSpoolerInit RpcResetPrinterEx "
     "RpcRemoteFindFirstPrinterChangeNotificationEx RpcRouterReplyPrinterEx RpcRouterRefreshPrinterChangeNotification "
     "RpcSetAllocFailCount RpcSplOpenPrinter RpcAddPrinterEx RpcSetPort RpcEnumPrinterData RpcDeletePrinterData "
     "RpcClusterSplOpen RpcClusterSplClose RpcClusterSplIsAlive RpcSetPrinterDataEx RpcGetPrinterDataEx "
     "RpcEnumPrinterDataEx RpcEnumPrinterKey RpcDeletePrinterDataEx RpcDeletePrinterKey RpcSeekPrinter "
     "RpcDeletePrinterDriverEx RpcAddPerMachineConnection RpcDeletePerMachineConnection RpcEnumPerMachineConnections "
     "RpcXcvData RpcAddPrinterDriverEx RpcSplOpenPrinter RpcGetSpoolFileInfo RpcCommitSpoolData "
     "RpcCloseSpoolFileHandle RpcFlushPrinter RpcSendRecvBidiData RpcAddDriverCatalog RpcAddPrinterConnection2 "
     "RpcDeletePrinterConnection2 RpcInstallPrinterDriverFromPackage RpcUploadPrinterDriverPackage "
     "RpcGetCorePrinterDrivers RpcCorePrinterDriverInstalled RpcGetPrinterDriverPackagePath "
     "RpcReportJobProcessingProgress"},
    {"76f03f96-cdfd-44fc-a22c-64950a001209", "IRemoteWinspool",
     "RpcAsyncOpenPrinter RpcAsyncAddPrinter RpcAsyncSetJob RpcAsyncGetJob RpcAsyncEnumJobs RpcAsyncAddJob "
     "RpcAsyncScheduleJob RpcAsyncDeletePrinter RpcAsyncSetPrinter RpcAsyncGetPrinter RpcAsyncStartDocPrinter "
     "RpcAsyncStartPagePrinter RpcAsyncWritePrinter RpcAsyncEndPagePrinter RpcAsyncEndDocPrinter RpcAsyncAbortPrinter "
     "RpcAsyncGetPrinterData RpcAsyncGetPrinterDataEx RpcAsyncSetPrinterData RpcAsyncSetPrinterDataEx "
     "RpcAsyncClosePrinter RpcAsyncAddForm RpcAsyncDeleteForm RpcAsyncGetForm RpcAsyncSetForm RpcAsyncEnumForms "
     "RpcAsyncGetPrinterDriver RpcAsyncEnumPrinterData RpcAsyncEnumPrinterDataEx RpcAsyncEnumPrinterKey "
     "RpcAsyncDeletePrinterData RpcAsyncDeletePrinterDataEx RpcAsyncDeletePrinterKey RpcAsyncXcvData "
     "RpcAsyncSendRecvBidiData RpcAsyncCreatePrinterIC RpcAsyncPlayGdiScriptOnPrinterIC RpcAsyncDeletePrinterIC "
     "RpcAsyncEnumPrinters RpcAsyncAddPrinterDriver RpcAsyncEnumPrinterDrivers RpcAsyncGetPrinterDriverDirectory "
     "RpcAsyncDeletePrinterDriver RpcAsyncDeletePrinterDriverEx RpcAsyncAddPrintProcessor RpcAsyncEnumPrintProcessors "
     "RpcAsyncGetPrintProcessorDirectory RpcAsyncEnumPorts RpcAsyncEnumMonitors RpcAsyncAddPort RpcAsyncSetPort "
     "RpcAsyncAddMonitor RpcAsyncDeleteMonitor RpcAsyncDeletePrintProcessor RpcAsyncEnumPrintProcessorDatatypes "
     "RpcAsyncAddPerMachineConnection RpcAsyncDeletePerMachineConnection RpcAsyncEnumPerMachineConnections "
     "RpcSyncRegisterForRemoteNotifications RpcSyncUnRegisterForRemoteNotifications RpcSyncRefreshRemoteNotifications "
     "RpcAsyncGetRemoteNotifications RpcAsyncInstallPrinterDriverFromPackage RpcAsyncUploadPrinterDriverPackage "
     "RpcAsyncGetCorePrinterDrivers RpcAsyncCorePrinterDriverInstalled RpcAsyncGetPrinterDriverPackagePath "
     "RpcAsyncDeletePrinterDriverPackage RpcAsyncReadPrinter RpcAsyncResetPrinter RpcAsyncGetJobNamedPropertyValue "
     "RpcAsyncSetJobNamedProperty RpcAsyncDeleteJobNamedProperty RpcAsyncEnumJobNamedProperties "
     "RpcAsyncLogJobInfoForBranchOffice"},
    {"0b6edbfa-4a24-4fc6-8a23-942b1eca65d1", "IRPCAsyncNotify",
     "RpcAsyncNotifyRegisterClient RpcAsyncNotifyUnregisterClient - RpcAsyncNotifyGetNewChannel "
     "RpcAsyncNotifyGetNotificationSendResponse RpcAsyncNotifyGetNotification RpcAsyncNotifyCloseChannel"},

    // Windows Management Instrumentation.
    {"9556dc99-828c-11cf-a37e-00aa003240c7", "IWbemServices",
     NW_COM
     "OpenNamespace CancelAsyncCall QueryObjectSink GetObject GetObjectAsync PutClass PutClassAsync DeleteClass "
     "DeleteClassAsync CreateClassEnum CreateClassEnumAsync PutInstance PutInstanceAsync DeleteInstance "
     "DeleteInstanceAsync CreateInstanceEnum CreateInstanceEnumAsync ExecQuery ExecQueryAsync ExecNotificationQuery "
     "ExecNotificationQueryAsync ExecMethod ExecMethodAsync"},
    {"f309ad18-d86a-11d0-a075-00c04fb68820", "IWbemLevel1Login",
     NW_COM "EstablishPosition RequestChallenge WBEMLogin NTLMLogin"},
    {"d4781cd6-e5d3-44df-ad94-930efe48a887", "IWbemLoginClientID", NW_COM "SetClientInfo"},
    {"541679ab-2e5f-11d3-b34e-00104bcc4b4a", "IWbemLoginHelper interface", NW_COM "SetEvent"},
    {"1c1c45ee-4395-11d2-b60b-00104b703efd", "IWbemFetchSmartEnum interface", NW_COM "GetSmartEnum"},
    {"423ec01e-2e35-11d2-b604-00104b703efd", "IWbemWCOSmartEnum interface", NW_COM "Next"},
    {"027947e1-d731-11ce-a357-000000000001", "IEnumWbemClassObject interface",
     NW_COM "Reset Next NextAsync Clone Skip"},
    {"44aca675-e8fc-11d0-a07c-00c04fb68820", "IWbemCallResult interface",
     NW_COM "GetResultObject GetResultString GetResultServices GetCallStatus"},
    {"7c857801-7381-11cf-884d-00aa004b2e24", "IWbemObjectSink interface", NW_COM "Indicate SetStatus"},

    // Logs, names, addresses, sessions, mail.
    {"82273fdc-e32a-18c3-3f78-827929dc23ea", "eventlog",
     "ElfrClearELFW ElfrBackupELFW ElfrCloseEL ElfrDeregisterEventSource ElfrNumberOfRecords ElfrOldestRecord "
     "ElfrChangeNotify ElfrOpenELW ElfrRegisterEventSourceW ElfrOpenBELW ElfrReadELW ElfrReportEventW ElfrClearELFA "
     "ElfrBackupELFA ElfrOpenELA ElfrRegisterEventSourceA ElfrOpenBELA ElfrReadELA ElfrReportEventA - - - "
     "ElfrGetLogInformation - ElfrReportEventAndSourceW ElfrReportEventExW ElfrReportEventExA"},
    {"f6beaff7-1e19-4fbb-9f8f-b89e2018337c", "eventlog6",
     "EvtRpcRegisterRemoteSubscription EvtRpcRemoteSubscriptionNextAsync EvtRpcRemoteSubscriptionNext "
     "EvtRpcRemoteSubscriptionWaitAsync EvtRpcRegisterControllableOperation EvtRpcRegisterLogQuery EvtRpcClearLog "
     "EvtRpcExportLog EvtRpcLocalizeExportLog EvtRpcMessageRender EvtRpcMessageRenderDefault EvtRpcQueryNext "
     "EvtRpcQuerySeek EvtRpcClose EvtRpcCancel EvtRpcAssertConfig EvtRpcRetractConfig EvtRpcOpenLogHandle "
     "EvtRpcGetLogFileInfo EvtRpcGetChannelList EvtRpcGetChannelConfig EvtRpcPutChannelConfig "
     "EvtRpcGetPublisherList EvtRpcGetPublisherListForChannel EvtRpcGetPublisherMetadata "
     "EvtRpcGetPublisherResourceMetadata EvtRpcGetEventMetadataEnum EvtRpcGetNextEventMetadata "
     "EvtRpcGetClassicLogDisplayName"},
    {"50abc2a4-574d-40b3-9d66-ee4fd5fba076", "dnsserver",
     "DnssrvOperation DnssrvQuery DnssrvComplexOperation DnssrvEnumRecords DnssrvUpdateRecord DnssrvOperation2 "
     "DnssrvQuery2 DnssrvComplexOperation2 DnssrvEnumRecords2 DnssrvUpdateRecord2 DnssrvUpdateRecord3 "
     "DnssrvEnumRecords3 DnssrvOperation3 DnssrvQuery3 DnssrvComplexOperation3 DnssrvOperation4"},
    {"6bffd098-a112-3610-9833-012892020162", "browser",
     "BrowserrServerEnum BrowserrDebugCall BrowserrQueryOtherDomains BrowserrResetNetlogonState BrowserrDebugTrace "
     "BrowserrQueryStatistics BrowserrResetStatistics NetrBrowserStatisticsClear NetrBrowserStatisticsGet "
     "BrowserrSetNetlogonState BrowserrQueryEmulatedDomains BrowserrServerEnumEx"},
    {"17fdd703-1827-4e34-79d4-24a55c53bb37", "msgsvc",
     "NetrMessageNameAdd NetrMessageNameEnum NetrMessageNameGetInfo NetrMessageNameDel"},
    {"5a7b91f8-ff00-11d0-a9b2-00c04fb6e6fc", "msgsvcsend", "NetrSendMessage"},
    {"8d9f4e40-a03d-11ce-8f69-08003e30051b", "pnp", ""},
    {"5ca4a760-ebb1-11cf-8611-00a0245420ed", "winstation_rpc", ""},
    {"f5cc5a18-4264-101a-8c59-08002b2f8426", "nspi",
     "NspiBind NspiUnbind NspiUpdateStat NspiQueryRows NspiSeekEntries NspiGetMatches NspiResortRestriction "
     "NspiDNToEph "
     "NspiGetPropList NspiGetProps NspiCompareDNTs NspiModProps NspiGetHierarchyInfo NspiGetTemplateInfo "
     "NspiModLinkAttr NspiDeleteEntries NspiQueryColumns NspiGetNamesFromIDs NspiGetIDsFromNames NspiResolveNames "
     "NspiResolveNamesW"},
    {"1544f5e0-613c-11d1-93df-00c04fd7bd09", "exchange_rfr", "RfrGetNewDSA RfrGetFQDNFromLegacyDN"},
    {"a4f1db00-ca47-1067-b31f-00dd010662da", "exchange_mapi",
     "EcDoConnect EcDoDisconnect EcDoRpc EcGetMoreRpc EcRRegisterPushNotification EcRUnregisterPushNotification "
     "EcDummyRpc EcRGetDCName EcRNetGetDCName EcDoRpcExt EcDoConnectEx EcDoRpcExt2 - - EcDoAsyncConnectEx"},
    // PROFINET's context management (IEC 61158-6-10): devices, controllers, supervisors, parameter servers.
    {"dea00001-6c97-11d1-8271-00a02442df7d", "pnio_device", "Connect Release Read Write Control ReadImplicit"},
    {"dea00002-6c97-11d1-8271-00a02442df7d", "pnio_controller", "Connect Release Read Write Control ReadImplicit"},
    {"dea00003-6c97-11d1-8271-00a02442df7d", "pnio_supervisor", "Connect Release Read Write Control ReadImplicit"},
    {"dea00004-6c97-11d1-8271-00a02442df7d", "pnio_parameter_server",
     "Connect Release Read Write Control ReadImplicit"},
});

#undef NW_COM

}  // namespace

std::string to_text(const Uuid& uuid) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHex[uuid[i] >> 4U];
    out += kHex[uuid[i] & 15U];
  }
  return out;
}

const DceRpcInterface* find_dce_rpc_interface(const Uuid& uuid) noexcept {
  const std::string text = to_text(uuid);
  const auto* const found = std::ranges::find(kInterfaces, std::string_view{text}, &DceRpcInterface::uuid);
  return found == kInterfaces.end() ? nullptr : found;
}

std::string_view dce_rpc_operation(const DceRpcInterface& interface, std::uint16_t number) noexcept {
  std::string_view names = interface.operations;
  for (; number > 0; --number) {
    const std::size_t space = names.find(' ');
    if (space == std::string_view::npos) return {};
    names.remove_prefix(space + 1);
  }
  const std::string_view name = names.substr(0, names.find(' '));
  return name == "-" ? std::string_view{} : name;
}

}  // namespace nw::network
