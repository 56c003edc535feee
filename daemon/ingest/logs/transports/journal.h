// systemd's journal, by way of libsystemd. Opening it, where one stands in it, and its entries.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/logs/transports/journal_entry.h"

struct sd_journal;

namespace nw::logs {

// FIELD=VALUE, with a field that sd_journal_add_match() takes, or "+".
bool is_journal_match(std::string_view text);

// A saved place, whole or not at all. kFromStart: the journal held nothing yet.
constexpr std::string_view kFromStart = "-";
Result<std::optional<std::string>> load_journal_cursor(const std::string& path);
Result<> save_journal_cursor(const std::string& path, const std::string& cursor);

class Journal {
 public:
  // `directory`: empty for this machine's. What is longer than `value_bytes_max` in an entry comes cut. Errors:
  // invalid_argument (a match), not_found, no_permission, unavailable; each with the fix.
  static Result<std::unique_ptr<Journal>> open(const std::string& directory, const std::vector<std::string>& matches,
                                               std::size_t value_bytes_max);
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  // Files that were there when it was opened and cannot be read. A file that turns out to be damaged later is left out
  // by libsystemd from there on, which tells nobody.
  [[nodiscard]] std::size_t files_left_out() const noexcept { return files_left_out_; }
  // Readable when something has changed; then process(). It stays the journal's.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  // In what time process() is to be called even so (network file systems tell inotify nothing).
  [[nodiscard]] std::chrono::microseconds look_within(std::chrono::microseconds most) const;
  // Takes in what has changed: entries, files that came or went. A negative errno, or 0.
  int process();

  void seek_start();
  // To behind the last entry, whose cursor it returns; kFromStart when there is none.
  std::string seek_end();
  // next() then gives the entry of the cursor, or, when that is gone, the one that follows.
  Result<> seek(const std::string& cursor);

  // 1: it stands on the next entry; 0: there is none yet; a negative errno.
  int next();
  [[nodiscard]] bool is_at(const std::string& cursor) const;
  // The entry where it stands, borrowed until the next call of anything; without `all` only what a syslog line is made
  // of. Null when it cannot be read; `fault` is then a negative errno, as also when a part of it cannot.
  const JournalEntry* read(bool all, int& fault);

 private:
  Journal(sd_journal* journal, std::size_t value_bytes_max) : journal_{journal}, value_bytes_max_{value_bytes_max} {}
  void take(std::string_view data, bool all);

  struct Span {
    std::size_t at, name_bytes, value_bytes;
  };

  sd_journal* journal_;
  std::size_t value_bytes_max_, files_left_out_ = 0;
  int descriptor_ = -1;
  std::string cursor_, boot_id_, text_;
  std::vector<Span> spans_;
  JournalEntry entry_;
};

}  // namespace nw::logs
