#include "ingest/logs/transports/tail_set.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"

namespace nw::logs {

namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;
constexpr int kListings = 3;      // names may change meanwhile
constexpr int kSearchesMax = 20;  // ticks that wait for a folder to be left alone

using Clock = TailedFile::Clock;

std::string reason() { return std::generic_category().message(errno); }

FileHandle open_file(const std::string& path) {
  return FileHandle{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
}

// Where the name leads, over links.
std::string real_path(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return path;
  const std::unique_ptr<char, void (*)(void*)> real{::realpath(path.c_str(), nullptr), std::free};
  return real == nullptr ? path : real.get();
}

// Some compressors keep the time of what they compressed, but only to the second.
bool made_since(const Sibling& sibling, std::int64_t modified) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return sibling.modified >= (sibling.modified % kSecond == 0 ? modified / kSecond * kSecond : modified);
}

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count();
}

}  // namespace

TailSet::TailSet(const TransportOptions& options, LineSink& sink, Hooks hooks)
    : options_{options}, sink_{sink}, hooks_{std::move(hooks)}, buffer_(kChunkBytes) {}

Result<> TailSet::start() {
  std::optional<TailState> state;
  if (!options_.state_path.empty()) {
    auto loaded = load_tail_state(options_.state_path, options_.address);
    if (!loaded) return loaded.error();
    state = std::move(*loaded);
  }
  if (const bool plain = !has_wildcards(options_.address); plain) {
    const FileHandle file = open_file(options_.address);
    if (!file.is_open() && errno != ENOENT)
      return Error{errno == EACCES ? Errc::no_permission : Errc::io,
                   options_.address + ": cannot read: " + reason() +
                       "; let the daemon's user into the group that may read it (often adm), or set an ACL with "
                       "setfacl -m u:normwatch:r"};
  }
  if (state) restore(*state);
  from_end_ = !state && !options_.from_start;
  scan();
  from_end_ = false;
  // Those whose file was not found under a name that matches: rotation may have put it elsewhere.
  std::vector<std::string> names;
  for (const auto& [path, queue] : queues_)
    if (!queue.front()->located) names.push_back(path);
  for (const std::string& path : names) advance(path);
  save();
  return {};
}

void TailSet::restore(const TailState& state) {
  sequence_ = state.sequence;
  for (const TailRecord& record : state.files) {
    // Of an empty one nothing was handed over; it may since have been filled, copied and truncated.
    const bool unread = record.offset == 0 && record.head.bytes == 0;
    if (record.finished != 0 || unread || !wanted(record.path)) {
      finished_.push_back(record);
      if (record.finished == 0) finished_.back().finished = now_seconds();
    } else {
      queues_[record.path].push_back(&add(record));
    }
  }
}

bool TailSet::wanted(const std::string& path) const {
  return matches(options_.address, path) && !any_matches(options_.exclude, path);
}

TailedFile& TailSet::add(TailRecord record) {
  const std::uint64_t serial = next_serial_++;
  auto file = std::make_unique<TailedFile>(serial, std::move(record), options_.line_bytes_max);
  changed_ = true;
  return *files_.emplace(serial, std::move(file)).first->second;
}

void TailSet::scan() {
  ++scans_;
  FoundFiles found = find_files(options_.address);
  folders_ = std::move(found.folders);
  if (found.cut && !cut_told_)
    log_warning("file_search_cut", "the pattern looks at too many folders or files; the rest is not looked at",
                {{"path", options_.address}, {"entries_max", std::to_string(kFoundEntriesMax)}});
  cut_told_ = found.cut;
  std::vector<const FoundFile*> fresh;
  for (const FoundFile& file : found.files)
    if (!any_matches(options_.exclude, file.path)) look_at(file, fresh);
  note_names();
  meet(std::move(fresh));
}

void TailSet::look_at(const FoundFile& found, std::vector<const FoundFile*>& fresh) {
  TailedFile* file = nullptr;
  if (const auto known = by_id_.find(id_of(found.info)); known != by_id_.end()) {
    file = known->second;
  } else {
    for (const auto& [serial, kept] : files_) {
      if (kept->located || kept->closing || kept->inode() != found.info.st_ino) continue;
      FileHandle handle = open_file(found.path);
      if (!handle.is_open() || !kept->is_same(handle.get(), found.info) || !kept->take(std::move(handle))) continue;
      kept->close();  // it is opened when its turn comes
      kept->located = true;
      by_id_[kept->id()] = kept.get();
      file = kept.get();
      enqueue(*file);
      break;
    }
  }
  if (file == nullptr) return fresh.push_back(&found);
  file->seen = scans_;
  file->at = found.path;
  if (file->known_size != static_cast<std::uint64_t>(found.info.st_size) || file->modified() != modified_of(found.info))
    enqueue(*file);
}

