// The numbers that the Linux audit system writes, and their names. Pure. Inner to this folder.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nw::logs {

// "x86_64" of "c000003e" (AUDIT_ARCH_X86_64); empty: unknown.
std::string_view audit_arch(std::string_view value) noexcept;

// "execve" of 59 on c000003e; empty: unknown.
std::string_view audit_syscall(std::string_view arch_value, std::int64_t number) noexcept;

// "SYSCALL" of 1300, linux/audit.h and libaudit.h; empty: unknown.
std::string_view audit_type_name(std::int64_t number) noexcept;

// Whether records of this type may be one of several of one event. What user space writes comes alone.
bool audit_type_joins(std::string_view name) noexcept;

}  // namespace nw::logs
