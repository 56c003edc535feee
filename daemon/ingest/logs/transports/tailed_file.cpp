#include "ingest/logs/transports/tailed_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unistd.h>

#include "base/hash.h"

namespace nw::logs {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t kPendingMax = 64;      // places remembered of one file; further ones are put together
constexpr std::size_t kPlaceTextBytes = 64;  // of a line's text that go into its place
constexpr std::array kMarks{"\xef\xbb\xbf"sv, "\xff\xfe"sv, "\xfe\xff"sv};  // byte order marks: UTF-8, UTF-16

// Not yet to be told from a byte order mark.
bool may_become_mark(std::string_view head) {
  return std::ranges::any_of(
      kMarks, [&](std::string_view mark) { return head.size() < mark.size() && mark.starts_with(head); });
}

std::string last_of(std::string_view bytes, std::size_t most) {
  return std::string{bytes.substr(bytes.size() - std::min(bytes.size(), most))};
}

}  // namespace

TailedFile::TailedFile(std::uint64_t serial, TailRecord record, std::size_t line_bytes_max)
    : serial_{serial},
      record_{std::move(record)},
      line_bytes_max_{line_bytes_max},
      position_{record_.offset},
      tail_print_{record_.tail},
      lines_{LineFramer::Mode::lines, line_bytes_max},
      now_{record_.offset, record_.tail, record_.skipping},
      safe_{now_} {}

bool TailedFile::continues_in(int descriptor, const struct stat& info) const {
  if (!S_ISREG(info.st_mode) || static_cast<std::uint64_t>(info.st_size) < position_) return false;
  return print_of(bytes_at(descriptor, 0, record_.head.bytes)) == record_.head &&
         print_of(bytes_at(descriptor, position_ - tail_print_.bytes, tail_print_.bytes)) == tail_print_;
}

bool TailedFile::begins_like(std::string_view head, bool whole) const {
  const std::uint64_t bytes = record_.head.bytes;
  if (head.size() < bytes || (whole && head.size() < position_)) return false;
  return print_of(head.substr(0, bytes)) == record_.head;
}

bool TailedFile::is_same(int descriptor, const struct stat& info) const {
  if (info.st_ino != record_.inode) return false;
  const std::int64_t born = born_of(descriptor);
  return born == 0 || record_.born == 0 || born == record_.born;
}

bool TailedFile::take(FileHandle file) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !continues_in(file.get(), info)) return false;
  packed_.reset();
  file_ = std::move(file);
  id_ = id_of(info);
  record_.inode = info.st_ino;
  record_.born = born_of(file_.get());
  record_.modified = modified_of(info);
  known_size = static_cast<std::uint64_t>(info.st_size);
  head_ = bytes_at(file_.get(), 0, kHeadMax);
  if (head_.empty()) modified_when_empty_ = record_.modified;
  record_.head = print_of(head_);
  // An old state has none.
  tail_ = bytes_at(file_.get(), position_ - std::min(position_, kTailMax), std::min(position_, kTailMax));
  tail_print_ = print_of(tail_);
  checked_modified_ = -1;
  choose_framing();
  return true;
}

bool TailedFile::take(std::unique_ptr<PackedFile> packed, FileId id) {
  file_ = {};
  packed_ = std::move(packed);
  id_ = id;
  record_.inode = id.inode;
  record_.born = born_of(packed_->descriptor());
  passed_ = 0;
  passed_tail_.clear();
  if (head_.empty() || position_ == 0) {
    // Only the first bytes say how the text is encoded.
    const std::string head = head_of_packed(packed_->descriptor(), kHeadMax);
    if (print_of(std::string_view{head}.substr(0, record_.head.bytes)) != record_.head) return false;
    head_ = head;
    record_.head = print_of(head_);
  }
  choose_framing();
  return true;
}

void TailedFile::close() {
  file_ = {};
  packed_.reset();
}

void TailedFile::choose_framing() {
  if (position_ == 0 || (lines_.line_at() != 0 || lines_.held() != 0 || wide_)) return;  // not yet, or already
  if (head_.starts_with(kMarks[1])) wide_.emplace(Utf16Lines::Order::little, line_bytes_max_);
  if (head_.starts_with(kMarks[2])) wide_.emplace(Utf16Lines::Order::big, line_bytes_max_);
  const auto begin = [&](auto& lines) {
    lines.start_at(position_);
    if (now_.skipping) lines.start_skipping();
  };
  if (wide_) {
    begin(*wide_);
  } else {
    begin(lines_);
  }
}

TailedFile::Fetched TailedFile::fetch(std::vector<char>& buffer) {
  fetched_ = {};
  const Fetched result = packed_ ? fetch_packed(buffer) : fetch_plain(buffer);
  if (result == Fetched::bytes) grow_head();
  drained = result == Fetched::nothing || result == Fetched::ended;
  return result;
}

void TailedFile::grow_head() {
  if (head_.size() >= kHeadMax || position_ > head_.size() || head_.size() >= position_ + fetched_.size()) return;
  head_.append(fetched_.substr(head_.size() - position_, kHeadMax - head_.size()));
  record_.head = print_of(head_);
}

bool TailedFile::was_replaced() {
  struct stat info {};
  if (::fstat(file_.get(), &info) != 0) return false;
  record_.modified = modified_of(info);
  known_size = static_cast<std::uint64_t>(info.st_size);
  if (known_size < position_) return true;
  if (checked_modified_ == record_.modified && checked_size_ == known_size) return false;
  checked_modified_ = record_.modified;
  checked_size_ = known_size;
  return bytes_at(file_.get(), 0, head_.size()) != head_;
}

