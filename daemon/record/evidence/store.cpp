#include "record/evidence/store.h"

#include <charconv>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace nw::record {

namespace {

constexpr std::string_view kSuffix = ".evidence";
constexpr std::size_t kDigits = 20;

std::string file_name(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(kDigits - digits.size(), '0') + digits + std::string{kSuffix};
}

std::optional<std::uint64_t> file_number(std::string_view name) {
  if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(name.data(), name.data() + kDigits, number);
  if (parsed.ec != std::errc{} || parsed.ptr != name.data() + kDigits) return std::nullopt;
  return number;
}

std::int64_t day_of(Timestamp t) noexcept {
  return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

}  // namespace

Result<> EvidenceFiles::begin() {
  const auto& directory = options_.directory;
  if (!options_.read_only) {
    if (auto made = make_directories(ops_, directory); !made) return made;
    const auto name = (directory / "lock").string();
    lock_ = Fd{ops_.open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640)};
    if (lock_.get() < 0) return system_error(errno, name + ": cannot open");
    if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
      return Error{Errc::in_use, directory.string() + ": another process keeps its evidence here; stop it first"};
  }
  std::map<std::uint64_t, std::filesystem::path> files;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator{directory, error})
    if (const auto number = file_number(file.path().filename().string())) files[*number] = file.path();
  if (error) return system_error(error.value(), directory.string() + ": cannot look into");
  for (const auto& [number, path] : files)
    if (auto scanned = scan(number, path, number == files.rbegin()->first); !scanned) return scanned;
  return {};
}

Result<> EvidenceFiles::scan(std::uint64_t number, const std::filesystem::path& path, bool last) {
  const std::string name = path.string();
  auto file = open_existing(ops_, path, options_.read_only ? O_RDONLY : O_RDWR);
  if (!file && file.error().code == Errc::not_found && options_.read_only) return {};  // purged meanwhile
  if (!file) return file.error();
  struct stat info {};
  if (::fstat(file->get(), &info) != 0) return system_error(errno, name + ": cannot look at");
  const auto size = static_cast<std::uint64_t>(info.st_size);
  auto found = scan_evidence(ops_, *file, name, size, last ? Bodies::check : Bodies::skip);
  if (!found) return found.error();
  next_ = number + 1;
  if (found->damaged != 0 || (!found->head && !found->places.empty()))
    log_error(
        "evidence_damaged",
        "a file of evidence is damaged; what is sound in it is kept. Copy the file for whoever looks into it",
        {{"file", name}, {"places", std::to_string(found->damaged)}, {"head", found->head ? "sound" : "damaged"}});
  EvidenceSegment segment;
  segment.path = path;
  segment.bytes = size;
  segment.written = Timestamp{std::chrono::seconds{info.st_mtim.tv_sec}};
  segment.places = std::move(found->places);
  if (found->head)
    segment.epoch = found->head->epoch;
  else if (!segment.places.empty())
    segment.epoch = privacy::Epoch::of(segment.places.front().stored);
  if (!options_.read_only && found->sound_bytes < size && (found->head || segment.places.empty())) {
    log_warning("evidence_torn_tail_cut", "the end of a file of evidence was never written whole, and was cut off",
                {{"file", name}, {"bytes", std::to_string(size - found->sound_bytes)}});
    if (auto cut = cut_to(ops_, *file, found->sound_bytes, name); !cut) return cut;
    segment.bytes = found->sound_bytes;
  }
  if (!options_.read_only && segment.places.empty()) {  // nobody can ever put anything into it
    if (ops_.unlink(path.c_str()) != 0) return system_error(errno, name + ": cannot remove");
    return {};
  }
  // What the page cache has may not be on disk yet, and the ledger will be read as if it were.
  if (!options_.read_only && last)
    if (auto synced = sync_data(ops_, *file, name); !synced) return synced;
  std::vector<EvidencePlace*> again;
  for (EvidencePlace& place : segment.places) {
    if (place.state == ObjectState::live) ++totals_.objects;
    if (place.state == ObjectState::erasing) again.push_back(&place);
  }
  totals_.bytes += segment.bytes;
  if (!options_.read_only && !again.empty())
    if (auto wiped = wipe(segment, again); !wiped)
      log_error("evidence_erase_failed", "evidence that was to be erased is not yet; the next purge tries it again",
                {{"error", wiped.error().what}});
  segment.finish();
  segments_.emplace(number, std::move(segment));
  return {};
}

