#include "record/reveals/sandbox.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/ledger/durable_file.h"
#include "record/privacy/forms.h"

namespace nw::reveals {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;  // not known: the child is then not made at all
#endif

// Memory, locks, the clock, random bytes, writing to what is open, and the end. No file is open but the pipe, and none
// can be opened.
constexpr std::array kAllowed{
    SYS_write,        SYS_close,       SYS_brk,           SYS_mmap,        SYS_munmap,
    SYS_mremap,       SYS_mprotect,    SYS_madvise,       SYS_futex,       SYS_getrandom,
    SYS_getpid,       SYS_gettid,      SYS_clock_gettime, SYS_sched_yield, SYS_rt_sigprocmask,
    SYS_rt_sigreturn, SYS_sigaltstack, SYS_exit,          SYS_exit_group,
};

bool lock_in() {
  if (kArchitecture == 0) return false;
  std::array<sock_filter, 8 + 2 * kAllowed.size()> code{};
  std::size_t at = 0;
  const auto statement = [&](std::uint16_t op, std::uint32_t k) { code[at++] = sock_filter{op, 0, 0, k}; };
  const auto unless_equal_skip = [&](std::uint32_t k, std::uint8_t skip) {
    code[at++] = sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, skip, k};
  };
  statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch));
  code[at++] = sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, kArchitecture};
  statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr));
  for (const long call : kAllowed) {
    unless_equal_skip(static_cast<std::uint32_t>(call), 1);
    statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  // glibc's free() looks into /proc now and then, and does without.
  unless_equal_skip(SYS_openat, 1);
  statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES);
  statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
  const sock_fprog program{static_cast<unsigned short>(at), code.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t done = ::write(fd, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

// One byte in front: 'y' and the answer; 'n', the code of the error and its words; 'l': not locked in.
[[noreturn]] void child(int pipe, FunctionRef<Result<std::string>()> work) {
  // All but the pipe: sockets, the ledger, captures.
  constexpr int kPipe = 3;
  if (pipe != kPipe && ::dup2(pipe, kPipe) < 0) ::_exit(1);
  for (int fd = 0; fd < kPipe; ++fd) ::close(fd);
  ::syscall(SYS_close_range, static_cast<unsigned>(kPipe + 1), ~0U, 0U);
  if (!lock_in()) {
    write_all(kPipe, "l");
    ::_exit(1);
  }
  auto done = work();
  bool told = false;
  if (done)
    told = write_all(kPipe, "y") && write_all(kPipe, *done);
  else
    told = write_all(kPipe, std::string{'n', static_cast<char>('0' + static_cast<int>(done.error().code))}) &&
           write_all(kPipe, done.error().what);
  if (done) explicit_bzero(done->data(), done->size());
  ::_exit(told ? 0 : 1);
}

Result<std::string> answer_of(std::string&& read, int status) {
  if (read.starts_with('y') && WIFEXITED(status) && WEXITSTATUS(status) == 0) return read.substr(1);
  if (read.starts_with('n') && read.size() > 2) return Error{static_cast<Errc>(read[1] - '0'), read.substr(2)};
  if (read.starts_with('l'))
    return Error{Errc::unavailable,
                 "the process that opens the values could not be locked in (seccomp); nothing was opened. This kernel "
                 "or architecture does not have it, or a container forbids it"};
  const std::string how = WIFSIGNALED(status) ? "by signal " + std::to_string(WTERMSIG(status)) : "early";
  return Error{Errc::io, "the process that opens the values ended " + how + "; nothing was told"};
}

}  // namespace

Result<std::string> run_in_sandbox(FunctionRef<Result<std::string>()> work, FunctionRef<void()> meanwhile,
                                   const SandboxOptions& options) {
  // What a library sets up at its first use must be there before it may open no file.
  if (!privacy::sodium_ready()) return Error{Errc::unavailable, "libsodium cannot be set up"};
  (void)privacy::sha256({privacy::bytes_of("")});
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return record::system_error(errno, "a pipe for the process that opens");
  const record::Fd reading{ends[0]};
  record::Fd writing{ends[1]};
  const pid_t pid = ::fork();
  if (pid < 0) return record::system_error(errno, "a process that opens the values");
  if (pid == 0) child(writing.get(), work);
  writing = record::Fd{};
  std::string read;
  bool late = false, much = false;
  const auto end = std::chrono::steady_clock::now() + options.patience;
  for (std::array<char, 65'536> buffer;;) {
    meanwhile();
    pollfd wait{reading.get(), POLLIN, 0};
    const int ready = ::poll(&wait, 1, 100);
    late = std::chrono::steady_clock::now() >= end;
    much = read.size() > options.bytes_max;
    if (late || much) break;
    if (ready <= 0) continue;
    const ssize_t got = ::read(reading.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    read.append(buffer.data(), static_cast<std::size_t>(got));
  }
  if (late || much) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (late) return Error{Errc::timed_out, "the process that opens the values did not end in time and was killed"};
  if (much) return Error{Errc::full, "the process that opens the values said more than it may"};
  return answer_of(std::move(read), status);
}

}  // namespace nw::reveals
