// Runs a function in a child process that can do nothing but compute: no files, no network, no other process (seccomp),
// no core dump, only a pipe to write its answer to. What it had in memory goes with it.
#pragma once

#include <chrono>
#include <string>

#include "base/function_ref.h"
#include "base/result.h"

namespace nw::reveals {

struct SandboxOptions {
  std::chrono::milliseconds patience{20'000};  // then it is killed
  std::size_t bytes_max = std::size_t{8} << 20;
};

// The child is a copy of the calling thread alone; `work` may allocate, and use what was set up before (OpenSSL,
// libsodium), nothing else. Waits for it, calling `meanwhile` ten times a second. Errors: what `work` said; unavailable
// (no child could be made, or it could not be locked in), timed_out, full (over bytes_max), io (it was killed, as by
// its own filter).
Result<std::string> run_in_sandbox(FunctionRef<Result<std::string>()> work, FunctionRef<void()> meanwhile,
                                   const SandboxOptions& options = {});

}  // namespace nw::reveals
