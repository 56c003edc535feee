// The append-only log: an alert is accepted when its entry is on disk. Everything after that reads it with a cursor of
// its own. One writer, any number of readers, one process (a lock file holds others off).
//
// On disk: <dir>/journal/<first index, 20 digits>.log, a run of records:
//   | length u32le | crc32c u32le over the payload | payload |
// A torn last record (power cut while writing) is cut off when opened, and said so (log code `ledger_torn_tail_cut`); a
// fault anywhere else is refused, when opened (last file) or when read (the others). README.md has the whole story.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace nw::record {

struct LedgerOptions {
  std::filesystem::path directory;
  std::size_t segment_bytes_max = 64U << 20;
  std::size_t entry_bytes_max = 65'535;  // tlog-tiles' limit (ledger.md 3.2)
};

struct Entry {
  std::uint64_t index = 0;
  std::string payload;  // one JSON object
};

class Ledger {
 public:
  static constexpr std::size_t kGroupBytesMax = 64U << 20;  // of one append(), as written
  static constexpr std::size_t kReadBytes = 1U << 20;       // read() ends behind the entry that reaches it

  // Creates the directory when it is not there. Errors: no_permission, full, in_use (another process), malformed (names
  // file and offset, and says what to do).
  static Result<std::unique_ptr<Ledger>> open(const LedgerOptions& options);
  virtual ~Ledger() = default;

  // Appends all or none, then syncs once (group commit); returns the first one's index. One thread at a time. On `full`
  // or `io` nothing was added and the same call may be tried again. `invalid_argument`, before anything is written: a
  // payload that is no {...}, holds a NUL or is over `entry_bytes_max`, or a group over kGroupBytesMax.
  virtual Result<std::uint64_t> append(std::span<const std::string> payloads) = 0;
  // Entries on disk. Any thread.
  [[nodiscard]] virtual std::uint64_t size() const noexcept = 0;
  // Up to `entries_max` entries (and about 1 MiB) from `from`. Any thread. Empty: none there yet.
  [[nodiscard]] virtual Result<std::vector<Entry>> read(std::uint64_t from, std::size_t entries_max) const = 0;
  // Waits until size() > `index` or `patience` is over; true when it is there. Any thread.
  virtual bool wait(std::uint64_t index, Nanoseconds patience) const = 0;
  // Wakes every wait(), for shutdown; from then on none waits.
  virtual void interrupt() = 0;
  [[nodiscard]] virtual std::uint64_t bytes() const noexcept = 0;
  // Bytes that were cut off a torn last record when opened.
  [[nodiscard]] virtual std::uint64_t torn_bytes() const noexcept = 0;
};

// Reads every entry of the ledger in `directory` and checks it; the number of entries. Takes no lock and changes
// nothing, so a daemon may be writing: a torn end is passed over. `malformed` names the first fault.
Result<std::uint64_t> verify(const std::filesystem::path& directory);

// A reader's place, durable: written to a temporary file, synced, renamed.
class Cursor {
 public:
  // `state`, as saved, is UTF-8 and at most this long.
  static constexpr std::size_t kStateBytesMax = 1U << 20;

  // 0 and an empty state when the file is not there yet. `malformed` (naming the file and the way out) when it is not
  // what save() writes.
  static Result<Cursor> open(const std::filesystem::path& file);
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  [[nodiscard]] const std::string& state() const noexcept { return state_; }  // the reader's own words
  // On an error the old place stays, in the file and here; or, if the very last sync failed, the new one in the file.
  Result<> save(std::uint64_t next, std::string state = {});

 private:
  std::filesystem::path file_;
  std::uint64_t next_ = 0;
  std::string state_;
};

}  // namespace nw::record
