// TailSet: what is in its files, how far that is safe, and when a file is done with.
#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <system_error>

#include "base/clock.h"
#include "base/log.h"
#include "ingest/logs/transports/tail_set.h"

namespace nw::logs {

namespace {

using Clock = TailedFile::Clock;
using Fetched = TailedFile::Fetched;

constexpr auto kLinger = std::chrono::milliseconds{500};  // an old file must have been quiet so long
constexpr auto kGone = std::chrono::seconds{60};          // without a name: then it is done with
constexpr std::size_t kDamagedMax = 4096;
constexpr auto kCut = std::chrono::seconds{60};  // a compressed file that ends too early may grow so long
constexpr auto kIdle = std::chrono::minutes{5};  // then a file is closed until it grows
constexpr std::size_t kOpenMax = 256;
constexpr std::int64_t kForgetSeconds = 7 * 24 * 3600;
constexpr std::size_t kFinishedMax = 4096;

std::string reason() { return std::generic_category().message(errno); }

}  // namespace

void TailSet::enqueue(TailedFile& file) {
  if (file.queued || file.closing) return;
  if (!file.stray) {
    const auto queue = queues_.find(file.path());
    if (queue == queues_.end() || queue->second.front() != &file) return;
  }
  file.queued = true;
  ready_.push_back(&file);
}

void TailSet::wake(std::uint64_t serial) {
  if (const auto file = files_.find(serial); file != files_.end() && file->second->located) enqueue(*file->second);
}

void TailSet::read_one() {
  if (ready_.empty()) return;
  TailedFile& file = *ready_.front();
  ready_.pop_front();
  file.queued = false;
  if (file.closing || (!file.is_open() && !open_for_reading(file))) return;
  switch (file.fetch(buffer_)) {
    case Fetched::bytes: return hand_over(file);
    case Fetched::passing: return enqueue(file);
    case Fetched::nothing: return end_reached(file);
    case Fetched::ended: return finish_and_advance(file);
    case Fetched::cut:
      if (Clock::now() - file.grew < kCut) return;  // the next tick comes back to it
      [[fallthrough]];
    case Fetched::damaged:
      log_warning("file_compressed_damaged",
                  "a compressed file ends too early, or is damaged; what is behind that in it is not read",
                  {{"path", file.path()}, {"offset", std::to_string(file.offset())}});
      if (damaged_.size() >= kDamagedMax) damaged_.clear();
      damaged_.insert(file.id());  // or it would be taken for one that nobody has read, again and again
      return finish_and_advance(file);
    case Fetched::replaced: return was_replaced(file);
    case Fetched::others:
      file.rejected.push_back(file.id());
      by_id_.erase(file.id());
      file.close();
      return next_candidate(file) ? found_open(file) : lost(file);
    case Fetched::failed:
      log_warning("file_read_failed", "reading the file failed; trying again each second",
                  {{"path", file.path()}, {"reason", reason()}});
      file.close();  // a network file system may want it opened anew
      return;
  }
}

// It was idle, or has waited for its turn.
bool TailSet::open_for_reading(TailedFile& file) {
  if (too_many_open(1) && !make_room()) {
    if (std::ranges::find(starving_, &file) == starving_.end()) starving_.push_back(&file);
    return false;
  }
  const std::string& path = file.at.empty() ? file.path() : file.at;
  FileHandle handle{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!handle.is_open() && errno != ENOENT) {
    log_warning("file_unreadable", "the file is there but cannot be read; trying again each second",
                {{"path", path}, {"reason", reason()}});
    return false;
  }
  struct stat info {};
  const FileId before = file.id();
  if (handle.is_open() && ::fstat(handle.get(), &info) == 0 && id_of(info) == before &&
      file.is_same(handle.get(), info)) {
    if (file.take(std::move(handle))) {
      found_open(file);
      return true;
    }
    was_replaced(file);
    return false;
  }
  // The name leads elsewhere by now.
  if (const auto known = by_id_.find(before); known != by_id_.end() && known->second == &file) by_id_.erase(known);
  const Search result = search(file);
  if (result == Search::found) found_open(file);
  if (result == Search::unsettled) later(file);
  if (result == Search::nothing) lost(file);
  return result == Search::found;
}

bool TailSet::too_many_open(std::size_t more) const {
  const auto open = std::ranges::count_if(files_, [](const auto& entry) { return entry.second->is_open(); });
  return static_cast<std::size_t>(open) + more > kOpenMax;
}

bool TailSet::make_room() {
  TailedFile* longest = nullptr;
  for (const auto& [serial, file] : files_) {
    if (!file->is_open() || file->is_packed() || !file->drained) continue;
    if (longest == nullptr || file->grew < longest->grew) longest = file.get();
  }
  if (longest != nullptr) longest->close();
  return longest != nullptr;
}

void TailSet::hand_over(TailedFile& file) {
  // Should we be killed, the lines' places must be found again: the file's identity is on disk before its first line is
  // handed over.
  if (!file.recorded && overtaken(file)) return;
  if (!file.recorded || unrecorded_) save();
  counters_.bytes += file.fetched();
  const Timestamp now = wall_now();
  file.hand_over([&](std::string_view line, std::uint64_t place, bool too_long) { give(line, place, too_long, now); });
  file.remember(sink_.mark());
  changed_ = true;
  enqueue(file);
}

// It was empty when it was found. Before we came to read it, it may have been filled, copied and truncated, and what it
// holds now is what came then: the copies go before.
bool TailSet::overtaken(TailedFile& file) {
  if (!file.modified_when_empty() || file.stray) return false;
  TailRecord when_empty = file.record();
  when_empty.modified = *file.modified_when_empty();
  when_empty.head = {};
  Sibling sibling;
  FileHandle handle;
  if (next_rotated(when_empty, sibling, handle) != Search::found) return false;
  const std::string path = file.path();
  finish(file);
  if (adopt_rotated(path, when_empty) != Search::found) advance(path);
  return true;
}

void TailSet::give(std::string_view line, std::uint64_t place, bool too_long, Timestamp now) {
  ++counters_.lines;
  counters_.too_long += too_long ? 1U : 0U;
  sink_.line({line, now, std::nullopt, too_long, place});
}

void TailSet::flush(TailedFile& file) {
  const Timestamp now = wall_now();
  file.flush([&](std::string_view line, std::uint64_t place, bool too_long) { give(line, place, too_long, now); });
  file.remember(sink_.mark());
  changed_ = true;
}

void TailSet::end_reached(TailedFile& file) {
  if (!starving_.empty()) {
    TailedFile* const next = starving_.front();
    starving_.pop_front();
    enqueue(*next);
  }
  const auto now = Clock::now();
  if (!file.replaced && (!file.gone || now - *file.gone < kGone)) return;
  const auto since = file.replaced ? *file.replaced : *file.gone;
  if (now - std::max(since, file.grew) < kLinger) {
    waits_ = true;
    return;
  }
  if (file.at.empty()) return finish_and_advance(file);
  // It lives on under a name that matches too.
  flush(file);
  const std::string path = file.path();
  file.stray = true;
  file.replaced.reset();
  if (auto& queue = queues_[path]; !queue.empty()) queue.pop_front();
  if (queues_[path].empty()) queues_.erase(path);
  advance(path);
}

// Truncated: what was in it may have been copied before.
void TailSet::was_replaced(TailedFile& file) {
  if (const auto known = by_id_.find(file.id()); known != by_id_.end() && known->second == &file) by_id_.erase(known);
  hooks_.let_go(file);
  file.close();
  file.at.clear();
  file.rejected.push_back(file.id());
  const Search result = search(file);
  if (result == Search::unsettled) return later(file);
  if (result == Search::found) {
    file.replaced = Clock::now();
    return found_open(file);
  }
  log_warning("file_rotated_away",
              "the file was truncated, and no copy of what it held was found: what was written to it behind the offset "
              "before that, if anything, is not known",
              {{"path", file.path()}, {"offset", std::to_string(file.offset())}});
  finish_and_advance(file);
}

void TailSet::lost(TailedFile& file) {
  struct stat info {};
  const bool another = ::stat(file.path().c_str(), &info) == 0;
  const std::string unread =
      file.known_size > file.offset() ? std::to_string(file.known_size - file.offset()) + " at least" : "unknown";
  if (file.head().bytes == 0) {
    // Nothing was read of it; what was rotated since is looked for in any case.
  } else if (another || file.known_size > file.offset()) {
    log_warning("file_rotated_away",
                "the file that was read is no longer there, nor a copy of it that goes on at the offset: what was "
                "written behind that is lost to us",
                {{"path", file.path()}, {"offset", std::to_string(file.offset())}, {"bytes_unread", unread}});
  } else {
    log_info("file_gone",
             "a file that was followed is no longer there; what was written behind the offset is not known",
             {{"path", file.path()}, {"offset", std::to_string(file.offset())}});
  }
  finish_and_advance(file);
}

void TailSet::finish(TailedFile& file) {
  unsettled_.erase(file.path());
  flush(file);
  if (const auto known = by_id_.find(file.id()); known != by_id_.end() && known->second == &file) by_id_.erase(known);
  hooks_.let_go(file);
  file.close();
  file.closing = true;
  std::erase(starving_, &file);
  if (file.stray) return;
  const auto queue = queues_.find(file.path());
  if (queue == queues_.end()) return;
  std::erase(queue->second, &file);
  if (queue->second.empty()) queues_.erase(queue);
}

void TailSet::finish_and_advance(TailedFile& file) {
  const std::string path = file.path();
  finish(file);
  if (!file.stray) advance(path);
}

void TailSet::tick() {
  waits_ = false;
  const auto now = Clock::now();
  std::vector<TailedFile*> files;  // those that come are not looked at yet
  for (const auto& [serial, file] : files_) files.push_back(file.get());
  for (TailedFile* const file : files) {
    changed_ = file->settle(sink_) || changed_;
    if (!file->closing) look_after(*file, now);
  }
  for (const auto& [path, times] : std::map{unsettled_}) advance(path);
  forget();
  save();
}

void TailSet::look_after(TailedFile& file, Clock::time_point now) {
  if (!file.located) return;
  const bool visible = file.seen == scans_ && !file.at.empty();
  if (!file.drained || file.replaced || (file.gone && now - *file.gone >= kGone)) {
    enqueue(file);
  } else if (!visible && file.is_open()) {
    enqueue(file);  // no look at the folders says that it grew
  } else if (!visible && !file.gone) {
    file.gone = now;
  } else if (visible && file.is_open() && now - file.grew >= kIdle) {
    file.close();
  }
}

// Finished files are kept for a while: their folder may come again, and rotation makes copies of them.
void TailSet::forget() {
  const std::int64_t now = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
  for (auto entry = files_.begin(); entry != files_.end();) {
    TailedFile& file = *entry->second;
    if (!file.closing || !file.all_safe() || file.queued) {
      ++entry;
      continue;
    }
    finished_.push_back(file.record());
    finished_.back().finished = now;
    entry = files_.erase(entry);
    changed_ = true;
  }
  const std::size_t before = finished_.size();
  std::erase_if(finished_, [&](const TailRecord& record) { return now - record.finished > kForgetSeconds; });
  if (finished_.size() > kFinishedMax)
    finished_.erase(finished_.begin(), finished_.end() - static_cast<std::ptrdiff_t>(kFinishedMax));
  changed_ = changed_ || finished_.size() != before;
}

void TailSet::save() {
  for (const auto& [serial, file] : files_) {
    if (file->recorded || file->head().bytes == 0) continue;
    file->recorded = true;
    changed_ = true;  // it may have been empty when all was saved last
  }
  if (options_.state_path.empty() || (!changed_ && !unrecorded_)) return;
  TailState state;
  state.sequence = sequence_;
  state.files = finished_;
  for (const auto& [serial, file] : files_) state.files.push_back(file->record());
  if (const auto saved = save_tail_state(options_.state_path, state); !saved) {
    log_warning("file_state_not_saved", "after a restart lines would be read again", {{"reason", saved.error().what}});
    changed_ = true;  // the next tick tries again, not each chunk
    unrecorded_ = false;
    return;
  }
  changed_ = unrecorded_ = false;
}

void TailSet::stop() {
  for (const auto& [serial, file] : files_) {
    changed_ = file->settle(sink_) || changed_;
    file->close();
  }
  forget();
  save();
  ready_.clear();
  starving_.clear();
  by_id_.clear();
  queues_.clear();
  files_.clear();
}

}  // namespace nw::logs