// Who has lost its name, to another or to nobody.
void TailSet::note_names() {
  const auto now = Clock::now();
  for (const auto& [serial, file] : files_) {
    if (!file->located || file->closing) continue;
    const bool seen = file->seen == scans_;
    if (!seen) file->at.clear();
    if (seen && (file->stray || file->at == file->path())) {
      file->replaced.reset();
      file->gone.reset();
      continue;
    }
    struct stat info {};
    const bool named = !file->stray && ::stat(file->path().c_str(), &info) == 0 && S_ISREG(info.st_mode);
    if (!named || id_of(info) == file->id()) {
      file->replaced.reset();
    } else if (!file->replaced) {
      file->replaced = now;
    }
    if (seen || named) {
      file->gone.reset();
    } else if (!file->gone) {
      file->gone = now;
    }
  }
}

// Rotated from a file that is still being read: it has its turn behind that.
bool TailSet::awaited(const FoundFile& found) const {
  if (queues_.contains(found.path)) return true;
  const std::string folder = folder_of(found.path), name = name_of(found.path);
  return std::ranges::any_of(queues_, [&](const auto& entry) {
    const TailedFile& first = *entry.second.front();
    if (!first.replaced && first.located && entry.second.size() == 1) return false;
    return folder_of(first.real()) == folder && rotated_name(name_of(first.real()), name).has_value();
  });
}

void TailSet::meet(std::vector<const FoundFile*> fresh) {
  std::set<FileId> skipped, refused;
  std::erase_if(fresh, [&](const FoundFile* found) {
    if (skipped_.contains(id_of(found->info)) || packing_of_name(found->path) != Packing::none) {
      skipped.insert(id_of(found->info));
      return true;
    }
    return awaited(*found);
  });
  for (const FileId& id : skipped)
    if (!skipped_.contains(id) && scans_ == 1)
      log_info("file_compressed_not_followed",
               "compressed files match the pattern; they are read only where they go on from a file that was followed",
               {{"path", options_.address}});
  skipped_ = std::move(skipped);
  std::ranges::stable_sort(fresh, {}, [](const FoundFile* found) { return modified_of(found->info); });
  const auto live =
      static_cast<std::size_t>(std::ranges::count_if(files_, [](const auto& f) { return !f.second->closing; }));
  const std::size_t room = options_.files_max - std::min(options_.files_max, live);
  const std::size_t too_many = fresh.size() - std::min(fresh.size(), room);
  for (std::size_t i = 0; i < too_many; ++i) {  // the oldest
    const FileId id = id_of(fresh[i]->info);
    if (!refused_.contains(id)) {
      ++counters_.refused;
      log_warning("file_not_followed", "more files match than are followed; raise files_max, or narrow the pattern",
                  {{"path", fresh[i]->path}, {"files_max", std::to_string(options_.files_max)}});
    }
    refused.insert(id);
  }
  refused_ = std::move(refused);
  for (std::size_t i = too_many; i < fresh.size(); ++i) advance(fresh[i]->path);
}

void TailSet::found_open(TailedFile& file) {
  file.located = true;
  by_id_[file.id()] = &file;
  if (!file.is_packed()) hooks_.opened(file);
  if (too_many_open() && !make_room() && !file.is_packed()) file.close();
  enqueue(file);
}

// The file itself under another name, a copy of it, or a compressed one.
TailSet::Search TailSet::search(TailedFile& file) {
  Search result = Search::unsettled;
  for (int listing = 0; listing < kListings && result == Search::unsettled; ++listing) result = search_once(file);
  if (result == Search::unsettled && !file.stray && ++file.searches < kSearchesMax) return result;
  file.searches = 0;
  return result == Search::found ? result : Search::nothing;
}

TailSet::Search TailSet::search_once(TailedFile& file) {
  const FolderLook look{folder_of(file.real())};
  auto siblings = siblings_of(file.real(), file.inode());
  const auto closeness = [&](const Sibling& s) { return std::tuple{s.id.inode != file.inode(), s.modified}; };
  std::ranges::stable_sort(siblings, {}, closeness);
  file.candidates.clear();
  for (const Sibling& sibling : siblings) {
    const auto known = by_id_.find(sibling.id);
    if ((known != by_id_.end() && known->second != &file) || std::ranges::count(file.rejected, sibling.id) != 0)
      continue;
    FileHandle handle = open_sibling(sibling);
    struct stat info {};
    if (!handle.is_open() || ::fstat(handle.get(), &info) != 0) continue;  // then the folder has changed
    if (!file.is_same(handle.get(), info)) {
      // What has its name is looked at by adopt_current(), and little text under any name proves nothing.
      if (sibling.path == file.real() || file.head().bytes == 0) continue;
      if (!sibling.rotated && file.head().bytes < kTailMax) continue;
      if (!made_since(sibling, file.modified()) || is_known(sibling, handle, &file)) continue;
    }
    if (sibling.packing == Packing::none) {
      if (file.take(std::move(handle))) return Search::found;
    } else {
      const std::string head = head_of(sibling, handle);
      if (file.begins_like(head, head.size() <= kHeadMax)) file.candidates.push_back(sibling);
    }
  }
  if (next_candidate(file)) return Search::found;
  if (!look.settled()) return Search::unsettled;
  return Search::nothing;
}

