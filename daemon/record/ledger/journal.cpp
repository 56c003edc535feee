#include "record/ledger/journal.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <sys/file.h>
#include <unistd.h>
#include <utility>

#include "base/log.h"
#include "record/ledger/segment.h"

namespace nw::record {

namespace {

// Closed segments that are kept open for readers, with their index. Readers mostly follow the end; a few look back.
constexpr std::size_t kClosedKept = 8;
// A group's buffer is kept for the next one up to this size.
constexpr std::size_t kBufferKept = 4U << 20;

// A segment that is no longer written. Immutable, shared by readers.
struct ClosedSegment {
  std::uint64_t first = 0, bytes = 0;
  std::shared_ptr<const Fd> file;
  std::vector<std::uint64_t> offsets;
};

// Where a reader begins: the record of entry `index` lies at `offset`; sound records reach to `end`.
struct Place {
  std::shared_ptr<const Fd> file;
  std::string name;
  std::uint64_t index = 0, offset = 0, end = 0;
};

class Journal final : public Ledger {
 public:
  Journal(LedgerOptions options, FileOps& ops, Fd lock)
      : options_{std::move(options)}, directory_{options_.directory / "journal"}, ops_{ops}, lock_{std::move(lock)} {}

  // Finds the end of what is on disk. Call it once, first.
  Result<> start();

