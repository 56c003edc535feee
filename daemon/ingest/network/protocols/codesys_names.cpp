// What CODESYS's numbers are called and what its commands do: names as public analyses found them in its components,
// and as the interface headers of its runtime have them.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "ingest/network/protocols/codesys_message.h"

namespace nw::network {

namespace {

using enum IcsOperation;

struct Command {
  std::uint8_t group, number;
  std::string_view name;
  IcsOperation operation;
};

// By group and number.
constexpr auto kCommands = std::to_array<Command>({
    {0x01, 0x01, "GetTargetIdent", identify},  // CmpDevice
    {0x01, 0x02, "Login", other},
    {0x01, 0x03, "Logout", other},
    {0x01, 0x04, "ResetOrigin", program},
    {0x01, 0x05, "EchoService", diagnose},
    {0x01, 0x06, "SetOperatingMode", control},
    {0x01, 0x07, "GetOperatingMode", diagnose},
    {0x01, 0x08, "InteractiveLogin", other},
    {0x01, 0x09, "RenameNode", write},
    {0x01, 0x0a, "SessionCreate", other},
    {0x01, 0x0b, "ResetOriginGetConfig", read},
    {0x02, 0x01, "Login", other},  // CmpApp
    {0x02, 0x02, "Logout", other},
    {0x02, 0x03, "CreateApp", program},
    {0x02, 0x04, "DeleteApp", program},
    {0x02, 0x05, "Download", program},
    {0x02, 0x06, "OnlineChange", program},
    {0x02, 0x07, "DeviceDownload", program},
    {0x02, 0x08, "CreateDevApp", program},
    {0x02, 0x10, "Start", start},
    {0x02, 0x11, "Stop", stop},
    {0x02, 0x12, "Reset", restart},
    {0x02, 0x13, "SetBP", control},
    {0x02, 0x14, "ReadStatus", diagnose},
    {0x02, 0x15, "DeleteBP", control},
    {0x02, 0x16, "ReadCallStack", read},
    {0x02, 0x17, "GetAreaOffset", read},
    {0x02, 0x18, "ReadAppList", read},
    {0x02, 0x19, "SetNextStatement", control},
    {0x02, 0x20, "ReleaseForceList", control},
    {0x02, 0x21, "UploadForceList", read},
    {0x02, 0x22, "SingleCycle", control},
    {0x02, 0x23, "CreateBootProject", program},
    {0x02, 0x24, "ReInitApp", restart},
    {0x02, 0x25, "ReadAppStateList", diagnose},
    {0x02, 0x26, "LoadBootApp", program},
    {0x02, 0x27, "RegisterBootApp", program},
    {0x02, 0x28, "CheckFileConsistency", diagnose},
    {0x02, 0x29, "ReadAppInfo", read},
    {0x02, 0x30, "DownloadCompact", program},
    {0x02, 0x31, "ReadProjectInfo", read},
    {0x02, 0x32, "DefineFlow", control},
    {0x02, 0x33, "ReadFlowValues", read},
    {0x02, 0x34, "DownloadEncrypted", program},
    {0x02, 0x35, "ReadAppContent", read},
    {0x02, 0x36, "SaveRetains", write},
    {0x02, 0x37, "RestoreRetains", write},
    {0x02, 0x38, "GetAreaAddress", read},
    {0x02, 0x39, "LeaveExecpointsActive", control},
    {0x02, 0x40, "ClaimExecpointsForApp", control},
    {0x05, 0x01, "GetEntries", diagnose},  // CmpLog
    {0x05, 0x02, "GetComponentNames", diagnose},
    {0x05, 0x03, "GetLoggerList", diagnose},
    {0x06, 0x01, "GetIntValue", read},  // CmpSettings
    {0x06, 0x02, "SetIntValue", write},
    {0x06, 0x03, "GetStringValue", read},
    {0x06, 0x04, "SetStringValue", write},
    {0x06, 0x05, "RemoveKey", write},
    {0x06, 0x06, "ReadSettings", read},
    {0x06, 0x07, "WriteSettings", write},
    {0x08, 0x01, "GetFileInfo", file},  // CmpFileTransfer
    {0x08, 0x02, "StartDownload", file},
    {0x08, 0x03, "RestartDownload", file},
    {0x08, 0x04, "Download", file},
    {0x08, 0x05, "StartUpload", file},
    {0x08, 0x06, "RestartUpload", file},
    {0x08, 0x07, "Upload", file},
    {0x08, 0x08, "End", file},
    {0x08, 0x09, "Cancel", file},
    {0x08, 0x0a, "SafeSignature", file},
    {0x08, 0x0b, "GetSafeSignature", file},
    {0x08, 0x0c, "GetDirInfo", file},
    {0x08, 0x0d, "CancelGetDirInfo", file},
    {0x08, 0x0e, "DeleteFile", file},
    {0x08, 0x0f, "RenameFile", file},
    {0x08, 0x10, "CreateDir", file},
    {0x08, 0x11, "DeleteDir", file},
    {0x08, 0x12, "RenameDir", file},
    {0x08, 0x14, "SyncFileTransfer", file},
    {0x09, 0x01, "RegisterVarList", subscribe},  // CmpIecVarAccess
    {0x09, 0x02, "UnRegisterVarList", subscribe},
    {0x09, 0x03, "ReadVarList", read},
    {0x09, 0x04, "WriteVarList", write},
    {0x09, 0x05, "ReadVars", read},
    {0x09, 0x06, "WriteVars", write},
    {0x09, 0x07, "GetRootNodes", read},
    {0x09, 0x08, "GetChildrenNodes", read},
    {0x09, 0x09, "GetTypes", read},
    {0x09, 0x0a, "GetAddressInfo", read},
    {0x09, 0x0b, "RemoveVarsFromList", subscribe},
    {0x0f, 0x01, "PacketReadList", read},  // CmpTraceMgr
    {0x0f, 0x02, "PacketCreate", subscribe},
    {0x0f, 0x03, "PacketDelete", subscribe},
    {0x0f, 0x04, "PacketComplete", subscribe},
    {0x0f, 0x05, "PacketOpen", subscribe},
    {0x0f, 0x06, "PacketClose", subscribe},
    {0x0f, 0x07, "PacketRead", read},
    {0x0f, 0x08, "PacketGetState", read},
    {0x0f, 0x09, "PacketGetConfig", read},
    {0x0f, 0x0a, "PacketStart", subscribe},
    {0x0f, 0x0b, "PacketStop", subscribe},
    {0x0f, 0x0c, "PacketRestart", subscribe},
    {0x0f, 0x0d, "RecordAdd", subscribe},
    {0x0f, 0x0e, "RecordRemove", subscribe},
    {0x0f, 0x0f, "RecordGetConfig", read},
    {0x0f, 0x10, "RecordResetTrigger", subscribe},
    {0x0f, 0x11, "PacketStore", subscribe},
    {0x0f, 0x12, "PacketRestore", subscribe},
    {0x0f, 0x13, "GetConfigFromFile", read},
    {0x11, 0x01, "Execute", other},  // PlcShell
    {0x11, 0x02, "Cancel", other},
    {0x1b, 0x01, "Read", read},  // CmpMonitor2
    {0x1b, 0x02, "Write", write},
});

const Command* find_command(std::uint8_t group, std::uint16_t number) {
  const auto* at =
      std::ranges::find_if(kCommands, [&](const Command& c) { return c.group == group && c.number == number; });
  return at == kCommands.end() ? nullptr : at;
}

struct ShellCommand {
  std::string_view word;
  IcsOperation operation;
};

// What else there is shows something.
constexpr auto kShellCommands = std::to_array<ShellCommand>({
    {"delpwd", write},
    {"filecopy", file},
    {"filedelete", file},
    {"filerename", file},
    {"reboot", restart},
    {"reload", program},
    {"resetprg", restart},
    {"resetprgcold", restart},
    {"resetprgorg", program},
    {"restoreretain", write},
    {"rtc-set", time_set},
    {"saveretain", write},
    {"setpwd", write},
    {"startprg", start},
    {"stopprg", stop},
});

bool same_letter(std::uint8_t c, char lower) { return ascii_lower(static_cast<char>(c)) == lower; }

void append_named(std::string_view name, unsigned number, IcsText& text) {
  if (!name.empty()) return text.append(name);
  text.append("unknown-");
  text.append_number(number);
}

}  // namespace

void append_codesys_name(const CodesysSubject& subject, IcsText& text) {
  switch (subject.kind) {
    case CodesysKind::none: return;
    case CodesysKind::service:
      append_named(codesys_group_name(subject.code), subject.code, text);
      text.append(' ');
      return append_named(codesys_command_name(subject.code, subject.command), subject.command, text);
    case CodesysKind::channel:
      text.append("Channel ");
      return append_named(codesys_channel_name(subject.code), subject.code, text);
    case CodesysKind::names:
      text.append("Names ");
      return append_named(codesys_package_name(subject.command), subject.command, text);
    case CodesysKind::v2: break;
  }
  text.append("V2 ");
  if (subject.command == kCodesysV2Side) return text.append("side channel");
  if (subject.command == kCodesysV2Response) return text.append("response");
  append_named(codesys_v2_name(subject.code), subject.code, text);
}

std::string_view codesys_group_name(std::uint8_t group) {
  switch (group) {
    case 0x01: return "CmpDevice";
    case 0x02: return "CmpApp";
    case 0x03: return "CmpMonitor";
    case 0x04: return "CmpVisuServer";
    case 0x05: return "CmpLog";
    case 0x06: return "CmpSettings";
    case 0x07: return "SysEthernet";
    case 0x08: return "CmpFileTransfer";
    case 0x09: return "CmpIecVarAccess";
    case 0x0b: return "CmpIoMgr";
    case 0x0c: return "CmpUserMgr";
    case 0x0f: return "CmpTraceMgr";
    case 0x11: return "PlcShell";
    case 0x12: return "CmpAppBP";
    case 0x13: return "CmpAppForce";
    case 0x18: return "CmpAlarmManager";
    case 0x1b: return "CmpMonitor2";
    case 0x1d: return "CmpCodeMeter";
    case 0x1f: return "CmpCoreDump";
    case 0x22: return "CmpOpenSSL";
    default: return {};
  }
}

std::string_view codesys_command_name(std::uint8_t group, std::uint16_t command) {
  const Command* found = find_command(group, command);
  return found == nullptr ? std::string_view{} : found->name;
}

std::string_view codesys_channel_name(std::uint8_t type) {
  switch (type) {
    case 0x82: return "GetInfo response";
    case 0x83: return "Open response";
    case 0xc2: return "GetInfo";
    case kCodesysOpen: return "Open";
    case 0xc4: return "Close";
    default: return {};
  }
}

std::string_view codesys_package_name(std::uint16_t package) {
  switch (package) {
    case 0xc201: return "Resolve name";
    case 0xc202: return "Resolve address";
    case 0xc203: return "Resolve gateway";
    case 0xc280: return "Identification";
    default: return {};
  }
}

std::string_view codesys_v2_name(std::uint8_t service) {
  switch (service) {
    case kCodesysV2Opening: return "Open";
    case 0x2f: return "Write file";
    case 0x30: return "Write file, next block";
    case 0x31: return "Read file";
    case 0x32: return "Read file, next block";
    case 0x92: return "Shell command";
    default: return {};
  }
}

std::string_view codesys_reset_name(std::uint16_t option) {
  static constexpr auto kNames = std::to_array<std::string_view>({"warm", "cold", "origin", "origin of the device"});
  return option < kNames.size() ? kNames[option] : std::string_view{};
}

IcsOperation codesys_operation(const CodesysSubject& subject) {
  constexpr std::uint8_t kBreakpoints = 0x12, kForce = 0x13, kFileFirst = 0x2f, kFileLast = 0x32;
  switch (subject.kind) {
    case CodesysKind::service: {
      if (subject.code == kBreakpoints || subject.code == kForce) return control;
      const Command* found = find_command(subject.code, subject.command);
      return found == nullptr ? other : found->operation;
    }
    case CodesysKind::names: return identify;
    case CodesysKind::v2:
      if (subject.command != 0) return other;
      if (subject.code == kCodesysV2Opening) return identify;
      return subject.code >= kFileFirst && subject.code <= kFileLast ? file : other;
    default: return other;
  }
}

Bytes codesys_shell_word(Bytes command) {
  const auto blank = [](std::uint8_t c) { return c <= ' '; };
  const auto from = std::find_if_not(command.begin(), command.end(), blank);
  return Bytes{from, std::find_if(from, command.end(), blank)};
}

IcsOperation codesys_shell_operation(Bytes command) {
  const Bytes word = codesys_shell_word(command);
  const auto is = [&](const ShellCommand& c) { return std::ranges::equal(word, c.word, same_letter); };
  const auto* at = std::ranges::find_if(kShellCommands, is);
  return at == kShellCommands.end() ? diagnose : at->operation;
}

bool codesys_sets_password(Bytes command) {
  static constexpr std::string_view kSecret = "pwd";
  const Bytes word = codesys_shell_word(command);
  // Not of std::ranges: clang 14 does not take what that returns.
  return std::search(word.begin(), word.end(), kSecret.begin(), kSecret.end(), same_letter) != word.end();
}

}  // namespace nw::network
