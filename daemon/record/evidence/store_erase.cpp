// What takes evidence away again.
#include <fcntl.h>

#include "record/evidence/store.h"

namespace nw::record {

// First all are marked, so that after a crash they are overwritten again; then overwritten; then marked as done.
Result<> EvidenceFiles::wipe(EvidenceSegment& segment, const std::vector<EvidencePlace*>& places) {
  const std::string name = segment.path.string();
  auto file = open_existing(ops_, segment.path, O_RDWR);
  if (!file) return file.error();
  const auto mark = [&](ObjectState state) -> Result<> {
    const char byte = static_cast<char>(state);
    for (EvidencePlace* place : places) {
      if (auto wrote = write_at(ops_, *file, {&byte, 1}, place->offset + ObjectHead::kStateAt, name); !wrote)
        return wrote;
      if (place->state == ObjectState::live) --totals_.objects;
      place->state = ObjectState::erasing;
    }
    return sync_data(ops_, *file, name);
  };
  if (auto marked = mark(ObjectState::erasing); !marked) return marked;
  const std::string zeros(1U << 16, '\0');
  for (const EvidencePlace* place : places) {
    std::uint64_t at = place->offset + ObjectHead::kBytes;
    for (std::uint64_t left = ObjectHead::kAround + place->bytes; left != 0;) {
      const std::size_t step = static_cast<std::size_t>(std::min<std::uint64_t>(left, zeros.size()));
      if (auto wrote = write_at(ops_, *file, std::string_view{zeros}.substr(0, step), at, name); !wrote) return wrote;
      at += step;
      left -= step;
    }
  }
  if (auto synced = sync_data(ops_, *file, name); !synced) return synced;
  if (auto marked = mark(ObjectState::erased); !marked) return marked;
  for (EvidencePlace* place : places) place->state = ObjectState::erased;
  return {};
}

Result<std::size_t> EvidenceFiles::erase(std::string_view alert, std::optional<EvidenceKind> kind) {
  EvidenceKey key{};
  if (!privacy::read_hex(alert, key)) return Error{Errc::invalid_argument, "an alert's id has 32 hex digits"};
  const std::lock_guard lock{mutex_};
  if (auto may = writable(); !may) return may.error();
  std::size_t erased = 0;
  for (auto& [number, segment] : segments_) {
    std::vector<EvidencePlace*> places;
    for (EvidencePlace& place : segment.of(key))
      if (place.alert == key && (!kind || place.kind == *kind) && place.state != ObjectState::erased)
        places.push_back(&place);
    if (places.empty()) continue;
    if (auto wiped = wipe(segment, places); !wiped) return wiped.error();
    erased += places.size();
  }
  return erased;
}

Result<> EvidenceFiles::remove(std::uint64_t number) {
  const EvidenceSegment& segment = segments_.at(number);
  if (ops_.unlink(segment.path.c_str()) != 0) return system_error(errno, segment.path.string() + ": cannot remove");
  for (const EvidencePlace& place : segment.places)
    if (place.state == ObjectState::live) --totals_.objects;
  totals_.bytes -= segment.bytes;
  segments_.erase(number);
  return sync_directory(ops_, options_.directory);
}

void EvidenceFiles::older(Timestamp before, const std::function<void(const EvidenceObject&)>& see) const {
  std::vector<EvidenceObject> old;
  for (std::uint64_t number = 0;; ++number) {
    {
      const std::lock_guard lock{mutex_};
      const auto at = segments_.lower_bound(number);
      if (at == segments_.end()) return;
      number = at->first;
      for (const EvidencePlace& place : at->second.places)
        if (place.stored < before && place.state == ObjectState::live) old.push_back(at->second.object(place));
    }
    for (const EvidenceObject& object : old) see(object);
    old.clear();
  }
}

EvidenceStore::Purged EvidenceFiles::purge(Timestamp before, const std::function<bool(const EvidenceObject&)>& held) {
  Purged out;
  if (auto may = writable(); !may) {
    out.fault = may.error().what;
    return out;
  }
  std::vector<std::uint64_t> numbers;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [number, segment] : segments_) numbers.push_back(number);
  }
  for (const std::uint64_t number : numbers) purge_segment(number, before, held, out);
  return out;
}

void EvidenceFiles::purge_segment(std::uint64_t number, Timestamp before,
                                  const std::function<bool(const EvidenceObject&)>& held, Purged& out) {
  std::vector<std::pair<EvidenceObject, std::uint32_t>> old;  // and their offsets
  {
    const std::lock_guard lock{mutex_};
    const auto at = segments_.find(number);
    if (at == segments_.end()) return;
    for (const EvidencePlace& place : at->second.places)
      if (place.stored < before && place.state != ObjectState::erased)
        old.emplace_back(at->second.object(place), place.offset);
  }
  std::set<std::uint32_t> kept;
  for (const auto& [object, offset] : old)
    if (!object.erased && held(object)) kept.insert(offset);
  out.held += kept.size();

  const std::lock_guard lock{mutex_};
  const auto at = segments_.find(number);
  if (at == segments_.end()) return;
  EvidenceSegment& segment = at->second;
  std::vector<EvidencePlace*> gone;
  std::size_t stay = 0;
  for (EvidencePlace& place : segment.places) {
    if (place.state == ObjectState::erased) continue;
    if (place.stored < before && !kept.contains(place.offset))
      gone.push_back(&place);
    else
      ++stay;
  }
  const bool empty = gone.empty() && stay == 0 && (segment.places.empty() ? segment.written < before : true);
  if (gone.empty() && (!empty || (writing_ && writing_->number == number))) return;
  Purged now;
  for (const EvidencePlace* place : gone) {
    ++now.objects;
    now.bytes += place->bytes;
    if (out.removed.size() + now.removed.size() < kRemovedMax) now.removed.push_back(privacy::to_hex(place->alert));
    now.oldest = std::min(now.oldest.value_or(place->stored), place->stored);
  }
  Result<> done;
  if (writing_ && writing_->number == number && stay == 0) done = finish_segment();
  if (done) done = stay == 0 ? remove(number) : wipe(segment, gone);
  if (done) {
    out.objects += now.objects;
    out.bytes += now.bytes;
    out.removed.insert(out.removed.end(), now.removed.begin(), now.removed.end());
    return;
  }
  out.overdue += now.objects;
  if (now.oldest) out.oldest = std::min(out.oldest.value_or(*now.oldest), *now.oldest);
  if (out.fault.empty()) out.fault = done.error().what;
}

}  // namespace nw::record
