// The store made anew from the ledger, beside the old one, and put in its place when it is whole.
#include <array>
#include <system_error>

#include "record/incidents/store.h"

namespace nw::record {

namespace {

constexpr std::size_t kGroup = 4096;

Result<> remove_store(const std::filesystem::path& file) {
  for (const char* part : {"", "-wal", "-shm"}) {
    std::error_code error;
    std::filesystem::remove(file.string() + part, error);
    if (error) return Error{Errc::io, file.string() + part + ": cannot remove it: " + error.message()};
  }
  return {};
}

}  // namespace

Result<Rebuilt> rebuild(const Ledger& ledger, const IncidentOptions& options) {
  IncidentOptions beside = options;
  beside.file += ".new";
  if (auto removed = remove_store(beside.file); !removed) return removed.error();
  Rebuilt out;
  {
    auto store = IncidentStore::open(beside);
    if (!store) return store.error();
    for (;;) {
      const auto entries = ledger.read(out.entries, kGroup);
      if (!entries) return entries.error();
      if (entries->empty()) break;
      if (auto applied = (*store)->apply(*entries); !applied) return applied.error();
      out.entries += entries->size();
    }
    auto totals = (*store)->totals();
    if (!totals) return totals.error();
    out.totals = std::move(*totals);
  }  // closing the only connection writes the -wal file into the database and removes it
  std::error_code error;
  // The old -wal must not lie beside the new database: SQLite would play it into it. What a kill leaves behind here is
  // an older store or a damaged one, and both are made again.
  for (const char* part : {"-wal", "-shm"}) {
    std::filesystem::remove(options.file.string() + part, error);
    if (error) return Error{Errc::io, options.file.string() + part + ": cannot remove it: " + error.message()};
  }
  std::filesystem::rename(beside.file, options.file, error);
  if (error) return Error{Errc::io, options.file.string() + ": cannot be replaced: " + error.message()};
  return out;
}

}  // namespace nw::record
