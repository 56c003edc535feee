#include <cerrno>
#include <mutex>
#include <openssl/crypto.h>
#include <string.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "record/keys/keys.h"
#include "record/keys/locked.h"

namespace nw::record {

namespace {

// OpenSSL's own locked heap, in which it keeps private Ed25519 keys: a few of some hundred bytes.
constexpr std::size_t kOpensslBytes = 64U << 10, kOpensslLeast = 32;

std::size_t in_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

std::string why() { return std::generic_category().message(errno); }

}  // namespace

void* allocate_locked(std::size_t bytes, bool& locked) {
  const std::size_t size = in_pages(bytes);
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  NW_CHECK(at != MAP_FAILED);
  ::madvise(at, size, MADV_DONTDUMP);
  locked = ::mlock(at, size) == 0;
  static std::once_flag said;
  if (!locked)
    std::call_once(said, [] {
      log_warning("keys_not_locked",
                  "pages that hold keys cannot be locked into memory and may be swapped out; raise the limit "
                  "(LimitMEMLOCK= in the unit), or switch the service's swap off (MemorySwapMax=0)",
                  {{"error", why()}});
    });
  return at;
}

void free_locked(void* at, std::size_t bytes) noexcept {
  const std::size_t size = in_pages(bytes);
  explicit_bzero(at, size);
  ::munlock(at, size);
  ::munmap(at, size);
}

void protect_memory() {
  // Not dumpable: no core file, and no other process of this user reads our memory or /proc/PID/mem.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    log_warning("core_dumps_possible", "the kernel does not switch core dumps off; a crash may write keys to disk",
                {{"error", why()}});
  // A pipe to a collector of dumps is not stopped by the limit, but by the flag above; a kernel that lacks the one has
  // the other.
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0)
    log_warning("core_limit_kept", "the limit of core dumps cannot be set to 0", {{"error", why()}});
  // 1: locked, 2: not all of it, 0: not at all, then keys lie on the ordinary heap. Once a process.
  static std::once_flag once;
  std::call_once(once, [] {
    if (CRYPTO_secure_malloc_initialized() == 0 && CRYPTO_secure_malloc_init(kOpensslBytes, kOpensslLeast) != 1)
      log_warning("keys_not_locked", "OpenSSL's pages for private keys cannot all be locked into memory");
  });
}

}  // namespace nw::record