// Its folder is changing: the next tick looks again.
void TailSet::later(TailedFile& file) {
  file.located = false;
  file.close();
  unsettled_.emplace(file.path(), 0);
  waits_ = true;
}

bool TailSet::next_candidate(TailedFile& file) {
  while (!file.candidates.empty()) {
    const Sibling sibling = std::move(file.candidates.front());
    file.candidates.pop_front();
    FileHandle handle = open_sibling(sibling);
    if (!handle.is_open()) continue;
    auto packed = PackedFile::open(std::move(handle));
    if (packed && file.take(std::move(packed), sibling.id)) return true;
  }
  return false;
}

// The next file of a name.
void TailSet::advance(std::string path) {
  if (const auto queue = queues_.find(path); queue != queues_.end()) {
    TailedFile& file = *queue->second.front();
    if (file.located) {
      unsettled_.erase(path);
      return enqueue(file);
    }
    switch (search(file)) {
      case Search::found: unsettled_.erase(path); return found_open(file);
      case Search::unsettled: return later(file);
      case Search::nothing: return lost(file);
    }
  }
  const TailRecord* const last = last_of(path);
  if (last != nullptr) {
    const Search rotated = adopt_rotated(path, *last);
    if (rotated == Search::unsettled && ++unsettled_[path] < kSearchesMax) {
      waits_ = true;
      return;
    }
    unsettled_.erase(path);
    if (rotated == Search::found) return;
  }
  adopt_current(path, last != nullptr);
}

const TailRecord* TailSet::last_of(const std::string& path) {
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
    if (file->second->path() != path) continue;
    last_ = file->second->record();
    last_.offset = file->second->offset();  // what was read counts here, safe or not
    last_.tail = file->second->tail();
    return &last_;
  }
  for (auto record = finished_.rbegin(); record != finished_.rend(); ++record) {
    if (record->path != path) continue;
    last_ = *record;
    return &last_;
  }
  return nullptr;
}

bool TailSet::is_known(const Sibling& sibling, const FileHandle& handle, const TailedFile* except) const {
  const std::string head = head_of(sibling, handle);
  const auto known = [&](const TailRecord& record) {
    return is_copy({record.head, record.tail, record.offset, true}, sibling, handle, head);
  };
  if (std::ranges::any_of(finished_, known)) return true;
  return std::ranges::any_of(files_, [&](const auto& entry) {
    const TailedFile& file = *entry.second;
    return &file != except && is_copy({file.head(), file.tail(), file.offset(), file.closing}, sibling, handle, head);
  });
}

// Whether rotation made it of the file of this record.
bool TailSet::is_of(const Sibling& sibling, const TailRecord& record) {
  const FileHandle handle = open_sibling(sibling);
  if (!handle.is_open()) return false;
  if (sibling.id.inode == record.inode && born_of(handle.get()) == record.born) return true;
  return is_copy({record.head, record.tail, record.offset, true}, sibling, handle, head_of(sibling, handle));
}

// The oldest of those that were rotated after `last`, and that nobody has read.
TailSet::Search TailSet::next_rotated(const TailRecord& last, Sibling& best, FileHandle& handle) {
  for (int listing = 0; listing < kListings; ++listing) {
    const FolderLook look{folder_of(last.real)};
    const auto siblings = siblings_of(last.real, 0);
    const auto self = std::ranges::find_if(siblings, [&](const Sibling& s) { return s.rotated && is_of(s, last); });
    bool found = false;
    for (const Sibling& sibling : siblings) {
      if (!sibling.rotated || sibling.size == 0 || !made_since(sibling, last.modified) || by_id_.contains(sibling.id))
        continue;
      if ((found && !sibling.older_than(best)) || damaged_.contains(sibling.id)) continue;
      if (self != siblings.end() && sibling.rotated->before(*self->rotated).value_or(false)) continue;
      FileHandle opened = open_sibling(sibling);
      if (!opened.is_open() || is_known(sibling, opened, nullptr)) continue;
      found = true;
      best = sibling;
      handle = std::move(opened);
    }
    if (look.settled()) return found ? Search::found : Search::nothing;
  }
  return Search::unsettled;
}