void EvidenceFiles::use(privacy::Epoch epoch, const std::optional<privacy::PublicKey>& evidence) {
  const std::lock_guard lock{mutex_};
  if (epoch == epoch_ && evidence == evidence_) return;
  // A failure is told to those who wait for it, by their next sync().
  (void)finish_segment();
  epoch_ = epoch;
  evidence_ = evidence;
}

Result<> EvidenceFiles::begin_segment(Timestamp now) {
  EvidenceHead head;
  head.epoch = epoch_;
  head.key = *evidence_;
  auto key = make_data_key(head);
  if (!key) return key.error();
  const std::uint64_t number = next_++;
  const auto path = options_.directory / file_name(number);
  auto file = create_exclusive(ops_, path);
  if (!file) return file.error();
  if (auto wrote = write_at(ops_, *file, head.to_bytes(), 0, path.string()); !wrote) {
    ops_.unlink(path.c_str());
    return wrote;
  }
  EvidenceSegment segment;
  segment.path = path;
  segment.epoch = epoch_;
  segment.bytes = EvidenceHead::kBytes;
  segment.written = now;
  totals_.bytes += segment.bytes;
  segments_.emplace(number, std::move(segment));
  writing_.emplace(Writing{number, std::move(*file), std::move(*key), day_of(now), 0, 0});
  return {};
}

Result<> EvidenceFiles::put(std::string_view alert, EvidenceKind kind, const privacy::Nonce& nonce,
                            std::string_view bytes, Timestamp now) {
  const std::lock_guard lock{mutex_};
  if (auto may = writable(); !may) return may;
  ObjectHead head;
  if (!privacy::read_hex(alert, head.alert))
    return Error{Errc::invalid_argument, "evidence belongs to an alert's id, 32 hex digits"};
  if (bytes.size() > kEvidenceBytesMax)
    return Error{Errc::invalid_argument,
                 "a piece of evidence has " + std::to_string(bytes.size()) + " bytes; 64 MiB are taken"};
  if (!evidence_) return Error{Errc::unavailable, "there is no evidence key: name the custodians (privacy.custodians)"};
  const std::uint64_t adds = ObjectHead::kBytes + ObjectHead::kAround + bytes.size();
  const auto fits = [&](std::uint64_t more) { return totals_.bytes + more <= options_.bytes_max; };
  const auto refuse = [&](Error error) {
    if (error.code != Errc::unavailable) ++totals_.refused;
    return error;
  };
  if (writing_) {
    // A segment is of one day, too: then age deletes whole files.
    const EvidenceSegment& segment = segments_.at(writing_->number);
    const bool over = !segment.places.empty() && segment.bytes + adds > options_.segment_bytes;
    if (over || day_of(now) != writing_->day)
      if (auto finished = finish_segment(); !finished) return refuse(finished.error());
  }
  if (!fits(adds + (writing_ ? 0 : EvidenceHead::kBytes)))
    return refuse(Error{Errc::full, options_.directory.string() + ": the evidence has reached its quota of " +
                                        std::to_string(options_.bytes_max) +
                                        " bytes; the newest is refused until older is deleted by age"});
  if (!writing_)
    if (auto begun = begin_segment(now); !begun) return refuse(begun.error());
  EvidenceSegment& segment = segments_.at(writing_->number);
  head.kind = kind;
  head.stored = now;
  const auto body = seal_body(head, epoch_, writing_->key, nonce, bytes);
  if (!body) return refuse(body.error());
  if (auto wrote = write_at(ops_, writing_->file, head.to_bytes() + *body, segment.bytes, segment.path.string());
      !wrote) {
    // What was put before it stays. Where cutting fails, nothing is written behind the torn piece.
    if (ops_.ftruncate(writing_->file.get(), static_cast<off_t>(segment.bytes)) != 0) (void)finish_segment();
    return refuse(wrote.error());
  }
  segment.places.push_back(
      EvidencePlace{head.alert, now, static_cast<std::uint32_t>(segment.bytes), head.bytes, kind, ObjectState::live});
  segment.bytes += adds;
  totals_.bytes += adds;
  ++totals_.objects;
  pending_.insert(std::this_thread::get_id());
  return {};
}

