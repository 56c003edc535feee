// The ledger on files. Ledger::open() is open_journal() on the real system calls.
#pragma once

#include <memory>

#include "record/ledger/durable_file.h"
#include "record/ledger/ledger.h"

namespace nw::record {

// `ops` is borrowed for the ledger's life and called by the writer's and the readers' threads.
Result<std::unique_ptr<Ledger>> open_journal(const LedgerOptions& options, FileOps& ops);

}  // namespace nw::record