TailSet::Search TailSet::adopt_rotated(const std::string& path, const TailRecord& last) {
  if (last.modified == 0 || !wanted(path)) return Search::nothing;
  FileHandle handle;
  Sibling sibling;
  if (const Search found = next_rotated(last, sibling, handle); found != Search::found) return found;
  struct stat info {};
  if (::fstat(handle.get(), &info) != 0) return Search::nothing;
  TailRecord record;
  record.path = path;
  record.real = last.real;
  record.identity = new_identity(info);
  record.modified = sibling.modified;
  TailedFile& file = add(std::move(record));
  auto packed = sibling.packing == Packing::none ? nullptr : PackedFile::open(FileHandle{handle.release()});
  const bool taken = packed ? file.take(std::move(packed), sibling.id) : file.take(std::move(handle));
  if (!taken) {
    files_.erase(file.serial());
    return Search::nothing;
  }
  log_info("file_rotated_meanwhile", "a file that was rotated before it was seen is read now",
           {{"path", path}, {"rotated", sibling.path}});
  ++counters_.rotated;
  file.replaced = Clock::now();
  queues_[path].push_back(&file);
  unrecorded_ = true;
  found_open(file);
  return Search::found;
}

void TailSet::adopt_current(const std::string& path, bool follows) {
  if (!wanted(path)) return;
  FileHandle handle = open_file(path);
  if (!handle.is_open() && errno != ENOENT)
    log_warning("file_unreadable", "the file is there but cannot be read; trying again each second",
                {{"path", path}, {"reason", reason()}});
  struct stat info {};
  if (!handle.is_open() || ::fstat(handle.get(), &info) != 0 || !S_ISREG(info.st_mode)) return;
  if (by_id_.contains(id_of(info)) || revive(path, handle, info)) return;
  if (packing_of(bytes_at(handle.get(), 0, 16)) != Packing::none) {
    skipped_.insert(id_of(info));
    return;
  }
  TailRecord record;
  record.path = path;
  record.real = real_path(path);
  record.identity = new_identity(info);
  if (from_end_) record.offset = static_cast<std::uint64_t>(info.st_size);
  TailedFile& file = add(std::move(record));
  if (!file.take(std::move(handle))) {
    files_.erase(file.serial());
    return;
  }
  file.at = path;
  file.seen = scans_;
  counters_.rotated += follows ? 1U : 0U;
  unrecorded_ = unrecorded_ || file.head().bytes != 0;
  queues_[path].push_back(&file);
  found_open(file);
}

// A file that was followed before comes again: with its folder, under a new name, or as a copy of itself (rsync makes
// one each time).
bool TailSet::revive(const std::string& path, FileHandle& handle, const struct stat& info) {
  const auto again = [&](const TailRecord& record) {
    if (record.head.bytes == 0) return false;
    return record.inode == info.st_ino ||
           (record.path == path && record.head.bytes == kHeadMax && record.offset >= kHeadMax);
  };
  const auto go_on = [&](TailedFile& file) {
    file.at = path;
    file.seen = scans_;
    file.closing = file.stray = file.drained = false;
    file.replaced.reset();
    file.gone.reset();
    queues_[path].push_back(&file);
    changed_ = true;
    found_open(file);
    return true;
  };
  for (const auto& [serial, file] : files_) {
    if (!file->closing || !again(file->record()) || !file->continues_in(handle.get(), info)) continue;
    file->rename(path);
    if (file->take(std::move(handle))) return go_on(*file);
    return false;
  }
  for (auto record = finished_.rbegin(); record != finished_.rend(); ++record) {
    if (!again(*record)) continue;
    TailRecord copy = *record;
    copy.path = path;
    copy.real = real_path(path);
    copy.finished = 0;
    if (!TailedFile{0, copy, options_.line_bytes_max}.continues_in(handle.get(), info)) continue;
    finished_.erase(std::next(record).base());
    TailedFile& file = add(std::move(copy));
    return file.take(std::move(handle)) && go_on(file);
  }
  return false;
}

// No two files of a source have the same: the sequence is kept with the state, and the rest makes the numbers of a lost
// state others.
std::uint64_t TailSet::new_identity(const struct stat& info) {
  const std::uint64_t changed = static_cast<std::uint64_t>(info.st_ctim.tv_sec) * 1'000'000'000ULL +
                                static_cast<std::uint64_t>(info.st_ctim.tv_nsec);
  return mix64(mix64(mix64(mix64(info.st_dev) ^ info.st_ino) ^ changed) ^ ++sequence_);
}

}  // namespace nw::logs