Result<> EvidenceFiles::sync_locked() {
  if (!writing_) return {};
  EvidenceSegment& segment = segments_.at(writing_->number);
  if (writing_->synced_bytes == segment.bytes) return {};
  if (auto synced = sync_data(ops_, writing_->file, segment.path.string()); !synced) {
    forget_unsynced(synced.error());
    return synced;
  }
  writing_->synced_bytes = segment.bytes;
  writing_->synced_places = segment.places.size();
  pending_.clear();
  return {};
}

// After a failed sync nobody knows what the disk has, and a second sync says yes without having written. So what was
// not synced is cut off and the segment is given up.
void EvidenceFiles::forget_unsynced(const Error& why) {
  Writing gone = std::move(*writing_);
  writing_.reset();
  EvidenceSegment& segment = segments_.at(gone.number);
  for (std::size_t i = gone.synced_places; i < segment.places.size(); ++i)
    if (segment.places[i].state == ObjectState::live) --totals_.objects;
  segment.places.resize(gone.synced_places);
  owed_.merge(pending_);
  pending_.clear();
  lost_why_ = why.what;
  if (gone.synced_bytes == 0 && ops_.unlink(segment.path.c_str()) == 0) {
    totals_.bytes -= segment.bytes;
    segments_.erase(gone.number);
    return;
  }
  if (cut_to(ops_, gone.file, gone.synced_bytes, segment.path.string())) {
    totals_.bytes -= segment.bytes - gone.synced_bytes;
    segment.bytes = gone.synced_bytes;
  }
  segment.finish();
}

Result<> EvidenceFiles::finish_segment() {
  if (!writing_) return {};
  auto synced = sync_locked();
  if (!synced) return synced;
  EvidenceSegment& segment = segments_.at(writing_->number);
  segment.finish();
  writing_.reset();
  return {};
}

std::vector<EvidenceObject> EvidenceFiles::of(std::string_view alert) const {
  std::vector<EvidenceObject> out;
  EvidenceKey key{};
  if (!privacy::read_hex(alert, key)) return out;
  const std::lock_guard lock{mutex_};
  for (const auto& [number, segment] : segments_)
    for (const EvidencePlace& place : const_cast<EvidenceSegment&>(segment).of(key))
      if (place.alert == key) out.push_back(segment.object(place));
  return out;
}

Result<std::string> EvidenceFiles::read(std::string_view alert, EvidenceKind kind) const {
  EvidenceKey key{};
  if (!privacy::read_hex(alert, key)) return Error{Errc::invalid_argument, "an alert's id has 32 hex digits"};
  std::filesystem::path path;
  EvidencePlace found;
  {
    const std::lock_guard lock{mutex_};
    for (const auto& [number, segment] : segments_)
      for (const EvidencePlace& place : const_cast<EvidenceSegment&>(segment).of(key))
        if (place.alert == key && place.kind == kind && place.state == ObjectState::live) {
          path = segment.path;
          found = place;
        }
  }
  if (path.empty())
    return Error{Errc::not_found,
                 "there is no evidence of kind '" + std::string{to_string(kind)} + "' for alert " + std::string{alert}};
  auto file = open_existing(ops_, path, O_RDONLY);
  if (!file) return file.error();
  std::string out(EvidenceHead::kBytes + ObjectHead::kBytes + ObjectHead::kAround + found.bytes, '\0');
  const auto head = read_at(ops_, *file, out.data(), EvidenceHead::kBytes, 0, path.string());
  if (!head) return head.error();
  const std::size_t rest = out.size() - EvidenceHead::kBytes;
  const auto object = read_at(ops_, *file, out.data() + EvidenceHead::kBytes, rest, found.offset, path.string());
  if (!object) return object.error();
  if (*head != EvidenceHead::kBytes || *object != rest)
    return Error{Errc::malformed, path.string() + ": the file ends before this piece of evidence does"};
  return out;
}

Result<std::unique_ptr<EvidenceStore>> EvidenceStore::open(const Options& options, FileOps& ops) {
  auto store = std::make_unique<EvidenceFiles>(options, ops);
  if (auto begun = store->begin(); !begun) return begun.error();
  return std::unique_ptr<EvidenceStore>{std::move(store)};
}

}  // namespace nw::record