// The bytes before our place are read again each time: a file that was truncated and has grown past it has others.
TailedFile::Fetched TailedFile::fetch_plain(std::vector<char>& buffer) {
  // A copy that was made before is as old as what we knew.
  const std::int64_t modified = record_.modified;
  const auto is_replaced = [&] {
    record_.modified = modified;
    return Fetched::replaced;
  };
  if (was_replaced()) return is_replaced();
  const ssize_t got = ::pread(file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(position_ - tail_.size()));
  if (got < 0) return errno == EINTR ? Fetched::passing : Fetched::failed;
  const std::string_view all{buffer.data(), static_cast<std::size_t>(got)};
  if (!all.starts_with(tail_)) return is_replaced();
  fetched_before_ = tail_.size();
  fetched_ = all.substr(tail_.size());
  if (position_ == 0 && may_become_mark(fetched_)) fetched_ = {};
  return fetched_.empty() ? Fetched::nothing : Fetched::bytes;
}

TailedFile::Fetched TailedFile::fetch_packed(std::vector<char>& buffer) {
  packed_->look_again();
  if (passed_ < position_) return pass(buffer);
  std::ranges::copy(tail_, buffer.begin());
  const std::size_t got = packed_->read(buffer.data() + tail_.size(), buffer.size() - tail_.size());
  fetched_before_ = tail_.size();
  fetched_ = {buffer.data() + tail_.size(), got};
  passed_ += got;
  if (got != 0) return Fetched::bytes;
  switch (packed_->state()) {
    case PackedFile::State::more: return Fetched::passing;
    case PackedFile::State::ended: return Fetched::ended;
    case PackedFile::State::cut: return Fetched::cut;
    case PackedFile::State::broken: break;
  }
  return Fetched::damaged;
}

TailedFile::Fetched TailedFile::pass(std::vector<char>& buffer) {
  std::ranges::copy(passed_tail_, buffer.begin());
  const std::size_t before = passed_tail_.size();
  const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(position_ - passed_, buffer.size() - before));
  const std::size_t got = packed_->read(buffer.data() + before, left);
  passed_ += got;
  passed_tail_ = last_of({buffer.data(), before + got}, kTailMax);
  if (passed_ == position_) {
    const std::string tail = last_of(passed_tail_, tail_print_.bytes);
    if (print_of(tail) != tail_print_) return Fetched::others;
    tail_ = passed_tail_;
    tail_print_ = print_of(tail_);
    return Fetched::passing;
  }
  switch (packed_->state()) {
    case PackedFile::State::more: return Fetched::passing;
    case PackedFile::State::cut: return Fetched::cut;
    default: return Fetched::others;  // it is shorter than what we have read
  }
}

void TailedFile::hand_over(Give give) {
  const std::string_view bytes = fetched_;
  const std::string_view with_before{bytes.data() - fetched_before_, bytes.size() + fetched_before_};
  feed(bytes, give);
  position_ += bytes.size();
  tail_ = last_of(with_before, kTailMax);
  tail_print_ = print_of(tail_);
  grew = Clock::now();
  const std::uint64_t held = framing([](const auto& lines) { return lines.held(); });
  const bool skipping = framing([](const auto& lines) { return lines.skipping(); });
  if (held <= bytes.size())
    now_ = {position_ - held, print_of(last_of(with_before.substr(0, with_before.size() - held), kTailMax)), skipping};
  fetched_ = {};
}

void TailedFile::feed(std::string_view bytes, Give give) {
  if (position_ == 0) {
    const auto mark = std::ranges::find_if(kMarks, [&](std::string_view m) { return bytes.starts_with(m); });
    if (mark != kMarks.end()) {
      bytes.remove_prefix(mark->size());
      if (mark->size() == 2) {
        wide_.emplace(*mark == kMarks[1] ? Utf16Lines::Order::little : Utf16Lines::Order::big, line_bytes_max_);
        wide_->start_at(mark->size());
      } else {
        lines_.start_at(mark->size());
      }
    }
  }
  const auto take = [&](std::string_view line, bool too_long) { give(line, place_of(line), too_long); };
  if (wide_) {
    wide_->feed(bytes, take);
  } else {
    lines_.feed(bytes, take);
  }
}

// Its first bytes count, too: should a file ever pass for another, no line passes for another line.
std::uint64_t TailedFile::place_of(std::string_view line) const {
  const std::uint64_t began = framing([](const auto& lines) { return lines.line_at(); });
  const std::uint64_t place = hash64(line.substr(0, kPlaceTextBytes), record_.identity ^ mix64(began));
  return place == 0 ? 1 : place;
}

void TailedFile::flush(Give give) {
  const auto take = [&](std::string_view line, bool too_long) { give(line, place_of(line), too_long); };
  if (wide_) {
    wide_->finish(take);
  } else {
    lines_.finish(take);
  }
  now_ = {position_, tail_print_, false};
}

void TailedFile::remember(const SinkMark& mark) {
  const Position& before = pending_.empty() ? safe_ : pending_.back().position;
  if (before.offset == now_.offset && before.skipping == now_.skipping) return;
  if (pending_.size() < kPendingMax) {
    pending_.push_back({mark, now_});
  } else {
    pending_.back() = {mark, now_};
  }
}

bool TailedFile::settle(LineSink& sink) {
  bool moved = false;
  while (!pending_.empty() && sink.safe(pending_.front().mark)) {
    safe_ = pending_.front().position;
    pending_.pop_front();
    moved = true;
  }
  return moved;
}

TailRecord TailedFile::record() const {
  TailRecord out = record_;
  out.offset = safe_.offset;
  out.tail = safe_.tail;
  out.skipping = safe_.skipping;
  return out;
}

}  // namespace nw::logs
