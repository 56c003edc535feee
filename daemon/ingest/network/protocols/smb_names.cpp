#include "ingest/network/protocols/smb_names.h"

#include <algorithm>
#include <array>

namespace nw::network {

namespace {

struct Name {
  std::uint32_t number;
  std::string_view name;
};

// [MS-CIFS] 2.2.2.1.
constexpr auto kSmb1Commands = std::to_array<Name>({
    {0x00, "CREATE_DIRECTORY"},
    {0x01, "DELETE_DIRECTORY"},
    {0x02, "OPEN"},
    {0x03, "CREATE"},
    {0x04, "CLOSE"},
    {0x05, "FLUSH"},
    {0x06, "DELETE"},
    {0x07, "RENAME"},
    {0x08, "QUERY_INFORMATION"},
    {0x09, "SET_INFORMATION"},
    {0x0a, "READ"},
    {0x0b, "WRITE"},
    {0x0c, "LOCK_BYTE_RANGE"},
    {0x0d, "UNLOCK_BYTE_RANGE"},
    {0x0e, "CREATE_TEMPORARY"},
    {0x0f, "CREATE_NEW"},
    {0x10, "CHECK_DIRECTORY"},
    {0x11, "PROCESS_EXIT"},
    {0x12, "SEEK"},
    {0x13, "LOCK_AND_READ"},
    {0x14, "WRITE_AND_UNLOCK"},
    {0x1a, "READ_RAW"},
    {0x1b, "READ_MPX"},
    {0x1d, "WRITE_RAW"},
    {0x1e, "WRITE_MPX"},
    {0x20, "WRITE_COMPLETE"},
    {0x21, "QUERY_SERVER"},
    {0x22, "SET_INFORMATION2"},
    {0x23, "QUERY_INFORMATION2"},
    {0x24, "LOCKING_ANDX"},
    {0x25, "TRANSACTION"},
    {0x26, "TRANSACTION_SECONDARY"},
    {0x27, "IOCTL"},
    {0x28, "IOCTL_SECONDARY"},
    {0x29, "COPY"},
    {0x2a, "MOVE"},
    {0x2b, "ECHO"},
    {0x2c, "WRITE_AND_CLOSE"},
    {0x2d, "OPEN_ANDX"},
    {0x2e, "READ_ANDX"},
    {0x2f, "WRITE_ANDX"},
    {0x31, "CLOSE_AND_TREE_DISC"},
    {0x32, "TRANSACTION2"},
    {0x33, "TRANSACTION2_SECONDARY"},
    {0x34, "FIND_CLOSE2"},
    {0x35, "FIND_NOTIFY_CLOSE"},
    {0x70, "TREE_CONNECT"},
    {0x71, "TREE_DISCONNECT"},
    {0x72, "NEGOTIATE"},
    {0x73, "SESSION_SETUP_ANDX"},
    {0x74, "LOGOFF_ANDX"},
    {0x75, "TREE_CONNECT_ANDX"},
    {0x80, "QUERY_INFORMATION_DISK"},
    {0x81, "SEARCH"},
    {0x82, "FIND"},
    {0x83, "FIND_UNIQUE"},
    {0x84, "FIND_CLOSE"},
    {0xa0, "NT_TRANSACT"},
    {0xa1, "NT_TRANSACT_SECONDARY"},
    {0xa2, "NT_CREATE_ANDX"},
    {0xa4, "NT_CANCEL"},
    {0xa5, "NT_RENAME"},
    {0xc0, "OPEN_PRINT_FILE"},
    {0xc1, "WRITE_PRINT_FILE"},
    {0xc2, "CLOSE_PRINT_FILE"},
    {0xc3, "GET_PRINT_QUEUE"},
    {0xd8, "READ_BULK"},
    {0xd9, "WRITE_BULK"},
    {0xda, "WRITE_BULK_DATA"},
});

constexpr auto kTransactions2 = std::to_array<Name>({
    {0x00, "OPEN2"},
    {0x01, "FIND_FIRST2"},
    {0x02, "FIND_NEXT2"},
    {0x03, "QUERY_FS_INFORMATION"},
    {0x04, "SET_FS_INFORMATION"},
    {0x05, "QUERY_PATH_INFORMATION"},
    {0x06, "SET_PATH_INFORMATION"},
    {0x07, "QUERY_FILE_INFORMATION"},
    {0x08, "SET_FILE_INFORMATION"},
    {0x09, "FSCTL"},
    {0x0a, "IOCTL"},
    {0x0b, "FIND_NOTIFY_FIRST"},
    {0x0c, "FIND_NOTIFY_NEXT"},
    {0x0d, "CREATE_DIRECTORY"},
    {0x0e, "SESSION_SETUP"},
    {0x10, "GET_DFS_REFERRAL"},
    {0x11, "REPORT_DFS_INCONSISTENCY"},
});

// [MS-SMB2] 2.2.1, by number.
constexpr auto kSmb2Commands = std::to_array<std::string_view>({"NEGOTIATE_PROTOCOL",
                                                                "SESSION_SETUP",
                                                                "LOGOFF",
                                                                "TREE_CONNECT",
                                                                "TREE_DISCONNECT",
                                                                "CREATE",
                                                                "CLOSE",
                                                                "FLUSH",
                                                                "READ",
                                                                "WRITE",
                                                                "LOCK",
                                                                "IOCTL",
                                                                "CANCEL",
                                                                "ECHO",
                                                                "QUERY_DIRECTORY",
                                                                "CHANGE_NOTIFY",
                                                                "QUERY_INFO",
                                                                "SET_INFO",
                                                                "OPLOCK_BREAK",
                                                                "SERVER_TO_CLIENT_NOTIFICATION"});

// Those that file servers send.
constexpr auto kStatuses = std::to_array<Name>({
    {0x00000000, "SUCCESS"},
    {0x00000103, "PENDING"},
    {0x0000010b, "NOTIFY_CLEANUP"},
    {0x0000010c, "NOTIFY_ENUM_DIR"},
    {0x80000005, "BUFFER_OVERFLOW"},
    {0x80000006, "NO_MORE_FILES"},
    {0x8000002d, "STOPPED_ON_SYMLINK"},
    {0xc0000001, "UNSUCCESSFUL"},
    {0xc0000002, "NOT_IMPLEMENTED"},
    {0xc0000003, "INVALID_INFO_CLASS"},
    {0xc0000004, "INFO_LENGTH_MISMATCH"},
    {0xc0000008, "INVALID_HANDLE"},
    {0xc000000d, "INVALID_PARAMETER"},
    {0xc000000e, "NO_SUCH_DEVICE"},
    {0xc000000f, "NO_SUCH_FILE"},
    {0xc0000010, "INVALID_DEVICE_REQUEST"},
    {0xc0000011, "END_OF_FILE"},
    {0xc0000016, "MORE_PROCESSING_REQUIRED"},
    {0xc0000022, "ACCESS_DENIED"},
    {0xc0000023, "BUFFER_TOO_SMALL"},
    {0xc0000033, "OBJECT_NAME_INVALID"},
    {0xc0000034, "OBJECT_NAME_NOT_FOUND"},
    {0xc0000035, "OBJECT_NAME_COLLISION"},
    {0xc0000039, "OBJECT_PATH_INVALID"},
    {0xc000003a, "OBJECT_PATH_NOT_FOUND"},
    {0xc000003b, "OBJECT_PATH_SYNTAX_BAD"},
    {0xc0000043, "SHARING_VIOLATION"},
    {0xc0000054, "FILE_LOCK_CONFLICT"},
    {0xc0000055, "LOCK_NOT_GRANTED"},
    {0xc0000056, "DELETE_PENDING"},
    {0xc000005e, "NO_LOGON_SERVERS"},
    {0xc0000061, "PRIVILEGE_NOT_HELD"},
    {0xc0000064, "NO_SUCH_USER"},
    {0xc000006a, "WRONG_PASSWORD"},
    {0xc000006d, "LOGON_FAILURE"},
    {0xc000006e, "ACCOUNT_RESTRICTION"},
    {0xc000006f, "INVALID_LOGON_HOURS"},
    {0xc0000070, "INVALID_WORKSTATION"},
    {0xc0000071, "PASSWORD_EXPIRED"},
    {0xc0000072, "ACCOUNT_DISABLED"},
    {0xc000007e, "RANGE_NOT_LOCKED"},
    {0xc000007f, "DISK_FULL"},
    {0xc000009a, "INSUFFICIENT_RESOURCES"},
    {0xc00000a2, "MEDIA_WRITE_PROTECTED"},
    {0xc00000ac, "PIPE_NOT_AVAILABLE"},
    {0xc00000ad, "INVALID_PIPE_STATE"},
    {0xc00000ae, "PIPE_BUSY"},
    {0xc00000b0, "PIPE_DISCONNECTED"},
    {0xc00000b1, "PIPE_CLOSING"},
    {0xc00000b5, "IO_TIMEOUT"},
    {0xc00000ba, "FILE_IS_A_DIRECTORY"},
    {0xc00000bb, "NOT_SUPPORTED"},
    {0xc00000c9, "NETWORK_NAME_DELETED"},
    {0xc00000cc, "BAD_NETWORK_NAME"},
    {0xc00000d0, "REQUEST_NOT_ACCEPTED"},
    {0xc0000101, "DIRECTORY_NOT_EMPTY"},
    {0xc0000103, "NOT_A_DIRECTORY"},
    {0xc0000120, "CANCELLED"},
    {0xc0000121, "CANNOT_DELETE"},
    {0xc0000128, "FILE_CLOSED"},
    {0xc000014b, "PIPE_BROKEN"},
    {0xc0000184, "INVALID_DEVICE_STATE"},
    {0xc000018b, "NO_TRUST_SAM_ACCOUNT"},
    {0xc000018d, "TRUSTED_RELATIONSHIP_FAILURE"},
    {0xc0000193, "ACCOUNT_EXPIRED"},
    {0xc0000203, "USER_SESSION_DELETED"},
    {0xc0000205, "INSUFF_SERVER_RESOURCES"},
    {0xc0000224, "PASSWORD_MUST_CHANGE"},
    {0xc0000225, "NOT_FOUND"},
    {0xc0000233, "DOMAIN_CONTROLLER_NOT_FOUND"},
    {0xc0000234, "ACCOUNT_LOCKED_OUT"},
    {0xc0000257, "PATH_NOT_COVERED"},
    {0xc000035c, "NETWORK_SESSION_EXPIRED"},
});

constexpr bool in_order(const auto& table) { return std::ranges::is_sorted(table, {}, &Name::number); }
static_assert(in_order(kSmb1Commands) && in_order(kTransactions2) && in_order(kStatuses));

std::string_view find(const auto& table, std::uint32_t number) noexcept {
  const auto at = std::ranges::lower_bound(table, number, {}, &Name::number);
  return at != table.end() && at->number == number ? at->name : std::string_view{};
}

}  // namespace

std::string_view smb1_command_name(std::uint16_t command) noexcept { return find(kSmb1Commands, command); }

std::string_view smb1_transaction2_name(std::uint16_t sub_command) noexcept {
  return find(kTransactions2, sub_command);
}

std::string_view smb2_command_name(std::uint16_t command) noexcept {
  return command < kSmb2Commands.size() ? kSmb2Commands[command] : std::string_view{};
}

std::string_view smb2_dialect_name(std::uint16_t dialect) noexcept {
  switch (dialect) {
    case 0x0202: return "2.02";
    case 0x0210: return "2.10";
    case 0x02ff: return "2.??";  // the answer to a negotiation in SMB1, to be asked again
    case 0x0300: return "3.00";
    case 0x0302: return "3.02";
    case 0x0311: return "3.11";
    default: return {};
  }
}

std::string_view nt_status_name(std::uint32_t status) noexcept { return find(kStatuses, status); }

}  // namespace nw::network
