#include "app/ledger_clerk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"

namespace nw::app {

namespace {

constexpr std::size_t kGroup = 4096;
constexpr std::uint64_t kSaveEvery = 65'536;  // entries
constexpr std::chrono::milliseconds kWait{100};

constexpr std::array kMatter{record::kEntryRevealRequest, record::kEntryRevealApprove, record::kEntryRevealDeny,
                             record::kEntryRevealDone,    record::kEntryHold,          record::kEntryPurge,
                             record::kEntryErase,         record::kEntryKeyRotate};

// Before the indices: which entries matter. Another version's list may lack some, and the ledger is read anew.
constexpr std::string_view kListed = "v2 ";

bool matters(const record::EntryView& entry) {
  if (entry.type == record::kEntryOperator) return entry.body.find(reveals::kFetched) != std::string_view::npos;
  return std::ranges::find(kMatter, entry.type) != kMatter.end();
}

// Indices with spaces between; empty when the text is none of ours.
std::vector<std::uint64_t> read_indices(std::string_view text, std::uint64_t below) {
  std::vector<std::uint64_t> out;
  for (const std::string_view word : split(text, ' ')) {
    std::uint64_t index = 0;
    const auto read = std::from_chars(word.data(), word.data() + word.size(), index);
    if (word.empty()) continue;
    if (read.ec != std::errc{} || read.ptr != word.data() + word.size() || index >= below ||
        (!out.empty() && index <= out.back()))
      return {};
    out.push_back(index);
  }
  return out;
}

}  // namespace

LedgerClerk::LedgerClerk(Parts parts) : parts_{std::move(parts)} {
  start_size_ = parts_.ledger->size();
  open();
}

// The file only saves reading; whatever is wrong with it, the ledger is read from its beginning.
void LedgerClerk::open() {
  auto cursor = record::Cursor::open(parts_.cursor_file);
  std::string why = cursor ? std::string{} : cursor.error().what;
  if (cursor && cursor->next() > start_size_) why = "it has read further than the ledger goes";
  if (cursor && why.empty()) {
    std::string_view listed = cursor->state();
    if (listed.starts_with(kListed))
      listed.remove_prefix(kListed.size());
    else if (cursor->next() != 0)
      why = "it is of another version";
    const std::vector<std::uint64_t> indices =
        why.empty() ? read_indices(listed, cursor->next()) : std::vector<std::uint64_t>{};
    if (indices.empty() && why.empty() && !trim(listed).empty()) why = "it does not list entries";
    for (const std::uint64_t index : indices) {
      const auto payload = entry(index);
      if (!payload) {
        why = payload.error().what;
        break;
      }
      see(*payload, index);
    }
  }
  if (!why.empty()) {
    log_warning("reveals_read_anew",
                "the list of reveals and holds is not usable; the ledger is read from its beginning",
                {{"error", why}, {"file", parts_.cursor_file}});
    book_ = {};
    holds_ = {};
    destructions_ = {};
    deletions_ = {};
    mattered_.clear();
    unreadable_ = 0;
    std::error_code ignored;
    std::filesystem::remove(parts_.cursor_file, ignored);
    cursor = record::Cursor::open(parts_.cursor_file);
  }
  if (!cursor) return;
  cursor_ = std::move(*cursor);
  next_ = saved_ = cursor_.next();
  mattered_saved_ = mattered_.size();
  caught_up_ = next_ >= start_size_;
}

void LedgerClerk::see(std::string_view payload, std::uint64_t index) {
  const auto entry = record::parse_entry(payload);
  if (!entry) return;
  const auto owed = std::ranges::find_if(
      owed_, [&entry](const auto& one) { return entry->type == one.first && entry->body == one.second; });
  if (owed != owed_.end()) owed_.erase(owed);
  if (!matters(*entry)) return;
  mattered_ += std::to_string(index) + ' ';
  for (const auto& applied :
       {book_.apply(entry->type, entry->body, entry->time, index), holds_.apply(entry->type, entry->body, entry->time),
        destructions_.apply(entry->type, entry->body, entry->time), deletions_.apply(entry->type, entry->body)}) {
    if (applied) continue;
    ++unreadable_;
    log_warning("reveal_entry_unreadable", "an entry about reveals, holds or keys does not fit; it is passed over",
                {{"entry", std::to_string(index)}, {"error", applied.error().what}});
  }
}

bool LedgerClerk::follow() {
  const auto entries = parts_.ledger->read(next_, kGroup);
  if (!entries) {
    if (!std::exchange(failing_, true))
      log_error("reveals_wait", "the ledger cannot be read; reveals, holds and retention wait",
                {{"error", entries.error().what}});
    return false;
  }
  failing_ = false;
  for (const record::Entry& entry : *entries) see(entry.payload, entry.index);
  next_ += entries->size();
  if (!caught_up_ && next_ >= start_size_) caught_up_ = true;
  if (next_ - saved_ >= kSaveEvery || mattered_.size() != mattered_saved_) save();
  return !entries->empty();
}

Result<> LedgerClerk::commit(std::string_view type, const std::string& body) {
  const std::string payload = record::make_entry(type, wall_now(), body);
  const auto made = record::parse_entry(payload);
  NW_CHECK(made);
  const std::pair<std::string, std::string> wanted{type, made->body};
  owed_.push_back(wanted);
  const auto is_owed = [&] { return std::ranges::find(owed_, wanted) != owed_.end(); };
  note(type, body);
  auto end = std::chrono::steady_clock::now() + parts_.patience;
  while (is_owed() && std::chrono::steady_clock::now() < end) {
    parts_.beat();
    if (closing()) end = std::min(end, std::chrono::steady_clock::now() + std::chrono::milliseconds{kPatienceAtEnd});
    if (!follow() && is_owed()) parts_.ledger->wait(next_, kWait);
  }
  if (!is_owed()) return {};
  return Error{Errc::unavailable,
               "the ledger has not taken this step within " + format_duration(parts_.patience) +
                   " (is its disk full or failing? see: normwatch status); look later whether it came: normwatch "
                   "privacy list"};
}

Result<> LedgerClerk::scan(std::uint64_t from, std::uint64_t to,
                           FunctionRef<bool(const record::EntryView& entry, std::uint64_t index)> see) const {
  while (from < to) {
    parts_.beat();
    if (closing()) return Error{Errc::unavailable, "the daemon is about to end"};
    const auto entries = parts_.ledger->read(from, std::min<std::uint64_t>(kGroup, to - from));
    if (!entries) return entries.error();
    if (entries->empty()) return {};
    for (const record::Entry& entry : *entries)
      if (const auto view = record::parse_entry(entry.payload); view && !see(*view, entry.index)) return {};
    from = entries->back().index + 1;
  }
  return {};
}

Result<std::string> LedgerClerk::entry(std::uint64_t index) const {
  auto entries = parts_.ledger->read(index, 1);
  if (!entries) return entries.error();
  if (entries->empty()) return Error{Errc::not_found, "the ledger has no entry " + std::to_string(index)};
  return std::move(entries->front().payload);
}

void LedgerClerk::save() {
  // What does not fit is read again at the next start.
  if (kListed.size() + mattered_.size() > record::Cursor::kStateBytesMax) return;
  if (auto saved = cursor_.save(next_, std::string{kListed} + mattered_); saved) {
    saved_ = next_;
    mattered_saved_ = mattered_.size();
    unsaved_ = false;
  } else if (!std::exchange(unsaved_, true)) {
    log_warning("reveals_place_unsaved", "the list of reveals and holds cannot be saved; the next start reads more",
                {{"error", saved.error().what}});
  }
}

}  // namespace nw::app
