// The evidence store on disk: segments written by one process, an index of them in memory. The folder's own.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <thread>
#include <utility>

#include "base/log.h"
#include "record/evidence/segment_scan.h"
#include "record/privacy/forms.h"

namespace nw::record {

using EvidenceKey = std::array<std::uint8_t, 16>;  // an alert's id

struct EvidenceSegment {
  std::filesystem::path path;
  privacy::Epoch epoch;
  std::uint64_t bytes = 0;
  std::vector<EvidencePlace> places;  // in the order of the file; sorted by alert once it is finished
  bool finished = false;
  Timestamp written{};  // of the file: for one without objects

  void finish() {
    std::ranges::sort(places, [](const EvidencePlace& a, const EvidencePlace& b) {
      return std::pair{a.alert, a.offset} < std::pair{b.alert, b.offset};
    });
    finished = true;
  }
  [[nodiscard]] std::span<EvidencePlace> of(const EvidenceKey& alert) {
    if (!finished) return places;  // the caller compares
    const auto less = [](const EvidencePlace& p, const EvidenceKey& a) { return p.alert < a; };
    const auto first = std::lower_bound(places.begin(), places.end(), alert, less);
    const auto last = std::find_if(first, places.end(), [&](const EvidencePlace& p) { return p.alert != alert; });
    return {first, last};
  }
  [[nodiscard]] EvidenceObject object(const EvidencePlace& place) const {
    return EvidenceObject{privacy::to_hex(place.alert),    place.kind, epoch, place.stored, place.bytes,
                          place.state != ObjectState::live};
  }
};

class EvidenceFiles final : public EvidenceStore {
 public:
  EvidenceFiles(const Options& options, FileOps& ops) : options_{options}, ops_{ops} {
    // Offsets have 32 bits.
    options_.segment_bytes = std::min(options_.segment_bytes, std::uint64_t{1} << 31);
  }
  ~EvidenceFiles() override {
    if (auto synced = sync(); !synced)
      log_error("evidence_sync_failed", "the last pieces of evidence are not on disk",
                {{"error", synced.error().what}});
  }

  Result<> begin();
  void use(privacy::Epoch epoch, const std::optional<privacy::PublicKey>& evidence) override;
  Result<> put(std::string_view alert, EvidenceKind kind, const privacy::Nonce& nonce, std::string_view bytes,
               Timestamp now) override;
  Result<> sync() override {
    const std::lock_guard lock{mutex_};
    const auto synced = sync_locked();
    // Another thread's sync() may have lost what this one has put.
    if (synced && owed_.erase(std::this_thread::get_id()) != 0) return Error{Errc::io, lost_why_};
    owed_.erase(std::this_thread::get_id());
    return synced;
  }
  [[nodiscard]] std::vector<EvidenceObject> of(std::string_view alert) const override;
  [[nodiscard]] Result<std::string> read(std::string_view alert, EvidenceKind kind) const override;
  Result<std::size_t> erase(std::string_view alert, std::optional<EvidenceKind> kind) override;
  void older(Timestamp before, const std::function<void(const EvidenceObject&)>& see) const override;
  Purged purge(Timestamp before, const std::function<bool(const EvidenceObject&)>& held) override;
  [[nodiscard]] Totals totals() const override {
    const std::lock_guard lock{mutex_};
    Totals out = totals_;
    out.segments = segments_.size();
    return out;
  }

 private:
  // The segment that is written to. The data key lives as long as it does.
  struct Writing {
    std::uint64_t number = 0;
    Fd file;
    privacy::Key32 key;
    std::int64_t day = 0;
    std::uint64_t synced_bytes = 0;
    std::size_t synced_places = 0;
  };

  Result<> scan(std::uint64_t number, const std::filesystem::path& path, bool last);
  Result<> begin_segment(Timestamp now);
  Result<> sync_locked();
  Result<> finish_segment();
  void forget_unsynced(const Error& why);
  Result<> wipe(EvidenceSegment& segment, const std::vector<EvidencePlace*>& places);
  Result<> remove(std::uint64_t number);
  void purge_segment(std::uint64_t number, Timestamp before, const std::function<bool(const EvidenceObject&)>& held,
                     Purged& out);
  Result<> writable() const {
    if (!options_.read_only) return {};
    return Error{Errc::invalid_argument, options_.directory.string() + ": the evidence is open for reading only"};
  }

  Options options_;
  FileOps& ops_;
  Fd lock_;
  mutable std::mutex mutex_;  // of all below
  std::map<std::uint64_t, EvidenceSegment> segments_;
  std::uint64_t next_ = 0;
  std::optional<Writing> writing_;
  privacy::Epoch epoch_;
  std::optional<privacy::PublicKey> evidence_;
  std::set<std::thread::id> pending_, owed_;  // who put something since the last sync; whose was lost
  std::string lost_why_;
  Totals totals_;
};

}  // namespace nw::record
