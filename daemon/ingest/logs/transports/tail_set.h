// The files that one source follows. They are read by name, in order: who has lost its name to another is read to its
// end first, then what was rotated since, then who has the name now. No Asio: FileTail says when.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "ingest/logs/transports/path_pattern.h"
#include "ingest/logs/transports/tailed_file.h"
#include "ingest/logs/transports/transport.h"

namespace nw::logs {

class TailSet {
 public:
  // Called when a file was opened that is to be watched, and when it no longer is.
  struct Hooks {
    std::function<void(const TailedFile&)> opened, let_go;
  };
  TailSet(const TransportOptions& options, LineSink& sink, Hooks hooks);

  // Reads the state and looks for the first time. Errors: no_permission, malformed, io.
  Result<> start();
  // What is there now, and under which names.
  void scan();
  // A file may have grown.
  void wake(std::uint64_t serial);
  [[nodiscard]] bool has_work() const noexcept { return !ready_.empty(); }
  // Something is to be decided in a moment: a tick should come soon.
  [[nodiscard]] bool waits() const noexcept { return waits_; }
  // One buffer of one file.
  void read_one();
  // Once a second: what became safe, who is finished, who was idle for long.
  void tick();
  void save();
  // Notes what is safe now, saves it, and lets go of all.
  void stop();

  [[nodiscard]] const std::vector<std::string>& folders() const noexcept { return folders_; }
  [[nodiscard]] const TransportCounters& counters() const noexcept { return counters_; }

 private:
  using Queue = std::deque<TailedFile*>;  // of one name; the first is read

  // tail_set.cpp: which files
  void restore(const TailState& state);
  void look_at(const FoundFile& found, std::vector<const FoundFile*>& fresh);
  void meet(std::vector<const FoundFile*> fresh);
  void note_names();
  [[nodiscard]] bool awaited(const FoundFile& found) const;
  [[nodiscard]] bool wanted(const std::string& path) const;
  enum class Search : std::uint8_t { found, nothing, unsettled };
  Search search(TailedFile& file);
  Search search_once(TailedFile& file);
  void later(TailedFile& file);
  bool next_candidate(TailedFile& file);
  void advance(std::string path);
  Search adopt_rotated(const std::string& path, const TailRecord& last);
  Search next_rotated(const TailRecord& last, Sibling& sibling, FileHandle& handle);
  bool overtaken(TailedFile& file);
  void adopt_current(const std::string& path, bool follows);
  bool revive(const std::string& path, FileHandle& handle, const struct stat& info);
  [[nodiscard]] TailedFile& add(TailRecord record);
  [[nodiscard]] std::uint64_t new_identity(const struct stat& info);
  [[nodiscard]] const TailRecord* last_of(const std::string& path);
  [[nodiscard]] bool is_known(const Sibling& sibling, const FileHandle& handle, const TailedFile* except) const;
  [[nodiscard]] static bool is_of(const Sibling& sibling, const TailRecord& record);
  void found_open(TailedFile& file);

  // tail_reading.cpp: what is in them
  bool open_for_reading(TailedFile& file);
  [[nodiscard]] bool too_many_open(std::size_t more = 0) const;
  bool make_room();
  void hand_over(TailedFile& file);
  void end_reached(TailedFile& file);
  void was_replaced(TailedFile& file);
  void lost(TailedFile& file);
  void flush(TailedFile& file);
  void finish(TailedFile& file);
  void finish_and_advance(TailedFile& file);
  void enqueue(TailedFile& file);
  void look_after(TailedFile& file, TailedFile::Clock::time_point now);
  void forget();
  void give(std::string_view line, std::uint64_t place, bool too_long, Timestamp now);

  TransportOptions options_;
  LineSink& sink_;
  Hooks hooks_;
  TransportCounters counters_;
  std::vector<char> buffer_;

  std::map<std::uint64_t, std::unique_ptr<TailedFile>> files_;  // by serial: in the order in which they were met
  std::map<FileId, TailedFile*> by_id_;
  std::map<std::string, Queue> queues_;  // by name
  std::deque<TailedFile*> ready_;
  std::vector<TailRecord> finished_;  // gone, but they may come again: under another name, or with their folder
  TailRecord last_;                   // what last_of() points to
  std::vector<std::string> folders_;
  // Compressed files that match by themselves; files past files_max; rotated ones that broke off, at most kDamagedMax.
  std::set<FileId> skipped_, refused_, damaged_;
  std::deque<TailedFile*> starving_;      // they wait for a descriptor
  std::map<std::string, int> unsettled_;  // names that advance() looks at again, and how often it did
  std::uint64_t sequence_ = 0, next_serial_ = 1, scans_ = 0;
  bool from_end_ = false;  // what the first look finds is not read from its start
  bool changed_ = false;   // since the state was saved
  bool unrecorded_ = false;
  bool waits_ = false;
  bool cut_told_ = false;
};

}  // namespace nw::logs