  Result<std::uint64_t> append(std::span<const std::string> payloads) override;
  [[nodiscard]] std::uint64_t size() const noexcept override { return size_.load(std::memory_order_acquire); }
  [[nodiscard]] Result<std::vector<Entry>> read(std::uint64_t from, std::size_t entries_max) const override;
  bool wait(std::uint64_t index, Nanoseconds patience) const override;
  void interrupt() override;
  [[nodiscard]] std::uint64_t bytes() const noexcept override { return bytes_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t torn_bytes() const noexcept override { return torn_bytes_; }

 private:
  struct Segment {
    std::uint64_t first = 0, bytes = 0;
  };

  [[nodiscard]] std::filesystem::path path_of(std::uint64_t first) const { return directory_ / segment_name(first); }
  Result<> open_last(const SegmentFile& last);
  Result<> check(std::span<const std::string> payloads) const;
  Result<> make_ready(std::size_t group_bytes);
  Result<> roll();
  Result<> roll_back();
  void publish(std::span<const std::string> payloads);
  Result<std::optional<Place>> find(std::uint64_t index) const;
  Result<std::shared_ptr<const ClosedSegment>> closed(const Segment& segment, std::uint64_t next_first) const;

  // Constant after start().
  const LedgerOptions options_;
  const std::filesystem::path directory_;
  FileOps& ops_;
  const Fd lock_;
  std::uint64_t torn_bytes_ = 0;

  // The writer's own.
  std::string buffer_;
  bool roll_back_pending_ = false;  // there may be bytes of a failed append behind the last segment's sound ones
  bool retired_ = false;            // a sync failed on the last segment: no more entries into it

  // Changed by the writer under mutex_; so the writer may read them without.
  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::vector<Segment> segments_;  // the last one is written
  std::shared_ptr<const Fd> last_file_;
  std::vector<std::uint64_t> last_offsets_;
  bool interrupted_ = false;  // guarded by mutex_
  std::atomic<std::uint64_t> size_{0}, bytes_{0};

  // Guarded by cache_mutex_; the newest in front.
  mutable std::mutex cache_mutex_;
  mutable std::vector<std::shared_ptr<const ClosedSegment>> cache_;
};

Result<> Journal::start() {
  const auto files = list_segments(directory_);
  if (!files) return files.error();
  if (files->empty()) return roll();
  for (const SegmentFile& file : *files) segments_.push_back({file.first, file.bytes});
  if (auto opened = open_last(files->back()); !opened) return opened;
  std::uint64_t total = 0;
  for (const Segment& segment : segments_) total += segment.bytes;
  bytes_ = total;
  return {};
}

Result<> Journal::open_last(const SegmentFile& last) {
  const std::string name = last.path.string();
  auto file = open_existing(ops_, last.path, O_RDWR);
  if (!file) return file.error();
  // Killed between write and sync, the last writer left entries that only memory holds. A reader must not see them
  // before the disk has them. Then memory is told to forget, so that what is read is what the disk has: a page whose
  // write failed looks sound in memory.
  if (auto synced = sync_data(ops_, *file, name); !synced) return synced;
  if (auto synced = sync_directory(ops_, directory_); !synced) return synced;
  ::posix_fadvise(file->get(), 0, 0, POSIX_FADV_DONTNEED);

  auto scan = scan_segment(ops_, *file, name, last.bytes);
  if (!scan) return scan.error();
  if (scan->fault) {
    const auto torn = is_torn_tail(ops_, *file, name, scan->sound_bytes, last.bytes);
    if (!torn) return torn.error();
    if (!*torn) return damaged(name, scan->sound_bytes);
    if (auto cut = cut_to(ops_, *file, scan->sound_bytes, name); !cut) return cut;
    torn_bytes_ = last.bytes - scan->sound_bytes;
    log_warning("ledger_torn_tail_cut",
                "the last record is not whole: a power cut or a kill tore its write; it was cut off",
                {{"file", name}, {"bytes", std::to_string(torn_bytes_)}, {"at", std::to_string(scan->sound_bytes)}});
  }
  segments_.back().bytes = scan->sound_bytes;
  last_offsets_ = std::move(scan->offsets);
  last_file_ = std::make_shared<const Fd>(std::move(*file));
  size_ = last.first + scan->entries;
  return {};
}

Result<> Journal::check(std::span<const std::string> payloads) const {
  std::size_t total = 0;
  for (const std::string& payload : payloads) {
    if (payload.size() > options_.entry_bytes_max)
      return Error{Errc::invalid_argument, "an entry of " + std::to_string(payload.size()) + " bytes; at most " +
                                               std::to_string(options_.entry_bytes_max) + " fit"};
    if (!is_payload(payload)) return Error{Errc::invalid_argument, "an entry that is no JSON object"};
    total += payload.size() + kRecordHeaderBytes;
  }
  if (total > kGroupBytesMax)
    return Error{Errc::invalid_argument, "a group of " + std::to_string(total) + " bytes; at most " +
                                             std::to_string(kGroupBytesMax) + " go in at once"};
  return {};
}

Result<std::uint64_t> Journal::append(std::span<const std::string> payloads) {
  const std::uint64_t first = size_.load(std::memory_order_relaxed);
  if (auto checked = check(payloads); !checked) return checked.error();
  if (payloads.empty()) return first;
  buffer_.clear();
  for (const std::string& payload : payloads) append_record(payload, buffer_);
  if (auto ready = make_ready(buffer_.size()); !ready) return ready.error();

  const std::string name = path_of(segments_.back().first).string();
  if (auto wrote = write_at(ops_, *last_file_, buffer_, segments_.back().bytes, name); !wrote) {
    (void)roll_back();  // if it fails too, the next append tries again before it writes
    return wrote.error();
  }
  if (auto synced = sync_data(ops_, *last_file_, name); !synced) {
    retired_ = true;
    (void)roll_back();
    return synced.error();
  }
  publish(payloads);
  if (buffer_.capacity() > kBufferKept) buffer_ = {};
  return first;
}

// Sees to it that the last segment ends with its last accepted entry and has room.
Result<> Journal::make_ready(std::size_t group_bytes) {
  if (roll_back_pending_) {
    if (auto back = roll_back(); !back)
      return Error{back.error().code, back.error().what + ". The ledger takes no entries until that succeeds"};
  }
  const Segment& last = segments_.back();
  const bool used = last.bytes > 0;
  // An emptied segment has no page left that a failed sync could have spoilt: it may go on.
  if (!used) retired_ = false;
  if (used && (retired_ || last.bytes + group_bytes > options_.segment_bytes_max)) return roll();
  return {};
}

// A new segment, for the next entry. The one before is on disk: every append synced it.
Result<> Journal::roll() {
  const std::uint64_t first = size_.load(std::memory_order_relaxed);
  auto file = create_exclusive(ops_, path_of(first));
  if (!file) return file.error();
  const std::lock_guard lock{mutex_};
  segments_.push_back({first, 0});
  last_file_ = std::make_shared<const Fd>(std::move(*file));
  last_offsets_.clear();
  retired_ = false;
  return {};
}

// Takes a failed append's bytes out of the last segment, on disk too: they must not come back after a power cut, least
// of all when a later segment has begun behind them.
Result<> Journal::roll_back() {
  roll_back_pending_ = true;
  auto cut = cut_to(ops_, *last_file_, segments_.back().bytes, path_of(segments_.back().first).string());
  if (cut) roll_back_pending_ = false;
  return cut;
}

void Journal::publish(std::span<const std::string> payloads) {
  const std::lock_guard lock{mutex_};
  Segment& last = segments_.back();
  std::uint64_t index = size_.load(std::memory_order_relaxed);
  const std::uint64_t before = last.bytes;
  for (const std::string& payload : payloads) {
    if ((index++ - last.first) % kIndexStep == 0) last_offsets_.push_back(last.bytes);
    last.bytes += kRecordHeaderBytes + payload.size();
  }
  bytes_.fetch_add(last.bytes - before, std::memory_order_relaxed);
  size_.store(index, std::memory_order_release);
  grown_.notify_all();
}

Result<std::vector<Entry>> Journal::read(std::uint64_t from, std::size_t entries_max) const {
  std::vector<Entry> out;
  std::size_t payload_bytes = 0;
  while (out.size() < entries_max && payload_bytes < kReadBytes) {
    const std::uint64_t wanted = from + out.size();
    const auto found = find(wanted);
    if (!found) return found.error();
    if (!*found) break;
    const Place& place = **found;
    RecordReader reader{ops_, *place.file, place.name, place.offset, place.end};
    for (std::uint64_t index = place.index; out.size() < entries_max && payload_bytes < kReadBytes; ++index) {
      const auto step = reader.next();
      if (!step) return step.error();
      if (*step == RecordReader::Step::end) break;
      if (*step == RecordReader::Step::fault) return damaged(place.name, reader.offset());
      if (index < wanted) continue;
      payload_bytes += reader.payload().size();
      out.push_back({index, std::string{reader.payload()}});
    }
  }
  return out;
}

Result<std::optional<Place>> Journal::find(std::uint64_t index) const {
  Place place;
  Segment segment;
  std::uint64_t next_first = 0;
  {
    const std::lock_guard lock{mutex_};
    if (index >= size_.load(std::memory_order_relaxed)) return std::optional<Place>{};
    const auto above = std::ranges::upper_bound(segments_, index, {}, &Segment::first);
    segment = *std::prev(above);
    if (above == segments_.end()) {
      const std::uint64_t step = (index - segment.first) / kIndexStep;
      place.file = last_file_;
      place.offset = last_offsets_[static_cast<std::size_t>(step)];
    } else {
      next_first = above->first;
    }
  }
  const std::uint64_t step = (index - segment.first) / kIndexStep;
  place.name = path_of(segment.first).string();
  place.index = segment.first + step * kIndexStep;
  place.end = segment.bytes;
  if (place.file == nullptr) {
    const auto old = closed(segment, next_first);
    if (!old) return old.error();
    place.file = (*old)->file;
    place.offset = (*old)->offsets[static_cast<std::size_t>(step)];
  }
  return std::optional<Place>{std::move(place)};
}

// A closed segment is checked as a whole when a reader first comes to it.
Result<std::shared_ptr<const ClosedSegment>> Journal::closed(const Segment& segment, std::uint64_t next_first) const {
  {
    const std::lock_guard lock{cache_mutex_};
    const auto at = std::ranges::find_if(cache_, [&](const auto& kept) { return kept->first == segment.first; });
    if (at != cache_.end()) {
      std::rotate(cache_.begin(), at, std::next(at));
      return cache_.front();
    }
  }
  const auto path = path_of(segment.first);
  const std::string name = path.string();
  auto file = open_existing(ops_, path, O_RDONLY);
  if (!file) return file.error();
  auto scan = scan_segment(ops_, *file, name, segment.bytes);
  if (!scan) return scan.error();
  if (scan->fault) return damaged(name, scan->sound_bytes);
  if (scan->entries != next_first - segment.first)
    return Error{Errc::malformed,
                 name + ": has " + std::to_string(scan->entries) + " entries, but the next file begins " +
                     std::to_string(next_first - segment.first) + " after it; put the missing one back"};
  auto fresh = std::make_shared<ClosedSegment>();
  fresh->first = segment.first;
  fresh->bytes = segment.bytes;
  fresh->file = std::make_shared<const Fd>(std::move(*file));
  fresh->offsets = std::move(scan->offsets);
  const std::lock_guard lock{cache_mutex_};
  cache_.insert(cache_.begin(), fresh);
  if (cache_.size() > kClosedKept) cache_.pop_back();
  return std::shared_ptr<const ClosedSegment>{std::move(fresh)};
}

bool Journal::wait(std::uint64_t index, Nanoseconds patience) const {
  std::unique_lock lock{mutex_};
  grown_.wait_for(lock, patience, [&] { return interrupted_ || size_.load(std::memory_order_relaxed) > index; });
  return size_.load(std::memory_order_relaxed) > index;
}

void Journal::interrupt() {
  const std::lock_guard lock{mutex_};
  interrupted_ = true;
  grown_.notify_all();
}

// One process writes. The kernel drops the lock with the process, however it ends.
Result<Fd> lock_directory(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "lock";
  Fd file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
  if (file.get() < 0) return system_error(errno, path.string() + ": cannot open");
  std::array<char, 16> text{};
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_error(errno, path.string() + ": cannot lock");
    const ssize_t got = ::pread(file.get(), text.data(), text.size() - 1, 0);
    const std::string pid{text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    return Error{Errc::in_use, directory.string() + ": in use by process " + (pid.empty() ? "(unknown)" : pid) +
                                   "; stop it, or choose another directory"};
  }
  // The number is for people: a failure to write it harms nobody.
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0)
    log_debug("ledger_lock_pid", "the lock file could not be given the process number", {{"file", path.string()}});
  return file;
}

}  // namespace

Result<std::unique_ptr<Ledger>> open_journal(const LedgerOptions& options, FileOps& ops) {
  if (options.entry_bytes_max < 2 || options.entry_bytes_max > kRecordPayloadMax)
    return Error{Errc::invalid_argument, "entry_bytes_max must be between 2 and 65535"};
  if (auto made = make_directories(ops, options.directory / "journal"); !made) return made.error();
  auto lock = lock_directory(options.directory);
  if (!lock) return lock.error();
  auto journal = std::make_unique<Journal>(options, ops, std::move(*lock));
  if (auto started = journal->start(); !started) return started.error();
  return std::unique_ptr<Ledger>{std::move(journal)};
}

Result<std::unique_ptr<Ledger>> Ledger::open(const LedgerOptions& options) {
  return open_journal(options, system_files());
}

}  // namespace nw::record
