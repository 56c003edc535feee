// What people do with the record itself, told to the daemon so that the ledger has it: who exported evidence, of what,
// and why.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/function_ref.h"
#include "base/result.h"

namespace nw::app {

// The body of an `operator` entry from a request (JSON, or YAML):
//   {"act":"evidence-export","by":"duty-officer-2","why":"...","incident":"NW-2026-000001","manifest_sha256":"...",
//    "head":1234,"entries":17,"evidence":"sealed"}
// `malformed`: a member that is missing, unknown or too long. `uid`: of the socket's peer. `guard`: makes what people
// wrote fit to be stored.
Result<std::string> operator_body(std::string_view request, std::int64_t uid,
                                  FunctionRef<std::string(std::string_view)> guard);

}  // namespace nw::app
